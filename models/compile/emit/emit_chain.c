/* Chains to commands: for every tile of the last layer, each layer's new rows in turn.
 *
 * A layer that followed the one before it at once would wait for the last results of that.  So a
 * chain of three or more is done by halves: the layers of the first half work on a tile in turn
 * with those of the second half on the tile before,
 *
 *     A2 C1 B2 D1  A3 C2 B3 D2 ..        of the layers A B C D
 *
 * and every layer follows its input at a distance of two.  That needs no more room, as C reads a
 * tile before B writes the next.  Of two layers alone, B would have to read behind A's next tile.
 *
 * The loads of a half stand before the arithmetic of its tile before, or, if the input has but one
 * slot, behind that of the first layer. */
#include "emit.h"

enum { TURNS = 3 }; /* tiles at hand: in the second half, in the first, the next one's loads */

typedef struct turn {
    uint32_t y0, y1;
    chain_rows rows[MAX_CHAIN];
    patch in, operand[MAX_CHAIN]; /* of the first layer; of each */
} turn;

typedef struct chain {
    uint32_t first, last, half; /* layers; half: the first of the second half, or last + 1 */
    uint32_t tiles;
    uint32_t done[MAX_CHAIN];
    turn turns[TURNS];
} chain;

static turn *turn_of(chain *c, uint32_t number)
{
    return &c->turns[number % TURNS];
}

/* The rows of a tile; and where its input comes from. */
static int begin_turn(schedule *sched, chain *c, uint32_t number)
{
    const layer *head = &sched->low->layers[c->first], *tail = &sched->low->layers[c->last];
    turn *t = turn_of(c, number);
    t->y0 = number * tiling_of(sched, tail)->tile_h;
    t->y1 = min_u32(tail->out_h, t->y0 + tiling_of(sched, tail)->tile_h);
    chain_rows_of(sched, c->first, c->last, t->y0, t->y1, c->done, t->rows);
    const chain_rows *r = t->rows;
    if (sched->storage[head->in[0]].resident) {
        t->in = patch_of_operand(sched, head, 0);
    } else if (r->end > r->begin) {
        t->in = patch_in_slot(sched, head, 0, number, head->in[0],
                              input_extent(sched, head, r->begin, r->end, 0, head->out_w));
        if (t->in.rows)
            return emit_load(sched, c->first, &t->in, 0, t->in.rows);
    }
    return WEFT_OK;
}

/* Where the second operands of layers from..to-1 come from. */
static int bring_operands(schedule *sched, chain *c, uint32_t number, uint32_t from, uint32_t to)
{
    turn *t = turn_of(c, number);
    int rc = WEFT_OK;
    for (uint32_t i = from; i < to && rc == WEFT_OK; i++) {
        const layer *l = &sched->low->layers[i];
        const chain_rows *r = &t->rows[i - c->first];
        if (l->in_count < 2 || r->end == r->begin)
            continue;
        patch *x = &t->operand[i - c->first];
        if (sched->storage[l->in[1]].resident) {
            *x = patch_of_operand(sched, l, 1);
            continue;
        }
        *x = patch_in_slot(sched, l, 1, number, l->in[1],
                           operand_extent(sched, l, r->begin, r->end, 0, l->out_w));
        rc = emit_load(sched, i, x, 0, x->rows);
    }
    return rc;
}

/* What must be there before the first half works on a tile. */
static int prepare(schedule *sched, chain *c, uint32_t number)
{
    if (number >= c->tiles)
        return WEFT_OK;
    int rc = begin_turn(sched, c, number);
    return rc == WEFT_OK ? bring_operands(sched, c, number, c->first, c->half) : rc;
}

/* The same of the second half. */
static int prepare_second(schedule *sched, chain *c, uint32_t number)
{
    return number < c->tiles ? bring_operands(sched, c, number, c->half, c->last + 1) : WEFT_OK;
}

static int emit_link(schedule *sched, chain *c, uint32_t i, uint32_t number)
{
    const layer *l = &sched->low->layers[i];
    const turn *t = turn_of(c, number);
    const chain_rows *r = &t->rows[i - c->first];
    const tile rows = { r->begin, r->end, 0, l->out_w };
    const patch in = i == c->first ? t->in : patch_of_operand(sched, l, 0);
    const patch out = sched->storage[l->out].resident
                          ? patch_of_operand(sched, l, 2)
                          : patch_in_slot(sched, l, 2, number, l->out,
                                          output_extent(sched, l, t->y0, t->y1, 0, l->out_w));
    if (r->end == r->begin)
        return WEFT_OK;
    int rc = emit_tables(sched, i);
    for (uint32_t k = 0; rc == WEFT_OK && k < l->kernel_count; k++)
        rc = emit_kernel(sched, i, &l->kernels[k], &rows, &in, &out, &t->operand[i - c->first]);
    if (rc == WEFT_OK && emit_is_stored(sched, i))
        rc = emit_store(sched, i, &out);
    else if (rc == WEFT_OK && l->alu)
        rc = emit_fence(sched, i);
    return rc;
}

/* The first half on tile `number` in turn with the second on the one before. */
static int emit_turn(schedule *sched, chain *c, uint32_t number)
{
    const int late = one_input_slot(&sched->tilings[c->first]);
    int rc = late ? WEFT_OK : prepare(sched, c, number + 1);
    if (rc == WEFT_OK)
        rc = prepare_second(sched, c, number);
    for (uint32_t i = 0; c->first + i < c->half && rc == WEFT_OK; i++) {
        if (number < c->tiles)
            rc = emit_link(sched, c, c->first + i, number);
        if (rc == WEFT_OK && i == 0 && late)
            rc = prepare(sched, c, number + 1);
        if (rc == WEFT_OK && number > 0 && c->half + i <= c->last)
            rc = emit_link(sched, c, c->half + i, number - 1);
    }
    return rc;
}

int emit_chain(schedule *sched, uint32_t first)
{
    const uint32_t length = sched->tilings[first].chain, last = first + length - 1;
    chain *c = work_alloc(&sched->work, sizeof *c);
    int rc = c ? WEFT_OK : WEFT_ERR_NO_MEMORY;
    if (rc != WEFT_OK)
        return rc;
    c->first = first;
    c->last = last;
    c->half = chain_by_halves(length) ? first + (length + 1) / 2 : last + 1;
    c->tiles = (uint32_t)div_up(sched->low->layers[last].out_h, sched->tilings[last].tile_h);
    for (uint32_t i = first; i <= last && rc == WEFT_OK; i++)
        rc = emit_residents(sched, i);
    if (rc == WEFT_OK)
        rc = prepare(sched, c, 0);
    for (uint32_t t = 0; t <= c->tiles && rc == WEFT_OK; t++)
        rc = emit_turn(sched, c, t);
    for (uint32_t i = sched->tilings[first].first_command; i < sched->command_count; i++)
        sched->commands[i].layer = first; /* one layer to whoever counts */
    return rc;
}
