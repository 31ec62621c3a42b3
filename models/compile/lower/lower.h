/* From a network to areas and layers: the stage, and what the files lower*.c are to each other.
 *
 * What returns int here returns WEFT_OK or a status with its sentence in low->work->err:
 * WEFT_ERR_NO_MEMORY, WEFT_ERR_CAPACITY where fields of a command or the image are too small,
 * WEFT_ERR_RANGE where no integers give the bytes of a sum or product. */
#ifndef WEFT_COMPILE_LOWER_H
#define WEFT_COMPILE_LOWER_H

#include "layout.h"
#include "models/compile/front/fuse.h"

/* The stage: fills in the lowering, whose network front/ has finished, with areas and layers in the
 * order in which they run.  Where an operator is the reason of a refusal, it is blamed. */
int lower_network(lowering *low);

/* --- operators: they add the layers of fusion f, whose root is n ----------------------- */

/* Operators with a window on images: convolutions, pools, interpolation (lower_window.c). */
int lower_window(lowering *low, const weft_node *n, const fusion *f);

/* FULLY_CONNECTED, of one row of inputs or of several (lower_window.c). */
int lower_fully_connected(lowering *low, const weft_node *n, const fusion *f);

/* A table, or an operator of two inputs in one stage (lower_elementwise.c). */
int lower_elementwise(lowering *low, const weft_node *n, const fusion *f);

/* An operator of two inputs in several stages (lower_elementwise.c). */
int lower_stages(lowering *low, const weft_node *n, const fusion *f);

/* MEAN over any axes, as a pool or a convolution (lower_mean.c). */
int lower_mean(lowering *low, const weft_node *n, const fusion *f);

/* MATMUL; by a constant matrix as a 1x1 convolution (lower_matmul.c). */
int lower_matmul(lowering *low, const weft_node *n, const fusion *f);

/* MATMUL by a matrix that the network computes, or by several (lower_dynamic.c). */
int lower_dynamic(lowering *low, const weft_node *n, const fusion *f);

/* Adds the layers of an operator that only moves data (lower_move.c). */
int lower_move(lowering *low, const weft_node *n);

/* Adds the step of the host that ends in this node, as a layer without commands (lower_step.c). */
int lower_step(lowering *low, uint32_t node);

/* --- kernels: they give a layer its kernels, when its areas and geometry are known ------ */

/* CONV_2D or FULLY_CONNECTED by constant weights (lower_conv.c). */
int lower_conv(lowering *low, const weft_node *n, const weft_window *w, layer *l);

/* MAX_POOL_2D or AVERAGE_POOL_2D (lower_pool.c). */
int lower_pool(lowering *low, const weft_node *n, const weft_window *w, layer *l);

/* TRANSPOSE_CONV, a convolution per output phase (lower_up.c). */
int lower_transpose_conv(lowering *low, const weft_node *n, layer *l);

/* RESIZE_BILINEAR, a convolution per pattern of weights (lower_up.c). */
int lower_bilinear(lowering *low, const weft_node *n, layer *l);

/* Pixels of in_c channels times weights [out_c][in_c]. */
int lower_product(lowering *low, const weft_node *n, const int8_t *weights, weft_clamp clamp,
                  layer *l);

/* One sum per output over the whole window, times rq; `post` says kind, zero points and clamp. */
int lower_sum(lowering *low, const weft_window *w, const kernel *post, weft_requant rq, layer *l);

/* The bytes as they are, pixel by pixel. */
int lower_copy_kernel(lowering *low, layer *l);

/* Sets the fields and tables of the post unit: those of stage 0..binary_stages - 1 of the fusion's
 * operator of two inputs, if it has one, and the table at its end. */
int lower_post(lowering *low, const fusion *f, unsigned stage, layer *l);

/* --- operands -------------------------------------------------------------------------- */

/* How a tensor that is repeated to the shape of y follows it in y's natural layout.  whole: it is
 * not repeated.  simple: one command can say it, by moving or not with y's rows and with its
 * pixels. */
typedef struct operand_steps {
    int simple, whole;
    uint32_t row, pixel;
} operand_steps;

/* Returns how t follows y (lower_repeat.c). */
operand_steps lower_operand_steps(const weft_tensor *t, const weft_tensor *y);

/* Returns how the second operand of a fusion follows its output y; `whole` if it has none. */
operand_steps fused_operand(const lowering *low, const fusion *f, const weft_tensor *y);

/* out is an area in layout `as` of the tensor repeated to the shape of y: its own, a copy for
 * which a layer is added, or a constant. */
int lower_repeat(lowering *low, uint32_t node, uint32_t tensor, const weft_tensor *y, layout as,
                 uint32_t *out);

/* Adds a layer from area `in` with the operand and the output of its fusion, the output in layout
 * `as` with pixels of `pixel` bytes: *made, without geometry and kernels (lower_fused.c). */
int fused_layer(lowering *low, const fusion *f, uint32_t in, layout as, uint32_t pixel,
                layer **made);

/* If the tensor that convolution n reads comes from PADs whose fill is what its own padding reads
 * as: *tensor becomes what the first of them reads, and *w has their padding, too (lower_pad.c). */
void window_fold_pad(const lowering *low, const weft_node *n, uint32_t *tensor, weft_window *w);

#endif
