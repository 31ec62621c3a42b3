/* Parts of a COPY layer; see copy.c. */
#ifndef WEFT_COMPILE_COPY_H
#define WEFT_COMPILE_COPY_H

#include <stdint.h>

#include "models/program/weft_program.h"

/* One axis of a box: index i adds from[i] (or i * from_step) to the source and i * to_step to the
 * destination; a negative from[i] is no source, the fill instead. */
typedef struct copy_axis {
    uint32_t count;
    const int64_t *from;
    int64_t from_step, to_step;
} copy_axis;

typedef struct copy_part {
    uint32_t area; /* the source; NO_AREA if there is only fill */
    int8_t fill;
    uint32_t rank; /* at least 1 */
    copy_axis axis[WEFT_MAX_RANK];
    int64_t from_base, to_base; /* elements of the areas, row-major */
    uint64_t count;             /* elements of the box */
} copy_part;

/* Elements that are neighbours in the source and in the destination; from is negative for fill.  Or
 * `times` elements, one by one, at equal steps; one of count and times is 1. */
typedef struct copy_run {
    int64_t from, to;
    uint64_t count;
    uint64_t times;
    int64_t from_step, to_step;
} copy_run;

/* Fill in count and merge what can be; destinations must ascend in row-major order. */
void copy_compact(copy_part *c);

/* The first element of the box whose destination is `to` or later; count if there is none. */
uint64_t copy_find(const copy_part *c, int64_t to);

/* The run that begins at element e < count. */
copy_run copy_run_at(const copy_part *c, uint64_t e);

/* Of n numbers from `at` on, step apart: how many stay before row `row_end` and byte `byte_end` of
 * rows of row_bytes (at lies before both), rows and bytes both rising evenly.  At least 1. */
uint64_t copy_in_step(int64_t at, int64_t step, uint64_t n, int64_t row_bytes, int64_t row_end,
                      int64_t byte_end);

/* Of n such numbers: how many stay before `end`.  At least 1. */
uint64_t copy_before(int64_t at, int64_t step, uint64_t n, int64_t end);

/* Does any element come from nowhere? */
int copy_has_fill(const copy_part *c);

/* All elements of an area in their order; and: is that what the part does? */
copy_part copy_all(uint32_t area, uint64_t count);
int copy_is_all(const copy_part *c, uint64_t count);

#endif
