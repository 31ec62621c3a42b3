/* Resize and Upsample of mode linear: behind DequantizeLinear the float32 sum of the four
 * neighbours, rounded by the QuantizeLinear behind; of int8 or uint8 cut off, as ONNX Runtime's
 * kernel of integers does.
 *
 * Weights are fractions: those of scale p/q have a denominator of p or 2p, those of aligned corners
 * one less than the outputs. */
#include <math.h>
#include <string.h>

#include "models/base/common_divisor.h"
#include "onnx_ops.h"

/* Output i lies (first + i * step) / one inputs from the first one. */
typedef struct places {
    int64_t first, step, one;
} places;

/* The scale as p/q; 0 if there is no such fraction with small numbers. */
static int as_fraction(float scale, size_t in, int64_t *p, int64_t *q)
{
    for (*q = 1; *q <= 64 || (size_t)*q <= in; ++*q) {
        const double exact = (double)scale * (double)*q;
        *p = (int64_t)floor(exact + 0.5);
        if (exact > WEFT_LERP_MAX)
            return 0;
        if (*p > 0 && fabs(exact - (double)*p) < 1e-6 * exact)
            return 1;
    }
    return 0;
}

static int find_places(const eval_resize_args *a, uint32_t axis, places *out)
{
    const int64_t in = (int64_t)a->in[axis], outs = (int64_t)a->out[axis];
    int64_t p, q;
    *out = (places){ 0, 0, 1 };
    if (a->transform == ALIGN_CORNERS && outs > 1)
        *out = (places){ 0, in - 1, outs - 1 };
    if (a->transform == ALIGN_CORNERS || (a->transform == PYTORCH_HALF_PIXEL && outs == 1))
        return 1;
    if (a->transform == HALF_PIXEL_SYMMETRIC || !as_fraction(a->scale[axis], a->in[axis], &p, &q))
        return 0;
    *out = a->transform == ASYMMETRIC ? (places){ 0, q, p } : (places){ q - p, 2 * q, 2 * p };
    return 1;
}

/* The list of an axis with weights as small as they can be; NULL without memory. */
static weft_lerp *lerp_list(onnx_import *im, const eval_resize_args *a, uint32_t axis,
                            const places *at, uint32_t *one)
{
    weft_lerp *list = weft_graph_alloc(im->graph, (a->out[axis] + 1) * sizeof *list);
    const int64_t end = ((int64_t)a->in[axis] - 1) * at->one;
    int64_t unit = at->one;
    for (size_t i = 0; list && i < a->out[axis]; i++) {
        int64_t place = at->first + (int64_t)i * at->step;
        place = place < 0 ? 0 : place > end ? end : place;
        list[i].lo = (uint32_t)(place / at->one);
        list[i].weight = (uint32_t)(place % at->one);
        list[i].hi = list[i].lo + (list[i].weight ? 1 : 0);
        unit = (int64_t)common_divisor((uint64_t)unit, list[i].weight);
    }
    for (size_t i = 0; list && i < a->out[axis]; i++)
        list[i].weight /= (uint32_t)unit;
    *one = (uint32_t)(at->one / unit);
    return list;
}

/* The shares of an axis, in float32 as ONNX Runtime computes them; NULL without memory. */
static weft_share *share_list(onnx_import *im, const eval_resize_args *a, uint32_t axis)
{
    weft_share *list = weft_graph_alloc(im->graph, (a->out[axis] + 1) * sizeof *list);
    const uint32_t last = (uint32_t)a->in[axis] - 1;
    for (size_t i = 0; list && i < a->out[axis]; i++) {
        float place = eval_resize_place(a, axis, i);
        place = place > 0 ? place : 0;
        place = place < (float)last ? place : (float)last;
        weft_share *s = &list[i];
        s->lo = (uint32_t)place;
        s->hi = s->lo < last ? s->lo + 1 : last;
        s->of_lo = s->lo == s->hi ? 0.5f : fabsf(place - (float)s->hi);
        s->of_hi = s->lo == s->hi ? 0.5f : fabsf(place - (float)s->lo);
    }
    return list;
}

static int read_attributes(onnx_import *im, const Onnx__NodeProto *node, const eval_resize_args *a,
                           weft_resize_bilinear *out)
{
    places rows, columns;
    if (!find_places(a, 2, &rows) || !find_places(a, 3, &columns))
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "mode \"linear\" needs a factor that is a fraction of small numbers, "
                           "and not half_pixel_symmetric");
    *out = (weft_resize_bilinear){ .clamp = { -128, 127 } };
    out->rows = lerp_list(im, a, 2, &rows, &out->row_one);
    out->columns = lerp_list(im, a, 3, &columns, &out->column_one);
    if (!out->rows || !out->columns)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    return (uint64_t)out->row_one * out->column_one <= WEFT_LERP_MAX
               ? WEFT_OK
               : onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                             "its weights are fractions with denominators %u and %u, too fine for "
                             "int8 arithmetic",
                             (unsigned)out->row_one, (unsigned)out->column_one);
}

int onnx_resize_linear(onnx_import *im, const Onnx__NodeProto *node, const eval_resize_args *a)
{
    onnx_value *v = onnx_input(im, node, 0);
    const uint32_t dims[4] = { v->dims[0], v->dims[1], (uint32_t)a->out[2], (uint32_t)a->out[3] };
    weft_resize_bilinear attr;
    int rc = read_attributes(im, node, a, &attr);
    if (rc == WEFT_OK && v->kind != ONNX_QUANT && v->kind != ONNX_FLOAT)
        rc = onnx_product_input(im, node, 0, &v);
    if (rc == WEFT_OK)
        rc = onnx_arrange(im, node, v, onnx_nhwc);
    if (rc != WEFT_OK)
        return rc;
    if (v->kind == ONNX_QUANT) {
        attr.truncates = 1;
        attr.origin = v->dtype == WEFT_UINT8 ? INT8_MIN : 0;
        return onnx_append_moved(im, node, WEFT_OP_RESIZE_BILINEAR, &attr, v, dims,
                                 onnx_output(im, node, 0));
    }
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_RESIZE_BILINEAR);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    attr.row_shares = share_list(im, a, 2);
    attr.column_shares = share_list(im, a, 3);
    if (!attr.row_shares || !attr.column_shares)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    const uint32_t nhwc[4] = { dims[0], dims[2], dims[3], dims[1] };
    const onnx_layout layout = onnx_layout_of(4, dims, onnx_nhwc);
    p->attr.resize_bilinear = attr;
    p->inputs[0] = v->tensor;
    p->input_count = 1;
    p->rank = 4;
    memcpy(p->dims, nhwc, sizeof nhwc);
    *onnx_output(im, node, 0) = onnx_pending_value(p, 4, dims, &layout);
    return WEFT_OK;
}
