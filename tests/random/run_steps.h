/* A program in a test as its runs of the device with steps of the host between them, whatever the
 * device is.  Written apart from the library, which it is a second opinion on. */
#ifndef WEFT_TESTS_RUN_STEPS_H
#define WEFT_TESTS_RUN_STEPS_H

#include "models/program/weft_program.h"

/* Commands first .. first + count - 1 of a program, `bytes` of them at address addr. */
typedef struct run_part {
    uint32_t addr, first, count;
    size_t bytes;
} run_part;

/* The device: rows of memory into a tensor, a tensor into rows, and a run.  Each returns WEFT_OK or
 * a status with a sentence. */
typedef struct step_device {
    void *self;
    int (*read)(void *self, const weft_rows *rows, int8_t *tensor, weft_error *err);
    int (*write)(void *self, const weft_rows *rows, const int8_t *tensor, weft_error *err);
    int (*run)(void *self, const weft_program *prog, const run_part *part, weft_error *err);
} step_device;

/* Everything between inputs and outputs. */
int run_parts(const step_device *d, const weft_program *prog, weft_error *err);

/* 1 if the host has a step right before this command. */
int is_cut(const weft_program *prog, uint32_t command);

#endif
