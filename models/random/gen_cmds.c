/* Random programs: stages of loads, computes and stores, and the tokens between them.
 *
 * Stage s loads into frame s mod K of the feature buffer and computes into frame s mod J of another
 * set.  Each stage gives one token of each kind at its end and, from stage K (J, D) on, takes one
 * at its start: so the n-th taken is the n-th given, and what a stage overwrites has been left by
 * stage s - K (s - J), and what it reads back from memory was stored by stage s - D or before. */
#include "gen_cmds.h"

enum { MAX_STAGES = 8, FRAME_PARTS = 3 };

typedef struct plan {
    unsigned stages, in_frames, out_frames, store_delay; /* K, J, D; store_delay 0: not used */
    uint32_t frame_words, first_word;
    struct {
        uint32_t at, bytes; /* where the stores of a stage went */
        uint32_t stream;    /* room for the header of a weight stream, then what was stored */
    } stored[MAX_STAGES];
} plan;

static void append(gen *g, const weft_cmd *cmd)
{
    gen_program *p = g->program;
    if (p->prog_count < GEN_MAX_COMMANDS)
        p->cmd[p->prog_count++] = *cmd;
}

static void append_nops(gen *g)
{
    const weft_cmd nop = { { WEFT_CMD_NOP } };
    if (gen_once_in(g, 12))
        append(g, &nop);
}

/* --- LOAD, STORE, TABLE --- */

static weft_cmd load_from(gen *g, uint32_t at, uint32_t bytes, gen_region region)
{
    const uint32_t m = g->shape->mem_bytes;
    const gen_ring ring = gen_ring_in(g, region);
    const uint32_t row_beats = ring.row_words * g->word_bytes / m;
    const uint32_t skip = gen_pick(g, 0, row_beats - 1);
    const uint32_t limit = row_beats - skip < bytes / m ? row_beats - skip : bytes / m;
    const uint32_t length = m * gen_pick(g, 1, limit), spare = (bytes - length) / m;
    const uint32_t rows = gen_pick(g, 1, 14);
    const uint32_t stride = rows > 1 ? gen_pick(g, 0, spare / (rows - 1)) : gen_pick(g, 0, 100);
    weft_cmd cmd = { { 0 } }, *c = &cmd;
    weft_LOAD_set_OPCODE(c, WEFT_CMD_LOAD);
    weft_LOAD_set_ROW(c, gen_pick(g, 0, 3));
    weft_LOAD_set_ADDR(c, at + m * gen_pick(g, 0, rows > 1 ? spare - stride * (rows - 1) : spare));
    weft_LOAD_set_STRIDE(c, m * stride);
    weft_LOAD_set_ROWS(c, rows);
    weft_LOAD_set_A_START(c, gen_pick(g, ring.top - ring.size, ring.top - 1));
    weft_LOAD_set_ROW_BYTES(c, length);
    weft_LOAD_set_PITCH(c, ring.pitch);
    weft_LOAD_set_TOP(c, ring.top);
    weft_LOAD_set_SIZE(c, ring.size);
    weft_LOAD_set_U_START(c, skip * m);
    return cmd;
}

/* Everything in the buffer gets a value. */
static void load_buffer(gen *g)
{
    const uint32_t m = g->shape->mem_bytes, words = 16;
    const uint32_t rows = 4 * g->shape->fb_words / words;
    weft_cmd cmd = { { 0 } }, *c = &cmd;
    weft_LOAD_set_OPCODE(c, WEFT_CMD_LOAD);
    weft_LOAD_set_ADDR(c, gen_take_memory(g, words * g->word_bytes + (rows - 1) * m));
    weft_LOAD_set_STRIDE(c, m);
    weft_LOAD_set_ROWS(c, rows);
    weft_LOAD_set_ROW_BYTES(c, words * g->word_bytes);
    weft_LOAD_set_PITCH(c, words);
    weft_LOAD_set_TOP(c, g->shape->fb_words);
    weft_LOAD_set_SIZE(c, g->shape->fb_words);
    append(g, c);
}

static weft_cmd store_to(gen *g, uint32_t *at, gen_region region)
{
    const uint32_t m = g->shape->mem_bytes;
    const gen_ring ring = gen_ring_in(g, region);
    const uint32_t row_beats = ring.row_words * g->word_bytes / m;
    const uint32_t skip = gen_pick(g, 0, row_beats - 1);
    const uint32_t length = gen_pick(g, 1, m * (row_beats - skip));
    const uint32_t rows = gen_pick(g, 1, 10);
    const uint32_t stride =
        m * ((length + m - 1) / m + (gen_once_in(g, 2) ? 0 : gen_pick(g, 0, 3)));
    weft_cmd cmd = { { 0 } }, *c = &cmd;
    *at = gen_take_memory(g, stride * rows);
    weft_STORE_set_OPCODE(c, WEFT_CMD_STORE);
    weft_STORE_set_ROW(c, gen_pick(g, 0, 3));
    weft_STORE_set_ADDR(c, *at);
    weft_STORE_set_STRIDE(c, stride);
    weft_STORE_set_ROWS(c, rows);
    weft_STORE_set_A_START(c, gen_pick(g, ring.top - ring.size, ring.top - 1));
    weft_STORE_set_ROW_BYTES(c, length);
    weft_STORE_set_PITCH(c, ring.pitch);
    weft_STORE_set_TOP(c, ring.top);
    weft_STORE_set_SIZE(c, ring.size);
    weft_STORE_set_U_START(c, skip * m);
    return cmd;
}

static void append_table(gen *g, uint32_t which)
{
    weft_cmd cmd = { { 0 } }, *c = &cmd;
    weft_TABLE_set_OPCODE(c, WEFT_CMD_TABLE);
    weft_TABLE_set_BYTES(c, which & 1);
    weft_TABLE_set_OPERANDS(c, which >> 1);
    weft_TABLE_set_ADDR(c, gen_take_memory(g, (which & 1 ? 256 : 0) + (which & 2 ? 2048 : 0)));
    append(g, c);
}

/* --- stages --- */

static gen_region part_of(const plan *p, unsigned frame, unsigned part)
{
    const uint32_t words = p->frame_words / FRAME_PARTS;
    return (gen_region){ p->first_word + frame * p->frame_words + part * words, words };
}

static void loads_of(gen *g, plan *p, unsigned s)
{
    const unsigned count = gen_pick(g, 1, 3);
    const int pop_store = p->store_delay && s >= p->store_delay;
    for (unsigned i = 0; i < count; i++) {
        uint32_t bytes = gen_pick(g, 1, 64) * 32, at;
        if (pop_store && gen_once_in(g, 2)) {
            const unsigned from =
                i + 1 < count ? s - p->store_delay : gen_pick(g, 0, s - p->store_delay);
            at = p->stored[from].at;
            bytes = p->stored[from].bytes;
        } else {
            at = gen_take_memory(g, bytes);
        }
        weft_cmd c = load_from(g, at, bytes, part_of(p, s % p->in_frames, i % FRAME_PARTS));
        weft_LOAD_set_POP_COMPUTE(&c, i == 0 && s >= p->in_frames);
        weft_LOAD_set_POP_STORE(&c, i == 0 && pop_store);
        weft_LOAD_set_PUSH_COMPUTE(&c, i + 1 == count);
        append(g, &c);
        append_nops(g);
    }
}

/* The first command of a stage that waits for stores may take what they wrote as weights, which
 * W_SYNC keeps from being read too early. */
static void choose_stream(gen *g, const plan *p, unsigned s, unsigned i)
{
    g->stored_stream_bytes = 0;
    if (i > 0 || !p->store_delay || s < p->store_delay || gen_once_in(g, 2))
        return;
    const unsigned from = s - p->store_delay;
    const uint32_t bytes = p->stored[from].at + p->stored[from].bytes - p->stored[from].stream;
    if (bytes < (WEFT_HEADER_ROWS + g->shape->rows) * g->stream_row_bytes)
        return;
    g->stored_stream = p->stored[from].stream;
    g->stored_stream_bytes = bytes;
}

/* A command may read what any before it has written, of the one directly before only with WAIT; and
 * write over what that one reads.  Command i writes part i mod 3, so the part after its own is the
 * one that command i - 2 wrote. */
static void computes_of(gen *g, const plan *p, unsigned s)
{
    const unsigned count = gen_pick(g, 1, 6), in = s % p->in_frames;
    const unsigned out = p->in_frames + s % p->out_frames;
    for (unsigned i = 0; i < count; i++) {
        const int wait = i > 0 && gen_once_in(g, 2);
        const unsigned before = wait && !gen_once_in(g, 4) ? 2 : 1;
        const gen_region mine = part_of(p, out, i % FRAME_PARTS);
        const gen_region other = part_of(p, out, (i + before) % FRAME_PARTS);
        const int written = i >= FRAME_PARTS - before;
        const gen_region from =
            written && gen_once_in(g, 2) ? other : part_of(p, in, gen_pick(g, 0, 1));
        const gen_region x =
            written && gen_once_in(g, 2) ? other : part_of(p, in, gen_pick(g, 0, 1));
        choose_stream(g, p, s, i);
        weft_cmd c = gen_compute(g, from, x, mine);
        weft_COMPUTE_set_WAIT(&c, wait);
        weft_COMPUTE_set_POP_LOAD(&c, i == 0);
        weft_COMPUTE_set_POP_STORE(&c, i == 0 && s >= p->out_frames);
        weft_COMPUTE_set_PUSH_LOAD(&c, i + 1 == count);
        weft_COMPUTE_set_PUSH_STORE(&c, i + 1 == count);
        append(g, &c);
        append_nops(g);
        if (gen_once_in(g, 8))
            append_table(g, gen_pick(g, 1, 3));
    }
}

static void stores_of(gen *g, plan *p, unsigned s)
{
    const unsigned count = gen_pick(g, 1, 3), out = p->in_frames + s % p->out_frames;
    p->stored[s].stream = gen_take_memory(g, WEFT_HEADER_ROWS * g->stream_row_bytes);
    p->stored[s].at = g->used;
    for (unsigned i = 0; i < count; i++) {
        uint32_t at;
        weft_cmd c = store_to(g, &at, part_of(p, out, gen_pick(g, 0, 1)));
        weft_STORE_set_POP_COMPUTE(&c, i == 0);
        weft_STORE_set_PUSH_COMPUTE(&c, i + 1 == count);
        weft_STORE_set_PUSH_LOAD(&c, i + 1 == count && p->store_delay);
        append(g, &c);
        append_nops(g);
    }
    p->stored[s].bytes = g->used - p->stored[s].at;
}

static plan draw_plan(gen *g, unsigned stages)
{
    plan p = { .stages = stages };
    p.in_frames = gen_pick(g, 1, 3);
    p.out_frames = gen_pick(g, 1, 3);
    p.store_delay = gen_once_in(g, 2) ? gen_pick(g, 1, 3) : 0;
    p.first_word = 2;
    uint32_t words = g->shape->fb_words < 256 ? g->shape->fb_words : 256;
    p.frame_words = (words - p.first_word) / (p.in_frames + p.out_frames) / 2 * 2;
    /* All the way up to the end of the bank. */
    p.first_word = g->shape->fb_words - p.frame_words * (p.in_frames + p.out_frames);
    return p;
}

static void append_stages(gen *g, plan *p)
{
    unsigned loaded = 0;
    for (unsigned s = 0; s < p->stages; s++) {
        /* Loads that wait for the stores of the stage before cannot come before those. */
        const int early = p->in_frames > 1 && p->store_delay != 1;
        const unsigned ahead = early && gen_once_in(g, 2) ? 2 : 1;
        for (; loaded < s + ahead && loaded < p->stages; loaded++)
            loads_of(g, p, loaded);
        computes_of(g, p, s);
        stores_of(g, p, s);
    }
}

/* First byte after the data of a command; 0 without data. */
static uint32_t data_end(const gen *g, const weft_cmd *c)
{
    const uint32_t last = (c->word[3] & 0xffff) - 1; /* ROWS, STRIDE, ROW_BYTES of LOAD and STORE */
    switch (c->word[0] & 0xff) {
    case WEFT_CMD_LOAD:
    case WEFT_CMD_STORE: return c->word[1] + last * c->word[2] + c->word[4];
    case WEFT_CMD_TABLE:
        return (uint32_t)(weft_TABLE_get_ADDR(c) + 256 * weft_TABLE_get_BYTES(c) +
                          2048 * weft_TABLE_get_OPERANDS(c));
    case WEFT_CMD_COMPUTE: return gen_stream_bytes(g, c) ? c->word[1] + gen_stream_bytes(g, c) : 0;
    default: return 0;
    }
}

static void write_program(gen *g, uint32_t at)
{
    gen_program *p = g->program;
    p->prog_addr = at;
    for (uint32_t i = 0; i < p->prog_count; i++) {
        const unsigned units = weft_op_units(p->cmd[i].word[0] & 0xff);
        const uint32_t bytes = (units ? units : 1) * WEFT_CMD_UNIT_BYTES;
        if (at + bytes <= g->shape->mem_size)
            weft_cmd_store(&p->cmd[i], units ? units : 1, g->memory + at);
        at += bytes;
    }
    p->prog_bytes = at - p->prog_addr;
}

/* The program behind its data; the window ends with it or somewhere after it. */
static void place_last(gen *g)
{
    write_program(g, g->used);
    g->used += g->program->prog_bytes;
    g->program->win_limit = gen_once_in(g, 2) ? g->used : (uint32_t)g->shape->mem_size;
}

/* The program before its data; the window ends with the last byte of data, or cuts it off. */
static void place_first(gen *g, uint32_t at, int cut)
{
    gen_program *p = g->program;
    write_program(g, at);
    for (uint32_t i = 0; i < p->prog_count; i++) {
        const uint32_t end = data_end(g, &p->cmd[i]);
        if (end <= p->win_limit)
            continue;
        p->win_limit = end;
        if (cut)
            p->error_index = i;
    }
    if (cut) {
        p->win_limit--;
        p->error = WEFT_DEV_WINDOW;
    }
}

static uint32_t power_above(uint32_t v)
{
    uint32_t power = 4;
    while (power < v)
        power *= 2;
    return power;
}

int gen_make(rng *r, const weft_hw *shape, unsigned stages, int fault, uint8_t *memory,
             gen_program *out)
{
    const uint32_t cells = shape->rows > shape->cols ? shape->rows : shape->cols;
    gen g = { .r = r,
              .shape = shape,
              .word_bytes = power_above(cells > shape->mem_bytes ? cells : shape->mem_bytes),
              .stream_row_bytes = power_above(shape->cols),
              .memory = memory,
              .program = out };
    for (uint64_t i = 0; i + 8 <= shape->mem_size; i += 8) {
        const uint64_t v = rng_u64(r);
        memcpy(memory + i, &v, sizeof v);
    }
    if (shape->mem_size < GEN_MEM_SIZE || shape->mem_size >= GEN_NO_ROOM || stages < 1 ||
        stages > MAX_STAGES)
        return -1;
    memset(out, 0, sizeof *out);
    out->win_base = g.used = 32 * gen_pick(&g, 0, 4);
    const int first = gen_once_in(&g, 2), cut = fault && first && gen_once_in(&g, 4);
    const uint32_t reserved = g.used;
    if (first)
        gen_take_memory(&g, GEN_MAX_COMMANDS * WEFT_CMD_MAX_UNITS * WEFT_CMD_UNIT_BYTES);
    plan p = draw_plan(&g, stages);
    load_buffer(&g);
    append_table(&g, 3);
    append_stages(&g, &p);
    if (first)
        place_first(&g, reserved, cut);
    if (fault && !cut)
        gen_break(&g);
    if (first)
        write_program(&g, reserved);
    else
        place_last(&g);
    return g.used <= shape->mem_size ? 0 : -1;
}
