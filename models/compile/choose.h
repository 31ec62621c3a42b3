/* Of several schedules of a lowering the one with the fewest predicted cycles. */
#ifndef WEFT_COMPILE_CHOOSE_H
#define WEFT_COMPILE_CHOOSE_H

#include "plan/schedule.h"

/* Makes *best, which the caller frees whatever is returned.  Returns WEFT_OK, or the status and
 * sentence of placement or emission, with the nodes to blame, if there is no schedule. */
int choose_schedule(const lowering *low, schedule *best);

#endif
