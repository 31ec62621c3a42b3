/* What the files that write an ONNX model share.  Messages are those of protobuf-c, all of them by malloc. */
#ifndef WEFT_PLUGIN_ORT_MODEL_WRITER_H
#define WEFT_PLUGIN_ORT_MODEL_WRITER_H

#include "host/plugin/ort/ep.h"
#include "onnx.pb-c.h"

enum { EP_MAX_RANK = 16 };

typedef struct ep_writer {
    const ep_ort *ort;
    Onnx__GraphProto *graph;
    ep_names names;
    bool is_whole; /* all nodes of the runtime's graph are written */
    char *why;     /* the sentence of the first refusal */
    size_t why_bytes;
    bool is_refused;
} ep_writer;

typedef struct ep_shape {
    ONNXTensorElementDataType type;
    size_t rank;
    int64_t dims[EP_MAX_RANK]; /* -1: not known */
    const char *symbols[EP_MAX_RANK];
} ep_shape;

/* A message `message` of a type. */
#define EP_NEW(type, init)                                                                         \
    type *message = ep_need(malloc(sizeof *message));                                              \
    init(message)

/* Memory that malloc gave, never NULL: without memory the process ends, as it does when the runtime's own allocator
 * throws in a call of a plugin. */
void *ep_need(void *memory);

/* Copies, to be freed. */
char *ep_copy_text(const char *text);
void *ep_copy_bytes(const void *bytes, size_t count);

/* Put one more pointer into a repeated member: `list` is the address of the array, *count its length. */
void ep_append(void *list, size_t *count, void *message);

/* Note that the model cannot be written, and why; the first sentence stays. */
void ep_refuse(ep_writer *w, const char *what, const char *name);

/* Read type and shape of a tensor; a status if it has more than EP_MAX_RANK dimensions. */
OrtStatus *ep_read_shape(const ep_ort *ort, const OrtTensorTypeAndShapeInfo *info, ep_shape *out);

/* The type of a tensor as a message. */
Onnx__TypeProto *ep_tensor_type(const ep_shape *shape);

/* A tensor with its data as a message; untouched and refused if it is of a type that Weft does not read. */
OrtStatus *ep_write_tensor(ep_writer *w, const char *name, const OrtValue *value,
                           Onnx__TensorProto **out);

#endif
