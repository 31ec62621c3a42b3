/* Prediction: the three queues played against each other with the tokens of the program.
 *
 * A command starts when its queue is free and its tokens are there; transfers take their bytes at
 * the bus's rate and a latency, arithmetic the larger of its vectors and its weight stream.  The
 * queues do not slow each other down here, which is the model's error. */
#include "plan.h"

enum {
    MEMORY_LATENCY = 40,  /* cycles from a request to its first byte or confirmation */
    COMMAND_OVERHEAD = 6, /* between two compute commands */
    PIPELINE = 24         /* from the last vector to its result in the buffer, plus ROWS */
};

#define GET(field) ((uint64_t)weft_COMPUTE_get_##field(cmd))

static uint64_t compute_cycles(const plan *p, const weft_cmd *cmd)
{
    const int array = GET(MODE) <= WEFT_MODE_DEPTHWISE;
    const uint64_t issues = GET(INNER) * GET(OUTER), sums = GET(O_INNER) * GET(OUTER);
    const uint64_t row = div_up(p->stream_row, p->hw.mem_bytes), load = p->hw.rows * row;
    uint64_t pass = array && issues < load ? load : issues;
    uint64_t drain = sums * (p->hw.cols / p->hw.lanes);
    uint64_t last = pass > drain ? pass : drain;
    uint64_t rows = (array ? GET(PASSES) * p->hw.rows : 0) + (GET(RAW) ? 0 : WEFT_HEADER_ROWS);
    uint64_t work = (GET(PASSES) - 1) * pass + last;
    return GET(BLOCKS) * (work > rows * row ? work : rows * row);
}

static uint64_t transfer_cycles(const plan *p, const pending *c)
{
    const weft_cmd *cmd = &c->cmd;
    uint64_t rows, bytes;
    if (c->queue == QUEUE_LOAD) {
        rows = (uint64_t)weft_LOAD_get_ROWS(cmd);
        bytes = (uint64_t)weft_LOAD_get_ROW_BYTES(cmd);
    } else {
        rows = (uint64_t)weft_STORE_get_ROWS(cmd);
        bytes = (uint64_t)weft_STORE_get_ROW_BYTES(cmd);
    }
    uint64_t beats = rows * div_up(bytes, p->hw.mem_bytes);
    return beats + beats / 9; /* nine tenths of the bus */
}

typedef struct times {
    uint64_t read, done; /* of each command */
} times;

static times play_command(const plan *p, const pending *c, const times *t, uint64_t *free_at,
                          uint64_t compute_done)
{
    uint64_t start = free_at[c->queue];
    for (unsigned q = 0; q < QUEUES; q++)
        if (c->pop[q]) {
            const times *other = &t[c->after[q]];
            uint64_t at = q == QUEUE_COMPUTE && c->queue == QUEUE_LOAD ? other->read : other->done;
            start = at > start ? at : start;
        }
    if (c->queue != QUEUE_COMPUTE) {
        uint64_t busy = transfer_cycles(p, c);
        free_at[c->queue] = start + busy;
        return (times){ start + busy, start + busy + MEMORY_LATENCY };
    }
    if ((c->wait || c->is_table) && compute_done > start)
        start = compute_done;
    uint64_t busy = COMMAND_OVERHEAD;
    if (c->is_table)
        busy += 2304u / p->hw.mem_bytes;
    else if ((c->cmd.word[0] & 0xff) == WEFT_OP_COMPUTE)
        busy += compute_cycles(p, &c->cmd);
    free_at[c->queue] = start + busy;
    return (times){ start + busy, start + busy + PIPELINE + p->hw.rows };
}

void plan_cycles(plan *p)
{
    times *t = plan_alloc(p, (p->command_count + 1u) * sizeof *t);
    uint64_t free_at[QUEUES] = { MEMORY_LATENCY, MEMORY_LATENCY, MEMORY_LATENCY };
    uint64_t compute_done = 0, over = 0, before = 0;
    if (!t)
        return; /* a prediction is not worth a failure */
    for (uint32_t i = 0; i < p->command_count; i++) {
        const pending *c = &p->commands[i];
        t[i] = play_command(p, c, t, free_at, compute_done);
        if (c->queue == QUEUE_COMPUTE)
            compute_done = t[i].done;
        over = t[i].done > over ? t[i].done : over;
        if (i + 1 == p->command_count || p->commands[i + 1].layer != c->layer) {
            if (p->layer_count)
                p->layers[c->layer].cycles += over - before;
            before = over;
        }
    }
}
