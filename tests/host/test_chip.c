/* The whole chip after everything that can go wrong, at every array shape: each error code of the
 * contract, an abort, garbage on the link, a link that loses, damages, doubles, delays and replays frames in both
 * directions; then RESET, and the next job has to be right.
 *
 * Codes that follow from a command come from the random programs with a fault, which say what they
 * must give; BUS from a byte the memory refuses; ABORTED from the host.  The right job is a random
 * program whose memory must end up as the reference device's.  SEED= as everywhere. */
#include <stdlib.h>
#include <string.h>

#include "bad_wire.h"
#include "host/transport/packet.h"
#include "host/transport/transport_link.h"
#include "models/random/gen_cmds.h"
#include "models/ref/device/ref_device.h"
#include "rtl/isa/weft_isa.h"
#include "sim/weft_sim.h"
#include "tests/test.h"

enum {
    CODES = WEFT_DEV_ABORTED + 1,
    BAD_BYTE = 2 << 20, /* behind everything a program uses */
    MOST_FAULTS = 600,
    CYCLES_PER_US = 100,
    OUT_BYTES = 1 << 19,
    IN_BYTES = 1 << 19,
    WIRE_ROUNDS = 12,
    BLOCK_BYTES = 3072,
    GARBAGE_BYTES = 3000
};

#define MODEL(shape) extern const weft_sim_model weft_sim_model_##shape
MODEL(16x16);
MODEL(8x8);
MODEL(12x8);
MODEL(4x4);
#undef MODEL

typedef struct chip {
    weft_wire base;
    test *t;
    const weft_sim_model *model;
    weft_sim *sim;
    weft_mem *mem;
    weft_transport *link;
    weft_ref_device *ref;
    rng r;
    uint32_t jobs;
    bad_wire up, down; /* to the chip and from it */
    size_t out_count, in_count;
    uint8_t out[OUT_BYTES]; /* bytes on their way to the chip */
    uint8_t in[IN_BYTES];   /* bytes from the chip not yet asked for */
    uint8_t copy[GEN_MEM_SIZE];
} chip;

/* --- the wire -----------------------------------------------------------------------------------
 */

static void to_chip(void *to, const uint8_t *bytes, size_t count)
{
    chip *c = to;
    if (c->out_count + count > OUT_BYTES)
        exit(1);
    memcpy(c->out + c->out_count, bytes, count);
    c->out_count += count;
}

static void from_chip(void *to, const uint8_t *bytes, size_t count)
{
    chip *c = to;
    if (c->in_count + count > IN_BYTES)
        exit(1);
    memcpy(c->in + c->in_count, bytes, count);
    c->in_count += count;
}

/* Simulate; what the chip sends meanwhile waits in c->in, so that it never has to hold back. */
static int simulate(chip *c, uint64_t cycles, weft_error *err)
{
    uint8_t got[WEFT_FRAME_MAX_BYTES];
    weft_sim_io io = { .send = c->out,
                       .send_left = c->out_count,
                       .recv = got,
                       .recv_room = sizeof got,
                       .until_received = 1 };
    const int rc = c->model->run(c->sim, &io, cycles);
    memmove(c->out, io.send, io.send_left);
    c->out_count = io.send_left;
    bad_send(&c->down, got, io.recv_got);
    return rc ? weft_error_set(err, WEFT_ERR_NO_DEVICE, "%s", c->model->failure(c->sim)) : WEFT_OK;
}

static int wire_send(weft_wire *w, const uint8_t *bytes, size_t count, size_t *taken,
                     weft_error *err)
{
    chip *c = (chip *)(void *)w;
    (void)err;
    *taken = c->out_count < OUT_BYTES / 8 ? count : 0;
    bad_send(&c->up, bytes, *taken);
    return WEFT_OK;
}

static int wire_receive(weft_wire *w, uint8_t *bytes, size_t room, uint32_t timeout_us, size_t *got,
                        weft_error *err)
{
    chip *c = (chip *)(void *)w;
    const uint64_t until = c->model->cycles(c->sim) + (uint64_t)timeout_us * CYCLES_PER_US;
    int rc = WEFT_OK;
    while (rc == WEFT_OK && !c->in_count && c->model->cycles(c->sim) < until)
        rc = simulate(c, until - c->model->cycles(c->sim), err);
    *got = c->in_count < room ? c->in_count : room;
    memcpy(bytes, c->in, *got);
    c->in_count -= *got;
    memmove(c->in, c->in + *got, c->in_count);
    return rc;
}

static uint64_t wire_now(weft_wire *w)
{
    const chip *c = (const chip *)(const void *)w;
    return c->model->cycles(c->sim) / CYCLES_PER_US;
}

static void wire_close(weft_wire *w)
{
    (void)w;
}

static uint32_t reg(const chip *c, uint32_t offset)
{
    uint32_t value = 0;
    CHECK(c->t, c->link->ops->reg_read(c->link, offset, &value, NULL) == WEFT_OK,
          "%s: register 0x%x", c->model->shape, offset);
    return value;
}

static int open_chip(chip *c, weft_error *err)
{
    static const weft_wire_ops ops = {
        .send = wire_send, .receive = wire_receive, .now_us = wire_now, .close = wire_close
    };
    weft_mem_config config = weft_mem_config_default(c->model->data_bytes);
    config.error_address = BAD_BYTE;
    c->base = (weft_wire){ .ops = &ops, .receive_block_bytes = 1, .answer_timeout_us = 1000 };
    c->up = (bad_wire){ .r = rng_make(c->t->seed), .to = c, .deliver = to_chip };
    c->down = (bad_wire){ .r = rng_make(c->t->seed + 1), .to = c, .deliver = from_chip };
    c->sim = c->model->open(1);
    int rc = c->sim ? weft_mem_open(&config, &c->mem, err) : WEFT_ERR_NO_MEMORY;
    if (rc != WEFT_OK)
        return rc;
    c->model->attach(c->sim, c->mem);
    rc = weft_transport_link_open(&c->base, &c->link, err);
    if (rc != WEFT_OK)
        return rc;
    weft_hw hw = { 0 };
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, option, unit, doc)          \
    hw.name = reg(c, WEFT_REG_INFO_##NAME);
#include "rtl/isa/weft_isa.def"
    hw.mem_size = GEN_MEM_SIZE;
    return weft_ref_device_new(&hw, &c->ref);
}

static void close_chip(chip *c)
{
    if (c->link)
        c->link->ops->close(c->link);
    c->model->close(c->sim);
    weft_mem_close(c->mem);
    weft_ref_device_free(c->ref);
}

/* --- jobs ---------------------------------------------------------------------------------------
 */

static int run(chip *c, const weft_start *start, weft_done *done, weft_error *err)
{
    int rc = c->link->ops->start(c->link, start, err);
    return rc == WEFT_OK ? c->link->ops->wait_done(c->link, 50, done, err) : rc;
}

static int make_program(chip *c, unsigned stages, int fault, gen_program *p)
{
    const weft_hw params = weft_ref_device_hw(c->ref);
    rng r = rng_make(c->t->seed * 1000000u + c->jobs++);
    return gen_make(&r, &params, stages, fault, weft_mem_bytes(c->mem), p);
}

static void right_job(chip *c, const char *after)
{
    gen_program p;
    weft_error err = { 0 };
    weft_done done = { 0 };
    while (make_program(c, 2, 0, &p) != 0)
        ;
    uint8_t *expected = weft_ref_device_memory(c->ref);
    memcpy(expected, weft_mem_bytes(c->mem), GEN_MEM_SIZE);
    const weft_ref_result want = weft_ref_device_run(
        c->ref, &(weft_ref_start){ p.prog_addr, p.prog_count, p.win_base, p.win_limit, 0 });
    const int rc =
        run(c, &(weft_start){ p.prog_addr, p.prog_count, p.win_base, p.win_limit }, &done, &err);
    CHECK(c->t,
          rc == WEFT_OK && (done.status & WEFT_STATUS_CODE) == WEFT_DEV_OK &&
              want.error == WEFT_DEV_OK,
          "%s, job after %s: STATUS 0x%x %s", c->model->shape, after, done.status, err.text);
    CHECK(c->t, !memcmp(expected, weft_mem_bytes(c->mem), GEN_MEM_SIZE),
          "%s, job after %s: memory differs", c->model->shape, after);
}

static void reset_and_check(chip *c, const char *after)
{
    weft_error err = { 0 };
    CHECK(c->t, c->link->ops->reset(c->link, &err) == WEFT_OK, "%s, reset after %s: %s",
          c->model->shape, after, err.text);
    CHECK(c->t, reg(c, WEFT_REG_STATUS) == 0, "%s: STATUS after reset", c->model->shape);
    right_job(c, after);
}

/* --- errors -------------------------------------------------------------------------------------
 */

static void check_command_faults(chip *c, uint8_t *seen)
{
    for (unsigned i = 0; i < MOST_FAULTS; i++) {
        gen_program p;
        weft_error err = { 0 };
        weft_done done = { 0 };
        if (make_program(c, 1, 1, &p) != 0 || seen[p.error])
            continue;
        const int rc = run(c, &(weft_start){ p.prog_addr, p.prog_count, p.win_base, p.win_limit },
                           &done, &err);
        CHECK(c->t,
              rc == WEFT_OK && (done.status & WEFT_STATUS_CODE) == p.error &&
                  done.err_index == p.error_index,
              "%s: STATUS 0x%x of command %u, want %u of %u %s", c->model->shape, done.status,
              done.err_index, p.error, p.error_index, err.text);
        seen[p.error] = 1;
        reset_and_check(c, "a faulty command");
    }
}

static weft_cmd transfer(uint32_t op, uint32_t address, uint32_t rows, uint32_t stride)
{
    weft_cmd cmd = { { op } };
    weft_LOAD_set_ADDR(&cmd, address); /* LOAD and STORE have the same fields */
    weft_LOAD_set_STRIDE(&cmd, stride);
    weft_LOAD_set_ROWS(&cmd, rows);
    weft_LOAD_set_ROW_BYTES(&cmd, 32);
    weft_LOAD_set_PITCH(&cmd, 1);
    weft_LOAD_set_TOP(&cmd, 16);
    weft_LOAD_set_SIZE(&cmd, 16);
    return cmd;
}

/* Start one command whose rows of 32 bytes begin at `address`, `stride` bytes apart. */
static int start_one(chip *c, uint32_t op, uint32_t address, uint32_t rows, uint32_t stride)
{
    const weft_cmd cmd = transfer(op, address, rows, stride);
    weft_cmd_store(&cmd, 1, weft_mem_bytes(c->mem));
    return c->link->ops->start(c->link, &(weft_start){ 0, 1, 0, BAD_BYTE + 4096 }, NULL);
}

static void check_bus_and_abort(chip *c, uint8_t *seen)
{
    weft_transport *d = c->link;
    weft_done done = { 0 };
    const uint32_t ops[] = { WEFT_CMD_LOAD, WEFT_CMD_STORE };
    for (unsigned i = 0; i < 4; i++) {
        /* At once, and after 128 rows, when the control unit of the simulated chip is asleep. */
        const uint32_t rows_before = i < 2 ? 0 : 128;
        CHECK(c->t,
              start_one(c, ops[i % 2], BAD_BYTE - rows_before * 32, rows_before + 1, 32) ==
                      WEFT_OK &&
                  d->ops->wait_done(d, 50, &done, NULL) == WEFT_OK &&
                  (done.status & WEFT_STATUS_CODE) == WEFT_DEV_BUS,
              "%s: STATUS 0x%x, want BUS", c->model->shape, done.status);
        seen[WEFT_DEV_BUS] = 1;
        reset_and_check(c, "a bus error");
    }
    CHECK(c->t,
          start_one(c, WEFT_CMD_LOAD, 4096, 65535, 0) == WEFT_OK &&
              d->ops->wait_done(d, 0, &done, NULL) == WEFT_ERR_TIMEOUT,
          "%s: a long run is over at once", c->model->shape);
    CHECK(c->t,
          d->ops->reg_write(d, WEFT_REG_CTRL, WEFT_CTRL_ABORT, NULL) == WEFT_OK &&
              d->ops->wait_done(d, 50, &done, NULL) == WEFT_OK &&
              (done.status & WEFT_STATUS_CODE) == WEFT_DEV_ABORTED,
          "%s: STATUS 0x%x, want ABORTED", c->model->shape, done.status);
    seen[WEFT_DEV_ABORTED] = 1;
    right_job(c, "an abort");
    CHECK(c->t, start_one(c, WEFT_CMD_LOAD, 4096, 65535, 0) == WEFT_OK, "%s: start",
          c->model->shape);
    reset_and_check(c, "a reset in the middle of a run");
}

/* --- garbage ------------------------------------------------------------------------------------
 */

/* Any bytes; frames begun and never ended; a whole frame with one bit wrong. */
static void send_garbage(chip *c, unsigned kind)
{
    uint8_t bytes[GARBAGE_BYTES];
    weft_error err = { 0 };
    size_t count = 1 + rng_u32(&c->r) % GARBAGE_BYTES;
    for (size_t i = 0; i < GARBAGE_BYTES; i++)
        bytes[i] = (uint8_t)rng_u32(&c->r);
    const uint8_t types[] = { WEFT_PKT_MEM_WRITE, WEFT_PKT_START, WEFT_PKT_REG_WRITE,
                              WEFT_PKT_MEM_READ };
    if (kind % 2) {
        const uint32_t length = kind % 4 == 1 ? 256 + WEFT_MEM_HEAD_BYTES : 16;
        uint8_t head[WEFT_PKT_HEADER_BYTES] = { WEFT_PKT_MAGIC0, WEFT_PKT_MAGIC1,
                                                types[kind / 2 % 4], WEFT_PKT_FRESH };
        const bad_frame *last = &c->up.history[(c->up.frames - 1) % BAD_HISTORY];
        memcpy(head + 4, last->byte + 4, 2); /* the session, and a number still to come */
        weft_put_u16(head + 6, (uint16_t)length);
        weft_put_u32(head + 8, 1u << 30);
        memcpy(bytes, head, sizeof head);
        memset(bytes + sizeof head, 0, 8); /* address 0 */
        count = kind % 4 == 1 ? 200 : sizeof head + length + WEFT_PKT_CRC_BYTES;
    }
    memcpy(c->copy, weft_mem_bytes(c->mem), GEN_MEM_SIZE);
    to_chip(c, bytes, count);
    CHECK(c->t, c->link->ops->reset(c->link, &err) == WEFT_OK, "%s, reset after garbage %u: %s",
          c->model->shape, kind, err.text);
    CHECK(c->t, !memcmp(c->copy, weft_mem_bytes(c->mem), GEN_MEM_SIZE),
          "%s: garbage %u went into memory", c->model->shape, kind);
}

/* --- a bad wire --------------------------------------------------------------------------------- */

/* Blocks of memory, a register and a program over a wire on which everything happens; the bytes must be there, and a
 * program that is started once must have run once. */
static void check_bad_wire(chip *c, const char *name, const bad_chances *chance)
{
    static uint8_t there[BLOCK_BYTES], back[BLOCK_BYTES];
    weft_transport *d = c->link;
    weft_error err = { 0 };
    c->up.chance = c->down.chance = *chance;
    const uint64_t before = c->up.faults + c->down.faults;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < WIRE_ROUNDS && rc == WEFT_OK; i++) {
        const uint32_t at = 32 * (rng_u32(&c->r) % 512);
        uint32_t value = 0;
        for (size_t k = 0; k < BLOCK_BYTES; k++)
            there[k] = (uint8_t)rng_u32(&c->r);
        rc = d->ops->mem_write(d, at, there, BLOCK_BYTES / 2, &err);
        if (rc == WEFT_OK)
            rc = d->ops->mem_write(d, at + BLOCK_BYTES / 2, there + BLOCK_BYTES / 2,
                                   BLOCK_BYTES / 2, &err);
        if (rc == WEFT_OK)
            rc = d->ops->mem_read(d, at, back, BLOCK_BYTES, &err);
        CHECK(c->t, rc == WEFT_OK && !memcmp(there, back, BLOCK_BYTES), "%s, %s: memory: %s",
              c->model->shape, name, err.text);
        rc = rc == WEFT_OK ? d->ops->reg_write(d, WEFT_REG_WIN_BASE, i * 77, &err) : rc;
        if (rc == WEFT_OK)
            rc = d->ops->reg_read(d, WEFT_REG_WIN_BASE, &value, &err);
        CHECK(c->t, rc == WEFT_OK && value == i * 77, "%s, %s: register %u, want %u: %s",
              c->model->shape, name, (unsigned)value, (unsigned)i * 77, err.text);
    }
    CHECK(c->t, c->up.faults + c->down.faults > before, "%s, %s: no faults", c->model->shape, name);
    right_job(c, name);
    /* A chip that is told again and again what it was told long ago is where it was. */
    for (unsigned i = 0; i < BAD_HISTORY; i++)
        to_chip(c, c->up.history[i].byte, c->up.history[i].bytes);
    c->up.chance = c->down.chance = (bad_chances){ 0 };
    right_job(c, "the replay of all frames");
    reset_and_check(c, name);
}

static void check_bad_wires(chip *c)
{
    check_bad_wire(c, "bad bytes",
                   &(bad_chances){ .lose_byte = 8, .flip_bit = 8, .garbage_byte = 4 });
    check_bad_wire(c, "bad frames",
                   &(bad_chances){ .lose_frame = 5000, .repeat_frame = 5000, .cut_frame = 3000 });
    check_bad_wire(
        c, "late frames",
        &(bad_chances){ .hold_frame = 4000, .repeat_frame = 4000, .replay_frame = 20000 });
}

static void check_shape(test *t, const weft_sim_model *model)
{
    uint8_t seen[CODES] = { [WEFT_DEV_OK] = 1 };
    weft_error err = { 0 };
    chip *c = calloc(1, sizeof *c);
    if (!c)
        exit(1);
    c->t = t;
    c->model = model;
    c->r = rng_make(t->seed);
    const int rc = open_chip(c, &err);
    CHECK(t, rc == WEFT_OK, "%s: %s", model->shape, err.text);
    if (rc == WEFT_OK) {
        right_job(c, "power-up");
        check_command_faults(c, seen);
        check_bus_and_abort(c, seen);
        for (unsigned code = 0; code < CODES; code++)
            CHECK(t, seen[code], "%s: nothing provoked error %u", model->shape, code);
        for (unsigned kind = 0; kind < 8; kind++) {
            send_garbage(c, kind);
            right_job(c, "garbage");
        }
        check_bad_wires(c);
    }
    close_chip(c);
    free(c);
}

int main(int argc, char **argv)
{
    test t = test_begin("chip", argc, argv, 1, 1);
    const weft_sim_model *models[] = { &weft_sim_model_16x16, &weft_sim_model_8x8,
                                       &weft_sim_model_12x8, &weft_sim_model_4x4 };
    for (unsigned i = 0; i < sizeof models / sizeof *models; i++)
        check_shape(&t, models[i]);
    return test_end(&t,
                    "each error code, abort, reset in a run, garbage and bad wires at four array "
                    "shapes, and the next job right");
}
