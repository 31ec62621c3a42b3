/* Programs on the reference device; see run_program.h. */
#include "run_program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/ref/device/ref_device.h"
#include "rtl/isa/weft_isa.h"
#include "run_steps.h"

int ref_runner_make(const weft_hw *hw, uint64_t seed, ref_runner *out)
{
    *out = (ref_runner){ .random = rng_make(seed) };
    int rc = weft_ref_device_new(hw, &out->dev);
    if (rc != WEFT_OK)
        return rc;
    uint8_t *memory = weft_ref_device_memory(out->dev);
    for (uint32_t i = 0; i < hw->mem_size; i++)
        memory[i] = (uint8_t)rng_u32(&out->random);
    return WEFT_OK;
}

void ref_runner_end(ref_runner *r)
{
    weft_ref_device_free(r->dev);
}

/* --- another order of the commands --- */

enum { LOADS, COMPUTES, STORES, KINDS };

typedef struct queued {
    const uint8_t *at;
    unsigned units;
} queued;

static int kind_of(const weft_cmd *c)
{
    switch (c->word[0] & 0xff) {
    case WEFT_CMD_LOAD: return LOADS;
    case WEFT_CMD_STORE: return STORES;
    default: return COMPUTES;
    }
}

typedef struct counters {
    int64_t token[KINDS][KINDS]; /* [from][to] */
} counters;

/* Take the tokens of the command and give its own, or 0 if it must wait. */
static int pass(counters *t, const weft_cmd *c)
{
    const uint32_t opcode = c->word[0] & 0xff;
    counters n = *t;
    if (opcode == WEFT_CMD_LOAD) {
        n.token[COMPUTES][LOADS] -= weft_LOAD_get_POP_COMPUTE(c);
        n.token[STORES][LOADS] -= weft_LOAD_get_POP_STORE(c);
        n.token[LOADS][COMPUTES] += weft_LOAD_get_PUSH_COMPUTE(c);
    } else if (opcode == WEFT_CMD_STORE) {
        n.token[COMPUTES][STORES] -= weft_STORE_get_POP_COMPUTE(c);
        n.token[STORES][COMPUTES] += weft_STORE_get_PUSH_COMPUTE(c);
        n.token[STORES][LOADS] += weft_STORE_get_PUSH_LOAD(c);
    } else if (opcode == WEFT_CMD_COMPUTE) {
        n.token[LOADS][COMPUTES] -= weft_COMPUTE_get_POP_LOAD(c);
        n.token[STORES][COMPUTES] -= weft_COMPUTE_get_POP_STORE(c);
        n.token[COMPUTES][LOADS] += weft_COMPUTE_get_PUSH_LOAD(c);
        n.token[COMPUTES][STORES] += weft_COMPUTE_get_PUSH_STORE(c);
    }
    for (int i = 0; i < KINDS; i++)
        for (int k = 0; k < KINDS; k++)
            if (n.token[i][k] < 0)
                return 0;
    *t = n;
    return 1;
}

/* The queue to try first, second, third. */
static void preference(ref_runner *r, int *order)
{
    static const int table[2][KINDS] = { { LOADS, COMPUTES, STORES }, { COMPUTES, LOADS, STORES } };
    memcpy(order, table[r->order == ORDER_STORES_LAST], sizeof table[0]);
    if (r->order != ORDER_RANDOM)
        return;
    for (int i = KINDS - 1; i > 0; i--) {
        int k = rng_range(&r->random, 0, i), other = order[i];
        order[i] = order[k];
        order[k] = other;
    }
}

static int interleave(ref_runner *r, queued *lists[KINDS], const size_t *count, uint8_t *to)
{
    counters tokens = { { { 0 } } };
    size_t done[KINDS] = { 0 };
    while (done[0] < count[0] || done[1] < count[1] || done[2] < count[2]) {
        int order[KINDS], moved = 0;
        preference(r, order);
        for (int i = 0; i < KINDS && !moved; i++) {
            const int q = order[i];
            weft_cmd c;
            if (done[q] == count[q])
                continue;
            const queued *next = &lists[q][done[q]];
            weft_cmd_fetch(&c, next->units, next->at);
            if (!pass(&tokens, &c))
                continue;
            memcpy(to, next->at, next->units * (size_t)WEFT_CMD_UNIT_BYTES);
            to += next->units * (size_t)WEFT_CMD_UNIT_BYTES;
            done[q]++;
            moved = 1;
        }
        if (!moved)
            return WEFT_ERR_DEVICE;
    }
    return WEFT_OK;
}

/* Rewrite the commands of a run at `at` in the runner's order. */
static int reorder(ref_runner *r, const weft_program *prog, const run_part *part, uint8_t *at)
{
    const size_t bytes = part->bytes;
    const uint8_t *from = prog->image + (part->addr - prog->image_addr);
    queued *lists[KINDS];
    size_t count[KINDS] = { 0 };
    int rc = WEFT_OK;
    for (int i = 0; i < KINDS; i++)
        lists[i] = calloc(part->count, sizeof **lists);
    for (size_t pos = 0; pos < bytes && lists[0] && lists[1] && lists[2];) {
        weft_cmd c;
        const unsigned units = weft_op_units(from[pos]);
        weft_cmd_fetch(&c, units, from + pos);
        int kind = kind_of(&c);
        lists[kind][count[kind]++] = (queued){ from + pos, units };
        pos += units * (size_t)WEFT_CMD_UNIT_BYTES;
    }
    if (lists[0] && lists[1] && lists[2])
        rc = interleave(r, lists, count, at);
    for (int i = 0; i < KINDS; i++)
        free(lists[i]);
    return rc;
}

/* --- WAIT --- */

enum { MOST_ROWS = 512 };

/* Rows of the buffer: bank, and the words of the slot. */
typedef struct row_set {
    unsigned count;
    struct {
        uint32_t bank, from, to;
    } row[MOST_ROWS];
} row_set;

/* A walk over rows of a ring that only goes forward. */
typedef struct walk {
    int64_t row;
    uint32_t word, pitch, top, size;
} walk;

static void add_row(row_set *s, walk *w, int64_t row)
{
    for (; w->row < row; w->row++) {
        w->word += (w->row & 3) == 3 ? w->pitch : 0;
        w->word -= w->word >= w->top ? w->size : 0;
    }
    if (s->count < MOST_ROWS) {
        s->row[s->count].bank = (uint32_t)row & 3;
        s->row[s->count].from = w->word;
        s->row[s->count++].to = w->word + w->pitch;
    }
}

#define GET(field) weft_COMPUTE_get_##field(c)
#define WALK(prefix, first)                                                                        \
    {                                                                                              \
        (first), (uint32_t)GET(prefix##A_START), (uint32_t)GET(prefix##PITCH),                     \
            (uint32_t)GET(prefix##TOP), (uint32_t)GET(prefix##SIZE)                                \
    }

/* Rows that a command reads for certain: those of the first kernel row. */
static void rows_read(const weft_cmd *c, row_set *s)
{
    walk w = WALK(, GET(R_START));
    const int64_t last =
        GET(R_START) + (GET(OUTER) - 1) * GET(OUT_DR) + (GET(INNER) - 1) * GET(IN_DR);
    const int64_t step = GET(IN_DR) ? GET(IN_DR) : GET(OUT_DR) ? GET(OUT_DR) : 1;
    s->count = 0;
    for (int64_t r = GET(R_START); r <= last && r < GET(ROWS); r += step)
        if (r >= 0)
            add_row(s, &w, r);
}

static void rows_of_operand(const weft_cmd *c, row_set *s)
{
    walk w = WALK(X_, GET(X_ROW));
    s->count = 0;
    for (int64_t o = 0; GET(ALU) && o < GET(OUTER); o++)
        add_row(s, &w, GET(X_ROW) + o * GET(X_OUT_DR));
}

static void rows_written(const weft_cmd *c, row_set *s)
{
    walk w = WALK(O_, GET(O_ROW));
    const int64_t last =
        GET(O_ROW) + (GET(OUTER) - 1) * GET(O_OUT_DR) + (GET(O_INNER) - 1) * GET(O_IN_DR);
    const int64_t step = GET(O_IN_DR) ? GET(O_IN_DR) : GET(O_OUT_DR) ? GET(O_OUT_DR) : 1;
    s->count = 0;
    for (int64_t r = GET(O_ROW); GET(O_ROW_BYTES) && r <= last; r += step)
        add_row(s, &w, r);
}

static int touch(const row_set *a, const row_set *b)
{
    for (unsigned i = 0; i < a->count; i++)
        for (unsigned k = 0; k < b->count; k++)
            if (a->row[i].bank == b->row[k].bank && a->row[i].from < b->row[k].to &&
                b->row[k].from < a->row[i].to)
                return 1;
    return 0;
}

int program_waits(const weft_program *prog, weft_error *err)
{
    const uint8_t *at = prog->image + (prog->prog_addr - prog->image_addr);
    row_set written = { .count = 0 }, read, operand; /* written: by the command before */
    int good = 1;
    for (uint32_t i = 0; i < prog->prog_count && good; i++) {
        weft_cmd c;
        const unsigned units = weft_op_units(at[0]);
        weft_cmd_fetch(&c, units, at);
        at += units * (size_t)WEFT_CMD_UNIT_BYTES;
        if ((c.word[0] & 0xff) == WEFT_CMD_TABLE || is_cut(prog, i))
            written.count = 0;
        if ((c.word[0] & 0xff) != WEFT_CMD_COMPUTE)
            continue;
        rows_read(&c, &read);
        rows_of_operand(&c, &operand);
        good = weft_COMPUTE_get_WAIT(&c) || (!touch(&written, &read) && !touch(&written, &operand));
        if (!good)
            weft_error_set(err, WEFT_ERR_DEVICE, "command %" PRIu32 " races with the one before it",
                           i);
        rows_written(&c, &written);
    }
    return good;
}

/* --- a run --- */

static int read_rows(void *self, const weft_rows *r, int8_t *tensor, weft_error *err)
{
    const uint8_t *memory = weft_ref_device_memory(((ref_runner *)self)->dev);
    for (uint32_t i = 0; i < r->rows; i++)
        memcpy(tensor + (size_t)i * r->row_bytes, memory + r->addr + (size_t)i * r->pitch_bytes,
               r->row_bytes);
    (void)err;
    return WEFT_OK;
}

static int write_rows(void *self, const weft_rows *r, const int8_t *tensor, weft_error *err)
{
    uint8_t *memory = weft_ref_device_memory(((ref_runner *)self)->dev);
    for (uint32_t i = 0; i < r->rows; i++)
        memcpy(memory + r->addr + (size_t)i * r->pitch_bytes, tensor + (size_t)i * r->row_bytes,
               r->row_bytes);
    (void)err;
    return WEFT_OK;
}

/* Every run finds another buffer than the one before left. */
static int run_part_of(void *self, const weft_program *prog, const run_part *part, weft_error *err)
{
    ref_runner *r = self;
    uint8_t *memory = weft_ref_device_memory(r->dev);
    if (r->order != ORDER_PROGRAM && reorder(r, prog, part, memory + part->addr) != WEFT_OK)
        return weft_error_set(err, WEFT_ERR_DEVICE, "the tokens block every queue");
    weft_ref_device_forget(r->dev);
    const weft_ref_start start = { .prog_addr = part->addr,
                                   .prog_count = part->count,
                                   .win_base = prog->win_base,
                                   .win_limit = prog->win_limit };
    const weft_ref_result end = weft_ref_device_run(r->dev, &start);
    r->issued += end.issued;
    if (end.error)
        return weft_error_set(err, WEFT_ERR_DEVICE, "device error %" PRIu32 " at command %" PRIu32,
                              end.error, part->first + end.error_index);
    return WEFT_OK;
}

static weft_rows rows_of(const weft_program_port *p)
{
    return (weft_rows){ p->addr, p->rows, p->row_bytes, p->pitch_bytes };
}

static int run(void *self, const weft_program *prog, const int8_t *const *in, int8_t *const *out,
               weft_error *err)
{
    ref_runner *r = self;
    const step_device device = { r, read_rows, write_rows, run_part_of };
    memcpy(weft_ref_device_memory(r->dev) + prog->image_addr, prog->image, prog->image_bytes);
    for (uint32_t i = 0; i < prog->input_count; i++) {
        const weft_rows rows = rows_of(&prog->inputs[i]);
        (void)write_rows(r, &rows, in[i], err);
    }
    r->issued = 0;
    const int rc = run_parts(&device, prog, err);
    for (uint32_t i = 0; i < prog->output_count && rc == WEFT_OK; i++) {
        const weft_rows rows = rows_of(&prog->outputs[i]);
        (void)read_rows(r, &rows, out[i], err);
    }
    return rc;
}

program_runner ref_runner_door(ref_runner *r)
{
    return (program_runner){ run, r };
}
