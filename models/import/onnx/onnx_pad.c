/* Pad: by a number, or by what the image itself has (reflect, edge, wrap).
 *
 * It commutes with every function of one number, so it works on int8 values and on REAL views
 * alike; what it fills in must be a value the int8 has. */
#include <string.h>

#include "models/eval/eval_pad.h"
#include "onnx_ops.h"

/* By axis of the ONNX shape. */
typedef struct paddings {
    uint32_t before[WEFT_MAX_RANK], after[WEFT_MAX_RANK];
    int any;
} paddings;

/* The int8 that means this real number. */
static int code_of(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *v, float real,
                   int32_t *code)
{
    const float *reals = onnx_reals(im, v);
    for (int q = -128; reals && q <= 127; q++)
        if (!(reals[q + 128] < real) && !(reals[q + 128] > real)) {
            *code = q;
            return WEFT_OK;
        }
    return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                       "the value %g is not one its int8 input has; 0 always is", (double)real);
}

static int pad_value(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *v,
                     int32_t *code)
{
    onnx_const c;
    float real = onnx_attr_float(node, "value", 0.0f);
    if (onnx_input(im, node, 2)) {
        int rc = onnx_const_input(im, node, 2, &c);
        if (rc != WEFT_OK)
            return rc;
        if (c.count != 1 ||
            (c.dtype != WEFT_FLOAT32 && c.dtype != WEFT_INT8 && c.dtype != WEFT_UINT8))
            return onnx_refuse(im, node, WEFT_ERR_SHAPE, "its value must be one number");
        if (v->kind == ONNX_FLOAT && c.dtype != WEFT_FLOAT32)
            return onnx_refuse(im, node, WEFT_ERR_SHAPE, "its value must be float32");
        if (c.dtype != WEFT_FLOAT32) {
            *code = onnx_weight_at(&c, 0);
            return WEFT_OK;
        }
        real = *(const float *)c.data;
    }
    if (v->kind == ONNX_FLOAT) {
        memcpy(code, &real, sizeof *code); /* as PAD of float32 has it */
        return WEFT_OK;
    }
    if (v->kind == ONNX_REAL)
        return code_of(im, node, v, real, code);
    *code = v->dtype == WEFT_UINT8 ? -128 : 0;
    return WEFT_OK;
}

/* By constants: PAD. */
static int pad_constant(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v,
                        const paddings *p)
{
    weft_pad attr = { { 0 }, { 0 }, 0 };
    uint32_t dims[WEFT_MAX_RANK];
    int rc = pad_value(im, node, v, &attr.value);
    if (rc == WEFT_OK)
        rc = onnx_unshape(im, node, v);
    if (rc != WEFT_OK)
        return rc;
    for (uint32_t at = 0; at < v->rank; at++) {
        const uint32_t axis = v->layout.perm[at];
        attr.before[at] = p->before[axis];
        attr.after[at] = p->after[axis];
        dims[axis] = v->dims[axis] + p->before[axis] + p->after[axis];
    }
    return onnx_append_moved(im, node, WEFT_OP_PAD, &attr, v, dims, onnx_output(im, node, 0));
}

static uint32_t *positions(onnx_import *im, uint32_t before, uint32_t size, uint32_t after,
                           eval_pad_mode mode)
{
    uint32_t *list = weft_graph_alloc(im->graph, ((size_t)before + size + after) * sizeof *list);
    for (uint32_t i = 0; list && i < before + size + after; i++)
        list[i] = (uint32_t)eval_padded((int64_t)i - before, size, mode);
    return list;
}

/* By what the image itself has: rows and columns once more, as RESIZE_NEAREST takes them. */
static int pad_image(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v, const paddings *p,
                     eval_pad_mode mode)
{
    onnx_value copy, *x = v, *y = onnx_output(im, node, 0);
    uint32_t spatial;
    int rc = onnx_image(im, node, &x, &copy, &spatial);
    if (rc != WEFT_OK)
        return rc;

    const uint32_t top = spatial == 1 ? 0 : p->before[2], bottom = spatial == 1 ? 0 : p->after[2];
    const uint32_t left = p->before[spatial + 1], right = p->after[spatial + 1];
    if (p->before[0] || p->after[0] || p->before[1] || p->after[1])
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "other modes than constant are possible for height and width only");
    const uint32_t dims[4] = { x->dims[0], x->dims[1], top + x->dims[2] + bottom,
                               left + x->dims[3] + right };
    const weft_resize_nearest attr = { positions(im, top, x->dims[2], bottom, mode),
                                       positions(im, left, x->dims[3], right, mode) };
    if (!attr.rows || !attr.columns)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    rc = onnx_arrange(im, node, x, onnx_nhwc);
    if (rc == WEFT_OK)
        rc = onnx_append_moved(im, node, WEFT_OP_RESIZE_NEAREST, &attr, x, dims, y);
    onnx_from_image(y, rc == WEFT_OK ? spatial : 2);
    return rc;
}

/* Zeroed where no axis is named. */
static int read_paddings(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *v,
                         paddings *p)
{
    int64_t pads[WEFT_MAX_INPUTS], axes[WEFT_MAX_INPUTS];
    size_t count, named;
    *p = (paddings){ 0 };
    int rc = onnx_list_input(im, node, 1, "pads", pads, &count);
    if (rc == WEFT_OK)
        rc = onnx_list_input(im, node, 3, "axes", axes, &named);
    if (rc != WEFT_OK)
        return rc;
    if (named == 0)
        for (; named < v->rank; named++)
            axes[named] = (int64_t)named;
    if (count != 2 * named)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "%zu paddings for %zu axes", count, named);
    for (size_t i = 0; i < named; i++) {
        uint32_t axis = 0;
        rc = onnx_axis(im, node, axes[i], v->rank, &axis);
        if (rc != WEFT_OK)
            return rc;
        if (pads[i] < 0 || pads[i + named] < 0 || pads[i] > UINT16_MAX ||
            pads[i + named] > UINT16_MAX)
            return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                               "paddings must be 0 to 65535; cut with Slice");
        p->before[axis] = (uint32_t)pads[i];
        p->after[axis] = (uint32_t)pads[i + named];
        p->any |= pads[i] || pads[i + named];
    }
    return WEFT_OK;
}

int onnx_pad(onnx_import *im, const Onnx__NodeProto *node)
{
    const eval_pad_mode mode = eval_read_pad_mode(node);
    onnx_value *v;
    paddings p;
    if (mode == PAD_MODES)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "ONNX has no such mode");
    int rc = onnx_moved_input(im, node, 0, &v);
    if (rc == WEFT_OK)
        rc = read_paddings(im, node, v, &p);
    if (rc != WEFT_OK)
        return rc;
    if (!p.any) {
        *onnx_output(im, node, 0) = *v;
        return WEFT_OK;
    }
    return mode == PAD_CONSTANT ? pad_constant(im, node, v, &p) : pad_image(im, node, v, &p, mode);
}
