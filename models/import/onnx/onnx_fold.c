/* Constants computed from constants: shape arithmetic, weights that are moved before use.
 *
 * The evaluator of models/eval does the work; what all folding of a file may make is limited, so
 * that a small file cannot ask for much memory or time. */
#include <string.h>

#include "onnx_import.h"

int onnx_evaluate(onnx_import *im, const Onnx__NodeProto *node, const nd *const *in, size_t count,
                  nd *out)
{
    eval_run run = { .err = im->err, .opset = im->opset, .left = im->fold_left };
    int rc = eval_node(&run, node, in, count, out);
    im->fold_left = run.left;
    return rc;
}

int onnx_real_to_nd(onnx_import *im, const onnx_value *v, nd *out)
{
    const onnx_const *c = &v->constant;
    const uint32_t axis = v->scale.quant.axis;
    eval_run run = { .err = im->err, .left = im->fold_left };
    size_t dims[WEFT_MAX_RANK], inner = 1;
    for (uint32_t i = 0; i < c->rank; i++) {
        dims[i] = c->dims[i];
        inner *= v->scale.quant.count > 1 && i > axis ? dims[i] : 1;
    }
    const int rc = nd_new(&run, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, c->rank, dims, out);
    im->fold_left = run.left;
    for (size_t i = 0; rc == WEFT_OK && i < c->count; i++) {
        const uint32_t channel = (uint32_t)(i / inner % v->scale.quant.count);
        const int32_t zp = v->scale.quant.zero_point[channel];
        const int64_t q = c->dtype == WEFT_INT32   ? ((const int32_t *)c->data)[i]
                          : c->dtype == WEFT_UINT8 ? ((const uint8_t *)c->data)[i]
                                                   : ((const int8_t *)c->data)[i];
        out->f[i] = (float)(q - zp) * v->scale.quant.scale[channel];
    }
    return rc;
}

/* Arrays of all inputs; in[i] stays NULL where an input is absent. */
static int read_inputs(onnx_import *im, const Onnx__NodeProto *node, nd *arrays, const nd **in)
{
    int rc = WEFT_OK;
    for (size_t i = 0; i < node->n_input && rc == WEFT_OK; i++) {
        onnx_value *v = onnx_input(im, node, i);
        if (!v)
            continue;
        rc = onnx_decode_value(im, v);
        if (rc == WEFT_OK)
            rc = onnx_is_real_const(v) ? onnx_real_to_nd(im, v, &arrays[i])
                                       : onnx_to_nd(im, &v->constant, &arrays[i]);
        in[i] = &arrays[i];
    }
    return rc;
}

/* Of a constant behind DequantizeLinear these only move its integers (onnx_move_constant). */
static int only_moves(const Onnx__NodeProto *node)
{
    static const char *const types[] = { "Flatten", "Identity",  "Reshape",
                                         "Squeeze", "Transpose", "Unsqueeze" };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!strcmp(types[i], node->op_type))
            return 1;
    return 0;
}

static int all_constant(onnx_import *im, const Onnx__NodeProto *node)
{
    if (node->n_input > WEFT_MAX_INPUTS || node->n_output > EVAL_MAX_OUTPUTS || !eval_folds(node))
        return 0;
    for (size_t i = 0; i < node->n_input; i++) {
        const onnx_value *v = onnx_input(im, node, i);
        const int known = v && (v->kind == ONNX_CONST ||
                                (onnx_is_real_const(v) && v->constant.count && !only_moves(node)));
        if (*node->input[i] && !known)
            return 0;
    }
    return 1;
}

int onnx_fold(onnx_import *im, const Onnx__NodeProto *node, int *done)
{
    nd arrays[WEFT_MAX_INPUTS] = { { 0 } }, out[EVAL_MAX_OUTPUTS] = { { 0 } };
    const nd *in[WEFT_MAX_INPUTS] = { NULL };
    const Onnx__AttributeProto *a = onnx_attr(node, "value");
    *done = all_constant(im, node) && strcmp(node->op_type, "DequantizeLinear") != 0;
    if (!*done)
        return WEFT_OK;
    if (!strcmp(node->op_type, "Constant") && a && a->t && node->n_attribute == 1) {
        *onnx_output(im, node, 0) =
            (onnx_value){ .kind = ONNX_CONST, .tensor = WEFT_NONE, .source = a->t };
        return WEFT_OK;
    }
    int rc = read_inputs(im, node, arrays, in);
    if (rc == WEFT_OK)
        rc = onnx_evaluate(im, node, in, node->n_input, out);
    for (size_t i = 0; i < node->n_output && rc == WEFT_OK; i++) {
        onnx_value *v = onnx_output(im, node, i);
        if (!v)
            continue;
        *v = (onnx_value){ .kind = ONNX_CONST, .tensor = WEFT_NONE };
        rc = onnx_from_nd(im, node, &out[i], &v->constant);
    }
    for (size_t i = 0; i < WEFT_MAX_INPUTS; i++)
        nd_free(&arrays[i]);
    for (size_t i = 0; i < EVAL_MAX_OUTPUTS; i++)
        nd_free(&out[i]);
    return rc;
}

/* Where an axis of the input goes in a Transpose. */
static uint32_t moved_axis(const Onnx__NodeProto *node, uint32_t rank, uint32_t axis)
{
    const Onnx__AttributeProto *a = onnx_attr(node, "perm");
    for (uint32_t i = 0; i < rank; i++)
        if ((a && a->n_ints == rank ? a->ints[i] : (int64_t)(rank - 1 - i)) == (int64_t)axis)
            return i;
    return axis;
}

int onnx_move_constant(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *v)
{
    nd arrays[2] = { { 0 } }, out = { 0 };
    const nd *in[2] = { &arrays[0], NULL };
    onnx_value y = *v;
    const int transpose = !strcmp(node->op_type, "Transpose");
    if (v->scale.quant.count != 1 && !transpose && strcmp(node->op_type, "Identity") != 0)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "of a constant with a scale per channel is not possible");
    int rc = onnx_to_nd(im, &v->constant, &arrays[0]);
    if (rc == WEFT_OK && node->n_input > 1) {
        onnx_const second;
        rc = onnx_const_input(im, node, 1, &second);
        if (rc == WEFT_OK)
            rc = onnx_to_nd(im, &second, &arrays[1]);
        in[1] = &arrays[1];
    }
    if (rc == WEFT_OK)
        rc = onnx_evaluate(im, node, in, node->n_input, &out);
    if (rc == WEFT_OK)
        rc = onnx_from_nd(im, node, &out, &y.constant);
    if (transpose && v->scale.quant.count > 1)
        y.scale.quant.axis = moved_axis(node, v->constant.rank, v->scale.quant.axis);
    nd_free(&arrays[0]);
    nd_free(&arrays[1]);
    nd_free(&out);
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = y;
    return rc;
}
