/* Integer tables for the float32 addition of ONNX Runtime.
 *
 * The device adds two int32 table entries and multiplies by a power of two in float32, rounding to
 * even; the reference computes round(fma(a, r0, fma(b, r1, f))) in float32.  With entries scaled by
 * 2^k the device's own rounding of the sum to 24 bits copies the reference's; what still differs
 * (a few pairs whose sum lies within 2^-k of a rounding boundary) is repaired by moving single
 * entries.  Every result is proved on all 65536 pairs.  Costs some million float operations. */
#include <math.h>
#include <string.h>

#include "plan.h"

enum { MAX_SHIFT = 30, REPAIRS = 256, REACH = 4 };

typedef struct search {
    const weft_add_params *params;
    weft_clamp clamp;
    int8_t want[256][256]; /* [b][a], indices as uint8 */
    int32_t t1[256], t2[256];
    weft_requant back; /* 2^-k */
} search;

static int8_t signed_of(unsigned index)
{
    return (int8_t)(index < 128 ? (int)index : (int)index - 256);
}

/* What weft_ref_add gives for the pair. */
static int8_t wanted(const weft_add_params *p, weft_clamp clamp, int8_t a, int8_t b)
{
    const int32_t lo = clamp.lo + p->offset, hi = clamp.hi + p->offset;
    float later = fmaf((float)(b + p->offset), p->ratio[1], p->fixed);
    float sum = fmaf((float)(a + p->offset), p->ratio[0], later);
    if (!(sum > (float)lo))
        return (int8_t)clamp.lo;
    return (int8_t)(sum >= (float)hi ? clamp.hi : (int32_t)lrintf(sum) - p->offset);
}

static int pair_right(const search *s, unsigned a, unsigned b)
{
    int64_t sum = (int64_t)s->t1[a] + s->t2[b];
    if (sum < INT32_MIN || sum > INT32_MAX)
        return 0;
    int32_t v = weft_requantize(WEFT_REQUANT_ONNX, (int32_t)sum, s->back);
    return weft_requant_finish(v, -s->params->offset, s->clamp.lo, s->clamp.hi) == s->want[b][a];
}

static unsigned wrong_in_row(const search *s, unsigned b)
{
    unsigned wrong = 0;
    for (unsigned a = 0; a < 256; a++)
        wrong += !pair_right(s, a, b);
    return wrong;
}

static unsigned wrong_in_column(const search *s, unsigned a)
{
    unsigned wrong = 0;
    for (unsigned b = 0; b < 256; b++)
        wrong += !pair_right(s, a, b);
    return wrong;
}

/* Tables at 2^k; 0 if an entry leaves int32. */
static int fill(search *s, int k)
{
    const weft_add_params *p = s->params;
    for (unsigned i = 0; i < 256; i++) {
        const float x = (float)(signed_of(i) + p->offset);
        double a = ldexp((double)x * (double)p->ratio[0], k);
        double b = ldexp((double)fmaf(x, p->ratio[1], p->fixed), k);
        if (!(fabs(a) < 2147483000.0 && fabs(b) < 2147483000.0))
            return 0;
        s->t1[i] = (int32_t)llrint(a);
        s->t2[i] = (int32_t)llrint(b);
    }
    return weft_requant_from_float(ldexpf(1.0f, -k), &s->back) == WEFT_OK;
}

/* Move one entry to where its row or column has the fewest wrong pairs. */
static unsigned repair(const search *s, int32_t *entry, unsigned index,
                       unsigned (*wrong)(const search *, unsigned))
{
    const int32_t centre = *entry;
    unsigned fewest = wrong(s, index);
    int32_t best = centre;
    for (int32_t d = -REACH; d <= REACH && fewest; d++) {
        *entry = centre + d;
        unsigned now = wrong(s, index);
        if (now < fewest) {
            fewest = now;
            best = *entry;
        }
    }
    *entry = best;
    return fewest;
}

/* 1 when every pair is right, after at most REPAIRS rounds. */
static int settle(search *s)
{
    for (unsigned round = 0; round < 4; round++) {
        unsigned bad_rows = 0, moved = 0;
        for (unsigned b = 0; b < 256; b++)
            if (wrong_in_row(s, b)) {
                if (moved++ > REPAIRS)
                    return 0;
                bad_rows += repair(s, &s->t2[b], b, wrong_in_row) != 0;
            }
        if (bad_rows == 0)
            return 1;
        for (unsigned a = 0; a < 256; a++)
            if (wrong_in_column(s, a))
                (void)repair(s, &s->t1[a], a, wrong_in_column);
    }
    return 0;
}

/* The search itself, in the caller's memory. */
static int search_tables(search *s)
{
    for (unsigned b = 0; b < 256; b++)
        for (unsigned a = 0; a < 256; a++)
            s->want[b][a] = wanted(s->params, s->clamp, signed_of(a), signed_of(b));
    for (int k = MAX_SHIFT; k >= -MAX_SHIFT; k--)
        if (fill(s, k) && settle(s))
            return WEFT_OK;
    return WEFT_ERR_RANGE;
}

int add_tables_onnx(const weft_add_params *params, weft_clamp clamp, int32_t *t1, int32_t *t2,
                    uint32_t *mult_bits)
{
    search s = { .params = params, .clamp = clamp };
    int rc = search_tables(&s);
    if (rc != WEFT_OK)
        return rc;
    memcpy(t1, s.t1, sizeof s.t1);
    memcpy(t2, s.t2, sizeof s.t2);
    *mult_bits = s.back.mult;
    return WEFT_OK;
}
