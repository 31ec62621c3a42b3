/* Drawing numbers, tensors and weights for random networks; see gen_private.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gen_private.h"

uint32_t gen_pick(gen *s, uint32_t lo, uint32_t hi)
{
    return (uint32_t)rng_range(s->r, (int32_t)lo, (int32_t)hi);
}

int gen_one_in(gen *s, uint32_t n)
{
    return gen_pick(s, 1, n) == 1;
}

/* Log-uniform. */
float gen_real(gen *s, double lo, double hi)
{
    double u = rng_u32(s->r) / 4294967296.0;
    return (float)(lo * pow(hi / lo, u));
}

int32_t gen_zero_point(gen *s)
{
    static const int32_t ends[] = { -128, 127, 0, -1 };
    return gen_one_in(s, 2) ? ends[gen_pick(s, 0, 3)] : (int32_t)gen_pick(s, 0, 255) - 128;
}

weft_clamp gen_clamp(gen *s)
{
    if (!gen_one_in(s, 3))
        return (weft_clamp){ -128, 127 };
    int32_t a = gen_zero_point(s), b = gen_zero_point(s);
    return a < b ? (weft_clamp){ a, b } : (weft_clamp){ b, a };
}

uint32_t gen_add_tensor(gen *s, const weft_tensor_desc *d)
{
    uint32_t index = WEFT_NONE;
    int rc = weft_graph_add_tensor(s->g, d, &index);
    if (s->rc == WEFT_OK)
        s->rc = rc;
    return index;
}

uint32_t gen_activation(gen *s, uint32_t rank, const uint32_t *dims, float scale, int32_t zp)
{
    weft_tensor_desc d = {
        .name = "t", .dtype = WEFT_INT8, .rank = rank, .quant = { 1, 0, &scale, &zp }
    };
    memcpy(d.dims, dims, rank * sizeof *dims);
    return gen_add_tensor(s, &d);
}

/* Of a network as TensorFlow Lite Micro rounds it some operators round as LiteRT's do. */
static weft_requant_kind draw_kind(gen *s, weft_op op)
{
    const int is_full = op == WEFT_OP_FULLY_CONNECTED || op == WEFT_OP_MATMUL;
    if (s->kind != WEFT_REQUANT_TFLITE || !(is_full || op == WEFT_OP_MUL || op == WEFT_OP_PRELU) ||
        gen_one_in(s, 2))
        return s->kind;
    return is_full && gen_one_in(s, 2) ? WEFT_REQUANT_REAL : WEFT_REQUANT_TFLITE_F32;
}

void gen_add_node(gen *s, weft_op op, uint32_t inputs, const uint32_t *in, uint32_t out,
                  const void *attr)
{
    const weft_node_desc d = { .op = op,
                               .name = weft_op_name(op),
                               .requant = draw_kind(s, op),
                               .input_count = inputs,
                               .inputs = in,
                               .output = out,
                               .attr = attr };
    if (s->rc == WEFT_OK)
        s->rc = weft_graph_add_node(s->g, &d, NULL);
    if (s->rc == WEFT_OK && s->count <= MAX_NODES)
        s->tensors[s->count++] = out;
}

uint32_t gen_end_index(const gen *s)
{
    return s->tensors[s->count - 1];
}

const weft_tensor *gen_end(const gen *s)
{
    return &s->g->tensors[gen_end_index(s)];
}

float gen_scale(const weft_tensor *t)
{
    return weft_quant_scale(&t->quant, 0);
}

int32_t gen_zero_of(const weft_tensor *t)
{
    return weft_quant_zero_point(&t->quant, 0);
}

uint32_t gen_like_end(gen *s, uint32_t rank, const uint32_t *dims)
{
    const weft_tensor x = *gen_end(s);
    return gen_activation(s, rank, dims, gen_scale(&x), gen_zero_of(&x));
}

/* --- constants --- */

uint64_t gen_count(uint32_t rank, const uint32_t *dims)
{
    uint64_t n = 1;
    for (uint32_t i = 0; i < rank; i++)
        n *= dims[i];
    return n;
}

uint32_t gen_constant(gen *s, uint32_t rank, const uint32_t *dims, float scale, int32_t zp)
{
    const size_t count = (size_t)gen_count(rank, dims);
    int8_t *data = malloc(count);
    weft_tensor_desc d = {
        .name = "c", .dtype = WEFT_INT8, .rank = rank, .quant = { 1, 0, &scale, &zp }, .data = data
    };
    uint32_t index = WEFT_NONE;
    memcpy(d.dims, dims, rank * sizeof *dims);
    if (data) {
        gen_input(s->r, data, count);
        index = gen_add_tensor(s, &d);
    } else {
        s->rc = WEFT_ERR_NO_MEMORY;
    }
    free(data);
    return index;
}

static void fill_weights(gen *s, int8_t *w, size_t count)
{
    uint32_t style = gen_pick(s, 0, 9), reach = 1u << gen_pick(s, 0, 7);
    for (size_t i = 0; i < count; i++)
        w[i] = (int8_t)(style == 0   ? -128
                        : style == 1 ? (gen_one_in(s, 2) ? -128 : 127)
                        : style == 2 ? (int32_t)gen_pick(s, 0, 2 * reach - 1) - (int32_t)reach
                                     : (int32_t)gen_pick(s, 0, 254) - 127);
}

/* Weights [co][...] with scales per tensor or channel, zero points at times, bias at times. */
constants gen_weights(gen *s, uint32_t rank, const uint32_t *dims, float scale_x)
{
    const size_t count = (size_t)gen_count(rank, dims);
    const uint32_t co = dims[0], scales = gen_one_in(s, 3) ? 1 : co;
    int8_t *w = malloc(count);
    float *scale = calloc(co, sizeof *scale), *bias_scale = calloc(co, sizeof *bias_scale);
    int32_t *zp = calloc(co, sizeof *zp), *bias = calloc(co, sizeof *bias);
    const int has_zero = gen_one_in(s, 8), has_bias = !gen_one_in(s, 4), big = gen_one_in(s, 6);
    constants c = { WEFT_NONE, WEFT_NONE, 0 };
    if (!w || !scale || !bias_scale || !zp || !bias) {
        s->rc = WEFT_ERR_NO_MEMORY;
        goto out;
    }
    fill_weights(s, w, count);
    for (uint32_t i = 0; i < co; i++) {
        scale[i] = gen_real(s, 0.002, 0.02);
        zp[i] = has_zero ? gen_zero_point(s) : 0;
        bias_scale[i] = scale_x * scale[scales == 1 ? 0 : i];
        bias[i] = big ? rng_range(s->r, -(1 << 30), 1 << 30) : rng_range(s->r, -20000, 20000);
        if (i < scales && scale[i] > c.largest_scale)
            c.largest_scale = scale[i];
    }
    weft_tensor_desc d = {
        .name = "w", .dtype = WEFT_INT8, .rank = rank, .quant = { scales, 0, scale, zp }, .data = w
    };
    memcpy(d.dims, dims, rank * sizeof *dims);
    c.w = gen_add_tensor(s, &d);
    memset(zp, 0, co * sizeof *zp);
    d = (weft_tensor_desc){ .name = "b",
                            .dtype = WEFT_INT32,
                            .rank = 1,
                            .dims = { co },
                            .quant = { scales, 0, bias_scale, zp },
                            .data = bias };
    if (has_bias)
        c.b = gen_add_tensor(s, &d);
out:
    free(w);
    free(scale);
    free(bias_scale);
    free(zp);
    free(bias);
    return c;
}

/* An output scale for a reduction of `taps` products: mostly such that results fill int8, at times
 * factors of exactly 1/2 .. 1/64, at times far too large or small. */
float gen_output_scale(gen *s, float scale_x, float scale_w, double taps)
{
    double product = (double)scale_x * (double)scale_w;
    switch (gen_pick(s, 0, 9)) {
    case 0: return (float)(product * (1 << gen_pick(s, 1, 6)));
    case 1: return (float)(product * ldexp(1.0, (int)gen_pick(s, 0, 34)));
    case 2: return (float)(product / (double)(1u << gen_pick(s, 0, 20)));
    default: return (float)(product * sqrt(taps) * (double)gen_real(s, 20.0, 300.0));
    }
}
