/* BatchNormalization that nothing folded: behind DequantizeLinear, y = factor[c] * x + shift[c] is
 * a function of one byte for each channel, and becomes a 1x1 convolution of every channel by
 * itself, whose weights onnx_norm_weights.c finds when the scale of y is known. */
#include <math.h>
#include <string.h>

#include "onnx_ops.h"

static int read_norm(onnx_import *im, const Onnx__NodeProto *node, uint32_t channels,
                     const onnx_norm **out)
{
    const float *p[4] = { NULL };
    const float epsilon = onnx_attr_float(node, "epsilon", 1e-5f);
    onnx_norm *n = weft_graph_alloc(im->graph, sizeof *n + 2 * (size_t)channels * sizeof(float));
    int rc = n ? WEFT_OK : onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    for (size_t i = 0; i < 4 && rc == WEFT_OK; i++)
        rc = onnx_floats_input(im, node, i + 1, channels, &p[i]);
    if (rc != WEFT_OK)
        return rc;
    n->channels = channels;
    for (uint32_t c = 0; c < channels; c++) {
        n->factor[c] = p[0][c] / sqrtf(p[3][c] + epsilon);
        n->factor[channels + c] = p[1][c] - p[2][c] * n->factor[c];
        if (!isfinite(n->factor[c]) || !isfinite(n->factor[channels + c]))
            return onnx_refuse(im, node, WEFT_ERR_RANGE, "a parameter is not a finite number");
    }
    *out = n;
    return WEFT_OK;
}

int onnx_batch_normalization(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x, copy, *y = onnx_output(im, node, 0);
    uint32_t spatial = 2;
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_CONV_2D);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    if (onnx_attr_int(node, "training_mode", 0))
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "training_mode 1 is not possible");
    int rc = onnx_real_input(im, node, 0, &x);
    if (rc == WEFT_OK)
        rc = onnx_image(im, node, &x, &copy, &spatial);
    if (rc == WEFT_OK)
        rc = read_norm(im, node, x->dims[1], &p->norm);
    if (rc == WEFT_OK)
        rc = onnx_arrange(im, node, x, onnx_nhwc);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t nhwc[4] = { 1, x->dims[2], x->dims[3], x->dims[1] };
    const uint32_t nchw[4] = { 1, x->dims[1], x->dims[2], x->dims[3] };
    const onnx_layout layout = onnx_layout_of(4, nchw, onnx_nhwc);
    p->attr.conv_2d =
        (weft_conv_2d){ .window = { 1, 1, 1, 1, 1, 1, 0, 0, 0, 0 }, .groups = x->dims[1] };
    p->inputs[0] = x->tensor;
    p->input_count = 1;
    p->rank = 4;
    memcpy(p->dims, nhwc, sizeof nhwc);
    *y = onnx_pending_value(p, 4, nchw, &layout);
    onnx_from_image(y, spatial);
    return WEFT_OK;
}
