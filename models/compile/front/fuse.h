/* Which operators share a layer (fuse.c), and tensors that are tables of others (fuse_bytes.c). */
#ifndef WEFT_COMPILE_FUSE_H
#define WEFT_COMPILE_FUSE_H

#include "models/compile/plan/network.h"

/* What a node's layer consists of; by node.  All but `root` and `into` is valid at the root only.
 */
typedef struct fusion {
    uint32_t root, last; /* nodes: the first, and the one whose output the layer writes */
    uint32_t binary;     /* node of the ALU, or WEFT_NONE */
    uint32_t side;       /* the input of `binary` that the layer computes; the other is operand */
    uint32_t position;   /* in the graph's order */
    const int8_t *before, *after; /* tables in front of `binary` and at the end, or NULL */
    uint32_t input;               /* the tensor of a layer that is a table alone, else WEFT_NONE */
    uint32_t
        into; /* the node whose table contains this one, so that nobody needs it; or WEFT_NONE */
} fusion;

/* How a tensor is a table of another one. */
typedef struct byte_function {
    uint32_t parent;       /* that tensor; WEFT_NONE: it is none */
    const int8_t *entries; /* by value + 128 */
} byte_function;

/* Is it one of ADD, SUB, MUL, MINIMUM, MAXIMUM? */
int fuse_is_binary(weft_op op);

/* Begins: no tensor is a table of another, every reader counts.  Returns WEFT_OK or
 * WEFT_ERR_NO_MEMORY. */
int bytes_start(network *net);

/* Notes that `tensor` is the table `entries`, which is copied, of `parent`.  Returns as
 * bytes_start. */
int bytes_record(network *net, uint32_t tensor, uint32_t parent, const int8_t *entries);

/* If one byte decides both inputs of the node: returns the nearest tensor that it is a byte of,
 * and the node as a table of that.  Else WEFT_NONE.  *rc as binary_of_tables. */
uint32_t bytes_of_pair(network *net, const weft_node *n, int8_t *entries, int *rc);

/* Notes that the node is a table of the tensor and reads nothing else: what only led to its inputs
 * is not needed any more. */
void bytes_reads_only(network *net, uint32_t node, uint32_t tensor);

#endif
