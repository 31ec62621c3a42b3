/* Chains: layers that work tile by tile in turn, each handing rows to the next through a ring.
 *
 * A tile is some rows of the last layer; every layer before it computes the rows that are new since
 * the tile before.  A ring holds the rows that the reader of a tile needs: n slots of four rows
 * hold any 4 n rows that follow each other. */
#include "place.h"

void place_chain_rows(const plan *p, uint32_t first, uint32_t last, uint32_t y0, uint32_t y1,
                      uint32_t *done, chain_rows *rows)
{
    rows[last - first] = (chain_rows){ y0, y1, y0 };
    for (uint32_t i = last; i-- > first;) {
        const layer *reader = &p->layers[i + 1];
        const chain_rows *r = &rows[i + 1 - first];
        int64_t lo = 0, hi = 0;
        if (r->end > r->begin)
            place_reach(&reader->reach_y, r->begin, r->end, reader->in_h, &lo, &hi);
        chain_rows *to = &rows[i - first];
        to->oldest = (uint32_t)lo;
        to->begin = (uint32_t)lo > done[i - first] ? (uint32_t)lo : done[i - first];
        to->end = (uint32_t)hi > to->begin ? (uint32_t)hi : to->begin;
        if (hi > lo)
            done[i - first] = to->end;
    }
}

/* Words that a chain needs for tiles of th rows. */
typedef struct needs {
    uint64_t ring[MAX_CHAIN], operand[MAX_CHAIN], in, out;
    uint64_t rows; /* of the taller of the slots for input and output */
} needs;

static void grow(uint64_t *to, uint64_t words)
{
    *to = words > *to ? words : *to;
}

static void needs_of(const plan *p, uint32_t first, uint32_t last, uint32_t th, needs *n)
{
    uint32_t done[MAX_CHAIN] = { 0 };
    const layer *head = &p->layers[first], *tail = &p->layers[last];
    const extent filled = output_extent(p, tail, 0, th, 0, tail->out_w);
    *n = (needs){ .rows = extent_rows(&filled) };
    n->out = place_slot_words(p, n->rows, filled.byte_hi - filled.byte_lo);
    for (uint32_t i = first; i < last; i++) /* also where readers see padding only */
        n->ring[i - first] = p->areas[p->layers[i].out].pitch_words;
    for (uint32_t y = 0; y < tail->out_h; y += th) {
        chain_rows rows[MAX_CHAIN];
        place_chain_rows(p, first, last, y, min_u32(tail->out_h, y + th), done, rows);
        for (uint32_t i = first; i <= last; i++) {
            const chain_rows *r = &rows[i - first];
            const layer *l = &p->layers[i];
            if (r->end == r->begin)
                continue;
            if (i < last)
                grow(&n->ring[i - first],
                     place_slot_words(p, r->end - r->oldest, p->areas[l->out].row_bytes));
            if (l->in_count > 1) {
                const extent e = operand_extent(p, l, r->begin, r->end, 0, l->out_w);
                grow(&n->operand[i - first],
                     place_slot_words(p, e.row_hi - e.row_lo, p->areas[l->in[1]].row_bytes));
            }
        }
        if (rows[0].end > rows[0].begin) {
            const extent e = input_extent(p, head, rows[0].begin, rows[0].end, 0, head->out_w);
            grow(&n->in, place_slot_words(p, extent_rows(&e), e.byte_hi - e.byte_lo));
            grow(&n->rows, extent_rows(&e));
        }
    }
}

/* Take words for one operand of a layer, `slots` times (of one, both numbers name the same words);
 * 0 leaves what was taken to the caller. */
static int take_slots(layer *l, buffer *b, unsigned operand, uint64_t words, uint32_t slots)
{
    l->slot_words[operand] = 0;
    for (uint32_t s = 0; s < slots; s++)
        if (words > b->words || !place_take(b, (uint32_t)words, &l->slot_word[operand][s]))
            return 0;
    if (slots == 1)
        l->slot_word[operand][1] = l->slot_word[operand][0];
    l->slot_words[operand] = (uint32_t)words;
    return 1;
}

int place_one_input_slot(const layer *head)
{
    return head->slot_words[0] && head->slot_word[0][0] == head->slot_word[0][1];
}

static int take_all(plan *p, uint32_t first, uint32_t last, buffer *b, const needs *n,
                    uint32_t in_slots, uint32_t out_slots)
{
    for (uint32_t i = first; i <= last; i++) {
        layer *l = &p->layers[i];
        area *out = &p->areas[l->out];
        memset(l->slot_words, 0, sizeof l->slot_words);
        l->slots = 2;
        if (i < last) {
            const uint64_t words = n->ring[i - first];
            if (words > b->words || !place_take(b, (uint32_t)words, &out->word))
                return 0;
            out->words = (uint32_t)words;
        } else if (!out->resident && !take_slots(l, b, 2, n->out, out_slots)) {
            return 0;
        }
        if (l->in_count > 1 && !p->areas[l->in[1]].resident &&
            !take_slots(l, b, 1, n->operand[i - first], 2))
            return 0;
        if (i == first && !p->areas[l->in[0]].resident && !take_slots(l, b, 0, n->in, in_slots))
            return 0;
    }
    return 1;
}

typedef struct choice {
    uint32_t th, in_slots, out_slots;
    uint64_t cycles;
} choice;

static void restore(buffer *b, const buffer *before)
{
    memcpy(b->used, before->used, before->count * sizeof *b->used);
    b->count = before->count;
}

/* Take words for tiles of th rows, or leave everything as it was. */
static int try_chain(plan *p, uint32_t first, uint32_t last, buffer *b, const buffer *before,
                     const choice *c)
{
    needs n;
    needs_of(p, first, last, c->th, &n);
    restore(b, before);
    p->layers[last].tile_h = c->th;
    if (n.rows <= MOST_ROWS && take_all(p, first, last, b, &n, c->in_slots, c->out_slots))
        return 1;
    restore(b, before);
    return 0;
}

/* The cheapest of the tallest tiles that fit with these slots. */
int place_fit_chain(plan *p, uint32_t first, uint32_t last, buffer *b)
{
    static const uint32_t slots[][2] = { { 2, 2 }, { 2, 1 }, { 1, 1 } };
    const layer *tail = &p->layers[last];
    buffer before = *b;
    choice best = { .cycles = UINT64_MAX };
    before.used = plan_alloc(p, (b->count + 1u) * sizeof *before.used);
    if (!before.used || last - first >= MAX_CHAIN)
        return 0;
    memcpy(before.used, b->used, b->count * sizeof *b->used);
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        choice c = { .in_slots = slots[i][0], .out_slots = slots[i][1] };
        int fits = 0;
        for (uint64_t tiles = 1; tiles <= tail->out_h && !fits; tiles++) {
            const uint32_t th = (uint32_t)div_up(tail->out_h, tiles);
            if (th == c.th)
                continue;
            c.th = th;
            fits = try_chain(p, first, last, b, &before, &c);
        }
        c.cycles = fits ? place_chain_cycles(p, first, last) : UINT64_MAX;
        if (c.cycles < best.cycles)
            best = c;
    }
    restore(b, &before);
    return best.cycles < UINT64_MAX && try_chain(p, first, last, b, &before, &best);
}

/* Written by a window layer and read by the next one alone, row after row. */
int place_can_ring(const plan *p, uint32_t k)
{
    const area *a = &p->areas[k];
    if (a->born == UINT32_MAX || a->dies != a->born + 1 || a->is_input || a->is_output ||
        a->host_writes || a->is_constant || a->rows > MOST_ROWS)
        return 0;
    const layer *writer = &p->layers[a->born], *reader = writer + 1;
    if (writer->weights != NO_AREA || reader->weights != NO_AREA || writer->out != k ||
        writer->kind != LAYER_WINDOW || reader->kind != LAYER_WINDOW || reader->in[0] != k ||
        (reader->in_count > 1 && reader->in[1] == k))
        return 0;
    uint32_t length = 2;
    for (const layer *l = writer; l > p->layers && p->areas[l[-1].out].ring; l--)
        length++;
    for (const layer *l = reader; p->areas[l->out].ring; l++)
        length++;
    return length <= MAX_CHAIN && reader->reach_y.extent < reader->in_h;
}
