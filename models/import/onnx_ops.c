/* The table of ONNX operators: adding one is a row here and a function.
 *
 * A row names every attribute its function honours; an attribute it does not list is refused,
 * because ignoring one would compute something else than the model says. */
#include <string.h>

#include "onnx_import.h"

typedef struct onnx_op {
    const char *type;
    size_t inputs_min, inputs_max;
    const char *attributes; /* names between single spaces */
    onnx_handler *handle;
} onnx_op;

static const onnx_op ops[] = {
    { "Add", 2, 2, "", onnx_add },
    { "AveragePool", 1, 1,
      " auto_pad ceil_mode count_include_pad dilations kernel_shape pads strides ",
      onnx_average_pool },
    { "Clip", 1, 3, " min max ", onnx_clip },
    { "Constant", 0, 0, " value ", onnx_constant },
    { "Conv", 2, 3, " auto_pad dilations group kernel_shape pads strides ", onnx_conv },
    { "DequantizeLinear", 2, 3, " axis ", onnx_dequantize_linear },
    { "Dropout", 1, 3, " ratio seed ", onnx_identity },
    { "Flatten", 1, 1, " axis ", onnx_flatten },
    { "Gemm", 2, 3, " alpha beta transA transB ", onnx_gemm },
    { "GlobalAveragePool", 1, 1, "", onnx_global_average_pool },
    { "Identity", 1, 1, "", onnx_identity },
    { "MatMul", 2, 2, "", onnx_matmul },
    { "MaxPool", 1, 1, " auto_pad ceil_mode dilations kernel_shape pads storage_order strides ",
      onnx_max_pool },
    { "QLinearConv", 8, 9, " auto_pad dilations group kernel_shape pads strides ",
      onnx_qlinear_conv },
    { "QuantizeLinear", 2, 3, " axis saturate ", onnx_quantize_linear },
    { "Relu", 1, 1, "", onnx_relu },
    { "Reshape", 2, 2, " allowzero ", onnx_reshape },
    { "Softmax", 1, 1, " axis ", onnx_softmax },
    { "Squeeze", 1, 2, " axes ", onnx_squeeze },
    { "Transpose", 1, 1, " perm ", onnx_transpose },
    { "Unsqueeze", 1, 2, " axes ", onnx_unsqueeze },
};

static int check_attributes(onnx_import *im, const Onnx__NodeProto *node, const onnx_op *op)
{
    for (size_t i = 0; i < node->n_attribute; i++) {
        const char *name = node->attribute[i]->name ? node->attribute[i]->name : "";
        size_t length = strlen(name);
        const char *at = length && !strchr(name, ' ') ? strstr(op->attributes, name) : NULL;
        while (at && (at[-1] != ' ' || at[length] != ' '))
            at = strstr(at + 1, name);
        if (!at)
            return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                               "its attribute \"%.60s\" is not supported", name);
    }
    return WEFT_OK;
}

int onnx_dispatch(onnx_import *im, const Onnx__NodeProto *node)
{
    const char *domain = node->domain ? node->domain : "";
    if (*domain && strcmp(domain, "ai.onnx") != 0)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "operators of the domain \"%.60s\" are not supported", domain);
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (strcmp(ops[i].type, node->op_type) != 0)
            continue;
        if (node->n_input < ops[i].inputs_min || node->n_input > ops[i].inputs_max ||
            node->n_output < 1 || !*node->output[0])
            return onnx_refuse(im, node, WEFT_ERR_FORMAT, "has %zu inputs and %zu outputs",
                               node->n_input, node->n_output);
        int rc = check_attributes(im, node, &ops[i]);
        return rc == WEFT_OK ? ops[i].handle(im, node) : rc;
    }
    return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "this operator is not supported");
}
