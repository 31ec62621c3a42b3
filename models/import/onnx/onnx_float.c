/* Operators whose result the host computes in float32 or finds an index in: Softmax, LogSoftmax,
 * ArgMax, ArgMin; and QLinearSoftmax, int8 to int8. */
#include <inttypes.h>
#include <string.h>

#include "onnx_ops.h"

/* Everything behind the axis has size 1, so that before opset 13 too one axis is meant. */
static int only_ones_behind(const onnx_value *x, int64_t axis)
{
    for (uint32_t i = (uint32_t)axis + 1; i < x->rank; i++)
        if (x->dims[i] != 1)
            return 0;
    return 1;
}

/* The order of axes with this one last; NHWC for the channels of an image. */
static void axis_last(uint32_t rank, uint32_t axis, uint32_t *order)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < rank; i++)
        if (i != axis)
            order[at++] = i;
    order[rank - 1] = axis;
}

/* 1 if nothing but a QuantizeLinear reads the result: ONNX Runtime makes one QLinearSoftmax of
 * these. */
static int is_quantised_only(const onnx_import *im, const Onnx__NodeProto *node)
{
    const uint32_t v = onnx_find(im, node->output[0]);
    const onnx_name *name = v == WEFT_NONE ? NULL : &im->names[v];
    if (!name || name->readers != 1 || name->first_consumer == WEFT_NONE)
        return 0;
    const Onnx__NodeProto *reader = im->proto->node[name->first_consumer];
    return !strcmp(reader->op_type, "QuantizeLinear");
}

/* *y along the last axis: before opset 13 all axes from the given one on are one. */
static int normalised_last(onnx_import *im, const Onnx__NodeProto *node, int one_axis,
                           int64_t otherwise, onnx_value *y)
{
    uint32_t axis, order[WEFT_MAX_RANK], flat[2] = { 1, 1 };
    int rc = onnx_axis(im, node, onnx_attr_int(node, "axis", otherwise), y->rank, &axis);
    if (rc != WEFT_OK)
        return rc;
    if (one_axis) {
        axis_last(y->rank, axis, order);
        return onnx_arrange(im, node, y, order);
    }
    for (uint32_t i = 0; i < y->rank; i++)
        flat[i >= axis] *= y->dims[i];
    y->rank = 2;
    memcpy(y->dims, flat, sizeof flat);
    return onnx_arrange(im, node, y, NULL);
}

/* Softmax between DequantizeLinear and QuantizeLinear. */
static int pending_softmax(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *x)
{
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_SOFTMAX);
    onnx_value y = *x;
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    int rc = normalised_last(im, node, im->opset >= 13, im->opset < 13 ? 1 : -1, &y);
    if (rc != WEFT_OK)
        return rc;
    const weft_tensor *t = &im->graph->tensors[y.tensor];
    p->attr.softmax = (weft_softmax){ 1.0f };
    p->inputs[0] = y.tensor;
    p->input_count = 1;
    p->rank = t->rank;
    memcpy(p->dims, t->dims, sizeof p->dims);
    onnx_value *out = onnx_output(im, node, 0);
    *out = onnx_pending_value(p, x->rank, x->dims, &y.layout);
    out->dtype = x->dtype;
    return WEFT_OK;
}

int onnx_softmax(onnx_import *im, const Onnx__NodeProto *node)
{
    const int logarithm = !strcmp(node->op_type, "LogSoftmax");
    onnx_value *x = onnx_input(im, node, 0);
    uint32_t order[WEFT_MAX_RANK];
    int rc = onnx_product_input(im, node, 0, &x);
    if (rc != WEFT_OK)
        return rc;
    if (!logarithm && x->kind == ONNX_REAL && is_quantised_only(im, node))
        return pending_softmax(im, node, x);
    int64_t axis = onnx_attr_int(node, "axis", im->opset < 13 ? 1 : -1);
    axis += axis < 0 ? (int64_t)x->rank : 0;
    if (x->rank == 0 || axis < 0 || axis >= (int64_t)x->rank ||
        (im->opset < 13 && !only_ones_behind(x, axis)))
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "axis %" PRId64 " of rank %" PRIu32 " is not possible%s", axis, x->rank,
                           im->opset < 13 ? " before opset 13" : "");
    axis_last(x->rank, (uint32_t)axis, order);
    onnx_value y = *x;
    rc = onnx_arrange(im, node, &y, order);
    if (rc == WEFT_OK)
        rc = onnx_add_softmax(im, node, logarithm ? WEFT_OP_LOG_SOFTMAX : WEFT_OP_SOFTMAX,
                              onnx_node_name(node), &y);
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = y;
    return rc;
}

/* com.microsoft: x xs xz ys yz */
int onnx_qlinear_softmax(onnx_import *im, const Onnx__NodeProto *node)
{
    const weft_softmax attr = { 1.0f };
    const Onnx__AttributeProto *opset = onnx_attr(node, "opset");
    onnx_scale scale;
    onnx_value x;
    uint32_t to;
    if (!opset)
        return onnx_refuse(im, node, WEFT_ERR_FORMAT, "does not say its opset");
    int rc = onnx_dequantize(im, node, 0, 0, &x);
    if (rc == WEFT_OK && onnx_is_real_const(&x))
        rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "its input must be an activation");
    if (rc == WEFT_OK)
        rc = onnx_scale_input(im, node, 3, 0, &scale);
    if (rc != WEFT_OK)
        return rc;
    if (!onnx_input(im, node, 4))
        scale.dtype = x.dtype;
    if (scale.quant.count != 1 || scale.dtype != x.dtype)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its output needs one scale and a zero point of the input's type");
    onnx_value y = x;
    rc = normalised_last(im, node, onnx_attr_int(node, "opset", 13) >= 13, -1, &y);
    if (rc == WEFT_OK)
        rc = onnx_add_quant_tensor(im, node->output[0], &y.layout, &scale, &to);
    if (rc != WEFT_OK)
        return rc;
    rc = onnx_add_unary(im, node, WEFT_OP_SOFTMAX, &attr, y.tensor, to);
    x.kind = ONNX_QUANT;
    x.layout = y.layout; /* of two axes before opset 13; its shape is still that of x */
    x.tensor = to;
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = x;
    return rc;
}

/* Of int8 or float32; int32 in the graph, int64 for the user. */
int onnx_arg_max(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x = onnx_input(im, node, 0);
    int rc = x && (x->kind == ONNX_FLOAT || x->kind == ONNX_QUANT)
                 ? WEFT_OK
                 : onnx_real_input(im, node, 0, &x);
    if (rc != WEFT_OK)
        return rc;
    int64_t axis = onnx_attr_int(node, "axis", 0);
    axis += axis < 0 ? (int64_t)x->rank : 0;
    if (axis < 0 || axis >= (int64_t)x->rank)
        return onnx_refuse(im, node, WEFT_ERR_FORMAT, "its axis is not one of the input");
    onnx_value y = *x;
    rc = onnx_arrange(im, node, &y, NULL);
    if (rc != WEFT_OK)
        return rc;
    const weft_argmax attr = { (uint32_t)axis, !strcmp(node->op_type, "ArgMin"),
                               onnx_attr_int(node, "select_last_index", 0) != 0 };
    y.dims[axis] = y.layout.dims[axis] = 1;
    weft_tensor_desc d = { .name = node->output[0], .dtype = WEFT_INT32, .rank = y.rank };
    memcpy(d.dims, y.dims, sizeof d.dims);
    uint32_t to;
    rc = weft_graph_add_tensor(im->graph, &d, &to);
    if (rc == WEFT_OK)
        rc = onnx_add_unary(im, node, WEFT_OP_ARGMAX, &attr, y.tensor, to);
    if (rc != WEFT_OK)
        return onnx_refuse(im, node, rc, "its output cannot be made");
    y.tensor = to;
    y.kind = ONNX_INDEX;
    y.dtype = WEFT_INT64;
    if (!onnx_attr_int(node, "keepdims", 1)) {
        for (uint32_t i = (uint32_t)axis; i + 1 < y.rank; i++)
            y.dims[i] = y.dims[i + 1];
        y.rank--;
    }
    *onnx_output(im, node, 0) = y;
    return WEFT_OK;
}
