/* Random operators that compute element by element, and what the host runs; see gen_tflite_own.h.
 */
#include <math.h>

#include "gen_tflite_own.h"

int gt_activation(gen_state *s)
{
    return gt_one_in(s, 2) ? 0 : gt_pick(s, 0, 3);
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
    gt_field(&op, 0, 1, (uint64_t)gt_activation(s));
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

/* --- what the host runs between two runs of the device ------------------------------------ */

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
