/* Sums and products of ONNX as the device makes them, every byte: addtable.c, multipliers.c. */
#ifndef WEFT_COMPILE_EXACT_H
#define WEFT_COMPILE_EXACT_H

#include "models/graph/graph.h"

/* Bits of float32 multipliers, which ascend with them: those that give the device the right bytes,
 * none if least > most.  The multiplier itself where it is possible, else the nearest. */
typedef struct factor_range {
    int64_t least, most;
} factor_range;
typedef struct factor_use {
    int32_t zero_point;
    weft_clamp clamp;
} factor_use;
factor_range factor_around(uint32_t bits);
void factor_narrow(const factor_use *u, int32_t acc, int32_t byte, factor_range *in);
weft_requant factor_nearest(factor_range in, uint32_t bits);

/* How the device makes every byte of an ONNX product (multipliers.c).  WEFT_OK, ERR_RANGE,
 * NO_MEMORY. */
typedef struct mul_params {
    weft_requant scale;
    int32_t zero_point[2], zero_point_out, offset;
    weft_clamp clamp;
} mul_params;
typedef struct mul_plan {
    unsigned factors; /* 1, or 2: two bytes, which differ by one at most, and of which `lean` .. */
    weft_requant factor[2];
    int16_t lean[256]; /* .. takes one: (2 y0 + lean[y0 + 128] + 2 y1 - lean[y1 + 128]) / 4 */
} mul_plan;
int mul_find(const mul_params *m, mul_plan *out);
int32_t mul_joined(const mul_plan *how, int32_t y0, int32_t y1);
int8_t mul_exact(const mul_params *m, int8_t a, int8_t b);

/* Integer tables for an ONNX addition (addtable.c). */
int add_tables_onnx(const weft_add_params *params, weft_clamp clamp, int32_t *t1, int32_t *t2,
                    uint32_t *mult_bits);

#endif
