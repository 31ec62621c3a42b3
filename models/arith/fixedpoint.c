/* Series and Newton steps in the order the kernels take them: every rounding counts.
 *
 * Sums wrap modulo 2^32 as two's complement adders do. */
#include "fixedpoint.h"

static int32_t wrap(uint32_t bits)
{
    return bits <= INT32_MAX ? (int32_t)bits : (int32_t)(bits - 0x80000000u) + INT32_MIN;
}

static int32_t add(int32_t a, int32_t b)
{
    return wrap((uint32_t)a + (uint32_t)b);
}

static int32_t sub(int32_t a, int32_t b)
{
    return wrap((uint32_t)a - (uint32_t)b);
}

static int leading_zeros(uint32_t v)
{
    int zeros = 0;
    for (uint32_t bit = 0x80000000u; bit && !(v & bit); bit >>= 1)
        zeros++;
    return zeros;
}

int32_t weft_fx_mul(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN)
        return INT32_MAX;
    int64_t product = (int64_t)a * b;
    int64_t nudged = product + (product >= 0 ? 1 << 30 : 1 - (1 << 30));
    return (int32_t)(nudged / ((int64_t)1 << 31));
}

int32_t weft_fx_shift_right(int32_t v, int bits)
{
    uint64_t magnitude = v < 0 ? 0 - (uint64_t)(int64_t)v : (uint64_t)v;
    int64_t rounded = (int64_t)((magnitude + (bits ? (uint64_t)1 << (bits - 1) : 0)) >> bits);
    return (int32_t)(v < 0 ? -rounded : rounded);
}

/* v * 2^bits, saturating.  bits 0..31. */
static int32_t shift_left(int32_t v, int bits)
{
    int64_t wide = (int64_t)v * ((int64_t)1 << bits);
    return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

/* exp on -1/4 <= a < 0, Q0.31: a series around -1/8. */
static int32_t exp_quarter(int32_t a)
{
    const int32_t exp_of_minus_eighth = 1895147668, third = 715827883;
    int32_t x = add(a, 1 << 28);
    int32_t x2 = weft_fx_mul(x, x), x3 = weft_fx_mul(x2, x), x4 = weft_fx_mul(x2, x2);
    int32_t x4_by_4 = weft_fx_shift_right(x4, 2);
    int32_t high = add(weft_fx_mul(add(x4_by_4, x3), third), x2);
    int32_t sum = add(x, weft_fx_shift_right(high, 1));
    return add(exp_of_minus_eighth, weft_fx_mul(exp_of_minus_eighth, sum));
}

int32_t weft_fx_exp(int32_t x, int integer_bits)
{
    /* exp(-2^i) in Q0.31 for i = -2 .. 4 */
    static const int32_t factor[] = { 1672461947, 1302514674, 790015084, 290630308,
                                      39332535,   720401,     242 };
    if (x == 0)
        return INT32_MAX;
    const int fraction_bits = 31 - integer_bits;
    const int32_t quarter = (int32_t)1 << (fraction_bits - 2);
    int32_t rest = (int32_t)((uint32_t)x & (uint32_t)(quarter - 1)) - quarter; /* -1/4 .. 0 */
    int32_t result = exp_quarter(shift_left(rest, integer_bits));
    int32_t whole = sub(rest, x); /* a multiple of 1/4 */
    for (int i = -2; i < integer_bits; i++)
        if ((uint32_t)whole >> (fraction_bits + i) & 1)
            result = weft_fx_mul(result, factor[i + 2]);
    return result;
}

/* 1 / ((1 + a) / 2) in Q2.29 for 0 <= a < 1 in Q0.31: three Newton steps. */
static int32_t two_over_one_plus(int32_t a)
{
    const int32_t q2_48_over_17 = 1515870810, q2_minus_32_over_17 = -1010580540;
    const int32_t q2_one = 1 << 29;
    int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2); /* (1 + a) / 2, a >= 0 */
    int32_t x = add(q2_48_over_17, weft_fx_mul(half, q2_minus_32_over_17));
    for (int step = 0; step < 3; step++) {
        int32_t error = sub(q2_one, weft_fx_mul(half, x));
        x = add(x, shift_left(weft_fx_mul(x, error), 2));
    }
    return x;
}

/* 1 / (1 + a) in Q0.31 for 0 <= a < 1. */
static int32_t one_over_one_plus(int32_t a)
{
    return shift_left(two_over_one_plus(a), 1);
}

int32_t weft_fx_logistic_q4(int32_t x)
{
    if (x == 0)
        return 1 << 30;
    int32_t positive = one_over_one_plus(weft_fx_exp(x > 0 ? sub(0, x) : x, 4));
    return x > 0 ? positive : sub(INT32_MAX, positive);
}

int32_t weft_fx_tanh_q4(int32_t x)
{
    if (x == 0)
        return 0;
    /* 2x in Q5.26 has the bits of x in Q4.27. */
    int32_t e = weft_fx_exp(x < 0 ? x : sub(0, x), 5);
    int32_t t = shift_left(sub(two_over_one_plus(e), 1 << 29), 2); /* (1 - e) / (1 + e) */
    return x < 0 ? sub(0, t) : t;
}

int32_t weft_fx_reciprocal_q12(int32_t x, int *bits_over_unit)
{
    int zeros = leading_zeros((uint32_t)x);
    *bits_over_unit = 12 - zeros;
    uint32_t scaled = zeros > 31 ? 0 : (uint32_t)x << zeros; /* 1 <= x < 2 in Q1.31 */
    return one_over_one_plus(wrap(scaled - 0x80000000u));
}

/* The larger of two normalisations of x by powers of two, and the mantissa r that goes with it:
 * log x = *power * log 2 + log r, *power in Q6.25. */
static int32_t normalise(int32_t x, int32_t *power)
{
    const int32_t sqrt_half = 1518500250, quarter_q6 = 1 << 23;
    int zeros_a = leading_zeros((uint32_t)x);
    int32_t r_a = shift_left(weft_fx_mul(shift_left(x, zeros_a - 1), sqrt_half), 1);
    int32_t power_a = add(shift_left(12 - zeros_a, 25), quarter_q6);
    int zeros_b = leading_zeros((uint32_t)weft_fx_mul(x, sqrt_half)) - 1;
    int32_t r_b = shift_left(x, zeros_b);
    int32_t power_b = sub(shift_left(12 - zeros_b, 25), quarter_q6);
    *power = power_a > power_b ? power_a : power_b;
    return r_a < r_b ? r_a : r_b;
}

int32_t weft_fx_log_q12(int32_t x)
{
    const int32_t log_2 = 1488522236, sqrt_sqrt_half = 1805811301;
    const int32_t alpha_n = 117049297, alpha_d = 127690142, alpha_i = 1057819769,
                  alpha_f = 638450708;
    int32_t power;
    if (x < 1 << 19) /* below 1 */
        x = 1 << 19;
    int32_t r = normalise(x, &power);
    int64_t twice_p = (int64_t)r + sqrt_sqrt_half; /* positive */
    int32_t p = (int32_t)((twice_p + 1) / 2);
    int32_t q = sub(r, sqrt_sqrt_half);
    q = add(q, q);
    int32_t square = weft_fx_mul(q, q);
    int32_t num = add(weft_fx_mul(q, r), weft_fx_mul(weft_fx_mul(q, square), alpha_n));
    int32_t inner = add(add(alpha_i, q), weft_fx_mul(alpha_d, square));
    int32_t denominator_minus_one = add(weft_fx_mul(p, inner), weft_fx_mul(alpha_f, q));
    int32_t inverse = one_over_one_plus(denominator_minus_one);
    int32_t num_q6 = weft_fx_shift_right(num, 6);
    return shift_left(add(weft_fx_mul(power, log_2), weft_fx_mul(num_q6, inverse)), 1);
}

/* Newton's steps for 1 / sqrt of a number between 1/2 and 2 in Q3.28, then the exponent's half. */
int32_t weft_fx_inverse_root(int32_t v, int *shift)
{
    const int32_t half_three = 3 << 27, half_root_two = 1518500250;
    if (v <= 1) {
        *shift = 0;
        return INT32_MAX;
    }
    int down = 11;
    for (; v >= 1 << 29; v /= 4)
        down++;
    const int pairs = (leading_zeros((uint32_t)v) - 1) / 2 - 1;
    v = wrap((uint32_t)v << 2 * pairs);
    down -= pairs;
    const int32_t half = weft_fx_shift_right(v >> 1, 1);
    int32_t x = 1 << 28;
    for (int i = 0; i < 5; i++) {
        const int32_t cube = shift_left(weft_fx_mul(weft_fx_mul(x, x), x), 6);
        x = shift_left(sub(weft_fx_mul(half_three, x), weft_fx_mul(half, cube)), 3);
    }
    x = weft_fx_mul(x, half_root_two);
    if (down < 0) {
        x = wrap((uint32_t)x << -down);
        down = 0;
    }
    *shift = -down;
    return x;
}
