/* HARD_SWISH, LOGISTIC and TANH as tables, in the kernels' fixed point. */
#include <math.h>

#include "models/arith/fixedpoint.h"
#include "tflite_table.h"

/* --- hard swish: 16-bit fixed point ------------------------------------------------------- */

static int32_t saturate_16(int64_t v)
{
    return tfl_clamped(v, INT16_MIN, INT16_MAX);
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

static int32_t hard_swish(const tfl_unary *u, int32_t x)
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
    return tfl_clamped((int64_t)weft_fx_shift_right(product, -u->a.shift) + u->zero_y, -128, 127);
}

int tfl_hard_swish(tfl_import *im, const tfl_node *n)
{
    tfl_unary u;
    int rc = tfl_unary_of(im, n, &u);
    if (rc != WEFT_OK)
        return rc;
    const float fine = (1.0f / 128.0f) * u.scale_x;
    u.a = tfl_factor_of(tfl_ratio(im, fine, u.scale_y));
    u.b = tfl_factor_of(tfl_ratio(im, fine, 3.0f / 32768.0f));
    if (u.a.shift > 0 || u.b.shift > 31)
        return TFL_REFUSE(WEFT_ERR_RANGE, "its scales are outside the kernel's range");
    return tfl_unary_emit(im, n, &u, hard_swish);
}

/* --- logistic and tanh: Q4.27 ------------------------------------------------------------- */

static int q4_of(tfl_import *im, const tfl_node *n, int32_t zero_y, tfl_unary *u)
{
    int rc = tfl_unary_of(im, n, u);
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

static int32_t logistic(const tfl_unary *u, int32_t x)
{
    const int32_t v = x - u->zero_x;
    if (v <= -u->radius || v >= u->radius)
        return v <= -u->radius ? -128 : 127;
    return weft_fx_shift_right(weft_fx_logistic_q4(tfl_factor_times(v, u->a)), 23) - 128;
}

static int32_t hyperbolic_tangent(const tfl_unary *u, int32_t x)
{
    const int32_t v = x - u->zero_x;
    if (v <= -u->radius || v >= u->radius)
        return v <= -u->radius ? -128 : 127;
    return weft_fx_shift_right(weft_fx_tanh_q4(tfl_factor_times(v, u->a)), 24);
}

/* uint8 is judged by LiteRT's kernels, which fill a table in float32. */
static int32_t logistic_uint8(const tfl_unary *u, int32_t x)
{
    return tfl_looked_up(u, 1.0f / (1.0f + expf(-tfl_unary_real(u, x))));
}

static int32_t tangent_uint8(const tfl_unary *u, int32_t x)
{
    return tfl_looked_up(u, tanhf(tfl_unary_real(u, x)));
}

static int is_uint8(tfl_import *im, const tfl_node *n)
{
    return tfl_in(im, n, 0)->type == TFL_UINT8;
}

int tfl_logistic(tfl_import *im, const tfl_node *n)
{
    tfl_unary u;
    int rc = q4_of(im, n, -128, &u);
    return rc == WEFT_OK ? tfl_unary_emit(im, n, &u, is_uint8(im, n) ? logistic_uint8 : logistic)
                         : rc;
}

int tfl_tanh(tfl_import *im, const tfl_node *n)
{
    tfl_unary u;
    int rc = q4_of(im, n, 0, &u);
    return rc == WEFT_OK
               ? tfl_unary_emit(im, n, &u, is_uint8(im, n) ? tangent_uint8 : hyperbolic_tangent)
               : rc;
}
