/* The product of a matrix and a few columns, in a form that compilers widen to vectors, those of the
 * machine it runs on (cpu_level.h).
 *
 * Every sum is one chain in ascending order, and no product is contracted into it (built with
 * -ffp-contract=off), so the result does not depend on the width of the vectors. */
#include "eval.h"
#include "models/base/cpu_level.h"

enum { ROWS = 4 };

static void four_rows(const float *restrict a, size_t a_step, size_t k, const float *restrict b,
                      float *restrict c, size_t c_step)
{
    float sum[ROWS][EVAL_COLUMNS] = { { 0 } };
    for (size_t i = 0; i < k; i++)
        for (size_t r = 0; r < ROWS; r++)
            for (size_t j = 0; j < EVAL_COLUMNS; j++)
                sum[r][j] += a[r * a_step + i] * b[i * EVAL_COLUMNS + j];
    for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < EVAL_COLUMNS; j++)
            c[r * c_step + j] = sum[r][j];
}

static void one_row(const float *restrict a, size_t k, const float *restrict b, float *restrict c)
{
    float sum[EVAL_COLUMNS] = { 0 };
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < EVAL_COLUMNS; j++)
            sum[j] += a[i] * b[i * EVAL_COLUMNS + j];
    for (size_t j = 0; j < EVAL_COLUMNS; j++)
        c[j] = sum[j];
}

static inline void multiply_body(const float *a, size_t a_step, size_t m, size_t k, const float *b,
                                 float *c, size_t c_step)
{
    size_t r = 0;
    for (; r + ROWS <= m; r += ROWS)
        four_rows(a + r * a_step, a_step, k, b, c + r * c_step, c_step);
    for (; r < m; r++)
        one_row(a + r * a_step, k, b, c + r * c_step);
}

WEFT_FORMS(multiply,
           (const float *a, size_t a_step, size_t m, size_t k, const float *b, float *c,
            size_t c_step),
           (a, a_step, m, k, b, c, c_step))

void eval_multiply_columns(const float *a, size_t a_step, size_t m, size_t k, const float *b,
                           float *c, size_t c_step)
{
    multiply(a, a_step, m, k, b, c, c_step);
}
