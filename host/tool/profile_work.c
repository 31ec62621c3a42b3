/* What a command does, from its fields, and what that needs; see profile.h. */
#include "profile.h"

enum { NO_MATTER = 65535 }; /* KROWS of a kernel whose rows fill its passes */

#define GET(field) ((uint64_t)weft_COMPUTE_get_##field(cmd))

const char *const profile_kind_names[PROFILE_KINDS] = { "dense", "depthwise", "maximum",
                                                        "sum",   "table",     "move" };

const char *const profile_stall_names[COUNT_IDLE - COUNT_FIRST_STALL + 1] = {
    "load", "store", "weights", "drain", "lanes", "operand", "idle"
};

static uint64_t stream_row_bytes(const weft_hw *hw)
{
    uint64_t bytes = 4;
    while (bytes < hw->cols)
        bytes *= 2;
    return bytes;
}

/* Taps along the chain of a depthwise command.  Of pairs an odd kernel leaves the last cell of the
 * earlier words without one: its weights are 0. */
static uint64_t chain_taps(const weft_program *prog, const weft_cmd *cmd)
{
    const uint64_t chain = GET(CHAIN), rows = prog->hw.rows, height = rows / GET(GROUPS);
    const uint64_t half = (height + 1) / 2, row = stream_row_bytes(&prog->hw);
    if (!GET(PAIR))
        return chain;
    if (half + chain > height)
        return 2 * chain - 1;
    const uint64_t last = half + chain - 1; /* that cell of the first group */
    const uint64_t at =
        GET(WEIGHTS) - prog->image_addr + (WEFT_HEADER_ROWS + rows - 1 - last) * row;
    for (uint64_t c = 0; c < prog->hw.cols; c++)
        if (at + c < prog->image_bytes && prog->image[at + c])
            return 2 * chain;
    return 2 * chain - 1;
}

static void count_compute(const weft_program *prog, const weft_cmd *cmd, profile_command *to)
{
    const weft_hw *hw = &prog->hw;
    static const uint8_t kinds[] = { [WEFT_MODE_DENSE] = KIND_DENSE,
                                     [WEFT_MODE_DEPTHWISE] = KIND_DEPTHWISE,
                                     [WEFT_MODE_MAX] = KIND_MAX,
                                     [WEFT_MODE_SUM] = KIND_SUM };
    const uint64_t passes = GET(PASSES), blocks = GET(BLOCKS), sums = GET(OUTER) * GET(O_INNER);
    const int array = GET(MODE) <= WEFT_MODE_DEPTHWISE;
    profile_work *w = &to->work;
    to->kind = kinds[GET(MODE)];
    w->vectors = blocks * passes * GET(INNER) * GET(OUTER);
    w->sums = blocks * sums * hw->cols;
    if (to->kind == KIND_DEPTHWISE) {
        const uint64_t rows = GET(KROWS) < NO_MATTER ? GET(KROWS) : GET(GROUPS) * passes;
        w->macs = ((blocks - 1) * GET(O_BYTES) + GET(O_LAST)) * sums * rows * chain_taps(prog, cmd);
    }
    w->weight_bytes = blocks * stream_row_bytes(hw) *
                      ((array ? passes * hw->rows : 0) + (GET(RAW) ? 0 : WEFT_HEADER_ROWS));
    w->buffer_bytes =
        w->vectors *
            (to->kind == KIND_DENSE ? hw->rows : GET(GROUPS) * hw->cols * (GET(PAIR) ? 2 : 1)) +
        w->sums * (GET(ALU) ? 2 : 1);
    w->accumulate_bytes = blocks * sums * hw->cols * 4 * (2 * passes - 1);
}

static void count_move(const weft_hw *hw, int64_t rows, int64_t row_bytes, uint64_t *bytes,
                       profile_work *w)
{
    const uint64_t port = hw->mem_bytes;
    *bytes = (uint64_t)rows * (((uint64_t)row_bytes + port - 1) / port) * port;
    w->buffer_bytes = *bytes;
}

void profile_count(const weft_program *prog, const weft_cmd *cmd, profile_command *to)
{
    const weft_hw *hw = &prog->hw;
    const uint32_t opcode = cmd->word[0] & 0xff;
    to->queue = opcode == WEFT_CMD_LOAD      ? QUEUE_LOAD
                : opcode == WEFT_CMD_STORE   ? QUEUE_STORE
                : opcode == WEFT_CMD_COMPUTE ? QUEUE_COMPUTE
                : opcode == WEFT_CMD_TABLE   ? QUEUE_COMPUTE
                                             : QUEUE_NONE;
    to->kind = opcode == WEFT_CMD_TABLE ? KIND_TABLE : KIND_MOVE;
    to->work.command_bytes = weft_op_units(opcode) * (uint64_t)WEFT_CMD_UNIT_BYTES;
    if (opcode == WEFT_CMD_COMPUTE)
        count_compute(prog, cmd, to);
    else if (opcode == WEFT_CMD_LOAD)
        count_move(hw, weft_LOAD_get_ROWS(cmd), weft_LOAD_get_ROW_BYTES(cmd), &to->work.read_bytes,
                   &to->work);
    else if (opcode == WEFT_CMD_STORE)
        count_move(hw, weft_STORE_get_ROWS(cmd), weft_STORE_get_ROW_BYTES(cmd),
                   &to->work.write_bytes, &to->work);
    else if (opcode == WEFT_CMD_TABLE)
        to->work.weight_bytes = WEFT_TABLE_ENTRIES * ((weft_TABLE_get_BYTES(cmd) ? 1u : 0u) +
                                                      (weft_TABLE_get_OPERANDS(cmd) ? 8u : 0u));
}

void profile_add(profile_work *to, const profile_work *more)
{
    to->vectors += more->vectors;
    to->sums += more->sums;
    to->macs += more->macs;
    to->read_bytes += more->read_bytes;
    to->write_bytes += more->write_bytes;
    to->weight_bytes += more->weight_bytes;
    to->command_bytes += more->command_bytes;
    to->buffer_bytes += more->buffer_bytes;
    to->accumulate_bytes += more->accumulate_bytes;
}

void profile_expect(const weft_program *prog, profile_layer *all)
{
    const uint8_t *at = prog->image + (prog->prog_addr - prog->image_addr);
    *all = (profile_layer){ .name = "all", .op = "", .macs = weft_program_macs(prog) };
    for (uint32_t i = 0; i < prog->prog_count; i++) {
        profile_command c = { 0 };
        weft_cmd cmd;
        const unsigned units = weft_op_units(at[0]);
        weft_cmd_fetch(&cmd, units, at);
        at += units * WEFT_CMD_UNIT_BYTES;
        profile_count(prog, &cmd, &c);
        profile_add(&all->work, &c.work);
    }
}

double profile_utilisation(const profile *p, uint64_t macs, uint64_t cycles)
{
    const weft_hw *hw = &p->program->hw;
    return cycles ? (double)macs / ((double)cycles * hw->rows * hw->cols) : 0.0;
}

uint64_t profile_bytes(const profile_work *w)
{
    return w->read_bytes + w->write_bytes + w->weight_bytes + w->command_bytes;
}

profile_roof profile_roofline(const profile *p, const profile_layer *l)
{
    const weft_hw *hw = &p->program->hw;
    const double bytes = (double)profile_bytes(&l->work);
    profile_roof r = { .array_cycles = (double)l->macs / ((double)hw->rows * hw->cols),
                       .memory_cycles = bytes / hw->mem_bytes,
                       .macs_per_byte = bytes > 0 ? (double)l->macs / bytes : 0 };
    r.memory_binds = r.memory_cycles > r.array_cycles;
    return r;
}

profile_energy profile_joule(const profile_layer *l)
{
    static const double MULTIPLY_8 = 0.2, ADD_32 = 0.1, MULTIPLY_32 = 3.1; /* pJ */
    static const double BYTE_8K = 10.0 / 8, BYTE_32K = 20.0 / 8, BYTE_DRAM = 1300.0 / 8;
    const profile_work *w = &l->work;
    profile_energy e = { .array = 1e-6 * (double)l->macs * (MULTIPLY_8 + ADD_32),
                         .requantise = 1e-6 * (double)w->sums * MULTIPLY_32,
                         .buffer = 1e-6 * (double)w->buffer_bytes * BYTE_32K,
                         .accumulator = 1e-6 * (double)w->accumulate_bytes * BYTE_8K,
                         .dram = 1e-6 * (double)profile_bytes(w) * BYTE_DRAM };
    e.all = e.array + e.requantise + e.buffer + e.accumulator + e.dram;
    return e;
}
