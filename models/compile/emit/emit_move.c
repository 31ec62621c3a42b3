/* Places in the feature buffer, and LOAD and STORE of them. */
#include "emit.h"

#define PUT(op, field, value) field_put(p, &c->cmd, F_##op##_##field, (int64_t)(value), &rc)

place place_whole(const plan *p, uint32_t k)
{
    const area *a = &p->areas[k];
    return (place){ .area = k,
                    .occupant = k,
                    .word = a->word,
                    .words = a->words,
                    .pitch = a->pitch_words,
                    .rows = a->rows,
                    .row_step = 1,
                    .row_bytes = a->row_bytes,
                    .part_hi = UINT32_MAX };
}

/* Of a shared area the layer touches its own channels only. */
static void set_part(const plan *p, const layer *l, unsigned operand, place *at)
{
    const uint32_t areas[3] = { l->in[0], l->in_count > 1 ? l->in[1] : NO_AREA, l->out };
    const uint32_t space[3] = { l->in_space, l->x_space, l->out_space };
    at->part_lo = 0;
    at->part_hi = UINT32_MAX;
    if (l->kind != LAYER_WINDOW || areas[operand] != at->area || !p->areas[at->area].shared ||
        !space[operand])
        return;
    at->part_lo = l->at[operand];
    at->part_hi = l->at[operand] + (operand == 0 ? l->in_c : l->out_c);
}

place place_operand(const plan *p, const layer *l, unsigned operand)
{
    place at = place_whole(p, operand == 2 ? l->out : l->in[operand]);
    set_part(p, l, operand, &at);
    return at;
}

place place_in_slot(plan *p, const layer *l, unsigned operand, uint32_t number, uint32_t k,
                    extent e)
{
    place at = { .area = k,
                 .occupant = p->area_count + p->occupants++,
                 .word = l->slot_word[operand][number % l->slots],
                 .row0 = e.row_lo,
                 .rows = extent_rows(&e),
                 .row_step = e.row_step ? e.row_step : 1,
                 .byte0 = e.byte_lo,
                 .row_bytes = e.byte_hi - e.byte_lo,
                 .across = e.across,
                 .x0 = e.x0,
                 .x_step = e.x_step };
    at.pixel = operand == 2 ? layer_out_pixel(l) : layer_in_pixel(l);
    set_part(p, l, operand, &at);
    at.pitch = (uint32_t)div_up(at.row_bytes, p->hw.word_bytes);
    at.pitch = at.pitch ? at.pitch : 1;
    at.words = at.rows ? (uint32_t)div_up(at.rows, 4) * at.pitch : 1;
    return at;
}

uint32_t place_slot(const place *at, int64_t r)
{
    int64_t turn = floor_div(r, 4) * at->pitch;
    return at->word + (uint32_t)(turn - floor_div(turn, at->words) * at->words);
}

int64_t place_step(const place *at, uint64_t rows)
{
    return (int64_t)(rows / 4 * at->pitch % at->words);
}

/* Of the area: the row of a local row. */
static uint32_t area_row(const place *at, uint32_t row)
{
    return at->row0 + (at->across ? row / at->across : row) * at->row_step;
}

static access buffer_access(const place *at, access_kind kind, uint32_t row_lo, uint32_t row_hi)
{
    return (access){ .kind = kind,
                     .occupant = at->occupant,
                     .word = at->word,
                     .words = at->words,
                     .row_lo = area_row(at, row_lo),
                     .row_hi = area_row(at, row_hi - 1) + 1,
                     .part_lo = at->part_lo,
                     .part_hi = at->part_hi };
}

static access memory_access(const place *at, access_kind kind, uint32_t row_lo, uint32_t row_hi)
{
    access a = buffer_access(at, kind, row_lo, row_hi);
    a.in_memory = 1;
    a.occupant = at->area;
    a.word = a.words = 0;
    return a;
}

/* How a transfer goes through memory: `count` pieces of local rows, one command each, as rows of
 * memory that begin at `from` and are `stride` bytes apart. */
typedef struct pieces {
    uint32_t count, rows;
    uint64_t from, piece, stride;
} pieces;

static pieces pieces_of(const plan *p, const place *at, uint32_t row_lo, uint32_t row_hi)
{
    const area *a = &p->areas[at->area];
    const uint64_t row = (uint64_t)a->pitch_bytes * at->row_step;
    pieces t = { .count = 1,
                 .rows = row_hi - row_lo,
                 .from = a->addr + (uint64_t)area_row(at, row_lo) * a->pitch_bytes + at->byte0,
                 .stride = row };
    if (!at->across)
        return t;
    t.stride = (uint64_t)at->pixel * at->x_step;
    t.from += (uint64_t)at->x0 * at->pixel;
    if (t.stride * at->across == row || t.rows <= at->across)
        return t; /* the last pixel of a row is as far from the next one's first */
    t.count = t.rows / at->across;
    t.rows = at->across;
    t.piece = row;
    return t;
}

static int load_piece(plan *p, uint32_t layer_index, const place *to, const pieces *t,
                      uint32_t number, uint32_t row)
{
    const area *a = &p->areas[to->area];
    const uint32_t m = p->hw.mem_bytes;
    int rc = WEFT_OK;
    pending *c = emit_command(p, layer_index, QUEUE_LOAD, WEFT_OP_LOAD);
    if (!c)
        return p->err->status;
    c->addr = t->from + number * t->piece;
    c->in_image = a->is_constant;
    emit_access(c, memory_access(to, ACCESS_READ, row, row + t->rows));
    emit_access(c, buffer_access(to, ACCESS_WRITE, row, row + t->rows));
    PUT(LOAD, ROW, row & 3);
    PUT(LOAD, STRIDE, t->stride);
    PUT(LOAD, ROWS, t->rows);
    PUT(LOAD, A_START, place_slot(to, row));
    PUT(LOAD, ROW_BYTES, div_up(to->row_bytes, m) * m);
    PUT(LOAD, PITCH, to->pitch);
    PUT(LOAD, TOP, to->word + to->words);
    PUT(LOAD, SIZE, to->words);
    return rc;
}

int emit_load(plan *p, uint32_t layer_index, const place *to, uint32_t row_lo, uint32_t row_hi)
{
    const pieces t = pieces_of(p, to, row_lo, row_hi);
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < t.count && rc == WEFT_OK; i++)
        rc = load_piece(p, layer_index, to, &t, i, row_lo + i * t.rows);
    return rc;
}

static int store_piece(plan *p, uint32_t layer_index, const place *from, const pieces *t,
                       uint32_t number)
{
    const uint32_t row = number * t->rows;
    int rc = WEFT_OK;
    pending *c = emit_command(p, layer_index, QUEUE_STORE, WEFT_OP_STORE);
    if (!c)
        return p->err->status;
    c->addr = t->from + number * t->piece;
    emit_access(c, memory_access(from, ACCESS_WRITE, row, row + t->rows));
    emit_access(c, buffer_access(from, ACCESS_READ, row, row + t->rows));
    PUT(STORE, ROW, row & 3);
    PUT(STORE, STRIDE, t->stride);
    PUT(STORE, ROWS, t->rows);
    PUT(STORE, A_START, place_slot(from, row));
    PUT(STORE, ROW_BYTES, from->row_bytes);
    PUT(STORE, PITCH, from->pitch);
    PUT(STORE, TOP, from->word + from->words);
    PUT(STORE, SIZE, from->words);
    return rc;
}

int emit_store(plan *p, uint32_t layer_index, const place *from)
{
    const pieces t = pieces_of(p, from, 0, from->rows);
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < t.count && rc == WEFT_OK; i++)
        rc = store_piece(p, layer_index, from, &t, i);
    return rc;
}
