/* Kernels of one int8 operand as tables of 256 entries, in the kernels' own arithmetic. */
#include <math.h>

#include "models/arith/fixedpoint.h"
#include "tflite_table.h"

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

int32_t tfl_clamped(int64_t v, int32_t lo, int32_t hi)
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

int tfl_unary_of(tfl_import *im, const tfl_node *n, tfl_unary *u)
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
    *u = (tfl_unary){ .scale_x = v[0]->quant.scale[0],
                      .scale_y = v[1]->quant.scale[0],
                      .zero_x = v[0]->quant.zero_point[0],
                      .zero_y = v[1]->quant.zero_point[0],
                      .lo = -128,
                      .hi = 127 };
    return WEFT_OK;
}

int tfl_unary_emit(tfl_import *im, const tfl_node *n, const tfl_unary *u, tfl_unary_one *one)
{
    int8_t entries[256];
    uint32_t in;
    for (int32_t x = -128; x < 128; x++)
        entries[x + 128] = (int8_t)tfl_clamped(one(u, x), -128, 127);
    if (tfl_in(im, n, 0)->data)
        return tfl_constant_table(im, n, entries);
    int rc = tfl_tensor(im, n, tfl_in(im, n, 0), &in);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_TABLE, &(weft_table){ entries }, 1, &in, NULL)
                         : rc;
}

/* --- rescaling and rectifiers ------------------------------------------------------------- */

int tfl_by_litert(const tfl_import *im)
{
    return im->products == WEFT_REQUANT_TFLITE_F32;
}

double tfl_ratio(const tfl_import *im, float a, float b)
{
    const float rounded = a / b;
    return tfl_by_litert(im) ? (double)rounded : (double)a / (double)b;
}

static int32_t rescaled(const tfl_unary *u, int32_t x)
{
    return tfl_clamped((int64_t)tfl_factor_times(x - u->zero_x, u->a) + u->zero_y, u->lo, u->hi);
}

int tfl_requantize(tfl_import *im, const tfl_node *n)
{
    tfl_unary u;
    int rc = tfl_unary_of(im, n, &u);
    if (rc != WEFT_OK)
        return rc;
    u.a = tfl_factor_of((double)u.scale_x / (double)u.scale_y);
    return tfl_unary_emit(im, n, &u, rescaled);
}

/* Rescaled and clamped to real lo..hi. */
static int relu_between(tfl_import *im, const tfl_node *n, float lo, float hi)
{
    tfl_unary u;
    int rc = tfl_unary_of(im, n, &u);
    if (rc != WEFT_OK)
        return rc;
    u.a = tfl_factor_of(tfl_ratio(im, u.scale_x, u.scale_y));
    u.lo = tfl_clamped(steps_of(lo, u.scale_y, u.zero_y), -128, 127);
    u.hi = isinf(hi) ? 127 : tfl_clamped(steps_of(hi, u.scale_y, u.zero_y), -128, 127);
    return tfl_unary_emit(im, n, &u, rescaled);
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
static int32_t kept(const tfl_unary *u, int32_t x)
{
    return tfl_clamped(x, u->lo, u->hi);
}

int tfl_relu6(tfl_import *im, const tfl_node *n)
{
    tfl_unary u;
    int rc = tfl_unary_of(im, n, &u);
    if (rc != WEFT_OK)
        return rc;
    u.lo = u.zero_x;
    u.hi = tfl_clamped(steps_of(6.0f, u.scale_x, u.zero_x), -128, 127);
    return tfl_unary_emit(im, n, &u, kept);
}

static int32_t leaky(const tfl_unary *u, int32_t x)
{
    const int32_t v = x - u->zero_x;
    return tfl_clamped((int64_t)tfl_factor_times(v, v >= 0 ? u->a : u->b) + u->zero_y, -128, 127);
}

int tfl_leaky_relu(tfl_import *im, const tfl_node *n)
{
    tfl_unary u;
    int rc = tfl_unary_of(im, n, &u);
    if (rc != WEFT_OK)
        return rc;
    const float alpha = fb_f32(&im->file, n->options, 0, 0.0f);
    u.a = tfl_factor_of(tfl_ratio(im, u.scale_x, u.scale_y));
    const float rounded = u.scale_x * alpha;
    u.b = tfl_factor_of(tfl_by_litert(im) ? (double)(rounded / u.scale_y)
                                          : (double)u.scale_x * (double)alpha / (double)u.scale_y);
    return tfl_unary_emit(im, n, &u, leaky);
}

static int32_t magnitude(const tfl_unary *u, int32_t x)
{
    const int32_t v = x - u->zero_x;
    return tfl_clamped((int64_t)tfl_factor_times(v < 0 ? -v : v, u->a) + u->zero_y, -128, 127);
}

int tfl_abs(tfl_import *im, const tfl_node *n)
{
    tfl_unary u;
    int rc = tfl_unary_of(im, n, &u);
    if (rc != WEFT_OK)
        return rc;
    u.a = tfl_factor_of(tfl_ratio(im, u.scale_x, u.scale_y));
    return tfl_unary_emit(im, n, &u, magnitude);
}

/* --- functions in float32, as the kernels fill their own tables --- */

/* real in steps of the output, by a product with the inverse scale. */
int32_t tfl_looked_up(const tfl_unary *u, float real)
{
    const float steps = roundf(real * (1.0f / u->scale_y));
    if (!(steps > -1.0e6f))
        return -128;
    return steps > 1.0e6f ? 127 : tfl_clamped((int64_t)steps + u->zero_y, -128, 127);
}

float tfl_unary_real(const tfl_unary *u, int32_t x)
{
    return u->scale_x * (float)(x - u->zero_x);
}

static int32_t elu(const tfl_unary *u, int32_t x)
{
    const float real = tfl_unary_real(u, x);
    return tfl_looked_up(u, real < 0.0f ? expm1f(real) : real);
}

static int32_t exponential(const tfl_unary *u, int32_t x)
{
    return tfl_looked_up(u, expf(tfl_unary_real(u, x)));
}

static int32_t logarithm(const tfl_unary *u, int32_t x)
{
    const float real = tfl_unary_real(u, x);
    return real <= 0.0f ? -128 : tfl_looked_up(u, logf(real));
}

static int32_t gelu(const tfl_unary *u, int32_t x)
{
    return tfl_looked_up(u, tfl_gelu(tfl_unary_real(u, x), 0));
}

static int32_t gelu_by_tanh(const tfl_unary *u, int32_t x)
{
    return tfl_looked_up(u, tfl_gelu(tfl_unary_real(u, x), 1));
}

/* Cut, not rounded; the kernel stops at negative values. */
static int32_t square_root(const tfl_unary *u, int32_t x)
{
    const float real = tfl_unary_real(u, x), steps = real > 0.0f ? sqrtf(real) / u->scale_y : 0.0f;
    return steps > 1.0e6f ? 127 : tfl_clamped((int64_t)steps + u->zero_y, -128, 127);
}

static int by_function(tfl_import *im, const tfl_node *n, tfl_unary_one *one)
{
    tfl_unary u;
    int rc = tfl_unary_of(im, n, &u);
    return rc == WEFT_OK ? tfl_unary_emit(im, n, &u, one) : rc;
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

static int32_t reciprocal_root(const tfl_unary *u, int32_t x)
{
    enum { FINE = 20 };
    const int32_t v = x - u->zero_x;
    if (v <= 0) /* the kernel stops at negative values */
        return 127;
    tfl_factor root = { 0, 0 }, rest = u->a;
    root.mult = weft_fx_inverse_root(v, &root.shift);
    root.shift += FINE;
    rest.shift -= FINE;
    return tfl_clamped((int64_t)tfl_factor_times(tfl_factor_times(1, root), rest) + u->zero_y, -128,
                       127);
}

int tfl_rsqrt(tfl_import *im, const tfl_node *n)
{
    tfl_unary u;
    int rc = tfl_unary_of(im, n, &u);
    if (rc != WEFT_OK)
        return rc;
    u.a = tfl_factor_of(1.0 / (sqrt((double)u.scale_x) * (double)u.scale_y));
    return u.a.shift >= -11 && u.a.shift < 31
               ? tfl_unary_emit(im, n, &u, reciprocal_root)
               : TFL_REFUSE(WEFT_ERR_RANGE, "its scales are outside the kernel's range");
}
