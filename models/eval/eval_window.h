/* Windows of Conv, ConvTranspose and pools over any number of spatial axes; private to eval. */
#ifndef WEFT_EVAL_WINDOW_H
#define WEFT_EVAL_WINDOW_H

#include "eval.h"

typedef struct eval_window {
    uint32_t axes; /* spatial */
    size_t kernel[ND_MAX_RANK], stride[ND_MAX_RANK], dilation[ND_MAX_RANK];
    size_t before[ND_MAX_RANK], after[ND_MAX_RANK];
    size_t out[ND_MAX_RANK]; /* positions */
} eval_window;

/* Read it for an input of shape [N][C][spatial]; kernel: the weights' sizes, or NULL if
 * kernel_shape says them.  Also computes out, with ceil_mode.  Sizes are limited to 2^28. */
int eval_read_window(eval_run *r, const nd *x, const size_t *kernel, eval_window *w);

/* The same for ConvTranspose, whose window walks over the result: w->axes and w->kernel are given;
 * output_shape and auto_pad split what is too much.  after stays 0. */
int eval_read_transposed(eval_run *r, const nd *x, eval_window *w);

#endif
