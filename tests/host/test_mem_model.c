/* The memory model alone: timing, stalls, strobes, errors, breaches of the bus rules.
 *
 * A small bus master plays random reads and writes against a plain array; what it reads must be
 * what was confirmed before, and rvalid, bvalid and their data must hold until taken. */
#include <string.h>
#include <sys/resource.h>

#include "sim/mem_model.h"
#include "tests/rng.h"
#include "tests/test.h"

enum { BYTES = 16, SIZE = 1 << 16 };

typedef struct master {
    test *t;
    weft_mem *mem;
    uint64_t cycle;
    rng r;
    uint8_t truth[SIZE];
} master;

static void step(master *m, weft_mem_in *in)
{
    const weft_mem_out before = *weft_mem_outputs(m->mem);
    weft_mem_clock(m->mem, m->cycle++, in);
    const weft_mem_out *after = weft_mem_outputs(m->mem);
    if (before.rvalid && !in->rready)
        CHECK(m->t,
              after->rvalid && !memcmp(after->rdata, before.rdata, BYTES) &&
                  after->rlast == before.rlast,
              "cycle %" PRIu64 ": the read beat did not hold", m->cycle);
    if (before.bvalid && !in->bready)
        CHECK(m->t, after->bvalid, "cycle %" PRIu64 ": the response did not hold", m->cycle);
}

/* One read burst; returns the cycles from the address to the last beat, resp of the last beat. */
static uint64_t read_burst(master *m, uint32_t at, uint32_t beats, uint8_t *to, uint8_t *resp)
{
    weft_mem_in in = { .araddr = at, .arlen = (uint8_t)(beats - 1), .arsize = 4, .arburst = 1 };
    in.arvalid = 1;
    const uint64_t limit = m->cycle + 100000;
    uint64_t from = 0;
    for (uint32_t got = 0; got < beats && m->cycle < limit;) {
        const weft_mem_out o = *weft_mem_outputs(m->mem);
        in.rready = !(rng_u32(&m->r) % 4) || m->t->seed == 0;
        const int taken = in.arvalid && o.arready;
        if (taken)
            from = m->cycle;
        if (o.rvalid && in.rready) {
            memcpy(to + got * BYTES, o.rdata, BYTES);
            *resp = o.rresp;
            got++;
            CHECK(m->t, o.rlast == (got == beats), "rlast on beat %u of %u", got, beats);
        }
        step(m, &in);
        if (taken)
            in.arvalid = 0;
    }
    CHECK(m->t, m->cycle < limit, "a read of %u beats at 0x%x never ended", beats, at);
    return m->cycle - 1 - from;
}

static uint64_t write_burst(master *m, uint32_t at, uint32_t beats, const uint8_t *data,
                            uint32_t strobe, uint8_t *resp)
{
    weft_mem_in in = { .awaddr = at, .awlen = (uint8_t)(beats - 1), .awsize = 4, .awburst = 1 };
    in.awvalid = 1;
    const uint64_t from = m->cycle, limit = from + 100000;
    uint32_t sent = 0;
    for (int done = 0; !done && m->cycle < limit;) {
        const weft_mem_out o = *weft_mem_outputs(m->mem);
        in.wvalid = sent < beats;
        in.wdata = data + (sent < beats ? sent * BYTES : 0);
        in.wstrb = strobe;
        in.wlast = sent + 1 == beats;
        in.bready = rng_u32(&m->r) & 1;
        const int address_taken = in.awvalid && o.awready, beat_taken = in.wvalid && o.wready;
        done = o.bvalid && in.bready;
        *resp = o.bresp;
        step(m, &in);
        if (address_taken)
            in.awvalid = 0;
        sent += (uint32_t)beat_taken;
    }
    CHECK(m->t, m->cycle < limit, "a write of %u beats at 0x%x never ended", beats, at);
    return m->cycle - from;
}

static master open_master(test *t, weft_mem_config config)
{
    master m = { .t = t, .r = rng_make(t->seed) };
    config.size_bytes = SIZE;
    weft_error err = { 0 };
    CHECK(t, weft_mem_open(&config, &m.mem, &err) == WEFT_OK, "open: %s", err.text);
    return m;
}

static void check_random(test *t, uint32_t stall)
{
    weft_mem_config config = weft_mem_config_default(BYTES);
    config.stall_percent = stall;
    config.seed = t->seed;
    master m = open_master(t, config);
    for (uint64_t i = 0; i < t->n; i++) {
        const uint32_t beats = 1 + rng_u32(&m.r) % 16;
        const uint32_t line = rng_u32(&m.r) % (SIZE / BYTES / 16);
        const uint32_t at = (line * 16 + rng_u32(&m.r) % (17 - beats)) * BYTES;
        const uint32_t strobe = rng_u32(&m.r) % 3 ? 0xffff : rng_u32(&m.r) & 0xffff;
        uint8_t data[16 * BYTES], resp = 9;
        for (uint32_t k = 0; k < beats * BYTES; k++)
            data[k] = (uint8_t)rng_u32(&m.r);
        if (i & 1) {
            write_burst(&m, at, beats, data, strobe, &resp);
            for (uint32_t k = 0; k < beats * BYTES; k++)
                if (strobe >> k % BYTES & 1)
                    m.truth[at + k] = data[k];
        } else {
            read_burst(&m, at, beats, data, &resp);
            for (uint32_t k = 0; k < beats * BYTES && !t->failures; k++)
                CHECK(t, data[k] == m.truth[at + k], "byte 0x%x: got %u, want %u", at + k, data[k],
                      m.truth[at + k]);
        }
        CHECK(t, resp == WEFT_AXI_OKAY, "response %u", resp);
    }
    CHECK(t, !weft_mem_breach(m.mem), "%s", weft_mem_breach(m.mem));
    CHECK(t, !memcmp(weft_mem_bytes(m.mem), m.truth, SIZE), "the memory differs at the end");
    weft_mem_close(m.mem);
}

static void check_timing(test *t)
{
    test steady = *t;
    steady.seed = 0; /* the master is always ready */
    weft_mem_config config = weft_mem_config_default(BYTES);
    config.latency = 55;
    config.refresh_interval = 0;
    master m = open_master(&steady, config);
    uint8_t data[16 * BYTES] = { 0 }, resp;
    const uint64_t first = read_burst(&m, 0, 1, data, &resp);
    const uint64_t sixteen = read_burst(&m, 0, 16, data, &resp);
    CHECK(&steady, first == 55, "first beat after %" PRIu64 " cycles, want 55", first);
    CHECK(&steady, sixteen == 70, "16 beats after %" PRIu64 " cycles, want 70", sixteen);
    weft_mem_close(m.mem);
    t->failures += steady.failures;
    t->checks += steady.checks;
}

/* Bursts asked back to back: the share of cycles with data is 1 - refresh. */
static void check_bandwidth(test *t)
{
    master m = open_master(t, weft_mem_config_default(BYTES));
    weft_mem_in in = { .arvalid = 1, .rready = 1, .arlen = 15, .arsize = 4, .arburst = 1 };
    uint64_t beats = 0;
    for (m.cycle = 0; m.cycle < 78000;) {
        beats += weft_mem_outputs(m.mem)->rvalid;
        weft_mem_clock(m.mem, m.cycle++, &in);
    }
    /* An interval holds 752 free cycles: 47 whole bursts. */
    CHECK(t, beats >= 75100 && beats <= 75200, "%" PRIu64 " beats in 78000 cycles, want ~75200",
          beats);
    weft_mem_close(m.mem);
}

/* It takes room only for what was used, and a pointer that was to stay shows the same bytes when it has grown. */
static void check_growth(test *t)
{
    const uint32_t size = 256u << 20;
    weft_mem_config config = weft_mem_config_default(BYTES);
    weft_mem *mem = NULL;
    struct rlimit old, tight;
    config.size_bytes = size;
    getrlimit(RLIMIT_AS, &old);
    tight = old;
    tight.rlim_cur = 128u << 20;
    setrlimit(RLIMIT_AS, &tight);
    const int rc = weft_mem_open(&config, &mem, NULL);
    CHECK(t, rc == WEFT_OK, "no memory for a memory that nobody has used");
    if (rc == WEFT_OK) {
        uint8_t *first = weft_mem_keep(mem, 4096, 64), *later = weft_mem_at(mem, 20u << 20, 64);
        CHECK(t, first && later && !later[0], "no room for 20 MiB");
        if (first && later) {
            first[1] = 7;
            CHECK(t, weft_mem_at(mem, 4096, 64)[1] == 7, "another byte than was written");
            weft_mem_at(mem, 4097, 1)[0] = 9;
            CHECK(t, first[1] == 9, "a pointer that was to stay shows old bytes");
        }
        CHECK(t, !weft_mem_at(mem, size - 64, 64) && !weft_mem_at(mem, size, 1),
              "more than there is room for");
    }
    setrlimit(RLIMIT_AS, &old);
    CHECK(t, rc != WEFT_OK || weft_mem_at(mem, size - 64, 64), "no room when there is");
    weft_mem_close(mem);
}

static void check_errors(test *t)
{
    weft_mem_config config = weft_mem_config_default(BYTES);
    config.error_address = 0x1234;
    master m = open_master(t, config);
    uint8_t data[16 * BYTES] = { 0 }, resp = 9;
    read_burst(&m, 0x1200, 4, data, &resp);
    CHECK(t, resp == WEFT_AXI_SLVERR, "injected error read as %u", resp);
    write_burst(&m, 0x1200, 4, data, 0xffff, &resp);
    CHECK(t, resp == WEFT_AXI_SLVERR, "injected error written as %u", resp);
    read_burst(&m, SIZE, 1, data, &resp);
    CHECK(t, resp == WEFT_AXI_DECERR, "read past the end gave %u", resp);
    write_burst(&m, SIZE, 1, data, 0xffff, &resp);
    CHECK(t, resp == WEFT_AXI_DECERR, "write past the end gave %u", resp);
    CHECK(t, !weft_mem_breach(m.mem), "errors are no breach");
    read_burst(&m, 0xf0, 2, data, &resp);
    CHECK(t, weft_mem_breach(m.mem), "a burst over a boundary went unnoticed");
    weft_mem_close(m.mem);
}

static void check_arguments(test *t)
{
    weft_mem *mem;
    weft_mem_config c = weft_mem_config_default(24);
    CHECK(t, weft_mem_open(&c, &mem, NULL) == WEFT_ERR_ARG && !mem, "width 24 accepted");
    c = weft_mem_config_default(16);
    c.size_bytes = 5000;
    CHECK(t, weft_mem_open(&c, &mem, NULL) == WEFT_ERR_ARG, "size 5000 accepted");
    c = weft_mem_config_default(16);
    c.stall_percent = 96;
    CHECK(t, weft_mem_open(&c, &mem, NULL) == WEFT_ERR_ARG, "stalls of 96 percent accepted");
    c = weft_mem_config_default(16);
    c.latency = 0;
    CHECK(t, weft_mem_open(&c, &mem, NULL) == WEFT_ERR_ARG, "latency 0 accepted");
    c = weft_mem_config_default(16);
    c.refresh_cycles = 770;
    CHECK(t, weft_mem_open(&c, &mem, NULL) == WEFT_ERR_ARG, "refresh without room accepted");
    weft_mem_close(NULL);
}

int main(int argc, char **argv)
{
    test t = test_begin("mem_model", argc, argv, 1, 2000);
    check_timing(&t);
    check_bandwidth(&t);
    check_random(&t, 0);
    check_random(&t, 25);
    check_random(&t, 90);
    check_growth(&t);
    check_errors(&t);
    check_arguments(&t);
    return test_end(&t, "timing, bandwidth, stalls, strobes, errors, breaches");
}
