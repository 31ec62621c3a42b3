/* Between the files of emission. */
#ifndef WEFT_COMPILE_EMIT_H
#define WEFT_COMPILE_EMIT_H

#include "commands.h"
#include "models/compile/place/tiles.h"

pending *emit_command(plan *p, uint32_t layer_index, queue q, uint32_t opcode);
void emit_access(pending *c, access a);

/* Part of a kernel's lattice: vectors j0.. j0+nj-1 of rows i0..i0+ni-1. */
typedef struct part {
    uint32_t i0, ni, j0, nj;
} part;

int emit_compute(plan *p, uint32_t layer_index, const kernel *k, const part *t, const place *in,
                 const place *out, const place *x);
int emit_fence(plan *p, uint32_t layer_index);
int emit_copy(plan *p, uint32_t layer_index);
int emit_load(plan *p, uint32_t layer_index, const place *to, uint32_t row_lo, uint32_t row_hi);
int emit_store(plan *p, uint32_t layer_index, const place *from);

typedef struct tile {
    uint32_t y0, y1, x0, x1; /* output pixels, half open */
} tile;

/* One kernel over its part of a tile. */
int emit_kernel(plan *p, uint32_t layer_index, const kernel *k, const tile *t, const place *in,
                const place *out, const place *x);
/* What a layer needs before its first tile: areas that come from memory whole, and its tables. */
int emit_residents(plan *p, uint32_t layer_index);
int emit_tables(plan *p, uint32_t layer_index);
int emit_chain(plan *p, uint32_t first);
/* Does layer i store its output? */
int emit_is_stored(const plan *p, uint32_t i);

#endif
