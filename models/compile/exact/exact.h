/* Sums and products of ONNX as the device makes them, every byte: addtable.c, multipliers.c. */
#ifndef WEFT_COMPILE_EXACT_H
#define WEFT_COMPILE_EXACT_H

#include "models/graph/graph.h"

/* --- one multiplier for many bytes ----------------------------------------------------- */

/* Multipliers least..most, as the bits of positive float32, which ascend with their values; none if
 * least > most. */
typedef struct factor_range {
    int64_t least, most;
} factor_range;

/* What is made of a product: plus the zero point, clamped. */
typedef struct factor_use {
    int32_t zero_point;
    weft_clamp clamp;
} factor_use;

/* Returns the multipliers in a neighbourhood of `bits` that are worth a look. */
factor_range factor_around(uint32_t bits);

/* Takes out of *in the multipliers that do not make `byte` of the integer `acc`. */
void factor_narrow(const factor_use *u, int32_t acc, int32_t byte, factor_range *in);

/* Returns the multiplier `bits` if it is in the range, else the nearest that is; of an empty
 * range, any number. */
weft_requant factor_nearest(factor_range in, uint32_t bits);

/* --- products -------------------------------------------------------------------------- */

typedef struct mul_params {
    weft_requant scale;
    int32_t zero_point[2], zero_point_out, offset;
    weft_clamp clamp;
} mul_params;

/* How the device makes a product: by one multiplier; or by two, whose bytes y0 and y1 differ by
 * one at most, and `lean` takes one of them: (2 y0 + lean[y0 + 128] + 2 y1 - lean[y1 + 128]) / 4.
 */
typedef struct mul_plan {
    unsigned factors; /* 1 or 2 */
    weft_requant factor[2];
    int16_t lean[256];
} mul_plan;

/* Finds how every byte of an ONNX product can be made.  Returns WEFT_OK, WEFT_ERR_RANGE if no two
 * multipliers do, or WEFT_ERR_NO_MEMORY. */
int mul_find(const mul_params *m, mul_plan *out);

/* Returns what `lean` makes of the two bytes, before it is clamped. */
int32_t mul_joined(const mul_plan *how, int32_t y0, int32_t y1);

/* Returns the byte that ONNX Runtime makes of two. */
int8_t mul_exact(const mul_params *m, int8_t a, int8_t b);

/* --- sums ------------------------------------------------------------------------------ */

/* Finds integer tables t1[256] and t2[256], by byte, and a multiplier (its bits) whose rounded
 * product with t1[a] + t2[b] is the byte of an ONNX addition, for all 65536 pairs.  Returns
 * WEFT_OK, WEFT_ERR_RANGE if there are none, or WEFT_ERR_NO_MEMORY. */
int add_tables_onnx(const weft_add_params *params, weft_clamp clamp, int32_t *t1, int32_t *t2,
                    uint32_t *mult_bits);

#endif
