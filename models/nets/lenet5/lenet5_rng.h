/* Random numbers of the LeNet-5 trainer: SplitMix64.
 *
 * A stream is named by a seed and two counters, so that image 17 of epoch 3 draws the same
 * numbers whichever thread handles it, and whichever image came before. */
#ifndef LENET5_RNG_H
#define LENET5_RNG_H

#include "models/base/splitmix.h"

typedef struct lenet5_rng {
    uint64_t state;
} lenet5_rng;

static inline uint64_t lenet5_rng_next(lenet5_rng *r)
{
    return splitmix_next(&r->state);
}

static inline lenet5_rng lenet5_rng_stream(uint64_t seed, uint64_t a, uint64_t b)
{
    lenet5_rng r = { seed };
    r.state = lenet5_rng_next(&r) ^ a;
    r.state = lenet5_rng_next(&r) ^ b;
    return r;
}

/* Uniform in [-1, 1), a multiple of 2^-23: exact, hence the same on every machine. */
static inline float lenet5_rng_signed(lenet5_rng *r)
{
    return (float)(lenet5_rng_next(r) >> 40) * 0x1p-23f - 1.0f;
}

/* Uniform in 0..bound-1; the bias of the remainder is below bound / 2^64. */
static inline uint32_t lenet5_rng_below(lenet5_rng *r, uint32_t bound)
{
    return (uint32_t)(lenet5_rng_next(r) % bound);
}

#endif
