/* What a graph owns behind its public fields.  Private to graph*.c. */
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
    uint32_t *order;     /* of the last successful check */
    uint32_t *consumers; /* of all tensors, one after the other */
};

/* Check shapes, types and ranges of one node; WEFT_OK or a sentence as weft_graph_check says.
 * Tensor indices are already known to be in range. */
int weft_graph_check_node(const weft_graph *g, const weft_node *n, weft_error *err);

#endif
