/* Which tensors lie in parts of one area, so that nothing is copied. */
#ifndef WEFT_COMPILE_VIEWS_H
#define WEFT_COMPILE_VIEWS_H

#include "models/compile/plan/plan.h"

/* Where in the area of which tensor a tensor lies: channels from byte `at` on of pixels
 * `pixel` bytes apart; all of it if it is the root itself.  root WEFT_NONE: in an area of its own.
 */
typedef struct view {
    uint32_t root, at, pixel;
} view;

/* Does the tensor lie in part of an area that it does not fill? */
int view_is_part(const plan *p, uint32_t tensor);
/* Does any tensor share an area?  Does this one? */
int view_are_any(const plan *p);
int view_is_shared(const plan *p, uint32_t tensor);
/* Did a CONCAT or SLICE leave nothing to do?  Of a CONCAT: for its input i. */
int view_is_done(const plan *p, const weft_node *n, uint32_t i);
/* The area of a tensor that shares one, made if it is the first there; into p->area_of. */
int view_area(plan *p, uint32_t tensor);
/* Operand 0 or 1 of the layer, or its output (2), is the tensor. */
void view_use(const plan *p, uint32_t tensor, unsigned operand, layer *l);
/* Elements of the area from index to index along each axis of the tensor; and of its first. */
int64_t view_steps(const plan *p, uint32_t tensor, int64_t *step);

#endif
