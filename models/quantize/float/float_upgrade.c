/* Nodes of older versions as opset 13 writes them. */
#include <math.h>
#include <string.h>

#include "float_fold.h"

/* The list attribute becomes constant input `at`; absent ones in between stay absent. */
static int list_to_input(float_net *net, uint32_t node, const char *name, uint32_t at,
                         weft_error *err)
{
    const float_node *n = &net->nodes[node];
    const Onnx__AttributeProto *a = onnx_attr(n->proto, name);
    uint32_t in[8], list;
    if (!a || at >= 8 || n->in_count > at)
        return WEFT_OK;
    for (uint32_t i = 0; i < at; i++)
        in[i] = i < n->in_count ? n->in[i] : FLOAT_NONE;
    int rc = float_add_ints(net, net->values[n->out[0]].name, name, a->n_ints, a->ints, &list, err);
    if (rc == WEFT_OK)
        rc = float_drop_attribute(net, node, name, err);
    in[at] = list;
    return rc == WEFT_OK ? float_set_inputs(net, node, at + 1, in, err) : rc;
}

/* The same for one float that is there or has a default. */
static int number_to_input(float_net *net, uint32_t node, const char *name, uint32_t at,
                           weft_error *err)
{
    const float_node *n = &net->nodes[node];
    const Onnx__AttributeProto *a = onnx_attr(n->proto, name);
    uint32_t in[8], number;
    if (!a || at >= 8 || n->in_count > at)
        return WEFT_OK;
    for (uint32_t i = 0; i < at; i++)
        in[i] = i < n->in_count ? n->in[i] : FLOAT_NONE;
    int rc = float_add_floats(net, net->values[n->out[0]].name, name, 0, NULL, &a->f, &number, err);
    if (rc == WEFT_OK)
        rc = float_drop_attribute(net, node, name, err);
    in[at] = number;
    return rc == WEFT_OK ? float_set_inputs(net, node, at + 1, in, err) : rc;
}

/* Resize of opset 10 and Upsample: x / scale, rounded down. */
static int upgrade_resize(float_net *net, uint32_t node, weft_error *err)
{
    const float_node *n = &net->nodes[node];
    const Onnx__AttributeProto *list = onnx_attr(n->proto, "scales");
    const int linear = onnx_attr_is(n->proto, "mode", "linear", "nearest");
    uint32_t in[3] = { n->in[0], FLOAT_NONE, n->in_count > 1 ? n->in[1] : FLOAT_NONE };
    int rc = WEFT_OK;
    if (list && in[2] == FLOAT_NONE)
        rc = float_add_floats(net, net->values[n->out[0]].name, "scales", 1, &list->n_floats,
                              list->floats, &in[2], err);
    if (rc == WEFT_OK)
        rc = float_set_op(net, node, "Resize", err);
    if (rc == WEFT_OK)
        rc = float_set_text(net, node, "mode", linear ? "linear" : "nearest", err);
    if (rc == WEFT_OK)
        rc = float_set_text(net, node, "coordinate_transformation_mode", "asymmetric", err);
    if (rc == WEFT_OK && !linear)
        rc = float_set_text(net, node, "nearest_mode", "floor", err);
    return rc == WEFT_OK ? float_set_inputs(net, node, 3, in, err) : rc;
}

/* Before opset 13 everything from the axis on is one; that is the same where all but one of these
 * sizes are 1. */
static int upgrade_softmax(float_net *net, uint32_t node, weft_error *err)
{
    const float_node *n = &net->nodes[node];
    const nd *x = &net->values[n->in[0]].shape;
    const int64_t given = onnx_attr_int(n->proto, "axis", 1);
    const int64_t from = given < 0 ? given + (int64_t)x->rank : given;
    int64_t axis = from;
    unsigned larger = 0;
    for (int64_t i = from; i >= 0 && i < (int64_t)x->rank; i++)
        if (x->dims[i] != 1) {
            axis = i;
            larger++;
        }
    if (larger > 1)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                              "%s \"%.80s\": before opset 13 it is over several axes; export with "
                              "opset 13",
                              n->proto->op_type, net->values[n->out[0]].name);
    return float_set_int(net, node, "axis", axis, err);
}

static int upgrade_node(float_net *net, uint32_t i, weft_error *err)
{
    int rc = WEFT_OK;
    if (float_is(net, i, "Squeeze") || float_is(net, i, "Unsqueeze"))
        return list_to_input(net, i, "axes", 1, err);
    if (float_is(net, i, "Split"))
        return list_to_input(net, i, "split", 1, err);
    if (float_is(net, i, "Upsample") || (float_is(net, i, "Resize") && net->opset < 11))
        return upgrade_resize(net, i, err);
    if (float_is(net, i, "Softmax") || float_is(net, i, "LogSoftmax"))
        return upgrade_softmax(net, i, err);
    if (float_is(net, i, "Clip")) {
        rc = number_to_input(net, i, "min", 1, err);
        return rc == WEFT_OK ? number_to_input(net, i, "max", 2, err) : rc;
    }
    if (float_is(net, i, "Pad")) {
        rc = list_to_input(net, i, "pads", 1, err);
        return rc == WEFT_OK ? number_to_input(net, i, "value", 2, err) : rc;
    }
    if (float_is(net, i, "Slice")) {
        rc = list_to_input(net, i, "starts", 1, err);
        if (rc == WEFT_OK)
            rc = list_to_input(net, i, "ends", 2, err);
        return rc == WEFT_OK ? list_to_input(net, i, "axes", 3, err) : rc;
    }
    return rc;
}

int float_upgrade(float_net *net, weft_error *err)
{
    int rc = WEFT_OK;
    for (uint32_t i = 0; net->opset < 13 && i < net->node_count && rc == WEFT_OK; i++)
        if (!net->nodes[i].dead)
            rc = upgrade_node(net, i, err);
    net->opset = net->opset < 13 ? 13 : net->opset;
    return rc;
}
