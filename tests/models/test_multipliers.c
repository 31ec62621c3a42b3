/* Every byte of ONNX products on the device's arithmetic: by one multiplier or by two where exact
 * halves and an odd zero point want it, against weft_requantize_onnx_added on all 65536
 * pairs.  Half of the scales are powers of two, where thousands of products are halves. */
#include <math.h>

#include "models/compile/exact/exact.h"
#include "tests/rng.h"
#include "tests/test.h"

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
    char text[160];
    snprintf(text, sizeof text, "float32 products: %u by one multiplier, %u by two", counts[1],
             counts[2]);
    return test_end(&t, text);
}
