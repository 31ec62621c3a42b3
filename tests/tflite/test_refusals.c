/* What is refused of a TensorFlow Lite model is said at once: operator, reason, how many and the
 * first; what only follows from an earlier refusal is not said, and what does not fit is counted.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/tflite/tflite.h"
#include "tests/test.h"
#include "tfl_writer.h"

enum { MUL = 18, SUB = 41, RELU = 19, DIV = 42, PRELU = 54, QUANTIZE = 114, NEG = 59, ADD_N = 106 };

static const float half = 0.5f;
static const int64_t zero = 0;

/* [1,4,4,3] of int8 on one scale, or of another type. */
static uint32_t activation(tflw *m, int type)
{
    return tflw_tensor(m, &(tflw_tensor_desc){ .type = type,
                                               .rank = 4,
                                               .dims = { 1, 4, 4, 3 },
                                               .scales = type == TFLW_INT8,
                                               .scale = &half,
                                               .zero_point = &zero });
}

static uint32_t node(tflw *m, int code, int type, uint32_t inputs, uint32_t a, uint32_t b)
{
    const uint32_t y = activation(m, type);
    tflw_operator(m, &(tflw_op){ .code = code,
                                 .input_count = inputs,
                                 .inputs = { a, b },
                                 .output_count = 1,
                                 .outputs = { y } });
    return y;
}

/* The sentence for m, which must be refused; frees m. */
static void refuse(test *t, tflw *m, uint32_t x, uint32_t y, weft_error *err)
{
    weft_graph *g = NULL;
    m->inputs[m->input_count++] = x;
    m->outputs[m->output_count++] = y;
    fbw file = tflw_file(m, 0);
    const int rc = weft_tflite_import(file.bytes, file.count, NULL, &g, err);
    CHECK(t, rc != WEFT_OK && err->status == rc && !g, "accepted");
    weft_graph_free(g);
    free(file.bytes);
    tflw_free(m);
}

static void check_text(test *t, const weft_error *err, const char *want)
{
    CHECK(t, strcmp(err->text, want) == 0, "\"%s\", not \"%s\"", err->text, want);
}

/* The slope of a PRELU with 5 channels, where the input has 3. */
static uint32_t bad_slope(tflw *m)
{
    static const int8_t slope[5] = { 1, 2, 3, 4, 5 };
    return tflw_tensor(m, &(tflw_tensor_desc){ .type = TFLW_INT8,
                                               .rank = 3,
                                               .dims = { 1, 1, 5 },
                                               .scales = 1,
                                               .scale = &half,
                                               .zero_point = &zero,
                                               .data = slope,
                                               .data_bytes = 5 });
}

/* Two of a kind, one that only the rules of the graph refuse, one that is not known, all behind one
 * another. */
static void check_mixed(test *t)
{
    tflw m = { 0 };
    weft_error err = { 0 };
    const uint32_t x = activation(&m, TFLW_INT8);
    uint32_t y = node(&m, NEG, TFLW_INT8, 1, x, 0);
    y = node(&m, PRELU, TFLW_INT8, 2, y, bad_slope(&m));
    y = node(&m, ADD_N, TFLW_INT8, 2, y, x);
    y = node(&m, RELU, TFLW_INT8, 1, y, 0);
    y = node(&m, NEG, TFLW_INT8, 1, y, 0);
    y = node(&m, DIV, TFLW_INT8, 2, y, x);
    y = node(&m, DIV, TFLW_INT8, 2, x, y);
    refuse(t, &m, x, y, &err);
    check_text(
        t, &err,
        "operators not supported: ADD_N x1 (\"t4\"); NEG x2 (first \"t1\"): it computes "
        "int8; that is supported only as a function of one int8 tensor, between DEQUANTIZE "
        "and QUANTIZE; DIV x2 (first \"t7\"): some quotients are shifted by more than 31 bits, "
        "which its kernel leaves undefined; its output needs a smaller scale; PRELU x1 (\"t3\"): "
        "output and alpha must fit the input's shape");
}

/* What is behind a refused float32 operator says nothing, but behind its QUANTIZE all goes on. */
static void check_no_noise(test *t)
{
    tflw m = { 0 };
    weft_error err = { 0 };
    const uint32_t x = activation(&m, TFLW_INT8);
    uint32_t y = node(&m, ADD_N, TFLW_FLOAT32, 2, x, x);
    y = node(&m, MUL, TFLW_FLOAT32, 2, y, y);
    y = node(&m, NEG, TFLW_FLOAT32, 1, y, 0);
    y = node(&m, QUANTIZE, TFLW_INT8, 1, y, 0);
    y = node(&m, MUL, TFLW_FLOAT32, 2, y, y);
    y = node(&m, QUANTIZE, TFLW_INT8, 1, y, 0);
    refuse(t, &m, x, y, &err);
    check_text(t, &err,
               "operators not supported: ADD_N x1 (\"t1\"); MUL x1 (\"t5\"): \"t5\" is float32; "
               "quantise the model to int8 throughout");
}

/* What to do is said once, by the last of those that say it. */
static void check_advice_once(test *t)
{
    tflw m = { 0 };
    weft_error err = { 0 };
    const uint32_t x = activation(&m, TFLW_INT8);
    uint32_t y = node(&m, MUL, TFLW_FLOAT32, 2, x, x);
    y = node(&m, QUANTIZE, TFLW_INT8, 1, y, 0);
    y = node(&m, SUB, TFLW_FLOAT32, 2, y, y);
    y = node(&m, QUANTIZE, TFLW_INT8, 1, y, 0);
    refuse(t, &m, x, y, &err);
    check_text(t, &err,
               "MUL x1 (\"t1\"): \"t1\" is float32; SUB x1 (\"t3\"): \"t3\" is float32; "
               "quantise the model to int8 throughout");
}

/* A single one is said as it is. */
static void check_single(test *t)
{
    tflw m = { 0 };
    weft_error err = { 0 };
    const uint32_t x = activation(&m, TFLW_INT8);
    uint32_t y = node(&m, NEG, TFLW_INT8, 1, x, 0);
    y = node(&m, MUL, TFLW_INT8, 2, y, y);
    refuse(t, &m, x, y, &err);
    check_text(t, &err,
               "NEG \"t1\": it computes int8; that is supported only as a function of one int8 "
               "tensor, between DEQUANTIZE and QUANTIZE");
}

/* More kinds than are kept or fit: the sentence stays in its bounds and counts the rest. */
static void check_many(test *t)
{
    enum { KINDS = 100 };
    tflw m = { 0 };
    weft_error err = { 0 };
    unsigned named = 0, more = 0;
    const uint32_t x = activation(&m, TFLW_INT8);
    uint32_t y = x;
    for (int i = 0; i < KINDS; i++)
        y = node(&m, 1000 + i, TFLW_INT8, 1, y, 0);
    refuse(t, &m, x, y, &err);
    for (const char *at = err.text; (at = strstr(at, "operator 1")); at++)
        named++;
    const char *rest = strstr(err.text, "; and ");
    CHECK(t,
          rest && sscanf(rest, "; and %u more", &more) == 1 && named > 20 && named + more == KINDS,
          "%u named, %u more: %s", named, more, err.text);
}

/* Inputs and tensors are gathered like operators. */
static void check_ends(test *t)
{
    enum { INT16 = 7 };
    tflw m = { 0 };
    weft_error err = { 0 };
    const uint32_t x = activation(&m, INT16);
    uint32_t y = node(&m, MUL, TFLW_INT8, 2, x, x);
    y = node(&m, ADD_N, TFLW_INT8, 1, y, y);
    refuse(t, &m, x, y, &err);
    check_text(t, &err,
               "operators not supported: ADD_N x1 (\"t2\"); input or output x1 (\"t0\"): is int16: "
               "activations of 16 bits are not supported; convert with TFLITE_BUILTINS_INT8");
}

int main(int argc, char **argv)
{
    test t = test_begin("tflite_refusals", argc, argv, 1, 1);
    check_mixed(&t);
    check_no_noise(&t);
    check_advice_once(&t);
    check_single(&t);
    check_many(&t);
    check_ends(&t);
    return test_end(&t, "all of a model's refusals in one sentence");
}
