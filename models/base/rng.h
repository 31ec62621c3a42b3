/* Seeded random numbers for tests and self-tests: the same seed gives the same test on every machine.
 *
 * xorshift64* seeded through a splitmix step, so that neighbouring seeds are unrelated and 0 is a
 * seed like any other.  One generator, one thread. */
#ifndef WEFT_RNG_H
#define WEFT_RNG_H

#include <stdint.h>

typedef struct rng {
    uint64_t state;
} rng;

static inline rng rng_make(uint64_t seed)
{
    uint64_t z = seed + 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return (rng){ z ? z : 1 };
}

static inline uint64_t rng_u64(rng *r)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return r->state * 0x2545f4914f6cdd1du;
}

static inline uint32_t rng_u32(rng *r)
{
    return (uint32_t)(rng_u64(r) >> 32);
}

/* lo..hi, both included; lo <= hi.  The bias (below 2^-32 of the range) does not matter here. */
static inline int32_t rng_range(rng *r, int32_t lo, int32_t hi)
{
    uint64_t span = (uint64_t)((int64_t)hi - lo) + 1;
    return (int32_t)(lo + (int64_t)((rng_u32(r) * span) >> 32));
}

#endif
