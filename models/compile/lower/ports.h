/* Descriptions for the finished program; see ports.c.  Names are copied with malloc. */
#ifndef WEFT_COMPILE_PORTS_H
#define WEFT_COMPILE_PORTS_H

#include "models/compile/plan/schedule.h"

/* Describe a port; call it when the image is complete (activations begin behind it). */
int port_make(schedule *sched, const weft_port *port, int is_input, weft_program_port *to);
/* Layer i, or the chain that it begins. */
int layer_make(schedule *sched, uint32_t i, weft_program_layer *to);

/* The node that says what the step of layer l is about; needed: room for as many as there are nodes. */
const weft_node *step_subject(const network *net, const layer *l, uint8_t *needed);

/* The step of the host that is layer i; call it when the image is complete. */
int step_make(schedule *sched, uint32_t i, weft_program_step *to);

#endif
