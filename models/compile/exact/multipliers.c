/* Multipliers for the float32 product of ONNX Runtime, which adds the zero point before it rounds.
 *
 * The device rounds first, so the two differ where a product is half a step in float32, or nearly,
 * and the zero point is odd.  The byte the device gives for a product grows with the multiplier, so
 * that each product allows an interval of multipliers, and one that lies in all of them gives every
 * byte.  Where there is none (exact halves: some are rounded up and some down) two are taken such
 * that each interval has one of them.  A product whose bytes by both differ lies at one step
 * between bytes, and for every step it is one and the same of both that is right: two tables and a
 * mean say which.  Nothing is assumed; every plan is proved on all products there are. */
#include <stdlib.h>
#include <string.h>

#include "exact.h"

enum {
    REACH = 1 << 16, /* multipliers looked at, in steps of float32 to either side */
    MOST = 255 * 255,
    PRODUCTS = 2 * MOST + 1
};

static int32_t byte_by(const factor_use *u, int32_t acc, int64_t bits)
{
    const weft_requant rq = { .mult = (uint32_t)bits };
    return weft_requant_finish(weft_requantize(WEFT_REQUANT_ONNX, acc, rq), u->zero_point,
                               u->clamp.lo, u->clamp.hi);
}

static int32_t byte_of(const mul_params *m, int32_t product, int64_t bits)
{
    return byte_by(&(factor_use){ m->zero_point_out, m->clamp }, product, bits);
}

static int32_t exact_byte(const mul_params *m, int32_t product)
{
    return weft_requantize_onnx_added(product, m->scale, m->zero_point_out + m->offset,
                                      m->clamp.lo + m->offset, m->clamp.hi + m->offset) -
           m->offset;
}

int8_t mul_exact(const mul_params *m, int8_t a, int8_t b)
{
    return (int8_t)exact_byte(m, (a - m->zero_point[0]) * (b - m->zero_point[1]));
}

/* The first multiplier of the range whose byte is at least `bound`, or for sums below zero at most
 * that; most + 1 if there is none. */
static int64_t first_at(const factor_use *u, int32_t acc, int32_t bound, factor_range in)
{
    int64_t lo = in.least, hi = in.most + 1;
    while (lo < hi) {
        const int64_t middle = lo + (hi - lo) / 2;
        const int32_t byte = byte_by(u, acc, middle);
        if (acc > 0 ? byte >= bound : byte <= bound)
            hi = middle;
        else
            lo = middle + 1;
    }
    return lo;
}

void factor_narrow(const factor_use *u, int32_t acc, int32_t byte, factor_range *in)
{
    if (in->least > in->most)
        return;
    if (byte_by(u, acc, in->least) != byte)
        in->least = acc ? first_at(u, acc, byte, *in) : in->most + 1;
    if (in->least <= in->most && byte_by(u, acc, in->most) != byte)
        in->most = first_at(u, acc, acc > 0 ? byte + 1 : byte - 1, *in) - 1;
}

/* Leave the multipliers that give the exact byte. */
static void narrow(const mul_params *m, int32_t product, factor_range *in)
{
    factor_narrow(&(factor_use){ m->zero_point_out, m->clamp }, product, exact_byte(m, product),
                  in);
}

factor_range factor_around(uint32_t bits)
{
    const int64_t least = (int64_t)bits - REACH, most = (int64_t)bits + REACH;
    return (factor_range){ least < 1 ? 1 : least, most > 0x7f7fffff ? 0x7f7fffff : most };
}

weft_requant factor_nearest(factor_range in, uint32_t bits)
{
    const int64_t at = bits < in.least ? in.least : bits > in.most ? in.most : (int64_t)bits;
    return (weft_requant){ .mult = (uint32_t)at };
}

static int one_factor(const mul_params *m, const uint8_t *there, mul_plan *out)
{
    factor_range in = factor_around(m->scale.mult);
    for (int32_t p = -MOST; p <= MOST; p++)
        if (there[p + MOST])
            narrow(m, p, &in);
    out->factors = 1;
    out->factor[0] = out->factor[1] = factor_nearest(in, m->scale.mult);
    return in.least <= in.most;
}

/* The first end of all intervals, and the last beginning behind that: as near as possible. */
static void two_factors(const mul_params *m, const uint8_t *there, mul_plan *out)
{
    int64_t end = INT64_MAX, begin = 0;
    for (unsigned pass = 0; pass < 2; pass++)
        for (int32_t p = -MOST; p <= MOST; p++) {
            factor_range in = factor_around(m->scale.mult);
            if (!there[p + MOST])
                continue;
            narrow(m, p, &in);
            if (pass == 0 && in.most < end)
                end = in.most;
            if (pass == 1 && in.least > end && in.least > begin)
                begin = in.least;
        }
    out->factors = 2;
    out->factor[0].mult = (uint32_t)(end < 1 ? 1 : end);
    out->factor[1].mult = (uint32_t)(begin < 1 ? 1 : begin);
}

/* Which side each step between bytes n and n + 1 has to take, as the lean between them. */
static void choose_sides(const mul_params *m, const uint8_t *there, mul_plan *out)
{
    int8_t up[256] = { 0 };
    for (int32_t p = -MOST; p <= MOST; p++) {
        if (!there[p + MOST])
            continue;
        const int32_t y0 = byte_of(m, p, out->factor[0].mult),
                      y1 = byte_of(m, p, out->factor[1].mult);
        const int32_t below = y0 < y1 ? y0 : y1;
        if (y0 != y1)
            up[below + 128] = exact_byte(m, p) > below;
    }
    /* Products above zero have the smaller byte by the smaller factor, those below the other. */
    for (int32_t n = -128; n < 127; n++) {
        const int falls = up[n + 128] == (n >= m->zero_point_out);
        out->lean[n + 129] = (int16_t)(out->lean[n + 128] + (falls ? -1 : 1));
    }
}

int32_t mul_joined(const mul_plan *how, int32_t y0, int32_t y1)
{
    static const weft_requant quarter = { .mult = 0x3e800000 };
    const int32_t sum = 2 * y0 + how->lean[y0 + 128] + 2 * y1 - how->lean[y1 + 128];
    return weft_requantize(WEFT_REQUANT_ONNX, sum, quarter);
}

static int all_right(const mul_params *m, const uint8_t *there, const mul_plan *how)
{
    int right = 1;
    for (int32_t p = -MOST; p <= MOST; p++) {
        const int32_t y0 = byte_of(m, p, how->factor[0].mult),
                      y1 = byte_of(m, p, how->factor[1].mult);
        const int32_t y = how->factors == 2 ? mul_joined(how, y0, y1) : y0;
        right &= !there[p + MOST] || y == exact_byte(m, p);
    }
    return right;
}

int mul_find(const mul_params *m, mul_plan *out)
{
    uint8_t *there = calloc(PRODUCTS, 1);
    int good = 0;
    *out = (mul_plan){ 0 };
    for (int32_t a = INT8_MIN; there && a <= INT8_MAX; a++)
        for (int32_t b = INT8_MIN; b <= INT8_MAX; b++)
            there[(a - m->zero_point[0]) * (b - m->zero_point[1]) + MOST] = 1;
    if (there && one_factor(m, there, out)) {
        good = all_right(m, there, out);
    } else if (there) {
        two_factors(m, there, out);
        choose_sides(m, there, out);
        good = all_right(m, there, out);
    }
    const int there_was = there != NULL;
    free(there);
    return good ? WEFT_OK : there_was ? WEFT_ERR_RANGE : WEFT_ERR_NO_MEMORY;
}
