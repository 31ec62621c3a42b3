/* Operators on one number: a table of functions of float32, and the few on integers.
 *
 * What ONNX Runtime computes by approximations of its own is computed by the same (eval_ort.h);
 * where Weft's int8 graph has no function (Sin, Acosh, ..), in double. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "eval.h"
#include "eval_ort.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

/* a and b are the operator's attributes, or its defaults. */
typedef float unary(float x, float a, float b);

/* The attributes an operator may have are named by its type; none of these ignores one. */
#define F(name) static float f_##name(float x, float a, float b)
#define UNUSED  (void)a, (void)b

F(abs)
{
    UNUSED;
    return fabsf(x);
}
F(neg)
{
    UNUSED;
    return -x;
}
F(floor)
{
    UNUSED;
    return floorf(x);
}
F(ceil)
{
    UNUSED;
    return ceilf(x);
}
F(round)
{
    UNUSED;
    return rintf(x);
}
F(sign)
{
    UNUSED;
    return x > 0 ? 1.0f : x < 0 ? -1.0f : x;
}
F(sqrt)
{
    UNUSED;
    return sqrtf(x);
}
F(reciprocal)
{
    UNUSED;
    return 1.0f / x;
}
F(exp)
{
    UNUSED;
    return ort_exp(x);
}
F(log)
{
    UNUSED;
    return ort_eigen_log(x);
}
F(erf)
{
    UNUSED;
    return ort_erf(x);
}
F(sin)
{
    UNUSED;
    return (float)sin((double)x);
}
F(cos)
{
    UNUSED;
    return (float)cos((double)x);
}
F(tan)
{
    UNUSED;
    return (float)tan((double)x);
}
F(asin)
{
    UNUSED;
    return (float)asin((double)x);
}
F(acos)
{
    UNUSED;
    return (float)acos((double)x);
}
F(atan)
{
    UNUSED;
    return (float)atan((double)x);
}
F(sinh)
{
    UNUSED;
    return (float)sinh((double)x);
}
F(cosh)
{
    UNUSED;
    return (float)cosh((double)x);
}
F(tanh)
{
    UNUSED;
    return ort_tanh(x);
}
F(asinh)
{
    UNUSED;
    return (float)asinh((double)x);
}
F(acosh)
{
    UNUSED;
    return (float)acosh((double)x);
}
F(atanh)
{
    UNUSED;
    return (float)atanh((double)x);
}
F(relu)
{
    UNUSED;
    return x > 0 || isnan(x) ? x : 0.0f;
}
F(leaky_relu)
{
    (void)b;
    return x < 0 ? a * x : x;
}
F(thresholded_relu)
{
    (void)b;
    return x > a ? x : 0.0f;
}
F(elu)
{
    (void)b;
    return x >= 0 ? x : a * (ort_eigen_exp(x) - 1.0f);
}
F(celu)
{
    (void)b;
    const float y = a * (ort_eigen_exp(x / a) - 1.0f);
    return (x < 0 ? 0.0f : x) + (y > 0 ? 0.0f : y);
}
F(selu)
{
    return x > 0 ? b * x : b * a * (ort_eigen_exp(x) - 1.0f);
}
F(sigmoid)
{
    UNUSED;
    return ort_sigmoid(x);
}
F(softplus)
{
    UNUSED;
    return ort_softplus(x);
}
F(softsign)
{
    UNUSED;
    return 1.0f / (1.0f + fabsf(x)) * x;
}
F(hard_sigmoid)
{
    const float y = a * x + b;
    return y < 0 ? 0.0f : y > 1 ? 1.0f : y;
}
F(hard_swish)
{
    return x * f_hard_sigmoid(x, a, b);
}
F(mish)
{
    UNUSED;
    return x * ort_tanh(ort_softplus(x));
}
F(gelu)
{
    UNUSED;
    return ort_gelu(x);
}
F(shrink)
{
    return x < -b ? x + a : x > b ? x - a : 0.0f;
}

static const struct {
    const char *type;
    unary *apply;
    const char *a_name, *b_name;
    float a, b;
} functions[] = {
    { "Abs", f_abs, NULL, NULL, 0, 0 },
    { "Acos", f_acos, NULL, NULL, 0, 0 },
    { "Acosh", f_acosh, NULL, NULL, 0, 0 },
    { "Asin", f_asin, NULL, NULL, 0, 0 },
    { "Asinh", f_asinh, NULL, NULL, 0, 0 },
    { "Atan", f_atan, NULL, NULL, 0, 0 },
    { "Atanh", f_atanh, NULL, NULL, 0, 0 },
    { "Ceil", f_ceil, NULL, NULL, 0, 0 },
    { "Celu", f_celu, "alpha", NULL, 1.0f, 0 },
    { "Cos", f_cos, NULL, NULL, 0, 0 },
    { "Cosh", f_cosh, NULL, NULL, 0, 0 },
    { "Elu", f_elu, "alpha", NULL, 1.0f, 0 },
    { "Erf", f_erf, NULL, NULL, 0, 0 },
    { "Exp", f_exp, NULL, NULL, 0, 0 },
    { "Floor", f_floor, NULL, NULL, 0, 0 },
    { "Gelu", f_gelu, NULL, NULL, 0, 0 },
    { "HardSigmoid", f_hard_sigmoid, "alpha", "beta", 0.2f, 0.5f },
    { "HardSwish", f_hard_swish, NULL, NULL, 1.0f / 6.0f, 0.5f },
    { "LeakyRelu", f_leaky_relu, "alpha", NULL, 0.01f, 0 },
    { "Log", f_log, NULL, NULL, 0, 0 },
    { "Mish", f_mish, NULL, NULL, 0, 0 },
    { "Neg", f_neg, NULL, NULL, 0, 0 },
    { "Reciprocal", f_reciprocal, NULL, NULL, 0, 0 },
    { "Relu", f_relu, NULL, NULL, 0, 0 },
    { "Round", f_round, NULL, NULL, 0, 0 },
    { "Selu", f_selu, "alpha", "gamma", 1.67326319217681884765625f, 1.05070102214813232421875f },
    { "Shrink", f_shrink, "bias", "lambd", 0.0f, 0.5f },
    { "Sigmoid", f_sigmoid, NULL, NULL, 0, 0 },
    { "Sign", f_sign, NULL, NULL, 0, 0 },
    { "Sin", f_sin, NULL, NULL, 0, 0 },
    { "Sinh", f_sinh, NULL, NULL, 0, 0 },
    { "Softplus", f_softplus, NULL, NULL, 0, 0 },
    { "Softsign", f_softsign, NULL, NULL, 0, 0 },
    { "Sqrt", f_sqrt, NULL, NULL, 0, 0 },
    { "Tan", f_tan, NULL, NULL, 0, 0 },
    { "Tanh", f_tanh, NULL, NULL, 0, 0 },
    { "ThresholdedRelu", f_thresholded_relu, "alpha", NULL, 1.0f, 0 },
};

static int integers(eval_run *r, const nd *x, nd *out)
{
    const char *type = r->node->op_type;
    for (size_t i = 0; i < x->count; i++) {
        const int64_t v = x->i[i];
        const int64_t minus = (int64_t)(0 - (uint64_t)v);
        if (!strcmp(type, "Abs"))
            out->i[i] = nd_wrap(x->type, v < 0 ? minus : v);
        else if (!strcmp(type, "Neg"))
            out->i[i] = nd_wrap(x->type, minus);
        else if (!strcmp(type, "Relu"))
            out->i[i] = v > 0 ? v : 0;
        else if (!strcmp(type, "Sign"))
            out->i[i] = (v > 0) - (v < 0);
        else
            return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "of integers is not possible");
    }
    return WEFT_OK;
}

/* Not, IsNaN, IsInf: to bool. */
static int tests(eval_run *r, const nd *x, nd *out)
{
    const char *type = r->node->op_type;
    const int up = onnx_attr_int(r->node, "detect_positive", 1) != 0;
    const int down = onnx_attr_int(r->node, "detect_negative", 1) != 0;
    int rc = nd_new(r, T(BOOL), x->rank, x->dims, out);
    for (size_t i = 0; rc == WEFT_OK && i < x->count; i++) {
        const float v = nd_float(x, i);
        if (!strcmp(type, "Not"))
            out->i[i] = v == 0.0f;
        else if (!strcmp(type, "IsNaN"))
            out->i[i] = isnan(v);
        else
            out->i[i] = isinf(v) && (v > 0 ? up : down);
    }
    return rc;
}

int eval_unary(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const char *type = r->node->op_type;
    const nd *x = in[0];
    if (!strcmp(type, "Not") || !strncmp(type, "Is", 2))
        return tests(r, x, out);
    int rc = nd_new(r, x->type, x->rank, x->dims, out);
    if (rc != WEFT_OK || x->i)
        return rc == WEFT_OK ? integers(r, x, out) : rc;
    const int quick = !strcmp(type, "Gelu") && onnx_attr_is(r->node, "approximate", "tanh", "none");
    for (size_t i = 0; quick && i < x->count; i++)
        out->f[i] = ort_gelu_tanh(x->f[i]);
    if (quick)
        return WEFT_OK;
    if (!strcmp(type, "Gelu") && !onnx_attr_is(r->node, "approximate", "none", "none"))
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "only approximate none or tanh is possible");
    for (size_t k = 0; k < sizeof functions / sizeof *functions; k++) {
        if (strcmp(functions[k].type, type) != 0)
            continue;
        float a = functions[k].a, b = functions[k].b;
        if (functions[k].a_name)
            a = onnx_attr_float(r->node, functions[k].a_name, a);
        if (functions[k].b_name)
            b = onnx_attr_float(r->node, functions[k].b_name, b);
        for (size_t i = 0; i < x->count; i++)
            out->f[i] = functions[k].apply(x->f[i], a, b);
        return WEFT_OK;
    }
    return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "this operator is not supported");
}
