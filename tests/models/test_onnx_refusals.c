/* The ONNX importer refuses: every kind of bad file with the documented status and a sentence that
 * names the culprit, a file cut at any byte, bytes made to be dear. */
#include <stdlib.h>
#include <string.h>

#include "models/import/onnx/onnx_file.h"
#include "onnx_sample.h"
#include "tests/test.h"

#define REFUSED(t, change, status, word)                                                           \
    do {                                                                                           \
        weft_graph *g;                                                                             \
        weft_error err = { 0 };                                                                    \
        onnx_sample_init(s);                                                                       \
        change;                                                                                    \
        int rc = onnx_sample_import(s, &g, &err);                                                  \
        CHECK(t, rc == (status) && !g == (rc != WEFT_OK) && strstr(err.text, word),                \
              "%s: %s \"%s\"", #change, weft_status_name(rc), err.text);                           \
        weft_graph_free(g);                                                                        \
    } while (0)

static void check_headers(test *t, onnx_sample *s)
{
    REFUSED(t, s->model.graph = NULL, WEFT_ERR_FORMAT, "no network");
    REFUSED(t, s->graph.n_node = 0, WEFT_ERR_FORMAT, "no network");
    REFUSED(t, s->model.n_opset_import = 0, WEFT_ERR_FORMAT, "opset");
    REFUSED(t, s->opset.version = 6, WEFT_ERR_UNSUPPORTED, "opset 6");
    REFUSED(t, s->opset.version = 29, WEFT_ERR_UNSUPPORTED, "opset 29");
    REFUSED(t, s->graph.n_output = 0, WEFT_ERR_FORMAT, "no output");
    REFUSED(t, s->dim[0][0].dim_value = 65;
            s->dim[0][0].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE,
            WEFT_ERR_UNSUPPORTED, "batch of 65");
    REFUSED(t, s->dim[0][2].value_case = 0, WEFT_ERR_UNSUPPORTED, "symbolic");
    REFUSED(t, s->dim[0][2].dim_value = -6, WEFT_ERR_UNSUPPORTED, "image");
    REFUSED(t, s->dim[0][2].dim_value = 1 << 28, WEFT_ERR_UNSUPPORTED, "image");
    REFUSED(t, s->dim[1][1].dim_value = 6, WEFT_ERR_SHAPE, "logits");
    REFUSED(t, s->tensor_type[1].elem_type = 3, WEFT_ERR_SHAPE, "logits");
    REFUSED(t, s->tensor_type[0].elem_type = 11, WEFT_ERR_UNSUPPORTED, "image");
    REFUSED(t, s->tensor_type[0].shape = NULL, WEFT_ERR_UNSUPPORTED, "image");
    REFUSED(t, s->port[0].type = NULL, WEFT_ERR_UNSUPPORTED, "image");
    REFUSED(t, s->tensor_type[0].elem_type = 3, WEFT_ERR_UNSUPPORTED, "image");
}

/* MaxPool 2x2 stride 2 with ceil_mode 1 on images of this size: exact for even ones. */
static void add_ceil_mode(onnx_sample *s, int64_t size)
{
    static char name[] = "ceil_mode";
    static Onnx__AttributeProto ceil, *attributes[3];
    onnx__attribute_proto__init(&ceil);
    ceil.name = name;
    ceil.has_i = 1;
    ceil.i = 1;
    attributes[0] = &s->attribute[4];
    attributes[1] = &s->attribute[5];
    attributes[2] = &ceil;
    s->node[SAMPLE_POOL].attribute = attributes;
    s->node[SAMPLE_POOL].n_attribute = 3;
    s->dim[0][2].dim_value = size;
}

static void check_edges(test *t, onnx_sample *s)
{
    static char softplus[] = "Softplus", group[] = "group", gone[] = "gone", own[] = "com.example",
                odd[] = "fancy";
    REFUSED(t, s->inputs[SAMPLE_POOL][0] = gone, WEFT_ERR_FORMAT, "\"gone\"");
    REFUSED(t, s->inputs[SAMPLE_Q_IMAGE][0] = s->outputs[SAMPLE_POOL][0], WEFT_ERR_FORMAT, "cycle");
    REFUSED(t, s->inputs[SAMPLE_RELU][0] = s->outputs[SAMPLE_RELU][0], WEFT_ERR_FORMAT, "cycle");
    REFUSED(t, s->outputs[SAMPLE_POOL][0] = s->outputs[SAMPLE_CONV][0], WEFT_ERR_FORMAT, "twice");
    REFUSED(t, s->port[1].name = gone, WEFT_ERR_FORMAT, "\"gone\"");
    REFUSED(t, s->node[SAMPLE_RELU].op_type = softplus, WEFT_OK, ""); /* in float32 */
    REFUSED(t, s->node[SAMPLE_RELU].op_type = own, WEFT_ERR_UNSUPPORTED, "com.example x1");
    REFUSED(t, s->node[SAMPLE_RELU].domain = own, WEFT_ERR_UNSUPPORTED, "com.example");
    REFUSED(t, s->attribute[2].name = odd, WEFT_ERR_UNSUPPORTED, "\"fancy\"");
    REFUSED(t, s->attribute[4].name = group, WEFT_ERR_UNSUPPORTED, "MaxPool \"pool\"");
    REFUSED(t, add_ceil_mode(s, 6), WEFT_OK, "");
    REFUSED(t, add_ceil_mode(s, 7), WEFT_ERR_SHAPE, "36 columns"); /* 4x3 in place of 3x3 */
    REFUSED(t, s->node[SAMPLE_CONV].n_input = 1, WEFT_ERR_FORMAT, "Conv \"conv\"");
    REFUSED(t, s->node[SAMPLE_CONV].n_output = 0, WEFT_ERR_FORMAT, "\"conv\"");
    REFUSED(t, s->node[SAMPLE_POOL].op_type = NULL, WEFT_ERR_FORMAT, "operator");
    REFUSED(t, s->inputs[SAMPLE_CONV][0] = s->outputs[SAMPLE_Q_IMAGE][0], WEFT_ERR_SHAPE, "conv");
    REFUSED(t, s->inputs[SAMPLE_CONV][0] = s->inputs[SAMPLE_Q_IMAGE][0], WEFT_OK, "");
    REFUSED(t, s->inputs[SAMPLE_POOL][0] = s->outputs[SAMPLE_RELU][0], WEFT_OK, "");
    REFUSED(t, s->inputs[SAMPLE_CONV][1] = s->outputs[SAMPLE_DQ_IMAGE][0], WEFT_ERR_UNSUPPORTED,
            "weights");
    REFUSED(t, s->inputs[SAMPLE_CONV][2] = s->outputs[SAMPLE_DQ_W1][0], WEFT_ERR_UNSUPPORTED,
            "bias");
    REFUSED(t, s->port[1].name = s->outputs[SAMPLE_GEMM][0], WEFT_OK, "");
}

/* The convolution's result declared as float of [1,3,6,6]. */
static void declare_conv(onnx_sample *s)
{
    static Onnx__ValueInfoProto info, *infos[1] = { &info };
    static Onnx__TypeProto type;
    static Onnx__TypeProto__Tensor tensor;
    static Onnx__TensorShapeProto shape;
    static Onnx__TensorShapeProto__Dimension dim[4], *dims[4];
    static const int64_t size[4] = { 1, 3, 6, 6 };
    onnx__value_info_proto__init(&info);
    onnx__type_proto__init(&type);
    onnx__type_proto__tensor__init(&tensor);
    onnx__tensor_shape_proto__init(&shape);
    for (int i = 0; i < 4; i++) {
        onnx__tensor_shape_proto__dimension__init(&dim[i]);
        dim[i].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        dim[i].dim_value = size[i];
        dims[i] = &dim[i];
    }
    shape.n_dim = 4;
    shape.dim = dims;
    tensor.elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    tensor.shape = &shape;
    type.value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type.tensor_type = &tensor;
    info.name = s->outputs[SAMPLE_RELU][0];
    info.type = &type;
    s->graph.n_value_info = 1;
    s->graph.value_info = infos;
}

static void check_said(test *t, const onnx_sample *s, const char *want)
{
    weft_graph *g;
    weft_error err = { 0 };
    onnx_sample_import(s, &g, &err);
    CHECK(t, !g && strcmp(err.text, want) == 0, "\"%s\", not \"%s\"", err.text, want);
    weft_graph_free(g);
}

/* All refusals at once, without those that only follow from another. */
static void check_several(test *t, onnx_sample *s)
{
    static char own[] = "com.example", odd[] = "fancy", group[] = "group", lstm[] = "Einsum";
    REFUSED(t, s->node[SAMPLE_RELU].op_type = own;
            s->attribute[4].name = group, WEFT_ERR_UNSUPPORTED,
            "not supported: com.example x1 (\"relu\"); MaxPool x1 (\"pool\"): its attribute");
    REFUSED(t, s->node[SAMPLE_RELU].op_type = own; s->node[SAMPLE_RELU].domain = own;
            s->node[SAMPLE_GEMM].op_type = lstm, WEFT_ERR_UNSUPPORTED,
            "com.example.com.example x1 (\"relu\"), Einsum x1 (\"gemm\")");
    REFUSED(t, s->attribute[2].name = odd;
            s->attribute[4].name = odd, WEFT_ERR_UNSUPPORTED,
            "Conv x1 (\"conv\"): its attribute \"fancy\" is not supported; MaxPool x1");
    /* Nothing is known behind Relu unless its result is declared. */
    onnx_sample_init(s);
    s->node[SAMPLE_RELU].op_type = own;
    s->inputs[SAMPLE_GEMM][2] = s->inputs[SAMPLE_GEMM][1];
    check_said(t, s, "operators not supported: com.example x1 (\"relu\")");
    REFUSED(t, declare_conv(s); s->node[SAMPLE_RELU].op_type = own;
            s->inputs[SAMPLE_GEMM][2] = s->inputs[SAMPLE_GEMM][1], WEFT_ERR_UNSUPPORTED,
            "operators not supported: com.example x1 (\"relu\"); Gemm x1 (\"gemm\"): its bias");
    REFUSED(t, s->tensor_type[0].elem_type = 11;
            s->node[SAMPLE_RELU].op_type = own, WEFT_ERR_UNSUPPORTED,
            "com.example x1 (\"relu\"); input or output x1 (\"image\"): is not float32");
}

static void check_numbers(test *t, onnx_sample *s)
{
    static int64_t huge[2] = { 70000, 2 }, big[2] = { 9, 9 }, zero[2] = { 0, 1 };
    static char block_size[] = "block_size";
    REFUSED(t, s->scales[SAMPLE_S1][0] = 0.0f, WEFT_ERR_RANGE, "scale");
    REFUSED(t, s->scales[SAMPLE_W1_S][1] = -1.0f, WEFT_ERR_RANGE, "scale");
    REFUSED(t, s->scales[SAMPLE_B1_S][1] *= 2.0f, WEFT_ERR_UNSUPPORTED, "bias 1");
    REFUSED(t, s->scales[SAMPLE_S1][0] = 1.0f, WEFT_ERR_UNSUPPORTED, "bias");
    REFUSED(t, s->inputs[SAMPLE_DQ_CONV][1] = s->inputs[SAMPLE_DQ_IMAGE][1], WEFT_ERR_UNSUPPORTED,
            "differs");
    REFUSED(t, s->zero_points[SAMPLE_Z1][0] = 128, WEFT_ERR_FORMAT, "\"z1\"");
    REFUSED(t, s->b1[0] = INT32_MAX, WEFT_ERR_RANGE, "\"conv\"");
    REFUSED(t, s->constant[SAMPLE_W1].raw_data.len--, WEFT_ERR_FORMAT, "\"w1\"");
    REFUSED(t, s->dims[SAMPLE_W1][0] = INT64_MAX, WEFT_ERR_FORMAT, "\"w1\"");
    REFUSED(t, s->dims[SAMPLE_W1][0] = -1, WEFT_ERR_FORMAT, "\"w1\"");
    REFUSED(t, s->dims[SAMPLE_W1][0] = 1 << 23, WEFT_ERR_FORMAT, "\"w1\"");
    REFUSED(t, s->dims[SAMPLE_W1][1] = 1, WEFT_ERR_FORMAT, "\"w1\"");
    REFUSED(t, s->constant[SAMPLE_W1].data_type = 8, WEFT_ERR_UNSUPPORTED,
            "\"w1\" is of type string");
    REFUSED(t, s->constant[SAMPLE_W1].data_type = 22, WEFT_ERR_FORMAT,
            "has not as many bytes as its shape says");
    REFUSED(t, s->constant[SAMPLE_W1].data_type = 99, WEFT_ERR_UNSUPPORTED, "undefined");
    REFUSED(t, s->constant[SAMPLE_Z0].data_type = 5, WEFT_ERR_UNSUPPORTED,
            "the zero point is int16");
    REFUSED(t, s->attribute[0].name = block_size;
            s->attribute[0].i = 2, WEFT_ERR_UNSUPPORTED, "block_size");
    REFUSED(t, s->constant[SAMPLE_W1].has_data_location = 1;
            s->constant[SAMPLE_W1].data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL,
            WEFT_ERR_UNSUPPORTED, "another file");
    REFUSED(t, s->constant[SAMPLE_W2].n_int32_data--, WEFT_ERR_FORMAT, "\"w2\"");
    REFUSED(t, s->dim[0][1].dim_value = 3, WEFT_ERR_SHAPE, "Conv \"conv\"");
    REFUSED(t, s->dim[0][3].dim_value = 8, WEFT_ERR_SHAPE, "Gemm \"gemm\"");
    REFUSED(t, s->attribute[2].ints = big, WEFT_ERR_SHAPE, "kernel_shape");
    REFUSED(t, s->attribute[4].ints = big, WEFT_ERR_SHAPE, "MaxPool \"pool\"");
    REFUSED(t, s->attribute[5].ints = zero, WEFT_ERR_FORMAT, "MaxPool \"pool\"");
    REFUSED(t, s->attribute[5].ints = huge, WEFT_ERR_RANGE, "70000");
    REFUSED(t, s->attribute[3].n_ints = 3, WEFT_ERR_UNSUPPORTED, "4 are needed");
    REFUSED(t, s->attribute[6].i = 0, WEFT_ERR_SHAPE, "Gemm \"gemm\"");
}

/* --- bytes --- */

static void refuse_bytes(test *t, const void *bytes, size_t count, const char *word)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    int rc = weft_onnx_import(bytes, count, NULL, &g, &err);
    CHECK(t, rc == WEFT_ERR_FORMAT && !g && strstr(err.text, word), "%zu bytes: %s \"%s\"", count,
          weft_status_name(rc), err.text);
    weft_graph_free(g);
}

/* A cut leaves no valid file, and the copy has no byte more than it should for a stray read. */
static void check_truncation(test *t, onnx_sample *s)
{
    size_t bytes;
    onnx_sample_init(s);
    uint8_t *packed = onnx_sample_pack(s, &bytes);
    for (size_t cut = 0; packed && cut < bytes; cut++) {
        uint8_t *copy = malloc(cut + !cut);
        if (copy) {
            memcpy(copy, packed, cut);
            refuse_bytes(t, copy, cut, "");
        }
        free(copy);
    }
    free(packed);
}

/* node in graph in attribute in node ..., deeper than any stack; built from the inside out. */
static void check_nesting(test *t)
{
    enum { LEVELS = 100000, BYTES = LEVELS * 5 };
    static const uint8_t keys[3] = { 0x0a, 0x2a, 0x32 }; /* graph.node, .attribute, .g */
    uint8_t *bytes = malloc(BYTES);
    for (size_t at = BYTES - 5; bytes && at < BYTES; at -= 5) {
        size_t depth = at / 5, length = BYTES - at - 5;
        const uint8_t field[5] = { depth ? keys[(depth - 1) % 3] : 0x3a, (uint8_t)(length | 0x80),
                                   (uint8_t)(length >> 7 | 0x80), (uint8_t)(length >> 14 | 0x80),
                                   (uint8_t)(length >> 21) };
        memcpy(bytes + at, field, sizeof field);
    }
    if (bytes)
        refuse_bytes(t, bytes, BYTES, "nested");
    free(bytes);
}

/* Empty parts of two bytes each, which would become hundreds of megabytes. */
static void check_multiplication(test *t)
{
    enum { NODES = 3000000 };
    uint8_t *bytes = malloc(NODES * 2 + 5);
    if (!bytes)
        return;
    size_t length = NODES * 2;
    const uint8_t header[5] = { 0x3a, (uint8_t)(length | 0x80), (uint8_t)(length >> 7 | 0x80),
                                (uint8_t)(length >> 14 | 0x80), (uint8_t)(length >> 21) };
    memcpy(bytes, header, sizeof header);
    for (size_t i = 0; i < NODES; i++)
        memcpy(bytes + 5 + 2 * i, "\x0a\x00", 2);
    refuse_bytes(t, bytes, length + 5, "million");
    free(bytes);
}

static void check_bytes(test *t)
{
    static const char text[] = "This is not a network at all, it is a sentence.";
    static const uint8_t tflite[16] = { 0x1c, 0, 0, 0, 'T', 'F', 'L', '3' };
    weft_graph *g = NULL;
    weft_error err = { 0 };
    refuse_bytes(t, text, 0, "empty");
    refuse_bytes(t, text, sizeof text, "");
    refuse_bytes(t, tflite, sizeof tflite, "TFLite");
    refuse_bytes(t, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12, "too long");
    refuse_bytes(t, "\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, "past the end");
    refuse_bytes(t, "\x08\x07", 2, "no network");
    int rc = weft_onnx_read("no such directory/model.onnx", NULL, &g, &err);
    CHECK(t, rc == WEFT_ERR_IO && strstr(err.text, "model.onnx"), "%d %s", rc, err.text);
    rc = weft_onnx_import(text, sizeof text, NULL, &g, NULL);
    CHECK(t, rc == WEFT_ERR_FORMAT && !g, "no place for the sentence");
}

int main(int argc, char **argv)
{
    test t = test_begin("onnx_refusals", argc, argv, 1, 0);
    onnx_sample *s = malloc(sizeof *s);
    if (!s)
        return 1;
    check_headers(&t, s);
    check_edges(&t, s);
    check_several(&t, s);
    check_numbers(&t, s);
    check_bytes(&t);
    check_truncation(&t, s);
    check_nesting(&t);
    check_multiplication(&t);
    free(s);
    return test_end(&t, "what the importer of ONNX refuses");
}
