/* Parts of a COPY layer: boxes of elements that only change their place.
 *
 * Elements of an area are numbered in row-major order; fill comes from nowhere. */
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

/* `count` elements that are neighbours in the source and in the destination; or `times` elements,
 * one by one, from_step and to_step apart; one of count and times is 1.  from is negative for
 * fill. */
typedef struct copy_run {
    int64_t from, to;
    uint64_t count;
    uint64_t times;
    int64_t from_step, to_step;
} copy_run;

/* Fills in count, and merges axes that step alike.  Destinations must ascend in row-major order of
 * the indices. */
void copy_compact(copy_part *c);

/* Returns the first element of the box whose destination is `to` or later; c->count if there is
 * none. */
uint64_t copy_find(const copy_part *c, int64_t to);

/* Returns the run that begins at element e < c->count. */
copy_run copy_run_at(const copy_part *c, uint64_t e);

/* Returns how many of the n numbers at, at + step, .. stay before row `row_end` and before byte
 * `byte_end` of rows of row_bytes, rows and bytes both rising evenly.  At least 1: `at` lies
 * before both. */
uint64_t copy_in_step(int64_t at, int64_t step, uint64_t n, int64_t row_bytes, int64_t row_end,
                      int64_t byte_end);

/* Returns how many of such n numbers stay before `end`; at least 1. */
uint64_t copy_before(int64_t at, int64_t step, uint64_t n, int64_t end);

/* Does any element come from nowhere? */
int copy_has_fill(const copy_part *c);

/* Returns the part that moves all `count` elements of an area in their order. */
copy_part copy_all(uint32_t area, uint64_t count);

/* Does the part do that? */
int copy_is_all(const copy_part *c, uint64_t count);

#endif
