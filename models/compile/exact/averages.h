/* Float32 averages and interpolations of ONNX, and products of LiteRT, as the device makes them,
 * every byte: averages.c, means.c, interpolations.c, products.c. */
#ifndef WEFT_COMPILE_AVERAGES_H
#define WEFT_COMPILE_AVERAGES_H

#include "models/compile/plan/network.h"

/* How the device makes an average: integer sum plus `more`, times `factor`, plus `zero_point`. */
typedef struct average_factor {
    weft_requant factor;
    int32_t more, zero_point;
} average_factor;

/* What was found about a node.  `factors` is indexed by the taps of a window that lie inside the
 * image, or by the scales of the weights of products of kind REAL; it has one element if the padding
 * counts, for means and for interpolations, and is NULL for every other node. */
typedef struct average_plan {
    const char *why; /* the device cannot make these bytes: a clause that says why; or NULL */
    average_factor *factors;
} average_plan;

/* Looks for the factors of every node of a checked graph: returns a plan per node, to be freed with
 * averages_free; NULL if there is no memory.  A second per operator at most. */
average_plan *averages_prove(const weft_graph *g);

/* Frees the plans of a graph of `count` nodes; plans may be NULL. */
void averages_free(average_plan *plans, uint32_t count);

/* Returns the factor of a node that has a plan without `why`, for windows with so many taps
 * inside. */
average_factor average_of(const network *net, const weft_node *n, uint32_t taps);

/* Finds the factor of a RESIZE_BILINEAR that adds in float32, into *to, which is zeroed.  Returns
 * NULL, or a clause that says why there is none (interpolations.c). */
const char *interpolation_prove(const weft_graph *g, const weft_node *n, average_plan *to);

/* Finds the factors of a FULLY_CONNECTED or MATMUL of kind REAL, likewise (products.c). */
const char *product_prove(const weft_graph *g, const weft_node *n, average_plan *to);

/* Returns by what the device multiplies the sums of an output channel: weft_node_requant, or what
 * stands for it where the kind is REAL. */
weft_requant product_factor(const network *net, const weft_node *n, uint32_t channel);

/* Returns how many of the `taps` taps that output o has along an axis lie inside the image of `in`
 * pixels. */
uint32_t window_taps_inside(uint32_t o, uint32_t in, uint32_t taps, uint32_t stride, uint32_t pad,
                            uint32_t dilation);

#endif
