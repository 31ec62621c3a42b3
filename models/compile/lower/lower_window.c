/* Layers with a window: convolutions, pools, fully connected, and the ways around them. */
#include "conv.h"
#include "lower.h"
#include "models/compile/front/views.h"

/* One window over the whole image that is too wide, or too large for the buffer: its pixels become
 * rows, and their channels, COLS at a time, the pixels of tiles. */
static int is_whole_pool(const lowering *low, const weft_node *n, const fusion *f)
{
    const weft_tensor *x = &low->net->g->tensors[n->inputs[0]],
                      *y = &low->net->g->tensors[n->output];
    const weft_window *w = &n->attr.pool_2d.window;
    const int pool = n->op == WEFT_OP_MAX_POOL_2D || n->op == WEFT_OP_AVERAGE_POOL_2D;
    return pool && w->kernel_h == x->dims[1] && w->kernel_w == x->dims[2] &&
           !(w->pad_top | w->pad_bottom | w->pad_left | w->pad_right) &&
           w->dilation_h * w->dilation_w == 1 && fused_operand(low, f, y).whole &&
           (!WEFT_FITS(COMPUTE, TAPS_X, w->kernel_w) ||
            layout_is_large(low, weft_tensor_elements(x)));
}

static int lower_whole_pool(lowering *low, const weft_node *n, const fusion *f)
{
    const weft_tensor *x = &low->net->g->tensors[n->inputs[0]];
    const uint32_t taps = x->dims[1] * x->dims[2], cols = low->net->hw.cols;
    const weft_window w = { taps, 1, taps, 1, 1, 1, 0, 0, 0, 0 };
    uint32_t from = low->area_of[n->inputs[0]];
    layer *l = NULL;
    int rc = layout_rows(low, f->root, taps, x->dims[3], &from);
    if (rc == WEFT_OK)
        rc = fused_layer(low, f, from, (layout){ 1, x->dims[3] }, cols, &l);
    if (rc != WEFT_OK)
        return rc;
    l->in_h = taps;
    l->out_h = 1;
    l->in_w = l->out_w = (uint32_t)div_up(x->dims[3], cols);
    l->in_c = l->out_c = cols;
    rc = lower_pool(low, n, &w, l);
    return rc == WEFT_OK ? lower_post(low, f, 0, l) : rc;
}

/* The output as its reader wants it spaced. */
static void space_output(lowering *low, uint32_t tensor, layer *l)
{
    const uint32_t pixel = pairs_spacing(low, tensor);
    if (!pixel)
        return;
    low->areas[l->out].spaced = pixel;
    low->areas[l->out].row_bytes = pixel * l->out_w;
    l->out_space = pixel - l->out_c;
}

int lower_window(lowering *low, const weft_node *n, const fusion *f)
{
    if (is_whole_pool(low, n, f))
        return lower_whole_pool(low, n, f);
    weft_window w = n->op == WEFT_OP_CONV_2D ? n->attr.conv_2d.window
                                             : (weft_window){ 1, 1, 1, 1, 1, 1, 0, 0, 0, 0 };
    uint32_t tensor = n->inputs[0], from;
    window_fold_pad(low, n, &tensor, &w);
    const weft_tensor *x = &low->net->g->tensors[tensor], *y = &low->net->g->tensors[n->output];
    layer *l = NULL;
    const uint32_t spaced = low->areas[low->area_of[tensor]].spaced;
    int rc = WEFT_OK;
    if (spaced)
        from = low->area_of[tensor];
    else
        rc = layout_area(low, f->root, tensor, layout_natural(x), &from);
    if (rc == WEFT_OK)
        rc = fused_layer(low, f, from, layout_natural(y), y->dims[3], &l);
    if (rc != WEFT_OK)
        return rc;
    l->in_space = spaced ? spaced - x->dims[3] : 0;
    layout_use_view(low, tensor, 0, l);
    l->in_h = x->dims[1];
    l->in_w = x->dims[2];
    l->in_c = x->dims[3];
    l->out_h = y->dims[1];
    l->out_w = y->dims[2];
    l->out_c = y->dims[3];
    if (n->op == WEFT_OP_CONV_2D)
        space_output(low, low->net->g->nodes[f->last].output, l);
    switch (n->op) {
    case WEFT_OP_CONV_2D: rc = lower_conv(low, n, &w, l); break;
    case WEFT_OP_TRANSPOSE_CONV: rc = lower_transpose_conv(low, n, l); break;
    case WEFT_OP_RESIZE_BILINEAR: rc = lower_bilinear(low, n, l); break;
    default: rc = lower_pool(low, n, &n->attr.pool_2d.window, l); break;
    }
    return rc == WEFT_OK ? lower_post(low, f, 0, l) : rc;
}

/* One row of inputs: a kernel as tall as the area, so any layout will do.  Several: 1x1. */
int lower_fully_connected(lowering *low, const weft_node *n, const fusion *f)
{
    const weft_tensor *x = &low->net->g->tensors[n->inputs[0]],
                      *y = &low->net->g->tensors[n->output];
    uint32_t from = low->area_of[n->inputs[0]];
    layer *l = NULL;
    int rc = WEFT_OK;
    if (x->dims[0] > 1)
        rc = layout_area(low, f->root, n->inputs[0], layout_natural(x), &from);
    if (rc == WEFT_OK)
        rc = fused_layer(low, f, from, layout_natural(y), y->dims[1], &l);
    if (rc != WEFT_OK)
        return rc;
    const area *a = &low->areas[from];
    l->in_h = a->rows;
    l->in_w = l->out_w = 1;
    l->in_c = a->row_bytes;
    l->out_h = x->dims[0];
    l->out_c = y->dims[1];
    weft_window w = { 1, 1, 1, 1, 1, 1, 0, 0, 0, 0 };
    if (x->dims[0] == 1)
        w.kernel_h = a->rows;
    rc = lower_conv(low, n, &w, l);
    return rc == WEFT_OK ? lower_post(low, f, 0, l) : rc;
}
