/* What the tests of CMSIS-NN layer vectors share. */
#ifndef WEFT_TESTS_CMSIS_RUN_H
#define WEFT_TESTS_CMSIS_RUN_H

#include "cmsis_case.h"
#include "one_node.h"
#include "tests/test.h"

/* Where every graph is run too, after the reference: inputs one behind the other, and what the
 * reference gives. */
typedef struct cmsis_door {
    void (*run)(void *self, const weft_graph *g, const char *name, const uint8_t *in,
                const uint8_t *want);
    void *self;
} cmsis_door;

/* All vectors, or those whose name has this part, through the reference and the door (may be NULL).
 * 0 if the vectors are not here. */
int cmsis_all(test *t, const char *part, const cmsis_door *door, unsigned *cases);
void cmsis_through_door(const cmsis_case *c, const one_node *o, uint32_t count,
                        const one_input *in);

extern const float cmsis_one;
extern const int32_t cmsis_none;

/* Scales w and y with w / y split into exactly this multiplier; 0 if none are found. */
int cmsis_scales(int32_t mult, int32_t shift, float *w, float *y);

/* An array as int8; the caller frees it. */
int8_t *cmsis_bytes(const cmsis_array *a);

/* A define, 1 if it is missing; two defines as a clamp. */
uint32_t cmsis_size(const cmsis_case *c, const char *name);
weft_clamp cmsis_clamp(const cmsis_case *c, const char *lo, const char *hi);

/* Padding behind, so that the window gives the size that the vector says. */
uint32_t cmsis_pad_after(uint32_t in, uint32_t out, uint32_t kernel, uint32_t stride,
                         uint32_t dilation, uint32_t before);

/* Run one node and compare elements first, first + step, ..; 1 if all are equal. */
int cmsis_run(test *t, const cmsis_case *c, const weft_node_desc *d, uint32_t count,
              const one_input *in, const weft_tensor_desc *y, const int32_t *want, size_t first,
              size_t step);

/* cmsis_conv.c */
void cmsis_conv(test *t, const cmsis_case *c, weft_op op);
void cmsis_fully_connected(test *t, const cmsis_case *c);

#endif
