/* Nodes to layers (lower*.c), and kernels of a layer whose areas and geometry are known. */
#ifndef WEFT_COMPILE_LOWER_H
#define WEFT_COMPILE_LOWER_H

#include "layout.h"
#include "models/compile/front/fuse.h"

int lower_conv(plan *p, const weft_node *n, const weft_window *w, layer *l);
int lower_pool(plan *p, const weft_node *n, const weft_window *w, layer *l);
/* Pixels of in_c channels by weights [out_c][in_c]. */
int lower_product(plan *p, const weft_node *n, const int8_t *weights, weft_clamp clamp, layer *l);
int lower_sum(plan *p, const weft_window *w, const kernel *post, weft_requant rq, layer *l);
int lower_transpose_conv(plan *p, const weft_node *n, layer *l);
int lower_bilinear(plan *p, const weft_node *n, layer *l);
int lower_copy_kernel(plan *p, layer *l);
int lower_window(plan *p, const weft_node *n, const fusion *f);
void window_fold_pad(const plan *p, const weft_node *n, uint32_t *tensor, weft_window *w);
int lower_fully_connected(plan *p, const weft_node *n, const fusion *f);
int lower_elementwise(plan *p, const weft_node *n, const fusion *f);
int lower_stages(plan *p, const weft_node *n, const fusion *f);
int lower_mean(plan *p, const weft_node *n, const fusion *f);
int lower_matmul(plan *p, const weft_node *n, const fusion *f);
int lower_dynamic(plan *p, const weft_node *n, const fusion *f);
/* The tables and fields of the post unit, for one of binary_stages. */
int lower_post(plan *p, const fusion *f, unsigned stage, layer *l);

/* What one command cannot say about a tensor that repeats to the shape of y: 0.  Otherwise whether
 * it moves with y's rows and pixels in the natural layout; whole: it does not repeat. */
typedef struct operand_steps {
    int simple, whole;
    uint32_t row, pixel;
} operand_steps;

/* lower_fused.c: how the second operand of a layer with output y follows it; a layer from area `in`
 * with the operand and the output of its fusion, output pixels of `pixel` bytes. */
operand_steps fused_operand(const plan *p, const fusion *f, const weft_tensor *y);
int fused_layer(plan *p, const fusion *f, uint32_t in, layout as, uint32_t pixel, layer **made);

/* lower_move.c: data that only moves; and a tensor repeated to the shape of y. */
int lower_move(plan *p, const weft_node *n);
int lower_repeat(plan *p, uint32_t node, uint32_t tensor, const weft_tensor *y, layout as,
                 uint32_t *out);
operand_steps lower_operand_steps(const weft_tensor *t, const weft_tensor *y);

/* lower_step.c: the step of the host that ends in this node. */
int lower_step(plan *p, uint32_t node);

#endif
