/* Operators that have more outputs than inputs: TRANSPOSE_CONV and RESIZE_BILINEAR.
 *
 * Outputs that see their taps in the same way, every stride-th or every factor-th along each axis,
 * are one ordinary convolution each, whose kernel is the part of the taps that meets them. */
#include "conv.h"
#include "lower.h"
#include "models/compile/exact/averages.h"

/* One axis of one such convolution: outputs first + i * step (i < count) read `taps` inputs,
 * `dilation` apart, from in_first + i * in_step on; tap t is tap_first - t * tap_step of the
 * operator, or, for an interpolation, weight[t]. */
typedef struct phase {
    uint32_t first, step, count;
    int64_t in_first;
    uint32_t in_step, taps, dilation;
    uint32_t tap_first, tap_step;
    int32_t weight[2];
} phase;

static conv conv_of_phases(const layer *l, const weft_node *n, const phase *y, const phase *x)
{
    return (conv){ .node = n,
                   .name = l->name,
                   .in_c = l->in_c,
                   .in_pixel = layer_in_pixel(l),
                   .in_part = l->in_space > 0,
                   .kh = y->taps,
                   .kw = x->taps,
                   .sh = y->in_step,
                   .sw = x->in_step,
                   .dh = y->taps > 1 ? y->dilation : 1,
                   .dw = x->taps > 1 ? x->dilation : 1,
                   .y0 = y->first,
                   .dy = y->step,
                   .x0 = x->first,
                   .dx = x->step,
                   .out_h = y->count,
                   .out_w = x->count,
                   .in_row = y->in_first,
                   .in_byte = x->in_first * layer_in_pixel(l),
                   .has_operand = 1, /* no vertical chain: its outputs must be neighbours */
                   .one_pixel = 1 };
}

/* --- TRANSPOSE_CONV --- */

/* Outputs o with (o + pad) % stride == which; taps 0 if no tap meets them. */
static int transpose_phase(uint32_t outputs, uint32_t taps, uint32_t stride, uint32_t dilation,
                           uint32_t pad, uint32_t which, phase *out)
{
    const uint32_t first = (which + stride - pad % stride) % stride;
    uint32_t hits = 0, last = 0, step = 0;
    if (first >= outputs)
        return 0;
    for (uint32_t k = 0; k < taps; k++)
        if ((uint64_t)k * dilation % stride == which) {
            step = hits == 1 ? k - last : step;
            last = k;
            hits++;
        }
    *out = (phase){ .first = first,
                    .step = stride,
                    .count = (uint32_t)div_up(outputs - first, stride),
                    .in_step = 1,
                    .taps = hits,
                    .dilation = hits > 1 ? step * dilation / stride : 1,
                    .tap_first = last,
                    .tap_step = step };
    out->in_first = ((int64_t)first + pad - (int64_t)last * dilation) / stride;
    return 1;
}

/* The part of the weights that meets this phase; zeros if there is none. */
static const int8_t *phase_weights(lowering *low, const weft_node *n, const phase *y,
                                   const phase *x, int32_t zero)
{
    const weft_tensor *w = &low->net->g->tensors[n->inputs[1]];
    const uint32_t co = w->dims[0], kh = w->dims[1], kw = w->dims[2], ci = w->dims[3];
    const uint32_t th = y->taps ? y->taps : 1, tw = x->taps ? x->taps : 1;
    int8_t *all = work_alloc(low->work, (size_t)co * th * tw * ci);
    int8_t *to = all;
    if (!all)
        return NULL;
    for (uint32_t o = 0; o < co; o++)
        for (uint32_t a = 0; a < th; a++)
            for (uint32_t b = 0; b < tw; b++, to += ci) {
                const uint32_t ky = y->tap_first - a * y->tap_step;
                const uint32_t kx = x->tap_first - b * x->tap_step;
                memset(to, zero, ci);
                if (y->taps && x->taps)
                    memcpy(to, (const int8_t *)w->data + (((size_t)o * kh + ky) * kw + kx) * ci,
                           ci);
            }
    return all;
}

static int transpose_part(lowering *low, const weft_node *n, phase y, phase x, const kernel *post,
                          layer *l)
{
    const weft_tensor *w = &low->net->g->tensors[n->inputs[1]];
    const int has_bias = n->input_count > 2 && n->inputs[2] != WEFT_NONE;
    weft_quant *none = NULL;
    const int empty = !y.taps || !x.taps;
    const int8_t *weights = phase_weights(low, n, &y, &x, 0);
    if (empty) { /* one weight of nothing: zero without a zero point */
        y.taps = x.taps = 1;
        y.in_first = x.in_first = 0;
        none = work_alloc(low->work, sizeof *none);
    }
    if (!weights || (empty && !none))
        return WEFT_ERR_NO_MEMORY;
    conv c = conv_of_phases(l, n, &y, &x);
    c.groups = n->attr.conv_2d.groups;
    c.group_in = l->in_c / c.groups;
    c.group_out = l->out_c / c.groups;
    c.w = weights;
    c.wq = empty ? none : &w->quant;
    c.bias = has_bias ? low->net->g->tensors[n->inputs[2]].data : NULL;
    c.zp_in = weft_quant_zero_point(&low->net->g->tensors[n->inputs[0]].quant, 0);
    return conv_append(low, &c, post, l);
}

static reach transpose_reach(uint32_t taps, uint32_t stride, uint32_t dilation, uint32_t pad)
{
    const uint32_t span = (taps - 1) * dilation;
    return (reach){ 1, stride, (uint32_t)div_up(span, stride) + 1, (int64_t)pad - span };
}

int lower_transpose_conv(lowering *low, const weft_node *n, layer *l)
{
    const weft_window *w = &n->attr.conv_2d.window;
    const kernel post = {
        .kind = weft_requant_is_tflite(n->requant) ? WEFT_KIND_TFLITE : WEFT_KIND_FLOAT,
        .zp1 = weft_quant_zero_point(&low->net->g->tensors[n->output].quant, 0),
        .lo1 = n->attr.conv_2d.clamp.lo,
        .hi1 = n->attr.conv_2d.clamp.hi,
    };
    int rc = WEFT_OK;
    phase y, x;
    l->reach_y = transpose_reach(w->kernel_h, w->stride_h, w->dilation_h, w->pad_top);
    l->reach_x = transpose_reach(w->kernel_w, w->stride_w, w->dilation_w, w->pad_left);
    l->macs = (uint64_t)l->in_h * l->in_w * l->in_c * (l->out_c / n->attr.conv_2d.groups) *
              w->kernel_h * w->kernel_w;
    for (uint32_t a = 0; a < w->stride_h && rc == WEFT_OK; a++) {
        if (!transpose_phase(l->out_h, w->kernel_h, w->stride_h, w->dilation_h, w->pad_top, a, &y))
            continue;
        for (uint32_t b = 0; b < w->stride_w && rc == WEFT_OK; b++)
            if (transpose_phase(l->out_w, w->kernel_w, w->stride_w, w->dilation_w, w->pad_left, b,
                                &x))
                rc = transpose_part(low, n, y, x, &post, l);
    }
    return rc;
}

/* --- RESIZE_BILINEAR --- */

/* How the outputs along an axis see the inputs; which of them have their convolution already. */
typedef struct lerp_axis {
    const weft_lerp *list;
    uint32_t count, one, unit;
    uint8_t *done;
} lerp_axis;

/* The outputs from number `first` on that have its weight and follow at equal steps. */
static phase lerp_phase(const lerp_axis *axis, uint32_t first)
{
    const weft_lerp *list = axis->list, *a = &list[first];
    const uint32_t count = axis->count;
    uint8_t *done = axis->done;
    phase f = { .first = first,
                .step = 1,
                .count = 1,
                .in_first = a->lo,
                .in_step = 1,
                .taps = a->weight ? 2 : 1,
                .dilation = 1,
                .weight = { (int32_t)((axis->one - a->weight) / axis->unit),
                            (int32_t)(a->weight / axis->unit) } };
    uint32_t last = first;
    done[first] = 1;
    for (uint32_t i = first + 1; i < count; i++) {
        if (list[i].weight != a->weight || done[i])
            continue;
        const uint32_t step = i - last, in_step = list[i].lo - list[last].lo;
        if (in_step == 0 || !WEFT_FITS(COMPUTE, IN_DR, in_step) ||
            !WEFT_FITS(COMPUTE, O_IN_DR, step) ||
            (f.count > 1 && (step != f.step || in_step != f.in_step)))
            break;
        f.step = step;
        f.in_step = in_step;
        f.count++;
        done[i] = 1;
        last = i;
    }
    return f;
}

static reach lerp_reach(const weft_lerp *list, uint32_t count, uint32_t size)
{
    int64_t low = INT64_MAX, high = INT64_MIN;
    for (uint32_t i = 0; i < count; i++) {
        const int64_t at = (int64_t)i * size / count;
        low = list[i].lo - at < low ? list[i].lo - at : low;
        high = list[i].hi - at > high ? list[i].hi - at : high;
    }
    return (reach){ size, count, (uint32_t)(high - low + 1), low * count };
}

typedef struct lerp_post {
    kernel kernel;
    weft_requant rq;
    int32_t zp_in;
} lerp_post;

static int bilinear_row(lowering *low, const weft_node *n, const phase *y, const lerp_axis *across,
                        const lerp_post *post, layer *l)
{
    int rc = WEFT_OK;
    memset(across->done, 0, across->count);
    for (uint32_t i = 0; i < across->count && rc == WEFT_OK; i++) {
        if (across->done[i])
            continue;
        const phase x = lerp_phase(across, i);
        int32_t *wide = work_alloc(low->work, 4 * sizeof *wide);
        if (!wide)
            return WEFT_ERR_NO_MEMORY;
        for (uint32_t a = 0; a < y->taps; a++)
            for (uint32_t b = 0; b < x.taps; b++)
                wide[a * x.taps + b] = y->weight[a] * x.weight[b];
        conv c = conv_of_phases(l, n, y, &x);
        c.groups = l->in_c;
        c.group_in = c.group_out = 1;
        c.wide = wide;
        c.requant = post->rq;
        c.zp_in = post->zp_in;
        rc = conv_append(low, &c, &post->kernel, l);
    }
    return rc;
}

int lower_bilinear(lowering *low, const weft_node *n, layer *l)
{
    const weft_resize_bilinear *a = &n->attr.resize_bilinear;
    const int rescales = n->requant == WEFT_REQUANT_ONNX && !a->truncates;
    const weft_tensor *x = &low->net->g->tensors[n->inputs[0]],
                      *to = &low->net->g->tensors[n->output];
    uint32_t unit[2];
    weft_requant_kind kind;
    lerp_post post = { .zp_in = rescales ? weft_quant_zero_point(&x->quant, 0) : a->origin };
    (void)weft_node_bilinear_requant(low->net->g, n, unit, &kind,
                                     &post.rq); /* proved by the check */
    if (a->row_shares)
        post.rq = average_of(low->net, n, 0).factor;
    post.kernel = (kernel){ .kind = rescales ? WEFT_KIND_FLOAT : WEFT_KIND_DIV,
                            .zp1 = rescales ? weft_quant_zero_point(&to->quant, 0) : a->origin,
                            .lo1 = a->clamp.lo,
                            .hi1 = a->clamp.hi };
    l->reach_y = lerp_reach(a->rows, l->out_h, l->in_h);
    l->reach_x = lerp_reach(a->columns, l->out_w, l->in_w);
    uint8_t *done = work_alloc(low->work, (size_t)l->out_h + l->out_w);
    if (!done)
        return WEFT_ERR_NO_MEMORY;
    const lerp_axis down = { a->rows, l->out_h, a->row_one, unit[0], done };
    const lerp_axis across = { a->columns, l->out_w, a->column_one, unit[1], done + l->out_h };
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < l->out_h && rc == WEFT_OK; i++) {
        if (done[i])
            continue;
        const phase y = lerp_phase(&down, i);
        rc = bilinear_row(low, n, &y, &across, &post, l);
    }
    return rc;
}
