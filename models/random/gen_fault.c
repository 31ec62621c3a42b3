/* Faults for random programs: a table of ways to break a command, each with the error it must give.
 *
 * A fault changes one field of a legal command so that exactly one rule is broken first in the
 * order of checks; the error follows from the table alone. */
#include "gen_cmds.h"

/* The value a field is given: a number, its own plus a number, one more than there are (HALF: cells
 * for the later words of pairs), just too many turns for the accumulators, another field plus a
 * number, or one below the ring of this TOP (SIZE is the field above it, or in the next word at bit
 * 0). */
typedef enum value {
    IS,
    PLUS,
    FB_PLUS_1,
    COLS_PLUS_1,
    ACC_PLUS_1,
    CHAIN_PLUS_1,
    HALF_PLUS_1,
    COPY,
    BELOW
} value;

typedef enum when {
    ALWAYS,
    BASE,
    STREAM,
    ALU,
    ARRAY,
    POOL,
    DENSE,
    DEPTHWISE,
    PAIRS,
    ROWS_2,
    FIRST,
    NO_PAIR, /* devices built without a part, and commands that did not need it */
    NO_TFLITE,
    NO_FLOAT,
    NO_FLOAT_2
} when;

typedef struct fault {
    uint32_t op;
    uint32_t word, lsb, width;
    value value;
    uint32_t number;
    when when;
    uint32_t error;
    uint32_t other_word, other_lsb, other_width;
} fault;

enum {
#define FIELD(op, name, word, lsb, width, kind, doc)                                               \
    op##_##name##_WORD = (word), op##_##name##_LSB = (lsb), op##_##name##_WIDTH = (width),
#include "rtl/isa/weft_isa.def"
    FAULT_END
};

#define RELATIVE(op, name, value, other, number, when, error)                                      \
    { WEFT_CMD_##op,                                                                               \
      op##_##name##_WORD,                                                                          \
      op##_##name##_LSB,                                                                           \
      op##_##name##_WIDTH,                                                                         \
      value,                                                                                       \
      number,                                                                                      \
      when,                                                                                        \
      WEFT_DEV_##error,                                                                            \
      op##_##other##_WORD,                                                                         \
      op##_##other##_LSB,                                                                          \
      op##_##other##_WIDTH },
#define FAULT(op, name, value, number, when, error)                                                \
    RELATIVE(op, name, value, OPCODE, number, when, error)

// clang-format off
static const fault faults[] = {
    FAULT(NOP, OPCODE, IS, 0x99, ALWAYS, BAD_OP)
    FAULT(LOAD, OPCODE, IS, 0x11, ALWAYS, BAD_OP)
    FAULT(LOAD, ROWS, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(LOAD, ROW_BYTES, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(LOAD, PITCH, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(LOAD, ADDR, PLUS, 1, ALWAYS, ALIGN)
    FAULT(LOAD, STRIDE, PLUS, 2, ALWAYS, ALIGN)
    FAULT(LOAD, ROW_BYTES, PLUS, 1, ALWAYS, ALIGN)
    FAULT(LOAD, U_START, PLUS, 2, ALWAYS, ALIGN)
    FAULT(LOAD, SIZE, IS, 0, ALWAYS, BUFFER)
    FAULT(LOAD, TOP, FB_PLUS_1, 0, ALWAYS, BUFFER)
    FAULT(LOAD, A_START, IS, 65535, ALWAYS, BUFFER)
    FAULT(LOAD, PITCH, IS, 65535, ALWAYS, BUFFER)
    FAULT(LOAD, ADDR, IS, 0xffffffe0u, ALWAYS, WINDOW)
    FAULT(LOAD, STRIDE, IS, 0xffffffe0u, ROWS_2, WINDOW)
    FAULT(LOAD, POP_STORE, IS, 1, FIRST, TOKEN)
    FAULT(LOAD, POP_COMPUTE, IS, 1, FIRST, TOKEN)
    FAULT(STORE, ROWS, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(STORE, ROW_BYTES, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(STORE, PITCH, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(STORE, ADDR, PLUS, 1, ALWAYS, ALIGN)
    FAULT(STORE, STRIDE, PLUS, 1, ALWAYS, ALIGN)
    FAULT(STORE, U_START, PLUS, 1, ALWAYS, ALIGN)
    FAULT(STORE, SIZE, IS, 65535, ALWAYS, BUFFER)
    FAULT(STORE, TOP, FB_PLUS_1, 0, ALWAYS, BUFFER)
    FAULT(STORE, A_START, IS, 0, ALWAYS, BUFFER)
    FAULT(STORE, ADDR, IS, 0xffffffe0u, ALWAYS, WINDOW)
    FAULT(STORE, STRIDE, IS, 0xffffffe0u, ROWS_2, WINDOW)
    FAULT(TABLE, ADDR, PLUS, 16, ALWAYS, ALIGN)
    FAULT(TABLE, ADDR, IS, 0xffffffe0u, ALWAYS, WINDOW)
    FAULT(COMPUTE, OPCODE, IS, 0x41, ALWAYS, BAD_OP)
    FAULT(COMPUTE, TAPS_X, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, SEG, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, CHAIN, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, CHAIN, IS, 2, POOL, BAD_FIELD)
    FAULT(COMPUTE, CHAIN, CHAIN_PLUS_1, 0, DEPTHWISE, BAD_FIELD)
    FAULT(COMPUTE, CHAIN, HALF_PLUS_1, 0, PAIRS, BAD_FIELD)
    FAULT(COMPUTE, PAIR, IS, 2, DEPTHWISE, BAD_FIELD)
    FAULT(COMPUTE, PAIR, IS, 1, DENSE, BAD_FIELD)
    FAULT(COMPUTE, PAIR, IS, 65535, POOL, BAD_FIELD)
    FAULT(COMPUTE, PAIR, IS, 1, NO_PAIR, BAD_FIELD)
    FAULT(COMPUTE, KIND, IS, WEFT_KIND_TFLITE, NO_TFLITE, BAD_FIELD)
    FAULT(COMPUTE, KIND, IS, WEFT_KIND_FLOAT, NO_FLOAT, BAD_FIELD)
    FAULT(COMPUTE, KIND2, IS, WEFT_KIND_FLOAT, NO_FLOAT_2, BAD_FIELD)
    FAULT(COMPUTE, PHASES, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, PHASES, IS, 2, POOL, BAD_FIELD)
    FAULT(COMPUTE, OUTER, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, PASSES, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, BLOCKS, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, O_INNER, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, INNER, PLUS, 1, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, PITCH, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, O_PITCH, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, X_PITCH, IS, 0, ALU, BAD_FIELD)
    FAULT(COMPUTE, O_BYTES, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, O_LAST, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, O_BYTES, COLS_PLUS_1, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, O_LAST, COLS_PLUS_1, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, KIND, IS, 3, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, ALU, IS, 5, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, GROUPS, IS, 0, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, GROUPS, IS, 5, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, GROUPS, IS, 4, ARRAY, BAD_FIELD)
    FAULT(COMPUTE, SPAN, IS, 1, POOL, BAD_FIELD)
    FAULT(COMPUTE, RAW, IS, 1, ARRAY, BAD_FIELD)
    FAULT(COMPUTE, PASS_R, IS, 0xfffff, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, WEIGHTS, PLUS, 16, STREAM, ALIGN)
    FAULT(COMPUTE, SIZE, IS, 65535, ALWAYS, BUFFER)
    FAULT(COMPUTE, TOP, FB_PLUS_1, 0, ALWAYS, BUFFER)
    FAULT(COMPUTE, A_START, IS, 65535, ALWAYS, BUFFER)
    FAULT(COMPUTE, PITCH, IS, 65535, ALWAYS, BUFFER)
    FAULT(COMPUTE, IN_DA, IS, 65535, ALWAYS, BUFFER)
    FAULT(COMPUTE, OUT_DA, IS, 65535, ALWAYS, BUFFER)
    FAULT(COMPUTE, ROW_DA, IS, 65535, ALWAYS, BUFFER)
    FAULT(COMPUTE, O_SIZE, IS, 0, ALWAYS, BUFFER)
    FAULT(COMPUTE, O_TOP, FB_PLUS_1, 0, ALWAYS, BUFFER)
    FAULT(COMPUTE, O_A_START, IS, 0, ALWAYS, BUFFER)
    FAULT(COMPUTE, O_PITCH, IS, 65535, ALWAYS, BUFFER)
    FAULT(COMPUTE, O_IN_DA, IS, 65535, ALWAYS, BUFFER)
    FAULT(COMPUTE, O_OUT_DA, IS, 65535, ALWAYS, BUFFER)
    FAULT(COMPUTE, X_SIZE, IS, 0, ALU, BUFFER)
    FAULT(COMPUTE, X_TOP, FB_PLUS_1, 0, ALU, BUFFER)
    FAULT(COMPUTE, X_A_START, IS, 0, ALU, BUFFER)
    FAULT(COMPUTE, X_PITCH, IS, 65535, ALU, BUFFER)
    FAULT(COMPUTE, X_OUT_DA, IS, 65535, ALU, BUFFER)
    FAULT(COMPUTE, OUTER, IS, 65535, ALWAYS, ACC)
    FAULT(COMPUTE, OUTER, ACC_PLUS_1, 0, ALWAYS, ACC)
    FAULT(COMPUTE, OUTER, ACC_PLUS_1, 0, ALWAYS, ACC)
    FAULT(LOAD, ADDR, IS, 0, BASE, WINDOW)
    FAULT(STORE, ADDR, IS, 0, BASE, WINDOW)
    FAULT(TABLE, ADDR, IS, 0, BASE, WINDOW)
    RELATIVE(LOAD, A_START, COPY, TOP, 0, ALWAYS, BUFFER)
    RELATIVE(LOAD, A_START, BELOW, TOP, 0, ALWAYS, BUFFER)
    RELATIVE(LOAD, PITCH, COPY, SIZE, 1, ALWAYS, BUFFER)
    RELATIVE(LOAD, SIZE, COPY, TOP, 1, ALWAYS, BUFFER)
    RELATIVE(STORE, A_START, COPY, TOP, 0, ALWAYS, BUFFER)
    RELATIVE(STORE, A_START, BELOW, TOP, 0, ALWAYS, BUFFER)
    RELATIVE(STORE, PITCH, COPY, SIZE, 1, ALWAYS, BUFFER)
    RELATIVE(STORE, SIZE, COPY, TOP, 1, ALWAYS, BUFFER)
    RELATIVE(COMPUTE, A_START, COPY, TOP, 0, ALWAYS, BUFFER)
    RELATIVE(COMPUTE, A_START, BELOW, TOP, 0, ALWAYS, BUFFER)
    RELATIVE(COMPUTE, PITCH, COPY, SIZE, 1, ALWAYS, BUFFER)
    RELATIVE(COMPUTE, IN_DA, COPY, SIZE, 0, ALWAYS, BUFFER)
    RELATIVE(COMPUTE, OUT_DA, COPY, SIZE, 0, ALWAYS, BUFFER)
    RELATIVE(COMPUTE, ROW_DA, COPY, SIZE, 0, ALWAYS, BUFFER)
    RELATIVE(COMPUTE, O_A_START, COPY, O_TOP, 0, ALWAYS, BUFFER)
    RELATIVE(COMPUTE, O_A_START, BELOW, O_TOP, 0, ALWAYS, BUFFER)
    RELATIVE(COMPUTE, O_PITCH, COPY, O_SIZE, 1, ALWAYS, BUFFER)
    RELATIVE(COMPUTE, O_IN_DA, COPY, O_SIZE, 0, ALWAYS, BUFFER)
    RELATIVE(COMPUTE, O_OUT_DA, COPY, O_SIZE, 0, ALWAYS, BUFFER)
    RELATIVE(COMPUTE, X_A_START, COPY, X_TOP, 0, ALU, BUFFER)
    RELATIVE(COMPUTE, X_A_START, BELOW, X_TOP, 0, ALU, BUFFER)
    RELATIVE(COMPUTE, X_PITCH, COPY, X_SIZE, 1, ALU, BUFFER)
    RELATIVE(COMPUTE, X_OUT_DA, COPY, X_SIZE, 0, ALU, BUFFER)
    RELATIVE(COMPUTE, PASS_R, COPY, SEG, 1, ALWAYS, BAD_FIELD)
    RELATIVE(COMPUTE, INNER, COPY, O_INNER, 100, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, INNER, PLUS, 65535, ALWAYS, BAD_FIELD)
    FAULT(COMPUTE, WEIGHTS, IS, 0xffffffe0u, STREAM, WINDOW)
    FAULT(COMPUTE, BLOCKS, IS, 65535, STREAM, WINDOW)
};
// clang-format on

/* One reserved bit in each command that has one: any bit of the word. */
static const struct {
    uint32_t op, word, bit;
} reserved[] = { { WEFT_CMD_NOP, 0, 8 },      { WEFT_CMD_NOP, 7, 31 },
                 { WEFT_CMD_LOAD, 0, 11 },    { WEFT_CMD_LOAD, 4, 31 },
                 { WEFT_CMD_LOAD, 6, 16 },    { WEFT_CMD_STORE, 0, 9 },
                 { WEFT_CMD_STORE, 7, 20 },   { WEFT_CMD_TABLE, 2, 0 },
                 { WEFT_CMD_TABLE, 0, 18 },   { WEFT_CMD_COMPUTE, 0, 14 },
                 { WEFT_CMD_COMPUTE, 8, 31 }, { WEFT_CMD_COMPUTE, 19, 22 },
                 { WEFT_CMD_COMPUTE, 39, 7 }, { WEFT_CMD_COMPUTE, 34, 16 } };

static int applies(const gen *g, const fault *f, const weft_cmd *c, uint32_t index)
{
    const int64_t mode = weft_COMPUTE_get_MODE(c);
    const uint32_t lacks = g->shape->lacks;
    if ((c->word[0] & 0xff) != f->op)
        return 0;
    switch (f->when) {
    case BASE: return g->program->win_base != 0;
    case STREAM: return mode <= WEFT_MODE_DEPTHWISE || !weft_COMPUTE_get_RAW(c);
    case ALU: return weft_COMPUTE_get_ALU(c) != WEFT_ALU_NONE;
    case ARRAY: return mode <= WEFT_MODE_DEPTHWISE;
    case POOL: return mode >= WEFT_MODE_MAX;
    case DENSE: return mode == WEFT_MODE_DENSE;
    case DEPTHWISE: return mode == WEFT_MODE_DEPTHWISE;
    case PAIRS: return weft_COMPUTE_get_PAIR(c) != 0;
    case ROWS_2: return (c->word[3] & 0xffff) >= 2; /* ROWS of LOAD and of STORE */
    case FIRST: return index == 0;
    case NO_PAIR:
        return lacks & WEFT_INFO_LACKS_PAIR && mode == WEFT_MODE_DEPTHWISE &&
               weft_COMPUTE_get_CHAIN(c) == 1;
    case NO_TFLITE: return lacks & WEFT_INFO_LACKS_TFLITE && !weft_COMPUTE_get_RAW(c);
    case NO_FLOAT: return lacks & WEFT_INFO_LACKS_FLOAT && !weft_COMPUTE_get_RAW(c);
    case NO_FLOAT_2: return lacks & WEFT_INFO_LACKS_FLOAT && weft_COMPUTE_get_ALU(c);
    default: return 1;
    }
}

static uint32_t size_beside(const weft_cmd *c, const fault *f)
{
    return f->other_lsb == 0 ? c->word[f->other_word] >> 16 : c->word[f->other_word + 1] & 0xffff;
}

static void apply(const gen *g, const fault *f, weft_cmd *c)
{
    const uint32_t groups = f->op == WEFT_CMD_COMPUTE ? (uint32_t)weft_COMPUTE_get_GROUPS(c) : 1;
    const uint32_t height = g->shape->rows / groups;
    const uint32_t other = weft_field_u(c->word[f->other_word], f->other_lsb, f->other_width);
    uint32_t v = f->number;
    switch (f->value) {
    case IS: break;
    case PLUS: v += weft_field_u(c->word[f->word], f->lsb, f->width); break;
    case FB_PLUS_1: v = g->shape->fb_words + 1; break;
    case COLS_PLUS_1: v = g->shape->cols + 1; break;
    case ACC_PLUS_1: v = g->shape->acc_depth / (uint32_t)weft_COMPUTE_get_O_INNER(c) + 1; break;
    case CHAIN_PLUS_1: v = height + 1; break;
    case HALF_PLUS_1: v = (height + 1) / 2 + 1; break;
    case COPY: v += other; break;
    case BELOW: v = other - size_beside(c, f) - 1; break;
    }
    weft_field_set(&c->word[f->word], f->lsb, f->width, v);
    /* INNER follows, or it would be wrong as well. */
    if (f->op == WEFT_CMD_COMPUTE &&
        (f->word == COMPUTE_CHAIN_WORD || f->word == COMPUTE_PHASES_WORD))
        weft_COMPUTE_set_INNER(c, (weft_COMPUTE_get_O_INNER(c) - 1) * weft_COMPUTE_get_PHASES(c) +
                                      weft_COMPUTE_get_CHAIN(c));
}

static void set_reserved(gen *g, gen_program *p)
{
    for (;;) {
        const uint32_t i = gen_pick(g, 0, p->prog_count - 1);
        const uint32_t k = gen_pick(g, 0, sizeof reserved / sizeof reserved[0] - 1);
        if ((p->cmd[i].word[0] & 0xff) != reserved[k].op)
            continue;
        p->cmd[i].word[reserved[k].word] |= 1u << reserved[k].bit;
        p->error = WEFT_DEV_BAD_FIELD;
        p->error_index = i;
        return;
    }
}

void gen_break(gen *g)
{
    gen_program *p = g->program;
    if (gen_once_in(g, 8)) {
        set_reserved(g, p);
        return;
    }
    for (;;) {
        const fault *f = &faults[gen_pick(g, 0, sizeof faults / sizeof faults[0] - 1)];
        const uint32_t i = f->when == FIRST ? 0 : gen_pick(g, 0, p->prog_count - 1);
        if (!applies(g, f, &p->cmd[i], i))
            continue;
        apply(g, f, &p->cmd[i]);
        p->error = f->error;
        p->error_index = i;
        return;
    }
}
