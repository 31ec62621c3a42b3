/* Operators of two inputs in the post unit. */
#ifndef WEFT_COMPILE_BINARY_H
#define WEFT_COMPILE_BINARY_H

#include "models/compile/plan/network.h"

/* An operator of two inputs as fields and tables: the tables by input, indexed by the byte. */
typedef struct binary_post {
    uint32_t alu, kind;
    weft_requant factor;
    int32_t zp;
    weft_clamp clamp;
    int32_t t[2][256];
} binary_post;
int binary_post_of(const network *net, const weft_node *n, unsigned stage, binary_post *b);

/* The node on two functions of one byte: entries by value + 128. */
int binary_of_tables(const network *net, const weft_node *n, const int8_t *const in[2],
                     int8_t *entries);
/* If the node is a function of one of its inputs: that input, and entries by value + 128.  Else 2.
 */
uint32_t binary_as_table(const network *net, const weft_node *n, int8_t *entries, int *rc);

/* Layers a node of two inputs takes in the post unit, one after the other: PRELU 2, MUL 1 or 3. */
unsigned binary_stages(const network *net, const weft_node *n);

#endif
