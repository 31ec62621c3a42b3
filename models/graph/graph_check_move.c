/* The rules of the operators that move data: RESHAPE, TRANSPOSE, PAD, CONCAT, SLICE, RESIZE_*. */
#include "graph.h"

#include <inttypes.h>

#include "graph_own.h"

/* One type, one quantisation. */
static int check_moved(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    if (x->data || x->dtype != y->dtype || !weft_same_quant(x, y))
        return REFUSE(WEFT_ERR_SHAPE, "input and output must be activations of one type and scale");
    return WEFT_OK;
}

int weft_check_reshape(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    if (weft_tensor_elements(x) != weft_tensor_elements(y))
        return REFUSE(WEFT_ERR_SHAPE, "%" PRIu64 " elements cannot become %" PRIu64,
                      weft_tensor_elements(x), weft_tensor_elements(y));
    return check_moved(g, n, err);
}

int weft_check_transpose(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    unsigned seen = 0;
    int fits = x->rank == y->rank;
    for (uint32_t i = 0; i < y->rank && fits; i++) {
        uint32_t from = n->attr.transpose.perm[i];
        fits = from < x->rank && !(seen & 1u << from) && y->dims[i] == x->dims[from];
        seen |= fits ? 1u << from : 0;
    }
    if (!fits)
        return REFUSE(WEFT_ERR_SHAPE, "the permutation does not fit the shapes");
    return check_moved(g, n, err);
}

int weft_check_pad(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_pad *a = &n->attr.pad;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    int rc = weft_check_one_type(g, n, err);
    if (rc != WEFT_OK)
        return rc;
    int fits = x->rank == y->rank;
    for (uint32_t i = 0; i < x->rank && fits; i++)
        fits = (uint64_t)a->before[i] + x->dims[i] + a->after[i] == y->dims[i];
    if (!fits)
        return REFUSE(WEFT_ERR_SHAPE, "input and padding do not give the output shape");
    if (!weft_node_is_real(g, n) && (a->value < -128 || a->value > 127))
        return REFUSE(WEFT_ERR_RANGE, "the value %" PRId32 " is not int8", a->value);
    return check_moved(g, n, err);
}

int weft_check_concat(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const uint32_t axis = n->attr.concat.axis;
    const weft_tensor *y = &g->tensors[n->output];
    uint64_t length = 0;
    int rc = y->dtype == WEFT_INT32    ? weft_check_inputs(g, n, WEFT_INT32, err)
             : weft_node_is_real(g, n) ? weft_check_reals(g, n, err)
                                       : weft_check_operands(g, n, err);
    if (rc != WEFT_OK)
        return rc;
    for (uint32_t k = 0; k < n->input_count; k++) {
        const weft_tensor *x = weft_node_input(g, n, k);
        int fits = x->rank == y->rank && axis < y->rank;
        for (uint32_t i = 0; i < y->rank && fits; i++)
            fits = i == axis || x->dims[i] == y->dims[i];
        if (!fits)
            return REFUSE(WEFT_ERR_SHAPE, "the input \"%s\" does not fit the output along axis %u",
                          x->name, axis);
        if (!weft_same_quant(x, y))
            return REFUSE(WEFT_ERR_SHAPE, "the input \"%s\" is not quantised like the output",
                          x->name);
        length += x->dims[axis];
    }
    if (length != y->dims[axis])
        return REFUSE(WEFT_ERR_SHAPE, "the inputs have %" PRIu64 " along axis %u, the output %u",
                      length, axis, y->dims[axis]);
    return WEFT_OK;
}

int weft_check_slice(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_slice *a = &n->attr.slice;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    int rc = weft_check_one_type(g, n, err);
    if (rc != WEFT_OK)
        return rc;
    int fits = x->rank == y->rank;
    for (uint32_t i = 0; i < x->rank && fits; i++) {
        int64_t last = a->begin[i] + (int64_t)a->stride[i] * (y->dims[i] - 1);
        fits = a->stride[i] != 0 && a->begin[i] < x->dims[i] && last >= 0 && last < x->dims[i];
    }
    if (!fits)
        return REFUSE(WEFT_ERR_SHAPE, "begin and stride leave the input");
    return check_moved(g, n, err);
}

/* NHWC int8 in and out, one batch, the same channels. */
static int check_image(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    int rc = weft_check_one_type(g, n, err);
    if (rc != WEFT_OK)
        return rc;
    if (x->rank != 4 || y->rank != 4 || x->dims[0] != 1 || y->dims[0] != 1 ||
        x->dims[3] != y->dims[3])
        return REFUSE(WEFT_ERR_UNSUPPORTED,
                      "input and output must be NHWC of rank 4, batch 1 and equal channels");
    return WEFT_OK;
}

int weft_check_resize_nearest(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_resize_nearest *a = &n->attr.resize_nearest;
    int rc = check_image(g, n, err);
    if (rc == WEFT_OK)
        rc = check_moved(g, n, err);
    if (rc != WEFT_OK)
        return rc;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    int inside = 1;
    for (uint32_t i = 0; i < y->dims[1]; i++)
        inside &= a->rows[i] < x->dims[1];
    for (uint32_t i = 0; i < y->dims[2]; i++)
        inside &= a->columns[i] < x->dims[2];
    return inside ? WEFT_OK : REFUSE(WEFT_ERR_SHAPE, "a row or column lies outside the input");
}

static int lerp_inside(const weft_lerp *list, uint32_t count, uint32_t size, uint32_t one)
{
    for (uint32_t i = 0; i < count; i++) {
        const weft_lerp *l = &list[i];
        if (l->lo >= size || l->hi >= size || l->hi - l->lo > 1 || l->weight >= one ||
            (l->hi == l->lo && l->weight))
            return 0;
    }
    return 1;
}

static int shares_inside(const weft_share *list, uint32_t count, uint32_t size, float beyond)
{
    for (uint32_t i = 0; i < count; i++) {
        const weft_share *s = &list[i];
        if (s->lo >= size || s->hi >= size || s->hi - s->lo > 1 ||
            !(s->of_lo >= -beyond && s->of_lo <= 1 + beyond) ||
            !(s->of_hi >= -beyond && s->of_hi <= 1 + beyond))
            return 0;
    }
    return 1;
}

int weft_check_resize_bilinear(const weft_graph *g, const weft_node *n, weft_error *err)
{
    const weft_resize_bilinear *a = &n->attr.resize_bilinear;
    const int rescales = n->requant == WEFT_REQUANT_ONNX && !a->truncates;
    uint32_t unit[2];
    weft_requant_kind kind;
    weft_requant rq;
    int rc = check_image(g, n, err);
    if (rc == WEFT_OK && !rescales)
        rc = check_moved(g, n, err);
    if (rc == WEFT_OK)
        rc = weft_check_clamp(n, a->clamp, err);
    if (rc != WEFT_OK)
        return rc;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    if (a->row_one < 1 || a->column_one < 1 ||
        (uint64_t)a->row_one * a->column_one > WEFT_LERP_MAX ||
        (a->origin != 0 && (rescales || a->origin != INT8_MIN)) ||
        (a->truncates && n->requant != WEFT_REQUANT_ONNX))
        return REFUSE(WEFT_ERR_RANGE, "its weights or its rounding are out of range");
    if (!lerp_inside(a->rows, y->dims[1], x->dims[1], a->row_one) ||
        !lerp_inside(a->columns, y->dims[2], x->dims[2], a->column_one))
        return REFUSE(WEFT_ERR_SHAPE, "a row or column lies outside the input");
    const float beyond = rescales ? 0 : 1;
    if (a->row_shares &&
        (a->truncates || !shares_inside(a->row_shares, y->dims[1], x->dims[1], beyond) ||
         !shares_inside(a->column_shares, y->dims[2], x->dims[2], beyond)))
        return REFUSE(WEFT_ERR_RANGE, "its shares are out of range");
    if (weft_node_is_real(g, n))
        return a->row_shares ? WEFT_OK : REFUSE(WEFT_ERR_UNSUPPORTED, "float32 needs shares");
    if (weft_node_bilinear_requant(g, n, unit, &kind, &rq) != WEFT_OK)
        return REFUSE(WEFT_ERR_RANGE, "its scales cannot be had from each other");
    return WEFT_OK;
}
