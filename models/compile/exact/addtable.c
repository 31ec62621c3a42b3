/* Integer tables for the float32 addition of ONNX Runtime.
 *
 * The device adds two int32 table entries and multiplies by a power of two in float32, rounding to
 * even; the reference computes round(fma(a, r0, fma(b, r1, f))) in float32.  The wanted result of a
 * pair allows its sum an interval, T1[a] + T2[b] in [L, U], and all 65536 intervals are a system of
 * difference constraints: relaxation from the scaled real numbers finds integers that meet them
 * all, if there are any.  Every result is proved on all pairs.  Costs some million operations. */
#include <math.h>
#include <string.h>

#include "exact.h"

enum { MAX_SHIFT = 30, ROUNDS = 48 };

typedef struct search {
    const weft_add_params *params;
    weft_clamp clamp;
    int8_t want[256][256]; /* [b][a], indices as uint8 */
    int32_t t1[256], t2[256];
    int64_t least[256], most[256]; /* sums that give a result, by result + 128 */
    weft_requant back;             /* 2^-k */
} search;

static int8_t signed_of(unsigned index)
{
    return (int8_t)(index < 128 ? (int)index : (int)index - 256);
}

/* The float32 that weft_ref_add or weft_ref_sub rounds. */
static float unrounded(const weft_add_params *p, int8_t a, int8_t b)
{
    if (!p->subtract)
        return fmaf((float)(a + p->offset), p->ratio[0],
                    fmaf((float)(b + p->offset), p->ratio[1], p->fixed));
    const float first = (float)(a - p->zero_point[0]) * p->scale[0];
    const float second = (float)(b - p->zero_point[1]) * p->scale[1];
    const float difference = first - second;
    return difference / p->scale_out;
}

/* What they give for the pair. */
static int8_t wanted(const weft_add_params *p, weft_clamp clamp, int8_t a, int8_t b)
{
    const int32_t lo = clamp.lo - p->zero_after, hi = clamp.hi - p->zero_after;
    const float sum = unrounded(p, a, b);
    if (!(sum > (float)lo))
        return (int8_t)clamp.lo;
    return (int8_t)(sum >= (float)hi ? clamp.hi : (int32_t)lrintf(sum) + p->zero_after);
}

static int32_t result_of(const search *s, int32_t sum)
{
    int32_t v = weft_requantize(WEFT_REQUANT_ONNX, sum, s->back);
    return weft_requant_finish(v, s->params->zero_after, s->clamp.lo, s->clamp.hi);
}

/* The largest sum whose result is at most w: results ascend with the sum. */
static int64_t most_of(const search *s, int32_t w)
{
    int64_t lo = INT32_MIN, hi = INT32_MAX; /* lo gives w or less, or there is none */
    if (w >= s->clamp.hi)
        return hi;
    while (lo < hi) {
        const int64_t middle = lo + (hi - lo + 1) / 2;
        if (result_of(s, (int32_t)middle) <= w)
            lo = middle;
        else
            hi = middle - 1;
    }
    return lo;
}

static void intervals(search *s)
{
    int64_t below = INT32_MIN;
    for (int32_t w = s->clamp.lo; w <= s->clamp.hi; w++) {
        s->least[w + 128] = below;
        s->most[w + 128] = most_of(s, w);
        below = s->most[w + 128] + 1;
    }
}

static int64_t largest_of(const double *v)
{
    double most = 0;
    for (unsigned i = 0; i < 256; i++)
        most = fabs(v[i]) > most ? fabs(v[i]) : most;
    return most < 4e9 ? (int64_t)most + 1 : INT64_C(1) << 32;
}

/* Tables at 2^k; 0 if sums could leave int32. */
static int fill(search *s, int k)
{
    const weft_add_params *p = s->params;
    double a[256], b[256];
    for (unsigned i = 0; i < 256; i++) {
        const float x = (float)(signed_of(i) + p->offset);
        const double first = (double)(signed_of(i) - p->zero_point[0]) * (double)p->scale[0];
        const double second = (double)(signed_of(i) - p->zero_point[1]) * (double)p->scale[1];
        const double out = (double)p->scale_out;
        a[i] = ldexp(p->subtract ? first / out : (double)x * (double)p->ratio[0], k);
        b[i] = ldexp(p->subtract ? -second / out : (double)fmaf(x, p->ratio[1], p->fixed), k);
    }
    if (largest_of(a) + largest_of(b) > INT32_MAX - 65536 ||
        weft_requant_from_float(ldexpf(1.0f, -k), &s->back) != WEFT_OK)
        return 0;
    for (unsigned i = 0; i < 256; i++) {
        s->t1[i] = (int32_t)llrint(a[i]);
        s->t2[i] = (int32_t)llrint(b[i]);
    }
    return 1;
}

/* Lower T1[a] to what the pair allows and raise T2[b]; 1 if something moved.  Both only ever go one
 * way, so that this is the relaxation of shortest paths. */
static int relax(search *s, unsigned a, unsigned b)
{
    const unsigned w = (unsigned)(s->want[b][a] + 128);
    const int64_t sum = (int64_t)s->t1[a] + s->t2[b];
    if (sum > s->most[w])
        s->t1[a] -= (int32_t)(sum - s->most[w]);
    else if (sum < s->least[w])
        s->t2[b] += (int32_t)(s->least[w] - sum);
    else
        return 0;
    return 1;
}

/* Moves entries until all sums lie in their intervals; 0 if they do not after ROUNDS. */
static int solve_tables(search *s)
{
    intervals(s);
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned moved = 0;
        for (unsigned b = 0; b < 256; b++)
            for (unsigned a = 0; a < 256; a++) {
                moved += (unsigned)relax(s, a, b);
                if (s->t1[a] < -2147000000 || s->t2[b] > 2147000000)
                    return 0;
            }
        if (moved == 0)
            return 1;
    }
    return 0;
}

/* The proof, beside the way the tables were found. */
static int all_right(const search *s)
{
    for (unsigned b = 0; b < 256; b++)
        for (unsigned a = 0; a < 256; a++) {
            const int64_t sum = (int64_t)s->t1[a] + s->t2[b];
            if (sum < INT32_MIN || sum > INT32_MAX || result_of(s, (int32_t)sum) != s->want[b][a])
                return 0;
        }
    return 1;
}

/* The search itself, in the caller's memory. */
static int search_tables(search *s)
{
    for (unsigned b = 0; b < 256; b++)
        for (unsigned a = 0; a < 256; a++)
            s->want[b][a] = wanted(s->params, s->clamp, signed_of(a), signed_of(b));
    for (int k = MAX_SHIFT; k >= -MAX_SHIFT; k--)
        if (fill(s, k) && solve_tables(s) && all_right(s))
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
