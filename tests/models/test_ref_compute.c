/* COMPUTE and TABLE of the reference device on small cases worked out by hand.
 *
 * Each case states its loops in terms of what they are for (a convolution, a pooling, ...) and
 * compares with a formula on plain arrays, so an index slip in ref_compute.c cannot hide in the
 * same slip here. */
#include "ref_bench.h"

/* kh by kw over one channel, padded by 1, four output channels, in 3 spanning passes of 4 lanes,
 * some of which touch two kernel rows.  Lanes past the last tap lie in kernel rows >= KROWS and are
 * ZP.  Output 2 rows by 4 pixels. */
static void conv_spanning(bench *b, rng *r, int kh, int kw)
{
    int8_t w[3][4][4];
    fill(b, r, 9);
    compute(b, WEFT_MODE_DENSE);
    header(b, -5);
    for (unsigned p = 0; p < 3; p++) {
        random_weights(r, w[p]);
        weights(b, w[p]);
    }
    SET(SPAN, 1);
    SET(SEG, kw);
    SET(PASS_Q, 4 / kw);
    SET(PASS_R, 4 % kw);
    SET(ROW_DR, 1); /* taken when the remainders make a whole segment */
    SET(PASSES, 3);
    SET(R_START, -1);
    SET(A_START, 28); /* the slot before row 0, around the ring */
    SET(U_START, -1);
    SET(ZP, 7);
    SET(KROWS, kh);
    SET(INNER, 4);
    SET(O_INNER, 4);
    SET(OUTER, 2);
    SET(IN_DU, 1);
    SET(OUT_DR, 1);
    SET(O_IN_DU, 4);
    SET(O_OUT_DR, 1);
    const int8_t *got = go(b, "conv_spanning", 2);
    for (int i = 0; i < 32; i++) {
        const int y = i / 16, x = i % 16 / 4, c = i % 4;
        int sum = -5;
        for (int tap = 0; tap < 12; tap++)
            sum += (tap < kh * kw ? input(b, y - 1 + tap / kw, x - 1 + tap % kw, 7) : 7) *
                   w[tap / 4][tap % 4][c];
        expect(b, "conv_spanning", got, i, sat(sum));
    }
}

/* 2 by 2 with dilation 5 down and 3 across, 6 channels (two passes a tap): TAPS_X, ROW_DR, ROW_DA.
 */
static void conv_dilated(bench *b, rng *r)
{
    int8_t w[8][4][4];
    fill(b, r, 5);
    compute(b, WEFT_MODE_DENSE);
    header(b, 0);
    for (unsigned p = 0; p < 8; p++) {
        random_weights(r, w[p]);
        for (unsigned c = 0; p % 2 && c < 8; c++)
            w[p][2 + c / 4][c % 4] = 0; /* channels 6 and 7 */
        weights(b, w[p]);
    }
    SET(SEG, 6);
    SET(PASS_R, 4);
    SET(PASSES, 8);
    SET(TAPS_X, 2);
    SET(TAP_DU, 9);
    SET(ROW_DR, 5);
    SET(ROW_DA, 4);
    SET(INNER, 2);
    SET(O_INNER, 2);
    SET(IN_DU, 1);
    SET(O_IN_DU, 4);
    const int8_t *got = go(b, "conv_dilated", 1);
    for (int i = 0; i < 8; i++) {
        int sum = 0;
        for (int tap = 0; tap < 4; tap++)
            for (int ch = 0; ch < 6; ch++)
                sum += input(b, tap / 2 * 5, i / 4 + tap % 2 * 9 + ch, 0) *
                       w[2 * tap + ch / 4][ch % 4][i % 4];
        expect(b, "conv_dilated", got, i, sat(sum));
    }
}

/* Depthwise, `groups` kernel rows a pass, as many taps as fit, stride 2 along the row. */
static void depthwise(bench *b, rng *r, unsigned groups)
{
    const unsigned each = 4 / groups, taps = each > 2 ? 3 : each, passes = groups == 1 ? 2 : 1;
    int8_t w[2][4][4];
    fill(b, r, 9);
    compute(b, WEFT_MODE_DEPTHWISE);
    header(b, 3);
    memset(w, 0, sizeof w);
    for (unsigned p = 0; p < passes; p++) {
        for (unsigned i = 0; i < groups * taps; i++)
            for (unsigned c = 0; c < 4; c++)
                w[p][i / taps * each + i % taps][c] = (int8_t)rng_range(r, -4, 4);
        weights(b, w[p]);
    }
    SET(GROUPS, groups);
    SET(CHAIN, taps);
    SET(PHASES, 2);
    SET(PASSES, passes);
    SET(SEG, 1);
    SET(PASS_R, 1); /* every pass is the next kernel row */
    SET(ROW_DR, groups);
    SET(R_START, 1);
    SET(ROWS, 3); /* rows 3 and 4 are masked */
    SET(ZP, -2);
    SET(O_INNER, 2);
    SET(INNER, 2 + taps);
    SET(IN_DU, 4);
    SET(O_IN_DU, 4);
    const int8_t *got = go(b, "depthwise", 1);
    for (int i = 0; i < 8; i++) {
        int sum = 3;
        for (unsigned k = 0; k < passes * groups * taps; k++) {
            const unsigned p = k / (groups * taps), g = k / taps % groups, tap = k % taps;
            const int row = 1 + (int)(p * groups + g), x = 2 * (i / 4) + (int)tap;
            sum += (row < 3 ? input(b, row, 4 * x + i % 4, -2) : -2) *
                   w[p][g * each + taps - 1 - tap][i % 4];
        }
        expect(b, "depthwise", got, i, sat(sum));
    }
}

/* Maximum or sum of 3 rows by 2 pixels of 4 channels, the first row above the tile. */
static void pool(bench *b, rng *r, uint32_t mode)
{
    fill(b, r, 40);
    compute(b, mode);
    SET(RAW, 1);
    SET(GROUPS, 3);
    SET(PASSES, 2);
    SET(TAPS_X, 2);
    SET(TAP_DU, 4);
    SET(SEG, 1);
    SET(PASS_R, 1);
    SET(R_START, -1);
    SET(A_START, 28);
    SET(ZP, -17);
    SET(INNER, 2);
    SET(O_INNER, 2);
    SET(IN_DU, 8);
    SET(O_IN_DU, 4);
    const int8_t *got = go(b, "pool", 1);
    for (int i = 0; i < 8; i++) {
        int max = -128, sum = 0;
        for (int k = 0; k < 6; k++) {
            const int v = input(b, k / 2 - 1, 8 * (i / 4) + k % 2 * 4 + i % 4, -17);
            max = v > max ? v : max;
            sum += v;
        }
        expect(b, "pool", got, i, mode == WEFT_MODE_MAX ? max : sat(sum));
    }
}

/* A copy to an odd place, cut on both sides; the bytes around stay. */
static void copy_clipped(bench *b, rng *r)
{
    fill(b, r, 100);
    compute(b, WEFT_MODE_MAX);
    SET(RAW, 1);
    SET(BLOCKS, 3);
    SET(BLK_U, 4);
    SET(O_BLK_U, 4);
    SET(O_LAST, 2);
    SET(O_U_START, -3);
    SET(O_ROW_BYTES, 6);
    const int8_t *got = go(b, "copy_clipped", 1);
    for (int i = 0; i < 6; i++)
        expect(b, "copy_clipped", got, i, input(b, 0, i + 3, 0));
    const uint8_t *bank = weft_ref_device_bank(b->dev, 0);
    CHECK(b->t, bank[32 * 4 + 6] == got[6], "bytes behind the row");
    SET(O_ROW_BYTES, 16);
    got = go(b, "copy_last", 1);
    for (int i = 0; i < 7; i++)
        expect(b, "copy_last", got, i, input(b, 0, i + 3, 0));
    expect(b, "copy_last: O_LAST", got, 7, (int8_t)bank[32 * 4 + 7]);
    CHECK(b->t, got[7] == 0, "byte 7 was never written, got %d", got[7]);
}

/* Tables: T1 and T2 with known values, the byte table i -> 255 - i. */
static void put_tables(bench *b)
{
    weft_cmd c = { { 0 } };
    weft_TABLE_set_OPCODE(&c, WEFT_CMD_TABLE);
    weft_TABLE_set_BYTES(&c, 1);
    weft_TABLE_set_OPERANDS(&c, 1);
    weft_TABLE_set_ADDR(&c, 0xa000);
    for (int i = 0; i < 256; i++) {
        const int32_t t1 = 65536 + 3 * (int8_t)i, t2 = 66000 - 50 * (int8_t)i;
        b->memory[0xa000 + i] = (uint8_t)(255 - i);
        for (int k = 0; k < 4; k++) {
            b->memory[0xa100 + 4 * i + k] = (uint8_t)((uint32_t)t1 >> (8 * k));
            b->memory[0xa500 + 4 * i + k] = (uint8_t)((uint32_t)t2 >> (8 * k));
        }
    }
    append(b, &c);
}

static int64_t alu(int op, int32_t a, int32_t x)
{
    const int32_t t1 = 65536 + 3 * a, t2 = 66000 - 50 * x;
    switch (op) {
    case WEFT_ALU_ADD: return t1 + t2;
    case WEFT_ALU_MUL: return (int64_t)(3 * a) * (464 - 50 * x); /* the low halves, signed */
    case WEFT_ALU_MAX: return t1 > t2 ? t1 : t2;
    default: return t1 < t2 ? t1 : t2;
    }
}

/* Row 0 with row 1 as second operand; the second requantiser is float32 2^-10, then the byte table.
 */
static void arithmetic(bench *b, rng *r, int op, int lut)
{
    fill(b, r, 127);
    compute(b, WEFT_MODE_MAX);
    put_tables(b);
    SET(RAW, 1);
    SET(ALU, op);
    SET(KIND2, WEFT_KIND_FLOAT);
    SET(MULT2, 117u << 23);
    SET(ZP2, -90);
    SET(LO2, -100);
    SET(LUT, lut);
    SET(INNER, 4);
    SET(O_INNER, 4);
    SET(IN_DU, 4);
    SET(O_IN_DU, 4);
    SET(X_PITCH, 4);
    SET(X_TOP, 32);
    SET(X_SIZE, 32);
    SET(X_ROW, 1);
    SET(X_IN_DU, 4);
    weft_cmd l = load(DATA, 8, 16, 4, 32), s = store(RESULT, 1, 16, 32, 4);
    append(b, &l);
    append(b, &b->c);
    append(b, &s);
    CHECK(b->t, run(b).error == 0, "arithmetic %d", op);
    for (int i = 0; i < 16; i++) {
        const int64_t v = alu(op, input(b, 0, i, 0), input(b, 1, i, 0));
        int64_t q = v >= 0 ? v / 1024 : -(-v / 1024); /* half to even, on the magnitude */
        const int64_t rest = (v >= 0 ? v : -v) % 1024, sign = v >= 0 ? 1 : -1;
        if (rest > 512 || (rest == 512 && q % 2 != 0))
            q += sign;
        q = q - 90 < -100 ? -100 : q - 90 > 127 ? 127 : q - 90;
        expect(b, "arithmetic", (int8_t *)b->memory + RESULT, i,
               lut ? (int8_t)(255 - (uint8_t)q) : (int8_t)q);
    }
}

/* One value through each kind of the first requantiser, zero point and clamp. */
static void kinds(bench *b)
{
    static const struct {
        uint32_t kind, mult, shift, half;
        int32_t bias, want;
    } cases[] = {
        { WEFT_KIND_TFLITE, 0x40000000, 0, 0, 101, 51 + 3 }, /* x 0.5, ties up */
        { WEFT_KIND_TFLITE, 0x40000000, 0, 0, -101, -50 + 3 },
        { WEFT_KIND_TFLITE, 0x40000000, 0xff, 0, 102, 26 + 3 }, /* then / 2, away from zero */
        { WEFT_KIND_TFLITE, 0x40000000, 0xff, 0, -102, -26 + 3 },
        { WEFT_KIND_TFLITE, 0x40000000, 3, 0, 5, 20 + 3 },  /* shift left first */
        { WEFT_KIND_TFLITE, 0x7fffffff, 30, 0, 3, -60 },    /* 3 << 30 is negative */
        { WEFT_KIND_FLOAT, 126u << 23, 0, 0, 101, 50 + 3 }, /* x 0.5, ties to even */
        { WEFT_KIND_FLOAT, 126u << 23, 0, 0, 103, 52 + 3 },
        { WEFT_KIND_FLOAT, 126u << 23, 0, 0, -101, -50 + 3 },
        { WEFT_KIND_FLOAT, 0x007fffff, 0, 0, INT32_MAX, 3 }, /* denormal */
        { WEFT_KIND_FLOAT, 254u << 23, 0, 0, -1, -60 },      /* saturates */
        { WEFT_KIND_DIV, 0x80000001, 32, 1, 9, 5 + 3 },      /* / 2, half away from zero */
        { WEFT_KIND_DIV, 0x80000001, 32, 1, -9, -5 + 3 },
        { WEFT_KIND_DIV, 1, 0, 0, INT32_MAX, 70 },
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memset(b->memory + DATA, 0, 128);
        compute(b, WEFT_MODE_SUM);
        header(b, cases[i].bias);
        for (unsigned row = 0; row < 8; row++)
            for (unsigned c = 0; c < 4; c++)
                b->memory[STREAM + 16 + 4 * row + c] =
                    (uint8_t)(row < 4    ? cases[i].mult >> (8 * row)
                              : row == 4 ? cases[i].shift
                                         : cases[i].half >> (8 * (row - 5)));
        SET(KIND, cases[i].kind);
        SET(ZP1, 3);
        SET(LO1, -60);
        SET(HI1, 70);
        expect(b, "kinds", go(b, "kinds", 1), 0, cases[i].want);
        CHECK(b->t, ((int8_t *)b->memory)[RESULT] == cases[i].want, "kinds: case %u", i);
    }
}

int main(int argc, char **argv)
{
    test t = test_begin("ref_compute", argc, argv, 1, 1);
    rng r = rng_make(t.seed);
    bench b = begin(&t);
    if (!b.dev)
        return 1;
    copy_clipped(&b, &r); /* first: expects a buffer that nothing was written to */
    for (unsigned i = 0; i < 20; i++) {
        conv_spanning(&b, &r, 3, 3);
        conv_spanning(&b, &r, 2, 5);
        conv_spanning(&b, &r, 4, 3);
        conv_dilated(&b, &r);
        for (unsigned groups = 1; groups <= 3; groups++)
            depthwise(&b, &r, groups);
        pool(&b, &r, WEFT_MODE_MAX);
        pool(&b, &r, WEFT_MODE_SUM);
        for (int op = WEFT_ALU_ADD; op <= WEFT_ALU_MIN; op++)
            arithmetic(&b, &r, op, i % 2);
    }
    kinds(&b);
    weft_ref_device_free(b.dev);
    return test_end(&t, "every mode, table and kind");
}
