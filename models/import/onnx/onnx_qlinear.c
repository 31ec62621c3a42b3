/* The QLinear operators: what QDQ says in four nodes, in one.  Each reads its inputs through their
 * scales, is built like the operator on real numbers, and is finished with its output scale. */
#include <inttypes.h>
#include <string.h>

#include "onnx_ops.h"

/* The output scale at input i, then the node. */
static int quantize_by_input(onnx_import *im, const Onnx__NodeProto *node, size_t i,
                             const onnx_value *y)
{
    onnx_scale scale;
    int rc = onnx_scale_input(im, node, i, 0, &scale);
    return rc == WEFT_OK ? onnx_quantize(im, node, y, &scale) : rc;
}

/* An activation of one scale, or a constant, at input i. */
static int operand(onnx_import *im, const Onnx__NodeProto *node, size_t i, int64_t axis,
                   onnx_value *out)
{
    int rc = onnx_dequantize(im, node, i, axis, out);
    if (rc == WEFT_OK && onnx_is_real_const(out) && out->scale.dtype == WEFT_INT32)
        rc = onnx_refuse(im, node, WEFT_ERR_SHAPE, "its input %zu is int32", i);
    return rc;
}

static int activation(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_value *out)
{
    int rc = operand(im, node, i, 0, out);
    if (rc == WEFT_OK && onnx_is_real_const(out))
        rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                         "input %zu (\"%.60s\") must be an activation, not a constant", i,
                         node->input[i]);
    return rc;
}

/* int32 of scale xs * ws at input i. */
static int plain_bias(onnx_import *im, const Onnx__NodeProto *node, size_t i, uint32_t channels,
                      onnx_pending *p)
{
    onnx_const b;
    if (!onnx_input(im, node, i))
        return WEFT_OK;
    int rc = onnx_const_input(im, node, i, &b);
    if (rc == WEFT_OK && (b.dtype != WEFT_INT32 || b.count != channels))
        rc =
            onnx_refuse(im, node, WEFT_ERR_SHAPE, "its bias must be int32, one number per channel");
    return rc == WEFT_OK ? onnx_add_bias(im, node, i, &b, p) : rc;
}

/* x xs xz w ws wz ys yz [bias] */
int onnx_qlinear_conv(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value x, w, y;
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_CONV_2D);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    int rc = activation(im, node, 0, &x);
    if (rc == WEFT_OK)
        rc = operand(im, node, 3, 0, &w);
    if (rc == WEFT_OK && !onnx_is_real_const(&w))
        rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "its weights must be constant");
    if (rc == WEFT_OK)
        rc = onnx_build_conv(im, node, &x, 3, &w, p, &y);
    if (rc == WEFT_OK)
        rc = plain_bias(im, node, 8, w.constant.dims[0], p);
    return rc == WEFT_OK ? quantize_by_input(im, node, 6, &y) : rc;
}

/* a as az b bs bz ys yz */
int onnx_qlinear_matmul(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value a, b, y;
    int rc = operand(im, node, 0, 0, &a);
    if (rc == WEFT_OK)
        rc = operand(im, node, 3, -1, &b);
    if (rc == WEFT_OK && onnx_is_real_const(&a) && onnx_is_real_const(&b))
        rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "of two constants");
    if (rc == WEFT_OK)
        rc = onnx_build_product(im, node, &a, &b, 0, &y);
    return rc == WEFT_OK ? quantize_by_input(im, node, 6, &y) : rc;
}

/* com.microsoft: a as az b bs bz bias ys yz */
int onnx_qgemm(onnx_import *im, const Onnx__NodeProto *node)
{
    const int transposed = onnx_attr_int(node, "transB", 0) != 0;
    onnx_value a, b, y;
    if (onnx_attr_float(node, "alpha", 1.0f) != 1.0f || onnx_attr_int(node, "transA", 0) != 0)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "only alpha 1 and transA 0 are possible");
    if (!onnx_input(im, node, 7))
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "its result must be quantised");
    int rc = activation(im, node, 0, &a);
    if (rc == WEFT_OK)
        rc = operand(im, node, 3, transposed ? 0 : 1, &b);
    if (rc == WEFT_OK && (!onnx_is_real_const(&b) || a.rank != 2 || b.constant.rank != 2))
        rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                         "needs an activation and constant weights of rank 2");
    if (rc == WEFT_OK)
        rc = onnx_build_product(im, node, &a, &b, transposed, &y);
    if (rc == WEFT_OK) {
        onnx_pending *p = (onnx_pending *)(uintptr_t)y.pending; /* just made */
        rc = plain_bias(im, node, 6, p->dims[1], p);
    }
    return rc == WEFT_OK ? quantize_by_input(im, node, 7, &y) : rc;
}

/* QLinearAdd, QLinearMul: a as az b bs bz ys yz */
int onnx_qlinear_pair(onnx_import *im, const Onnx__NodeProto *node)
{
    const weft_op op = strcmp(node->op_type, "QLinearMul") == 0 ? WEFT_OP_MUL : WEFT_OP_ADD;
    onnx_value in[2], y;
    int rc = WEFT_OK;
    for (size_t k = 0; k < 2 && rc == WEFT_OK; k++) {
        rc = operand(im, node, 3 * k, 0, &in[k]);
        if (rc == WEFT_OK && onnx_is_real_const(&in[k]) && in[k].scale.quant.count != 1)
            rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "a constant needs one scale");
    }
    if (rc == WEFT_OK && onnx_is_real_const(&in[0]) && onnx_is_real_const(&in[1]))
        rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "of two constants");
    if (rc == WEFT_OK)
        rc = onnx_build_pair(im, node, op, &in[0], &in[1], &y);
    return rc == WEFT_OK ? quantize_by_input(im, node, 6, &y) : rc;
}

/* QLinearLeakyRelu, QLinearSigmoid: x xs xz ys yz */
int onnx_qlinear_function(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value x, y;
    int rc = activation(im, node, 0, &x);
    if (rc == WEFT_OK)
        rc = onnx_apply(im, node, node->op_type + sizeof "QLinear" - 1, &x, &y);
    return rc == WEFT_OK ? quantize_by_input(im, node, 3, &y) : rc;
}

/* QLinearAveragePool, QLinearGlobalAveragePool: x xs xz ys yz */
int onnx_qlinear_pool(onnx_import *im, const Onnx__NodeProto *node)
{
    const int global = strcmp(node->op_type, "QLinearGlobalAveragePool") == 0;
    onnx_value x, y;
    if (onnx_attr_int(node, "channels_last", 0))
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "channels_last 1 is not possible");
    int rc = activation(im, node, 0, &x);
    if (rc == WEFT_OK)
        rc = onnx_average(im, node, &x, global, &y);
    return rc == WEFT_OK ? quantize_by_input(im, node, 3, &y) : rc;
}

/* ys yz, then x s z for each input */
int onnx_qlinear_concat(onnx_import *im, const Onnx__NodeProto *node)
{
    const size_t count = (node->n_input - 2) / 3;
    onnx_value in[WEFT_MAX_INPUTS], *list[WEFT_MAX_INPUTS], y;
    int rc = WEFT_OK;
    if (count > WEFT_MAX_INPUTS || node->n_input != 2 + 3 * count)
        return onnx_refuse(im, node, WEFT_ERR_FORMAT, "has %zu inputs", node->n_input);
    for (size_t k = 0; k < count && rc == WEFT_OK; k++) {
        rc = operand(im, node, 2 + 3 * k, 0, &in[k]);
        list[k] = &in[k];
        if (rc == WEFT_OK && onnx_is_real_const(&in[k]) && in[k].scale.quant.count != 1)
            rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "a constant needs one scale");
    }
    if (rc == WEFT_OK)
        rc = onnx_build_concat(im, node, count, list, &y);
    return rc == WEFT_OK ? quantize_by_input(im, node, 0, &y) : rc;
}
