/* The commands of a tile, for layers alone and in chains: arithmetic, and what must be there
 * before it.
 *
 * A tile whose sums overflow the accumulators is cut into several commands. */
#include "emit.h"

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
static uint32_t most_inner(const schedule *sched, const kernel *k)
{
    uint32_t by_field = ((uint32_t)WEFT_MOST(COMPUTE, INNER) - k->chain) / k->phases + 1;
    return min_u32(sched->budget.acc_depth, by_field);
}

/* Local rows from row to row. */
static uint32_t pixels_in_row(const patch *at)
{
    return at->across ? at->across : 1;
}

int emit_kernel(schedule *sched, uint32_t layer_index, const kernel *k, const tile *t,
                const patch *in, const patch *out, const patch *x)
{
    part all;
    uint32_t vectors = (uint32_t)div_up(k->nx, k->px);
    clip(k->y0, k->dy, k->ny, t->y0, t->y1, &all.i0, &all.ni);
    clip(k->x0, (uint64_t)k->dx * k->px, vectors, t->x0, t->x1, &all.j0, &all.nj);
    if (all.ni == 0 || all.nj == 0)
        return WEFT_OK;
    uint32_t inner = k->vertical ? all.ni : all.nj, outer = k->vertical ? all.nj : all.ni;
    uint32_t inner_cuts = (uint32_t)div_up(inner, most_inner(sched, k));
    uint32_t inner_step = (uint32_t)div_up(inner, inner_cuts);
    uint32_t outer_most = sched->budget.acc_depth / inner_step;
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
            rc = emit_compute(sched, layer_index, k, &now, in, out, x);
        }
    return rc;
}

int emit_is_stored(const schedule *sched, uint32_t i)
{
    const uint32_t k = sched->low->layers[i].out;
    const area *a = &sched->low->areas[k];
    const storage *at = &sched->storage[k];
    return at->in_memory && (!at->resident || !a->shared || a->last_writer == i);
}

/* Must the area come in whole before its first use?  Inputs of the program do, constants, and what
 * the host writes, if they stay in the buffer. */
static int comes_whole(const schedule *sched, uint32_t k)
{
    const area *a = &sched->low->areas[k];
    const storage *at = &sched->storage[k];
    return (a->is_input || a->is_constant || a->host_writes) && at->resident && !at->loaded;
}

/* In a few pieces, so that the first rows can be worked on while the others arrive. */
int emit_residents(schedule *sched, uint32_t layer_index)
{
    const layer *l = &sched->low->layers[layer_index];
    int rc = WEFT_OK;
    for (uint32_t k = 0; k < layer_input_count(l); k++) {
        const uint32_t from = layer_input(l, k);
        if (from == NO_AREA || !comes_whole(sched, from))
            continue;
        sched->storage[from].loaded = 1;
        const patch to = patch_whole(sched, from);
        const uint32_t step = (uint32_t)div_up(div_up(to.rows, 4), 4) * 4;
        for (uint32_t r = 0; r < to.rows && rc == WEFT_OK; r += step)
            rc = emit_load(sched, layer_index, &to, r, min_u32(to.rows, r + step));
    }
    return rc;
}

static int emit_table(schedule *sched, uint32_t layer_index, uint32_t stream, field_id tables)
{
    int rc = WEFT_OK;
    pending *c = emit_command(sched, layer_index, QUEUE_COMPUTE, WEFT_CMD_TABLE);
    if (!c)
        return sched->work.err->status;
    c->is_table = 1;
    c->addr = stream;
    field_put(sched, &c->cmd, tables, 1, &rc);
    return rc;
}

/* The tables of a layer, unless the device holds the same ones already. */
int emit_tables(schedule *sched, uint32_t layer_index)
{
    const layer *l = &sched->low->layers[layer_index];
    int rc = WEFT_OK;
    if (l->alu && (!sched->has_operands ||
                   memcmp(sched->low->image + l->operand_stream,
                          sched->low->image + sched->operands, 8u * WEFT_TABLE_ENTRIES) != 0)) {
        sched->has_operands = 1;
        sched->operands = l->operand_stream;
        rc = emit_table(sched, layer_index, l->operand_stream, F_TABLE_OPERANDS);
    }
    if (rc == WEFT_OK && l->lut &&
        (!sched->has_lut || memcmp(sched->low->image + l->lut_stream,
                                   sched->low->image + sched->lut, WEFT_TABLE_ENTRIES) != 0)) {
        sched->has_lut = 1;
        sched->lut = l->lut_stream;
        rc = emit_table(sched, layer_index, l->lut_stream, F_TABLE_BYTES);
    }
    return rc;
}
