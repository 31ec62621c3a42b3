/* Operators with weights: Conv, Gemm, MatMul, QLinearConv.
 *
 * Weights are copied once, into the order the graph promises: [Co][kh][kw][Ci/groups] and [Co][Ci].
 * A Gemm behind Flatten reads the activation as it lies (NHWC), so its columns are permuted
 * instead. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "onnx_import.h"

/* Weights or bias with their scales, wherever they came from. */
typedef struct operand {
    onnx_const constant;
    onnx_scale scale;
} operand;

static int weights_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, uint32_t rank,
                         operand *out)
{
    const onnx_value *v = onnx_input(im, node, i);
    if (!v || v->kind != ONNX_REAL || v->tensor != WEFT_NONE || v->scale.dtype == WEFT_INT32)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its weights must be constant int8 or uint8 behind DequantizeLinear");
    if (v->constant.rank != rank || v->constant.count == 0)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its weights have rank %" PRIu32 ", only %" PRIu32 " is possible",
                           v->constant.rank, rank);
    *out = (operand){ v->constant, v->scale };
    return WEFT_OK;
}

/* One scale, or one per output channel, which is axis co_axis of the weights. */
static int check_weight_scale(onnx_import *im, const Onnx__NodeProto *node, const operand *w,
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

/* Add the tensor of weights that are already in graph order; it borrows data from the arena. */
static int add_weights(onnx_import *im, const Onnx__NodeProto *node, size_t name_input,
                       const operand *w, uint32_t rank, const uint32_t *dims, const int8_t *data,
                       uint32_t *out)
{
    weft_tensor_desc d = { .name = node->input[name_input],
                           .dtype = WEFT_INT8,
                           .rank = rank,
                           .data = data,
                           .flags = WEFT_TENSOR_BORROW_DATA };
    memcpy(d.dims, dims, rank * sizeof *dims);
    uint32_t count = w->scale.quant.count;
    int32_t *zero_point = weft_graph_alloc(im->graph, count * sizeof *zero_point);
    int rc = WEFT_ERR_NO_MEMORY;
    if (zero_point) {
        for (uint32_t i = 0; i < count; i++)
            zero_point[i] = w->scale.quant.zero_point[i] - (w->scale.dtype == WEFT_UINT8 ? 128 : 0);
        d.quant = (weft_quant){ count, 0, w->scale.quant.scale, zero_point };
        rc = weft_graph_add_tensor(im->graph, &d, out);
    }
    return rc == WEFT_OK ? rc : onnx_refuse(im, node, rc, "its weights cannot be stored");
}

static int8_t weight_at(const operand *w, size_t i)
{
    return w->constant.dtype == WEFT_UINT8 ? (int8_t)(((const uint8_t *)w->constant.data)[i] - 128)
                                           : ((const int8_t *)w->constant.data)[i];
}

/* Bias int32 [Co], zero point 0, of scale scale_x * scale_w; the latter only within rounding, as
 * ONNX Runtime does not look at it. */
static int check_bias(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *x,
                      const operand *w, const operand *b, uint32_t channels)
{
    float scale_x = weft_quant_scale(&im->graph->tensors[x->tensor].quant, 0);
    if (b->constant.count != channels)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "%" PRIu64 " biases for %" PRIu32 " channels",
                           b->constant.count, channels);
    for (uint32_t co = 0; co < channels; co++) {
        float want = scale_x * weft_quant_scale(&w->scale.quant, co);
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

static int add_bias(onnx_import *im, const Onnx__NodeProto *node, size_t i, const onnx_const *b,
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

/* Optional bias behind DequantizeLinear at input i. */
static int bias_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, const onnx_value *x,
                      const operand *w, uint32_t channels, onnx_pending *p)
{
    const onnx_value *v = onnx_input(im, node, i);
    if (!v)
        return WEFT_OK;
    if (v->kind != ONNX_REAL || v->tensor != WEFT_NONE || v->scale.dtype != WEFT_INT32)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its bias must be constant int32 behind DequantizeLinear");
    operand b = { v->constant, v->scale };
    int rc = check_bias(im, node, x, w, &b, channels);
    return rc == WEFT_OK ? add_bias(im, node, i, &b.constant, p) : rc;
}

/* --- convolution
 * ----------------------------------------------------------------------------------- */

/* [Co][Ci/groups][kh][kw] to [Co][kh][kw][Ci/groups]. */
static int add_conv_weights(onnx_import *im, const Onnx__NodeProto *node, size_t name_input,
                            const operand *w, uint32_t *out)
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
                data[(co * taps + tap) * d[1] + ci] = weight_at(w, (co * d[1] + ci) * taps + tap);
    return add_weights(im, node, name_input, w, 4, dims, data, out);
}

/* Everything but the bias and the output scale. */
static int build_conv(onnx_import *im, const Onnx__NodeProto *node, onnx_value *x, size_t w_input,
                      const operand *w, onnx_pending *p)
{
    const uint32_t *d = w->constant.dims;
    if (x->rank != 4 || x->dims[0] != 1)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its input must have rank 4 and batch 1, not rank %" PRIu32, x->rank);
    int64_t groups = onnx_attr_int(node, "group", 1);
    if (groups < 1 || groups > x->dims[1] || x->dims[1] % (uint32_t)groups ||
        d[0] % (uint32_t)groups || d[1] != x->dims[1] / (uint32_t)groups)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                           "%" PRIu32 " input channels in %" PRId64
                           " groups do not fit weights for %" PRIu32 " in, %" PRIu32 " out",
                           x->dims[1], groups, d[1], d[0]);
    int rc = check_weight_scale(im, node, w, 0);
    if (rc == WEFT_OK)
        rc = onnx_attr_window(im, node, x->dims, d + 2, &p->attr.conv_2d.window);
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
    p->dims[0] = 1;
    p->dims[3] = d[0];
    onnx_window_output(&p->attr.conv_2d.window, x->dims, &p->dims[1], &p->dims[2]);
    return WEFT_OK;
}

static onnx_value conv_value(const onnx_pending *p)
{
    const uint32_t nchw[4] = { 1, p->dims[3], p->dims[1], p->dims[2] };
    onnx_layout layout = onnx_layout_of(4, nchw, onnx_nhwc);
    return onnx_pending_value(p, 4, nchw, &layout);
}

int onnx_conv(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x;
    operand w;
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_CONV_2D);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    int rc = onnx_real_input(im, node, 0, &x);
    if (rc == WEFT_OK)
        rc = weights_input(im, node, 1, 4, &w);
    if (rc == WEFT_OK)
        rc = build_conv(im, node, x, 1, &w, p);
    if (rc == WEFT_OK)
        rc = bias_input(im, node, 2, x, &w, w.constant.dims[0], p);
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = conv_value(p);
    return rc;
}

/* x xs xz w ws wz ys yz [bias int32 of scale xs * ws] */
int onnx_qlinear_conv(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *x = onnx_input(im, node, 0);
    operand w, b = { 0 };
    onnx_scale scale_x, scale_y;
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_CONV_2D);
    int rc = onnx_scale_input(im, node, 1, 0, &scale_x);
    if (rc == WEFT_OK)
        rc = onnx_const_input(im, node, 3, &w.constant);
    if (rc == WEFT_OK)
        rc = onnx_scale_input(im, node, 4, 0, &w.scale);
    if (rc == WEFT_OK)
        rc = onnx_scale_input(im, node, 6, 0, &scale_y);
    if (rc == WEFT_OK && onnx_input(im, node, 8))
        rc = onnx_const_input(im, node, 8, &b.constant);
    if (rc != WEFT_OK)
        return rc;
    if (!p || !x || x->kind != ONNX_QUANT || !onnx_scale_matches(im, x, &scale_x))
        return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                           "its input is not an int8 or uint8 activation of this scale");
    if (w.constant.rank != 4 || w.constant.count == 0 || w.constant.dtype != w.scale.dtype ||
        w.scale.dtype == WEFT_INT32 || scale_y.quant.count != 1 || scale_y.dtype == WEFT_INT32 ||
        (b.constant.data &&
         (b.constant.dtype != WEFT_INT32 || b.constant.count != w.constant.dims[0])))
        return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                           "weights, bias or scales have another type or "
                           "shape than the operator takes");
    rc = build_conv(im, node, x, 3, &w, p);
    if (rc == WEFT_OK && b.constant.data)
        rc = add_bias(im, node, 8, &b.constant, p);
    if (rc != WEFT_OK)
        return rc;
    onnx_value pending = conv_value(p);
    return onnx_finish(im, node, &pending, &scale_y);
}

/* --- matrix products
 * ------------------------------------------------------------------------------ */

/* Column k of the ONNX matrix for each element of the tensor, in the order it lies. */
static uint32_t *column_map(onnx_import *im, const onnx_value *x)
{
    const onnx_layout *l = &x->layout;
    uint32_t *map = weft_graph_alloc(im->graph, x->dims[1] * sizeof *map);
    if (!map)
        return NULL;
    uint32_t pitch[WEFT_MAX_RANK], index[WEFT_MAX_RANK] = { 0 }, step = 1;
    for (uint32_t i = l->rank; i-- > 0; step *= l->dims[i])
        pitch[i] = step;
    for (uint32_t e = 0; e < x->dims[1]; e++) {
        map[e] = 0;
        for (uint32_t i = 0; i < l->rank; i++)
            map[e] += index[i] * pitch[l->perm[i]];
        for (uint32_t i = l->rank; i-- > 0 && ++index[i] == l->dims[l->perm[i]];)
            index[i] = 0;
    }
    return map;
}

/* w is [Co][Ci] if transposed, else [Ci][Co]; columns in the order of map. */
static int add_matrix(onnx_import *im, const Onnx__NodeProto *node, const operand *w,
                      int transposed, const uint32_t *map, uint32_t *out)
{
    uint32_t ci_count = w->constant.dims[transposed], co_count = w->constant.dims[!transposed];
    const uint32_t dims[2] = { co_count, ci_count };
    int8_t *data = weft_graph_alloc(im->graph, (size_t)w->constant.count);
    if (!data || !map)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory for its weights");
    for (size_t co = 0; co < co_count; co++)
        for (size_t k = 0; k < ci_count; k++)
            data[co * ci_count + k] =
                weight_at(w, transposed ? co * ci_count + map[k] : (size_t)map[k] * co_count + co);
    return add_weights(im, node, 1, w, 2, dims, data, out);
}

static int build_matrix(onnx_import *im, const Onnx__NodeProto *node, int transposed,
                        size_t bias_at)
{
    onnx_value *x;
    operand w;
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_FULLY_CONNECTED);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    int rc = onnx_real_input(im, node, 0, &x);
    if (rc == WEFT_OK)
        rc = weights_input(im, node, 1, 2, &w);
    if (rc == WEFT_OK)
        rc = check_weight_scale(im, node, &w, (uint32_t)!transposed);
    if (rc != WEFT_OK)
        return rc;
    uint32_t ci = w.constant.dims[transposed], co = w.constant.dims[!transposed];
    if (x->rank != 2 || x->dims[1] != ci)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                           "an input of rank %" PRIu32 " with %" PRIu32
                           " columns does not fit weights for %" PRIu32,
                           x->rank, x->rank ? x->dims[x->rank - 1] : 0, ci);
    if (x->dims[0] != 1)
        rc = onnx_arrange(im, node, x, NULL); /* several rows: the data must lie in ONNX order */
    onnx_value flat = *x;
    if (rc == WEFT_OK)
        rc = add_matrix(im, node, &w, transposed,
                        x->dims[0] == 1
                            ? column_map(im, x)
                            : column_map(im, &(onnx_value){ .dims = { 1, ci },
                                                            .layout = { 1, { ci }, { 0 } } }),
                        &p->inputs[1]);
    if (rc != WEFT_OK)
        return rc;
    flat.layout = onnx_layout_of(im->graph->tensors[x->tensor].rank,
                                 im->graph->tensors[x->tensor].dims, NULL);
    rc = onnx_arrange(im, node, &flat, NULL); /* as it lies, only the shape becomes [M][Ci] */
    p->inputs[0] = flat.tensor;
    p->input_count = 2;
    p->rank = 2;
    p->dims[0] = x->dims[0];
    p->dims[1] = co;
    if (rc == WEFT_OK && bias_at)
        rc = bias_input(im, node, bias_at, x, &w, co, p);
    onnx_layout layout = onnx_layout_of(2, p->dims, NULL);
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = onnx_pending_value(p, 2, p->dims, &layout);
    return rc;
}

int onnx_gemm(onnx_import *im, const Onnx__NodeProto *node)
{
    if (onnx_attr_float(node, "alpha", 1.0f) != 1.0f ||
        onnx_attr_float(node, "beta", 1.0f) != 1.0f || onnx_attr_int(node, "transA", 0) != 0)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "only alpha 1, beta 1 and transA 0 are possible");
    return build_matrix(im, node, onnx_attr_int(node, "transB", 0) != 0, 2);
}

int onnx_matmul(onnx_import *im, const Onnx__NodeProto *node)
{
    return build_matrix(im, node, 0, 0);
}
