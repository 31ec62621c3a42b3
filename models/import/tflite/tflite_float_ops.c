/* Operators on float32 and bool as TensorFlow Lite's kernels compute them, one element at a time.
 */
#include <math.h>
#include <stddef.h>

#include "tflite_import.h"

static float abs_of(const float *in)
{
    return fabsf(in[0]);
}

static float neg_of(const float *in)
{
    return -in[0];
}

static float square_of(const float *in)
{
    return in[0] * in[0];
}

static float sqrt_of(const float *in)
{
    return sqrtf(in[0]);
}

static float rsqrt_of(const float *in)
{
    return 1.0f / sqrtf(in[0]);
}

static float exp_of(const float *in)
{
    return expf(in[0]);
}

static float log_of(const float *in)
{
    return logf(in[0]);
}

static float sin_of(const float *in)
{
    return sinf(in[0]);
}

static float cos_of(const float *in)
{
    return cosf(in[0]);
}

static float floor_of(const float *in)
{
    return floorf(in[0]);
}

static float ceil_of(const float *in)
{
    return ceilf(in[0]);
}

/* Half to even. */
static float round_of(const float *in)
{
    return rintf(in[0]);
}

static float tanh_of(const float *in)
{
    return tanhf(in[0]);
}

static float elu_of(const float *in)
{
    return in[0] < 0.0f ? expm1f(in[0]) : in[0];
}

/* With the kernel's cuts, beyond which the quotient is 1 or the exponential. */
static float logistic_of(const float *in)
{
    if (in[0] > 16.619047164916992188f)
        return 1.0f;
    return in[0] < -9.0f ? expf(in[0]) : 1.0f / (1.0f + expf(-in[0]));
}

static float between(float x, float lo, float hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

static float relu_of(const float *in)
{
    return in[0] < 0.0f ? 0.0f : in[0];
}

static float relu6_of(const float *in)
{
    return between(in[0], 0.0f, 6.0f);
}

static float relu_n1_of(const float *in)
{
    return between(in[0], -1.0f, 1.0f);
}

static float relu_01_of(const float *in)
{
    return between(in[0], 0.0f, 1.0f);
}

static float hard_swish_of(const float *in)
{
    return in[0] * between(in[0] + 3.0f, 0.0f, 6.0f) / 6.0f;
}

static float add_of(const float *in)
{
    return in[0] + in[1];
}

static float sub_of(const float *in)
{
    return in[0] - in[1];
}

static float mul_of(const float *in)
{
    return in[0] * in[1];
}

static float div_of(const float *in)
{
    return in[0] / in[1];
}

static float prelu_of(const float *in)
{
    return in[0] >= 0.0f ? in[0] : in[0] * in[1];
}

static float pow_of(const float *in)
{
    return powf(in[0], in[1]);
}

static float min_of(const float *in)
{
    return in[0] < in[1] ? in[0] : in[1];
}

static float max_of(const float *in)
{
    return in[0] > in[1] ? in[0] : in[1];
}

static float greater_of(const float *in)
{
    return in[0] > in[1];
}

static float greater_equal_of(const float *in)
{
    return in[0] >= in[1];
}

static float less_of(const float *in)
{
    return in[0] < in[1];
}

static float less_equal_of(const float *in)
{
    return in[0] <= in[1];
}

static float equal_of(const float *in)
{
    return in[0] == in[1];
}

static float not_equal_of(const float *in)
{
    return in[0] != in[1];
}

static float and_of(const float *in)
{
    return in[0] != 0.0f && in[1] != 0.0f;
}

static float or_of(const float *in)
{
    return in[0] != 0.0f || in[1] != 0.0f;
}

static float not_of(const float *in)
{
    return in[0] == 0.0f;
}

static float select_of(const float *in)
{
    return in[0] != 0.0f ? in[1] : in[2];
}

enum { GELU = 150, LEAKY_RELU = 98 };

static float leaky_relu_of(const float *in)
{
    return in[0] > 0.0f ? in[0] : in[0] * in[1];
}

float tfl_gelu(float x, int by_tanh)
{
    const float root = 0.797884560802865355880f; /* sqrt(2 / pi) */
    if (by_tanh)
        return 0.5f * x * (1.0f + tanhf(root * (x + 0.044715f * x * x * x)));
    return 0.5f * x * erfcf(x * -0.707106781186547524401f);
}

static float gelu_of(const float *in)
{
    return tfl_gelu(in[0], in[1] != 0.0f);
}

static const tfl_float_op ops[] = {
    { 0, 2, 1, add_of },         { 8, 1, 0, floor_of },
    { 14, 1, 0, logistic_of },   { 18, 2, 1, mul_of },
    { 19, 1, 0, relu_of },       { 20, 1, 0, relu_n1_of },
    { 21, 1, 0, relu6_of },      { 28, 1, 0, tanh_of },
    { 41, 2, 1, sub_of },        { 42, 2, 1, div_of },
    { 47, 1, 0, exp_of },        { 54, 2, 0, prelu_of },
    { 55, 2, 0, max_of },        { 57, 2, 0, min_of },
    { 58, 2, 0, less_of },       { 59, 1, 0, neg_of },
    { 61, 2, 0, greater_of },    { 62, 2, 0, greater_equal_of },
    { 63, 2, 0, less_equal_of }, { 64, 3, 0, select_of },
    { 66, 1, 0, sin_of },        { 71, 2, 0, equal_of },
    { 72, 2, 0, not_equal_of },  { 73, 1, 0, log_of },
    { 75, 1, 0, sqrt_of },       { 76, 1, 0, rsqrt_of },
    { 78, 2, 0, pow_of },        { 84, 2, 0, or_of },
    { 86, 2, 0, and_of },        { 87, 1, 0, not_of },
    { 92, 1, 0, square_of },     { LEAKY_RELU, 1, 0, leaky_relu_of },
    { 101, 1, 0, abs_of },       { 104, 1, 0, ceil_of },
    { 108, 1, 0, cos_of },       { 111, 1, 0, elu_of },
    { 116, 1, 0, round_of },     { 117, 1, 0, hard_swish_of },
    { 123, 3, 0, select_of },    { GELU, 1, 0, gelu_of },
    { 152, 1, 0, relu_01_of },
};

const tfl_float_op *tfl_float_find(int code, uint32_t inputs)
{
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (ops[i].code == code && ops[i].inputs == inputs)
            return &ops[i];
    return NULL;
}

int tfl_activation_code(int activation)
{
    enum { RELU = 19, RELU_N1_TO_1 = 20, RELU6 = 21 };
    switch (activation) {
    case 1: return RELU;
    case 2: return RELU_N1_TO_1;
    case 3: return RELU6;
    default: return -1;
    }
}
