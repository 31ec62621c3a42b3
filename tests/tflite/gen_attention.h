/* Attention as a TensorFlow Lite file: three fully connected layers, BATCH_MATMUL, SOFTMAX,
 * BATCH_MATMUL, another fully connected layer and the way past all of it, `layers` times.
 *
 *     fbw file = gen_attention(&r, 2);
 *     free(file.bytes);
 *
 * Failed if there is no memory.  The same seed gives the same file. */
#ifndef WEFT_TESTS_GEN_ATTENTION_H
#define WEFT_TESTS_GEN_ATTENTION_H

#include "host/plugin/tflite/fb_writer.h"
#include "tests/rng.h"

fbw gen_attention(rng *r, int layers);

#endif
