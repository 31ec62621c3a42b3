/* A float32 sum of products in the order in which MLAS, the library of ONNX Runtime's CPU provider,
 * adds it: the product of matrices (SGEMM) that its convolutions are made of.
 *
 *     mlas_sum s = mlas_sum_of(filters, pixels, products);
 *     mlas_sum_add(&s, weight, x);                  for every product, in order
 *     y = mlas_sum_end(&s) + bias;
 *
 * What is said here was found by comparison with ONNX Runtime 1.32.0 on x86-64 with FMA, run by one
 * thread.  Several threads share the columns, and so may have other blocks where there are more than
 * 128 products.
 *
 *   BLOCKS  products are added one by one, each in one rounding; the sums of blocks of 128, or of
 *           more where there are few columns, are added to the rest
 *   GROUPS  of one row: products are rounded; four are added, then two of the three that may be
 *           left, then the last; each such sum is added to the rest
 *   LANES   of one column, or of one row by a transposed matrix (of a column by one: BLOCKS): products are rounded, every eighth
 *           is added to the same of eight sums; these are added in an order that depends on whether
 *           the element is in a whole four of the column or row, or in the two or the one behind
 *
 * No state but the sum; any thread. */
#ifndef WEFT_MLAS_SUM_H
#define WEFT_MLAS_SUM_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

typedef enum mlas_order { MLAS_BLOCKS, MLAS_GROUPS, MLAS_LANES } mlas_order;

enum { MLAS_LANE_COUNT = 8 };

typedef struct mlas_sum {
    mlas_order order;
    float total, part;
    uint32_t count, block; /* products in part, and how many make it whole */
    uint64_t left;         /* GROUPS: products that still come */
    uint32_t together;     /* LANES: elements of the row or column that go together: 4, 2 or 1 */
    float lane[MLAS_LANE_COUNT];
} mlas_sum;

/* The sum of `products` for one element of a matrix of so many rows and columns: the product of two
 * of which the second is transposed or not.  index is its row if there is one column, else its column,
 * where there is one row.  `total` may be set to what the products are added to. */
mlas_sum mlas_sum_of(uint32_t rows, uint64_t columns, uint64_t products, int transposed,
                     uint64_t index);

/* How many products make the next group. */
static inline uint32_t mlas_group(uint64_t left)
{
    return left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

static inline void mlas_sum_add(mlas_sum *s, float a, float b)
{
    if (s->order == MLAS_BLOCKS) {
        s->part = fmaf(a, b, s->part);
    } else {
        const float product = a * b;
        if (s->order == MLAS_LANES) {
            s->lane[s->count++ % MLAS_LANE_COUNT] += product;
            return;
        }
        s->part = s->count ? s->part + product : product;
    }
    if (++s->count < s->block)
        return;
    s->total += s->part;
    s->left -= s->block;
    if (s->order == MLAS_GROUPS)
        s->block = mlas_group(s->left);
    s->part = 0;
    s->count = 0;
}

float mlas_sum_end(const mlas_sum *s);

#endif
