/* The float32 sum of a MEAN of kind ONNX.  Private to ref_ops*.c. */
#ifndef WEFT_REF_MEAN_H
#define WEFT_REF_MEAN_H

#include "models/graph/graph.h"

/* Of the result at index[rank], which is 0 along averaged axes; x is the whole input. */
float ref_mean_sum(const weft_graph *g, const weft_node *n, const void *x, const uint32_t *index);

#endif
