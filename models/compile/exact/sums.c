/* Float32 sums by integer sum; see sums.h. */
#include "sums.h"

#include <math.h>
#include <stdlib.h>

static int make(int32_t first, uint32_t count, sums *out)
{
    float *both = malloc(2 * (size_t)count * sizeof *both);
    *out = (sums){ first, both ? count : 0, both, both ? both + count : NULL };
    for (uint32_t t = 0; t < out->count; t++) {
        out->lo[t] = INFINITY;
        out->hi[t] = -INFINITY;
    }
    return both != NULL;
}

int sums_of_none(sums *out)
{
    if (!make(0, 1, out))
        return 0;
    out->lo[0] = out->hi[0] = 0;
    return 1;
}

int sums_of_one(const float *lo, const float *hi, uint32_t step, int32_t zero_point, sums *out)
{
    if (!make((int32_t)step * (INT8_MIN - zero_point), 255 * step + 1, out))
        return 0;
    for (uint32_t i = 0; i < 256; i++) {
        float *to_lo = &out->lo[i * step], *to_hi = &out->hi[i * step];
        *to_lo = lo[i] < *to_lo ? lo[i] : *to_lo;
        *to_hi = hi[i] > *to_hi ? hi[i] : *to_hi;
    }
    return 1;
}

int sums_of_byte(float scale, int32_t zero_point, sums *out)
{
    float reals[256];
    for (int32_t i = 0; i < 256; i++)
        reals[i] = (float)(i + INT8_MIN - zero_point) * scale;
    return sums_of_one(reals, reals, 1, zero_point, out);
}

int sums_exact(int32_t first, uint32_t count, double value, sums *out)
{
    if (!make(first, count, out))
        return 0;
    for (uint32_t t = 0; t < count; t++)
        out->lo[t] = out->hi[t] = (float)(((double)first + t) * value);
    return 1;
}

/* Of one b; in a loop of its own so that it becomes vector instructions. */
static void add_one(const sums *a, float lo, float hi, float *to_lo, float *to_hi)
{
    const float *restrict from_lo = a->lo, *restrict from_hi = a->hi;
    float *restrict out_lo = to_lo, *restrict out_hi = to_hi;
    for (uint32_t t = 0; t < a->count; t++) {
        const float low = from_lo[t] + lo, high = from_hi[t] + hi;
        out_lo[t] = low < out_lo[t] ? low : out_lo[t];
        out_hi[t] = high > out_hi[t] ? high : out_hi[t];
    }
}

int sums_add(sums *a, const sums *b)
{
    sums out;
    const int made = make(a->first + b->first, a->count + b->count - 1, &out);
    for (uint32_t t = 0; made && t < b->count; t++)
        if (b->lo[t] <= b->hi[t])
            add_one(a, b->lo[t], b->hi[t], out.lo + t, out.hi + t);
    sums_free(a);
    *a = out;
    return made;
}

int sums_add_times(sums *a, const sums *b, uint32_t times)
{
    int ok = 1;
    for (uint32_t i = 0; i < times && ok; i++)
        ok = sums_add(a, b);
    return ok;
}

int sums_of_times(const sums *one, uint32_t times, sums *out)
{
    return sums_of_none(out) && sums_add_times(out, one, times);
}

void sums_free(sums *s)
{
    free(s->lo);
    *s = (sums){ 0 };
}
