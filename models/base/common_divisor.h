/* The greatest common divisor; of 0 and a number, the number. */
#ifndef WEFT_COMMON_DIVISOR_H
#define WEFT_COMMON_DIVISOR_H

#include <stdint.h>

static inline uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        const uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

#endif
