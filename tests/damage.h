/* What the fuzz drivers do to files that were good. */
#ifndef WEFT_TESTS_DAMAGE_H
#define WEFT_TESTS_DAMAGE_H

#include <string.h>

#include "rng.h"

/* One of four kinds of damage; the size may only shrink or stay. */
static inline size_t damage(rng *r, uint8_t *data, size_t bytes)
{
    size_t at = rng_u32(r) % bytes, run = 1 + rng_u32(r) % 16;
    run = run > bytes - at ? bytes - at : run;
    switch (rng_range(r, 0, 3)) {
    case 0: data[at] ^= (uint8_t)(1u << rng_range(r, 0, 7)); return bytes;
    case 1: data[at] = (uint8_t)rng_u32(r); return bytes;
    case 2: memmove(data + at, data + at + run, bytes - at - run); return bytes - run;
    default: memmove(data + at, data + rng_u32(r) % (bytes - run + 1), run); return bytes;
    }
}

#endif
