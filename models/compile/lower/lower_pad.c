/* A PAD that becomes the padding of the convolution behind it. */
#include "lower.h"

/* A PAD in front of the window whose fill is what the window's own padding reads as becomes that
 * padding; the PAD's layer is dropped if nothing else reads it. */
void window_fold_pad(const lowering *low, const weft_node *n, uint32_t *tensor, weft_window *w)
{
    for (;;) {
        const uint32_t maker = low->net->g->tensors[*tensor].producer;
        if (n->op != WEFT_OP_CONV_2D || maker == WEFT_NONE || low->net->on_host[maker] ||
            low->net->g->nodes[maker].op != WEFT_OP_PAD)
            return;
        const weft_pad *a = &low->net->g->nodes[maker].attr.pad;
        if (a->before[0] || a->after[0] || a->before[3] || a->after[3] ||
            a->value != weft_quant_zero_point(&low->net->g->tensors[*tensor].quant, 0))
            return;
        w->pad_top += a->before[1];
        w->pad_bottom += a->after[1];
        w->pad_left += a->before[2];
        w->pad_right += a->after[2];
        *tensor = low->net->g->nodes[maker].inputs[0];
    }
}
