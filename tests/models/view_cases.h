/* Networks in which one condition of views.c decides whether tensors share an area. */
#ifndef WEFT_TESTS_VIEW_CASES_H
#define WEFT_TESTS_VIEW_CASES_H

#include "small_net.h"

enum { VIEW_SIDE = 6, VIEW_CHANNELS = 32 };

typedef struct view_case {
    const char *name;
    void (*build)(net *n);
    uint32_t rows, cols, fb_words, mem_bytes; /* of the device beside the default one */
    /* Of each CONCAT and SLICE, on devices with this mem_bytes: without a copy (-), some of it
     * copied (s), all (c), on the host (h). */
    const char *places;
    uint32_t h, w, c; /* of the input, if not VIEW_SIDE, VIEW_SIDE, VIEW_CHANNELS */
} view_case;

/* Who may read and write part of an area; where in it a part may lie. */
const view_case *view_cases_who(size_t *count);
const view_case *view_cases_where(size_t *count);

/* Two convolutions of 32 channels and their CONCAT, which is returned. */
uint32_t view_two_parts(net *n, uint32_t *a, uint32_t *b);

#endif
