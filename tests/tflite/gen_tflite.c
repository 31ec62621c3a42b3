/* Random networks: drawing, tensors, the whole; see gen_tflite.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen_tflite_own.h"

int gt_pick(gen_state *s, int lo, int hi)
{
    return rng_range(s->r, lo, hi);
}

int gt_one_in(gen_state *s, int n)
{
    return gt_pick(s, 1, n) == 1;
}

float gt_real(gen_state *s, double lo, double hi)
{
    return (float)(lo * pow(hi / lo, rng_u32(s->r) / 4294967296.0));
}

int gt_zero(gen_state *s)
{
    static const int ends[] = { -128, 127, 0, -1 };
    return gt_one_in(s, 2) ? ends[gt_pick(s, 0, 3)] : gt_pick(s, -128, 127);
}

uint32_t gt_elements(const act *a)
{
    uint32_t n = 1;
    for (uint32_t i = 0; i < a->rank; i++)
        n *= a->dims[i];
    return n;
}

act *gt_any(gen_state *s, uint32_t wants_rank)
{
    for (int tries = 0; tries < 12; tries++) {
        const uint32_t back = (uint32_t)gt_pick(s, 0, gt_one_in(s, 3) ? 30 : 2);
        act *a = &s->acts[back < s->count ? s->count - 1 - back : 0];
        if (!wants_rank || a->rank == wants_rank)
            return a;
    }
    return NULL;
}

act gt_like(const act *x)
{
    act y = *x;
    y.readers = 0;
    return y;
}

act gt_new(gen_state *s, uint32_t rank, const uint32_t *dims, float scale)
{
    /* within what LOGISTIC and TANH take */
    const float tame = scale > 8.0f ? 8.0f : scale < 1e-6f ? 1e-6f : scale;
    act y = { .rank = rank, .scale = tame, .zero = gt_zero(s) };
    memcpy(y.dims, dims, rank * sizeof *dims);
    return y;
}

/* --- tensors ---------------------------------------------------------------------------------- */

static uint32_t add_tensor(gen_state *s, int type, const act *a)
{
    const int64_t zero = a->zero;
    tflw_tensor_desc d = { .type = type, .rank = a->rank };
    memcpy(d.dims, a->dims, sizeof d.dims);
    if (type == TFLW_INT8) {
        d.scales = 1;
        d.scale = &a->scale;
        d.zero_point = &zero;
    }
    return tflw_tensor(&s->m, &d);
}

uint32_t gt_float_tensor(gen_state *s, const act *x)
{
    return add_tensor(s, TFLW_FLOAT32, x);
}

static void keep(gen_state *s, act y)
{
    if (s->count < GEN_ACTS)
        s->acts[s->count++] = y;
}

/* Two numbers to a byte, the first in the lower half; the bytes. */
static uint32_t pack_halves(int8_t *w, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += 2) {
        const unsigned lo = (unsigned)w[i] & 15, hi = i + 1 < count ? (unsigned)w[i + 1] & 15 : 0;
        w[i / 2] = (int8_t)(lo | hi << 4);
    }
    return (count + 1) / 2;
}

uint32_t gt_weights(gen_state *s, uint32_t rank, const uint32_t *dims, uint32_t scales,
                    uint32_t axis, float *largest)
{
    tflw_tensor_desc d = { .type = TFLW_INT8, .rank = rank, .scales = scales, .axis = axis };
    int64_t zero[512] = { 0 };
    d.data_bytes = 1;
    for (uint32_t i = 0; i < rank; i++)
        d.data_bytes *= d.dims[i] = dims[i];
    int8_t *w = malloc(d.data_bytes);
    const int reach = 1 << gt_pick(s, 2, 7), ends = gt_one_in(s, 8);
    for (uint32_t i = 0; w && i < d.data_bytes; i++)
        w[i] = (int8_t)(ends ? (gt_one_in(s, 2) ? -127 : 127) : gt_pick(s, 1 - reach, reach - 1));
    *largest = 0;
    for (uint32_t i = 0; i < scales; i++) {
        s->weight_scale[i] = gt_real(s, 0.002, 0.03);
        *largest = s->weight_scale[i] > *largest ? s->weight_scale[i] : *largest;
    }
    if (w && gt_one_in(s, 12)) {
        d.type = TFLW_INT4;
        d.data_bytes = pack_halves(w, d.data_bytes);
    }
    d.data = w;
    d.scale = s->weight_scale;
    d.zero_point = zero;
    s->weight_scales = scales;
    s->m.failed |= w == NULL;
    const uint32_t tensor = tflw_tensor(&s->m, &d);
    free(w);
    return tensor;
}

uint32_t gt_bias(gen_state *s, const act *x, uint32_t channels)
{
    int32_t values[512];
    float scale[512];
    int64_t zero[512] = { 0 };
    for (uint32_t i = 0; i < channels; i++)
        values[i] = gt_pick(s, -3000, 3000);
    for (uint32_t i = 0; i < s->weight_scales; i++)
        scale[i] = x->scale * s->weight_scale[i];
    return tflw_tensor(&s->m, &(tflw_tensor_desc){ .type = TFLW_INT32,
                                                   .rank = 1,
                                                   .dims = { channels },
                                                   .scales = s->weight_scales,
                                                   .scale = scale,
                                                   .zero_point = zero,
                                                   .data = values,
                                                   .data_bytes = 4 * channels });
}

uint32_t gt_constant(gen_state *s, const act *like, float scale, int zero)
{
    const int64_t zp = zero;
    tflw_tensor_desc d = { .type = TFLW_INT8,
                           .rank = like->rank,
                           .scales = 1,
                           .scale = &scale,
                           .zero_point = &zp,
                           .data_bytes = gt_elements(like) };
    memcpy(d.dims, like->dims, sizeof d.dims);
    int8_t *data = malloc(d.data_bytes + 1u);
    for (uint32_t i = 0; data && i < d.data_bytes; i++)
        data[i] = (int8_t)gt_pick(s, -128, 127);
    d.data = data;
    s->m.failed |= data == NULL;
    const uint32_t tensor = tflw_tensor(&s->m, &d);
    free(data);
    return tensor;
}

uint32_t gt_ints(gen_state *s, uint32_t rank, const uint32_t *dims, const int32_t *values)
{
    tflw_tensor_desc d = { .type = TFLW_INT32, .rank = rank, .data = values, .data_bytes = 4 };
    for (uint32_t i = 0; i < rank; i++)
        d.data_bytes *= d.dims[i] = dims[i];
    return tflw_tensor(&s->m, &d);
}

/* --- operators -------------------------------------------------------------------------------- */

tflw_op gt_op(int code, unsigned options, uint32_t input)
{
    return (tflw_op){ .code = code, .options = options, .input_count = 1, .inputs = { input } };
}

void gt_field(tflw_op *op, unsigned id, unsigned bytes, uint64_t value)
{
    op->fields[op->count++] = (fbw_field){ id, bytes, value };
}

void gt_float(tflw_op *op, unsigned id, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    gt_field(op, id, 4, bits);
}

void gt_input(tflw_op *op, uint32_t tensor)
{
    op->inputs[op->input_count++] = tensor;
}

void gt_output(gen_state *s, tflw_op *op, act y)
{
    y.tensor = add_tensor(s, TFLW_INT8, &y);
    y.readers = 0;
    op->outputs[op->output_count++] = y.tensor;
    keep(s, y);
}

void gt_add(gen_state *s, const tflw_op *op, const char *name)
{
    tflw_operator(&s->m, op);
    for (uint32_t i = 0; i < op->input_count; i++)
        for (uint32_t k = 0; k < s->count; k++)
            s->acts[k].readers += s->acts[k].tensor == op->inputs[i];
    const size_t at = strlen(s->text);
    snprintf(s->text + at, 1024 - at, "%s%s", at ? " " : "", name);
}

act gt_as(gen_state *s, const act *x, const act *like)
{
    if (x->scale == like->scale && x->zero == like->zero)
        return *x;
    act y = gt_like(x);
    y.scale = like->scale;
    y.zero = like->zero;
    tflw_op op = gt_op(114, 89, x->tensor);
    gt_output(s, &op, y);
    gt_add(s, &op, "QUANTIZE");
    return s->acts[s->count - 1];
}

/* --- the whole -------------------------------------------------------------------------------- */

static void add_input(gen_state *s)
{
    const uint32_t rank = gt_one_in(s, 5) ? (uint32_t)gt_pick(s, 2, 3) : 4;
    const uint32_t side = (uint32_t)gt_pick(s, 1, 14), deep = (uint32_t)gt_pick(s, 1, 20);
    const uint32_t dims[] = { rank == 4 && gt_one_in(s, 12) ? 2u : 1u, side,
                              rank == 4 ? (uint32_t)gt_pick(s, 1, 10) : deep, deep };
    act x = gt_new(s, rank, dims, gt_real(s, 0.01, 0.5));
    while (gt_elements(&x) > GEN_MOST_ELEMENTS)
        x.dims[rank - 1] = (x.dims[rank - 1] + 1) / 2, x.dims[1] = (x.dims[1] + 1) / 2;
    x.tensor = add_tensor(s, TFLW_INT8, &x);
    uint32_t end = x.tensor;
    if (gt_one_in(s, 6)) {
        end = add_tensor(s, TFLW_FLOAT32, &x);
        tflw_op op = gt_op(114, 89, end);
        op.outputs[op.output_count++] = x.tensor;
        gt_add(s, &op, "QUANTIZE");
    }
    s->m.inputs[s->m.input_count++] = end;
    keep(s, x);
}

/* An output: the tensor, or what the host makes of it. */
static void add_end(gen_state *s, const act *x)
{
    const int how = gt_pick(s, 0, 7);
    uint32_t end = x->tensor;
    act y = gt_like(x);
    if (how < 2 && x->rank == 2) {
        y.scale = how ? 1.0f / 16 : 1.0f / 256;
        y.zero = how ? 127 : -128;
        tflw_op op = gt_op(how ? 50 : 25, how ? 36 : 9, x->tensor);
        if (!how)
            gt_float(&op, 0, gt_one_in(s, 2) ? 1.0f : gt_real(s, 0.25, 2.0));
        op.outputs[op.output_count++] = end = add_tensor(s, TFLW_INT8, &y);
        gt_add(s, &op, how ? "LOG_SOFTMAX" : "SOFTMAX");
    } else if (how == 2) {
        tflw_op op = gt_op(6, 38, x->tensor);
        op.outputs[op.output_count++] = end = add_tensor(s, TFLW_FLOAT32, &y);
        gt_add(s, &op, "DEQUANTIZE");
    } else if (how == 3) {
        const int32_t axis = gt_pick(s, 0, (int)x->rank - 1);
        const int least = gt_one_in(s, 3);
        y.rank--;
        memmove(y.dims + axis, y.dims + axis + 1, (y.rank - (uint32_t)axis) * sizeof *y.dims);
        tflw_op op = gt_op(least ? 79 : 56, least ? 57 : 40, x->tensor);
        gt_input(&op, gt_ints(s, 0, NULL, &axis));
        gt_field(&op, 0, 1, TFLW_INT32);
        op.outputs[op.output_count++] = end = add_tensor(s, TFLW_INT32, &y);
        gt_add(s, &op, least ? "ARG_MIN" : "ARG_MAX");
    }
    s->m.outputs[s->m.output_count++] = end;
}

/* Some of what nobody reads (the rest are dead ends), at times something that is read. */
static void add_ends(gen_state *s)
{
    for (uint32_t i = s->count; i-- > s->m.input_count && s->m.output_count < 8;) {
        const act x = s->acts[i];
        if (s->m.output_count == 0 || (x.readers == 0 && !gt_one_in(s, 5)) || gt_one_in(s, 10))
            add_end(s, &x);
    }
}

/* Weights of an operator that has any; TFLW_ABSENT. */
static uint32_t weights_of(const tflw_op *op)
{
    enum { CONV_2D = 3, DEPTHWISE_CONV_2D = 4, FULLY_CONNECTED = 9, TRANSPOSE_CONV = 67 };
    const int has = op->code == CONV_2D || op->code == DEPTHWISE_CONV_2D ||
                    op->code == FULLY_CONNECTED || op->code == TRANSPOSE_CONV;
    return has ? op->inputs[1] : TFLW_ABSENT;
}

/* The same network in uint8 as of 2018: plus 128, one scale a tensor, weights with zero points. */
static void make_uint8(gen_state *s)
{
    for (uint32_t i = 0; i < s->m.tensor_count; i++) {
        tflw_tensor_desc *t = &s->m.tensors[i];
        t->scales = t->scales > 1 ? 1 : t->scales;
        if (t->type != TFLW_INT8)
            continue;
        t->type = TFLW_UINT8;
        for (uint32_t k = 0; k < t->scales; k++)
            ((int64_t *)(uintptr_t)t->zero_point)[k] += 128;
        for (uint32_t k = 0; t->data && k < t->data_bytes; k++)
            ((uint8_t *)(uintptr_t)t->data)[k] ^= 0x80;
    }
    for (uint32_t i = 0; i < s->m.op_count; i++) {
        const uint32_t w = weights_of(&s->m.ops[i]);
        if (w != TFLW_ABSENT && s->m.tensors[w].data)
            *(int64_t *)(uintptr_t)s->m.tensors[w].zero_point = gt_zero(s) + 128;
    }
    memmove(s->text + 6, s->text, strnlen(s->text, 1000) + 1);
    memcpy(s->text, "uint8:", 6);
}

int gen_tflite(rng *r, unsigned most, int plain, gen_tflite_net *out)
{
    gen_state *s = calloc(1, sizeof *s);
    *out = (gen_tflite_net){ .text = "" };
    if (!s)
        return 0;
    s->r = r;
    s->text = out->text;
    for (int inputs = gt_one_in(s, 4) ? gt_pick(s, 2, 3) : 1; inputs > 0; inputs--)
        add_input(s);
    const uint32_t wanted = s->m.op_count + (uint32_t)gt_pick(s, 1, (int)most);
    while (s->m.op_count < wanted && s->count + 12 < GEN_ACTS && !s->m.failed)
        switch (gt_pick(s, 0, 8)) {
        case 0: (void)gt_rare(s); break;
        case 1:
        case 2: (void)gt_move(s); break;
        case 3:
        case 4: (void)gt_arithmetic(s); break;
        default: (void)gt_window(s); break;
        }
    add_ends(s);
    if (gt_one_in(s, 6))
        make_uint8(s);
    static const unsigned ways[] = { 0, 0, 0, TFLW_OLD_CODES, TFLW_OPEN_BATCH };
    const unsigned how = ways[gt_pick(s, 0, 4)] | (gt_one_in(s, 4) ? TFLW_OUTSIDE : 0);
    out->file = tflw_file(&s->m, plain ? how & ~(unsigned)TFLW_OUTSIDE : how);
    tflw_free(&s->m);
    free(s);
    return !out->file.failed;
}

void gen_tflite_free(gen_tflite_net *n)
{
    free(n->file.bytes);
    *n = (gen_tflite_net){ .text = "" };
}
