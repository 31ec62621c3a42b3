/* Operators of two float32 operands that broadcast. */
#include <string.h>

#include "onnx_ops.h"

/* A constant as float32, its shape filled up with ones in front to rank and axes in order perm. */
static int real_constant(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *v,
                         uint32_t rank, const uint32_t *perm, uint32_t *out)
{
    size_t sizes[WEFT_MAX_RANK], stride[WEFT_MAX_RANK], index[WEFT_MAX_RANK] = { 0 }, at = 0;
    uint32_t dims[WEFT_MAX_RANK];
    nd a = { 0 };
    int rc = onnx_is_real_const(v) ? onnx_real_to_nd(im, v, &a) : onnx_to_nd(im, &v->constant, &a);
    float *data = rc == WEFT_OK ? weft_graph_alloc(im->graph, (a.count + 1) * sizeof *data) : NULL;
    if (rc == WEFT_OK && (!data || !a.f))
        rc = onnx_refuse(im, node, data ? WEFT_ERR_SHAPE : WEFT_ERR_NO_MEMORY,
                         data ? "its constant is not float" : "no memory for its constant");
    for (uint32_t i = rank, step = 1; i-- > 0 && rc == WEFT_OK;) {
        const uint32_t size = i + a.rank < rank ? 1 : (uint32_t)a.dims[i + a.rank - rank];
        stride[i] = step;
        sizes[i] = size;
        step *= size;
    }
    for (uint32_t i = 0; i < rank && rc == WEFT_OK; i++)
        dims[i] = (uint32_t)sizes[perm[i]];
    size_t walked[WEFT_MAX_RANK];
    for (uint32_t i = 0; i < rank && rc == WEFT_OK; i++)
        walked[i] = dims[i];
    while (rc == WEFT_OK) {
        size_t from = 0;
        for (uint32_t i = 0; i < rank; i++)
            from += index[i] * stride[perm[i]];
        data[at++] = a.f[from];
        if (!nd_next(rank, walked, index))
            break;
    }
    if (rc == WEFT_OK)
        rc = onnx_new_real(im, node, "", rank, dims, data, out);
    nd_free(&a);
    return rc;
}

int onnx_real_pair(onnx_import *im, const Onnx__NodeProto *node, weft_op op, const onnx_value *a,
                   const onnx_value *b, onnx_value *out)
{
    static const weft_elementwise open = { { -128, 127 }, 0 };
    onnx_value v[2] = { *a, *b };
    const onnx_value *const in[2] = { &v[0], &v[1] };
    uint32_t rank, dims[WEFT_MAX_RANK], order[WEFT_MAX_RANK], at[2], canonical[WEFT_MAX_RANK];
    int rc = WEFT_OK;
    for (unsigned k = 0; k < 2 && rc == WEFT_OK; k++)
        rc = onnx_to_real(im, node, &v[k]);
    for (unsigned k = 0; k < 2 && rc == WEFT_OK; k++)
        if (v[k].kind != ONNX_FLOAT && v[k].kind != ONNX_CONST && !onnx_is_real_const(&v[k]))
            rc = onnx_refuse(im, node, WEFT_ERR_SHAPE, "an input is not float32");
    if (rc == WEFT_OK)
        rc = onnx_pair_shape(im, node, in, &rank, dims);
    if (rc != WEFT_OK)
        return rc;
    onnx_pair_order(in, rank, order);
    for (unsigned k = 0; k < 2 && rc == WEFT_OK; k++) {
        if (v[k].kind != ONNX_FLOAT)
            rc = real_constant(im, node, &v[k], rank, order, &at[k]);
        else
            rc = onnx_pair_place(im, node, &v[k], rank, order);
        at[k] = v[k].kind == ONNX_FLOAT ? v[k].tensor : at[k];
    }
    for (uint32_t i = 0; i < rank; i++)
        canonical[i] = dims[order[i]];
    onnx_value y = { .kind = ONNX_FLOAT, .rank = rank };
    memcpy(y.dims, dims, sizeof y.dims);
    y.layout = onnx_layout_of(rank, dims, order);
    if (rc == WEFT_OK)
        rc = onnx_append_real(im, node, op, &open, 2, at, rank, canonical, &y.tensor);
    if (rc == WEFT_OK)
        *out = y;
    return rc;
}
