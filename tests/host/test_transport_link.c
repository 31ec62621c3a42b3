/* The link against a device behind a bad wire: lost bytes, flipped bits, garbage; frames lost, doubled, cut,
 * late, and repeated from long ago, in both directions.
 *
 * Whatever the wire does, memory and registers must hold what was written, each START must be
 * executed exactly once, and each DONE found.  Then the window, sessions, and every error the link can
 * return. */
#include <stdlib.h>

#include "fake_device.h"
#include "tests/test.h"

static fake_device *new_device(const test *t)
{
    fake_device *d = calloc(1, sizeof *d);
    if (!d)
        exit(1);
    fake_init(d, t->seed);
    return d;
}

static weft_transport *open_link(test *t, fake_device *d)
{
    weft_transport *link = NULL;
    weft_error err = { 0 };
    const int rc = weft_transport_link_open(&d->base, &link, &err);
    CHECK(t, rc == WEFT_OK, "open: %s", err.text);
    if (rc != WEFT_OK)
        exit(1);
    return link;
}

static void set_chances(fake_device *d, const bad_chances *chance)
{
    d->up.chance = d->down.chance = *chance;
}

static void one_run(test *t, weft_transport *link, uint32_t number)
{
    weft_error err = { 0 };
    weft_done done = { 0 };
    int rc = link->ops->start(link, &(weft_start){ 0, 1, 0, 1024 }, &err);
    CHECK(t, rc == WEFT_OK, "start: %s", err.text);
    for (unsigned i = 0; i < 20; i++) {
        rc = link->ops->wait_done(link, 1, &done, &err);
        if (rc != WEFT_ERR_TIMEOUT)
            break;
    }
    CHECK(t, rc == WEFT_OK && done.cycles == 1000 + number, "run %u: %s, cycles %u", number,
          err.text, done.cycles);
}

static void check_faults(test *t, const char *name, const bad_chances *chance)
{
    fake_device *d = new_device(t);
    static uint8_t truth[FAKE_MEM_BYTES];
    uint8_t back[16384];
    weft_error err = { 0 };
    memset(truth, 0, sizeof truth);
    set_chances(d, chance);
    weft_transport *link = open_link(t, d);
    int rc = WEFT_OK;
    for (uint32_t i = 1; i <= t->n && rc == WEFT_OK && !t->failures; i++) {
        const size_t n = 32 * (1 + rng_u32(&d->up.r) % (rng_u32(&d->up.r) % 8 ? 64 : 512));
        const uint32_t at = 32 * (rng_u32(&d->up.r) % ((FAKE_MEM_BYTES - (uint32_t)n) / 32 + 1));
        for (size_t k = 0; k < n; k++)
            truth[at + k] = (uint8_t)rng_u32(&d->up.r);
        rc = link->ops->mem_write(link, at, truth + at, n, &err);
        CHECK(t, rc == WEFT_OK, "%s: write: %s", name, err.text);
        rc = link->ops->mem_read(link, at, back, n, &err);
        CHECK(t, rc == WEFT_OK && !memcmp(back, truth + at, n), "%s: read of %zu at 0x%x: %s", name,
              n, at, err.text);
        uint32_t value = 0;
        rc = link->ops->reg_write(link, FAKE_SCRATCH, i * 77, &err);
        if (rc == WEFT_OK)
            rc = link->ops->reg_read(link, FAKE_SCRATCH, &value, &err);
        CHECK(t, rc == WEFT_OK && value == i * 77, "%s: register: %s %u", name, err.text, value);
        one_run(t, link, i);
    }
    CHECK(t, d->starts == t->n, "%s: %u programs were started, want %" PRIu64, name, d->starts,
          t->n);
    CHECK(t, !memcmp(d->mem, truth, sizeof truth), "%s: memory differs at the end", name);
    const weft_link_quality q = weft_transport_link_quality(link);
    const uint64_t faults = d->up.faults + d->down.faults;
    CHECK(t, !faults == !memcmp(chance, &(bad_chances){ 0 }, sizeof *chance),
          "%s: %" PRIu64 " faults", name, faults);
    CHECK(t, faults || !q.repeated, "%s: %" PRIu64 " repeated without a fault", name, q.repeated);
    CHECK(t, !(chance->lose_byte + chance->lose_frame) || q.repeated, "%s: nothing repeated", name);
    link->ops->close(link);
    CHECK(t, d->closed == 1, "the wire was closed %u times", d->closed);
    free(d);
}

/* Every refusal of the device has its own status, and ends what was put behind it. */
static void check_refusals(test *t)
{
    static const struct {
        uint8_t packet;
        int status;
    } want[] = {
        { WEFT_PKTST_ADDRESS, WEFT_ERR_CAPACITY }, { WEFT_PKTST_BUSY, WEFT_ERR_BUSY },
        { WEFT_PKTST_REGISTER, WEFT_ERR_ARG },     { WEFT_PKTST_BUS, WEFT_ERR_DEVICE },
        { WEFT_PKTST_TYPE, WEFT_ERR_VERSION },     { WEFT_PKTST_LENGTH, WEFT_ERR_VERSION }
    };
    fake_device *d = new_device(t);
    weft_transport *link = open_link(t, d);
    weft_done done;
    uint32_t value;
    for (unsigned i = 0; i < sizeof want / sizeof *want; i++) {
        weft_error err = { 0 };
        d->refuse = want[i].packet;
        const int rc = link->ops->reg_read(link, FAKE_SCRATCH, &value, &err);
        CHECK(t, rc == want[i].status && err.text[0], "refusal %u gave %d", want[i].packet, rc);
        d->refuse = 0;
        CHECK(t, link->ops->reg_read(link, FAKE_SCRATCH, &value, NULL) == WEFT_OK, "after it");
    }
    CHECK(t, link->ops->reg_read(link, 0x3fc, &value, NULL) == WEFT_ERR_ARG, "register 0x3fc read");
    static uint8_t block[8 * FAKE_DATA];
    const uint32_t before = d->requests;
    CHECK(t,
          link->ops->mem_read(link, FAKE_SAID_BYTES, block, 32, NULL) == WEFT_ERR_CAPACITY &&
              link->ops->mem_write(link, FAKE_SAID_BYTES - 32, block, 64, NULL) ==
                  WEFT_ERR_CAPACITY &&
              d->requests == before,
          "outside of what the device says it has");
    CHECK(t, link->ops->mem_read(link, FAKE_MEM_BYTES, block, 32, NULL) == WEFT_ERR_CAPACITY,
          "read past the end");
    memset(block, 7, sizeof block);
    /* The third packet is refused; the five behind it, and a START, are not executed. */
    int rc = link->ops->mem_write(link, FAKE_MEM_BYTES - 2 * FAKE_DATA, block, sizeof block, NULL);
    if (rc == WEFT_OK)
        rc = link->ops->start(link, &(weft_start){ 0, 1, 0, 1024 }, NULL);
    if (rc == WEFT_OK)
        rc = link->ops->wait_done(link, 1, &done, NULL);
    CHECK(t, rc == WEFT_ERR_CAPACITY && d->starts == 0, "write over the end gave %d, %u starts", rc,
          d->starts);
    one_run(t, link, 1);
    link->ops->close(link);
    free(d);
}

static void check_lost_done(test *t)
{
    fake_device *d = new_device(t);
    weft_transport *link = open_link(t, d);
    weft_done done;
    d->lose_done = 1;
    one_run(t, link, 1);
    d->keep_busy = 1;
    CHECK(t, link->ops->start(link, &(weft_start){ 0 }, NULL) == WEFT_OK, "start");
    CHECK(t, link->ops->wait_done(link, 1, &done, NULL) == WEFT_ERR_TIMEOUT, "busy, yet done");
    CHECK(t,
          link->ops->start(link, &(weft_start){ 0 }, NULL) == WEFT_OK &&
              link->ops->wait_done(link, 1, &done, NULL) == WEFT_ERR_BUSY,
          "two at a time");
    CHECK(t, link->ops->reset(link, NULL) == WEFT_OK && d->status == 0, "reset while busy");
    d->keep_busy = 0;
    d->forgetful = 1;
    CHECK(t, link->ops->start(link, &(weft_start){ 0 }, NULL) == WEFT_OK, "start");
    CHECK(t, link->ops->wait_done(link, 1, &done, NULL) == WEFT_ERR_DEVICE, "forgot, yet done");
    link->ops->close(link);
    free(d);
}

/* A DONE that comes late is not taken for that of the next run. */
static void check_late_done(test *t)
{
    fake_device *d = new_device(t);
    weft_transport *link = open_link(t, d);
    weft_done done = { 0 };
    one_run(t, link, 1);
    const bad_frame late = d->down.history[(d->down.frames - 1) % BAD_HISTORY];
    CHECK(t, late.byte[2] == WEFT_PKT_DONE, "the last frame is of type 0x%02x", late.byte[2]);
    d->keep_busy = 1;
    CHECK(t, link->ops->start(link, &(weft_start){ 0 }, NULL) == WEFT_OK, "start");
    fake_arrive(d, late.byte, late.bytes);
    CHECK(t, link->ops->wait_done(link, 3, &done, NULL) == WEFT_ERR_TIMEOUT,
          "the DONE of another run was taken");
    link->ops->close(link);
    free(d);
}

/* As many requests outstanding as the device allows, and no more. */
static void check_window(test *t)
{
    fake_device *d = new_device(t);
    weft_transport *link = open_link(t, d);
    static uint8_t block[4 * FAKE_WINDOW * FAKE_DATA];
    const uint32_t before = d->requests;
    d->mute = 1;
    CHECK(t, link->ops->mem_read(link, 0, block, sizeof block, NULL) == WEFT_ERR_NO_DEVICE,
          "a mute device was heard");
    /* Repetitions are answered too, but the numbers end where the window does. */
    CHECK(t, d->last - before <= FAKE_WINDOW && d->last - before + 2 >= FAKE_WINDOW,
          "%u outstanding, want %u", d->last - before, FAKE_WINDOW);
    CHECK(t, link->ops->mem_read(link, 0, block, 32, NULL) == WEFT_ERR_NO_DEVICE,
          "a lost link goes on");
    d->mute = 0;
    CHECK(t, link->ops->reset(link, NULL) == WEFT_OK, "reset");
    CHECK(t, link->ops->mem_read(link, 0, block, sizeof block, NULL) == WEFT_OK, "read");
    link->ops->close(link);
    free(d);
}

/* Frames of a process that is gone: none of them reaches the next, whenever they come. */
static void check_sessions(test *t)
{
    fake_device *d = new_device(t);
    uint8_t old[FAKE_DATA], now[FAKE_DATA], back[FAKE_DATA];
    memset(old, 0xaa, sizeof old);
    memset(now, 0xbb, sizeof now);
    weft_transport *link = open_link(t, d);
    d->up.chance.hold_frame = 65536;
    link->ops->mem_write(link, 0, old, sizeof old, NULL);
    link->ops->start(link, &(weft_start){ 0, 1, 0, 1024 }, NULL);
    link->ops->close(link);
    d->up.chance.hold_frame = 0;
    const uint32_t starts = d->starts;
    link = open_link(t, d);
    CHECK(t, link->ops->mem_write(link, 0, now, sizeof now, NULL) == WEFT_OK, "write");
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < BAD_HELD; i++)
            fake_take(d, d->up.held[i].byte, d->up.held[i].bytes);
        for (unsigned i = 0; i < BAD_HISTORY; i++)
            fake_take(d, d->up.history[i].byte, d->up.history[i].bytes);
        CHECK(t,
              link->ops->mem_read(link, 0, back, sizeof back, NULL) == WEFT_OK &&
                  !memcmp(back, now, sizeof now) && d->starts == starts + round,
              "a dead process wrote memory or started a program");
        for (unsigned i = 0; i < BAD_HISTORY; i++)
            fake_arrive(d, d->down.history[i].byte, d->down.history[i].bytes);
        one_run(t, link, starts + 1 + round);
    }
    CHECK(t, weft_transport_link_quality(link).foreign, "nothing of another session came");
    link->ops->close(link);
    free(d);
}

static void check_bad_wires(test *t)
{
    fake_device *d = new_device(t);
    weft_transport *link;
    weft_error err = { 0 };
    d->dead = 1;
    CHECK(t,
          weft_transport_link_open(&d->base, &link, &err) == WEFT_ERR_NO_DEVICE && d->closed == 1,
          "%s", err.text);
    d->dead = 0;
    d->gone = 1;
    CHECK(t,
          weft_transport_link_open(&d->base, &link, &err) == WEFT_ERR_NO_DEVICE && d->closed == 2,
          "%s", err.text);
    d->gone = 0;
    set_chances(d, &(bad_chances){ .flip_bit = 60000 });
    int rc = weft_transport_link_open(&d->base, &link, &err);
    CHECK(t, rc == WEFT_ERR_LINK || rc == WEFT_ERR_NO_DEVICE, "noise gave %d", rc);
    set_chances(d, &(bad_chances){ 0 });
    d->out_head = d->out_tail = 0;
    link = open_link(t, d);
    static uint8_t block[32 * 1024];
    set_chances(d, &(bad_chances){ .flip_bit = 3000 });
    rc = link->ops->mem_write(link, 0, block, sizeof block, &err);
    if (rc == WEFT_OK)
        rc = link->ops->mem_read(link, 0, block, sizeof block, &err);
    CHECK(t, rc == WEFT_ERR_LINK || rc == WEFT_ERR_NO_DEVICE, "five flipped bits in 100 gave %d",
          rc);
    set_chances(d, &(bad_chances){ 0 });
    CHECK(t, link->ops->reset(link, &err) == WEFT_OK, "reset: %s", err.text);
    d->gone = 1;
    CHECK(t, link->ops->mem_read(link, 0, block, sizeof block, &err) == WEFT_ERR_NO_DEVICE, "%s",
          err.text);
    d->gone = 0;
    CHECK(t, link->ops->reset(link, &err) == WEFT_OK, "reset after a replug: %s", err.text);
    link->ops->close(link);
    free(d);
}

/* A device behind something busy, which answers late: it is waited for, and what is asked again does not keep it from
 * answering. */
static void check_slow(test *t)
{
    static uint8_t bytes[4096], back[sizeof bytes];
    fake_device *d = new_device(t);
    weft_error err = { 0 };
    d->slow_us = 5 * FAKE_TIMEOUT_US;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 3 + (i >> 8));
    weft_transport *link = open_link(t, d);
    int rc = link->ops->mem_write(link, 64, bytes, sizeof bytes, &err);
    if (rc == WEFT_OK)
        rc = link->ops->mem_read(link, 64, back, sizeof back, &err);
    CHECK(t, rc == WEFT_OK && !memcmp(bytes, back, sizeof bytes), "slow: %s", err.text);
    link->ops->close(link);
    free(d);
}

int main(int argc, char **argv)
{
    test t = test_begin("transport_link", argc, argv, 1, 200);
    check_faults(&t, "good wire", &(bad_chances){ 0 });
    check_faults(&t, "bad bytes",
                 &(bad_chances){ .lose_byte = 5, .flip_bit = 5, .garbage_byte = 3 });
    check_faults(&t, "bad frames",
                 &(bad_chances){ .lose_frame = 4000, .repeat_frame = 4000, .cut_frame = 2000 });
    check_faults(&t, "late frames",
                 &(bad_chances){ .hold_frame = 3000, .repeat_frame = 2000, .replay_frame = 20000 });
    check_faults(&t, "all of it",
                 &(bad_chances){ .lose_byte = 2,
                                 .flip_bit = 2,
                                 .garbage_byte = 1,
                                 .lose_frame = 1000,
                                 .repeat_frame = 2000,
                                 .cut_frame = 500,
                                 .hold_frame = 1000,
                                 .replay_frame = 8000 });
    check_refusals(&t);
    check_lost_done(&t);
    check_late_done(&t);
    check_window(&t);
    check_sessions(&t);
    check_bad_wires(&t);
    check_slow(&t);
    return test_end(&t, "bytes and frames lost, damaged, doubled, late and from long ago; window, "
                        "sessions, refusals, lost and late DONE, late answers");
}
