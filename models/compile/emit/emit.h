/* Between the files of emission. */
#ifndef WEFT_COMPILE_EMIT_H
#define WEFT_COMPILE_EMIT_H

#include "commands.h"
#include "models/compile/place/patch.h"

/* All that return int here return WEFT_OK or a status with its sentence set. */

/* Appends a command for a layer: returns it, with its opcode, valid until the next is appended;
 * NULL with the error set if there is no memory or there are too many. */
pending *emit_command(schedule *sched, uint32_t layer_index, queue q, uint32_t opcode);

/* Notes what a command touches; a fifth access is left out. */
void emit_access(pending *c, access a);

/* Part of a kernel's lattice: vectors j0.. j0+nj-1 of rows i0..i0+ni-1. */
typedef struct part {
    uint32_t i0, ni, j0, nj;
} part;

/* Output pixels, half open. */
typedef struct tile {
    uint32_t y0, y1, x0, x1;
} tile;

/* Appends the COMPUTE of a part (emit_compute.c): from input `in` and second operand x, if the
 * layer has one, to `out`. */
int emit_compute(schedule *sched, uint32_t layer_index, const kernel *k, const part *t,
                 const patch *in, const patch *out, const patch *x);

/* Appends a COMPUTE that writes nothing, for sync.c to make wait. */
int emit_fence(schedule *sched, uint32_t layer_index);

/* Appends the LOADs of local rows row_lo..row_hi-1 of a patch (emit_move.c). */
int emit_load(schedule *sched, uint32_t layer_index, const patch *to, uint32_t row_lo,
              uint32_t row_hi);

/* Appends the STOREs of all rows of a patch. */
int emit_store(schedule *sched, uint32_t layer_index, const patch *from);

/* Appends the COMPUTEs of a kernel for its part of a tile, of at most as many sums as there are
 * accumulators, as equal as can be (emit_tile.c). */
int emit_kernel(schedule *sched, uint32_t layer_index, const kernel *k, const tile *t,
                const patch *in, const patch *out, const patch *x);

/* Appends the LOADs of areas that come from memory whole, before the first tile of the layer
 * (emit_tile.c). */
int emit_residents(schedule *sched, uint32_t layer_index);

/* Appends the TABLEs of the layer, unless the device holds the same tables already. */
int emit_tables(schedule *sched, uint32_t layer_index);

/* Does the layer store its output?  Of a shared area that lies in the buffer, the last layer that
 * writes there stores all of it. */
int emit_is_stored(const schedule *sched, uint32_t layer_index);

/* Appends all commands of the chain that a layer begins (emit_chain.c). */
int emit_chain(schedule *sched, uint32_t first);

/* Appends all commands of a COPY layer (emit_copy_tiles.c). */
int emit_copy(schedule *sched, uint32_t layer_index);

#endif
