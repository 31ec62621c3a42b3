/* Which tensors lie in parts of one area, so that nothing is copied. */
#ifndef WEFT_COMPILE_VIEWS_H
#define WEFT_COMPILE_VIEWS_H

#include "models/compile/plan/network.h"

/* Where in the area of which tensor a tensor lies: channels from byte `at` on of pixels
 * `pixel` bytes apart; all of it if it is the root itself.  root WEFT_NONE: in an area of its own.
 */
typedef struct view {
    uint32_t root, at, pixel;
} view;

/* Does the tensor lie in part of an area that it does not fill? */
int view_is_part(const network *net, uint32_t tensor);
/* Does any tensor share an area?  Does this one? */
int view_are_any(const network *net);
int view_is_shared(const network *net, uint32_t tensor);
/* Did a CONCAT or SLICE leave nothing to do?  Of a CONCAT: for its input i. */
int view_is_done(const network *net, const weft_node *n, uint32_t i);
/* Elements of the area from index to index along each axis of the tensor; and of its first. */
int64_t view_steps(const network *net, uint32_t tensor, int64_t *step);

#endif
