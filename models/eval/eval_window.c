/* Windows of Conv and pools; the contract is in eval_window.h. */
#include "eval_window.h"

#include <inttypes.h>
#include <string.h>

/* A list attribute of count numbers in lo..2^28, otherwise if absent. */
static int sizes(eval_run *r, const char *name, size_t count, size_t lo, size_t otherwise,
                 size_t *out)
{
    const Onnx__AttributeProto *a = onnx_attr(r->node, name);
    if (a && a->n_ints != count)
        return eval_refuse(r, WEFT_ERR_SHAPE, "%s has %zu numbers, not %zu", name, a->n_ints,
                           count);
    for (size_t i = 0; i < count; i++) {
        const int64_t v = a ? a->ints[i] : (int64_t)otherwise;
        if (v < (int64_t)lo || v > (int64_t)EVAL_ELEMENTS)
            return eval_refuse(r, WEFT_ERR_RANGE, "%s holds %" PRId64, name, v);
        out[i] = (size_t)v;
    }
    return WEFT_OK;
}

static size_t extent(const eval_window *w, uint32_t i)
{
    return w->dilation[i] * (w->kernel[i] - 1) + 1;
}

/* SAME: as many outputs as in / stride rounded up; the odd one goes after, or before. */
static void same_pads(const nd *x, int lower, eval_window *w)
{
    for (uint32_t i = 0; i < w->axes; i++) {
        const size_t in = x->dims[i + 2], steps = (in + w->stride[i] - 1) / w->stride[i];
        const size_t needed = (steps ? steps - 1 : 0) * w->stride[i] + extent(w, i);
        const size_t pads = needed > in ? needed - in : 0;
        w->before[i] = lower ? (pads + 1) / 2 : pads / 2;
        w->after[i] = pads - w->before[i];
    }
}

static int read_pads(eval_run *r, const nd *x, eval_window *w)
{
    size_t pads[2 * ND_MAX_RANK];
    int rc = sizes(r, "pads", 2 * (size_t)w->axes, 0, 0, pads);
    if (rc != WEFT_OK)
        return rc;
    for (uint32_t i = 0; i < w->axes; i++) {
        w->before[i] = pads[i];
        w->after[i] = pads[i + w->axes];
    }
    const int upper = onnx_attr_is(r->node, "auto_pad", "SAME_UPPER", "NOTSET");
    const int lower = onnx_attr_is(r->node, "auto_pad", "SAME_LOWER", "NOTSET");
    if (upper || lower)
        same_pads(x, lower, w);
    if (onnx_attr_is(r->node, "auto_pad", "VALID", "NOTSET"))
        memset(w->before, 0, sizeof w->before), memset(w->after, 0, sizeof w->after);
    return WEFT_OK;
}

int eval_read_window(eval_run *r, const nd *x, const size_t *kernel, eval_window *w)
{
    memset(w, 0, sizeof *w);
    if (x->rank < 3)
        return eval_refuse(r, WEFT_ERR_SHAPE, "its input has rank %" PRIu32 ", needs at least 3",
                           x->rank);
    w->axes = x->rank - 2;
    if (kernel)
        memcpy(w->kernel, kernel, w->axes * sizeof *kernel);
    int rc = kernel ? WEFT_OK : sizes(r, "kernel_shape", w->axes, 1, 0, w->kernel);
    if (rc == WEFT_OK)
        rc = sizes(r, "strides", w->axes, 1, 1, w->stride);
    if (rc == WEFT_OK)
        rc = sizes(r, "dilations", w->axes, 1, 1, w->dilation);
    for (uint32_t i = 0; rc == WEFT_OK && i < w->axes; i++)
        if (w->kernel[i] == 0)
            rc = eval_refuse(r, WEFT_ERR_SHAPE, "the kernel is empty");
    if (rc == WEFT_OK)
        rc = read_pads(r, x, w);
    const int ceil_mode = onnx_attr_int(r->node, "ceil_mode", 0) != 0;
    for (uint32_t i = 0; rc == WEFT_OK && i < w->axes; i++) {
        const size_t in = x->dims[i + 2] + w->before[i] + w->after[i], ext = extent(w, i);
        if (ext > in)
            return eval_refuse(r, WEFT_ERR_SHAPE, "the window does not fit into the input");
        w->out[i] = (in - ext + (ceil_mode ? w->stride[i] - 1 : 0)) / w->stride[i] + 1;
        /* A window that would begin in the padding behind the image is not counted. */
        if (ceil_mode && (w->out[i] - 1) * w->stride[i] >= x->dims[i + 2] + w->before[i])
            w->out[i]--;
    }
    return rc;
}

int eval_read_transposed(eval_run *r, const nd *x, eval_window *w)
{
    size_t more[ND_MAX_RANK], asked[ND_MAX_RANK], pads[2 * ND_MAX_RANK];
    const int shaped = onnx_attr(r->node, "output_shape") != NULL;
    const int upper = onnx_attr_is(r->node, "auto_pad", "SAME_UPPER", "NOTSET");
    const int lower = onnx_attr_is(r->node, "auto_pad", "SAME_LOWER", "NOTSET");
    int rc = sizes(r, "strides", w->axes, 1, 1, w->stride);
    if (rc == WEFT_OK)
        rc = sizes(r, "dilations", w->axes, 1, 1, w->dilation);
    if (rc == WEFT_OK)
        rc = sizes(r, "output_padding", w->axes, 0, 0, more);
    if (rc == WEFT_OK)
        rc = sizes(r, "output_shape", w->axes, 0, 0, asked);
    if (rc == WEFT_OK)
        rc = sizes(r, "pads", 2 * (size_t)w->axes, 0, 0, pads);
    for (uint32_t i = 0; rc == WEFT_OK && i < w->axes; i++) {
        const size_t in = x->dims[i + 2];
        if (in == 0 || in > EVAL_ELEMENTS / w->stride[i] || w->kernel[i] == 0 ||
            w->kernel[i] > EVAL_ELEMENTS / w->dilation[i])
            return eval_refuse(r, WEFT_ERR_RANGE, "its result is too large");
        const size_t full =
            w->stride[i] * (in - 1) + more[i] + w->dilation[i] * (w->kernel[i] - 1) + 1;
        if (shaped || upper || lower) {
            w->out[i] = shaped ? asked[i] : in * w->stride[i];
            const size_t total = full > w->out[i] ? full - w->out[i] : 0;
            w->before[i] = lower || (shaped && !upper) ? total - total / 2 : total / 2;
            continue;
        }
        w->before[i] = pads[i];
        w->out[i] = full > pads[i] + pads[i + w->axes] ? full - pads[i] - pads[i + w->axes] : 0;
    }
    return rc;
}
