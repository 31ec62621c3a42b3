/* TILE, BROADCAST_TO, REVERSE_V2 and MIRROR_PAD: along every axis the output takes elements of the
 * input by their index.  Axes that change become RESIZE_NEAREST, whose lists may say anything. */
#include <inttypes.h>
#include <string.h>

#include "tflite_import.h"

/* from[i] elements along axis i become to[i], element k being that at list[i][k]; no list where
 * nothing changes. */
typedef struct axes {
    uint32_t rank;
    uint32_t from[WEFT_MAX_RANK], to[WEFT_MAX_RANK];
    uint32_t *list[WEFT_MAX_RANK];
} axes;

static int start(tfl_import *im, const tfl_node *n, uint32_t *tensor, axes *a)
{
    tfl_result r;
    int rc = tfl_move_start(im, n, 0, tensor, &r);
    *a = (axes){ .rank = r.rank };
    if (rc != WEFT_OK)
        return rc;
    memcpy(a->from, r.dims, sizeof a->from);
    memcpy(a->to, r.dims, sizeof a->to);
    return WEFT_OK;
}

static int new_list(tfl_import *im, const tfl_node *n, axes *a, uint32_t axis, uint64_t count)
{
    if (count < 1 || count > WEFT_MAX_ELEMENTS)
        return TFL_REFUSE(WEFT_ERR_RANGE, "it makes %" PRIu64 " elements along axis %" PRIu32,
                          count, axis);
    a->to[axis] = (uint32_t)count;
    a->list[axis] = tfl_alloc(im, count * sizeof *a->list[axis]);
    return a->list[axis] ? WEFT_OK : WEFT_ERR_NO_MEMORY;
}

static const uint32_t *identity(tfl_import *im, uint32_t count)
{
    uint32_t *list = tfl_alloc(im, count * sizeof *list);
    for (uint32_t i = 0; list && i < count; i++)
        list[i] = i;
    return list;
}

static uint32_t product(const uint32_t *dims, uint32_t first, uint32_t end)
{
    uint32_t p = 1; /* of sizes of one tensor, at most WEFT_MAX_ELEMENTS together */
    for (uint32_t i = first; i < end; i++)
        p *= dims[i];
    return p;
}

/* One node for the list of an axis, or for those of two axes if nothing is in front of them;
 * returns the axis behind.  dims are those of *tensor, which becomes the result. */
static int apply(tfl_import *im, const tfl_node *n, const axes *a, uint32_t *dims, uint32_t *axis,
                 uint32_t *tensor)
{
    const uint32_t outer = product(dims, 0, *axis);
    const int both = outer == 1 && *axis + 1 < a->rank && a->list[*axis + 1];
    const uint32_t last = *axis + (both ? 1 : 0), inner = product(dims, last + 1, a->rank);
    const uint32_t x[4] = { 1, both ? dims[*axis] : outer, dims[last], inner };
    const uint32_t y[4] = { 1, both ? a->to[*axis] : outer, a->to[last], inner };
    const weft_resize_nearest how = { both ? a->list[*axis] : identity(im, outer), a->list[last] };
    int rc = how.rows ? tfl_reshape(im, n, 4, x, tensor) : WEFT_ERR_NO_MEMORY;
    if (rc == WEFT_OK)
        rc = tfl_step(im, n, WEFT_OP_RESIZE_NEAREST, &how, 4, y, tensor);
    for (; *axis <= last; ++*axis)
        dims[*axis] = a->to[*axis];
    return rc;
}

static int emit(tfl_import *im, const tfl_node *n, const axes *a, uint32_t tensor)
{
    uint32_t dims[WEFT_MAX_RANK];
    tfl_result r = { .rank = a->rank, .quant = &tfl_in(im, n, 0)->quant };
    memcpy(r.dims, a->to, sizeof r.dims);
    memcpy(dims, a->from, sizeof dims);
    for (uint32_t axis = 0; axis < a->rank;) {
        int rc = WEFT_OK;
        if (a->list[axis])
            rc = apply(im, n, a, dims, &axis, &tensor);
        else
            axis++;
        if (rc != WEFT_OK)
            return rc;
    }
    return tfl_emit(im, n, 0, WEFT_OP_RESHAPE, NULL, 1, &tensor, &r);
}

/* --- the operators ------------------------------------------------------------------------ */

int tfl_tile(tfl_import *im, const tfl_node *n)
{
    int64_t times[WEFT_MAX_RANK];
    uint32_t count, in;
    axes a;
    int rc = start(im, n, &in, &a);
    if (rc == WEFT_OK)
        rc = tfl_ints(im, n, tfl_in(im, n, 1), WEFT_MAX_RANK, times, &count);
    if (rc == WEFT_OK && count != a.rank)
        rc = TFL_REFUSE(WEFT_ERR_SHAPE, "%" PRIu32 " repeats for rank %" PRIu32, count, a.rank);
    for (uint32_t i = 0; rc == WEFT_OK && i < a.rank; i++) {
        if (times[i] == 1)
            continue;
        if (times[i] < 1 || times[i] > INT32_MAX)
            return TFL_REFUSE(WEFT_ERR_RANGE, "it repeats an axis %" PRId64 " times", times[i]);
        rc = new_list(im, n, &a, i, (uint64_t)times[i] * a.from[i]);
        for (uint32_t k = 0; rc == WEFT_OK && k < a.to[i]; k++)
            a.list[i][k] = k % a.from[i];
    }
    return rc == WEFT_OK ? emit(im, n, &a, in) : rc;
}

int tfl_broadcast_to(tfl_import *im, const tfl_node *n)
{
    const tfl_value *y = tfl_out(im, n, 0);
    uint32_t in, ones;
    axes a, wide = { .rank = y->rank };
    int rc = start(im, n, &in, &a);
    if (rc == WEFT_OK && a.rank > y->rank)
        rc = TFL_REFUSE(WEFT_ERR_SHAPE, "input and output do not fit");
    if (rc != WEFT_OK)
        return rc;
    ones = y->rank - a.rank;
    for (uint32_t i = 0; i < y->rank; i++)
        wide.from[i] = wide.to[i] = i < ones ? 1 : a.from[i - ones];
    rc = tfl_reshape(im, n, y->rank, wide.from, &in);
    for (uint32_t i = 0; rc == WEFT_OK && i < y->rank; i++) {
        if (wide.from[i] == y->dims[i])
            continue;
        if (wide.from[i] != 1)
            return TFL_REFUSE(WEFT_ERR_SHAPE, "input and output do not fit");
        rc = new_list(im, n, &wide, i, y->dims[i]);
        for (uint32_t k = 0; rc == WEFT_OK && k < wide.to[i]; k++)
            wide.list[i][k] = 0;
    }
    return rc == WEFT_OK ? emit(im, n, &wide, in) : rc;
}

int tfl_reverse(tfl_import *im, const tfl_node *n)
{
    weft_slice s = { { 0 }, { 1, 1, 1, 1, 1, 1 } };
    int64_t reversed[WEFT_MAX_RANK];
    uint32_t count = 0, in;
    tfl_result r;
    int rc = tfl_move_start(im, n, 0, &in, &r);
    if (rc == WEFT_OK)
        rc = tfl_ints(im, n, tfl_in(im, n, 1), WEFT_MAX_RANK, reversed, &count);
    for (uint32_t i = 0; rc == WEFT_OK && i < count; i++) {
        uint32_t axis;
        rc = tfl_axis(im, n, reversed[i], r.rank, &axis);
        if (rc == WEFT_OK && r.dims[axis] > 1) {
            s.begin[axis] = r.dims[axis] - 1;
            s.stride[axis] = -1;
        }
    }
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_SLICE, &s, 1, &in, &r) : rc;
}

/* Element at - before of an axis continued as in a mirror, whose edge is repeated or not. */
static uint32_t mirrored(int64_t at, int64_t size, int edge_twice)
{
    if (at < 0)
        at = -at - edge_twice;
    if (at >= size)
        at = 2 * size - 2 + edge_twice - at;
    return (uint32_t)at;
}

int tfl_mirror_pad(tfl_import *im, const tfl_node *n)
{
    const int edge_twice = fb_i8(&im->file, n->options, 0, 0) != 0; /* SYMMETRIC, not REFLECT */
    int64_t pads[2 * WEFT_MAX_RANK];
    uint32_t count, in;
    axes a;
    int rc = start(im, n, &in, &a);
    if (rc == WEFT_OK)
        rc = tfl_ints(im, n, tfl_in(im, n, 1), 2 * WEFT_MAX_RANK, pads, &count);
    if (rc == WEFT_OK && count != 2 * a.rank)
        rc = TFL_REFUSE(WEFT_ERR_SHAPE, "%" PRIu32 " paddings for rank %" PRIu32, count, a.rank);
    for (uint32_t i = 0; rc == WEFT_OK && i < a.rank; i++) {
        const int64_t before = pads[2 * i], after = pads[2 * i + 1];
        const int64_t most = (int64_t)a.from[i] - !edge_twice;
        if (before == 0 && after == 0)
            continue;
        if (before < 0 || before > most || after < 0 || after > most)
            return TFL_REFUSE(WEFT_ERR_SHAPE, "it pads an axis by more than there is to mirror");
        rc = new_list(im, n, &a, i, (uint64_t)(a.from[i] + before + after));
        for (uint32_t k = 0; rc == WEFT_OK && k < a.to[i]; k++)
            a.list[i][k] = mirrored(k - before, a.from[i], edge_twice);
    }
    return rc == WEFT_OK ? emit(im, n, &a, in) : rc;
}
