/* From float LeNet-5 to int8, calibrated on training images; lenet5_quantise() of lenet5_qnet.h.
 *
 * Activations: the step is a power of two. Behind ReLU it is the one with the least mean squared
 * error over a histogram of the values. For the logits it is the largest below a 255th of their
 * span: the highest logit fits, and what lies more than 255 steps below it, which no argmax sees,
 * is cut off.
 *
 * Weights: per output, the smallest step such that
 *   - no weight exceeds 127, and no two of one sign exceed 128 together: 255 * 128 < 2^15, so a
 *     kernel that adds two products of a byte activation in 16 bits (x86 before VNNI) is exact;
 *   - the step has so short a mantissa that every float32 sum of dequantised products is exact, in
 *     any order: mantissa * (255 * sum of the weights of one sign + |bias|) <= 2^24. */
#include <math.h>
#include <stdlib.h>

#include "lenet5_qnet.h"

enum {
    BINS = 2048,
    LAYERS_WITH_RELU = LENET5_LAYERS - 1,
    MAX_MANTISSA_BITS = 8,
    EXACT_FLOAT = 1 << 24, /* float32 holds every integer up to here */
};

typedef struct range {
    float low, high;
    uint64_t bin[BINS]; /* of 0..high, second pass */
} range;

typedef struct calibration {
    lenet5_batch batch;
    range of[LENET5_LAYERS]; /* outputs of the layers, C1 and C3 behind their pooling */
} calibration;

static void note_range(range *r, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        r->low = values[i] < r->low ? values[i] : r->low;
        r->high = values[i] > r->high ? values[i] : r->high;
    }
}

static void note_histogram(range *r, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float at = r->high > 0 && values[i] > 0 ? values[i] / r->high * BINS : 0;
        r->bin[at < BINS ? (size_t)at : BINS - 1]++;
    }
}

static void observe(calibration *c, const lenet5_params *p, const weft_idx *set,
                    void (*note)(range *, const float *, size_t))
{
    uint32_t count = set->count < LENET5_CALIBRATION ? set->count : LENET5_CALIBRATION;
    lenet5_batch *b = &c->batch;
    for (uint32_t first = 0; first < count; first += LENET5_BATCH) {
        b->count = count - first < LENET5_BATCH ? count - first : LENET5_BATCH;
        for (uint32_t i = 0; i < b->count; i++)
            lenet5_load_image(weft_idx_image(set, first + i), b->image[i]);
        lenet5_forward(p, b);
        note(&c->of[LENET5_LAYER_C1], b->s2[0], b->count * LENET5_S2);
        note(&c->of[LENET5_LAYER_C3], b->s4[0], b->count * LENET5_S4);
        note(&c->of[LENET5_LAYER_C5], b->c5[0], b->count * LENET5_C5);
        note(&c->of[LENET5_LAYER_F6], b->f6[0], b->count * LENET5_F6);
        note(&c->of[LENET5_LAYER_OUT], b->logits[0], b->count * LENET5_CLASSES);
    }
}

/* Squared error of quantising the histogram with 255 steps. */
static double step_error(const range *r, double step)
{
    double sum = 0;
    for (size_t i = 0; i < BINS; i++) {
        double value = ((double)i + 0.5) * (double)r->high / BINS;
        double q = rint(value / step);
        double error = value - step * (q < 255 ? q : 255);
        sum += (double)r->bin[i] * error * error;
    }
    return sum;
}

/* The least power of two that is not below x > 0. */
static double power_above(double x)
{
    int exponent;
    double mantissa = frexp(x, &exponent); /* x = mantissa * 2^exponent, 0.5 <= mantissa < 1 */
    return ldexp(1, mantissa > 0.5 ? exponent : exponent - 1);
}

static lenet5_quant choose_relu(const range *r)
{
    double best = power_above(r->high > 0 ? (double)r->high / 255 : 1);
    double least = step_error(r, best);
    for (double step = best / 2; step >= best / 8; step /= 2)
        if (step_error(r, step) < least) {
            least = step_error(r, step);
            best = step;
        }
    return (lenet5_quant){ .scale = (float)best, .zero = -128 };
}

static lenet5_quant choose_logits(const range *r)
{
    double span = (double)r->high - (double)r->low;
    double step = power_above(span > 0 ? span / 255 : 1) / 2;
    double zero = 127 - ceil((double)r->high / step);
    return (lenet5_quant){ .scale = (float)step, .zero = (int32_t)(zero < -128 ? -128 : zero) };
}

static int32_t to_int(float value, float scale, double limit)
{
    double q = rint((double)value / (double)scale);
    return (int32_t)(q < -limit ? -limit : q > limit ? limit : q);
}

/* The step below which two weights of one sign could exceed 127 + 1 together, or one 127. */
static float least_step(const float *w, size_t count)
{
    float sum = 0;
    for (int sign = -1; sign <= 1; sign += 2) {
        float first = 0, second = 0;
        for (size_t i = 0; i < count; i++) {
            float v = (float)sign * w[i];
            if (v > first) {
                second = first;
                first = v;
            } else if (v > second) {
                second = v;
            }
        }
        sum = first + second > sum ? first + second : sum;
    }
    return sum > 0 ? sum / 127 : 1;
}

/* The least number of `bits` mantissa bits that is not below x. */
static float round_up(float x, int bits)
{
    int exponent;
    float mantissa = frexpf(x, &exponent);
    return ldexpf(ceilf(ldexpf(mantissa, bits)), exponent - bits);
}

/* What the sum of one output can reach, in whatever order it is added up. */
static int64_t sum_bound(const int8_t *w, size_t count, int32_t bias)
{
    int64_t of_sign[2] = { 0, 0 };
    for (size_t i = 0; i < count; i++)
        of_sign[w[i] < 0] += abs(w[i]);
    int64_t larger = of_sign[0] > of_sign[1] ? of_sign[0] : of_sign[1];
    return 255 * larger + llabs(bias);
}

/* Quantise one output with the longest mantissa its sums allow; one bit is always enough, unless
 * a bias outweighs its weights more than a thousandfold. */
static void quantise_output(const lenet5_params *p, size_t id, size_t o, lenet5_qnet *net)
{
    const lenet5_layer *l = &lenet5_layers[id];
    size_t at = l->weights_at + o * l->taps;
    float least = least_step(p->value + at, l->taps);
    for (int bits = MAX_MANTISSA_BITS; bits > 0; bits--) {
        float scale = round_up(least, bits);
        for (size_t i = 0; i < l->taps; i++)
            net->weights[at + i] = (int8_t)to_int(p->value[at + i], scale, 127);
        int32_t bias = to_int(p->value[l->bias_at + o], net->in[id].scale * scale, INT32_MAX);
        net->weight_scale[id][o] = scale;
        net->bias[id][o] = bias;
        if (sum_bound(net->weights + at, l->taps, bias) <= EXACT_FLOAT >> bits)
            return;
    }
}

int lenet5_quantise(const lenet5_params *p, const weft_idx *training, lenet5_qnet *out)
{
    calibration *c = calloc(1, sizeof *c);
    if (!c)
        return -1;
    observe(c, p, training, note_range);
    observe(c, p, training, note_histogram);
    *out = (lenet5_qnet){ .in = { { .scale = LENET5_PIXEL_SCALE, .zero = -128 } } };
    for (size_t i = 0; i < LAYERS_WITH_RELU; i++)
        out->in[i + 1] = choose_relu(&c->of[i]);
    out->in[LENET5_LAYERS] = choose_logits(&c->of[LENET5_LAYER_OUT]);
    for (size_t i = 0; i < LENET5_LAYERS; i++)
        for (size_t o = 0; o < lenet5_layers[i].outputs; o++)
            quantise_output(p, i, o, out);
    free(c);
    return 0;
}
