/* Where the pixels of a Resize or Upsample come from; shared with the importer, whose index lists
 * are made by the same rules. */
#ifndef WEFT_EVAL_RESIZE_H
#define WEFT_EVAL_RESIZE_H

#include "eval.h"

typedef enum eval_transform {
    HALF_PIXEL,
    PYTORCH_HALF_PIXEL,
    ALIGN_CORNERS,
    ASYMMETRIC,
    HALF_PIXEL_SYMMETRIC,
    TF_HALF_PIXEL_FOR_NN, /* of opset 11 and 12 */
    TF_CROP_AND_RESIZE
} eval_transform;

typedef enum eval_nearest { ROUND_PREFER_FLOOR, ROUND_PREFER_CEIL, FLOOR, CEIL } eval_nearest;

typedef enum eval_resize_mode { NEAREST, LINEAR, CUBIC } eval_resize_mode;

typedef struct eval_resize_args {
    eval_resize_mode mode;
    eval_transform transform;
    eval_nearest nearest;
    int antialias, exclude_outside;
    float cubic_a, extrapolation; /* extrapolation: the value outside, of TF_CROP_AND_RESIZE */
    uint32_t rank;
    size_t in[ND_MAX_RANK], out[ND_MAX_RANK];
    float scale[ND_MAX_RANK];
    float length[ND_MAX_RANK];                  /* scale * in before it was rounded down to out */
    float begin[ND_MAX_RANK], end[ND_MAX_RANK]; /* the region, of TF_CROP_AND_RESIZE: 0..1 is all */
} eval_resize_args;

/* From attributes and the inputs behind the first (in[0] is not looked at); rank and in are those
 * of the input.  Modes outside these are refused. */
int eval_read_resize(eval_run *r, uint32_t rank, const size_t *dims, const nd *const *in,
                     size_t count, eval_resize_args *out);

/* 1 if the axis stays as it is. */
int eval_resize_keeps(const eval_resize_args *a, uint32_t axis);

/* The place in the input of position i along an axis. */
float eval_resize_place(const eval_resize_args *a, uint32_t axis, size_t i);

/* The pixel that mode nearest takes there. */
size_t eval_resize_pixel(const eval_resize_args *a, uint32_t axis, size_t i);

/* 1 if that place is outside of the input and shall have the extrapolation value. */
int eval_resize_outside(const eval_resize_args *a, uint32_t axis, size_t i);

#endif
