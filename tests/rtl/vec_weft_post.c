/* Vectors for tb_weft_post: the sentence of rtl/isa/README.md, "The post unit", as a program.
 *
 *     vec_weft_post [seed [phases]] > vectors.hex
 *
 * Words of hex.  A phase: number of vectors; 256 bytes; 256 words T1; 256 words T2; command words
 * 0, 26, 27, 28 of two configurations; then per vector the configuration (0, 1) and COLS times one
 * number of sum (8 digits), multiplier (8), shift (2), half (6), second operand (2), result (2).
 * Parameters are those of the vector's kind and aim at results within int8, most of the time. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/arith/requantize.h"
#include "rtl/isa/weft_isa.h"
#include "tests/rng.h"

enum { COLS = 8, VECTORS = 60 };

typedef struct tables {
    uint8_t bytes[256];
    uint32_t t1[256], t2[256];
} tables;

static int bits_of(int32_t a)
{
    int bits = 0;
    for (uint32_t v = a < 0 ? 0u - (uint32_t)a : (uint32_t)a; v; v >>= 1)
        bits++;
    return bits;
}

static int32_t random_sum(rng *r)
{
    uint32_t v = rng_u32(r) >> rng_range(r, 0, 31);
    return (int32_t)(rng_range(r, 0, 1) ? 0u - v : v);
}

static int32_t limited(int32_t v, int32_t lo, int32_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* Parameters that leave about 0..8 bits of a number of `bits` bits. */
static weft_requant random_params(rng *r, weft_requant_kind kind, int bits)
{
    int aim = bits - rng_range(r, 0, 8);
    uint32_t fraction = rng_u32(r);
    if (kind == WEFT_REQUANT_TFLITE)
        return (weft_requant){ 1u << 30 | fraction >> 2, 0, (int8_t)limited(1 - aim, -31, 30) };
    if (kind == WEFT_REQUANT_ONNX)
        return (weft_requant){ (uint32_t)limited(127 - aim, 1, 254) << 23 | fraction >> 9, 0, 0 };
    return (weft_requant){ fraction | 1, fraction & 0xffff, (int8_t)limited(31 + aim, 0, 63) };
}

static void random_tables(rng *r, tables *t, int shift)
{
    for (unsigned i = 0; i < 256; i++) {
        t->bytes[i] = (uint8_t)rng_u32(r);
        t->t1[i] = (uint32_t)((int32_t)rng_u32(r) >> shift);
        t->t2[i] = (uint32_t)((int32_t)rng_u32(r) >> shift);
    }
}

static weft_cmd random_config(rng *r, int operand_bits)
{
    weft_cmd c = { { 0 } };
    weft_COMPUTE_set_RAW(&c, rng_range(r, 0, 3) == 0);
    weft_COMPUTE_set_KIND(&c, rng_range(r, 0, 2));
    weft_COMPUTE_set_ALU(&c, rng_range(r, 0, 1) ? rng_range(r, 1, 4) : 0);
    weft_COMPUTE_set_LUT(&c, rng_range(r, 0, 1));
    weft_COMPUTE_set_KIND2(&c, rng_range(r, 0, 1));
    weft_COMPUTE_set_ZP1(&c, rng_range(r, 0, 1) ? rng_range(r, -128, 127) : 0);
    weft_COMPUTE_set_LO1(&c, rng_range(r, 0, 1) ? rng_range(r, -128, 0) : -128);
    weft_COMPUTE_set_HI1(&c, rng_range(r, 0, 1) ? rng_range(r, -5, 127) : 127);
    weft_requant p = random_params(r, (weft_requant_kind)weft_COMPUTE_get_KIND2(&c), operand_bits);
    weft_COMPUTE_set_MULT2(&c, p.mult);
    weft_COMPUTE_set_SHIFT2(&c, p.shift);
    weft_COMPUTE_set_ZP2(&c, rng_range(r, -128, 127));
    weft_COMPUTE_set_LO2(&c, rng_range(r, -128, 0));
    weft_COMPUTE_set_HI2(&c, rng_range(r, 0, 127));
    return c;
}

static int32_t wrapped(uint32_t v)
{
    return v <= INT32_MAX ? (int32_t)v : (int32_t)(v - 0x80000000u) + INT32_MIN;
}

static int32_t low_half(uint32_t v)
{
    return (int32_t)((v & 0xffff) ^ 0x8000) - 0x8000;
}

static int32_t alu(int64_t op, uint32_t a, uint32_t b)
{
    switch (op) {
    case WEFT_ALU_ADD: return wrapped(a + b);
    case WEFT_ALU_MUL: return low_half(a) * low_half(b);
    case WEFT_ALU_MAX: return wrapped(a) > wrapped(b) ? wrapped(a) : wrapped(b);
    default: return wrapped(a) < wrapped(b) ? wrapped(a) : wrapped(b);
    }
}

static uint8_t post(const weft_cmd *c, const tables *t, int32_t a, weft_requant p, uint8_t x)
{
    int32_t q = limited(a, -128, 127);
    if (!weft_COMPUTE_get_RAW(c))
        q = weft_requant_finish(weft_requantize((weft_requant_kind)weft_COMPUTE_get_KIND(c), a, p),
                                (int32_t)weft_COMPUTE_get_ZP1(c), (int32_t)weft_COMPUTE_get_LO1(c),
                                (int32_t)weft_COMPUTE_get_HI1(c));
    if (weft_COMPUTE_get_ALU(c)) {
        int32_t s = alu(weft_COMPUTE_get_ALU(c), t->t1[(uint8_t)q], t->t2[x]);
        weft_requant p2 = { (uint32_t)weft_COMPUTE_get_MULT2(c), 0,
                            (int8_t)weft_COMPUTE_get_SHIFT2(c) };
        q = weft_requant_finish(
            weft_requantize((weft_requant_kind)weft_COMPUTE_get_KIND2(c), s, p2),
            (int32_t)weft_COMPUTE_get_ZP2(c), (int32_t)weft_COMPUTE_get_LO2(c),
            (int32_t)weft_COMPUTE_get_HI2(c));
    }
    return weft_COMPUTE_get_LUT(c) ? t->bytes[(uint8_t)q] : (uint8_t)q;
}

static void emit_vector(rng *r, const weft_cmd *c, const tables *t)
{
    for (unsigned col = 0; col < COLS; col++) {
        int32_t a =
            weft_COMPUTE_get_RAW(c) && rng_range(r, 0, 1) ? rng_range(r, -200, 200) : random_sum(r);
        weft_requant p = random_params(r, (weft_requant_kind)weft_COMPUTE_get_KIND(c), bits_of(a));
        uint8_t x = (uint8_t)rng_u32(r);
        printf(" %08" PRIx32 "%08" PRIx32 "%02x%06" PRIx32 "%02x%02x", (uint32_t)a, p.mult,
               (unsigned)(uint8_t)p.shift, p.half, (unsigned)x, (unsigned)post(c, t, a, p, x));
    }
}

int main(int argc, char **argv)
{
    rng r = rng_make(argc > 1 ? strtoull(argv[1], NULL, 0) : 1);
    unsigned long phases = argc > 2 ? strtoul(argv[2], NULL, 0) : 12;
    while (phases--) {
        tables t;
        int shift = rng_range(&r, 0, 24);
        random_tables(&r, &t, shift);
        printf("%x\n", VECTORS);
        for (unsigned i = 0; i < 256; i++)
            printf("%02x ", (unsigned)t.bytes[i]);
        for (unsigned i = 0; i < 256; i++)
            printf("%08" PRIx32 " ", t.t1[i]);
        for (unsigned i = 0; i < 256; i++)
            printf("%08" PRIx32 " ", t.t2[i]);
        weft_cmd c[2];
        for (unsigned i = 0; i < 2; i++) {
            c[i] = random_config(&r, 32 - shift);
            printf("\n%08" PRIx32 " %08" PRIx32 " %08" PRIx32 " %08" PRIx32, c[i].word[0],
                   c[i].word[26], c[i].word[27], c[i].word[28]);
        }
        for (unsigned i = 0; i < VECTORS; i++) {
            unsigned which = rng_u32(&r) & 1;
            printf("\n%x", which);
            emit_vector(&r, &c[which], &t);
        }
        printf("\n");
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
