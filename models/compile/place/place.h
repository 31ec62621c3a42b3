/* Placement: which areas stay in the feature buffer, in which tiles the others pass through it,
 * and where they lie in device memory.  The stages, in their order; each fills in its part of the
 * schedule. */
#ifndef WEFT_COMPILE_PLACE_H
#define WEFT_COMPILE_PLACE_H

#include "models/compile/plan/schedule.h"

/* Places areas in the buffer and chooses chains, tiles and slots (place.c).  Returns WEFT_OK,
 * WEFT_ERR_NO_MEMORY, or WEFT_ERR_CAPACITY, and the layers to blame, if the smallest tile of a
 * layer does not fit. */
int place_in_buffer(schedule *sched);

/* Gives the areas that are not, or not only, in the buffer their addresses (memory.c).  Returns
 * WEFT_OK, or WEFT_ERR_CAPACITY beyond 4 GiB. */
int place_in_memory(schedule *sched);

/* Sets the error of a program that needs `needed` bytes of device memory, more than there are: how
 * many, and which layers take most.  Returns WEFT_ERR_CAPACITY. */
int place_too_large(const schedule *sched, uint64_t needed);

#endif
