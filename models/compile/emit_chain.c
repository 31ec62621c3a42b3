/* Chains to commands: for every tile of the last layer, each layer's new rows in turn.
 *
 * The loads of a tile stand before the arithmetic of the tile before it, or, if the input has but
 * one slot, behind that of its first layer. */
#include "emit.h"

typedef struct turn {
    uint32_t y0, y1;
    chain_rows rows[MAX_CHAIN];
    place in, operand[MAX_CHAIN]; /* of the first layer; of each */
} turn;

/* Where the tile's operands come from, and the loads of those that are not in the buffer. */
static int prepare(plan *p, uint32_t first, uint32_t number, uint32_t *done, turn *t)
{
    const uint32_t last = first + p->layers[first].chain - 1;
    const layer *head = &p->layers[first], *tail = &p->layers[last];
    int rc = WEFT_OK;
    t->y0 = number * tail->tile_h;
    t->y1 = min_u32(tail->out_h, t->y0 + tail->tile_h);
    place_chain_rows(p, first, last, t->y0, t->y1, done, t->rows);
    const chain_rows *r = t->rows;
    if (p->areas[head->in[0]].resident) {
        t->in = place_whole(p, head->in[0]);
    } else if (r->end > r->begin) {
        t->in = place_in_slot(p, head, 0, number, head->in[0],
                              input_extent(p, head, r->begin, r->end, 0, head->out_w));
        if (t->in.rows)
            rc = emit_load(p, first, &t->in, 0, t->in.rows);
    }
    for (uint32_t i = first; i <= last && rc == WEFT_OK; i++) {
        const layer *l = &p->layers[i];
        r = &t->rows[i - first];
        if (l->in_count < 2 || r->end == r->begin)
            continue;
        place *x = &t->operand[i - first];
        if (p->areas[l->in[1]].resident) {
            *x = place_whole(p, l->in[1]);
            continue;
        }
        *x = place_in_slot(p, l, 1, number, l->in[1],
                           operand_extent(p, l, r->begin, r->end, 0, l->out_w));
        rc = emit_load(p, i, x, 0, x->rows);
    }
    return rc;
}

static int emit_link(plan *p, uint32_t first, uint32_t i, uint32_t number, const turn *t)
{
    const layer *l = &p->layers[i];
    const area *a = &p->areas[l->out];
    const chain_rows *r = &t->rows[i - first];
    const tile rows = { r->begin, r->end, 0, l->out_w };
    const place in = i == first ? t->in : place_whole(p, l->in[0]);
    const place out = a->resident ? place_whole(p, l->out)
                                  : place_in_slot(p, l, 2, number, l->out,
                                                  (extent){ t->y0, t->y1, 0, a->row_bytes, 1 });
    if (r->end == r->begin)
        return WEFT_OK;
    int rc = emit_tables(p, i);
    for (uint32_t k = 0; rc == WEFT_OK && k < l->kernel_count; k++)
        rc = emit_kernel(p, i, &l->kernels[k], &rows, &in, &out, &t->operand[i - first]);
    if (rc == WEFT_OK && a->in_memory)
        rc = emit_store(p, i, &out);
    else if (rc == WEFT_OK && l->alu)
        rc = emit_fence(p, i);
    return rc;
}

int emit_chain(plan *p, uint32_t first)
{
    const uint32_t last = first + p->layers[first].chain - 1;
    const uint32_t tiles = (uint32_t)div_up(p->layers[last].out_h, p->layers[last].tile_h);
    uint32_t done[MAX_CHAIN] = { 0 };
    const int late = place_one_input_slot(&p->layers[first]);
    turn *turns = plan_alloc(p, 2 * sizeof *turns);
    int rc = turns ? WEFT_OK : WEFT_ERR_NO_MEMORY;
    for (uint32_t i = first; i <= last && rc == WEFT_OK; i++)
        rc = emit_residents(p, i);
    if (rc == WEFT_OK)
        rc = prepare(p, first, 0, done, &turns[0]);
    for (uint32_t t = 0; t < tiles && rc == WEFT_OK; t++) {
        if (t + 1 < tiles && !late)
            rc = prepare(p, first, t + 1, done, &turns[(t + 1) % 2]);
        for (uint32_t i = first; i <= last && rc == WEFT_OK; i++) {
            rc = emit_link(p, first, i, t, &turns[t % 2]);
            if (rc == WEFT_OK && i == first && t + 1 < tiles && late)
                rc = prepare(p, first, t + 1, done, &turns[(t + 1) % 2]);
        }
    }
    for (uint32_t c = p->layers[first].first_command; c < p->command_count; c++)
        p->commands[c].layer = first; /* one layer to whoever counts */
    return rc;
}
