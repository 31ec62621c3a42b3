/* Random data that moves, and products of matrices; see gen_private.h. */
#include <string.h>

#include "gen_private.h"

static int add_pad(gen *s)
{
    const weft_tensor x = *gen_end(s);
    weft_pad a = { .value = gen_one_in(s, 2) ? gen_zero_of(&x) : gen_zero_point(s) };
    uint32_t dims[WEFT_MAX_RANK];
    for (uint32_t i = 0; i < x.rank; i++) {
        const int moves = i > 0 && (i + 1 < x.rank || gen_one_in(s, 3));
        a.before[i] = moves ? gen_pick(s, 0, 3) : 0;
        a.after[i] = moves ? gen_pick(s, 0, 3) : 0;
        dims[i] = a.before[i] + x.dims[i] + a.after[i];
    }
    if (gen_count(x.rank, dims) > s->o->most_elements)
        return 0;
    const uint32_t in = gen_end_index(s), y = gen_like_end(s, x.rank, dims);
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
    const uint32_t in = gen_end_index(s), y = gen_like_end(s, x.rank, dims);
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
        in[i] = gen_end_index(s);
        dims[a.axis] = x.dims[a.axis];
        if (i && gen_one_in(s, 3)) {
            dims[a.axis] = gen_pick(s, 1, 9);
            in[i] = gen_constant(s, x.rank, dims, gen_scale(&x), gen_zero_of(&x));
        }
        all += dims[a.axis];
    }
    memcpy(dims, x.dims, sizeof dims);
    dims[a.axis] = all;
    if (s->rc != WEFT_OK || gen_count(x.rank, dims) > s->o->most_elements)
        return 0;
    const uint32_t y = gen_like_end(s, x.rank, dims);
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
    if (gen_count(4, dims) > s->o->most_elements)
        return 0;
    for (uint32_t i = 0; i < dims[1]; i++)
        rows[i] = any ? gen_pick(s, 0, x.dims[1] - 1) : i * x.dims[1] / dims[1];
    for (uint32_t i = 0; i < dims[2]; i++)
        columns[i] = any ? gen_pick(s, 0, x.dims[2] - 1) : i * x.dims[2] / dims[2];
    const weft_resize_nearest a = { rows, columns };
    const uint32_t in = gen_end_index(s), y = gen_like_end(s, 4, dims);
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
    if (gen_count(4, dims) > s->o->most_elements)
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
    const uint32_t in = gen_end_index(s),
                   y = same ? gen_like_end(s, 4, dims)
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
    const uint32_t other = gen_pick(s, 1, 40), in = gen_end_index(s);
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
    if (gen_count(r, dims) > s->o->most_elements || gen_count(r, dims) * length > 500000)
        return 0;
    if (style != 3)
        inputs[style != 2] = gen_constant(s, r, b, gen_real(s, 0.002, 0.02),
                                          gen_one_in(s, 2) ? 0 : gen_zero_point(s));
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
