/* Operators on one number: of float32 (models/arith/real_functions.h), and the few on integers. */
#include <math.h>
#include <string.h>

#include "eval.h"
#include "models/arith/real_functions.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

static float parameter(const eval_run *r, const weft_real_function *f, unsigned i)
{
    const char *name = weft_real_parameter(f->number, i);
    const float otherwise = i ? f->b : f->a;
    return name ? onnx_attr_float(r->node, name, otherwise) : otherwise;
}

static int integers(eval_run *r, const nd *x, nd *out)
{
    const char *type = r->node->op_type;
    for (size_t i = 0; i < x->count; i++) {
        const int64_t v = x->i[i];
        const int64_t minus = (int64_t)(0 - (uint64_t)v);
        if (!strcmp(type, "Abs"))
            out->i[i] = nd_wrap(x->type, v < 0 ? minus : v);
        else if (!strcmp(type, "Neg"))
            out->i[i] = nd_wrap(x->type, minus);
        else if (!strcmp(type, "Relu"))
            out->i[i] = v > 0 ? v : 0;
        else if (!strcmp(type, "Sign"))
            out->i[i] = (v > 0) - (v < 0);
        else
            return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "of integers is not possible");
    }
    return WEFT_OK;
}

/* Not, IsNaN, IsInf: to bool. */
static int tests(eval_run *r, const nd *x, nd *out)
{
    const char *type = r->node->op_type;
    const int up = onnx_attr_int(r->node, "detect_positive", 1) != 0;
    const int down = onnx_attr_int(r->node, "detect_negative", 1) != 0;
    int rc = nd_new(r, T(BOOL), x->rank, x->dims, out);
    for (size_t i = 0; rc == WEFT_OK && i < x->count; i++) {
        const float v = nd_float(x, i);
        if (!strcmp(type, "Not"))
            out->i[i] = v == 0.0f;
        else if (!strcmp(type, "IsNaN"))
            out->i[i] = isnan(v);
        else
            out->i[i] = isinf(v) && (v > 0 ? up : down);
    }
    return rc;
}

int eval_unary(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const char *type = r->node->op_type;
    const nd *x = in[0];
    if (!strcmp(type, "Not") || !strncmp(type, "Is", 2))
        return tests(r, x, out);
    int rc = nd_new(r, x->type, x->rank, x->dims, out);
    if (rc != WEFT_OK || x->i)
        return rc == WEFT_OK ? integers(r, x, out) : rc;
    if (!strcmp(type, "Gelu") && onnx_attr_is(r->node, "approximate", "tanh", "none"))
        type = "GeluTanh";
    else if (!strcmp(type, "Gelu") && !onnx_attr_is(r->node, "approximate", "none", "none"))
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "only approximate none or tanh is possible");
    weft_real_function f;
    if (!weft_real_find(type, &f))
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "this operator is not supported");
    f.a = parameter(r, &f, 0);
    f.b = parameter(r, &f, 1);
    for (size_t i = 0; i < x->count; i++)
        out->f[i] = weft_real_apply(&f, x->f[i]);
    return WEFT_OK;
}
