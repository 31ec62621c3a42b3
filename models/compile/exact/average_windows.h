/* What the proofs of averages share: those of pools (averages.c) and of MEAN (means.c). */
#ifndef WEFT_COMPILE_AVERAGE_WINDOWS_H
#define WEFT_COMPILE_AVERAGE_WINDOWS_H

#include "averages.h"
#include "exact.h"
#include "sums.h"

/* The windows that one multiplier has to serve; zero_first, offset and clamp as in weft_pool_2d. */
typedef struct windows {
    const weft_tensor *x, *y;
    weft_clamp clamp;
    int zero_first;
    int32_t offset, odd; /* odd: the mean is raised by so many steps */
    uint32_t divisor;
    average_factor *to;
    factor_range range; /* the multipliers that give the bytes of all windows so far */
} windows;

/* What windows_narrow returns when no multiplier is left: known by its address, since raising the
 * mean may help then. */
extern const char windows_no_factor[];

/* Leaves in w->range the multipliers that give the right byte for each of these sums.  *all is
 * freed; `made` is 0 if there was no memory for it.  Returns NULL, or a clause that says why no
 * multiplier can. */
const char *windows_narrow(windows *w, int made, sums *all);

/* The same for the sums of so many taps if float32 rounds none of them (weft_scale_is_short). */
const char *windows_narrow_exact(windows *w, uint32_t taps);

/* Finds the factor of a MEAN that divides (weft_node_mean_divides), into *to, which is zeroed.
 * Returns NULL, or a clause that says why there is none (means.c). */
const char *mean_prove(const weft_graph *g, const weft_node *n, average_plan *to);

#endif
