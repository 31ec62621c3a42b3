/* Layers to commands, tile by tile, in an order that is itself a valid schedule.
 *
 * With two slots the loads of the next tile stand before the arithmetic of this one; with one slot
 * behind it. */
#include "emit.h"

static uint32_t tiles_across(const layer *l, const tiling *t)
{
    return (uint32_t)div_up(l->out_w, t->tile_w);
}

static uint32_t tile_count(const layer *l, const tiling *t)
{
    return tiles_across(l, t) * (uint32_t)div_up(l->out_h, t->tile_h);
}

static tile tile_at(const layer *l, const tiling *t, uint32_t number)
{
    tile at = { number / tiles_across(l, t) * t->tile_h, 0, number % tiles_across(l, t) * t->tile_w,
                0 };
    at.y1 = min_u32(l->out_h, at.y0 + t->tile_h);
    at.x1 = min_u32(l->out_w, at.x0 + t->tile_w);
    return at;
}

/* --- where the operands of a tile are --- */

static patch input_patch(schedule *sched, const layer *l, unsigned operand, uint32_t number)
{
    if (sched->storage[l->in[operand]].resident)
        return patch_of_operand(sched, l, operand);
    const tile t = tile_at(l, tiling_of(sched, l), number);
    const extent e = operand ? operand_extent(sched, l, t.y0, t.y1, t.x0, t.x1)
                             : input_extent(sched, l, t.y0, t.y1, t.x0, t.x1);
    return patch_in_slot(sched, l, operand, number, l->in[operand], e);
}

static patch output_patch(schedule *sched, const layer *l, uint32_t number)
{
    if (sched->storage[l->out].resident)
        return patch_of_operand(sched, l, 2);
    const tile t = tile_at(l, tiling_of(sched, l), number);
    return patch_in_slot(sched, l, 2, number, l->out,
                         output_extent(sched, l, t.y0, t.y1, t.x0, t.x1));
}

static int emit_tile(schedule *sched, uint32_t layer_index, uint32_t number, const patch in[2])
{
    const layer *l = &sched->low->layers[layer_index];
    const tile t = tile_at(l, tiling_of(sched, l), number);
    const patch out = output_patch(sched, l, number);
    int rc = WEFT_OK;
    for (uint32_t i = 0; rc == WEFT_OK && i < l->kernel_count; i++)
        rc = emit_kernel(sched, layer_index, &l->kernels[i], &t, &in[0], &out, &in[1]);
    if (rc == WEFT_OK && emit_is_stored(sched, layer_index))
        rc = emit_store(sched, layer_index, &out);
    else if (rc == WEFT_OK && l->alu)
        rc = emit_fence(sched, layer_index);
    return rc;
}

/* --- layers --- */

/* The input places of a tile, and the loads that fill those that are slots. */
static int load_tile(schedule *sched, uint32_t layer_index, uint32_t number, patch in[2])
{
    const layer *l = &sched->low->layers[layer_index];
    for (unsigned k = 0; k < l->in_count; k++) {
        in[k] = input_patch(sched, l, k, number);
        if (sched->storage[l->in[k]].resident || in[k].rows == 0)
            continue;
        int rc = emit_load(sched, layer_index, &in[k], 0, in[k].rows);
        if (rc != WEFT_OK)
            return rc;
    }
    return WEFT_OK;
}

static int emit_layer(schedule *sched, uint32_t layer_index)
{
    const uint32_t ahead = sched->tilings[layer_index].slots > 1 ? 1 : 0;
    patch in[2][2] = { 0 };
    int rc = emit_residents(sched, layer_index);
    if (rc == WEFT_OK && sched->low->layers[layer_index].kind == LAYER_COPY)
        return emit_copy(sched, layer_index);
    if (rc == WEFT_OK)
        rc = emit_tables(sched, layer_index);
    const uint32_t tiles =
        tile_count(&sched->low->layers[layer_index], &sched->tilings[layer_index]);
    if (rc == WEFT_OK && ahead)
        rc = load_tile(sched, layer_index, 0, in[0]);
    for (uint32_t t = 0; t < tiles && rc == WEFT_OK; t++) {
        if (t + ahead < tiles)
            rc = load_tile(sched, layer_index, t + ahead, in[(t + ahead) % 2]);
        if (rc == WEFT_OK)
            rc = emit_tile(sched, layer_index, t, in[t % 2]);
    }
    return rc;
}

int emit_commands(schedule *sched)
{
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < sched->low->layer_count && rc == WEFT_OK; i++) {
        sched->tilings[i].first_command = sched->command_count;
        sched->run += sched->low->layers[i].kind == LAYER_HOST;
        if (sched->low->layers[i].kind != LAYER_HOST && sched->tilings[i].chain)
            rc = sched->tilings[i].chain > 1 ? emit_chain(sched, i) : emit_layer(sched, i);
        sched->tilings[i].command_count = sched->command_count - sched->tilings[i].first_command;
    }
    if (rc == WEFT_OK && sched->command_count == 0) /* a program has at least one command */
        rc = emit_command(sched, 0, QUEUE_COMPUTE, WEFT_CMD_NOP) ? WEFT_OK : WEFT_ERR_NO_MEMORY;
    return rc;
}
