/* A small valid quantised ONNX model made in memory, to be changed in one place and packed.
 *
 *   image float [batch,2,6,6] -> Q -> DQ -> Conv 3x3 pad 1 (3 channels, per-channel scales, bias)
 * -> Relu
 *     -> Q -> DQ -> MaxPool 2x2 -> Flatten -> Gemm (transB, bias) -> Q -> DQ -> logits float
 * [batch,5]
 *
 * Constants use raw_data, float_data, int32_data and int64_data in turn; one initialiser is listed
 * as an input too.  All pointers are into the struct or to static text: nothing to free. */
#ifndef WEFT_ONNX_SAMPLE_H
#define WEFT_ONNX_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "models/import/onnx/onnx.h"
#include "onnx.pb-c.h"

enum sample_node {
    SAMPLE_Q_IMAGE,
    SAMPLE_DQ_IMAGE,
    SAMPLE_DQ_W1,
    SAMPLE_DQ_B1,
    SAMPLE_CONV,
    SAMPLE_RELU,
    SAMPLE_Q_CONV,
    SAMPLE_DQ_CONV,
    SAMPLE_POOL,
    SAMPLE_FLATTEN,
    SAMPLE_DQ_W2,
    SAMPLE_DQ_B2,
    SAMPLE_GEMM,
    SAMPLE_Q_GEMM,
    SAMPLE_DQ_GEMM,
    SAMPLE_NODES
};

enum sample_constant {
    SAMPLE_S0, /* scales and zero points of image, convolution, output */
    SAMPLE_Z0,
    SAMPLE_S1,
    SAMPLE_Z1,
    SAMPLE_S2,
    SAMPLE_Z2,
    SAMPLE_W1,
    SAMPLE_W1_S,
    SAMPLE_W1_Z,
    SAMPLE_B1,
    SAMPLE_B1_S,
    SAMPLE_W2,
    SAMPLE_W2_S,
    SAMPLE_W2_Z,
    SAMPLE_B2,
    SAMPLE_B2_S,
    SAMPLE_CONSTANTS
};

enum { SAMPLE_W1_BYTES = 3 * 2 * 3 * 3, SAMPLE_W2_COUNT = 5 * 27, SAMPLE_ATTRIBUTES = 8 };

typedef struct onnx_sample {
    Onnx__ModelProto model;
    Onnx__OperatorSetIdProto opset, *opsets[1];
    Onnx__GraphProto graph;
    Onnx__NodeProto node[SAMPLE_NODES], *nodes[SAMPLE_NODES];
    char *inputs[SAMPLE_NODES][3], *outputs[SAMPLE_NODES][1];
    Onnx__AttributeProto attribute[SAMPLE_ATTRIBUTES], *attributes[SAMPLE_ATTRIBUTES];
    unsigned attribute_count;
    Onnx__TensorProto constant[SAMPLE_CONSTANTS], *constants[SAMPLE_CONSTANTS];
    int64_t dims[SAMPLE_CONSTANTS][4];
    float scales[SAMPLE_CONSTANTS][3];
    int32_t zero_points[SAMPLE_CONSTANTS][3];
    uint8_t w1[SAMPLE_W1_BYTES];
    int32_t b1[3], w2[SAMPLE_W2_COUNT], b2[5];
    Onnx__ValueInfoProto port[3], *ports[3]; /* image, logits, w1 as an input */
    Onnx__TypeProto type[3];
    Onnx__TypeProto__Tensor tensor_type[3];
    Onnx__TensorShapeProto shape[3];
    Onnx__TensorShapeProto__Dimension dim[3][4], *dim_at[3][4];
} onnx_sample;

/* Fill *s with the valid model. */
void onnx_sample_init(onnx_sample *s);

/* Its bytes, to be freed by the caller; NULL without memory. */
uint8_t *onnx_sample_pack(const onnx_sample *s, size_t *bytes);

/* Import it as it is now; *g is NULL after a failure. */
int onnx_sample_import(const onnx_sample *s, weft_graph **g, weft_error *err);

#endif
