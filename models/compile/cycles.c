/* Prediction: the three queues played against each other with the tokens of the program.
 *
 * A command starts when its queue is free and its tokens are there.  Loads, stores and the weights
 * of the arithmetic share the port of the memory evenly; arithmetic that gets its weights more
 * slowly than it wants them slows down.  Time goes from event to event: a command starts or ends.
 * What is left out: bursts cut short, and the second operand. */
#include "plan.h"

enum {
    LOAD_LATENCY = 40,    /* from a request to its first byte */
    STORE_LATENCY = 20,   /* from the last byte to its confirmation */
    COMMAND_OVERHEAD = 6, /* between two compute commands */
    PIPELINE = 30,        /* from the last vector to its result in the buffer, plus ROWS and COLS */
    POOL_PIPELINE = 29,   /* likewise without the array */
    START = 130           /* from the start of the run to the first command of a queue */
};

static const double port_share = 0.964; /* of its cycles that move data: the rest is refresh */

#define GET(field) ((uint64_t)weft_COMPUTE_get_##field(cmd))

/* What a command has to do: cycles of its own, beats on the port, words of results. */
typedef struct job {
    double cycles, beats, results;
    uint64_t after; /* until others may use the result */
} job;

static job compute_job(const plan *p, const pending *c)
{
    const weft_cmd *cmd = &c->cmd;
    const int array = GET(MODE) <= WEFT_MODE_DEPTHWISE;
    const uint64_t issues = GET(INNER) * GET(OUTER), sums = GET(O_INNER) * GET(OUTER);
    const uint64_t row = div_up(p->stream_row, p->hw.mem_bytes), load = p->hw.rows * row;
    const uint64_t pass = array && issues < load ? load : issues;
    const uint64_t drain = sums * (p->hw.cols / p->hw.lanes), last = pass > drain ? pass : drain;
    const uint64_t header = GET(RAW) ? 0 : WEFT_HEADER_ROWS * row;
    const uint64_t work = GET(BLOCKS) * ((GET(PASSES) - 1) * pass + last);
    uint64_t beats = GET(BLOCKS) * ((array ? GET(PASSES) * load : 0) + header);
    if (c->wait && !GET(W_SYNC)) /* the first weights came while it waited */
        beats -= (array ? load : 0) + header;
    return (job){ .cycles = (double)(work > beats ? work : beats) + COMMAND_OVERHEAD,
                  .beats = (double)beats,
                  .results = (double)(GET(BLOCKS) * sums),
                  .after = array ? PIPELINE + p->hw.rows + p->hw.cols : POOL_PIPELINE };
}

static job transfer_job(const plan *p, const pending *c)
{
    const weft_cmd *cmd = &c->cmd;
    const int load = c->queue == QUEUE_LOAD;
    const uint64_t rows = (uint64_t)(load ? weft_LOAD_get_ROWS(cmd) : weft_STORE_get_ROWS(cmd));
    const uint64_t bytes =
        (uint64_t)(load ? weft_LOAD_get_ROW_BYTES(cmd) : weft_STORE_get_ROW_BYTES(cmd));
    const double beats = (double)(rows * div_up(bytes, p->hw.mem_bytes));
    return (job){ .cycles = beats, .beats = beats, .after = load ? LOAD_LATENCY : STORE_LATENCY };
}

static job job_of(const plan *p, const pending *c)
{
    if (c->queue != QUEUE_COMPUTE)
        return transfer_job(p, c);
    if (c->is_table)
        return (job){ COMMAND_OVERHEAD + 2304.0 / p->hw.mem_bytes, 2304.0 / p->hw.mem_bytes, 0, 0 };
    if ((c->cmd.word[0] & 0xff) == WEFT_OP_COMPUTE)
        return compute_job(p, c);
    return (job){ COMMAND_OVERHEAD, 0, 0, 0 };
}

/* A queue: the command at hand, begun or not, and how much of it is left (1 to 0). */
typedef struct line {
    uint32_t next;
    int begun;
    job job;
    double left, free_at;
} line;

typedef struct race {
    const plan *p;
    uint32_t end;             /* commands of the runs up to this one */
    double now, *read, *done; /* of each command; negative: not yet over */
    double written;           /* all results of compute commands ended so far */
    double settled;           /* all but those of the last of them */
    line line[QUEUES];
} race;

static void next_command(const race *r, line *l, queue q, uint32_t from)
{
    for (l->next = from; l->next < r->end && r->p->commands[l->next].queue != q;)
        l->next++;
}

/* When the command at hand may begin; negative if that is not known yet. */
static double ready(const race *r, const line *l)
{
    const pending *c = &r->p->commands[l->next];
    double at = l->free_at;
    for (unsigned q = 0; q < QUEUES; q++) {
        if (!c->pop[q])
            continue;
        const double *when = q == QUEUE_COMPUTE && c->queue == QUEUE_LOAD ? r->read : r->done;
        if (when[c->after[q]] < 0)
            return -1;
        at = when[c->after[q]] > at ? when[c->after[q]] : at;
    }
    if (c->queue != QUEUE_COMPUTE)
        return at;
    const double results = c->wait || c->is_table ? r->written : r->settled;
    return results > at ? results : at;
}

/* Begin what can begin now; returns when the next of the others can, if known, or `never`. */
static double begin(race *r, double never)
{
    double soonest = never;
    for (unsigned q = 0; q < QUEUES; q++) {
        line *l = &r->line[q];
        if (l->begun || l->next >= r->end)
            continue;
        const double at = ready(r, l);
        if (at >= 0 && at <= r->now) {
            l->begun = 1;
            l->left = 1;
            l->job = job_of(r->p, &r->p->commands[l->next]);
        } else if (at >= 0 && at < soonest) {
            soonest = at;
        }
    }
    return soonest;
}

/* How fast the three queues go, 0 to 1.  A transfer loses the cycles in which a result goes to the
 * bank it wants, one in four.  Where the port is short, the weights get four turns, as measured:
 * their requests are always there early. */
static void share_port(const race *r, double speed[QUEUES])
{
    static const unsigned turns[QUEUES] = {
        [QUEUE_LOAD] = 1, [QUEUE_COMPUTE] = 4, [QUEUE_STORE] = 1
    };
    const line *sums = &r->line[QUEUE_COMPUTE];
    const double results = sums->begun ? sums->job.results / sums->job.cycles : 0;
    double wish[QUEUES], room = port_share;
    unsigned open = 0;
    for (unsigned q = 0; q < QUEUES; q++) {
        const line *l = &r->line[q];
        const unsigned uses = l->begun && l->job.beats > 0;
        speed[q] = !l->begun ? 0 : q == QUEUE_COMPUTE ? 1 : 1 - results / 4;
        wish[q] = uses ? speed[q] * l->job.beats / l->job.cycles : 0;
        open += uses * turns[q];
    }
    for (int settled = 0; open && !settled;) { /* the modest get all they want, the others equal */
        settled = 1;
        for (unsigned q = 0; q < QUEUES; q++)
            if (wish[q] > 0 && wish[q] <= room * turns[q] / open) {
                room -= wish[q];
                wish[q] = 0;
                open -= turns[q];
                settled = 0;
                break;
            }
    }
    for (unsigned q = 0; q < QUEUES; q++)
        if (wish[q] > 0)
            speed[q] *= room * turns[q] / open / wish[q];
}

static void finish(race *r, unsigned q)
{
    line *l = &r->line[q];
    r->read[l->next] = r->now;
    r->done[l->next] = r->now + (double)l->job.after;
    if (q == QUEUE_COMPUTE) {
        r->settled = r->written;
        r->written = r->done[l->next] > r->written ? r->done[l->next] : r->written;
    }
    l->free_at = r->now;
    l->begun = 0;
    next_command(r, l, (queue)q, l->next + 1);
}

/* To the next event; 0 at the end. */
static int step(race *r)
{
    const double never = 1e300;
    double until = begin(r, never), speed[QUEUES], end[QUEUES];
    share_port(r, speed);
    for (unsigned q = 0; q < QUEUES; q++) {
        const line *l = &r->line[q];
        end[q] = l->begun ? r->now + l->left * l->job.cycles / speed[q] : never;
        until = end[q] < until ? end[q] : until;
    }
    if (until >= never)
        return 0;
    for (unsigned q = 0; q < QUEUES; q++) {
        line *l = &r->line[q];
        if (l->begun)
            l->left -= (until - r->now) * speed[q] / l->job.cycles;
    }
    r->now = until;
    for (unsigned q = 0; q < QUEUES; q++) /* by its time, not by `left`: rounding cannot stop it */
        if (r->line[q].begun && end[q] <= until)
            finish(r, q);
    return 1;
}

/* The run that begins with command `first`, after all before it are over. */
static void play_run(race *r, uint32_t first)
{
    const plan *p = r->p;
    double begin = 0;
    for (uint32_t i = 0; i < first; i++)
        begin = r->done[i] > begin ? r->done[i] : begin;
    r->now = begin + START;
    for (r->end = first;
         r->end < p->command_count && p->commands[r->end].run == p->commands[first].run;)
        r->end++;
    for (unsigned q = 0; q < QUEUES; q++) {
        r->line[q] = (line){ 0 };
        next_command(r, &r->line[q], (queue)q, first);
    }
    while (step(r))
        ;
}

void plan_cycles(plan *p)
{
    race r = { .p = p };
    r.read = plan_alloc(p, (p->command_count + 1u) * sizeof *r.read);
    r.done = plan_alloc(p, (p->command_count + 1u) * sizeof *r.done);
    if (!r.read || !r.done)
        return; /* a prediction is not worth a failure */
    for (uint32_t i = 0; i < p->command_count; i++)
        r.read[i] = r.done[i] = -1;
    for (uint32_t first = 0; first < p->command_count; first = r.end)
        play_run(&r, first);
    double over = 0;
    uint64_t before = 0;
    for (uint32_t i = 0; i < p->command_count; i++) {
        over = r.done[i] > over ? r.done[i] : over;
        const uint32_t layer_index = p->commands[i].layer;
        if (p->layer_count &&
            (i + 1 == p->command_count || p->commands[i + 1].layer != layer_index)) {
            p->layers[layer_index].cycles += (uint64_t)over - before;
            before = (uint64_t)over;
        }
    }
}
