/* Places in the feature buffer, and LOAD and STORE of them. */
#include "plan.h"

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
                    .row_bytes = a->row_bytes };
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
                 .row_bytes = e.byte_hi - e.byte_lo };
    at.pitch = (uint32_t)div_up(at.row_bytes, p->hw.word_bytes);
    at.pitch = at.pitch ? at.pitch : 1;
    at.words = at.rows ? (uint32_t)div_up(at.rows, 4) * at.pitch : 1;
    return at;
}

static access buffer_access(const place *at, access_kind kind, uint32_t row_lo, uint32_t row_hi)
{
    return (access){ .kind = kind,
                     .occupant = at->occupant,
                     .word = at->word,
                     .words = at->words,
                     .row_lo = at->row0 + row_lo * at->row_step,
                     .row_hi = at->row0 + (row_hi - 1) * at->row_step + 1 };
}

static access memory_access(const place *at, access_kind kind, uint32_t row_lo, uint32_t row_hi)
{
    return (access){ .kind = kind,
                     .in_memory = 1,
                     .occupant = at->area,
                     .row_lo = at->row0 + row_lo * at->row_step,
                     .row_hi = at->row0 + (row_hi - 1) * at->row_step + 1 };
}

int emit_load(plan *p, uint32_t layer_index, const place *to, uint32_t row_lo, uint32_t row_hi)
{
    const area *a = &p->areas[to->area];
    const uint32_t m = p->hw.mem_bytes;
    int rc = WEFT_OK;
    pending *c = emit_command(p, layer_index, QUEUE_LOAD, WEFT_OP_LOAD);
    if (!c)
        return p->err->status;
    c->addr = a->addr + (to->row0 + (uint64_t)row_lo * to->row_step) * a->pitch_bytes + to->byte0;
    c->in_image = a->is_constant;
    emit_access(c, memory_access(to, ACCESS_READ, row_lo, row_hi));
    emit_access(c, buffer_access(to, ACCESS_WRITE, row_lo, row_hi));
    PUT(LOAD, ROW, row_lo & 3);
    PUT(LOAD, STRIDE, (uint64_t)a->pitch_bytes * to->row_step);
    PUT(LOAD, ROWS, row_hi - row_lo);
    PUT(LOAD, A_START, place_slot(to, row_lo));
    PUT(LOAD, ROW_BYTES, div_up(to->row_bytes, m) * m);
    PUT(LOAD, PITCH, to->pitch);
    PUT(LOAD, TOP, to->word + to->words);
    PUT(LOAD, SIZE, to->words);
    return rc;
}

int emit_store(plan *p, uint32_t layer_index, const place *from)
{
    const area *a = &p->areas[from->area];
    int rc = WEFT_OK;
    pending *c = emit_command(p, layer_index, QUEUE_STORE, WEFT_OP_STORE);
    if (!c)
        return p->err->status;
    c->addr = a->addr + (uint64_t)from->row0 * a->pitch_bytes + from->byte0;
    emit_access(c, memory_access(from, ACCESS_WRITE, 0, from->rows));
    emit_access(c, buffer_access(from, ACCESS_READ, 0, from->rows));
    PUT(STORE, ROW, 0);
    PUT(STORE, STRIDE, a->pitch_bytes);
    PUT(STORE, ROWS, from->rows);
    PUT(STORE, A_START, from->word);
    PUT(STORE, ROW_BYTES, from->row_bytes);
    PUT(STORE, PITCH, from->pitch);
    PUT(STORE, TOP, from->word + from->words);
    PUT(STORE, SIZE, from->words);
    return rc;
}
