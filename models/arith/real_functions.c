/* Functions of one float32: those of ONNX operators, by number. */
#include "real_functions.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "ort_functions.h"

/* a and b are the operator's attributes, or its defaults. */
typedef float unary(float x, float a, float b);

/* A function that is one expression; few use a or b. */
#define ONE(name, value)                                                                           \
    static float f_##name(float x, float a, float b)                                               \
    {                                                                                              \
        (void)a, (void)b;                                                                          \
        return value;                                                                              \
    }

ONE(abs, fabsf(x))
ONE(neg, -x)
ONE(floor, floorf(x))
ONE(ceil, ceilf(x))
ONE(round, rintf(x))
ONE(sign, x > 0 ? 1.0f : x < 0 ? -1.0f : x)
ONE(sqrt, sqrtf(x))
ONE(reciprocal, 1.0f / x)
ONE(exp, ort_exp(x))
ONE(log, ort_eigen_log(x))
ONE(erf, ort_erf(x))
ONE(sin, (float)sin((double)x))
ONE(cos, (float)cos((double)x))
ONE(tan, (float)tan((double)x))
ONE(asin, (float)asin((double)x))
ONE(acos, (float)acos((double)x))
ONE(atan, (float)atan((double)x))
ONE(sinh, (float)sinh((double)x))
ONE(cosh, (float)cosh((double)x))
ONE(tanh, ort_tanh(x))
ONE(asinh, (float)asinh((double)x))
ONE(acosh, (float)acosh((double)x))
ONE(atanh, (float)atanh((double)x))
ONE(relu, x > 0 || isnan(x) ? x : 0.0f)
ONE(leaky_relu, x < 0 ? a * x : x)
ONE(thresholded_relu, x > a ? x : 0.0f)
ONE(elu, x >= 0 ? x : a * (ort_eigen_exp(x) - 1.0f))

static float f_celu(float x, float a, float b)
{
    (void)b;
    const float y = a * (ort_eigen_exp(x / a) - 1.0f);
    return (x < 0 ? 0.0f : x) + (y > 0 ? 0.0f : y);
}
ONE(selu, x > 0 ? b * x : b * a * (ort_eigen_exp(x) - 1.0f))
ONE(sigmoid, ort_sigmoid(x))
ONE(softplus, ort_softplus(x))
ONE(softsign, 1.0f / (1.0f + fabsf(x)) * x)

static float f_hard_sigmoid(float x, float a, float b)
{
    const float y = a * x + b;
    return y < 0 ? 0.0f : y > 1 ? 1.0f : y;
}
ONE(hard_swish, (x * f_hard_sigmoid(x, a, b)))
ONE(mish, (x * ort_tanh(ort_softplus(x))))
ONE(gelu, ort_gelu(x))
ONE(shrink, (x < -b ? x + a : x > b ? x - a : 0.0f))
ONE(gelu_tanh, ort_gelu_tanh(x))

static float f_clip(float x, float a, float b)
{
    const float y = x < a ? a : x;
    return y > b ? b : y;
}
ONE(power, powf(x, a))
ONE(square, (x * x))
ONE(cube, (x * x * x))

/* Files name a function by its row: new rows go to the end. */
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
    { "GeluTanh", f_gelu_tanh, NULL, NULL, 0, 0 },
    { "Clip", f_clip, NULL, NULL, 0, 0 },
    { "Pow", f_power, NULL, NULL, 0, 0 },
    { "Square", f_square, NULL, NULL, 0, 0 },
    { "Cube", f_cube, NULL, NULL, 0, 0 },
};

_Static_assert(sizeof functions / sizeof *functions == WEFT_REAL_FUNCTIONS, "count of functions");

int weft_real_find(const char *type, weft_real_function *out)
{
    for (uint32_t i = 0; i < WEFT_REAL_FUNCTIONS; i++) {
        if (strcmp(functions[i].type, type) != 0)
            continue;
        *out = (weft_real_function){ i, functions[i].a, functions[i].b };
        return 1;
    }
    return 0;
}

const char *weft_real_parameter(uint32_t number, unsigned i)
{
    return i ? functions[number].b_name : functions[number].a_name;
}

const char *weft_real_name(uint32_t number)
{
    return functions[number].type;
}

float weft_real_apply(const weft_real_function *f, float x)
{
    return functions[f->number].apply(x, f->a, f->b);
}
