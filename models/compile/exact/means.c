/* Means of float32 on the device: the multiplier that gives every byte; see averages.c. */
#include <stdlib.h>

#include "average_windows.h"

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
    if (!WEFT_FITS(COMPUTE, PASSES, taps))
        return SUMS_MOST_WORK + 1;
    return adding == WEFT_MEAN_RUNS ? (taps > run ? all : 0) + 32768 * run * run * (taps / run)
                                    : all;
}

static const char *narrow_mean(windows *w, weft_mean_adding adding, const mean_runs *m)
{
    sums one, all = { 0 };
    int ok = sums_of_byte(weft_quant_scale(&w->x->quant, 0), weft_quant_zero_point(&w->x->quant, 0),
                          &one);
    if (ok)
        ok = adding == WEFT_MEAN_RUNS    ? add_runs(&one, m, &all)
             : adding == WEFT_MEAN_FOURS ? add_fours(&one, w->divisor, &all)
                                         : sums_of_times(&one, w->divisor, &all);
    sums_free(&one);
    return windows_narrow(w, ok, &all);
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

const char *mean_prove(const weft_graph *g, const weft_node *n, average_plan *to)
{
    weft_requant rq;
    if (weft_node_mean_requant(g, n, &rq) != WEFT_OK)
        return SUMS_NO_FACTOR;
    to->factors = calloc(1, sizeof *to->factors);
    if (!to->factors)
        return SUMS_NO_MEMORY;
    windows w = { .x = weft_node_input(g, n, 0),
                  .y = &g->tensors[n->output],
                  .clamp = n->attr.mean.clamp,
                  .divisor = (uint32_t)weft_node_mean_taps(g, n),
                  .to = to->factors,
                  .range = factor_around(rq.mult) };
    const char *why = weft_node_mean_is_short(g, n) ? windows_narrow_exact(&w, w.divisor)
                                                    : narrow_means(&w, g, n);
    to->factors[0] = (average_factor){ factor_nearest(w.range, rq.mult), 0,
                                       weft_quant_zero_point(&w.y->quant, 0) };
    return why;
}
