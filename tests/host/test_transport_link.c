/* The link against a device behind a bad wire: lost bytes, flipped bits, lost and repeated frames.
 *
 * Whatever the wire does, memory and registers must hold what was written, each START must be
 * executed exactly once, and each DONE found.  Then every error the link can return. */
#include <stdlib.h>

#include "fake_device.h"
#include "tests/test.h"

static fake_device *new_device(const test *t)
{
    fake_device *d = calloc(1, sizeof *d);
    if (!d)
        exit(1);
    d->r = rng_make(t->seed);
    return d;
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

static void check_faults(test *t, uint32_t bytes, uint32_t frames)
{
    fake_device *d = new_device(t);
    static uint8_t truth[FAKE_MEM_BYTES];
    uint8_t back[4096];
    weft_error err = { 0 };
    weft_transport *link;
    const weft_pipe pipe = fake_pipe(d);
    memset(truth, 0, sizeof truth);
    d->lose_byte = d->flip_bit = bytes;
    d->lose_frame = d->repeat_frame = frames;
    int rc = weft_transport_link_open(&pipe, &link, &err);
    CHECK(t, rc == WEFT_OK, "open: %s", err.text);
    for (uint32_t i = 1; i <= t->n && rc == WEFT_OK && !t->failures; i++) {
        const size_t n = 32 * (1 + rng_u32(&d->r) % 128);
        const uint32_t at = 32 * (rng_u32(&d->r) % ((FAKE_MEM_BYTES - (uint32_t)n) / 32 + 1));
        for (size_t k = 0; k < n; k++)
            truth[at + k] = (uint8_t)rng_u32(&d->r);
        rc = link->ops->mem_write(link, at, truth + at, n, &err);
        CHECK(t, rc == WEFT_OK, "write: %s", err.text);
        rc = link->ops->mem_read(link, at, back, n, &err);
        CHECK(t, rc == WEFT_OK && !memcmp(back, truth + at, n), "read of %zu at 0x%x: %s", n, at,
              err.text);
        uint32_t value = 0;
        rc = link->ops->reg_write(link, FAKE_SCRATCH, i * 77, &err);
        if (rc == WEFT_OK)
            rc = link->ops->reg_read(link, FAKE_SCRATCH, &value, &err);
        CHECK(t, rc == WEFT_OK && value == i * 77, "register: %s %u", err.text, value);
        one_run(t, link, i);
    }
    CHECK(t, d->starts == t->n, "%u programs were started, want %" PRIu64, d->starts, t->n);
    CHECK(t, !memcmp(d->mem, truth, sizeof truth), "memory differs at the end");
    const weft_link_quality q = weft_transport_link_quality(link);
    CHECK(t, !(bytes + frames) == !q.repeated, "%" PRIu64 " repeated", q.repeated);
    CHECK(t, !(bytes + frames) == !d->faults, "%" PRIu64 " faults", d->faults);
    link->ops->close(link);
    free(d);
}

/* Every refusal of the device has its own status. */
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
    weft_transport *link;
    const weft_pipe pipe = fake_pipe(d);
    CHECK(t, weft_transport_link_open(&pipe, &link, NULL) == WEFT_OK, "open");
    for (unsigned i = 0; i < sizeof want / sizeof *want; i++) {
        weft_error err = { 0 };
        uint32_t value;
        d->refuse = want[i].packet;
        const int rc = link->ops->reg_read(link, FAKE_SCRATCH, &value, &err);
        CHECK(t, rc == want[i].status && err.text[0], "refusal %u gave %d", want[i].packet, rc);
    }
    d->refuse = 0;
    uint32_t value;
    CHECK(t, link->ops->reg_read(link, 0x3fc, &value, NULL) == WEFT_ERR_ARG, "register 0x3fc read");
    uint8_t block[64];
    CHECK(t, link->ops->mem_read(link, FAKE_MEM_BYTES, block, 32, NULL) == WEFT_ERR_CAPACITY,
          "read past the end");
    link->ops->close(link);
    free(d);
}

static void check_lost_done(test *t)
{
    fake_device *d = new_device(t);
    weft_transport *link;
    weft_done done;
    const weft_pipe pipe = fake_pipe(d);
    CHECK(t, weft_transport_link_open(&pipe, &link, NULL) == WEFT_OK, "open");
    d->lose_done = 1;
    one_run(t, link, 1);
    d->keep_busy = 1;
    CHECK(t, link->ops->start(link, &(weft_start){ 0 }, NULL) == WEFT_OK, "start");
    CHECK(t, link->ops->wait_done(link, 1, &done, NULL) == WEFT_ERR_TIMEOUT, "busy, yet done");
    CHECK(t, link->ops->reset(link, NULL) == WEFT_OK && d->status == 0, "reset while busy");
    d->keep_busy = 0;
    d->forgetful = 1;
    CHECK(t, link->ops->start(link, &(weft_start){ 0 }, NULL) == WEFT_OK, "start");
    CHECK(t, link->ops->wait_done(link, 1, &done, NULL) == WEFT_ERR_DEVICE, "forgot, yet done");
    link->ops->close(link);
    free(d);
}

static void check_bad_wires(test *t)
{
    fake_device *d = new_device(t);
    weft_transport *link;
    weft_error err = { 0 };
    const weft_pipe pipe = fake_pipe(d);
    d->dead = 1;
    CHECK(t, weft_transport_link_open(&pipe, &link, &err) == WEFT_ERR_NO_DEVICE, "%s", err.text);
    d->dead = 0;
    d->flip_bit = 60000;
    int rc = weft_transport_link_open(&pipe, &link, &err);
    CHECK(t, rc == WEFT_ERR_LINK || rc == WEFT_ERR_NO_DEVICE, "noise gave %d", rc);
    d->flip_bit = 0;
    d->out_head = d->out_tail = 0;
    CHECK(t, weft_transport_link_open(&pipe, &link, &err) == WEFT_OK, "after noise: %s", err.text);
    d->flip_bit = 3000;
    rc = WEFT_OK;
    static uint8_t block[32 * 1024];
    rc = link->ops->mem_write(link, 0, block, sizeof block, &err);
    CHECK(t, rc == WEFT_ERR_LINK, "five flipped bits in 100 gave %d", rc);
    d->flip_bit = 0;
    CHECK(t, link->ops->reset(link, &err) == WEFT_OK, "reset: %s", err.text);
    link->ops->close(link);
    free(d);
}

int main(int argc, char **argv)
{
    test t = test_begin("transport_link", argc, argv, 1, 200);
    check_faults(&t, 0, 0);
    check_faults(&t, 10, 0);
    check_faults(&t, 0, 4000);
    check_faults(&t, 5, 2000);
    check_refusals(&t);
    check_lost_done(&t);
    check_bad_wires(&t);
    return test_end(&t, "lost bytes, flipped bits, lost and repeated frames, refusals, lost DONE");
}
