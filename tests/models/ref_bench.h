/* A small reference device and programs for it, made step by step: what the tests of its commands
 * share.
 *
 *     bench b = begin(&t);
 *     compute(&b, WEFT_MODE_DENSE);          // b.c, a COMPUTE with one vector: now change it
 *     header(&b, 5);  weights(&b, w);        // its stream
 *     int8_t *got = go(&b, "a case", rows);  // LOAD, COMPUTE, STORE */
#ifndef WEFT_TESTS_REF_BENCH_H
#define WEFT_TESTS_REF_BENCH_H

#include <string.h>

#include "models/ref/device/ref_device.h"
#include "rtl/isa/weft_isa.h"
#include "tests/rng.h"
#include "tests/test.h"
#include <weft/weft_status.h>

enum { MEM = 1 << 20, STREAM = 0x8000, DATA = 0x4000, RESULT = 0x6000 };

/* One device of 4 by 4 cells, words of 4 bytes, 64 words a bank, and a program in the making. */
typedef struct bench {
    test *t;
    weft_ref_device *dev;
    uint8_t *memory;
    uint32_t prog_bytes, count, stream_at;
    weft_cmd c; /* the COMPUTE at hand */
} bench;

#define SET(field, value) weft_COMPUTE_set_##field(&b->c, (int64_t)(value))

static inline bench begin(test *t)
{
    bench b = { .t = t, .stream_at = STREAM };
    weft_hw hw;
    if (weft_hw_parse("shape=4x4,fb=64,acc=16,port=4,mem=1M", &hw, NULL) == WEFT_OK &&
        weft_ref_device_new(&hw, &b.dev) == WEFT_OK)
        b.memory = weft_ref_device_memory(b.dev);
    return b;
}

static inline void append(bench *b, const weft_cmd *c)
{
    const unsigned units = weft_op_units(c->word[0] & 0xff);
    weft_cmd_store(c, units ? units : 1, b->memory + b->prog_bytes);
    b->prog_bytes += (units ? units : 1) * WEFT_CMD_UNIT_BYTES;
    b->count++;
}

/* Rows of row_bytes bytes at memory `at` into slots of `pitch` words of the ring [0, size). */
static inline weft_cmd load(uint32_t at, uint32_t rows, uint32_t row_bytes, uint32_t pitch,
                            uint32_t size)
{
    weft_cmd c = { { 0 } };
    weft_LOAD_set_OPCODE(&c, WEFT_CMD_LOAD);
    weft_LOAD_set_ADDR(&c, at);
    weft_LOAD_set_STRIDE(&c, row_bytes);
    weft_LOAD_set_ROWS(&c, rows);
    weft_LOAD_set_ROW_BYTES(&c, row_bytes);
    weft_LOAD_set_PITCH(&c, pitch);
    weft_LOAD_set_TOP(&c, size);
    weft_LOAD_set_SIZE(&c, size);
    weft_LOAD_set_PUSH_COMPUTE(&c, 1);
    return c;
}

static inline weft_cmd store(uint32_t at, uint32_t rows, uint32_t row_bytes, uint32_t a,
                             uint32_t pitch)
{
    weft_cmd c = { { 0 } };
    weft_STORE_set_OPCODE(&c, WEFT_CMD_STORE);
    weft_STORE_set_ADDR(&c, at);
    weft_STORE_set_STRIDE(&c, (row_bytes + 3) / 4 * 4);
    weft_STORE_set_ROWS(&c, rows);
    weft_STORE_set_A_START(&c, a);
    weft_STORE_set_ROW_BYTES(&c, row_bytes);
    weft_STORE_set_PITCH(&c, pitch);
    weft_STORE_set_TOP(&c, 64);
    weft_STORE_set_SIZE(&c, 64);
    weft_STORE_set_POP_COMPUTE(&c, 1);
    return c;
}

/* A COMPUTE with one vector, one pass, one block; input in words [0, 32), output from word 32 on,
 * rows of 16 bytes each (4 words); results pass unchanged (saturated) through the requantiser. */
static inline void compute(bench *b, uint32_t mode)
{
    b->c = (weft_cmd){ { 0 } };
    SET(OPCODE, WEFT_CMD_COMPUTE);
    SET(MODE, mode);
    SET(GROUPS, 1);
    SET(WEIGHTS, b->stream_at);
    SET(PITCH, 4);
    SET(TOP, 32);
    SET(SIZE, 32);
    SET(ROWS, 8);
    SET(ROW_BYTES, 16);
    SET(KROWS, 65535);
    SET(TAPS_X, 1);
    SET(SEG, 4);
    SET(CHAIN, 1);
    SET(PHASES, 1);
    SET(INNER, 1);
    SET(OUTER, 1);
    SET(PASSES, 1);
    SET(BLOCKS, 1);
    SET(O_INNER, 1);
    SET(O_A_START, 32);
    SET(O_PITCH, 4);
    SET(O_TOP, 64);
    SET(O_SIZE, 32);
    SET(O_ROW_BYTES, 16);
    SET(O_BYTES, 4);
    SET(O_LAST, 4);
    SET(LO1, -128);
    SET(HI1, 127);
    SET(LO2, -128);
    SET(HI2, 127);
    SET(POP_LOAD, 1);
    SET(PUSH_STORE, 1);
}

/* Twelve header rows: this bias in every column, and a multiplier of 1 of kind DIV. */
static inline void header(bench *b, int32_t bias)
{
    for (unsigned row = 0; row < 12; row++)
        for (unsigned c = 0; c < 4; c++)
            b->memory[b->stream_at + 4 * row + c] =
                (uint8_t)(row < 4 ? (uint32_t)bias >> (8 * row) : row == 4);
    b->stream_at += 48;
    SET(KIND, WEFT_KIND_DIV);
}

/* The weights of a pass: w[lane][column]. */
static inline void weights(bench *b, int8_t w[4][4])
{
    for (unsigned l = 4; l-- > 0; b->stream_at += 4)
        for (unsigned c = 0; c < 4; c++)
            b->memory[b->stream_at + c] = (uint8_t)w[l][c];
}

static inline weft_ref_result run(bench *b)
{
    const weft_ref_start start = { 0, b->count, 0, MEM, 0 };
    weft_ref_result r = weft_ref_device_run(b->dev, &start);
    b->prog_bytes = b->count = 0;
    b->stream_at = STREAM;
    return r;
}

/* Run LOAD of 8 rows by 16 bytes at DATA, the COMPUTE, STORE of `rows` by 16 bytes to RESULT. */
static inline int8_t *go(bench *b, const char *what, uint32_t rows)
{
    weft_cmd l = load(DATA, 8, 16, 4, 32), s = store(RESULT, rows, 16, 32, 4);
    memset(b->memory + RESULT, 0x55, 256);
    append(b, &l);
    append(b, &b->c);
    append(b, &s);
    weft_ref_result r = run(b);
    CHECK(b->t, r.error == 0 && r.commands == 3, "%s: error %u at %u", what, r.error,
          r.error_index);
    return (int8_t *)b->memory + RESULT;
}

static inline int8_t input(const bench *b, int row, int byte, int zp)
{
    return row < 0 || row > 7 || byte < 0 || byte > 15 ? (int8_t)zp
                                                       : (int8_t)b->memory[DATA + 16 * row + byte];
}

static inline void fill(bench *b, rng *r, int32_t limit)
{
    for (unsigned i = 0; i < 128; i++)
        b->memory[DATA + i] = (uint8_t)rng_range(r, -limit, limit);
}

static inline void expect(bench *b, const char *what, const int8_t *got, int at, int want)
{
    CHECK(b->t, got[at] == want, "%s: byte %d: got %d, want %d", what, at, got[at], want);
}

static inline int sat(int v)
{
    return v < -128 ? -128 : v > 127 ? 127 : v;
}

static inline void random_weights(rng *r, int8_t w[4][4])
{
    for (unsigned i = 0; i < 16; i++)
        w[i / 4][i % 4] = (int8_t)rng_range(r, -3, 3);
}

#endif
