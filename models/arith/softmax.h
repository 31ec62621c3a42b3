/* Softmax of one row on int8, as TensorFlow Lite Micro computes it; also for the host library.
 *
 *   x, y   `width` elements each, not the same; x is quantised with `scale`
 *
 * softmax gives y of scale 1/256, zero point -128; log_softmax of scale 1/16, zero point 127.
 * beta of log_softmax is 1.  scale times beta as weft_graph_check admits it.  Pure; any thread. */
#ifndef WEFT_SOFTMAX_H
#define WEFT_SOFTMAX_H

#include <stdint.h>

void weft_softmax_int8(const int8_t *x, int8_t *y, uint64_t width, float scale, float beta);
void weft_log_softmax_int8(const int8_t *x, int8_t *y, uint64_t width, float scale);

#endif
