/* Nodes to layers (lower*.c), and kernels of a layer whose areas and geometry are known. */
#ifndef WEFT_COMPILE_LOWER_H
#define WEFT_COMPILE_LOWER_H

#include "layout.h"
#include "models/compile/front/fuse.h"

/* The stage: fills in the lowering, whose network front/ has finished, with areas and layers in the
 * order in which they run.  Returns WEFT_OK or a status with its sentence in low->work->err and, where a
 * node is the reason, that node to blame. */
int lower_network(lowering *low);

int lower_conv(lowering *low, const weft_node *n, const weft_window *w, layer *l);
int lower_pool(lowering *low, const weft_node *n, const weft_window *w, layer *l);
/* Pixels of in_c channels by weights [out_c][in_c]. */
int lower_product(lowering *low, const weft_node *n, const int8_t *weights, weft_clamp clamp,
                  layer *l);
int lower_sum(lowering *low, const weft_window *w, const kernel *post, weft_requant rq, layer *l);
int lower_transpose_conv(lowering *low, const weft_node *n, layer *l);
int lower_bilinear(lowering *low, const weft_node *n, layer *l);
int lower_copy_kernel(lowering *low, layer *l);
int lower_window(lowering *low, const weft_node *n, const fusion *f);
void window_fold_pad(const lowering *low, const weft_node *n, uint32_t *tensor, weft_window *w);
int lower_fully_connected(lowering *low, const weft_node *n, const fusion *f);
int lower_elementwise(lowering *low, const weft_node *n, const fusion *f);
int lower_stages(lowering *low, const weft_node *n, const fusion *f);
int lower_mean(lowering *low, const weft_node *n, const fusion *f);
int lower_matmul(lowering *low, const weft_node *n, const fusion *f);
int lower_dynamic(lowering *low, const weft_node *n, const fusion *f);
/* The tables and fields of the post unit, for one of binary_stages. */
int lower_post(lowering *low, const fusion *f, unsigned stage, layer *l);

/* What one command cannot say about a tensor that repeats to the shape of y: 0.  Otherwise whether
 * it moves with y's rows and pixels in the natural layout; whole: it does not repeat. */
typedef struct operand_steps {
    int simple, whole;
    uint32_t row, pixel;
} operand_steps;

/* lower_fused.c: how the second operand of a layer with output y follows it; a layer from area `in`
 * with the operand and the output of its fusion, output pixels of `pixel` bytes. */
operand_steps fused_operand(const lowering *low, const fusion *f, const weft_tensor *y);
int fused_layer(lowering *low, const fusion *f, uint32_t in, layout as, uint32_t pixel,
                layer **made);

/* lower_move.c: data that only moves; and a tensor repeated to the shape of y. */
int lower_move(lowering *low, const weft_node *n);
int lower_repeat(lowering *low, uint32_t node, uint32_t tensor, const weft_tensor *y, layout as,
                 uint32_t *out);
operand_steps lower_operand_steps(const weft_tensor *t, const weft_tensor *y);

/* lower_step.c: the step of the host that ends in this node. */
int lower_step(lowering *low, uint32_t node);

#endif
