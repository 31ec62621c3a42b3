/* Sigmoid, Tanh, Erf, Exp, Log and what is made of them, as ONNX Runtime rounds them.
 *
 * Every operation is one of float32, in this order; fmaf where ONNX Runtime uses FMA.  The compiler
 * must not join or reorder them: -ffp-contract=off, no -ffast-math. */
#include "ort_functions.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* c[0] x^(count-1) + .. + c[count-1], by Horner with FMA. */
static inline float horner(float x, const float *c, int count)
{
    float y = c[0];
    for (int i = 1; i < count; i++)
        y = fmaf(y, x, c[i]);
    return y;
}

/* Into lo..hi; NaN stays. */
static inline float limit(float x, float lo, float hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

/* y 2^m, rounded once. */
static inline float scaled(float y, int m)
{
    if (m < -126 || m > 127)
        return ldexpf(y, m);
    const uint32_t bits = (uint32_t)(m + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return y * power;
}

/* --- MLAS --- */

/* An odd polynomial over an even one, plus a half: the rational function that Eigen used up to 3.3
 * for the logistic function. */
float ort_sigmoid(float x)
{
    static const float p[] = { 4.37031012579801e-11f, 1.15627324459942e-07f, 6.08574864600143e-05f,
                               8.51377133304701e-03f, 2.48287947061529e-01f };
    static const float q[] = {
        6.10247389755681e-13f, 5.76102136993427e-09f, 6.29106785017040e-06f,
        1.70198817374094e-03f, 1.16817656904453e-01f, 9.93151921023180e-01f
    };
    const float v = limit(x, -18.0f, 18.0f), square = v * v;
    const float y = v * horner(square, p, 5) / horner(square, q, 6) + 0.5f;
    return y < 0.0f ? 0.0f : y;
}

/* The same of Eigen's tanh, up to its version 3.4. */
float ort_tanh(float x)
{
    static const float p[] = { -2.76076847742355e-16f, 2.00018790482477e-13f,
                               -8.60467152213735e-11f, 5.12229709037114e-08f,
                               1.48572235717979e-05f,  6.37261928875436e-04f,
                               4.89352455891786e-03f };
    static const float q[] = { 1.19825839466702e-06f, 1.18534705686654e-04f, 2.26843463243900e-03f,
                               4.89352518554385e-03f };
    const float v = limit(x, -9.0f, 9.0f), square = v * v;
    return v * horner(square, p, 7) / horner(square, q, 4);
}

/* e^x as 2^m e^r, r within half of log 2, which is subtracted in two parts.  *m is whole. */
static inline float reduced(float x, float *m)
{
    const float magic = 12582912.0f; /* 1.5 * 2^23: adding it leaves no fraction */
    *m = fmaf(x, 1.44269504088896341f, magic) - magic;
    return fmaf(*m, -1.42860677e-6f, fmaf(*m, -6.93145752e-1f, x));
}

/* N. Juffa's faithfully rounded erff (stackoverflow.com, question 35148198): a polynomial below
 * 0.921875, 1 - e^-polynomial above. */
float ort_erf(float x)
{
    static const float small[] = { -5.99104969e-4f, 4.99339588e-3f,  -2.67667342e-2f,
                                   1.12818025e-1f,  -3.76124859e-1f, 1.28379151e-1f };
    static const float large[] = { 1.72948930e-5f, -3.83208680e-4f, 3.88393435e-3f, -2.42545605e-2f,
                                   1.06777847e-1f, 6.34846687e-1f,  1.28717512e-1f };
    static const float e[] = {
        1.38319808e-3f, 8.37550033e-3f, 4.16689515e-2f, 1.66664466e-1f, 4.99999851e-1f, 1.0f, 1.0f
    };
    const float a = fabsf(x) > 3.925f ? 3.925f : fabsf(x);
    float y, m;
    if (isnan(x))
        return x;
    if (a <= 0.921875f) {
        y = fmaf(horner(a * a, small, 6), a, a);
    } else {
        const float r = reduced(-fmaf(horner(a, large, 7), a, a), &m);
        y = 1.0f - scaled(horner(r, e, 7), (int)m);
    }
    return copysignf(y, x);
}

/* N. Juffa's expf (forums.developer.nvidia.com, topic 47528). */
float ort_exp(float x)
{
    static const float e[] = {
        0x1.694000p-10f, 0x1.125edcp-7f, 0x1.555b5ap-5f, 0x1.555450p-3f, 0x1.fffff6p-2f, 1.0f, 1.0f
    };
    float m;
    if (isnan(x))
        return x;
    const float r = reduced(limit(x, -103.9720840454f, 88.7762626647950f), &m);
    return scaled(horner(r, e, 7), (int)m);
}

/* --- Eigen 5, four values at once, without FMA --- */

/* Cody and Waite's reduction as in Cephes, then a polynomial in even and odd halves. */
float ort_eigen_exp(float x)
{
    if (isnan(x) || x < -104.0f)
        return isnan(x) ? x : 0.0f;
    const float v = x > 88.723f ? 88.723f : x;
    const float m = floorf(v * 1.44269504088896341f + 0.5f);
    const float r = m * 2.12194440e-4f + (m * -0.693359375f + v), square = r * r;
    const float odd = square * 8.36894474923610687255859375e-3f + 0.16666518151760101318359375f;
    float even = square * 1.37449637986719608306884765625e-3f + 4.166965186595916748046875e-2f;
    even = square * even + 0.49999988079071044921875f;
    return scaled(square * (r * odd + even) + (r + 1.0f), (int)m);
}

/* log(1 + x) as a rational function between the square roots of 1/2 and 2. */
float ort_eigen_log(float x)
{
    if (!(x > 0.0f) || isinf(x))
        return x == 0.0f ? -INFINITY : x > 0.0f ? x : NAN;
    int e;
    float v = frexpf(x, &e);
    const float again = v < 0.707106781186547524f ? v : 0.0f;
    v = v - 1.0f + again;
    const float exponent = again > 0.0f ? (float)e - 1.0f : (float)e;
    const float p = (0.18256296349849254f * v + 1.0000000190281063f) * v + 1.0000000190281136f;
    const float q =
        ((0.049616247954120038f * v + 0.59923249590823520f) * v + 1.4999999999999927f) * v + 1.0f;
    return exponent * 0.693147180559945309417f + v * p / q;
}

/* W. Kahan's log1p by a log that is right near 1. */
static float eigen_log1p(float x)
{
    const float more = x + 1.0f;
    const float log = ort_eigen_log(more);
    const float less = more - 1.0f;
    return less == 0.0f || more == log ? x : x * (log / less); /* more is infinite */
}

/* --- made of these --- */

float ort_softplus(float x)
{
    const float y = eigen_log1p(ort_eigen_exp(-fabsf(x)));
    return x > 0.0f ? x + y : y;
}

float ort_gelu(float x)
{
    return 0.5f * x * (ort_erf(x * 0.70710678118654752440f) + 1.0f);
}

float ort_gelu_tanh(float x)
{
    const float inner = x * (0.035677408136300125f * x * x + 0.7978845608028654f);
    return 0.5f * x * (ort_tanh(inner) + 1.0f);
}
