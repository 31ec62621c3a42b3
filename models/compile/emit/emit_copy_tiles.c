/* COPY layers in tiles: which strips of the sources go into which tile of the destination. */
#include "emit.h"
#include "emit_copy.h"

/* Pieces of an area that fit `words`: whole rows, or, if a row is too long, part of four rows. */
typedef struct pieces {
    uint32_t rows, bytes;  /* of a piece */
    uint32_t down, across; /* pieces */
} pieces;

static pieces cut_area(const plan *p, const area *a, uint32_t words)
{
    const uint32_t pitch = (uint32_t)div_up(a->row_bytes, p->hw.word_bytes);
    pieces s = { .rows = min_u32(4, a->rows), .bytes = words * p->hw.word_bytes };
    if (a->resident) {
        s.rows = a->rows;
        s.bytes = a->row_bytes;
    } else if (pitch <= words) {
        s.rows = min_u32(words / pitch * 4, min_u32(a->rows, MOST_ROWS));
        s.bytes = a->row_bytes;
    }
    s.down = (uint32_t)div_up(a->rows, s.rows);
    s.across = (uint32_t)div_up(a->row_bytes, s.bytes);
    return s;
}

static extent piece_at(const area *a, const pieces *s, uint32_t number)
{
    extent e = { .row_lo = number / s->across * s->rows,
                 .byte_lo = number % s->across * s->bytes,
                 .row_step = 1 };
    e.row_hi = min_u32(a->rows, e.row_lo + s->rows);
    e.byte_hi = min_u32(a->row_bytes, e.byte_lo + s->bytes);
    return e;
}

/* Elements of a run that repeats which come from the same strip; maybe from more than are asked
 * for. */
static uint64_t in_piece(const area *a, const pieces *s, const copy_run *r)
{
    const int64_t row = r->from / a->row_bytes, byte = r->from % a->row_bytes;
    const int64_t row_end = (row / s->rows + 1) * s->rows;
    const int64_t byte_end = (byte / s->bytes + 1) * s->bytes;
    if (s->across == 1)
        return copy_before(r->from, r->from_step, r->times, row_end * a->row_bytes);
    return copy_in_step(r->from, r->from_step, r->times, a->row_bytes, row_end,
                        byte_end < a->row_bytes ? byte_end : a->row_bytes);
}

/* Mark the strips that hold sources of destinations lo..hi-1. */
static void mark_range(const copy_part *c, const area *a, const pieces *s, int64_t lo, int64_t hi,
                       uint8_t *used)
{
    for (uint64_t e = copy_find(c, lo); e < c->count;) {
        copy_run r = copy_run_at(c, e);
        if (r.to >= hi)
            return;
        if (r.times > 1)
            r.times = in_piece(a, s, &r);
        const int64_t last = r.from + (int64_t)r.count - 1;
        for (int64_t at = r.from; r.from >= 0 && at <= last;) {
            const int64_t row = at / a->row_bytes, byte = at % a->row_bytes;
            used[row / s->rows * s->across + byte / s->bytes] = 1;
            const int64_t more = s->bytes - byte % s->bytes, end = a->row_bytes - byte;
            at += more < end ? more : end;
        }
        e += r.count * r.times;
    }
}

static void mark(const plan *p, const copy_part *c, const pieces *s, const place *out,
                 uint8_t *used)
{
    const area *a = &p->areas[c->area];
    const int64_t row = p->areas[out->area].row_bytes;
    memset(used, 0, (size_t)s->down * s->across);
    for (uint32_t r = 0; r < out->rows; r++) {
        const int64_t lo = (out->row0 + r) * row + out->byte0;
        mark_range(c, a, s, lo, lo + out->row_bytes, used);
    }
}

/* --- the work of a layer, tile by tile --- */

typedef struct item {
    work w;
    int load, end; /* w.in must be loaded; the tile is complete */
} item;

typedef struct list {
    item *items;
    uint32_t count, room, loads;
} list;

static int add_item(plan *p, list *to, const work *w, int load)
{
    if (to->count == to->room) {
        item *more = plan_alloc(p, 2 * (to->room + 32u) * sizeof *more);
        if (!more)
            return WEFT_ERR_NO_MEMORY;
        if (to->count)
            memcpy(more, to->items, to->count * sizeof *more);
        to->items = more;
        to->room = 2 * (to->room + 32);
    }
    to->items[to->count++] = (item){ *w, load, 0 };
    return WEFT_OK;
}

static int add_strips(plan *p, const layer *l, list *to, work w)
{
    const area *a = &p->areas[w.part->area];
    const pieces s = cut_area(p, a, l->slot_words[0]);
    uint8_t *used = plan_alloc(p, (size_t)s.down * s.across);
    int rc = used ? WEFT_OK : WEFT_ERR_NO_MEMORY;
    if (used)
        mark(p, w.part, &s, &w.out, used);
    for (uint32_t i = 0; rc == WEFT_OK && i < s.down * s.across; i++) {
        if (!used[i])
            continue;
        if (a->resident)
            w.in = place_whole(p, w.part->area);
        else
            w.in = place_in_slot(p, l, 0, to->loads++, w.part->area, piece_at(a, &s, i));
        rc = add_item(p, to, &w, !a->resident);
    }
    return rc;
}

static int add_tile(plan *p, uint32_t layer_index, list *to, const place *out)
{
    const layer *l = &p->layers[layer_index];
    const uint32_t before = to->count;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < l->part_count && rc == WEFT_OK; i++) {
        work w = { .layer = layer_index, .part = &l->parts[i], .fill = 1, .out = *out };
        if (copy_has_fill(w.part))
            rc = add_item(p, to, &w, 0);
        w.fill = 0;
        if (rc == WEFT_OK && w.part->area != NO_AREA)
            rc = add_strips(p, l, to, w);
    }
    if (rc == WEFT_OK && to->count > before)
        to->items[to->count - 1].end = 1;
    return rc;
}

static int list_work(plan *p, uint32_t layer_index, list *to)
{
    const layer *l = &p->layers[layer_index];
    const area *a = &p->areas[l->out];
    const pieces s = cut_area(p, a, l->slot_words[2]);
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < s.down * s.across && rc == WEFT_OK; i++) {
        const place out = a->resident ? place_whole(p, l->out)
                                      : place_in_slot(p, l, 2, i, l->out, piece_at(a, &s, i));
        rc = add_tile(p, layer_index, to, &out);
    }
    return rc;
}

static int load_item(plan *p, const list *of, uint32_t i)
{
    if (i >= of->count || !of->items[i].load)
        return WEFT_OK;
    const work *w = &of->items[i].w;
    return emit_load(p, w->layer, &w->in, 0, w->in.rows);
}

int emit_copy(plan *p, uint32_t layer_index)
{
    list all = { 0 };
    int rc = list_work(p, layer_index, &all);
    const uint32_t ahead = p->layers[layer_index].slots > 1 ? 1 : 0;
    if (rc == WEFT_OK && ahead)
        rc = load_item(p, &all, 0);
    for (uint32_t i = 0; i < all.count && rc == WEFT_OK; i++) {
        const item *now = &all.items[i];
        rc = load_item(p, &all, i + ahead);
        if (rc == WEFT_OK)
            rc = emit_work(p, &now->w);
        if (rc == WEFT_OK && now->end && p->areas[now->w.out.area].in_memory)
            rc = emit_store(p, layer_index, &now->w.out);
    }
    return rc;
}
