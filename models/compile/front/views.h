/* Which tensors lie in parts of one area, so that nothing is copied. */
#ifndef WEFT_COMPILE_VIEWS_H
#define WEFT_COMPILE_VIEWS_H

#include "models/compile/plan/network.h"

/* Where a tensor lies in the area of another, its root: in channels from byte `at` on of pixels
 * `pixel` bytes apart; a root fills its own.  root WEFT_NONE: in an area that it shares with
 * nobody. */
typedef struct view {
    uint32_t root, at, pixel;
} view;

/* Does any tensor share an area? */
int view_are_any(const network *net);

/* Does this tensor share an area? */
int view_is_shared(const network *net, uint32_t tensor);

/* Does it lie in part of an area that it does not fill? */
int view_is_part(const network *net, uint32_t tensor);

/* Is nothing left to do for input i of a CONCAT, or for a SLICE, because it lies where it must? */
int view_is_done(const network *net, const weft_node *n, uint32_t i);

/* Fills in step[rank]: elements of the area from index to index along each axis of the tensor.
 * Returns the element of its first. */
int64_t view_steps(const network *net, uint32_t tensor, int64_t *step);

#endif
