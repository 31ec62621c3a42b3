/* The parts of the self-test one after the other; the contract is in selftest.h. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "selftest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rtl/isa/weft_isa.h"

enum { RUN_MS = 100, MOST_RUN_MS = 60000 };

void selftest_say(selftest_part *p, selftest_result result, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    p->result = result;
    vsnprintf(p->text, sizeof p->text, format, args);
    va_end(args);
}

void selftest_add(selftest_part *p, const char *name, double value)
{
    if (p->number_count < SELFTEST_NUMBERS)
        p->number[p->number_count++] = (selftest_number){ name, value };
}

double selftest_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int selftest_stopped(const selftest *s)
{
    return s->o->stop && s->o->stop();
}

int selftest_start(selftest *s, const weft_start *start, weft_done *out, weft_error *err)
{
    int rc = s->t->ops->start(s->t, start, err);
    if (rc != WEFT_OK)
        return rc;
    rc = WEFT_ERR_TIMEOUT;
    for (unsigned ms = 0; rc == WEFT_ERR_TIMEOUT && ms < MOST_RUN_MS && !selftest_stopped(s);
         ms += RUN_MS)
        rc = s->t->ops->wait_done(s->t, RUN_MS, out, err);
    return rc;
}

int selftest_good(const selftest_report *r)
{
    int good = 1;
    for (unsigned i = 0; i < SELFTEST_PARTS; i++)
        good &= r->part[i].result != SELFTEST_FAILED;
    return good;
}

static int read_device(weft_transport *t, weft_hw *hw, weft_error *err)
{
    uint32_t id = 0, isa = 0;
    const struct {
        uint32_t offset, *to;
    } reads[] = {
        { WEFT_REG_ID, &id },
        { WEFT_REG_ISA, &isa },
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, option, unit, doc)          \
    { WEFT_REG_INFO_##NAME, &hw->name },
#define HW_DERIVED(NAME, name, info, unit, doc) { WEFT_REG_INFO_##NAME, &hw->name },
#include "rtl/isa/weft_isa.def"
    };
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        const int rc = t->ops->reg_read(t, reads[i].offset, reads[i].to, err);
        if (rc != WEFT_OK)
            return rc;
    }
    if (id != WEFT_REG_ID_RESET || isa != WEFT_ISA_VERSION)
        return weft_error_set(err, WEFT_ERR_VERSION,
                              "this is no Weft device of ISA version %d (ID 0x%08x, version %u)",
                              WEFT_ISA_VERSION, (unsigned)id, (unsigned)isa);
    return weft_hw_check(hw, err) == WEFT_OK ? WEFT_OK : WEFT_ERR_VERSION;
}

static const struct {
    const char *name;
    int (*run)(selftest *s, selftest_part *out, weft_error *err);
} parts[SELFTEST_PARTS] = {
    [SELFTEST_LINK] = { "link", selftest_link },
    [SELFTEST_MEMORY] = { "memory", selftest_memory },
    [SELFTEST_ARRAY] = { "array", selftest_array },
    [SELFTEST_COUNTERS] = { "counters", selftest_counters },
};

int selftest_run(weft_transport *t, const selftest_options *o, selftest_report *out,
                 weft_error *err)
{
    *out = (selftest_report){ 0 };
    int rc = read_device(t, &out->hw, err);
    if (rc != WEFT_OK)
        return rc;
    selftest s = { .t = t, .o = o, .hw = &out->hw };
    s.image = malloc(SELFTEST_PIECE_BYTES);
    s.back = malloc(SELFTEST_PIECE_BYTES);
    if (!s.image || !s.back)
        rc = weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a self-test");
    int there = rc == WEFT_OK;
    for (unsigned i = 0; i < SELFTEST_PARTS && rc == WEFT_OK; i++) {
        selftest_part *p = &out->part[i];
        weft_error why = { 0 };
        p->name = parts[i].name;
        out->stopped = out->stopped || selftest_stopped(&s);
        if (out->stopped) {
            selftest_say(p, SELFTEST_SKIPPED, "interrupted");
            continue;
        }
        if (there && parts[i].run(&s, p, &why) == WEFT_OK)
            continue;
        selftest_say(p, SELFTEST_FAILED, there ? "%s" : "not reached: the device was lost (%s)",
                     why.text);
        there = there && t->ops->reset(t, &why) == WEFT_OK;
    }
    out->stopped = out->stopped || selftest_stopped(&s);
    free(s.image);
    free(s.back);
    return rc;
}
