/* What the host runs (split.c). */
#ifndef WEFT_COMPILE_SPLIT_H
#define WEFT_COMPILE_SPLIT_H

#include "models/compile/plan/network.h"

/* Who writes an int8 tensor that lies in device memory: a port of the program, the device, a step
 * of the host.  NONE: constants, and what never lies there. */
enum { HOME_NONE, HOME_INPUT, HOME_DEVICE, HOME_STEP };

/* Returns the tensor in device memory from which the host makes this output of the graph; the
 * tensor itself if it lies there. */
uint32_t split_output_tensor(const network *net, uint32_t tensor);

/* Is the tensor an output of the device? */
int split_is_output(const network *net, uint32_t tensor);

/* Marks the nodes of the step that ends in `node` in needed[node_count]: returns how many. */
uint32_t split_step_nodes(const network *net, uint32_t node, uint8_t *needed);

#endif
