/* Steps through operands that broadcast.  Private to ref_ops*.c. */
#ifndef WEFT_REF_PITCH_H
#define WEFT_REF_PITCH_H

#include "models/graph/graph.h"

/* How far to go in the input for a step along each axis of y; 0 where it repeats. */
static inline void ref_pitches(const weft_tensor *x, const weft_tensor *y, size_t *pitch)
{
    size_t step = 1;
    for (uint32_t i = 0; i < y->rank; i++) {
        const uint32_t to = y->rank - 1 - i;
        const uint32_t size = i < x->rank ? x->dims[x->rank - 1 - i] : 1;
        pitch[to] = size == 1 ? 0 : step;
        step *= size;
    }
}

#endif
