/* ONNX messages; see onnx_writer.h. Field numbers are those of onnx.proto. */
#include "onnx_writer.h"

#include <string.h>

/* The oldest version of the format that may carry an opset. */
static int64_t ir_version(int64_t opset)
{
    return opset >= 21 ? 10 : opset >= 19 ? 9 : 8;
}

enum { MODEL_IR = 1, MODEL_PRODUCER = 2, MODEL_GRAPH = 7, MODEL_OPSET = 8, MODEL_METADATA = 14 };
enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2 };
enum { METADATA_KEY = 1, METADATA_VALUE = 2 };
enum { GRAPH_NODE = 1, GRAPH_NAME = 2, GRAPH_INITIALIZER = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP = 4, NODE_ATTRIBUTE = 5 };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_INT = 3, ATTRIBUTE_INTS = 8, ATTRIBUTE_TYPE = 20 };
enum { ATTRIBUTE_IS_INT = 2, ATTRIBUTE_IS_INTS = 7 };
enum { TENSOR_DIM = 1, TENSOR_TYPE = 2, TENSOR_NAME = 8, TENSOR_RAW = 9 };
enum { VALUE_NAME = 1, VALUE_TYPE = 2, TYPE_TENSOR = 1, TENSOR_ELEMENT = 1, TENSOR_SHAPE = 2 };
enum { SHAPE_DIM = 1, DIM_VALUE = 1, DIM_NAME = 2 };

static size_t element_count(const onnx_tensor *t)
{
    size_t count = 1;
    for (size_t i = 0; i < t->rank; i++)
        count *= (size_t)t->dims[i];
    return count;
}

/* Raw data is little-endian whatever the host is. */
static void put_raw(pb_writer *raw, const onnx_tensor *t)
{
    const uint8_t *at = t->data;
    for (size_t i = 0; i < element_count(t); i++) {
        uint32_t word;
        int64_t wide;
        if (t->type == ONNX_INT64) {
            memcpy(&wide, at + i * sizeof wide, sizeof wide);
            pb_put_raw32(raw, (uint32_t)wide);
            pb_put_raw32(raw, (uint32_t)((uint64_t)wide >> 32));
        } else {
            memcpy(&word, at + i * sizeof word, sizeof word);
            pb_put_raw32(raw, word);
        }
    }
}

void onnx_put_tensor(pb_writer *graph, const onnx_tensor *t)
{
    pb_writer tensor = { 0 }, raw = { 0 };
    for (size_t i = 0; i < t->rank; i++)
        pb_put_int(&tensor, TENSOR_DIM, t->dims[i]);
    pb_put_int(&tensor, TENSOR_TYPE, t->type);
    pb_put_string(&tensor, TENSOR_NAME, t->name);
    if (t->type == ONNX_INT8 || t->type == ONNX_UINT8 || t->type == ONNX_BOOL) {
        pb_put_bytes(&tensor, TENSOR_RAW, t->data, element_count(t));
    } else {
        put_raw(&raw, t);
        pb_put_message(&tensor, TENSOR_RAW, &raw);
    }
    pb_put_message(graph, GRAPH_INITIALIZER, &tensor);
}

void onnx_put_node(pb_writer *graph, const onnx_node *n)
{
    pb_writer node = { 0 };
    for (size_t i = 0; i < 4 && n->inputs[i]; i++)
        pb_put_string(&node, NODE_INPUT, n->inputs[i]);
    for (size_t i = 0; n->more_inputs && n->more_inputs[i]; i++)
        pb_put_string(&node, NODE_INPUT, n->more_inputs[i]);
    pb_put_string(&node, NODE_OUTPUT, n->output);
    for (size_t i = 0; n->more_outputs && n->more_outputs[i]; i++)
        pb_put_string(&node, NODE_OUTPUT, n->more_outputs[i]);
    pb_put_string(&node, NODE_NAME, n->name);
    pb_put_string(&node, NODE_OP, n->op);
    if (n->attributes)
        pb_put_fields(&node, n->attributes);
    pb_put_message(graph, GRAPH_NODE, &node);
}

static void put_value(pb_writer *graph, uint32_t field, const onnx_value *v)
{
    pb_writer dim = { 0 }, shape = { 0 }, tensor = { 0 }, type = { 0 }, value = { 0 };
    for (size_t i = 0; i < v->rank; i++) {
        if (i == 0 && !v->fixed)
            pb_put_string(&dim, DIM_NAME, "batch");
        else
            pb_put_int(&dim, DIM_VALUE, v->dims[i]);
        pb_put_message(&shape, SHAPE_DIM, &dim);
    }
    pb_put_int(&tensor, TENSOR_ELEMENT, v->type ? v->type : ONNX_FLOAT);
    pb_put_message(&tensor, TENSOR_SHAPE, &shape);
    pb_put_message(&type, TYPE_TENSOR, &tensor);
    pb_put_string(&value, VALUE_NAME, v->name);
    pb_put_message(&value, VALUE_TYPE, &type);
    pb_put_message(graph, field, &value);
}

void onnx_put_input(pb_writer *graph, const onnx_value *v)
{
    put_value(graph, GRAPH_INPUT, v);
}

void onnx_put_output(pb_writer *graph, const onnx_value *v)
{
    put_value(graph, GRAPH_OUTPUT, v);
}

void onnx_put_name(pb_writer *graph, const char *name)
{
    pb_put_string(graph, GRAPH_NAME, name);
}

void onnx_put_attribute(pb_writer *attributes, const char *name, int64_t value)
{
    pb_writer a = { 0 };
    pb_put_string(&a, ATTRIBUTE_NAME, name);
    pb_put_int(&a, ATTRIBUTE_INT, value);
    pb_put_int(&a, ATTRIBUTE_TYPE, ATTRIBUTE_IS_INT);
    pb_put_message(attributes, NODE_ATTRIBUTE, &a);
}

void onnx_put_attribute_list(pb_writer *attributes, const char *name, const int64_t *values,
                             size_t count)
{
    pb_writer a = { 0 };
    pb_put_string(&a, ATTRIBUTE_NAME, name);
    for (size_t i = 0; i < count; i++)
        pb_put_int(&a, ATTRIBUTE_INTS, values[i]);
    pb_put_int(&a, ATTRIBUTE_TYPE, ATTRIBUTE_IS_INTS);
    pb_put_message(attributes, NODE_ATTRIBUTE, &a);
}

void onnx_put_model(pb_writer *model, const onnx_about *about, pb_writer *graph)
{
    pb_writer opset = { 0 }, metadata = { 0 };
    pb_put_int(model, MODEL_IR, ir_version(about->opset));
    pb_put_string(model, MODEL_PRODUCER, about->producer);
    pb_put_message(model, MODEL_GRAPH, graph);
    pb_put_string(&opset, OPSET_DOMAIN, "");
    pb_put_int(&opset, OPSET_VERSION, about->opset);
    pb_put_message(model, MODEL_OPSET, &opset);
    pb_put_string(&metadata, METADATA_KEY, about->key);
    pb_put_string(&metadata, METADATA_VALUE, about->note);
    pb_put_message(model, MODEL_METADATA, &metadata);
}
