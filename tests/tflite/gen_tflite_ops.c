/* Random operators that compute; see gen_tflite_own.h. */
#include <math.h>

#include "gen_tflite_own.h"

enum { SAME, VALID };

/* Multiplier of an output scale: results mostly fill int8. */
static float sum_scale(gen_state *s, float x, float w, uint32_t taps)
{
    return (float)((double)x * (double)w * sqrt((double)taps) * (double)gt_real(s, 8.0, 250.0));
}

static int activation(gen_state *s)
{
    return gt_one_in(s, 2) ? 0 : gt_pick(s, 0, 3);
}

typedef struct reach {
    uint32_t kernel, stride, dilation, out;
} reach;

static int draw_reach(gen_state *s, uint32_t in, int same, int dilated, reach *v)
{
    v->kernel = (uint32_t)gt_pick(s, 1, gt_one_in(s, 5) ? 7 : 3);
    v->stride = (uint32_t)gt_pick(s, 1, gt_one_in(s, 3) ? 3 : 1);
    v->dilation = dilated ? (uint32_t)gt_pick(s, 1, 3) : 1;
    const uint32_t extent = (v->kernel - 1) * v->dilation + 1;
    if (!same && extent > in)
        return 0;
    v->out = same ? (in + v->stride - 1) / v->stride : (in - extent) / v->stride + 1;
    return 1;
}

static int draw_window(gen_state *s, const act *x, int same, reach *v)
{
    const int dilated = gt_one_in(s, 6);
    return draw_reach(s, x->dims[1], same, dilated, &v[0]) &&
           draw_reach(s, x->dims[2], same, dilated, &v[1]);
}

static uint32_t divisor(gen_state *s, uint32_t n)
{
    const uint32_t d = (uint32_t)gt_pick(s, 1, (int)n);
    return n % d == 0 ? d : 1;
}

/* Of one group: any number, at times whole transfers of a memory port. */
static uint32_t channels(gen_state *s)
{
    return gt_one_in(s, 3) ? 4u << gt_pick(s, 0, 3) : (uint32_t)gt_pick(s, 1, 24);
}

static int conv(gen_state *s, int depthwise)
{
    const act *x = gt_any(s, 4);
    reach v[2];
    const int same = gt_one_in(s, 2);
    if (!x || !draw_window(s, x, same, v))
        return 0;
    const act in = *x;
    const uint32_t ci = in.dims[3], groups = depthwise ? ci : gt_one_in(s, 4) ? divisor(s, ci) : 1;
    const uint32_t each = ci / groups, mult = (uint32_t)gt_pick(s, 1, gt_one_in(s, 3) ? 3 : 1);
    const uint32_t co = depthwise    ? ci * mult
                        : groups > 1 ? groups * (uint32_t)gt_pick(s, 1, 3)
                                     : channels(s);
    const uint32_t out = in.dims[0] * v[0].out * v[1].out * co;
    const uint32_t taps = v[0].kernel * v[1].kernel * each;
    if (out > GEN_MOST_ELEMENTS || out * taps > GEN_MOST_MACS || co > 256)
        return 0;
    const uint32_t dense[] = { co, v[0].kernel, v[1].kernel, each },
                   deep[] = { 1, v[0].kernel, v[1].kernel, co },
                   shape[] = { in.dims[0], v[0].out, v[1].out, co };
    float w;
    tflw_op op = gt_op(depthwise ? 4 : 3, depthwise ? 2 : 1, in.tensor);
    gt_input(&op, gt_weights(s, 4, depthwise ? deep : dense, gt_one_in(s, 4) ? 1 : co,
                             depthwise ? 3 : 0, &w));
    /* TensorFlow Lite Micro crashes on a depthwise convolution without a bias */
    gt_input(&op, !depthwise && gt_one_in(s, 5) ? TFLW_ABSENT : gt_bias(s, &in, co));
    gt_field(&op, 0, 1, same ? SAME : VALID);
    gt_field(&op, 1, 4, v[1].stride);
    gt_field(&op, 2, 4, v[0].stride);
    if (depthwise)
        gt_field(&op, 3, 4, mult);
    const unsigned next = depthwise ? 4 : 3;
    gt_field(&op, next, 1, (uint64_t)activation(s));
    gt_field(&op, next + 1, 4, v[1].dilation);
    gt_field(&op, next + 2, 4, v[0].dilation);
    gt_output(s, &op, gt_new(s, 4, shape, sum_scale(s, in.scale, w, taps)));
    gt_add(s, &op, depthwise ? "DEPTHWISE_CONV_2D" : groups > 1 ? "CONV_2D(groups)" : "CONV_2D");
    return 1;
}

static int transpose_conv(gen_state *s)
{
    const act *x = gt_any(s, 4);
    if (!x)
        return 0;
    const act in = *x;
    const int same = gt_one_in(s, 2);
    const uint32_t kh = (uint32_t)gt_pick(s, 1, 4), kw = (uint32_t)gt_pick(s, 1, 4),
                   sh = (uint32_t)gt_pick(s, 1, 3), sw = (uint32_t)gt_pick(s, 1, 3),
                   co = (uint32_t)gt_pick(s, 1, 8), ci = in.dims[3];
    const uint32_t shape[] = { in.dims[0], same ? in.dims[1] * sh : (in.dims[1] - 1) * sh + kh,
                               same ? in.dims[2] * sw : (in.dims[2] - 1) * sw + kw, co };
    const uint32_t out = shape[0] * shape[1] * shape[2] * co, four = 4;
    if (out > GEN_MOST_ELEMENTS || out * kh * kw * ci > 4 * GEN_MOST_MACS)
        return 0;
    float w;
    const int32_t sizes[] = { (int32_t)shape[0], (int32_t)shape[1], (int32_t)shape[2],
                              (int32_t)co };
    tflw_op op = gt_op(67, 49, gt_ints(s, 1, &four, sizes));
    gt_input(&op,
             gt_weights(s, 4, (uint32_t[]){ co, kh, kw, ci }, gt_one_in(s, 4) ? 1 : co, 0, &w));
    gt_input(&op, in.tensor);
    if (gt_one_in(s, 2))
        gt_input(&op, gt_bias(s, &in, co));
    gt_field(&op, 0, 1, same ? SAME : VALID);
    gt_field(&op, 1, 4, sw);
    gt_field(&op, 2, 4, sh);
    gt_output(s, &op, gt_new(s, 4, shape, sum_scale(s, in.scale, w, kh * kw * ci)));
    gt_add(s, &op, "TRANSPOSE_CONV");
    return 1;
}

static int fully_connected(gen_state *s)
{
    const act *x = gt_any(s, 2);
    if (!x)
        return 0;
    const act in = *x;
    const uint32_t depth = in.dims[1], co = (uint32_t)gt_pick(s, 1, gt_one_in(s, 4) ? 60 : 16);
    float w;
    tflw_op op = gt_op(9, 8, in.tensor);
    gt_input(&op, gt_weights(s, 2, (uint32_t[]){ co, depth }, gt_one_in(s, 3) ? co : 1, 0, &w));
    gt_input(&op, gt_one_in(s, 5) ? TFLW_ABSENT : gt_bias(s, &in, co));
    gt_field(&op, 0, 1, (uint64_t)activation(s));
    gt_output(s, &op,
              gt_new(s, 2, (uint32_t[]){ in.dims[0], co }, sum_scale(s, in.scale, w, depth)));
    gt_add(s, &op, "FULLY_CONNECTED");
    return 1;
}

static int pool(gen_state *s, int average)
{
    const act *x = gt_any(s, 4);
    reach v[2];
    const int same = gt_one_in(s, 2);
    if (!x || !draw_reach(s, x->dims[1], same, 0, &v[0]) ||
        !draw_reach(s, x->dims[2], same, 0, &v[1]))
        return 0;
    if (gt_one_in(s, 4)) /* over all of it */
        for (int i = 0; i < 2; i++)
            v[i] = (reach){ x->dims[1 + i], 1, 1, same ? x->dims[1 + i] : 1 };
    act y = gt_like(x);
    y.dims[1] = v[0].out;
    y.dims[2] = v[1].out;
    tflw_op op = gt_op(average ? 1 : 17, 5, x->tensor);
    gt_field(&op, 0, 1, same ? SAME : VALID);
    gt_field(&op, 1, 4, v[1].stride);
    gt_field(&op, 2, 4, v[0].stride);
    gt_field(&op, 3, 4, v[1].kernel);
    gt_field(&op, 4, 4, v[0].kernel);
    gt_field(&op, 5, 1, (uint64_t)activation(s));
    gt_output(s, &op, y);
    gt_add(s, &op, average ? "AVERAGE_POOL_2D" : "MAX_POOL_2D");
    return 1;
}

static int batch_matmul(gen_state *s)
{
    const act *a = gt_any(s, (uint32_t)gt_pick(s, 2, 4));
    if (!a)
        return 0;
    const act x = *a;
    const uint32_t k = x.dims[x.rank - 1];
    act w = gt_like(&x);
    const int adjoint = gt_one_in(s, 2);
    const uint32_t n = (uint32_t)gt_pick(s, 1, 9);
    w.dims[x.rank - 2] = adjoint ? n : k;
    w.dims[x.rank - 1] = adjoint ? k : n;
    w.scale = gt_real(s, 0.005, 0.05);
    uint32_t right = TFLW_ABSENT; /* a tensor that fits, or a constant */
    for (uint32_t i = 0; i < s->count && right == TFLW_ABSENT; i++) {
        const act *b = &s->acts[i];
        int fits = b->rank == x.rank && b->dims[x.rank - (adjoint ? 1 : 2)] == k;
        for (uint32_t d = 0; d + 2 < x.rank && fits; d++)
            fits = b->dims[d] == x.dims[d];
        if (fits && gt_one_in(s, 2)) {
            w = *b;
            right = b->tensor;
        }
    }
    act y = gt_new(s, x.rank, x.dims, sum_scale(s, x.scale, w.scale, k));
    y.dims[x.rank - 1] = w.dims[x.rank - (adjoint ? 2 : 1)];
    if (gt_elements(&y) > GEN_MOST_ELEMENTS || gt_elements(&y) * k > GEN_MOST_MACS)
        return 0;
    tflw_op op = gt_op(126, 101, x.tensor);
    gt_input(&op, right != TFLW_ABSENT ? right : gt_constant(s, &w, w.scale, 0));
    gt_field(&op, 0, 1, 0);
    gt_field(&op, 1, 1, (uint64_t)adjoint);
    gt_output(s, &op, y);
    gt_add(s, &op, right != TFLW_ABSENT ? "BATCH_MATMUL" : "BATCH_MATMUL(constant)");
    return 1;
}

int gt_window(gen_state *s)
{
    switch (gt_pick(s, 0, 12)) {
    case 0: return transpose_conv(s);
    case 1:
    case 2: return conv(s, 1);
    case 3: return pool(s, 0);
    case 4: return pool(s, 1);
    case 5:
    case 6: return fully_connected(s);
    case 7: return batch_matmul(s);
    default: return conv(s, 0);
    }
}

/* --- element by element ----------------------------------------------------------------------- */

uint32_t gt_other(gen_state *s, const act *x, act *b)
{
    for (uint32_t i = s->count; i-- > 0;) {
        *b = s->acts[i];
        int fits = b->rank == x->rank && b->tensor != x->tensor;
        for (uint32_t d = 0; d < x->rank && fits; d++)
            fits = b->dims[d] == x->dims[d] || b->dims[d] == 1;
        if (fits && gt_one_in(s, 2))
            return b->tensor;
    }
    if (gt_one_in(s, 8)) { /* with itself */
        *b = *x;
        return x->tensor;
    }
    *b = gt_like(x);
    const int kind = gt_pick(s, 0, 3);
    for (uint32_t d = 0; d < x->rank; d++)
        if (kind == 1 || (kind == 2 && d + 1 < x->rank) || (kind == 3 && gt_one_in(s, 2)))
            b->dims[d] = 1;
    b->scale = gt_real(s, 0.01, 0.5);
    b->zero = gt_zero(s);
    return TFLW_ABSENT;
}

static int sum(gen_state *s)
{
    static const struct {
        int code;
        unsigned options;
        const char *name;
    } kinds[] = { { 0, 11, "ADD" }, { 41, 28, "SUB" }, { 18, 21, "MUL" } };
    const int k = gt_one_in(s, 2) ? 0 : gt_pick(s, 1, 2);
    const act x = *gt_any(s, 0);
    act b;
    uint32_t second = gt_other(s, &x, &b);
    const double most = (double)(x.scale > b.scale ? x.scale : b.scale);
    const float scale = k == 2 ? (float)((double)x.scale * (double)b.scale) * gt_real(s, 1, 300)
                               : (float)(most * (double)gt_real(s, 0.5, 3.0));
    if (second == TFLW_ABSENT)
        second = gt_constant(s, &b, b.scale, b.zero);
    const int swap = gt_one_in(s, 3);
    tflw_op op = gt_op(kinds[k].code, kinds[k].options, swap ? second : x.tensor);
    gt_input(&op, swap ? x.tensor : second);
    gt_field(&op, 0, 1, (uint64_t)activation(s));
    gt_output(s, &op, gt_new(s, x.rank, x.dims, scale));
    gt_add(s, &op, kinds[k].name);
    return 1;
}

static int choice(gen_state *s)
{
    const act x = *gt_any(s, 0);
    act b;
    const int maximum = gt_one_in(s, 2);
    uint32_t second = gt_other(s, &x, &b);
    if (second == TFLW_ABSENT)
        second = gt_constant(s, &b, x.scale, x.zero);
    else
        second = gt_as(s, &b, &x).tensor;
    tflw_op op = gt_op(maximum ? 55 : 57, 39, x.tensor);
    gt_input(&op, second);
    gt_output(s, &op, gt_like(&x));
    gt_add(s, &op, maximum ? "MAXIMUM" : "MINIMUM");
    return 1;
}

static int prelu(gen_state *s)
{
    const act *a = gt_any(s, 4);
    if (!a)
        return 0;
    const act x = *a;
    act alpha = gt_like(&x);
    alpha.rank = 3;
    alpha.dims[0] = alpha.dims[1] = 1;
    alpha.dims[2] = x.dims[3];
    const float scale = gt_real(s, 0.005, 0.02);
    tflw_op op = gt_op(54, 0, x.tensor);
    gt_input(&op, gt_constant(s, &alpha, scale, gt_one_in(s, 2) ? 0 : gt_pick(s, -20, 20)));
    gt_output(s, &op, gt_new(s, 4, x.dims, x.scale * gt_real(s, 0.6, 2.0)));
    gt_add(s, &op, "PRELU");
    return 1;
}

static int table(gen_state *s)
{
    static const struct {
        int code;
        unsigned options;
        float scale; /* of the result; 0: near that of the input; -1: the input's own */
        int zero;
        const char *name;
    } kinds[] = { { 19, 0, 0, 0, "RELU" },
                  { 21, 0, -1, 0, "RELU6" },
                  { 98, 75, 0, 0, "LEAKY_RELU" },
                  { 117, 91, 0, 0, "HARD_SWISH" },
                  { 14, 0, 1 / 256.f, -128, "LOGISTIC" },
                  { 28, 0, 1 / 128.f, 0, "TANH" },
                  { 111, 0, 0, 0, "ELU" },
                  { 114, 89, 0, 0, "QUANTIZE" } };
    const int k = gt_pick(s, 0, 7);
    const act x = *gt_any(s, 0);
    act y = gt_new(s, x.rank, x.dims, x.scale * gt_real(s, 0.5, 2.0));
    if (kinds[k].scale > 0) {
        y.scale = kinds[k].scale;
        y.zero = kinds[k].zero;
    } else if (kinds[k].scale < 0) {
        y = gt_like(&x);
    }
    tflw_op op = gt_op(kinds[k].code, kinds[k].options, x.tensor);
    if (kinds[k].code == 98)
        gt_float(&op, 0, gt_real(s, 0.01, 1.5));
    gt_output(s, &op, y);
    gt_add(s, &op, kinds[k].name);
    return 1;
}

static int reduce(gen_state *s)
{
    const act x = *gt_any(s, 0);
    const int mean = !gt_one_in(s, 3), keep_dims = gt_one_in(s, 2);
    const uint32_t first = (uint32_t)gt_pick(s, 0, (int)x.rank - 1),
                   count = first + 1 < x.rank && gt_one_in(s, 2) ? 2 : 1;
    const int32_t axes[] = { (int32_t)first, gt_one_in(s, 3)
                                                 ? (int32_t)(first + 1) - (int32_t)x.rank
                                                 : (int32_t)first + 1 };
    act y = gt_like(&x);
    y.rank = 0;
    for (uint32_t i = 0; i < x.rank; i++)
        if (i < first || i >= first + count)
            y.dims[y.rank++] = x.dims[i];
        else if (keep_dims)
            y.dims[y.rank++] = 1;
    if (y.rank == 0)
        return 0;
    if (mean && gt_one_in(s, 2)) {
        y.scale *= gt_real(s, 0.3, 2.0);
        y.zero = gt_zero(s);
    }
    tflw_op op = gt_op(mean ? 40 : 82, 27, x.tensor);
    gt_input(&op, gt_ints(s, 1, &count, axes));
    gt_field(&op, 0, 1, (uint64_t)keep_dims);
    gt_output(s, &op, y);
    gt_add(s, &op, mean ? "MEAN" : "REDUCE_MAX");
    return 1;
}

/* --- what the host runs between two runs of the device ------------------------------------------
 */

static int softmax(gen_state *s)
{
    const act x = *gt_any(s, 0);
    const int logarithm = gt_one_in(s, 3);
    act y = gt_new(s, x.rank, x.dims, logarithm ? 1.0f / 16 : 1.0f / 256);
    y.zero = logarithm ? 127 : -128;
    tflw_op op = gt_op(logarithm ? 50 : 25, logarithm ? 36 : 9, x.tensor);
    if (!logarithm)
        gt_float(&op, 0, gt_one_in(s, 2) ? 1.0f : gt_real(s, 0.25, 2.0));
    gt_output(s, &op, y);
    gt_add(s, &op, logarithm ? "LOG_SOFTMAX" : "SOFTMAX");
    return 1;
}

/* Through float32 and back. */
static int by_float(gen_state *s)
{
    const act x = *gt_any(s, 0);
    tflw_op to = gt_op(6, 38, x.tensor);
    const uint32_t real = gt_float_tensor(s, &x);
    to.outputs[to.output_count++] = real;
    gt_add(s, &to, "DEQUANTIZE");
    tflw_op back = gt_op(114, 89, real);
    gt_output(s, &back, gt_new(s, x.rank, x.dims, x.scale * gt_real(s, 0.5, 2.0)));
    gt_add(s, &back, "QUANTIZE");
    return 1;
}

int gt_arithmetic(gen_state *s)
{
    switch (gt_pick(s, 0, 11)) {
    case 10: return softmax(s);
    case 11: return by_float(s);
    case 0: return prelu(s);
    case 1: return reduce(s);
    case 2: return choice(s);
    case 3:
    case 4:
    case 5: return table(s);
    default: return sum(s);
    }
}
