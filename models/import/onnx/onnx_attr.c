/* Attributes of ONNX nodes, above all the window of convolutions and pools. */
#include <inttypes.h>
#include <string.h>

#include "onnx_import.h"

/* A list of count numbers 0..65535, otherwise if the attribute is absent. */
static int attr_sizes(onnx_import *im, const Onnx__NodeProto *node, const char *name,
                      uint32_t count, uint32_t otherwise, uint32_t *out)
{
    const Onnx__AttributeProto *a = onnx_attr(node, name);
    for (uint32_t i = 0; i < count; i++)
        out[i] = otherwise;
    if (!a)
        return WEFT_OK;
    if (a->n_ints != count)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "%s has %zu numbers, %" PRIu32 " are needed", name, a->n_ints, count);
    for (uint32_t i = 0; i < count; i++) {
        if (a->ints[i] < 0 || a->ints[i] > UINT16_MAX)
            return onnx_refuse(im, node, WEFT_ERR_RANGE, "%s holds %" PRId64 ", not 0..65535", name,
                               a->ints[i]);
        out[i] = (uint32_t)a->ints[i];
    }
    return WEFT_OK;
}

static uint64_t extent(uint32_t kernel, uint32_t dilation)
{
    return (uint64_t)dilation * (kernel - 1) + 1;
}

/* SAME: as many outputs as in / stride rounded up; the odd pixel of padding goes after or before.
 */
static void same_pads(uint32_t in, uint64_t ext, uint32_t stride, int upper, uint32_t *before,
                      uint32_t *after)
{
    uint64_t steps = ((uint64_t)in + stride - 1) / stride;
    uint64_t needed = (steps - 1) * stride + ext;
    uint64_t pads = needed > in ? needed - in : 0;
    *before = (uint32_t)(upper ? pads / 2 : (pads + 1) / 2);
    *after = (uint32_t)(pads - *before);
}

static int auto_pads(onnx_import *im, const Onnx__NodeProto *node, const uint32_t *nchw,
                     weft_window *w)
{
    const Onnx__AttributeProto *a = onnx_attr(node, "auto_pad");
    size_t length = a && a->has_s ? a->s.len : 0;
    const char *text = length ? (const char *)a->s.data : "";
#define IS(word) (length == sizeof word - 1 && memcmp(text, word, length) == 0)
    if (length == 0 || IS("NOTSET"))
        return WEFT_OK;
    if (IS("VALID")) {
        w->pad_top = w->pad_left = w->pad_bottom = w->pad_right = 0;
        return WEFT_OK;
    }
    int upper = IS("SAME_UPPER");
    if (!upper && !IS("SAME_LOWER"))
        return onnx_refuse(im, node, WEFT_ERR_FORMAT, "auto_pad has an unknown value");
#undef IS
    same_pads(nchw[2], extent(w->kernel_h, w->dilation_h), w->stride_h, upper, &w->pad_top,
              &w->pad_bottom);
    same_pads(nchw[3], extent(w->kernel_w, w->dilation_w), w->stride_w, upper, &w->pad_left,
              &w->pad_right);
    return WEFT_OK;
}

void onnx_window_output(const weft_window *w, const uint32_t *nchw, uint32_t *h, uint32_t *wide)
{
    uint64_t in_h = (uint64_t)nchw[2] + w->pad_top + w->pad_bottom;
    uint64_t in_w = (uint64_t)nchw[3] + w->pad_left + w->pad_right;
    uint64_t ext_h = extent(w->kernel_h, w->dilation_h), ext_w = extent(w->kernel_w, w->dilation_w);
    *h = in_h < ext_h ? 0 : (uint32_t)((in_h - ext_h) / w->stride_h + 1);
    *wide = in_w < ext_w ? 0 : (uint32_t)((in_w - ext_w) / w->stride_w + 1);
}

/* ceil_mode: the padding behind grows until the last window is whole, unless that would begin in
 * it. */
static void grow(uint32_t in, uint64_t ext, uint32_t stride, uint32_t before, uint32_t *after)
{
    const uint64_t rest = (in + (uint64_t)before + *after - ext) % stride;
    const uint64_t next = in + (uint64_t)before + *after - ext - rest + stride;
    if (rest && next < in + (uint64_t)before)
        *after += (uint32_t)(stride - rest);
}

static int check_window(onnx_import *im, const Onnx__NodeProto *node, const uint32_t *nchw,
                        weft_window *w)
{
    uint32_t h, wide;
    onnx_window_output(w, nchw, &h, &wide);
    if (h == 0 || wide == 0)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                           "the %" PRIu32 "x%" PRIu32 " window does not fit into the %" PRIu32
                           "x%" PRIu32 " input",
                           w->kernel_h, w->kernel_w, nchw[2], nchw[3]);
    if (!onnx_attr_int(node, "ceil_mode", 0))
        return WEFT_OK;
    const uint32_t bottom = w->pad_bottom, right = w->pad_right;
    grow(nchw[2], extent(w->kernel_h, w->dilation_h), w->stride_h, w->pad_top, &w->pad_bottom);
    grow(nchw[3], extent(w->kernel_w, w->dilation_w), w->stride_w, w->pad_left, &w->pad_right);
    if ((bottom != w->pad_bottom || right != w->pad_right) &&
        onnx_attr_int(node, "count_include_pad", 0))
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "ceil_mode 1 with count_include_pad 1 is not possible here");
    return WEFT_OK;
}

/* Two numbers, or one where there is one spatial axis: then the height's is `height`. */
static int read_sizes(onnx_import *im, const Onnx__NodeProto *node, const char *name,
                      uint32_t spatial, uint32_t otherwise, uint32_t height, uint32_t *out)
{
    int rc = attr_sizes(im, node, name, spatial, otherwise, out);
    if (rc == WEFT_OK && spatial == 1) {
        out[1] = out[0];
        out[0] = height;
    }
    return rc;
}

int onnx_attr_window(onnx_import *im, const Onnx__NodeProto *node, uint32_t spatial,
                     const uint32_t *nchw, const uint32_t *kernel, weft_window *out)
{
    uint32_t k[2], s[2], d[2], p[4];
    const uint32_t height = onnx_attr(node, "kernel_shape") ? 1 : 0;
    int rc = read_sizes(im, node, "kernel_shape", spatial, 0, height, k);
    if (rc == WEFT_OK)
        rc = read_sizes(im, node, "strides", spatial, 1, 1, s);
    if (rc == WEFT_OK)
        rc = read_sizes(im, node, "dilations", spatial, 1, 1, d);
    if (rc == WEFT_OK)
        rc = attr_sizes(im, node, "pads", 2 * spatial, 0, p);
    if (rc != WEFT_OK)
        return rc;
    if (spatial == 1) {
        p[3] = p[1];
        p[1] = p[0];
        p[0] = p[2] = 0;
    }
    if (kernel && k[0] == 0 && k[1] == 0)
        memcpy(k, kernel, sizeof k);
    if (kernel && (k[0] != kernel[0] || k[1] != kernel[1]))
        return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                           "kernel_shape is %" PRIu32 "x%" PRIu32 ", the weights are %" PRIu32
                           "x%" PRIu32,
                           k[0], k[1], kernel[0], kernel[1]);
    if (!k[0] || !k[1] || !s[0] || !s[1] || !d[0] || !d[1])
        return onnx_refuse(im, node, WEFT_ERR_FORMAT,
                           "kernel, strides and dilations must be above 0");
    *out = (weft_window){ k[0], k[1], s[0], s[1], d[0], d[1], p[0], p[1], p[2], p[3] };
    rc = auto_pads(im, node, nchw, out);
    return rc == WEFT_OK ? check_window(im, node, nchw, out) : rc;
}
