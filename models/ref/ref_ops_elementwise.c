/* Operators on single elements, data movement, and the float ends of a graph. */
#include <math.h>
#include <string.h>

#include "ref_ops.h"

static const weft_tensor *input_of(const weft_graph *g, const weft_node *n, uint32_t i)
{
    return &g->tensors[n->inputs[i]];
}

/* Round and saturate a float32 to lo..hi; NaN becomes lo. */
static int32_t round_half_even(float v, int32_t lo, int32_t hi)
{
    if (!(v > (float)lo))
        return lo;
    return v >= (float)hi ? hi : (int32_t)lrintf(v);
}

static int8_t add_tflite(const weft_add_params *p, weft_clamp clamp, int8_t a, int8_t b)
{
    const int32_t unit = (int32_t)1 << p->left_shift;
    int32_t scaled_a =
        weft_requantize(WEFT_REQUANT_TFLITE, (a - p->zero_point[0]) * unit, p->in[0]);
    int32_t scaled_b =
        weft_requantize(WEFT_REQUANT_TFLITE, (b - p->zero_point[1]) * unit, p->in[1]);
    int32_t sum = weft_requantize(WEFT_REQUANT_TFLITE, scaled_a + scaled_b, p->out);
    return (int8_t)weft_requant_finish(sum, p->zero_point_out, clamp.lo, clamp.hi);
}

static int8_t add_onnx(const weft_add_params *p, weft_clamp clamp, int8_t a, int8_t b)
{
    float later = fmaf((float)(b + p->offset), p->ratio[1], p->fixed);
    float sum = fmaf((float)(a + p->offset), p->ratio[0], later);
    int32_t q = round_half_even(sum, clamp.lo + p->offset, clamp.hi + p->offset);
    return (int8_t)(q - p->offset);
}

void weft_ref_add(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const int8_t *a = in[0], *b = in[1];
    int8_t *y = out;
    weft_clamp clamp = n->attr.add.clamp;
    weft_add_params p = { 0 };
    (void)weft_node_add_params(g, n, &p); /* cannot fail: checked */
    uint64_t count = weft_tensor_elements(&g->tensors[n->output]);
    for (uint64_t i = 0; i < count; i++)
        y[i] = n->requant == WEFT_REQUANT_TFLITE ? add_tflite(&p, clamp, a[i], b[i])
                                                 : add_onnx(&p, clamp, a[i], b[i]);
}

void weft_ref_table(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const int8_t *x = in[0];
    int8_t *y = out;
    uint64_t count = weft_tensor_elements(&g->tensors[n->output]);
    for (uint64_t i = 0; i < count; i++)
        y[i] = n->attr.table.entries[x[i] + 128];
}

void weft_ref_reshape(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    memcpy(out, in[0], weft_tensor_bytes(&g->tensors[n->output]));
}

void weft_ref_transpose(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const weft_tensor *x = input_of(g, n, 0), *y = &g->tensors[n->output];
    const uint32_t *perm = n->attr.transpose.perm;
    size_t bytes = weft_dtype_bytes(y->dtype), pitch[WEFT_MAX_RANK];
    size_t step = bytes;
    for (uint32_t i = x->rank; i-- > 0; step *= x->dims[i])
        pitch[i] = step;
    uint32_t index[WEFT_MAX_RANK] = { 0 };
    uint64_t count = weft_tensor_elements(y);
    for (uint64_t e = 0; e < count; e++) {
        size_t from = 0;
        for (uint32_t i = 0; i < y->rank; i++)
            from += index[i] * pitch[perm[i]];
        memcpy((char *)out + e * bytes, (const char *)in[0] + from, bytes);
        for (uint32_t i = y->rank; i-- > 0 && ++index[i] == y->dims[i];)
            index[i] = 0;
    }
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
    const weft_tensor *x = input_of(g, n, 0);
    const int8_t *q = in[0];
    float *y = out, scale = weft_quant_scale(&x->quant, 0);
    int32_t zp = weft_quant_zero_point(&x->quant, 0);
    uint64_t count = weft_tensor_elements(x);
    for (uint64_t i = 0; i < count; i++)
        y[i] = (float)(q[i] - zp) * scale;
}

void weft_ref_softmax(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const weft_tensor *y = &g->tensors[n->output];
    uint64_t width = y->rank ? y->dims[y->rank - 1] : 1;
    uint64_t rows = weft_tensor_elements(y) / width;
    for (uint64_t r = 0; r < rows; r++) {
        const float *x = (const float *)in[0] + r * width;
        float *p = (float *)out + r * width;
        float largest = x[0], sum = 0.0f;
        for (uint64_t i = 1; i < width; i++)
            largest = x[i] > largest ? x[i] : largest;
        for (uint64_t i = 0; i < width; i++) {
            p[i] = expf(x[i] - largest);
            sum += p[i];
        }
        for (uint64_t i = 0; i < width; i++)
            p[i] /= sum;
    }
}
