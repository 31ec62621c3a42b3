/* Random command streams made from the contract, without the compiler: the Verilated chip against
 * the reference device: every byte of memory, the error and the command it names.
 *
 * Every eighth program breaks a rule on purpose.  Goes through four array shapes; memory has random
 * latency, refresh and back-pressure.  At 16x16 every program runs on the model without clock
 * gates, too, and must take the same cycles.  SEED= N= as everywhere, SHAPE=8x8 for one shape. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/random/gen_cmds.h"
#include "models/ref/device/ref_device.h"
#include "rtl/isa/weft_isa.h"
#include "sim_device.h"
#include "tests/test.h"

enum { PROGRAMS_PER_MEMORY = 10, MOST_STAGES = 6, MOST_CYCLES = 3000000 };

typedef struct bench {
    test *t;
    sim_device sim, ungated; /* the second is open at 16x16 only */
    weft_ref_device *ref;
    uint8_t *memory;
    uint64_t programs, faults;
} bench;

static void compare(bench *b, uint64_t seed, const weft_ref_result *want, const weft_done *got)
{
    const uint8_t *expected = weft_ref_device_memory(b->ref);
    CHECK(b->t, (got->status & WEFT_STATUS_CODE) == want->error,
          "%ux%u program %" PRIu64 ": error %u, want %u", b->sim.hw.rows, b->sim.hw.cols, seed,
          (unsigned)(got->status & WEFT_STATUS_CODE), want->error);
    CHECK(b->t, !want->error || got->err_index == want->error_index,
          "%ux%u program %" PRIu64 ": command %u, want %u", b->sim.hw.rows, b->sim.hw.cols, seed,
          got->err_index, want->error_index);
    for (size_t i = 0; i < GEN_MEM_SIZE; i++)
        if (b->memory[i] != expected[i]) {
            CHECK(b->t, 0, "%ux%u program %" PRIu64 ": byte %#zx: got %d, want %d", b->sim.hw.rows,
                  b->sim.hw.cols, seed, i, (int8_t)b->memory[i], (int8_t)expected[i]);
            return;
        }
    b->t->checks++;
}

/* The clock gates change nothing: no byte, no error, no cycle. */
static int run_ungated(bench *b, uint64_t seed, const weft_start *start, const weft_done *want,
                       weft_error *err)
{
    weft_done got = { 0 };
    const uint8_t *expected = weft_ref_device_memory(b->ref);
    int rc = sim_device_start(&b->ungated, start, MOST_CYCLES, &got, err);
    if (rc == WEFT_OK)
        rc = b->ungated.link->ops->mem_read(b->ungated.link, 0, b->memory, GEN_MEM_SIZE, err);
    if (rc == WEFT_OK)
        CHECK(b->t,
              got.cycles == want->cycles && got.status == want->status &&
                  !memcmp(b->memory, expected, GEN_MEM_SIZE),
              "program %" PRIu64 " without clock gates: %u cycles, with them %u", seed, got.cycles,
              want->cycles);
    return rc;
}

static int run_one(bench *b, uint64_t seed, int fault, weft_error *err)
{
    rng r = rng_make(seed);
    gen_program p;
    const weft_hw params = weft_ref_device_hw(b->ref);
    if (gen_make(&r, &params, 1 + (unsigned)(seed % MOST_STAGES), fault, b->memory, &p) != 0)
        return WEFT_OK; /* found no room: drawn again under the next number */
    memcpy(weft_ref_device_memory(b->ref), b->memory, GEN_MEM_SIZE);
    int rc = b->sim.link->ops->mem_write(b->sim.link, 0, b->memory, GEN_MEM_SIZE, err);
    if (rc == WEFT_OK && b->ungated.link)
        rc = b->ungated.link->ops->mem_write(b->ungated.link, 0, b->memory, GEN_MEM_SIZE, err);
    if (rc != WEFT_OK)
        return rc;
    const weft_ref_start ref_start = { .prog_addr = p.prog_addr,
                                       .prog_count = p.prog_count,
                                       .win_base = p.win_base,
                                       .win_limit = p.win_limit };
    const weft_start start = { p.prog_addr, p.prog_count, p.win_base, p.win_limit };
    const weft_ref_result want = weft_ref_device_run(b->ref, &ref_start);
    weft_done got = { 0 };
    rc = sim_device_start(&b->sim, &start, MOST_CYCLES, &got, err);
    if (rc == WEFT_OK)
        rc = b->sim.link->ops->mem_read(b->sim.link, 0, b->memory, GEN_MEM_SIZE, err);
    if (rc == WEFT_OK)
        compare(b, seed, &want, &got);
    if (rc == WEFT_OK && b->ungated.link)
        rc = run_ungated(b, seed, &start, &got, err);
    b->programs++;
    b->faults += fault != 0;
    return rc;
}

static void run_shape(bench *b, const char *shape, uint64_t first, uint64_t count)
{
    weft_error err = { 0 };
    for (uint64_t i = 0; i < count && b->t->failures < 10;) {
        rng r = rng_make(first + i), again = r;
        int rc = sim_device_open(shape, getenv("PLAIN") ? NULL : &r, &b->sim, &err);
        if (rc == WEFT_OK && !strcmp(shape, "16x16"))
            rc = sim_device_open("16x16,ungated", getenv("PLAIN") ? NULL : &again, &b->ungated,
                                 &err);
        if (rc == WEFT_OK) {
            const weft_hw params = sim_device_params(&b->sim, GEN_MEM_SIZE);
            rc = weft_ref_device_new(&params, &b->ref);
        }
        for (int k = 0; k < PROGRAMS_PER_MEMORY && i < count && rc == WEFT_OK; k++, i++)
            rc = run_one(b, first + i, (first + i) % 8 == 7, &err);
        CHECK(b->t, rc == WEFT_OK, "%s program %" PRIu64 ": %s", shape, first + i - 1, err.text);
        sim_device_close(&b->sim);
        sim_device_close(&b->ungated);
        weft_ref_device_free(b->ref);
        b->ref = NULL;
        if (rc != WEFT_OK)
            return;
    }
}

int main(int argc, char **argv)
{
    test t = test_begin("rand_cmds", argc, argv, 1, 400);
    const char *only = getenv("SHAPE");
    bench b = { .t = &t, .memory = malloc(GEN_MEM_SIZE) };
    unsigned shapes = 0;
    for (const char *const *s = sim_device_shapes; *s && b.memory; s++)
        if (!only || !strcmp(only, *s)) {
            run_shape(&b, *s, t.seed * 1000000u + shapes * (t.n / 4), only ? t.n : t.n / 4);
            shapes++;
        }
    free(b.memory);
    CHECK(&t, b.programs > 0, "no program was run");
    char text[160];
    snprintf(text, sizeof text,
             "%" PRIu64 " random programs (%" PRIu64
             " with a fault) on %u array shapes, chip = reference device",
             b.programs, b.faults, shapes);
    return test_end(&t, text);
}
