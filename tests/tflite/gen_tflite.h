/* Random int8 networks as TensorFlow Lite files: branches, joins, tensors that several read, dead
 * ends, several inputs and outputs, float ends, every operator of the importer, in the ways that
 * converters write them; one of six in uint8 as of 2018.
 *
 *     rng r = rng_make(seed);
 *     gen_tflite_net n;
 *     if (gen_tflite(&r, 12, 0, &n)) { ... n.file.bytes ... }
 *     gen_tflite_free(&n);
 *
 * TensorFlow Lite Micro runs them too: tests/tflite/live_graphs.sh.  The same seed gives the same
 * file everywhere. */
#ifndef WEFT_TESTS_GEN_TFLITE_H
#define WEFT_TESTS_GEN_TFLITE_H

#include "host/plugin/tflite/fb_writer.h"
#include "tests/rng.h"

typedef struct gen_tflite_net {
    fbw file;
    char text[1024]; /* its operators */
} gen_tflite_net;

/* A network of about most operators, at least 1.  plain: all constants inside the FlatBuffer, for
 * readers that know no others; the network is the same.  0 if there is no memory. */
int gen_tflite(rng *r, unsigned most, int plain, gen_tflite_net *out);
void gen_tflite_free(gen_tflite_net *n);

#endif
