/* Int8 LeNet-5 as a standard ONNX file in QDQ form.
 *
 * Input "image", float32 [batch, 1, 28, 28], pixel / 256; output "logits", float32 [batch, 10].
 * Every operator (Conv, MaxPool, Reshape, Gemm) stands between DequantizeLinear and
 * QuantizeLinear; weights (int8, axis 0) and biases (int32) come through DequantizeLinear. There
 * are no Relu nodes: zero point -128 makes the clamp of QuantizeLinear the ReLU. */
#ifndef LENET5_ONNX_H
#define LENET5_ONNX_H

#include "lenet5_qnet.h"
#include "models/quantize/export/pb_writer.h"

/* Append the whole file to *model; model->failed tells of missing memory. */
void lenet5_write_onnx(const lenet5_qnet *net, pb_writer *model);

#endif
