/* Chains: layers that work tile by tile in turn, each handing rows to the next through a ring.
 *
 * A tile is some rows of the last layer; every layer before it computes the rows that are new since
 * the tile before.  A ring holds the rows that the reader of a tile needs: n slots of four rows
 * hold any 4 n rows that follow each other. */
#include "fit.h"

void chain_rows_of(const schedule *sched, uint32_t first, uint32_t last, uint32_t y0, uint32_t y1,
                   uint32_t *done, chain_rows *rows)
{
    rows[last - first] = (chain_rows){ y0, y1, y0 };
    for (uint32_t i = last; i-- > first;) {
        const layer *reader = &sched->low->layers[i + 1];
        const chain_rows *r = &rows[i + 1 - first];
        int64_t lo = 0, hi = 0;
        if (r->end > r->begin)
            reach_inputs(&reader->reach_y, r->begin, r->end, reader->in_h, &lo, &hi);
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

static void raise_to(uint64_t *to, uint64_t words)
{
    *to = words > *to ? words : *to;
}

static void needs_of(const schedule *sched, uint32_t first, uint32_t last, uint32_t th, needs *n)
{
    uint32_t done[MAX_CHAIN] = { 0 };
    const layer *head = &sched->low->layers[first], *tail = &sched->low->layers[last];
    const extent filled = output_extent(sched, tail, 0, th, 0, tail->out_w);
    *n = (needs){ .rows = extent_rows(&filled) };
    n->out = slot_words(sched, n->rows, filled.byte_hi - filled.byte_lo);
    for (uint32_t i = first; i < last; i++) /* also where readers see padding only */
        n->ring[i - first] = sched->storage[sched->low->layers[i].out].pitch_words;
    for (uint32_t y = 0; y < tail->out_h; y += th) {
        chain_rows rows[MAX_CHAIN];
        chain_rows_of(sched, first, last, y, min_u32(tail->out_h, y + th), done, rows);
        for (uint32_t i = first; i <= last; i++) {
            const chain_rows *r = &rows[i - first];
            const layer *l = &sched->low->layers[i];
            if (r->end == r->begin)
                continue;
            if (i < last)
                raise_to(&n->ring[i - first], slot_words(sched, r->end - r->oldest,
                                                         sched->low->areas[l->out].row_bytes));
            if (l->in_count > 1) {
                const extent e = operand_extent(sched, l, r->begin, r->end, 0, l->out_w);
                raise_to(&n->operand[i - first], slot_words(sched, e.row_hi - e.row_lo,
                                                            sched->low->areas[l->in[1]].row_bytes));
            }
        }
        if (rows[0].end > rows[0].begin) {
            const extent e = input_extent(sched, head, rows[0].begin, rows[0].end, 0, head->out_w);
            raise_to(&n->in, slot_words(sched, extent_rows(&e), e.byte_hi - e.byte_lo));
            raise_to(&n->rows, extent_rows(&e));
        }
    }
}

/* Takes words for one operand of a layer, `slots` times (of one, both numbers name the same words);
 * 0 leaves what was taken to the caller. */
static int take_slots(tiling *t, buffer *b, unsigned operand, uint64_t words, uint32_t slots)
{
    t->slot_words[operand] = 0;
    for (uint32_t s = 0; s < slots; s++)
        if (words > b->words || !buffer_take(b, (uint32_t)words, &t->slot_word[operand][s]))
            return 0;
    if (slots == 1)
        t->slot_word[operand][1] = t->slot_word[operand][0];
    t->slot_words[operand] = (uint32_t)words;
    return 1;
}

/* Takes the rings and slots of a chain; 0 leaves what was taken to the caller. */
static int take_all(schedule *sched, uint32_t first, uint32_t last, buffer *b, const needs *n,
                    uint32_t in_slots, uint32_t out_slots)
{
    for (uint32_t i = first; i <= last; i++) {
        const layer *l = &sched->low->layers[i];
        tiling *t = &sched->tilings[i];
        storage *out = &sched->storage[l->out];
        memset(t->slot_words, 0, sizeof t->slot_words);
        t->slots = 2;
        if (i < last) {
            const uint64_t words = n->ring[i - first];
            if (words > b->words || !buffer_take(b, (uint32_t)words, &out->word))
                return 0;
            out->words = (uint32_t)words;
        } else if (!out->resident && !take_slots(t, b, 2, n->out, out_slots)) {
            return 0;
        }
        if (l->in_count > 1 && !sched->storage[l->in[1]].resident &&
            !take_slots(t, b, 1, n->operand[i - first], 2))
            return 0;
        if (i == first && !sched->storage[l->in[0]].resident &&
            !take_slots(t, b, 0, n->in, in_slots))
            return 0;
    }
    return 1;
}

/* Tiles of th rows, with so many slots. */
typedef struct candidate {
    uint32_t th, in_slots, out_slots;
    uint64_t cycles;
} candidate;

static void restore(buffer *b, const buffer *before)
{
    memcpy(b->used, before->used, before->count * sizeof *b->used);
    b->count = before->count;
}

/* Takes words for tiles of th rows, or leaves the buffer as it was. */
static int take_chain(schedule *sched, uint32_t first, uint32_t last, buffer *b,
                      const buffer *before, const candidate *c)
{
    needs n;
    needs_of(sched, first, last, c->th, &n);
    restore(b, before);
    sched->tilings[last].tile_h = c->th;
    if (n.rows <= MOST_ROWS && take_all(sched, first, last, b, &n, c->in_slots, c->out_slots))
        return 1;
    restore(b, before);
    return 0;
}

/* The cheapest of the tallest tiles that fit with these slots. */
int place_fit_chain(schedule *sched, uint32_t first, uint32_t last, buffer *b)
{
    static const uint32_t slots[][2] = { { 2, 2 }, { 2, 1 }, { 1, 1 } };
    const layer *tail = &sched->low->layers[last];
    buffer before = *b;
    candidate best = { .cycles = UINT64_MAX };
    before.used = work_alloc(&sched->work, (b->count + 1u) * sizeof *before.used);
    if (!before.used || last - first >= MAX_CHAIN)
        return 0;
    memcpy(before.used, b->used, b->count * sizeof *b->used);
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        candidate c = { .in_slots = slots[i][0], .out_slots = slots[i][1] };
        int taken = 0;
        for (uint64_t tiles = 1; tiles <= tail->out_h && !taken; tiles++) {
            const uint32_t th = (uint32_t)div_up(tail->out_h, tiles);
            if (th == c.th)
                continue;
            c.th = th;
            taken = take_chain(sched, first, last, b, &before, &c);
        }
        c.cycles = taken ? place_chain_cycles(sched, first, last) : UINT64_MAX;
        if (c.cycles < best.cycles)
            best = c;
    }
    restore(b, &before);
    return best.cycles < UINT64_MAX && take_chain(sched, first, last, b, &before, &best);
}

int place_can_ring(const schedule *sched, uint32_t k)
{
    const area *a = &sched->low->areas[k];
    const storage *at = &sched->storage[k];
    if (at->born == UINT32_MAX || at->dies != at->born + 1 || a->is_input || a->is_output ||
        a->host_writes || a->is_constant || a->rows > MOST_ROWS)
        return 0;
    const layer *writer = &sched->low->layers[at->born], *reader = writer + 1;
    if (writer->weights != NO_AREA || reader->weights != NO_AREA || writer->out != k ||
        writer->kind != LAYER_WINDOW || reader->kind != LAYER_WINDOW || reader->in[0] != k ||
        (reader->in_count > 1 && reader->in[1] == k))
        return 0;
    uint32_t length = 2;
    for (const layer *l = writer; l > sched->low->layers && sched->storage[l[-1].out].ring; l--)
        length++;
    for (const layer *l = reader; sched->storage[l->out].ring; l++)
        length++;
    return length <= MAX_CHAIN && reader->reach_y.extent < reader->in_h;
}
