/* float32 between int8 tensors: what one byte decides is a table.
 *
 * Converters leave operators without an int8 kernel in float32, between a DEQUANTIZE and a
 * QUANTIZE. As long as all operands come from one int8 tensor (and constants of one element), each
 * float32 (or bool) in between is a function of one byte and is kept as its 256 values, computed as
 * the kernels do; QUANTIZE makes a TABLE of it.  Only DEQUANTIZE itself can also be a tensor of the
 * graph, for what runs on the host. */
#include <math.h>
#include <string.h>

#include "tflite_import.h"

typedef float float_op(const float *in);

/* --- the kernels, one element at a time ---------------------------------------------------------
 */

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

/* The last number is the option: alpha of LEAKY_RELU, 1 for the tanh form of GELU. */
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

static const struct {
    int code;
    uint32_t inputs;
    int activation; /* field 0 of its options is a fused one */
    float_op *of;
} ops[] = {
    { 0, 2, 1, add_of },
    { 8, 1, 0, floor_of },
    { 14, 1, 0, logistic_of },
    { 18, 2, 1, mul_of },
    { 19, 1, 0, relu_of },
    { 20, 1, 0, relu_n1_of },
    { 21, 1, 0, relu6_of },
    { 28, 1, 0, tanh_of },
    { 41, 2, 1, sub_of },
    { 42, 2, 1, div_of },
    { 47, 1, 0, exp_of },
    { 55, 2, 0, max_of },
    { 57, 2, 0, min_of },
    { 58, 2, 0, less_of },
    { 59, 1, 0, neg_of },
    { 61, 2, 0, greater_of },
    { 62, 2, 0, greater_equal_of },
    { 63, 2, 0, less_equal_of },
    { 64, 3, 0, select_of },
    { 66, 1, 0, sin_of },
    { 71, 2, 0, equal_of },
    { 72, 2, 0, not_equal_of },
    { 73, 1, 0, log_of },
    { 75, 1, 0, sqrt_of },
    { 76, 1, 0, rsqrt_of },
    { 78, 2, 0, pow_of },
    { 84, 2, 0, or_of },
    { 86, 2, 0, and_of },
    { 87, 1, 0, not_of },
    { 92, 1, 0, square_of },
    { LEAKY_RELU, 1, 0, leaky_relu_of },
    { 101, 1, 0, abs_of },
    { 104, 1, 0, ceil_of },
    { 108, 1, 0, cos_of },
    { 111, 1, 0, elu_of },
    { 116, 1, 0, round_of },
    { 117, 1, 0, hard_swish_of },
    { 123, 3, 0, select_of },
    { GELU, 1, 0, gelu_of },
    { 152, 1, 0, relu_01_of },
};

/* --- functions of a byte ------------------------------------------------------------------------
 */

static tfl_function *new_function(tfl_import *im, uint32_t source)
{
    tfl_function *f = tfl_alloc(im, sizeof *f);
    if (f)
        f->source = source;
    return f;
}

int tfl_function_of(tfl_import *im, const tfl_node *n, tfl_value *x, tfl_value *y)
{
    uint32_t source;
    int rc = tfl_tensor(im, n, x, &source);
    if (rc != WEFT_OK)
        return rc;
    if (x->quant.count != 1)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "\"%.60s\" must have one scale", x->name);
    if (y->tensor != WEFT_NONE || y->data || y->function)
        return TFL_REFUSE(WEFT_ERR_FORMAT, "its output is already there");
    tfl_function *f = new_function(im, source);
    if (!f)
        return WEFT_ERR_NO_MEMORY;
    f->stored = 1;
    for (int q = 0; q < 256; q++)
        f->at[q] = x->quant.scale[0] * (float)(q - 128 - x->quant.zero_point[0]);
    y->function = f;
    return WEFT_OK;
}

/* The DEQUANTIZE that the value is, as a node of the graph. */
int tfl_function_tensor(tfl_import *im, const tfl_node *n, tfl_value *v)
{
    weft_tensor_desc d;
    if (!v->function->stored)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "its input \"%.60s\" is computed in float32; quantise the model to int8 "
                          "throughout",
                          v->name);
    int rc = tfl_desc(im, n, v, &d);
    if (rc == WEFT_OK)
        rc = tfl_add_tensor(im, n, &d, &v->tensor);
    const tfl_node own = { .op = "DEQUANTIZE", .name = v->name };
    return rc == WEFT_OK ? tfl_node_add(im, &own, WEFT_OP_DEQUANTIZE, NULL, 1, &v->function->source,
                                        v->tensor)
                         : rc;
}

static int is_number(const tfl_value *v)
{
    return v->data && v->type == TFL_FLOAT32 && v->elements == 1;
}

static float number_of(const tfl_value *v)
{
    const uint32_t bits = fb_load_u32(v->data);
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The source that all operands share; WEFT_NONE if they are anything else. */
static uint32_t shared_source(tfl_import *im, const tfl_node *n, const tfl_value *y)
{
    uint32_t source = WEFT_NONE;
    for (uint32_t i = 0; i < n->inputs.count; i++) {
        const tfl_value *x = tfl_in(im, n, i);
        if (x && is_number(x))
            continue;
        if (!x || !x->function || x->elements != y->elements || x->rank != y->rank ||
            memcmp(x->dims, y->dims, x->rank * sizeof *x->dims) != 0 ||
            (source != WEFT_NONE && source != x->function->source))
            return WEFT_NONE;
        source = x->function->source;
    }
    return source;
}

static float activated(int activation, float x)
{
    switch (activation) {
    case 1: return relu_of(&x);
    case 2: return relu_n1_of(&x);
    case 3: return relu6_of(&x);
    default: return x;
    }
}

static int find(const tfl_node *n)
{
    for (int i = 0; i < (int)(sizeof ops / sizeof *ops); i++)
        if (ops[i].code == n->code && ops[i].inputs == n->inputs.count)
            return i;
    return -1;
}

int tfl_float(tfl_import *im, const tfl_node *n, int *done)
{
    tfl_value *y = tfl_out(im, n, 0);
    const int row = find(n);
    *done = 0;
    if (row < 0 || (y->type != TFL_FLOAT32 && y->type != TFL_BOOL))
        return WEFT_OK;
    const uint32_t source = shared_source(im, n, y);
    const int activation = ops[row].activation ? fb_i8(&im->file, n->options, 0, 0) : 0;
    if (source == WEFT_NONE || activation < 0 || activation > 3)
        return WEFT_OK;
    *done = 1;
    if (y->tensor != WEFT_NONE || y->data || y->function)
        return TFL_REFUSE(WEFT_ERR_FORMAT, "its output is already there");
    tfl_function *f = new_function(im, source);
    if (!f)
        return WEFT_ERR_NO_MEMORY;
    float option = 0.0f;
    if (n->code == LEAKY_RELU)
        option = fb_f32(&im->file, n->options, 0, 0.0f);
    if (n->code == GELU)
        option = fb_i8(&im->file, n->options, 0, 0) != 0;
    for (int q = 0; q < 256; q++) {
        float in[4] = { 0 };
        for (uint32_t i = 0; i < ops[row].inputs; i++) {
            const tfl_value *x = tfl_in(im, n, i);
            in[i] = x->function ? x->function->at[q] : number_of(x);
        }
        in[ops[row].inputs] = option;
        f->at[q] = activated(activation, ops[row].of(in));
    }
    y->function = f;
    return WEFT_OK;
}

int tfl_float_only(tfl_import *im, const tfl_node *n)
{
    const tfl_value *x = tfl_in(im, n, 0);
    return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                      "it computes %s; that is supported only as a function of one int8 tensor, "
                      "between DEQUANTIZE and QUANTIZE",
                      tfl_type_name(x ? x->type : -1));
}

/* The TABLE that a QUANTIZE of a function is. */
int tfl_function_quantize(tfl_import *im, const tfl_node *n, const tfl_value *x)
{
    const tfl_value *y = tfl_out(im, n, 0);
    int8_t entries[256];
    if (y->quant.count != 1 || !(y->quant.scale[0] > 0.0f) || !isfinite(y->quant.scale[0]))
        return TFL_REFUSE(WEFT_ERR_RANGE, "its output has no positive scale");
    if (y->quant.zero_point[0] < -128 || y->quant.zero_point[0] > 127)
        return TFL_REFUSE(WEFT_ERR_RANGE, "its output has a zero point outside its type");
    for (int q = 0; q < 256; q++)
        entries[q] = weft_quantize_value(WEFT_REQUANT_TFLITE, x->function->at[q], y->quant.scale[0],
                                         y->quant.zero_point[0]);
    return tfl_emit(im, n, 0, WEFT_OP_TABLE, &(weft_table){ entries }, 1, &x->function->source,
                    NULL);
}
