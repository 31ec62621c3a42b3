/* Operators that change the shape and keep the data: Reshape, Flatten, Squeeze, Unsqueeze. */
#include <inttypes.h>

#include "eval.h"

/* A copy with another shape of as many elements. */
static int reshaped(eval_run *r, const nd *x, uint32_t rank, const size_t *dims, nd *out)
{
    size_t count = 1;
    for (uint32_t i = 0; i < rank; i++) {
        if (dims[i] && count > EVAL_ELEMENTS / dims[i])
            return eval_refuse(r, WEFT_ERR_SHAPE, "the new shape is too large");
        count *= dims[i];
    }
    if (count != x->count)
        return eval_refuse(r, WEFT_ERR_SHAPE, "%zu elements do not fit the new shape (%zu)",
                           x->count, count);
    int rc = nd_copy(r, x, out);
    out->rank = rc == WEFT_OK ? rank : 0;
    for (uint32_t i = 0; i < rank && rc == WEFT_OK; i++)
        out->dims[i] = dims[i];
    return rc;
}

int eval_reshape(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    int64_t want[ND_MAX_RANK];
    size_t rank, dims[ND_MAX_RANK], known = 1, open = ND_MAX_RANK;
    const int zeros = onnx_attr_int(r->node, "allowzero", 0) != 0;
    int rc = eval_ints(r, in[1], ND_MAX_RANK, want, &rank);
    if (rc != WEFT_OK)
        return rc;
    for (size_t i = 0; i < rank; i++) {
        if (want[i] < -1 || want[i] > (int64_t)EVAL_ELEMENTS ||
            (want[i] == 0 && !zeros && i >= in[0]->rank) || (want[i] == -1 && open != ND_MAX_RANK))
            return eval_refuse(r, WEFT_ERR_SHAPE, "the new shape holds %" PRId64, want[i]);
        if (want[i] == -1) {
            open = i;
            continue;
        }
        dims[i] = want[i] == 0 && !zeros ? in[0]->dims[i] : (size_t)want[i];
        if (dims[i] && known > EVAL_ELEMENTS / dims[i])
            return eval_refuse(r, WEFT_ERR_SHAPE, "the new shape is too large");
        known *= dims[i];
    }
    if (open != ND_MAX_RANK)
        dims[open] = known ? in[0]->count / known : 0;
    return reshaped(r, in[0], (uint32_t)rank, dims, out);
}

int eval_flatten(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const int64_t given = onnx_attr_int(r->node, "axis", 1), rank = in[0]->rank;
    const int64_t axis = given < 0 ? given + rank : given;
    if (axis < 0 || axis > rank)
        return eval_refuse(r, WEFT_ERR_SHAPE, "axis is outside the input");
    size_t dims[2] = { 1, 1 };
    for (int64_t i = 0; i < rank; i++)
        dims[i >= axis] *= in[0]->dims[i];
    return reshaped(r, in[0], 2, dims, out);
}

int eval_squeeze(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *list = count > 1 ? in[1] : NULL;
    const int given = list || onnx_attr(r->node, "axes");
    unsigned set;
    size_t dims[ND_MAX_RANK], axes;
    uint32_t rank = 0;
    int rc = eval_axis_set(r, list, in[0]->rank, &set, &axes);
    if (rc != WEFT_OK)
        return rc;
    for (uint32_t i = 0; i < in[0]->rank; i++)
        if (given ? !(set & 1u << i) : in[0]->dims[i] != 1)
            dims[rank++] = in[0]->dims[i];
    return reshaped(r, in[0], rank, dims, out);
}

int eval_unsqueeze(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const Onnx__AttributeProto *a = onnx_attr(r->node, "axes");
    const nd *list = count > 1 ? in[1] : NULL;
    const uint64_t more = list ? list->count : a ? a->n_ints : 0, rank = in[0]->rank + more;
    unsigned set;
    size_t dims[ND_MAX_RANK], axes;
    if (rank > ND_MAX_RANK)
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "more than %d dimensions", ND_MAX_RANK);
    int rc = eval_axis_set(r, list, (uint32_t)rank, &set, &axes);
    if (rc != WEFT_OK)
        return rc;
    for (uint32_t i = 0, from = 0; i < rank; i++)
        dims[i] = set & 1u << i ? 1 : in[0]->dims[from++];
    return reshaped(r, in[0], (uint32_t)rank, dims, out);
}
