/* The reference operators that a network of TensorFlow Lite brings, on cases small enough to check
 * by hand, and each refused with one thing wrong. */
#include <string.h>

#include "one_node.h"
#include "tests/test.h"

static const float one = 1.0f, half = 0.5f;
static const int32_t zero = 0;

#define DIMS(...)                                                                                  \
    sizeof((uint32_t[]){ __VA_ARGS__ }) / 4, (uint32_t[])                                          \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define T(scale, ...) one_tensor(WEFT_INT8, DIMS(__VA_ARGS__), &scale, &zero)

/* Run a node and compare its bytes; want NULL: it must be refused. */
static void expect_node(test *c, const char *what, const weft_node_desc *d, uint32_t count,
                        const one_input *in, weft_tensor_desc y, const void *want)
{
    one_node o;
    weft_error err = { 0 };
    int rc = one_node_run(&o, d, count, in, &y, &err);
    if (!want) {
        CHECK(c, rc != WEFT_OK, "%s: not refused", what);
    } else {
        CHECK(c, rc == WEFT_OK, "%s: %s", what, err.text);
        const int8_t *got = one_node_result(&o);
        size_t bytes = got ? weft_tensor_bytes(&o.g->tensors[o.y]) : 0;
        for (size_t i = 0; i < bytes; i++)
            CHECK(c, got[i] == ((const int8_t *)want)[i], "%s: byte %zu is %d, want %d", what, i,
                  got[i], ((const int8_t *)want)[i]);
    }
    one_node_free(&o);
}

static void expect(test *c, const char *what, weft_op op, const void *attr, uint32_t count,
                   const one_input *in, weft_tensor_desc y, const void *want)
{
    expect_node(c, what, &(weft_node_desc){ .op = op, .attr = attr }, count, in, y, want);
}

static const weft_elementwise wide = { { -128, 127 }, 0 };

static void pair_cases(test *c)
{
    const int8_t a[] = { 10, -20, 30, 100, -100, 127 }, b[] = { 5, -7 };
    const one_input in[] = { { T(one, 2, 1, 3), a }, { T(one, 2, 1), b } };
    one_input constant[] = { in[0], in[1] };
    constant[1].desc.data = b;
    const weft_tensor_desc y = T(one, 2, 2, 3);
    const int8_t sum[] = { 15, -15, 35, 3, -27, 23, 105, -95, 127, 93, -107, 120 };
    const int8_t difference[] = { 5, -25, 25, 17, -13, 37, 95, -105, 122, 107, -93, 127 };
    const int8_t smaller[] = { 5, -20, 5, -7, -20, -7, 5, -100, 5, -7, -100, -7 };
    const int8_t larger[] = { 10, 5, 30, 10, -7, 30, 100, 5, 127, 100, -7, 127 };
    expect(c, "add", WEFT_OP_ADD, &wide, 2, in, y, sum);
    expect(c, "sub", WEFT_OP_SUB, &wide, 2, in, y, difference);
    expect(c, "minimum", WEFT_OP_MINIMUM, &wide, 2, in, y, smaller);
    expect(c, "maximum of a constant", WEFT_OP_MAXIMUM, &wide, 2, constant, y, larger);
    const one_input constants[] = { constant[1], constant[1] };
    expect(c, "sum of constants", WEFT_OP_ADD, &wide, 2, constants, T(one, 2, 1), NULL);
    expect(c, "a shape that broadcasts too far", WEFT_OP_ADD, &wide, 2, in, T(one, 2, 4, 3), NULL);
    expect(c, "a shape of ones", WEFT_OP_ADD, &wide, 2, constant, T(one, 2, 2, 1), NULL);
    expect(c, "maximum of two scales", WEFT_OP_MAXIMUM, &wide, 2, in, T(half, 2, 2, 3), NULL);
    /* 3 * 5 / 4 = 3.75 and 2 * 5 / 4 = 2.5: half away from zero */
    const int8_t p[] = { 3, 2, -2, 100 }, q[] = { 5 }, product[] = { 4, 3, -3, 125 };
    const one_input factors[] = { { T(half, 4), p }, { T(half, 1), q } };
    expect(c, "mul", WEFT_OP_MUL, &wide, 2, factors, T(one, 4), product);
}

/* A table of a * 3 + b * b cut to a byte, b repeated along the rows. */
static void table_pair_case(test *c)
{
    static int8_t entries[WEFT_TABLE_PAIR_BYTES];
    const weft_table_pair attr = { entries };
    const int8_t a[] = { -128, 0, 127, 5, -7, 1 }, b[] = { -128, 127 };
    int8_t y[6];
    for (int i = 0; i < WEFT_TABLE_PAIR_BYTES; i++) {
        const int v = (i / 256 - 128) * 3 + (i % 256 - 128) * (i % 256 - 128);
        entries[i] = (int8_t)(v & 127);
    }
    for (int i = 0; i < 6; i++)
        y[i] = (int8_t)((a[i] * 3 + b[i % 2] * b[i % 2]) & 127);
    one_input in[] = { { T(one, 3, 2), a }, { T(half, 2), b } };
    expect(c, "table of two", WEFT_OP_TABLE_PAIR, &attr, 2, in, T(half, 3, 2), y);
    expect(c, "table of two into a wrong shape", WEFT_OP_TABLE_PAIR, &attr, 2, in, T(half, 2, 3),
           NULL);
    in[1].desc.data = b;
    in[1].activation = NULL;
    expect(c, "table of one and a constant", WEFT_OP_TABLE_PAIR, &attr, 2, in, T(one, 3, 2), y);
    in[0].desc.data = a;
    in[0].activation = NULL;
    expect(c, "table of constants", WEFT_OP_TABLE_PAIR, &attr, 2, in, T(one, 3, 2), NULL);
}

/* 3/5 and 4/5, -5/13 and 12/13 in steps of 1/128, nothing of nothing; the largest is cut. */
static void l2_cases(test *c)
{
    const float step = 1.0f / 128;
    const int8_t x[] = { 3, 4, -5, 12, 0, 0, 127, 0 }, y[] = { 77, 102, -49, 118, 0, 0, 127, 0 };
    const one_input in[] = { { T(half, 4, 2), x } };
    expect(c, "l2", WEFT_OP_L2_NORMALIZATION, NULL, 1, in, T(step, 4, 2), y);
    expect(c, "l2 on another scale", WEFT_OP_L2_NORMALIZATION, NULL, 1, in, T(half, 4, 2), NULL);
    expect(c, "l2 into another shape", WEFT_OP_L2_NORMALIZATION, NULL, 1, in, T(step, 2, 4), NULL);
}

/* What ONNX Runtime gives is in tests/onnx/cases; here numbers that are whole, and what is refused.
 */
static void layer_normalization_cases(test *c)
{
    const weft_layer_normalization last = { 1, 0.0f, { -128, 127 } },
                                   both = { 0, 0.0f, { 0, 127 } };
    const weft_layer_normalization beyond = { 2, 0.0f, { -128, 127 } };
    const weft_layer_normalization below = { 1, -1.0f, { -128, 127 } };
    const weft_layer_normalization crossed = { 1, 0.0f, { 1, 0 } };
    const weft_node_desc onnx = { .op = WEFT_OP_LAYER_NORMALIZATION,
                                  .requant = WEFT_REQUANT_ONNX,
                                  .attr = &last };
    weft_node_desc d = onnx;
    const int8_t x[] = { 3, 5, -9, 11, 0, 0 };
    const float scale[] = { 2, 3, 1, 1, 1, 1 }, bias[] = { 1, -1, 0, 0, 0, 0 };
    const int8_t plain[] = { -2, 3, -2, 3, -128, -128 }; /* 0 / 0 is NaN */
    const int8_t y[] = { -2, 4, -2, 4, -128, -128 };
    one_input in[] = { { T(half, 3, 2), x },
                       { { .dtype = WEFT_FLOAT32, .rank = 1, .dims = { 2 }, .data = scale }, NULL },
                       { { .dtype = WEFT_FLOAT32, .rank = 1, .dims = { 2 }, .data = bias },
                         NULL } };
    const one_input wrong[] = { in[0], in[2], { T(one, 2), x } };
    const one_input computed[] = { in[0], { T(half, 2), x } };
    expect_node(c, "layer norm", &d, 2, in, T(one, 3, 2), plain);
    expect_node(c, "layer norm with bias", &d, 3, in, T(half, 3, 2), y);
    d.requant = WEFT_REQUANT_TFLITE;
    expect_node(c, "layer norm of TFLite", &d, 2, in, T(one, 3, 2), NULL);
    d = onnx;
    expect_node(c, "layer norm into another shape", &d, 2, in, T(one, 2, 3), NULL);
    expect_node(c, "layer norm with an int8 bias", &d, 3, wrong, T(one, 3, 2), NULL);
    expect_node(c, "layer norm with a computed scale", &d, 2, computed, T(one, 3, 2), NULL);
    d.attr = &both;
    expect_node(c, "layer norm with too few scales", &d, 2, in, T(one, 3, 2), NULL);
    d.attr = &beyond;
    expect_node(c, "layer norm beyond the last axis", &d, 2, in, T(one, 3, 2), NULL);
    d.attr = &below;
    expect_node(c, "layer norm with a negative epsilon", &d, 2, in, T(one, 3, 2), NULL);
    d.attr = &crossed;
    expect_node(c, "layer norm with a crossed clamp", &d, 2, in, T(one, 3, 2), NULL);
}

static void prelu_case(test *c)
{
    const int8_t x[] = { -3, -3, 3, -100, 127, -1 }, alpha[] = { 1, -4, 2 };
    const int8_t y[] = { -1, 6, 3, -50, 127, -1 }; /* -1.5 goes up at shift 0 */
    one_input in[] = { { T(one, 2, 3), x }, { T(half, 3), NULL } };
    in[1].desc.data = alpha;
    expect(c, "prelu", WEFT_OP_PRELU, NULL, 2, in, T(one, 2, 3), y);
    in[1].desc.data = NULL;
    in[1].activation = alpha;
    expect(c, "prelu with computed alpha", WEFT_OP_PRELU, NULL, 2, in, T(one, 2, 3), NULL);
}

static void mean_cases(test *c)
{
    const int8_t x[] = { -1, 4, -2, 4, -3, 1, -4, 1 }; /* [1][2][2][2]: sums -10 and 10 */
    const one_input in[] = { { T(one, 1, 2, 2, 2), x } };
    const weft_clamp all = { -128, 127 };
    const weft_mean hw = { .axes = 6, .clamp = all }, w = { .axes = 4, .clamp = all };
    const weft_mean none = { 0 }, sum = { .axes = 6, .clamp = all, .sum = 1 };
    const int8_t y_hw[] = { -3, 3 }, y_w[] = { -1, 4, -3, 1 };
    expect(c, "mean of four", WEFT_OP_MEAN, &hw, 1, in, T(one, 1, 1, 1, 2), y_hw);
    expect(c, "mean of two", WEFT_OP_MEAN, &w, 1, in, T(one, 1, 2, 1, 2), y_w);
    const int8_t y_sum[] = { -10, 10 };
    expect(c, "sum of four", WEFT_OP_MEAN, &sum, 1, in, T(one, 1, 1, 1, 2), y_sum);
    const int8_t y_half[] = { -3, 8, -7, 2 }; /* -1.5, 4, -3.5, 1 in halves */
    expect(c, "mean, rescaled", WEFT_OP_MEAN, &w, 1, in, T(half, 1, 2, 1, 2), y_half);
    expect(c, "mean over nothing", WEFT_OP_MEAN, &none, 1, in, T(one, 1, 2, 2, 2), NULL);
    expect(c, "mean of a wrong shape", WEFT_OP_MEAN, &hw, 1, in, T(one, 1, 1, 2, 2), NULL);
}

static void matmul_cases(test *c)
{
    const int8_t a[] = { 1, 2, 3, 4, 5, 6 }, b[] = { 1, 0, 2, -1, 3, 1 }; /* [2][3], [3][2] */
    const int8_t bt[] = { 1, 2, 3, 0, -1, 1 }, y[] = { 14, 1, 32, 1 };
    const weft_matmul plain = { 0, { -128, 127 } }, transposed = { 1, { -128, 127 } };
    const one_input in[] = { { T(one, 1, 2, 3), a }, { T(one, 1, 3, 2), b } };
    const one_input in_t[] = { { T(one, 1, 2, 3), a }, { T(one, 1, 2, 3), bt } };
    expect(c, "matmul", WEFT_OP_MATMUL, &plain, 2, in, T(one, 1, 2, 2), y);
    expect(c, "matmul, b transposed", WEFT_OP_MATMUL, &transposed, 2, in_t, T(one, 1, 2, 2), y);
    expect(c, "matmul that does not fit", WEFT_OP_MATMUL, &plain, 2, in_t, T(one, 1, 2, 2), NULL);
    const int8_t two[] = { 1, 2, 3, 4 }, row[] = { 1, 1, 2, 0 }; /* [2][1][2] x [1][2][2] */
    const int8_t both[] = { 5, 1, 11, 3 };
    const one_input batch[] = { { T(one, 2, 1, 2), two }, { T(one, 1, 2, 2), row } };
    expect(c, "matmul, broadcast", WEFT_OP_MATMUL, &plain, 2, batch, T(one, 2, 1, 2), both);
}

static void move_cases(test *c)
{
    const int8_t x[] = { 1, 2, 3, 4, 5, 6 };
    const one_input in[] = { { T(one, 2, 3), x }, { T(one, 2, 1), x } };
    const int8_t padded[] = { 9, 9, 9, 9, 1, 2, 3, 9, 4, 5, 6, 9 };
    const weft_pad pad = { { 1, 0 }, { 0, 1 }, 9 };
    expect(c, "pad", WEFT_OP_PAD, &pad, 1, in, T(one, 3, 4), padded);
    expect(c, "pad of a wrong size", WEFT_OP_PAD, &pad, 1, in, T(one, 3, 5), NULL);
    const int8_t joined[] = { 1, 2, 3, 1, 4, 5, 6, 2 };
    const weft_concat last = { 1 };
    expect(c, "concat", WEFT_OP_CONCAT, &last, 2, in, T(one, 2, 4), joined);
    expect(c, "concat to another scale", WEFT_OP_CONCAT, &last, 2, in, T(half, 2, 4), NULL);
    const int8_t cut[] = { 6, 4, 3, 1 };
    const weft_slice slice = { { 1, 2 }, { -1, -2 } }, out = { { 1, 2 }, { 1, 1 } };
    expect(c, "slice", WEFT_OP_SLICE, &slice, 1, in, T(one, 2, 2), cut);
    expect(c, "slice that leaves the input", WEFT_OP_SLICE, &out, 1, in, T(one, 2, 1), NULL);
}

static void resize_cases(test *c)
{
    const int8_t x[] = { 10, -10, 20, 31 }; /* [1][2][2][1] */
    const one_input in[] = { { T(one, 1, 2, 2, 1), x } };
    const uint32_t rows[] = { 1, 0, 0 }, columns[] = { 0, 1 }, bad[] = { 0, 2 };
    const int8_t nearest[] = { 20, 31, 10, -10, 10, -10 };
    weft_resize_nearest n = { rows, columns };
    expect(c, "nearest", WEFT_OP_RESIZE_NEAREST, &n, 1, in, T(one, 1, 3, 2, 1), nearest);
    n.columns = bad;
    expect(c, "nearest outside", WEFT_OP_RESIZE_NEAREST, &n, 1, in, T(one, 1, 3, 2, 1), NULL);
    const weft_lerp r[] = { { 0, 1, 512 }, { 1, 1, 0 } }, k[] = { { 0, 1, 256 }, { 0, 1, 512 } };
    /* columns: 5, 22.75 and 0, 25.5; rows between: 13.875, 12.75 */
    const int8_t bilinear[] = { 14, 13, 23, 26 };
    weft_resize_bilinear b = {
        .rows = r, .columns = k, .row_one = 1024, .column_one = 1024, .clamp = { -128, 127 }
    };
    expect(c, "bilinear", WEFT_OP_RESIZE_BILINEAR, &b, 1, in, T(one, 1, 2, 2, 1), bilinear);
    b.column_one = 512;
    expect(c, "bilinear, weight above one", WEFT_OP_RESIZE_BILINEAR, &b, 1, in, T(one, 1, 2, 2, 1),
           NULL);
    b.column_one = 1024;
    const weft_lerp gap[] = { { 0, 2, 1 }, { 0, 0, 0 } };
    b.rows = gap;
    expect(c, "bilinear outside", WEFT_OP_RESIZE_BILINEAR, &b, 1, in, T(one, 1, 2, 2, 1), NULL);
}

static void argmax_cases(test *c)
{
    const int8_t x[] = { 1, 7, 7, -3, -3, 5 };
    const one_input in[] = { { T(one, 2, 3), x } };
    const int32_t largest[] = { 1, 2 }, least[] = { 1, 1, 1 }, last_equal[] = { 2, 2 };
    const weft_argmax last = { 1, 0, 0 }, first = { 0, 1, 0 }, equal = { 1, 0, 1 };
    const weft_tensor_desc rows = one_tensor(WEFT_INT32, DIMS(2, 1), NULL, NULL);
    const weft_tensor_desc columns = one_tensor(WEFT_INT32, DIMS(1, 3), NULL, NULL);
    expect(c, "argmax", WEFT_OP_ARGMAX, &last, 1, in, rows, largest);
    expect(c, "argmax, the last of equals", WEFT_OP_ARGMAX, &equal, 1, in, rows, last_equal);
    expect(c, "argmin", WEFT_OP_ARGMAX, &first, 1, in, columns, least);
    expect(c, "argmax into a wrong shape", WEFT_OP_ARGMAX, &last, 1, in, columns, NULL);
}

/* 600 equal values: each has less than half a step. */
static void wide_softmax_case(test *c)
{
    static const int8_t x[600];
    static int8_t y[600];
    const float s = 1.0f / 256;
    const int32_t lowest = -128;
    const weft_softmax a = { 1.0f };
    const one_input in = { T(one, 1, 600), x };
    memset(y, -128, sizeof y);
    expect(c, "softmax of many", WEFT_OP_SOFTMAX, &a, 1, &in,
           one_tensor(WEFT_INT8, DIMS(1, 600), &s, &lowest), y);
}

/* Of kind ONNX: shares of floor(1 / 0.003) = 333 steps, halves to even, saturated, by the scale and
 * zero point of the output; and what it does not say. */
static void steps_of_softmax_case(test *c)
{
    const int8_t x[] = { 5, 5, -128, 127, 9, 9 }, y[] = { 38, 38, -128, 127, 38, 38 };
    const float coarse = 40.0f, fine = 0.003f, least = 1e-39f;
    const int32_t lowest = -128;
    const weft_softmax a = { 1.0f }, b = { 2.0f };
    const weft_node_desc d = { .op = WEFT_OP_SOFTMAX, .requant = WEFT_REQUANT_ONNX, .attr = &a };
    const weft_node_desc twice = { .op = d.op, .requant = d.requant, .attr = &b };
    const weft_node_desc log = { .op = WEFT_OP_LOG_SOFTMAX, .requant = d.requant };
    const one_input in = { T(coarse, 3, 2), x };
    const weft_tensor_desc out = one_tensor(WEFT_INT8, DIMS(3, 2), &fine, &lowest);
    const weft_tensor_desc small = one_tensor(WEFT_INT8, DIMS(3, 2), &least, &lowest);
    expect_node(c, "softmax in steps", &d, 1, &in, out, y);
    expect_node(c, "softmax in steps, beta 2", &twice, 1, &in, out, NULL);
    expect_node(c, "softmax in steps too small", &d, 1, &in, small, NULL);
    expect_node(c, "log-softmax of kind ONNX", &log, 1, &in, out, NULL);
}

int main(int argc, char **argv)
{
    test t = test_begin("ref_ops2", argc, argv, 1, 2000);
    pair_cases(&t);
    table_pair_case(&t);
    l2_cases(&t);
    layer_normalization_cases(&t);
    prelu_case(&t);
    mean_cases(&t);
    matmul_cases(&t);
    move_cases(&t);
    resize_cases(&t);
    argmax_cases(&t);
    wide_softmax_case(&t);
    steps_of_softmax_case(&t);
    return test_end(&t, "operators by hand");
}
