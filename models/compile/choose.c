/* Of several schedules the one with the fewest predicted cycles.
 *
 * Placement goes by rough costs, and a larger buffer or more accumulators can lead it astray.  So a
 * few schedules are made to the end and compared: with and without chains given up for the sake of
 * their weights, and with a budget of half the buffer or accumulators, and half of that, as long as
 * it does not get much slower, and all of them together not too much work. */
#include "choose.h"
#include "emit/commands.h"
#include "place/place.h"
#include "predict/predict.h"

/* The stages from placement on. */
static int make_schedule(schedule *sched, const lowering *low, const budget *b, weft_error *err,
                         weft_placement *culprits)
{
    int rc = schedule_begin(sched, low, b, err, culprits);
    if (rc == WEFT_OK)
        rc = place_in_buffer(sched);
    if (rc == WEFT_OK)
        rc = place_in_memory(sched);
    if (rc == WEFT_OK)
        rc = emit_commands(sched);
    if (rc == WEFT_OK)
        rc = emit_tokens(sched);
    if (rc == WEFT_OK)
        sched->cycles = predict_cycles(sched);
    return rc;
}

/* --- the search --- */

enum {
    LEAST_WORDS = 16,
    LEAST_SUMS = 64,
    MOST_SCHEDULES = 96,
    MOST_WORK = 1 << 20, /* of all schedules together, about in commands: large networks get few */
    FAR = 64             /* a schedule slower by more than 1/FAR is not worth going on from */
};

#define SHARE (1.0 / 16) /* of what is left, for one schedule */

typedef struct search {
    const lowering *low;
    schedule *best;
    int found;         /* best is one */
    weft_error unused; /* of those that are not possible */
    int cancelled;     /* by the caller of the compiler: its status, else WEFT_OK */
    budget seen[MOST_SCHEDULES];
    uint32_t count;
    uint64_t work; /* of those that were made: MOST_WORK */
} search;

static int same_budget(const budget *a, const budget *b)
{
    return a->fb_words == b->fb_words && a->acc_depth == b->acc_depth && a->policy == b->policy;
}

static int was_tried(const search *s, const budget *b)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (same_budget(&s->seen[i], b))
            return 1;
    return 0;
}

/* Tries a budget, and keeps what comes of it if that is the fastest so far; that it may not be
 * possible is no error.  Returns 1 if more may be found from here on. */
static int try_budget(search *s, const budget *b)
{
    if (s->cancelled || was_tried(s, b) || s->count == MOST_SCHEDULES || s->work > MOST_WORK ||
        b->fb_words < LEAST_WORDS || b->acc_depth < LEAST_SUMS)
        return 0;
    s->cancelled = weft_meter_step(s->low->work->meter, SHARE, s->low->work->err);
    if (s->cancelled)
        return 0;
    s->seen[s->count++] = *b;
    schedule now;
    const int rc = make_schedule(&now, s->low, b, &s->unused, NULL);
    const uint64_t cycles = now.cycles, layers = s->low->layer_count;
    s->work += now.command_count + layers * layers / 8; /* placing tries layers against layers */
    if (rc == WEFT_OK && (!s->found || cycles < s->best->cycles)) {
        if (s->found)
            schedule_free(s->best);
        *s->best = now;
        s->found = 1;
    } else {
        schedule_free(&now);
    }
    return rc == WEFT_OK && cycles - s->best->cycles <= s->best->cycles / FAR;
}

static void explore(search *s, budget from)
{
    budget less = from;
    int more = 0;
    for (less.policy = 0; less.policy < POLICIES; less.policy++)
        more |= try_budget(s, &less);
    if (!more)
        return;
    less = from;
    less.fb_words /= 2;
    explore(s, less);
    less = from;
    less.acc_depth /= 2;
    explore(s, less);
}

int choose_schedule(const lowering *low, schedule *best)
{
    const weft_hw *hw = &low->net->hw;
    const budget all = { .fb_words = hw->fb_words, .acc_depth = hw->acc_depth };
    search s = { .low = low, .best = best };
    explore(&s, all);
    if (s.cancelled) {
        if (s.found)
            schedule_free(best);
        return s.cancelled;
    }
    if (!s.found) /* to say what is wrong */
        return make_schedule(best, low, &all, low->work->err, low->work->culprits);
    best->work.err = low->work->err;
    best->work.culprits = low->work->culprits;
    return WEFT_OK;
}
