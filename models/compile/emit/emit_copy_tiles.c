/* COPY layers in tiles: which strips of the sources go into which tile of the destination. */
#include "emit.h"
#include "emit_copy.h"

/* Pieces of an area that fit `words`: whole rows, or, if a row is too long, part of four rows. */
typedef struct pieces {
    uint32_t rows, bytes;  /* of a piece */
    uint32_t down, across; /* pieces */
} pieces;

static pieces cut_area(const schedule *sched, uint32_t k, uint32_t words)
{
    const area *a = &sched->low->areas[k];
    const uint32_t pitch = (uint32_t)div_up(a->row_bytes, sched->hw->word_bytes);
    pieces s = { .rows = min_u32(4, a->rows), .bytes = words * sched->hw->word_bytes };
    if (sched->storage[k].resident) {
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

static void mark(const schedule *sched, const copy_part *c, const pieces *s, const patch *out,
                 uint8_t *used)
{
    const area *a = &sched->low->areas[c->area];
    const int64_t row = sched->low->areas[out->area].row_bytes;
    memset(used, 0, (size_t)s->down * s->across);
    for (uint32_t r = 0; r < out->rows; r++) {
        const int64_t lo = (out->row0 + r) * row + out->byte0;
        mark_range(c, a, s, lo, lo + out->row_bytes, used);
    }
}

/* --- the work of a layer, tile by tile --- */

typedef struct item {
    copy_work w;
    int load, end; /* w.in must be loaded; the tile is complete */
} item;

typedef struct list {
    item *items;
    uint32_t count, room, loads;
} list;

static int add_item(schedule *sched, list *to, const copy_work *w, int load)
{
    if (to->count == to->room) {
        item *more = work_alloc(&sched->work, 2 * (to->room + 32u) * sizeof *more);
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

static int add_strips(schedule *sched, const layer *l, list *to, copy_work w)
{
    const area *a = &sched->low->areas[w.part->area];
    const int resident = sched->storage[w.part->area].resident;
    const pieces s = cut_area(sched, w.part->area, tiling_of(sched, l)->slot_words[0]);
    uint8_t *used = work_alloc(&sched->work, (size_t)s.down * s.across);
    int rc = used ? WEFT_OK : WEFT_ERR_NO_MEMORY;
    if (used)
        mark(sched, w.part, &s, &w.out, used);
    for (uint32_t i = 0; rc == WEFT_OK && i < s.down * s.across; i++) {
        if (!used[i])
            continue;
        if (resident)
            w.in = patch_whole(sched, w.part->area);
        else
            w.in = patch_in_slot(sched, l, 0, to->loads++, w.part->area, piece_at(a, &s, i));
        rc = add_item(sched, to, &w, !resident);
    }
    return rc;
}

static int add_tile(schedule *sched, uint32_t layer_index, list *to, const patch *out)
{
    const layer *l = &sched->low->layers[layer_index];
    const uint32_t before = to->count;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < l->part_count && rc == WEFT_OK; i++) {
        copy_work w = { .layer = layer_index, .part = &l->parts[i], .fill = 1, .out = *out };
        if (copy_has_fill(w.part))
            rc = add_item(sched, to, &w, 0);
        w.fill = 0;
        if (rc == WEFT_OK && w.part->area != NO_AREA)
            rc = add_strips(sched, l, to, w);
    }
    if (rc == WEFT_OK && to->count > before)
        to->items[to->count - 1].end = 1;
    return rc;
}

static int list_work(schedule *sched, uint32_t layer_index, list *to)
{
    const layer *l = &sched->low->layers[layer_index];
    const area *a = &sched->low->areas[l->out];
    const pieces s = cut_area(sched, l->out, tiling_of(sched, l)->slot_words[2]);
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < s.down * s.across && rc == WEFT_OK; i++) {
        const patch out = sched->storage[l->out].resident
                              ? patch_whole(sched, l->out)
                              : patch_in_slot(sched, l, 2, i, l->out, piece_at(a, &s, i));
        rc = add_tile(sched, layer_index, to, &out);
    }
    return rc;
}

static int load_item(schedule *sched, const list *of, uint32_t i)
{
    if (i >= of->count || !of->items[i].load)
        return WEFT_OK;
    const copy_work *w = &of->items[i].w;
    return emit_load(sched, w->layer, &w->in, 0, w->in.rows);
}

int emit_copy(schedule *sched, uint32_t layer_index)
{
    list all = { 0 };
    int rc = list_work(sched, layer_index, &all);
    const uint32_t ahead = sched->tilings[layer_index].slots > 1 ? 1 : 0;
    if (rc == WEFT_OK && ahead)
        rc = load_item(sched, &all, 0);
    for (uint32_t i = 0; i < all.count && rc == WEFT_OK; i++) {
        const item *now = &all.items[i];
        rc = load_item(sched, &all, i + ahead);
        if (rc == WEFT_OK)
            rc = emit_work(sched, &now->w);
        if (rc == WEFT_OK && now->end && sched->storage[now->w.out.area].in_memory)
            rc = emit_store(sched, layer_index, &now->w.out);
    }
    return rc;
}
