/* What stretches of commands touch together, so that who looks for the latest command that
 * conflicts with another passes over those that cannot: a look is O(log n) where little conflicts.
 */
#ifndef WEFT_COMPILE_TOUCHED_H
#define WEFT_COMPILE_TOUCHED_H

#include "commands.h"

enum { TOUCHED_LEVELS = 4 };

struct touched_stretch;

typedef struct touched {
    struct touched_stretch *stretches[TOUCHED_LEVELS]; /* of 8, 64, 512, .. commands; by queue */
} touched;

/* Room for the commands of a schedule.  Returns WEFT_OK or WEFT_ERR_NO_MEMORY. */
int touched_begin(schedule *sched, touched *t);

/* Adds command i, the latest; before is the one before it in its queue, or -1. */
void touched_add(touched *t, const pending *c, int64_t i, int64_t before);

/* Returns the first command of the queue, from i back, in whose stretch one may conflict with c; or
 * one that is at or before `least`, or -1.  i is a command of the queue, or -1. */
int64_t touched_latest(const touched *t, const pending *c, queue q, int64_t i, int64_t least);

#endif
