/* LAYER_NORMALIZATION: every operation and its order are part of the result, as they were found by
 * comparison with ONNX Runtime 1.32.0 (x86-64 with AVX2 and FMA) to the last bit of its mean, its
 * inverse deviation and its result, for all lengths of the last rows.
 *
 * From eight elements on, MLAS: the mean is a sum in float64, here without any rounding, for
 * dequantised int8 have few bits; the squares are summed in eight lanes by FMA, which are added by
 * halves; of what is left over the compiler made four squares rounded by themselves (if there are
 * as many), then FMA one by one.  Shorter rows: Welford's update, without FMA.
 *
 * The compiler must not join or reorder operations: -ffp-contract=off, no -ffast-math. */
#include <math.h>

#include "ref_ops.h"

enum { LANES = 8, PLAIN = 4 };

/* Rows of `count` bytes that are (q - zero_point) * scale. */
typedef struct row_of {
    const int8_t *x;
    uint32_t count;
    float scale;
    int32_t zero_point;
} row_of;

static inline float real_at(const row_of *r, uint32_t i)
{
    return (float)(r->x[i] - r->zero_point) * r->scale;
}

static float exact_mean(const row_of *r)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < r->count; i++)
        sum += (double)real_at(r, i);
    return (float)(sum / (double)r->count);
}

/* The sum of (x - mean)^2. */
static float sum_of_squares(const row_of *r, float mean)
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
    return sum;
}

/* Fewer than LANES elements: the mean, and in *sum the sum of squares. */
static float welford(const row_of *r, float *sum)
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

/* bias may be NULL. */
static void normalise_row(const row_of *r, float epsilon, const float *scale, const float *bias,
                          const weft_quant *to, weft_clamp clamp, int8_t *y)
{
    const int is_short = r->count < LANES;
    float sum = 0.0f;
    const float mean = is_short ? welford(r, &sum) : exact_mean(r);
    if (!is_short)
        sum = sum_of_squares(r, mean);
    const float deviation = sqrtf(sum / (float)r->count + epsilon);
    const float inverse = 1.0f / deviation;
    for (uint32_t i = 0; i < r->count; i++) {
        const float d = real_at(r, i) - mean;
        float v = is_short ? d / deviation : d * inverse;
        if (!bias)
            v *= scale[i];
        else
            v = is_short ? v * scale[i] + bias[i] : fmaf(v, scale[i], bias[i]);
        const int8_t q = weft_quantize_value(WEFT_REQUANT_ONNX, v, weft_quant_scale(to, 0),
                                             weft_quant_zero_point(to, 0));
        y[i] = (int8_t)(q < clamp.lo ? clamp.lo : q > clamp.hi ? clamp.hi : q);
    }
}

void weft_ref_layer_normalization(const weft_graph *g, const weft_node *n, const void *const *in,
                                  void *out)
{
    const weft_layer_normalization *a = &n->attr.layer_normalization;
    const weft_tensor *x = weft_node_input(g, n, 0);
    const uint64_t elements = weft_tensor_elements(x);
    row_of r = { in[0], 1, weft_quant_scale(&x->quant, 0), weft_quant_zero_point(&x->quant, 0) };
    for (uint32_t i = a->axis; i < x->rank; i++)
        r.count *= x->dims[i];
    int8_t *y = out;
    for (uint64_t at = 0; at < elements; at += r.count, r.x += r.count)
        normalise_row(&r, a->epsilon, in[1], n->input_count > 2 ? in[2] : NULL,
                      &g->tensors[n->output].quant, a->clamp, y + at);
}
