/* One pass through all stages, and everything it makes. */
#ifndef WEFT_COMPILE_ATTEMPT_H
#define WEFT_COMPILE_ATTEMPT_H

#include "plan/schedule.h"

/* What is compiled, and what is known of it from passes before. */
typedef struct task {
    const weft_graph *g;
    weft_hw hw;
    uint32_t base;
    weft_placement *unfit;         /* by node: why it must not run on the device; "" if it may */
    weft_placement *culprits;      /* by node: why the last pass refused because of it */
    struct average_plan *averages; /* by node: averages.h */
    weft_error *err;
    weft_meter *meter;
} task;

typedef struct attempt {
    work work;
    network net;
    lowering low;
    schedule sched;
    weft_program *program; /* NULL unless status is WEFT_OK */
    int status;            /* with its sentence in the task's error, and culprits */
    uint64_t needed;       /* bytes of device memory, if the device has less */
} attempt;

/* Makes the pass with tensors in areas of their own (`apart`), or sharing them where that saves
 * copies.  The task must live as long as the attempt.  NULL: no memory; then the error is set. */
attempt *attempt_make(const task *t, int apart);

/* Goes as far as it is known which operators share a layer: for front_support.  Otherwise
 * likewise. */
attempt *attempt_front(const task *t);

/* Frees it, the program included unless it was taken (program set to NULL); a may be NULL. */
void attempt_free(attempt *a);

#endif
