/* A small graph whose program has all kinds of things in its file, for tests of the container. */
#ifndef WEFT_TESTS_WEFT_SAMPLE_H
#define WEFT_TESTS_WEFT_SAMPLE_H

#include "models/compile/weft_compile.h"
#include "tests/test.h"

/* 1x4x4x2 -> 3x3 convolution to 3 channels -> float32 probabilities over them, UINT8 in.  Checked;
 * the caller frees it. */
weft_graph *weft_sample_graph(test *t);

/* As if an importer had made the graph. */
void weft_sample_source(weft_graph *g);

/* What the reader says of a file; 1 if that is not what it says in its error. */
int weft_sample_status(const uint8_t *bytes, size_t count);

#endif
