/* Moving data by lists of positions; the contract is in eval_lists.h. */
#include "eval_lists.h"

#include <stdlib.h>

void eval_lists_free(eval_lists *l)
{
    for (uint32_t i = 0; i < ND_MAX_RANK; i++)
        free(l->at[i]);
}

int eval_lists_new(eval_run *r, const nd *x, const size_t *dims, eval_lists *l)
{
    *l = (eval_lists){ .rank = x->rank };
    for (uint32_t i = 0; i < x->rank; i++) {
        l->dims[i] = dims[i];
        if (dims[i] > r->left || !(l->at[i] = malloc((dims[i] + 1) * sizeof **l->at)))
            return eval_refuse(r, WEFT_ERR_CAPACITY, "its result is larger than is possible here");
        for (size_t k = 0; k < dims[i]; k++)
            l->at[i][k] = (int64_t)k;
    }
    return WEFT_OK;
}

void eval_copy_element(const nd *from, size_t a, nd *to, size_t b)
{
    if (to->f)
        to->f[b] = from->f[a];
    else
        to->i[b] = from->i[a];
}

int eval_take(eval_run *r, const nd *x, const eval_lists *l, const nd *fill, nd *out)
{
    size_t stride[ND_MAX_RANK], index[ND_MAX_RANK] = { 0 }, at = 0;
    int rc = nd_new(r, x->type, l->rank, l->dims, out);
    if (rc != WEFT_OK || out->count == 0)
        return rc;
    nd_strides(x, stride);
    do {
        size_t from = 0;
        int inside = 1;
        for (uint32_t i = 0; i < l->rank; i++) {
            const int64_t k = l->at[i][index[i]];
            inside &= k >= 0 && (size_t)k < x->dims[i];
            from += inside ? (size_t)k * stride[i] : 0;
        }
        if (inside)
            eval_copy_element(x, from, out, at);
        else if (fill)
            eval_copy_element(fill, 0, out, at);
        at++;
    } while (nd_next(l->rank, l->dims, index));
    return WEFT_OK;
}
