/* Which taps of a window lie inside the image.  Private to ref_ops*.c. */
#ifndef WEFT_REF_TAPS_H
#define WEFT_REF_TAPS_H

#include "models/graph/graph.h"

/* Taps k first .. end-1 of output position o are inside 0 .. in-1; their row is base + k *
 * dilation. */
typedef struct taps {
    int64_t base;
    uint32_t first, end;
} taps;

static inline taps taps_inside(uint32_t o, uint32_t in, uint32_t pad, uint32_t kernel,
                               uint32_t stride, uint32_t dilation)
{
    taps t = { .base = (int64_t)o * stride - pad, .first = 0, .end = kernel };
    while (t.first < kernel && t.base + (int64_t)t.first * dilation < 0)
        t.first++;
    while (t.end > t.first && t.base + (int64_t)(t.end - 1) * dilation >= in)
        t.end--;
    return t;
}

static inline taps rows_inside(const weft_window *w, uint32_t oy, uint32_t height)
{
    return taps_inside(oy, height, w->pad_top, w->kernel_h, w->stride_h, w->dilation_h);
}

static inline taps columns_inside(const weft_window *w, uint32_t ox, uint32_t width)
{
    return taps_inside(ox, width, w->pad_left, w->kernel_w, w->stride_w, w->dilation_w);
}

/* Index of x[0][row of ky][column of kx][c] in an NHWC tensor. */
static inline size_t at_nhwc(const weft_tensor *x, const weft_window *w, taps rows, uint32_t ky,
                             taps columns, uint32_t kx, uint32_t c)
{
    size_t iy = (size_t)(rows.base + (int64_t)ky * w->dilation_h);
    size_t ix = (size_t)(columns.base + (int64_t)kx * w->dilation_w);
    return (iy * x->dims[2] + ix) * x->dims[3] + c;
}

/* Sum over the window for output channel co: x NHWC, w [Co][kh][kw][Ci/groups], each less its zero point. */
int32_t ref_window_sum(const weft_graph *g, const weft_node *n, const int8_t *x, int32_t zp_x,
                       const int8_t *w, taps rows, taps columns, uint32_t co);

#endif
