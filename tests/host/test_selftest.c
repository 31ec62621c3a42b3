/* The self-test of devices (host/tool/selftest.h): good devices pass, and of each fault that is put into one
 * the right part fails and names it: a stuck bit, addresses that meet, a wrong result, a wrong error, counters that
 * lie, a wire that spoils bytes, a device that goes away. */
#define _POSIX_C_SOURCE 200809L
#include <string.h>
#include <time.h>

#include "host/tool/selftest.h"
#include "host/transport/wire.h"
#include "rtl/isa/weft_isa.h"
#include "tests/rng.h"
#include "tests/test.h"
#include "tests/usb/chip_model.h"

enum {
    MARCH_BYTES = 1 << 17,
    STUCK_AT = 0x12345,
    STUCK_BIT = 0x08,
    TURN_US = 50000,
    SPOIL = 20000
};

/* --- a transport with a fault ------------------------------------------------------------------- */

typedef enum fault {
    FAULT_NONE,
    FAULT_STUCK_1,
    FAULT_STUCK_0,
    FAULT_ADDRESS, /* two words are one: an address line is open */
    FAULT_RESULT,  /* a run leaves a wrong byte */
    FAULT_END,     /* a run ends with no error whatever it did */
    FAULT_CYCLES,  /* register and end disagree */
    FAULT_FREEZE,  /* cycles do not depend on the work */
    FAULT_COMMANDS,
    FAULT_GONE,
    FAULTS
} fault;

typedef struct faulty {
    weft_transport base;
    weft_transport_ops ops;
    weft_transport *good;
    fault fault;
    unsigned calls;
} faulty;

static faulty *self(weft_transport *t)
{
    return (faulty *)(void *)t;
}

static int bad_read(weft_transport *t, uint32_t address, void *to, size_t bytes, weft_error *err)
{
    faulty *f = self(t);
    uint8_t *b = to;
    if (f->fault == FAULT_GONE && f->calls++ >= 2)
        return weft_error_set(err, WEFT_ERR_NO_DEVICE, "it went away");
    const int rc = f->good->ops->mem_read(f->good, address, to, bytes, err);
    const int has = address <= STUCK_AT && STUCK_AT - address < bytes;
    if (has && f->fault == FAULT_STUCK_1)
        b[STUCK_AT - address] |= STUCK_BIT;
    if (has && f->fault == FAULT_STUCK_0)
        b[STUCK_AT - address] &= (uint8_t)~STUCK_BIT;
    if (f->fault == FAULT_ADDRESS) /* bit 6 of the address is always 0 */
        for (size_t i = 0; i < bytes; i++)
            if ((address + i) & 64 && i >= 64)
                b[i] = b[i - 64];
    return rc;
}

static int bad_reg_read(weft_transport *t, uint32_t offset, uint32_t *value, weft_error *err)
{
    faulty *f = self(t);
    const int rc = f->good->ops->reg_read(f->good, offset, value, err);
    if (offset == WEFT_REG_CYCLES && f->fault == FAULT_CYCLES)
        ++*value;
    if (offset == WEFT_REG_CYCLES && f->fault == FAULT_FREEZE)
        *value = 1000;
    if (offset == WEFT_REG_COMMANDS && f->fault == FAULT_COMMANDS)
        --*value;
    return rc;
}

static int bad_wait(weft_transport *t, uint32_t timeout_ms, weft_done *out, weft_error *err)
{
    faulty *f = self(t);
    uint8_t there[WEFT_TRANSPORT_ALIGN];
    const uint32_t at = 0x40000;
    int rc = f->good->ops->wait_done(f->good, timeout_ms, out, err);
    if (rc == WEFT_OK && f->fault == FAULT_END)
        out->status &= ~(uint32_t)WEFT_STATUS_CODE;
    if (rc == WEFT_OK && f->fault == FAULT_FREEZE)
        out->cycles = 1000;
    if (rc == WEFT_OK && f->fault == FAULT_RESULT) {
        rc = f->good->ops->mem_read(f->good, at, there, sizeof there, err);
        there[5] ^= 1;
        if (rc == WEFT_OK)
            rc = f->good->ops->mem_write(f->good, at, there, sizeof there, err);
    }
    return rc;
}

static int bad_write(weft_transport *t, uint32_t address, const void *from, size_t bytes,
                     weft_error *err)
{
    weft_transport *good = self(t)->good;
    return good->ops->mem_write(good, address, from, bytes, err);
}

static int bad_reg_write(weft_transport *t, uint32_t offset, uint32_t value, weft_error *err)
{
    weft_transport *good = self(t)->good;
    return good->ops->reg_write(good, offset, value, err);
}

static int bad_start(weft_transport *t, const weft_start *s, weft_error *err)
{
    weft_transport *good = self(t)->good;
    return good->ops->start(good, s, err);
}

static int bad_reset(weft_transport *t, weft_error *err)
{
    if (self(t)->fault == FAULT_GONE)
        return weft_error_set(err, WEFT_ERR_NO_DEVICE, "it is still away");
    return self(t)->good->ops->reset(self(t)->good, err);
}

static void make_faulty(faulty *f, weft_transport *good, fault which)
{
    *f = (faulty){ .good = good, .fault = which };
    f->ops = (weft_transport_ops){ .scheme = which == FAULT_FREEZE ? "frozen" : good->ops->scheme,
                                   .mem_read = bad_read,
                                   .mem_write = bad_write,
                                   .reg_read = bad_reg_read,
                                   .reg_write = bad_reg_write,
                                   .start = bad_start,
                                   .wait_done = bad_wait,
                                   .reset = bad_reset };
    f->base.ops = &f->ops;
}

/* --- a wire that spoils ------------------------------------------------------------------------- */

typedef struct spoiled_wire {
    weft_wire base;
    usb_model chip;
    int spoils_from; /* the way from the chip, else to it */
    uint32_t every;  /* about so many bytes one is wrong; 0: none */
    rng r;
    int wants_room;
    size_t queued;
    uint8_t queue[1 << 16];
} spoiled_wire;

static spoiled_wire *wire_of(weft_wire *w)
{
    return (spoiled_wire *)(void *)w;
}

static void spoil(spoiled_wire *w, uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (w->every && rng_u32(&w->r) % w->every == 0)
            bytes[i] ^= 4;
}

static int wire_send(weft_wire *base, const uint8_t *bytes, size_t count, size_t *taken,
                     weft_error *err)
{
    spoiled_wire *w = wire_of(base);
    const size_t room = sizeof w->queue - w->queued;
    (void)err;
    *taken = count < room ? count : room;
    memcpy(w->queue + w->queued, bytes, *taken);
    if (!w->spoils_from)
        spoil(w, w->queue + w->queued, *taken);
    w->queued += *taken;
    w->wants_room = *taken < count;
    return WEFT_OK;
}

static uint64_t wire_now(weft_wire *base)
{
    struct timespec t;
    (void)base;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int wire_receive(weft_wire *base, uint8_t *bytes, size_t room, uint32_t timeout_us,
                        size_t *got, weft_error *err)
{
    spoiled_wire *w = wire_of(base);
    const uint64_t until = wire_now(base) + timeout_us;
    (void)err;
    do {
        const size_t n = w->chip.take(w->chip.self, w->queue, w->queued);
        w->queued -= n;
        memmove(w->queue, w->queue + n, w->queued);
        *got = w->chip.give(w->chip.self, bytes, room);
    } while (!*got && !(w->wants_room && w->queued < sizeof w->queue / 2) &&
             wire_now(base) < until);
    if (w->spoils_from)
        spoil(w, bytes, *got);
    return WEFT_OK;
}

static void wire_close(weft_wire *base)
{
    (void)base;
}

static void check_wire(test *t, int spoils, int from)
{
    static const weft_wire_ops ops = {
        .send = wire_send, .receive = wire_receive, .now_us = wire_now, .close = wire_close
    };
    static spoiled_wire w;
    chip_model *chip = chip_model_new("4x4");
    weft_transport *link = NULL;
    weft_error err = { 0 };
    selftest_report r;
    CHECK(t, chip, "no chip");
    if (!chip)
        return;
    w = (spoiled_wire){ .chip = chip_model_usb(chip), .spoils_from = from, .r = rng_make(t->seed) };
    w.base = (weft_wire){ .ops = &ops, .receive_block_bytes = 1, .answer_timeout_us = TURN_US };
    const selftest_options o = { .memory_bytes = MARCH_BYTES / 4, .seed = 1 };
    int rc = weft_transport_link_open(&w.base, &link, &err);
    w.every = spoils ? SPOIL : 0;
    if (rc == WEFT_OK)
        rc = selftest_run(link, &o, &r, &err);
    CHECK(t, rc == WEFT_OK, "%s", err.text);
    if (rc == WEFT_OK) {
        const selftest_part *p = &r.part[SELFTEST_LINK];
        CHECK(t, p->result == (spoils ? SELFTEST_FAILED : SELFTEST_PASSED), "link: %s", p->text);
        CHECK(t, !spoils || strstr(p->text, "the wire spoils bytes"), "link: %s", p->text);
        for (unsigned i = SELFTEST_MEMORY; i < SELFTEST_PARTS; i++) /* all is mended */
            CHECK(t, r.part[i].result == SELFTEST_PASSED, "%s: %s", r.part[i].name, r.part[i].text);
    }
    if (link)
        link->ops->close(link);
    chip_model_free(chip);
}

/* --- all of it ---------------------------------------------------------------------------------- */

static void check_good(test *t, const char *uri, int has_link)
{
    weft_transport *dev = NULL;
    weft_error err = { 0 };
    selftest_report r;
    const selftest_options o = { .memory_bytes = MARCH_BYTES, .seed = t->seed };
    int rc = weft_transport_open(uri, &dev, &err);
    if (rc == WEFT_OK)
        rc = selftest_run(dev, &o, &r, &err);
    CHECK(t, rc == WEFT_OK && selftest_good(&r), "%s: %s", uri, err.text);
    for (unsigned i = 0; i < SELFTEST_PARTS && rc == WEFT_OK; i++)
        CHECK(t,
              r.part[i].result ==
                  (i == SELFTEST_LINK && !has_link ? SELFTEST_SKIPPED : SELFTEST_PASSED),
              "%s: %s: %s", uri, r.part[i].name, r.part[i].text);
    if (dev)
        dev->ops->close(dev);
}

static const struct {
    fault fault;
    selftest_which part;
    const char *words;
} cases[] = {
    { FAULT_STUCK_1, SELFTEST_MEMORY, "bits 0x08 are wrong somewhere, always read as 1: stuck" },
    { FAULT_STUCK_0, SELFTEST_MEMORY, "the first at 0x00012345" },
    { FAULT_STUCK_0, SELFTEST_MEMORY, "always read as 0: stuck" },
    { FAULT_ADDRESS, SELFTEST_MEMORY, "the first at 0x00000040" },
    { FAULT_RESULT, SELFTEST_ARRAY, "differ from the C model, the first at 0x00040005" },
    { FAULT_END, SELFTEST_ARRAY, "ended with error 0 of command" },
    { FAULT_CYCLES, SELFTEST_COUNTERS, "the register CYCLES 1" },
    { FAULT_FREEZE, SELFTEST_COUNTERS, "2 commands take 1000 cycles, and 8 of them 1000" },
    { FAULT_COMMANDS, SELFTEST_COUNTERS, "COMMANDS says 1 and 7" },
    { FAULT_GONE, SELFTEST_MEMORY, "it went away" },
    { FAULT_GONE, SELFTEST_COUNTERS, "not reached: the device was lost" },
};

static void check_fault(test *t, unsigned i)
{
    faulty f;
    weft_transport *dev = NULL;
    weft_error err = { 0 };
    selftest_report r = { 0 };
    const selftest_options o = { .seconds = 1, .memory_bytes = MARCH_BYTES, .seed = t->seed };
    int rc = weft_transport_open("ref:shape=8x8", &dev, &err);
    CHECK(t, rc == WEFT_OK, "%s", err.text);
    if (rc != WEFT_OK)
        return;
    make_faulty(&f, dev, cases[i].fault);
    rc = selftest_run(&f.base, &o, &r, &err);
    const selftest_part *p = &r.part[cases[i].part];
    CHECK(t, rc == WEFT_OK && !selftest_good(&r) && p->result == SELFTEST_FAILED, "fault %u: %s %s",
          (unsigned)cases[i].fault, p->name, p->text);
    CHECK(t, strstr(p->text, cases[i].words), "fault %u: \"%s\", want \"%s\"",
          (unsigned)cases[i].fault, p->text, cases[i].words);
    for (unsigned k = SELFTEST_MEMORY; k < SELFTEST_PARTS && cases[i].fault != FAULT_GONE; k++)
        CHECK(t, k == cases[i].part || r.part[k].result == SELFTEST_PASSED || k > SELFTEST_MEMORY,
              "fault %u: %s: %s", (unsigned)cases[i].fault, r.part[k].name, r.part[k].text);
    dev->ops->close(dev);
}

int main(int argc, char **argv)
{
    test t = test_begin("selftest", argc, argv, 1, 1);
    check_good(&t, "ref:", 0);
    check_good(&t, "ref:shape=7x5,fb=512,port=4,acc=48", 0);
    check_good(&t, "sim:stall=20", 0);
    check_good(&t, "sim:link,shape=4x4", 1);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
        check_fault(&t, i);
    check_wire(&t, 0, 0);
    check_wire(&t, 1, 0);
    check_wire(&t, 1, 1);
    return test_end(&t, "good devices pass, each of nine faults and a bad wire is found and named");
}
