/* Resize and Upsample on arrays: nearest by lists of positions, linear and cubic as weighted sums
 * along one axis after the other. */
#include <math.h>
#include <stdlib.h>

#include "eval_lists.h"
#include "eval_resize.h"

/* What a pixel at distance d from the place counts, before all are scaled to the sum 1. */
static double kernel(const eval_resize_args *a, double d)
{
    const double x = fabs(d), c = (double)a->cubic_a;
    if (a->mode == LINEAR)
        return x < 1 ? 1 - x : 0;
    if (x < 1)
        return ((c + 2) * x - (c + 3)) * x * x + 1;
    return x < 2 ? ((c * x - 5 * c) * x + 8 * c) * x - 4 * c : 0;
}

/* Pixels from *first on and what each counts; returns how many.  weights holds reach(a, axis). */
static size_t reach(const eval_resize_args *a, uint32_t axis)
{
    const double half = a->mode == LINEAR ? 1 : 2, scale = (double)a->scale[axis];
    return 2 * (size_t)ceil(a->antialias && scale < 1 ? half / scale : half) + 2;
}

static size_t taps_of(const eval_resize_args *a, uint32_t axis, size_t i, int64_t *first,
                      double *weights)
{
    const double place = (double)eval_resize_place(a, axis, i);
    const double shrink = a->antialias && a->scale[axis] < 1 ? (double)a->scale[axis] : 1;
    const size_t count = reach(a, axis);
    double sum = 0;
    *first = (int64_t)floor(place) - (int64_t)(count / 2) + 1;
    for (size_t k = 0; k < count; k++) {
        const int64_t pixel = *first + (int64_t)k;
        const int inside = pixel >= 0 && pixel < (int64_t)a->in[axis];
        weights[k] =
            inside || !a->exclude_outside ? kernel(a, ((double)pixel - place) * shrink) : 0;
        sum += weights[k];
    }
    for (size_t k = 0; k < count; k++)
        weights[k] /= sum;
    return count;
}

/* The sums of position i along an axis, for all `outer` times `inner` lines. */
static void fill_position(const nd *x, const eval_resize_args *a, uint32_t axis, size_t i,
                          double *weights, size_t outer, size_t inner, nd *y)
{
    int64_t first;
    const size_t count = taps_of(a, axis, i, &first, weights), in = x->dims[axis];
    const int outside = eval_resize_outside(a, axis, i);
    for (size_t o = 0; o < outer; o++)
        for (size_t e = 0; e < inner; e++) {
            double sum = 0;
            for (size_t k = 0; k < count && !outside; k++) {
                const int64_t pixel = first + (int64_t)k, last = (int64_t)in - 1;
                const size_t at = (size_t)(pixel < 0 ? 0 : pixel > last ? last : pixel);
                if (weights[k] < 0 || weights[k] > 0)
                    sum += weights[k] * (double)x->f[(o * in + at) * inner + e];
            }
            y->f[(o * y->dims[axis] + i) * inner + e] = outside ? a->extrapolation : (float)sum;
        }
}

static int resample_axis(eval_run *r, const nd *x, const eval_resize_args *a, uint32_t axis,
                         nd *out)
{
    size_t dims[ND_MAX_RANK], outer = 1, inner = 1;
    for (uint32_t i = 0; i < x->rank; i++) {
        dims[i] = i == axis ? a->out[i] : x->dims[i];
        outer *= i < axis ? dims[i] : 1;
        inner *= i > axis ? dims[i] : 1;
    }
    /* A scale that gives any output at all; the reach is a few times the input then. */
    if ((double)a->scale[axis] * (double)x->dims[axis] < 0.25)
        return eval_refuse(r, WEFT_ERR_RANGE, "the scale %g", (double)a->scale[axis]);
    int rc = nd_new(r, x->type, x->rank, dims, out);
    if (rc == WEFT_OK)
        rc = eval_take_work(r, out->count, reach(a, axis), 1);
    double *weights = rc == WEFT_OK ? malloc(reach(a, axis) * sizeof *weights) : NULL;
    if (rc == WEFT_OK && !weights)
        rc = eval_refuse(r, WEFT_ERR_NO_MEMORY, "no memory for its weights");
    for (size_t i = 0; rc == WEFT_OK && out->count && i < dims[axis]; i++)
        fill_position(x, a, axis, i, weights, outer, inner, out);
    free(weights);
    return rc;
}

/* Every axis that changes, the last first. */
static int resample(eval_run *r, const nd *x, const eval_resize_args *a, nd *out)
{
    nd step = { 0 };
    int rc = nd_copy(r, x, &step);
    for (uint32_t axis = x->rank; rc == WEFT_OK && axis-- > 0;) {
        nd next = { 0 };
        if (eval_resize_keeps(a, axis))
            continue;
        rc = resample_axis(r, &step, a, axis, &next);
        r->left += step.count;
        nd_free(&step);
        step = next;
    }
    *out = step;
    return rc;
}

static int take_nearest(eval_run *r, const nd *x, const eval_resize_args *a, nd *out)
{
    float f = a->extrapolation;
    int64_t i = (int64_t)f;
    const nd fill = { .count = 1, .f = x->f ? &f : NULL, .i = x->f ? NULL : &i };
    eval_lists l;
    int rc = eval_lists_new(r, x, a->out, &l);
    for (uint32_t axis = 0; rc == WEFT_OK && axis < x->rank; axis++)
        for (size_t k = 0; k < a->out[axis]; k++)
            l.at[axis][k] = eval_resize_outside(a, axis, k)
                                ? EVAL_OUTSIDE
                                : (int64_t)eval_resize_pixel(a, axis, k);
    if (rc == WEFT_OK)
        rc = eval_take(r, x, &l, &fill, out);
    eval_lists_free(&l);
    return rc;
}

int eval_resize(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *x = in[0];
    eval_resize_args a;
    int rc = eval_read_resize(r, x->rank, x->dims, in, count, &a);
    if (rc != WEFT_OK)
        return rc;
    if (x->count == 0 || (a.mode != NEAREST && !x->f))
        return eval_refuse(r, WEFT_ERR_SHAPE, "of nothing, or interpolation of integers");
    return a.mode == NEAREST ? take_nearest(r, x, &a, out) : resample(r, x, &a, out);
}
