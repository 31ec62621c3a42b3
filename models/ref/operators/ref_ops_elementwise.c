/* Operators on single elements: two operands, tables, QUANTIZE and DEQUANTIZE. */
#include <math.h>

#include "ref_ops.h"
#include "ref_pitch.h"
#include "ref_real.h"

/* Round and saturate a float32 to lo..hi; NaN becomes lo. */
static int32_t round_half_even(float v, int32_t lo, int32_t hi)
{
    if (!(v > (float)lo))
        return lo;
    return v >= (float)hi ? hi : (int32_t)lrintf(v);
}

/* What the operators on two elements need to know of their node. */
typedef struct pair_op {
    weft_requant_kind kind;
    weft_clamp clamp;
    int32_t zero_point[2], zero_point_out, offset;
    weft_add_params add;   /* ADD, SUB */
    weft_requant product;  /* MUL; PRELU below zero */
    weft_requant positive; /* PRELU */
    const int8_t *entries; /* TABLE_PAIR */
} pair_op;

typedef int8_t pair_one(const pair_op *p, int8_t a, int8_t b);

/* y = one(a, b) for every element, both inputs broadcast. */
static void pairs(const weft_graph *g, const weft_node *n, const void *const *in, void *out,
                  const pair_op *p, pair_one *one)
{
    const weft_tensor *y = &g->tensors[n->output];
    size_t pitch[2][WEFT_MAX_RANK];
    uint32_t index[WEFT_MAX_RANK] = { 0 };
    for (uint32_t k = 0; k < 2; k++)
        ref_pitches(weft_node_input(g, n, k), y, pitch[k]);
    int8_t *to = out;
    const uint64_t count = weft_tensor_elements(y);
    for (uint64_t e = 0; e < count; e++) {
        size_t a = 0, b = 0;
        for (uint32_t i = 0; i < y->rank; i++) {
            a += index[i] * pitch[0][i];
            b += index[i] * pitch[1][i];
        }
        to[e] = one(p, ((const int8_t *)in[0])[a], ((const int8_t *)in[1])[b]);
        for (uint32_t i = y->rank; i-- > 0 && ++index[i] == y->dims[i];)
            index[i] = 0;
    }
}

static pair_op pair_of(const weft_graph *g, const weft_node *n)
{
    pair_op p = { .kind = n->requant, .clamp = { -128, 127 } };
    for (uint32_t k = 0; k < 2; k++)
        p.zero_point[k] = weft_quant_zero_point(&weft_node_input(g, n, k)->quant, 0);
    p.zero_point_out = weft_quant_zero_point(&g->tensors[n->output].quant, 0);
    if (n->op == WEFT_OP_PRELU)
        return p;
    p.clamp = n->attr.elementwise.clamp;
    p.offset = n->attr.elementwise.offset;
    return p;
}

static int8_t clamped_byte(const pair_op *p, int32_t value)
{
    return (int8_t)weft_requant_finish(value, p->zero_point_out, p->clamp.lo, p->clamp.hi);
}

static int8_t sum_tflite(const pair_op *p, int8_t a, int8_t b)
{
    const weft_add_params *s = &p->add;
    const int32_t unit = (int32_t)1 << s->left_shift;
    int32_t scaled_a = weft_requantize(p->kind, (a - s->zero_point[0]) * unit, s->in[0]);
    int32_t scaled_b = weft_requantize(p->kind, (b - s->zero_point[1]) * unit, s->in[1]);
    int32_t sum = s->subtract ? scaled_a - scaled_b : scaled_a + scaled_b;
    return clamped_byte(p, weft_requantize(p->kind, sum, s->out));
}

static int8_t sum_onnx(const pair_op *p, int8_t a, int8_t b)
{
    const weft_add_params *s = &p->add;
    float later = fmaf((float)(b + s->offset), s->ratio[1], s->fixed);
    float sum = fmaf((float)(a + s->offset), s->ratio[0], later);
    int32_t q = round_half_even(sum, p->clamp.lo + s->offset, p->clamp.hi + s->offset);
    return (int8_t)(q - s->offset);
}

static int8_t difference_onnx(const pair_op *p, int8_t a, int8_t b)
{
    const weft_add_params *s = &p->add;
    const float first = (float)(a - p->zero_point[0]) * s->scale[0];
    const float second = (float)(b - p->zero_point[1]) * s->scale[1];
    const float difference = first - second;
    const int32_t q = round_half_even(difference / s->scale_out, p->clamp.lo - s->zero_after,
                                      p->clamp.hi - s->zero_after);
    return (int8_t)(q + s->zero_after);
}

void weft_ref_add(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    if (weft_node_is_real(g, n)) {
        ref_real_pair(g, n, in, out);
        return;
    }
    pair_op p = pair_of(g, n);
    (void)weft_node_add_params(g, n, &p.add); /* cannot fail: checked */
    pairs(g, n, in, out, &p, n->requant == WEFT_REQUANT_TFLITE ? sum_tflite : sum_onnx);
}

void weft_ref_sub(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    if (weft_node_is_real(g, n)) {
        ref_real_pair(g, n, in, out);
        return;
    }
    pair_op p = pair_of(g, n);
    (void)weft_node_add_params(g, n, &p.add); /* cannot fail: checked */
    pairs(g, n, in, out, &p, n->requant == WEFT_REQUANT_TFLITE ? sum_tflite : difference_onnx);
}

static int32_t product(const pair_op *p, int8_t a, int8_t b)
{
    return weft_requantize(p->kind, (a - p->zero_point[0]) * (b - p->zero_point[1]), p->product);
}

static int8_t mul_one(const pair_op *p, int8_t a, int8_t b)
{
    return clamped_byte(p, product(p, a, b));
}

static int8_t mul_onnx(const pair_op *p, int8_t a, int8_t b)
{
    const int32_t product = (a - p->zero_point[0]) * (b - p->zero_point[1]);
    return (int8_t)(weft_requantize_onnx_added(product, p->product, p->zero_point_out + p->offset,
                                               p->clamp.lo + p->offset, p->clamp.hi + p->offset) -
                    p->offset);
}

void weft_ref_mul(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    if (weft_node_is_real(g, n)) {
        ref_real_pair(g, n, in, out);
        return;
    }
    pair_op p = pair_of(g, n);
    (void)weft_node_requant(g, n, 0, &p.product); /* cannot fail: checked */
    pairs(g, n, in, out, &p, n->requant == WEFT_REQUANT_ONNX ? mul_onnx : mul_one);
}

static int8_t minimum_one(const pair_op *p, int8_t a, int8_t b)
{
    return (int8_t)weft_requant_finish(a < b ? a : b, 0, p->clamp.lo, p->clamp.hi);
}

static int8_t maximum_one(const pair_op *p, int8_t a, int8_t b)
{
    return (int8_t)weft_requant_finish(a > b ? a : b, 0, p->clamp.lo, p->clamp.hi);
}

void weft_ref_minimum(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    if (weft_node_is_real(g, n)) {
        ref_real_pair(g, n, in, out);
        return;
    }
    pair_op p = pair_of(g, n);
    pairs(g, n, in, out, &p, minimum_one);
}

void weft_ref_maximum(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    if (weft_node_is_real(g, n)) {
        ref_real_pair(g, n, in, out);
        return;
    }
    pair_op p = pair_of(g, n);
    pairs(g, n, in, out, &p, maximum_one);
}

static int8_t prelu_one(const pair_op *p, int8_t x, int8_t alpha)
{
    if (x < p->zero_point[0])
        return clamped_byte(p, product(p, x, alpha));
    return clamped_byte(p, weft_requantize(p->kind, x - p->zero_point[0], p->positive));
}

void weft_ref_prelu(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    if (weft_node_is_real(g, n)) {
        ref_real_pair(g, n, in, out);
        return;
    }
    pair_op p = pair_of(g, n);
    (void)weft_node_requant(g, n, 0, &p.product); /* cannot fail: checked */
    (void)weft_node_positive_requant(g, n, &p.positive);
    pairs(g, n, in, out, &p, prelu_one);
}

static int8_t looked_up(const pair_op *p, int8_t a, int8_t b)
{
    return p->entries[(a + 128) * 256 + b + 128];
}

void weft_ref_table_pair(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const pair_op p = { .entries = n->attr.table_pair.entries };
    pairs(g, n, in, out, &p, looked_up);
}

void weft_ref_table(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const int8_t *x = in[0];
    int8_t *y = out;
    uint64_t count = weft_tensor_elements(&g->tensors[n->output]);
    for (uint64_t i = 0; i < count; i++)
        y[i] = n->attr.table.entries[x[i] + 128];
}

void weft_ref_quantize(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const weft_tensor *y = &g->tensors[n->output];
    const float *x = in[0];
    int8_t *q = out;
    float scale = weft_quant_scale(&y->quant, 0);
    int32_t zp = weft_quant_zero_point(&y->quant, 0);
    uint64_t count = weft_tensor_elements(y);
    for (uint64_t i = 0; i < count; i++)
        q[i] = weft_quantize_value(n->requant, x[i], scale, zp);
}

void weft_ref_dequantize(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const weft_tensor *x = weft_node_input(g, n, 0);
    const int8_t *q = in[0];
    float *y = out, scale = weft_quant_scale(&x->quant, 0);
    int32_t zp = weft_quant_zero_point(&x->quant, 0);
    uint64_t count = weft_tensor_elements(x);
    for (uint64_t i = 0; i < count; i++)
        y[i] = (float)(q[i] - zp) * scale;
}
