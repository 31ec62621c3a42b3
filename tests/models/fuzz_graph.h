/* What the fuzz targets of networks share: how much work a graph is, and the cases of
 * tests/tflite/tflm_cases.bin, whose models are their seeds. */
#ifndef WEFT_TESTS_FUZZ_GRAPH_H
#define WEFT_TESTS_FUZZ_GRAPH_H

#include "models/graph/graph.h"

/* About how many steps the reference takes; every tap counted for every element that has a window.
 */
static inline double fuzz_steps(const weft_graph *g)
{
    double steps = 0;
    for (uint32_t i = 0; i < g->node_count; i++) {
        const weft_node *n = &g->nodes[i];
        const weft_tensor *x = weft_node_input(g, n, 0), *w = weft_node_input(g, n, 1);
        double each = n->op == WEFT_OP_MATMUL ? x->dims[x->rank - 1] : 1;
        if (n->op == WEFT_OP_MAX_POOL_2D || n->op == WEFT_OP_AVERAGE_POOL_2D)
            each = (double)n->attr.pool_2d.window.kernel_h * n->attr.pool_2d.window.kernel_w;
        if (n->op == WEFT_OP_CONV_2D || n->op == WEFT_OP_TRANSPOSE_CONV ||
            n->op == WEFT_OP_FULLY_CONNECTED)
            each = (double)weft_tensor_elements(w) / w->dims[0];
        steps += each * (double)weft_tensor_elements(&g->tensors[n->output]);
        steps += (double)weft_tensor_elements(x);
    }
    return steps;
}

/* Bytes of all tensors together. */
static inline double fuzz_bytes(const weft_graph *g)
{
    double bytes = 0;
    for (uint32_t i = 0; i < g->tensor_count; i++)
        bytes += (double)weft_tensor_bytes(&g->tensors[i]);
    return bytes;
}

/* Block number i of a file of cases, of *count bytes: every fourth, from the second on, is a model.
 * NULL behind the last. */
static inline const uint8_t *fuzz_block(const uint8_t *file, size_t bytes, uint32_t i,
                                        size_t *count)
{
    size_t at = 0;
    for (; at + 4 <= bytes; i--) {
        const uint8_t *from = file + at;
        *count =
            from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
        if (*count > bytes - at - 4)
            return NULL;
        if (i == 0)
            return from + 4;
        at += 4 + *count;
    }
    return NULL;
}

#endif
