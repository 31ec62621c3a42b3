/* QuantizeLinear and DequantizeLinear: where real numbers and int8 meet, and nodes are made. */
#include <inttypes.h>
#include <string.h>

#include "onnx_ops.h"

int onnx_scale_matches(const onnx_import *im, const onnx_value *quant, const onnx_scale *scale)
{
    const weft_quant *have = &im->graph->tensors[quant->tensor].quant;
    return scale->quant.count == 1 && scale->dtype == quant->dtype &&
           memcmp(have->scale, scale->quant.scale, sizeof *have->scale) == 0 &&
           have->zero_point[0] == onnx_zero_point(scale);
}

static onnx_value quant_value(const onnx_value *like, uint32_t tensor, weft_dtype dtype)
{
    onnx_value v = *like;
    v.kind = ONNX_QUANT;
    v.tensor = tensor;
    v.dtype = dtype;
    v.pending = NULL;
    v.real = NULL;
    return v;
}

static weft_clamp clamp_of(const onnx_value *v, float scale, int32_t zp)
{
    return (weft_clamp){ weft_quantize_value(WEFT_REQUANT_ONNX, v->lo, scale, zp),
                         weft_quantize_value(WEFT_REQUANT_ONNX, v->hi, scale, zp) };
}

void onnx_open_clamp(onnx_pending *p, weft_clamp clamp)
{
    switch (p->op) {
    case WEFT_OP_CONV_2D:
    case WEFT_OP_TRANSPOSE_CONV: p->attr.conv_2d.clamp = clamp; break;
    case WEFT_OP_FULLY_CONNECTED: p->attr.fully_connected.clamp = clamp; break;
    case WEFT_OP_MATMUL: p->attr.matmul.clamp = clamp; break;
    case WEFT_OP_AVERAGE_POOL_2D: p->attr.pool_2d.clamp = clamp; break;
    case WEFT_OP_MEAN: p->attr.mean.clamp = clamp; break;
    case WEFT_OP_RESIZE_BILINEAR: p->attr.resize_bilinear.clamp = clamp; break;
    case WEFT_OP_LAYER_NORMALIZATION: p->attr.layer_normalization.clamp = clamp; break;
    case WEFT_OP_PRELU:
    case WEFT_OP_SOFTMAX:
    case WEFT_OP_CONCAT: break;
    default: p->attr.elementwise = (weft_elementwise){ clamp, 0 }; break;
    }
}

/* An input of MINIMUM, MAXIMUM or CONCAT with the scale of the output; a constant is made anew. */
static int make_alike(onnx_import *im, const Onnx__NodeProto *node, uint32_t *at, const float *real,
                      const onnx_scale *scale)
{
    const weft_tensor *t = &im->graph->tensors[*at];
    int8_t entries[256];
    if (!onnx_fill_table(&t->quant, real, scale, entries))
        return WEFT_OK;
    if (!t->data)
        return onnx_append_table(im, node, t->name, entries, scale, at);
    const size_t count = (size_t)weft_tensor_elements(t);
    int8_t *data = weft_graph_alloc(im->graph, count + 1);
    const int32_t zp = onnx_zero_point(scale);
    weft_tensor_desc d = { .name = t->name,
                           .dtype = WEFT_INT8,
                           .rank = t->rank,
                           .quant = { 1, 0, scale->quant.scale, &zp },
                           .data = data,
                           .flags = WEFT_TENSOR_BORROW_DATA };
    memcpy(d.dims, t->dims, sizeof d.dims);
    for (size_t i = 0; data && i < count; i++)
        data[i] = entries[((const int8_t *)t->data)[i] + 128];
    int rc = data ? weft_graph_add_tensor(im->graph, &d, at) : WEFT_ERR_NO_MEMORY;
    return rc == WEFT_OK ? rc : onnx_refuse(im, node, rc, "its constant cannot be stored");
}

/* Operators without a clamp of their own get a TABLE that limits the result. */
static int limit(onnx_import *im, const Onnx__NodeProto *node, weft_op op, weft_clamp clamp,
                 const onnx_scale *scale, uint32_t *at)
{
    int8_t entries[256];
    const int has_clamp = op != WEFT_OP_CONCAT && op != WEFT_OP_PRELU && op != WEFT_OP_SOFTMAX;
    if (has_clamp || (clamp.lo == INT8_MIN && clamp.hi == INT8_MAX))
        return WEFT_OK;
    for (int q = -128; q <= 127; q++)
        entries[q + 128] = (int8_t)(q < clamp.lo ? clamp.lo : q > clamp.hi ? clamp.hi : q);
    return onnx_append_table(im, node, node->output[0], entries, scale, at);
}

int onnx_finish(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *pending,
                const onnx_scale *scale)
{
    onnx_pending p = *pending->pending;
    onnx_layout direct = onnx_layout_of(p.rank, p.dims, NULL);
    weft_clamp clamp = clamp_of(pending, scale->quant.scale[0], onnx_zero_point(scale));
    onnx_open_clamp(&p, clamp);
    if (p.op == WEFT_OP_ADD || p.op == WEFT_OP_SUB || p.op == WEFT_OP_MUL)
        p.attr.elementwise.offset = scale->dtype == WEFT_UINT8 ? 128 : 0;
    if (p.op == WEFT_OP_AVERAGE_POOL_2D)
        onnx_settle_average(im, node, &p, scale->dtype);
    uint32_t y;
    int rc = WEFT_OK;
    for (uint32_t k = 0; k < p.input_count && p.alike && rc == WEFT_OK; k++)
        rc = make_alike(im, node, &p.inputs[k], p.real[k], scale);
    if (p.norm)
        rc = onnx_finish_norm(im, node, &p, scale->quant.scale[0], onnx_zero_point(scale));
    if (rc == WEFT_OK)
        rc = onnx_add_quant_tensor(im, node->output[0], &direct, scale, &y);
    if (rc == WEFT_OK)
        rc = onnx_add_node(im, node,
                           &(weft_node_desc){ .op = p.op,
                                              .name = p.name,
                                              .requant = WEFT_REQUANT_ONNX,
                                              .input_count = p.input_count,
                                              .inputs = p.inputs,
                                              .output = y,
                                              .attr = &p.attr });
    if (rc == WEFT_OK)
        rc = limit(im, node, p.op, clamp, scale, &y);
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = quant_value(pending, y, scale->dtype);
    return rc;
}

/* A REAL activation into another quantisation, or through a function. */
static int requantize_real(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *v,
                           const onnx_scale *scale)
{
    int8_t entries[256];
    uint32_t at = v->tensor;
    int rc = WEFT_OK;
    if (onnx_fill_table(&im->graph->tensors[at].quant, v->real, scale, entries))
        rc = onnx_append_table(im, node, node->output[0], entries, scale, &at);
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = quant_value(v, at, scale->dtype);
    return rc;
}

static int quantize_float(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *v,
                          const onnx_scale *scale)
{
    uint32_t x = v->tensor, y;
    onnx_layout direct =
        onnx_layout_of(im->graph->tensors[x].rank, im->graph->tensors[x].dims, NULL);
    int rc = onnx_add_quant_tensor(im, node->output[0], &direct, scale, &y);
    if (rc == WEFT_OK)
        rc = onnx_add_unary(im, node, WEFT_OP_QUANTIZE, NULL, x, y);
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = quant_value(v, y, scale->dtype);
    return rc;
}

/* A PENDING Softmax of one type as QLinearSoftmax, of two in float32. */
static int quantize_softmax(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *v,
                            const onnx_scale *scale)
{
    if (scale->dtype == v->dtype)
        return onnx_finish(im, node, v, scale);
    onnx_value y = *v;
    y.kind = ONNX_REAL;
    y.tensor = v->pending->inputs[0];
    int rc = onnx_add_softmax(im, node, WEFT_OP_SOFTMAX, v->pending->name, &y);
    return rc == WEFT_OK ? quantize_float(im, node, &y, scale) : rc;
}

int onnx_quantize(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *v,
                  const onnx_scale *scale)
{
    if (scale->quant.count != 1 || scale->dtype == WEFT_INT32)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "an activation needs one scale and an int8 or uint8 zero point");
    if (v && v->kind == ONNX_PENDING && v->pending->op == WEFT_OP_SOFTMAX)
        return quantize_softmax(im, node, v, scale);
    if (v && v->kind == ONNX_PENDING)
        return onnx_finish(im, node, v, scale);
    if (v && v->kind == ONNX_REAL && v->tensor != WEFT_NONE)
        return requantize_real(im, node, v, scale);
    if (v && v->kind == ONNX_FLOAT)
        return quantize_float(im, node, v, scale);
    return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "its input must be a float activation");
}

int onnx_quantize_linear(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value *v = onnx_input(im, node, 0);
    onnx_scale scale;
    int rc = onnx_scale_input(im, node, 1, 0, &scale);
    if (rc != WEFT_OK)
        return rc;
    return onnx_quantize(im, node, v, &scale);
}

/* --- DequantizeLinear --- */

static int dequantize_constant(onnx_import *im, const Onnx__NodeProto *node, size_t i, int64_t axis,
                               onnx_value *out)
{
    onnx_value v = { .kind = ONNX_REAL, .tensor = WEFT_NONE };
    int rc = onnx_const_input(im, node, i, &v.constant);
    if (rc != WEFT_OK)
        return rc;
    int64_t rank = v.constant.rank;
    axis += axis < 0 ? rank : 0;
    rc = onnx_scale_input(im, node, i + 1, axis, &v.scale);
    if (rc != WEFT_OK)
        return rc;
    if (!onnx_input(im, node, i + 2))
        v.scale.dtype = v.constant.dtype;
    if (v.scale.dtype != v.constant.dtype ||
        (v.scale.dtype != WEFT_INT8 && v.scale.dtype != WEFT_UINT8 && v.scale.dtype != WEFT_INT32))
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "%s values with a %s zero point",
                           weft_dtype_name(v.constant.dtype), weft_dtype_name(v.scale.dtype));
    uint32_t channels = v.scale.quant.count;
    if (channels > 1 && (axis < 0 || axis >= rank || v.constant.dims[axis] != channels))
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "%" PRIu32 " scales do not fit axis %" PRId64,
                           channels, axis);
    *out = v;
    return WEFT_OK;
}

int onnx_dequantize(onnx_import *im, const Onnx__NodeProto *node, size_t i, int64_t axis,
                    onnx_value *out)
{
    onnx_value *v = onnx_input(im, node, i);
    if (v && v->kind == ONNX_CONST)
        return dequantize_constant(im, node, i, axis, out);
    if (!v || v->kind != ONNX_QUANT)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "its input %zu is not int8 or uint8", i);
    onnx_scale scale;
    int rc = onnx_scale_input(im, node, i + 1, 0, &scale);
    if (rc != WEFT_OK)
        return rc;
    if (!onnx_input(im, node, i + 2))
        scale.dtype = v->dtype;
    if (!onnx_scale_matches(im, v, &scale))
        return onnx_refuse(
            im, node, WEFT_ERR_UNSUPPORTED,
            "its scale or zero point differs from the one \"%.60s\" was quantised with",
            node->input[i]);
    *out = *v;
    out->kind = ONNX_REAL;
    out->real = NULL;
    return WEFT_OK;
}

int onnx_dequantize_linear(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value y;
    int rc = onnx_dequantize(im, node, 0, onnx_attr_int(node, "axis", 1), &y);
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = y;
    return rc;
}
