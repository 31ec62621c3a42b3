/* Operators on constants: shape arithmetic in int32 and int64, reshapes of anything constant.
 * Lists may have any rank; they are joined and cut along axis 0.
 *
 * At most TFL_MAX_INTS elements per tensor; results live as long as the graph. */
#include <inttypes.h>
#include <string.h>

#include "tflite_import.h"

enum {
    ADD = 0,
    CONCATENATION = 2,
    MUL = 18,
    GATHER = 36,
    SUB = 41,
    DIV = 42,
    STRIDED_SLICE = 45,
    SPLIT = 49,
    CAST = 53,
    MAXIMUM = 55,
    MINIMUM = 57,
    SLICE = 65,
    SHAPE = 77,
    REDUCE_PROD = 81,
    PACK = 83,
    BROADCAST_ARGS = 145,
    FLOOR_DIV = 90,
    UNPACK = 88,
    FILL = 94,
    FLOOR_MOD = 95,
    RANGE = 96,
    RANK = 110
};

/* A small list of integers, of rank 0 or 1. */
typedef struct ints {
    uint32_t count;
    int64_t at[TFL_MAX_INTS];
} ints;

static int is_int(const tfl_value *v)
{
    return v && (v->type == TFL_INT32 || v->type == TFL_INT64);
}

/* Store a part of a result as the constant that the file declares; a list takes its length. */
static int keep_part(tfl_import *im, const tfl_node *n, uint32_t output, const ints *r,
                     uint32_t first, uint32_t count)
{
    tfl_value *y = tfl_out(im, n, output);
    if (!is_int(y))
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its constant result is %s",
                          tfl_type_name(y ? y->type : -1));
    const size_t bytes = y->type == TFL_INT64 ? 8 : 4;
    if ((y->rank > 1 && y->elements != count) || y->data || y->tensor != WEFT_NONE)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "its constant result has rank %" PRIu32 " or is written twice", y->rank);
    uint8_t *to = tfl_alloc(im, (uint64_t)count * bytes + 1);
    if (!to)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++)
        for (size_t b = 0; b < bytes; b++)
            to[i * bytes + b] = (uint8_t)((uint64_t)r->at[first + i] >> 8 * b);
    y->data = to;
    y->elements = count;
    if (y->rank == 1)
        y->dims[0] = count;
    return WEFT_OK;
}

static int keep(tfl_import *im, const tfl_node *n, const ints *r)
{
    return keep_part(im, n, 0, r, 0, r->count);
}

static int load(tfl_import *im, const tfl_node *n, uint32_t i, ints *r)
{
    return tfl_ints(im, n, tfl_in(im, n, i), TFL_MAX_INTS, r->at, &r->count);
}

int tfl_shape(tfl_import *im, const tfl_node *n)
{
    const tfl_value *x = tfl_in(im, n, 0);
    ints r = { .count = x ? x->rank : 0 };
    for (uint32_t i = 0; i < r.count; i++)
        r.at[i] = x->dims[i];
    return keep(im, n, &r);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    const int64_t q = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

/* a op b; values of shapes are small, and anything above 2^31 is not one. */
static int apply(int code, int64_t a, int64_t b, int64_t *r)
{
    const int64_t most = INT32_MAX;
    if (a > most || a < -most || b > most || b < -most)
        return 0;
    switch (code) {
    case ADD: *r = a + b; return 1;
    case SUB: *r = a - b; return 1;
    case MUL: *r = a * b; return 1;
    case MINIMUM: *r = a < b ? a : b; return 1;
    case MAXIMUM: *r = a > b ? a : b; return 1;
    case DIV: *r = b ? a / b : 0; return b != 0;
    case FLOOR_DIV: *r = b ? floor_div(a, b) : 0; return b != 0;
    case FLOOR_MOD: *r = b ? a - b * floor_div(a, b) : 0; return b != 0;
    default: return 0;
    }
}

static int fold_pair(tfl_import *im, const tfl_node *n)
{
    ints a, b;
    int rc = load(im, n, 0, &a);
    if (rc == WEFT_OK)
        rc = load(im, n, 1, &b);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t count = a.count > b.count ? a.count : b.count;
    if ((a.count != count && a.count != 1) || (b.count != count && b.count != 1))
        return TFL_REFUSE(WEFT_ERR_SHAPE, "%" PRIu32 " and %" PRIu32 " constants do not fit",
                          a.count, b.count);
    ints r = { .count = count };
    for (uint32_t i = 0; i < count; i++)
        if (!apply(n->code, a.at[a.count == 1 ? 0 : i], b.at[b.count == 1 ? 0 : i], &r.at[i]))
            return TFL_REFUSE(WEFT_ERR_RANGE, "its constants cannot be computed");
    return keep(im, n, &r);
}

/* CONCATENATION and PACK; of single numbers along any axis. */
static int fold_join(tfl_import *im, const tfl_node *n)
{
    ints r = { 0 }, part;
    const int32_t axis = fb_i32(&im->file, n->options, n->code == PACK ? 1 : 0, 0);
    const tfl_value *y = tfl_out(im, n, 0);
    if (axis != 0 && axis + (int64_t)y->rank != 0)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "it joins constants along another axis than 0");
    for (uint32_t i = 0; i < n->inputs.count; i++) {
        int rc = load(im, n, i, &part);
        if (rc != WEFT_OK)
            return rc;
        if (part.count > TFL_MAX_INTS - r.count)
            return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its constants are too many");
        memcpy(r.at + r.count, part.at, part.count * sizeof *part.at);
        r.count += part.count;
    }
    return keep(im, n, &r);
}

/* UNPACK and SPLIT: equal parts of axis 0. */
static int fold_cut(tfl_import *im, const tfl_node *n)
{
    ints x, axis = { .count = 1 };
    const uint32_t parts = n->outputs.count;
    int rc = load(im, n, n->code == SPLIT ? 1 : 0, &x);
    if (rc == WEFT_OK && n->code == SPLIT)
        rc = load(im, n, 0, &axis);
    else
        axis.at[0] = fb_i32(&im->file, n->options, 1, 0);
    const tfl_value *v = tfl_in(im, n, n->code == SPLIT ? 1 : 0);
    if (rc != WEFT_OK)
        return rc;
    if (axis.count != 1 || (axis.at[0] != 0 && axis.at[0] + (int64_t)v->rank != 0) || !parts ||
        x.count % parts)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "it cuts constants along another axis than 0");
    for (uint32_t i = 0; i < parts && rc == WEFT_OK; i++)
        rc = keep_part(im, n, i, &x, i * (x.count / parts), x.count / parts);
    return rc;
}

/* The shape to which two shapes broadcast. */
static int fold_broadcast(tfl_import *im, const tfl_node *n)
{
    ints a, b, r = { 0 };
    int rc = load(im, n, 0, &a);
    if (rc == WEFT_OK)
        rc = load(im, n, 1, &b);
    if (rc != WEFT_OK)
        return rc;
    r.count = a.count > b.count ? a.count : b.count;
    for (uint32_t i = 0; i < r.count; i++) {
        const int64_t p = i < r.count - a.count ? 1 : a.at[i - (r.count - a.count)];
        const int64_t q = i < r.count - b.count ? 1 : b.at[i - (r.count - b.count)];
        if (p != q && p != 1 && q != 1)
            return TFL_REFUSE(WEFT_ERR_SHAPE, "its two shapes do not fit");
        r.at[i] = p == 1 ? q : p;
    }
    return keep(im, n, &r);
}

static int fold_gather(tfl_import *im, const tfl_node *n)
{
    ints x, at;
    int rc = load(im, n, 0, &x);
    if (rc == WEFT_OK)
        rc = load(im, n, 1, &at);
    if (rc != WEFT_OK)
        return rc;
    ints r = { .count = at.count };
    for (uint32_t i = 0; i < at.count; i++) {
        const int64_t k = at.at[i] < 0 ? at.at[i] + x.count : at.at[i];
        if (k < 0 || k >= x.count)
            return TFL_REFUSE(WEFT_ERR_SHAPE, "it gathers outside its input");
        r.at[i] = x.at[k];
    }
    return keep(im, n, &r);
}

/* SLICE and STRIDED_SLICE of a list. */
static int fold_slice(tfl_import *im, const tfl_node *n)
{
    ints x, range[3] = { { 0 } };
    int rc = load(im, n, 0, &x);
    for (uint32_t i = 1; i < n->inputs.count && i < 4 && rc == WEFT_OK; i++)
        rc = load(im, n, i, &range[i - 1]);
    if (rc != WEFT_OK)
        return rc;
    if (range[0].count != 1 || range[1].count != 1 ||
        (n->code == STRIDED_SLICE && (range[2].count != 1 || range[2].at[0] == 0)))
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "it cuts a constant along several axes");
    const int64_t size = x.count, step = n->code == SLICE ? 1 : range[2].at[0];
    int64_t first = range[0].at[0], end = range[1].at[0];
    if (n->code == SLICE) {
        end = end < 0 ? size : first + end;
    } else {
        first += first < 0 ? size : 0;
        end += end < 0 ? size : 0;
        if (fb_i32(&im->file, n->options, 0, 0) & 1)
            first = step > 0 ? 0 : size - 1;
        if (fb_i32(&im->file, n->options, 1, 0) & 1)
            end = step > 0 ? size : -1;
        if (fb_i32(&im->file, n->options, 4, 0) & 1)
            end = first + (step > 0 ? 1 : -1);
    }
    ints r = { 0 };
    for (int64_t i = first; i >= 0 && i < size && (step > 0 ? i < end : i > end); i += step)
        r.at[r.count++] = x.at[i];
    return keep(im, n, &r);
}

static int fold_one(tfl_import *im, const tfl_node *n)
{
    ints x, r = { .count = 1 };
    int rc = load(im, n, 0, &x);
    if (rc != WEFT_OK || n->code == CAST)
        return rc == WEFT_OK ? keep(im, n, &x) : rc;
    r.at[0] = 1; /* REDUCE_PROD over everything */
    for (uint32_t i = 0; i < x.count; i++)
        if (!apply(MUL, r.at[0], x.at[i], &r.at[0]))
            return TFL_REFUSE(WEFT_ERR_RANGE, "its constants cannot be computed");
    return keep(im, n, &r);
}

static int fold_range(tfl_import *im, const tfl_node *n)
{
    ints part[3], r = { 0 };
    for (uint32_t i = 0; i < 3; i++) {
        int rc = load(im, n, i, &part[i]);
        if (rc != WEFT_OK)
            return rc;
        if (part[i].count != 1)
            return TFL_REFUSE(WEFT_ERR_SHAPE, "its ends and step must be single numbers");
    }
    const int64_t step = part[2].at[0], end = part[1].at[0];
    const int64_t most = INT32_MAX;
    if (step == 0 || step > most || step < -most)
        return TFL_REFUSE(WEFT_ERR_RANGE, "its step is not possible");
    for (int64_t i = part[0].at[0]; (step > 0 ? i < end : i > end); i += step) {
        if (r.count == TFL_MAX_INTS || i > most || i < -most)
            return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "it makes more than %d constants",
                              TFL_MAX_INTS);
        r.at[r.count++] = i;
    }
    return keep(im, n, &r);
}

static int fold_fill(tfl_import *im, const tfl_node *n)
{
    ints dims, value;
    int rc = load(im, n, 0, &dims);
    if (rc == WEFT_OK)
        rc = load(im, n, 1, &value);
    if (rc != WEFT_OK)
        return rc;
    ints r = { .count = 0 };
    int64_t count = 1;
    for (uint32_t i = 0; i < dims.count && count > 0 && count <= TFL_MAX_INTS; i++)
        count = dims.at[i] < 0 || dims.at[i] > TFL_MAX_INTS ? -1 : count * dims.at[i];
    if (dims.count > WEFT_MAX_RANK || value.count != 1 || count < 0 || count > TFL_MAX_INTS)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "it fills more than a short list");
    r.count = (uint32_t)count;
    for (uint32_t i = 0; i < r.count; i++)
        r.at[i] = value.at[0];
    return keep(im, n, &r);
}

/* Operators that look at places of their input, here only of a plain list. */
static int wants_list(int code)
{
    return code == GATHER || code == SLICE || code == STRIDED_SLICE || code == REDUCE_PROD;
}

int tfl_fold(tfl_import *im, const tfl_node *n, int *folded)
{
    const tfl_value *x = tfl_in(im, n, 0);
    *folded = 1;
    if (n->code == RANK && x)
        return keep(im, n, &(ints){ 1, { x->rank } });
    /* All data operands are constant integers: the last ones of SLICE and so on always are. */
    for (uint32_t i = 0; i < n->inputs.count; i++)
        if (!is_int(tfl_in(im, n, i)) || !tfl_in(im, n, i)->data)
            *folded = 0;
    if (!*folded)
        return WEFT_OK;
    if (wants_list(n->code) && x->rank > 1)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its constant has rank %" PRIu32, x->rank);
    switch (n->code) {
    case ADD:
    case SUB:
    case MUL:
    case DIV:
    case FLOOR_DIV:
    case FLOOR_MOD:
    case MINIMUM:
    case MAXIMUM: return fold_pair(im, n);
    case CONCATENATION:
    case PACK: return fold_join(im, n);
    case UNPACK:
    case SPLIT: return fold_cut(im, n);
    case BROADCAST_ARGS: return fold_broadcast(im, n);
    case GATHER: return fold_gather(im, n);
    case SLICE:
    case STRIDED_SLICE: return fold_slice(im, n);
    case CAST:
    case REDUCE_PROD: return fold_one(im, n);
    case RANGE: return fold_range(im, n);
    case FILL: return fold_fill(im, n);
    default: *folded = 0; return WEFT_OK;
    }
}

/* RESHAPE, SQUEEZE, EXPAND_DIMS: the declared output says the shape. */
int tfl_reshape_like(tfl_import *im, const tfl_node *n)
{
    tfl_value *x = tfl_in(im, n, 0), *y = tfl_out(im, n, 0);
    uint32_t in;
    if (x && x->data && y->tensor == WEFT_NONE && !y->data) {
        if (x->type != y->type || x->elements != y->elements)
            return TFL_REFUSE(WEFT_ERR_SHAPE, "input and output do not fit");
        y->data = x->data;
        return WEFT_OK;
    }
    int rc = tfl_tensor(im, n, x, &in);
    if (rc != WEFT_OK)
        return rc;
    if (x->type != y->type)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "input and output have different types");
    tfl_result r = { .rank = y->rank, .quant = &x->quant };
    memcpy(r.dims, y->dims, sizeof r.dims);
    return tfl_emit(im, n, 0, WEFT_OP_RESHAPE, NULL, 1, &in, &r);
}
