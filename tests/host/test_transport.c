/* What every transport must do, one test for all: registers, memory, runs, errors, reset.
 *
 *     test_transport ref: sim:stall=25 sim:link        default: ref:
 *
 * Programs are made by hand from the contract, one for each error the device can name. */
#include <string.h>

#include "host/transport/transport.h"
#include "rtl/isa/weft_isa.h"
#include "tests/rng.h"
#include "tests/test.h"

enum { PROGRAM = 0x1000, WINDOW_END = 0x8000 };

typedef struct bench {
    test *t;
    weft_transport *dev;
    const char *uri;
} bench;

static uint32_t reg(const bench *b, uint32_t offset)
{
    weft_error err = { 0 };
    uint32_t value = 0xdeadbeef;
    const int rc = b->dev->ops->reg_read(b->dev, offset, &value, &err);
    CHECK(b->t, rc == WEFT_OK, "%s: register 0x%x: %s", b->uri, offset, err.text);
    return value;
}

static void check_registers(const bench *b)
{
    test *t = b->t;
    weft_transport *d = b->dev;
    uint32_t value;
    CHECK(t, reg(b, WEFT_REG_ID) == WEFT_REG_ID_RESET, "%s: ID", b->uri);
    CHECK(t, reg(b, WEFT_REG_ISA) == WEFT_ISA_VERSION, "%s: ISA", b->uri);
    CHECK(t, reg(b, WEFT_REG_STATUS) == 0, "%s: STATUS after opening", b->uri);
    const uint32_t rows = reg(b, WEFT_REG_INFO_ROWS), cols = reg(b, WEFT_REG_INFO_COLS);
    CHECK(t, rows >= 4 && rows <= 32 && cols >= 4 && cols <= 32, "%s: %ux%u", b->uri, rows, cols);
    CHECK(t, cols % reg(b, WEFT_REG_INFO_LANES) == 0, "%s: LANES", b->uri);
    CHECK(t, d->ops->reg_write(d, WEFT_REG_WIN_BASE, 0x12345678, NULL) == WEFT_OK, "write");
    CHECK(t, reg(b, WEFT_REG_WIN_BASE) == 0x12345678, "%s: WIN_BASE", b->uri);
    CHECK(t, d->ops->reg_read(d, 0x3f8, &value, NULL) == WEFT_ERR_ARG, "%s: read 0x3f8", b->uri);
    CHECK(t, d->ops->reg_write(d, WEFT_REG_ID, 1, NULL) == WEFT_ERR_ARG, "%s: write ID", b->uri);
}

static void check_memory(const bench *b)
{
    static uint8_t there[8192], back[8192];
    weft_transport *d = b->dev;
    rng r = rng_make(b->t->seed);
    for (unsigned i = 0; i < 10; i++) {
        const size_t n = 32 * (1 + rng_u32(&r) % 256);
        const uint32_t at = 32 * (rng_u32(&r) % 0x4000);
        for (size_t k = 0; k < n; k++)
            there[k] = (uint8_t)rng_u32(&r);
        weft_error err = { 0 };
        int rc = d->ops->mem_write(d, at, there, n, &err);
        if (rc == WEFT_OK)
            rc = d->ops->mem_read(d, at, back, n, &err);
        CHECK(b->t, rc == WEFT_OK && !memcmp(there, back, n), "%s: %zu bytes at 0x%x: %s", b->uri,
              n, at, err.text);
    }
    const uint32_t size = reg(b, WEFT_REG_INFO_MEM_SIZE);
    CHECK(b->t, d->ops->mem_read(d, size - 32, back, 32, NULL) == WEFT_OK, "%s: end", b->uri);
    CHECK(b->t, d->ops->mem_read(d, size, back, 32, NULL) == WEFT_ERR_CAPACITY, "%s: past", b->uri);
    CHECK(b->t, d->ops->mem_write(d, size - 32, back, 64, NULL) == WEFT_ERR_CAPACITY, "%s: over",
          b->uri);
}

/* Run count commands, each padded to its units, and expect an end. */
static void expect_end(const bench *b, const char *what, const weft_cmd *cmd, uint32_t count,
                       uint32_t error, uint32_t index)
{
    uint8_t bytes[1024] = { 0 };
    size_t n = 0;
    weft_transport *d = b->dev;
    weft_error err = { 0 };
    weft_done done = { 0 };
    for (uint32_t i = 0; i < count; i++) {
        unsigned units = weft_op_units(cmd[i].word[0] & 0xff);
        units = units ? units : 1;
        weft_cmd_store(&cmd[i], units, bytes + n);
        n += units * WEFT_CMD_UNIT_BYTES;
    }
    int rc = d->ops->mem_write(d, PROGRAM, bytes, sizeof bytes, &err);
    if (rc == WEFT_OK)
        rc = d->ops->start(d, &(weft_start){ PROGRAM, count, 0, WINDOW_END }, &err);
    for (unsigned i = 0; i < 50 && rc == WEFT_OK; i++) {
        rc = d->ops->wait_done(d, 5, &done, &err);
        if (rc != WEFT_ERR_TIMEOUT)
            break;
        rc = WEFT_OK;
    }
    CHECK(b->t, rc == WEFT_OK, "%s: %s: %s", b->uri, what, err.text);
    CHECK(b->t, done.status == (WEFT_STATUS_DONE | error) && done.err_index == index,
          "%s: %s: STATUS 0x%x of command %u, want 0x%x of %u", b->uri, what, done.status,
          done.err_index, WEFT_STATUS_DONE | error, index);
    CHECK(b->t, reg(b, WEFT_REG_STATUS) == done.status, "%s: %s: STATUS register", b->uri, what);
}

static weft_cmd load_of(uint32_t address)
{
    weft_cmd c = { { WEFT_CMD_LOAD } };
    weft_LOAD_set_ADDR(&c, address);
    weft_LOAD_set_ROWS(&c, 1);
    weft_LOAD_set_ROW_BYTES(&c, 32);
    weft_LOAD_set_PITCH(&c, 1);
    weft_LOAD_set_TOP(&c, 16);
    weft_LOAD_set_SIZE(&c, 16);
    return c;
}

static void check_runs(const bench *b)
{
    const weft_cmd nop = { { WEFT_CMD_NOP } };
    weft_cmd c[4] = { nop, nop, nop, nop };
    expect_end(b, "four NOPs", c, 4, WEFT_DEV_OK, 0);
    CHECK(b->t, reg(b, WEFT_REG_COMMANDS) == 4, "%s: COMMANDS", b->uri);
    c[2] = load_of(0x100);
    expect_end(b, "a load", c, 4, WEFT_DEV_OK, 0);
    c[3].word[0] = 0x7f;
    expect_end(b, "no such opcode", c, 4, WEFT_DEV_BAD_OP, 3);
    c[3] = load_of(0x100);
    c[3].word[0] |= 1u << 31;
    expect_end(b, "a reserved bit", c, 4, WEFT_DEV_BAD_FIELD, 3);
    c[2] = load_of(0x101);
    expect_end(b, "an odd address", c, 4, WEFT_DEV_ALIGN, 2);
    c[1] = load_of(WINDOW_END);
    expect_end(b, "outside the window", c, 4, WEFT_DEV_WINDOW, 1);
    c[0] = load_of(0x100);
    weft_LOAD_set_SIZE(&c[0], 17);
    expect_end(b, "a ring outside the buffer", c, 4, WEFT_DEV_BUFFER, 0);
    c[0] = load_of(0x100);
    weft_LOAD_set_POP_COMPUTE(&c[0], 1);
    expect_end(b, "a token nobody gives", c, 4, WEFT_DEV_TOKEN, 0);
    expect_end(b, "good again", &nop, 1, WEFT_DEV_OK, 0);
}

static void check_reset(const bench *b)
{
    weft_transport *d = b->dev;
    uint8_t there[64] = { 1, 2, 3 }, back[64] = { 0 };
    CHECK(b->t, d->ops->mem_write(d, 0x2000, there, 64, NULL) == WEFT_OK, "write");
    CHECK(b->t, d->ops->reset(d, NULL) == WEFT_OK, "%s: reset", b->uri);
    CHECK(b->t, reg(b, WEFT_REG_STATUS) == 0 && reg(b, WEFT_REG_COMMANDS) == 0, "%s: state",
          b->uri);
    CHECK(b->t, d->ops->mem_read(d, 0x2000, back, 64, NULL) == WEFT_OK && !memcmp(there, back, 64),
          "%s: memory survives a reset", b->uri);
}

int main(int argc, char **argv)
{
    static char default_uri[] = "ref:", *defaults[] = { NULL, default_uri };
    test t = test_begin("transport", argc, argv, 1, 1);
    char **uris = argc > 1 ? argv : defaults;
    const int count = argc > 1 ? argc : 2;
    for (int i = 1; i < count; i++) {
        weft_error err = { 0 };
        bench b = { .t = &t, .uri = uris[i] };
        const int rc = weft_transport_open(uris[i], &b.dev, &err);
        CHECK(&t, rc == WEFT_OK, "%s: %s", uris[i], err.text);
        if (rc != WEFT_OK)
            continue;
        check_registers(&b);
        check_memory(&b);
        check_runs(&b);
        check_reset(&b);
        CHECK(&t, b.dev->ops->close(b.dev) == WEFT_OK, "%s: close", uris[i]);
    }
    return test_end(&t, "registers, memory, runs, device errors, reset");
}
