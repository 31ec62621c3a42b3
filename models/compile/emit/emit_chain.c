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
    place in, operand[MAX_CHAIN]; /* of the first layer; of each */
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
static int begin_turn(plan *p, chain *c, uint32_t number)
{
    const layer *head = &p->layers[c->first], *tail = &p->layers[c->last];
    turn *t = turn_of(c, number);
    t->y0 = number * tail->tile_h;
    t->y1 = min_u32(tail->out_h, t->y0 + tail->tile_h);
    place_chain_rows(p, c->first, c->last, t->y0, t->y1, c->done, t->rows);
    const chain_rows *r = t->rows;
    if (p->areas[head->in[0]].resident) {
        t->in = place_operand(p, head, 0);
    } else if (r->end > r->begin) {
        t->in = place_in_slot(p, head, 0, number, head->in[0],
                              input_extent(p, head, r->begin, r->end, 0, head->out_w));
        if (t->in.rows)
            return emit_load(p, c->first, &t->in, 0, t->in.rows);
    }
    return WEFT_OK;
}

/* Where the second operands of layers from..to-1 come from. */
static int bring_operands(plan *p, chain *c, uint32_t number, uint32_t from, uint32_t to)
{
    turn *t = turn_of(c, number);
    int rc = WEFT_OK;
    for (uint32_t i = from; i < to && rc == WEFT_OK; i++) {
        const layer *l = &p->layers[i];
        const chain_rows *r = &t->rows[i - c->first];
        if (l->in_count < 2 || r->end == r->begin)
            continue;
        place *x = &t->operand[i - c->first];
        if (p->areas[l->in[1]].resident) {
            *x = place_operand(p, l, 1);
            continue;
        }
        *x = place_in_slot(p, l, 1, number, l->in[1],
                           operand_extent(p, l, r->begin, r->end, 0, l->out_w));
        rc = emit_load(p, i, x, 0, x->rows);
    }
    return rc;
}

/* What must be there before the first half works on a tile. */
static int prepare(plan *p, chain *c, uint32_t number)
{
    if (number >= c->tiles)
        return WEFT_OK;
    int rc = begin_turn(p, c, number);
    return rc == WEFT_OK ? bring_operands(p, c, number, c->first, c->half) : rc;
}

/* The same of the second half. */
static int prepare_second(plan *p, chain *c, uint32_t number)
{
    return number < c->tiles ? bring_operands(p, c, number, c->half, c->last + 1) : WEFT_OK;
}

static int emit_link(plan *p, chain *c, uint32_t i, uint32_t number)
{
    const layer *l = &p->layers[i];
    const area *a = &p->areas[l->out];
    const turn *t = turn_of(c, number);
    const chain_rows *r = &t->rows[i - c->first];
    const tile rows = { r->begin, r->end, 0, l->out_w };
    const place in = i == c->first ? t->in : place_operand(p, l, 0);
    const place out = a->resident ? place_operand(p, l, 2)
                                  : place_in_slot(p, l, 2, number, l->out,
                                                  output_extent(p, l, t->y0, t->y1, 0, l->out_w));
    if (r->end == r->begin)
        return WEFT_OK;
    int rc = emit_tables(p, i);
    for (uint32_t k = 0; rc == WEFT_OK && k < l->kernel_count; k++)
        rc = emit_kernel(p, i, &l->kernels[k], &rows, &in, &out, &t->operand[i - c->first]);
    if (rc == WEFT_OK && emit_is_stored(p, i))
        rc = emit_store(p, i, &out);
    else if (rc == WEFT_OK && l->alu)
        rc = emit_fence(p, i);
    return rc;
}

/* The first half on tile `number` in turn with the second on the one before. */
static int emit_turn(plan *p, chain *c, uint32_t number)
{
    const int late = place_one_input_slot(&p->layers[c->first]);
    int rc = late ? WEFT_OK : prepare(p, c, number + 1);
    if (rc == WEFT_OK)
        rc = prepare_second(p, c, number);
    for (uint32_t i = 0; c->first + i < c->half && rc == WEFT_OK; i++) {
        if (number < c->tiles)
            rc = emit_link(p, c, c->first + i, number);
        if (rc == WEFT_OK && i == 0 && late)
            rc = prepare(p, c, number + 1);
        if (rc == WEFT_OK && number > 0 && c->half + i <= c->last)
            rc = emit_link(p, c, c->half + i, number - 1);
    }
    return rc;
}

int emit_chain(plan *p, uint32_t first)
{
    const uint32_t length = p->layers[first].chain, last = first + length - 1;
    chain *c = plan_alloc(p, sizeof *c);
    int rc = c ? WEFT_OK : WEFT_ERR_NO_MEMORY;
    if (rc != WEFT_OK)
        return rc;
    c->first = first;
    c->last = last;
    c->half = place_by_halves(length) ? first + (length + 1) / 2 : last + 1;
    c->tiles = (uint32_t)div_up(p->layers[last].out_h, p->layers[last].tile_h);
    for (uint32_t i = first; i <= last && rc == WEFT_OK; i++)
        rc = emit_residents(p, i);
    if (rc == WEFT_OK)
        rc = prepare(p, c, 0);
    for (uint32_t t = 0; t <= c->tiles && rc == WEFT_OK; t++)
        rc = emit_turn(p, c, t);
    for (uint32_t i = p->layers[first].first_command; i < p->command_count; i++)
        p->commands[i].layer = first; /* one layer to whoever counts */
    return rc;
}
