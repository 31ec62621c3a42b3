/* Random numbers for weights and inputs nobody gave: SplitMix64. */
#ifndef WEFT_FLOAT_RNG_H
#define WEFT_FLOAT_RNG_H

#include "models/base/splitmix.h"

typedef struct float_rng {
    uint64_t state;
} float_rng;

static inline uint64_t float_rng_next(float_rng *r)
{
    return splitmix_next(&r->state);
}

/* Stream `at` of a seed. */
static inline float_rng float_rng_stream(uint64_t seed, uint64_t at)
{
    float_rng r = { seed };
    r.state = float_rng_next(&r) ^ at;
    (void)float_rng_next(&r);
    return r;
}

/* Uniform in [0, 1), a multiple of 2^-24. */
static inline float float_rng_unit(float_rng *r)
{
    return (float)(float_rng_next(r) >> 40) * 0x1p-24f;
}

/* About normal, mean 0, standard deviation 1: the sum of twelve uniform ones less six (no
 * logarithm, so the same on every machine). */
static inline float float_rng_normal(float_rng *r)
{
    float sum = -6.0f;
    for (int i = 0; i < 12; i++)
        sum += float_rng_unit(r);
    return sum;
}

#endif
