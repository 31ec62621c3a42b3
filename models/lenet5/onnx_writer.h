/* The part of ONNX (onnx.proto, IR 8) that a quantised network needs, written into memory.
 *
 * A graph is one pb_writer; each call appends a node, an initialiser, an input or an output to it,
 * in the order in which they shall stand; onnx_put_model() wraps it up. Errors are those of
 * pb_writer: sticky, checked once at the end. */
#ifndef ONNX_WRITER_H
#define ONNX_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "pb_writer.h"

typedef enum onnx_type {
    ONNX_FLOAT = 1,
    ONNX_UINT8 = 2,
    ONNX_INT8 = 3,
    ONNX_INT32 = 6,
    ONNX_INT64 = 7
} onnx_type;

/* A tensor of constants. data: count elements of `type` in host order, row-major; dims: rank of
 * them, none for a scalar. */
typedef struct onnx_tensor {
    const char *name;
    onnx_type type;
    size_t rank;
    int64_t dims[4];
    const void *data;
} onnx_tensor;

/* A node. inputs: NULL-terminated; attributes: as put together by onnx_put_attribute(), consumed,
 * or NULL. */
typedef struct onnx_node {
    const char *op, *name;
    const char *inputs[4];
    const char *output;
    pb_writer *attributes;
} onnx_node;

/* An input or output of the graph, float32; dims[0] is the symbolic "batch", whatever it holds. */
typedef struct onnx_value {
    const char *name;
    size_t rank;
    int64_t dims[4];
} onnx_value;

void onnx_put_tensor(pb_writer *graph, const onnx_tensor *t);
void onnx_put_node(pb_writer *graph, const onnx_node *n);
void onnx_put_input(pb_writer *graph, const onnx_value *v);
void onnx_put_output(pb_writer *graph, const onnx_value *v);
void onnx_put_name(pb_writer *graph, const char *name);

/* Integer attributes of a node: one value, or a list of them. */
void onnx_put_attribute(pb_writer *attributes, const char *name, int64_t value);
void onnx_put_attribute_list(pb_writer *attributes, const char *name, const int64_t *values,
                             size_t count);

/* The model around *graph, which is consumed: IR 8, opset 13 of the default domain. note: what the
 * input means, stored as metadata "preprocessing". */
void onnx_put_model(pb_writer *model, const char *producer, const char *note, pb_writer *graph);

#endif
