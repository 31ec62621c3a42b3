/* Pooling: up to four kernel rows at once, kernel columns one after the other into the
 * accumulators.
 *
 * Averages that do not count the padding divide by the taps inside the image, which differ at the
 * edges: the outputs are cut into rectangles of one count each, a kernel and a header for each. */
#include "conv.h"
#include "lower.h"
#include "models/compile/exact/averages.h"

static uint32_t rows_inside(const layer *l, const weft_window *w, uint32_t y)
{
    return window_taps_inside(y, l->in_h, w->kernel_h, w->stride_h, w->pad_top, w->dilation_h);
}

static uint32_t columns_inside(const layer *l, const weft_window *w, uint32_t x)
{
    return window_taps_inside(x, l->in_w, w->kernel_w, w->stride_w, w->pad_left, w->dilation_w);
}

static int too_large(const weft_window *w)
{
    return !WEFT_FITS(COMPUTE, TAPS_X, w->kernel_w) ||
           (w->kernel_h > 1 && !WEFT_FITS(COMPUTE, ROW_DR, w->dilation_h)) ||
           !WEFT_FITS(COMPUTE, PASSES, (uint64_t)w->kernel_h * w->kernel_w);
}

static int refuse_window(lowering *low, const layer *l)
{
    return weft_error_set(
        low->work->err, WEFT_ERR_CAPACITY,
        "layer \"%.80s\": the pooling window does not fit the fields of a command", l->name);
}

static kernel pool_kernel(const lowering *low, const layer *l, const weft_window *w)
{
    const uint32_t cols = low->net->hw.cols, dense = w->dilation_h == 1 || w->kernel_h == 1;
    kernel k = kernel_default();
    k.groups = dense ? min_u32(w->kernel_h, WEFT_MAX_GROUPS) : 1;
    k.krows = dense ? w->kernel_h : (uint32_t)WEFT_MOST(COMPUTE, KROWS);
    k.row_dr = dense ? k.groups : w->dilation_h;
    if (w->kernel_h <= k.groups)
        k.row_dr = 0;
    k.taps_x = w->kernel_w;
    k.tap_du = w->kernel_w > 1 ? (int64_t)w->dilation_w * layer_in_pixel(l) : 0;
    k.passes = k.taps_x * (uint32_t)div_up(w->kernel_h, k.groups);
    k.in_du = k.byte_step = (int64_t)w->stride_w * layer_in_pixel(l);
    k.row_step = w->stride_h;
    k.in_row = -(int64_t)w->pad_top;
    k.in_byte = -(int64_t)w->pad_left * layer_in_pixel(l);
    k.blocks = (uint32_t)div_up(l->in_c, cols);
    k.blk_u = k.o_blk_u = cols;
    k.o_bytes = min_u32(l->in_c, cols);
    k.o_last = l->in_c - (k.blocks - 1) * cols;
    k.nx = l->out_w;
    k.ny = l->out_h;
    return k;
}

/* The same header for every column of every block. */
static int header_stream(lowering *low, kernel *k, uint32_t bias, weft_requant rq)
{
    const size_t block = (size_t)WEFT_HEADER_ROWS * low->net->stream_row;
    uint8_t *to = lowering_add_image(low, block * k->blocks, &k->stream);
    if (!to)
        return low->work->err->status;
    for (uint32_t n = 0; n < k->blocks; n++)
        for (uint32_t i = 0; i < low->net->hw.cols; i++)
            header_put(to + n * block + i, low->net->stream_row, bias, rq);
    return WEFT_OK;
}

/* The maximum leaves as it is, or through a factor of 1 if it must be clamped. */
static int lower_max(lowering *low, const weft_node *n, layer *l, kernel k)
{
    const weft_clamp clamp = n->attr.pool_2d.clamp;
    k.mode = WEFT_MODE_MAX;
    k.zp = INT8_MIN; /* padding never wins */
    k.raw = clamp.lo == INT8_MIN && clamp.hi == INT8_MAX;
    k.kind = WEFT_KIND_FLOAT;
    k.lo1 = clamp.lo;
    k.hi1 = clamp.hi;
    weft_requant one = { 0 };
    (void)weft_requant_from_float(1.0f, &one);
    if (k.raw)
        k.kind = 0;
    else if (header_stream(low, &k, 0, one) != WEFT_OK)
        return low->work->err->status;
    l->kernel_count = 1;
    l->kernels = work_alloc(low->work, sizeof *l->kernels);
    if (!l->kernels)
        return WEFT_ERR_NO_MEMORY;
    l->kernels[0] = k;
    return WEFT_OK;
}

/* One rectangle of outputs that average `taps` bytes each.  Every vector adds groups bytes a pass,
 * those outside the image or the kernel as k.zp; the bias takes zp_x off all that were added. */
static int average_kernel(lowering *low, const weft_node *n, kernel *k, uint32_t taps)
{
    const int tflite = n->requant == WEFT_REQUANT_TFLITE;
    const int32_t zp_x = weft_quant_zero_point(&low->net->g->tensors[n->inputs[0]].quant, 0);
    weft_requant_kind kind;
    weft_requant rq = { 0 };
    (void)weft_node_pool_requant(low->net->g, n, taps, &kind, &rq); /* proved by the check */
    average_factor as = { rq, 0, weft_quant_zero_point(&low->net->g->tensors[n->output].quant, 0) };
    if (n->attr.pool_2d.adding)
        as = average_of(low->net, n, taps);
    k->mode = WEFT_MODE_SUM;
    k->kind = tflite ? WEFT_KIND_DIV : WEFT_KIND_FLOAT;
    k->zp = tflite ? -n->attr.pool_2d.offset : zp_x;
    k->zp1 = tflite ? k->zp : as.zero_point;
    k->lo1 = n->attr.pool_2d.clamp.lo;
    k->hi1 = n->attr.pool_2d.clamp.hi;
    int64_t added = (int64_t)k->passes * k->groups;
    return header_stream(low, k, (uint32_t)(as.more - added * k->zp), as.factor);
}

typedef uint32_t inside_of(const layer *, const weft_window *, uint32_t);

/* One sum per output over the whole window; post says kind, zero points and clamp. */
int lower_sum(lowering *low, const weft_window *w, const kernel *post, weft_requant rq, layer *l)
{
    if (too_large(w))
        return refuse_window(low, l);
    l->kernels = work_alloc(low->work, sizeof *l->kernels);
    if (!l->kernels)
        return WEFT_ERR_NO_MEMORY;
    kernel *k = &l->kernels[l->kernel_count++];
    *k = pool_kernel(low, l, w);
    k->mode = WEFT_MODE_SUM;
    k->kind = post->kind;
    k->zp = post->zp;
    k->zp1 = post->zp1;
    k->lo1 = post->lo1;
    k->hi1 = post->hi1;
    int64_t added = (int64_t)k->passes * k->groups;
    return header_stream(low, k, (uint32_t)(-added * k->zp), rq);
}

/* Runs of outputs along an axis that have the same number of taps inside. */
static uint32_t next_run(const layer *l, const weft_window *w, uint32_t from, uint32_t count,
                         inside_of *inside)
{
    uint32_t to = from + 1, taps = inside(l, w, from);
    while (to < count && inside(l, w, to) == taps)
        to++;
    return to;
}

static uint32_t run_count(const layer *l, const weft_window *w, uint32_t count, inside_of *inside)
{
    uint32_t runs = 0;
    for (uint32_t at = 0; at < count; at = next_run(l, w, at, count, inside))
        runs++;
    return runs;
}

static int lower_average(lowering *low, const weft_node *n, const weft_window *w, layer *l,
                         kernel k)
{
    const int whole = n->attr.pool_2d.count_include_pad;
    uint32_t runs_y = whole ? 1 : run_count(l, w, l->out_h, rows_inside);
    uint32_t runs_x = whole ? 1 : run_count(l, w, l->out_w, columns_inside);
    l->kernels = work_alloc(low->work, (size_t)runs_y * runs_x * sizeof *l->kernels);
    if (!l->kernels)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t y = 0, y1; y < l->out_h; y = y1) {
        y1 = whole ? l->out_h : next_run(l, w, y, l->out_h, rows_inside);
        for (uint32_t x = 0, x1; x < l->out_w; x = x1) {
            x1 = whole ? l->out_w : next_run(l, w, x, l->out_w, columns_inside);
            kernel *to = &l->kernels[l->kernel_count++];
            *to = k;
            to->y0 = y;
            to->ny = y1 - y;
            to->x0 = x;
            to->nx = x1 - x;
            to->in_row += (int64_t)y * k.row_step;
            to->in_byte += (int64_t)x * k.byte_step;
            uint32_t taps =
                whole ? w->kernel_h * w->kernel_w : rows_inside(l, w, y) * columns_inside(l, w, x);
            if (average_kernel(low, n, to, taps) != WEFT_OK)
                return low->work->err->status;
        }
    }
    return WEFT_OK;
}

int lower_pool(lowering *low, const weft_node *n, const weft_window *w, layer *l)
{
    if (too_large(w))
        return refuse_window(low, l);
    layer_set_window(l, w);
    kernel k = pool_kernel(low, l, w);
    return n->op == WEFT_OP_MAX_POOL_2D ? lower_max(low, n, l, k) : lower_average(low, n, w, l, k);
}
