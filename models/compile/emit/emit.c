/* Layers to commands, tile by tile, in an order that is itself a valid schedule.
 *
 * With two slots the loads of the next tile stand before the arithmetic of this one; with one slot
 * behind it.  A tile whose sums overflow the accumulators is cut into several commands. */
#include "emit.h"
#include "models/compile/plan/stages.h"

static uint32_t tiles_x(const layer *l)
{
    return (uint32_t)div_up(l->out_w, l->tile_w);
}

static uint32_t tile_count(const layer *l)
{
    return tiles_x(l) * (uint32_t)div_up(l->out_h, l->tile_h);
}

static tile tile_at(const layer *l, uint32_t number)
{
    tile t = { number / tiles_x(l) * l->tile_h, 0, number % tiles_x(l) * l->tile_w, 0 };
    t.y1 = min_u32(l->out_h, t.y0 + l->tile_h);
    t.x1 = min_u32(l->out_w, t.x0 + l->tile_w);
    return t;
}

/* --- where the operands of a tile are --- */

static place input_place(plan *p, const layer *l, unsigned operand, uint32_t number)
{
    if (p->areas[l->in[operand]].resident)
        return place_operand(p, l, operand);
    const tile t = tile_at(l, number);
    const extent e = operand ? operand_extent(p, l, t.y0, t.y1, t.x0, t.x1)
                             : input_extent(p, l, t.y0, t.y1, t.x0, t.x1);
    return place_in_slot(p, l, operand, number, l->in[operand], e);
}

static place output_place(plan *p, const layer *l, uint32_t number)
{
    const area *a = &p->areas[l->out];
    if (a->resident)
        return place_operand(p, l, 2);
    const tile t = tile_at(l, number);
    return place_in_slot(p, l, 2, number, l->out, output_extent(p, l, t.y0, t.y1, t.x0, t.x1));
}

/* --- arithmetic of a tile --- */

/* Indices i of first + i*step, i < count, that lie in [lo, hi). */
static void clip(uint32_t first, uint64_t step, uint32_t count, uint32_t lo, uint32_t hi,
                 uint32_t *from, uint32_t *number)
{
    uint64_t begin = lo > first ? div_up(lo - first, step) : 0;
    uint64_t end = hi > first ? div_up(hi - first, step) : 0;
    end = end > count ? count : end;
    *from = (uint32_t)begin;
    *number = end > begin ? (uint32_t)(end - begin) : 0;
}

/* The most sums of an inner loop: the accumulators, and what INNER holds. */
static uint32_t most_inner(const plan *p, const kernel *k)
{
    uint32_t by_field = ((uint32_t)WEFT_MOST(COMPUTE, INNER) - k->chain) / k->phases + 1;
    return min_u32(p->hw.acc_depth, by_field);
}

/* Local rows from row to row. */
static uint32_t pixels_in_row(const place *at)
{
    return at->across ? at->across : 1;
}

/* One kernel over its part of a tile, in commands of at most ACC_DEPTH sums, as equal as can be. */
int emit_kernel(plan *p, uint32_t layer_index, const kernel *k, const tile *t, const place *in,
                const place *out, const place *x)
{
    part all;
    uint32_t vectors = (uint32_t)div_up(k->nx, k->px);
    clip(k->y0, k->dy, k->ny, t->y0, t->y1, &all.i0, &all.ni);
    clip(k->x0, (uint64_t)k->dx * k->px, vectors, t->x0, t->x1, &all.j0, &all.nj);
    if (all.ni == 0 || all.nj == 0)
        return WEFT_OK;
    uint32_t inner = k->vertical ? all.ni : all.nj, outer = k->vertical ? all.nj : all.ni;
    uint32_t inner_cuts = (uint32_t)div_up(inner, most_inner(p, k));
    uint32_t inner_step = (uint32_t)div_up(inner, inner_cuts);
    uint32_t outer_most = p->hw.acc_depth / inner_step;
    if (!k->vertical &&
        (!WEFT_FITS(COMPUTE, OUT_DR, k->row_step / in->row_step * pixels_in_row(in)) ||
         !WEFT_FITS(COMPUTE, O_OUT_DR, (uint64_t)k->dy * pixels_in_row(out))))
        outer_most = 1; /* the step from row to row does not fit its field */
    uint32_t outer_cuts = (uint32_t)div_up(outer, outer_most);
    uint32_t outer_step = (uint32_t)div_up(outer, outer_cuts);
    int rc = WEFT_OK;
    for (uint32_t o = 0; o < outer && rc == WEFT_OK; o += outer_step)
        for (uint32_t i = 0; i < inner && rc == WEFT_OK; i += inner_step) {
            uint32_t no = min_u32(outer_step, outer - o), ni = min_u32(inner_step, inner - i);
            part now = k->vertical ? (part){ all.i0 + i, ni, all.j0 + o, no }
                                   : (part){ all.i0 + o, no, all.j0 + i, ni };
            rc = emit_compute(p, layer_index, k, &now, in, out, x);
        }
    return rc;
}

/* Of a shared area that lies in the buffer, the last layer that writes there stores all of it. */
int emit_is_stored(const plan *p, uint32_t i)
{
    const area *a = &p->areas[p->layers[i].out];
    return a->in_memory && (!a->resident || !a->shared || a->last_writer == i);
}

static int emit_tile(plan *p, uint32_t layer_index, uint32_t number, const place in[2])
{
    const layer *l = &p->layers[layer_index];
    const tile t = tile_at(l, number);
    const place out = output_place(p, l, number);
    int rc = WEFT_OK;
    for (uint32_t i = 0; rc == WEFT_OK && i < l->kernel_count; i++)
        rc = emit_kernel(p, layer_index, &l->kernels[i], &t, &in[0], &out, &in[1]);
    if (rc == WEFT_OK && emit_is_stored(p, layer_index))
        rc = emit_store(p, layer_index, &out);
    else if (rc == WEFT_OK && l->alu)
        rc = emit_fence(p, layer_index);
    return rc;
}

/* --- layers --- */

/* The input places of a tile, and the loads that fill those that are slots. */
static int load_tile(plan *p, uint32_t layer_index, uint32_t number, place in[2])
{
    const layer *l = &p->layers[layer_index];
    for (unsigned k = 0; k < l->in_count; k++) {
        in[k] = input_place(p, l, k, number);
        if (p->areas[l->in[k]].resident || in[k].rows == 0)
            continue;
        int rc = emit_load(p, layer_index, &in[k], 0, in[k].rows);
        if (rc != WEFT_OK)
            return rc;
    }
    return WEFT_OK;
}

/* Inputs of the program and constants that stay in the buffer come in at their first use, in a few
 * pieces so that the first rows can be worked on while the others arrive. */
int emit_residents(plan *p, uint32_t layer_index)
{
    const layer *l = &p->layers[layer_index];
    int rc = WEFT_OK;
    for (uint32_t k = 0; k < layer_input_count(l); k++) {
        const uint32_t from = layer_input(l, k);
        area *a = from == NO_AREA ? NULL : &p->areas[from];
        if (!a || !(a->is_input || a->is_constant || a->host_writes) || !a->resident || a->loaded)
            continue;
        a->loaded = 1;
        const place at = place_whole(p, from);
        uint32_t step = (uint32_t)div_up(div_up(a->rows, 4), 4) * 4;
        for (uint32_t r = 0; r < a->rows && rc == WEFT_OK; r += step)
            rc = emit_load(p, layer_index, &at, r, min_u32(a->rows, r + step));
    }
    return rc;
}

static int emit_table(plan *p, uint32_t layer_index, uint32_t stream, field_id tables)
{
    int rc = WEFT_OK;
    pending *c = emit_command(p, layer_index, QUEUE_COMPUTE, WEFT_CMD_TABLE);
    if (!c)
        return p->err->status;
    c->is_table = 1;
    c->addr = stream;
    field_put(p, &c->cmd, tables, 1, &rc);
    return rc;
}

/* The tables of a layer, unless the device holds the same ones already. */
int emit_tables(plan *p, uint32_t layer_index)
{
    const layer *l = &p->layers[layer_index];
    int rc = WEFT_OK;
    if (l->alu && (!p->has_operands || memcmp(p->image + l->operand_stream, p->image + p->operands,
                                              8u * WEFT_TABLE_ENTRIES) != 0)) {
        p->has_operands = 1;
        p->operands = l->operand_stream;
        rc = emit_table(p, layer_index, l->operand_stream, F_TABLE_OPERANDS);
    }
    if (rc == WEFT_OK && l->lut &&
        (!p->has_lut ||
         memcmp(p->image + l->lut_stream, p->image + p->lut, WEFT_TABLE_ENTRIES) != 0)) {
        p->has_lut = 1;
        p->lut = l->lut_stream;
        rc = emit_table(p, layer_index, l->lut_stream, F_TABLE_BYTES);
    }
    return rc;
}

static int emit_layer(plan *p, uint32_t layer_index)
{
    const uint32_t ahead = p->layers[layer_index].slots > 1 ? 1 : 0;
    place in[2][2] = { 0 };
    int rc = emit_residents(p, layer_index);
    if (rc == WEFT_OK && p->layers[layer_index].kind == LAYER_COPY)
        return emit_copy(p, layer_index);
    if (rc == WEFT_OK)
        rc = emit_tables(p, layer_index);
    const uint32_t tiles = tile_count(&p->layers[layer_index]);
    if (rc == WEFT_OK && ahead)
        rc = load_tile(p, layer_index, 0, in[0]);
    for (uint32_t t = 0; t < tiles && rc == WEFT_OK; t++) {
        if (t + ahead < tiles)
            rc = load_tile(p, layer_index, t + ahead, in[(t + ahead) % 2]);
        if (rc == WEFT_OK)
            rc = emit_tile(p, layer_index, t, in[t % 2]);
    }
    return rc;
}

int plan_emit(plan *p)
{
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < p->layer_count && rc == WEFT_OK; i++) {
        p->layers[i].first_command = p->command_count;
        p->run += p->layers[i].kind == LAYER_HOST;
        if (p->layers[i].kind != LAYER_HOST && p->layers[i].chain)
            rc = p->layers[i].chain > 1 ? emit_chain(p, i) : emit_layer(p, i);
        p->layers[i].command_count = p->command_count - p->layers[i].first_command;
    }
    if (rc == WEFT_OK && p->command_count == 0) /* a program has at least one command */
        rc = emit_command(p, 0, QUEUE_COMPUTE, WEFT_CMD_NOP) ? WEFT_OK : WEFT_ERR_NO_MEMORY;
    return rc;
}
