/* LayerNormalization between DequantizeLinear and QuantizeLinear, a step of the host. */
#include <inttypes.h>
#include <string.h>

#include "onnx_ops.h"

/* Scale or bias, input i of the node and of *p. */
static int add_floats(onnx_import *im, const Onnx__NodeProto *node, size_t i, uint32_t count,
                      onnx_pending *p)
{
    const float *list = NULL;
    int rc = onnx_floats_input(im, node, i, count, &list);
    if (rc != WEFT_OK)
        return rc;
    const weft_tensor_desc d = { .name = node->input[i],
                                 .dtype = WEFT_FLOAT32,
                                 .rank = 1,
                                 .dims = { count },
                                 .data = list,
                                 .flags = WEFT_TENSOR_BORROW_DATA };
    rc = weft_graph_add_tensor(im->graph, &d, &p->inputs[i]);
    p->input_count = (uint32_t)i + 1;
    return rc == WEFT_OK ? rc : onnx_refuse(im, node, rc, "its constant cannot be stored");
}

static int check_outputs(onnx_import *im, const Onnx__NodeProto *node)
{
    if (onnx_attr_int(node, "stash_type", 1) != 1)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "only stash_type 1 is possible");
    for (size_t i = 1; i < node->n_output; i++)
        if (*node->output[i])
            return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                               "its mean and deviation (\"%.60s\") are not computed",
                               node->output[i]);
    return WEFT_OK;
}

/* The tensor gets the order of the ONNX shape, in which the axes to normalise are the last. */
int onnx_layer_normalization(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x;
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_LAYER_NORMALIZATION);
    weft_layer_normalization a = { .epsilon = onnx_attr_float(node, "epsilon", 1e-5f) };
    uint64_t count = 1;
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    int rc = check_outputs(im, node);
    if (rc == WEFT_OK)
        rc = onnx_real_input(im, node, 0, &x);
    if (rc == WEFT_OK)
        rc = onnx_axis(im, node, onnx_attr_int(node, "axis", -1), x->rank, &a.axis);
    if (rc == WEFT_OK)
        rc = onnx_arrange(im, node, x, NULL);
    if (rc != WEFT_OK)
        return rc;
    for (uint32_t i = a.axis; i < x->rank; i++)
        count *= x->dims[i]; /* of a tensor: below 2^28 */
    rc = add_floats(im, node, 1, (uint32_t)count, p);
    if (rc == WEFT_OK && onnx_input(im, node, 2))
        rc = add_floats(im, node, 2, (uint32_t)count, p);
    if (rc != WEFT_OK)
        return rc;
    const onnx_layout layout = onnx_layout_of(x->rank, x->dims, NULL);
    p->attr.layer_normalization = a;
    p->inputs[0] = x->tensor;
    p->rank = x->rank;
    memcpy(p->dims, x->dims, sizeof p->dims);
    *onnx_output(im, node, 0) = onnx_pending_value(p, x->rank, x->dims, &layout);
    return WEFT_OK;
}
