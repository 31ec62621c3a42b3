/* Operators that put data together and take it apart: Transpose, Concat, Split, Slice. */
#include <inttypes.h>
#include <string.h>

#include "eval_lists.h"

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
        eval_copy_element(x, from, out, at++);
    } while (nd_next(x->rank, dims, index));
    return WEFT_OK;
}

int eval_concat(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    uint32_t axis;
    size_t dims[ND_MAX_RANK], outer = 1, inner = 1, total = 0;
    if (!onnx_attr(r->node, "axis")) /* 1 before opset 4, a must since */
        return eval_refuse(r, WEFT_ERR_FORMAT, "has no axis");
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
                eval_copy_element(in[k], o * piece + e, out, at++);
        }
    return rc;
}

/* begin + k * step along one axis, the others whole. */
static int take_range(eval_run *r, const nd *x, uint32_t axis, size_t begin, size_t length, nd *out)
{
    eval_lists l;
    size_t dims[ND_MAX_RANK];
    memcpy(dims, x->dims, sizeof dims);
    dims[axis] = length;
    int rc = eval_lists_new(r, x, dims, &l);
    for (size_t k = 0; rc == WEFT_OK && k < length; k++)
        l.at[axis][k] = (int64_t)(begin + k);
    if (rc == WEFT_OK)
        rc = eval_take(r, x, &l, NULL, out);
    eval_lists_free(&l);
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

/* --- Slice --- */

typedef struct slice_args {
    int64_t starts[ND_MAX_RANK], ends[ND_MAX_RANK], axes[ND_MAX_RANK], steps[ND_MAX_RANK];
    size_t count;
} slice_args;

static int read_slice(eval_run *r, const nd *const *in, size_t count, slice_args *s)
{
    size_t ends, axes, steps;
    int rc = eval_list(r, count > 1 ? in[1] : NULL, "starts", s->starts, &s->count);
    if (rc == WEFT_OK)
        rc = eval_list(r, count > 2 ? in[2] : NULL, "ends", s->ends, &ends);
    if (rc == WEFT_OK)
        rc = eval_list(r, count > 3 ? in[3] : NULL, "axes", s->axes, &axes);
    if (rc == WEFT_OK)
        rc = eval_list(r, count > 4 ? in[4] : NULL, "steps", s->steps, &steps);
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
    eval_lists l = { 0 };
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
        rc = eval_lists_new(r, x, dims, &l);
    for (uint32_t i = 0; rc == WEFT_OK && i < x->rank; i++)
        for (size_t k = 0; k < dims[i]; k++)
            l.at[i][k] = first[i] + (int64_t)k * step[i];
    if (rc == WEFT_OK)
        rc = eval_take(r, x, &l, NULL, out);
    eval_lists_free(&l);
    return rc;
}
