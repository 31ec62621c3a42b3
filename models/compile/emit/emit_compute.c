/* One COMPUTE command from a kernel, a part of its outputs, and the places of its operands. */
#include "emit.h"

#define PUT(field, value) field_put(sched, cmd, F_COMPUTE_##field, (int64_t)(value), &rc)

static int put_mode(schedule *sched, weft_cmd *cmd, const layer *l, const kernel *k)
{
    int rc = WEFT_OK;
    PUT(MODE, k->mode);
    PUT(SPAN, k->span);
    PUT(GROUPS, k->groups);
    PUT(RAW, k->raw);
    PUT(KIND, k->kind);
    PUT(ZP1, k->zp1);
    PUT(LO1, k->lo1);
    PUT(HI1, k->hi1);
    PUT(ALU, l->alu);
    PUT(KIND2, l->kind2);
    PUT(LUT, l->lut);
    PUT(MULT2, l->mult2);
    PUT(SHIFT2, l->shift2);
    PUT(ZP2, l->zp2);
    PUT(LO2, l->lo2);
    PUT(HI2, l->hi2);
    return rc;
}

static int put_passes(schedule *sched, weft_cmd *cmd, const kernel *k, const patch *in)
{
    int rc = WEFT_OK;
    PUT(SEG, k->seg);
    PUT(PASS_Q, k->pass_q);
    PUT(PASS_R, k->pass_r);
    PUT(TAPS_X, k->taps_x);
    PUT(TAP_DU, k->tap_du);
    PUT(ROW_DR, k->row_dr);
    PUT(ROW_DA, patch_step(in, k->row_dr));
    PUT(PASSES, k->passes);
    PUT(KROWS, k->krows);
    PUT(BLOCKS, k->blocks);
    PUT(BLK_U, k->blk_u);
    PUT(O_BLK_U, k->o_blk_u);
    PUT(O_BYTES, k->o_bytes);
    PUT(O_LAST, k->o_last);
    PUT(CHAIN, k->chain);
    PUT(PAIR, k->pair);
    PUT(PHASES, k->phases);
    return rc;
}

/* A walk over the input: local row and byte of the first vector, and both loops' steps. */
typedef struct walk {
    int64_t row, byte;
    uint64_t in_dr, out_dr;
    int64_t in_du, out_du;
} walk;

static walk walk_rows(const layer *l, const kernel *k, const part *t, const patch *in)
{
    return (walk){ .row = (k->in_row + t->i0 * k->row_step - in->row0) / in->row_step,
                   .byte = k->in_byte + t->j0 * k->byte_step + l->at[0] - in->byte0,
                   .in_dr = k->vertical ? (uint64_t)k->in_du : 0,
                   .out_dr = k->vertical ? 0 : (uint64_t)k->row_step / in->row_step,
                   .in_du = k->vertical ? 0 : k->in_du,
                   .out_du = k->vertical ? k->byte_step : 0 };
}

/* Where each local row is a pixel: nothing but pixels is read, see input_by_pixel. */
static walk walk_pixels(const kernel *k, const part *t, const patch *in)
{
    const int64_t step = (int64_t)in->pixel * in->x_step, byte = k->in_byte + t->j0 * k->byte_step;
    const int64_t row = (k->in_row + t->i0 * k->row_step - in->row0) / in->row_step;
    const int64_t x = byte / in->pixel - in->x0;
    return (walk){ .row = row * in->across + x / in->x_step,
                   .byte = byte % in->pixel,
                   .in_dr = (uint64_t)(k->in_du / step),
                   .out_dr = (uint64_t)k->row_step / in->row_step * in->across };
}

/* Both loops over the input.  A step that is never taken stays 0, so that it always fits. */
static int put_input(schedule *sched, weft_cmd *cmd, const layer *l, const kernel *k, const part *t,
                     const patch *in)
{
    int rc = WEFT_OK;
    const walk w = in->across ? walk_pixels(k, t, in) : walk_rows(l, k, t, in);
    const int64_t row = w.row, byte = w.byte;
    const uint32_t outer = k->vertical ? t->nj : t->ni, sums = k->vertical ? t->ni : t->nj;
    const uint32_t inner = (sums - 1) * k->phases + k->chain;
    const uint64_t in_dr = inner > 1 ? w.in_dr : 0, out_dr = outer > 1 ? w.out_dr : 0;
    PUT(A_START, patch_word(in, row));
    PUT(PITCH, in->pitch);
    PUT(TOP, in->word + in->words);
    PUT(SIZE, in->words);
    PUT(R_START, row);
    PUT(ROWS, in->rows);
    PUT(U_START, byte);
    PUT(ZP, k->zp);
    PUT(ROW_BYTES, in->row_bytes);
    PUT(IN_DU, inner > 1 ? w.in_du : 0);
    PUT(IN_DR, in_dr);
    PUT(IN_DA, patch_step(in, in_dr));
    PUT(OUT_DU, outer > 1 ? w.out_du : 0);
    PUT(OUT_DR, out_dr);
    PUT(OUT_DA, patch_step(in, out_dr));
    PUT(INNER, inner);
    PUT(OUTER, outer);
    PUT(O_INNER, sums);
    return rc;
}

/* Steps along x and y are bytes and rows; or, where each local row is a pixel, rows both. */
static int put_output(schedule *sched, weft_cmd *cmd, const layer *l, const kernel *k,
                      const part *t, const patch *out)
{
    int rc = WEFT_OK;
    const int64_t y = k->y0 + (int64_t)t->i0 * k->dy, x = k->x0 + (int64_t)t->j0 * k->dx * k->px;
    const uint32_t across = out->across, columns = k->dx * k->px;
    const int64_t row = across ? (y - out->row0) * across + x - out->x0 : y - out->row0;
    const int64_t byte = across ? 0 : x * layer_out_pixel(l) + l->at[2] - out->byte0;
    const int64_t step_x = across ? 0 : (int64_t)columns * layer_out_pixel(l);
    const uint64_t right = across && t->nj > 1 ? columns : 0;
    const uint64_t down = t->ni > 1 ? (uint64_t)k->dy * (across ? across : 1) : 0;
    const uint64_t in_dr = k->vertical ? down : right, out_dr = k->vertical ? right : down;
    PUT(O_A_START, patch_word(out, row));
    PUT(O_PITCH, out->pitch);
    PUT(O_TOP, out->word + out->words);
    PUT(O_SIZE, out->words);
    PUT(O_ROW, row & 3);
    PUT(O_U_START, byte + k->out_u);
    PUT(O_ROW_BYTES, out->row_bytes);
    PUT(O_IN_DU, !k->vertical && t->nj > 1 ? step_x : 0);
    PUT(O_IN_DR, in_dr);
    PUT(O_IN_DA, patch_step(out, in_dr));
    PUT(O_OUT_DU, k->vertical && t->nj > 1 ? step_x : 0);
    PUT(O_OUT_DR, out_dr);
    PUT(O_OUT_DA, patch_step(out, out_dr));
    return rc;
}

/* The second operand lies as the output does, or repeats along an axis. */
static int put_operand(schedule *sched, weft_cmd *cmd, const layer *l, const kernel *k,
                       const part *t, const patch *at)
{
    int rc = WEFT_OK;
    const int64_t y = k->y0 + (int64_t)t->i0 * k->dy, x = k->x0 + (int64_t)t->j0 * k->dx * k->px;
    const int64_t row = l->x_row * y - at->row0;
    const uint64_t out_dr = t->ni > 1 ? (uint64_t)l->x_row * k->dy : 0;
    PUT(X_A_START, patch_word(at, row));
    PUT(X_PITCH, at->pitch);
    PUT(X_TOP, at->word + at->words);
    PUT(X_SIZE, at->words);
    PUT(X_ROW, row & 3);
    PUT(X_U_START, x * l->x_pixel + l->at[1] + k->out_u - at->byte0);
    PUT(X_IN_DU, t->nj > 1 ? (int64_t)k->dx * k->px * l->x_pixel : 0);
    PUT(X_BLK_U, k->o_blk_u);
    PUT(X_OUT_DR, out_dr);
    PUT(X_OUT_DA, patch_step(at, out_dr));
    return rc;
}

/* Rows of a ring share words, so any two of its accesses may meet. */
static access access_to(const schedule *sched, const patch *at, access_kind kind, uint32_t row_lo,
                        uint32_t row_hi)
{
    if (sched->storage[at->area].ring) {
        row_lo = 0;
        row_hi = UINT32_MAX;
    }
    return (access){ .kind = kind,
                     .occupant = at->occupant,
                     .word = at->word,
                     .words = at->words,
                     .row_lo = row_lo,
                     .row_hi = row_hi,
                     .part_lo = at->part_lo,
                     .part_hi = at->part_hi };
}

/* Weights that the network computed are read once memory has confirmed them: only a LOAD of some of
 * their bytes can tell, for which the command then waits. */
static int emit_witness(schedule *sched, uint32_t layer_index, const kernel *k, patch *at)
{
    const layer *l = &sched->low->layers[layer_index];
    const extent e = { .row_lo = k->weights_row,
                       .row_hi = k->weights_row + 1,
                       .byte_hi = sched->hw->mem_bytes,
                       .row_step = 1 };
    *at = patch_in_slot(sched, l, 1, sched->occupants, l->weights, e);
    return emit_load(sched, layer_index, at, 0, 1);
}

/* Weights from memory, behind the witness. */
static void put_weights(schedule *sched, pending *c, const kernel *k, const patch *witness, int *rc)
{
    const storage *at = &sched->storage[witness->area];
    c->addr = at->addr + (uint64_t)k->weights_row * at->pitch_bytes;
    c->in_activations = 1;
    emit_access(c, access_to(sched, witness, ACCESS_READ, k->weights_row, k->weights_row + 1));
    field_put(sched, &c->cmd, F_COMPUTE_W_SYNC, 1, rc);
}

int emit_compute(schedule *sched, uint32_t layer_index, const kernel *k, const part *t,
                 const patch *in, const patch *out, const patch *x)
{
    const layer *l = &sched->low->layers[layer_index];
    patch witness = { .area = NO_AREA };
    if (l->weights != NO_AREA && emit_witness(sched, layer_index, k, &witness) != WEFT_OK)
        return sched->work.err->status;
    const uint32_t y_lo = k->y0 + t->i0 * k->dy, y_hi = k->y0 + (t->i0 + t->ni - 1) * k->dy + 1;
    const extent e = input_extent(sched, l, y_lo, y_hi, 0, l->out_w);
    pending *c = emit_command(sched, layer_index, QUEUE_COMPUTE, WEFT_CMD_COMPUTE);
    if (!c)
        return sched->work.err->status;
    if (in->rows && e.row_lo == e.row_hi) /* padding only: still this content's reader */
        emit_access(c, access_to(sched, in, ACCESS_READ, 0, UINT32_MAX));
    else if (in->rows)
        emit_access(c, access_to(sched, in, ACCESS_READ, e.row_lo, e.row_hi));
    if (tiling_of(sched, l)->chain == 1)
        emit_access(c, access_to(sched, out, ACCESS_WRITE, y_lo, y_hi));
    else /* readers of a chain wait for the whole of it */
        emit_access(c, access_to(sched, out, ACCESS_WRITE, 0, UINT32_MAX));
    if (l->alu)
        emit_access(
            c, access_to(sched, x, ACCESS_OPERAND, l->x_row * y_lo, l->x_row * (y_hi - 1) + 1));
    c->addr = k->stream;
    int rc = put_mode(sched, &c->cmd, l, k);
    if (witness.area != NO_AREA)
        put_weights(sched, c, k, &witness, &rc);
    if (rc == WEFT_OK)
        rc = put_passes(sched, &c->cmd, k, in);
    if (rc == WEFT_OK)
        rc = put_input(sched, &c->cmd, l, k, t, in);
    if (rc == WEFT_OK)
        rc = put_output(sched, &c->cmd, l, k, t, out);
    if (rc == WEFT_OK && l->alu)
        rc = put_operand(sched, &c->cmd, l, k, t, x);
    return rc;
}

/* A vector of padding whose result is written nowhere.  Made to WAIT, it tells the load queue that
 * everything before it is over. */
int emit_fence(schedule *sched, uint32_t layer_index)
{
    int rc = WEFT_OK;
    pending *c = emit_command(sched, layer_index, QUEUE_COMPUTE, WEFT_CMD_COMPUTE);
    if (!c)
        return sched->work.err->status;
    weft_cmd *cmd = &c->cmd;
    c->is_fence = 1;
    PUT(MODE, WEFT_MODE_MAX);
    PUT(RAW, 1);
    PUT(GROUPS, 1);
    PUT(PITCH, 1);
    PUT(TOP, 1);
    PUT(SIZE, 1);
    PUT(TAPS_X, 1);
    PUT(SEG, 1);
    PUT(CHAIN, 1);
    PUT(PHASES, 1);
    PUT(INNER, 1);
    PUT(OUTER, 1);
    PUT(PASSES, 1);
    PUT(BLOCKS, 1);
    PUT(O_PITCH, 1);
    PUT(O_TOP, 1);
    PUT(O_SIZE, 1);
    PUT(O_BYTES, 1);
    PUT(O_LAST, 1);
    PUT(O_INNER, 1);
    return rc;
}
