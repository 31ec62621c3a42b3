/* Softmax on int8, to the last bit.  Pure; any thread.
 *
 *   x, y   `width` elements a row, not the same memory; x is quantised with `scale`
 *   beta   the factor in the exponent; scale times beta as weft_graph_check admits it */
#ifndef WEFT_SOFTMAX_H
#define WEFT_SOFTMAX_H

#include <stdint.h>

/* One row as TensorFlow Lite Micro computes it: y has scale 1/256 and zero point -128. */
void weft_softmax_int8(const int8_t *x, int8_t *y, uint64_t width, float scale, float beta);

/* The logarithm of that with beta 1: y has scale 1/16 and zero point 127. */
void weft_log_softmax_int8(const int8_t *x, int8_t *y, uint64_t width, float scale);

/* `rows` rows as ONNX Runtime's QLinearSoftmax computes them, beta 1. */
void weft_softmax_int8_onnx(const int8_t *x, int8_t *y, uint64_t rows, uint64_t width, float scale,
                            float scale_y, int32_t zero_point_y);

#endif
