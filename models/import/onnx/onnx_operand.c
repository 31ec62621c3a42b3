/* What an operator reads: an activation, a constant of one scale, a list of floats. */
#include <inttypes.h>

#include "onnx_ops.h"

int onnx_refuse_float(onnx_import *im, const Onnx__NodeProto *node, size_t i)
{
    return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                       "its input \"%.60s\" is float; quantise the model (QDQ) first",
                       node->input[i]);
}

int onnx_real_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_value **out)
{
    onnx_value *v = onnx_input(im, node, i);
    const char *name = i < node->n_input ? node->input[i] : "";
    if (!v || v->kind == ONNX_CONST || onnx_is_real_const(v))
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "input %zu (\"%.60s\") must be an activation, not a constant", i, name);
    if (v->kind == ONNX_FLOAT || v->kind == ONNX_INDEX)
        return onnx_refuse_float(im, node, i);
    if (v->kind == ONNX_QUANT)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                           "its input \"%.60s\" is int8, a DequantizeLinear is missing", name);
    if (v->kind == ONNX_REAL && v->real) {
        int rc = onnx_settle_function(im, node, v);
        if (rc != WEFT_OK)
            return rc;
    }
    if (v->kind != ONNX_REAL || v->real)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its input \"%.60s\" is not quantised: put QuantizeLinear and "
                           "DequantizeLinear between",
                           name);
    *out = v;
    return WEFT_OK;
}

int onnx_operand_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_value **out)
{
    onnx_value *v = onnx_input(im, node, i);
    if (!v || !onnx_is_real_const(v))
        return onnx_real_input(im, node, i, out);
    if (v->scale.quant.count != 1 || v->scale.dtype == WEFT_INT32 || v->constant.count == 0)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its constant \"%.60s\" must be int8 or uint8 of one scale",
                           node->input[i]);
    *out = v;
    return WEFT_OK;
}

int onnx_add_constant(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *v,
                      uint32_t rank, const uint32_t *perm, uint32_t *out)
{
    const onnx_const *c = &v->constant;
    weft_tensor_desc d = { .dtype = WEFT_INT8, .rank = rank, .flags = WEFT_TENSOR_BORROW_DATA };
    uint32_t dims[WEFT_MAX_RANK];
    size_t stride[WEFT_MAX_RANK], step = 1, index[WEFT_MAX_RANK] = { 0 }, at = 0;
    size_t sizes[WEFT_MAX_RANK];
    for (uint32_t i = rank; i-- > 0; step *= dims[i]) {
        dims[i] = i + c->rank < rank ? 1 : c->dims[i + c->rank - rank];
        stride[i] = step;
    }
    for (uint32_t i = 0; i < rank; i++)
        sizes[i] = d.dims[i] = dims[perm ? perm[i] : i];
    int8_t *data = weft_graph_alloc(im->graph, (size_t)c->count + 1);
    if (!data)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory for its constant");
    do {
        size_t from = 0;
        for (uint32_t i = 0; i < rank; i++)
            from += index[i] * stride[perm ? perm[i] : i];
        data[at++] = onnx_weight_at(c, from);
    } while (nd_next(rank, sizes, index));
    const int32_t zp = onnx_zero_point(&v->scale);
    d.data = data;
    d.quant = (weft_quant){ 1, 0, v->scale.quant.scale, &zp };
    int rc = weft_graph_add_tensor(im->graph, &d, out);
    return rc == WEFT_OK ? rc : onnx_refuse(im, node, rc, "its constant cannot be stored");
}

int onnx_floats_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, uint32_t channels,
                      const float **out)
{
    const onnx_value *v = onnx_input(im, node, i);
    onnx_const plain;
    const int real = v && onnx_is_real_const(v);
    int rc = real ? WEFT_OK : onnx_const_input(im, node, i, &plain);
    if (rc != WEFT_OK)
        return rc;
    const onnx_const *k = real ? &v->constant : &plain;
    if (k->count != channels || (!real && k->dtype != WEFT_FLOAT32) ||
        (real && v->scale.quant.count != 1 && v->scale.quant.count != channels) ||
        (real && v->scale.dtype == WEFT_INT32 && k->dtype != WEFT_INT32))
        return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                           "input %zu must be float32 or quantised, %" PRIu32 " numbers", i,
                           channels);
    float *list = weft_graph_alloc(im->graph, channels * sizeof *list);
    *out = real ? list : k->data;
    if (!list)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    for (uint32_t c = 0; real && c < channels; c++) {
        const uint32_t at = v->scale.quant.count > 1 ? c : 0;
        const int32_t q = k->dtype == WEFT_INT32   ? ((const int32_t *)k->data)[c]
                          : k->dtype == WEFT_UINT8 ? ((const uint8_t *)k->data)[c]
                                                   : ((const int8_t *)k->data)[c];
        list[c] = (float)(q - v->scale.quant.zero_point[at]) * v->scale.quant.scale[at];
    }
    return WEFT_OK;
}
