/* Random convolutions, pools and products; see gen_tflite_own.h. */
#include <math.h>

#include "gen_tflite_own.h"

enum { SAME, VALID };

/* Multiplier of an output scale: results mostly fill int8. */
static float sum_scale(gen_state *s, float x, float w, uint32_t taps)
{
    return (float)((double)x * (double)w * sqrt((double)taps) * (double)gt_real(s, 8.0, 250.0));
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
    gt_field(&op, next, 1, (uint64_t)gt_activation(s));
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
    gt_field(&op, 0, 1, (uint64_t)gt_activation(s));
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
    gt_field(&op, 5, 1, (uint64_t)gt_activation(s));
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
