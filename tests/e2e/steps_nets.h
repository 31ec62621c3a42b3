/* Networks whose host has work between runs of the device, for test_steps.c.
 *
 * Each is checked and the caller's to free; weights are drawn from the seed of the test. */
#ifndef WEFT_TESTS_STEPS_NETS_H
#define WEFT_TESTS_STEPS_NETS_H

#include "models/graph/graph.h"
#include "tests/test.h"

enum { WORDS = 11, WIDTH = 16, HEADS = 2, HEAD = WIDTH / HEADS };

/* Layers of attention; inputs and outputs are int8 of WORDS x WIDTH. */
weft_graph *steps_transformer(test *t, int layers);

/* Distribution focal loss: 16 bins of each side of a box, softmax, the mean of their numbers. */
weft_graph *steps_detector(test *t);

/* A bilinear resize from 6x7 to 13x11 between two convolutions: weights of 2^-10. */
weft_graph *steps_resize(test *t);

/* A PAD that a convolution could do by its own padding. */
weft_graph *steps_padded(test *t);

/* Softmax of kind ONNX, whose two scales no port says: in the middle and at the end. */
weft_graph *steps_softmax_of_onnx(test *t);

/* Two layers of attention as they come out of a TFLite file. */
weft_graph *steps_imported(test *t);

#endif
