/* The table of ONNX operators: adding one is a row here and a function.
 *
 * A row names every attribute its function honours; an attribute it does not list is refused,
 * because ignoring one would compute something else than the model says. */
#include <stdio.h>
#include <string.h>

#include "onnx_ops.h"

typedef struct onnx_op {
    const char *type;
    size_t inputs_min, inputs_max;
    const char *attributes; /* names between single spaces */
    onnx_handler *handle;
} onnx_op;

#define WINDOW " auto_pad dilations kernel_shape pads strides "

static const onnx_op standard[] = {
    { "Abs", 1, 1, "", onnx_function },
    { "Add", 2, 2, "", onnx_pair },
    { "ArgMax", 1, 1, " axis keepdims select_last_index ", onnx_arg_max },
    { "ArgMin", 1, 1, " axis keepdims select_last_index ", onnx_arg_max },
    { "AveragePool", 1, 1, WINDOW "ceil_mode count_include_pad ", onnx_average_pool },
    { "BatchNormalization", 5, 5, " epsilon momentum training_mode ", onnx_batch_normalization },
    { "Cast", 1, 1, " saturate to ", onnx_cast },
    { "Ceil", 1, 1, "", onnx_function },
    { "Celu", 1, 1, " alpha ", onnx_function },
    { "Clip", 1, 3, " min max ", onnx_clip },
    { "Concat", 1, WEFT_MAX_INPUTS, " axis ", onnx_concat },
    { "Conv", 2, 3, WINDOW "group ", onnx_conv },
    { "ConvInteger", 2, 4, WINDOW "group ", onnx_conv_integer },
    { "ConvTranspose", 2, 3, WINDOW "group output_padding output_shape ", onnx_conv_transpose },
    { "DepthToSpace", 1, 1, " blocksize mode ", onnx_depth_to_space },
    { "DequantizeLinear", 2, 3, " axis ", onnx_dequantize_linear },
    { "Div", 2, 2, "", onnx_pair },
    { "Dropout", 1, 3, " ratio seed ", onnx_dropout },
    { "DynamicQuantizeLinear", 1, 1, "", onnx_dynamic_quantize },
    { "Elu", 1, 1, " alpha ", onnx_function },
    { "Erf", 1, 1, "", onnx_function },
    { "Exp", 1, 1, "", onnx_function },
    { "Flatten", 1, 1, " axis ", onnx_flatten },
    { "Floor", 1, 1, "", onnx_function },
    { "Gather", 2, 2, " axis ", onnx_gather },
    { "Gelu", 1, 1, " approximate ", onnx_function },
    { "Gemm", 2, 3, " alpha beta transA transB ", onnx_gemm },
    { "GlobalAveragePool", 1, 1, "", onnx_global_average_pool },
    { "GlobalMaxPool", 1, 1, "", onnx_global_max_pool },
    { "HardSigmoid", 1, 1, " alpha beta ", onnx_function },
    { "HardSwish", 1, 1, "", onnx_function },
    { "Identity", 1, 1, "", onnx_identity },
    { "LayerNormalization", 2, 3, " axis epsilon stash_type ", onnx_layer_normalization },
    { "LeakyRelu", 1, 1, " alpha ", onnx_function },
    { "Log", 1, 1, "", onnx_function },
    { "LogSoftmax", 1, 1, " axis ", onnx_softmax },
    { "MatMul", 2, 2, "", onnx_matmul },
    { "MatMulInteger", 2, 4, "", onnx_matmul_integer },
    { "Max", 1, WEFT_MAX_INPUTS, "", onnx_pair },
    { "MaxPool", 1, 1, WINDOW "ceil_mode storage_order ", onnx_max_pool },
    { "Min", 1, WEFT_MAX_INPUTS, "", onnx_pair },
    { "Mish", 1, 1, "", onnx_function },
    { "Mul", 2, 2, "", onnx_pair },
    { "Neg", 1, 1, "", onnx_function },
    { "PRelu", 2, 2, "", onnx_prelu },
    { "Pad", 1, 4, " mode pads value ", onnx_pad },
    { "Pow", 2, 2, "", onnx_pair },
    { "QLinearConv", 8, 9, WINDOW "group ", onnx_qlinear_conv },
    { "QLinearMatMul", 8, 8, "", onnx_qlinear_matmul },
    { "QuantizeLinear", 2, 3, " axis saturate ", onnx_quantize_linear },
    { "Reciprocal", 1, 1, "", onnx_function },
    { "ReduceMean", 1, 2, " axes keepdims ", onnx_reduce_mean },
    { "Relu", 1, 1, "", onnx_relu },
    { "Reshape", 2, 2, " allowzero ", onnx_reshape },
    { "Resize", 1, 4,
      " antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside "
      "extrapolation_value keep_aspect_ratio_policy mode nearest_mode ",
      onnx_resize },
    { "Round", 1, 1, "", onnx_function },
    { "Selu", 1, 1, " alpha gamma ", onnx_function },
    { "Shape", 1, 1, " end start ", onnx_shape },
    { "Sigmoid", 1, 1, "", onnx_function },
    { "Sign", 1, 1, "", onnx_function },
    { "Size", 1, 1, "", onnx_shape },
    { "Slice", 1, 5, " axes ends starts ", onnx_slice },
    { "Softmax", 1, 1, " axis ", onnx_softmax },
    { "Softplus", 1, 1, "", onnx_function },
    { "Softsign", 1, 1, "", onnx_function },
    { "SpaceToDepth", 1, 1, " blocksize ", onnx_space_to_depth },
    { "Split", 1, 2, " axis num_outputs split ", onnx_split },
    { "Sqrt", 1, 1, "", onnx_function },
    { "Squeeze", 1, 2, " axes ", onnx_squeeze },
    { "Sub", 2, 2, "", onnx_pair },
    { "Sum", 1, WEFT_MAX_INPUTS, "", onnx_pair },
    { "Tanh", 1, 1, "", onnx_function },
    { "ThresholdedRelu", 1, 1, " alpha ", onnx_function },
    { "Transpose", 1, 1, " perm ", onnx_transpose },
    { "Unsqueeze", 1, 2, " axes ", onnx_unsqueeze },
    { "Upsample", 1, 2, " mode scales ", onnx_resize },
};

/* Those of ONNX Runtime, domain com.microsoft. */
static const onnx_op microsoft[] = {
    { "DequantizeLinear", 2, 3, " axis ", onnx_dequantize_linear },
    { "QGemm", 6, 9, " alpha transA transB ", onnx_qgemm },
    { "QLinearAdd", 8, 8, "", onnx_qlinear_pair },
    { "QLinearAveragePool", 4, 5, WINDOW "ceil_mode channels_last count_include_pad ",
      onnx_qlinear_pool },
    { "QLinearConcat", 5, 2 + 3 * WEFT_MAX_INPUTS, " axis ", onnx_qlinear_concat },
    { "QLinearGlobalAveragePool", 5, 5, " channels_last ", onnx_qlinear_pool },
    { "QLinearLeakyRelu", 4, 5, " alpha ", onnx_qlinear_function },
    { "QLinearMul", 8, 8, "", onnx_qlinear_pair },
    { "QLinearSigmoid", 4, 5, "", onnx_qlinear_function },
    { "QLinearSoftmax", 4, 5, " axis opset ", onnx_qlinear_softmax },
    { "QuantizeLinear", 2, 3, " axis ", onnx_quantize_linear },
};

/* Attributes of the operators above at which they do what they do without them: written out by
 * exporters, and honoured by doing nothing.  At any other value they are refused. */
static const struct {
    const char *type, *attribute;
    int64_t number;   /* of an integer */
    const char *word; /* of a string, or NULL */
} without_effect[] = {
    { "BatchNormalization", "spatial", 1, NULL },
    { "DequantizeLinear", "block_size", 0, NULL },
    { "DequantizeLinear", "output_dtype", 0, NULL },
    { "DequantizeLinear", "output_dtype", ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, NULL },
    { "QuantizeLinear", "block_size", 0, NULL },
    { "QuantizeLinear", "output_dtype", 0, NULL },
    { "QuantizeLinear", "precision", 0, NULL },
    { "QuantizeLinear", "precision", ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, NULL },
    { "ReduceMean", "noop_with_empty_axes", 0, NULL },
    { "SpaceToDepth", "mode", 0, "DCR" },
};

/* The row of a node, or NULL. */
static const onnx_op *find_operator(const Onnx__NodeProto *node)
{
    const char *domain = node->domain ? node->domain : "";
    const int own = !*domain || strcmp(domain, "ai.onnx") == 0;
    const onnx_op *rows = own ? standard : microsoft;
    const size_t count =
        own ? sizeof standard / sizeof *standard : sizeof microsoft / sizeof *microsoft;
    if (!own && strcmp(domain, "com.microsoft") != 0)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].type, node->op_type) == 0)
            return &rows[i];
    return NULL;
}

static int has_no_effect(const onnx_op *op, const Onnx__AttributeProto *a, const char *name)
{
    for (size_t i = 0; i < sizeof without_effect / sizeof *without_effect; i++) {
        const char *word = without_effect[i].word;
        if (strcmp(without_effect[i].type, op->type) != 0 ||
            strcmp(without_effect[i].attribute, name) != 0)
            continue;
        if (word ? a->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING &&
                       a->s.len == strlen(word) && memcmp(a->s.data, word, a->s.len) == 0
                 : a->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT &&
                       a->i == without_effect[i].number)
            return 1;
    }
    return 0;
}

static int check_attributes(onnx_import *im, const Onnx__NodeProto *node, const onnx_op *op)
{
    for (size_t i = 0; i < node->n_attribute; i++) {
        const char *name = node->attribute[i]->name ? node->attribute[i]->name : "";
        size_t length = strlen(name);
        const char *at = length && !strchr(name, ' ') ? strstr(op->attributes, name) : NULL;
        while (at && (at[-1] != ' ' || at[length] != ' '))
            at = strstr(at + 1, name);
        if (!at && !has_no_effect(op, node->attribute[i], name))
            return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                               "its attribute \"%.60s\" is not supported", name);
    }
    return WEFT_OK;
}

static void add_unknown(onnx_import *im, const Onnx__NodeProto *node)
{
    const char *domain = node->domain ? node->domain : "";
    const int own = !*domain || strcmp(domain, "ai.onnx") == 0;
    char op[REFUSALS_OP_BYTES];
    snprintf(op, sizeof op, "%.20s%s%.25s", own ? "" : domain, own ? "" : ".", node->op_type);
    refusals_add_unknown(im->refused, op, onnx_node_name(node));
}

/* What can be said of a node without looking at its inputs. */
static int check_node(onnx_import *im, const Onnx__NodeProto *node, const onnx_op *op)
{
    if (node->n_input < op->inputs_min || node->n_input > op->inputs_max || node->n_output < 1 ||
        !onnx_output(im, node, 0))
        return onnx_refuse(im, node, WEFT_ERR_FORMAT, "has %zu inputs and %zu outputs",
                           node->n_input, node->n_output);
    return check_attributes(im, node, op);
}

static int import_node(onnx_import *im, const Onnx__NodeProto *node, const onnx_op *op)
{
    int done;
    int rc = onnx_fold(im, node, &done);
    if (rc != WEFT_OK || done)
        return rc;
    if (!op)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "only of constants is this operator supported");
    rc = check_node(im, node, op);
    return rc == WEFT_OK ? op->handle(im, node) : rc;
}

/* --- going on behind a refusal --- */

static int depends_on_refused(onnx_import *im, const Onnx__NodeProto *node)
{
    for (size_t i = 0; i < node->n_input; i++) {
        const onnx_value *v = onnx_input(im, node, i);
        if (v && v->kind == ONNX_REFUSED)
            return 1;
    }
    return 0;
}

/* REFUSED, with the shape that the model declares for it. */
static onnx_value placeholder(const onnx_import *im, const char *name)
{
    onnx_value v = { .kind = ONNX_REFUSED, .rank = WEFT_NONE, .tensor = WEFT_NONE };
    const uint32_t at = *name ? onnx_find(im, name) : WEFT_NONE;
    const Onnx__ValueInfoProto *info = at == WEFT_NONE ? NULL : im->names[at].declared;
    const Onnx__TypeProto *t = info ? info->type : NULL;
    if (!t || t->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !t->tensor_type ||
        !t->tensor_type->shape || t->tensor_type->shape->n_dim > WEFT_MAX_RANK)
        return v;
    const uint32_t rank = (uint32_t)t->tensor_type->shape->n_dim;
    for (uint32_t i = 0; i < rank; i++) {
        int64_t size = onnx_port_size(info, i, im->options);
        size += size == 0 && i == 0; /* as an open batch is one image */
        if (size < 1 || size > (int64_t)WEFT_MAX_ELEMENTS)
            return v;
        v.dims[i] = (uint32_t)size;
    }
    v.rank = rank;
    return v;
}

/* A QuantizeLinear of something REFUSED whose shape is known makes a tensor as ever, so that the
 * operators behind it are judged as well. */
static int quantize_placeholder(onnx_import *im, const Onnx__NodeProto *node, int *done)
{
    const onnx_value *x = onnx_input(im, node, 0);
    onnx_scale scale;
    *done = x && x->kind == ONNX_REFUSED && x->rank != WEFT_NONE &&
            !strcmp(node->op_type, "QuantizeLinear");
    if (!*done)
        return WEFT_OK;
    onnx_value y = { .kind = ONNX_QUANT, .rank = x->rank };
    memcpy(y.dims, x->dims, sizeof y.dims);
    y.layout = onnx_layout_of(x->rank, x->dims, x->rank == 4 ? onnx_nhwc : NULL);
    int rc = onnx_scale_input(im, node, 1, 0, &scale);
    if (rc == WEFT_OK && (scale.quant.count != 1 || scale.dtype == WEFT_INT32))
        *done = 0;
    y.dtype = scale.dtype;
    if (rc == WEFT_OK && *done)
        rc = onnx_add_quant_tensor(im, node->output[0], &y.layout, &scale, &y.tensor);
    if (rc == WEFT_OK && *done)
        *onnx_output(im, node, 0) = y;
    return rc;
}

int onnx_dispatch(onnx_import *im, const Onnx__NodeProto *node)
{
    const onnx_op *op = find_operator(node);
    int rc = WEFT_OK, done = 0;
    if (!op && !eval_folds(node)) {
        add_unknown(im, node);
    } else if (!depends_on_refused(im, node)) {
        weft_graph_origin(im->graph, node->op_type);
        rc = import_node(im, node, op);
        weft_graph_origin(im->graph, NULL);
        done = rc == WEFT_OK;
    } else if (op) {
        rc = check_node(im, node, op);
        if (rc == WEFT_OK)
            rc = quantize_placeholder(im, node, &done);
    }
    for (size_t i = 0; i < node->n_output && done && rc == WEFT_OK; i++)
        rc = onnx_settle(im, node->output[i]);
    if (done && rc == WEFT_OK)
        return rc;
    for (size_t i = 0; i < node->n_output; i++)
        if (onnx_output(im, node, i))
            *onnx_output(im, node, i) = placeholder(im, node->output[i]);
    return rc == WEFT_OK
               ? rc
               : refusals_add(im->refused, rc, im->err, node->op_type, onnx_node_name(node));
}
