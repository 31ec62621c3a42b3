/* Dynamic quantisation, as onnxruntime's quantize_dynamic writes it: DynamicQuantizeLinear, then
 * MatMulInteger or ConvInteger by constant weights, then Cast and products of the scales.  The scale is
 * known only when the network runs, so the host computes all of it. */
#include <inttypes.h>
#include <string.h>

#include "onnx_ops.h"

/* A tensor of int8 whose scale is another tensor, or of int32. */
static int new_tensor(onnx_import *im, const Onnx__NodeProto *node, weft_dtype dtype, uint32_t rank,
                      const uint32_t *dims, uint32_t *out)
{
    static const float one = 1.0f;
    static const int32_t zero = 0;
    weft_tensor_desc d = { .name = node->output[0], .dtype = dtype, .rank = rank };
    if (dtype == WEFT_INT8)
        d.quant = (weft_quant){ 1, 0, &one, &zero };
    if (rank) /* of a scalar there are none */
        memcpy(d.dims, dims, rank * sizeof *dims);
    int rc = weft_graph_add_tensor(im->graph, &d, out);
    return rc == WEFT_OK ? rc : onnx_refuse(im, node, rc, "its output is too large");
}

static int append(onnx_import *im, const Onnx__NodeProto *node, weft_op op, const void *attr,
                  uint32_t count, const uint32_t *inputs, uint32_t output)
{
    return onnx_add_node(im, node,
                         &(weft_node_desc){ .op = op,
                                            .name = onnx_node_name(node),
                                            .requant = WEFT_REQUANT_ONNX,
                                            .input_count = count,
                                            .inputs = inputs,
                                            .output = output,
                                            .attr = attr });
}

static void set_scalar(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_kind kind,
                       uint32_t tensor)
{
    onnx_value *y = onnx_output(im, node, i);
    if (y)
        *y = (onnx_value){ .kind = kind, .tensor = tensor, .dtype = WEFT_UINT8 };
}

int onnx_dynamic_quantize(onnx_import *im, const Onnx__NodeProto *node)
{
    const onnx_value *from = onnx_input(im, node, 0);
    uint32_t scale, in[3], out[2];
    if (!from)
        return onnx_refuse(im, node, WEFT_ERR_FORMAT, "has no input");
    onnx_value x = *from;
    int rc = onnx_to_real(im, node, &x);
    if (rc == WEFT_OK && x.kind != ONNX_FLOAT)
        rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "its input must be a float activation");
    if (rc != WEFT_OK)
        return rc;
    const weft_tensor t = im->graph->tensors[x.tensor];
    in[0] = x.tensor;
    rc = onnx_append_real(im, node, WEFT_OP_DYNAMIC_SCALE, NULL, 1, in, 0, NULL, &scale);
    if (rc == WEFT_OK)
        rc = new_tensor(im, node, WEFT_INT8, 0, NULL, &out[0]);
    if (rc == WEFT_OK)
        rc = append(im, node, WEFT_OP_DYNAMIC_ZERO, NULL, 1, in, out[0]);
    if (rc == WEFT_OK)
        rc = new_tensor(im, node, WEFT_INT8, t.rank, t.dims, &out[1]);
    in[1] = scale;
    in[2] = out[0];
    if (rc == WEFT_OK)
        rc = append(im, node, WEFT_OP_DYNAMIC_QUANTIZE, NULL, 3, in, out[1]);
    if (rc != WEFT_OK)
        return rc;
    x.kind = ONNX_DYNAMIC;
    x.dtype = WEFT_UINT8;
    x.tensor = out[1];
    *onnx_output(im, node, 0) = x;
    set_scalar(im, node, 1, ONNX_FLOAT, scale);
    set_scalar(im, node, 2, ONNX_DYNAMIC, out[0]);
    return WEFT_OK;
}

/* The zero point of the activation, input 2: computed, constant or absent. */
static int zero_input(onnx_import *im, const Onnx__NodeProto *node, weft_dtype type, uint32_t *out)
{
    static const float one = 1.0f;
    static const int32_t none = 0;
    const onnx_value *z = onnx_input(im, node, 2);
    onnx_const c;
    int8_t *data = weft_graph_alloc(im->graph, 1);
    if (z && z->kind == ONNX_DYNAMIC) {
        *out = z->tensor;
        return WEFT_OK;
    }
    if (!data)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    *data = type == WEFT_UINT8 ? -128 : 0;
    int rc = z ? onnx_const_input(im, node, 2, &c) : WEFT_OK;
    if (rc == WEFT_OK && z && (c.count != 1 || c.dtype != type))
        rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "its zero point must be one number");
    if (rc == WEFT_OK && z)
        *data = onnx_weight_at(&c, 0);
    const weft_tensor_desc d = { .name = "",
                                 .dtype = WEFT_INT8,
                                 .quant = { 1, 0, &one, &none },
                                 .data = data,
                                 .flags = WEFT_TENSOR_BORROW_DATA };
    if (rc == WEFT_OK)
        rc = weft_graph_add_tensor(im->graph, &d, out);
    return rc;
}

/* The weights, inputs 1 and 3, as a constant behind a DequantizeLinear of scale 1. */
static int weights_input(onnx_import *im, const Onnx__NodeProto *node, uint32_t axis,
                         onnx_value *out)
{
    onnx_const zero = { .count = 0 };
    onnx_value w = { .kind = ONNX_REAL, .tensor = WEFT_NONE };
    int rc = onnx_const_input(im, node, 1, &w.constant);
    if (rc == WEFT_OK && onnx_input(im, node, 3))
        rc = onnx_const_input(im, node, 3, &zero);
    if (rc != WEFT_OK)
        return rc;
    const onnx_const *c = &w.constant;
    const uint64_t count = zero.count ? zero.count : 1;
    if ((c->dtype != WEFT_INT8 && c->dtype != WEFT_UINT8) ||
        (zero.count && zero.dtype != c->dtype) || c->rank < 2 || c->count == 0 ||
        (count > 1 && count != c->dims[axis]))
        return onnx_refuse(
            im, node, WEFT_ERR_UNSUPPORTED,
            "its weights must be int8 or uint8, with one zero point or one a column");
    float *scale = weft_graph_alloc(im->graph, (size_t)count * sizeof *scale);
    int32_t *zp = weft_graph_alloc(im->graph, (size_t)count * sizeof *zp);
    if (!scale || !zp)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    for (uint64_t i = 0; i < count; i++) {
        scale[i] = 1.0f;
        zp[i] = !zero.count                ? 0
                : zero.dtype == WEFT_UINT8 ? ((const uint8_t *)zero.data)[i]
                                           : ((const int8_t *)zero.data)[i];
    }
    w.scale = (onnx_scale){ c->dtype, { (uint32_t)count, count > 1 ? axis : 0, scale, zp } };
    *out = w;
    return WEFT_OK;
}

/* int8 or uint8: computed, or an activation of the network. */
static int integer_input(onnx_import *im, const Onnx__NodeProto *node, onnx_value *out)
{
    const onnx_value *x = onnx_input(im, node, 0);
    if (!x || (x->kind != ONNX_DYNAMIC && x->kind != ONNX_QUANT) || x->rank < 1)
        return onnx_refuse(
            im, node, WEFT_ERR_UNSUPPORTED,
            "its first input must be an int8 or uint8 activation, its second constant");
    *out = *x;
    return WEFT_OK;
}

/* The node that the product p becomes, with the zero point as its third input. */
static int finish(onnx_import *im, const Onnx__NodeProto *node, weft_op op, weft_dtype type,
                  const onnx_value *pending)
{
    onnx_pending p = *pending->pending;
    onnx_value y = *pending;
    static const weft_clamp open = { -128, 127 };
    p.attr.conv_2d.clamp = open;
    int rc = zero_input(im, node, type, &p.inputs[2]);
    if (rc == WEFT_OK)
        rc = new_tensor(im, node, WEFT_INT32, p.rank, p.dims, &y.tensor);
    if (rc == WEFT_OK)
        rc = append(im, node, op, op == WEFT_OP_CONV_INTEGER ? &p.attr.conv_2d : NULL, 3, p.inputs,
                    y.tensor);
    y.kind = ONNX_INDEX;
    y.dtype = WEFT_INT32;
    y.pending = NULL;
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = y;
    return rc;
}

int onnx_matmul_integer(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value x, w, y;
    int rc = integer_input(im, node, &x);
    if (rc == WEFT_OK)
        rc = weights_input(im, node, 1, &w);
    if (rc == WEFT_OK && w.constant.rank != 2)
        rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "its weights must have rank 2");
    if (rc == WEFT_OK)
        rc = onnx_build_product(im, node, &x, &w, 0, &y);
    return rc == WEFT_OK ? finish(im, node, WEFT_OP_MATMUL_INTEGER, x.dtype, &y) : rc;
}

int onnx_conv_integer(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value x, w, y;
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_CONV_2D);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    int rc = integer_input(im, node, &x);
    if (rc == WEFT_OK)
        rc = weights_input(im, node, 0, &w);
    if (rc == WEFT_OK)
        rc = onnx_build_conv(im, node, &x, 1, &w, p, &y);
    return rc == WEFT_OK ? finish(im, node, WEFT_OP_CONV_INTEGER, x.dtype, &y) : rc;
}
