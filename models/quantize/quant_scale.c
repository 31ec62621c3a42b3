/* From what a group of activations was seen to hold to its scale and zero point. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "quant.h"

int32_t quant_int8(float x, float scale, int32_t zero)
{
    const float v = rintf(x / scale) + (float)zero;
    return (int32_t)(!(v > -128) ? -128 : v > 127 ? 127 : v); /* NaN too: -128 */
}

/* What 0 becomes where lo is the least. */
static int32_t quant_zero(float lo, float scale)
{
    const float z = rintf(-128.0f - lo / scale);
    return (int32_t)(z < -128 ? -128 : z > 127 ? 127 : z);
}

/* 255 steps over lo..hi, of which one is exactly 0. */
void quant_span(float lo, float hi, float *scale, int32_t *zero)
{
    const double width = (double)hi - (double)lo;
    *scale = width > 1e-30 ? (float)(width / 255) : 1.0f / 128;
    *zero = quant_zero(lo, *scale);
}

static double bin_center(const quant_range *r, size_t bin)
{
    return (double)r->lo + ((double)bin + 0.5) * ((double)r->hi - (double)r->lo) / QUANT_BINS;
}

/* Leave out at each end what is more than 1 - percentile / 100 of all values; 0 stays inside. */
static void cut_tails(const quant_range *r, double percentile, float *lo, float *hi)
{
    uint64_t all = 0, below = 0, above = 0;
    size_t first = 0, last = QUANT_BINS - 1;
    for (size_t i = 0; i < QUANT_BINS; i++)
        all += r->bins[i];
    const uint64_t most = (uint64_t)((double)all * (1 - percentile / 100));
    while (first < last && (below += r->bins[first]) <= most)
        first++;
    while (last > first && (above += r->bins[last]) <= most)
        last--;
    const double step = ((double)r->hi - (double)r->lo) / QUANT_BINS;
    *lo = fminf(0, fmaxf(r->lo, (float)(bin_center(r, first) - step / 2)));
    *hi = fmaxf(0, fminf(r->hi, (float)(bin_center(r, last) + step / 2)));
}

static double squared_error(const quant_range *r, float scale, int32_t zero)
{
    double sum = 0;
    for (size_t i = 0; i < QUANT_BINS; i++) {
        if (!r->bins[i])
            continue;
        const double x = bin_center(r, i);
        const double y = (double)((float)(quant_int8((float)x, scale, zero) - zero) * scale);
        sum += (double)r->bins[i] * (x - y) * (x - y);
    }
    return sum;
}

/* Both ends drawn in by the same factor, down to a tenth. */
static void least_error(const quant_range *r, float *lo, float *hi)
{
    enum { STEPS = 90 };
    double best = INFINITY;
    for (int k = 0; k <= STEPS; k++) {
        const float keep = 1.0f - (float)k / 100.0f;
        float scale;
        int32_t zero;
        quant_span(r->lo * keep, r->hi * keep, &scale, &zero);
        const double error = squared_error(r, scale, zero);
        if (error < best) {
            best = error;
            *lo = r->lo * keep;
            *hi = r->hi * keep;
        }
    }
}

/* Bits of a scale of which float32 loses nothing in this operator: in sums of 64 bytes, or of up to
 * 256 parts of four (factors up to 8).  0: it does not add in float32. */
static int exact_bits(const float_node *n)
{
    enum { AVERAGED = 10, INTERPOLATED = 8 };
    const Onnx__AttributeProto *mode = onnx_attr(n->proto, "mode");
    const char *op = n->proto->op_type;
    if (!strcmp(op, "Resize") || !strcmp(op, "Upsample"))
        return mode && mode->s.len == 6 && !memcmp(mode->s.data, "linear", 6) ? INTERPOLATED : 0;
    return !strcmp(op, "AveragePool") || !strcmp(op, "ReduceMean") ? AVERAGED : 0;
}

/* The bits that all operators want that read a value of this group, or 0. */
static int wanted_bits(const quantizer *q, uint32_t root)
{
    int least = 0;
    for (uint32_t i = 0; i < q->net->node_count; i++) {
        const float_node *n = &q->net->nodes[i];
        if (n->dead || !n->in_count || n->in[0] == FLOAT_NONE ||
            q->values[n->in[0]].kind != QUANT_ACTIVATION || quant_root(q, n->in[0]) != root)
            continue;
        const int bits = exact_bits(n);
        least = bits && (!least || bits < least) ? bits : least;
    }
    return least;
}

/* The next scale above of so few bits: then the sum alone decides how ONNX Runtime rounds what lies
 * on a half, not the order of its additions, and the device computes it. */
static void shorten(float lo, int bits, float *scale, int32_t *zero)
{
    int exponent;
    const float fraction = frexpf(*scale, &exponent);
    *scale = ldexpf(ceilf(ldexpf(fraction, bits)), exponent - bits);
    *zero = quant_zero(lo, *scale);
}

/* Does a Softmax make a value of this group? */
static int holds_shares(const quantizer *q, uint32_t root)
{
    for (uint32_t i = 0; i < q->net->node_count; i++) {
        const float_node *n = &q->net->nodes[i];
        if (!n->dead && !strcmp(n->proto->op_type, "Softmax") && n->out_count &&
            q->values[n->out[0]].kind == QUANT_ACTIVATION && quant_root(q, n->out[0]) == root)
            return 1;
    }
    return 0;
}

/* The next scale above that is one over a whole number (a power of two, if few bits are wanted):
 * ONNX Runtime's QLinearSoftmax multiplies by the whole part of 1 / scale. */
static void invert(float lo, int bits, float *scale, int32_t *zero)
{
    int exponent;
    const float parts = floorf(1.0f / *scale);
    if (bits && frexpf(*scale, &exponent) > 0.5f)
        *scale = ldexpf(1.0f, exponent);
    if (!bits && parts >= 1) {
        *scale = 1.0f / parts;
        while (floorf(1.0f / *scale) < parts)
            *scale = nextafterf(*scale, 0);
    }
    *zero = quant_zero(lo, *scale);
}

int quant_choose_scales(quantizer *q, weft_error *err)
{
    for (uint32_t v = 0; v < q->net->value_count; v++) {
        quant_value *value = &q->values[v];
        if (value->kind != QUANT_ACTIVATION || quant_root(q, v) != v)
            continue;
        float lo = value->range.lo, hi = value->range.hi;
        if (q->options.method == WEFT_QUANTIZE_PERCENTILE)
            cut_tails(&value->range, q->options.percentile, &lo, &hi);
        if (q->options.method == WEFT_QUANTIZE_MSE)
            least_error(&value->range, &lo, &hi);
        value->count = 1;
        value->scale = malloc(sizeof *value->scale);
        if (!value->scale)
            return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for scales");
        quant_span(lo, hi, value->scale, &value->zero);
        const int bits = wanted_bits(q, v);
        if (holds_shares(q, v))
            invert(lo, bits, value->scale, &value->zero);
        else if (bits)
            shorten(lo, bits, value->scale, &value->zero);
    }
    return WEFT_OK;
}
