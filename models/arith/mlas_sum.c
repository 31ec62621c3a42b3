/* Which order a sum has, and its end: mlas_sum.h. */
#include "mlas_sum.h"

mlas_sum mlas_sum_of(uint32_t rows, uint64_t columns, uint64_t products, int transposed,
                     uint64_t index)
{
    enum { COLUMNS = 128, LEAST_COLUMNS = 16, PRODUCTS = 128 };
    mlas_sum s = { .block = PRODUCTS, .left = products };
    if (rows == 1) {
        s.order = transposed ? MLAS_LANES : MLAS_GROUPS;
        s.block = mlas_group(products);
    } else if (columns == 1 && !transposed) {
        s.order = MLAS_LANES;
    }
    const uint64_t elements = rows == 1 ? columns : rows;
    s.together = index < elements / 4 * 4 ? 4 : index < elements / 2 * 2 ? 2 : 1;
    for (uint64_t wide = COLUMNS; s.order == MLAS_BLOCKS && columns < products &&
                                  wide > LEAST_COLUMNS && wide / 2 >= columns;
         wide /= 2)
        s.block *= 2;
    return s;
}

/* The eight sums of LANES. */
static float lanes_sum(const float *l, uint32_t together)
{
    if (together == 4) {
        const float low = l[0] + l[1] + l[2] + l[3], high = l[4] + l[5] + l[6] + l[7];
        return low + high;
    }
    static const uint8_t two[8] = { 0, 2, 4, 6, 1, 3, 5, 7 }, one[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    const uint8_t *at = together == 2 ? two : one;
    const float a = l[at[0]] + l[at[1]], b = l[at[2]] + l[at[3]];
    const float c = l[at[4]] + l[at[5]], d = l[at[6]] + l[at[7]];
    const float low = a + b, high = c + d;
    return low + high;
}

float mlas_sum_end(const mlas_sum *s)
{
    if (s->order == MLAS_LANES)
        return s->total + lanes_sum(s->lane, s->together);
    return s->count ? s->total + s->part : s->total;
}
