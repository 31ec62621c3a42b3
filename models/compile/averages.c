/* Averages of float32 on the device, which adds integers: the multipliers that give every byte.
 *
 * Windows at the edges have fewer taps.  For each number of rows and columns inside, every integer
 * sum has a least and a greatest float32 sum (sums.h); divided and quantised as the reference does,
 * both must be one byte, and one multiplier must give these bytes for all sums.  Where the zero
 * point is added first, halves go to the other side if it is odd: adding so many to the sum that
 * the average rises by an odd number, which the zero point takes off again, does the same. */
#include <math.h>
#include <stdlib.h>

#include "averages.h"
#include "exact.h"
#include "sums.h"

enum { MOST_SHIFT = 15 }; /* an odd number of output steps */

static const char no_memory[] = SUMS_NO_MEMORY, no_factor[] = SUMS_NO_FACTOR;

/* The windows of one multiplier. */
typedef struct windows {
    const weft_pool_2d *a;
    const weft_tensor *x, *y;
    average_factor *to;
    uint32_t divisor;
    int32_t odd;
    factor_range range;
} windows;

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
    if (taps > UINT16_MAX)
        return SUMS_MOST_WORK + 1;
    if (adding == WEFT_ADD_ROWS)
        return by_one;
    if (adding == WEFT_ADD_LANES)
        return by_one / 16 + 65025 * taps * taps / 2 + 3 * 65536 * taps;
    return 32768 * rows * rows + 32768 * rows * rows * columns * columns;
}

/* --- their bytes --- */

static int32_t byte_of(const windows *w, float sum)
{
    const float mean = sum / (float)w->divisor, scale = weft_quant_scale(&w->y->quant, 0);
    const int32_t zp = weft_quant_zero_point(&w->y->quant, 0);
    const int8_t y = w->a->zero_first ? weft_quantize_value_added(mean, scale, zp, w->a->offset)
                                      : weft_quantize_value(WEFT_REQUANT_ONNX, mean, scale, zp);
    return weft_requant_finish(y, 0, w->a->clamp.lo, w->a->clamp.hi);
}

static const char *narrow(windows *w, const sums *s)
{
    const factor_use use = { weft_quant_zero_point(&w->y->quant, 0) - w->odd, w->a->clamp };
    for (uint32_t t = 0; t < s->count; t++) {
        if (s->lo[t] > s->hi[t])
            continue; /* no terms have that sum */
        const int32_t byte = byte_of(w, s->lo[t]);
        if (byte != byte_of(w, s->hi[t]))
            return SUMS_DIFFER;
        factor_narrow(&use, s->first + (int32_t)t + w->to->more, byte, &w->range);
    }
    return w->range.least > w->range.most ? no_factor : NULL;
}

static const char *narrow_window(windows *w, uint32_t rows, uint32_t columns)
{
    const float scale = weft_quant_scale(&w->x->quant, 0);
    const int32_t zp = weft_quant_zero_point(&w->x->quant, 0);
    sums one = { 0 }, all = { 0 };
    const char *why = no_memory;
    if (weft_scale_is_short(scale, 255 * (uint64_t)rows * columns)) {
        const int32_t taps = (int32_t)(rows * columns);
        if (sums_exact(taps * (INT8_MIN - zp), 255 * (uint32_t)taps + 1, (double)scale, &all))
            why = narrow(w, &all);
    } else if (sums_of_byte(scale, zp, &one) &&
               add_window(w->a->adding, &one, rows, columns, &all)) {
        why = narrow(w, &all);
    }
    sums_free(&one);
    sums_free(&all);
    return why;
}

/* --- the windows of a pool --- */

/* Which numbers of taps inside occur along an axis: by number, 1 if it does. */
static uint8_t *numbers_inside(uint32_t in, uint32_t out, uint32_t taps, uint32_t stride,
                               uint32_t pad, uint32_t dilation)
{
    uint8_t *there = calloc(taps + 1u, 1);
    for (uint32_t o = 0; there && o < out; o++)
        there[window_taps_inside(o, in, taps, stride, pad, dilation)] = 1;
    return there;
}

/* A multiplier that gives the bytes of all these windows, the mean raised by `odd`. */
static const char *find(windows *w, const uint8_t *rows, const uint8_t *columns, uint32_t taps)
{
    const weft_window *win = &w->a->window;
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
        for (uint32_t c = 1; rows[r] && c <= win->kernel_w && !why; c++)
            if (columns[c] && (!taps || r * c == taps))
                why = narrow_window(w, r, c);
    w->to->factor = factor_nearest(w->range, rq.mult);
    w->to->zero_point = weft_quant_zero_point(&w->y->quant, 0) - w->odd;
    return why;
}

/* The mean as it is, or raised by an odd number. */
static const char *find_any(windows *w, const uint8_t *rows, const uint8_t *columns, uint32_t taps)
{
    const int32_t zp = weft_quant_zero_point(&w->y->quant, 0);
    const char *why = find(w, rows, columns, taps);
    for (int32_t odd = 1; why == no_factor && w->a->zero_first && zp % 2 && odd <= MOST_SHIFT;
         odd += 2)
        for (int sign = -1; sign <= 1 && why; sign += 2) {
            w->odd = sign * odd;
            if (zp - w->odd < INT8_MIN || zp - w->odd > INT8_MAX)
                continue;
            const char *now = find(w, rows, columns, taps);
            why = now ? why : NULL;
        }
    return why;
}

/* A multiplier for each number of taps, or one for all windows that count the padding. */
static const char *prove(const weft_graph *g, const weft_node *n, const uint8_t *rows,
                         const uint8_t *columns, average_plan *to)
{
    const weft_pool_2d *a = &n->attr.pool_2d;
    const uint32_t kernel_h = a->window.kernel_h, kernel_w = a->window.kernel_w;
    windows w = { .a = a, .x = weft_node_input(g, n, 0), .y = &g->tensors[n->output] };
    uint64_t work = 0;
    const int exact =
        weft_scale_is_short(weft_quant_scale(&w.x->quant, 0), 255 * (uint64_t)kernel_h * kernel_w);
    for (uint64_t r = 1; r <= kernel_h && work <= SUMS_MOST_WORK; r++)
        for (uint64_t c = 1; rows[r] && c <= kernel_w && work <= SUMS_MOST_WORK; c++)
            work += !columns[c] ? 0 : exact ? SUMS_READING * r * c : window_work(a->adding, r, c);
    if (work > SUMS_MOST_WORK)
        return SUMS_TOO_MANY;
    const uint32_t most = a->count_include_pad ? 1 : kernel_h * kernel_w + 1;
    to->factors = calloc(most, sizeof *to->factors);
    if (!to->factors)
        return no_memory;
    if (a->count_include_pad) {
        w.to = to->factors;
        w.divisor = kernel_h * kernel_w;
        return find_any(&w, rows, columns, 0);
    }
    const char *why = NULL;
    for (uint32_t r = 1; r <= kernel_h && !why; r++)
        for (uint32_t c = 1; rows[r] && c <= kernel_w && !why; c++) {
            if (!columns[c] || to->factors[r * c].factor.mult)
                continue;
            w.to = &to->factors[w.divisor = r * c];
            w.odd = 0;
            why = find_any(&w, rows, columns, r * c);
        }
    return why;
}

static const char *prove_node(const weft_graph *g, const weft_node *n, average_plan *to)
{
    const weft_window *w = &n->attr.pool_2d.window;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    uint8_t *rows =
        numbers_inside(x->dims[1], y->dims[1], w->kernel_h, w->stride_h, w->pad_top, w->dilation_h);
    uint8_t *columns = numbers_inside(x->dims[2], y->dims[2], w->kernel_w, w->stride_w, w->pad_left,
                                      w->dilation_w);
    const char *why = rows && columns ? prove(g, n, rows, columns, to) : no_memory;
    free(rows);
    free(columns);
    return why;
}

/* --- the sums of a MEAN --- */

/* A run with so many whole fours; what lies before and behind them is added alike. */
static int add_run(const sums *one, uint32_t length, uint32_t fours, sums *out)
{
    sums lane, odd = { 0 };
    if (fours == 0)
        return sums_of_times(one, length, out);
    int ok = sums_of_times(one, fours / 2, &lane) && sums_of_times(one, fours / 2, &odd) &&
             sums_add(&lane, &odd) && sums_add_times(&lane, one, fours % 2) &&
             sums_of_times(&lane, 2, out);
    sums pair = { 0 };
    ok = ok && sums_of_times(&lane, 2, &pair) && sums_add(out, &pair) &&
         sums_add_times(out, one, length - 4 * fours);
    sums_free(&lane);
    sums_free(&odd);
    sums_free(&pair);
    return ok;
}

static int add_fours(const sums *one, uint32_t taps, sums *out)
{
    sums four, two = { 0 };
    const int ok = sums_of_times(one, 4, &four) && sums_of_times(one, 2, &two) &&
                   sums_of_times(&four, taps / 4, out) && sums_add_times(out, &two, taps % 4 / 2) &&
                   sums_add_times(out, one, taps % 2);
    sums_free(&four);
    sums_free(&two);
    return ok;
}

/* Whole fours of a run that is run r of the real tensor: from its first element on whose place is a
 * multiple of four. */
static uint32_t fours_of(uint32_t run, uint64_t r)
{
    const uint32_t before = (4 - (uint32_t)(r % 4 * (run % 4)) % 4) % 4;
    return run < before ? 0 : (run - before) / 4;
}

/* The runs that one result has: every `every`th from `first` on. */
typedef struct mean_runs {
    uint32_t length, count;
    uint64_t first, every;
} mean_runs;

static int add_runs(const sums *one, const mean_runs *m, sums *out)
{
    int ok = sums_of_none(out);
    for (uint32_t i = 0; i < m->count && ok; i++) {
        sums run = { 0 };
        ok = add_run(one, m->length, fours_of(m->length, m->first + i * m->every), &run) &&
             sums_add(out, &run);
        sums_free(&run);
    }
    return ok;
}

/* Additions for one result, at most. */
static uint64_t mean_work(weft_mean_adding adding, uint64_t run, uint64_t taps)
{
    const uint64_t all = 32768 * taps * taps; /* one by one, or part by part of any width */
    if (taps > UINT16_MAX)
        return SUMS_MOST_WORK + 1;
    return adding == WEFT_MEAN_RUNS ? (taps > run ? all : 0) + 32768 * run * run * (taps / run)
                                    : all;
}

static const char *narrow_mean(windows *w, weft_mean_adding adding, const mean_runs *m)
{
    const float scale = weft_quant_scale(&w->x->quant, 0);
    const int32_t zp = weft_quant_zero_point(&w->x->quant, 0);
    sums one = { 0 }, all = { 0 };
    int ok = sums_of_byte(scale, zp, &one);
    if (ok)
        ok = adding == WEFT_MEAN_RUNS    ? add_runs(&one, m, &all)
             : adding == WEFT_MEAN_FOURS ? add_fours(&one, w->divisor, &all)
                                         : sums_of_times(&one, w->divisor, &all);
    const char *why = ok ? narrow(w, &all) : no_memory;
    sums_free(&one);
    sums_free(&all);
    return why;
}

/* Results whose runs begin elsewhere in the fours have other sums: up to four kinds. */
static const char *narrow_means(windows *w, const weft_graph *g, const weft_node *n)
{
    const weft_mean_adding adding = n->attr.mean.adding;
    const uint32_t run = weft_node_mean_run(g, n), count = w->divisor / run;
    const uint64_t results = weft_tensor_elements(w->y);
    const uint32_t kinds = adding != WEFT_MEAN_RUNS || run % 4 == 0 ? 1
                           : results < 4                            ? (uint32_t)results
                                                                    : 4;
    if (mean_work(adding, run, w->divisor) > SUMS_MOST_WORK / kinds)
        return SUMS_TOO_MANY;
    const char *why = NULL;
    for (uint32_t k = 0; k < kinds && !why; k++)
        why = narrow_mean(w, adding, &(mean_runs){ run, count, k, results });
    return why;
}

static const char *prove_mean(const weft_graph *g, const weft_node *n, average_plan *to)
{
    const weft_pool_2d as = { .clamp = n->attr.mean.clamp };
    const uint64_t taps = weft_node_mean_taps(g, n);
    windows w = { .a = &as, .x = weft_node_input(g, n, 0), .y = &g->tensors[n->output] };
    const float scale = weft_quant_scale(&w.x->quant, 0);
    const int32_t zp = weft_quant_zero_point(&w.x->quant, 0);
    weft_requant rq;
    sums all = { 0 };
    if (weft_node_mean_requant(g, n, &rq) != WEFT_OK)
        return no_factor;
    w.to = to->factors = calloc(1, sizeof *to->factors);
    w.divisor = (uint32_t)taps;
    w.range = factor_around(rq.mult);
    if (!w.to)
        return no_memory;
    const char *why = no_memory;
    if (!weft_node_mean_is_short(g, n))
        why = narrow_means(&w, g, n);
    else if (sums_exact((int32_t)taps * (INT8_MIN - zp), 255 * w.divisor + 1, (double)scale, &all))
        why = narrow(&w, &all);
    to->factors[0] = (average_factor){ factor_nearest(w.range, rq.mult), 0,
                                       weft_quant_zero_point(&w.y->quant, 0) };
    sums_free(&all);
    return why;
}

average_plan *averages_prove(const weft_graph *g)
{
    average_plan *plans = calloc(g->node_count + 1u, sizeof *plans);
    for (uint32_t i = 0; plans && g->checked && i < g->node_count; i++) {
        const weft_node *n = &g->nodes[i];
        if (n->op == WEFT_OP_AVERAGE_POOL_2D && n->attr.pool_2d.adding)
            plans[i].why = prove_node(g, n, &plans[i]);
        else if (n->op == WEFT_OP_MEAN && weft_node_mean_divides(g, n))
            plans[i].why = prove_mean(g, n, &plans[i]);
        else if (n->op == WEFT_OP_RESIZE_BILINEAR && n->attr.resize_bilinear.row_shares)
            plans[i].why = interpolation_prove(g, n, &plans[i]);
    }
    return plans;
}

void averages_free(average_plan *plans, uint32_t count)
{
    for (uint32_t i = 0; plans && i < count; i++)
        free(plans[i].factors);
    free(plans);
}

average_factor average_of(const plan *p, const weft_node *n, uint32_t taps)
{
    const average_plan *a = &p->averages[n - p->g->nodes];
    const int one = n->op != WEFT_OP_AVERAGE_POOL_2D || n->attr.pool_2d.count_include_pad;
    return a->factors[one ? 0 : taps];
}
