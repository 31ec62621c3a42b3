/* Divisions that round to one side, and a minimum. */
#ifndef WEFT_COMPILE_INTEGERS_H
#define WEFT_COMPILE_INTEGERS_H

#include <stdint.h>

/* a / b rounded up, of b > 0. */
static inline uint64_t div_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

/* a / b rounded down, also of negative a; b > 0. */
static inline int64_t floor_div(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static inline uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

#endif
