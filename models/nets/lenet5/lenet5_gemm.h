/* The two matrix products LeNet-5 training consists of, in float32, row-major.
 *
 * Promise: the order of every sum is fixed by the sizes alone, and no product is contracted into
 * its sum (build with -ffp-contract=off), so the bits do not depend on compiler, vector width or
 * blocking. Both accumulate into c.
 * Cost: m*k*n multiplications, 4 to 10 in a nanosecond on one 2.2 GHz core with plain SSE2 (-O3).
 */
#ifndef LENET5_GEMM_H
#define LENET5_GEMM_H

#include <stddef.h>

/* A read-only matrix; element (r, c) is at[r * row_step + c * col_step]. */
typedef struct lenet5_mat {
    const float *at;
    size_t rows, cols, row_step, col_step;
} lenet5_mat;

/* c[a.rows][n] += a * b, b[a.cols][n]. Each sum starts from c and runs over a.cols in ascending
 * order, in one chain. */
void lenet5_gemm_nn(lenet5_mat a, const float *b, size_t n, float *c);

/* c[m][n] += a * transpose(b), a[m][k], b[n][k]. Each sum runs in 16 interleaved chains that are
 * added pairwise. */
void lenet5_gemm_nt(size_t m, size_t n, size_t k, const float *a, const float *b, float *c);

#endif
