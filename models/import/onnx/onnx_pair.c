/* Operators on two tensors that broadcast: Add, Sub, Mul, Min, Max, PRelu, either of which may be
 * constant; Div and Pow by a number. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "onnx_ops.h"

static uint32_t rank_of(const onnx_value *v)
{
    return onnx_is_real_const(v) ? v->constant.rank : v->rank;
}

/* The shape both broadcast to. */
static int common_shape(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *const *in,
                        uint32_t *rank, uint32_t *dims)
{
    *rank = rank_of(in[0]) > rank_of(in[1]) ? rank_of(in[0]) : rank_of(in[1]);
    for (uint32_t i = 0; i < *rank; i++) {
        uint32_t size[2];
        for (unsigned k = 0; k < 2; k++) {
            const uint32_t own = rank_of(in[k]);
            const uint32_t *from = onnx_is_real_const(in[k]) ? in[k]->constant.dims : in[k]->dims;
            size[k] = i + own < *rank ? 1 : from[i + own - *rank];
        }
        if (size[0] != size[1] && size[0] != 1 && size[1] != 1)
            return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                               "%" PRIu32 " and %" PRIu32 " do not broadcast", size[0], size[1]);
        dims[i] = size[0] == 1 ? size[1] : size[0];
    }
    return WEFT_OK;
}

/* The axis order of the result: that of the activation with all the axes. */
static void choose_order(const onnx_value *const *in, uint32_t rank, uint32_t *order)
{
    for (uint32_t i = 0; i < WEFT_MAX_RANK; i++)
        order[i] = i;
    for (unsigned k = 0; k < 2; k++) {
        const onnx_value *v = in[k];
        if (onnx_is_real_const(v) || v->rank != rank || v->layout.rank != rank ||
            memcmp(v->layout.dims, v->dims, rank * sizeof *v->dims) != 0)
            continue;
        memcpy(order, v->layout.perm, rank * sizeof *order);
        return;
    }
}

/* An activation with ones in front, in the given order. */
static int place(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v, uint32_t rank,
                 const uint32_t *order)
{
    for (uint32_t i = rank; v->rank < rank && i-- > 0;)
        v->dims[i] = i + v->rank < rank ? 1 : v->dims[i + v->rank - rank];
    v->rank = rank;
    return onnx_arrange(im, node, v, order);
}

int onnx_build_pair(onnx_import *im, const Onnx__NodeProto *node, weft_op op, onnx_value *a,
                    onnx_value *b, onnx_value *out)
{
    const onnx_value *const in[2] = { a, b };
    onnx_value moved[2] = { *a, *b };
    uint32_t rank, dims[WEFT_MAX_RANK], order[WEFT_MAX_RANK];
    onnx_pending *p = onnx_new_pending(im, node, op);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    int rc = common_shape(im, node, in, &rank, dims);
    if (rc != WEFT_OK)
        return rc;
    choose_order(in, rank, order);
    p->input_count = 2;
    p->alike = op == WEFT_OP_MINIMUM || op == WEFT_OP_MAXIMUM;
    for (unsigned k = 0; k < 2 && rc == WEFT_OK; k++) {
        if (onnx_is_real_const(in[k])) {
            rc = onnx_add_constant(im, node, in[k], rank, order, &p->inputs[k]);
            continue;
        }
        rc = place(im, node, &moved[k], rank, order);
        p->inputs[k] = moved[k].tensor;
        p->real[k] = p->alike ? in[k]->real : NULL;
    }
    if (rc == WEFT_OK)
        *out = onnx_pending_ordered(p, rank, dims, order);
    return rc;
}

/* A product without a bias, and the int32 constant behind DequantizeLinear that is added to it. */
static int as_bias(onnx_import *im, const Onnx__NodeProto *node, int *done)
{
    for (size_t k = 0; k < 2; k++) {
        const onnx_value *y = onnx_input(im, node, k), *b = onnx_input(im, node, 1 - k);
        *done = y && b && y->kind == ONNX_PENDING && onnx_is_real_const(b) &&
                b->scale.dtype == WEFT_INT32 && y->pending->op == WEFT_OP_FULLY_CONNECTED &&
                y->pending->input_count == 2 && isinf(y->lo) && isinf(y->hi);
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

int onnx_pair(onnx_import *im, const Onnx__NodeProto *node)
{
    const weft_op op = op_of(node);
    onnx_value *in[2];
    int done = 0, rc = WEFT_OK;
    if (node->n_input == 1)
        return onnx_identity(im, node);
    if (node->n_input > 2)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "only of two inputs; split it");
    if (op == WEFT_OP_COUNT || with_a_number(im, node)) /* Div and Pow by a number */
        return onnx_function(im, node);
    if (op == WEFT_OP_ADD)
        rc = as_bias(im, node, &done);
    if (rc != WEFT_OK || done)
        return rc;
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
