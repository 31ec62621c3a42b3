/* A graph of one node, made, checked and run by the reference: what tests of single operators
 * share.
 *
 *     one_node o;
 *     rc = one_node_run(&o, &(weft_node_desc){ .op = WEFT_OP_MUL, .attr = &a }, 2, in, &y, &err);
 *     const int8_t *result = one_node_result(&o);    (NULL if rc is an error)
 *     one_node_free(&o); */
#ifndef WEFT_TESTS_ONE_NODE_H
#define WEFT_TESTS_ONE_NODE_H

#include "models/ref/operators/ref_graph.h"

typedef struct one_input {
    weft_tensor_desc desc;  /* constant if it has data; rank WEFT_NONE: an absent optional input */
    const void *activation; /* the value of a graph input */
} one_input;

typedef struct one_node {
    weft_graph *g;
    weft_ref *r;
    uint32_t y;
} one_node;

/* Build, check and run; node gives op, requant and attr.  Returns the first error. */
int one_node_run(one_node *o, const weft_node_desc *node, uint32_t count, const one_input *in,
                 const weft_tensor_desc *y, weft_error *err);
const void *one_node_result(const one_node *o);
void one_node_free(one_node *o);

/* A tensor with one scale; the pointers stay the caller's. */
weft_tensor_desc one_tensor(weft_dtype dtype, uint32_t rank, const uint32_t *dims,
                            const float *scale, const int32_t *zero_point);

#endif
