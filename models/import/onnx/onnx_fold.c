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
            rc = onnx_to_nd(im, &v->constant, &arrays[i]);
        in[i] = &arrays[i];
    }
    return rc;
}

static int all_constant(onnx_import *im, const Onnx__NodeProto *node)
{
    if (node->n_input > WEFT_MAX_INPUTS || node->n_output > EVAL_MAX_OUTPUTS || !eval_folds(node))
        return 0;
    for (size_t i = 0; i < node->n_input; i++) {
        const onnx_value *v = onnx_input(im, node, i);
        if (*node->input[i] && (!v || v->kind != ONNX_CONST))
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
