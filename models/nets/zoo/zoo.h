/* Well-known networks of any size, as quantised ONNX, for measuring: no trained weights, but
 * activations that neither die nor saturate.
 *
 *     weft_zoo_options o = { .name = "resnet18", .seed = 1, .size = 224, .width_percent = 100,
 *                            .classes = 1000 };
 *     rc = weft_zoo_make(&o, NULL, &bytes, &byte_count, &err);    then save and free(bytes)
 *
 * Weights are drawn from the seed with a bell shape; each convolution is scaled and shifted per
 * channel to mean 0 and variance 1 of what it gives on a seeded smooth image, as a folded batch
 * normalisation does; scales of activations are the ranges met there.  QDQ format, activations
 * uint8, weights int8 per channel, opset 13, NCHW float32 input in about -2..2.
 *
 * The same options give the same bytes on every machine.  No state; any thread.
 * Cost: about the arithmetic of a 96x96 image in float32, and three times the file in memory. */
#ifndef WEFT_ZOO_H
#define WEFT_ZOO_H

#include <stddef.h>
#include <stdint.h>

#include "models/base/progress.h"

typedef struct weft_zoo_options {
    const char *name;
    uint64_t seed;
    uint32_t size;          /* side of the image, 32..512 */
    uint32_t width_percent; /* of all channel counts, rounded to multiples of 8; 12..200 */
    uint32_t classes;       /* 1..100000 */
} weft_zoo_options;

/* Name of network number i; NULL past the last. */
const char *weft_zoo_name(unsigned i);

/* What it is; NULL past the last. */
const char *weft_zoo_text(unsigned i);

/* Make a network.
 *
 *   progress  told after every layer; NULL: nobody asks
 *   out       the ONNX file, the caller's to free(); NULL after a failure
 *
 * Returns WEFT_OK, WEFT_ERR_ARG (no such network, an option out of range), WEFT_ERR_CANCELLED
 * or WEFT_ERR_NO_MEMORY. */
int weft_zoo_make(const weft_zoo_options *o, const weft_progress *progress, uint8_t **out,
                  size_t *byte_count, weft_error *err);

#endif
