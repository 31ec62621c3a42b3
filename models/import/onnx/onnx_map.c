/* Functions of one number between DequantizeLinear and QuantizeLinear: of int8 there are only 256,
 * so a REAL activation carries what each of them means, and any chain of such functions ends as one
 * TABLE. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "onnx_ops.h"

const float *onnx_reals(onnx_import *im, const onnx_value *v)
{
    if (v->real)
        return v->real;
    const weft_quant *q = &im->graph->tensors[v->tensor].quant;
    float *real = weft_graph_alloc(im->graph, 256 * sizeof *real);
    for (int i = 0; real && i < 256; i++)
        real[i] = (float)(i - 128 - q->zero_point[0]) * q->scale[0];
    return real;
}

/* The constant at input i if it is one number, as an array over `one`. */
static int scalar_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, nd *out, float *one)
{
    onnx_value *v = onnx_input(im, node, i);
    if (!v || (v->kind != ONNX_CONST && !onnx_is_real_const(v)))
        return 0;
    if (v->kind == ONNX_CONST && onnx_decode_value(im, v) != WEFT_OK)
        return 0;
    if (v->constant.count != 1 || (v->kind == ONNX_CONST && v->constant.dtype != WEFT_FLOAT32))
        return 0;
    if (v->kind == ONNX_CONST)
        *one = *(const float *)v->constant.data;
    else if (v->scale.dtype == WEFT_INT32)
        *one = (float)(*(const int32_t *)v->constant.data - v->scale.quant.zero_point[0]) *
               v->scale.quant.scale[0];
    else
        *one = (float)(onnx_weight_at(&v->constant, 0) - onnx_zero_point(&v->scale)) *
               v->scale.quant.scale[0];
    *out = (nd){ .type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, .count = 1, .f = one };
    return 1;
}

/* y = node(.., x, ..) for each of the 256 reals of x, which is input `at`. */
static int apply(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *x, const nd **in,
                 size_t count, size_t at, onnx_value *y)
{
    const float *real = onnx_reals(im, x);
    float *result = weft_graph_alloc(im->graph, 256 * sizeof *result);
    nd all = { .type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT,
               .rank = 1,
               .dims = { 256 },
               .count = 256,
               .f = (float *)(uintptr_t)real }; /* inputs are not written */
    nd out = { 0 };
    if (!real || !result)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    in[at] = &all;
    int rc = onnx_evaluate(im, node, in, count, &out);
    if (rc == WEFT_OK && (!out.f || out.count != 256))
        rc = onnx_refuse(im, node, WEFT_ERR_SHAPE, "its result is not float");
    if (rc == WEFT_OK) {
        memcpy(result, out.f, 256 * sizeof *result);
        *y = *x;
        y->real = result;
    }
    nd_free(&out);
    return rc;
}

int onnx_apply(onnx_import *im, const Onnx__NodeProto *node, const char *type, const onnx_value *x,
               onnx_value *out)
{
    Onnx__NodeProto plain = *node;
    const nd *in[1] = { NULL };
    const nd **list = in;
    plain.op_type = (char *)(uintptr_t)type;
    plain.domain = NULL;
    plain.n_output = 1;
    return apply(im, &plain, x, list, 1, 0, out);
}

static int is_real_activation(const onnx_value *v)
{
    return v && v->kind == ONNX_REAL && v->tensor != WEFT_NONE;
}

/* One activation, all other inputs single numbers; the result has the activation's shape. */
int onnx_function(onnx_import *im, const Onnx__NodeProto *node)
{
    nd scalars[4];
    float numbers[4];
    const nd *in[4] = { NULL };
    size_t at = node->n_input;
    const int quick =
        !strcmp(node->op_type, "Gelu") && onnx_attr_is(node, "approximate", "tanh", "none");
    if (onnx_is_float(im, node, 0))
        return onnx_real_function(im, node, quick ? "GeluTanh" : node->op_type, NAN, NAN);
    for (size_t i = 0; i < node->n_input && i < 4; i++) {
        if (is_real_activation(onnx_input(im, node, i)) && at == node->n_input)
            at = i;
        else if (scalar_input(im, node, i, &scalars[i], &numbers[i]))
            in[i] = &scalars[i];
        else if (*node->input[i]) {
            at = node->n_input;
            break;
        }
    }
    onnx_value *x;
    if (at == node->n_input || node->n_input > 4) {
        int rc = onnx_real_input(im, node, 0, &x); /* says what is missing there */
        return rc == WEFT_OK ? onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                                           "its other inputs must be single float numbers, or the "
                                           "constants quantised")
                             : rc;
    }
    return apply(im, node, onnx_input(im, node, at), in, node->n_input, at,
                 onnx_output(im, node, 0));
}

/* --- clamps, which a node takes with it --- */

/* A PENDING result with its clamp narrowed to lo..hi, as max(lo, .) then min(hi, .). */
static int narrow(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *x, float lo,
                  float hi)
{
    if (!(lo <= hi))
        return onnx_refuse(im, node, WEFT_ERR_RANGE, "the limits %g..%g are empty", (double)lo,
                           (double)hi);
    onnx_value *y = onnx_output(im, node, 0);
    *y = *x;
    y->lo = x->lo < lo ? lo : x->lo > hi ? hi : x->lo;
    y->hi = x->hi > hi ? hi : x->hi < lo ? lo : x->hi;
    return WEFT_OK;
}

int onnx_relu(onnx_import *im, const Onnx__NodeProto *node)
{
    const onnx_value *x = onnx_input(im, node, 0);
    return x && x->kind == ONNX_PENDING ? narrow(im, node, x, 0.0f, INFINITY)
                                        : onnx_function(im, node);
}

/* A limit from input i or, before opset 11, from an attribute. */
static int clip_limit(onnx_import *im, const Onnx__NodeProto *node, size_t i, const char *name,
                      float otherwise, float *out)
{
    nd limit;
    *out = onnx_attr_float(node, name, otherwise);
    if (onnx_input(im, node, i) && !scalar_input(im, node, i, &limit, out))
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "%s must be one float32 constant", name);
    return WEFT_OK;
}

int onnx_clip(onnx_import *im, const Onnx__NodeProto *node)
{
    const onnx_value *x = onnx_input(im, node, 0);
    float lo, hi;
    int rc = clip_limit(im, node, 1, "min", -INFINITY, &lo);
    if (rc == WEFT_OK)
        rc = clip_limit(im, node, 2, "max", INFINITY, &hi);
    if (rc == WEFT_OK && !(lo <= hi))
        rc = onnx_refuse(im, node, WEFT_ERR_RANGE, "the limits %g..%g are empty", (double)lo,
                         (double)hi);
    if (rc != WEFT_OK)
        return rc;
    if (x && x->kind == ONNX_FLOAT)
        return onnx_real_function(im, node, "Clip", lo, hi);
    return x && x->kind == ONNX_PENDING ? narrow(im, node, x, lo, hi) : onnx_function(im, node);
}
