/* Requantisation: each kind against a second formulation, at corners and at random.
 *
 * TFLITE against the nudge-and-truncate form with remainder and threshold; ONNX float against the
 * integer form the RTL uses; DIV against 64-bit division. */
#include "models/arith/requantize.h"

#include <math.h>
#include <string.h>

#include "tests/rng.h"
#include "tests/test.h"
#include <weft/weft_status.h>

static const int32_t corner_accs[] = { 0,
                                       1,
                                       -1,
                                       2,
                                       -2,
                                       3,
                                       -3,
                                       127,
                                       128,
                                       -128,
                                       255,
                                       16777215,
                                       16777216,
                                       16777217,
                                       16777218,
                                       16777219,
                                       -16777217,
                                       33554431,
                                       33554433,
                                       33554434,
                                       33554435,
                                       33554437,
                                       33554438,
                                       33554439,
                                       1073741823,
                                       1073741824,
                                       -1073741824,
                                       INT32_MAX,
                                       INT32_MIN,
                                       INT32_MAX - 1,
                                       INT32_MIN + 1,
                                       2147483520,
                                       -2147483520,
                                       2147483584,
                                       INT32_MAX - 63,
                                       INT32_MAX - 64,
                                       INT32_MAX - 65 };
enum { CORNER_COUNT = sizeof corner_accs / sizeof *corner_accs };

/* Accumulators of every magnitude, with many trailing zeros or ones so that ties are common. */
static int32_t random_acc(rng *r)
{
    uint32_t v = rng_u32(r) >> rng_range(r, 0, 31);
    if (rng_range(r, 0, 2) == 0)
        v &= UINT32_MAX << rng_range(r, 0, 31);
    if (rng_range(r, 0, 2) == 0)
        v += (uint32_t)rng_range(r, -1, 1);
    return (int32_t)((rng_u64(r) & 1) ? 0u - v : v);
}

/* --- TFLITE ------------------------------------------------------------------------------- */

static int32_t high_mul_by_truncation(int32_t a, int32_t b)
{
    int64_t product = (int64_t)a * b;
    int64_t nudge = product >= 0 ? 1073741824 : 1 - 1073741824;
    return (int32_t)((product + nudge) / ((int64_t)1 << 31));
}

static int32_t divide_by_threshold(int32_t x, int exponent)
{
    int64_t mask = ((int64_t)1 << exponent) - 1;
    int64_t floor_quotient = (x - (x & mask)) / (mask + 1);
    int64_t threshold = (mask >> 1) + (x < 0);
    return (int32_t)(floor_quotient + ((x & mask) > threshold));
}

static void check_tflite_one(test *t, int32_t acc, weft_requant p)
{
    int32_t left = (int32_t)((uint32_t)acc << (p.shift > 0 ? p.shift : 0));
    int32_t want = divide_by_threshold(high_mul_by_truncation(left, (int32_t)p.mult),
                                       p.shift < 0 ? -p.shift : 0);
    int32_t got = weft_requantize(WEFT_REQUANT_TFLITE, acc, p);
    CHECK(t, got == want,
          "TFLITE acc %" PRId32 " mult %" PRIu32 " shift %d: got %" PRId32 ", want %" PRId32, acc,
          p.mult, p.shift, got, want);
}

static void check_tflite(test *t, rng *r)
{
    static const uint32_t mults[] = { 0,          1u << 30,      (1u << 30) + 1,
                                      1518500250, INT32_MAX - 1, INT32_MAX };
    for (unsigned a = 0; a < CORNER_COUNT; a++)
        for (unsigned m = 0; m < sizeof mults / sizeof *mults; m++)
            for (int shift = WEFT_REQUANT_SHIFT_MIN; shift <= WEFT_REQUANT_SHIFT_MAX; shift++)
                check_tflite_one(t, corner_accs[a], (weft_requant){ mults[m], 0, (int8_t)shift });
    for (uint64_t i = 0; i < t->n; i++) {
        weft_requant p = { (uint32_t)rng_range(r, 1 << 30, INT32_MAX), 0, 0 };
        p.shift = (int8_t)rng_range(r, WEFT_REQUANT_SHIFT_MIN, WEFT_REQUANT_SHIFT_MAX);
        check_tflite_one(t, random_acc(r), p);
    }
}

/* Values worked out by hand: both roundings at a tie, of both signs. */
static void check_tflite_ties(test *t)
{
    static const struct {
        int32_t acc;
        uint32_t mult;
        int8_t shift;
        int32_t want;
    } cases[] = { { 1, 1u << 30, 0, 1 },  /* 0.5 -> 1: the first rounding is half up */
                  { -1, 1u << 30, 0, 0 }, /* -0.5 -> 0 */
                  { 3, 1u << 30, 0, 2 },
                  { -3, 1u << 30, 0, -1 },
                  { 2, 1u << 30, -1, 1 }, /* 1, then 1/2 -> 1: the second is half away from zero */
                  { -2, 1u << 30, -1, -1 },
                  { 5, 1u << 30, -1, 2 },   /* 2.5 -> 3 -> 1.5 -> 2: twice */
                  { -5, 1u << 30, -1, -1 }, /* -2.5 -> -2 -> -1 */
                  { INT32_MAX, INT32_MAX, -31, 1 },
                  { INT32_MIN, INT32_MAX, -31, -1 },
                  { 1, 1u << 30, 1, 1 },
                  { 1 << 30, 1u << 30, 1, -(1 << 30) }, /* wraps */
                  { INT32_MIN, 1u << 30, 0, -(1 << 30) } };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        weft_requant p = { cases[i].mult, 0, cases[i].shift };
        int32_t got = weft_requantize(WEFT_REQUANT_TFLITE, cases[i].acc, p);
        CHECK(t, got == cases[i].want, "tie %u: got %" PRId32 ", want %" PRId32, i, got,
              cases[i].want);
    }
}

static void check_from_double(test *t, rng *r)
{
    static const struct {
        double factor;
        int status;
        uint32_t mult;
        int shift;
    } cases[] = {
        { 0.0, WEFT_OK, 0, 0 },
        { 1.0, WEFT_OK, 1u << 30, 1 },
        { 0.5, WEFT_OK, 1u << 30, 0 },
        { 0.75, WEFT_OK, 1610612736, 0 },
        { 0x1p-32, WEFT_OK, 1u << 30, -31 },
        { 0x1.ffffffffep-33, WEFT_OK, 1u << 30, -31 }, /* carries into the last one kept */
        { 0x1.fp-33, WEFT_OK, 0, 0 },
        { 1e-300, WEFT_OK, 0, 0 },
        { 0x1.fffffffffp-1, WEFT_OK, 1u << 30, 1 }, /* the mantissa rounds up to 2^31 */
        { 0x1p29, WEFT_OK, 1u << 30, 30 },
        { 0x1p30, WEFT_ERR_RANGE, 0, 0 },
        { 0x1.fffffffffp29, WEFT_ERR_RANGE, 0, 0 },
        { -1.0, WEFT_ERR_RANGE, 0, 0 },
        { INFINITY, WEFT_ERR_RANGE, 0, 0 },
        { NAN, WEFT_ERR_RANGE, 0, 0 },
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        weft_requant p = { 0 };
        int rc = weft_requant_from_double(cases[i].factor, &p);
        CHECK(t, rc == cases[i].status && p.mult == cases[i].mult && p.shift == cases[i].shift,
              "from_double(%a): %d, mult %" PRIu32 " shift %d", cases[i].factor, rc, p.mult,
              p.shift);
    }
    for (int i = 0; i < 100000; i++) {
        int exponent = rng_range(r, -32, 28);
        double factor = ldexp(1.0 + (double)rng_u32(r) / 4294967296.0, exponent);
        weft_requant p = { 0 };
        int rc = weft_requant_from_double(factor, &p);
        double back = ldexp((double)p.mult, p.shift - 31);
        CHECK(t,
              rc == WEFT_OK && weft_requant_valid(WEFT_REQUANT_TFLITE, p) &&
                  fabs(back - factor) <= factor * 0x1p-31,
              "from_double(%a) is %a", factor, back);
    }
}

/* --- ONNX --------------------------------------------------------------------------------- */

static void check_onnx_one(test *t, int32_t acc, uint32_t bits)
{
    weft_requant p = { bits, 0, 0 };
    int32_t got = weft_requantize_onnx_int(acc, p);
    int32_t want = weft_requantize(WEFT_REQUANT_ONNX, acc, p);
    CHECK(t, got == want,
          "ONNX acc %" PRId32 " scale bits 0x%08" PRIx32 ": integers %" PRId32 ", float %" PRId32,
          acc, bits, got, want);
}

static void check_onnx(test *t, rng *r)
{
    static const uint32_t mantissas[] = { 0,        1,        0x400000, 0x7fffff,
                                          0x3504f3, 0x2aaaab, 0x555555, 0x7ffffe };
    for (unsigned a = 0; a < CORNER_COUNT; a++)
        for (unsigned m = 0; m < sizeof mantissas / sizeof *mantissas; m++)
            for (uint32_t e = 0; e < 255; e++)
                check_onnx_one(t, corner_accs[a], e << 23 | mantissas[m]);
    for (uint64_t i = 0; i < t->n; i++) {
        uint32_t e = (uint32_t)rng_range(r, 0, 3) ? (uint32_t)rng_range(r, 127 - 34, 127 + 2)
                                                  : (uint32_t)rng_range(r, 0, 254);
        uint32_t mantissa = rng_u32(r) >> 9;
        if (rng_range(r, 0, 1))
            mantissa &= 0x7fffffu << rng_range(r, 0, 23);
        check_onnx_one(t, random_acc(r), e << 23 | (mantissa & 0x7fffffu));
    }
}

static void check_onnx_values(test *t)
{
    static const struct {
        int32_t acc;
        float scale;
        int32_t want;
    } cases[] = {
        { 1, 0.5f, 0 },
        { 3, 0.5f, 2 },
        { 5, 0.5f, 2 },
        { -1, 0.5f, 0 },
        { -3, 0.5f, -2 },
        { 7, 0.5f, 4 },
        { INT32_MIN, 1.0f, INT32_MIN },
        { INT32_MAX, 1.0f, INT32_MAX }, /* 2^31 saturates */
        { INT32_MIN, 2.0f, INT32_MIN },
        { 1, 0x1p127f, INT32_MAX },
        { INT32_MIN, 0x1.fffffep127f, INT32_MIN }, /* infinity */
        { INT32_MAX, 0x1p-126f, 0 },
        { INT32_MAX, 0x1p-149f, 0 },
        { 123, 0.0f, 0 },
        { 16777217, 1.0f, 16777216 },
        { 16777219, 1.0f, 16777220 }, /* int -> float, half even */
        { 2147483520, 1.0f, 2147483520 },
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        weft_requant p;
        int rc = weft_requant_from_float(cases[i].scale, &p);
        int32_t got = weft_requantize(WEFT_REQUANT_ONNX, cases[i].acc, p);
        CHECK(t, rc == WEFT_OK && got == cases[i].want, "ONNX %" PRId32 " * %a: got %" PRId32,
              cases[i].acc, (double)cases[i].scale, got);
        check_onnx_one(t, cases[i].acc, p.mult);
    }
    weft_requant p = { 7, 7, 7 };
    CHECK(t, weft_requant_from_float(-1.0f, &p) == WEFT_ERR_RANGE && p.mult == 7, "-1");
    CHECK(t, weft_requant_from_float(INFINITY, &p) == WEFT_ERR_RANGE, "infinity");
    CHECK(t, weft_requant_from_float(NAN, &p) == WEFT_ERR_RANGE, "NaN");
    CHECK(t, weft_requant_from_float(-0.0f, &p) == WEFT_OK && p.mult == 0, "-0");
}

/* --- DIV ---------------------------------------------------------------------------------- */

static void check_div_one(test *t, int64_t mag, uint32_t n, weft_requant p)
{
    if (mag < 0 || mag > INT32_MAX)
        return;
    int32_t want = (int32_t)((mag + n / 2) / n);
    int32_t plus = weft_requantize(WEFT_REQUANT_DIV, (int32_t)mag, p);
    int32_t minus = weft_requantize(WEFT_REQUANT_DIV, -(int32_t)mag, p);
    CHECK(t, plus == want && minus == -want,
          "DIV %" PRId64 " / %" PRIu32 ": got %" PRId32 " and %" PRId32 ", want %" PRId32, mag, n,
          plus, minus, want);
}

/* Around every quotient boundary that is nearest to the limit, and around random ones. */
static void check_div_divisor(test *t, rng *r, uint32_t n, int boundaries)
{
    weft_requant p;
    int rc = weft_requant_from_divisor(n, &p);
    CHECK(t, rc == WEFT_OK && weft_requant_valid(WEFT_REQUANT_DIV, p), "divisor %" PRIu32, n);
    if (rc != WEFT_OK)
        return;
    int64_t last = (INT32_MAX + (int64_t)(n / 2)) / n;
    for (int i = 0; i < boundaries; i++) {
        int64_t q = i < 4   ? i
                    : i < 8 ? last - (i - 4)
                            : (int64_t)(rng_u64(r) % (uint64_t)(last + 1));
        for (int64_t off = -1; off <= 1; off++)
            check_div_one(t, q * n - n / 2 + off, n, p);
    }
    check_div_one(t, INT32_MAX, n, p);
}

static void check_div(test *t, rng *r)
{
    for (uint32_t n = 1; n <= 65536; n++)
        check_div_divisor(t, r, n, n <= 1100 ? 200 : 10);
    for (uint32_t n = 1; n <= 128; n++) { /* every small sum */
        weft_requant p;
        if (weft_requant_from_divisor(n, &p) == WEFT_OK)
            for (int32_t acc = 0; acc <= 128 * (int32_t)n; acc++)
                check_div_one(t, acc, n, p);
    }
    weft_requant p;
    CHECK(t, weft_requant_from_divisor(0, &p) == WEFT_ERR_RANGE, "divisor 0");
    CHECK(t, weft_requant_from_divisor((1 << 24) + 1, &p) == WEFT_ERR_RANGE, "divisor 2^24+1");
}

/* --- REAL --------------------------------------------------------------------------------- */

/* |acc| * mult / 2^right, half away from zero, for products that a double holds. */
static void check_real_one(test *t, int32_t acc, uint32_t mult, int right)
{
    weft_requant p;
    const int rc = weft_requant_from_real(ldexp((double)mult, -right), &p);
    CHECK(t, rc == WEFT_OK && weft_requant_valid(WEFT_REQUANT_REAL, p), "mult %" PRIu32, mult);
    const uint64_t magnitude = (uint64_t)(acc < 0 ? -(int64_t)acc : acc) * mult;
    const uint64_t rounded = (magnitude + ((uint64_t)1 << right >> 1)) >> right;
    const int64_t want = rounded > INT32_MAX ? (acc < 0 ? INT32_MIN : INT32_MAX)
                         : acc < 0           ? -(int64_t)rounded
                                             : (int64_t)rounded;
    const int32_t got = weft_requantize(WEFT_REQUANT_REAL, acc, p);
    CHECK(t, got == want,
          "REAL acc %" PRId32 " mult %" PRIu32 " right %d: got %" PRId32 ", want %" PRId64, acc,
          mult, right, got, want);
}

static void check_real(test *t, rng *r)
{
    static const struct {
        int32_t acc;
        double factor;
        int32_t want;
    } cases[] = { { 1, 0.5, 1 },
                  { -1, 0.5, -1 },
                  { 3, 0.5, 2 },
                  { -3, 0.5, -2 },
                  { 5, 0.0, 0 },
                  { INT32_MAX, 4.0, INT32_MAX },
                  { -1, 1e300, INT32_MIN },
                  { 69, 1.0 / 46, 2 }, /* 1.5 of a rounded factor */
                  { INT32_MIN, 1.0, INT32_MIN } };
    weft_requant p;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(t, weft_requant_from_real(cases[i].factor, &p) == WEFT_OK, "factor %zu", i);
        const int32_t got = weft_requantize(WEFT_REQUANT_REAL, cases[i].acc, p);
        CHECK(t, got == cases[i].want, "REAL case %zu: got %" PRId32, i, got);
    }
    for (uint64_t i = 0; i < t->n / 4; i++) {
        check_real_one(t, random_acc(r), (uint32_t)rng_range(r, 1, 1 << 22),
                       (int)rng_range(r, 0, 40));
        check_real_one(t, (int32_t)rng_range(r, -200000, 200000), 1, (int)rng_range(r, 1, 12));
    }
    CHECK(t, weft_requant_from_real(-1.0, &p) == WEFT_ERR_RANGE, "a negative factor");
    CHECK(t, weft_requant_from_real(INFINITY, &p) == WEFT_ERR_RANGE, "an infinite factor");
    CHECK(t, weft_requant_from_real(NAN, &p) == WEFT_ERR_RANGE, "a factor that is no number");
}

static void check_finish(test *t)
{
    CHECK(t, weft_requant_finish(INT32_MAX, 127, -128, 127) == 127, "saturates up");
    CHECK(t, weft_requant_finish(INT32_MIN, -128, -128, 127) == -128, "saturates down");
    CHECK(t, weft_requant_finish(-200, 100, -128, 127) == -100, "adds before it clamps");
    CHECK(t, weft_requant_finish(5, 0, -3, 3) == 3, "clamps to hi");
}

int main(int argc, char **argv)
{
    test t = test_begin("requantize", argc, argv, 1, 4000000);
    rng r = rng_make(t.seed);
    check_tflite_ties(&t);
    check_tflite(&t, &r);
    check_from_double(&t, &r);
    check_onnx_values(&t);
    check_onnx(&t, &r);
    check_div(&t, &r);
    check_real(&t, &r);
    check_finish(&t);
    return test_end(&t, "TFLite, ONNX, DIV and REAL kinds against second formulations");
}
