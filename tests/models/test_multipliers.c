/* Every byte of ONNX products on the device's arithmetic: by one multiplier or by two where exact
 * halves and an odd zero point want it, against weft_requantize_onnx_added on all 65536
 * pairs.  Half of the scales are powers of two, where thousands of products are halves.  And sums
 * of averages, where they alone decide. */
#include <math.h>

#include "../../models/compile/exact.h"
#include "../rng.h"
#include "../test.h"

static int8_t device(const mul_params *m, int32_t product, weft_requant by)
{
    return (int8_t)weft_requant_finish(weft_requantize(WEFT_REQUANT_ONNX, product, by),
                                       m->zero_point_out, m->clamp.lo, m->clamp.hi);
}

static int8_t by_plan(const mul_params *m, const mul_plan *how, int a, int b)
{
    const int32_t product = (a - m->zero_point[0]) * (b - m->zero_point[1]);
    const int8_t first = device(m, product, how->factor[0]);
    const int8_t second = device(m, product, how->factor[1]);
    return how->factors == 1 ? first : (int8_t)mul_joined(how, first, second);
}

static int check_pairs(const mul_params *m, const mul_plan *how)
{
    for (int a = INT8_MIN; a <= INT8_MAX; a++)
        for (int b = INT8_MIN; b <= INT8_MAX; b++)
            if (by_plan(m, how, a, b) != mul_exact(m, (int8_t)a, (int8_t)b))
                return 0;
    return 1;
}

static float draw_scale(rng *r)
{
    const int exponent = rng_range(r, 0, 13);
    if (rng_range(r, 0, 1))
        return ldexpf(1.0f, -exponent);
    return ldexpf(1.0f + (float)rng_range(r, 0, (1 << 23) - 1) / (1 << 23), -exponent);
}

/* --- averages -----------------------------------------------------------------------------------
 */

/* 1 if float32(1 / taps) times an odd multiple of taps / 2 is not always the exact half again: the
 * averages that ONNX Runtime, which divides, and Weft, which multiplies, may round differently. */
static int halves_differ(uint32_t taps)
{
    static const uint8_t odd[] = {
        7, 13, 15, 41, 47, 51, 55, 61, 63
    }; /* and twice, four times .. */
    while (taps % 2 == 0)
        taps /= 2;
    for (size_t i = 0; i < sizeof odd; i++)
        if (taps == odd[i])
            return 1;
    return 0;
}

/* Where both scales are powers of two, every operation of ONNX Runtime but the division is
 * exact, so the average is a function of the sum: the same as Weft's for every sum, but for ties of
 * the windows above. */
static void check_averages(test *t, int exponent, unsigned *ties)
{
    for (uint32_t taps = 1; taps <= 64; taps++) {
        weft_requant by;
        const float scale = ldexpf(1.0f, exponent);
        (void)weft_requant_from_float(1.0f / (ldexpf(1.0f, -exponent) * (float)taps), &by);
        unsigned wrong = 0, other = 0;
        for (int32_t sum = -255 * (int32_t)taps; sum <= 255 * (int32_t)taps; sum++) {
            const float mean = (float)sum / (float)taps;
            const double twice = ldexp((double)sum, exponent + 1) / taps;
            const int half = twice <= floor(twice) && fmod(fabs(twice), 2) >= 1;
            const int same =
                weft_requantize(WEFT_REQUANT_ONNX, sum, by) == (int32_t)lrintf(mean * scale);
            wrong += !same && !half;
            other += !same && half;
        }
        CHECK(t, !wrong && (!other || halves_differ(taps)),
              "%u taps, scale 2^%d: %u differ, %u of them halves", taps, exponent, wrong + other,
              other);
        *ties += other;
    }
}

int main(int argc, char **argv)
{
    test t = test_begin("multipliers", argc, argv, 1, 300);
    rng r = rng_make(t.seed);
    unsigned counts[3] = { 0 };
    for (uint64_t i = 0; i < t.n; i++) {
        mul_params m = { .zero_point = { rng_range(&r, -128, 127), rng_range(&r, -128, 127) },
                         .zero_point_out = rng_range(&r, -128, 127),
                         .offset = rng_range(&r, 0, 1) ? 128 : 0,
                         .clamp = { INT8_MIN, INT8_MAX } };
        const float scale = draw_scale(&r);
        mul_plan how;
        if (rng_range(&r, 0, 3) == 0)
            m.clamp.lo = m.zero_point_out; /* a Relu behind it */
        CHECK(&t, weft_requant_from_float(scale, &m.scale) == WEFT_OK, "%g", (double)scale);
        const int found = mul_find(&m, &how) == WEFT_OK;
        counts[found ? how.factors : 0]++;
        CHECK(&t, found && check_pairs(&m, &how),
              "scale %a, zero points %d and %d to %d, offset %d: %d", (double)scale,
              m.zero_point[0], m.zero_point[1], m.zero_point_out, m.offset, (int)how.factors);
    }
    unsigned ties = 0;
    for (int exponent = -4; exponent <= 2; exponent++)
        check_averages(&t, exponent, &ties);
    CHECK(&t, ties > 0, "the halves of 7 taps and others do not differ any more");
    char text[160];
    snprintf(text, sizeof text,
             "float32 products: %u by one multiplier, %u by two; averages: %u ties", counts[1],
             counts[2], ties);
    return test_end(&t, text);
}
