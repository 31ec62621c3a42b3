/* Between the files of the prediction: the array and the loader of its weights, command by command.
 *
 *     engine e = { 0 };
 *     at the start of each COMPUTE or TABLE:  end = engine_run(&e, sched, command, now);
 *     if it took longer, for want of weights:  engine_delay(&e, by);
 *
 * All times are cycles since the start of the run. */
#ifndef WEFT_COMPILE_CYCLES_H
#define WEFT_COMPILE_CYCLES_H

#include "models/compile/emit/commands.h"

enum { HEADER_SLOTS = 4 };

/* What a command leaves behind for the next. */
typedef struct engine {
    double loaded;             /* the loader has done what it could */
    double swapped;            /* the last pass took its weights */
    double free[HEADER_SLOTS]; /* the header in the slot is not needed any more */
    unsigned slot;             /* of the next header */
} engine;

/* Returns when the last vector of a command that starts at `now` is on its way, if weights are
 * there when they are wanted. */
double engine_run(engine *e, const schedule *sched, const pending *c, double now);

/* Moves what the last command left behind by so many cycles. */
void engine_delay(engine *e, double by);

/* Returns the beats on the port that a command's weights, headers or tables take. */
double engine_beats(const schedule *sched, const pending *c);

/* Returns the beats of a row of the stream. */
double engine_row_beats(const schedule *sched);

/* Returns the words of results and second operands that a command moves in the feature buffer. */
double engine_words(const pending *c);

/* Returns the cycles from the last vector of a command to its result in the buffer. */
double engine_latency(const schedule *sched, const pending *c);

#endif
