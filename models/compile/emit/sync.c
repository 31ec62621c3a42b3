/* Tokens and WAIT: everything that must happen in order, from what each command touches.
 *
 * Program order is a correct order.  For every command and every other queue, the latest earlier
 * command there with a conflicting access must be over first; since queues are in order, that
 * covers all before it.  Only a need later than the last one of the same pair of queues takes a
 * token, so the n-th token taken is always the n-th given.
 *
 * Among compute commands the device itself orders all but the result of the command directly
 * before, which a reader WAITs for.
 *
 * What needs no order of its own, because every result in the buffer is read before its words are
 * used again, and its reader came behind its writer:
 *   - a write after a write of a result (not of a LOAD: rows that no window touches are not read);
 *   - a STORE after a LOAD: its data come from a COMPUTE that waited for every load before it.
 * Compute->load tokens say that the input was read, not that the second operand was: a LOAD over
 * an operand waits for a STORE of the result, or for a later COMPUTE that itself waited. */
#include "commands.h"
#include "touched.h"

typedef struct sync_state {
    int64_t known[QUEUES][QUEUES]; /* [waiting][other]: its commands up to here are over */
    int64_t last_compute;          /* the last command of the compute queue, or -1 */
    int64_t last_operand;          /* the last COMPUTE with a second operand, or -1 */
    int64_t results_known;         /* loads know that compute commands up to here are over */
    int64_t last[QUEUES];          /* of each queue, before the one at hand; or -1 */
    int64_t *before;               /* of each command: the one before it in its queue, or -1 */
    touched touched;
} sync_state;

/* At the start of a run everything before command `next` is over. */
static void all_over(sync_state *s, int64_t next)
{
    s->last_compute = -1;
    s->last_operand = s->results_known = next - 1;
    for (unsigned i = 0; i < QUEUES; i++) {
        s->last[i] = -1;
        for (unsigned k = 0; k < QUEUES; k++)
            s->known[i][k] = next - 1;
    }
}

static int overlap(uint32_t a, uint32_t a_end, uint32_t b, uint32_t b_end)
{
    return a < b_end && b < a_end;
}

/* Do two accesses, in this order, need to be kept in this order? */
static int conflict(const access *a, const access *b, int after_load)
{
    const int writes = (a->kind == ACCESS_WRITE) + (b->kind == ACCESS_WRITE);
    if (a->in_memory != b->in_memory || writes == 0 || (writes == 2 && !after_load))
        return 0;
    if (!a->in_memory && !overlap(a->word, a->word + a->words, b->word, b->word + b->words))
        return 0;
    if (a->occupant != b->occupant)
        return !a->in_memory;
    return overlap(a->row_lo, a->row_hi, b->row_lo, b->row_hi) &&
           overlap(a->part_lo, a->part_hi, b->part_lo, b->part_hi);
}

/* operand: count only the second operand of `first`; otherwise everything but that. */
static int conflicts(const pending *first, const pending *second, int operand)
{
    const int after_load = first->queue == QUEUE_LOAD && second->queue == QUEUE_COMPUTE;
    for (unsigned i = 0; i < first->access_count; i++)
        for (unsigned k = 0; k < second->access_count; k++)
            if ((first->access[i].kind == ACCESS_OPERAND) == operand &&
                conflict(&first->access[i], &second->access[k], after_load))
                return 1;
    return 0;
}

/* `to` waits for `from`, which is later than all its queue has waited for; a token it was to take
 * from the same queue is replaced. */
static void token(schedule *sched, int64_t from, int64_t to, sync_state *s)
{
    pending *a = &sched->commands[from], *b = &sched->commands[to];
    if (b->pop[a->queue])
        sched->commands[b->after[a->queue]].push[b->queue] = 0;
    a->push[b->queue] = 1;
    b->pop[a->queue] = 1;
    b->after[a->queue] = from;
    s->known[b->queue][a->queue] = from;
}

/* Order command `to` after the latest conflicting command of another queue. */
static void order_after(schedule *sched, int64_t to, queue other, sync_state *s)
{
    const pending *b = &sched->commands[to];
    const int64_t least = s->known[b->queue][other];
    for (int64_t i = touched_latest(&s->touched, b, other, s->last[other], least); i > least;
         i = touched_latest(&s->touched, b, other, s->before[i], least)) {
        const pending *a = &sched->commands[i];
        if (conflicts(a, b, 0) || (b->queue != QUEUE_LOAD && conflicts(a, b, 1))) {
            token(sched, i, to, s);
            return;
        }
    }
}

/* Does command i, before a load, say that all of compute command `from` is over? */
static int is_witness(const pending *c, int64_t from)
{
    if (c->queue == QUEUE_STORE)
        return c->pop[QUEUE_COMPUTE] && c->after[QUEUE_COMPUTE] >= from;
    return c->queue == QUEUE_COMPUTE && c->wait;
}

/* The load `to` must not begin before compute command `from` is over altogether.  A STORE or a
 * waiting COMPUTE between them may tell; otherwise a fence, which emit puts behind every tile with
 * a second operand that is not stored. */
static void after_result(schedule *sched, int64_t from, int64_t to, sync_state *s)
{
    int64_t by = from + 1;
    while (by < to && !is_witness(&sched->commands[by], from))
        by++;
    for (int64_t i = from + 1; by == to && i < to; i++)
        if (sched->commands[i].is_fence) {
            sched->commands[i].wait = 1;
            by = i;
        }
    if (by < to && by > s->known[QUEUE_LOAD][sched->commands[by].queue])
        token(sched, by, to, s);
    s->results_known = from;
}

static void order_operands(schedule *sched, int64_t to, sync_state *s)
{
    const pending *b = &sched->commands[to];
    const int64_t least = s->results_known;
    for (int64_t i = touched_latest(&s->touched, b, QUEUE_COMPUTE, s->last_operand, least);
         i > least; i = touched_latest(&s->touched, b, QUEUE_COMPUTE, s->before[i], least))
        if (conflicts(&sched->commands[i], b, 1)) {
            after_result(sched, i, to, s);
            return;
        }
}

/* Does b read rows, whichever channels, that a, directly before it in the compute queue, writes? */
static int reads_result(const pending *a, const pending *b)
{
    for (unsigned i = 0; i < a->access_count; i++)
        for (unsigned k = 0; k < b->access_count; k++) {
            access written = a->access[i];
            written.part_lo = 0;
            written.part_hi = UINT32_MAX;
            if (written.kind == ACCESS_WRITE && conflict(&written, &b->access[k], 0))
                return 1;
        }
    return 0;
}

/* Compute commands among themselves. */
static void wait_if_needed(schedule *sched, int64_t to, sync_state *s)
{
    pending *b = &sched->commands[to];
    if (s->last_compute >= 0 && reads_result(&sched->commands[s->last_compute], b))
        b->wait = 1;
    for (unsigned k = 0; k < b->access_count; k++)
        if (b->access[k].kind == ACCESS_OPERAND)
            s->last_operand = to;
}

static void put_flags(schedule *sched, pending *c, int *rc)
{
    switch (c->queue) {
    case QUEUE_LOAD:
        field_put(sched, &c->cmd, F_LOAD_POP_COMPUTE, c->pop[QUEUE_COMPUTE], rc);
        field_put(sched, &c->cmd, F_LOAD_POP_STORE, c->pop[QUEUE_STORE], rc);
        field_put(sched, &c->cmd, F_LOAD_PUSH_COMPUTE, c->push[QUEUE_COMPUTE], rc);
        return;
    case QUEUE_STORE:
        field_put(sched, &c->cmd, F_STORE_POP_COMPUTE, c->pop[QUEUE_COMPUTE], rc);
        field_put(sched, &c->cmd, F_STORE_PUSH_COMPUTE, c->push[QUEUE_COMPUTE], rc);
        field_put(sched, &c->cmd, F_STORE_PUSH_LOAD, c->push[QUEUE_LOAD], rc);
        return;
    default:
        field_put(sched, &c->cmd, F_COMPUTE_POP_LOAD, c->pop[QUEUE_LOAD], rc);
        field_put(sched, &c->cmd, F_COMPUTE_POP_STORE, c->pop[QUEUE_STORE], rc);
        field_put(sched, &c->cmd, F_COMPUTE_PUSH_LOAD, c->push[QUEUE_LOAD], rc);
        field_put(sched, &c->cmd, F_COMPUTE_PUSH_STORE, c->push[QUEUE_STORE], rc);
        field_put(sched, &c->cmd, F_COMPUTE_WAIT, c->wait, rc);
        return;
    }
}

/* Fences that nobody needed leave the program; the others' numbers close up. */
static int drop_fences(schedule *sched)
{
    int64_t *now = work_alloc(&sched->work, (sched->command_count + 1u) * sizeof *now);
    uint32_t kept = 0;
    if (!now)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < sched->command_count; i++) {
        pending c = sched->commands[i];
        now[i] = kept;
        if (c.is_fence && !c.wait) {
            sched->tilings[c.layer].command_count--;
            continue;
        }
        for (unsigned q = 0; q < QUEUES; q++)
            c.after[q] = c.pop[q] ? now[c.after[q]] : 0;
        sched->commands[kept++] = c;
    }
    sched->command_count = kept;
    uint32_t first = 0;
    for (uint32_t i = 0; i < sched->low->layer_count; i++) {
        sched->tilings[i].first_command = first;
        first += sched->tilings[i].command_count;
    }
    return WEFT_OK;
}

/* What command i has to wait for. */
static void order(schedule *sched, int64_t i, sync_state *s)
{
    const queue own = sched->commands[i].queue;
    if (sched->commands[i].access_count == 0) {
        if (own == QUEUE_COMPUTE && !sched->commands[i].is_fence) /* fences may leave again */
            s->last_compute = i;
        return;
    }
    for (unsigned other = 0; other < QUEUES; other++)
        if (other != (unsigned)own && !(own == QUEUE_STORE && other == QUEUE_LOAD))
            order_after(sched, i, (queue)other, s);
    if (own == QUEUE_LOAD)
        order_operands(sched, i, s);
    if (own == QUEUE_COMPUTE) {
        wait_if_needed(sched, i, s);
        s->last_compute = i;
    }
}

int emit_tokens(schedule *sched)
{
    sync_state s = { .before =
                         work_alloc(&sched->work, (sched->command_count + 1u) * sizeof *s.before) };
    int rc = WEFT_OK;
    if (!s.before || touched_begin(sched, &s.touched) != WEFT_OK)
        return WEFT_ERR_NO_MEMORY;
    for (int64_t i = 0; i < (int64_t)sched->command_count; i++) {
        if (i == 0 || sched->commands[i].run != sched->commands[i - 1].run)
            all_over(&s, i);
        order(sched, i, &s);
        s.before[i] = s.last[sched->commands[i].queue];
        touched_add(&s.touched, &sched->commands[i], i, s.before[i]);
        s.last[sched->commands[i].queue] = i;
    }
    for (uint32_t i = 0; i < sched->command_count && rc == WEFT_OK; i++)
        if (sched->commands[i].access_count || sched->commands[i].is_fence)
            put_flags(sched, &sched->commands[i], &rc);
    return rc == WEFT_OK ? drop_fences(sched) : rc;
}
