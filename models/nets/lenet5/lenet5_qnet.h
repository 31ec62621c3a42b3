/* LeNet-5 in int8: what the quantiser makes, the ONNX writer prints and the trainer evaluates.
 *
 * Numbers: real = scale * (q - zero). Activations are int8 with one scale and zero point per
 * tensor; weights are int8 with one scale per output and zero point 0; biases are int32 of scale
 * in_scale * weight_scale and zero point 0. The image has scale 1/256 and zero point -128, hence
 * q = byte - 128 exactly. Behind ReLU the zero point is -128, so the clamp to int8 is the ReLU;
 * pooling keeps scale and zero point.
 *
 * Promise: the activations' scales are powers of two and the weights' scales have short mantissas
 * (lenet5_quantise.c says how short), so that float32 evaluation of the dequantised network, in any
 * order of summation, rounds nowhere but in its QuantizeLinear, and gives the bytes of the integer
 * evaluation. No kernel that adds pairs of products in 16 bits saturates.
 *
 * The integer operators here are the least a trainer needs to judge its product: those of ONNX
 * Runtime's CPU kernels, a float32 multiplication by (in_scale * weight_scale) / out_scale, rounded
 * half to even. The reference of the project is models/ref. */
#ifndef LENET5_QNET_H
#define LENET5_QNET_H

#include <stddef.h>
#include <stdint.h>

#include "idx.h"
#include "lenet5_net.h"

typedef struct lenet5_quant {
    float scale;
    int32_t zero;
} lenet5_quant;

/* in[l] is the input of layer l, in[LENET5_LAYERS] the logits; weights lie as in lenet5_params. */
typedef struct lenet5_qnet {
    lenet5_quant in[LENET5_LAYERS + 1];
    int8_t weights[LENET5_PARAMS];
    float weight_scale[LENET5_LAYERS][LENET5_MAX_OUTPUTS];
    int32_t bias[LENET5_LAYERS][LENET5_MAX_OUTPUTS];
} lenet5_qnet;

/* Calibrate and quantise. Ranges come from the first LENET5_CALIBRATION images of `training`
 * (28 x 28), undistorted. Returns 0, or -1 without memory. */
enum { LENET5_CALIBRATION = 4096 };
int lenet5_quantise(const lenet5_params *p, const weft_idx *training, lenet5_qnet *out);

/* Logits of a whole set, [count][LENET5_CLASSES], to a buffer of the caller.  Cost: 416,520
 * multiplications an image, two milliseconds. */
void lenet5_qnet_run_set(const lenet5_qnet *net, const weft_idx *set, int8_t *logits);

typedef struct lenet5_score {
    size_t wrong; /* images whose largest logit is not at their label; at a tie the lowest class */
    size_t tied;  /* images whose largest logit occurs twice or more */
} lenet5_score;

/* Counts errors and ties of `count` images. */
lenet5_score lenet5_qnet_score(const int8_t *logits, const uint8_t *labels, size_t count);

#endif
