/* Resize and Upsample: nearest and linear. */
#include "eval_resize.h"

#include <math.h>
#include <string.h>

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
    static const char *const transforms[] = { "half_pixel", "pytorch_half_pixel", "align_corners",
                                              "asymmetric", "half_pixel_symmetric" };
    static const char *const nearest[] = { "round_prefer_floor", "round_prefer_ceil", "floor",
                                           "ceil" };
    const int t = choice(r->node, "coordinate_transformation_mode", transforms, 5, "half_pixel");
    const int n = choice(r->node, "nearest_mode", nearest, 4, "round_prefer_floor");
    const int linear = onnx_attr_is(r->node, "mode", "linear", "nearest");
    if (t < 0 || n < 0 || (!linear && !onnx_attr_is(r->node, "mode", "nearest", "nearest")))
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED,
                           "only nearest and linear without a region are possible");
    if (onnx_attr_int(r->node, "antialias", 0) || onnx_attr_int(r->node, "exclude_outside", 0) ||
        !onnx_attr_is(r->node, "keep_aspect_ratio_policy", "stretch", "stretch"))
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED,
                           "antialias, exclude_outside and keeping the aspect are not possible");
    a->transform = old ? ASYMMETRIC : (eval_transform)t;
    a->nearest = old ? FLOOR : (eval_nearest)n;
    a->linear = linear;
    return WEFT_OK;
}

/* The axes that scales or sizes name: all, or those of the attribute (opset 18). */
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
        if (a->transform == ALIGN_CORNERS && size < exact)
            return eval_refuse(
                r, WEFT_ERR_UNSUPPORTED,
                "align_corners with a broken size, about which ONNX and ONNX Runtime "
                "disagree; give sizes instead of scales");
        if (!(scales[i] > 0) || !(size < (double)EVAL_ELEMENTS))
            return eval_refuse(r, WEFT_ERR_RANGE, "the scale %g", (double)scales[i]);
        a->out[axes[i]] = (size_t)size;
        a->scale[axes[i]] = scales[i];
    }
    return rc;
}

static int read_sizes(eval_run *r, const nd *list, eval_resize_args *a)
{
    int64_t sizes[ND_MAX_RANK];
    size_t count;
    uint32_t axes[ND_MAX_RANK];
    int rc = eval_ints(r, list, ND_MAX_RANK, sizes, &count);
    if (rc == WEFT_OK)
        rc = named_axes(r, a->rank, count, axes);
    for (size_t i = 0; rc == WEFT_OK && i < count; i++) {
        if (sizes[i] < 1 || sizes[i] > (int64_t)EVAL_ELEMENTS || a->in[axes[i]] == 0)
            return eval_refuse(r, WEFT_ERR_RANGE, "a size is out of range");
        a->out[axes[i]] = (size_t)sizes[i];
        a->scale[axes[i]] = (float)sizes[i] / (float)a->in[axes[i]];
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
        a->scale[i] = 1.0f;
    }
    int rc = read_modes(r, old, a);
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

float eval_resize_place(const eval_resize_args *a, uint32_t axis, size_t i)
{
    const float x = (float)i, scale = a->scale[axis];
    const size_t in = a->in[axis], out = a->out[axis];
    if (in == out && scale >= 1.0f && scale <= 1.0f)
        return x;
    switch (a->transform) {
    case ASYMMETRIC: return x / scale;
    case ALIGN_CORNERS: return out > 1 ? x * (float)(in - 1) / (float)(out - 1) : 0.0f;
    case PYTORCH_HALF_PIXEL: return out > 1 ? (x + 0.5f) / scale - 0.5f : 0.0f;
    case HALF_PIXEL_SYMMETRIC: {
        const float whole = scale * (float)in, adjustment = (float)out / whole;
        return (float)in / 2 * (1 - adjustment) + (x + 0.5f) / scale - 0.5f;
    }
    default: return (x + 0.5f) / scale - 0.5f;
    }
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

/* Weighted sum of the corners around a place; axes that keep their size have one. */
static float interpolate(const nd *x, const eval_resize_args *a, const size_t *index,
                         const size_t *stride)
{
    double sum = 0;
    size_t lo[ND_MAX_RANK];
    double weight[ND_MAX_RANK];
    for (uint32_t i = 0; i < a->rank; i++) {
        const float last = (float)(a->in[i] - 1), place = eval_resize_place(a, i, index[i]);
        const float inside = place < 0 ? 0 : place > last ? last : place;
        lo[i] = (size_t)inside;
        weight[i] = (double)inside - (double)lo[i];
    }
    for (unsigned corner = 0; corner < 1u << a->rank; corner++) {
        double factor = 1;
        size_t from = 0;
        for (uint32_t i = 0; i < a->rank && factor > 0; i++) {
            const int up = corner >> i & 1;
            factor *= up ? weight[i] : 1 - weight[i];
            from += (lo[i] + (size_t)(up && factor > 0)) * stride[i];
        }
        if (factor > 0)
            sum += factor * (double)nd_float(x, from);
    }
    return (float)sum;
}

int eval_resize(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *x = in[0];
    eval_resize_args a;
    size_t index[ND_MAX_RANK] = { 0 }, stride[ND_MAX_RANK], at = 0;
    int rc = eval_read_resize(r, x->rank, x->dims, in, count, &a);
    if (rc == WEFT_OK)
        rc = nd_new(r, x->type, x->rank, a.out, out);
    if (rc != WEFT_OK || out->count == 0)
        return rc;
    if (x->count == 0 || (a.linear && !x->f))
        return eval_refuse(r, WEFT_ERR_SHAPE, "of nothing, or linear of integers");
    nd_strides(x, stride);
    do {
        size_t from = 0;
        for (uint32_t i = 0; i < x->rank && !a.linear; i++)
            from += eval_resize_pixel(&a, i, index[i]) * stride[i];
        if (a.linear)
            out->f[at] = interpolate(x, &a, index, stride);
        else if (x->f)
            out->f[at] = x->f[from];
        else
            out->i[at] = x->i[from];
        at++;
    } while (nd_next(x->rank, a.out, index));
    return WEFT_OK;
}
