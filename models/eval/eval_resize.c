/* Resize and Upsample: which pixels they take; the contract is in eval_resize.h. */
#include "eval_resize.h"

#include <math.h>
#include <string.h>

#define COUNT(names) ((int)(sizeof(names) / sizeof *(names)))

/* The number of the choice whose name the attribute has; -1 for another name. */
static int choice(const Onnx__NodeProto *node, const char *attribute, const char *const *names,
                  int count, const char *otherwise)
{
    for (int i = 0; i < count; i++)
        if (onnx_attr_is(node, attribute, names[i], otherwise))
            return i;
    return -1;
}

static int read_modes(eval_run *r, int old, eval_resize_args *a)
{
    static const char *const transforms[] = { "half_pixel",           "pytorch_half_pixel",
                                              "align_corners",        "asymmetric",
                                              "half_pixel_symmetric", "tf_half_pixel_for_nn",
                                              "tf_crop_and_resize" };
    static const char *const nearest[] = { "round_prefer_floor", "round_prefer_ceil", "floor",
                                           "ceil" };
    static const char *const modes[] = { "nearest", "linear", "cubic" };
    const int t = choice(r->node, "coordinate_transformation_mode", transforms, COUNT(transforms),
                         "half_pixel");
    const int n = choice(r->node, "nearest_mode", nearest, COUNT(nearest), "round_prefer_floor");
    const int m = choice(r->node, "mode", modes, COUNT(modes), "nearest");
    if (t < 0 || n < 0 || m < 0)
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "ONNX has no such mode");
    a->mode = (eval_resize_mode)m;
    a->transform = old ? ASYMMETRIC : (eval_transform)t;
    a->nearest = old ? FLOOR : (eval_nearest)n;
    a->antialias = onnx_attr_int(r->node, "antialias", 0) != 0;
    a->exclude_outside = onnx_attr_int(r->node, "exclude_outside", 0) != 0;
    a->cubic_a = onnx_attr_float(r->node, "cubic_coeff_a", -0.75f);
    a->extrapolation = onnx_attr_float(r->node, "extrapolation_value", 0.0f);
    if (a->antialias && a->mode == NEAREST)
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "antialias of nearest is not possible");
    return WEFT_OK;
}

/* The axes that scales, sizes or the region name: all, or those of the attribute (opset 18). */
static int named_axes(eval_run *r, uint32_t rank, size_t given, uint32_t *axes)
{
    const Onnx__AttributeProto *a = onnx_attr(r->node, "axes");
    if (given != (a ? a->n_ints : rank) || given > ND_MAX_RANK)
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs a scale or a size for every axis");
    int rc = WEFT_OK;
    for (size_t i = 0; i < given && rc == WEFT_OK; i++)
        rc = eval_axis(r, a ? a->ints[i] : (int64_t)i, rank, &axes[i]);
    return rc;
}

static int read_scales(eval_run *r, const float *scales, size_t count, eval_resize_args *a)
{
    uint32_t axes[ND_MAX_RANK];
    int rc = named_axes(r, a->rank, count, axes);
    for (size_t i = 0; i < count && rc == WEFT_OK; i++) {
        const double exact = (double)a->in[axes[i]] * (double)scales[i], size = floor(exact);
        if (!(scales[i] > 0) || !(size < (double)EVAL_ELEMENTS))
            return eval_refuse(r, WEFT_ERR_RANGE, "the scale %g", (double)scales[i]);
        a->out[axes[i]] = (size_t)size;
        a->scale[axes[i]] = scales[i];
        a->length[axes[i]] = (float)exact;
    }
    return rc;
}

/* Sizes that keep the aspect: the least or the greatest scale is that of all named axes. */
static int keep_aspect(eval_run *r, const uint32_t *axes, size_t count, int larger,
                       eval_resize_args *a)
{
    float scale = a->scale[axes[0]];
    for (size_t i = 1; i < count; i++)
        scale = larger ? fmaxf(scale, a->scale[axes[i]]) : fminf(scale, a->scale[axes[i]]);
    for (size_t i = 0; i < count; i++) {
        const float exact = scale * (float)a->in[axes[i]], size = floorf(exact + 0.5f);
        if (!(size < (float)EVAL_ELEMENTS))
            return eval_refuse(r, WEFT_ERR_RANGE, "a size is out of range");
        a->out[axes[i]] = (size_t)size;
        a->scale[axes[i]] = scale;
        a->length[axes[i]] = size;
    }
    return WEFT_OK;
}

static int read_sizes(eval_run *r, const nd *list, eval_resize_args *a)
{
    static const char *const policies[] = { "stretch", "not_larger", "not_smaller" };
    const int policy =
        choice(r->node, "keep_aspect_ratio_policy", policies, COUNT(policies), "stretch");
    int64_t sizes[ND_MAX_RANK];
    size_t count;
    uint32_t axes[ND_MAX_RANK];
    int rc = eval_ints(r, list, ND_MAX_RANK, sizes, &count);
    if (rc == WEFT_OK)
        rc = named_axes(r, a->rank, count, axes);
    if (rc == WEFT_OK && policy < 0)
        rc = eval_refuse(r, WEFT_ERR_UNSUPPORTED, "ONNX has no such policy");
    for (size_t i = 0; rc == WEFT_OK && i < count; i++) {
        if (sizes[i] < 1 || sizes[i] > (int64_t)EVAL_ELEMENTS || a->in[axes[i]] == 0)
            return eval_refuse(r, WEFT_ERR_RANGE, "a size is out of range");
        a->out[axes[i]] = (size_t)sizes[i];
        a->scale[axes[i]] = (float)sizes[i] / (float)a->in[axes[i]];
        a->length[axes[i]] = (float)sizes[i];
    }
    return rc == WEFT_OK && policy > 0 && count ? keep_aspect(r, axes, count, policy == 2, a) : rc;
}

/* All begins, then all ends. */
static int read_region(eval_run *r, const nd *region, eval_resize_args *a)
{
    uint32_t axes[ND_MAX_RANK];
    if (!region || !region->f || region->rank != 1 || region->count % 2)
        return eval_refuse(r, WEFT_ERR_SHAPE, "tf_crop_and_resize needs a region");
    const size_t count = region->count / 2;
    int rc = named_axes(r, a->rank, count, axes);
    for (size_t i = 0; i < count && rc == WEFT_OK; i++) {
        a->begin[axes[i]] = region->f[i];
        a->end[axes[i]] = region->f[count + i];
        if (!(fabsf(region->f[i]) <= 1e6f) || !(fabsf(region->f[count + i]) <= 1e6f))
            rc = eval_refuse(r, WEFT_ERR_RANGE, "the region is out of range");
    }
    return rc;
}

int eval_read_resize(eval_run *r, uint32_t rank, const size_t *dims, const nd *const *in,
                     size_t count, eval_resize_args *a)
{
    const int upsample = !strcmp(r->node->op_type, "Upsample"), old = upsample || r->opset < 11;
    const nd *scales = old ? (count > 1 ? in[1] : NULL) : count > 2 ? in[2] : NULL;
    const nd *sizes = !old && count > 3 ? in[3] : NULL;
    const Onnx__AttributeProto *list = onnx_attr(r->node, "scales");
    *a = (eval_resize_args){ .rank = rank };
    for (uint32_t i = 0; i < rank; i++) {
        a->in[i] = a->out[i] = dims[i];
        a->scale[i] = a->end[i] = 1.0f;
        a->length[i] = (float)dims[i];
    }
    int rc = read_modes(r, old, a);
    if (rc == WEFT_OK && a->transform == TF_CROP_AND_RESIZE)
        rc = read_region(r, count > 1 ? in[1] : NULL, a);
    if (rc != WEFT_OK)
        return rc;
    if (sizes && sizes->count)
        return read_sizes(r, sizes, a);
    if (scales && scales->f && scales->rank == 1)
        return read_scales(r, scales->f, scales->count, a);
    if (upsample && list)
        return read_scales(r, list->floats, list->n_floats, a);
    return eval_refuse(r, WEFT_ERR_SHAPE, "has neither scales nor sizes");
}

int eval_resize_keeps(const eval_resize_args *a, uint32_t axis)
{
    const int whole =
        a->begin[axis] >= 0 && a->begin[axis] <= 0 && a->end[axis] >= 1 && a->end[axis] <= 1;
    return a->in[axis] == a->out[axis] && a->scale[axis] >= 1 && a->scale[axis] <= 1 && whole;
}

float eval_resize_place(const eval_resize_args *a, uint32_t axis, size_t i)
{
    const float x = (float)i, scale = a->scale[axis], length = a->length[axis];
    const float last = (float)a->in[axis] - 1, begin = a->begin[axis], end = a->end[axis];
    const size_t out = a->out[axis];
    if (eval_resize_keeps(a, axis))
        return x;
    switch (a->transform) {
    case ASYMMETRIC: return x / scale;
    case ALIGN_CORNERS: return out > 1 ? x * last / (length - 1) : 0.0f;
    case PYTORCH_HALF_PIXEL: return out > 1 ? (x + 0.5f) / scale - 0.5f : 0.0f;
    case HALF_PIXEL_SYMMETRIC:
        return (float)a->in[axis] / 2 * (1 - (float)out / (scale * (float)a->in[axis])) +
               (x + 0.5f) / scale - 0.5f;
    case TF_HALF_PIXEL_FOR_NN: return (x + 0.5f) / scale;
    case TF_CROP_AND_RESIZE:
        return out > 1 ? begin * last + x * (end - begin) * last / (float)(out - 1)
                       : 0.5f * (begin + end) * last;
    default: return (x + 0.5f) / scale - 0.5f;
    }
}

int eval_resize_outside(const eval_resize_args *a, uint32_t axis, size_t i)
{
    const float place = eval_resize_place(a, axis, i);
    return a->transform == TF_CROP_AND_RESIZE && (place < 0 || place > (float)a->in[axis] - 1);
}

size_t eval_resize_pixel(const eval_resize_args *a, uint32_t axis, size_t i)
{
    const float place = eval_resize_place(a, axis, i), down = floorf(place);
    float pixel = down;
    switch (a->nearest) {
    case ROUND_PREFER_FLOOR: pixel = ceilf(place - 0.5f); break;
    case ROUND_PREFER_CEIL: pixel = floorf(place + 0.5f); break;
    case FLOOR: break;
    case CEIL: pixel = ceilf(place); break;
    }
    const float last = (float)(a->in[axis] - 1);
    return (size_t)(pixel < 0 ? 0 : pixel > last ? last : pixel);
}
