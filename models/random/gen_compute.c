/* COMPUTE commands of the random programs: every mode, loops, masks, rings, post unit, stream.
 *
 * All fields are drawn within what the contract defines; steps are small, so that positions stay
 * near the tile, on both sides of its edges. */
#include "gen_cmds.h"

#include "models/arith/requantize.h"

#define SET(field, value) weft_COMPUTE_set_##field(c, (int64_t)(value))
#define GET(field)        ((uint32_t)weft_COMPUTE_get_##field(c))

static int32_t between(gen *g, int32_t lo, int32_t hi)
{
    return rng_range(g->r, lo, hi);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t words_of(uint32_t rows, const gen_ring *ring)
{
    return rows / 4 * ring->pitch % ring->size;
}

static void draw_loops(gen *g, weft_cmd *c, uint32_t mode)
{
    const uint32_t rows = g->shape->rows;
    const uint32_t groups = mode == WEFT_MODE_DENSE ? 1 : gen_pick(g, 1, mode == 1 ? 3 : 4);
    SET(MODE, mode);
    SET(GROUPS, groups);
    SET(CHAIN, mode == WEFT_MODE_DEPTHWISE ? gen_pick(g, 1, rows / groups) : 1);
    SET(PHASES, mode == WEFT_MODE_DEPTHWISE ? gen_pick(g, 1, 3) : 1);
    SET(O_INNER, gen_pick(g, 1, smaller(g->shape->acc_depth, 12)));
    SET(OUTER, gen_pick(g, 1, smaller(g->shape->acc_depth / GET(O_INNER), 6)));
    SET(INNER, (GET(O_INNER) - 1) * GET(PHASES) + GET(CHAIN));
    SET(PASSES, gen_once_in(g, 3) ? 1 : gen_pick(g, 1, 7));
    SET(BLOCKS, gen_pick(g, 1, 3));
    SET(TAPS_X, gen_pick(g, 1, 3));
    if (mode >= WEFT_MODE_MAX && gen_once_in(g, 6)) {
        /* One sum and a pass a cycle: each update finds the one before still on its way. */
        SET(O_INNER, 1);
        SET(INNER, 1);
        SET(OUTER, 1);
        SET(PASSES, gen_pick(g, 2, 7));
    }
}

/* A command that takes the stored bytes as weights: one block, as many passes as there are bytes.
 */
static void fit_stored_stream(gen *g, weft_cmd *c)
{
    const uint32_t rows = g->stored_stream_bytes / g->stream_row_bytes - WEFT_HEADER_ROWS;
    SET(BLOCKS, 1);
    SET(PASSES, gen_pick(g, 1, smaller(rows / g->shape->rows, 7)));
}

/* How the lanes of a pass follow those of the one before. */
static void draw_segment(gen *g, weft_cmd *c, uint32_t mode)
{
    const uint32_t lanes = gen_pick(g, 1, g->shape->rows);
    uint32_t seg = gen_pick(g, 1, 2 * g->shape->rows);
    if (mode == WEFT_MODE_DENSE && gen_once_in(g, 2)) {
        if (lanes / seg > 3)
            seg = lanes / 4 + 1;
        SET(SPAN, 1);
        SET(PASS_Q, lanes / seg);
        SET(PASS_R, lanes % seg);
    } else {
        SET(PASS_Q, gen_pick(g, 0, 3));
        SET(PASS_R, gen_pick(g, 0, smaller(seg, lanes)));
    }
    SET(SEG, seg);
}

static void draw_input(gen *g, weft_cmd *c, gen_region region)
{
    const gen_ring ring = gen_ring_in(g, region);
    SET(PITCH, ring.pitch);
    SET(TOP, ring.top);
    SET(SIZE, ring.size);
    SET(A_START, gen_pick(g, ring.top - ring.size, ring.top - 1));
    SET(R_START, between(g, -6, 6));
    SET(ROWS, gen_pick(g, 0, 24));
    SET(U_START, between(g, -40, 40));
    SET(ROW_BYTES, gen_pick(g, 0, ring.row_words * g->word_bytes));
    SET(ZP, between(g, -128, 127));
    SET(KROWS, gen_once_in(g, 2) ? 65535 : gen_pick(g, 0, 12));
    SET(IN_DU, between(g, -20, 20));
    SET(OUT_DU, between(g, -20, 20));
    SET(TAP_DU, between(g, -20, 20));
    SET(BLK_U, between(g, -20, 20));
    SET(IN_DR, gen_once_in(g, 2) ? 0 : gen_pick(g, 0, 11));
    SET(OUT_DR, gen_pick(g, 0, 11));
    SET(ROW_DR, gen_pick(g, 0, 11));
    SET(IN_DA, words_of(GET(IN_DR), &ring));
    SET(OUT_DA, words_of(GET(OUT_DR), &ring));
    SET(ROW_DA, words_of(GET(ROW_DR), &ring));
}

static void set_output_ring(weft_cmd *c, const gen_ring *ring)
{
    SET(O_PITCH, ring->pitch);
    SET(O_TOP, ring->top);
    SET(O_SIZE, ring->size);
    SET(O_IN_DA, words_of(GET(O_IN_DR), ring));
    SET(O_OUT_DA, words_of(GET(O_OUT_DR), ring));
}

static void draw_output(gen *g, weft_cmd *c, gen_region region)
{
    const gen_ring ring = gen_ring_in(g, region);
    SET(O_A_START, gen_pick(g, ring.top - ring.size, ring.top - 1));
    SET(O_ROW, gen_pick(g, 0, 3));
    SET(O_U_START, between(g, -20, 40));
    SET(O_ROW_BYTES, gen_pick(g, 0, ring.row_words * g->word_bytes));
    SET(O_BYTES, gen_pick(g, 1, g->shape->cols));
    SET(O_LAST, gen_pick(g, 1, g->shape->cols));
    SET(O_IN_DU, between(g, -20, 20));
    SET(O_OUT_DU, between(g, -20, 20));
    SET(O_BLK_U, between(g, -20, 20));
    SET(O_IN_DR, gen_once_in(g, 2) ? 0 : gen_pick(g, 0, 11));
    SET(O_OUT_DR, gen_pick(g, 0, 11));
    set_output_ring(c, &ring);
}

/* Operands that stay in the rows of their ring: they are not masked. */
static void draw_operand(gen *g, weft_cmd *c, gen_region region)
{
    const gen_ring ring = gen_ring_in(g, region);
    const uint32_t room = ring.row_words * g->word_bytes - g->shape->cols;
    const uint32_t du = room / (GET(O_INNER) + GET(BLOCKS));
    SET(X_PITCH, ring.pitch);
    SET(X_TOP, ring.top);
    SET(X_SIZE, ring.size);
    SET(X_A_START, gen_pick(g, ring.top - ring.size, ring.top - 1));
    SET(X_ROW, gen_pick(g, 0, 3));
    SET(X_U_START, gen_pick(g, 0, du));
    SET(X_IN_DU, gen_pick(g, 0, du));
    SET(X_BLK_U, gen_pick(g, 0, du));
    SET(X_OUT_DR, gen_pick(g, 0, 11));
    SET(X_OUT_DA, words_of(GET(X_OUT_DR), &ring));
}

/* Output over the operand, each byte by its own result: rows and bytes that never meet. */
static void draw_in_place(gen *g, weft_cmd *c, gen_region region)
{
    const gen_ring ring = { region.words / 2, region.base + region.words / 2, region.words / 2,
                            region.words - region.words / 2 };
    const uint32_t room = ring.pitch * g->word_bytes;
    const uint32_t each = smaller(g->shape->cols, room / (GET(O_INNER) * GET(BLOCKS)));
    if (each == 0 || GET(OUTER) > 4)
        return;
    SET(O_BYTES, each);
    SET(O_LAST, gen_pick(g, 1, each));
    SET(O_U_START, 0);
    SET(O_ROW_BYTES, gen_pick(g, 0, room));
    SET(O_IN_DU, each);
    SET(O_IN_DR, 0);
    SET(O_OUT_DU, 0);
    SET(O_OUT_DR, 1);
    SET(O_BLK_U, each * GET(O_INNER));
    SET(O_A_START, region.base);
    set_output_ring(c, &ring);
    SET(X_PITCH, ring.pitch);
    SET(X_TOP, ring.top);
    SET(X_SIZE, ring.size);
    SET(X_A_START, region.base);
    SET(X_ROW, GET(O_ROW));
    SET(X_U_START, 0);
    SET(X_IN_DU, each);
    SET(X_BLK_U, GET(O_BLK_U));
    SET(X_OUT_DR, 1);
    SET(X_OUT_DA, 0);
}

/* A factor 3 / 2^k or 1 / 2^k: exact halves, which every rounding treats in its own way, are as
 * frequent as they can be. */
static weft_requant draw_tie_maker(gen *g, uint32_t kind)
{
    weft_requant q = { 0 };
    const uint32_t three = gen_pick(g, 0, 1), k = gen_pick(g, 1, 9);
    if (kind == WEFT_KIND_TFLITE) {
        q.mult = 0x40000000u + (three << 29);
        q.shift = (int8_t)(1 - (int32_t)k);
    } else {
        q.mult = (127 - k) << 23 | three << 22;
    }
    return q;
}

/* Parameters of one column in the documented range of their kind. */
static weft_requant draw_requant(gen *g, uint32_t kind)
{
    weft_requant q = { 0 };
    const int wide = gen_once_in(g, 8);
    if (kind != WEFT_KIND_DIV && gen_once_in(g, 4))
        return draw_tie_maker(g, kind);
    if (kind == WEFT_KIND_TFLITE) {
        q.mult = gen_once_in(g, 16) ? 0 : 0x40000000u + (rng_u32(g->r) & 0x3fffffffu);
        q.shift = (int8_t)(wide ? between(g, -31, 30) : between(g, -14, -2));
    } else if (kind == WEFT_KIND_FLOAT) {
        q.mult = (wide ? gen_pick(g, 0, 254) : gen_pick(g, 112, 126)) << 23;
        q.mult |= rng_u32(g->r) & 0x7fffff;
        q.mult += q.mult == 0;
    } else if (weft_requant_from_divisor(gen_pick(g, 1, wide ? 65536 : 64), &q) != 0) {
        q = (weft_requant){ .mult = 1 };
    }
    return q;
}

/* A kind up to `most` that the device has. */
static uint32_t draw_kind(gen *g, uint32_t most)
{
    for (;;) {
        const uint32_t kind = gen_pick(g, 0, most), lacks = g->shape->lacks;
        if (!(kind == WEFT_KIND_TFLITE && lacks & WEFT_INFO_LACKS_TFLITE) &&
            !(kind == WEFT_KIND_FLOAT && lacks & WEFT_INFO_LACKS_FLOAT))
            return kind;
    }
}

static void draw_post(gen *g, weft_cmd *c)
{
    const int32_t a = between(g, -128, 127), b = between(g, -128, 127);
    const int turned = gen_once_in(g, 16);
    SET(KIND, draw_kind(g, 2));
    SET(ZP1, between(g, -128, 127));
    SET(LO1, (a < b) != turned ? a : b);
    SET(HI1, (a < b) != turned ? b : a);
    SET(LUT, gen_once_in(g, 4));
    if (gen_once_in(g, 2)) {
        SET(LO1, -128);
        SET(HI1, 127);
    }
    SET(ALU, gen_once_in(g, 2) ? 0 : gen_pick(g, 1, 4));
    SET(KIND2, draw_kind(g, 1));
    const weft_requant second = draw_requant(g, GET(KIND2));
    SET(MULT2, second.mult);
    SET(SHIFT2, second.shift);
    SET(ZP2, between(g, -128, 127));
    SET(LO2, -between(g, 0, 128));
    SET(HI2, gen_pick(g, 0, 127));
}

/* --- the weight stream --- */

static void put_rows(gen *g, uint32_t at, uint32_t column, uint32_t value, unsigned rows)
{
    for (unsigned i = 0; i < rows; i++)
        g->memory[at + i * g->stream_row_bytes + column] = (uint8_t)(value >> (8 * i));
}

static void put_header(gen *g, const weft_cmd *c, uint32_t at)
{
    for (uint32_t i = 0; i < g->shape->cols; i++) {
        const weft_requant q = draw_requant(g, GET(KIND));
        const uint32_t bias = rng_u32(g->r);
        const uint32_t bits = gen_once_in(g, 16) ? 0 : gen_once_in(g, 4) ? 24 : 16;
        put_rows(g, at, i, (uint32_t)((int32_t)bias >> bits), 4);
        put_rows(g, at + 4 * g->stream_row_bytes, i, q.mult, 4);
        put_rows(g, at + 8 * g->stream_row_bytes, i, (uint8_t)q.shift, 1);
        put_rows(g, at + 9 * g->stream_row_bytes, i, q.half, 3);
    }
}

/* Pairs: every word of the input lies in one feature word, as the contract wants it. */
static void draw_pairs(gen *g, weft_cmd *c)
{
    const int32_t w = (int32_t)g->word_bytes, seg = between(g, 1, 3);
    const uint32_t half = (g->shape->rows / GET(GROUPS) + 1) / 2;
    SET(PAIR, 2 * gen_pick(g, 0, 3) + 1);
    SET(CHAIN, gen_pick(g, 1, half));
    SET(INNER, (GET(O_INNER) - 1) * GET(PHASES) + GET(CHAIN));
    SET(U_START, between(g, -3, 2) * w + between(g, 0, w - (int32_t)g->shape->cols));
    SET(SEG, seg * w);
    SET(PASS_R, between(g, 0, seg) * w);
    SET(IN_DU, between(g, -2, 2) * w);
    SET(OUT_DU, between(g, -2, 2) * w);
    SET(TAP_DU, between(g, -2, 2) * w);
    SET(BLK_U, between(g, -2, 2) * w);
}

/* Depthwise weights in rows that hold no tap must be 0. */
static void clear_idle_rows(gen *g, const weft_cmd *c, uint32_t at)
{
    const uint32_t each = g->shape->rows / GET(GROUPS), half = GET(PAIR) ? (each + 1) / 2 : each;
    for (uint32_t l = 0; l < g->shape->rows; l++)
        if (l / each >= GET(GROUPS) || l % each % half >= GET(CHAIN))
            memset(g->memory + at + (g->shape->rows - 1 - l) * g->stream_row_bytes, 0,
                   g->stream_row_bytes);
}

uint32_t gen_stream_bytes(const gen *g, const weft_cmd *c)
{
    const uint32_t pass = GET(MODE) <= WEFT_MODE_DEPTHWISE ? g->shape->rows : 0;
    const uint32_t header = GET(RAW) ? 0 : WEFT_HEADER_ROWS;
    return GET(BLOCKS) * (header + GET(PASSES) * pass) * g->stream_row_bytes;
}

static void make_stream(gen *g, weft_cmd *c)
{
    const uint32_t pass = GET(MODE) <= WEFT_MODE_DEPTHWISE ? g->shape->rows : 0;
    const uint32_t header = GET(RAW) ? 0 : WEFT_HEADER_ROWS;
    const uint32_t bytes = gen_stream_bytes(g, c);
    if (bytes == 0) {
        SET(WEIGHTS, rng_u32(g->r));
        return;
    }
    uint32_t at = g->stored_stream_bytes ? g->stored_stream : gen_take_memory(g, bytes);
    SET(WEIGHTS, at);
    for (uint32_t n = 0; n < GET(BLOCKS); n++) {
        if (header)
            put_header(g, c, at);
        at += header * g->stream_row_bytes;
        for (uint32_t p = 0; p < GET(PASSES); p++, at += pass * g->stream_row_bytes)
            if (GET(MODE) == WEFT_MODE_DEPTHWISE)
                clear_idle_rows(g, c, at);
    }
}

weft_cmd gen_compute(gen *g, gen_region in, gen_region operand, gen_region out)
{
    weft_cmd cmd = { { 0 } }, *c = &cmd;
    const uint32_t mode = g->stored_stream_bytes ? WEFT_MODE_DENSE : gen_pick(g, 0, 3);
    SET(OPCODE, WEFT_CMD_COMPUTE);
    draw_loops(g, c, mode);
    if (g->stored_stream_bytes)
        fit_stored_stream(g, c);
    draw_segment(g, c, mode);
    SET(RAW, mode >= WEFT_MODE_MAX && gen_once_in(g, 2));
    draw_input(g, c, in);
    if (mode == WEFT_MODE_DEPTHWISE && gen_once_in(g, 2) &&
        !(g->shape->lacks & WEFT_INFO_LACKS_PAIR))
        draw_pairs(g, c);
    draw_output(g, c, out);
    draw_post(g, c);
    if (GET(ALU))
        draw_operand(g, c, operand);
    if (GET(ALU) && gen_once_in(g, 3))
        draw_in_place(g, c, out);
    SET(W_SYNC, g->stored_stream_bytes || gen_once_in(g, 4));
    make_stream(g, c);
    return cmd;
}
