/* Averages of float32 on the device, which adds integers: the multipliers that give every byte.
 *
 * Windows at the edges have fewer taps.  For each number of rows and columns inside, every integer
 * sum has a least and a greatest float32 sum (sums.h); divided and quantised as the reference does,
 * both must be one byte, and one multiplier must give these bytes for all sums.  Where the zero
 * point is added first, halves go to the other side if it is odd: adding so many to the sum that
 * the average rises by an odd number, which the zero point takes off again, does the same. */
#include <math.h>
#include <stdlib.h>

#include "average_windows.h"

enum { MOST_SHIFT = 15 }; /* an odd number of output steps */

/* --- float32 sums of a window --- */

static int add_lanes(const sums *one, uint32_t taps, sums *out)
{
    sums lane;
    int ok = sums_of_times(one, taps / 4, &lane) && sums_of_times(&lane, 2, out);
    sums pair = { 0 };
    ok = ok && sums_of_none(&pair) && sums_add(&pair, out) && sums_add(out, &pair) &&
         sums_add_times(out, one, taps % 4);
    sums_free(&lane);
    sums_free(&pair);
    return ok;
}

static int add_window(weft_adding adding, const sums *one, uint32_t rows, uint32_t columns,
                      sums *out)
{
    sums column = { 0 };
    if (adding == WEFT_ADD_ROWS)
        return sums_of_times(one, rows * columns, out);
    if (adding == WEFT_ADD_LANES)
        return add_lanes(one, rows * columns, out);
    const int ok = sums_of_times(one, rows, &column) && sums_of_times(&column, columns, out);
    sums_free(&column);
    return ok;
}

/* Additions that add_window does for it, at most. */
static uint64_t window_work(weft_adding adding, uint64_t rows, uint64_t columns)
{
    const uint64_t taps = rows * columns, by_one = 32768 * taps * taps;
    if (!WEFT_FITS(COMPUTE, PASSES, taps))
        return SUMS_MOST_WORK + 1;
    if (adding == WEFT_ADD_ROWS)
        return by_one;
    if (adding == WEFT_ADD_LANES)
        return by_one / 16 + 65025 * taps * taps / 2 + 3 * 65536 * taps;
    return 32768 * rows * rows + 32768 * rows * rows * columns * columns;
}

static const char *narrow_window(windows *w, weft_adding adding, uint32_t rows, uint32_t columns)
{
    const float scale = weft_quant_scale(&w->x->quant, 0);
    sums one, all = { 0 };
    if (weft_scale_is_short(scale, 255 * (uint64_t)rows * columns))
        return windows_narrow_exact(w, rows * columns);
    const int made = sums_of_byte(scale, weft_quant_zero_point(&w->x->quant, 0), &one) &&
                     add_window(adding, &one, rows, columns, &all);
    sums_free(&one);
    return windows_narrow(w, made, &all);
}

/* --- the windows of a pool --- */

typedef struct pool {
    const weft_pool_2d *a;
    const weft_tensor *x, *y;
    uint8_t *rows, *columns; /* by number of taps inside: 1 if it occurs along that axis */
} pool;

static uint8_t *numbers_inside(uint32_t in, uint32_t out, uint32_t taps, uint32_t stride,
                               uint32_t pad, uint32_t dilation)
{
    uint8_t *there = calloc(taps + 1u, 1);
    for (uint32_t o = 0; there && o < out; o++)
        there[window_taps_inside(o, in, taps, stride, pad, dilation)] = 1;
    return there;
}

/* A multiplier that gives the bytes of all windows with so many taps inside (0: of all there are),
 * the mean raised by w->odd. */
static const char *find_factor(const pool *p, uint32_t taps, windows *w)
{
    const weft_window *win = &p->a->window;
    const float x = weft_quant_scale(&w->x->quant, 0), y = weft_quant_scale(&w->y->quant, 0);
    const double each = (double)x / ((double)y * w->divisor), more = w->odd / each;
    weft_requant rq;
    const char *why = NULL;
    if (fabs(more) > 1e6 || fabs(more - rint(more)) > 1e-6)
        return "halves are rounded to an odd number";
    w->to->more = (int32_t)rint(more);
    if (weft_requant_from_float((float)each, &rq) != WEFT_OK)
        return "its multiplier cannot be represented";
    w->range = factor_around(rq.mult);
    for (uint32_t r = 1; r <= win->kernel_h && !why; r++)
        for (uint32_t c = 1; p->rows[r] && c <= win->kernel_w && !why; c++)
            if (p->columns[c] && (!taps || r * c == taps))
                why = narrow_window(w, p->a->adding, r, c);
    w->to->factor = factor_nearest(w->range, rq.mult);
    w->to->zero_point = weft_quant_zero_point(&w->y->quant, 0) - w->odd;
    return why;
}

/* The mean as it is, or raised by an odd number. */
static const char *find_raised_or_not(const pool *p, uint32_t taps, uint32_t divisor,
                                      average_factor *to)
{
    windows w = { .x = p->x,
                  .y = p->y,
                  .clamp = p->a->clamp,
                  .zero_first = p->a->zero_first,
                  .offset = p->a->offset,
                  .divisor = divisor,
                  .to = to };
    const int32_t zp = weft_quant_zero_point(&p->y->quant, 0);
    const char *why = find_factor(p, taps, &w);
    for (int32_t odd = 1; why == windows_no_factor && w.zero_first && zp % 2 && odd <= MOST_SHIFT;
         odd += 2)
        for (int sign = -1; sign <= 1 && why; sign += 2) {
            w.odd = sign * odd;
            if (zp - w.odd < INT8_MIN || zp - w.odd > INT8_MAX)
                continue;
            const char *now = find_factor(p, taps, &w);
            why = now ? why : NULL;
        }
    return why;
}

/* Additions of all windows, at most. */
static uint64_t pool_work(const pool *p)
{
    const uint64_t rows = p->a->window.kernel_h, columns = p->a->window.kernel_w;
    const int exact = weft_scale_is_short(weft_quant_scale(&p->x->quant, 0), 255 * rows * columns);
    uint64_t additions = 0;
    for (uint64_t r = 1; r <= rows && additions <= SUMS_MOST_WORK; r++)
        for (uint64_t c = 1; p->rows[r] && c <= columns && additions <= SUMS_MOST_WORK; c++)
            if (p->columns[c])
                additions += exact ? SUMS_READING * r * c : window_work(p->a->adding, r, c);
    return additions;
}

/* A multiplier for each number of taps, or one for all windows that count the padding. */
static const char *prove(const pool *p, average_plan *to)
{
    const uint32_t rows = p->a->window.kernel_h, columns = p->a->window.kernel_w;
    if (pool_work(p) > SUMS_MOST_WORK)
        return SUMS_TOO_MANY;
    to->factors = calloc(p->a->count_include_pad ? 1 : rows * columns + 1, sizeof *to->factors);
    if (!to->factors)
        return SUMS_NO_MEMORY;
    if (p->a->count_include_pad)
        return find_raised_or_not(p, 0, rows * columns, to->factors);
    const char *why = NULL;
    for (uint32_t r = 1; r <= rows && !why; r++)
        for (uint32_t c = 1; p->rows[r] && c <= columns && !why; c++)
            if (p->columns[c] && !to->factors[r * c].factor.mult)
                why = find_raised_or_not(p, r * c, r * c, &to->factors[r * c]);
    return why;
}

static const char *pool_prove(const weft_graph *g, const weft_node *n, average_plan *to)
{
    const weft_window *w = &n->attr.pool_2d.window;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    const pool p = { .a = &n->attr.pool_2d,
                     .x = x,
                     .y = y,
                     .rows = numbers_inside(x->dims[1], y->dims[1], w->kernel_h, w->stride_h,
                                            w->pad_top, w->dilation_h),
                     .columns = numbers_inside(x->dims[2], y->dims[2], w->kernel_w, w->stride_w,
                                               w->pad_left, w->dilation_w) };
    const char *why = p.rows && p.columns ? prove(&p, to) : SUMS_NO_MEMORY;
    free(p.rows);
    free(p.columns);
    return why;
}

/* --- averages.h --- */

average_plan *averages_prove(const weft_graph *g)
{
    average_plan *plans = calloc(g->node_count + 1u, sizeof *plans);
    for (uint32_t i = 0; plans && g->checked && i < g->node_count; i++) {
        const weft_node *n = &g->nodes[i];
        if (g->tensors[n->output].dtype != WEFT_INT8)
            continue;
        if (n->op == WEFT_OP_AVERAGE_POOL_2D && n->attr.pool_2d.adding)
            plans[i].why = pool_prove(g, n, &plans[i]);
        else if (n->op == WEFT_OP_MEAN && weft_node_mean_divides(g, n))
            plans[i].why = mean_prove(g, n, &plans[i]);
        else if (n->op == WEFT_OP_RESIZE_BILINEAR && n->requant == WEFT_REQUANT_TFLITE &&
                 n->attr.resize_bilinear.row_shares)
            plans[i].why = "its weights are no fractions that float32 holds exactly";
        else if (n->op == WEFT_OP_RESIZE_BILINEAR && n->attr.resize_bilinear.row_shares)
            plans[i].why = interpolation_prove(g, n, &plans[i]);
        else if (n->requant == WEFT_REQUANT_REAL)
            plans[i].why = product_prove(g, n, &plans[i]);
    }
    return plans;
}

void averages_free(average_plan *plans, uint32_t count)
{
    for (uint32_t i = 0; plans && i < count; i++)
        free(plans[i].factors);
    free(plans);
}

average_factor average_of(const network *net, const weft_node *n, uint32_t taps)
{
    const average_plan *a = &net->averages[n - net->g->nodes];
    const int one = n->op != WEFT_OP_AVERAGE_POOL_2D || n->attr.pool_2d.count_include_pad;
    return a->factors[one ? 0 : taps];
}
