/* Tables of 256 bytes from kernels of one operand: what tflite_table.c and tflite_sigmoid.c share. */
#ifndef WEFT_TFLITE_TABLE_H
#define WEFT_TFLITE_TABLE_H

#include "tflite_import.h"

typedef struct tfl_unary {
    float scale_x, scale_y;
    int32_t zero_x, zero_y; /* of the int8 tensors */
    tfl_factor a, b;
    int32_t lo, hi, radius;
} tfl_unary;

/* The byte that the kernel makes of x. */
typedef int32_t tfl_unary_one(const tfl_unary *u, int32_t x);

/* Scales and zero points of a node of one operand, checked; lo and hi are those of int8. */
int tfl_unary_of(tfl_import *im, const tfl_node *n, tfl_unary *u);

/* The TABLE of the node, or its result if the operand is constant. */
int tfl_unary_emit(tfl_import *im, const tfl_node *n, const tfl_unary *u, tfl_unary_one *one);

/* The real number of x. */
float tfl_unary_real(const tfl_unary *u, int32_t x);

/* real in steps of the output, by a product with the inverse scale. */
int32_t tfl_looked_up(const tfl_unary *u, float real);

int32_t tfl_clamped(int64_t v, int32_t lo, int32_t hi);

#endif
