/* Where parts of areas lie in the feature buffer. */
#include "patch.h"

patch patch_whole(const schedule *sched, uint32_t k)
{
    const area *a = &sched->low->areas[k];
    const storage *where = &sched->storage[k];
    return (patch){ .area = k,
                    .occupant = k,
                    .word = where->word,
                    .words = where->words,
                    .pitch = where->pitch_words,
                    .rows = a->rows,
                    .row_step = 1,
                    .row_bytes = a->row_bytes,
                    .part_hi = UINT32_MAX };
}

/* Of a shared area the layer touches its own channels only. */
static void set_part(const schedule *sched, const layer *l, unsigned operand, patch *at)
{
    const uint32_t areas[3] = { l->in[0], l->in_count > 1 ? l->in[1] : NO_AREA, l->out };
    const uint32_t space[3] = { l->in_space, l->x_space, l->out_space };
    at->part_lo = 0;
    at->part_hi = UINT32_MAX;
    if (l->kind != LAYER_WINDOW || areas[operand] != at->area ||
        !sched->low->areas[at->area].shared || !space[operand])
        return;
    at->part_lo = l->at[operand];
    at->part_hi = l->at[operand] + (operand == 0 ? l->in_c : l->out_c);
}

patch patch_of_operand(const schedule *sched, const layer *l, unsigned operand)
{
    patch at = patch_whole(sched, operand == 2 ? l->out : l->in[operand]);
    set_part(sched, l, operand, &at);
    return at;
}

patch patch_in_slot(schedule *sched, const layer *l, unsigned operand, uint32_t number, uint32_t k,
                    extent e)
{
    patch at = { .area = k,
                 .occupant = sched->low->area_count + sched->occupants++,
                 .word =
                     tiling_of(sched, l)->slot_word[operand][number % tiling_of(sched, l)->slots],
                 .row0 = e.row_lo,
                 .rows = extent_rows(&e),
                 .row_step = e.row_step ? e.row_step : 1,
                 .byte0 = e.byte_lo,
                 .row_bytes = e.byte_hi - e.byte_lo,
                 .across = e.across,
                 .x0 = e.x0,
                 .x_step = e.x_step };
    at.pixel = operand == 2 ? layer_out_pixel(l) : layer_in_pixel(l);
    set_part(sched, l, operand, &at);
    at.pitch = (uint32_t)div_up(at.row_bytes, sched->hw->word_bytes);
    at.pitch = at.pitch ? at.pitch : 1;
    at.words = at.rows ? (uint32_t)div_up(at.rows, 4) * at.pitch : 1;
    return at;
}

uint32_t patch_word(const patch *at, int64_t r)
{
    int64_t turn = floor_div(r, 4) * at->pitch;
    return at->word + (uint32_t)(turn - floor_div(turn, at->words) * at->words);
}

int64_t patch_step(const patch *at, uint64_t rows)
{
    return (int64_t)(rows / 4 * at->pitch % at->words);
}
