/* Random programs on the device and on the C model of the same array: every byte of memory, the
 * error and the command it names.  Every eighth breaks a rule on purpose. */
#include "selftest.h"

#include <stdio.h>
#include <string.h>

#include "models/random/gen_cmds.h"
#include "models/ref/device/ref_device.h"
#include "rtl/isa/weft_isa.h"

enum { MOST_STAGES = 6, LEAST_PROGRAMS = 1 };

_Static_assert((size_t)GEN_MEM_SIZE <= (size_t)SELFTEST_PIECE_BYTES,
               "a program and its data are one piece");

/* What is wrong, or nothing. */
static int compare(const selftest *s, uint64_t seed, const uint8_t *want_bytes,
                   const weft_ref_result *want, const weft_done *got, selftest_part *out)
{
    const uint32_t error = got->status & WEFT_STATUS_CODE;
    if (error != want->error || (want->error && got->err_index != want->error_index)) {
        selftest_say(out, SELFTEST_FAILED,
                     "random program %llu ended with error %u of command %u; the C model has %u of "
                     "command %u",
                     (unsigned long long)seed, (unsigned)error, (unsigned)got->err_index,
                     (unsigned)want->error, (unsigned)want->error_index);
        return 0;
    }
    uint32_t wrong = 0, first = 0;
    for (uint32_t i = GEN_MEM_SIZE; i-- > 0;)
        if (s->back[i] != want_bytes[i]) {
            wrong++;
            first = i;
        }
    if (!wrong)
        return 1;
    selftest_say(
        out, SELFTEST_FAILED,
        "random program %llu: %u bytes differ from the C model, the first at 0x%08x: 0x%02x, "
        "not 0x%02x",
        (unsigned long long)seed, (unsigned)wrong, (unsigned)first, s->back[first],
        want_bytes[first]);
    return 0;
}

/* *fine: whether the device agrees; 2 if no program was found. */
static int run_one(selftest *s, weft_ref_device *ref, uint64_t seed, int *fine, selftest_part *out,
                   weft_error *err)
{
    rng r = rng_make(seed);
    gen_program p;
    const weft_hw hw = weft_ref_device_hw(ref);
    *fine = 2;
    if (gen_make(&r, &hw, 1 + (unsigned)(seed % MOST_STAGES), seed % 8 == 7, s->image, &p) != 0)
        return WEFT_OK;
    weft_done got = { 0 };
    const weft_start start = { p.prog_addr, p.prog_count, p.win_base, p.win_limit };
    memcpy(weft_ref_device_memory(ref), s->image, GEN_MEM_SIZE);
    const weft_ref_result want = weft_ref_device_run(
        ref, &(weft_ref_start){ p.prog_addr, p.prog_count, p.win_base, p.win_limit, 0 });
    int rc = s->t->ops->mem_write(s->t, 0, s->image, GEN_MEM_SIZE, err);
    if (rc == WEFT_OK)
        rc = selftest_start(s, &start, &got, err);
    if (rc == WEFT_OK)
        rc = s->t->ops->mem_read(s->t, 0, s->back, GEN_MEM_SIZE, err);
    if (rc == WEFT_OK)
        *fine = compare(s, seed, weft_ref_device_memory(ref), &want, &got, out);
    return rc;
}

static int run_all(selftest *s, weft_ref_device *ref, selftest_part *out, weft_error *err)
{
    const double from = selftest_clock();
    uint64_t done = 0;
    int fine = 1;
    for (uint64_t i = 0; fine && !selftest_stopped(s) &&
                         (done < LEAST_PROGRAMS || selftest_clock() - from < s->o->seconds);
         i++) {
        const int rc = run_one(s, ref, s->o->seed * 1000000 + i, &fine, out, err);
        if (rc != WEFT_OK)
            return rc;
        done += fine != 2;
    }
    selftest_add(out, "programs", (double)done);
    selftest_add(out, "seconds", selftest_clock() - from);
    if (fine)
        selftest_say(
            out, SELFTEST_PASSED,
            "%llu random programs on %ux%u multipliers, every byte and error as the C model",
            (unsigned long long)done, (unsigned)s->hw->rows, (unsigned)s->hw->cols);
    return WEFT_OK;
}

int selftest_array(selftest *s, selftest_part *out, weft_error *err)
{
    weft_hw hw = *s->hw;
    weft_ref_device *ref = NULL;
    if (hw.mem_size < GEN_MEM_SIZE) {
        selftest_say(out, SELFTEST_SKIPPED, "needs %d bytes of device memory, and there are %u",
                     GEN_MEM_SIZE, (unsigned)hw.mem_size);
        return WEFT_OK;
    }
    hw.mem_size = GEN_MEM_SIZE;
    const int made = weft_ref_device_new(&hw, &ref);
    if (made != WEFT_OK)
        return weft_error_set(err, made, "there is no C model of this array");
    const int rc = run_all(s, ref, out, err);
    weft_ref_device_free(ref);
    return rc;
}
