/* The rules of each operator: one check_<name> per row of ops.def.
 *
 * A check reads the node and its tensors only and returns WEFT_OK or one sentence that begins with
 * the operator and the node's name.  The accumulator bound reads every weight once. */
#include "graph.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "graph_own.h"

#define REFUSE(status, ...) refuse(n, err, status, __VA_ARGS__)

static int refuse(const weft_node *n, weft_error *err, int status, const char *format, ...)
    WEFT_PRINTF(4, 5);

static int refuse(const weft_node *n, weft_error *err, int status, const char *format, ...)
{
    char what[WEFT_ERROR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return weft_error_set(err, status, "%s \"%s\": %s", weft_op_name(n->op), n->name,
                          length < 0 ? "" : what);
}

static const weft_tensor *input_of(const weft_graph *g, const weft_node *n, uint32_t i)
{
    return i < n->input_count && n->inputs[i] != WEFT_NONE ? &g->tensors[n->inputs[i]] : NULL;
}

static int same_dims(const weft_tensor *a, const weft_tensor *b)
{
    return a->rank == b->rank && memcmp(a->dims, b->dims, a->rank * sizeof *a->dims) == 0;
}

static int same_quant(const weft_tensor *a, const weft_tensor *b)
{
    if (a->quant.count == 0 || b->quant.count == 0)
        return a->quant.count == b->quant.count;
    float sa = weft_quant_scale(&a->quant, 0), sb = weft_quant_scale(&b->quant, 0);
    return memcmp(&sa, &sb, sizeof sa) == 0 &&
           weft_quant_zero_point(&a->quant, 0) == weft_quant_zero_point(&b->quant, 0);
}

static int check_types(const weft_graph *g, const weft_node *n, weft_dtype in, weft_dtype out,
                       weft_error *err)
{
    const weft_tensor *x = input_of(g, n, 0), *y = &g->tensors[n->output];
    if (x->dtype != in || x->data)
        return REFUSE(WEFT_ERR_SHAPE, "the input \"%s\" must be an %s activation", x->name,
                      weft_dtype_name(in));
    if (y->dtype != out)
        return REFUSE(WEFT_ERR_SHAPE, "the output \"%s\" must be %s", y->name,
                      weft_dtype_name(out));
    return WEFT_OK;
}

static int check_clamp(const weft_node *n, weft_clamp c, weft_error *err)
{
    if (c.lo < -128 || c.hi > 127 || c.lo > c.hi)
        return REFUSE(WEFT_ERR_RANGE, "the clamp %" PRId32 "..%" PRId32 " is not inside int8", c.lo,
                      c.hi);
    return WEFT_OK;
}

/* --- windows
 * -------------------------------------------------------------------------------------- */

/* Output size along one axis, 0 if the window never fits. */
static uint64_t window_steps(uint64_t in, uint64_t pads, uint64_t extent, uint64_t stride)
{
    return in + pads < extent ? 0 : (in + pads - extent) / stride + 1;
}

static int check_window(const weft_graph *g, const weft_node *n, const weft_window *w,
                        weft_error *err)
{
    const weft_tensor *x = input_of(g, n, 0), *y = &g->tensors[n->output];
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

/* --- operators with weights
 * ------------------------------------------------------------------------ */

/* Requantisation is possible for every channel and no accumulator can overflow. */
static int check_arithmetic(const weft_graph *g, const weft_node *n, weft_error *err)
{
    uint32_t channels = input_of(g, n, 1)->dims[0];
    for (uint32_t co = 0; co < channels; co++) {
        weft_requant rq;
        if (weft_node_requant(g, n, co, &rq) != WEFT_OK)
            return REFUSE(WEFT_ERR_RANGE,
                          "the scales of output channel %" PRIu32
                          " give a factor that cannot be represented",
                          co);
    }
    uint64_t bound = weft_graph_accumulator_bound(g, n);
    if (bound > INT32_MAX)
        return REFUSE(WEFT_ERR_RANGE,
                      "an accumulator could reach %" PRIu64
                      ", above 2^31-1: fewer taps or smaller biases are needed",
                      bound);
    return WEFT_OK;
}

static int check_weights(const weft_graph *g, const weft_node *n, uint32_t rank, weft_error *err)
{
    const weft_tensor *w = input_of(g, n, 1), *b = input_of(g, n, 2);
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

static int check_conv_2d(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_conv_2d *a = &n->attr.conv_2d;
    const weft_tensor *x = input_of(g, n, 0), *w = input_of(g, n, 1), *y = &g->tensors[n->output];
    int rc = check_types(g, n, WEFT_INT8, WEFT_INT8, err);
    if (rc == WEFT_OK)
        rc = check_weights(g, n, 4, err);
    if (rc == WEFT_OK)
        rc = check_window(g, n, &a->window, err);
    if (rc == WEFT_OK)
        rc = check_clamp(n, a->clamp, err);
    if (rc != WEFT_OK)
        return rc;
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
    return check_arithmetic(g, n, err);
}

static int check_fully_connected(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *x = input_of(g, n, 0), *w = input_of(g, n, 1), *y = &g->tensors[n->output];
    int rc = check_types(g, n, WEFT_INT8, WEFT_INT8, err);
    if (rc == WEFT_OK)
        rc = check_weights(g, n, 2, err);
    if (rc == WEFT_OK)
        rc = check_clamp(n, n->attr.fully_connected.clamp, err);
    if (rc != WEFT_OK)
        return rc;
    if (x->rank != 2 || y->rank != 2)
        return REFUSE(WEFT_ERR_SHAPE, "input and output must have rank 2");
    if (x->dims[0] != y->dims[0] || x->dims[1] != w->dims[1] || y->dims[1] != w->dims[0])
        return REFUSE(WEFT_ERR_SHAPE,
                      "input [%" PRIu32 ",%" PRIu32 "], weights [%" PRIu32 ",%" PRIu32
                      "] and output [%" PRIu32 ",%" PRIu32 "] do not fit",
                      x->dims[0], x->dims[1], w->dims[0], w->dims[1], y->dims[0], y->dims[1]);
    return check_arithmetic(g, n, err);
}

/* --- pools
 * ---------------------------------------------------------------------------------------- */

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
    const weft_tensor *x = input_of(g, n, 0), *y = &g->tensors[n->output];
    int rc = check_types(g, n, WEFT_INT8, WEFT_INT8, err);
    if (rc == WEFT_OK)
        rc = check_window(g, n, w, err);
    if (rc == WEFT_OK)
        rc = check_clamp(n, a->clamp, err);
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

static int check_max_pool_2d(const weft_graph *g, const weft_node *n, weft_error *err)
{
    int rc = check_pool(g, n, err);
    if (rc == WEFT_OK && !same_quant(input_of(g, n, 0), &g->tensors[n->output]))
        return REFUSE(WEFT_ERR_SHAPE, "input and output must be quantised alike");
    return rc;
}

static int check_average_pool_2d(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_pool_2d *a = &n->attr.pool_2d;
    int rc = check_pool(g, n, err);
    if (rc != WEFT_OK)
        return rc;
    if (n->requant == WEFT_REQUANT_TFLITE &&
        (a->count_include_pad || !same_quant(input_of(g, n, 0), &g->tensors[n->output])))
        return REFUSE(WEFT_ERR_SHAPE,
                      "the TFLite kind counts no padding and keeps the quantisation");
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

/* --- the rest
 * ------------------------------------------------------------------------------------- */

static int check_add(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *a = input_of(g, n, 0), *b = input_of(g, n, 1), *y = &g->tensors[n->output];
    int rc = check_types(g, n, WEFT_INT8, WEFT_INT8, err);
    if (rc == WEFT_OK)
        rc = check_clamp(n, n->attr.add.clamp, err);
    if (rc != WEFT_OK)
        return rc;
    if (b->data || b->dtype != WEFT_INT8)
        return REFUSE(WEFT_ERR_UNSUPPORTED, "the input \"%s\" must be an int8 activation", b->name);
    if (!same_dims(a, b) || !same_dims(a, y))
        return REFUSE(WEFT_ERR_SHAPE, "both inputs and the output must have one shape");
    int32_t offset = n->attr.add.offset;
    if (offset != 0 && (offset != 128 || n->requant != WEFT_REQUANT_ONNX))
        return REFUSE(WEFT_ERR_RANGE, "the offset is %" PRId32 ", not 0 or (ONNX) 128", offset);
    weft_add_params p;
    if (weft_node_add_params(g, n, &p) != WEFT_OK)
        return REFUSE(WEFT_ERR_RANGE, "the scales give a factor that cannot be represented");
    return WEFT_OK;
}

static int check_table(const weft_graph *g, const weft_node *n, weft_error *err)
{
    int rc = check_types(g, n, WEFT_INT8, WEFT_INT8, err);
    if (rc == WEFT_OK && !same_dims(input_of(g, n, 0), &g->tensors[n->output]))
        return REFUSE(WEFT_ERR_SHAPE, "input and output must have one shape");
    return rc;
}

/* Data only moves: one type, one quantisation. */
static int check_moved(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *x = input_of(g, n, 0), *y = &g->tensors[n->output];
    if (x->data || x->dtype != y->dtype || !same_quant(x, y))
        return REFUSE(WEFT_ERR_SHAPE, "input and output must be activations of one type and scale");
    return WEFT_OK;
}

static int check_reshape(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *x = input_of(g, n, 0), *y = &g->tensors[n->output];
    if (weft_tensor_elements(x) != weft_tensor_elements(y))
        return REFUSE(WEFT_ERR_SHAPE, "%" PRIu64 " elements cannot become %" PRIu64,
                      weft_tensor_elements(x), weft_tensor_elements(y));
    return check_moved(g, n, err);
}

static int check_transpose(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *x = input_of(g, n, 0), *y = &g->tensors[n->output];
    unsigned seen = 0;
    int fits = x->rank == y->rank;
    for (uint32_t i = 0; i < y->rank && fits; i++) {
        uint32_t from = n->attr.transpose.perm[i];
        fits = from < x->rank && !(seen & 1u << from) && y->dims[i] == x->dims[from];
        seen |= fits ? 1u << from : 0;
    }
    if (!fits)
        return REFUSE(WEFT_ERR_SHAPE, "the permutation does not fit the shapes");
    return check_moved(g, n, err);
}

static int check_ends(const weft_graph *g, const weft_node *n, weft_dtype in, weft_dtype out,
                      weft_error *err)
{
    int rc = check_types(g, n, in, out, err);
    if (rc == WEFT_OK && !same_dims(input_of(g, n, 0), &g->tensors[n->output]))
        return REFUSE(WEFT_ERR_SHAPE, "input and output must have one shape");
    return rc;
}

static int check_quantize(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return check_ends(g, n, WEFT_FLOAT32, WEFT_INT8, err);
}

static int check_dequantize(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return check_ends(g, n, WEFT_INT8, WEFT_FLOAT32, err);
}

static int check_softmax(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return check_ends(g, n, WEFT_FLOAT32, WEFT_FLOAT32, err);
}

static int (*const checks[])(const weft_graph *g, const weft_node *n, weft_error *err) = {
#define OP(NAME, name, inputs_min, inputs_max) check_##name,
#include "ops.def"
};

int weft_graph_check_node(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return checks[n->op](g, n, err);
}
