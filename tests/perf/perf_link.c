/* What the link makes of a wire: memory writes and reads in MB/s and as a share of what the wire carries, small
 * jobs in microseconds and turns of the wire.  Prints the table of rtl/link/README.md; fails if a
 * share is below LEAST_SHARE or a job takes more than a turn and what its bytes and its run take.
 *
 *     perf_link [wire ..]       uart, ft245, hs, ft601; default: all
 *
 * A job is what a queue of jobs does on the device: start, read the outputs of the job before, write the inputs
 * of the next, wait for the end.  Its program is one NOP; inputs and outputs are JOB_BYTES each. */
#include <string.h>

#include "host/transport/transport.h"
#include "rtl/isa/weft_isa.h"
#include "sim/pin_wire.h"
#include "tests/rng.h"
#include "tests/test.h"

enum { PROGRAM = 0x1000, INPUT = 0x10000, OUTPUT = 0x20000, JOB_BYTES = 256, JOBS = 20 };
enum { CYCLES_PER_S = 1000000 * WEFT_SIM_CYCLES_PER_US, LEAST_SHARE = 95, RUN_US = 20 };

/* Wires, and chips whose pins are wide enough for them; enough bytes that one turn does not matter. */
static const struct {
    const char *wire, *shape;
    size_t bytes;
} cases[] = {
    { "uart", "8x8", 100 << 10 },
    { "ft245", "8x8", 2 << 20 },
    { "hs", "8x8", 2 << 20 },
    { "ft601", "12x8", 12 << 20 },
};
enum { CASES = sizeof cases / sizeof *cases, MOST_BYTES = 12 << 20 };

typedef struct result {
    double write_rate, read_rate, job_us; /* bytes a second */
} result;

static double seconds_since(const weft_transport *t, uint64_t cycle)
{
    return (double)(t->ops->clock(t) - cycle) / CYCLES_PER_S;
}

/* The time until the device has all: until a register that is asked for behind the data has come. */
static int measure_memory(weft_transport *t, size_t bytes, result *out, weft_error *err)
{
    static uint8_t there[MOST_BYTES], back[MOST_BYTES];
    rng r = rng_make(1);
    uint32_t status;
    for (size_t i = 0; i < bytes; i++)
        there[i] = (uint8_t)rng_u32(&r);
    uint64_t from = t->ops->clock(t);
    int rc = t->ops->mem_write(t, 0, there, bytes, err);
    if (rc == WEFT_OK)
        rc = t->ops->reg_read(t, WEFT_REG_STATUS, &status, err);
    out->write_rate = (double)bytes / seconds_since(t, from);
    from = t->ops->clock(t);
    if (rc == WEFT_OK)
        rc = t->ops->mem_read(t, 0, back, bytes, err);
    out->read_rate = (double)bytes / seconds_since(t, from);
    if (rc == WEFT_OK && memcmp(there, back, bytes))
        rc = weft_error_set(err, WEFT_ERR_LINK, "what was read is not what was written");
    return rc;
}

static int measure_jobs(weft_transport *t, result *out, weft_error *err)
{
    uint8_t program[WEFT_CMD_UNIT_BYTES] = { 0 }, in[JOB_BYTES] = { 1 }, back[JOB_BYTES];
    uint32_t status;
    int rc = t->ops->mem_write(t, PROGRAM, program, sizeof program, err);
    if (rc == WEFT_OK)
        rc = t->ops->reg_read(t, WEFT_REG_STATUS, &status, err);
    const uint64_t from = t->ops->clock(t);
    for (unsigned i = 0; i < JOBS && rc == WEFT_OK; i++) {
        weft_done done;
        rc = t->ops->start(t, &(weft_start){ PROGRAM, 1, 0, OUTPUT }, err);
        if (rc == WEFT_OK)
            rc = t->ops->mem_read(t, OUTPUT, back, sizeof back, err);
        if (rc == WEFT_OK)
            rc = t->ops->mem_write(t, INPUT, in, sizeof in, err);
        if (rc == WEFT_OK)
            rc = t->ops->wait_done(t, 1000, &done, err);
    }
    out->job_us = 1e6 * seconds_since(t, from) / JOBS;
    return rc;
}

static void run_case(test *t, unsigned i)
{
    char uri[64];
    weft_wire_kind kind;
    weft_transport *dev;
    weft_error err = { 0 };
    result r = { 0 };
    snprintf(uri, sizeof uri, "sim:link,shape=%s,wire=%s", cases[i].shape, cases[i].wire);
    int rc = weft_transport_open(uri, &dev, &err);
    CHECK(t, rc == WEFT_OK && weft_wire_kind_find(cases[i].wire, &kind), "%s: %s", uri, err.text);
    if (rc != WEFT_OK)
        return;
    rc = measure_memory(dev, cases[i].bytes, &r, &err);
    if (rc == WEFT_OK)
        rc = measure_jobs(dev, &r, &err);
    CHECK(t, rc == WEFT_OK, "%s: %s", uri, err.text);
    dev->ops->close(dev);
    if (rc != WEFT_OK)
        return;
    const double rate = (double)kind.rate, turn = (double)kind.turn;
    const double write_share = 100 * r.write_rate / rate, read_share = 100 * r.read_rate / rate;
    printf("| %s | %.2f MB/s | %.0f us | %.2f MB/s | %.1f %% | %.2f MB/s | %.1f %% | %.0f us | "
           "%.0f |\n",
           cases[i].wire, rate / 1e6, turn, r.write_rate / 1e6, write_share, r.read_rate / 1e6,
           read_share, r.job_us, 1e6 / r.job_us);
    CHECK(t, write_share >= LEAST_SHARE && read_share >= LEAST_SHARE,
          "%s: %.1f %% and %.1f %% of the wire, want %d %%", uri, write_share, read_share,
          LEAST_SHARE);
    const double bytes_us = 1e6 * 3 * JOB_BYTES / rate;
    CHECK(t, r.job_us <= turn + bytes_us + RUN_US, "%s: a job takes %.0f us, a turn %.0f us", uri,
          r.job_us, turn);
}

int main(int argc, char **argv)
{
    test t = test_begin("perf_link", argc, argv, 1, 1);
    printf("| wire | carries | turn | writes | share | reads | share | a job | jobs a second |\n"
           "|---|---|---|---|---|---|---|---|---|\n");
    for (unsigned i = 0; i < CASES; i++) {
        int wanted = argc < 2;
        for (int k = 1; k < argc; k++)
            wanted |= !strcmp(argv[k], cases[i].wire);
        if (wanted)
            run_case(&t, i);
    }
    return test_end(&t, "share of the wire both ways, one turn a job");
}
