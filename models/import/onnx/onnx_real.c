/* Float32 results, which the host computes: of what nobody quantises (TensorRT, Brevitas and others
 * put Q/DQ in front of products only), and of operators with a float32 input.
 *
 * A PENDING value becomes the node it waits for with a float32 output; a REAL view DEQUANTIZE, or
 * LOOKUP where it is seen through a function. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "onnx_ops.h"

int onnx_new_real(onnx_import *im, const Onnx__NodeProto *node, const char *name, uint32_t rank,
                  const uint32_t *dims, const float *data, uint32_t *out)
{
    weft_tensor_desc d = { .name = name, .dtype = WEFT_FLOAT32, .rank = rank, .data = data };
    d.flags = data ? WEFT_TENSOR_BORROW_DATA : 0;
    if (rank) /* of a scalar there are none */
        memcpy(d.dims, dims, rank * sizeof *dims);
    int rc = weft_graph_add_tensor(im->graph, &d, out);
    return rc == WEFT_OK ? rc
                         : onnx_refuse(im, node, rc == WEFT_ERR_ARG ? WEFT_ERR_UNSUPPORTED : rc,
                                       "its float32 tensor is empty or too large");
}

int onnx_append_real(onnx_import *im, const Onnx__NodeProto *node, weft_op op, const void *attr,
                     uint32_t input_count, const uint32_t *inputs, uint32_t rank,
                     const uint32_t *dims, uint32_t *out)
{
    int rc = onnx_new_real(im, node, node->output[0], rank, dims, NULL, out);
    return rc == WEFT_OK ? onnx_add_node(im, node,
                                         &(weft_node_desc){ .op = op,
                                                            .name = onnx_node_name(node),
                                                            .requant = WEFT_REQUANT_ONNX,
                                                            .input_count = input_count,
                                                            .inputs = inputs,
                                                            .output = *out,
                                                            .attr = attr })
                         : rc;
}

/* The real numbers of an int8 tensor, through the 256 of `real` if that is not NULL. */
static int reals_of(onnx_import *im, const Onnx__NodeProto *node, uint32_t *at, const float *real)
{
    static const uint32_t entries[1] = { 256 };
    const weft_tensor t = im->graph->tensors[*at];
    uint32_t in[2] = { *at, WEFT_NONE };
    int rc = WEFT_OK;
    if (t.dtype == WEFT_FLOAT32)
        return rc;
    if (t.data) {
        const size_t count = (size_t)weft_tensor_elements(&t);
        float *data = weft_graph_alloc(im->graph, (count + 1) * sizeof *data);
        for (size_t i = 0; data && i < count; i++) {
            const int8_t q = ((const int8_t *)t.data)[i];
            data[i] = real ? real[q + 128] : (float)(q - t.quant.zero_point[0]) * t.quant.scale[0];
        }
        return data ? onnx_new_real(im, node, t.name, t.rank, t.dims, data, at)
                    : onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    }
    if (!real)
        return onnx_append_real(im, node, WEFT_OP_DEQUANTIZE, NULL, 1, in, t.rank, t.dims, at);
    rc = onnx_new_real(im, node, "", 1, entries, real, &in[1]);
    return rc == WEFT_OK
               ? onnx_append_real(im, node, WEFT_OP_LOOKUP, NULL, 2, in, t.rank, t.dims, at)
               : rc;
}

static int apply_function(onnx_import *im, const Onnx__NodeProto *node, const weft_real_function *f,
                          onnx_value *v)
{
    const weft_tensor t = im->graph->tensors[v->tensor];
    const uint32_t in[1] = { v->tensor };
    return onnx_append_real(im, node, WEFT_OP_FUNCTION, f, 1, in, t.rank, t.dims, &v->tensor);
}

/* The limits that a PENDING value has taken with it. */
static int apply_limits(onnx_import *im, const Onnx__NodeProto *node, float lo, float hi,
                        onnx_value *v)
{
    weft_real_function f;
    if (isinf(lo) && isinf(hi))
        return WEFT_OK;
    const int relu = !(lo < 0) && !(lo > 0) && isinf(hi);
    (void)weft_real_find(relu ? "Relu" : "Clip", &f);
    f.a = relu ? 0 : lo;
    f.b = relu ? 0 : hi;
    return apply_function(im, node, &f, v);
}

/* y = factor x + shift of every channel, the last axis of the tensor. */
static int norm_of(onnx_import *im, const Onnx__NodeProto *node, const onnx_norm *n, uint32_t *at)
{
    static const weft_elementwise open = { { -128, 127 }, 0 };
    int rc = WEFT_OK;
    for (unsigned k = 0; k < 2 && rc == WEFT_OK; k++) {
        const weft_tensor t = im->graph->tensors[*at];
        uint32_t in[2] = { *at, WEFT_NONE };
        rc = onnx_new_real(im, node, "", 1, &n->channels, n->factor + k * n->channels, &in[1]);
        if (rc == WEFT_OK)
            rc = onnx_append_real(im, node, k ? WEFT_OP_ADD : WEFT_OP_MUL, &open, 2, in, t.rank,
                                  t.dims, at);
    }
    return rc;
}

static int is_product(weft_op op)
{
    return op == WEFT_OP_CONV_2D || op == WEFT_OP_FULLY_CONNECTED || op == WEFT_OP_MATMUL;
}

/* The tensors that the float32 node reads. */
static int real_inputs(onnx_import *im, const Onnx__NodeProto *node, onnx_pending *p)
{
    int rc = WEFT_OK;
    const int dense = p->op == WEFT_OP_FULLY_CONNECTED;
    if (p->input_count > 2 && ((p->op == WEFT_OP_CONV_2D && !p->norm) || (dense && p->float_bias)))
        return onnx_new_real(im, node, "", 1, &p->dims[dense ? 1 : 3], p->real_bias, &p->inputs[2]);
    for (uint32_t k = 0; k < p->input_count && rc == WEFT_OK && (!is_product(p->op) || p->norm);
         k++)
        rc = reals_of(im, node, &p->inputs[k], p->alike ? p->real[k] : NULL);
    return rc;
}

static int pending_to_real(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v)
{
    static const weft_clamp open = { -128, 127 };
    onnx_pending p = *v->pending;
    if (p.op == WEFT_OP_TRANSPOSE_CONV || p.op == WEFT_OP_SOFTMAX ||
        p.op == WEFT_OP_LAYER_NORMALIZATION)
        return onnx_refuse(im, p.source, WEFT_ERR_UNSUPPORTED,
                           "its float32 result is not possible: put QuantizeLinear and "
                           "DequantizeLinear behind it");
    if (p.op == WEFT_OP_AVERAGE_POOL_2D)
        p.attr.pool_2d.adding = onnx_adding_of_floats(im, p.source, &p.attr.pool_2d.window,
                                                      &im->graph->tensors[p.inputs[0]]);
    int rc = real_inputs(im, p.source, &p);
    onnx_open_clamp(&p, open);
    if (p.op == WEFT_OP_FULLY_CONNECTED &&
        (p.float_bias || im->graph->tensors[p.inputs[0]].dtype == WEFT_FLOAT32)) {
        p.op = WEFT_OP_GEMM;
        p.attr.matmul = (weft_matmul){ p.transposed, open };
    }
    onnx_value y = *v;
    y.kind = ONNX_FLOAT;
    y.pending = NULL;
    y.tensor = p.inputs[0];
    if (rc == WEFT_OK && p.norm)
        rc = norm_of(im, p.source, p.norm, &y.tensor);
    else if (rc == WEFT_OK)
        rc = onnx_append_real(im, p.source, p.op, &p.attr, p.input_count, p.inputs, p.rank, p.dims,
                              &y.tensor);
    if (rc == WEFT_OK)
        rc = apply_limits(im, node, v->lo, v->hi, &y);
    if (rc == WEFT_OK)
        *v = y;
    return rc;
}

int onnx_to_real(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v)
{
    if (v->kind == ONNX_PENDING)
        return pending_to_real(im, node, v);
    if (v->kind != ONNX_REAL || v->tensor == WEFT_NONE)
        return WEFT_OK;
    int rc = reals_of(im, node, &v->tensor, v->real);
    v->kind = ONNX_FLOAT;
    v->real = NULL;
    return rc;
}

/* To float32: of int8 a view of its own, of what is float32 nothing. */
int onnx_cast(onnx_import *im, const Onnx__NodeProto *node)
{
    const onnx_value *x = onnx_input(im, node, 0);
    if (!x || onnx_attr_int(node, "to", 0) != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "only to float32 is possible");
    onnx_value y = *x;
    int rc = WEFT_OK;
    if (x->kind == ONNX_QUANT) {
        float *real = weft_graph_alloc(im->graph, 256 * sizeof *real);
        for (int i = 0; real && i < 256; i++)
            real[i] = (float)(x->dtype == WEFT_UINT8 ? i : i - 128);
        y.kind = ONNX_REAL;
        y.real = real;
        rc = real ? rc : onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    } else if (x->kind == ONNX_INDEX) {
        const weft_tensor t = im->graph->tensors[x->tensor];
        const uint32_t in[1] = { x->tensor };
        y.kind = ONNX_FLOAT;
        rc = onnx_append_real(im, node, WEFT_OP_CAST, NULL, 1, in, t.rank, t.dims, &y.tensor);
    } else if (x->kind != ONNX_FLOAT && x->kind != ONNX_REAL) {
        rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "of this it is not possible");
    }
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = y;
    return rc;
}

int onnx_product_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_value **out)
{
    onnx_value *v = onnx_input(im, node, i);
    int rc = WEFT_OK;
    if (v && v->kind == ONNX_REAL && v->tensor != WEFT_NONE && v->real)
        rc = onnx_settle_function(im, node, v);
    if (rc == WEFT_OK && v && v->kind == ONNX_REAL && v->tensor != WEFT_NONE && v->real)
        rc = onnx_to_real(im, node, v);
    *out = v;
    return rc == WEFT_OK && !(v && v->kind == ONNX_FLOAT) ? onnx_real_input(im, node, i, out) : rc;
}

/* --- operators of float32 --- */

int onnx_is_float(onnx_import *im, const Onnx__NodeProto *node, size_t i)
{
    const onnx_value *v = onnx_input(im, node, i);
    return v && v->kind == ONNX_FLOAT;
}

int onnx_real_function(onnx_import *im, const Onnx__NodeProto *node, const char *type, float a,
                       float b)
{
    onnx_value y = *onnx_input(im, node, 0);
    weft_real_function f;
    if (!weft_real_find(type, &f))
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "of float32 it is not possible");
    const char *const names[2] = { weft_real_parameter(f.number, 0),
                                   weft_real_parameter(f.number, 1) };
    f.a = names[0] ? onnx_attr_float(node, names[0], f.a) : isnan(a) ? f.a : a;
    f.b = names[1] ? onnx_attr_float(node, names[1], f.b) : isnan(b) ? f.b : b;
    int rc = onnx_to_real(im, node, &y);
    if (rc == WEFT_OK)
        rc = apply_function(im, node, &f, &y);
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = y;
    return rc;
}
