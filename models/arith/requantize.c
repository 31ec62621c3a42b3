/* The four requantisations and how their parameters are made.
 *
 * Promises what requantize.h says, on any two's complement machine, for every input: no signed
 * overflow, no shift by 32 or more.  Costs a 64-bit multiplication per call. */
#include "requantize.h"

#include <math.h>
#include <string.h>

#include <weft/weft_status.h>

static int32_t wrap_to_int32(uint32_t bits)
{
    return bits <= INT32_MAX ? (int32_t)bits : (int32_t)(bits - 0x80000000u) + INT32_MIN;
}

static uint32_t magnitude(int32_t v)
{
    return v < 0 ? 0u - (uint32_t)v : (uint32_t)v;
}

static int32_t saturate(uint64_t mag, int negative)
{
    if (negative)
        return mag > INT32_MAX ? INT32_MIN : -(int32_t)mag;
    return mag > INT32_MAX ? INT32_MAX : (int32_t)mag;
}

/* --- TFLITE ------------------------------------------------------------------------------- */

static int32_t requantize_tflite(int32_t acc, weft_requant p)
{
    if (p.shift > 0)
        acc = wrap_to_int32((uint32_t)acc << p.shift);
    /* floor((acc * mult + 2^30) / 2^31): |acc * mult| < 2^62, so nothing overflows. */
    int64_t sum = (int64_t)acc * (int64_t)p.mult + (1 << 30);
    int64_t high = sum >= 0 ? sum >> 31 : ~(~sum >> 31);
    if (p.shift >= 0)
        return (int32_t)high;
    /* Half away from zero: round the magnitude. */
    int right = -p.shift;
    uint64_t mag = (uint64_t)(high < 0 ? -high : high);
    uint64_t rounded = (mag + ((uint64_t)1 << (right - 1))) >> right;
    return high < 0 ? -(int32_t)rounded : (int32_t)rounded;
}

/* --- ONNX --------------------------------------------------------------------------------- */

static int32_t requantize_onnx(int32_t acc, weft_requant p)
{
    float scale;
    memcpy(&scale, &p.mult, sizeof scale);
    float product = (float)acc * scale;
    if (product >= 2147483648.0f)
        return INT32_MAX;
    if (product <= -2147483648.0f)
        return INT32_MIN;
    return (int32_t)lrintf(product);
}

/* value / 2^shift, half to even.  shift 0..63. */
static uint64_t shift_half_even(uint64_t value, unsigned shift)
{
    if (shift == 0)
        return value;
    uint64_t kept = value >> shift;
    uint64_t rest = value & (((uint64_t)1 << shift) - 1);
    uint64_t half = (uint64_t)1 << (shift - 1);
    return kept + (rest > half || (rest == half && (kept & 1)));
}

static unsigned bit_length(uint64_t value)
{
    unsigned bits = 0;
    for (; value; value >>= 1)
        bits++;
    return bits;
}

/* Round to at most 24 significant bits; the bits given away are added to *exponent.  A carry out of
 * the top leaves 2^24, whose lowest bits are zero, so it needs no second rounding. */
static uint64_t round_to_24_bits(uint64_t value, int *exponent)
{
    unsigned bits = bit_length(value);
    if (bits <= 24)
        return value;
    *exponent += (int)bits - 24;
    return shift_half_even(value, bits - 24);
}

int32_t weft_requantize_onnx_int(int32_t acc, weft_requant p)
{
    uint32_t biased = p.mult >> 23;
    if (acc == 0 || biased == 0) /* zero and denormal scales: the product is below 2^-94 */
        return 0;
    uint32_t scale = (p.mult & 0x7fffffu) | 0x800000u;
    int exponent = (int)biased - 127 - 23;
    uint64_t value = round_to_24_bits(magnitude(acc), &exponent);
    value = round_to_24_bits(value * scale, &exponent);
    if (exponent > 31)
        return saturate(UINT64_MAX, acc < 0);
    if (exponent >= 0)
        return saturate(value << exponent, acc < 0);
    if (exponent < -25) /* value <= 2^24, so less than half */
        return 0;
    return saturate(shift_half_even(value, (unsigned)-exponent), acc < 0);
}

/* --- DIV ---------------------------------------------------------------------------------- */

static int32_t requantize_div(int32_t acc, weft_requant p)
{
    uint64_t quotient = (((uint64_t)magnitude(acc) + p.half) * p.mult) >> p.shift;
    return saturate(quotient, acc < 0);
}

/* --- REAL --------------------------------------------------------------------------------- */

static double real_factor(weft_requant p)
{
    const uint64_t bits = (uint64_t)p.half << 32 | p.mult;
    double factor;
    memcpy(&factor, &bits, sizeof factor);
    return factor;
}

static int32_t requantize_real(int32_t acc, weft_requant p)
{
    const double product = round((double)acc * real_factor(p));
    if (product >= 2147483647.0)
        return INT32_MAX;
    return product <= -2147483648.0 ? INT32_MIN : (int32_t)product;
}

/* --- public ------------------------------------------------------------------------------- */

int32_t weft_requantize(weft_requant_kind kind, int32_t acc, weft_requant p)
{
    switch (kind) {
    case WEFT_REQUANT_TFLITE:
    case WEFT_REQUANT_TFLITE_F32: return requantize_tflite(acc, p);
    case WEFT_REQUANT_ONNX: return requantize_onnx(acc, p);
    case WEFT_REQUANT_DIV: return requantize_div(acc, p);
    case WEFT_REQUANT_REAL: return requantize_real(acc, p);
    case WEFT_REQUANT_COUNT: break;
    }
    return 0;
}

int32_t weft_requant_finish(int32_t value, int32_t zero_point, int32_t lo, int32_t hi)
{
    int64_t v = (int64_t)value + zero_point;
    return v < lo ? lo : v > hi ? hi : (int32_t)v;
}

int32_t weft_requantize_onnx_added(int32_t acc, weft_requant p, int32_t zero_point, int32_t lo,
                                   int32_t hi)
{
    float scale;
    memcpy(&scale, &p.mult, sizeof scale);
    const float product = (float)acc * scale;
    const float sum = product + (float)zero_point;
    if (!(sum > (float)lo))
        return lo;
    return sum >= (float)hi ? hi : (int32_t)lrintf(sum);
}

int8_t weft_quantize_value(weft_requant_kind kind, float x, float scale, int32_t zero_point)
{
    float steps = x / scale;
    if (!(steps > -512.0f)) /* far outside, and NaN */
        return INT8_MIN;
    if (steps > 512.0f)
        return INT8_MAX;
    float rounded = kind == WEFT_REQUANT_TFLITE ? roundf(steps) : rintf(steps);
    return (int8_t)weft_requant_finish((int32_t)rounded, zero_point, INT8_MIN, INT8_MAX);
}

int8_t weft_quantize_value_added(float x, float scale, int32_t zero_point, int32_t offset)
{
    const float steps = x / scale;
    const float sum = steps + (float)(zero_point + offset);
    if (!(sum > -512.0f))
        return INT8_MIN;
    if (sum > 512.0f)
        return INT8_MAX;
    return (int8_t)weft_requant_finish((int32_t)rintf(sum), -offset, INT8_MIN, INT8_MAX);
}

int weft_requant_valid(weft_requant_kind kind, weft_requant p)
{
    switch (kind) {
    case WEFT_REQUANT_TFLITE:
    case WEFT_REQUANT_TFLITE_F32:
        return p.mult <= INT32_MAX && p.half == 0 && p.shift >= WEFT_REQUANT_SHIFT_MIN &&
               p.shift <= WEFT_REQUANT_SHIFT_MAX;
    case WEFT_REQUANT_ONNX: return p.mult < 0x7f800000u && p.shift == 0 && p.half == 0;
    case WEFT_REQUANT_DIV: return p.mult >= 1 && p.shift >= 0 && p.shift <= 63 && p.half < 1u << 24;
    case WEFT_REQUANT_REAL: return p.half < 0x7ff00000u && p.shift == 0;
    case WEFT_REQUANT_COUNT: break;
    }
    return 0;
}

int weft_requant_from_double(double factor, weft_requant *out)
{
    if (!(factor >= 0.0 && factor < 1073741824.0))
        return WEFT_ERR_RANGE;
    int shift = 0;
    double fraction = frexp(factor, &shift); /* 0, or 0.5 <= fraction < 1 */
    int64_t mult = (int64_t)round(fraction * 2147483648.0);
    if (mult == (int64_t)1 << 31) {
        mult = 1 << 30;
        shift++;
    }
    if (shift < WEFT_REQUANT_SHIFT_MIN) {
        mult = 0;
        shift = 0;
    }
    if (shift > WEFT_REQUANT_SHIFT_MAX)
        return WEFT_ERR_RANGE;
    *out = (weft_requant){ .mult = (uint32_t)mult, .shift = (int8_t)shift };
    return WEFT_OK;
}

int weft_requant_from_float(float scale, weft_requant *out)
{
    if (!(scale >= 0.0f && isfinite(scale)))
        return WEFT_ERR_RANGE;
    uint32_t bits = 0;
    if (scale > 0.0f)
        memcpy(&bits, &scale, sizeof bits);
    *out = (weft_requant){ .mult = bits };
    return WEFT_OK;
}

int weft_requant_from_real(double factor, weft_requant *out)
{
    if (!(factor >= 0.0 && isfinite(factor)))
        return WEFT_ERR_RANGE;
    uint64_t bits = 0;
    if (factor > 0.0)
        memcpy(&bits, &factor, sizeof bits);
    *out = (weft_requant){ .mult = (uint32_t)bits, .half = (uint32_t)(bits >> 32) };
    return WEFT_OK;
}

int weft_requant_from_divisor(uint32_t divisor, weft_requant *out)
{
    if (divisor < 1 || divisor > WEFT_REQUANT_DIVISOR_MAX)
        return WEFT_ERR_RANGE;
    uint32_t half = divisor / 2;
    /* With mult = ceil(2^shift / n) = (2^shift + e) / n the quotient of x is exact while
     * e * x < 2^shift.  2^(31 + log2 n) is the largest power that keeps mult within 32 bits. */
    unsigned shift = 31 + bit_length(divisor - 1);
    uint64_t power = (uint64_t)1 << shift;
    uint64_t mult = (power + divisor - 1) / divisor;
    uint64_t excess = mult * divisor - power;
    uint64_t largest = ((uint64_t)1 << 31) + half;
    if (mult > UINT32_MAX || excess * largest >= power)
        return WEFT_ERR_RANGE;
    *out = (weft_requant){ .mult = (uint32_t)mult, .half = half, .shift = (int8_t)shift };
    return WEFT_OK;
}
