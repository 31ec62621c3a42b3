/* Constants of an ONNX file: TensorProto in every storage field, scales and zero points. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "onnx_import.h"

static int refuse_tensor(onnx_import *im, const Onnx__TensorProto *t, int status, const char *what)
{
    return weft_error_set(im->err, status, "the constant \"%.120s\" %s", t->name ? t->name : "",
                          what);
}

/* Numbers of opset 21; two share a byte, the first in its lower half. */
enum { UINT4 = 21, INT4 = 22 };

static int is_half(int type)
{
    return type == INT4 || type == UINT4;
}

static int decode_type(const Onnx__TensorProto *t, weft_dtype *out)
{
    switch (t->data_type) {
    case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT: *out = WEFT_FLOAT32; return 1;
    case INT4:
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT8: *out = WEFT_INT8; return 1;
    case UINT4:
    case ONNX__TENSOR_PROTO__DATA_TYPE__UINT8: *out = WEFT_UINT8; return 1;
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT32: *out = WEFT_INT32; return 1;
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT64: *out = WEFT_INT64; return 1;
    case ONNX__TENSOR_PROTO__DATA_TYPE__BOOL: *out = WEFT_BOOL; return 1;
    default: return 0;
    }
}

static int decode_dims(onnx_import *im, const Onnx__TensorProto *t, onnx_const *out)
{
    if (t->n_dims > WEFT_MAX_RANK)
        return refuse_tensor(im, t, WEFT_ERR_UNSUPPORTED, "has more than 6 dimensions");
    out->rank = (uint32_t)t->n_dims;
    out->count = 1;
    for (uint32_t i = 0; i < out->rank; i++) {
        if (t->dims[i] < 0 || (uint64_t)t->dims[i] > WEFT_MAX_ELEMENTS)
            return refuse_tensor(im, t, WEFT_ERR_FORMAT, "has a dimension out of range");
        out->dims[i] = (uint32_t)t->dims[i];
        out->count *= out->dims[i];
        if (out->count > WEFT_MAX_ELEMENTS)
            return refuse_tensor(im, t, WEFT_ERR_UNSUPPORTED, "has more than 2^28 elements");
    }
    return WEFT_OK;
}

/* Little-endian elements of 1, 4 or 8 bytes. */
static void read_raw(const uint8_t *from, uint64_t count, size_t bytes, void *to)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t v = 0;
        for (size_t b = 0; b < bytes; b++)
            v |= (uint64_t)from[i * bytes + b] << (8 * b);
        uint8_t v8 = (uint8_t)v;
        uint32_t v32 = (uint32_t)v;
        memcpy((uint8_t *)to + i * bytes,
               bytes == 1   ? (void *)&v8
               : bytes == 4 ? (void *)&v32
                            : (void *)&v,
               bytes);
    }
}

/* int32_data carries int32 and everything smaller, one number per element. */
static int read_int32s(onnx_import *im, const Onnx__TensorProto *t, onnx_const *c, void *to)
{
    for (uint64_t i = 0; i < c->count; i++) {
        int32_t v = t->int32_data[i];
        int32_t lo = c->dtype == WEFT_INT8 ? -128 : 0, hi = c->dtype == WEFT_INT8 ? 127 : 255;
        if (c->dtype == WEFT_INT32) {
            ((int32_t *)to)[i] = v;
            continue;
        }
        if (v < lo || v > hi)
            return refuse_tensor(im, t, WEFT_ERR_FORMAT, "has a number outside its type");
        ((uint8_t *)to)[i] = (uint8_t)v;
    }
    return WEFT_OK;
}

/* Numbers of four bits, unpacked; int32_data holds a byte of two in each. */
static int read_halves(onnx_import *im, const Onnx__TensorProto *t, onnx_const *c, uint8_t *to)
{
    const uint64_t bytes = (c->count + 1) / 2;
    if ((t->has_raw_data ? t->raw_data.len : t->n_int32_data) != bytes)
        return refuse_tensor(im, t, WEFT_ERR_FORMAT, "has not as many bytes as its shape says");
    const unsigned sign = c->dtype == WEFT_INT8 ? 8 : 0;
    for (uint64_t i = 0; i < c->count; i++) {
        const unsigned both =
            t->has_raw_data ? t->raw_data.data[i / 2] : (unsigned)t->int32_data[i / 2];
        to[i] = (uint8_t)(((both >> i % 2 * 4 & 15) ^ sign) - sign);
    }
    return WEFT_OK;
}

static int decode_data(onnx_import *im, const Onnx__TensorProto *t, onnx_const *c, void *to)
{
    size_t bytes = weft_dtype_bytes(c->dtype);
    if (is_half(t->data_type))
        return read_halves(im, t, c, to);
    if (t->has_raw_data) {
        if (t->raw_data.len != c->count * bytes)
            return refuse_tensor(im, t, WEFT_ERR_FORMAT, "has not as many bytes as its shape says");
        read_raw(t->raw_data.data, c->count, bytes, to);
        return WEFT_OK;
    }
    size_t stored = c->dtype == WEFT_FLOAT32 ? t->n_float_data
                    : c->dtype == WEFT_INT64 ? t->n_int64_data
                                             : t->n_int32_data;
    if (stored != c->count)
        return refuse_tensor(im, t, WEFT_ERR_FORMAT, "has not as many numbers as its shape says");
    if (c->dtype == WEFT_FLOAT32 && stored)
        memcpy(to, t->float_data, stored * bytes);
    else if (c->dtype == WEFT_INT64 && stored)
        memcpy(to, t->int64_data, stored * bytes);
    else if (stored)
        return read_int32s(im, t, c, to);
    return WEFT_OK;
}

/* Types that weft_dtype does not have. */
static int decode_other(onnx_import *im, const Onnx__TensorProto *t, onnx_const *out)
{
    Onnx__NodeProto here = ONNX__NODE_PROTO__INIT;
    here.op_type = (char *)(uintptr_t) "constant";
    here.name = t->name;
    eval_run run = { .err = im->err, .left = EVAL_ELEMENTS };
    nd a = { 0 };
    int rc = nd_decode(&run, t, &a);
    if (rc == WEFT_OK)
        rc = onnx_from_nd(im, &here, &a, out);
    nd_free(&a);
    return rc;
}

static int decode(onnx_import *im, const Onnx__TensorProto *t, onnx_const *out)
{
    onnx_const c = { .type = t->data_type };
    if (!decode_type(t, &c.dtype))
        return decode_other(im, t, out);
    if (t->has_data_location && t->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL)
        return refuse_tensor(im, t, WEFT_ERR_UNSUPPORTED,
                             "is in another file; give the model by its path");
    if (t->segment)
        return refuse_tensor(im, t, WEFT_ERR_UNSUPPORTED, "is stored in segments");
    int rc = decode_dims(im, t, &c);
    if (rc != WEFT_OK)
        return rc;
    /* Compare before allocating: the shape of a damaged file may promise what is not there. */
    size_t bytes = (size_t)c.count * weft_dtype_bytes(c.dtype);
    size_t there = t->raw_data.len + 8 * (t->n_float_data + t->n_int32_data + t->n_int64_data);
    if ((is_half(t->data_type) ? bytes / 2 : bytes) > there)
        return refuse_tensor(im, t, WEFT_ERR_FORMAT, "has fewer data than its shape says");
    void *to = weft_graph_alloc(im->graph, bytes + 1);
    if (!to)
        return refuse_tensor(im, t, WEFT_ERR_NO_MEMORY, "does not fit into memory");
    rc = decode_data(im, t, &c, to);
    c.data = to;
    if (rc == WEFT_OK)
        *out = c;
    return rc;
}

int onnx_decode_value(onnx_import *im, onnx_value *v)
{
    if (!v->source)
        return WEFT_OK;
    int rc = decode(im, v->source, &v->constant);
    if (rc == WEFT_OK)
        v->source = NULL;
    return rc;
}

int onnx_const_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_const *out)
{
    onnx_value *v = onnx_input(im, node, i);
    if (!v || v->kind != ONNX_CONST)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "input %zu must be a constant", i);
    int rc = onnx_decode_value(im, v);
    if (rc == WEFT_OK)
        *out = v->constant;
    return rc;
}

int8_t onnx_weight_at(const onnx_const *w, size_t i)
{
    return w->dtype == WEFT_UINT8 ? (int8_t)(((const uint8_t *)w->data)[i] - 128)
                                  : ((const int8_t *)w->data)[i];
}

/* --- scales --- */

static int64_t integer_at(const onnx_const *c, uint64_t i)
{
    switch (c->dtype) {
    case WEFT_INT8: return ((const int8_t *)c->data)[i];
    case WEFT_UINT8: return ((const uint8_t *)c->data)[i];
    default: return ((const int32_t *)c->data)[i];
    }
}

static int check_scales(onnx_import *im, const Onnx__NodeProto *node, const onnx_const *scale)
{
    if (scale->dtype != WEFT_FLOAT32 || scale->rank > 1 || scale->count == 0)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "the scale must be float32, one number or one per channel");
    for (uint64_t i = 0; i < scale->count; i++) {
        float s = ((const float *)scale->data)[i];
        if (!(s > 0.0f && isfinite(s)))
            return onnx_refuse(im, node, WEFT_ERR_RANGE, "the scale %g must be finite and above 0",
                               (double)s);
    }
    return WEFT_OK;
}

static int read_zero_points(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_scale *out,
                            int32_t *to)
{
    out->dtype = WEFT_UINT8;
    if (!onnx_input(im, node, i))
        return WEFT_OK;
    onnx_const zp;
    int rc = onnx_const_input(im, node, i, &zp);
    if (rc != WEFT_OK)
        return rc;
    if (zp.dtype != WEFT_INT8 && zp.dtype != WEFT_UINT8 && zp.dtype != WEFT_INT32)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "the zero point is %s, not int8 or uint8", nd_type_name(zp.type));
    const onnx_value *x = onnx_input(im, node, 0);
    if (is_half(zp.type) &&
        (strcmp(node->op_type, "DequantizeLinear") || !x || x->kind != ONNX_CONST))
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "it quantises to %s; only constants may have four bits",
                           nd_type_name(zp.type));
    if (zp.count != out->quant.count)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                           "%" PRIu32 " scales, but %" PRIu64 " zero points", out->quant.count,
                           zp.count);
    out->dtype = zp.dtype;
    for (uint64_t k = 0; k < zp.count; k++)
        to[k] = (int32_t)integer_at(&zp, k);
    return WEFT_OK;
}

int onnx_scale_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, int64_t axis,
                     onnx_scale *out)
{
    onnx_const scale;
    int rc = onnx_const_input(im, node, i, &scale);
    if (rc == WEFT_OK)
        rc = check_scales(im, node, &scale);
    if (rc != WEFT_OK)
        return rc;
    onnx_scale s = { 0 };
    int32_t *zero_points = weft_graph_alloc(im->graph, scale.count * sizeof *zero_points);
    if (!zero_points)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory for the zero points");
    s.quant = (weft_quant){ (uint32_t)scale.count, (uint32_t)axis, scale.data, zero_points };
    rc = read_zero_points(im, node, i + 1, &s, zero_points);
    if (rc == WEFT_OK)
        *out = s;
    return rc;
}
