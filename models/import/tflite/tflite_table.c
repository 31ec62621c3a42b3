/* Kernels of one int8 operand as tables of 256 entries, in the kernels' own arithmetic. */
#include <math.h>

#include "models/arith/fixedpoint.h"
#include "tflite_import.h"

typedef struct unary {
    float scale_x, scale_y;
    int32_t zero_x, zero_y; /* of the int8 tensors */
    tfl_factor a, b;
    int32_t lo, hi, radius;
} unary;

typedef int32_t unary_one(const unary *u, int32_t x);

tfl_factor tfl_factor_of(double real)
{
    tfl_factor f = { 0, 0 };
    if (!(real > -1.0e9 && real < 1.0e9))
        return f;
    int64_t mult = (int64_t)round(frexp(real, &f.shift) * 2147483648.0);
    if (mult == (int64_t)1 << 31 || mult == -((int64_t)1 << 31)) {
        mult /= 2;
        f.shift++;
    }
    if (f.shift < -31)
        return (tfl_factor){ 0, 0 };
    f.mult = (int32_t)mult;
    return f;
}

int32_t tfl_factor_times(int32_t x, tfl_factor f)
{
    const int64_t wide = (int64_t)x * ((int64_t)1 << (f.shift > 0 ? f.shift : 0));
    const uint32_t low = (uint32_t)(uint64_t)wide;
    const int32_t shifted =
        low <= INT32_MAX ? (int32_t)low : (int32_t)(low - 0x80000000u) + INT32_MIN;
    return weft_fx_shift_right(weft_fx_mul(shifted, f.mult), f.shift < 0 ? -f.shift : 0);
}

static int32_t clamped(int64_t v, int32_t lo, int32_t hi)
{
    return v < lo ? lo : v > hi ? hi : (int32_t)v;
}

/* x in steps of the input to real steps of value / scale, rounded half away; far values saturate.
 */
static int32_t steps_of(float value, float scale, int32_t zero)
{
    const float steps = roundf(value / scale);
    return steps > 1.0e6f ? 1000000 : steps < -1.0e6f ? -1000000 : (int32_t)steps + zero;
}

static int unary_of(tfl_import *im, const tfl_node *n, unary *u)
{
    const tfl_value *v[2] = { tfl_in(im, n, 0), tfl_out(im, n, 0) };
    for (unsigned i = 0; i < 2; i++) {
        if (!v[i] || (v[i]->type != TFL_INT8 && v[i]->type != TFL_UINT8))
            return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                              "it computes %s; quantise the model to int8 throughout",
                              tfl_type_name(v[i] ? v[i]->type : -1));
        if (v[i]->quant.count != 1)
            return TFL_REFUSE(WEFT_ERR_SHAPE, "\"%.60s\" must have one scale", v[i]->name);
        if (!(v[i]->quant.scale[0] > 0.0f && isfinite(v[i]->quant.scale[0])))
            return TFL_REFUSE(WEFT_ERR_RANGE, "\"%.60s\" has no positive scale", v[i]->name);
        if (v[i]->quant.zero_point[0] < -128 || v[i]->quant.zero_point[0] > 127)
            return TFL_REFUSE(WEFT_ERR_RANGE, "\"%.60s\" has a zero point outside its type",
                              v[i]->name);
    }
    *u = (unary){ .scale_x = v[0]->quant.scale[0],
                  .scale_y = v[1]->quant.scale[0],
                  .zero_x = v[0]->quant.zero_point[0],
                  .zero_y = v[1]->quant.zero_point[0],
                  .lo = -128,
                  .hi = 127 };
    return WEFT_OK;
}

static int emit(tfl_import *im, const tfl_node *n, const unary *u, unary_one *one)
{
    int8_t entries[256];
    uint32_t in;
    for (int32_t x = -128; x < 128; x++)
        entries[x + 128] = (int8_t)clamped(one(u, x), -128, 127);
    int rc = tfl_tensor(im, n, tfl_in(im, n, 0), &in);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_TABLE, &(weft_table){ entries }, 1, &in, NULL)
                         : rc;
}

/* --- rescaling and rectifiers ------------------------------------------------------------- */

double tfl_ratio(const tfl_import *im, float a, float b)
{
    const float rounded = a / b;
    return im->truth == WEFT_TRUTH_LITERT ? (double)rounded : (double)a / (double)b;
}

static int32_t rescaled(const unary *u, int32_t x)
{
    return clamped((int64_t)tfl_factor_times(x - u->zero_x, u->a) + u->zero_y, u->lo, u->hi);
}

int tfl_requantize(tfl_import *im, const tfl_node *n)
{
    unary u;
    int rc = unary_of(im, n, &u);
    if (rc != WEFT_OK)
        return rc;
    u.a = tfl_factor_of((double)u.scale_x / (double)u.scale_y);
    return emit(im, n, &u, rescaled);
}

/* Rescaled and clamped to real lo..hi. */
static int relu_between(tfl_import *im, const tfl_node *n, float lo, float hi)
{
    unary u;
    int rc = unary_of(im, n, &u);
    if (rc != WEFT_OK)
        return rc;
    u.a = tfl_factor_of(tfl_ratio(im, u.scale_x, u.scale_y));
    u.lo = clamped(steps_of(lo, u.scale_y, u.zero_y), -128, 127);
    u.hi = isinf(hi) ? 127 : clamped(steps_of(hi, u.scale_y, u.zero_y), -128, 127);
    return emit(im, n, &u, rescaled);
}

int tfl_relu(tfl_import *im, const tfl_node *n)
{
    return relu_between(im, n, 0.0f, INFINITY);
}

int tfl_relu_n1_to_1(tfl_import *im, const tfl_node *n)
{
    return relu_between(im, n, -1.0f, 1.0f);
}

int tfl_relu_0_to_1(tfl_import *im, const tfl_node *n)
{
    return relu_between(im, n, 0.0f, 1.0f);
}

/* The kernel of RELU6 clamps the stored bytes in steps of the input and rescales nothing. */
static int32_t kept(const unary *u, int32_t x)
{
    return clamped(x, u->lo, u->hi);
}

int tfl_relu6(tfl_import *im, const tfl_node *n)
{
    unary u;
    int rc = unary_of(im, n, &u);
    if (rc != WEFT_OK)
        return rc;
    u.lo = u.zero_x;
    u.hi = clamped(steps_of(6.0f, u.scale_x, u.zero_x), -128, 127);
    return emit(im, n, &u, kept);
}

static int32_t leaky(const unary *u, int32_t x)
{
    const int32_t v = x - u->zero_x;
    return clamped((int64_t)tfl_factor_times(v, v >= 0 ? u->a : u->b) + u->zero_y, -128, 127);
}

int tfl_leaky_relu(tfl_import *im, const tfl_node *n)
{
    unary u;
    int rc = unary_of(im, n, &u);
    if (rc != WEFT_OK)
        return rc;
    const float alpha = fb_f32(&im->file, n->options, 0, 0.0f);
    u.a = tfl_factor_of(tfl_ratio(im, u.scale_x, u.scale_y));
    const float rounded = u.scale_x * alpha;
    u.b = tfl_factor_of(im->truth == WEFT_TRUTH_LITERT
                            ? (double)(rounded / u.scale_y)
                            : (double)u.scale_x * (double)alpha / (double)u.scale_y);
    return emit(im, n, &u, leaky);
}

static int32_t magnitude(const unary *u, int32_t x)
{
    const int32_t v = x - u->zero_x;
    return clamped((int64_t)tfl_factor_times(v < 0 ? -v : v, u->a) + u->zero_y, -128, 127);
}

int tfl_abs(tfl_import *im, const tfl_node *n)
{
    unary u;
    int rc = unary_of(im, n, &u);
    if (rc != WEFT_OK)
        return rc;
    u.a = tfl_factor_of(tfl_ratio(im, u.scale_x, u.scale_y));
    return emit(im, n, &u, magnitude);
}

/* --- functions in float32, as the kernels fill their own tables --- */

/* real in steps of the output, by a product with the inverse scale. */
static int32_t looked_up(const unary *u, float real)
{
    const float steps = roundf(real * (1.0f / u->scale_y));
    if (!(steps > -1.0e6f))
        return -128;
    return steps > 1.0e6f ? 127 : clamped((int64_t)steps + u->zero_y, -128, 127);
}

static float real_of(const unary *u, int32_t x)
{
    return u->scale_x * (float)(x - u->zero_x);
}

static int32_t elu(const unary *u, int32_t x)
{
    const float real = real_of(u, x);
    return looked_up(u, real < 0.0f ? expm1f(real) : real);
}

static int32_t exponential(const unary *u, int32_t x)
{
    return looked_up(u, expf(real_of(u, x)));
}

static int32_t logarithm(const unary *u, int32_t x)
{
    const float real = real_of(u, x);
    return real <= 0.0f ? -128 : looked_up(u, logf(real));
}

static int32_t gelu(const unary *u, int32_t x)
{
    return looked_up(u, tfl_gelu(real_of(u, x), 0));
}

static int32_t gelu_by_tanh(const unary *u, int32_t x)
{
    return looked_up(u, tfl_gelu(real_of(u, x), 1));
}

/* Cut, not rounded; the kernel stops at negative values. */
static int32_t square_root(const unary *u, int32_t x)
{
    const float real = real_of(u, x), steps = real > 0.0f ? sqrtf(real) / u->scale_y : 0.0f;
    return steps > 1.0e6f ? 127 : clamped((int64_t)steps + u->zero_y, -128, 127);
}

static int by_function(tfl_import *im, const tfl_node *n, unary_one *one)
{
    unary u;
    int rc = unary_of(im, n, &u);
    return rc == WEFT_OK ? emit(im, n, &u, one) : rc;
}

int tfl_elu(tfl_import *im, const tfl_node *n)
{
    return by_function(im, n, elu);
}

int tfl_exp(tfl_import *im, const tfl_node *n)
{
    return by_function(im, n, exponential);
}

int tfl_log(tfl_import *im, const tfl_node *n)
{
    return by_function(im, n, logarithm);
}

int tfl_sqrt(tfl_import *im, const tfl_node *n)
{
    return by_function(im, n, square_root);
}

int tfl_gelu_node(tfl_import *im, const tfl_node *n)
{
    return by_function(im, n, fb_i8(&im->file, n->options, 0, 0) ? gelu_by_tanh : gelu);
}

/* --- reciprocal square root --------------------------------------------------------------- */

static int32_t reciprocal_root(const unary *u, int32_t x)
{
    enum { FINE = 20 };
    const int32_t v = x - u->zero_x;
    if (v <= 0) /* the kernel stops at negative values */
        return 127;
    tfl_factor root = { 0, 0 }, rest = u->a;
    root.mult = weft_fx_inverse_root(v, &root.shift);
    root.shift += FINE;
    rest.shift -= FINE;
    return clamped((int64_t)tfl_factor_times(tfl_factor_times(1, root), rest) + u->zero_y, -128,
                   127);
}

int tfl_rsqrt(tfl_import *im, const tfl_node *n)
{
    unary u;
    int rc = unary_of(im, n, &u);
    if (rc != WEFT_OK)
        return rc;
    u.a = tfl_factor_of(1.0 / (sqrt((double)u.scale_x) * (double)u.scale_y));
    return u.a.shift >= -11 && u.a.shift < 31
               ? emit(im, n, &u, reciprocal_root)
               : TFL_REFUSE(WEFT_ERR_RANGE, "its scales are outside the kernel's range");
}

/* --- hard swish: 16-bit fixed point ------------------------------------------------------- */

static int32_t saturate_16(int64_t v)
{
    return clamped(v, INT16_MIN, INT16_MAX);
}

/* a * b / 2^15 to nearest, ties up. */
static int32_t mul_16(int32_t a, int32_t b)
{
    const int32_t product = a * b; /* of int16 values; min * min does not occur, b is positive */
    return saturate_16((product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15));
}

/* The upper 16 of 31 bits, rounded. */
static int32_t upper_16(int32_t mult)
{
    return mult >= INT32_MAX - (1 << 15) ? INT16_MAX : (mult + (1 << 15)) >> 16;
}

static int32_t hard_swish(const unary *u, int32_t x)
{
    const int32_t fine = (x - u->zero_x) * 128;
    const int32_t on_output = mul_16(fine, upper_16(u->a.mult));
    const int up = u->b.shift > 0 ? u->b.shift : 0;
    int32_t gate = fine; /* x / 3 in Q0.15, then (x + 3) / 6 */
    if (up > 0)
        gate = saturate_16((int64_t)gate * ((int64_t)1 << (up - 1)));
    gate = mul_16(gate, upper_16(u->b.mult));
    if (up > 0)
        gate = saturate_16((int64_t)gate * 2);
    if (u->b.shift < 0)
        gate = weft_fx_shift_right(gate, -u->b.shift);
    gate = (gate + (1 << 15)) >> 1;
    const int32_t product = gate * on_output / (1 << 15); /* truncates */
    return clamped((int64_t)weft_fx_shift_right(product, -u->a.shift) + u->zero_y, -128, 127);
}

int tfl_hard_swish(tfl_import *im, const tfl_node *n)
{
    unary u;
    int rc = unary_of(im, n, &u);
    if (rc != WEFT_OK)
        return rc;
    const float fine = (1.0f / 128.0f) * u.scale_x;
    u.a = tfl_factor_of((double)fine / (double)u.scale_y);
    u.b = tfl_factor_of((double)fine / (double)(3.0f / 32768.0f));
    if (u.a.shift > 0 || u.b.shift > 31)
        return TFL_REFUSE(WEFT_ERR_RANGE, "its scales are outside the kernel's range");
    return emit(im, n, &u, hard_swish);
}

/* --- logistic and tanh: Q4.27 ------------------------------------------------------------- */

static int q4_of(tfl_import *im, const tfl_node *n, int32_t zero_y, unary *u)
{
    int rc = unary_of(im, n, u);
    if (rc != WEFT_OK)
        return rc;
    u->a = tfl_factor_of((double)u->scale_x * (double)(1 << 27));
    if (u->a.shift < 0 || u->a.mult == 0)
        return TFL_REFUSE(WEFT_ERR_RANGE, "its input scale is outside the kernel's range");
    if (u->zero_y != zero_y)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its output must have the zero point %d",
                          (int)zero_y);
    u->radius = (int32_t)floor(15.0 * (double)(1 << 27) / ldexp(1.0, u->a.shift));
    return WEFT_OK;
}

static int32_t logistic(const unary *u, int32_t x)
{
    const int32_t v = x - u->zero_x;
    if (v <= -u->radius || v >= u->radius)
        return v <= -u->radius ? -128 : 127;
    return weft_fx_shift_right(weft_fx_logistic_q4(tfl_factor_times(v, u->a)), 23) - 128;
}

static int32_t hyperbolic_tangent(const unary *u, int32_t x)
{
    const int32_t v = x - u->zero_x;
    if (v <= -u->radius || v >= u->radius)
        return v <= -u->radius ? -128 : 127;
    return weft_fx_shift_right(weft_fx_tanh_q4(tfl_factor_times(v, u->a)), 24);
}

int tfl_logistic(tfl_import *im, const tfl_node *n)
{
    unary u;
    int rc = q4_of(im, n, -128, &u);
    return rc == WEFT_OK ? emit(im, n, &u, logistic) : rc;
}

int tfl_tanh(tfl_import *im, const tfl_node *n)
{
    unary u;
    int rc = q4_of(im, n, 0, &u);
    return rc == WEFT_OK ? emit(im, n, &u, hyperbolic_tangent) : rc;
}
