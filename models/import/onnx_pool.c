/* MaxPool, AveragePool, the global ones, ReduceMean. */
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
    *y = *x; /* same type, scale and function */
    y->tensor = to;
    memcpy(y->dims, nchw, sizeof nchw);
    y->layout = onnx_layout_of(4, nchw, onnx_nhwc);
    return WEFT_OK;
}

/* int8, or a REAL view whose function never falls: the largest number has the largest int8. */
static int max_input(onnx_import *im, const Onnx__NodeProto *node, onnx_value **out)
{
    onnx_value *x = onnx_input(im, node, 0);
    int view = x && x->tensor != WEFT_NONE && (x->kind == ONNX_QUANT || x->kind == ONNX_REAL);
    int rc = view ? WEFT_OK : onnx_real_input(im, node, 0, &x);
    for (int i = 1; rc == WEFT_OK && x->real && i < 256; i++)
        if (!(x->real[i] >= x->real[i - 1]))
            rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                             "of a function that falls; put QuantizeLinear and DequantizeLinear "
                             "before it");
    *out = x;
    return rc == WEFT_OK ? check_rank(im, node, x) : rc;
}

int onnx_global_max_pool(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x;
    int rc = max_input(im, node, &x);
    if (rc == WEFT_OK)
        rc = onnx_arrange(im, node, x, onnx_nhwc);
    if (rc != WEFT_OK)
        return rc;
    const weft_pool_2d attr = { .window = { x->dims[2], x->dims[3], 1, 1, 1, 1, 0, 0, 0, 0 },
                                .clamp = { -128, 127 } };
    return append_max_pool(im, node, x, &attr, onnx_output(im, node, 0));
}

int onnx_max_pool(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x;
    int rc = max_input(im, node, &x);
    weft_pool_2d attr = { .clamp = { -128, 127 } };
    if (rc == WEFT_OK)
        rc = onnx_attr_window(im, node, x->dims, NULL, &attr.window);
    if (rc == WEFT_OK)
        rc = onnx_arrange(im, node, x, onnx_nhwc);
    return rc == WEFT_OK ? append_max_pool(im, node, x, &attr, onnx_output(im, node, 0)) : rc;
}

int onnx_build_average(onnx_import *im, const Onnx__NodeProto *node, onnx_value *x,
                       const weft_pool_2d *attr, onnx_value *out)
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
    *out = onnx_pending_value(p, 4, nchw, &layout);
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
    return rc == WEFT_OK ? onnx_build_average(im, node, x, &attr, onnx_output(im, node, 0)) : rc;
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
    return onnx_build_average(im, node, x, &attr, onnx_output(im, node, 0));
}

/* The axes of a ReduceMean, an attribute before opset 18, as a bit set; all if none are named. */
static int mean_axes(onnx_import *im, const Onnx__NodeProto *node, uint32_t rank, unsigned *set)
{
    const Onnx__AttributeProto *a = onnx_attr(node, "axes");
    onnx_const c = { .dtype = WEFT_INT64 };
    int rc = onnx_input(im, node, 1) ? onnx_const_input(im, node, 1, &c) : WEFT_OK;
    const uint64_t count = a ? a->n_ints : c.count;
    if (rc == WEFT_OK && c.dtype != WEFT_INT64)
        rc = onnx_refuse(im, node, WEFT_ERR_SHAPE, "the axes must be int64");
    *set = count ? 0 : (1u << rank) - 1;
    for (uint64_t i = 0; i < count && rc == WEFT_OK; i++) {
        int64_t axis = a ? a->ints[i] : ((const int64_t *)c.data)[i];
        axis += axis < 0 ? (int64_t)rank : 0;
        if (axis < 0 || axis >= rank)
            return onnx_refuse(im, node, WEFT_ERR_SHAPE, "an axis is out of range");
        *set |= 1u << axis;
    }
    return rc;
}

int onnx_reduce_mean(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x;
    unsigned set;
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_MEAN);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    int rc = onnx_real_input(im, node, 0, &x);
    if (rc == WEFT_OK)
        rc = mean_axes(im, node, x->rank, &set);
    if (rc == WEFT_OK && set == 0)
        return onnx_identity(im, node);
    if (rc == WEFT_OK && (x->layout.rank != x->rank ||
                          memcmp(x->layout.dims, x->dims, x->rank * sizeof *x->dims) != 0))
        rc = onnx_arrange(im, node, x, NULL);
    if (rc != WEFT_OK)
        return rc;
    onnx_value y = *x;
    p->inputs[0] = x->tensor;
    p->input_count = 1;
    p->rank = x->rank;
    for (uint32_t i = 0; i < x->rank; i++) {
        const uint32_t axis = x->layout.perm[i]; /* of the ONNX shape */
        p->attr.mean.axes |= (set >> axis & 1) << i;
        p->dims[i] = set >> axis & 1 ? 1 : x->dims[axis];
        y.dims[axis] = y.layout.dims[axis] = p->dims[i];
    }
    y = onnx_pending_value(p, y.rank, y.dims, &y.layout);
    if (!onnx_attr_int(node, "keepdims", 1)) {
        y.rank = 0;
        for (uint32_t i = 0; i < x->rank; i++)
            if (!(set >> i & 1))
                y.dims[y.rank++] = x->dims[i];
    }
    *onnx_output(im, node, 0) = y;
    return WEFT_OK;
}
