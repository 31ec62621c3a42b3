/* The table of ONNX operators that are evaluated on arrays: adding one is a row and a function.
 *
 * A row names every attribute its function honours; an attribute it does not list is refused. */
#include "eval.h"

#include <string.h>

typedef struct row {
    const char *type;
    size_t inputs_min, inputs_max; /* the first inputs_min must be there */
    const char *attributes;        /* names between single spaces */
    eval_op *apply;
} row;

enum { ANY = 1 << 20 };

#define WINDOW " auto_pad ceil_mode dilations kernel_shape pads strides "
#define REDUCE " axes keepdims noop_with_empty_axes "

static const row rows[] = {
    { "Abs", 1, 1, "", eval_unary },
    { "Acos", 1, 1, "", eval_unary },
    { "Acosh", 1, 1, "", eval_unary },
    { "Add", 2, 2, " axis broadcast ", eval_binary },
    { "And", 2, 2, "", eval_binary },
    { "ArgMax", 1, 1, " axis keepdims select_last_index ", eval_arg },
    { "ArgMin", 1, 1, " axis keepdims select_last_index ", eval_arg },
    { "Asin", 1, 1, "", eval_unary },
    { "Asinh", 1, 1, "", eval_unary },
    { "Atan", 1, 1, "", eval_unary },
    { "Atanh", 1, 1, "", eval_unary },
    { "AveragePool", 1, 1, WINDOW "count_include_pad ", eval_pool },
    { "BatchNormalization", 5, 5, " epsilon is_test momentum spatial training_mode ",
      eval_batch_norm },
    { "BitShift", 2, 2, " direction ", eval_binary },
    { "Cast", 1, 1, " saturate to ", eval_cast },
    { "CastLike", 2, 2, " saturate ", eval_cast_like },
    { "Ceil", 1, 1, "", eval_unary },
    { "Celu", 1, 1, " alpha ", eval_unary },
    { "Clip", 1, 3, " max min ", eval_clip },
    { "Concat", 1, ANY, " axis ", eval_concat },
    { "Constant", 0, 0, " value value_float value_floats value_int value_ints ", eval_constant },
    { "ConstantOfShape", 1, 1, " value ", eval_constant_of_shape },
    { "Conv", 2, 3, " auto_pad dilations group kernel_shape pads strides ", eval_conv },
    { "ConvInteger", 2, 4, " auto_pad dilations group kernel_shape pads strides ", eval_conv },
    { "ConvTranspose", 2, 3,
      " auto_pad dilations group kernel_shape output_padding output_shape pads strides ",
      eval_conv_transpose },
    { "Cos", 1, 1, "", eval_unary },
    { "Cosh", 1, 1, "", eval_unary },
    { "CumSum", 2, 2, " exclusive reverse ", eval_cum_sum },
    { "DepthToSpace", 1, 1, " blocksize mode ", eval_depth_to_space },
    { "DequantizeLinear", 2, 3, " axis block_size ", eval_dequantize },
    { "Div", 2, 2, " axis broadcast ", eval_binary },
    { "Dropout", 1, 3, " is_test ratio seed ", eval_dropout },
    { "DynamicQuantizeLinear", 1, 1, "", eval_dynamic_quantize },
    { "Elu", 1, 1, " alpha ", eval_unary },
    { "Equal", 2, 2, "", eval_compare },
    { "Erf", 1, 1, "", eval_unary },
    { "Exp", 1, 1, "", eval_unary },
    { "Expand", 2, 2, "", eval_expand },
    { "EyeLike", 1, 1, " dtype k ", eval_eye_like },
    { "Flatten", 1, 1, " axis ", eval_flatten },
    { "Floor", 1, 1, "", eval_unary },
    { "Gather", 2, 2, " axis ", eval_gather },
    { "Gelu", 1, 1, " approximate ", eval_unary },
    { "Gemm", 2, 3, " alpha beta broadcast transA transB ", eval_gemm },
    { "GlobalAveragePool", 1, 1, "", eval_global_pool },
    { "GlobalLpPool", 1, 1, " p ", eval_global_pool },
    { "GlobalMaxPool", 1, 1, "", eval_global_pool },
    { "Greater", 2, 2, "", eval_compare },
    { "GreaterOrEqual", 2, 2, "", eval_compare },
    { "HardSigmoid", 1, 1, " alpha beta ", eval_unary },
    { "HardSwish", 1, 1, "", eval_unary },
    { "Hardmax", 1, 1, " axis ", eval_softmax },
    { "Identity", 1, 1, "", eval_identity },
    { "InstanceNormalization", 3, 3, " epsilon ", eval_instance_norm },
    { "IsInf", 1, 1, " detect_negative detect_positive ", eval_unary },
    { "IsNaN", 1, 1, "", eval_unary },
    { "LayerNormalization", 2, 3, " axis epsilon stash_type ", eval_layer_norm },
    { "LRN", 1, 1, " alpha beta bias size ", eval_lrn },
    { "LeakyRelu", 1, 1, " alpha ", eval_unary },
    { "Less", 2, 2, "", eval_compare },
    { "LessOrEqual", 2, 2, "", eval_compare },
    { "Log", 1, 1, "", eval_unary },
    { "LogSoftmax", 1, 1, " axis ", eval_softmax },
    { "LpPool", 1, 1, WINDOW "p ", eval_pool },
    { "MatMul", 2, 2, "", eval_matmul },
    { "MatMulInteger", 2, 4, "", eval_matmul_integer },
    { "Max", 1, ANY, "", eval_variadic },
    { "MaxPool", 1, 1, WINDOW "storage_order ", eval_pool },
    { "Mean", 1, ANY, "", eval_variadic },
    { "Min", 1, ANY, "", eval_variadic },
    { "Mish", 1, 1, "", eval_unary },
    { "Mod", 2, 2, " fmod ", eval_binary },
    { "Mul", 2, 2, " axis broadcast ", eval_binary },
    { "Neg", 1, 1, "", eval_unary },
    { "Not", 1, 1, "", eval_unary },
    { "Or", 2, 2, "", eval_binary },
    { "PRelu", 2, 2, "", eval_prelu },
    { "Pad", 1, 4, " mode pads value ", eval_pad },
    { "Pow", 2, 2, " axis broadcast ", eval_binary },
    { "QuantizeLinear", 2, 3, " axis block_size output_dtype saturate ", eval_quantize },
    { "Range", 3, 3, "", eval_range },
    { "Reciprocal", 1, 1, "", eval_unary },
    { "ReduceL1", 1, 2, REDUCE, eval_reduce },
    { "ReduceL2", 1, 2, REDUCE, eval_reduce },
    { "ReduceLogSum", 1, 2, REDUCE, eval_reduce },
    { "ReduceLogSumExp", 1, 2, REDUCE, eval_reduce },
    { "ReduceMax", 1, 2, REDUCE, eval_reduce },
    { "ReduceMean", 1, 2, REDUCE, eval_reduce },
    { "ReduceMin", 1, 2, REDUCE, eval_reduce },
    { "ReduceProd", 1, 2, REDUCE, eval_reduce },
    { "ReduceSum", 1, 2, REDUCE, eval_reduce },
    { "ReduceSumSquare", 1, 2, REDUCE, eval_reduce },
    { "Relu", 1, 1, "", eval_unary },
    { "Reshape", 2, 2, " allowzero ", eval_reshape },
    { "Resize", 1, 4,
      " antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside "
      "extrapolation_value keep_aspect_ratio_policy mode nearest_mode ",
      eval_resize },
    { "Round", 1, 1, "", eval_unary },
    { "Selu", 1, 1, " alpha gamma ", eval_unary },
    { "Shape", 1, 1, " end start ", eval_shape },
    { "Shrink", 1, 1, " bias lambd ", eval_unary },
    { "Sigmoid", 1, 1, "", eval_unary },
    { "Sign", 1, 1, "", eval_unary },
    { "Sin", 1, 1, "", eval_unary },
    { "Sinh", 1, 1, "", eval_unary },
    { "Size", 1, 1, "", eval_size },
    { "Slice", 1, 5, " axes ends starts ", eval_slice },
    { "Softmax", 1, 1, " axis ", eval_softmax },
    { "Softplus", 1, 1, "", eval_unary },
    { "Softsign", 1, 1, "", eval_unary },
    { "SpaceToDepth", 1, 1, " blocksize ", eval_space_to_depth },
    { "Split", 1, 2, " axis num_outputs split ", eval_split },
    { "Sqrt", 1, 1, "", eval_unary },
    { "Squeeze", 1, 2, " axes ", eval_squeeze },
    { "Sub", 2, 2, " axis broadcast ", eval_binary },
    { "Sum", 1, ANY, "", eval_variadic },
    { "Tan", 1, 1, "", eval_unary },
    { "Tanh", 1, 1, "", eval_unary },
    { "ThresholdedRelu", 1, 1, " alpha ", eval_unary },
    { "Tile", 2, 2, "", eval_tile },
    { "Transpose", 1, 1, " perm ", eval_transpose },
    { "Unsqueeze", 1, 2, " axes ", eval_unsqueeze },
    { "Upsample", 1, 2, " mode scales ", eval_resize },
    { "Where", 3, 3, "", eval_where },
    { "Xor", 2, 2, "", eval_binary },
};

static const row *find_operator(const Onnx__NodeProto *node)
{
    const char *domain = node->domain ? node->domain : "";
    if (*domain && strcmp(domain, "ai.onnx") != 0)
        return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].type, node->op_type) == 0)
            return &rows[i];
    return NULL;
}

int eval_knows(const Onnx__NodeProto *node)
{
    return find_operator(node) != NULL;
}

int eval_folds(const Onnx__NodeProto *node)
{
    const row *op = find_operator(node);
    return op && op->apply != eval_conv && op->apply != eval_conv_transpose &&
           op->apply != eval_matmul && op->apply != eval_matmul_integer && op->apply != eval_gemm &&
           op->apply != eval_pool && op->apply != eval_lrn;
}

static int check_attributes(eval_run *r, const row *op)
{
    for (size_t i = 0; i < r->node->n_attribute; i++) {
        const char *name = r->node->attribute[i]->name ? r->node->attribute[i]->name : "";
        const size_t length = strlen(name);
        const char *at = length && !strchr(name, ' ') ? strstr(op->attributes, name) : NULL;
        while (at && (at[-1] != ' ' || at[length] != ' '))
            at = strstr(at + 1, name);
        if (!at)
            return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "its attribute \"%.60s\" is not supported",
                               name);
    }
    return WEFT_OK;
}

int eval_node(eval_run *r, const Onnx__NodeProto *node, const nd *const *in, size_t in_count,
              nd *out)
{
    const row *op = find_operator(node);
    r->node = node;
    if (!op)
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "this operator is not supported");
    int there = in_count >= op->inputs_min && in_count <= op->inputs_max;
    for (size_t i = 0; there && i < in_count; i++)
        there = in[i] || (i >= op->inputs_min && op->inputs_max != ANY);
    if (!there || node->n_output < 1 || node->n_output > EVAL_MAX_OUTPUTS)
        return eval_refuse(r, WEFT_ERR_FORMAT, "has %zu inputs and %zu outputs", in_count,
                           node->n_output);
    int rc = check_attributes(r, op);
    if (rc == WEFT_OK)
        rc = op->apply(r, in, in_count, out);
    for (size_t i = 0; rc == WEFT_OK && i < node->n_output; i++)
        nd_round(&out[i]);
    for (size_t i = 0; rc != WEFT_OK && i < node->n_output; i++)
        nd_free(&out[i]);
    return rc;
}
