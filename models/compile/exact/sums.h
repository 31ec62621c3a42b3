/* The least and greatest float32 that an order of additions can make of every integer sum.
 *
 * A float32 sum of scale * (x - zero point) depends on its terms, and the integer sum alone does
 * not say it.  But rounding never falls where its argument rises, so the least and greatest value a
 * sum can have follow from those of its parts, exactly, for every integer sum there is; and where
 * what is made of both ends is one byte, so it is of all in between.  Private to compile/. */
#ifndef WEFT_COMPILE_SUMS_H
#define WEFT_COMPILE_SUMS_H

#include <stddef.h>
#include <stdint.h>

#define SUMS_MOST_WORK ((uint64_t)1 << 31)  /* additions for one operator; about a second */
#define SUMS_READING   (UINT64_C(64) * 255) /* as many cost as much as reading 255 sums */

/* Why the device has not all bytes of an operator. */
#define SUMS_TOO_MANY  "it has too many float32 sums to prove its bytes"
#define SUMS_DIFFER    "rounding errors of float32 decide where its sums lie on a half"
#define SUMS_NO_FACTOR "no multiplier gives all bytes of its float32 sums"
#define SUMS_NO_MEMORY "there is no memory to prove its bytes"

/* Of integer sum first + t (t < count) the float32 sums lie in lo[t] .. hi[t]; lo > hi: no terms
 * have that sum. */
typedef struct sums {
    int32_t first;
    uint32_t count;
    float *lo, *hi; /* of one allocation */
} sums;

/* Of no terms; of one, the integer step * (x - zero point), the float32 of each of 256 x in
 * ascending order, in lo[i] .. hi[i], step at least 0; of one whose step is 1 and whose float32 is
 * that times scale.  0: no memory. */
int sums_of_none(sums *out);
int sums_of_one(const float *lo, const float *hi, uint32_t step, int32_t zero_point, sums *out);
int sums_of_byte(float scale, int32_t zero_point, sums *out);

/* Where nothing is lost, in any order (weft_scale_is_short): `count` integers from `first` on,
 * times value. */
int sums_exact(int32_t first, uint32_t count, double value, sums *out);

/* *a becomes the sum of an a and a b, each rounded, or of an a and so many b one after the other;
 * *out that of so many `one` after nothing.  0: no memory, and *a is freed. */
int sums_add(sums *a, const sums *b);
int sums_add_times(sums *a, const sums *b, uint32_t times);
int sums_of_times(const sums *one, uint32_t times, sums *out);

void sums_free(sums *s);

#endif
