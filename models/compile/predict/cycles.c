/* Prediction: the three queues and the stream of weights played against each other with the tokens
 * of the program.
 *
 * A command starts when its queue is free and its tokens are there.  Weights are fetched ahead of
 * the arithmetic, a few commands and a FIFO far, and share the port of the memory with loads and
 * stores; arithmetic that has used up what was fetched goes as fast as they come.  Time goes from
 * event to event: a command starts or ends, or the FIFO runs full or empty.  How long the array
 * takes for a command that lacks nothing is said in cycles_engine.c.
 * What is left out: bursts cut short. */
#include "cycles.h"
#include "predict.h"

enum {
    LOAD_LATENCY = 46,  /* from a request to its first byte in the buffer */
    STORE_LATENCY = 36, /* from the last byte to its confirmation */
    START = 95,         /* from the start of the run to the first unit of a command */
    FETCH = 5, /* from one unit to the next: sixteen are asked for at a time, behind weights */
    FIFO_BEATS = 512,  /* WFIFO_BEATS of weft_weights */
    QUEUE_BEATS = 256, /* asked for and not answered: bursts that memory takes */
    PLENTY = 128,      /* beats there from which loads have their turn */
    AHEAD = 6          /* commands of the compute queue that are known: see weft_compute_queue */
};

static const double port_share = 0.964; /* of its cycles that move data: the rest is refresh */
static const double never = 1e300, little = 1e-3;

/* What a command has to do: cycles of its own, beats on the port, words of results and second
 * operands. */
typedef struct job {
    double cycles, beats, words;
    double after; /* until others may use the result */
} job;

/* A queue: the command at hand, begun or not, and how much of it is left (1 to 0). */
typedef struct line {
    uint32_t next;
    int begun;
    job job;
    double left, since, free_at;
} line;

/* The weights: the command whose beats are being fetched, and what lies in the FIFO and in front of
 * the array. */
typedef struct stream {
    uint32_t next, ahead; /* ahead: commands of its queue since the one at hand */
    double left, stock, room;
    int urgent; /* it ran empty: loads come second until there is plenty again */
} stream;

typedef struct race {
    const schedule *sched;
    uint32_t end;             /* commands of the runs up to this one */
    double now, *read, *done; /* of each command; negative: not yet over */
    double *known;            /* when it has been fetched */
    double *asked;            /* when its weights were first asked for; or negative */
    double written;           /* all results of compute commands ended so far */
    double settled;           /* all but those of the last of them */
    int pooling;              /* that one went past the array */
    line line[QUEUES];
    stream weights;
    engine engine;
} race;

enum { STREAM = QUEUES, CLIENTS };

static uint32_t next_of(const race *r, queue q, uint32_t from)
{
    while (from < r->end && r->sched->commands[from].queue != q)
        from++;
    return from;
}

static int pooling(const pending *c)
{
    return (c->cmd.word[0] & 0xff) == WEFT_CMD_COMPUTE &&
           weft_COMPUTE_get_MODE(&c->cmd) > WEFT_MODE_DEPTHWISE;
}

/* When the command at hand may begin; negative if that is not known yet. */
static double ready(const race *r, const line *l)
{
    const pending *c = &r->sched->commands[l->next];
    double at = l->free_at > r->known[l->next] ? l->free_at : r->known[l->next];
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
    const double results =
        c->wait || c->is_table || pooling(c) != r->pooling ? r->written : r->settled;
    return results > at ? results : at;
}

static int waits_for_start(const pending *c)
{
    return (c->cmd.word[0] & 0xff) == WEFT_CMD_COMPUTE && weft_COMPUTE_get_W_SYNC(&c->cmd);
}

/* Is there something to fetch?  If not of the command before, then of the next that is known by now
 * and has weights. */
static int to_fetch(race *r)
{
    stream *s = &r->weights;
    const line *sums = &r->line[QUEUE_COMPUTE];
    while (s->left <= 0 && s->next < r->end && s->ahead < AHEAD) {
        const pending *c = &r->sched->commands[s->next];
        if (r->now < r->known[s->next] ||
            (waits_for_start(c) && !(s->next == sums->next && sums->begun)))
            return 0;
        s->left = engine_beats(r->sched, c);
        r->asked[s->next] = r->now;
        s->next = next_of(r, QUEUE_COMPUTE, s->next + 1);
        s->ahead++;
    }
    return s->left > 0;
}

/* A load waits for the weights that were asked for before it; one behind another load has asked
 * early. */
static job transfer_job(race *r, const pending *c)
{
    const schedule *sched = r->sched;
    const stream *s = &r->weights;
    const weft_cmd *cmd = &c->cmd;
    const int load = c->queue == QUEUE_LOAD;
    const uint64_t rows = (uint64_t)(load ? weft_LOAD_get_ROWS(cmd) : weft_STORE_get_ROWS(cmd));
    const uint64_t bytes =
        (uint64_t)(load ? weft_LOAD_get_ROW_BYTES(cmd) : weft_STORE_get_ROW_BYTES(cmd));
    const double beats = (double)(rows * div_up(bytes, sched->hw->mem_bytes));
    double after = STORE_LATENCY;
    if (load) {
        const double room = s->room - s->stock;
        after = LOAD_LATENCY;
        if (r->now > r->line[QUEUE_LOAD].free_at + little && to_fetch(r))
            after += room < QUEUE_BEATS ? room : QUEUE_BEATS;
    }
    return (job){ .cycles = beats, .beats = beats, .after = after };
}

static job compute_job(race *r, const pending *c)
{
    const double beats = engine_beats(r->sched, c), asked = r->asked[r->line[QUEUE_COMPUTE].next];
    const double first = (asked < 0 ? r->now : asked) + LOAD_LATENCY;
    if (beats > 0 && r->engine.loaded < first)
        r->engine.loaded = first;
    const double end = engine_run(&r->engine, r->sched, c, r->now);
    return (job){ .cycles = end - r->now,
                  .beats = beats,
                  .words = engine_words(c),
                  .after = engine_latency(r->sched, c) };
}

/* Begin what can begin now; returns when the next of the others can, if known, or `never`. */
static double begin(race *r)
{
    double soonest = never;
    for (unsigned q = 0; q < QUEUES; q++) {
        line *l = &r->line[q];
        if (l->begun || l->next >= r->end)
            continue;
        const double at = ready(r, l);
        if (at >= 0 && at <= r->now) {
            const pending *c = &r->sched->commands[l->next];
            l->begun = 1;
            l->left = 1;
            l->since = r->now;
            l->job = q == QUEUE_COMPUTE ? compute_job(r, c) : transfer_job(r, c);
        } else if (at >= 0 && at < soonest) {
            soonest = at;
        }
    }
    return soonest;
}

/* The modest get all they want, the others by their turns. */
static void share(double wish[CLIENTS], const unsigned turns[CLIENTS])
{
    double room = port_share, got[CLIENTS] = { 0 };
    unsigned open = 0;
    for (unsigned q = 0; q < CLIENTS; q++)
        open += wish[q] > 0 ? turns[q] : 0;
    for (int settled = 0; open && !settled;) {
        settled = 1;
        for (unsigned q = 0; q < CLIENTS; q++)
            if (wish[q] > 0 && wish[q] <= room * turns[q] / open) {
                got[q] = wish[q];
                room -= wish[q];
                wish[q] = 0;
                open -= turns[q];
                settled = 0;
                break;
            }
    }
    for (unsigned q = 0; q < CLIENTS; q++)
        wish[q] = wish[q] > 0 ? room * turns[q] / open : got[q];
}

/* Beats a cycle that the arithmetic uses up. */
static double use(const line *sums)
{
    return sums->begun && sums->job.cycles > 0 ? sums->job.beats / sums->job.cycles : 0;
}

/* How fast the three queues go, 0 to 1, and the weights in beats a cycle.  A transfer loses the
 * cycles in which the bank it wants is taken by a result or an operand, one in four. */
static void share_port(race *r, double speed[CLIENTS])
{
    const stream *s = &r->weights;
    const line *sums = &r->line[QUEUE_COMPUTE];
    const double used = use(sums), busy = sums->begun ? sums->job.words / sums->job.cycles / 4 : 0;
    const unsigned turns[CLIENTS] = {
        [QUEUE_LOAD] = 1, [QUEUE_STORE] = 1, [STREAM] = s->urgent ? 4 : 1
    };
    double wish[CLIENTS] = { 0 };
    for (unsigned q = 0; q < QUEUES; q++) {
        const line *l = &r->line[q];
        if (q != QUEUE_COMPUTE && l->begun)
            wish[q] = (1 - busy) * l->job.beats / l->job.cycles;
    }
    const int fetching = to_fetch(r);
    if (fetching)
        wish[STREAM] = s->stock >= s->room - little ? used : 1;
    share(wish, turns);
    for (unsigned q = 0; q < QUEUES; q++) {
        const line *l = &r->line[q];
        if (q != QUEUE_COMPUTE && l->begun)
            speed[q] = wish[q] * l->job.cycles / l->job.beats;
    }
    speed[STREAM] = wish[STREAM];
    speed[QUEUE_COMPUTE] =
        !fetching || s->stock > little || used <= wish[STREAM] ? 1 : wish[STREAM] / used;
}

static void end_command(race *r, unsigned q)
{
    line *l = &r->line[q];
    r->read[l->next] = r->now;
    r->done[l->next] = r->now + l->job.after;
    if (q == QUEUE_COMPUTE) {
        engine_delay(&r->engine, r->now - l->since - l->job.cycles);
        r->settled = r->written;
        r->pooling = pooling(&r->sched->commands[l->next]);
        r->written = r->done[l->next] > r->written ? r->done[l->next] : r->written;
        if (r->weights.ahead) /* otherwise it is none of those that were looked at */
            r->weights.ahead--;
    }
    l->free_at = r->now;
    l->begun = 0;
    l->next = next_of(r, (queue)q, l->next + 1);
}

/* When the FIFO is full, empty, or has plenty. */
static double stock_event(const stream *s, double change, double now)
{
    if (change < 0)
        return s->stock > little ? now + s->stock / -change : never;
    const double to = s->urgent && s->stock < PLENTY ? PLENTY : s->room;
    return change > 0 && s->stock < to - little ? now + (to - s->stock) / change : never;
}

static void fill(stream *s, double change, double fetched)
{
    s->stock += change;
    s->left = s->left - fetched > little ? s->left - fetched : 0;
    if (s->stock < little)
        s->urgent = 1;
    else if (s->stock > PLENTY - little)
        s->urgent = 0;
    s->stock = s->stock > 0 ? s->stock : 0;
}

/* To the next event; 0 at the end. */
static int next_event(race *r)
{
    stream *s = &r->weights;
    double until = begin(r), speed[CLIENTS] = { 0 }, end[QUEUES];
    share_port(r, speed);
    const line *sums = &r->line[QUEUE_COMPUTE];
    const double change = speed[STREAM] - use(sums) * speed[QUEUE_COMPUTE];
    for (unsigned q = 0; q < QUEUES; q++) {
        const line *l = &r->line[q];
        end[q] = l->begun ? r->now + l->left * l->job.cycles / speed[q] : never;
        until = end[q] < until ? end[q] : until;
    }
    if (until >= never)
        return 0;
    const double event = stock_event(s, change, r->now);
    until = event < until ? event : until;
    if (speed[STREAM] > 0 && r->now + s->left / speed[STREAM] < until)
        until = r->now + s->left / speed[STREAM];
    if (s->left <= 0 && s->next < r->end && r->known[s->next] > r->now && r->known[s->next] < until)
        until = r->known[s->next];
    const double passed = until - r->now;
    for (unsigned q = 0; q < QUEUES; q++) {
        line *l = &r->line[q];
        if (l->begun)
            l->left -= passed * speed[q] / l->job.cycles;
    }
    fill(s, passed * change, passed * speed[STREAM]);
    r->now = until;
    for (unsigned q = 0; q < QUEUES; q++) /* by its time, not by `left`: rounding cannot stop it */
        if (r->line[q].begun && end[q] <= until)
            end_command(r, q);
    return 1;
}

/* The run that begins with command `first`, after all before it are over. */
static void play_run(race *r, uint32_t first)
{
    const schedule *sched = r->sched;
    double begin = 0;
    for (uint32_t i = 0; i < first; i++)
        begin = r->done[i] > begin ? r->done[i] : begin;
    r->now = begin + START;
    uint32_t units = 0;
    for (r->end = first;
         r->end < sched->command_count && sched->commands[r->end].run == sched->commands[first].run;
         r->end++) {
        units += weft_op_units(sched->commands[r->end].cmd.word[0] & 0xff);
        r->known[r->end] = r->now + (double)units * FETCH;
    }
    for (unsigned q = 0; q < QUEUES; q++)
        r->line[q] = (line){ .next = next_of(r, (queue)q, first) };
    r->weights = (stream){ .next = r->line[QUEUE_COMPUTE].next,
                           .room = FIFO_BEATS + engine_row_beats(sched) * sched->hw->rows,
                           .urgent = 1 };
    while (next_event(r))
        ;
}

uint64_t predict_cycles(schedule *sched)
{
    race r = { .sched = sched };
    r.read = work_alloc(&sched->work, (sched->command_count + 1u) * sizeof *r.read);
    r.done = work_alloc(&sched->work, (sched->command_count + 1u) * sizeof *r.done);
    r.known = work_alloc(&sched->work, (sched->command_count + 1u) * sizeof *r.known);
    r.asked = work_alloc(&sched->work, (sched->command_count + 1u) * sizeof *r.asked);
    if (!r.read || !r.done || !r.known || !r.asked)
        return 0; /* a prediction is not worth a failure */
    for (uint32_t i = 0; i < sched->command_count; i++)
        r.read[i] = r.done[i] = r.asked[i] = -1;
    for (uint32_t first = 0; first < sched->command_count; first = r.end)
        play_run(&r, first);
    double over = 0;
    uint64_t before = 0;
    for (uint32_t i = 0; i < sched->command_count; i++) {
        over = r.done[i] > over ? r.done[i] : over;
        const uint32_t layer_index = sched->commands[i].layer;
        if (sched->low->layer_count &&
            (i + 1 == sched->command_count || sched->commands[i + 1].layer != layer_index)) {
            sched->tilings[layer_index].cycles += (uint64_t)over - before;
            before = (uint64_t)over;
        }
    }
    return before;
}
