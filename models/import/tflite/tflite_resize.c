/* RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR: which rows and columns, found as the kernels do. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "tflite_import.h"

typedef struct rule {
    int align_corners, half_pixel_centers;
} rule;

static uint32_t nearest(uint32_t at, uint32_t in, uint32_t out, rule how)
{
    const float scale =
        how.align_corners && out > 1 ? (float)(in - 1) / (float)(out - 1) : (float)in / (float)out;
    const float place = ((float)at + (how.half_pixel_centers ? 0.5f : 0.0f)) * scale;
    const float whole = how.align_corners ? roundf(place) : floorf(place);
    return whole >= (float)in - 1.0f ? in - 1 : (uint32_t)whole;
}

/* In 1024ths of a pixel.  Where both ends are one pixel the weight does not matter: 0. */
static weft_lerp linear(uint32_t at, uint32_t in, uint32_t out, rule how)
{
    int64_t scale = ((int64_t)1024 * in + out / 2) / out;
    if (how.align_corners && out > 1)
        scale = ((int64_t)1024 * (in - 1) + (out - 1) / 2) / (out - 1);
    int64_t place = at * scale;
    if (how.half_pixel_centers)
        place += scale / 2 - 512;
    int64_t lo = place / 1024, hi = (place + 1023) / 1024;
    lo = lo < 0 ? 0 : lo > in - 1 ? in - 1 : lo;
    hi = hi < lo ? lo : hi > in - 1 ? in - 1 : hi;
    const int64_t weight = hi > lo ? place - 1024 * lo : 0;
    return (weft_lerp){ (uint32_t)lo, (uint32_t)hi, (uint32_t)weight };
}

/* x, y and the rule; both images NHWC of one batch. */
static int start(tfl_import *im, const tfl_node *n, unsigned first_field, uint32_t *tensor,
                 tfl_result *r, rule *how)
{
    tfl_value *x = tfl_in(im, n, 0);
    const tfl_value *y = tfl_out(im, n, 0);
    if (!tfl_is_byte(x) || y->type != x->type)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "it resizes %s; quantise the model to int8 throughout",
                          tfl_type_name(x ? x->type : -1));
    if (x->rank != 4 || y->rank != 4 || x->elements == 0 || y->elements == 0 ||
        x->dims[0] != y->dims[0])
        return TFL_REFUSE(WEFT_ERR_SHAPE, "needs tensors of rank 4 and one batch");
    how->align_corners = fb_i8(&im->file, n->options, first_field, 0) != 0;
    how->half_pixel_centers = fb_i8(&im->file, n->options, first_field + 1, 0) != 0;
    *r = (tfl_result){ .rank = 4, .quant = &x->quant };
    memcpy(r->dims, y->dims, sizeof r->dims);
    return tfl_tensor(im, n, x, tensor);
}

int tfl_resize_nearest(tfl_import *im, const tfl_node *n)
{
    uint32_t in;
    tfl_result r;
    rule how;
    int rc = start(im, n, 0, &in, &r, &how);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t *x = tfl_in(im, n, 0)->dims;
    uint32_t *list[2];
    for (unsigned k = 0; k < 2; k++) {
        list[k] = tfl_alloc(im, (uint64_t)r.dims[1 + k] * sizeof *list[k]);
        if (!list[k])
            return WEFT_ERR_NO_MEMORY;
        for (uint32_t i = 0; i < r.dims[1 + k]; i++)
            list[k][i] = nearest(i, x[1 + k], r.dims[1 + k], how);
    }
    const weft_resize_nearest a = { list[0], list[1] };
    return tfl_emit_images(im, n, WEFT_OP_RESIZE_NEAREST, &a, 1, &in, &r);
}

int tfl_resize_bilinear(tfl_import *im, const tfl_node *n)
{
    uint32_t in;
    tfl_result r;
    rule how;
    int rc = start(im, n, 2, &in, &r, &how);
    if (rc != WEFT_OK)
        return rc;
    if (tfl_in(im, n, 0)->type == TFL_UINT8)
        return tfl_resize_bilinear_uint8(im, n, how.align_corners, how.half_pixel_centers, in, &r);
    const uint32_t *x = tfl_in(im, n, 0)->dims;
    weft_lerp *list[2];
    for (unsigned k = 0; k < 2; k++) {
        list[k] = tfl_alloc(im, (uint64_t)r.dims[1 + k] * sizeof *list[k]);
        if (!list[k])
            return WEFT_ERR_NO_MEMORY;
        for (uint32_t i = 0; i < r.dims[1 + k]; i++)
            list[k][i] = linear(i, x[1 + k], r.dims[1 + k], how);
    }
    const weft_resize_bilinear a = { .rows = list[0],
                                     .columns = list[1],
                                     .row_one = 1024,
                                     .column_one = 1024,
                                     .clamp = { -128, 127 } };
    return tfl_emit_images(im, n, WEFT_OP_RESIZE_BILINEAR, &a, 1, &in, &r);
}
