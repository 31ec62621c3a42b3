/* In which order ONNX Runtime adds what it averages: that decides where the mean lies on a half.
 *
 * DequantizeLinear, AveragePool, QuantizeLinear of one type are QLinearAveragePool to it, as long
 * as nothing but a Relu that changes nothing lies between and no dilations are named: float32, row
 * by row, the zero point added before the rounding; of a window that is the whole image, and
 * GlobalAveragePool, the integer sum.  Whatever it does not fuse is its float32 AveragePool: from
 * opset 19 on row by row; before that by columns if the stride along them is 1 or 2, and by lanes
 * over the whole image, as GlobalAveragePool always. */
#include <string.h>

#include "onnx_ops.h"

enum { SMALL_KERNEL = 32, REDUCTION_ROOM = 2045 }; /* of the kernel that adds columns */

static int is_whole(const weft_window *w, const weft_tensor *x)
{
    return w->kernel_h == x->dims[1] && w->kernel_w == x->dims[2] &&
           !(w->pad_top | w->pad_left | w->pad_bottom | w->pad_right);
}

weft_adding onnx_adding_of_floats(const onnx_import *im, const Onnx__NodeProto *pool,
                                  const weft_window *w, const weft_tensor *x)
{
    if (strcmp(pool->op_type, "GlobalAveragePool") == 0)
        return WEFT_ADD_LANES;
    if (im->opset >= 19)
        return WEFT_ADD_ROWS;
    if (is_whole(w, x) && w->stride_h == 1 && w->stride_w == 1)
        return WEFT_ADD_LANES;
    const int small = w->kernel_h <= SMALL_KERNEL && w->kernel_w <= SMALL_KERNEL &&
                      (uint64_t)w->pad_left + w->pad_right + x->dims[2] <= REDUCTION_ROOM;
    return w->stride_w <= 2 && small ? WEFT_ADD_COLUMNS : WEFT_ADD_ROWS;
}

static const Onnx__NodeProto *maker_of(const onnx_import *im, const char *name)
{
    const uint32_t at = onnx_find(im, name);
    const uint32_t node = at == WEFT_NONE ? WEFT_NONE : im->names[at].producer;
    return node == WEFT_NONE ? NULL : im->proto->node[node];
}

static int is_op(const Onnx__NodeProto *node, const char *op)
{
    return node && strcmp(node->op_type, op) == 0;
}

/* Only one node reads the first output of this one, and it is no output of the network. */
static int has_one_reader(const onnx_import *im, const Onnx__NodeProto *node)
{
    uint32_t readers = 0;
    for (size_t i = 0; i < im->proto->n_node; i++)
        for (size_t k = 0; k < im->proto->node[i]->n_input; k++)
            readers += !strcmp(im->proto->node[i]->input[k], node->output[0]);
    for (size_t i = 0; i < im->proto->n_output; i++)
        if (strcmp(im->proto->output[i]->name, node->output[0]) == 0)
            return 0;
    return readers == 1;
}

/* `last` quantises the result of `pool`, which it and its DequantizeLinear fuse with. */
static int is_fused(onnx_import *im, const Onnx__NodeProto *last, const Onnx__NodeProto *pool,
                    const weft_pool_2d *a, weft_dtype dtype)
{
    const Onnx__NodeProto *at = maker_of(im, last->input[0]);
    if (is_op(at, "Relu") && a->clamp.lo == INT8_MIN && has_one_reader(im, at))
        at = maker_of(im, at->input[0]);
    return at == pool && has_one_reader(im, pool) && !onnx_attr(pool, "dilations") &&
           is_op(maker_of(im, pool->input[0]), "DequantizeLinear") &&
           onnx_input(im, pool, 0)->dtype == dtype;
}

void onnx_settle_average(onnx_import *im, const Onnx__NodeProto *last, onnx_pending *p,
                         weft_dtype dtype)
{
    const weft_tensor *x = &im->graph->tensors[p->inputs[0]];
    weft_pool_2d *a = &p->attr.pool_2d;
    const int global = strstr(p->source->op_type, "GlobalAveragePool") != NULL;
    if (p->source != last && !is_fused(im, last, p->source, a, dtype)) {
        a->adding = onnx_adding_of_floats(im, p->source, &a->window, x);
    } else if (!global && !is_whole(&a->window, x)) {
        a->adding = WEFT_ADD_ROWS;
        a->zero_first = 1;
        a->offset = dtype == WEFT_UINT8 ? 128 : 0;
    }
}
