/* The part of ONNX (onnx.proto, IR 8 to 10) that a quantised network needs, written into memory.
 *
 * A graph is one pb_writer; each call appends a node, an initialiser, an input or an output to it,
 * in the order in which they shall stand; onnx_put_model() wraps it up. Errors are those of
 * pb_writer: sticky, checked once at the end. */
#ifndef ONNX_WRITER_H
#define ONNX_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "pb_writer.h"

/* Element types by their numbers in onnx.proto. */
typedef enum onnx_type {
    ONNX_FLOAT = 1,
    ONNX_UINT8 = 2,
    ONNX_INT8 = 3,
    ONNX_INT32 = 6,
    ONNX_INT64 = 7,
    ONNX_BOOL = 9
} onnx_type;

enum { ONNX_WRITER_RANK = 8 };

/* A tensor of constants. data: count elements of `type` in host order, row-major; dims: rank of
 * them, none for a scalar. */
typedef struct onnx_tensor {
    const char *name;
    onnx_type type;
    size_t rank;
    int64_t dims[ONNX_WRITER_RANK];
    const void *data;
} onnx_tensor;

/* A node. inputs, and more_inputs and more_outputs (NULL: none) behind the first ones:
 * NULL-terminated; attributes: as put together by onnx_put_attribute(), consumed, or NULL. */
typedef struct onnx_node {
    const char *op, *name;
    const char *inputs[4];
    const char *output;
    pb_writer *attributes;
    const char *const *more_inputs, *const *more_outputs;
} onnx_node;

/* An input or output of the graph, float32 unless type says otherwise; dims[0] is the symbolic
 * "batch", whatever it holds, unless `fixed`. */
typedef struct onnx_value {
    const char *name;
    size_t rank;
    int64_t dims[ONNX_WRITER_RANK];
    int fixed;
    int32_t type;
} onnx_value;

/* Append an initialiser. */
void onnx_put_tensor(pb_writer *graph, const onnx_tensor *t);

/* Append a node; its attributes are consumed. */
void onnx_put_node(pb_writer *graph, const onnx_node *n);

/* Append an input. */
void onnx_put_input(pb_writer *graph, const onnx_value *v);

/* Append an output. */
void onnx_put_output(pb_writer *graph, const onnx_value *v);

/* Set the name of the graph. */
void onnx_put_name(pb_writer *graph, const char *name);

/* Append an integer attribute of a node. */
void onnx_put_attribute(pb_writer *attributes, const char *name, int64_t value);

/* Append an attribute that is a list of integers. */
void onnx_put_attribute_list(pb_writer *attributes, const char *name, const int64_t *values,
                             size_t count);

/* What a file says about itself; key and note are one entry of its metadata. */
typedef struct onnx_about {
    const char *producer, *key, *note;
    int64_t opset; /* of the default domain, at least 13 */
} onnx_about;

/* The model around *graph, which is consumed. */
void onnx_put_model(pb_writer *model, const onnx_about *about, pb_writer *graph);

#endif
