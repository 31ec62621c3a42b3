/* Operators of two inputs in the post unit. */
#ifndef WEFT_COMPILE_BINARY_H
#define WEFT_COMPILE_BINARY_H

#include "models/compile/plan/network.h"

/* A stage of such an operator as fields of a command and as tables, one per input, indexed by the
 * byte as unsigned. */
typedef struct binary_post {
    uint32_t alu, kind;
    weft_requant factor;
    int32_t zp;
    weft_clamp clamp;
    int32_t t[2][256];
} binary_post;

/* Returns how many layers the node takes in the post unit, one after the other: PRELU 2, MUL 1 or
 * 3, others 1. */
unsigned binary_stages(const network *net, const weft_node *n);

/* Fills in stage 0..binary_stages - 1 of the node.  Returns WEFT_OK; WEFT_ERR_RANGE with its
 * sentence if no integers give the bytes; WEFT_ERR_NO_MEMORY. */
int binary_post_of(const network *net, const weft_node *n, unsigned stage, binary_post *b);

/* Computes the node on two functions of one byte: entries and in[] are indexed by value + 128.
 * Returns as binary_post_of. */
int binary_of_tables(const network *net, const weft_node *n, const int8_t *const in[2],
                     int8_t *entries);

/* If the node is a function of one of its inputs (the other is one constant, or the same tensor):
 * returns which, and its entries by value + 128.  Else 2.  *rc as binary_post_of. */
uint32_t binary_as_table(const network *net, const weft_node *n, int8_t *entries, int *rc);

#endif
