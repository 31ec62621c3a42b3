/* Random float networks as ONNX files: convolutions with batch normalisation and activations,
 * pools, branches and joins, LRN, moves, shape arithmetic, matrices at the end; written as opset 9,
 * 11, 13 or 17 write them, so that lists are attributes or inputs.
 *
 *     gen_float g;
 *     rng r = rng_make(seed);
 *     if (gen_float_make(&r, &g)) ... g.bytes, g.byte_count ...     // one input "x", one output
 * "y" gen_float_free(&g);
 */
#ifndef WEFT_GEN_FLOAT_H
#define WEFT_GEN_FLOAT_H

#include <stddef.h>

#include "tests/rng.h"

typedef struct gen_float {
    uint8_t *bytes;
    size_t byte_count;
    size_t dims[4]; /* of the input, NCHW */
    int64_t opset;
    char said[600]; /* the operators in order, for messages */
} gen_float;

/* 0 if there is no memory. */
int gen_float_make(rng *r, gen_float *out);
void gen_float_free(gen_float *g);

#endif
