/* Messages, and tensors as messages; see model_writer.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/plugin/ort/model_writer.h"

void ep_refuse(ep_writer *w, const char *what, const char *name)
{
    if (!w->is_refused)
        snprintf(w->why, w->why_bytes, "\"%.200s\": %s", name, what);
    w->is_refused = true;
}

/* --- messages ------------------------------------------------------------------------------------ */

void *ep_need(void *memory)
{
    if (!memory)
        abort(); /* the runtime itself ends so: its allocator throws where nobody catches */
    return memory;
}

char *ep_copy_text(const char *text)
{
    return ep_need(strdup(text ? text : ""));
}

void *ep_copy_bytes(const void *bytes, size_t count)
{
    void *copy = ep_need(malloc(count ? count : 1));
    if (count)
        memcpy(copy, bytes, count);
    return copy;
}

/* Make room for one more pointer in a repeated member and put it there. */
void ep_append(void *list, size_t *count, void *message)
{
    void ***rows = list;
    *rows = ep_need(realloc(*rows, (*count + 1) * sizeof **rows));
    (*rows)[(*count)++] = message;
}

/* --- tensors ------------------------------------------------------------------------------------- */

OrtStatus *ep_read_shape(const ep_ort *ort, const OrtTensorTypeAndShapeInfo *info, ep_shape *out)
{
    EP_TRY(ort->api->GetTensorElementType(info, &out->type));
    EP_TRY(ort->api->GetDimensionsCount(info, &out->rank));
    if (out->rank > EP_MAX_RANK)
        return ort->api->CreateStatus(ORT_NOT_IMPLEMENTED, "a tensor of more than 16 dimensions");
    EP_TRY(ort->api->GetDimensions(info, out->dims, out->rank));
    return ort->api->GetSymbolicDimensions(info, out->symbols, out->rank);
}

/* Bytes of an element as the wire format has it; 0 for types that networks of int8 have no use for. */
static size_t element_bytes(ONNXTensorElementDataType type)
{
    switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32: return 4;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL: return 1;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16: return 2;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE: return 8;
    default: return 0;
    }
}

OrtStatus *ep_write_tensor(ep_writer *w, const char *name, const OrtValue *value,
                           Onnx__TensorProto **out)
{
    const OrtApi *api = w->ort->api;
    OrtTensorTypeAndShapeInfo *info;
    EP_TRY(api->GetTensorTypeAndShape(value, &info));
    ep_shape shape = { 0 };
    OrtStatus *status = ep_read_shape(w->ort, info, &shape);
    size_t elements = 0;
    if (!status)
        status = api->GetTensorShapeElementCount(info, &elements);
    api->ReleaseTensorTypeAndShapeInfo(info);
    void *data = NULL;
    const size_t bytes = elements * element_bytes(shape.type);
    if (!status && element_bytes(shape.type) == 0) {
        ep_refuse(w, "a constant of a type that Weft does not read", name);
        return NULL;
    }
    if (!status)
        status = api->GetTensorMutableData((OrtValue *)(uintptr_t)value, &data); /* only read */
    if (status)
        return status;
    EP_NEW(Onnx__TensorProto, onnx__tensor_proto__init);
    message->name = ep_copy_text(name);
    message->has_data_type = 1;
    message->data_type = (int32_t)shape.type; /* the numbers are those of ONNX */
    message->n_dims = shape.rank;
    message->dims = ep_copy_bytes(shape.dims, shape.rank * sizeof *shape.dims);
    message->has_raw_data = 1;
    message->raw_data.len = bytes;
    message->raw_data.data = ep_copy_bytes(data, bytes);
    *out = message;
    return NULL;
}

Onnx__TypeProto *ep_tensor_type(const ep_shape *shape)
{
    Onnx__TensorShapeProto *dims = ep_need(malloc(sizeof *dims));
    onnx__tensor_shape_proto__init(dims);
    for (size_t i = 0; i < shape->rank; i++) {
        EP_NEW(Onnx__TensorShapeProto__Dimension, onnx__tensor_shape_proto__dimension__init);
        if (shape->dims[i] >= 0) {
            message->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
            message->dim_value = shape->dims[i];
        } else {
            message->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
            message->dim_param = ep_copy_text(shape->symbols[i]);
        }
        ep_append(&dims->dim, &dims->n_dim, message);
    }
    Onnx__TypeProto__Tensor *tensor = ep_need(malloc(sizeof *tensor));
    onnx__type_proto__tensor__init(tensor);
    tensor->has_elem_type = 1;
    tensor->elem_type = (int32_t)shape->type;
    tensor->shape = dims;
    EP_NEW(Onnx__TypeProto, onnx__type_proto__init);
    message->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    message->tensor_type = tensor;
    return message;
}
