/* What a program says of the ports, layers and steps of a finished schedule; to be called when the
 * image is complete, since activations begin behind it.
 *
 * Names are copied with malloc.  What returns int returns WEFT_OK or a status with its sentence in
 * sched->work.err. */
#ifndef WEFT_COMPILE_PORTS_H
#define WEFT_COMPILE_PORTS_H

#include "models/compile/plan/schedule.h"

/* Describes a port.  WEFT_ERR_UNSUPPORTED: float32 at this end of the network in a way that a port
 * cannot say. */
int port_make(schedule *sched, const weft_port *port, int is_input, weft_program_port *to);

/* Describes layer i, or the chain that it begins. */
int layer_make(schedule *sched, uint32_t i, weft_program_layer *to);

/* Makes the step of the host that is layer i: a graph, and where its inputs and its output lie. */
int step_make(schedule *sched, uint32_t i, weft_program_step *to);

/* Returns the node that says what the step of layer l is about; `needed` has room for a byte per
 * node. */
const weft_node *step_subject(const network *net, const layer *l, uint8_t *needed);

#endif
