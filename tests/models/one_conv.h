/* Graphs of one convolution for tests of the compiler, and what a program's commands add up to. */
#ifndef WEFT_TESTS_ONE_CONV_H
#define WEFT_TESTS_ONE_CONV_H

#include "models/compile/weft_compile.h"
#include "rtl/isa/weft_isa.h"
#include "tests/test.h"

typedef struct shape {
    uint32_t h, w, ci, co, kh, kw, stride, dilation, pad, groups;
} shape;

/* Checked; weights of zero.  The caller frees it. */
weft_graph *conv_graph(test *t, shape s);

/* What all COMPUTE commands of a program add up to. */
typedef struct sums {
    uint64_t vectors; /* passes x blocks x issues */
    uint32_t stride;  /* of the last LOAD */
    uint32_t computes, loads, stores, mode, span, passes, blocks;
} sums;

sums sums_of(const weft_program *prog);

#endif
