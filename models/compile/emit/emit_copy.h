/* Between the two halves of COPY emission: tiles and strips (emit_copy_tiles.c), and the commands
 * of one pair of them (emit_copy.c). */
#ifndef WEFT_COMPILE_EMIT_COPY_H
#define WEFT_COMPILE_EMIT_COPY_H

#include "models/compile/place/patch.h"

/* Everything of a part that goes from one strip to one tile; or its fill in that tile. */
typedef struct copy_work {
    uint32_t layer;
    const copy_part *part;
    int fill;
    patch in, out;
} copy_work;

/* Appends the COMPUTEs of a piece of work.  Returns WEFT_OK or a status with its sentence set. */
int emit_work(schedule *sched, const copy_work *w);

#endif
