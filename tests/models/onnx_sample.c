/* The sample model, field by field, with the message types protoc-c makes from onnx.proto. */
#include "onnx_sample.h"

#include <stdlib.h>
#include <string.h>

/* The generated messages hold char *, but packing never writes through them. */
static char *text(const char *s)
{
    return (char *)(uintptr_t)s;
}

static void set_node(onnx_sample *s, unsigned i, const char *type, const char *a, const char *b,
                     const char *c, const char *out)
{
    Onnx__NodeProto *n = &s->node[i];
    onnx__node_proto__init(n);
    const char *in[3] = { a, b, c };
    for (n->n_input = 0; n->n_input < 3 && in[n->n_input]; n->n_input++)
        s->inputs[i][n->n_input] = text(in[n->n_input]);
    s->outputs[i][0] = text(out);
    n->input = s->inputs[i];
    n->n_output = 1;
    n->output = s->outputs[i];
    n->op_type = text(type);
    n->name = text(out);
    s->nodes[i] = n;
}

/* Attributes of one node are added one after the other. */
static Onnx__AttributeProto *add_attribute(onnx_sample *s, unsigned node, const char *name)
{
    unsigned i = s->attribute_count++;
    Onnx__AttributeProto *a = &s->attribute[i];
    onnx__attribute_proto__init(a);
    a->name = text(name);
    s->attributes[i] = a;
    if (s->node[node].n_attribute++ == 0)
        s->node[node].attribute = &s->attributes[i];
    return a;
}

static void add_int(onnx_sample *s, unsigned node, const char *name, int64_t value)
{
    Onnx__AttributeProto *a = add_attribute(s, node, name);
    a->has_type = a->has_i = 1;
    a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
    a->i = value;
}

static void add_ints(onnx_sample *s, unsigned node, const char *name, size_t count,
                     const int64_t *values)
{
    Onnx__AttributeProto *a = add_attribute(s, node, name);
    a->has_type = 1;
    a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS;
    a->n_ints = count;
    a->ints = (int64_t *)(uintptr_t)values;
}

static Onnx__TensorProto *set_constant(onnx_sample *s, unsigned i, const char *name, int type,
                                       size_t rank, const int64_t *dims)
{
    Onnx__TensorProto *t = &s->constant[i];
    onnx__tensor_proto__init(t);
    t->name = text(name);
    t->has_data_type = 1;
    t->data_type = type;
    t->n_dims = rank;
    t->dims = s->dims[i];
    memcpy(s->dims[i], dims, rank * sizeof *dims);
    s->constants[i] = t;
    return t;
}

static void set_scale(onnx_sample *s, unsigned i, const char *name, int64_t count, float a, float b,
                      float c)
{
    Onnx__TensorProto *t =
        set_constant(s, i, name, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, count > 1 ? 1 : 0, &count);
    const float values[3] = { a, b, c };
    memcpy(s->scales[i], values, sizeof values);
    t->n_float_data = (size_t)count;
    t->float_data = s->scales[i];
}

static void set_zero_point(onnx_sample *s, unsigned i, const char *name, int64_t count,
                           int32_t value)
{
    Onnx__TensorProto *t =
        set_constant(s, i, name, ONNX__TENSOR_PROTO__DATA_TYPE__INT8, count > 1 ? 1 : 0, &count);
    for (unsigned k = 0; k < 3; k++)
        s->zero_points[i][k] = value;
    t->n_int32_data = (size_t)count;
    t->int32_data = s->zero_points[i];
}

static void set_port(onnx_sample *s, unsigned i, const char *name, size_t rank, const int64_t *dims,
                     int type)
{
    onnx__value_info_proto__init(&s->port[i]);
    onnx__type_proto__init(&s->type[i]);
    onnx__type_proto__tensor__init(&s->tensor_type[i]);
    onnx__tensor_shape_proto__init(&s->shape[i]);
    s->port[i].name = text(name);
    s->port[i].type = &s->type[i];
    s->type[i].value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    s->type[i].tensor_type = &s->tensor_type[i];
    s->tensor_type[i].has_elem_type = 1;
    s->tensor_type[i].elem_type = type;
    s->tensor_type[i].shape = &s->shape[i];
    s->shape[i].n_dim = rank;
    s->shape[i].dim = s->dim_at[i];
    for (size_t k = 0; k < rank; k++) {
        onnx__tensor_shape_proto__dimension__init(&s->dim[i][k]);
        s->dim_at[i][k] = &s->dim[i][k];
        if (dims[k] < 0) {
            s->dim[i][k].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
            s->dim[i][k].dim_param = text("batch");
        } else {
            s->dim[i][k].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
            s->dim[i][k].dim_value = dims[k];
        }
    }
    s->ports[i] = &s->port[i];
}

static void set_nodes(onnx_sample *s)
{
    static const int64_t two[2] = { 2, 2 }, three[2] = { 3, 3 }, ones[4] = { 1, 1, 1, 1 };
    set_node(s, SAMPLE_Q_IMAGE, "QuantizeLinear", "image", "s0", "z0", "image_q");
    set_node(s, SAMPLE_DQ_IMAGE, "DequantizeLinear", "image_q", "s0", "z0", "image_dq");
    set_node(s, SAMPLE_DQ_W1, "DequantizeLinear", "w1", "w1_s", "w1_z", "w1_dq");
    set_node(s, SAMPLE_DQ_B1, "DequantizeLinear", "b1", "b1_s", NULL, "b1_dq");
    set_node(s, SAMPLE_CONV, "Conv", "image_dq", "w1_dq", "b1_dq", "conv");
    set_node(s, SAMPLE_RELU, "Relu", "conv", NULL, NULL, "relu");
    set_node(s, SAMPLE_Q_CONV, "QuantizeLinear", "relu", "s1", "z1", "conv_q");
    set_node(s, SAMPLE_DQ_CONV, "DequantizeLinear", "conv_q", "s1", "z1", "conv_dq");
    set_node(s, SAMPLE_POOL, "MaxPool", "conv_dq", NULL, NULL, "pool");
    set_node(s, SAMPLE_FLATTEN, "Flatten", "pool", NULL, NULL, "flat");
    set_node(s, SAMPLE_DQ_W2, "DequantizeLinear", "w2", "w2_s", "w2_z", "w2_dq");
    set_node(s, SAMPLE_DQ_B2, "DequantizeLinear", "b2", "b2_s", NULL, "b2_dq");
    set_node(s, SAMPLE_GEMM, "Gemm", "flat", "w2_dq", "b2_dq", "gemm");
    set_node(s, SAMPLE_Q_GEMM, "QuantizeLinear", "gemm", "s2", "z2", "logits_q");
    set_node(s, SAMPLE_DQ_GEMM, "DequantizeLinear", "logits_q", "s2", "z2", "logits");
    add_int(s, SAMPLE_DQ_W1, "axis", 0);
    add_int(s, SAMPLE_DQ_B1, "axis", 0);
    add_ints(s, SAMPLE_CONV, "kernel_shape", 2, three);
    add_ints(s, SAMPLE_CONV, "pads", 4, ones);
    add_ints(s, SAMPLE_POOL, "kernel_shape", 2, two);
    add_ints(s, SAMPLE_POOL, "strides", 2, two);
    add_int(s, SAMPLE_GEMM, "transB", 1);
}

static void set_constants(onnx_sample *s)
{
    static const int64_t w1[4] = { 3, 2, 3, 3 }, w2[2] = { 5, 27 }, b1[1] = { 3 }, b2[1] = { 5 };
    set_scale(s, SAMPLE_S0, "s0", 1, 0.0078125f, 0, 0);
    set_zero_point(s, SAMPLE_Z0, "z0", 1, -3);
    set_scale(s, SAMPLE_S1, "s1", 1, 0.0133f, 0, 0);
    set_zero_point(s, SAMPLE_Z1, "z1", 1, -100);
    set_scale(s, SAMPLE_S2, "s2", 1, 0.021f, 0, 0);
    set_zero_point(s, SAMPLE_Z2, "z2", 1, 7);
    set_scale(s, SAMPLE_W1_S, "w1_s", 3, 0.0031f, 0.0042f, 0.0019f);
    set_zero_point(s, SAMPLE_W1_Z, "w1_z", 3, 0);
    set_scale(s, SAMPLE_B1_S, "b1_s", 3, 0.0078125f * 0.0031f, 0.0078125f * 0.0042f,
              0.0078125f * 0.0019f);
    set_scale(s, SAMPLE_W2_S, "w2_s", 1, 0.0027f, 0, 0);
    set_zero_point(s, SAMPLE_W2_Z, "w2_z", 1, 0);
    set_scale(s, SAMPLE_B2_S, "b2_s", 1, 0.0133f * 0.0027f, 0, 0);
    Onnx__TensorProto *t =
        set_constant(s, SAMPLE_W1, "w1", ONNX__TENSOR_PROTO__DATA_TYPE__INT8, 4, w1);
    t->has_raw_data = 1;
    t->raw_data = (ProtobufCBinaryData){ sizeof s->w1, s->w1 };
    t = set_constant(s, SAMPLE_B1, "b1", ONNX__TENSOR_PROTO__DATA_TYPE__INT32, 1, b1);
    t->n_int32_data = 3;
    t->int32_data = s->b1;
    t = set_constant(s, SAMPLE_W2, "w2", ONNX__TENSOR_PROTO__DATA_TYPE__INT8, 2, w2);
    t->n_int32_data = SAMPLE_W2_COUNT;
    t->int32_data = s->w2;
    t = set_constant(s, SAMPLE_B2, "b2", ONNX__TENSOR_PROTO__DATA_TYPE__INT32, 1, b2);
    t->n_int32_data = 5;
    t->int32_data = s->b2;
}

void onnx_sample_init(onnx_sample *s)
{
    static const int64_t image[4] = { -1, 2, 6, 6 }, logits[2] = { -1, 5 }, w1[4] = { 3, 2, 3, 3 };
    memset(s, 0, sizeof *s);
    for (int i = 0; i < SAMPLE_W1_BYTES; i++)
        s->w1[i] = (uint8_t)((i * 37 + 11) % 253 - 126);
    for (int i = 0; i < SAMPLE_W2_COUNT; i++)
        s->w2[i] = (i * 53 + 29) % 251 - 125;
    for (int i = 0; i < 5; i++)
        s->b2[i] = i * 700 - 1500;
    for (int i = 0; i < 3; i++)
        s->b1[i] = 900 - i * 800;
    set_nodes(s);
    set_constants(s);
    set_port(s, 0, "image", 4, image, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT);
    set_port(s, 1, "logits", 2, logits, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT);
    set_port(s, 2, "w1", 4, w1, ONNX__TENSOR_PROTO__DATA_TYPE__INT8);
    s->ports[1] = &s->port[2]; /* inputs: image, w1 */
    s->ports[2] = &s->port[1]; /* output: logits */
    onnx__graph_proto__init(&s->graph);
    s->graph.name = text("sample");
    s->graph.n_node = SAMPLE_NODES;
    s->graph.node = s->nodes;
    s->graph.n_initializer = SAMPLE_CONSTANTS;
    s->graph.initializer = s->constants;
    s->graph.n_input = 2;
    s->graph.input = s->ports;
    s->graph.n_output = 1;
    s->graph.output = s->ports + 2;
    onnx__operator_set_id_proto__init(&s->opset);
    s->opset.domain = text("");
    s->opset.has_version = 1;
    s->opset.version = 13;
    s->opsets[0] = &s->opset;
    onnx__model_proto__init(&s->model);
    s->model.has_ir_version = 1;
    s->model.ir_version = 7;
    s->model.producer_name = text("weft tests");
    s->model.producer_version = text("7");
    s->model.graph = &s->graph;
    s->model.n_opset_import = 1;
    s->model.opset_import = s->opsets;
}

uint8_t *onnx_sample_pack(const onnx_sample *s, size_t *bytes)
{
    *bytes = onnx__model_proto__get_packed_size(&s->model);
    uint8_t *packed = malloc(*bytes);
    if (packed)
        *bytes = onnx__model_proto__pack(&s->model, packed);
    return packed;
}

int onnx_sample_import(const onnx_sample *s, weft_graph **g, weft_error *err)
{
    size_t bytes;
    uint8_t *packed = onnx_sample_pack(s, &bytes);
    *g = NULL;
    int rc = packed ? weft_onnx_import(packed, bytes, NULL, g, err) : WEFT_ERR_NO_MEMORY;
    free(packed);
    return rc;
}
