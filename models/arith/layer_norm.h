/* One row of a LayerNormalization in float32 as ONNX Runtime computes it; for the reference
 * operator and the float reference.
 *
 *     const weft_norm n = weft_norm_of(&row, epsilon);
 *     y[i] = weft_norm_at(&row, &n, scale, bias, i);      for all i; bias may be NULL
 *
 * Pure; any thread. */
#ifndef WEFT_LAYER_NORM_H
#define WEFT_LAYER_NORM_H

#include <stdint.h>

/* real[i], or (x[i] - zero_point) * scale if real is NULL; count at least 1. */
typedef struct weft_norm_row {
    const float *real;
    const int8_t *x;
    float scale;
    int32_t zero_point;
    uint32_t count;
} weft_norm_row;

typedef struct weft_norm {
    float mean, deviation, inverse; /* deviation: the root of the variance plus epsilon */
} weft_norm;

/* Returns the mean of a row, and the root of its variance plus epsilon. */
weft_norm weft_norm_of(const weft_norm_row *r, float epsilon);

/* Returns element i of the row, normalised by n and times scale[i], plus bias[i]. */
float weft_norm_at(const weft_norm_row *r, const weft_norm *n, const float *scale,
                   const float *bias, uint32_t i);

#endif
