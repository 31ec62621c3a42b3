/* What the host runs (split.c), and its steps (lower_step.c). */
#ifndef WEFT_COMPILE_SPLIT_H
#define WEFT_COMPILE_SPLIT_H

#include "models/compile/plan/network.h"

/* Where an int8 tensor lies in device memory, and who writes it: a port of the program, the device,
 * a step of the host.  NONE: constants, and what never is there. */
enum { HOME_NONE, HOME_INPUT, HOME_DEVICE, HOME_STEP };

/* The tensor in device memory behind a graph output, through the operators of the host. */
uint32_t split_output_tensor(const network *net, uint32_t tensor);
/* Is the tensor an output of the device? */
int split_is_output(const network *net, uint32_t tensor);
/* The nodes of the step that ends in `node`: needed[node_count]; returns how many. */
uint32_t split_step_nodes(const network *net, uint32_t node, uint8_t *needed);

#endif
