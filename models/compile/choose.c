/* Of several schedules the one with the fewest predicted cycles.
 *
 * Placement goes by rough costs, and a larger buffer or more accumulators can lead it astray.  So a
 * few plans are made to the end and compared: with and without chains given up for the sake of
 * their weights, and as if the device had half the buffer or accumulators, and half of that, as
 * long as it does not get much slower. */
#include "models/compile/plan/stages.h"

/* What lowering gave. */
typedef struct lowered {
    area *areas;
    layer *layers;
} lowered;

typedef struct choice {
    uint32_t fb_words, acc_depth;
    unsigned policy;
    uint64_t cycles; /* UINT64_MAX: not possible */
} choice;

static int remember(plan *p, lowered *l)
{
    l->areas = plan_alloc(p, (p->area_count + 1u) * sizeof *l->areas);
    l->layers = plan_alloc(p, (p->layer_count + 1u) * sizeof *l->layers);
    if (!l->areas || !l->layers)
        return WEFT_ERR_NO_MEMORY;
    if (p->area_count)
        memcpy(l->areas, p->areas, p->area_count * sizeof *l->areas);
    if (p->layer_count)
        memcpy(l->layers, p->layers, p->layer_count * sizeof *l->layers);
    return WEFT_OK;
}

static void restore(plan *p, const lowered *l)
{
    if (p->area_count)
        memcpy(p->areas, l->areas, p->area_count * sizeof *p->areas);
    if (p->layer_count)
        memcpy(p->layers, l->layers, p->layer_count * sizeof *p->layers);
    p->command_count = p->occupants = p->run = 0;
    memset(p->culprits, 0, p->g->node_count * sizeof *p->culprits);
    p->has_operands = p->has_lut = 0;
    p->activation_bytes = 0;
}

/* From placement on. */
static int place_to_cycles(plan *p, const lowered *l, choice *c)
{
    restore(p, l);
    p->policy = c->policy;
    p->hw.fb_words = c->fb_words;
    p->hw.acc_depth = c->acc_depth;
    int rc = plan_place(p);
    if (rc == WEFT_OK)
        rc = plan_memory(p);
    if (rc == WEFT_OK)
        rc = plan_emit(p);
    if (rc == WEFT_OK)
        rc = plan_sync(p);
    if (rc == WEFT_OK)
        c->cycles = plan_cycles(p);
    return rc;
}

static int schedule(plan *p, const lowered *l, choice *c)
{
    const weft_hw hw = p->hw;
    const int rc = place_to_cycles(p, l, c);
    c->cycles = rc == WEFT_OK ? c->cycles : UINT64_MAX;
    p->hw = hw;
    return rc;
}

/* --- the search --- */

enum {
    LEAST_WORDS = 16,
    LEAST_SUMS = 64,
    MOST_PLANS = 96,
    FAR = 64 /* a plan slower by more than 1/FAR is not worth going on from */
};

typedef struct search {
    plan *p;
    lowered from;
    choice best, last; /* last: whose commands the plan holds */
    choice seen[MOST_PLANS];
    uint32_t count;
} search;

static int same(const choice *a, const choice *b)
{
    return a->fb_words == b->fb_words && a->acc_depth == b->acc_depth && a->policy == b->policy;
}

/* Another plan, kept in best if it is faster; that it may not be possible is no error.  1 if more
 * may be found from here on. */
static int consider(search *s, choice c)
{
    weft_error own = { 0 }, *err = s->p->err;
    for (uint32_t i = 0; i < s->count; i++)
        if (same(&s->seen[i], &c))
            return 0;
    if (s->count == MOST_PLANS || c.fb_words < LEAST_WORDS || c.acc_depth < LEAST_SUMS)
        return 0;
    s->p->err = &own;
    (void)schedule(s->p, &s->from, &c);
    s->p->err = err;
    s->seen[s->count++] = s->last = c;
    if (c.cycles < s->best.cycles)
        s->best = c;
    return c.cycles != UINT64_MAX && c.cycles - s->best.cycles <= s->best.cycles / FAR;
}

static void explore(search *s, choice from)
{
    choice less = from;
    int more = 0;
    for (less.policy = 0; less.policy < POLICIES; less.policy++)
        more |= consider(s, less);
    if (!more)
        return;
    less = from;
    less.fb_words /= 2;
    explore(s, less);
    less = from;
    less.acc_depth /= 2;
    explore(s, less);
}

int plan_choose(plan *p)
{
    const choice all = { .fb_words = p->hw.fb_words, .acc_depth = p->hw.acc_depth };
    search *s = plan_alloc(p, sizeof *s);
    if (!s || remember(p, &s->from) != WEFT_OK)
        return WEFT_ERR_NO_MEMORY;
    s->p = p;
    s->best = s->last = all;
    s->best.cycles = UINT64_MAX;
    explore(s, all);
    if (s->best.cycles != UINT64_MAX && same(&s->best, &s->last))
        return WEFT_OK;
    return schedule(p, &s->from, &s->best); /* again; or to say what is wrong */
}
