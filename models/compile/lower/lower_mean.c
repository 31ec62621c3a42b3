/* MEAN over any axes.
 *
 * Axes of size 1 aside, a mean over neighbouring axes is [P][T][K] -> [P][K].  With K above 1 it is
 * a pool: T taps, K bytes a pixel.  With K = 1 it is a convolution of T channels with weights of 1.
 * Any other order of axes is copied first into one of these. */
#include "conv.h"
#include "lower.h"
#include "models/compile/exact/averages.h"

#include <inttypes.h>

typedef struct form {
    uint64_t p, t, k;
} form;

/* 1 if the axes are kept, averaged, kept, in this order. */
static int form_of(const weft_tensor *x, uint32_t axes, form *f)
{
    int stage = 0;
    *f = (form){ 1, 1, 1 };
    for (uint32_t i = 0; i < x->rank; i++) {
        const int averaged = (int)(axes >> i & 1);
        if (x->dims[i] == 1)
            continue;
        if (averaged != (stage == 1) && ++stage > 2)
            return 0;
        *(stage == 0 ? &f->p : stage == 1 ? &f->t : &f->k) *= x->dims[i];
    }
    return 1;
}

/* Averaged axes to the side where the last axis is not, in their order. */
static int rearrange(lowering *low, const weft_node *n, form *f, uint32_t *from)
{
    const weft_tensor *x = &low->net->g->tensors[n->inputs[0]];
    const uint32_t axes = n->attr.mean.axes, averaged_last = axes >> (x->rank - 1) & 1;
    copy_part c = { .area = low->area_of[n->inputs[0]], .rank = 0 };
    int64_t step[WEFT_MAX_RANK], at = 1;
    *f = (form){ 1, 1, 1 };
    for (uint32_t i = x->rank; i-- > 0; at *= x->dims[i])
        step[i] = at;
    for (uint32_t turn = 0; turn < 2; turn++)
        for (uint32_t i = 0; i < x->rank; i++) {
            const uint32_t averaged = axes >> i & 1;
            if (averaged != (turn == 0 ? !averaged_last : averaged_last))
                continue;
            c.axis[c.rank++] = (copy_axis){ x->dims[i], NULL, step[i], 0 };
            *(averaged ? &f->t : averaged_last ? &f->p : &f->k) *= x->dims[i];
        }
    at = 1;
    for (uint32_t i = c.rank; i-- > 0; at *= c.axis[i].count)
        c.axis[i].to_step = at;
    const uint32_t rows = (uint32_t)(averaged_last ? f->p : f->t);
    int rc = lowering_add_area(low, rows, (uint32_t)(averaged_last ? f->t : f->k), from);
    return rc == WEFT_OK ? layout_copy(low, (uint32_t)(n - low->net->g->nodes), &c, 1, *from) : rc;
}

/* The geometry of a layer: pixels of in_c bytes, windows of w. */
typedef struct geometry {
    uint32_t in_h, in_w, in_c, out_h, out_w, out_c;
    weft_window w;
} geometry;

static int choose_geometry(lowering *low, uint32_t node, const form *f, uint32_t *from,
                           geometry *to)
{
    const area *a = &low->areas[*from];
    const uint32_t t = (uint32_t)f->t, k = (uint32_t)f->k, rows = (uint32_t)f->p;
    int rc = WEFT_OK;
    to->w = (weft_window){ 1, 1, 1, 1, 1, 1, 0, 0, 0, 0 };
    if (t == 1) {
        const uint32_t cols = low->net->hw.cols, across = (uint32_t)div_up(a->row_bytes, cols);
        *to = (geometry){ a->rows, across, cols, a->rows, across, cols, to->w };
        return WEFT_OK;
    }
    if (k == 1) {
        if (a->row_bytes % t)
            rc = layout_rows(low, node, f->p, t, from);
        a = &low->areas[*from];
        *to = (geometry){ a->rows, a->row_bytes / t, t, a->rows, a->row_bytes / t, 1, to->w };
        return rc;
    }
    if (rows == 1 && layout_is_large(low, f->t * f->k)) { /* tiles of some channels */
        const uint32_t cols = low->net->hw.cols, across = (uint32_t)div_up(k, cols);
        *to = (geometry){ t, across, cols, 1, across, cols, to->w };
        to->w.kernel_h = to->w.stride_h = t;
        return layout_rows(low, node, t, k, from);
    }
    if (rows == 1 && a->row_bytes % k == 0 && WEFT_FITS(COMPUTE, TAPS_X, a->row_bytes / k)) {
        *to = (geometry){ a->rows, a->row_bytes / k, k, 1, 1, k, to->w };
        to->w.kernel_h = to->w.stride_h = a->rows;
        to->w.kernel_w = to->w.stride_w = to->in_w;
        return WEFT_OK;
    }
    if (rows > 1 && WEFT_FITS(COMPUTE, TAPS_X, t)) {
        *to = (geometry){ rows, t, k, rows, 1, k, to->w };
        to->w.kernel_w = t;
        return layout_rows(low, node, rows, (uint64_t)t * k, from);
    }
    *to = (geometry){ rows * t, 1, k, rows, 1, k, to->w };
    to->w.kernel_h = to->w.stride_h = t;
    return layout_rows(low, node, f->p * t, k, from);
}

static int mean_conv(lowering *low, const weft_node *n, const kernel *post, weft_requant rq,
                     layer *l)
{
    static const int32_t one = 1;
    conv c = { .node = n,
               .name = l->name,
               .in_c = l->in_c,
               .in_pixel = l->in_c,
               .group_in = l->in_c,
               .group_out = 1,
               .groups = 1,
               .kh = 1,
               .kw = 1,
               .sh = 1,
               .sw = 1,
               .dh = 1,
               .dw = 1,
               .dy = 1,
               .dx = 1,
               .out_h = l->out_h,
               .out_w = l->out_w,
               .wide = &one,
               .requant = rq,
               .zp_in = weft_quant_zero_point(&low->net->g->tensors[n->inputs[0]].quant, 0) };
    return conv_append(low, &c, post, l);
}

int lower_mean(lowering *low, const weft_node *n, const fusion *f)
{
    const uint32_t result = low->net->g->nodes[f->last].output;
    uint32_t from = low->area_of[n->inputs[0]];
    form shape;
    geometry g;
    weft_requant rq = { 0 };
    int rc = WEFT_OK;
    if (!form_of(&low->net->g->tensors[n->inputs[0]], n->attr.mean.axes, &shape))
        rc = rearrange(low, n, &shape, &from);
    if (rc == WEFT_OK)
        rc = choose_geometry(low, f->root, &shape, &from, &g);
    const uint32_t row = shape.t == 1  ? low->areas[from].row_bytes
                         : shape.k > 1 ? (uint32_t)shape.k
                                       : g.out_w * g.out_c;
    if (rc == WEFT_OK)
        rc = layout_new_area(low, result, (layout){ g.out_h, row });
    layer *l = rc == WEFT_OK ? lowering_add_layer(low, f->root) : NULL;
    if (!l)
        return rc == WEFT_OK ? WEFT_ERR_NO_MEMORY : rc;
    l->in_count = 1;
    l->in[0] = from;
    l->out = low->area_of[result];
    l->in_h = g.in_h;
    l->in_w = g.in_w;
    l->in_c = g.in_c;
    l->out_h = g.out_h;
    l->out_w = g.out_w;
    l->out_c = g.out_c;
    layer_set_window(l, &g.w);
    (void)weft_node_mean_requant(low->net->g, n, &rq); /* proved by the check */
    if (weft_node_mean_divides(low->net->g, n))
        rq = average_of(low->net, n, 0).factor;
    const kernel post = {
        .kind = n->requant == WEFT_REQUANT_TFLITE ? WEFT_KIND_TFLITE : WEFT_KIND_FLOAT,
        .zp1 = weft_quant_zero_point(&low->net->g->tensors[n->output].quant, 0),
        .lo1 = n->attr.mean.clamp.lo,
        .hi1 = n->attr.mean.clamp.hi,
        .zp = weft_quant_zero_point(&low->net->g->tensors[n->inputs[0]].quant, 0),
    };
    rc = shape.t > 1 && shape.k == 1 ? mean_conv(low, n, &post, rq, l)
                                     : lower_sum(low, &g.w, &post, rq, l);
    return rc == WEFT_OK ? lower_post(low, f, 0, l) : rc;
}
