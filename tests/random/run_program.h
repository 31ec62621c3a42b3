/* Running a compiled program in a test: on the reference device, in program order or in another
 * order that its tokens allow, or on whatever a test plugs in. */
#ifndef WEFT_TESTS_RUN_PROGRAM_H
#define WEFT_TESTS_RUN_PROGRAM_H

#include "models/program/weft_program.h"
#include "tests/rng.h"

/* Where a program is run.  in[i] and out[i] are the canonical int8 tensors of the ports.
 * Returns WEFT_OK, or a status with a sentence. */
typedef struct program_runner {
    int (*run)(void *self, const weft_program *prog, const int8_t *const *in, int8_t *const *out,
               weft_error *err);
    void *self;
} program_runner;

typedef enum run_order {
    ORDER_PROGRAM,
    ORDER_LOADS_FIRST, /* every queue as far as it can, loads before compute before stores */
    ORDER_STORES_LAST, /* compute as far as it can, loads only when it waits for them, stores last
                        */
    ORDER_RANDOM
} run_order;

/* The reference device.  memory and buffer hold garbage before the first run; order is the order
 * in which the commands are executed: any that tokens allow must give the same bytes. */
typedef struct ref_runner {
    struct weft_ref_device *dev;
    run_order order;
    rng random;
    uint64_t issued; /* of the last run */
} ref_runner;

/* The WAIT bits, which no order of whole commands can test: 1 if every COMPUTE that reads rows of
 * the feature buffer which the COMPUTE directly before it writes has a WAIT; 0 with a sentence.
 * Looks at the commands only, and of what a kernel reads at its first row. */
int program_waits(const weft_program *prog, weft_error *err);

int ref_runner_make(const weft_hw *hw, uint64_t seed, ref_runner *out);
void ref_runner_end(ref_runner *r);
program_runner ref_runner_door(ref_runner *r);

#endif
