/* Softmax of rows of int8, bit for bit: TensorFlow Lite Micro's fixed point, ONNX Runtime's table. */
#include "softmax.h"

#include <float.h>
#include <math.h>

#include "fixedpoint.h"
#include "requantize.h"

/* --- TensorFlow Lite ---------------------------------------------------------------------- */

/* Differences from the largest, rescaled to Q5.26; those below lowest_diff are taken for
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

/* --- ONNX Runtime ------------------------------------------------------------------------- */

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

void weft_softmax_int8_onnx(const int8_t *x, int8_t *y, uint64_t rows, uint64_t width, float scale,
                            float scale_y, int32_t zero_point_y)
{
    float table[256];
    const float one = floorf(1.0f / scale_y);
    exp_table(scale, width, table);
    for (uint64_t at = 0; at < rows * width; at += width)
        softmax_steps(table, one, zero_point_y, x + at, y + at, width);
}
