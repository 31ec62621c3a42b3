/* Operators with windows or weights: convolution, fully connected, pools.
 *
 * Loops in the order of the formula, int32 accumulators (their bound is proved by
 * weft_graph_check), index arithmetic in the open.  The other operators are in
 * ref_ops_elementwise.c. */
#include "ref_ops.h"

static const weft_tensor *input_of(const weft_graph *g, const weft_node *n, uint32_t i)
{
    return i < n->input_count && n->inputs[i] != WEFT_NONE ? &g->tensors[n->inputs[i]] : NULL;
}

/* Taps k first .. end-1 of output position o are inside 0 .. in-1; their row is base + k *
 * dilation. */
typedef struct taps {
    int64_t base;
    uint32_t first, end;
} taps;

static taps taps_inside(uint32_t o, uint32_t in, uint32_t pad, uint32_t kernel, uint32_t stride,
                        uint32_t dilation)
{
    taps t = { .base = (int64_t)o * stride - pad, .first = 0, .end = kernel };
    while (t.first < kernel && t.base + (int64_t)t.first * dilation < 0)
        t.first++;
    while (t.end > t.first && t.base + (int64_t)(t.end - 1) * dilation >= in)
        t.end--;
    return t;
}

static taps rows_inside(const weft_window *w, uint32_t oy, uint32_t height)
{
    return taps_inside(oy, height, w->pad_top, w->kernel_h, w->stride_h, w->dilation_h);
}

static taps columns_inside(const weft_window *w, uint32_t ox, uint32_t width)
{
    return taps_inside(ox, width, w->pad_left, w->kernel_w, w->stride_w, w->dilation_w);
}

/* Index of x[0][row of ky][column of kx][c] in an NHWC tensor. */
static size_t at_nhwc(const weft_tensor *x, const weft_window *w, taps rows, uint32_t ky,
                      taps columns, uint32_t kx, uint32_t c)
{
    size_t iy = (size_t)(rows.base + (int64_t)ky * w->dilation_h);
    size_t ix = (size_t)(columns.base + (int64_t)kx * w->dilation_w);
    return (iy * x->dims[2] + ix) * x->dims[3] + c;
}

static int8_t finish_channel(const weft_graph *g, const weft_node *n, uint32_t co, int32_t acc,
                             weft_clamp clamp)
{
    weft_requant rq = { 0 };
    (void)weft_node_requant(g, n, co, &rq); /* cannot fail: checked */
    int32_t zp = weft_quant_zero_point(&g->tensors[n->output].quant, 0);
    return (int8_t)weft_requant_finish(weft_requantize(n->requant, acc, rq), zp, clamp.lo,
                                       clamp.hi);
}

/* Sum over the window for output channel co: x NHWC, w [Co][kh][kw][Ci/groups]. */
static int32_t conv_sum(const weft_graph *g, const weft_node *n, const int8_t *x, const int8_t *w,
                        taps rows, taps columns, uint32_t co)
{
    const weft_conv_2d *a = &n->attr.conv_2d;
    const weft_tensor *xt = input_of(g, n, 0), *wt = input_of(g, n, 1);
    uint32_t ci_count = wt->dims[3];
    uint32_t ci_first = co / (wt->dims[0] / a->groups) * ci_count;
    int32_t zp_x = weft_quant_zero_point(&xt->quant, 0);
    int32_t zp_w = weft_quant_zero_point(&wt->quant, co);
    int32_t acc = 0;
    for (uint32_t ky = rows.first; ky < rows.end; ky++)
        for (uint32_t kx = columns.first; kx < columns.end; kx++) {
            const int8_t *xs = x + at_nhwc(xt, &a->window, rows, ky, columns, kx, ci_first);
            const int8_t *ws = w + (((size_t)co * wt->dims[1] + ky) * wt->dims[2] + kx) * ci_count;
            for (uint32_t ci = 0; ci < ci_count; ci++)
                acc += (xs[ci] - zp_x) * (ws[ci] - zp_w);
        }
    return acc;
}

void weft_ref_conv_2d(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const weft_conv_2d *a = &n->attr.conv_2d;
    const weft_tensor *x = input_of(g, n, 0), *y = &g->tensors[n->output];
    const int32_t *bias = n->input_count > 2 ? in[2] : NULL;
    int8_t *to = out;
    for (uint32_t oy = 0; oy < y->dims[1]; oy++) {
        taps rows = rows_inside(&a->window, oy, x->dims[1]);
        for (uint32_t ox = 0; ox < y->dims[2]; ox++) {
            taps columns = columns_inside(&a->window, ox, x->dims[2]);
            for (uint32_t co = 0; co < y->dims[3]; co++) {
                int32_t acc = conv_sum(g, n, in[0], in[1], rows, columns, co);
                *to++ = finish_channel(g, n, co, acc + (bias ? bias[co] : 0), a->clamp);
            }
        }
    }
}

void weft_ref_fully_connected(const weft_graph *g, const weft_node *n, const void *const *in,
                              void *out)
{
    const weft_tensor *x = input_of(g, n, 0), *w = input_of(g, n, 1);
    const int32_t *bias = n->input_count > 2 ? in[2] : NULL;
    uint32_t ci_count = w->dims[1];
    int32_t zp_x = weft_quant_zero_point(&x->quant, 0);
    int8_t *to = out;
    for (uint32_t m = 0; m < x->dims[0]; m++)
        for (uint32_t co = 0; co < w->dims[0]; co++) {
            const int8_t *xs = (const int8_t *)in[0] + (size_t)m * ci_count;
            const int8_t *ws = (const int8_t *)in[1] + (size_t)co * ci_count;
            int32_t zp_w = weft_quant_zero_point(&w->quant, co);
            int32_t acc = bias ? bias[co] : 0;
            for (uint32_t ci = 0; ci < ci_count; ci++)
                acc += (xs[ci] - zp_x) * (ws[ci] - zp_w);
            *to++ = finish_channel(g, n, co, acc, n->attr.fully_connected.clamp);
        }
}

/* --- pools
 * ---------------------------------------------------------------------------------------- */

typedef int8_t pool_one(const weft_graph *g, const weft_node *n, const int8_t *x, taps rows,
                        taps columns, uint32_t c);

static void pool(const weft_graph *g, const weft_node *n, const void *x, void *out, pool_one *one)
{
    const weft_window *w = &n->attr.pool_2d.window;
    const weft_tensor *xt = input_of(g, n, 0), *y = &g->tensors[n->output];
    int8_t *to = out;
    for (uint32_t oy = 0; oy < y->dims[1]; oy++) {
        taps rows = rows_inside(w, oy, xt->dims[1]);
        for (uint32_t ox = 0; ox < y->dims[2]; ox++) {
            taps columns = columns_inside(w, ox, xt->dims[2]);
            for (uint32_t c = 0; c < y->dims[3]; c++)
                *to++ = one(g, n, x, rows, columns, c);
        }
    }
}

static int8_t max_one(const weft_graph *g, const weft_node *n, const int8_t *x, taps rows,
                      taps columns, uint32_t c)
{
    const weft_pool_2d *a = &n->attr.pool_2d;
    int32_t largest = INT8_MIN;
    for (uint32_t ky = rows.first; ky < rows.end; ky++)
        for (uint32_t kx = columns.first; kx < columns.end; kx++) {
            int32_t v = x[at_nhwc(input_of(g, n, 0), &a->window, rows, ky, columns, kx, c)];
            largest = v > largest ? v : largest;
        }
    return (int8_t)weft_requant_finish(largest, 0, a->clamp.lo, a->clamp.hi);
}

static int8_t average_one(const weft_graph *g, const weft_node *n, const int8_t *x, taps rows,
                          taps columns, uint32_t c)
{
    const weft_pool_2d *a = &n->attr.pool_2d;
    const weft_tensor *xt = input_of(g, n, 0);
    int onnx = n->requant == WEFT_REQUANT_ONNX;
    int32_t zp_x = onnx ? weft_quant_zero_point(&xt->quant, 0) : 0;
    int32_t zp_y = onnx ? weft_quant_zero_point(&g->tensors[n->output].quant, 0) : 0;
    uint32_t count = (rows.end - rows.first) * (columns.end - columns.first);
    if (a->count_include_pad)
        count = a->window.kernel_h * a->window.kernel_w;
    int32_t acc = 0;
    for (uint32_t ky = rows.first; ky < rows.end; ky++)
        for (uint32_t kx = columns.first; kx < columns.end; kx++)
            acc += x[at_nhwc(xt, &a->window, rows, ky, columns, kx, c)] - zp_x;
    weft_requant_kind kind = WEFT_REQUANT_DIV;
    weft_requant rq = { 0 };
    (void)weft_node_pool_requant(g, n, count, &kind, &rq); /* cannot fail: checked */
    return (int8_t)weft_requant_finish(weft_requantize(kind, acc, rq), zp_y, a->clamp.lo,
                                       a->clamp.hi);
}

void weft_ref_max_pool_2d(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    pool(g, n, in[0], out, max_one);
}

void weft_ref_average_pool_2d(const weft_graph *g, const weft_node *n, const void *const *in,
                              void *out)
{
    pool(g, n, in[0], out, average_one);
}
