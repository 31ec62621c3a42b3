/* Which cases have to pass; the contract is in conformance_required.h. */
#include "conformance_required.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../host/files.h"
#include "onnx.pb-c.h"

static const char operators[] =
    " Abs Add And ArgMax ArgMin AveragePool BatchNormalization Cast CastLike Ceil Celu Clip Concat "
    "Constant ConstantOfShape Conv ConvInteger ConvTranspose DepthToSpace DequantizeLinear Div "
    "Dropout DynamicQuantizeLinear Elu Equal Erf Exp Expand Flatten Floor Gather Gelu Gemm "
    "GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual HardSigmoid HardSwish Hardmax Identity "
    "InstanceNormalization LRN LeakyRelu Less LessOrEqual Log LogSoftmax MatMul MatMulInteger Max "
    "MaxPool Mean "
    "Min "
    "Mish Mod Mul Neg Not Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear Range "
    "Reciprocal "
    "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd "
    "ReduceSum ReduceSumSquare Relu Reshape Resize Round Selu Shape Sigmoid Sign Size Slice "
    "Softmax "
    "Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh ThresholdedRelu Tile Transpose "
    "Unsqueeze Upsample Where Xor ";

/* What Weft does not do with these operators, by the beginning of the name of a case. */
static const char *const beyond[] = {
    "test_cast_BFLOAT16",          /* the data of these cases are raw numbers of another type */
    "test_cast_FLOAT_to_BFLOAT16", /* the same */
    "test_cast_FLOAT_to_STRING",
    "test_cast_STRING",
    "test_castlike_BFLOAT16",
    "test_castlike_FLOAT_to_BFLOAT16",
    "test_castlike_FLOAT_to_STRING",
    "test_castlike_STRING",
    "test_identity_opt",      /* an optional value */
    "test_identity_sequence", /* a sequence */
    "test_batchnorm_epsilon_training",
    "test_batchnorm_example_training",
    "test_training_dropout", /* draws random numbers */
};

static int only_known(const Onnx__GraphProto *g)
{
    for (size_t i = 0; i < g->n_node; i++) {
        const Onnx__NodeProto *n = g->node[i];
        char word[64];
        snprintf(word, sizeof word, " %.60s ", n->op_type);
        if (!strstr(operators, word) || (n->domain && *n->domain))
            return 0;
    }
    return g->n_node > 0;
}

int conformance_required(const char *path, const char *name)
{
    uint8_t *bytes = NULL;
    size_t count = 0;
    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++)
        if (!strncmp(name, beyond[i], strlen(beyond[i])))
            return 0;
    if (weft_file_read(path, &bytes, &count, NULL) != WEFT_OK)
        return 0;
    Onnx__ModelProto *m = onnx__model_proto__unpack(NULL, count, bytes);
    const int required = m && m->graph && only_known(m->graph);
    if (m)
        onnx__model_proto__free_unpacked(m, NULL);
    free(bytes);
    return required;
}
