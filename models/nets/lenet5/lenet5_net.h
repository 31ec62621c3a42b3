/* LeNet-5 in float32: topology, parameters, forward pass and gradient.
 *
 *     image   1 x 28 x 28, values 0..255/256    (padded by 2 on every side with 0)
 *     C1      6 maps, 5x5      -> 6 x 28 x 28   ReLU
 *     S2      max 2x2 stride 2 -> 6 x 14 x 14
 *     C3      16 maps, 5x5     -> 16 x 10 x 10  ReLU, every map sees all six
 *     S4      max 2x2 stride 2 -> 16 x 5 x 5    = 400 values, channel, row, column
 *     C5      400 -> 120       ReLU
 *     F6      120 -> 84        ReLU
 *     OUT     84 -> 10         logits
 *
 * The table lenet5_layers is the one place that says so; training, quantisation and the ONNX
 * writer all read it. Weights of a layer are [outputs][taps]; taps of a convolution run channel,
 * row, column, as in ONNX.
 *
 * Promise: every result depends on the inputs alone, bit for bit (see lenet5_gemm.h).
 * Cost: 416,520 multiplications per image forward, about 2.5 times that again for the gradient. */
#ifndef LENET5_NET_H
#define LENET5_NET_H

#include <stddef.h>
#include <stdint.h>

#include "lenet5_rng.h"

enum {
    LENET5_KERNEL = 5,
    LENET5_PAD = 2,
    LENET5_SIDE = 28,
    LENET5_PIXELS = LENET5_SIDE * LENET5_SIDE,
    LENET5_PADDED_SIDE = LENET5_SIDE + 2 * LENET5_PAD,
    LENET5_PADDED = LENET5_PADDED_SIDE * LENET5_PADDED_SIDE,
    LENET5_S2_MAPS = 6,
    LENET5_S2_SIDE = 14,
    LENET5_S2 = LENET5_S2_MAPS * LENET5_S2_SIDE * LENET5_S2_SIDE,
    LENET5_S4_MAPS = 16,
    LENET5_C3_SIDE = 10,
    LENET5_S4_SIDE = 5,
    LENET5_S4 = LENET5_S4_MAPS * LENET5_S4_SIDE * LENET5_S4_SIDE,
    LENET5_C5 = 120,
    LENET5_F6 = 84,
    LENET5_CLASSES = 10,
    LENET5_PARAMS = 61706,
    LENET5_MAX_OUTPUTS = LENET5_C5,
    LENET5_MAX_WEIGHTS = LENET5_C5 * LENET5_S4,
    LENET5_BATCH = 16, /* images handled together */
};

/* The network's input is byte * LENET5_PIXEL_SCALE, 0 to 255/256. A power of two, because int8
 * evaluation is then exact in float32 as well; see lenet5_qnet.h. */
#define LENET5_PIXEL_SCALE 0x1p-8f

typedef enum lenet5_layer_id {
    LENET5_LAYER_C1,
    LENET5_LAYER_C3,
    LENET5_LAYER_C5,
    LENET5_LAYER_F6,
    LENET5_LAYER_OUT,
    LENET5_LAYERS,
} lenet5_layer_id;

typedef struct lenet5_layer {
    const char *name;
    size_t outputs, taps;
    size_t weights_at, bias_at; /* into lenet5_params.value */
} lenet5_layer;

extern const lenet5_layer lenet5_layers[LENET5_LAYERS];

typedef struct lenet5_params {
    float value[LENET5_PARAMS];
} lenet5_params;

/* Activations of up to LENET5_BATCH images. The caller fills count and image; the rest is
 * written by lenet5_forward() and, from d_ on, is scratch of both passes. 0.6 MB: allocate it. */
typedef struct lenet5_batch {
    size_t count;
    float image[LENET5_BATCH][LENET5_PIXELS];
    float padded[LENET5_BATCH][LENET5_PADDED];
    float s2[LENET5_BATCH][LENET5_S2];
    float s4[LENET5_BATCH][LENET5_S4];
    uint8_t s2_from[LENET5_BATCH][LENET5_S2]; /* which of the 2x2 won: 2 * row + column */
    uint8_t s4_from[LENET5_BATCH][LENET5_S4];
    float c5[LENET5_BATCH][LENET5_C5];
    float f6[LENET5_BATCH][LENET5_F6];
    float logits[LENET5_BATCH][LENET5_CLASSES];
    float d_logits[LENET5_BATCH][LENET5_CLASSES];
    float d_f6[LENET5_BATCH][LENET5_F6];
    float d_c5[LENET5_BATCH][LENET5_C5];
    float d_s4[LENET5_BATCH][LENET5_S4];
    float d_s2[LENET5_S2];
    float columns[LENET5_KERNEL * LENET5_KERNEL * LENET5_PIXELS];
    float d_columns[LENET5_S2_MAPS * 25 * LENET5_C3_SIDE * LENET5_C3_SIDE];
    float maps[LENET5_S2_MAPS * LENET5_PIXELS];
} lenet5_batch;

/* Uniform weights within sqrt(6 / taps) (He et al. 2015), biases 0. */
void lenet5_init(lenet5_params *p, lenet5_rng *rng);

/* The network's input for 28 x 28 bytes. */
void lenet5_load_image(const uint8_t *bytes, float *image);

/* Compute s2 .. logits of b->count images. */
void lenet5_forward(const lenet5_params *p, lenet5_batch *b);

/* Add the gradient of the summed softmax cross entropy of b, after lenet5_forward(), to *grad.
 * labels: b->count of them, each below LENET5_CLASSES. Returns how many images were classified
 * wrongly. */
size_t lenet5_backward(const lenet5_params *p, lenet5_batch *b, const uint8_t *labels,
                       lenet5_params *grad);

/* Index of the largest of LENET5_CLASSES logits, the lowest at a tie. */
size_t lenet5_argmax(const float *logits);

#endif
