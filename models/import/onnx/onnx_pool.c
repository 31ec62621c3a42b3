/* MaxPool, AveragePool, the global ones, ReduceMean. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "onnx_ops.h"

static int check_outputs(onnx_import *im, const Onnx__NodeProto *node)
{
    return node->n_output > 1 && *node->output[1]
               ? onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                             "its second output (Indices) is not possible")
               : WEFT_OK;
}

static int append_max_pool(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *x,
                           const weft_pool_2d *attr, onnx_value *y)
{
    const weft_tensor *from = &im->graph->tensors[x->tensor];
    weft_tensor_desc d = { .name = node->output[0], .dtype = from->dtype, .rank = 4 };
    d.dims[0] = x->dims[0];
    d.dims[3] = x->dims[1];
    onnx_window_output(&attr->window, x->dims, &d.dims[1], &d.dims[2]);
    d.quant = from->quant;
    uint32_t to;
    int rc = weft_graph_add_tensor(im->graph, &d, &to);
    if (rc != WEFT_OK)
        return onnx_refuse(im, node, rc, "its output is too large");
    rc = onnx_add_unary(im, node, WEFT_OP_MAX_POOL_2D, attr, x->tensor, to);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t nchw[4] = { d.dims[0], d.dims[3], d.dims[1], d.dims[2] };
    *y = *x; /* same type, scale and function */
    y->tensor = to;
    memcpy(y->dims, nchw, sizeof nchw);
    y->layout = onnx_layout_of(4, nchw, onnx_nhwc);
    return WEFT_OK;
}

/* int8, or a REAL view whose function never falls: the largest number has the largest int8; of one
 * that falls float32. */
static int max_input(onnx_import *im, const Onnx__NodeProto *node, onnx_value **out,
                     onnx_value *copy, uint32_t *spatial)
{
    onnx_value *x = onnx_input(im, node, 0);
    int rc = onnx_moved_input(im, node, 0, &x);
    for (int i = 1; rc == WEFT_OK && x->real && i < 256; i++)
        if (!(x->real[i] >= x->real[i - 1]))
            rc = onnx_to_real(im, node, x);
    *out = x;
    if (rc == WEFT_OK)
        rc = check_outputs(im, node);
    return rc == WEFT_OK ? onnx_image(im, node, out, copy, spatial) : rc;
}

int onnx_global_max_pool(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x, copy, *y = onnx_output(im, node, 0);
    uint32_t spatial = 2;
    int rc = max_input(im, node, &x, &copy, &spatial);
    if (rc == WEFT_OK)
        rc = onnx_arrange(im, node, x, onnx_nhwc);
    if (rc != WEFT_OK)
        return rc;
    const weft_pool_2d attr = { .window = { x->dims[2], x->dims[3], 1, 1, 1, 1, 0, 0, 0, 0 },
                                .clamp = { -128, 127 } };
    rc = append_max_pool(im, node, x, &attr, y);
    onnx_from_image(y, spatial);
    return rc;
}

int onnx_max_pool(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x, copy, *y = onnx_output(im, node, 0);
    uint32_t spatial = 2;
    weft_pool_2d attr = { .clamp = { -128, 127 } };
    int rc = max_input(im, node, &x, &copy, &spatial);
    if (rc == WEFT_OK)
        rc = onnx_attr_window(im, node, spatial, x->dims, NULL, &attr.window);
    if (rc == WEFT_OK)
        rc = onnx_arrange(im, node, x, onnx_nhwc);
    if (rc == WEFT_OK)
        rc = append_max_pool(im, node, x, &attr, y);
    onnx_from_image(y, rc == WEFT_OK ? spatial : 2);
    return rc;
}

static int build_average(onnx_import *im, const Onnx__NodeProto *node, onnx_value *x,
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
    p->dims[0] = x->dims[0];
    p->dims[3] = x->dims[1];
    onnx_window_output(&attr->window, x->dims, &p->dims[1], &p->dims[2]);
    const uint32_t nchw[4] = { p->dims[0], p->dims[3], p->dims[1], p->dims[2] };
    onnx_layout layout = onnx_layout_of(4, nchw, onnx_nhwc);
    *out = onnx_pending_value(p, 4, nchw, &layout);
    return WEFT_OK;
}

/* With a window, or over the whole image. */
int onnx_average(onnx_import *im, const Onnx__NodeProto *node, onnx_value *x, int global,
                 onnx_value *y)
{
    weft_pool_2d attr = { .count_include_pad = onnx_attr_int(node, "count_include_pad", 0) != 0 };
    onnx_value copy;
    uint32_t spatial = 2;
    int rc = onnx_image(im, node, &x, &copy, &spatial);
    if (rc == WEFT_OK && global)
        attr.window = (weft_window){ x->dims[2], x->dims[3], 1, 1, 1, 1, 0, 0, 0, 0 };
    else if (rc == WEFT_OK)
        rc = onnx_attr_window(im, node, spatial, x->dims, NULL, &attr.window);
    if (rc == WEFT_OK)
        rc = build_average(im, node, x, &attr, y);
    onnx_from_image(y, rc == WEFT_OK ? spatial : 2);
    return rc;
}

static int average_node(onnx_import *im, const Onnx__NodeProto *node, int global)
{
    onnx_value *x, y;
    int rc = onnx_product_input(im, node, 0, &x);
    if (rc == WEFT_OK)
        rc = onnx_average(im, node, x, global, &y);
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = y;
    return rc;
}

int onnx_average_pool(onnx_import *im, const Onnx__NodeProto *node)
{
    return average_node(im, node, 0);
}

int onnx_global_average_pool(onnx_import *im, const Onnx__NodeProto *node)
{
    return average_node(im, node, 1);
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

/* How ONNX Runtime adds, by which of neighbouring axes are averaged.  Of kept, averaged, kept and
 * averaged, kept, averaged it has fast ways only if the first or the kept one is not below two or
 * the number of its threads; Weft takes them from two on. */
static weft_mean_adding mean_adding(const onnx_value *x, unsigned set)
{
    uint64_t size[WEFT_MAX_RANK + 1] = { 0 };
    uint32_t groups = 0;
    for (uint32_t i = 0; i < x->rank; i++)
        if (i > 0 && (set >> i & 1) == (set >> (i - 1) & 1))
            size[groups - 1] *= x->dims[i];
        else
            size[groups++] = x->dims[i];
    const unsigned averaged_first = set & 1;
    if (groups <= 2)
        return averaged_first && groups == 2 ? WEFT_MEAN_ONE_BY_ONE : WEFT_MEAN_RUNS;
    if (groups > 3 || size[averaged_first] < 2)
        return WEFT_MEAN_ONE_BY_ONE;
    return averaged_first ? WEFT_MEAN_RUNS : WEFT_MEAN_FOURS;
}

int onnx_reduce_mean(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x;
    unsigned set;
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_MEAN);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    int rc = onnx_product_input(im, node, 0, &x);
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
    p->attr.mean.adding = mean_adding(x, set);
    for (uint32_t i = 0; i < x->rank; i++) {
        const uint32_t axis = x->layout.perm[i]; /* of the ONNX shape */
        p->attr.mean.order |= i << (axis * WEFT_MEAN_ORDER_BITS);
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
