/* The checks of the reference device: what makes a command an error, in the contract's order.
 *
 * Every function says yes or no about one error code; sums are 64 bits wide, so nothing wraps. */
#include "ref_state.h"

#define LOAD(name)    weft_LOAD_get_##name(cmd)
#define STORE(name)   weft_STORE_get_##name(cmd)
#define TABLE(name)   weft_TABLE_get_##name(cmd)
#define COMPUTE(name) weft_COMPUTE_get_##name(cmd)

static uint32_t opcode_of(const weft_cmd *cmd)
{
    return cmd->word[0] & 0xff;
}

static int has_array(const weft_cmd *cmd)
{
    return COMPUTE(MODE) == WEFT_MODE_DENSE || COMPUTE(MODE) == WEFT_MODE_DEPTHWISE;
}

uint64_t ref_stream_bytes(const weft_ref_device *dev, const weft_cmd *cmd)
{
    if (opcode_of(cmd) == WEFT_CMD_TABLE)
        return (TABLE(BYTES) ? 256u : 0u) + (TABLE(OPERANDS) ? 2048u : 0u);
    uint64_t rows = COMPUTE(RAW) ? 0 : WEFT_HEADER_ROWS;
    if (has_array(cmd))
        rows += (uint64_t)COMPUTE(PASSES) * dev->hw.rows;
    return rows * (uint64_t)COMPUTE(BLOCKS) * dev->stream_row_bytes;
}

/* --- BAD_FIELD --- */

static int reserved_bit_set(const weft_cmd *cmd)
{
    const uint32_t opcode = opcode_of(cmd);
    uint32_t defined[WEFT_CMD_WORDS] = { 0 };
#define FIELD(op, name, w, lsb, width, kind, doc)                                                  \
    if (opcode == WEFT_CMD_##op)                                                                   \
        defined[w] |= (0xffffffffu >> (32 - (width))) << (lsb);
#include "rtl/isa/weft_isa.def"
    uint32_t reserved = 0;
    for (unsigned i = 0; i < weft_op_units(opcode) * WEFT_UNIT_WORDS; i++)
        reserved |= cmd->word[i] & ~defined[i];
    return reserved != 0;
}

static int compute_has_zero(const weft_cmd *cmd)
{
    return !COMPUTE(TAPS_X) || !COMPUTE(SEG) || !COMPUTE(CHAIN) || !COMPUTE(PHASES) ||
           !COMPUTE(OUTER) || !COMPUTE(PASSES) || !COMPUTE(BLOCKS) || !COMPUTE(O_INNER) ||
           !COMPUTE(PITCH) || !COMPUTE(O_PITCH) || !COMPUTE(O_BYTES) || !COMPUTE(O_LAST) ||
           (COMPUTE(ALU) && !COMPUTE(X_PITCH));
}

static int groups_wrong(const weft_ref_device *dev, const weft_cmd *cmd)
{
    const int64_t groups = COMPUTE(GROUPS);
    switch (COMPUTE(MODE)) {
    case WEFT_MODE_DENSE: return groups != 1;
    case WEFT_MODE_DEPTHWISE: return groups < 1 || groups > 3 || groups > dev->hw.rows;
    default: return groups < 1 || groups > WEFT_MAX_GROUPS;
    }
}

/* Cells of a chain; with pairs those of the later words. */
static int64_t chain_cells(const weft_ref_device *dev, const weft_cmd *cmd)
{
    const int64_t height = dev->hw.rows / COMPUTE(GROUPS);
    return COMPUTE(PAIR) ? (height + 1) / 2 : height;
}

/* 1 if the device was built without this kind of rounding. */
static int lacks_kind(const weft_ref_device *dev, int64_t kind)
{
    return (kind == WEFT_KIND_TFLITE && dev->hw.lacks & WEFT_INFO_LACKS_TFLITE) ||
           (kind == WEFT_KIND_FLOAT && dev->hw.lacks & WEFT_INFO_LACKS_FLOAT);
}

static int lacks_part(const weft_ref_device *dev, const weft_cmd *cmd)
{
    return (COMPUTE(PAIR) && dev->hw.lacks & WEFT_INFO_LACKS_PAIR) ||
           (!COMPUTE(RAW) && lacks_kind(dev, COMPUTE(KIND))) ||
           (COMPUTE(ALU) && lacks_kind(dev, COMPUTE(KIND2)));
}

static int compute_bad_field(const weft_ref_device *dev, const weft_cmd *cmd)
{
    if (compute_has_zero(cmd) || groups_wrong(dev, cmd) || lacks_part(dev, cmd))
        return 1;
    if (COMPUTE(O_BYTES) > dev->hw.cols || COMPUTE(O_LAST) > dev->hw.cols)
        return 1;
    if (COMPUTE(KIND) == 3 || COMPUTE(ALU) > WEFT_ALU_LAST || COMPUTE(PASS_R) > COMPUTE(SEG))
        return 1;
    if ((COMPUTE(SPAN) && COMPUTE(MODE) != WEFT_MODE_DENSE) || (COMPUTE(RAW) && has_array(cmd)))
        return 1;
    if (COMPUTE(MODE) != WEFT_MODE_DEPTHWISE) {
        if (COMPUTE(CHAIN) > 1 || COMPUTE(PHASES) > 1 || COMPUTE(PAIR))
            return 1;
    } else if (COMPUTE(CHAIN) > chain_cells(dev, cmd) ||
               (COMPUTE(PAIR) && COMPUTE(PAIR) % 2 == 0)) {
        return 1;
    }
    return COMPUTE(INNER) != (COMPUTE(O_INNER) - 1) * COMPUTE(PHASES) + COMPUTE(CHAIN);
}

static int bad_field(const weft_ref_device *dev, const weft_cmd *cmd)
{
    if (reserved_bit_set(cmd))
        return 1;
    switch (opcode_of(cmd)) {
    case WEFT_CMD_LOAD: return !LOAD(ROWS) || !LOAD(ROW_BYTES) || !LOAD(PITCH);
    case WEFT_CMD_STORE: return !STORE(ROWS) || !STORE(ROW_BYTES) || !STORE(PITCH);
    case WEFT_CMD_TABLE: return !TABLE(BYTES) && !TABLE(OPERANDS);
    case WEFT_CMD_COMPUTE: return compute_bad_field(dev, cmd);
    default: return 0;
    }
}

/* --- ALIGN, BUFFER, ACC, WINDOW --- */

static int misaligned(const weft_ref_device *dev, const weft_cmd *cmd)
{
    const int64_t m = dev->hw.mem_bytes;
    switch (opcode_of(cmd)) {
    case WEFT_CMD_LOAD:
        return LOAD(ADDR) % m || LOAD(STRIDE) % m || LOAD(ROW_BYTES) % m || LOAD(U_START) % m;
    case WEFT_CMD_STORE: return STORE(ADDR) % m || STORE(STRIDE) % m || STORE(U_START) % m;
    case WEFT_CMD_TABLE: return TABLE(ADDR) % 32 != 0;
    case WEFT_CMD_COMPUTE: return ref_stream_bytes(dev, cmd) && COMPUTE(WEIGHTS) % 32;
    default: return 0;
    }
}

static int ring_wrong(const weft_ref_device *dev, int64_t pitch, int64_t top, int64_t size,
                      int64_t a_start)
{
    return size < 1 || size > top || top > dev->hw.fb_words || pitch > size ||
           a_start < top - size || a_start >= top;
}

static int compute_rings_wrong(const weft_ref_device *dev, const weft_cmd *cmd)
{
    if (ring_wrong(dev, COMPUTE(PITCH), COMPUTE(TOP), COMPUTE(SIZE), COMPUTE(A_START)) ||
        COMPUTE(IN_DA) >= COMPUTE(SIZE) || COMPUTE(OUT_DA) >= COMPUTE(SIZE) ||
        COMPUTE(ROW_DA) >= COMPUTE(SIZE))
        return 1;
    if (ring_wrong(dev, COMPUTE(O_PITCH), COMPUTE(O_TOP), COMPUTE(O_SIZE), COMPUTE(O_A_START)) ||
        COMPUTE(O_IN_DA) >= COMPUTE(O_SIZE) || COMPUTE(O_OUT_DA) >= COMPUTE(O_SIZE))
        return 1;
    if (!COMPUTE(ALU))
        return 0;
    return ring_wrong(dev, COMPUTE(X_PITCH), COMPUTE(X_TOP), COMPUTE(X_SIZE), COMPUTE(X_A_START)) ||
           COMPUTE(X_OUT_DA) >= COMPUTE(X_SIZE);
}

static int rings_wrong(const weft_ref_device *dev, const weft_cmd *cmd)
{
    switch (opcode_of(cmd)) {
    case WEFT_CMD_LOAD: return ring_wrong(dev, LOAD(PITCH), LOAD(TOP), LOAD(SIZE), LOAD(A_START));
    case WEFT_CMD_STORE:
        return ring_wrong(dev, STORE(PITCH), STORE(TOP), STORE(SIZE), STORE(A_START));
    case WEFT_CMD_COMPUTE: return compute_rings_wrong(dev, cmd);
    default: return 0;
    }
}

static int leaves_window(const weft_ref_start *w, uint64_t addr, uint64_t bytes)
{
    return addr < w->win_base || addr + bytes > w->win_limit;
}

static int data_leaves_window(const weft_ref_device *dev, const weft_ref_start *w,
                              const weft_cmd *cmd)
{
    switch (opcode_of(cmd)) {
    case WEFT_CMD_LOAD:
        return leaves_window(w, (uint64_t)LOAD(ADDR),
                             (uint64_t)((LOAD(ROWS) - 1) * LOAD(STRIDE) + LOAD(ROW_BYTES)));
    case WEFT_CMD_STORE:
        return leaves_window(w, (uint64_t)STORE(ADDR),
                             (uint64_t)((STORE(ROWS) - 1) * STORE(STRIDE) + STORE(ROW_BYTES)));
    case WEFT_CMD_TABLE: return leaves_window(w, (uint64_t)TABLE(ADDR), ref_stream_bytes(dev, cmd));
    case WEFT_CMD_COMPUTE:
        return ref_stream_bytes(dev, cmd) &&
               leaves_window(w, (uint64_t)COMPUTE(WEIGHTS), ref_stream_bytes(dev, cmd));
    default: return 0;
    }
}

/* --- TOKEN --- */

enum { LOAD_COMPUTE, COMPUTE_LOAD, COMPUTE_STORE, STORE_COMPUTE, STORE_LOAD };

typedef struct token_use {
    int64_t pop[REF_TOKENS], push[REF_TOKENS];
} token_use;

static token_use tokens_of(const weft_cmd *cmd)
{
    token_use use = { { 0 }, { 0 } };
    switch (opcode_of(cmd)) {
    case WEFT_CMD_LOAD:
        use.pop[COMPUTE_LOAD] = LOAD(POP_COMPUTE);
        use.pop[STORE_LOAD] = LOAD(POP_STORE);
        use.push[LOAD_COMPUTE] = LOAD(PUSH_COMPUTE);
        break;
    case WEFT_CMD_STORE:
        use.pop[COMPUTE_STORE] = STORE(POP_COMPUTE);
        use.push[STORE_COMPUTE] = STORE(PUSH_COMPUTE);
        use.push[STORE_LOAD] = STORE(PUSH_LOAD);
        break;
    case WEFT_CMD_COMPUTE:
        use.pop[LOAD_COMPUTE] = COMPUTE(POP_LOAD);
        use.pop[STORE_COMPUTE] = COMPUTE(POP_STORE);
        use.push[COMPUTE_LOAD] = COMPUTE(PUSH_LOAD);
        use.push[COMPUTE_STORE] = COMPUTE(PUSH_STORE);
        break;
    default: break;
    }
    return use;
}

/* Take and give, or change nothing and say that a token is missing. */
static int token_missing(uint64_t *tokens, const weft_cmd *cmd)
{
    const token_use use = tokens_of(cmd);
    for (unsigned i = 0; i < REF_TOKENS; i++)
        if (use.pop[i] && !tokens[i])
            return 1;
    for (unsigned i = 0; i < REF_TOKENS; i++)
        tokens[i] += (uint64_t)use.push[i] - (uint64_t)use.pop[i];
    return 0;
}

uint32_t ref_check(const weft_ref_device *dev, ref_run *run, const weft_cmd *cmd)
{
    if (!weft_op_units(opcode_of(cmd)))
        return WEFT_DEV_BAD_OP;
    if (bad_field(dev, cmd))
        return WEFT_DEV_BAD_FIELD;
    if (misaligned(dev, cmd))
        return WEFT_DEV_ALIGN;
    if (rings_wrong(dev, cmd))
        return WEFT_DEV_BUFFER;
    if (opcode_of(cmd) == WEFT_CMD_COMPUTE && COMPUTE(OUTER) * COMPUTE(O_INNER) > dev->hw.acc_depth)
        return WEFT_DEV_ACC;
    if (data_leaves_window(dev, &run->start, cmd))
        return WEFT_DEV_WINDOW;
    if (token_missing(run->tokens, cmd))
        return WEFT_DEV_TOKEN;
    return WEFT_DEV_OK;
}

uint32_t weft_ref_device_judge(const weft_hw *hw, const weft_ref_start *start,
                               const uint8_t *commands, size_t bytes, uint32_t *index)
{
    const weft_ref_device dev = { .hw = *hw, .stream_row_bytes = ref_stream_row_bytes(hw) };
    ref_run run = { .start = *start };
    *index = 0;
    for (size_t at = 0; at < bytes; ++*index) {
        const unsigned units = weft_op_units(commands[at]);
        weft_cmd c = { { 0 } };
        weft_cmd_fetch(&c, units, commands + at);
        const uint32_t code = ref_check(&dev, &run, &c);
        if (code != WEFT_DEV_OK)
            return code;
        at += units * (size_t)WEFT_CMD_UNIT_BYTES;
    }
    return WEFT_DEV_OK;
}
