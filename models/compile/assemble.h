/* The program of a finished schedule. */
#ifndef WEFT_COMPILE_ASSEMBLE_H
#define WEFT_COMPILE_ASSEMBLE_H

#include "plan/schedule.h"

/* Fills in the program: the image of the lowering, which becomes the program's, with the commands
 * behind it, ports, layers and steps of the host.  Returns WEFT_OK or a status with its sentence;
 * of a program that needs more memory than the device has, *needed says how many bytes (otherwise
 * 0). */
int assemble_program(schedule *sched, lowering *low, weft_program *to, uint64_t *needed);

#endif
