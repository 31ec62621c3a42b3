/* The rules of the operators with weights or windows; the others are in graph_check_move.c and
 * graph_check_elementwise.c.
 *
 * A check reads the node and its tensors only and returns WEFT_OK or one sentence that begins with
 * the operator and the node's name.  The accumulator bound reads every weight once. */
#include "graph.h"

#include <inttypes.h>

#include "graph_own.h"

/* --- windows --- */

/* Output size along one axis, 0 if the window never fits. */
static uint64_t window_steps(uint64_t in, uint64_t pads, uint64_t extent, uint64_t stride)
{
    return in + pads < extent ? 0 : (in + pads - extent) / stride + 1;
}

/* NHWC, one batch, and numbers of a size that cannot overflow. */
static int check_window_fields(const weft_graph *g, const weft_node *n, const weft_window *w,
                               weft_error *err)
{
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    if (x->rank != 4 || y->rank != 4 || x->dims[0] != 1 || y->dims[0] != 1)
        return REFUSE(WEFT_ERR_UNSUPPORTED, "input and output must be NHWC of rank 4 and batch 1");
    const uint32_t limits[] = { w->kernel_h, w->kernel_w,   w->stride_h,
                                w->stride_w, w->dilation_h, w->dilation_w };
    const uint32_t pads[] = { w->pad_top, w->pad_left, w->pad_bottom, w->pad_right };
    for (unsigned i = 0; i < 6; i++)
        if (limits[i] < 1 || limits[i] > UINT16_MAX)
            return REFUSE(WEFT_ERR_RANGE, "kernel, stride and dilation must be 1..65535");
    for (unsigned i = 0; i < 4; i++)
        if (pads[i] > UINT16_MAX)
            return REFUSE(WEFT_ERR_RANGE, "a padding of %" PRIu32 " is above 65535", pads[i]);
    return WEFT_OK;
}

static int check_window(const weft_graph *g, const weft_node *n, const weft_window *w,
                        weft_error *err)
{
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    int rc = check_window_fields(g, n, w, err);
    if (rc != WEFT_OK)
        return rc;
    uint64_t extent_h = (uint64_t)w->dilation_h * (w->kernel_h - 1) + 1;
    uint64_t extent_w = (uint64_t)w->dilation_w * (w->kernel_w - 1) + 1;
    uint64_t ho = window_steps(x->dims[1], w->pad_top + w->pad_bottom, extent_h, w->stride_h);
    uint64_t wo = window_steps(x->dims[2], w->pad_left + w->pad_right, extent_w, w->stride_w);
    if (y->dims[1] != ho || y->dims[2] != wo)
        return REFUSE(WEFT_ERR_SHAPE,
                      "the output is %" PRIu32 "x%" PRIu32 ", the window gives %" PRIu64
                      "x%" PRIu64,
                      y->dims[1], y->dims[2], ho, wo);
    return WEFT_OK;
}

/* --- operators with weights --- */

/* Requantisation is possible for every channel and no accumulator can overflow. */
static int check_arithmetic(const weft_graph *g, const weft_node *n, weft_error *err)
{
    uint32_t channels = weft_node_input(g, n, 1)->dims[0];
    for (uint32_t co = 0; co < channels; co++) {
        weft_requant rq;
        if (weft_node_requant(g, n, co, &rq) != WEFT_OK)
            return REFUSE(WEFT_ERR_RANGE,
                          "the scales of output channel %" PRIu32
                          " give a factor that cannot be represented",
                          co);
    }
    return weft_check_accumulator(g, n, err);
}

static int check_weights(const weft_graph *g, const weft_node *n, uint32_t rank, weft_error *err)
{
    const weft_tensor *w = weft_node_input(g, n, 1), *b = weft_node_input(g, n, 2);
    if (!w->data || w->dtype != WEFT_INT8 || w->rank != rank)
        return REFUSE(WEFT_ERR_UNSUPPORTED, "the weights must be constant int8 of rank %" PRIu32,
                      rank);
    if (w->quant.count < 1 || (w->quant.count > 1 && w->quant.axis != 0))
        return REFUSE(WEFT_ERR_SHAPE,
                      "the weights must have scales, per tensor or per output channel");
    if (b && (!b->data || b->dtype != WEFT_INT32 || b->rank != 1 || b->dims[0] != w->dims[0]))
        return REFUSE(WEFT_ERR_SHAPE, "the bias must be constant int32 [%" PRIu32 "]", w->dims[0]);
    return WEFT_OK;
}

/* Kernel, groups and channels of CONV_2D and TRANSPOSE_CONV. */
static int check_conv_shapes(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_conv_2d *a = &n->attr.conv_2d;
    const weft_tensor *x = weft_node_input(g, n, 0), *w = weft_node_input(g, n, 1);
    const weft_tensor *y = &g->tensors[n->output];
    if (w->dims[1] != a->window.kernel_h || w->dims[2] != a->window.kernel_w)
        return REFUSE(WEFT_ERR_SHAPE,
                      "kernel %" PRIu32 "x%" PRIu32 ", but weights for %" PRIu32 "x%" PRIu32,
                      a->window.kernel_h, a->window.kernel_w, w->dims[1], w->dims[2]);
    if (a->groups < 1 || x->dims[3] % a->groups || w->dims[0] % a->groups ||
        w->dims[3] != x->dims[3] / a->groups)
        return REFUSE(WEFT_ERR_SHAPE,
                      "%" PRIu32 " input channels in %" PRIu32
                      " groups do not fit weights for %" PRIu32 " in and %" PRIu32 " out",
                      x->dims[3], a->groups, w->dims[3], w->dims[0]);
    if (y->dims[3] != w->dims[0])
        return REFUSE(WEFT_ERR_SHAPE, "%" PRIu32 " output channels, but weights for %" PRIu32,
                      y->dims[3], w->dims[0]);
    return WEFT_OK;
}

/* A sum of real numbers: of int8 or float32 by constant int8 weights of this rank, which have scales, a
 * float32 bias or none; no factor has to be represented. */
static int check_real_product(const weft_graph *g, const weft_node *n, uint32_t rank,
                              weft_error *err)
{
    const weft_tensor *x = weft_node_input(g, n, 0), *w = weft_node_input(g, n, 1);
    const weft_tensor *b = weft_node_input(g, n, 2);
    if (n->op == WEFT_OP_TRANSPOSE_CONV || n->requant != WEFT_REQUANT_ONNX ||
        !weft_node_is_real(g, n))
        return REFUSE(WEFT_ERR_UNSUPPORTED, "of this kind its result cannot be float32");
    if (x->data || (x->dtype != WEFT_INT8 && x->dtype != WEFT_FLOAT32))
        return REFUSE(WEFT_ERR_SHAPE, "the input \"%s\" must be an int8 or float32 activation",
                      x->name);
    if (!w->data || w->dtype != WEFT_INT8 || w->rank != rank || w->quant.count < 1 ||
        (w->quant.count > 1 && w->quant.axis != 0))
        return REFUSE(WEFT_ERR_SHAPE, "the weights must be constant int8 of rank %" PRIu32, rank);
    if (b && (!b->data || b->dtype != WEFT_FLOAT32 || b->rank != 1 || b->dims[0] != w->dims[0]))
        return REFUSE(WEFT_ERR_SHAPE, "the bias must be constant float32 [%" PRIu32 "]",
                      w->dims[0]);
    return WEFT_OK;
}

/* The result is int8, or float32 of kind ONNX. */
static int check_result(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const int real = weft_node_is_real(g, n);
    if (real && n->requant != WEFT_REQUANT_ONNX)
        return REFUSE(WEFT_ERR_UNSUPPORTED, "float32 of kind TFLITE is not defined");
    return weft_check_types(g, n, WEFT_INT8, real ? WEFT_FLOAT32 : WEFT_INT8, err);
}

static int check_conv(const weft_graph *g, const weft_node *n,
                      int (*window)(const weft_graph *, const weft_node *, const weft_window *,
                                    weft_error *),
                      weft_error *err)
{
    const weft_conv_2d *a = &n->attr.conv_2d;
    const int real = weft_node_is_real(g, n);
    int rc =
        real ? check_real_product(g, n, 4, err) : weft_check_types(g, n, WEFT_INT8, WEFT_INT8, err);
    if (rc == WEFT_OK && !real)
        rc = check_weights(g, n, 4, err);
    if (rc == WEFT_OK)
        rc = window(g, n, &a->window, err);
    if (rc == WEFT_OK)
        rc = weft_check_clamp(n, a->clamp, err);
    if (rc == WEFT_OK)
        rc = check_conv_shapes(g, n, err);
    return rc == WEFT_OK && !real ? check_arithmetic(g, n, err) : rc;
}

int weft_check_conv_form(const weft_graph *g, const weft_node *n, weft_error *err)
{
    int rc = check_window(g, n, &n->attr.conv_2d.window, err);
    return rc == WEFT_OK ? check_conv_shapes(g, n, err) : rc;
}

int weft_check_conv_2d(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return check_conv(g, n, check_window, err);
}

/* The output size is free, but pads at the end would say it twice. */
static int check_open_window(const weft_graph *g, const weft_node *n, const weft_window *w,
                             weft_error *err)
{
    if (w->pad_bottom || w->pad_right)
        return REFUSE(WEFT_ERR_SHAPE, "pad_bottom and pad_right must be 0");
    return check_window_fields(g, n, w, err);
}

int weft_check_transpose_conv(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return check_conv(g, n, check_open_window, err);
}

/* Sizes of the two matrices, the axes in front broadcasting. */
static int matmul_fits(const weft_tensor *a, const weft_tensor *b, const weft_tensor *y,
                       int transpose_b)
{
    if (a->rank < 2 || b->rank != a->rank || y->rank != a->rank)
        return 0;
    const uint32_t m = a->rank - 2, k = a->rank - 1;
    for (uint32_t i = 0; i < m; i++)
        if (y->dims[i] != (a->dims[i] > b->dims[i] ? a->dims[i] : b->dims[i]) ||
            (a->dims[i] != 1 && a->dims[i] != y->dims[i]) ||
            (b->dims[i] != 1 && b->dims[i] != y->dims[i]))
            return 0;
    return y->dims[m] == a->dims[m] && a->dims[k] == b->dims[transpose_b ? k : m] &&
           y->dims[k] == b->dims[transpose_b ? m : k];
}

int weft_check_matmul(const weft_graph *g, const weft_node *n, weft_error *err)
{
    weft_requant rq;
    const int real = weft_node_is_real(g, n);
    int rc = real ? check_result(g, n, err) : weft_check_operands(g, n, err);
    for (uint32_t i = 0; i < 2 && rc == WEFT_OK && real; i++) {
        const weft_tensor *x = weft_node_input(g, n, i);
        if (x->dtype != WEFT_INT8 || x->quant.count != 1)
            rc = REFUSE(WEFT_ERR_SHAPE, "the input \"%s\" must be int8 with one scale", x->name);
    }
    if (rc == WEFT_OK)
        rc = weft_check_clamp(n, n->attr.matmul.clamp, err);
    if (rc != WEFT_OK)
        return rc;
    if (!matmul_fits(weft_node_input(g, n, 0), weft_node_input(g, n, 1), &g->tensors[n->output],
                     n->attr.matmul.transpose_b))
        return REFUSE(WEFT_ERR_SHAPE, "the two matrices and the output do not fit");
    if (!real && weft_node_requant(g, n, 0, &rq) != WEFT_OK)
        return REFUSE(WEFT_ERR_RANGE, "the scales give a factor that cannot be represented");
    return weft_check_accumulator(g, n, err);
}

int weft_check_dense_form(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *x = weft_node_input(g, n, 0), *w = weft_node_input(g, n, 1),
                      *y = &g->tensors[n->output];
    if (x->rank != 2 || y->rank != 2)
        return REFUSE(WEFT_ERR_SHAPE, "input and output must have rank 2");
    if (x->dims[0] != y->dims[0] || x->dims[1] != w->dims[1] || y->dims[1] != w->dims[0])
        return REFUSE(WEFT_ERR_SHAPE,
                      "input [%" PRIu32 ",%" PRIu32 "], weights [%" PRIu32 ",%" PRIu32
                      "] and output [%" PRIu32 ",%" PRIu32 "] do not fit",
                      x->dims[0], x->dims[1], w->dims[0], w->dims[1], y->dims[0], y->dims[1]);
    return WEFT_OK;
}

int weft_check_gemm(const weft_graph *g, const weft_node *n, weft_error *err)
{
    int rc = check_real_product(g, n, 2, err);
    return rc == WEFT_OK ? weft_check_dense_form(g, n, err) : rc;
}

int weft_check_fully_connected(const weft_graph *g, const weft_node *n, weft_error *err)
{
    int rc = check_result(g, n, err);
    if (rc == WEFT_OK)
        rc = check_weights(g, n, 2, err);
    if (rc == WEFT_OK)
        rc = weft_check_clamp(n, n->attr.fully_connected.clamp, err);
    if (rc == WEFT_OK)
        rc = weft_check_dense_form(g, n, err);
    if (rc != WEFT_OK)
        return rc;
    return weft_node_is_real(g, n) ? weft_check_accumulator(g, n, err)
                                   : check_arithmetic(g, n, err);
}

/* --- pools --- */

/* Does every window along one axis touch the image?  Only the first and the last can miss it, and a
 * dilated one that steps over a narrow image. */
static int windows_touch(uint32_t in, uint32_t steps, uint32_t pad, uint32_t kernel,
                         uint32_t stride, uint32_t dilation)
{
    for (uint32_t o = 0; o < steps; o++) {
        int64_t first = (int64_t)o * stride - pad, taps = 0;
        int64_t skip = first < 0 ? (-first + dilation - 1) / dilation : 0;
        if (skip < kernel && first + skip * dilation < in)
            taps = 1;
        if (!taps)
            return 0;
    }
    return 1;
}

static int check_pool(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_pool_2d *a = &n->attr.pool_2d;
    const weft_window *w = &a->window;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    int rc = weft_check_one_type(g, n, err);
    if (rc == WEFT_OK)
        rc = check_window(g, n, w, err);
    if (rc == WEFT_OK)
        rc = weft_check_clamp(n, a->clamp, err);
    if (rc != WEFT_OK)
        return rc;
    if (y->dims[3] != x->dims[3])
        return REFUSE(WEFT_ERR_SHAPE, "%" PRIu32 " channels in, %" PRIu32 " out", x->dims[3],
                      y->dims[3]);
    if (!windows_touch(x->dims[1], y->dims[1], w->pad_top, w->kernel_h, w->stride_h,
                       w->dilation_h) ||
        !windows_touch(x->dims[2], y->dims[2], w->pad_left, w->kernel_w, w->stride_w,
                       w->dilation_w))
        return REFUSE(WEFT_ERR_UNSUPPORTED, "a window lies in the padding only");
    return WEFT_OK;
}

/* Only averages of kind ONNX have an order of additions. */
static int check_adding(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_pool_2d *a = &n->attr.pool_2d;
    const weft_window *w = &a->window;
    const weft_tensor *x = weft_node_input(g, n, 0);
    if ((unsigned)a->adding >= WEFT_ADD_COUNT ||
        (a->adding && (n->op != WEFT_OP_AVERAGE_POOL_2D || n->requant != WEFT_REQUANT_ONNX)))
        return REFUSE(WEFT_ERR_UNSUPPORTED, "no order of additions %d is defined", (int)a->adding);
    const int of_uint8 = n->op == WEFT_OP_AVERAGE_POOL_2D && n->requant == WEFT_REQUANT_TFLITE;
    if ((a->zero_first && !a->adding) ||
        (a->offset != 0 && (a->offset != 128 || (!a->zero_first && !of_uint8))))
        return REFUSE(WEFT_ERR_RANGE, "the offset is %" PRId32 ", not 0 or (zero point first) 128",
                      a->offset);
    if (a->adding == WEFT_ADD_LANES &&
        (w->kernel_h != x->dims[1] || w->kernel_w != x->dims[2] || w->pad_top || w->pad_left ||
         w->pad_bottom || w->pad_right || w->dilation_h != 1 || w->dilation_w != 1))
        return REFUSE(WEFT_ERR_UNSUPPORTED, "lanes are of the whole image only");
    return WEFT_OK;
}

int weft_check_max_pool_2d(const weft_graph *g, const weft_node *n, weft_error *err)
{
    int rc = check_pool(g, n, err);
    if (rc == WEFT_OK)
        rc = check_adding(g, n, err);
    if (rc == WEFT_OK && !weft_same_quant(weft_node_input(g, n, 0), &g->tensors[n->output]))
        return REFUSE(WEFT_ERR_SHAPE, "input and output must be quantised alike");
    return rc;
}

int weft_check_average_pool_2d(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_pool_2d *a = &n->attr.pool_2d;
    int rc = check_pool(g, n, err);
    if (rc == WEFT_OK)
        rc = check_adding(g, n, err);
    if (rc != WEFT_OK)
        return rc;
    if (n->requant == WEFT_REQUANT_TFLITE &&
        (a->count_include_pad ||
         !weft_same_quant(weft_node_input(g, n, 0), &g->tensors[n->output])))
        return REFUSE(WEFT_ERR_SHAPE,
                      "the TFLite kind counts no padding and keeps the quantisation");
    if (weft_node_is_real(g, n))
        return a->adding != WEFT_ADD_INTEGERS && !a->zero_first
                   ? WEFT_OK
                   : REFUSE(WEFT_ERR_UNSUPPORTED, "float32 has no sum of integers");
    weft_requant_kind kind;
    weft_requant rq;
    uint64_t taps = (uint64_t)a->window.kernel_h * a->window.kernel_w;
    if (taps > 65536)
        return REFUSE(WEFT_ERR_RANGE, "a window of %" PRIu64 " taps is above 65536", taps);
    for (uint32_t some = 1; some <= taps; some++)
        if (weft_node_pool_requant(g, n, some, &kind, &rq) != WEFT_OK)
            return REFUSE(WEFT_ERR_RANGE, "an average of %" PRIu32 " taps cannot be represented",
                          some);
    return WEFT_OK;
}
