/* Vectors for tb_weft_requant and tb_weft_post: calls of weft_requantize with their results.
 *
 *     vec_weft_requant [seed [count]] > vectors.hex
 *
 * One line of hex per call: kind (1 digit), value (8), mult (8), shift (2), half (6), result
 * limited to -512..512 (4).  Lines come in groups of GROUP of one kind: the lanes of one vector.
 * Directed corners first, then random ones: small results, ties and carries are made likely. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/arith/requantize.h"
#include "tests/rng.h"

enum { GROUP = 4, LIMIT = 512 };

static void emit(weft_requant_kind kind, int32_t acc, weft_requant p)
{
    int32_t v = weft_requantize(kind, acc, p);
    v = v < -LIMIT ? -LIMIT : v > LIMIT ? LIMIT : v;
    printf("%x%08" PRIx32 "%08" PRIx32 "%02x%06" PRIx32 "%04x\n", (unsigned)kind, (uint32_t)acc,
           p.mult, (unsigned)(uint8_t)p.shift, p.half, (unsigned)(uint16_t)v);
}

static const int32_t accs[] = {
    0,         1,          -1,          2,          -2,       3,          -3,        5,
    -5,        255,        -256,        511,        512,      513,        -511,      -512,
    -513,      16777215,   16777216,    16777217,   16777218, 16777219,   33554431,  33554433,
    33554434,  33554435,   -33554435,   33554437,   33554439, 1073741823, -16777217, INT32_MAX,
    INT32_MIN, 2147483520, -2147483520, 2147483584, 1 << 30,  -(1 << 30)
};
enum { ACCS = sizeof accs / sizeof *accs };

static void corners_tflite(void)
{
    static const uint32_t mults[] = { 0, 1u << 30, (1u << 30) + 1, 1518500250, INT32_MAX };
    for (unsigned m = 0; m < sizeof mults / sizeof *mults; m++)
        for (int shift = WEFT_REQUANT_SHIFT_MIN; shift <= WEFT_REQUANT_SHIFT_MAX; shift++)
            for (unsigned a = 0; a < ACCS / GROUP * GROUP; a++)
                emit(WEFT_REQUANT_TFLITE, accs[a], (weft_requant){ mults[m], 0, (int8_t)shift });
}

static void corners_float(void)
{
    static const uint32_t mantissas[] = { 0, 1, 0x400000, 0x7fffff, 0x2aaaab };
    for (unsigned m = 0; m < sizeof mantissas / sizeof *mantissas; m++)
        for (uint32_t e = 0; e < 255; e += e < 90 || e > 140 ? 7 : 1)
            for (unsigned a = 0; a < ACCS / GROUP * GROUP; a++)
                emit(WEFT_REQUANT_ONNX, accs[a], (weft_requant){ e << 23 | mantissas[m], 0, 0 });
}

/* FLOAT: products that lie half way between two float32, one of which is k + 1/2, so that both
 * roundings are ties: 2^23 * (2t + 1) with t = (2k + 1) * 2^j of 24 bits, split into two factors.
 */
static void corners_double_ties(void)
{
    for (uint32_t odd = 1; odd < 1024; odd += 2) {
        uint32_t t = odd;
        while (t < 1u << 23)
            t <<= 1;
        for (uint32_t near = 2 * t - 1; near <= 2 * t + 1; near += 2)
            for (uint32_t u = 3, found = 0; u < 4096 && found < 2; u += 2) {
                uint32_t v = near / u;
                if (near % u != 0)
                    continue;
                found++;
                uint32_t e = 127 + 23; /* the scale whose product with u is k + 1/2, nearly */
                while (v < 1u << 23) {
                    v <<= 1;
                    e--;
                }
                for (uint32_t w = t; w != odd; w >>= 1)
                    e--;
                for (int i = 0; i < GROUP; i++)
                    emit(WEFT_REQUANT_ONNX, (int32_t)(i & 1 ? 0 - u : u) * (i & 2 ? 64 : 1),
                         (weft_requant){ (e - 2 - (i & 2 ? 6u : 0)) << 23 | (v & 0x7fffff), 0, 0 });
            }
    }
}

static void corners_div(void)
{
    static const uint32_t mults[] = { 1, 2, 0x7fffffff, 0x80000000, 0xaaaaaaab, UINT32_MAX };
    static const uint32_t halves[] = { 0, 1, 24, 0xffffff };
    for (unsigned m = 0; m < sizeof mults / sizeof *mults; m++)
        for (int shift = 0; shift < 64; shift += shift < 28 ? 5 : 1)
            for (unsigned a = 0; a < ACCS / GROUP * GROUP; a++)
                emit(WEFT_REQUANT_DIV, accs[a],
                     (weft_requant){ mults[m], halves[(a + (unsigned)shift) % 4], (int8_t)shift });
}

/* Of every magnitude, with runs of zeros or ones at the bottom. */
static int32_t random_acc(rng *r)
{
    uint32_t v = rng_u32(r) >> rng_range(r, 0, 31);
    if (rng_range(r, 0, 2) == 0)
        v &= UINT32_MAX << rng_range(r, 0, 31);
    if (rng_range(r, 0, 2) == 0)
        v += (uint32_t)rng_range(r, -1, 1);
    return (int32_t)(rng_range(r, 0, 1) ? 0u - v : v);
}

static int bits_of(int32_t acc)
{
    int bits = 0;
    for (uint32_t v = acc < 0 ? 0u - (uint32_t)acc : (uint32_t)acc; v; v >>= 1)
        bits++;
    return bits;
}

/* Steps to the right that bring acc to about 0..10 bits. */
static int aim(rng *r, int32_t acc)
{
    return bits_of(acc) - rng_range(r, 0, 10);
}

static int limited(int v, int lo, int hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

static weft_requant random_params(rng *r, weft_requant_kind kind, int32_t acc)
{
    uint32_t fraction = rng_u32(r);
    if (rng_range(r, 0, 2) == 0)
        fraction &= UINT32_MAX << rng_range(r, 0, 31);
    if (kind == WEFT_REQUANT_TFLITE)
        return (weft_requant){ 1u << 30 | fraction >> 2, 0,
                               (int8_t)limited(1 - aim(r, acc), -31, 30) };
    if (kind == WEFT_REQUANT_ONNX) {
        uint32_t e = (uint32_t)limited(127 - aim(r, acc), 0, 254);
        return (weft_requant){ e << 23 | fraction >> 9, 0, 0 };
    }
    return (weft_requant){ fraction | 1, rng_u32(r) >> rng_range(r, 8, 31),
                           (int8_t)limited(31 + aim(r, acc), 0, 63) };
}

int main(int argc, char **argv)
{
    rng r = rng_make(argc > 1 ? strtoull(argv[1], NULL, 0) : 1);
    unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 0) : 20000;
    corners_tflite();
    corners_float();
    corners_double_ties();
    corners_div();
    weft_requant_kind kind = WEFT_REQUANT_TFLITE;
    for (unsigned long i = 0; i < count / GROUP * GROUP; i++) {
        if (i % GROUP == 0)
            kind = (weft_requant_kind)rng_range(&r, 0, 2);
        int32_t acc = random_acc(&r);
        emit(kind, acc, random_params(&r, kind, acc));
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
