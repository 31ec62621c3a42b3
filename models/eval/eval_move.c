/* Operators that move data: Transpose, Concat, Split, Slice, Gather, Pad, Expand, Tile and kin.
 *
 * Nearly all are one loop: element (i0, i1, ..) of the result is element (list0[i0], list1[i1], ..)
 * of the input, or a constant where a list says OUTSIDE. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "eval.h"

enum { OUTSIDE = -1 };

/* Per axis of the input, as many positions as the result has. */
typedef struct lists {
    uint32_t rank;
    size_t dims[ND_MAX_RANK];
    int64_t *at[ND_MAX_RANK];
} lists;

static void lists_free(lists *l)
{
    for (uint32_t i = 0; i < ND_MAX_RANK; i++)
        free(l->at[i]);
}

/* Every axis as it is. */
static int lists_new(eval_run *r, const nd *x, const size_t *dims, lists *l)
{
    *l = (lists){ .rank = x->rank };
    for (uint32_t i = 0; i < x->rank; i++) {
        l->dims[i] = dims[i];
        if (dims[i] > r->left || !(l->at[i] = malloc((dims[i] + 1) * sizeof **l->at)))
            return eval_refuse(r, WEFT_ERR_CAPACITY, "its result is larger than is possible here");
        for (size_t k = 0; k < dims[i]; k++)
            l->at[i][k] = (int64_t)k;
    }
    return WEFT_OK;
}

static void copy_element(const nd *from, size_t a, nd *to, size_t b)
{
    if (to->f)
        to->f[b] = from->f[a];
    else
        to->i[b] = from->i[a];
}

static int take(eval_run *r, const nd *x, const lists *l, const nd *fill, nd *out)
{
    size_t stride[ND_MAX_RANK], index[ND_MAX_RANK] = { 0 }, at = 0;
    int rc = nd_new(r, x->type, l->rank, l->dims, out);
    if (rc != WEFT_OK || out->count == 0)
        return rc;
    nd_strides(x, stride);
    do {
        size_t from = 0;
        int inside = 1;
        for (uint32_t i = 0; i < l->rank; i++) {
            const int64_t k = l->at[i][index[i]];
            inside &= k >= 0 && (size_t)k < x->dims[i];
            from += inside ? (size_t)k * stride[i] : 0;
        }
        if (inside)
            copy_element(x, from, out, at);
        else if (fill)
            copy_element(fill, 0, out, at);
        at++;
    } while (nd_next(l->rank, l->dims, index));
    return WEFT_OK;
}

int eval_transpose(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const nd *x = in[0];
    const Onnx__AttributeProto *a = onnx_attr(r->node, "perm");
    size_t dims[ND_MAX_RANK], stride[ND_MAX_RANK], index[ND_MAX_RANK] = { 0 }, at = 0;
    uint32_t perm[ND_MAX_RANK];
    unsigned seen = 0;
    if (a && a->n_ints != x->rank)
        return eval_refuse(r, WEFT_ERR_SHAPE, "perm has %zu axes, the input %" PRIu32, a->n_ints,
                           x->rank);
    for (uint32_t i = 0; i < x->rank; i++) {
        const int64_t from = a ? a->ints[i] : (int64_t)(x->rank - 1 - i);
        if (from < 0 || from >= x->rank || seen & 1u << from)
            return eval_refuse(r, WEFT_ERR_FORMAT, "perm is not a permutation");
        seen |= 1u << from;
        perm[i] = (uint32_t)from;
        dims[i] = x->dims[from];
    }
    int rc = nd_new(r, x->type, x->rank, dims, out);
    if (rc != WEFT_OK || out->count == 0)
        return rc;
    nd_strides(x, stride);
    do {
        size_t from = 0;
        for (uint32_t i = 0; i < x->rank; i++)
            from += index[i] * stride[perm[i]];
        copy_element(x, from, out, at++);
    } while (nd_next(x->rank, dims, index));
    return WEFT_OK;
}

int eval_concat(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    uint32_t axis;
    size_t dims[ND_MAX_RANK], outer = 1, inner = 1, total = 0;
    int rc = eval_axis(r, onnx_attr_int(r->node, "axis", 0), in[0]->rank, &axis);
    if (rc != WEFT_OK)
        return rc;
    memcpy(dims, in[0]->dims, sizeof dims);
    for (size_t k = 0; k < count; k++) {
        for (uint32_t i = 0; i < in[0]->rank; i++)
            if (in[k]->rank != in[0]->rank || in[k]->type != in[0]->type ||
                (i != axis && in[k]->dims[i] != dims[i]))
                return eval_refuse(r, WEFT_ERR_SHAPE, "input %zu does not fit the first", k);
        total += in[k]->dims[axis];
    }
    dims[axis] = total;
    rc = nd_new(r, in[0]->type, in[0]->rank, dims, out);
    for (uint32_t i = 0; i < in[0]->rank; i++)
        *(i < axis ? &outer : i > axis ? &inner : &(size_t){ 0 }) *= dims[i];
    size_t at = 0;
    for (size_t o = 0; rc == WEFT_OK && out->count && o < outer; o++)
        for (size_t k = 0; k < count; k++) {
            const size_t piece = in[k]->dims[axis] * inner;
            for (size_t e = 0; e < piece; e++)
                copy_element(in[k], o * piece + e, out, at++);
        }
    return rc;
}

/* begin + k * step along one axis, the others whole. */
static int take_range(eval_run *r, const nd *x, uint32_t axis, size_t begin, size_t length, nd *out)
{
    lists l;
    size_t dims[ND_MAX_RANK];
    memcpy(dims, x->dims, sizeof dims);
    dims[axis] = length;
    int rc = lists_new(r, x, dims, &l);
    for (size_t k = 0; rc == WEFT_OK && k < length; k++)
        l.at[axis][k] = (int64_t)(begin + k);
    if (rc == WEFT_OK)
        rc = take(r, x, &l, NULL, out);
    lists_free(&l);
    return rc;
}

/* Sizes from input 1, from the attribute before opset 13, or equal parts (the last may be less). */
int eval_split(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *x = in[0], *list = count > 1 ? in[1] : NULL;
    const Onnx__AttributeProto *a = onnx_attr(r->node, "split");
    const size_t parts = r->node->n_output;
    int64_t sizes[EVAL_MAX_OUTPUTS];
    size_t given = 0, begin = 0;
    uint32_t axis;
    int rc = eval_axis(r, onnx_attr_int(r->node, "axis", 0), x->rank, &axis);
    if (rc == WEFT_OK && list)
        rc = eval_ints(r, list, EVAL_MAX_OUTPUTS, sizes, &given);
    for (; rc == WEFT_OK && !list && a && given < a->n_ints && given < EVAL_MAX_OUTPUTS; given++)
        sizes[given] = a->ints[given];
    if (rc == WEFT_OK && (list || a) && given != parts)
        rc = eval_refuse(r, WEFT_ERR_SHAPE, "%zu sizes for %zu outputs", given, parts);
    if (rc != WEFT_OK)
        return rc;
    const size_t each = (x->dims[axis] + parts - 1) / parts;
    for (size_t k = 0; k < parts && rc == WEFT_OK; k++) {
        const size_t left = x->dims[axis] - begin;
        const size_t want =
            list || a ? (sizes[k] < 0 ? SIZE_MAX : (size_t)sizes[k]) : (left < each ? left : each);
        if (want > left)
            return eval_refuse(r, WEFT_ERR_SHAPE, "the parts do not fit the input");
        rc = take_range(r, x, axis, begin, want, &out[k]);
        begin += want;
    }
    return rc == WEFT_OK && begin != x->dims[axis]
               ? eval_refuse(r, WEFT_ERR_SHAPE, "the parts do not cover the input")
               : rc;
}

/* --- Slice
 * ---------------------------------------------------------------------------------------- */

typedef struct slice_args {
    int64_t starts[ND_MAX_RANK], ends[ND_MAX_RANK], axes[ND_MAX_RANK], steps[ND_MAX_RANK];
    size_t count;
} slice_args;

static int slice_list(eval_run *r, const nd *list, const char *attribute, int64_t *out,
                      size_t *count)
{
    const Onnx__AttributeProto *a = onnx_attr(r->node, attribute);
    *count = 0;
    if (list)
        return eval_ints(r, list, ND_MAX_RANK, out, count);
    if (a && a->n_ints > ND_MAX_RANK)
        return eval_refuse(r, WEFT_ERR_SHAPE, "too many %s", attribute);
    for (; a && *count < a->n_ints; ++*count)
        out[*count] = a->ints[*count];
    return WEFT_OK;
}

static int read_slice(eval_run *r, const nd *const *in, size_t count, slice_args *s)
{
    size_t ends, axes, steps;
    int rc = slice_list(r, count > 1 ? in[1] : NULL, "starts", s->starts, &s->count);
    if (rc == WEFT_OK)
        rc = slice_list(r, count > 2 ? in[2] : NULL, "ends", s->ends, &ends);
    if (rc == WEFT_OK)
        rc = slice_list(r, count > 3 ? in[3] : NULL, "axes", s->axes, &axes);
    if (rc == WEFT_OK)
        rc = slice_list(r, count > 4 ? in[4] : NULL, "steps", s->steps, &steps);
    if (rc != WEFT_OK)
        return rc;
    if (ends != s->count || (axes && axes != s->count) || (steps && steps != s->count))
        return eval_refuse(r, WEFT_ERR_SHAPE, "its lists have different lengths");
    for (size_t i = 0; i < s->count; i++) {
        s->axes[i] = axes ? s->axes[i] : (int64_t)i;
        s->steps[i] = steps ? s->steps[i] : 1;
        if (s->steps[i] == 0)
            return eval_refuse(r, WEFT_ERR_SHAPE, "a step is 0");
    }
    return WEFT_OK;
}

/* The first position and how many, by the rules of numpy. */
static void slice_bounds(int64_t size, int64_t start, int64_t end, int64_t step, int64_t *first,
                         size_t *length)
{
    start += start < 0 ? size : 0;
    end += end < 0 ? size : 0;
    const int64_t lo = step > 0 ? 0 : -1, hi = step > 0 ? size : size - 1;
    start = start < 0 ? 0 : start > hi ? hi : start;
    end = end < lo ? lo : end > hi ? hi : end;
    *first = start;
    const uint64_t span = step > 0 ? (end > start ? (uint64_t)(end - start) : 0)
                                   : (start > end ? (uint64_t)(start - end) : 0);
    const uint64_t stride = step > 0 ? (uint64_t)step : 0 - (uint64_t)step;
    *length = span ? (size_t)((span - 1) / stride + 1) : 0;
}

int eval_slice(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *x = in[0];
    slice_args s;
    int64_t first[ND_MAX_RANK] = { 0 }, step[ND_MAX_RANK];
    size_t dims[ND_MAX_RANK];
    lists l = { 0 };
    int rc = read_slice(r, in, count, &s);
    memcpy(dims, x->dims, sizeof dims);
    for (uint32_t i = 0; i < ND_MAX_RANK; i++)
        step[i] = 1;
    for (size_t i = 0; rc == WEFT_OK && i < s.count; i++) {
        uint32_t axis = 0;
        rc = eval_axis(r, s.axes[i], x->rank, &axis);
        if (rc != WEFT_OK)
            break;
        slice_bounds((int64_t)x->dims[axis], s.starts[i], s.ends[i], s.steps[i], &first[axis],
                     &dims[axis]);
        step[axis] = s.steps[i];
    }
    if (rc == WEFT_OK)
        rc = lists_new(r, x, dims, &l);
    for (uint32_t i = 0; rc == WEFT_OK && i < x->rank; i++)
        for (size_t k = 0; k < dims[i]; k++)
            l.at[i][k] = first[i] + (int64_t)k * step[i];
    if (rc == WEFT_OK)
        rc = take(r, x, &l, NULL, out);
    lists_free(&l);
    return rc;
}

/* --- Gather, Pad, Expand, Tile
 * -------------------------------------------------------------------- */

int eval_gather(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const nd *x = in[0], *indices = in[1];
    uint32_t axis;
    size_t dims[ND_MAX_RANK], outer = 1, inner = 1, at = 0;
    int rc = eval_axis(r, onnx_attr_int(r->node, "axis", 0), x->rank, &axis);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t rank = x->rank - 1 + indices->rank;
    if (!indices->i || rank > ND_MAX_RANK)
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs integer indices and at most 8 dimensions");
    for (uint32_t i = 0; i < rank; i++)
        dims[i] = i < axis                   ? x->dims[i]
                  : i < axis + indices->rank ? indices->dims[i - axis]
                                             : x->dims[i - indices->rank + 1];
    for (uint32_t i = 0; i < x->rank; i++)
        *(i < axis ? &outer : i > axis ? &inner : &(size_t){ 0 }) *= x->dims[i];
    rc = nd_new(r, x->type, rank, dims, out);
    const int64_t size = (int64_t)x->dims[axis];
    for (size_t o = 0; rc == WEFT_OK && out->count && o < outer; o++)
        for (size_t k = 0; k < indices->count; k++) {
            const int64_t i = indices->i[k] < 0 ? indices->i[k] + size : indices->i[k];
            if (i < 0 || i >= size)
                return eval_refuse(r, WEFT_ERR_RANGE, "index %" PRId64 " of %" PRId64,
                                   indices->i[k], size);
            for (size_t e = 0; e < inner; e++)
                copy_element(x, (o * (size_t)size + (size_t)i) * inner + e, out, at++);
        }
    return rc;
}

/* Where position k of an axis of this size comes from when k lies outside. */
static int64_t beyond(int64_t k, int64_t size, int mirror, int edge)
{
    if (k >= 0 && k < size)
        return k;
    if (edge)
        return size ? (k < 0 ? 0 : size - 1) : OUTSIDE;
    if (!mirror || size < 1)
        return OUTSIDE;
    const int64_t period = size > 1 ? 2 * (size - 1) : 1;
    k = (k % period + period) % period;
    return k < size ? k : period - k;
}

static int read_pads(eval_run *r, const nd *x, const nd *list, const nd *axes, int64_t *pads)
{
    const Onnx__AttributeProto *a = onnx_attr(r->node, "pads");
    int64_t given[2 * ND_MAX_RANK], which[ND_MAX_RANK];
    size_t count = 0, named = x->rank;
    int rc = WEFT_OK;
    memset(pads, 0, 2 * ND_MAX_RANK * sizeof *pads);
    for (uint32_t i = 0; i < ND_MAX_RANK; i++)
        which[i] = i;
    if (list)
        rc = eval_ints(r, list, 2 * ND_MAX_RANK, given, &count);
    for (; !list && a && count < a->n_ints && count < 2 * ND_MAX_RANK; count++)
        given[count] = a->ints[count];
    if (rc == WEFT_OK && axes)
        rc = eval_ints(r, axes, ND_MAX_RANK, which, &named);
    if (rc == WEFT_OK && count != 2 * named)
        rc = eval_refuse(r, WEFT_ERR_SHAPE, "%zu paddings for %zu axes", count, named);
    for (size_t i = 0; rc == WEFT_OK && i < named; i++) {
        uint32_t axis = 0;
        rc = eval_axis(r, which[i], x->rank, &axis);
        if (rc == WEFT_OK && (llabs(given[i]) > (int64_t)EVAL_ELEMENTS ||
                              llabs(given[i + named]) > (int64_t)EVAL_ELEMENTS))
            rc = eval_refuse(r, WEFT_ERR_RANGE, "a padding is out of range");
        pads[axis] = given[i];
        pads[ND_MAX_RANK + axis] = given[i + named];
    }
    return rc;
}

int eval_pad(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *x = in[0], *value = count > 2 ? in[2] : NULL;
    const int mirror = onnx_attr_is(r->node, "mode", "reflect", "constant");
    const int edge = onnx_attr_is(r->node, "mode", "edge", "constant");
    int64_t pads[2 * ND_MAX_RANK];
    size_t dims[ND_MAX_RANK] = { 0 };
    lists l = { 0 };
    float given = onnx_attr_float(r->node, "value", 0.0f);
    nd fill = { .type = x->type, .count = 1, .f = x->f ? &given : NULL };
    if (!mirror && !edge && !onnx_attr_is(r->node, "mode", "constant", "constant"))
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "this mode is not possible");
    if (value && (value->count != 1 || value->type != x->type))
        return eval_refuse(r, WEFT_ERR_SHAPE, "its value must be one number of the input's type");
    int rc = read_pads(r, x, count > 1 ? in[1] : NULL, count > 3 ? in[3] : NULL, pads);
    for (uint32_t i = 0; rc == WEFT_OK && i < x->rank; i++) {
        const int64_t size = (int64_t)x->dims[i] + pads[i] + pads[ND_MAX_RANK + i];
        dims[i] = size > 0 ? (size_t)size : 0;
    }
    if (rc == WEFT_OK)
        rc = lists_new(r, x, dims, &l);
    for (uint32_t i = 0; rc == WEFT_OK && i < x->rank; i++)
        for (size_t k = 0; k < dims[i]; k++)
            l.at[i][k] = beyond((int64_t)k - pads[i], (int64_t)x->dims[i], mirror, edge);
    if (rc == WEFT_OK)
        rc = take(r, x, &l, value ? value : x->f ? &fill : NULL, out);
    lists_free(&l);
    return rc;
}

/* The shape of `list` and the input's broadcast with each other. */
int eval_expand(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    nd x = *in[0]; /* a view with leading ones */
    int64_t want[ND_MAX_RANK];
    size_t rank, dims[ND_MAX_RANK] = { 0 };
    lists l = { 0 };
    int rc = eval_ints(r, in[1], ND_MAX_RANK, want, &rank);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t most = x.rank > rank ? x.rank : (uint32_t)rank;
    for (uint32_t i = 0; i < most; i++) {
        const size_t have = i + x.rank < most ? 1 : in[0]->dims[i + x.rank - most];
        const int64_t ask = i + rank < most ? 1 : want[i + rank - most];
        if (ask < 0 || (have != 1 && ask != 1 && (size_t)ask != have))
            return eval_refuse(r, WEFT_ERR_SHAPE, "%zu does not broadcast to %" PRId64, have, ask);
        dims[i] = have == 1 ? (size_t)ask : have;
    }
    for (uint32_t i = most; i-- > 0;)
        x.dims[i] = i + x.rank < most ? 1 : in[0]->dims[i + x.rank - most];
    x.rank = most;
    rc = lists_new(r, &x, dims, &l);
    for (uint32_t i = 0; rc == WEFT_OK && i < most; i++)
        for (size_t k = 0; x.dims[i] == 1 && k < dims[i]; k++)
            l.at[i][k] = 0;
    if (rc == WEFT_OK)
        rc = take(r, &x, &l, NULL, out);
    lists_free(&l);
    return rc;
}

int eval_tile(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const nd *x = in[0];
    int64_t times[ND_MAX_RANK];
    size_t rank, dims[ND_MAX_RANK] = { 0 };
    lists l = { 0 };
    int rc = eval_ints(r, in[1], ND_MAX_RANK, times, &rank);
    if (rc == WEFT_OK && rank != x->rank)
        rc = eval_refuse(r, WEFT_ERR_SHAPE, "needs a repetition for every axis");
    for (uint32_t i = 0; rc == WEFT_OK && i < x->rank; i++) {
        if (times[i] < 0 || times[i] > (int64_t)EVAL_ELEMENTS)
            return eval_refuse(r, WEFT_ERR_RANGE, "%" PRId64 " repetitions", times[i]);
        dims[i] = x->dims[i] * (size_t)times[i];
    }
    if (rc == WEFT_OK)
        rc = lists_new(r, x, dims, &l);
    for (uint32_t i = 0; rc == WEFT_OK && i < x->rank; i++)
        for (size_t k = 0; k < dims[i]; k++)
            l.at[i][k] = (int64_t)(k % x->dims[i]);
    if (rc == WEFT_OK)
        rc = take(r, x, &l, NULL, out);
    lists_free(&l);
    return rc;
}

/* Both move blocks between channels and pixels of NCHW: element by element. */
static int blocks(eval_run *r, const nd *x, int to_space, nd *out)
{
    const int64_t b = onnx_attr_int(r->node, "blocksize", 0);
    const int crd = onnx_attr_is(r->node, "mode", "CRD", "DCR");
    if (x->rank != 4 || b < 1 || b > 4096)
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs rank 4 and a blocksize");
    const size_t s = (size_t)b, *d = x->dims;
    if (to_space ? d[1] % (s * s) : d[2] % s || d[3] % s)
        return eval_refuse(r, WEFT_ERR_SHAPE, "the blocks do not divide the input");
    const size_t dims[4] = { d[0], to_space ? d[1] / (s * s) : d[1] * s * s,
                             to_space ? d[2] * s : d[2] / s, to_space ? d[3] * s : d[3] / s };
    size_t at[4] = { 0 };
    int rc = nd_new(r, x->type, 4, dims, out);
    if (rc != WEFT_OK || out->count == 0)
        return rc;
    const size_t c_small = to_space ? dims[1] : d[1];
    size_t e = 0;
    do {
        size_t n = at[0], c, y, w;
        if (to_space) {
            const size_t block = at[2] % s * s + at[3] % s;
            c = crd ? at[1] * s * s + block : block * c_small + at[1];
            y = at[2] / s;
            w = at[3] / s;
        } else {
            const size_t block = at[1] / c_small;
            c = at[1] % c_small;
            y = at[2] * s + block / s;
            w = at[3] * s + block % s;
        }
        copy_element(x, ((n * d[1] + c) * d[2] + y) * d[3] + w, out, e++);
    } while (nd_next(4, dims, at));
    return WEFT_OK;
}

int eval_depth_to_space(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    return blocks(r, in[0], 1, out);
}

int eval_space_to_depth(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    return blocks(r, in[0], 0, out);
}
