/* Conv and ConvTranspose, and what operators with weights share.
 *
 * Weights are copied once, into the order the graph promises: [Co][kh][kw][Ci/groups]. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "models/eval/eval_window.h"
#include "onnx_ops.h"

/* Constant int8 or uint8 behind DequantizeLinear. */
static int weights_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_value **out)
{
    *out = onnx_input(im, node, i);
    if (!*out || !onnx_is_real_const(*out) || (*out)->scale.dtype == WEFT_INT32)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its weights must be constant int8 or uint8 behind DequantizeLinear");
    return WEFT_OK;
}

/* One scale, or one per output channel, which is axis co_axis of the weights. */
static int check_weight_scale(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *w,
                              uint32_t co_axis)
{
    uint32_t count = w->scale.quant.count;
    if (count == 1 || (w->scale.quant.axis == co_axis && count == w->constant.dims[co_axis]))
        return WEFT_OK;
    return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                       "its weights have %" PRIu32 " scales along axis %" PRIu32
                       "; one, or one per output channel (axis %" PRIu32 ") is possible",
                       count, w->scale.quant.axis, co_axis);
}

int onnx_add_weights(onnx_import *im, const Onnx__NodeProto *node, size_t name_input,
                     const onnx_scale *scale, uint32_t rank, const uint32_t *dims,
                     const int8_t *data, uint32_t *out)
{
    weft_tensor_desc d = { .name = node->input[name_input],
                           .dtype = WEFT_INT8,
                           .rank = rank,
                           .data = data,
                           .flags = WEFT_TENSOR_BORROW_DATA };
    memcpy(d.dims, dims, rank * sizeof *dims);
    uint32_t count = scale->quant.count;
    int32_t *zero_point = weft_graph_alloc(im->graph, count * sizeof *zero_point);
    int rc = WEFT_ERR_NO_MEMORY;
    if (zero_point) {
        for (uint32_t i = 0; i < count; i++)
            zero_point[i] = scale->quant.zero_point[i] - (scale->dtype == WEFT_UINT8 ? 128 : 0);
        d.quant = (weft_quant){ count, 0, scale->quant.scale, zero_point };
        rc = weft_graph_add_tensor(im->graph, &d, out);
    }
    return rc == WEFT_OK ? rc : onnx_refuse(im, node, rc, "its weights cannot be stored");
}

/* Bias int32 [Co], zero point 0, of scale scale_x * scale_w; the latter only within rounding, as
 * ONNX Runtime does not look at it. */
static int check_bias(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *x,
                      const onnx_scale *w, const onnx_value *b, uint32_t channels)
{
    float scale_x = weft_quant_scale(&im->graph->tensors[x->tensor].quant, 0);
    if (b->constant.count != channels)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "%" PRIu64 " biases for %" PRIu32 " channels",
                           b->constant.count, channels);
    for (uint32_t co = 0; co < channels; co++) {
        float want = scale_x * weft_quant_scale(&w->quant, co);
        float have = weft_quant_scale(&b->scale.quant, b->scale.quant.count == channels ? co : 0);
        if (weft_quant_zero_point(&b->scale.quant, b->scale.quant.count == channels ? co : 0) !=
                0 ||
            fabsf(have - want) > want * 1e-3f)
            return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                               "bias %" PRIu32 " has scale %g; it must be input scale times weight "
                               "scale (%g), zero point 0",
                               co, (double)have, (double)want);
    }
    return WEFT_OK;
}

int onnx_add_bias(onnx_import *im, const Onnx__NodeProto *node, size_t i, const onnx_const *b,
                  onnx_pending *p)
{
    weft_tensor_desc d = { .name = node->input[i],
                           .dtype = WEFT_INT32,
                           .rank = 1,
                           .dims = { (uint32_t)b->count },
                           .data = b->data,
                           .flags = WEFT_TENSOR_BORROW_DATA };
    int rc = weft_graph_add_tensor(im->graph, &d, &p->inputs[2]);
    p->input_count = 3;
    return rc == WEFT_OK ? rc : onnx_refuse(im, node, rc, "its bias cannot be stored");
}

/* A float32 bias that the quantiser left as it is, as ONNX Runtime makes int32 of it when it fuses
 * the product: each divided by scale_x * scale_w, to nearest, ties to even. */
static int quantise_bias(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *x,
                         const onnx_scale *w, uint32_t channels, const onnx_const *b,
                         onnx_const *out)
{
    const float scale_x = weft_quant_scale(&im->graph->tensors[x->tensor].quant, 0);
    int32_t *data = weft_graph_alloc(im->graph, (b->count + 1) * sizeof *data);
    if (!data)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory for its bias");
    if (b->count != channels)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "%" PRIu64 " biases for %" PRIu32 " channels",
                           b->count, channels);
    for (uint32_t co = 0; co < channels; co++) {
        const float scale = scale_x * weft_quant_scale(&w->quant, co);
        const float steps = rintf(((const float *)b->data)[co] / scale);
        if (!(steps >= -2147483648.0f && steps < 2147483648.0f))
            return onnx_refuse(im, node, WEFT_ERR_RANGE,
                               "bias %" PRIu32 " (%g) is no int32 at input scale times weight "
                               "scale (%g)",
                               co, (double)((const float *)b->data)[co], (double)scale);
        data[co] = (int32_t)steps;
    }
    *out = *b;
    out->dtype = WEFT_INT32;
    out->type = ONNX__TENSOR_PROTO__DATA_TYPE__INT32;
    out->data = data;
    return WEFT_OK;
}

int onnx_bias_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, const onnx_value *x,
                    const onnx_scale *w, uint32_t channels, onnx_pending *p)
{
    onnx_value *b = onnx_input(im, node, i);
    onnx_const made;
    if (!b)
        return WEFT_OK;
    if (im->graph->tensors[x->tensor].dtype == WEFT_FLOAT32) {
        p->inputs[2] = WEFT_NONE; /* a tensor when it becomes float32, which it does at once */
        p->input_count = 3;
        p->float_bias = 1;
        return onnx_floats_input(im, node, i, channels, &p->real_bias);
    }
    if (b->kind == ONNX_CONST) {
        int rc = onnx_decode_value(im, b);
        if (rc == WEFT_OK && b->constant.type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT) {
            p->real_bias = b->constant.data;
            p->float_bias = 1;
        }
        if (rc == WEFT_OK && b->constant.type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT) {
            rc = quantise_bias(im, node, x, w, channels, &b->constant, &made);
            return rc == WEFT_OK ? onnx_add_bias(im, node, i, &made, p) : rc;
        }
    }
    if (!onnx_is_real_const(b) || b->scale.dtype != WEFT_INT32)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its bias \"%.60s\" must be constant float32, or int32 behind "
                           "DequantizeLinear of scale input times weights, zero point 0",
                           node->input[i]);
    int rc = check_bias(im, node, x, w, b, channels);
    if (rc == WEFT_OK)
        rc = onnx_floats_input(im, node, i, channels, &p->real_bias);
    return rc == WEFT_OK ? onnx_add_bias(im, node, i, &b->constant, p) : rc;
}

/* --- convolution --- */

/* [Co][Ci/groups][kh][kw] to [Co][kh][kw][Ci/groups]. */
static int add_conv_weights(onnx_import *im, const Onnx__NodeProto *node, size_t name_input,
                            const onnx_value *w, uint32_t *out)
{
    const uint32_t *d = w->constant.dims;
    const uint32_t dims[4] = { d[0], d[2], d[3], d[1] };
    int8_t *data = weft_graph_alloc(im->graph, (size_t)w->constant.count);
    if (!data)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory for its weights");
    size_t taps = (size_t)d[2] * d[3];
    for (size_t co = 0; co < d[0]; co++)
        for (size_t ci = 0; ci < d[1]; ci++)
            for (size_t tap = 0; tap < taps; tap++)
                data[(co * taps + tap) * d[1] + ci] =
                    onnx_weight_at(&w->constant, (co * d[1] + ci) * taps + tap);
    return onnx_add_weights(im, node, name_input, &w->scale, 4, dims, data, out);
}

static int check_weights(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *w,
                         uint32_t spatial)
{
    if (w->constant.rank != spatial + 2 || w->constant.count == 0)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its weights have rank %" PRIu32 ", only %" PRIu32 " is possible",
                           w->constant.rank, spatial + 2);
    return WEFT_OK;
}

/* Weights for one spatial axis as weights for two. */
static onnx_value as_image_weights(const onnx_value *w, uint32_t spatial)
{
    onnx_value v = *w;
    if (spatial == 1) {
        v.constant.rank = 4;
        v.constant.dims[3] = v.constant.dims[2];
        v.constant.dims[2] = 1;
    }
    return v;
}

static void set_conv_value(onnx_pending *p, onnx_value *out)
{
    const uint32_t nchw[4] = { p->dims[0], p->dims[3], p->dims[1], p->dims[2] };
    onnx_layout layout = onnx_layout_of(4, nchw, onnx_nhwc);
    *out = onnx_pending_value(p, 4, nchw, &layout);
}

/* Everything but the bias and the output scale. */
int onnx_build_conv(onnx_import *im, const Onnx__NodeProto *node, onnx_value *x, size_t w_input,
                    const onnx_value *given, onnx_pending *p, onnx_value *out)
{
    onnx_value copy;
    uint32_t spatial = 2;
    int rc = onnx_image(im, node, &x, &copy, &spatial);
    if (rc == WEFT_OK)
        rc = check_weights(im, node, given, spatial);
    if (rc != WEFT_OK)
        return rc;
    const onnx_value image_weights = as_image_weights(given, spatial), *w = &image_weights;
    const uint32_t *d = w->constant.dims;
    int64_t groups = onnx_attr_int(node, "group", 1);
    if (groups < 1 || groups > x->dims[1] || x->dims[1] % (uint32_t)groups ||
        d[0] % (uint32_t)groups || d[1] != x->dims[1] / (uint32_t)groups)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                           "%" PRIu32 " input channels in %" PRId64
                           " groups do not fit weights for %" PRIu32 " in, %" PRIu32 " out",
                           x->dims[1], groups, d[1], d[0]);
    rc = check_weight_scale(im, node, w, 0);
    if (rc == WEFT_OK)
        rc = onnx_attr_window(im, node, spatial, x->dims, d + 2, &p->attr.conv_2d.window);
    if (rc == WEFT_OK)
        rc = onnx_arrange(im, node, x, onnx_nhwc);
    if (rc == WEFT_OK)
        rc = add_conv_weights(im, node, w_input, w, &p->inputs[1]);
    if (rc != WEFT_OK)
        return rc;
    p->attr.conv_2d.groups = (uint32_t)groups;
    p->inputs[0] = x->tensor;
    p->input_count = 2;
    p->rank = 4;
    p->dims[0] = x->dims[0];
    p->dims[3] = d[0];
    onnx_window_output(&p->attr.conv_2d.window, x->dims, &p->dims[1], &p->dims[2]);
    set_conv_value(p, out);
    onnx_from_image(out, spatial);
    return WEFT_OK;
}

int onnx_conv(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x, *w;
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_CONV_2D);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    int rc = onnx_product_input(im, node, 0, &x);
    w = onnx_input(im, node, 1);
    if (rc == WEFT_OK && x->kind == ONNX_FLOAT && !(w && onnx_is_real_const(w)))
        return onnx_refuse_float(im, node, 0);
    if (rc == WEFT_OK)
        rc = weights_input(im, node, 1, &w);
    onnx_value y;
    if (rc == WEFT_OK)
        rc = onnx_build_conv(im, node, x, 1, w, p, &y);
    if (rc == WEFT_OK)
        rc = onnx_bias_input(im, node, 2, x, &w->scale, w->constant.dims[0], p);
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = y;
    return rc;
}

/* --- transposed convolution --- */

/* [Ci][Co/groups][kh][kw] to [Co][kh][kw][Ci/groups]. */
static int add_transposed_weights(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *w,
                                  uint32_t groups, uint32_t *out)
{
    const uint32_t *d = w->constant.dims;
    const uint32_t each = d[0] / groups, dims[4] = { d[1] * groups, d[2], d[3], each };
    int8_t *data = weft_graph_alloc(im->graph, (size_t)w->constant.count);
    if (!data)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory for its weights");
    const size_t taps = (size_t)d[2] * d[3];
    for (size_t co = 0; co < dims[0]; co++)
        for (size_t ci = 0; ci < each; ci++)
            for (size_t tap = 0; tap < taps; tap++)
                data[(co * taps + tap) * each + ci] = onnx_weight_at(
                    &w->constant, ((co / d[1] * each + ci) * d[1] + co % d[1]) * taps + tap);
    return onnx_add_weights(im, node, 1, &w->scale, 4, dims, data, out);
}

/* Window and output size by the rules the evaluator has too. */
static int transposed_window(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *x,
                             const uint32_t *kernel, onnx_pending *p)
{
    eval_run run = { .err = im->err, .opset = im->opset, .node = node };
    const nd shape = { .rank = 4, .dims = { 1, x->dims[1], x->dims[2], x->dims[3] } };
    eval_window w = { .axes = 2, .kernel = { kernel[0], kernel[1] } };
    const Onnx__AttributeProto *a = onnx_attr(node, "kernel_shape");
    if (a && (a->n_ints != 2 || a->ints[0] != kernel[0] || a->ints[1] != kernel[1]))
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "kernel_shape is not that of the weights");
    int rc = eval_read_transposed(&run, &shape, &w);
    for (int i = 0; rc == WEFT_OK && i < 2; i++)
        if (w.out[i] == 0 || w.out[i] > WEFT_MAX_ELEMENTS || w.before[i] > UINT16_MAX ||
            w.kernel[i] > UINT16_MAX || w.stride[i] > UINT16_MAX || w.dilation[i] > UINT16_MAX)
            rc = onnx_refuse(im, node, WEFT_ERR_RANGE, "its result is empty or too large");
    if (rc != WEFT_OK)
        return rc;
    p->attr.conv_2d.window = (weft_window){ .kernel_h = kernel[0],
                                            .kernel_w = kernel[1],
                                            .stride_h = (uint32_t)w.stride[0],
                                            .stride_w = (uint32_t)w.stride[1],
                                            .dilation_h = (uint32_t)w.dilation[0],
                                            .dilation_w = (uint32_t)w.dilation[1],
                                            .pad_top = (uint32_t)w.before[0],
                                            .pad_left = (uint32_t)w.before[1] };
    p->dims[1] = (uint32_t)w.out[0];
    p->dims[2] = (uint32_t)w.out[1];
    return WEFT_OK;
}

int onnx_conv_transpose(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x, *w;
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_TRANSPOSE_CONV);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    int rc = onnx_real_input(im, node, 0, &x);
    if (rc == WEFT_OK)
        rc = weights_input(im, node, 1, &w);
    if (rc == WEFT_OK)
        rc = check_weights(im, node, w, 2);
    if (rc == WEFT_OK && x->rank != 4)
        rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                         "its input must have rank 4, not rank %" PRIu32, x->rank);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t *d = w->constant.dims;
    const int64_t groups = onnx_attr_int(node, "group", 1);
    if (groups < 1 || groups > d[0] || d[0] % (uint32_t)groups || d[0] != x->dims[1] ||
        (groups > 1 && w->scale.quant.count > 1))
        return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                           "%" PRIu32 " input channels in %" PRId64
                           " groups do not fit its weights",
                           x->dims[1], groups);
    p->attr.conv_2d.groups = (uint32_t)groups;
    rc = check_weight_scale(im, node, w, 1);
    if (rc == WEFT_OK)
        rc = transposed_window(im, node, x, d + 2, p);
    if (rc == WEFT_OK)
        rc = onnx_arrange(im, node, x, onnx_nhwc);
    if (rc == WEFT_OK)
        rc = add_transposed_weights(im, node, w, (uint32_t)groups, &p->inputs[1]);
    p->inputs[0] = x->tensor;
    p->input_count = 2;
    p->rank = 4;
    p->dims[0] = x->dims[0];
    p->dims[3] = d[1] * (uint32_t)groups;
    if (rc == WEFT_OK)
        rc = onnx_bias_input(im, node, 2, x, &w->scale, p->dims[3], p);
    if (rc == WEFT_OK)
        set_conv_value(p, onnx_output(im, node, 0));
    return rc;
}
