/* What the host runs (split.c), and its steps (lower_step.c). */
#ifndef WEFT_COMPILE_SPLIT_H
#define WEFT_COMPILE_SPLIT_H

#include "models/compile/plan/plan.h"

/* Where an int8 tensor lies in device memory, and who writes it: a port of the program, the device,
 * a step of the host.  NONE: constants, and what never is there. */
enum { HOME_NONE, HOME_INPUT, HOME_DEVICE, HOME_STEP };

/* Why the device cannot run an int8 operator, or NULL. */
const char *plan_device_refuses(const plan *p, uint32_t node);
/* The tensor in device memory behind a graph output, through the operators of the host. */
uint32_t plan_output_tensor(const plan *p, uint32_t tensor);
/* The nodes of the step that ends in `node`: needed[node_count]; returns how many. */
uint32_t plan_step_nodes(const plan *p, uint32_t node, uint8_t *needed);
/* The node that says what the step of layer l is about; needed: room for them. */
const weft_node *plan_step_subject(const plan *p, const layer *l, uint8_t *needed);

#endif
