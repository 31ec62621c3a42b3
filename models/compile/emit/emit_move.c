/* LOAD and STORE of patches. */
#include "emit.h"

#define PUT(op, field, value) field_put(sched, &c->cmd, F_##op##_##field, (int64_t)(value), &rc)

/* Of the area: the row of a local row. */
static uint32_t area_row(const patch *at, uint32_t row)
{
    return at->row0 + (at->across ? row / at->across : row) * at->row_step;
}

static access buffer_access(const patch *at, access_kind kind, uint32_t row_lo, uint32_t row_hi)
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

static access memory_access(const patch *at, access_kind kind, uint32_t row_lo, uint32_t row_hi)
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

static pieces pieces_of(const schedule *sched, const patch *at, uint32_t row_lo, uint32_t row_hi)
{
    const storage *memory = &sched->storage[at->area];
    const uint64_t row = (uint64_t)memory->pitch_bytes * at->row_step;
    pieces t = { .count = 1,
                 .rows = row_hi - row_lo,
                 .from = memory->addr + (uint64_t)area_row(at, row_lo) * memory->pitch_bytes +
                         at->byte0,
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

static int load_piece(schedule *sched, uint32_t layer_index, const patch *to, const pieces *t,
                      uint32_t number, uint32_t row)
{
    const area *a = &sched->low->areas[to->area];
    const uint32_t m = sched->hw->mem_bytes;
    int rc = WEFT_OK;
    pending *c = emit_command(sched, layer_index, QUEUE_LOAD, WEFT_CMD_LOAD);
    if (!c)
        return sched->work.err->status;
    c->addr = t->from + number * t->piece;
    c->in_image = a->is_constant;
    emit_access(c, memory_access(to, ACCESS_READ, row, row + t->rows));
    emit_access(c, buffer_access(to, ACCESS_WRITE, row, row + t->rows));
    PUT(LOAD, ROW, row & 3);
    PUT(LOAD, STRIDE, t->stride);
    PUT(LOAD, ROWS, t->rows);
    PUT(LOAD, A_START, patch_word(to, row));
    PUT(LOAD, ROW_BYTES, div_up(to->row_bytes, m) * m);
    PUT(LOAD, PITCH, to->pitch);
    PUT(LOAD, TOP, to->word + to->words);
    PUT(LOAD, SIZE, to->words);
    return rc;
}

int emit_load(schedule *sched, uint32_t layer_index, const patch *to, uint32_t row_lo,
              uint32_t row_hi)
{
    const pieces t = pieces_of(sched, to, row_lo, row_hi);
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < t.count && rc == WEFT_OK; i++)
        rc = load_piece(sched, layer_index, to, &t, i, row_lo + i * t.rows);
    return rc;
}

static int store_piece(schedule *sched, uint32_t layer_index, const patch *from, const pieces *t,
                       uint32_t number)
{
    const uint32_t row = number * t->rows;
    int rc = WEFT_OK;
    pending *c = emit_command(sched, layer_index, QUEUE_STORE, WEFT_CMD_STORE);
    if (!c)
        return sched->work.err->status;
    c->addr = t->from + number * t->piece;
    emit_access(c, memory_access(from, ACCESS_WRITE, row, row + t->rows));
    emit_access(c, buffer_access(from, ACCESS_READ, row, row + t->rows));
    PUT(STORE, ROW, row & 3);
    PUT(STORE, STRIDE, t->stride);
    PUT(STORE, ROWS, t->rows);
    PUT(STORE, A_START, patch_word(from, row));
    PUT(STORE, ROW_BYTES, from->row_bytes);
    PUT(STORE, PITCH, from->pitch);
    PUT(STORE, TOP, from->word + from->words);
    PUT(STORE, SIZE, from->words);
    return rc;
}

int emit_store(schedule *sched, uint32_t layer_index, const patch *from)
{
    const pieces t = pieces_of(sched, from, 0, from->rows);
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < t.count && rc == WEFT_OK; i++)
        rc = store_piece(sched, layer_index, from, &t, i);
    return rc;
}
