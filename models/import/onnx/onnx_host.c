/* Nodes of float32, which the host computes. */
#include <string.h>

#include "onnx_ops.h"

int onnx_to_float(onnx_import *im, const char *name, onnx_value *v)
{
    if (v->kind == ONNX_FLOAT)
        return WEFT_OK;
    const weft_tensor *x = &im->graph->tensors[v->tensor];
    weft_tensor_desc d = { .name = name, .dtype = WEFT_FLOAT32, .rank = x->rank };
    memcpy(d.dims, x->dims, sizeof d.dims);
    uint32_t y;
    int rc = weft_graph_add_tensor(im->graph, &d, &y);
    if (rc == WEFT_OK)
        rc = weft_graph_add_node(im->graph,
                                 &(weft_node_desc){ .op = WEFT_OP_DEQUANTIZE,
                                                    .name = name,
                                                    .requant = WEFT_REQUANT_ONNX,
                                                    .input_count = 1,
                                                    .inputs = &v->tensor,
                                                    .output = y },
                                 NULL);
    if (rc != WEFT_OK)
        return weft_error_set(im->err, rc, "no memory for the output \"%.120s\"", name);
    v->kind = ONNX_FLOAT;
    v->tensor = y;
    return WEFT_OK;
}

int onnx_add_softmax(onnx_import *im, const Onnx__NodeProto *node, weft_op op, const char *name,
                     onnx_value *y)
{
    const weft_softmax attr = { 1.0f };
    weft_tensor_desc d = { .name = node->output[0], .dtype = WEFT_FLOAT32, .rank = y->rank };
    uint32_t to;
    int rc = onnx_to_float(im, node->input[0], y);
    if (rc != WEFT_OK)
        return rc;
    d.rank = im->graph->tensors[y->tensor].rank;
    memcpy(d.dims, im->graph->tensors[y->tensor].dims, sizeof d.dims);
    rc = weft_graph_add_tensor(im->graph, &d, &to);
    if (rc == WEFT_OK)
        rc = weft_graph_add_node(im->graph,
                                 &(weft_node_desc){ .op = op,
                                                    .name = name,
                                                    .requant = WEFT_REQUANT_ONNX,
                                                    .input_count = 1,
                                                    .inputs = &y->tensor,
                                                    .output = to,
                                                    .attr = op == WEFT_OP_SOFTMAX ? &attr : NULL },
                                 NULL);
    y->tensor = to;
    return rc == WEFT_OK ? rc : onnx_refuse(im, node, rc, "its output cannot be made");
}
