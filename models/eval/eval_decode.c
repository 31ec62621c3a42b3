/* Constants of an ONNX file into arrays: every type that is a number, every storage field. */
#include <string.h>

#include "eval.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

static int refuse_tensor(eval_run *r, const Onnx__TensorProto *t, int status, const char *what)
{
    return weft_error_set(r->err, status, "the constant \"%.120s\" %s", t->name ? t->name : "",
                          what);
}

/* Bytes of an element in raw data; 0 for what is no number. */
static size_t raw_bytes(int32_t type)
{
    switch (type) {
    case T(UINT8):
    case T(INT8):
    case T(BOOL): return 1;
    case T(UINT16):
    case T(INT16):
    case T(FLOAT16):
    case T(BFLOAT16): return 2;
    case T(FLOAT):
    case T(INT32):
    case T(UINT32): return 4;
    case T(DOUBLE):
    case T(INT64):
    case T(UINT64): return 8;
    default: return 0;
    }
}

static float float_of_bits(uint32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* IEEE half precision. */
static float float_of_half(uint32_t h)
{
    const uint32_t sign = (h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 0x3ff;
    if (exponent == 31)
        return float_of_bits(sign | 0x7f800000 | fraction << 13);
    if (exponent)
        return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
    const float small = (float)fraction / 16777216.0f;
    return sign ? -small : small;
}

static float float_of_double(uint64_t bits)
{
    double v;
    memcpy(&v, &bits, sizeof v);
    return (float)v;
}

static void put(nd *a, size_t i, uint64_t bits)
{
    switch (a->type) {
    case T(FLOAT): a->f[i] = float_of_bits((uint32_t)bits); break;
    case T(FLOAT16): a->f[i] = float_of_half((uint32_t)bits); break;
    case T(BFLOAT16): a->f[i] = float_of_bits((uint32_t)bits << 16); break;
    case T(DOUBLE): a->f[i] = float_of_double(bits); break;
    default: a->i[i] = nd_wrap(a->type, (int64_t)bits); break;
    }
}

static void read_raw(const uint8_t *from, size_t bytes, nd *a)
{
    for (size_t i = 0; i < a->count; i++) {
        uint64_t v = 0;
        for (size_t b = 0; b < bytes; b++)
            v |= (uint64_t)from[i * bytes + b] << (8 * b);
        put(a, i, v);
    }
}

/* Numbers in the field of their kind: int32_data carries everything up to 32 bits that is signed or
 * short, and the bits of short floats. */
static void read_fields(const Onnx__TensorProto *t, nd *a)
{
    for (size_t i = 0; i < a->count; i++)
        switch (a->type) {
        case T(FLOAT): a->f[i] = t->float_data[i]; break;
        case T(DOUBLE): a->f[i] = (float)t->double_data[i]; break;
        case T(INT64): a->i[i] = t->int64_data[i]; break;
        case T(UINT32):
        case T(UINT64): put(a, i, t->uint64_data[i]); break;
        default: put(a, i, (uint64_t)(int64_t)t->int32_data[i]); break;
        }
}

static size_t stored_fields(const Onnx__TensorProto *t)
{
    switch (t->data_type) {
    case T(FLOAT): return t->n_float_data;
    case T(DOUBLE): return t->n_double_data;
    case T(INT64): return t->n_int64_data;
    case T(UINT32):
    case T(UINT64): return t->n_uint64_data;
    default: return t->n_int32_data;
    }
}

int nd_decode(eval_run *r, const Onnx__TensorProto *t, nd *out)
{
    size_t dims[ND_MAX_RANK] = { 0 }, count = 1;
    const size_t bytes = raw_bytes(t->data_type);
    if (!bytes)
        return weft_error_set(r->err, WEFT_ERR_UNSUPPORTED,
                              "the constant \"%.120s\" is of type %s, which is not possible",
                              t->name ? t->name : "", nd_type_name(t->data_type));
    if (t->has_data_location && t->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL)
        return refuse_tensor(r, t, WEFT_ERR_UNSUPPORTED,
                             "is in another file, which can be found only for a model that is read "
                             "from a path");
    if (t->segment || t->n_dims > ND_MAX_RANK)
        return refuse_tensor(r, t, WEFT_ERR_UNSUPPORTED,
                             "is stored in segments or has more than 8 dimensions");
    for (size_t i = 0; i < t->n_dims; i++) {
        if (t->dims[i] < 0 || (t->dims[i] && count > EVAL_ELEMENTS / (uint64_t)t->dims[i]))
            return refuse_tensor(r, t, WEFT_ERR_FORMAT, "has a dimension out of range");
        dims[i] = (size_t)t->dims[i];
        count *= dims[i];
    }
    /* Compare before allocating: the shape of a damaged file may promise what is not there. */
    if (t->has_raw_data ? t->raw_data.len != count * bytes : stored_fields(t) != count)
        return refuse_tensor(r, t, WEFT_ERR_FORMAT, "has not as many data as its shape says");
    int rc = nd_new(r, t->data_type, (uint32_t)t->n_dims, dims, out);
    if (rc != WEFT_OK)
        return rc;
    if (t->has_raw_data)
        read_raw(t->raw_data.data, bytes, out);
    else
        read_fields(t, out);
    return WEFT_OK;
}
