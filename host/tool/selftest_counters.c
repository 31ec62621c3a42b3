/* The counters: a run's CYCLES as its end tells them are those of the register, come again when it
 * is run again, and grow with the work; COMMANDS are those there were; and a real clock says how
 * many megahertz that makes. */
#include "selftest.h"

#include <string.h>

#include "rtl/isa/weft_isa.h"

enum {
    PROGRAM = 0x1000,
    DATA = 0x100,
    WINDOW = 0x8000,
    ROW_BYTES = 32, /* the widest port */
    RING_WORDS = 16,
    SHORT_LOADS = 2,
    LONG_LOADS = 8,
    REAL_LOADS = 40, /* five million beats of 16 bytes: 50 ms at 100 MHz */
    SHORT_ROWS = 500,
    REAL_ROWS = 65535,
    MOST_APART_PERCENT = 10 /* of two runs: refresh, and a simulated memory's moods */
};

/* Loads of the same 32 bytes, over and over. */
static weft_cmd load(uint32_t rows)
{
    weft_cmd c = { { WEFT_CMD_LOAD } };
    weft_LOAD_set_ADDR(&c, DATA);
    weft_LOAD_set_ROWS(&c, rows);
    weft_LOAD_set_ROW_BYTES(&c, ROW_BYTES);
    weft_LOAD_set_PITCH(&c, 1);
    weft_LOAD_set_TOP(&c, RING_WORDS);
    weft_LOAD_set_SIZE(&c, RING_WORDS);
    return c;
}

typedef struct measured {
    uint32_t cycles, register_cycles, commands;
    double seconds;
} measured;

static int run(selftest *s, uint32_t loads, uint32_t rows, measured *out, weft_error *err)
{
    uint8_t bytes[REAL_LOADS * WEFT_CMD_UNIT_BYTES * 2] = { 0 };
    const weft_cmd c = load(rows);
    const unsigned units = weft_op_units(WEFT_CMD_LOAD);
    weft_done done = { 0 };
    for (uint32_t i = 0; i < loads; i++)
        weft_cmd_store(&c, units, bytes + i * units * WEFT_CMD_UNIT_BYTES);
    int rc = s->t->ops->mem_write(s->t, PROGRAM, bytes, sizeof bytes, err);
    if (rc == WEFT_OK) /* so that nothing of the writing is in the time of the run */
        rc = s->t->ops->reg_read(s->t, WEFT_REG_STATUS, &out->commands, err);
    const double from = selftest_clock();
    if (rc == WEFT_OK)
        rc = selftest_start(s, &(weft_start){ PROGRAM, loads, 0, WINDOW }, &done, err);
    out->seconds = selftest_clock() - from;
    out->cycles = done.cycles;
    if (rc == WEFT_OK && (done.status & WEFT_STATUS_CODE))
        rc = weft_error_set(err, WEFT_ERR_DEVICE, "a program of %u loads ended with error %u",
                            (unsigned)loads, (unsigned)(done.status & WEFT_STATUS_CODE));
    if (rc == WEFT_OK)
        rc = s->t->ops->reg_read(s->t, WEFT_REG_CYCLES, &out->register_cycles, err);
    if (rc == WEFT_OK)
        rc = s->t->ops->reg_read(s->t, WEFT_REG_COMMANDS, &out->commands, err);
    return rc;
}

static uint32_t apart(uint32_t a, uint32_t b)
{
    return a > b ? a - b : b - a;
}

/* Cycles that pass between two runs, idle ones too, are at least those of the run. */
static int judge(const measured *first, const measured *again, const measured *longer,
                 int no_cycles, uint64_t passed, selftest_part *out)
{
    if (first->commands != SHORT_LOADS || longer->commands != LONG_LOADS)
        selftest_say(out, SELFTEST_FAILED, "COMMANDS says %u and %u of runs of %d and %d commands",
                     (unsigned)first->commands, (unsigned)longer->commands, SHORT_LOADS,
                     LONG_LOADS);
    else if (first->cycles != first->register_cycles || longer->cycles != longer->register_cycles)
        selftest_say(out, SELFTEST_FAILED,
                     "the end of a run tells %u cycles and the register CYCLES %u",
                     (unsigned)first->cycles, (unsigned)first->register_cycles);
    else if (no_cycles)
        selftest_say(out, SELFTEST_PASSED, "commands are counted; the C model counts no cycles");
    else if (apart(first->cycles, again->cycles) >
             (uint64_t)first->cycles * MOST_APART_PERCENT / 100)
        selftest_say(out, SELFTEST_FAILED, "the same run takes %u cycles, then %u",
                     (unsigned)first->cycles, (unsigned)again->cycles);
    else if (longer->cycles <= first->cycles || longer->cycles <= again->cycles)
        selftest_say(out, SELFTEST_FAILED, "%d commands take %u cycles, and %d of them %u",
                     SHORT_LOADS, (unsigned)first->cycles, LONG_LOADS, (unsigned)longer->cycles);
    else if (passed && passed < (uint64_t)longer->cycles)
        selftest_say(out, SELFTEST_FAILED, "a run of %u cycles took %llu of the device's clock",
                     (unsigned)longer->cycles, (unsigned long long)passed);
    else
        return 1;
    return 0;
}

int selftest_counters(selftest *s, selftest_part *out, weft_error *err)
{
    measured first, again, longer;
    const int no_cycles = !strcmp(s->t->ops->scheme, "ref");
    uint64_t (*const clock)(const weft_transport *) = s->t->ops->clock;
    int rc = run(s, SHORT_LOADS, SHORT_ROWS, &first, err);
    if (rc == WEFT_OK)
        rc = run(s, SHORT_LOADS, SHORT_ROWS, &again, err);
    const uint64_t before = clock ? clock(s->t) : 0;
    if (rc == WEFT_OK)
        rc = run(s, LONG_LOADS, SHORT_ROWS, &longer, err);
    if (rc != WEFT_OK)
        return rc;
    const uint64_t passed = clock ? clock(s->t) - before : 0;
    selftest_add(out, "cycles", first.cycles);
    selftest_add(out, "cycles_again", again.cycles);
    selftest_add(out, "cycles_longer", longer.cycles);
    if (!judge(&first, &again, &longer, no_cycles, passed, out))
        return WEFT_OK;
    if (clock) {
        selftest_say(out, SELFTEST_PASSED,
                     "CYCLES is %u, again %u, and %u for four times the work; it is simulated time",
                     (unsigned)first.cycles, (unsigned)again.cycles, (unsigned)longer.cycles);
        return WEFT_OK;
    }
    measured real;
    rc = run(s, REAL_LOADS, REAL_ROWS, &real, err);
    if (rc != WEFT_OK)
        return rc;
    const double seconds = real.seconds - longer.seconds;
    const double mhz = seconds > 0 ? 1e-6 * (real.cycles - longer.cycles) / seconds : 0;
    selftest_add(out, "MHz", mhz);
    selftest_say(
        out, SELFTEST_PASSED,
        "CYCLES is %u, again %u, and %u for four times the work; %.1f MHz by the host's clock",
        (unsigned)first.cycles, (unsigned)again.cycles, (unsigned)longer.cycles, mhz);
    return WEFT_OK;
}
