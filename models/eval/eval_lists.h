/* Moving data by lists of positions; private to eval.
 *
 * Nearly every operator that moves data is one loop: element (i0, i1, ..) of the result is element
 * (list0[i0], list1[i1], ..) of the input, or a constant where a list leads outside. */
#ifndef WEFT_EVAL_LISTS_H
#define WEFT_EVAL_LISTS_H

#include "eval.h"

enum { EVAL_OUTSIDE = -1 };

/* Per axis of the input, as many positions as the result has. */
typedef struct eval_lists {
    uint32_t rank;
    size_t dims[ND_MAX_RANK];
    int64_t *at[ND_MAX_RANK];
} eval_lists;

/* Lists for a result of these sizes, axes as they are; to be freed also after a failure. */
int eval_lists_new(eval_run *r, const nd *x, const size_t *dims, eval_lists *l);

/* Frees the lists; allowed after a failure of eval_lists_new. */
void eval_lists_free(eval_lists *l);

/* The result; fill has one element, or is NULL for zeros. */
int eval_take(eval_run *r, const nd *x, const eval_lists *l, const nd *fill, nd *out);

/* Element b of `to` becomes element a of `from`, both of one kind. */
void eval_copy_element(const nd *from, size_t a, nd *to, size_t b);

#endif
