/* The least and greatest float32 that an order of additions can make of every integer sum.
 *
 * A float32 sum of scale * (x - zero point) depends on its terms, and the integer sum alone does
 * not say it.  But rounding never falls where its argument rises, so the least and greatest value a
 * sum can have follow from those of its parts, exactly, for every integer sum there is; and where
 * what is made of both ends is one byte, so it is of all in between.  Private to exact/. */
#ifndef WEFT_COMPILE_SUMS_H
#define WEFT_COMPILE_SUMS_H

#include <stddef.h>
#include <stdint.h>

#define SUMS_MOST_WORK ((uint64_t)1 << 31)  /* additions for one operator; about a second */
#define SUMS_READING   (UINT64_C(64) * 255) /* as many cost as much as reading 255 sums */

/* Clauses that say why the device cannot make all bytes of an operator. */
#define SUMS_TOO_MANY  "it has too many float32 sums to prove its bytes"
#define SUMS_DIFFER    "rounding errors of float32 decide where its sums lie on a half"
#define SUMS_NO_FACTOR "no multiplier gives all bytes of its float32 sums"
#define SUMS_NO_MEMORY "there is no memory to prove its bytes"

/* The float32 sums of integer sum first + t (t < count) lie in lo[t] .. hi[t]; lo > hi: no terms
 * have that integer sum. */
typedef struct sums {
    int32_t first;
    uint32_t count;
    float *lo, *hi; /* of one allocation */
} sums;

/* All functions that return int return 1, or 0 if there is no memory; *out then needs no freeing.
 */

/* The sums of no terms: 0. */
int sums_of_none(sums *out);

/* The sums of one term: for each of 256 bytes x in ascending order, the integer step * (x -
 * zero_point) and a float32 in lo[i] .. hi[i].  step at least 0. */
int sums_of_one(const float *lo, const float *hi, uint32_t step, int32_t zero_point, sums *out);

/* The sums of one term x - zero_point, whose float32 is that times scale. */
int sums_of_byte(float scale, int32_t zero_point, sums *out);

/* The sums of `count` integers from `first` on, times value, if float32 rounds none of them,
 * whatever the order (weft_scale_is_short). */
int sums_exact(int32_t first, uint32_t count, double value, sums *out);

/* a becomes the sums of a term of a and a term of b, rounded.  *a is freed if there is no memory.
 */
int sums_add(sums *a, const sums *b);

/* *a becomes the sums of a term of a and so many of b, added one after the other.  Likewise. */
int sums_add_times(sums *a, const sums *b, uint32_t times);

/* The sums of so many terms of `one`, added one after the other to nothing. */
int sums_of_times(const sums *one, uint32_t times, sums *out);

/* Frees lo and hi; allowed for zeroed sums. */
void sums_free(sums *s);

#endif
