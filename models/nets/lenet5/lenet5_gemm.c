/* Matrix products with a fixed order of summation; see lenet5_gemm.h.
 *
 * The inner loops run over a constant number of independent sums, which is the one form a
 * compiler may vectorise without changing a bit. */
#include "lenet5_gemm.h"

enum { STEPS = 8, LANES = 16 };

/* c[n] += a[0] * b[0][n], then a[1] * b[1][n], and so on for STEPS rows of b. */
static void add_rows(const float *restrict a, const float *restrict b, size_t n, float *restrict c)
{
    for (size_t j = 0; j < n; j++) {
        float sum = c[j];
        for (size_t s = 0; s < STEPS; s++)
            sum += a[s] * b[s * n + j];
        c[j] = sum;
    }
}

static void add_row(float a, const float *restrict b, size_t n, float *restrict c)
{
    for (size_t j = 0; j < n; j++)
        c[j] += a * b[j];
}

void lenet5_gemm_nn(lenet5_mat a, const float *b, size_t n, float *c)
{
    for (size_t r = 0; r < a.rows; r++) {
        const float *row = a.at + r * a.row_step;
        size_t k = 0;
        for (; k + STEPS <= a.cols; k += STEPS) {
            float factor[STEPS];
            for (size_t s = 0; s < STEPS; s++)
                factor[s] = row[(k + s) * a.col_step];
            add_rows(factor, b + k * n, n, c + r * n);
        }
        for (; k < a.cols; k++)
            add_row(row[k * a.col_step], b + k * n, n, c + r * n);
    }
}

static float dot(const float *a, const float *b, size_t k)
{
    float sum[LANES] = { 0 };
    size_t i = 0;
    for (; i + LANES <= k; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            sum[l] += a[i + l] * b[i + l];
    for (size_t l = 0; i + l < k; l++)
        sum[l] += a[i + l] * b[i + l];
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++)
            sum[l] += sum[l + half];
    return sum[0];
}

void lenet5_gemm_nt(size_t m, size_t n, size_t k, const float *a, const float *b, float *c)
{
    for (size_t r = 0; r < m; r++)
        for (size_t j = 0; j < n; j++)
            c[r * n + j] += dot(a + r * k, b + j * k, k);
}
