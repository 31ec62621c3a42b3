/* Tokens and WAIT: everything that must happen in order, from what each command touches.
 *
 * Program order is a correct order.  For every command and every other queue, the latest earlier
 * command there with a conflicting access must be over first; since queues are in order, that
 * covers all before it.  Only a need later than the last one of the same pair of queues takes a
 * token, so the n-th token taken is always the n-th given.
 *
 * What needs no order of its own, because every content of the buffer is read before its words are
 * used again, and its reader waited for its writer:
 *   - a write after a write;
 *   - a STORE after a LOAD: its data come from a COMPUTE that waited for every load before it.
 * Compute->load tokens say that the input was read, not that the second operand was: a LOAD over
 * an operand waits for a STORE of the result, or for a later COMPUTE that itself waited. */
#include "plan.h"

typedef struct sync_state {
    int64_t known[QUEUES][QUEUES]; /* [waiting][other]: its commands up to here are over */
    int64_t last_wait;             /* compute commands before this one have written everything */
    int64_t last_operand;          /* the last COMPUTE with a second operand, or -1 */
    int64_t results_known;         /* loads know that compute commands up to here are over */
} sync_state;

static int overlap(uint32_t a, uint32_t a_end, uint32_t b, uint32_t b_end)
{
    return a < b_end && b < a_end;
}

/* Do two accesses, in this order, need to be kept in this order? */
static int conflict(const access *a, const access *b)
{
    if (a->in_memory != b->in_memory || (a->kind == ACCESS_WRITE) == (b->kind == ACCESS_WRITE))
        return 0;
    if (!a->in_memory && !overlap(a->word, a->word + a->words, b->word, b->word + b->words))
        return 0;
    if (a->occupant != b->occupant)
        return !a->in_memory;
    return overlap(a->row_lo, a->row_hi, b->row_lo, b->row_hi);
}

/* operand: count only the second operand of `first`; otherwise everything but that. */
static int conflicts(const pending *first, const pending *second, int operand)
{
    for (unsigned i = 0; i < first->access_count; i++)
        for (unsigned k = 0; k < second->access_count; k++)
            if ((first->access[i].kind == ACCESS_OPERAND) == operand &&
                conflict(&first->access[i], &second->access[k]))
                return 1;
    return 0;
}

static void token(plan *p, int64_t from, int64_t to, sync_state *s)
{
    pending *a = &p->commands[from], *b = &p->commands[to];
    a->push[b->queue] = 1;
    b->pop[a->queue] = 1;
    b->after[a->queue] = from;
    s->known[b->queue][a->queue] = from;
}

/* Order command `to` after the latest conflicting command of another queue. */
static void order_after(plan *p, int64_t to, queue other, sync_state *s)
{
    const pending *b = &p->commands[to];
    for (int64_t i = to - 1; i > s->known[b->queue][other]; i--) {
        const pending *a = &p->commands[i];
        if (a->queue == other && (conflicts(a, b, 0) || (b->queue != QUEUE_LOAD && conflicts(a, b, 1)))) {
            token(p, i, to, s);
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

/* The load `to` must not begin before compute command `from` is over altogether.  If nothing else
 * tells, the last COMPUTE between them is made to wait; emit always puts one there. */
static int after_result(plan *p, int64_t from, int64_t to, sync_state *s)
{
    int64_t by = from + 1;
    while (by < to && !is_witness(&p->commands[by], from))
        by++;
    if (by == to) {
        while (--by > from && (p->commands[by].queue != QUEUE_COMPUTE || p->commands[by].is_table))
            ;
        if (by <= from)
            return weft_error_set(p->err, WEFT_ERR_UNSUPPORTED,
                                  "layer \"%s\": no command orders a load after a result",
                                  p->layers[p->commands[to].layer].name);
        p->commands[by].wait = 1;
    }
    if (by > s->known[QUEUE_LOAD][p->commands[by].queue])
        token(p, by, to, s);
    s->results_known = from;
    return WEFT_OK;
}

static int order_operands(plan *p, int64_t to, sync_state *s)
{
    for (int64_t i = s->last_operand; i > s->results_known; i--)
        if (p->commands[i].queue == QUEUE_COMPUTE && conflicts(&p->commands[i], &p->commands[to], 1))
            return after_result(p, i, to, s);
    return WEFT_OK;
}

/* Compute commands among themselves. */
static void wait_if_needed(plan *p, int64_t to, sync_state *s)
{
    pending *b = &p->commands[to];
    for (int64_t i = to - 1; i >= s->last_wait && !b->wait; i--)
        if (p->commands[i].queue == QUEUE_COMPUTE &&
            (conflicts(&p->commands[i], b, 0) || conflicts(&p->commands[i], b, 1)))
            b->wait = 1;
    if (b->wait)
        s->last_wait = to;
    for (unsigned k = 0; k < b->access_count; k++)
        if (b->access[k].kind == ACCESS_OPERAND)
            s->last_operand = to;
}

static void put_flags(plan *p, pending *c, int *rc)
{
    switch (c->queue) {
    case QUEUE_LOAD:
        field_put(p, &c->cmd, F_LOAD_POP_COMPUTE, c->pop[QUEUE_COMPUTE], rc);
        field_put(p, &c->cmd, F_LOAD_POP_STORE, c->pop[QUEUE_STORE], rc);
        field_put(p, &c->cmd, F_LOAD_PUSH_COMPUTE, c->push[QUEUE_COMPUTE], rc);
        return;
    case QUEUE_STORE:
        field_put(p, &c->cmd, F_STORE_POP_COMPUTE, c->pop[QUEUE_COMPUTE], rc);
        field_put(p, &c->cmd, F_STORE_PUSH_COMPUTE, c->push[QUEUE_COMPUTE], rc);
        field_put(p, &c->cmd, F_STORE_PUSH_LOAD, c->push[QUEUE_LOAD], rc);
        return;
    default:
        field_put(p, &c->cmd, F_COMPUTE_POP_LOAD, c->pop[QUEUE_LOAD], rc);
        field_put(p, &c->cmd, F_COMPUTE_POP_STORE, c->pop[QUEUE_STORE], rc);
        field_put(p, &c->cmd, F_COMPUTE_PUSH_LOAD, c->push[QUEUE_LOAD], rc);
        field_put(p, &c->cmd, F_COMPUTE_PUSH_STORE, c->push[QUEUE_STORE], rc);
        field_put(p, &c->cmd, F_COMPUTE_WAIT, c->wait, rc);
        return;
    }
}

int plan_sync(plan *p)
{
    sync_state s = { .last_wait = 0, .last_operand = -1, .results_known = -1 };
    int rc = WEFT_OK;
    for (unsigned i = 0; i < QUEUES; i++)
        for (unsigned k = 0; k < QUEUES; k++)
            s.known[i][k] = -1;
    for (int64_t i = 0; i < (int64_t)p->command_count && rc == WEFT_OK; i++) {
        const queue own = p->commands[i].queue;
        if (p->commands[i].access_count == 0)
            continue;
        for (unsigned other = 0; other < QUEUES; other++)
            if (other != (unsigned)own && !(own == QUEUE_STORE && other == QUEUE_LOAD))
                order_after(p, i, (queue)other, &s);
        if (own == QUEUE_LOAD)
            rc = order_operands(p, i, &s);
        if (own == QUEUE_COMPUTE)
            wait_if_needed(p, i, &s);
    }
    for (uint32_t i = 0; i < p->command_count && rc == WEFT_OK; i++)
        if (p->commands[i].access_count)
            put_flags(p, &p->commands[i], &rc);
    return rc;
}
