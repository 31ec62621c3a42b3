/* The ONNX importer: the sample model gives ONNX Runtime's bytes, however it is written; numbers of
 * every type.  What is refused: test_onnx_refusals.c. */
#include <stdlib.h>
#include <string.h>

#include "models/eval/eval.h"
#include "models/import/onnx/onnx_file.h"
#include "models/ref/operators/ref_graph.h"
#include "onnx_sample.h"
#include "tests/test.h"

/* Outputs of ONNX Runtime 1.17.3 (all optimisations, and none: the same). */
static void check_result(test *t, const onnx_sample *s, const char *what)
{
    static const int want[3][5] = { { -11, 4, 17, 23, 7 },
                                    { -7, 43, 16, -20, 5 },
                                    { -2, -9, 16, 7, 8 } };
    weft_graph *g;
    weft_error err = { 0 };
    weft_ref *r = NULL;
    int rc = onnx_sample_import(s, &g, &err);
    CHECK(t, rc == WEFT_OK && weft_ref_new(g, &r, &err) == WEFT_OK, "%s: %s", what, err.text);
    for (int k = 0; r && k < 3; k++) {
        float image[72], logits[5];
        for (int i = 0; i < 72; i++)
            image[i] = (float)((i * (29 + k) + k * 17) % 256 - 128) / 128.0f;
        CHECK(t, weft_ref_set_input(r, 0, image, sizeof image) == WEFT_OK, "%s: input", what);
        weft_ref_run(r);
        CHECK(t, weft_ref_get_output(r, 0, logits, sizeof logits) == WEFT_OK, "%s: output", what);
        for (int i = 0; i < 5; i++)
            CHECK(t, logits[i] == (float)(want[k][i] - 7) * 0.021f, "%s: image %d logit %d is %g",
                  what, k, i, (double)logits[i]);
    }
    weft_ref_free(r);
    weft_graph_free(g);
}

/* --- variants that mean the same --- */

#define SAME(t, change)                                                                            \
    do {                                                                                           \
        onnx_sample_init(s);                                                                       \
        change;                                                                                    \
        check_result(t, s, #change);                                                               \
    } while (0)

static void swap_nodes(onnx_sample *s, unsigned a, unsigned b)
{
    Onnx__NodeProto *n = s->nodes[a];
    s->nodes[a] = s->nodes[b];
    s->nodes[b] = n;
}

/* Weights and activations as uint8: the same numbers 128 higher. */
static void to_uint8(onnx_sample *s)
{
    static const unsigned zero_points[] = { SAMPLE_Z0, SAMPLE_Z1, SAMPLE_Z2, SAMPLE_W1_Z,
                                            SAMPLE_W2_Z };
    for (unsigned i = 0; i < 5; i++) {
        s->constant[zero_points[i]].data_type = ONNX__TENSOR_PROTO__DATA_TYPE__UINT8;
        for (int k = 0; k < 3; k++)
            s->zero_points[zero_points[i]][k] += 128;
    }
    s->constant[SAMPLE_W1].data_type = ONNX__TENSOR_PROTO__DATA_TYPE__UINT8;
    s->constant[SAMPLE_W2].data_type = ONNX__TENSOR_PROTO__DATA_TYPE__UINT8;
    for (int i = 0; i < SAMPLE_W1_BYTES; i++)
        s->w1[i] ^= 0x80;
    for (int i = 0; i < SAMPLE_W2_COUNT; i++)
        s->w2[i] += 128;
}

/* Gemm with its weights as [Ci][Co]. */
static void untranspose(onnx_sample *s)
{
    int32_t w[SAMPLE_W2_COUNT];
    memcpy(w, s->w2, sizeof w);
    for (int co = 0; co < 5; co++)
        for (int k = 0; k < 27; k++)
            s->w2[k * 5 + co] = w[co * 27 + k];
    s->dims[SAMPLE_W2][0] = 27;
    s->dims[SAMPLE_W2][1] = 5;
    s->node[SAMPLE_GEMM].n_attribute = 0;
}

/* An integer attribute at one more DequantizeLinear. */
static void write_out(onnx_sample *s, const char *name, int64_t value)
{
    static Onnx__AttributeProto a, *list[] = { &a };
    onnx__attribute_proto__init(&a);
    a.name = (char *)(uintptr_t)name;
    a.type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
    a.has_type = a.has_i = 1;
    a.i = value;
    s->node[SAMPLE_DQ_CONV].n_attribute = 1;
    s->node[SAMPLE_DQ_CONV].attribute = list;
}

static void check_variants(test *t, onnx_sample *s)
{
    static char valid[] = "ai.onnx";
    SAME(t, (void)0);
    SAME(t, to_uint8(s));
    SAME(t, untranspose(s));
    SAME(t, swap_nodes(s, SAMPLE_CONV, SAMPLE_GEMM)); /* any order of nodes */
    SAME(t, s->opset.domain = valid);
    for (int version = ONNX_OPSET_MIN; version <= ONNX_OPSET_MAX; version++)
        SAME(t, s->opset.version = version);
    SAME(t, s->graph.n_input = 1); /* initialisers not listed as inputs */
    SAME(t, s->dim[0][0].value_case = 0);
    SAME(t, write_out(s, "block_size", 0)); /* attributes that change nothing */
    SAME(t, write_out(s, "output_dtype", 0));
    SAME(t, write_out(s, "output_dtype", 1));
}

/* --- storage --- */

/* A number of every type, in raw data and in the field of its type. */
static void check_storage(test *t)
{
    static const struct {
        int32_t type;
        unsigned bytes;
        char
            field; /* f: float_data, d: double_data, i: int32_data, l: int64_data, u: uint64_data */
        int64_t bits;
        double value;
    } rows[] = { { 1, 4, 'f', 0xc0200000, -2.5 },
                 { 11, 8, 'd', (int64_t)0xc004000000000000, -2.5 },
                 { 10, 2, 'i', 0xc100, -2.5 },
                 { 16, 2, 'i', 0xc020, -2.5 },
                 { 2, 1, 'i', 253, 253 },
                 { 3, 1, 'i', -3, -3 },
                 { 4, 2, 'i', 65000, 65000 },
                 { 5, 2, 'i', -300, -300 },
                 { 6, 4, 'i', -70000, -70000 },
                 { 7, 8, 'l', -5000000000, -5e9 },
                 { 9, 1, 'i', 1, 1 },
                 { 12, 4, 'u', 4000000000, 4e9 },
                 { 13, 8, 'u', 5000000000, 5e9 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int raw = 0; raw < 2; raw++) {
            Onnx__TensorProto p = ONNX__TENSOR_PROTO__INIT;
            weft_error err = { 0 };
            eval_run run = { .err = &err, .left = 1 };
            int64_t one = 1, l = rows[i].bits;
            int32_t w = (int32_t)rows[i].bits;
            uint64_t u = (uint64_t)rows[i].bits;
            float f = (float)rows[i].value;
            double d = rows[i].value;
            uint8_t bytes[8];
            nd a = { 0 };
            for (unsigned b = 0; b < 8; b++)
                bytes[b] = (uint8_t)(u >> 8 * b);
            p.data_type = rows[i].type;
            p.n_dims = 1;
            p.dims = &one;
            p.has_raw_data = raw;
            p.raw_data = (ProtobufCBinaryData){ raw ? rows[i].bytes : 0, bytes };
            p.n_float_data = !raw && rows[i].field == 'f';
            p.float_data = &f;
            p.n_double_data = !raw && rows[i].field == 'd';
            p.double_data = &d;
            p.n_int32_data = !raw && rows[i].field == 'i';
            p.int32_data = &w;
            p.n_int64_data = !raw && rows[i].field == 'l';
            p.int64_data = &l;
            p.n_uint64_data = !raw && rows[i].field == 'u';
            p.uint64_data = &u;
            CHECK(t,
                  nd_decode(&run, &p, &a) == WEFT_OK &&
                      (a.f ? (double)a.f[0] : (double)a.i[0]) == rows[i].value,
                  "type %s in %s: %s", nd_type_name(p.data_type), raw ? "raw_data" : "its field",
                  err.text);
            nd_free(&a);
        }
}

int main(int argc, char **argv)
{
    test t = test_begin("onnx", argc, argv, 1, 0);
    onnx_sample *s = malloc(sizeof *s);
    if (!s)
        return 1;
    check_variants(&t, s);
    check_storage(&t);
    free(s);
    return test_end(&t, "sample model and its variants");
}
