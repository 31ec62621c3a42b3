/* The link at full rate: random bytes to device memory and back, as fast as they go, and what the
 * link had to mend meanwhile.  What it mends is right in the end, but a good wire has nothing to
 * mend, so any of it fails. */
#include "selftest.h"

#include <string.h>

#include "models/base/rng.h"
#include "rtl/isa/weft_isa.h"

enum { LEAST_BYTES = 1 << 16 };

static const weft_transport *link_of(const weft_transport *t)
{
    if (t->ops->link)
        return t->ops->link(t);
    return strcmp(t->ops->scheme, "link") == 0 ? t : NULL;
}

typedef struct totals {
    double write_s, read_s;
    uint64_t bytes; /* each way */
    uint64_t wrong;
} totals;

/* One round: out, known to have arrived, and back. */
static int round_trip(selftest *s, rng *r, uint32_t bytes, totals *sum, weft_error *err)
{
    uint32_t status;
    for (uint32_t i = 0; i < bytes; i += 4) {
        const uint32_t v = rng_u32(r);
        memcpy(s->image + i, &v, sizeof v);
    }
    const double from = selftest_clock();
    int rc = s->t->ops->mem_write(s->t, 0, s->image, bytes, err);
    if (rc == WEFT_OK)
        rc = s->t->ops->reg_read(s->t, WEFT_REG_STATUS, &status, err);
    const double between = selftest_clock();
    if (rc == WEFT_OK)
        rc = s->t->ops->mem_read(s->t, 0, s->back, bytes, err);
    if (rc != WEFT_OK)
        return rc;
    sum->write_s += between - from;
    sum->read_s += selftest_clock() - between;
    sum->bytes += bytes;
    for (uint32_t i = 0; i < bytes; i++)
        sum->wrong += s->image[i] != s->back[i];
    return WEFT_OK;
}

static double rate(uint64_t bytes, double seconds)
{
    return seconds > 0 ? 1e-6 * (double)bytes / seconds : 0;
}

static void judge(const totals *sum, const weft_link_quality *q, selftest_part *out)
{
    const uint64_t bad = q->naks + q->damaged + q->timeouts;
    const double writes = rate(sum->bytes, sum->write_s), reads = rate(sum->bytes, sum->read_s);
    selftest_add(out, "write_MB_per_s", writes);
    selftest_add(out, "read_MB_per_s", reads);
    selftest_add(out, "bytes_each_way", (double)sum->bytes);
    selftest_add(out, "wrong_bytes", (double)sum->wrong);
    selftest_add(out, "requests", (double)q->requests);
    selftest_add(out, "repeated", (double)q->repeated);
    selftest_add(out, "damaged_to_host", (double)q->damaged);
    selftest_add(out, "damaged_or_missing_to_device", (double)q->naks);
    selftest_add(out, "silences", (double)q->timeouts);
    if (sum->wrong)
        selftest_say(
            out, SELFTEST_FAILED,
            "%llu of %llu bytes came back wrong, though every frame was right: look at the "
            "memory",
            (unsigned long long)sum->wrong, (unsigned long long)sum->bytes);
    else if (bad)
        selftest_say(
            out, SELFTEST_FAILED,
            "the wire spoils bytes: %llu frames damaged on the way to the host, %llu "
            "damaged or missing on the way to the device, %llu silences, in %llu requests; "
            "all were mended; look at cable, rate, flow control and clock",
            (unsigned long long)q->damaged, (unsigned long long)q->naks,
            (unsigned long long)q->timeouts, (unsigned long long)q->requests);
    else
        selftest_say(out, SELFTEST_PASSED,
                     "%.1f MB each way, %.2f MB/s to the device, %.2f MB/s back, no error in %llu "
                     "requests",
                     1e-6 * (double)sum->bytes, writes, reads, (unsigned long long)q->requests);
}

int selftest_link(selftest *s, selftest_part *out, weft_error *err)
{
    const weft_transport *link = link_of(s->t);
    rng r = rng_make(s->o->seed);
    totals sum = { 0 };
    uint32_t bytes = LEAST_BYTES;
    if (!link) {
        selftest_say(out, SELFTEST_SKIPPED, "no link");
        return WEFT_OK;
    }
    if (bytes > s->hw->mem_size)
        bytes = s->hw->mem_size / WEFT_TRANSPORT_ALIGN * WEFT_TRANSPORT_ALIGN;
    const weft_link_quality before = weft_transport_link_quality(link);
    const double from = selftest_clock();
    do {
        const double round = selftest_clock();
        const int rc = round_trip(s, &r, bytes, &sum, err);
        if (rc != WEFT_OK)
            return rc;
        /* Longer rounds as long as they are short: a turn of the wire shall not count. */
        if (selftest_clock() - round < 0.1 && bytes < SELFTEST_PIECE_BYTES &&
            2 * bytes <= s->hw->mem_size)
            bytes *= 2;
    } while (selftest_clock() - from < s->o->seconds && !selftest_stopped(s));
    const weft_link_quality after = weft_transport_link_quality(link);
    const weft_link_quality q = { .requests = after.requests - before.requests,
                                  .repeated = after.repeated - before.repeated,
                                  .timeouts = after.timeouts - before.timeouts,
                                  .naks = after.naks - before.naks,
                                  .damaged = after.damaged - before.damaged };
    judge(&sum, &q, out);
    return WEFT_OK;
}
