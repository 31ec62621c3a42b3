/* Operators that take parts of data: Slice, Split, Gather.
 *
 * They commute with every function of one number, so they work on int8 values and on REAL views
 * alike; what they fill in must be a value the int8 has. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onnx_ops.h"

int onnx_moved_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_value **out)
{
    onnx_value *v = onnx_input(im, node, i);
    *out = v;
    if (v && v->tensor != WEFT_NONE &&
        (v->kind == ONNX_QUANT || v->kind == ONNX_REAL || v->kind == ONNX_FLOAT))
        return WEFT_OK;
    return onnx_real_input(im, node, i, out);
}

int onnx_unshape(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v)
{
    if (v->layout.rank == v->rank &&
        memcmp(v->layout.dims, v->dims, v->rank * sizeof *v->dims) == 0)
        return WEFT_OK;
    return onnx_arrange(im, node, v, NULL);
}

int onnx_append_moved(onnx_import *im, const Onnx__NodeProto *node, weft_op op, const void *attr,
                      const onnx_value *v, const uint32_t *dims, onnx_value *y)
{
    uint32_t canonical[WEFT_MAX_RANK];
    onnx_value result = *v;
    for (uint32_t i = 0; i < v->rank; i++)
        canonical[i] = dims[v->layout.perm[i]];
    int rc = onnx_append(im, node, op, attr, v->rank, canonical, &result.tensor);
    memcpy(result.dims, dims, v->rank * sizeof *dims);
    result.layout = onnx_layout_of(v->rank, dims, v->layout.perm);
    if (rc == WEFT_OK)
        *y = result;
    return rc;
}

/* --- Slice, Split, Gather --- */

/* begin, stride and length along each ONNX axis. */
typedef struct cut {
    int64_t begin[WEFT_MAX_RANK], stride[WEFT_MAX_RANK];
    uint32_t length[WEFT_MAX_RANK];
} cut;

static cut whole(const onnx_value *v)
{
    cut c;
    for (uint32_t i = 0; i < WEFT_MAX_RANK; i++) {
        c.begin[i] = 0;
        c.stride[i] = 1;
        c.length[i] = i < v->rank ? v->dims[i] : 1;
    }
    return c;
}

static int append_cut(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v, const cut *c,
                      onnx_value *y)
{
    weft_slice attr = { { 0 }, { 0 } };
    int changes = 0;
    int rc = onnx_unshape(im, node, v);
    if (rc != WEFT_OK)
        return rc;
    for (uint32_t i = 0; i < v->rank; i++) {
        const uint32_t axis = v->layout.perm[i];
        if (c->length[axis] == 0)
            return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "its result is empty");
        attr.begin[i] = (uint32_t)c->begin[axis];
        attr.stride[i] = (int32_t)c->stride[axis];
        changes |= c->length[axis] != v->dims[axis] || c->stride[axis] != 1;
    }
    if (changes)
        return onnx_append_moved(im, node, WEFT_OP_SLICE, &attr, v, c->length, y);
    *y = *v;
    return WEFT_OK;
}

int onnx_list_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, const char *name,
                    int64_t *out, size_t *count)
{
    const Onnx__AttributeProto *a = onnx_attr(node, name);
    onnx_const c;
    *count = 0;
    if (onnx_input(im, node, i)) {
        int rc = onnx_const_input(im, node, i, &c);
        if (rc != WEFT_OK)
            return rc;
        if ((c.dtype != WEFT_INT64 && c.dtype != WEFT_INT32) || c.rank > 1 ||
            c.count > WEFT_MAX_INPUTS)
            return onnx_refuse(im, node, WEFT_ERR_SHAPE, "%s must be a list of integers", name);
        for (; *count < c.count; ++*count)
            out[*count] = c.dtype == WEFT_INT64 ? ((const int64_t *)c.data)[*count]
                                                : ((const int32_t *)c.data)[*count];
        return WEFT_OK;
    }
    for (; a && *count < a->n_ints && *count < WEFT_MAX_INPUTS; ++*count)
        out[*count] = a->ints[*count];
    return WEFT_OK;
}

int onnx_axis(onnx_import *im, const Onnx__NodeProto *node, int64_t axis, uint32_t rank,
              uint32_t *out)
{
    axis += axis < 0 ? (int64_t)rank : 0;
    if (axis < 0 || axis >= rank)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "axis %" PRId64 " is out of range", axis);
    *out = (uint32_t)axis;
    return WEFT_OK;
}

static int64_t limited(int64_t v, int64_t size, int64_t lo, int64_t hi)
{
    v += v < 0 ? size : 0;
    return v < lo ? lo : v > hi ? hi : v;
}

int onnx_slice(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *v;
    int64_t lists[4][WEFT_MAX_INPUTS];
    size_t count[4];
    static const char *const names[4] = { "starts", "ends", "axes", "steps" };
    int rc = onnx_moved_input(im, node, 0, &v);
    for (size_t k = 0; k < 4 && rc == WEFT_OK; k++)
        rc = onnx_list_input(im, node, k + 1, names[k], lists[k], &count[k]);
    if (rc == WEFT_OK && (count[0] != count[1] || (count[2] && count[2] != count[0]) ||
                          (count[3] && count[3] != count[0])))
        rc = onnx_refuse(im, node, WEFT_ERR_SHAPE, "its lists have different lengths");
    if (rc != WEFT_OK)
        return rc;
    cut c = whole(v);
    for (size_t i = 0; i < count[0]; i++) {
        uint32_t axis = 0;
        rc = onnx_axis(im, node, count[2] ? lists[2][i] : (int64_t)i, v->rank, &axis);
        if (rc != WEFT_OK)
            return rc;
        const int64_t size = v->dims[axis], step = count[3] ? lists[3][i] : 1;
        if (step == 0 || step > INT32_MAX || step < -INT32_MAX)
            return onnx_refuse(im, node, WEFT_ERR_RANGE, "a step is 0 or too large");
        const int64_t begin = limited(lists[0][i], size, 0, step > 0 ? size : size - 1);
        const int64_t end = limited(lists[1][i], size, step > 0 ? 0 : -1, size);
        const int64_t span = step > 0 ? end - begin : begin - end, stride = step > 0 ? step : -step;
        c.begin[axis] = begin;
        c.stride[axis] = step;
        c.length[axis] = span > 0 ? (uint32_t)((span - 1) / stride + 1) : 0;
        if (c.length[axis] == 1)
            c.stride[axis] = 1;
    }
    return append_cut(im, node, v, &c, onnx_output(im, node, 0));
}

int onnx_split(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *v;
    int64_t sizes[WEFT_MAX_INPUTS];
    size_t given = 0;
    uint32_t axis = 0, begin = 0;
    int rc = onnx_moved_input(im, node, 0, &v);
    if (rc == WEFT_OK)
        rc = onnx_axis(im, node, onnx_attr_int(node, "axis", 0), v->rank, &axis);
    if (rc == WEFT_OK)
        rc = onnx_list_input(im, node, 1, "split", sizes, &given);
    if (rc == WEFT_OK && given && given != node->n_output)
        rc = onnx_refuse(im, node, WEFT_ERR_SHAPE, "%zu sizes for %zu outputs", given,
                         node->n_output);
    if (rc == WEFT_OK) /* every part must find the same view */
        rc = onnx_unshape(im, node, v);
    for (size_t k = 0; k < node->n_output && rc == WEFT_OK; k++) {
        const uint32_t left = v->dims[axis] - begin;
        const uint64_t each = (v->dims[axis] + node->n_output - 1) / node->n_output;
        const uint64_t want =
            given ? (sizes[k] < 0 ? UINT64_MAX : (uint64_t)sizes[k]) : (left < each ? left : each);
        if (want > left || want == 0)
            return onnx_refuse(im, node, WEFT_ERR_SHAPE, "the parts do not fit the input");
        cut c = whole(v);
        c.begin[axis] = begin;
        c.length[axis] = (uint32_t)want;
        if (onnx_output(im, node, k))
            rc = append_cut(im, node, v, &c, onnx_output(im, node, k));
        begin += (uint32_t)want;
    }
    return rc == WEFT_OK && begin != v->dims[axis]
               ? onnx_refuse(im, node, WEFT_ERR_SHAPE, "the parts do not cover the input")
               : rc;
}

/* Constant indices that are one number or go in even steps: a slice. */
int onnx_gather(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *v, y;
    int64_t at[WEFT_MAX_INPUTS];
    size_t count;
    uint32_t axis = 0;
    int rc = onnx_moved_input(im, node, 0, &v);
    if (rc == WEFT_OK)
        rc = onnx_axis(im, node, onnx_attr_int(node, "axis", 0), v->rank, &axis);
    if (rc == WEFT_OK)
        rc = onnx_list_input(im, node, 1, "indices", at, &count);
    if (rc != WEFT_OK)
        return rc;
    const int64_t size = v->dims[axis];
    for (size_t i = 0; i < count; i++) {
        at[i] += at[i] < 0 ? size : 0;
        if (at[i] < 0 || at[i] >= size)
            return onnx_refuse(im, node, WEFT_ERR_RANGE, "an index is outside the input");
        if (i > 1 && at[i] - at[i - 1] != at[1] - at[0])
            return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                               "only indices in even steps are possible");
    }
    cut c = whole(v);
    c.begin[axis] = count ? at[0] : 0;
    c.stride[axis] = count > 1 ? at[1] - at[0] : 1;
    c.length[axis] = (uint32_t)count;
    if (c.stride[axis] == 0)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "an index is repeated");
    rc = append_cut(im, node, v, &c, &y);
    if (rc == WEFT_OK && onnx_input(im, node, 1)->constant.rank == 0) {
        for (uint32_t i = axis; i + 1 < y.rank; i++)
            y.dims[i] = y.dims[i + 1];
        y.rank--;
    }
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = y;
    return rc;
}
