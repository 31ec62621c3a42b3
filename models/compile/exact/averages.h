/* Float32 averages and interpolations of ONNX as the device makes them, every byte: averages.c,
 * means.c, interpolations.c. */
#ifndef WEFT_COMPILE_AVERAGES_H
#define WEFT_COMPILE_AVERAGES_H

#include "models/compile/plan/network.h"

/* The integer sum plus `more` times the factor, plus the zero point. */
typedef struct average_factor {
    weft_requant factor;
    int32_t more, zero_point;
} average_factor;

/* why: the device cannot, or NULL. */
typedef struct average_plan {
    const char *why;
    average_factor *factors; /* by taps inside; one if the padding counts, or of interpolations */
} average_plan;

/* By node; NULL: no memory.  And the factor for windows with so many taps inside. */
average_plan *averages_prove(const weft_graph *g);
void averages_free(average_plan *plans, uint32_t count);
const char *interpolation_prove(const weft_graph *g, const weft_node *n, average_plan *to);
average_factor average_of(const network *net, const weft_node *n, uint32_t taps);

/* Taps inside the image along one axis for output o. */
uint32_t window_taps_inside(uint32_t o, uint32_t in, uint32_t taps, uint32_t stride, uint32_t pad,
                            uint32_t dilation);

#endif
