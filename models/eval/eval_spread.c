/* Operators that choose, surround and repeat data: Gather, Pad, Expand, Tile, DepthToSpace and kin.
 */
#include <inttypes.h>
#include <string.h>

#include "eval_lists.h"
#include "eval_pad.h"

int eval_gather(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const nd *x = in[0], *indices = in[1];
    uint32_t axis;
    size_t dims[ND_MAX_RANK], outer = 1, inner = 1, at = 0;
    int rc = eval_axis(r, onnx_attr_int(r->node, "axis", 0), x->rank, &axis);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t rank = x->rank - 1 + indices->rank;
    if (!indices->i || rank > ND_MAX_RANK)
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs integer indices and at most 8 dimensions");
    for (uint32_t i = 0; i < rank; i++)
        dims[i] = i < axis                   ? x->dims[i]
                  : i < axis + indices->rank ? indices->dims[i - axis]
                                             : x->dims[i - indices->rank + 1];
    for (uint32_t i = 0; i < x->rank; i++)
        *(i < axis ? &outer : i > axis ? &inner : &(size_t){ 0 }) *= x->dims[i];
    rc = nd_new(r, x->type, rank, dims, out);
    const int64_t size = (int64_t)x->dims[axis];
    for (size_t o = 0; rc == WEFT_OK && out->count && o < outer; o++)
        for (size_t k = 0; k < indices->count; k++) {
            const int64_t i = indices->i[k] < 0 ? indices->i[k] + size : indices->i[k];
            if (i < 0 || i >= size)
                return eval_refuse(r, WEFT_ERR_RANGE, "index %" PRId64 " of %" PRId64,
                                   indices->i[k], size);
            for (size_t e = 0; e < inner; e++)
                eval_copy_element(x, (o * (size_t)size + (size_t)i) * inner + e, out, at++);
        }
    return rc;
}

eval_pad_mode eval_read_pad_mode(const Onnx__NodeProto *node)
{
    static const char *const modes[PAD_MODES] = { "constant", "reflect", "edge", "wrap" };
    eval_pad_mode mode = PAD_CONSTANT;
    while (mode < PAD_MODES && !onnx_attr_is(node, "mode", modes[mode], "constant"))
        mode++;
    return mode;
}

int64_t eval_padded(int64_t k, int64_t size, eval_pad_mode mode)
{
    if (k >= 0 && k < size)
        return k;
    if (mode == PAD_CONSTANT || size < 1)
        return EVAL_OUTSIDE;
    if (mode == PAD_EDGE)
        return k < 0 ? 0 : size - 1;
    if (mode == PAD_WRAP)
        return (k % size + size) % size;
    const int64_t period = size > 1 ? 2 * (size - 1) : 1;
    k = (k % period + period) % period;
    return k < size ? k : period - k;
}

static int padding_possible(int64_t pad)
{
    return pad >= -(int64_t)EVAL_ELEMENTS && pad <= (int64_t)EVAL_ELEMENTS;
}

static int read_pads(eval_run *r, const nd *x, const nd *list, const nd *axes, int64_t *pads)
{
    const Onnx__AttributeProto *a = onnx_attr(r->node, "pads");
    int64_t given[2 * ND_MAX_RANK], which[ND_MAX_RANK];
    size_t count = 0, named = x->rank;
    int rc = WEFT_OK;
    memset(pads, 0, 2 * ND_MAX_RANK * sizeof *pads);
    for (uint32_t i = 0; i < ND_MAX_RANK; i++)
        which[i] = i;
    if (list)
        rc = eval_ints(r, list, 2 * ND_MAX_RANK, given, &count);
    for (; !list && a && count < a->n_ints && count < 2 * ND_MAX_RANK; count++)
        given[count] = a->ints[count];
    if (rc == WEFT_OK && axes)
        rc = eval_ints(r, axes, ND_MAX_RANK, which, &named);
    if (rc == WEFT_OK && count != 2 * named)
        rc = eval_refuse(r, WEFT_ERR_SHAPE, "%zu paddings for %zu axes", count, named);
    for (size_t i = 0; rc == WEFT_OK && i < named; i++) {
        uint32_t axis = 0;
        rc = eval_axis(r, which[i], x->rank, &axis);
        if (rc == WEFT_OK && (!padding_possible(given[i]) || !padding_possible(given[i + named])))
            rc = eval_refuse(r, WEFT_ERR_RANGE, "a padding is out of range");
        pads[axis] = given[i];
        pads[ND_MAX_RANK + axis] = given[i + named];
    }
    return rc;
}

int eval_pad(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *x = in[0], *value = count > 2 ? in[2] : NULL;
    const eval_pad_mode mode = eval_read_pad_mode(r->node);
    int64_t pads[2 * ND_MAX_RANK];
    size_t dims[ND_MAX_RANK] = { 0 };
    eval_lists l = { 0 };
    float given = onnx_attr_float(r->node, "value", 0.0f);
    nd fill = { .type = x->type, .count = 1, .f = x->f ? &given : NULL };
    if (mode == PAD_MODES)
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "this mode is not possible");
    if (value && (value->count != 1 || value->type != x->type))
        return eval_refuse(r, WEFT_ERR_SHAPE, "its value must be one number of the input's type");
    int rc = read_pads(r, x, count > 1 ? in[1] : NULL, count > 3 ? in[3] : NULL, pads);
    for (uint32_t i = 0; rc == WEFT_OK && i < x->rank; i++) {
        const int64_t size = (int64_t)x->dims[i] + pads[i] + pads[ND_MAX_RANK + i];
        dims[i] = size > 0 ? (size_t)size : 0;
    }
    if (rc == WEFT_OK)
        rc = eval_lists_new(r, x, dims, &l);
    for (uint32_t i = 0; rc == WEFT_OK && i < x->rank; i++)
        for (size_t k = 0; k < dims[i]; k++)
            l.at[i][k] = eval_padded((int64_t)k - pads[i], (int64_t)x->dims[i], mode);
    if (rc == WEFT_OK)
        rc = eval_take(r, x, &l, value ? value : x->f ? &fill : NULL, out);
    eval_lists_free(&l);
    return rc;
}

/* The shape of `list` and the input's broadcast with each other. */
int eval_expand(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    nd x = *in[0]; /* a view with leading ones */
    int64_t want[ND_MAX_RANK];
    size_t rank, dims[ND_MAX_RANK] = { 0 };
    eval_lists l = { 0 };
    int rc = eval_ints(r, in[1], ND_MAX_RANK, want, &rank);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t most = x.rank > rank ? x.rank : (uint32_t)rank;
    for (uint32_t i = 0; i < most; i++) {
        const size_t have = i + x.rank < most ? 1 : in[0]->dims[i + x.rank - most];
        const int64_t ask = i + rank < most ? 1 : want[i + rank - most];
        if (ask < 0 || (have != 1 && ask != 1 && (size_t)ask != have))
            return eval_refuse(r, WEFT_ERR_SHAPE, "%zu does not broadcast to %" PRId64, have, ask);
        dims[i] = have == 1 ? (size_t)ask : have;
    }
    for (uint32_t i = most; i-- > 0;)
        x.dims[i] = i + x.rank < most ? 1 : in[0]->dims[i + x.rank - most];
    x.rank = most;
    rc = eval_lists_new(r, &x, dims, &l);
    for (uint32_t i = 0; rc == WEFT_OK && i < most; i++)
        for (size_t k = 0; x.dims[i] == 1 && k < dims[i]; k++)
            l.at[i][k] = 0;
    if (rc == WEFT_OK)
        rc = eval_take(r, &x, &l, NULL, out);
    eval_lists_free(&l);
    return rc;
}

int eval_tile(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const nd *x = in[0];
    int64_t times[ND_MAX_RANK];
    size_t rank, dims[ND_MAX_RANK] = { 0 };
    eval_lists l = { 0 };
    int rc = eval_ints(r, in[1], ND_MAX_RANK, times, &rank);
    if (rc == WEFT_OK && rank != x->rank)
        rc = eval_refuse(r, WEFT_ERR_SHAPE, "needs a repetition for every axis");
    for (uint32_t i = 0; rc == WEFT_OK && i < x->rank; i++) {
        if (times[i] < 0 || times[i] > (int64_t)EVAL_ELEMENTS)
            return eval_refuse(r, WEFT_ERR_RANGE, "%" PRId64 " repetitions", times[i]);
        dims[i] = x->dims[i] * (size_t)times[i];
    }
    if (rc == WEFT_OK)
        rc = eval_lists_new(r, x, dims, &l);
    for (uint32_t i = 0; rc == WEFT_OK && i < x->rank; i++)
        for (size_t k = 0; k < dims[i]; k++)
            l.at[i][k] = (int64_t)(k % x->dims[i]);
    if (rc == WEFT_OK)
        rc = eval_take(r, x, &l, NULL, out);
    eval_lists_free(&l);
    return rc;
}

/* Both move blocks between channels and pixels of NCHW: element by element. */
static int blocks(eval_run *r, const nd *x, int to_space, nd *out)
{
    const int64_t b = onnx_attr_int(r->node, "blocksize", 0);
    const int crd = onnx_attr_is(r->node, "mode", "CRD", "DCR");
    if (x->rank != 4 || b < 1 || b > 4096)
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs rank 4 and a blocksize");
    const size_t s = (size_t)b, *d = x->dims;
    if (to_space ? d[1] % (s * s) : d[2] % s || d[3] % s)
        return eval_refuse(r, WEFT_ERR_SHAPE, "the blocks do not divide the input");
    const size_t dims[4] = { d[0], to_space ? d[1] / (s * s) : d[1] * s * s,
                             to_space ? d[2] * s : d[2] / s, to_space ? d[3] * s : d[3] / s };
    size_t at[4] = { 0 };
    int rc = nd_new(r, x->type, 4, dims, out);
    if (rc != WEFT_OK || out->count == 0)
        return rc;
    const size_t c_small = to_space ? dims[1] : d[1];
    size_t e = 0;
    do {
        size_t n = at[0], c, y, w;
        if (to_space) {
            const size_t block = at[2] % s * s + at[3] % s;
            c = crd ? at[1] * s * s + block : block * c_small + at[1];
            y = at[2] / s;
            w = at[3] / s;
        } else {
            const size_t block = at[1] / c_small;
            c = at[1] % c_small;
            y = at[2] * s + block / s;
            w = at[3] * s + block % s;
        }
        eval_copy_element(x, ((n * d[1] + c) * d[2] + y) * d[3] + w, out, e++);
    } while (nd_next(4, dims, at));
    return WEFT_OK;
}

int eval_depth_to_space(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    return blocks(r, in[0], 1, out);
}

int eval_space_to_depth(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    return blocks(r, in[0], 0, out);
}
