/* The cycles that a program will take, from its commands and their tokens. */
#ifndef WEFT_COMPILE_PREDICT_H
#define WEFT_COMPILE_PREDICT_H

#include "models/compile/plan/schedule.h"

/* Predicts the cycles of every layer, into its tiling: returns those of all together; 0 if there
 * is no memory for it, since a prediction is not worth a failure. */
uint64_t predict_cycles(schedule *sched);

#endif
