/* weft_compile: passes through the stages (attempt.c) until one succeeds, and the better of two. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempt.h"
#include "exact/averages.h"
#include "front/front.h"
#include "front/fuse.h"
#include "front/split.h"
#include "front/views.h"
#include <weft/weft_version.h>

/* Of the pass with shared areas and the one without: the faster, or the only one possible; of two
 * that are not, the one that needs less memory. */
static int first_is_better(const attempt *first, const attempt *second)
{
    const int a = first->status == WEFT_OK, b = second->status == WEFT_OK;
    if (a && b)
        return weft_program_cycles(first->program) <= weft_program_cycles(second->program);
    if (a || b)
        return a;
    return first->needed && second->needed && first->needed < second->needed;
}

/* Areas that several tensors share may cost more than the copies they save, or not fit: so if
 * there are any, everything is compiled without, too, and the better stays.  Returns it, with its
 * error in the task; NULL: no memory. */
static attempt *better_attempt(const task *t, weft_sharing sharing)
{
    attempt *first = attempt_make(t, sharing == WEFT_SHARE_NEVER);
    if (!first || first->status == WEFT_ERR_NO_MEMORY || first->status == WEFT_ERR_CANCELLED ||
        !first->net.views || !view_are_any(&first->net) ||
        (first->status == WEFT_OK && sharing == WEFT_SHARE_ALWAYS))
        return first;
    const weft_error why = *t->err;
    attempt *second = attempt_make(t, 1);
    if (!second || !first_is_better(first, second)) {
        attempt_free(first);
        return second;
    }
    *t->err = why;
    attempt_free(second);
    return first;
}

/* What else the caller asked about the program. */
static void answer(const network *net, const weft_compile_options *options)
{
    if (options && options->placements)
        front_support(net, options->placements);
    for (uint32_t i = 0; options && options->outputs && i < net->g->output_count; i++)
        options->outputs[i] = split_output_tensor(net, net->g->outputs[i].tensor);
}

static void set_unfit(const task *t, uint32_t node, const char *why)
{
    if (!t->unfit[node].why[0])
        (void)snprintf(t->unfit[node].why, sizeof t->unfit[node].why, "%s", why);
}

/* The nodes that a refusal is about, and those that share their layers, go to the host.  0 if there
 * are none that were not there already. */
static int move_to_host(const task *t, const attempt *a)
{
    const network *net = &a->net;
    int more = 0;
    if (a->status != WEFT_ERR_CAPACITY && a->status != WEFT_ERR_UNSUPPORTED &&
        a->status != WEFT_ERR_RANGE)
        return 0;
    for (uint32_t i = 0; i < t->g->node_count; i++)
        for (uint32_t k = 0; t->culprits[i].why[0] && !net->on_host[i] && k < t->g->node_count; k++)
            if (!net->on_host[k] && net->fusions[k].root == net->fusions[i].root) {
                set_unfit(t, k, t->culprits[i].why);
                more = 1;
            }
    return more;
}

/* Again and again, with more on the host every time. */
static int compile_all(const task *t, const weft_compile_options *options, weft_program **out)
{
    const int device_only = options && options->device_only;
    for (;;) {
        attempt *a = better_attempt(t, options ? options->sharing : WEFT_SHARE_BEST);
        if (!a)
            return WEFT_ERR_NO_MEMORY;
        const int rc = a->status;
        if (rc == WEFT_OK)
            answer(&a->net, options);
        *out = a->program;
        a->program = NULL;
        const int again = rc != WEFT_OK && !device_only && move_to_host(t, a);
        attempt_free(a);
        if (!again)
            return rc;
    }
}

/* Zeroed notes on every node; 0 with the error set if there is no memory. */
static int make_notes(task *t)
{
    t->unfit = calloc(t->g->node_count + 1u, sizeof *t->unfit);
    t->culprits = calloc(t->g->node_count + 1u, sizeof *t->culprits);
    t->averages = averages_prove(t->g);
    if (t->unfit && t->culprits && t->averages)
        return 1;
    weft_error_set(t->err, WEFT_ERR_NO_MEMORY, "out of memory while compiling");
    return 0;
}

static void free_notes(task *t)
{
    free(t->unfit);
    free(t->culprits);
    averages_free(t->averages, t->g->node_count);
}

/* Where the graph came from, and what was asked of the compiler that is not its default. */
static weft_source source_of(const weft_graph *g, const weft_compile_options *o)
{
    static const char made_by[] = "weft " WEFT_VERSION;
    weft_source s = g->source;
    uint32_t on_host = 0;
    memcpy(s.made_by, made_by, sizeof made_by);
    if (!o || s.kind == WEFT_SOURCE_NONE)
        return s;
    for (uint32_t i = 0; o->on_host && i < g->node_count; i++)
        on_host += o->on_host[i] != 0;
    if (o->base)
        weft_source_option(&s, "base=%" PRIu32, o->base);
    if (on_host)
        weft_source_option(&s, "on_host=%" PRIu32, on_host);
    if (o->sharing != WEFT_SHARE_BEST)
        weft_source_option(&s, "sharing=%s", o->sharing == WEFT_SHARE_NEVER ? "never" : "always");
    if (o->device_only)
        weft_source_option(&s, "device_only");
    return s;
}

int weft_compile(const weft_graph *g, const weft_hw *hw, const weft_compile_options *options,
                 weft_program **out, weft_error *err)
{
    weft_error own = { 0 };
    weft_meter meter = { 0 };
    task t = { .g = g,
               .hw = *hw,
               .base = options ? options->base : 0,
               .err = err ? err : &own,
               .meter = &meter };
    if (options)
        meter.progress = options->progress;
    *out = NULL;
    int rc = make_notes(&t) ? WEFT_OK : WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; rc == WEFT_OK && options && options->on_host && i < g->node_count; i++)
        if (options->on_host[i])
            set_unfit(&t, i, "as asked for");
    if (rc == WEFT_OK)
        rc = weft_progress_report(&meter.progress, 0, t.err);
    if (rc == WEFT_OK)
        rc = compile_all(&t, options, out);
    if (rc == WEFT_OK)
        (*out)->source = source_of(g, options);
    if (rc == WEFT_OK)
        rc = weft_progress_report(&meter.progress, 1, t.err);
    if (rc != WEFT_OK) {
        weft_program_free(*out);
        *out = NULL;
    }
    free_notes(&t);
    return rc;
}

int weft_compile_placements(const weft_graph *g, weft_placement *to, weft_error *err)
{
    weft_error own = { 0 };
    task t = { .g = g, .err = err ? err : &own };
    if (!g->checked)
        return weft_error_set(t.err, WEFT_ERR_ARG, "the graph has not been checked");
    attempt *a = make_notes(&t) ? attempt_front(&t) : NULL;
    const int rc = a ? a->status : WEFT_ERR_NO_MEMORY;
    if (rc == WEFT_OK)
        front_support(&a->net, to);
    attempt_free(a);
    free_notes(&t);
    return rc;
}
