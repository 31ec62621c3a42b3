/* Between the files of emission. */
#ifndef WEFT_COMPILE_EMIT_H
#define WEFT_COMPILE_EMIT_H

#include "plan.h"

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
