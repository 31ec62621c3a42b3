/* Layers by themselves: what they read, and the zero of their parts. */
#include "layer.h"

uint32_t layer_input_count(const layer *l)
{
    return l->kind != LAYER_WINDOW ? l->part_count : l->in_count + (l->weights != NO_AREA);
}

uint32_t layer_input(const layer *l, uint32_t i)
{
    if (l->kind != LAYER_WINDOW)
        return l->parts[i].area;
    return i < l->in_count ? l->in[i] : l->weights;
}

void layer_set_window(layer *l, const weft_window *w)
{
    l->reach_y =
        (reach){ w->stride_h, 1, w->dilation_h * (w->kernel_h - 1) + 1, -(int64_t)w->pad_top };
    l->reach_x =
        (reach){ w->stride_w, 1, w->dilation_w * (w->kernel_w - 1) + 1, -(int64_t)w->pad_left };
}

kernel kernel_default(void)
{
    return (kernel){ .groups = 1,
                     .seg = 1,
                     .pass_r = 1,
                     .taps_x = 1,
                     .passes = 1,
                     .krows = WEFT_MOST(COMPUTE, KROWS),
                     .blocks = 1,
                     .chain = 1,
                     .phases = 1,
                     .px = 1,
                     .lo1 = INT8_MIN,
                     .hi1 = INT8_MAX,
                     .dy = 1,
                     .dx = 1,
                     .row_step = 1,
                     .reps = 1,
                     .merge = 1 };
}
