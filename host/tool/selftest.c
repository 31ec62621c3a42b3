/* The parts of the self-test one after the other; the contract is in selftest.h. */
#include "selftest.h"

#include <stdlib.h>

#include "rtl/isa/weft_isa.h"

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
