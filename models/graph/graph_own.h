/* What a graph owns behind its public fields, and what the rules of operators share.  Private to
 * graph*.c. */
#ifndef WEFT_GRAPH_OWN_H
#define WEFT_GRAPH_OWN_H

#include <stddef.h>
#include <stdint.h>

#include "graph.h"

/* A chunk of the arena: this header, then capacity bytes of which used are given out. */
typedef struct arena_chunk {
    struct arena_chunk *next;
    size_t capacity, used;
    max_align_t aligned[]; /* so that what follows the header is aligned for anything */
} arena_chunk;

struct weft_graph_private {
    arena_chunk *arena;
    const char *origin;  /* of the nodes that are added now; borrowed, or NULL */
    uint32_t *order;     /* of the last successful check */
    uint32_t *consumers; /* of all tensors, one after the other */
};

/* Copy the attributes of a node, with all they point to, into the arena; inputs and output of n are
 * set.  Returns WEFT_OK, WEFT_ERR_ARG (missing), WEFT_ERR_NO_MEMORY. */
int weft_graph_copy_attr(weft_graph *g, const void *attr, weft_node *n);

/* The least and greatest number of inputs of an operator (graph_read.c). */
void weft_op_inputs(weft_op op, uint32_t *least, uint32_t *most);

/* Product of the dims; 0 if rank or a dim is out of range. */
uint64_t weft_dims_elements(uint32_t rank, const uint32_t *dims);

/* The rules of each operator. */
#define OP(NAME, name, ...)                                                                        \
    int weft_check_##name(const weft_graph *g, const weft_node *n, weft_error *err);
#include "ops.def"

/* A sentence that begins with the operator and the node's name; returns status.  REFUSE where n and
 * err are in scope. */
int weft_check_refuse(const weft_node *n, weft_error *err, int status, const char *format, ...)
    WEFT_PRINTF(4, 5);
#define REFUSE(status, ...) weft_check_refuse(n, err, status, __VA_ARGS__)

/* 1 if rank and dims are equal. */
int weft_same_dims(const weft_tensor *a, const weft_tensor *b);

/* 1 if the first scale and zero point of both are equal, or neither is quantised. */
int weft_same_quant(const weft_tensor *a, const weft_tensor *b);

/* 1 if x broadcasts to the shape of y. */
int weft_check_broadcast(const weft_tensor *x, const weft_tensor *y);

/* Input 0 is an activation of type in, the output of type out. */
int weft_check_types(const weft_graph *g, const weft_node *n, weft_dtype in, weft_dtype out,
                     weft_error *err);

/* All inputs are int8 with one scale, one at least an activation; the output is int8. */
int weft_check_operands(const weft_graph *g, const weft_node *n, weft_error *err);

/* The clamp lies within int8, its lower end not above the upper. */
int weft_check_clamp(const weft_node *n, weft_clamp c, weft_error *err);

/* Of operators whose output is float32 (weft_node_is_real), which are the host's: */

/* All inputs have this type, one at least is an activation. */
int weft_check_inputs(const weft_graph *g, const weft_node *n, weft_dtype dtype, weft_error *err);

/* All inputs are float32, one at least an activation; the output is float32. */
int weft_check_reals(const weft_graph *g, const weft_node *n, weft_error *err);

/* int8 to int8 or float32 to float32, input 0 an activation. */
int weft_check_one_type(const weft_graph *g, const weft_node *n, weft_error *err);

/* Window and channels of x NHWC, w [Co][kh][kw][Ci/groups]; x [M][K], w [N][K], y [M][N]. */
int weft_check_conv_form(const weft_graph *g, const weft_node *n, weft_error *err);
int weft_check_dense_form(const weft_graph *g, const weft_node *n, weft_error *err);

/* No input can make the sums of this node leave int32. */
int weft_check_accumulator(const weft_graph *g, const weft_node *n, weft_error *err);

#endif
