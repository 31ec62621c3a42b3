/* Layers with a window: convolutions, pools, fully connected, and the ways around them. */
#include "conv.h"
#include "lower.h"
#include "models/compile/front/views.h"

/* A PAD in front of the window whose fill is what the window's own padding reads as becomes that
 * padding; the PAD's layer is dropped if nothing else reads it. */
void window_fold_pad(const plan *p, const weft_node *n, uint32_t *tensor, weft_window *w)
{
    for (;;) {
        const uint32_t maker = p->g->tensors[*tensor].producer;
        if (n->op != WEFT_OP_CONV_2D || maker == WEFT_NONE || p->on_host[maker] ||
            p->g->nodes[maker].op != WEFT_OP_PAD)
            return;
        const weft_pad *a = &p->g->nodes[maker].attr.pad;
        if (a->before[0] || a->after[0] || a->before[3] || a->after[3] ||
            a->value != weft_quant_zero_point(&p->g->tensors[*tensor].quant, 0))
            return;
        w->pad_top += a->before[1];
        w->pad_bottom += a->after[1];
        w->pad_left += a->before[2];
        w->pad_right += a->after[2];
        *tensor = p->g->nodes[maker].inputs[0];
    }
}

/* One window over the whole image that is too wide, or too large for the buffer: its pixels become
 * rows, and their channels, COLS at a time, the pixels of tiles. */
static int is_whole_pool(const plan *p, const weft_node *n, const fusion *f)
{
    const weft_tensor *x = &p->g->tensors[n->inputs[0]], *y = &p->g->tensors[n->output];
    const weft_window *w = &n->attr.pool_2d.window;
    const int pool = n->op == WEFT_OP_MAX_POOL_2D || n->op == WEFT_OP_AVERAGE_POOL_2D;
    return pool && w->kernel_h == x->dims[1] && w->kernel_w == x->dims[2] &&
           !(w->pad_top | w->pad_bottom | w->pad_left | w->pad_right) &&
           w->dilation_h * w->dilation_w == 1 && fused_operand(p, f, y).whole &&
           (!WEFT_FITS(COMPUTE, TAPS_X, w->kernel_w) ||
            layout_is_large(p, weft_tensor_elements(x)));
}

static int lower_whole_pool(plan *p, const weft_node *n, const fusion *f)
{
    const weft_tensor *x = &p->g->tensors[n->inputs[0]];
    const uint32_t taps = x->dims[1] * x->dims[2], cols = p->hw.cols;
    const weft_window w = { taps, 1, taps, 1, 1, 1, 0, 0, 0, 0 };
    uint32_t from = p->area_of[n->inputs[0]];
    layer *l = NULL;
    int rc = layout_rows(p, f->root, taps, x->dims[3], &from);
    if (rc == WEFT_OK)
        rc = fused_layer(p, f, from, (layout){ 1, x->dims[3] }, cols, &l);
    if (rc != WEFT_OK)
        return rc;
    l->in_h = taps;
    l->out_h = 1;
    l->in_w = l->out_w = (uint32_t)div_up(x->dims[3], cols);
    l->in_c = l->out_c = cols;
    rc = lower_pool(p, n, &w, l);
    return rc == WEFT_OK ? lower_post(p, f, 0, l) : rc;
}

/* The output as its reader wants it spaced. */
static void space_output(plan *p, uint32_t tensor, layer *l)
{
    const uint32_t pixel = pairs_spacing(p, tensor);
    if (!pixel)
        return;
    p->areas[l->out].spaced = pixel;
    p->areas[l->out].row_bytes = pixel * l->out_w;
    l->out_space = pixel - l->out_c;
}

int lower_window(plan *p, const weft_node *n, const fusion *f)
{
    if (is_whole_pool(p, n, f))
        return lower_whole_pool(p, n, f);
    weft_window w = n->op == WEFT_OP_CONV_2D ? n->attr.conv_2d.window
                                             : (weft_window){ 1, 1, 1, 1, 1, 1, 0, 0, 0, 0 };
    uint32_t tensor = n->inputs[0], from;
    window_fold_pad(p, n, &tensor, &w);
    const weft_tensor *x = &p->g->tensors[tensor], *y = &p->g->tensors[n->output];
    layer *l = NULL;
    const uint32_t spaced = p->areas[p->area_of[tensor]].spaced;
    int rc = WEFT_OK;
    if (spaced)
        from = p->area_of[tensor];
    else
        rc = layout_area(p, f->root, tensor, layout_natural(x), &from);
    if (rc == WEFT_OK)
        rc = fused_layer(p, f, from, layout_natural(y), y->dims[3], &l);
    if (rc != WEFT_OK)
        return rc;
    l->in_space = spaced ? spaced - x->dims[3] : 0;
    view_use(p, tensor, 0, l);
    l->in_h = x->dims[1];
    l->in_w = x->dims[2];
    l->in_c = x->dims[3];
    l->out_h = y->dims[1];
    l->out_w = y->dims[2];
    l->out_c = y->dims[3];
    if (n->op == WEFT_OP_CONV_2D)
        space_output(p, p->g->nodes[f->last].output, l);
    switch (n->op) {
    case WEFT_OP_CONV_2D: rc = lower_conv(p, n, &w, l); break;
    case WEFT_OP_TRANSPOSE_CONV: rc = lower_transpose_conv(p, n, l); break;
    case WEFT_OP_RESIZE_BILINEAR: rc = lower_bilinear(p, n, l); break;
    default: rc = lower_pool(p, n, &n->attr.pool_2d.window, l); break;
    }
    return rc == WEFT_OK ? lower_post(p, f, 0, l) : rc;
}

/* One row of inputs: a kernel as tall as the area, so any layout will do.  Several: 1x1. */
int lower_fully_connected(plan *p, const weft_node *n, const fusion *f)
{
    const weft_tensor *x = &p->g->tensors[n->inputs[0]], *y = &p->g->tensors[n->output];
    uint32_t from = p->area_of[n->inputs[0]];
    layer *l = NULL;
    int rc = WEFT_OK;
    if (x->dims[0] > 1)
        rc = layout_area(p, f->root, n->inputs[0], layout_natural(x), &from);
    if (rc == WEFT_OK)
        rc = fused_layer(p, f, from, layout_natural(y), y->dims[1], &l);
    if (rc != WEFT_OK)
        return rc;
    const area *a = &p->areas[from];
    l->in_h = a->rows;
    l->in_w = l->out_w = 1;
    l->in_c = a->row_bytes;
    l->out_h = x->dims[0];
    l->out_c = y->dims[1];
    weft_window w = { 1, 1, 1, 1, 1, 1, 0, 0, 0, 0 };
    if (x->dims[0] == 1)
        w.kernel_h = a->rows;
    rc = lower_conv(p, n, &w, l);
    return rc == WEFT_OK ? lower_post(p, f, 0, l) : rc;
}
