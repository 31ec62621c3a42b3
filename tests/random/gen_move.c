/* Random operators of two inputs, means, and data that moves; see gen_private.h. */
#include <stdlib.h>
#include <string.h>

#include "gen_private.h"

static uint32_t end_index(const gen *s)
{
    return s->tensors[s->count - 1];
}

static int32_t zero_of(const weft_tensor *t)
{
    return weft_quant_zero_point(&t->quant, 0);
}

/* A tensor quantised as the end. */
static uint32_t like_end(gen *s, uint32_t rank, const uint32_t *dims)
{
    const weft_tensor x = *gen_end(s);
    return gen_activation(s, rank, dims, gen_scale(&x), zero_of(&x));
}

static uint64_t count_of(uint32_t rank, const uint32_t *dims)
{
    uint64_t n = 1;
    for (uint32_t i = 0; i < rank; i++)
        n *= dims[i];
    return n;
}

static uint32_t constant(gen *s, uint32_t rank, const uint32_t *dims, float scale, int32_t zp)
{
    const size_t count = (size_t)count_of(rank, dims);
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
    const uint32_t factor = gen_pick(s, 0, 255), in = end_index(s);
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
    int32_t zp = zero_of(&x);
    if (op == WEFT_OP_MUL)
        scale = scale * gen_scale(&b) * gen_real(s, 1.0, 400.0);
    else if (op == WEFT_OP_ADD || op == WEFT_OP_SUB)
        scale = (scale > gen_scale(&b) ? scale : gen_scale(&b)) * gen_real(s, 0.5, 3.0);
    if (op != WEFT_OP_MINIMUM && op != WEFT_OP_MAXIMUM)
        zp = gen_zero_point(s);
    const uint32_t in = end_index(s), y = gen_activation(s, x.rank, x.dims, scale, zp);
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
        other = constant(s, rank, dims, same ? gen_scale(&x) : gen_real(s, 0.005, 0.5),
                         same ? zero_of(&x) : gen_zero_point(s));
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
    const uint32_t in = end_index(s), alpha = constant(s, rank, dims, scale, gen_zero_point(s));
    const uint32_t y =
        gen_activation(s, x.rank, x.dims, gen_scale(&x) * gen_real(s, 0.3, 2.0), gen_zero_point(s));
    gen_add_node(s, WEFT_OP_PRELU, 2, (uint32_t[]){ in, alpha }, y, NULL);
    return 1;
}

/* Of kind TFLITE a step of the host as well. */
static int add_l2_normalization(gen *s)
{
    const weft_tensor x = *gen_end(s);
    const uint32_t in = end_index(s), y = gen_activation(s, x.rank, x.dims, 1.0f / 128, 0);
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
    const uint32_t in = end_index(s),
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
    const size_t count = (size_t)count_of(x.rank - a.axis, x.dims + a.axis);
    uint32_t in[3] = { end_index(s) };
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
    const uint32_t in = end_index(s);
    const uint32_t y =
        gen_activation(s, x.rank, dims, gen_scale(&x) * gen_real(s, 0.1, 2.0), gen_zero_point(s));
    gen_add_node(s, WEFT_OP_MEAN, 1, &in, y, &a);
    if (s->rc == WEFT_OK && s->count > 1 && gen_one_in(s, 2) && s->count + 1 < MAX_NODES) {
        /* back into the shape it came from: the factor of a whole channel */
        const uint32_t mean = end_index(s);
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

/* --- moves --- */

static int add_pad(gen *s)
{
    const weft_tensor x = *gen_end(s);
    weft_pad a = { .value = gen_one_in(s, 2) ? zero_of(&x) : gen_zero_point(s) };
    uint32_t dims[WEFT_MAX_RANK];
    for (uint32_t i = 0; i < x.rank; i++) {
        const int moves = i > 0 && (i + 1 < x.rank || gen_one_in(s, 3));
        a.before[i] = moves ? gen_pick(s, 0, 3) : 0;
        a.after[i] = moves ? gen_pick(s, 0, 3) : 0;
        dims[i] = a.before[i] + x.dims[i] + a.after[i];
    }
    if (count_of(x.rank, dims) > s->o->most_elements)
        return 0;
    const uint32_t in = end_index(s), y = like_end(s, x.rank, dims);
    gen_add_node(s, WEFT_OP_PAD, 1, &in, y, &a);
    return 1;
}

static int add_slice(gen *s)
{
    const weft_tensor x = *gen_end(s);
    weft_slice a = { { 0 }, { 0 } };
    uint32_t dims[WEFT_MAX_RANK];
    for (uint32_t i = 0; i < x.rank; i++) {
        const uint32_t stride = gen_one_in(s, 3) ? gen_pick(s, 1, 3) : 1;
        const uint32_t first = gen_one_in(s, 2) ? 0 : gen_pick(s, 0, x.dims[i] - 1);
        dims[i] = gen_pick(s, 1, (x.dims[i] - first + stride - 1) / stride);
        a.begin[i] = first;
        a.stride[i] = (int32_t)stride;
        if (gen_one_in(s, 6)) { /* the same elements backwards */
            a.begin[i] = first + (dims[i] - 1) * stride;
            a.stride[i] = -(int32_t)stride;
        }
    }
    const uint32_t in = end_index(s), y = like_end(s, x.rank, dims);
    gen_add_node(s, WEFT_OP_SLICE, 1, &in, y, &a);
    return 1;
}

/* The end with itself, constants, and earlier tensors of its quantisation. */
static int add_concat(gen *s)
{
    const weft_tensor x = *gen_end(s);
    const weft_concat a = { gen_one_in(s, 2) ? x.rank - 1 : gen_pick(s, 0, x.rank - 1) };
    uint32_t in[5], n = gen_pick(s, 2, 5), dims[WEFT_MAX_RANK], all = 0;
    if (x.rank == 4 && a.axis == 0)
        return 0;
    for (uint32_t i = 0; i < n && s->rc == WEFT_OK; i++) {
        memcpy(dims, x.dims, sizeof dims);
        in[i] = end_index(s);
        dims[a.axis] = x.dims[a.axis];
        if (i && gen_one_in(s, 3)) {
            dims[a.axis] = gen_pick(s, 1, 9);
            in[i] = constant(s, x.rank, dims, gen_scale(&x), zero_of(&x));
        }
        all += dims[a.axis];
    }
    memcpy(dims, x.dims, sizeof dims);
    dims[a.axis] = all;
    if (s->rc != WEFT_OK || count_of(x.rank, dims) > s->o->most_elements)
        return 0;
    const uint32_t y = like_end(s, x.rank, dims);
    gen_add_node(s, WEFT_OP_CONCAT, n, in, y, &a);
    return 1;
}

static int add_resize(gen *s)
{
    const weft_tensor x = *gen_end(s);
    uint32_t rows[64], columns[64];
    if (x.rank != 4)
        return 0;
    const uint32_t dims[] = { 1, gen_pick(s, 1, 40), gen_pick(s, 1, 40), x.dims[3] };
    const int any = gen_one_in(s, 3);
    if (count_of(4, dims) > s->o->most_elements)
        return 0;
    for (uint32_t i = 0; i < dims[1]; i++)
        rows[i] = any ? gen_pick(s, 0, x.dims[1] - 1) : i * x.dims[1] / dims[1];
    for (uint32_t i = 0; i < dims[2]; i++)
        columns[i] = any ? gen_pick(s, 0, x.dims[2] - 1) : i * x.dims[2] / dims[2];
    const weft_resize_nearest a = { rows, columns };
    const uint32_t in = end_index(s), y = like_end(s, 4, dims);
    gen_add_node(s, WEFT_OP_RESIZE_NEAREST, 1, &in, y, &a);
    return 1;
}

/* Weights that are multiples of 1/one, from a factor, or drawn one by one. */
static void lerp_list(gen *s, weft_lerp *list, uint32_t count, uint32_t size, uint32_t one)
{
    const uint32_t unit = s->kind == WEFT_REQUANT_TFLITE ? one >> gen_pick(s, 0, 3) : 1;
    const uint32_t style = gen_pick(s, 0, 2);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = style ? i * size * one / count : gen_pick(s, 0, size * one - 1);
        at = at / unit * unit;
        list[i] = (weft_lerp){ at / one, at / one, 0 };
        if (at / one + 1 < size) {
            list[i].hi = at % one || gen_one_in(s, 2) ? at / one + 1 : at / one;
            list[i].weight = at % one;
        }
    }
}

/* The weights in float32, and here and there an error of rounding. */
static void share_list(gen *s, const weft_lerp *list, uint32_t count, uint32_t size, uint32_t one,
                       weft_share *to)
{
    const int exact = gen_one_in(s, 2);
    for (uint32_t i = 0; i < count; i++) {
        const weft_lerp *l = &list[i];
        const float error = exact ? 0.0f : (float)gen_pick(s, 0, 2) * 0x1p-24f;
        to[i] = (weft_share){ l->lo, l->lo + 1 < size ? l->lo + 1 : l->lo, 0.5f, 0.5f };
        if (to[i].lo == to[i].hi)
            continue;
        to[i].of_lo = (float)(one - l->weight) / (float)one;
        to[i].of_hi = (float)l->weight / (float)one + error;
    }
}

static uint32_t lerp_one(gen *s)
{
    static const uint32_t ones[] = { 1, 2, 3, 4, 8, 15, 16, 31 };
    return s->kind == WEFT_REQUANT_TFLITE ? 1024 : ones[gen_pick(s, 0, 7)];
}

static int add_bilinear(gen *s)
{
    const weft_tensor x = *gen_end(s);
    weft_lerp rows[40], columns[40];
    weft_share row_shares[40], column_shares[40];
    if (x.rank != 4)
        return 0;
    const uint32_t dims[] = { 1, gen_pick(s, 1, 40), gen_pick(s, 1, 40), x.dims[3] };
    if (count_of(4, dims) > s->o->most_elements)
        return 0;
    weft_resize_bilinear a = { .rows = rows,
                               .columns = columns,
                               .row_one = lerp_one(s),
                               .column_one = lerp_one(s),
                               .truncates = s->kind == WEFT_REQUANT_ONNX && gen_one_in(s, 3),
                               .clamp = gen_clamp(s) };
    a.origin = a.truncates && gen_one_in(s, 2) ? INT8_MIN : 0;
    lerp_list(s, rows, dims[1], x.dims[1], a.row_one);
    lerp_list(s, columns, dims[2], x.dims[2], a.column_one);
    if (s->kind == WEFT_REQUANT_ONNX && !a.truncates && gen_one_in(s, 2)) {
        share_list(s, rows, dims[1], x.dims[1], a.row_one, row_shares);
        share_list(s, columns, dims[2], x.dims[2], a.column_one, column_shares);
        a.row_shares = row_shares;
        a.column_shares = column_shares;
    }
    const int same = s->kind == WEFT_REQUANT_TFLITE || a.truncates || gen_one_in(s, 2);
    const uint32_t in = end_index(s),
                   y = same ? like_end(s, 4, dims)
                            : gen_activation(s, 4, dims, gen_scale(&x) * gen_real(s, 0.3, 2.0),
                                             gen_zero_point(s));
    gen_add_node(s, WEFT_OP_RESIZE_BILINEAR, 1, &in, y, &a);
    return 1;
}

/* The end by a constant, or a constant by it, or the end by itself turned: one matrix or several.
 */
static int add_matmul(gen *s)
{
    const weft_tensor x = *gen_end(s);
    const uint32_t r = x.rank, m = x.dims[r - 2], k = x.dims[r - 1], style = gen_pick(s, 0, 3);
    const uint32_t other = gen_pick(s, 1, 40), in = end_index(s);
    weft_matmul a = { gen_one_in(s, 2), gen_clamp(s) };
    uint32_t b[WEFT_MAX_RANK], dims[WEFT_MAX_RANK], inputs[2] = { in, in };
    memcpy(dims, x.dims, sizeof dims);
    for (uint32_t i = 0; i < r; i++)
        b[i] = gen_one_in(s, 2) ? x.dims[i] : 1;
    if (style == 3) { /* x by x turned */
        a.transpose_b = 1;
        dims[r - 1] = m;
    } else if (style == 2) { /* constant by x */
        b[r - 2] = other;
        b[r - 1] = a.transpose_b ? k : m;
        dims[r - 2] = other;
        dims[r - 1] = a.transpose_b ? m : k;
    } else { /* x by constant */
        b[r - 2] = a.transpose_b ? other : k;
        b[r - 1] = a.transpose_b ? k : other;
        dims[r - 1] = other;
    }
    const uint64_t length = style == 2 && !a.transpose_b ? m : k;
    if (count_of(r, dims) > s->o->most_elements || count_of(r, dims) * length > 500000)
        return 0;
    if (style != 3)
        inputs[style != 2] =
            constant(s, r, b, gen_real(s, 0.002, 0.02), gen_one_in(s, 2) ? 0 : gen_zero_point(s));
    const float scale = gen_scale(&x) * gen_real(s, 0.1, 20.0);
    const uint32_t y = gen_activation(s, r, dims, scale, gen_zero_point(s));
    gen_add_node(s, WEFT_OP_MATMUL, 2, inputs, y, &a);
    return 1;
}

int gen_any_move(gen *s)
{
    switch (gen_pick(s, 0, 6)) {
    case 5: return add_bilinear(s);
    case 6: return gen_end(s)->rank > 1 ? add_matmul(s) : 0;
    case 0: return add_slice(s);
    case 1: return add_concat(s);
    case 2: return add_resize(s);
    default: return add_pad(s);
    }
}
