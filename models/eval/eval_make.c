/* Operators that make arrays from attributes and shapes, or change their type. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "eval.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

static int list_of_ints(eval_run *r, size_t count, const int64_t *from, uint32_t rank, nd *out)
{
    int rc = nd_new(r, T(INT64), rank, &count, out);
    if (rc == WEFT_OK && count)
        memcpy(out->i, from, count * sizeof *from);
    return rc;
}

int eval_constant(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)in;
    (void)count;
    const Onnx__AttributeProto *a;
    const size_t one = 1;
    if ((a = onnx_attr(r->node, "value")) != NULL && a->t)
        return nd_decode(r, a->t, out);
    if ((a = onnx_attr(r->node, "value_int")) != NULL)
        return list_of_ints(r, one, &a->i, 0, out);
    if ((a = onnx_attr(r->node, "value_ints")) != NULL)
        return list_of_ints(r, a->n_ints, a->ints, 1, out);
    a = onnx_attr(r->node, "value_float");
    const Onnx__AttributeProto *list = onnx_attr(r->node, "value_floats");
    if (!a && !list)
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "holds neither numbers nor a tensor");
    int rc = nd_new(r, T(FLOAT), a ? 0 : 1, a ? &one : &list->n_floats, out);
    if (rc == WEFT_OK && a)
        out->f[0] = a->f;
    else if (rc == WEFT_OK && list->n_floats)
        memcpy(out->f, list->floats, list->n_floats * sizeof *out->f);
    return rc;
}

/* The sizes in `list`, none negative. */
static int shape_from(eval_run *r, const nd *list, uint32_t *rank, size_t *dims)
{
    int64_t sizes[ND_MAX_RANK];
    size_t count;
    int rc = eval_ints(r, list, ND_MAX_RANK, sizes, &count);
    for (size_t i = 0; rc == WEFT_OK && i < count; i++) {
        if (sizes[i] < 0)
            return eval_refuse(r, WEFT_ERR_SHAPE, "the shape holds %" PRId64, sizes[i]);
        dims[i] = (size_t)sizes[i];
    }
    *rank = rc == WEFT_OK ? (uint32_t)count : 0;
    return rc;
}

int eval_constant_of_shape(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const Onnx__AttributeProto *a = onnx_attr(r->node, "value");
    uint32_t rank = 0;
    size_t dims[ND_MAX_RANK] = { 0 };
    nd value = { .type = T(FLOAT) };
    int rc = shape_from(r, in[0], &rank, dims);
    if (rc == WEFT_OK && a && a->t)
        rc = nd_decode(r, a->t, &value);
    if (rc == WEFT_OK && a && value.count != 1)
        rc = eval_refuse(r, WEFT_ERR_SHAPE, "its value must be one number");
    if (rc == WEFT_OK)
        rc = nd_new(r, value.type, rank, dims, out);
    for (size_t i = 0; rc == WEFT_OK && a && i < out->count; i++) {
        if (out->f)
            out->f[i] = value.f[0];
        else
            out->i[i] = value.i[0];
    }
    nd_free(&value);
    return rc;
}

int eval_range(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const nd *start = in[0], *limit = in[1], *delta = in[2];
    if (start->count != 1 || limit->count != 1 || delta->count != 1 || start->type != limit->type ||
        start->type != delta->type)
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs three numbers of one type");
    double n = start->f ? ceil(((double)limit->f[0] - (double)start->f[0]) / (double)delta->f[0])
                        : ceil(((double)limit->i[0] - (double)start->i[0]) / (double)delta->i[0]);
    if (!(n < (double)EVAL_ELEMENTS))
        return eval_refuse(r, WEFT_ERR_SHAPE, "its result has no end");
    const size_t elements = n > 0 ? (size_t)n : 0;
    int rc = nd_new(r, start->type, 1, &elements, out);
    for (size_t i = 0; rc == WEFT_OK && i < elements; i++) {
        if (out->f)
            out->f[i] = start->f[0] + (float)i * delta->f[0];
        else
            out->i[i] = nd_wrap(
                out->type, (int64_t)((uint64_t)start->i[0] + (uint64_t)i * (uint64_t)delta->i[0]));
    }
    return rc;
}

static int64_t clamped(int64_t v, int64_t rank)
{
    v += v < 0 ? rank : 0;
    return v < 0 ? 0 : v > rank ? rank : v;
}

int eval_shape(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const int64_t rank = in[0]->rank;
    int64_t dims[ND_MAX_RANK];
    for (uint32_t i = 0; i < in[0]->rank; i++)
        dims[i] = (int64_t)in[0]->dims[i];
    const int64_t from = clamped(onnx_attr_int(r->node, "start", 0), rank);
    const int64_t to = clamped(onnx_attr_int(r->node, "end", rank), rank);
    return list_of_ints(r, to > from ? (size_t)(to - from) : 0, dims + from, 1, out);
}

int eval_size(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const int64_t elements = (int64_t)in[0]->count;
    return list_of_ints(r, 1, &elements, 0, out);
}

/* --- types --- */

static int64_t integer_of(int32_t type, float v)
{
    if (type == T(BOOL))
        return v != 0.0f;
    if (!(fabsf(v) < 9e18f)) /* NaN too: undefined by ONNX */
        return v > 0 ? INT64_MAX : 0;
    return nd_wrap(type, (int64_t)v);
}

static int cast_to(eval_run *r, const nd *x, int64_t type, nd *out)
{
    if (type < 0 || type > 100)
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "the element type is not possible");
    int rc = nd_new(r, (int32_t)type, x->rank, x->dims, out);
    for (size_t i = 0; rc == WEFT_OK && i < x->count; i++) {
        if (out->f)
            out->f[i] = nd_float(x, i);
        else
            out->i[i] = x->f ? integer_of(out->type, x->f[i]) : nd_wrap(out->type, x->i[i]);
    }
    return rc;
}

int eval_cast(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    return cast_to(r, in[0], onnx_attr_int(r->node, "to", 0), out);
}

int eval_cast_like(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    return cast_to(r, in[0], in[1]->type, out);
}

int eval_identity(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    return nd_copy(r, in[0], out);
}

/* Inference, or training that drops nothing: the input, and a mask of ones. */
int eval_dropout(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *ratio = count > 1 ? in[1] : NULL, *training = count > 2 ? in[2] : NULL;
    const int drops = !ratio || ratio->count != 1 || nd_float(ratio, 0) != 0.0f;
    if (drops && training && (training->count != 1 || nd_float(training, 0) != 0.0f))
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "training_mode is not possible");
    int rc = nd_copy(r, in[0], &out[0]);
    if (rc != WEFT_OK || r->node->n_output < 2)
        return rc;
    rc = nd_new(r, T(BOOL), in[0]->rank, in[0]->dims, &out[1]);
    for (size_t i = 0; rc == WEFT_OK && i < out[1].count; i++)
        out[1].i[i] = 1;
    return rc;
}

int eval_eye_like(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    if (in[0]->rank != 2)
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs a matrix");
    const int64_t type = onnx_attr_int(r->node, "dtype", in[0]->type);
    const int64_t k = onnx_attr_int(r->node, "k", 0);
    int rc = type > 0 && type < 100 ? nd_new(r, (int32_t)type, 2, in[0]->dims, out)
                                    : eval_refuse(r, WEFT_ERR_UNSUPPORTED, "unknown type");
    for (size_t y = 0; rc == WEFT_OK && y < out->dims[0]; y++)
        for (size_t x = 0; x < out->dims[1]; x++)
            if ((int64_t)x - (int64_t)y == k) {
                if (out->f)
                    out->f[y * out->dims[1] + x] = 1.0f;
                else
                    out->i[y * out->dims[1] + x] = 1;
            }
    return rc;
}
