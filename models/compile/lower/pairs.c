/* Depthwise convolutions with an even stride, two pixels an issue: one output a cycle, not half.
 *
 * A bank gives two words at once if one is even and one is odd, so the pixels of the input must lie
 * an odd number of words apart.  Where they do not by themselves, the layer that makes the tensor
 * leaves a word free behind each pixel ("spaced"), which costs room in the buffer. */
#include "conv.h"
#include "lower.h"
#include "models/compile/front/split.h"

uint32_t pairs_half(uint32_t height)
{
    return (height + 1) / 2;
}

uint32_t pairs_chain(uint32_t kw)
{
    return (kw + 1) / 2;
}

int pairs_fit(const weft_hw *hw, uint32_t kw, uint32_t stride, uint32_t groups, uint32_t pixel)
{
    const uint32_t height = hw->rows / groups, half = pairs_half(height);
    return stride % 2 == 0 && pixel % hw->word_bytes == 0 && pixel / hw->word_bytes % 2 == 1 &&
           hw->word_bytes % hw->cols == 0 && pairs_chain(kw) <= half && kw / 2 <= height - half;
}

/* The convolution that alone reads a tensor, perhaps through pads that become its own. */
static const weft_node *only_conv(const lowering *low, uint32_t tensor)
{
    uint32_t from = tensor;
    for (;;) {
        const weft_tensor *t = &low->net->g->tensors[from];
        if (t->consumer_count != 1 || split_is_output(low->net, from))
            return NULL;
        const weft_node *n = &low->net->g->nodes[t->consumers[0]];
        if (n->inputs[0] != from || low->net->on_host[t->consumers[0]])
            return NULL;
        if (n->op == WEFT_OP_CONV_2D) {
            weft_window unused = { 0 };
            window_fold_pad(low, n, &from, &unused);
            return from == tensor ? n : NULL;
        }
        if (n->op != WEFT_OP_PAD)
            return NULL;
        from = n->output;
    }
}

uint32_t pairs_spacing(const lowering *low, uint32_t tensor)
{
    const weft_node *n = only_conv(low, tensor);
    if (!n)
        return 0;
    const uint32_t *dims = low->net->g->tensors[tensor].dims, channels = dims[3];
    const weft_conv_2d *a = &n->attr.conv_2d;
    const uint32_t word = low->net->hw.word_bytes, groups = min_u32(3, a->window.kernel_h);
    const uint32_t pixel = (uint32_t)(div_up(channels, word) | 1) * word;
    if (a->groups != channels || low->net->g->tensors[n->output].dims[3] != channels ||
        channels < low->net->hw.cols || a->window.dilation_w > 1 || a->window.stride_w % 2 ||
        !WEFT_FITS(COMPUTE, ROW_BYTES, (uint64_t)pixel * dims[2]))
        return 0;
    for (uint32_t g = min_u32(groups, low->net->hw.rows); g > 0; g--)
        if (pairs_fit(&low->net->hw, a->window.kernel_w, a->window.stride_w, g, pixel))
            return pixel;
    return 0;
}
