/* Which cases have to pass; the contract is in conformance_required.h. */
#include "conformance_required.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/files.h"
#include "models/eval/eval.h"
#include "onnx.pb-c.h"

static const char operators[] =
    " Abs Add And ArgMax ArgMin AveragePool BatchNormalization Cast CastLike Ceil Celu Clip Concat "
    "Constant ConstantOfShape Conv ConvInteger ConvTranspose DepthToSpace DequantizeLinear Div "
    "Dropout DynamicQuantizeLinear Elu Equal Erf Exp Expand Flatten Floor Gather Gelu Gemm "
    "GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual HardSigmoid HardSwish "
    "Hardmax Identity "
    "InstanceNormalization LRN LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax LpPool "
    "MatMul "
    "MatMulInteger Max "
    "MaxPool Mean "
    "Min "
    "Mish Mod Mul Neg Not Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear Range "
    "Reciprocal "
    "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd "
    "ReduceSum ReduceSumSquare Relu Reshape Resize Round Selu Shape Sigmoid Sign Size Slice "
    "Softmax "
    "Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh ThresholdedRelu Tile Transpose "
    "Unsqueeze Upsample Where Xor ";

/* 1 if every one is a tensor of a type Weft computes with: no text, sequence, 4-bit or 8-bit float.
 */
static int numbers(Onnx__ValueInfoProto *const *ports, size_t count)
{
    int all = 1;
    for (size_t i = 0; i < count; i++) {
        const Onnx__TypeProto *t = ports[i]->type;
        all &= t && t->tensor_type && nd_type_known(t->tensor_type->elem_type);
    }
    return all;
}

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
    static const char random[] = "test_training_dropout"; /* draws random numbers */
    uint8_t *bytes = NULL;
    size_t count = 0;
    if (!strncmp(name, random, strlen(random)) && !strstr(name, "zero_ratio"))
        return 0;
    if (weft_file_read(path, &bytes, &count, NULL) != WEFT_OK)
        return 0;
    Onnx__ModelProto *m = onnx__model_proto__unpack(NULL, count, bytes);
    const Onnx__GraphProto *g = m ? m->graph : NULL;
    const int required =
        g && only_known(g) && numbers(g->input, g->n_input) && numbers(g->output, g->n_output);
    if (m)
        onnx__model_proto__free_unpacked(m, NULL);
    free(bytes);
    return required;
}
