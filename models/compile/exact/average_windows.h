/* What the proofs of averages share: those of pools (averages.c) and of MEAN (means.c). */
#ifndef WEFT_COMPILE_AVERAGE_WINDOWS_H
#define WEFT_COMPILE_AVERAGE_WINDOWS_H

#include "averages.h"
#include "exact.h"
#include "sums.h"

/* The windows of one multiplier; zero_first, offset and clamp as in weft_pool_2d. */
typedef struct windows {
    const weft_tensor *x, *y;
    weft_clamp clamp;
    int zero_first;
    int32_t offset, odd; /* odd: the mean is raised by so many steps */
    uint32_t divisor;
    average_factor *to;
    factor_range range;
} windows;

/* What windows_narrow says when no multiplier is left: known by its address, since raising the mean may help then. */
extern const char windows_no_factor[];

/* Leave in the range what gives the bytes of all these sums, or of those of so many taps where
 * nothing is lost (weft_scale_is_short).  Why there is nothing, or NULL.  *all is freed; made is 0
 * if there was no memory for it. */
const char *windows_narrow(windows *w, int made, sums *all);
const char *windows_narrow_exact(windows *w, uint32_t taps);

/* A MEAN that divides (weft_node_mean_divides); means.c. */
const char *mean_prove(const weft_graph *g, const weft_node *n, average_plan *to);

#endif
