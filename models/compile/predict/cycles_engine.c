/* How long the array takes for a command, by the rules of weft_issue, weft_loader and weft_operand.
 *
 * A pass begins when its weights are in the shadow registers, which the loader fills from the
 * beginning of the pass before; a header comes ahead of the weights of its block.  Sums that take a
 * second operand leave when it is in its FIFO, and results that go to the bank it lies in come
 * first. */
#include "cycles.h"

enum {
    START_GAP = 2,      /* from the last vector of a command to the first of the next */
    TABLE_END = 1,      /* from the last row of a TABLE to its end */
    PIPELINE = 38,      /* from the last vector to its result in the buffer, plus ROWS and COLS */
    POOL_PIPELINE = 38, /* likewise without the array */
    OPERAND_READ = 5,   /* from the request of an operand to the issue of its sum */
    OPERAND_TAKEN = 22, /* from the issue to the operand's room in the FIFO, plus ROWS and COLS */
    RECENT = 512        /* sums remembered: more than lie between issue and result */
};

#define GET(field) ((int64_t)weft_COMPUTE_get_##field(&c->cmd))

static int uses_array(const pending *c)
{
    return GET(MODE) <= WEFT_MODE_DEPTHWISE;
}

static double later(double a, double b)
{
    return a > b ? a : b;
}

/* Cycles of a row of the stream in front of the array. */
static double row_cycles(const schedule *sched)
{
    return (double)div_up(sched->net->stream_row, sched->hw->mem_bytes);
}

static double table_bytes(const pending *c)
{
    return (weft_TABLE_get_BYTES(&c->cmd) ? WEFT_TABLE_ENTRIES : 0) +
           (weft_TABLE_get_OPERANDS(&c->cmd) ? 8.0 * WEFT_TABLE_ENTRIES : 0);
}

double engine_beats(const schedule *sched, const pending *c)
{
    if (c->is_table)
        return table_bytes(c) / sched->hw->mem_bytes;
    if ((c->cmd.word[0] & 0xff) != WEFT_CMD_COMPUTE)
        return 0;
    const int64_t header = GET(RAW) ? 0 : WEFT_HEADER_ROWS;
    const int64_t weights = uses_array(c) ? GET(PASSES) * sched->hw->rows : 0;
    return (double)(GET(BLOCKS) * (header + weights)) * engine_row_beats(sched);
}

double engine_row_beats(const schedule *sched)
{
    return (double)sched->net->stream_row / sched->hw->mem_bytes;
}

double engine_words(const pending *c)
{
    if ((c->cmd.word[0] & 0xff) != WEFT_CMD_COMPUTE)
        return 0;
    return (double)(GET(BLOCKS) * GET(O_INNER) * GET(OUTER)) * (GET(ALU) ? 2 : 1);
}

double engine_latency(const schedule *sched, const pending *c)
{
    if ((c->cmd.word[0] & 0xff) != WEFT_CMD_COMPUTE)
        return 0;
    return uses_array(c) ? PIPELINE + sched->hw->rows + sched->hw->cols : POOL_PIPELINE;
}

void engine_delay(engine *e, double by)
{
    e->loaded += by;
    e->swapped += by;
    for (unsigned i = 0; i < HEADER_SLOTS; i++)
        e->free[i] += by;
}

/* --- the second operand --- */

typedef struct sums {
    double written[RECENT], taken[RECENT]; /* result in the buffer; room of the operand free */
    int bank[RECENT];                      /* of the result */
    int64_t count, next;                   /* sums so far; the first whose result may be to come */
    double asked;                          /* of the last operand */
} sums;

/* The bank of a row of the second operand or of the output. */
static int bank_of(int64_t row, int64_t step, int64_t i)
{
    return (int)((row + step * i) & 3);
}

/* When the operand of sum s->count is asked for: one a cycle, with room for it, and not while a
 * result goes to its bank. */
static double ask(const schedule *sched, sums *s, int bank, int64_t depth)
{
    const double turns = (double)sched->hw->cols / sched->hw->lanes;
    double at = s->asked + 1;
    if (s->count >= depth)
        at = later(at, s->taken[(s->count - depth) % RECENT] + 1);
    for (; s->next < s->count; s->next++) {
        const double from = s->written[s->next % RECENT];
        if (at < from)
            break;
        if (at < from + turns && s->bank[s->next % RECENT] == bank)
            at = from + turns;
    }
    s->asked = at;
    return at;
}

/* The last pass of a block: when its last vector goes. */
static double last_pass(const schedule *sched, const pending *c, double now, sums *s)
{
    const double turns = (double)sched->hw->cols / sched->hw->lanes,
                 issues = (double)(GET(INNER) * GET(OUTER));
    const double drained = (double)(GET(O_INNER) * GET(OUTER)) * turns;
    if (!s)
        return now + later(issues, drained);
    const double latency = engine_latency(sched, c);
    const double taken = latency - PIPELINE + OPERAND_TAKEN;
    int64_t depth = 1;
    while (depth < sched->hw->rows + sched->hw->cols + 32)
        depth *= 2;
    for (int64_t o = 0; o < GET(OUTER); o++) {
        now += (double)GET(CHAIN) - 1;
        for (int64_t i = 0; i < GET(O_INNER); i++) {
            const int from = bank_of(GET(X_ROW), GET(X_OUT_DR), o);
            now = later(now, ask(sched, s, from, depth) + OPERAND_READ);
            const int64_t k = s->count++ % RECENT;
            s->written[k] = now + latency;
            s->taken[k] = now + taken;
            s->bank[k] = bank_of(GET(O_ROW), GET(O_OUT_DR), o);
            now += later(i + 1 < GET(O_INNER) ? (double)GET(PHASES) : 1, turns);
        }
    }
    return now;
}

/* --- commands --- */

static double run_blocks(engine *e, const schedule *sched, const pending *c, double now, sums *s)
{
    const int array = uses_array(c), header = !GET(RAW);
    const double row = row_cycles(sched), load = array ? (double)sched->hw->rows * row : 0;
    const double issues = (double)(GET(INNER) * GET(OUTER)), pass = later(issues, load);
    const double middle = (double)GET(PASSES) - 1;
    for (int64_t b = 0; b < GET(BLOCKS); b++) {
        if (header)
            e->loaded = later(e->loaded, e->free[e->slot]) + WEFT_HEADER_ROWS * row;
        if (array)
            e->loaded = later(e->loaded, e->swapped) + load;
        now = array || header ? later(now, e->loaded) : now;
        if (array && middle > 0)
            e->loaded = now + (middle - 1) * pass + load;
        if (array)
            e->swapped = now + middle * pass;
        now = last_pass(sched, c, now + middle * pass, s);
        if (header) {
            e->free[e->slot] = now + engine_latency(sched, c);
            e->slot = (e->slot + 1) % HEADER_SLOTS;
        }
    }
    return now;
}

double engine_run(engine *e, const schedule *sched, const pending *c, double now)
{
    if (c->is_table) {
        now += table_bytes(c) / sched->net->stream_row * row_cycles(sched);
        e->loaded = later(e->loaded, now);
        return now + TABLE_END + START_GAP;
    }
    now += START_GAP;
    if ((c->cmd.word[0] & 0xff) != WEFT_CMD_COMPUTE)
        return now;
    if (!GET(ALU))
        return run_blocks(e, sched, c, now, NULL);
    sums s = { .asked = now };
    return run_blocks(e, sched, c, now, &s);
}
