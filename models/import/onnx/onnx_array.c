/* Constants as arrays of the evaluator, and back. */
#include <string.h>

#include "onnx_import.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

int onnx_to_nd(onnx_import *im, const onnx_const *c, nd *out)
{
    eval_run run = { .err = im->err, .left = im->fold_left };
    size_t dims[WEFT_MAX_RANK];
    for (uint32_t i = 0; i < c->rank; i++)
        dims[i] = c->dims[i];
    int rc = nd_new(&run, c->type, c->rank, dims, out);
    im->fold_left = run.left;
    for (size_t i = 0; rc == WEFT_OK && i < c->count; i++)
        switch (c->dtype) {
        case WEFT_FLOAT32: out->f[i] = ((const float *)c->data)[i]; break;
        case WEFT_INT8: out->i[i] = ((const int8_t *)c->data)[i]; break;
        case WEFT_INT32: out->i[i] = ((const int32_t *)c->data)[i]; break;
        case WEFT_INT64: out->i[i] = ((const int64_t *)c->data)[i]; break;
        case WEFT_UINT8:
        case WEFT_BOOL: out->i[i] = ((const uint8_t *)c->data)[i]; break;
        }
    return rc;
}

static weft_dtype kept_as(int32_t type)
{
    switch (type) {
    case T(INT8): return WEFT_INT8;
    case T(UINT8): return WEFT_UINT8;
    case T(INT32): return WEFT_INT32;
    case T(BOOL): return WEFT_BOOL;
    default: return nd_is_float(type) ? WEFT_FLOAT32 : WEFT_INT64;
    }
}

int onnx_from_nd(onnx_import *im, const Onnx__NodeProto *node, const nd *a, onnx_const *out)
{
    onnx_const c = {
        .dtype = kept_as(a->type), .type = a->type, .rank = a->rank, .count = a->count
    };
    const size_t bytes = weft_dtype_bytes(c.dtype);
    if (a->rank > WEFT_MAX_RANK)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "its result has more than 6 dimensions");
    for (uint32_t i = 0; i < a->rank; i++)
        c.dims[i] = (uint32_t)a->dims[i];
    uint8_t *to = weft_graph_alloc(im->graph, a->count * bytes + 1);
    if (!to)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory for its result");
    for (size_t i = 0; i < a->count; i++) {
        const float f = a->f ? a->f[i] : 0;
        const int64_t v = a->i ? a->i[i] : 0;
        const int32_t v32 = (int32_t)v;
        const uint8_t v8 = (uint8_t)v;
        memcpy(to + i * bytes,
               a->f         ? (const void *)&f
               : bytes == 8 ? (const void *)&v
               : bytes == 4 ? (const void *)&v32
                            : (const void *)&v8,
               bytes);
    }
    c.data = to;
    *out = c;
    return WEFT_OK;
}
