/* Random operators of two inputs, normalisations and means; see gen_private.h. */
#include <stdlib.h>
#include <string.h>

#include "gen_private.h"

/* --- two inputs --- */

/* Dims of the end, some of them 1, at times fewer axes. */
static uint32_t repeated_dims(gen *s, uint32_t *dims)
{
    const weft_tensor *x = gen_end(s);
    const uint32_t style = gen_pick(s, 0, 5),
                   drop = gen_one_in(s, 4) ? gen_pick(s, 0, x->rank - 1) : 0;
    for (uint32_t i = 0; i < x->rank; i++) {
        int one = style == 0 ? 0 : style == 1 ? 1 : style == 2 ? i + 1 < x->rank : gen_one_in(s, 2);
        dims[i] = one ? 1 : x->dims[i];
    }
    memmove(dims, dims + drop, (x->rank - drop) * sizeof *dims);
    return x->rank - drop;
}

/* Any function of two bytes, which the host looks up. */
static void pair_table(gen *s, uint32_t other)
{
    const weft_tensor x = *gen_end(s);
    const uint32_t factor = gen_pick(s, 0, 255), in = gen_end_index(s);
    int8_t *entries = malloc(WEFT_TABLE_PAIR_BYTES);
    const weft_table_pair a = { entries };
    for (uint32_t i = 0; entries && i < WEFT_TABLE_PAIR_BYTES; i++)
        entries[i] = (int8_t)(int32_t)((i / 256 * factor + i % 256 * i / 512) % 256 - 128);
    const uint32_t y = gen_activation(s, x.rank, x.dims, gen_scale(&x), gen_zero_point(s));
    if (entries)
        gen_add_node(s, WEFT_OP_TABLE_PAIR, 2,
                     gen_one_in(s, 2) ? (uint32_t[]){ in, other } : (uint32_t[]){ other, in }, y,
                     &a);
    else
        s->rc = WEFT_ERR_NO_MEMORY;
    free(entries);
}

static void two_inputs(gen *s, weft_op op, uint32_t other)
{
    if (op != WEFT_OP_MINIMUM && op != WEFT_OP_MAXIMUM && gen_one_in(s, 12)) {
        pair_table(s, other);
        return;
    }
    const weft_tensor x = *gen_end(s), b = s->g->tensors[other];
    const weft_elementwise a = { gen_clamp(s), (op == WEFT_OP_ADD || op == WEFT_OP_SUB) &&
                                                       s->kind == WEFT_REQUANT_ONNX &&
                                                       gen_one_in(s, 2)
                                                   ? 128
                                                   : 0 };
    float scale = gen_scale(&x);
    int32_t zp = gen_zero_of(&x);
    if (op == WEFT_OP_MUL)
        scale = scale * gen_scale(&b) * gen_real(s, 1.0, 400.0);
    else if (op == WEFT_OP_ADD || op == WEFT_OP_SUB)
        scale = (scale > gen_scale(&b) ? scale : gen_scale(&b)) * gen_real(s, 0.5, 3.0);
    if (op != WEFT_OP_MINIMUM && op != WEFT_OP_MAXIMUM)
        zp = gen_zero_point(s);
    const uint32_t in = gen_end_index(s), y = gen_activation(s, x.rank, x.dims, scale, zp);
    gen_add_node(s, op, 2, gen_one_in(s, 2) ? (uint32_t[]){ in, other } : (uint32_t[]){ other, in },
                 y, &a);
}

static weft_op binary_op(gen *s, int free_quantisation)
{
    static const weft_op ops[] = { WEFT_OP_MINIMUM, WEFT_OP_MAXIMUM, WEFT_OP_ADD, WEFT_OP_SUB,
                                   WEFT_OP_MUL };
    return ops[gen_pick(s, free_quantisation ? 2 : 0, 4)];
}

/* With a constant that repeats, or an earlier tensor that does. */
static int add_binary(gen *s)
{
    const weft_tensor x = *gen_end(s);
    uint32_t dims[WEFT_MAX_RANK], rank = repeated_dims(s, dims), other = WEFT_NONE;
    for (uint32_t i = 0; i < s->count; i++) {
        const weft_tensor *t = &s->g->tensors[s->tensors[i]];
        int fits = t->rank <= x.rank;
        for (uint32_t k = 0; fits && k < t->rank; k++)
            fits = t->dims[k] == 1 || t->dims[k] == x.dims[k + x.rank - t->rank];
        if (fits && gen_one_in(s, 2))
            other = s->tensors[i];
    }
    if (other == WEFT_NONE || gen_one_in(s, 2)) {
        const weft_op op = binary_op(s, 0);
        const int same = op == WEFT_OP_MINIMUM || op == WEFT_OP_MAXIMUM;
        other = gen_constant(s, rank, dims, same ? gen_scale(&x) : gen_real(s, 0.005, 0.5),
                             same ? gen_zero_of(&x) : gen_zero_point(s));
        if (s->rc == WEFT_OK)
            two_inputs(s, op, other);
        return 1;
    }
    two_inputs(s, binary_op(s, 1), other);
    return 1;
}

static int add_prelu(gen *s)
{
    const weft_tensor x = *gen_end(s);
    uint32_t dims[WEFT_MAX_RANK], rank = repeated_dims(s, dims);
    const float scale = gen_real(s, 0.002, 0.02);
    const uint32_t in = gen_end_index(s),
                   alpha = gen_constant(s, rank, dims, scale, gen_zero_point(s));
    const uint32_t y =
        gen_activation(s, x.rank, x.dims, gen_scale(&x) * gen_real(s, 0.3, 2.0), gen_zero_point(s));
    gen_add_node(s, WEFT_OP_PRELU, 2, (uint32_t[]){ in, alpha }, y, NULL);
    return 1;
}

/* --- normalisations --- */

/* Of kind TFLITE a step of the host as well. */
static int add_l2_normalization(gen *s)
{
    const weft_tensor x = *gen_end(s);
    const uint32_t in = gen_end_index(s), y = gen_activation(s, x.rank, x.dims, 1.0f / 128, 0);
    gen_add_node(s, WEFT_OP_L2_NORMALIZATION, 1, &in, y, NULL);
    return 1;
}

/* QLinearSoftmax: a step of the host wherever it stands.  (That of TensorFlow Lite may be the end
 * of a port, which is not run here.) */
static int add_softmax(gen *s)
{
    const weft_tensor x = *gen_end(s);
    const weft_softmax a = { 1.0f };
    const float scale = gen_one_in(s, 2) ? 1.0f / 256 : gen_real(s, 0.001, 0.02);
    const uint32_t in = gen_end_index(s),
                   y = gen_activation(s, x.rank, x.dims, scale, gen_zero_point(s));
    gen_add_node(s, WEFT_OP_SOFTMAX, 1, &in, y, &a);
    return 1;
}

/* Of kind ONNX, with and without bias, over one axis or more. */
static int add_layer_normalization(gen *s)
{
    const weft_tensor x = *gen_end(s);
    const weft_layer_normalization a = { gen_one_in(s, 2) ? x.rank - 1 : gen_pick(s, 0, x.rank - 1),
                                         gen_real(s, 1e-6, 1e-2), gen_clamp(s) };
    const size_t count = (size_t)gen_count(x.rank - a.axis, x.dims + a.axis);
    uint32_t in[3] = { gen_end_index(s) };
    const uint32_t inputs = gen_pick(s, 2, 3);
    float *data = malloc(count * sizeof *data);
    for (uint32_t k = 1; k < inputs; k++) {
        const weft_tensor_desc d = {
            .name = "f", .dtype = WEFT_FLOAT32, .rank = 1, .dims = { (uint32_t)count }, .data = data
        };
        for (size_t i = 0; data && i < count; i++)
            data[i] = gen_real(s, 0.1, 2.0) - (k == 1 ? 0.0f : 1.0f);
        if (data)
            in[k] = gen_add_tensor(s, &d);
    }
    const uint32_t y =
        gen_activation(s, x.rank, x.dims, gen_real(s, 0.005, 0.1), gen_zero_point(s));
    if (data)
        gen_add_node(s, WEFT_OP_LAYER_NORMALIZATION, inputs, in, y, &a);
    else
        s->rc = WEFT_ERR_NO_MEMORY;
    free(data);
    return 1;
}

/* --- means --- */

/* Any order of float32 additions there is, the real axes turned by some. */
static void draw_mean_adding(gen *s, const weft_tensor *x, weft_mean *a)
{
    const uint32_t turn = gen_pick(s, 0, x->rank - 1);
    if (s->kind != WEFT_REQUANT_ONNX || gen_one_in(s, 3))
        return;
    for (uint32_t i = 0; i < x->rank; i++)
        a->order |= (i + turn) % x->rank << (i * WEFT_MEAN_ORDER_BITS);
    a->adding = (weft_mean_adding)gen_pick(s, WEFT_MEAN_ONE_BY_ONE, WEFT_MEAN_RUNS);
    if (a->adding == WEFT_MEAN_RUNS && !weft_mean_has_runs(a, x->rank))
        a->adding = WEFT_MEAN_FOURS;
}

static int add_mean(gen *s)
{
    const weft_tensor x = *gen_end(s);
    weft_mean a = { .axes =
                        gen_one_in(s, 2) && x.rank == 4 ? 6 : gen_pick(s, 1, (1u << x.rank) - 1),
                    .clamp = gen_clamp(s),
                    .sum = s->kind == WEFT_REQUANT_TFLITE && gen_one_in(s, 3) };
    draw_mean_adding(s, &x, &a);
    uint32_t dims[WEFT_MAX_RANK];
    for (uint32_t i = 0; i < x.rank; i++)
        dims[i] = a.axes >> i & 1 ? 1 : x.dims[i];
    const uint32_t in = gen_end_index(s);
    const uint32_t y =
        gen_activation(s, x.rank, dims, gen_scale(&x) * gen_real(s, 0.1, 2.0), gen_zero_point(s));
    gen_add_node(s, WEFT_OP_MEAN, 1, &in, y, &a);
    if (s->rc == WEFT_OK && s->count > 1 && gen_one_in(s, 2) && s->count + 1 < MAX_NODES) {
        /* back into the shape it came from: the factor of a whole channel */
        const uint32_t mean = gen_end_index(s);
        s->tensors[s->count++] = in;
        two_inputs(s, binary_op(s, 1), mean);
        s->tensors[s->count - 2] = s->tensors[s->count - 1];
        s->count--;
    }
    return 1;
}

int gen_any_elementwise(gen *s)
{
    if (gen_one_in(s, 12) && s->kind == WEFT_REQUANT_TFLITE)
        return add_l2_normalization(s);
    if (s->kind == WEFT_REQUANT_ONNX && gen_one_in(s, 8))
        return gen_one_in(s, 2) ? add_softmax(s) : add_layer_normalization(s);
    switch (gen_pick(s, 0, 4)) {
    case 0: return add_prelu(s);
    case 1: return add_mean(s);
    default: return add_binary(s);
    }
}
