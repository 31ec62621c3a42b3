/* Operators whose result the host computes in float32 or finds an index in: Softmax, LogSoftmax,
 * ArgMax, ArgMin. */
#include <inttypes.h>
#include <string.h>

#include "onnx_import.h"

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

int onnx_softmax(onnx_import *im, const Onnx__NodeProto *node)
{
    const int logarithm = !strcmp(node->op_type, "LogSoftmax");
    const weft_softmax attr = { 1.0f };
    onnx_value *x = onnx_input(im, node, 0);
    uint32_t order[WEFT_MAX_RANK], to;
    int rc = x && x->kind == ONNX_FLOAT ? WEFT_OK : onnx_real_input(im, node, 0, &x);
    if (rc != WEFT_OK)
        return rc;
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
        rc = onnx_to_float(im, node->input[0], &y);
    if (rc != WEFT_OK)
        return rc;
    weft_tensor_desc d = { .name = node->output[0], .dtype = WEFT_FLOAT32, .rank = y.rank };
    memcpy(d.dims, im->graph->tensors[y.tensor].dims, sizeof d.dims);
    rc = weft_graph_add_tensor(im->graph, &d, &to);
    if (rc == WEFT_OK)
        rc = weft_graph_add_node(
            im->graph,
            &(weft_node_desc){ .op = logarithm ? WEFT_OP_LOG_SOFTMAX : WEFT_OP_SOFTMAX,
                               .name = onnx_node_name(node),
                               .requant = WEFT_REQUANT_ONNX,
                               .input_count = 1,
                               .inputs = &y.tensor,
                               .output = to,
                               .attr = logarithm ? NULL : &attr },
            NULL);
    y.tensor = to;
    *onnx_output(im, node, 0) = y;
    return rc == WEFT_OK ? rc : onnx_refuse(im, node, rc, "its output cannot be made");
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
        rc = weft_graph_add_node(im->graph,
                                 &(weft_node_desc){ .op = WEFT_OP_ARGMAX,
                                                    .name = onnx_node_name(node),
                                                    .requant = WEFT_REQUANT_ONNX,
                                                    .input_count = 1,
                                                    .inputs = &y.tensor,
                                                    .output = to,
                                                    .attr = &attr },
                                 NULL);
    if (rc != WEFT_OK)
        return onnx_refuse(im, node, rc, "its output cannot be made");
    y.tensor = to;
    y.kind = ONNX_INDEX;
    if (!onnx_attr_int(node, "keepdims", 1)) {
        for (uint32_t i = (uint32_t)axis; i + 1 < y.rank; i++)
            y.dims[i] = y.dims[i + 1];
        y.rank--;
    }
    *onnx_output(im, node, 0) = y;
    return WEFT_OK;
}
