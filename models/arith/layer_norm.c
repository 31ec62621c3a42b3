/* LayerNormalization of one row: every operation and its order are part of the result, as they were found by
 * comparison with ONNX Runtime 1.32.0 (x86-64 with AVX2 and FMA) to the last bit of its mean, its
 * inverse deviation and its result, for all lengths of the last rows.
 *
 * From eight elements on, MLAS: the mean is a sum in float64, of dequantised int8 without any
 * rounding, for they have few bits; the squares are summed in eight lanes by FMA, which are added
 * by halves; of what is left over the compiler made four squares rounded by themselves (if there
 * are as many), then FMA one by one.  Shorter rows: Welford's update, without FMA.
 *
 * The compiler must not join or reorder operations: -ffp-contract=off, no -ffast-math. */
#include "layer_norm.h"

#include <math.h>

#include "models/base/cpu_level.h"

enum { LANES = 8, PLAIN = 4 };

static inline float real_at(const weft_norm_row *r, uint32_t i)
{
    return r->real ? r->real[i] : (float)(r->x[i] - r->zero_point) * r->scale;
}

static float wide_mean(const weft_norm_row *r)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < r->count; i++)
        sum += (double)real_at(r, i);
    return (float)(sum / (double)r->count);
}

/* The sum of (x - mean)^2. */
static inline void sum_of_squares_body(const weft_norm_row *r, float mean, float *out)
{
    float lanes[LANES] = { 0 };
    uint32_t i = 0;
    for (; i + LANES <= r->count; i += LANES)
        for (uint32_t k = 0; k < LANES; k++) {
            const float d = real_at(r, i + k) - mean;
            lanes[k] = fmaf(d, d, lanes[k]);
        }
    for (uint32_t half = LANES / 2; half > 0; half /= 2)
        for (uint32_t k = 0; k < half; k++)
            lanes[k] += lanes[k + half];
    float sum = lanes[0];
    const uint32_t plain = r->count - i >= PLAIN ? i + PLAIN : i;
    for (; i < r->count; i++) {
        const float d = real_at(r, i) - mean;
        sum = i < plain ? sum + d * d : fmaf(d, d, sum);
    }
    *out = sum;
}

WEFT_FORMS(sum_of_squares, (const weft_norm_row *r, float mean, float *out), (r, mean, out))

/* Fewer than LANES elements: the mean, and in *sum the sum of squares. */
static float welford(const weft_norm_row *r, float *sum)
{
    float mean = 0.0f;
    *sum = 0.0f;
    for (uint32_t i = 0; i < r->count; i++) {
        const float x = real_at(r, i), d = x - mean;
        mean += d / (float)(i + 1);
        *sum += d * (x - mean);
    }
    return mean;
}

weft_norm weft_norm_of(const weft_norm_row *r, float epsilon)
{
    float sum = 0.0f;
    weft_norm n = { .mean = r->count < LANES ? welford(r, &sum) : wide_mean(r) };
    if (r->count >= LANES)
        sum_of_squares(r, n.mean, &sum);
    n.deviation = sqrtf(sum / (float)r->count + epsilon);
    n.inverse = 1.0f / n.deviation;
    return n;
}

float weft_norm_at(const weft_norm_row *r, const weft_norm *n, const float *scale,
                   const float *bias, uint32_t i)
{
    const float d = real_at(r, i) - n->mean;
    if (r->count < LANES) {
        const float v = d / n->deviation * scale[i];
        return bias ? v + bias[i] : v;
    }
    const float v = d * n->inverse;
    return bias ? fmaf(v, scale[i], bias[i]) : v * scale[i];
}
