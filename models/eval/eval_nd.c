/* Arrays of the ONNX evaluator; the contract is in eval.h. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval.h"

enum {
#define TYPE(name) T_##name = ONNX__TENSOR_PROTO__DATA_TYPE__##name
    TYPE(FLOAT),
    TYPE(UINT8),
    TYPE(INT8),
    TYPE(UINT16),
    TYPE(INT16),
    TYPE(INT32),
    TYPE(INT64),
    TYPE(BOOL),
    TYPE(FLOAT16),
    TYPE(DOUBLE),
    TYPE(UINT32),
    TYPE(UINT64),
    TYPE(BFLOAT16)
#undef TYPE
};

int eval_refuse(eval_run *r, int status, const char *format, ...)
{
    char what[WEFT_ERROR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(what, sizeof what, format, args);
    va_end(args);
    const Onnx__NodeProto *n = r->node;
    if (!n)
        return weft_error_set(r->err, status, "%s", length < 0 ? "" : what);
    const char *name = n->name && *n->name ? n->name : n->n_output ? n->output[0] : "";
    return weft_error_set(r->err, status, "%.40s \"%.80s\": %s", n->op_type, name,
                          length < 0 ? "" : what);
}

int nd_is_float(int32_t type)
{
    return type == T_FLOAT || type == T_FLOAT16 || type == T_DOUBLE || type == T_BFLOAT16;
}

int nd_type_known(int32_t type)
{
    return nd_is_float(type) || (type >= T_UINT8 && type <= T_INT64) || type == T_BOOL ||
           type == T_UINT32 || type == T_UINT64;
}

const char *nd_type_name(int32_t type)
{
    static const char *const names[] = {
        "undefined",      "float32",  "uint8",        "int8",           "uint16",
        "int16",          "int32",    "int64",        "string",         "bool",
        "float16",        "float64",  "uint32",       "uint64",         "complex64",
        "complex128",     "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2",
        "float8e5m2fnuz", "uint4",    "int4",         "float4e2m1",     "float8e8m0",
        "uint2",          "int2"
    };
    const int known = type >= 0 && type < (int32_t)(sizeof names / sizeof *names);
    return names[known ? type : 0];
}

int64_t nd_wrap(int32_t type, int64_t v)
{
    const uint64_t u = (uint64_t)v;
    switch (type) {
    case T_UINT8: return (uint8_t)u;
    case T_INT8: return (int64_t)(u & 0xff) - ((u & 0x80) ? 0x100 : 0);
    case T_UINT16: return (uint16_t)u;
    case T_INT16: return (int64_t)(u & 0xffff) - ((u & 0x8000) ? 0x10000 : 0);
    case T_INT32: return (int64_t)(u & 0xffffffff) - ((u & 0x80000000) ? 0x100000000 : 0);
    case T_UINT32: return (uint32_t)u;
    case T_BOOL: return v != 0;
    default: return v;
    }
}

static float rounded_to_half(float v)
{
    if (!isfinite(v) || v == 0.0f)
        return v;
    int exponent;
    frexpf(v, &exponent);
    const int step = exponent - 11 < -24 ? -24 : exponent - 11;
    const float q = ldexpf(rintf(ldexpf(v, -step)), step);
    return fabsf(q) > 65504.0f ? copysignf(INFINITY, v) : q;
}

/* The upper half of a float32. */
static float rounded_to_bfloat(float v)
{
    uint32_t bits;
    if (isnan(v))
        return v;
    memcpy(&bits, &v, sizeof bits);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
    memcpy(&v, &bits, sizeof v);
    return v;
}

void nd_round(nd *a)
{
    for (size_t i = 0; a->type == T_FLOAT16 && i < a->count; i++)
        a->f[i] = rounded_to_half(a->f[i]);
    for (size_t i = 0; a->type == T_BFLOAT16 && i < a->count; i++)
        a->f[i] = rounded_to_bfloat(a->f[i]);
}

int64_t nd_whole(double v)
{
    return v >= 9.2e18 ? INT64_MAX : v <= -9.2e18 ? INT64_MIN : v == v ? (int64_t)v : 0;
}

float nd_float(const nd *a, size_t i)
{
    return a->f ? a->f[i] : (float)a->i[i];
}

int nd_new(eval_run *r, int32_t type, uint32_t rank, const size_t *dims, nd *out)
{
    nd a = { .type = type, .rank = rank, .count = 1 };
    if (!nd_type_known(type))
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "the element type %s is not possible",
                           nd_type_name(type));
    if (rank > ND_MAX_RANK)
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "more than %d dimensions", ND_MAX_RANK);
    for (uint32_t i = 0; i < rank; i++) {
        if (dims[i] && a.count > r->left / dims[i])
            return eval_refuse(r, WEFT_ERR_CAPACITY, "its result is larger than is possible here");
        a.dims[i] = dims[i];
        a.count *= dims[i];
    }
    if (a.count > r->left)
        return eval_refuse(r, WEFT_ERR_CAPACITY, "its result is larger than is possible here");
    const size_t elements = a.count ? a.count : 1;
    if (nd_is_float(type))
        a.f = calloc(elements, sizeof *a.f);
    else
        a.i = calloc(elements, sizeof *a.i);
    if (!a.f && !a.i)
        return eval_refuse(r, WEFT_ERR_NO_MEMORY, "no memory for its result");
    r->left -= a.count;
    *out = a;
    return WEFT_OK;
}

void nd_free(nd *a)
{
    free(a->f);
    free(a->i);
    *a = (nd){ 0 };
}

int nd_copy(eval_run *r, const nd *from, nd *out)
{
    int rc = nd_new(r, from->type, from->rank, from->dims, out);
    if (rc != WEFT_OK)
        return rc;
    if (from->f)
        memcpy(out->f, from->f, from->count * sizeof *from->f);
    else
        memcpy(out->i, from->i, from->count * sizeof *from->i);
    return WEFT_OK;
}

int eval_take_work(eval_run *r, size_t rows, size_t columns, size_t depth)
{
    const uint64_t all = UINT64_MAX;
    if (!r->work)
        return WEFT_OK;
    if ((columns && rows > all / columns) || (depth && rows * columns > *r->work / depth))
        return eval_refuse(r, WEFT_ERR_CAPACITY, "needs more products than a run may compute");
    *r->work -= rows * columns * depth;
    return WEFT_OK;
}

void nd_strides(const nd *a, size_t *stride)
{
    size_t step = 1;
    for (uint32_t i = a->rank; i-- > 0; step *= a->dims[i])
        stride[i] = step;
}

int nd_next(uint32_t rank, const size_t *dims, size_t *index)
{
    for (uint32_t i = rank; i-- > 0; index[i] = 0)
        if (++index[i] < dims[i])
            return 1;
    return 0;
}

int eval_ints(eval_run *r, const nd *a, size_t most, int64_t *out, size_t *count)
{
    if (!a || !a->i || a->rank > 1 || a->count > most)
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs a list of at most %zu integers", most);
    memcpy(out, a->i, a->count * sizeof *out);
    *count = a->count;
    return WEFT_OK;
}

int eval_axis(eval_run *r, int64_t axis, uint32_t rank, uint32_t *out)
{
    const int64_t from_front = axis < 0 ? axis + (int64_t)rank : axis;
    if (from_front < 0 || from_front >= (int64_t)rank)
        return eval_refuse(r, WEFT_ERR_SHAPE,
                           "axis %" PRId64 " is outside an input of rank %" PRIu32, axis, rank);
    *out = (uint32_t)from_front;
    return WEFT_OK;
}
