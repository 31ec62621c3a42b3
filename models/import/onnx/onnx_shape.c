/* Operators that only change the view: nothing is computed, nothing moves yet. */
#include <inttypes.h>
#include <string.h>

#include "onnx_ops.h"

/* The output starts as the same value, unless that is a constant behind DequantizeLinear: then all
 * is done. */
static int same_view(onnx_import *im, const Onnx__NodeProto *node, onnx_value **out)
{
    const onnx_value *v = onnx_input(im, node, 0);
    *out = NULL;
    if (!v || v->kind == ONNX_CONST)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "its input must be known");
    if (onnx_is_real_const(v))
        return onnx_move_constant(im, node, v);
    *out = onnx_output(im, node, 0);
    **out = *v;
    return WEFT_OK;
}

int onnx_identity(onnx_import *im, const Onnx__NodeProto *node)
{
    if (onnx_input(im, node, 0) == NULL)
        return onnx_refuse(im, node, WEFT_ERR_FORMAT, "has no input");
    *onnx_output(im, node, 0) = *onnx_input(im, node, 0);
    return WEFT_OK;
}

/* Inference only: the input as it is, no mask. */
int onnx_dropout(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_const training;
    if (node->n_output > 1 && *node->output[1])
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "its mask is not possible");
    if (onnx_input(im, node, 2)) {
        int rc = onnx_const_input(im, node, 2, &training);
        if (rc != WEFT_OK)
            return rc;
        if (training.count != 1 || training.dtype != WEFT_BOOL || *(const uint8_t *)training.data)
            return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "training_mode is not possible");
    }
    return onnx_identity(im, node);
}

/* The shape a value is seen with, WIDE or not; its base is zeroed. */
static onnx_wide shape_of(const onnx_value *v)
{
    onnx_wide s = { .rank = v->rank };
    if (v->kind == ONNX_WIDE) {
        s = *v->wide;
        s.base = (onnx_value){ .kind = ONNX_UNSET };
    } else if (onnx_is_real_const(v)) {
        s.rank = v->constant.rank;
        memcpy(s.dims, v->constant.dims, s.rank * sizeof *s.dims);
    } else {
        memcpy(s.dims, v->dims, s.rank * sizeof *s.dims);
    }
    return s;
}

/* *v is seen with another shape of as many elements: WIDE beyond six axes. */
static int see(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v, uint32_t rank,
               const uint32_t *dims)
{
    onnx_value base = v->kind == ONNX_WIDE ? v->wide->base : *v;
    if (rank <= WEFT_MAX_RANK) {
        base.rank = rank;
        memcpy(base.dims, dims, rank * sizeof *dims);
        *v = base;
        return WEFT_OK;
    }
    onnx_wide *wide = weft_graph_alloc(im->graph, sizeof *wide);
    if (!wide)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    *wide = (onnx_wide){ .rank = rank, .base = base };
    memcpy(wide->dims, dims, rank * sizeof *dims);
    *v = (onnx_value){ .kind = ONNX_WIDE, .tensor = WEFT_NONE, .wide = wide };
    return WEFT_OK;
}

/* Shape and Size of anything whose shape is known, which is everything. */
int onnx_shape(onnx_import *im, const Onnx__NodeProto *node)
{
    const onnx_value *v = onnx_input(im, node, 0);
    nd x = { .type = ONNX__TENSOR_PROTO__DATA_TYPE__INT64, .count = 1 }, out = { 0 };
    const nd *in[] = { &x };
    if (!v)
        return onnx_refuse(im, node, WEFT_ERR_FORMAT, "has no input");
    const onnx_wide s = shape_of(v);
    x.rank = s.rank;
    for (uint32_t i = 0; i < x.rank; i++) {
        x.dims[i] = s.dims[i];
        x.count *= x.dims[i];
    }
    int rc = onnx_evaluate(im, node, in, 1, &out);
    onnx_value *y = onnx_output(im, node, 0);
    *y = (onnx_value){ .kind = ONNX_CONST, .tensor = WEFT_NONE };
    if (rc == WEFT_OK)
        rc = onnx_from_nd(im, node, &out, &y->constant);
    nd_free(&out);
    return rc;
}

static int is_reshaped(const onnx_value *v)
{
    return v->rank != v->layout.rank ||
           memcmp(v->dims, v->layout.dims, v->rank * sizeof *v->dims) != 0;
}

/* Axis i of *v becomes its axis from[i]. */
static int permute(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v,
                   const uint32_t *from)
{
    uint32_t inverse[WEFT_MAX_RANK], dims[WEFT_MAX_RANK];
    int rc = WEFT_OK;
    if (is_reshaped(v)) {
        if (v->kind == ONNX_PENDING)
            return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                               "between an operator and its "
                               "QuantizeLinear");
        rc = onnx_arrange(im, node, v, NULL);
    }
    for (uint32_t i = 0; i < v->rank; i++) {
        inverse[from[i]] = i;
        dims[i] = v->dims[from[i]];
    }
    for (uint32_t i = 0; i < v->rank; i++)
        v->layout.perm[i] = inverse[v->layout.perm[i]];
    memcpy(v->dims, dims, v->rank * sizeof *dims);
    memcpy(v->layout.dims, dims, v->rank * sizeof *dims);
    return rc;
}

/* The same of a WIDE value: its axes of 1 are left out. */
static int permute_wide(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v,
                        const uint32_t *from)
{
    const onnx_wide s = shape_of(v);
    uint32_t longer = 0, at[ONNX_MAX_RANK], dims[ONNX_MAX_RANK], order[ONNX_MAX_RANK], count = 0;
    uint32_t compact[ONNX_MAX_RANK];
    for (uint32_t i = 0; i < s.rank; i++) {
        at[i] = longer;
        if (s.dims[i] > 1)
            compact[longer++] = s.dims[i];
    }
    if (longer > WEFT_MAX_RANK)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "more than 6 axes are longer than 1");
    for (uint32_t i = 0; i < s.rank; i++) {
        dims[i] = s.dims[from[i]];
        if (dims[i] > 1)
            order[count++] = at[from[i]];
    }
    int rc = see(im, node, v, longer, compact);
    if (rc == WEFT_OK)
        rc = permute(im, node, v, order);
    return rc == WEFT_OK ? see(im, node, v, s.rank, dims) : rc;
}

int onnx_transpose(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *v;
    int rc = same_view(im, node, &v);
    if (rc != WEFT_OK || !v)
        return rc;
    const Onnx__AttributeProto *a = onnx_attr(node, "perm");
    const uint32_t rank = shape_of(v).rank;
    uint32_t from[ONNX_MAX_RANK];
    unsigned seen = 0;
    if (a && a->n_ints != rank)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "perm has %zu axes, the input %" PRIu32,
                           a->n_ints, rank);
    for (uint32_t i = 0; i < rank; i++) {
        const int64_t axis = a ? a->ints[i] : (int64_t)(rank - 1 - i);
        if (axis < 0 || axis >= rank || (seen & 1u << axis))
            return onnx_refuse(im, node, WEFT_ERR_FORMAT, "perm is not a permutation");
        seen |= 1u << axis;
        from[i] = (uint32_t)axis;
    }
    return v->kind == ONNX_WIDE ? permute_wide(im, node, v, from) : permute(im, node, v, from);
}

/* Give v the shape dims, at most one of them WEFT_NONE ("whatever is left"). */
static int set_shape(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v, uint32_t rank,
                     const uint32_t *dims)
{
    const onnx_wide s = shape_of(v);
    uint64_t have = 1, known = 1;
    uint32_t open = WEFT_NONE, full[ONNX_MAX_RANK];
    for (uint32_t i = 0; i < s.rank; i++)
        have *= s.dims[i];
    for (uint32_t i = 0; i < rank; i++) {
        if (dims[i] == WEFT_NONE && open != WEFT_NONE)
            return onnx_refuse(im, node, WEFT_ERR_FORMAT, "more than one -1 in the new shape");
        if (dims[i] == WEFT_NONE)
            open = i;
        else if (dims[i] == 0 || (known *= dims[i]) > WEFT_MAX_ELEMENTS)
            return onnx_refuse(im, node, WEFT_ERR_SHAPE, "the new shape is empty or too large");
    }
    if (open == WEFT_NONE ? known != have : have % known != 0)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                           "%" PRIu64 " elements do not fit the new shape (%" PRIu64 ")", have,
                           known);
    for (uint32_t i = 0; i < rank; i++)
        full[i] = i == open ? (uint32_t)(have / known) : dims[i];
    return see(im, node, v, rank, full);
}

int onnx_reshape(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *v;
    onnx_const shape;
    int rc = same_view(im, node, &v);
    if (rc == WEFT_OK && !v)
        return rc;
    if (rc == WEFT_OK)
        rc = onnx_const_input(im, node, 1, &shape);
    if (rc != WEFT_OK)
        return rc;
    if (shape.dtype != WEFT_INT64 || shape.rank != 1 || shape.count > ONNX_MAX_RANK)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "the new shape must be int64 of at most %d numbers", ONNX_MAX_RANK);
    const int allows_zero = onnx_attr_int(node, "allowzero", 0) != 0;
    const onnx_wide now = shape_of(v);
    uint32_t dims[ONNX_MAX_RANK] = { 0 };
    for (uint32_t i = 0; i < shape.count; i++) {
        int64_t d = ((const int64_t *)shape.data)[i];
        if (d == 0 && allows_zero)
            return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                               "with allowzero 1 the new shape has no elements");
        if (d < -1 || d > (int64_t)WEFT_MAX_ELEMENTS || (d == 0 && i >= now.rank))
            return onnx_refuse(im, node, WEFT_ERR_SHAPE, "the new shape holds %" PRId64, d);
        dims[i] = d == -1 ? WEFT_NONE : d == 0 ? now.dims[i] : (uint32_t)d;
    }
    return set_shape(im, node, v, (uint32_t)shape.count, dims);
}

int onnx_flatten(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *v;
    int rc = same_view(im, node, &v);
    if (rc != WEFT_OK || !v)
        return rc;
    const onnx_wide now = shape_of(v);
    int64_t axis = onnx_attr_int(node, "axis", 1);
    if (axis < 0)
        axis += now.rank;
    if (axis < 0 || axis > now.rank)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "axis is outside the input");
    uint32_t dims[2] = { 1, WEFT_NONE };
    for (int64_t i = 0; i < axis; i++)
        dims[0] *= now.dims[i];
    return set_shape(im, node, v, 2, dims);
}

/* The axes of Squeeze and Unsqueeze, an attribute before opset 13, as a bit set over rank. */
static int axes_of(onnx_import *im, const Onnx__NodeProto *node, uint32_t rank, unsigned *set)
{
    const Onnx__AttributeProto *a = onnx_attr(node, "axes");
    onnx_const c = { .dtype = WEFT_INT64 };
    if (!a) {
        int rc = onnx_const_input(im, node, 1, &c);
        if (rc != WEFT_OK)
            return rc;
    }
    uint64_t count = a ? a->n_ints : c.count;
    *set = 0;
    if (c.dtype != WEFT_INT64)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "the axes must be int64");
    for (uint64_t i = 0; i < count; i++) {
        int64_t axis = a ? a->ints[i] : ((const int64_t *)c.data)[i];
        axis += axis < 0 ? (int64_t)rank : 0;
        if (axis < 0 || axis >= rank || (*set & 1u << axis))
            return onnx_refuse(im, node, WEFT_ERR_SHAPE, "an axis is out of range or repeated");
        *set |= 1u << axis;
    }
    return WEFT_OK;
}

int onnx_squeeze(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *v;
    unsigned axes = 0;
    int rc = same_view(im, node, &v);
    if (rc != WEFT_OK || !v)
        return rc;
    const onnx_wide now = shape_of(v);
    if (node->n_input > 1 || onnx_attr(node, "axes"))
        rc = axes_of(im, node, now.rank, &axes);
    else
        for (uint32_t i = 0; i < now.rank; i++)
            axes |= now.dims[i] == 1 ? 1u << i : 0;
    uint32_t dims[ONNX_MAX_RANK], rank = 0;
    for (uint32_t i = 0; i < now.rank; i++)
        if (!(axes & 1u << i))
            dims[rank++] = now.dims[i];
    return rc == WEFT_OK ? set_shape(im, node, v, rank, dims) : rc;
}

int onnx_unsqueeze(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *v;
    unsigned axes = 0;
    int rc = same_view(im, node, &v);
    if (rc != WEFT_OK || !v)
        return rc;
    const Onnx__AttributeProto *a = onnx_attr(node, "axes");
    onnx_const c = { .count = a ? a->n_ints : 0 };
    if (!a)
        rc = onnx_const_input(im, node, 1, &c);
    const onnx_wide now = shape_of(v);
    const uint64_t rank = now.rank + c.count;
    if (rc == WEFT_OK && rank > ONNX_MAX_RANK)
        rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "the result has more than %d dimensions",
                         ONNX_MAX_RANK);
    if (rc == WEFT_OK)
        rc = axes_of(im, node, (uint32_t)rank, &axes);
    uint32_t dims[ONNX_MAX_RANK];
    for (uint32_t i = 0, from = 0; rc == WEFT_OK && i < rank; i++)
        dims[i] = axes & 1u << i ? 1 : now.dims[from++];
    return rc == WEFT_OK ? set_shape(im, node, v, (uint32_t)rank, dims) : rc;
}
