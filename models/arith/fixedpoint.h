/* Fixed-point functions as TensorFlow Lite's int8 kernels compute them (gemmlowp): exp, logistic,
 * tanh, reciprocal, logarithm.  A Qm.n number has m integer bits and n = 31 - m behind the point.
 *
 * Pure functions, defined for every argument in the stated range; outside it the result is some
 * number, never undefined behaviour.  Any thread. */
#ifndef WEFT_FIXEDPOINT_H
#define WEFT_FIXEDPOINT_H

#include <stdint.h>

/* a * b / 2^31, to nearest, ties towards plus infinity; saturates for min * min. */
int32_t weft_fx_mul(int32_t a, int32_t b);

/* v / 2^bits, half away from zero.  bits 0..31. */
int32_t weft_fx_shift_right(int32_t v, int bits);

/* exp(x) in Q0.31 for x <= 0 in Q(integer_bits).n; integer_bits 0..5.  exp(0) is 2^31 - 1. */
int32_t weft_fx_exp(int32_t x, int integer_bits);

/* 1 / (1 + exp(-x)) in Q0.31 for x in Q4.27. */
int32_t weft_fx_logistic_q4(int32_t x);

/* tanh(x) in Q0.31 for x in Q4.27. */
int32_t weft_fx_tanh_q4(int32_t x);

/* 1 / x for x >= 1 in Q12.19: the result in Q0.31 is 2^*bits_over_unit / x. */
int32_t weft_fx_reciprocal_q12(int32_t x, int *bits_over_unit);

/* log(x) in Q5.26 for x >= 1 in Q12.19. */
int32_t weft_fx_log_q12(int32_t x);

/* 1 / sqrt(v) for v >= 1 as the result in Q0.31 times 2^*shift (shift <= 0). */
int32_t weft_fx_inverse_root(int32_t v, int *shift);

#endif
