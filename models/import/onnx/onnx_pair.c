/* Operators on two tensors that broadcast: Add, Sub, Mul, Min, Max, PRelu, either of which may be
 * constant; Div and Pow by a number. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "onnx_ops.h"

int onnx_build_pair(onnx_import *im, const Onnx__NodeProto *node, weft_op op, onnx_value *a,
                    onnx_value *b, onnx_value *out)
{
    const onnx_value *const in[2] = { a, b };
    onnx_value moved[2] = { *a, *b };
    uint32_t rank, dims[WEFT_MAX_RANK], order[WEFT_MAX_RANK];
    onnx_pending *p = onnx_new_pending(im, node, op);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    int rc = onnx_pair_shape(im, node, in, &rank, dims);
    if (rc != WEFT_OK)
        return rc;
    onnx_pair_order(in, rank, order);
    p->input_count = 2;
    p->alike = op == WEFT_OP_MINIMUM || op == WEFT_OP_MAXIMUM;
    for (unsigned k = 0; k < 2 && rc == WEFT_OK; k++) {
        if (onnx_is_real_const(in[k])) {
            rc = onnx_add_constant(im, node, in[k], rank, order, &p->inputs[k]);
            continue;
        }
        rc = onnx_pair_place(im, node, &moved[k], rank, order);
        p->inputs[k] = moved[k].tensor;
        p->real[k] = p->alike ? in[k]->real : NULL;
    }
    if (rc == WEFT_OK)
        *out = onnx_pending_ordered(p, rank, dims, order);
    return rc;
}

int onnx_takes_bias(onnx_import *im, const onnx_value *y, onnx_value *b)
{
    if (!y || !b || y->kind != ONNX_PENDING || y->pending->op != WEFT_OP_FULLY_CONNECTED ||
        y->pending->input_count != 2 || isfinite(y->lo) || isfinite(y->hi))
        return 0;
    if (b->kind == ONNX_CONST && onnx_decode_value(im, b) != WEFT_OK)
        return 0;
    const onnx_const *c = &b->constant;
    return (onnx_is_real_const(b)
                ? b->scale.dtype == WEFT_INT32
                : b->kind == ONNX_CONST && c->type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT) &&
           c->rank >= 1 && c->count == c->dims[c->rank - 1] && c->count == y->pending->dims[1];
}

/* A product without a bias, and the constant that is added to it. */
static int as_bias(onnx_import *im, const Onnx__NodeProto *node, int *done)
{
    for (size_t k = 0; k < 2; k++) {
        const onnx_value *y = onnx_input(im, node, k);
        *done = onnx_takes_bias(im, y, onnx_input(im, node, 1 - k));
        if (!*done)
            continue;
        onnx_pending *p = onnx_new_pending(im, node, y->pending->op);
        if (!p)
            return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
        *p = *y->pending;
        const onnx_value x = { .tensor = p->inputs[0] };
        const onnx_scale w = { .quant = im->graph->tensors[p->inputs[1]].quant };
        onnx_value result = *y;
        result.pending = p;
        int rc = onnx_bias_input(im, node, 1 - k, &x, &w, p->dims[1], p);
        if (rc == WEFT_OK)
            *onnx_output(im, node, 0) = result;
        return rc;
    }
    return WEFT_OK;
}

static weft_op op_of(const Onnx__NodeProto *node)
{
    static const struct {
        const char *type;
        weft_op op;
    } pairs[] = { { "Add", WEFT_OP_ADD }, { "Sum", WEFT_OP_ADD },     { "Sub", WEFT_OP_SUB },
                  { "Mul", WEFT_OP_MUL }, { "Min", WEFT_OP_MINIMUM }, { "Max", WEFT_OP_MAXIMUM } };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (!strcmp(pairs[i].type, node->op_type))
            return pairs[i].op;
    return WEFT_OP_COUNT;
}

/* One of the inputs is a single number: the operator is a function of the other. */
static int with_a_number(onnx_import *im, const Onnx__NodeProto *node)
{
    unsigned activations = 0, numbers = 0;
    for (size_t k = 0; k < node->n_input; k++) {
        onnx_value *v = onnx_input(im, node, k);
        if (v && v->kind == ONNX_CONST && onnx_decode_value(im, v) == WEFT_OK)
            numbers += v->constant.count == 1;
        activations += v && v->kind == ONNX_REAL && v->tensor != WEFT_NONE;
    }
    return activations == 1 && numbers == 1;
}

/* One of the inputs is no int8: float32, a float32 constant of more than one number, or seen through
 * a function whose numbers no int8 tensor has. */
static int is_real_pair(onnx_import *im, const Onnx__NodeProto *node, weft_op op)
{
    const int chooses = op == WEFT_OP_MINIMUM || op == WEFT_OP_MAXIMUM;
    for (size_t k = 0; k < node->n_input; k++) {
        onnx_value *v = onnx_input(im, node, k);
        if (!v)
            return 0;
        if (v->kind == ONNX_REAL && v->tensor != WEFT_NONE && v->real && !chooses &&
            onnx_settle_function(im, node, v) != WEFT_OK)
            return 0;
        if (v->kind == ONNX_FLOAT || v->kind == ONNX_CONST ||
            (v->kind == ONNX_REAL && v->tensor != WEFT_NONE && v->real && !chooses))
            return 1;
    }
    return 0;
}

/* Pow by a number is a function: the square and the cube are products. */
static int real_power(onnx_import *im, const Onnx__NodeProto *node)
{
    const onnx_value *e = onnx_input(im, node, 1);
    if (e->kind != ONNX_CONST || e->constant.count != 1 || e->constant.dtype != WEFT_FLOAT32)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "only by one number");
    const float by = *(const float *)e->constant.data;
    const int square = !(by < 2) && !(by > 2), cube = !(by < 3) && !(by > 3);
    return onnx_real_function(im, node, square ? "Square" : cube ? "Cube" : "Pow", by, NAN);
}

static int real_pair(onnx_import *im, const Onnx__NodeProto *node, weft_op op)
{
    onnx_value y;
    int rc = WEFT_OK;
    for (size_t k = 0; k < node->n_input; k++)
        if (!onnx_input(im, node, k))
            return onnx_refuse(im, node, WEFT_ERR_FORMAT, "input %zu is absent", k);
    for (size_t k = 0; k < node->n_input && rc == WEFT_OK; k++)
        if (onnx_input(im, node, k)->kind == ONNX_CONST)
            rc = onnx_decode_value(im, onnx_input(im, node, k));
    if (rc == WEFT_OK && !strcmp(node->op_type, "Pow"))
        return real_power(im, node);
    y = *onnx_input(im, node, 0);
    for (size_t k = 1; k < node->n_input && rc == WEFT_OK; k++)
        rc = onnx_real_pair(im, node, op, &y, onnx_input(im, node, k), &y);
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = y;
    return rc;
}

int onnx_pair(onnx_import *im, const Onnx__NodeProto *node)
{
    const int divides = !strcmp(node->op_type, "Div");
    const weft_op op = divides ? WEFT_OP_DIV : op_of(node);
    onnx_value *in[2];
    int done = 0, rc = WEFT_OK;
    if (node->n_input == 1)
        return onnx_identity(im, node);
    if (op == WEFT_OP_ADD && node->n_input == 2)
        rc = as_bias(im, node, &done);
    if (rc != WEFT_OK || done)
        return rc;
    if (!with_a_number(im, node) && (divides || node->n_input > 2 || is_real_pair(im, node, op)))
        return real_pair(im, node, op);
    if (op == WEFT_OP_COUNT || divides || with_a_number(im, node)) /* Div and Pow by a number */
        return onnx_function(im, node);
    for (size_t k = 0; k < 2 && rc == WEFT_OK; k++) {
        const onnx_value *v = onnx_input(im, node, k);
        const int mapped = (op == WEFT_OP_MINIMUM || op == WEFT_OP_MAXIMUM) && v &&
                           v->kind == ONNX_REAL && v->tensor != WEFT_NONE;
        if (mapped)
            in[k] = onnx_input(im, node, k);
        else
            rc = onnx_operand_input(im, node, k, &in[k]);
    }
    if (rc == WEFT_OK && onnx_is_real_const(in[0]) && onnx_is_real_const(in[1]))
        rc =
            onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "of two constants behind DequantizeLinear");
    return rc == WEFT_OK ? onnx_build_pair(im, node, op, in[0], in[1], onnx_output(im, node, 0))
                         : rc;
}

/* The slope is a constant that broadcasts to the input, one number or one per channel. */
int onnx_prelu(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x, *alpha;
    if (is_real_pair(im, node, WEFT_OP_PRELU))
        return real_pair(im, node, WEFT_OP_PRELU);
    int rc = onnx_real_input(im, node, 0, &x);
    if (rc == WEFT_OK)
        rc = onnx_operand_input(im, node, 1, &alpha);
    if (rc == WEFT_OK && !onnx_is_real_const(alpha))
        rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "its slope must be constant");
    onnx_value *y = onnx_output(im, node, 0);
    if (rc == WEFT_OK)
        rc = onnx_build_pair(im, node, WEFT_OP_PRELU, x, alpha, y);
    if (rc == WEFT_OK &&
        (y->rank != x->rank || memcmp(y->dims, x->dims, y->rank * sizeof *y->dims)))
        rc = onnx_refuse(im, node, WEFT_ERR_SHAPE, "its slope does not broadcast to the input");
    return rc;
}
