/* Operators of the host: softmax, its logarithm, the position of the largest.
 *
 * On int8 they are TensorFlow Lite Micro's fixed-point kernels bit for bit, and of kind ONNX what
 * ONNX Runtime's QLinearSoftmax gives; on float32 they equal other libraries within rounding only.
 */
#include <float.h>
#include <math.h>

#include "models/arith/fixedpoint.h"
#include "models/arith/softmax.h"
#include "ref_ops.h"

/* --- float32 ------------------------------------------------------------------------------ */

static float largest_float(const float *x, uint64_t width)
{
    float largest = x[0];
    for (uint64_t i = 1; i < width; i++)
        largest = x[i] > largest ? x[i] : largest;
    return largest;
}

static void softmax_float(const float *x, float *p, uint64_t width, float beta)
{
    float largest = largest_float(x, width), sum = 0.0f;
    for (uint64_t i = 0; i < width; i++) {
        p[i] = expf((x[i] - largest) * beta);
        sum += p[i];
    }
    for (uint64_t i = 0; i < width; i++)
        p[i] /= sum;
}

static void log_softmax_float(const float *x, float *p, uint64_t width)
{
    float largest = largest_float(x, width), sum = 0.0f;
    for (uint64_t i = 0; i < width; i++)
        sum += expf(x[i] - largest);
    float log_sum = logf(sum);
    for (uint64_t i = 0; i < width; i++)
        p[i] = x[i] - largest - log_sum;
}

/* --- int8 ---------------------------------------------------------------------------------------
 * Differences from the largest, rescaled to Q5.26; those below lowest_diff are taken for
 * exp(-infinity). */

typedef struct fixed_softmax {
    weft_requant to_q5;
    int32_t lowest_diff;
} fixed_softmax;

static fixed_softmax fixed_of(float scale, float beta)
{
    fixed_softmax f = { { 0 }, 0 };
    double factor = (double)beta * (double)scale * (double)(1 << 26);
    if (factor >= 1073741824.0) /* from a step of 16 on, only the largest counts */
        factor = 1073741823.0;
    (void)weft_requant_from_double(factor, &f.to_q5); /* cannot fail: checked */
    f.lowest_diff = -(int32_t)floor(31.0 * (double)(1 << 26) / ldexp(1.0, f.to_q5.shift));
    if ((double)beta * (double)scale >= 16.0)
        f.lowest_diff = 0;
    return f;
}

static int32_t largest_int8(const int8_t *x, uint64_t width)
{
    int32_t largest = x[0];
    for (uint64_t i = 1; i < width; i++)
        largest = x[i] > largest ? x[i] : largest;
    return largest;
}

static int32_t diff_q5(const fixed_softmax *f, int32_t diff)
{
    return weft_requantize(WEFT_REQUANT_TFLITE, diff, f->to_q5);
}

/* Q12.19; wraps for more than 4096 equal values, as the kernel's sum does. */
static int32_t sum_of_exps(const fixed_softmax *f, const int8_t *x, uint64_t width, int32_t largest)
{
    uint32_t sum = 0;
    for (uint64_t i = 0; i < width; i++)
        if (x[i] - largest >= f->lowest_diff)
            sum += (uint32_t)weft_fx_shift_right(weft_fx_exp(diff_q5(f, x[i] - largest), 5), 12);
    return sum > INT32_MAX ? INT32_MAX : (int32_t)sum;
}

static void softmax_int8(const fixed_softmax *f, const int8_t *x, int8_t *p, uint64_t width)
{
    int bits_over_unit;
    const int32_t largest = largest_int8(x, width);
    const int32_t inverse =
        weft_fx_reciprocal_q12(sum_of_exps(f, x, width, largest), &bits_over_unit);
    const int shift = bits_over_unit + 31 - 8;
    for (uint64_t i = 0; i < width; i++) {
        p[i] = INT8_MIN;
        if (x[i] - largest < f->lowest_diff)
            continue;
        int32_t e = weft_fx_exp(diff_q5(f, x[i] - largest), 5);
        /* A sum of 512 or more makes every share less than half a step (the kernel stops there). */
        int32_t q = shift > 31 ? 0 : weft_fx_shift_right(weft_fx_mul(inverse, e), shift);
        p[i] = (int8_t)weft_requant_finish(q, -128, INT8_MIN, INT8_MAX);
    }
}

/* The largest difference that is too small to be written: also bounded by the range of Q5.26. */
static int32_t log_limit(const fixed_softmax *f, int32_t log_sum)
{
    weft_requant back = { 0 };
    double steps = ldexp(1.0, 31 - f->to_q5.shift) / (double)f->to_q5.mult;
    (void)weft_requant_from_double(steps, &back); /* between 2^-31 and 1 */
    int32_t by_range = weft_requantize(WEFT_REQUANT_TFLITE, log_sum + INT32_MIN, back);
    return by_range > f->lowest_diff - 1 ? by_range : f->lowest_diff - 1;
}

static void log_softmax_int8(const fixed_softmax *f, const int8_t *x, int8_t *p, uint64_t width)
{
    const int32_t largest = largest_int8(x, width);
    const int32_t log_sum = weft_fx_log_q12(sum_of_exps(f, x, width, largest));
    const int32_t limit = log_limit(f, log_sum);
    for (uint64_t i = 0; i < width; i++) {
        p[i] = INT8_MIN;
        if (x[i] - largest <= limit)
            continue;
        int64_t difference = (int64_t)diff_q5(f, x[i] - largest) - log_sum;
        if (difference < INT32_MIN)
            difference = INT32_MIN;
        int32_t q = weft_fx_shift_right((int32_t)difference, 31 - 5 - 4);
        p[i] = (int8_t)weft_requant_finish(q, 127, INT8_MIN, INT8_MAX);
    }
}

void weft_softmax_int8(const int8_t *x, int8_t *y, uint64_t width, float scale, float beta)
{
    const fixed_softmax f = fixed_of(scale, beta);
    softmax_int8(&f, x, y, width);
}

void weft_log_softmax_int8(const int8_t *x, int8_t *y, uint64_t width, float scale)
{
    const fixed_softmax f = fixed_of(scale, 1.0f);
    log_softmax_int8(&f, x, y, width);
}

/* --- int8 of kind ONNX -------------------------------------------------------------------- */

/* exp(-d * scale) at [d], all multiplied by what keeps the sum of a row, and 148 times it, finite.
 * The factor cancels out but for its rounding, so it is the kernel's: a logarithm in float32. */
static void exp_table(float scale, uint64_t width, float *table)
{
    const double room = (double)logf(FLT_MAX / (float)width) - 5.0;
    const double steps = (room > 0.0 ? room : 0.0) / (double)scale;
    for (int d = 0; d < 256; d++)
        table[d] = (float)exp((steps - d) * (double)scale);
}

static void softmax_steps(const float *table, float one, int32_t zp, const int8_t *x, int8_t *p,
                          uint64_t width)
{
    const int32_t largest = largest_int8(x, width);
    float sum = 0.0f;
    for (uint64_t i = 0; i < width; i++)
        sum += table[largest - x[i]];
    for (uint64_t i = 0; i < width; i++) {
        double q = nearbyint((double)table[largest - x[i]] * (double)one / (double)sum) + zp;
        p[i] = (int8_t)(q > INT8_MAX ? INT8_MAX : q);
    }
}

static void rows_of_steps(const weft_tensor *x, const weft_tensor *y, const int8_t *in, int8_t *out,
                          uint64_t width)
{
    float table[256];
    const float one = floorf(1.0f / weft_quant_scale(&y->quant, 0));
    const int32_t zp = weft_quant_zero_point(&y->quant, 0);
    const uint64_t count = weft_tensor_elements(x);
    exp_table(weft_quant_scale(&x->quant, 0), width, table);
    for (uint64_t at = 0; at < count; at += width)
        softmax_steps(table, one, zp, in + at, out + at, width);
}

/* --- along the last axis ------------------------------------------------------------------ */

static void rows_of(const weft_graph *g, const weft_node *n, const void *const *in, void *out,
                    float beta)
{
    const weft_tensor *x = weft_node_input(g, n, 0);
    const uint64_t width = x->rank ? x->dims[x->rank - 1] : 1;
    const uint64_t count = weft_tensor_elements(x);
    const int is_log = n->op == WEFT_OP_LOG_SOFTMAX;
    fixed_softmax f = { { 0 }, 0 };
    if (x->dtype == WEFT_INT8 && n->requant == WEFT_REQUANT_ONNX) { /* softmax: checked */
        rows_of_steps(x, &g->tensors[n->output], in[0], out, width);
        return;
    }
    if (x->dtype == WEFT_INT8)
        f = fixed_of(weft_quant_scale(&x->quant, 0), beta);
    for (uint64_t at = 0; at < count; at += width) {
        if (x->dtype == WEFT_INT8 && is_log)
            log_softmax_int8(&f, (const int8_t *)in[0] + at, (int8_t *)out + at, width);
        else if (x->dtype == WEFT_INT8)
            softmax_int8(&f, (const int8_t *)in[0] + at, (int8_t *)out + at, width);
        else if (is_log)
            log_softmax_float((const float *)in[0] + at, (float *)out + at, width);
        else
            softmax_float((const float *)in[0] + at, (float *)out + at, width, beta);
    }
}

void weft_ref_softmax(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    rows_of(g, n, in, out, n->attr.softmax.beta);
}

void weft_ref_log_softmax(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    rows_of(g, n, in, out, 1.0f);
}

/* Does element a take the place of element b, which stands before it? */
static int beyond(const weft_tensor *x, const void *data, size_t a, size_t b, const weft_argmax *n)
{
    const int floats = x->dtype == WEFT_FLOAT32;
    const float va = floats ? ((const float *)data)[a] : ((const int8_t *)data)[a];
    const float vb = floats ? ((const float *)data)[b] : ((const int8_t *)data)[b];
    if (n->last)
        return n->smallest ? va <= vb : va >= vb;
    return n->smallest ? va < vb : va > vb;
}

void weft_ref_argmax(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const weft_argmax *a = &n->attr.argmax;
    const weft_tensor *x = weft_node_input(g, n, 0);
    size_t inner = 1;
    for (uint32_t i = a->axis + 1; i < x->rank; i++)
        inner *= x->dims[i];
    const size_t length = x->dims[a->axis], count = (size_t)weft_tensor_elements(x) / length;
    for (size_t e = 0; e < count; e++) {
        const size_t first = e / inner * inner * length + e % inner;
        size_t best = 0;
        for (size_t k = 1; k < length; k++)
            if (beyond(x, in[0], first + k * inner, first + best * inner, a))
                best = k;
        ((int32_t *)out)[e] = (int32_t)best;
    }
}

void weft_ref_l2_normalization(const weft_graph *g, const weft_node *n, const void *const *in,
                               void *out)
{
    enum { STEPS_OF_ONE = 7 }; /* as a power of two */
    const weft_tensor *x = weft_node_input(g, n, 0);
    const uint32_t width = x->dims[x->rank - 1];
    const int32_t zp = weft_quant_zero_point(&x->quant, 0);
    const uint64_t count = weft_tensor_elements(x);
    const int8_t *from = in[0];
    int8_t *to = out;
    for (uint64_t row = 0; row < count; row += width) {
        int32_t sum = 0;
        int shift;
        for (uint32_t i = 0; i < width; i++)
            sum += (from[row + i] - zp) * (from[row + i] - zp);
        const int32_t root = weft_fx_inverse_root(sum, &shift);
        shift += STEPS_OF_ONE;
        for (uint32_t i = 0; i < width; i++) {
            const int32_t v = (from[row + i] - zp) * (1 << (shift > 0 ? shift : 0));
            const int32_t y = weft_fx_shift_right(weft_fx_mul(v, root), shift < 0 ? -shift : 0);
            to[row + i] = (int8_t)(y < -128 ? -128 : y > 127 ? 127 : y);
        }
    }
}
