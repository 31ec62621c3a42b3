/* Random operators that converters write now and then: float32 between int8 tensors, functions that
 * kernels look up, repeats and mirrors, sums and least values, SELECT; see gen_tflite_own.h. */
#include <string.h>

#include "gen_tflite_own.h"

enum { BOOL = 6 };

static uint32_t loose(gen_state *s, int type, const act *x)
{
    tflw_tensor_desc d = { .type = type, .rank = x->rank };
    memcpy(d.dims, x->dims, sizeof d.dims);
    return tflw_tensor(&s->m, &d);
}

static uint32_t number(gen_state *s, float value)
{
    return tflw_tensor(
        &s->m, &(tflw_tensor_desc){ .type = TFLW_FLOAT32, .data = &value, .data_bytes = 4 });
}

/* The operator on float32 (and a second operand); its result. */
static uint32_t in_float(gen_state *s, int code, unsigned options, const act *x, uint32_t input,
                         uint32_t second, const char *name)
{
    tflw_op op = gt_op(code, options, input);
    if (second != TFLW_ABSENT)
        gt_input(&op, second);
    const uint32_t y = loose(s, TFLW_FLOAT32, x);
    op.outputs[op.output_count++] = y;
    gt_add(s, &op, name);
    return y;
}

/* CONCATENATION of two float32 tensors of one shape, or REVERSE_V2 of the first. */
static uint32_t moved(gen_state *s, act *x, uint32_t a, uint32_t b)
{
    const int32_t axis = gt_pick(s, 0, (int)x->rank - 1);
    if (2 * gt_elements(x) > GEN_MOST_ELEMENTS || gt_one_in(s, 3))
        return in_float(s, 105, 81, x, a, gt_ints(s, 1, (uint32_t[]){ 1 }, &axis), "REVERSE_V2");
    tflw_op op = gt_op(2, 10, a);
    gt_input(&op, b);
    gt_field(&op, 0, 4, (uint64_t)axis);
    gt_field(&op, 1, 1, 0);
    x->dims[axis] *= 2;
    op.outputs[op.output_count++] = loose(s, TFLW_FLOAT32, x);
    gt_add(s, &op, "CONCATENATION");
    return op.outputs[0];
}

/* DEQUANTIZE, some operators in float32, QUANTIZE. */
static int island(gen_state *s)
{
    static const struct {
        int code;
        const char *name;
    } one[] = { { 101, "abs" }, { 59, "neg" },  { 92, "square" }, { 8, "floor" },
                { 66, "sin" },  { 108, "cos" }, { 116, "round" }, { 14, "logistic" },
                { 28, "tanh" }, { 111, "elu" }, { 104, "ceil" },  { 19, "relu" } };
    const act x = *gt_any(s, 0);
    uint32_t start = in_float(s, 6, 38, &x, x.tensor, TFLW_ABSENT, "DEQUANTIZE"), at = start;
    for (int steps = gt_pick(s, 1, 3); steps > 0; steps--) {
        const int k = gt_pick(s, 0, 15);
        if (k < 12)
            at = in_float(s, one[k].code, 0, &x, at, TFLW_ABSENT, one[k].name);
        else if (k == 12)
            at = in_float(s, 0, 11, &x, at, number(s, gt_real(s, 0.1, 3.0)), "add");
        else if (k == 13)
            at = in_float(s, 18, 21, &x, at, start, "mul");
        else
            at = in_float(s, k == 14 ? 55 : 57, 39, &x, at, number(s, gt_real(s, 0.1, 3.0)),
                          k == 14 ? "max" : "min");
    }
    act y = x;
    if (gt_one_in(s, 3))
        at = moved(s, &y, at, start);
    if (gt_one_in(s, 4))
        at = moved(s, &y, at, at);
    tflw_op op = gt_op(114, 89, at);
    gt_output(s, &op, gt_new(s, y.rank, y.dims, gt_real(s, 0.01, 0.5)));
    gt_add(s, &op, "QUANTIZE");
    return 1;
}

/* Functions of positive numbers, and others that TensorFlow Lite Micro has no kernel for. */
static int looked_up(gen_state *s)
{
    static const struct {
        int code;
        unsigned options;
        int positive;
        const char *name;
    } kinds[] = { { 76, 0, 1, "RSQRT" },  { 76, 0, 1, "RSQRT" }, { 76, 0, 1, "RSQRT" },
                  { 75, 0, 1, "SQRT" },   { 73, 0, 0, "LOG" },   { 47, 33, 0, "EXP" },
                  { 150, 116, 0, "GELU" } };
    const int k = gt_pick(s, 0, 6);
    act x = *gt_any(s, 0), low = gt_like(&x);
    low.zero = -128;
    if (kinds[k].positive || k == 5)
        x = gt_as(s, &x, &low);
    const float most = 255.0f * x.scale;
    const float scale = k < 3 ? 1.0f / 127.0f / x.scale : k == 5 ? 0.2f : 0.02f * (most + 1.0f);
    if (k == 5 && most > 40.0f) /* exp leaves what the kernel can round */
        return 0;
    tflw_op op = gt_op(kinds[k].code, kinds[k].options, x.tensor);
    if (kinds[k].code == 150)
        gt_field(&op, 0, 1, (uint64_t)gt_one_in(s, 2));
    gt_output(s, &op, gt_new(s, x.rank, x.dims, scale * gt_real(s, 0.3, 2.0)));
    gt_add(s, &op, kinds[k].name);
    return 1;
}

static uint32_t list(gen_state *s, uint32_t count, const int32_t *values)
{
    return gt_ints(s, 1, &count, values);
}

static int repeat(gen_state *s)
{
    const act x = *gt_any(s, 0);
    act y = gt_like(&x);
    const int kind = gt_one_in(s, 4) ? 0 : gt_pick(s, 1, 3);
    int32_t values[2 * TFLW_RANK];
    uint32_t count = 0;
    const int symmetric = gt_one_in(s, 2);
    for (uint32_t i = 0; i < x.rank && kind != 2; i++) {
        const int room = (int)x.dims[i] - !symmetric;
        if (kind == 0) { /* TILE */
            values[count] = gt_one_in(s, 2) ? 1 : gt_pick(s, 1, 3);
            y.dims[i] *= (uint32_t)values[count++];
        } else if (kind == 1) { /* MIRROR_PAD */
            for (int side = 0; side < 2; side++) {
                values[count] = i && gt_one_in(s, 2) ? gt_pick(s, 0, room < 3 ? room : 3) : 0;
                y.dims[i] += (uint32_t)values[count++];
            }
        } else { /* BROADCAST_TO */
            y.dims[i] = x.dims[i] == 1 ? (uint32_t)gt_pick(s, 1, 4) : x.dims[i];
            values[count++] = (int32_t)y.dims[i];
        }
    }
    if (kind == 2) /* REVERSE_V2 */
        values[count++] = gt_pick(s, 0, (int)x.rank - 1);
    if (gt_elements(&y) > GEN_MOST_ELEMENTS || (kind == 3 && x.rank > 5))
        return 0;
    static const int codes[] = { 69, 100, 105, 130 };
    static const unsigned options[] = { 51, 77, 81, 104 };
    static const char *const names[] = { "TILE", "MIRROR_PAD", "REVERSE_V2", "BROADCAST_TO" };
    tflw_op op = gt_op(codes[kind], options[kind], x.tensor);
    gt_input(&op,
             kind == 1 ? gt_ints(s, 2, (uint32_t[]){ x.rank, 2 }, values) : list(s, count, values));
    if (kind == 1)
        gt_field(&op, 0, 1, (uint64_t)symmetric);
    gt_output(s, &op, y);
    gt_add(s, &op, names[kind]);
    return 1;
}

static int reduce(gen_state *s)
{
    const act x = *gt_any(s, 0);
    const int sum = gt_one_in(s, 2);
    const int32_t axis = gt_pick(s, 0, (int)x.rank - 1);
    act y = gt_like(&x);
    y.dims[axis] = 1;
    if (sum) {
        y.scale *= gt_real(s, 0.5, 8.0);
        y.zero = gt_zero(s);
    }
    tflw_op op = gt_op(sum ? 74 : 89, 27, x.tensor);
    gt_input(&op, list(s, 1, &axis));
    gt_field(&op, 0, 1, 1);
    gt_output(s, &op, y);
    gt_add(s, &op, sum ? "SUM" : "REDUCE_MIN");
    return 1;
}

/* SELECT_V2(x > number, x, other). */
static int selection(gen_state *s)
{
    static const int codes[] = { 58, 61, 62, 63, 71, 72 };
    const act x = *gt_any(s, 0), one = { .rank = 1, .dims = { 1 } };
    if (x.rank > 4)
        return 0;
    act b = gt_like(&x);
    const int whole = gt_one_in(s, 2);
    for (uint32_t i = 0; i < b.rank && !whole; i++)
        b.dims[i] = 1;
    tflw_op op = gt_op(codes[gt_pick(s, 0, 5)], 0, x.tensor);
    gt_input(&op, gt_constant(s, &one, gt_real(s, 0.01, 0.9), gt_zero(s)));
    const uint32_t condition = loose(s, BOOL, &x);
    op.outputs[op.output_count++] = condition;
    gt_add(s, &op, "compare");
    tflw_op choose = gt_op(123, 98, condition);
    gt_input(&choose, x.tensor);
    gt_input(&choose, gt_constant(s, &b, x.scale, x.zero));
    gt_output(s, &choose, gt_like(&x));
    gt_add(s, &choose, "SELECT_V2");
    return 1;
}

/* x * logistic(x), or x * relu6(x + 3), which one byte decides; others may read the gate too. */
static int gated(gen_state *s)
{
    const act x = *gt_any(s, 0), one = { .rank = 1, .dims = { 1 } };
    const int logistic = gt_one_in(s, 2);
    act gate = gt_like(&x);
    gate.scale = logistic ? 1 / 256.f : 6 / 255.f;
    gate.zero = -128;
    tflw_op op = gt_op(logistic ? 14 : 0, logistic ? 0 : 11, x.tensor);
    if (!logistic) {
        gt_input(&op, gt_constant(s, &one, 3 / 127.f, 0));
        gt_field(&op, 0, 1, 3);
    }
    gt_output(s, &op, gate);
    gt_add(s, &op, logistic ? "LOGISTIC" : "ADD");
    const uint32_t other = s->acts[s->count - 1].tensor;
    const int swap = gt_one_in(s, 2);
    tflw_op product = gt_op(18, 21, swap ? other : x.tensor);
    gt_input(&product, swap ? x.tensor : other);
    gt_field(&product, 0, 1, 0);
    gt_output(s, &product, gt_new(s, x.rank, x.dims, x.scale * gt_real(s, 0.3, 4.0)));
    gt_add(s, &product, "MUL");
    return 1;
}

static int squared_difference(gen_state *s)
{
    const act x = *gt_any(s, 0);
    act b;
    if (x.rank > 4)
        return 0;
    uint32_t second = gt_other(s, &x, &b);
    const float most = x.scale > b.scale ? x.scale : b.scale;
    if (second == TFLW_ABSENT)
        second = gt_constant(s, &b, b.scale, b.zero);
    const int swap = gt_one_in(s, 3);
    tflw_op op = gt_op(99, 76, swap ? second : x.tensor);
    gt_input(&op, swap ? x.tensor : second);
    gt_output(s, &op, gt_new(s, x.rank, x.dims, most * most * gt_real(s, 2.0, 500.0)));
    gt_add(s, &op, "SQUARED_DIFFERENCE");
    return 1;
}

/* By constants of one sign, for no divisor may be 0. */
static int quotient(gen_state *s)
{
    const act x = *gt_any(s, 0);
    act b = gt_like(&x);
    int8_t data[GEN_MOST_ELEMENTS];
    const int whole = gt_one_in(s, 2), positive = gt_one_in(s, 2);
    for (uint32_t i = 0; i < b.rank && !whole; i++)
        b.dims[i] = i + 1 < b.rank || gt_one_in(s, 2) ? 1 : b.dims[i];
    if (x.rank > 4 || gt_elements(&b) > GEN_MOST_ELEMENTS)
        return 0;
    const float scale = gt_real(s, 0.005, 0.5);
    const int64_t zero = positive ? -128 : 127;
    for (uint32_t i = 0; i < gt_elements(&b); i++)
        data[i] = (int8_t)(positive ? gt_pick(s, -127, 127) : gt_pick(s, -128, 126));
    tflw_tensor_desc d = { .type = TFLW_INT8,
                           .rank = b.rank,
                           .scales = 1,
                           .scale = &scale,
                           .zero_point = &zero,
                           .data = data,
                           .data_bytes = gt_elements(&b) };
    memcpy(d.dims, b.dims, sizeof d.dims);
    const float out = x.scale / scale * gt_real(s, 0x1p-12, 0x1p-6);
    if (out < 1e-6f || out > 8.0f) /* gt_new would change it */
        return 0;
    tflw_op op = gt_op(42, 29, x.tensor);
    gt_input(&op, tflw_tensor(&s->m, &d));
    gt_field(&op, 0, 1, (uint64_t)(gt_one_in(s, 2) ? 0 : gt_pick(s, 0, 3)));
    gt_output(s, &op, gt_new(s, x.rank, x.dims, out));
    gt_add(s, &op, "DIV");
    return 1;
}

static int l2_normalization(gen_state *s)
{
    const act x = *gt_any(s, 0);
    act y = gt_new(s, x.rank, x.dims, 1.0f / 128);
    y.zero = 0;
    if (x.rank > 4)
        return 0;
    tflw_op op = gt_op(11, 12, x.tensor);
    gt_field(&op, 0, 1, 0);
    gt_output(s, &op, y);
    gt_add(s, &op, "L2_NORMALIZATION");
    return 1;
}

int gt_rare(gen_state *s)
{
    switch (gt_pick(s, 0, 11)) {
    case 9: return squared_difference(s);
    case 10: return quotient(s);
    case 11: return l2_normalization(s);
    case 7:
    case 8: return gated(s);
    case 0: return looked_up(s);
    case 1: return reduce(s);
    case 2: return selection(s);
    case 3:
    case 4: return repeat(s);
    default: return island(s);
    }
}
