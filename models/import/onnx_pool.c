/* MaxPool, AveragePool, GlobalAveragePool. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "onnx_import.h"

static int check_rank(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *x)
{
    if (node->n_output > 1 && *node->output[1])
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its second output (Indices) is not possible");
    if (x->rank != 4 || x->dims[0] != 1)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its input must have rank 4 and batch 1, not rank %" PRIu32, x->rank);
    return WEFT_OK;
}

static int append_max_pool(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *x,
                           const weft_pool_2d *attr, onnx_value *y)
{
    const weft_tensor *from = &im->graph->tensors[x->tensor];
    weft_tensor_desc d = { .name = node->output[0], .dtype = WEFT_INT8, .rank = 4 };
    d.dims[0] = 1;
    d.dims[3] = x->dims[1];
    onnx_window_output(&attr->window, x->dims, &d.dims[1], &d.dims[2]);
    d.quant = from->quant;
    uint32_t to;
    int rc = weft_graph_add_tensor(im->graph, &d, &to);
    if (rc == WEFT_OK)
        rc = weft_graph_add_node(im->graph,
                                 &(weft_node_desc){ .op = WEFT_OP_MAX_POOL_2D,
                                                    .name = onnx_node_name(node),
                                                    .requant = WEFT_REQUANT_ONNX,
                                                    .input_count = 1,
                                                    .inputs = &x->tensor,
                                                    .output = to,
                                                    .attr = attr },
                                 NULL);
    if (rc != WEFT_OK)
        return onnx_refuse(im, node, rc, "its output is too large");
    const uint32_t nchw[4] = { 1, d.dims[3], d.dims[1], d.dims[2] };
    *y = *x; /* same type, scale and clamp: the largest of clamped values is the clamped largest */
    y->tensor = to;
    memcpy(y->dims, nchw, sizeof nchw);
    y->layout = onnx_layout_of(4, nchw, onnx_nhwc);
    return WEFT_OK;
}

/* Of int8 directly, or of a REAL view: the largest real number has the largest int8. */
int onnx_max_pool(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x = onnx_input(im, node, 0);
    int view = x && x->tensor != WEFT_NONE && (x->kind == ONNX_QUANT || x->kind == ONNX_REAL);
    int rc = view ? WEFT_OK : onnx_real_input(im, node, 0, &x);
    if (rc == WEFT_OK)
        rc = check_rank(im, node, x);
    weft_pool_2d attr = { .clamp = { -128, 127 } };
    if (rc == WEFT_OK)
        rc = onnx_attr_window(im, node, x->dims, NULL, &attr.window);
    if (rc == WEFT_OK)
        rc = onnx_arrange(im, node, x, onnx_nhwc);
    return rc == WEFT_OK ? append_max_pool(im, node, x, &attr, onnx_output(im, node, 0)) : rc;
}

static int average(onnx_import *im, const Onnx__NodeProto *node, onnx_value *x,
                   const weft_pool_2d *attr)
{
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_AVERAGE_POOL_2D);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    int rc = onnx_arrange(im, node, x, onnx_nhwc);
    if (rc != WEFT_OK)
        return rc;
    p->attr.pool_2d = *attr;
    p->inputs[0] = x->tensor;
    p->input_count = 1;
    p->rank = 4;
    p->dims[0] = 1;
    p->dims[3] = x->dims[1];
    onnx_window_output(&attr->window, x->dims, &p->dims[1], &p->dims[2]);
    const uint32_t nchw[4] = { 1, p->dims[3], p->dims[1], p->dims[2] };
    onnx_layout layout = onnx_layout_of(4, nchw, onnx_nhwc);
    *onnx_output(im, node, 0) = onnx_pending_value(p, 4, nchw, &layout);
    return WEFT_OK;
}

int onnx_average_pool(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x;
    weft_pool_2d attr = { .count_include_pad = onnx_attr_int(node, "count_include_pad", 0) != 0 };
    int rc = onnx_real_input(im, node, 0, &x);
    if (rc == WEFT_OK)
        rc = check_rank(im, node, x);
    if (rc == WEFT_OK)
        rc = onnx_attr_window(im, node, x->dims, NULL, &attr.window);
    return rc == WEFT_OK ? average(im, node, x, &attr) : rc;
}

int onnx_global_average_pool(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x;
    int rc = onnx_real_input(im, node, 0, &x);
    if (rc == WEFT_OK)
        rc = check_rank(im, node, x);
    if (rc != WEFT_OK)
        return rc;
    weft_pool_2d attr = { .window = { x->dims[2], x->dims[3], 1, 1, 1, 1, 0, 0, 0, 0 } };
    return average(im, node, x, &attr);
}
