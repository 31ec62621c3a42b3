/* A training digit, distorted at random: shift, rotation, scale, shear and a smooth elastic warp.
 *
 * Promise: the result is a function of the image and of the random stream alone, bit for bit; only
 * operations that IEEE 754 rounds exactly are used. Cost: about 20 microseconds. */
#ifndef LENET5_AUGMENT_H
#define LENET5_AUGMENT_H

#include <stdint.h>

#include "lenet5_rng.h"

/* in: 28 x 28 bytes; out: 28 x 28 values in the network's unit (interpolated bytes *
 * LENET5_PIXEL_SCALE). Draws: rotation within +-15 degrees, scale and aspect within +-12 %, shear
 * within +-0.15, shift within
 * +-2.5 pixels, and a displacement within +-1.3 pixels at 5 x 5 knots, bilinear in between. */
void lenet5_augment(const uint8_t *in, lenet5_rng *rng, float *out);

#endif
