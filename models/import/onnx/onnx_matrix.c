/* Products of matrices: Gemm and MatMul.
 *
 * A constant right side is FULLY_CONNECTED with weights [Co][Ci], all else MATMUL.  A product
 * behind Flatten reads the activation as it lies (NHWC), so the columns of its weights are permuted
 * instead.
 */
#include <inttypes.h>
#include <string.h>

#include "onnx_ops.h"

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
static int add_matrix(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *w,
                      int transposed, const uint32_t *map, uint32_t *out)
{
    const onnx_const *c = &w->constant;
    uint32_t ci_count = c->dims[transposed], co_count = c->dims[!transposed];
    const uint32_t dims[2] = { co_count, ci_count };
    int8_t *data = weft_graph_alloc(im->graph, (size_t)c->count);
    if (!data || !map)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory for its weights");
    for (size_t co = 0; co < co_count; co++)
        for (size_t k = 0; k < ci_count; k++)
            data[co * ci_count + k] = onnx_weight_at(
                c, transposed ? co * ci_count + map[k] : (size_t)map[k] * co_count + co);
    return onnx_add_weights(im, node, 1, &w->scale, 2, dims, data, out);
}

static int check_matrix(onnx_import *im, const Onnx__NodeProto *node, const onnx_value *x,
                        const onnx_value *w, int transposed)
{
    const uint32_t ci = w->constant.dims[transposed], co_axis = (uint32_t)!transposed;
    const weft_quant *q = &w->scale.quant;
    if (w->constant.count == 0 || w->scale.dtype == WEFT_INT32)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "its weights must be int8 or uint8");
    if (q->count != 1 && (q->axis != co_axis || q->count != w->constant.dims[co_axis]))
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its weights have %" PRIu32 " scales along axis %" PRIu32
                           "; one, or one per output channel (axis %" PRIu32 ") is possible",
                           q->count, q->axis, co_axis);
    if (x->rank < 1 || x->dims[x->rank - 1] != ci)
        return onnx_refuse(im, node, WEFT_ERR_SHAPE,
                           "an input of rank %" PRIu32 " with %" PRIu32
                           " columns does not fit weights for %" PRIu32,
                           x->rank, x->rank ? x->dims[x->rank - 1] : 0, ci);
    return WEFT_OK;
}

/* x [..][Ci] by constant weights: FULLY_CONNECTED of all the rows at once. */
static int build_dense(onnx_import *im, const Onnx__NodeProto *node, onnx_value *x,
                       const onnx_value *w, int transposed, onnx_pending *p, onnx_value *out)
{
    int rc = check_matrix(im, node, x, w, transposed);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t ci = w->constant.dims[transposed], co = w->constant.dims[!transposed];
    uint32_t rows = 1;
    for (uint32_t i = 0; i + 1 < x->rank; i++)
        rows *= x->dims[i];
    onnx_value flat = *x;
    flat.rank = 2;
    flat.dims[0] = rows;
    flat.dims[1] = ci;
    if (rows != 1) /* the data must lie in ONNX order */
        rc = onnx_arrange(im, node, &flat, NULL);
    if (rc == WEFT_OK)
        rc = add_matrix(im, node, w, transposed,
                        rows == 1 ? column_map(im, &flat)
                                  : column_map(im, &(onnx_value){ .dims = { 1, ci },
                                                                  .layout = { 1, { ci }, { 0 } } }),
                        &p->inputs[1]);
    if (rc != WEFT_OK)
        return rc;
    const weft_tensor *t = &im->graph->tensors[flat.tensor];
    flat.layout = onnx_layout_of(t->rank, t->dims, NULL);
    rc = onnx_arrange(im, node, &flat, NULL); /* as it lies, only the shape becomes [M][Ci] */
    p->transposed = transposed;
    p->inputs[0] = flat.tensor;
    p->input_count = 2;
    p->rank = 2;
    p->dims[0] = rows;
    p->dims[1] = co;
    uint32_t dims[WEFT_MAX_RANK];
    memcpy(dims, x->dims, sizeof dims);
    dims[x->rank - 1] = co;
    const onnx_layout layout = onnx_layout_of(2, p->dims, NULL);
    if (rc == WEFT_OK)
        *out = onnx_pending_value(p, x->rank, dims, &layout);
    return rc;
}

/* --- both sides may be activations --- */

static uint32_t rank_of(const onnx_value *v)
{
    return onnx_is_real_const(v) ? v->constant.rank : v->rank;
}

static uint32_t size_of(const onnx_value *v, uint32_t rank, uint32_t axis)
{
    const uint32_t own = rank_of(v);
    const uint32_t *dims = onnx_is_real_const(v) ? v->constant.dims : v->dims;
    return axis + own < rank ? 1 : dims[axis + own - rank];
}

static int one_side(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v, uint32_t rank,
                    uint32_t *out)
{
    if (onnx_is_real_const(v)) {
        if (v->scale.quant.count != 1)
            return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                               "a constant of this shape must have one scale");
        return onnx_add_constant(im, node, v, rank, NULL, out);
    }
    onnx_value moved = *v;
    for (uint32_t i = 0; i < rank; i++)
        moved.dims[i] = size_of(v, rank, i);
    moved.rank = rank;
    int rc = onnx_arrange(im, node, &moved, NULL);
    *out = moved.tensor;
    return rc;
}

static int build_matmul(onnx_import *im, const Onnx__NodeProto *node, onnx_value *a, onnx_value *b,
                        int transpose_b, onnx_pending *p, onnx_value *out)
{
    const uint32_t rank = rank_of(a) > rank_of(b) ? rank_of(a) : rank_of(b);
    uint32_t dims[WEFT_MAX_RANK];
    if (rank_of(a) < 2 || rank_of(b) < 2)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "vectors are not possible here");
    for (uint32_t i = 0; i + 2 < rank; i++) {
        const uint32_t da = size_of(a, rank, i), db = size_of(b, rank, i);
        if (da != db && da != 1 && db != 1)
            return onnx_refuse(im, node, WEFT_ERR_SHAPE, "its inputs do not broadcast");
        dims[i] = da == 1 ? db : da;
    }
    if (size_of(a, rank, rank - 1) != size_of(b, rank, transpose_b ? rank - 1 : rank - 2))
        return onnx_refuse(im, node, WEFT_ERR_SHAPE, "its inputs are no matrices that fit");
    dims[rank - 2] = size_of(a, rank, rank - 2);
    dims[rank - 1] = size_of(b, rank, transpose_b ? rank - 2 : rank - 1);
    int rc = one_side(im, node, a, rank, &p->inputs[0]);
    if (rc == WEFT_OK)
        rc = one_side(im, node, b, rank, &p->inputs[1]);
    p->op = WEFT_OP_MATMUL;
    p->attr.matmul.transpose_b = transpose_b;
    p->input_count = 2;
    p->rank = rank;
    memcpy(p->dims, dims, sizeof p->dims);
    const onnx_layout layout = onnx_layout_of(rank, dims, NULL);
    if (rc == WEFT_OK)
        *out = onnx_pending_value(p, rank, dims, &layout);
    return rc;
}

int onnx_build_product(onnx_import *im, const Onnx__NodeProto *node, onnx_value *a, onnx_value *b,
                       int transpose_b, onnx_value *out)
{
    onnx_pending *p = onnx_new_pending(im, node, WEFT_OP_FULLY_CONNECTED);
    if (!p)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    if (!onnx_is_real_const(a) && onnx_is_real_const(b) && b->constant.rank == 2)
        return build_dense(im, node, a, b, transpose_b, p, out);
    if (a->kind == ONNX_FLOAT)
        return onnx_refuse_float(im, node, 0);
    return build_matmul(im, node, a, b, transpose_b, p, out);
}

/* Input i: an activation, or constant weights of one or several scales. */
static int side_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_value **out)
{
    *out = onnx_input(im, node, i);
    if (*out && onnx_is_real_const(*out) && (*out)->scale.dtype != WEFT_INT32)
        return WEFT_OK;
    return i == 0 ? onnx_product_input(im, node, i, out) : onnx_real_input(im, node, i, out);
}

static int product(onnx_import *im, const Onnx__NodeProto *node, int transpose_b, onnx_value *y)
{
    onnx_value *a, *b;
    int rc = side_input(im, node, 0, &a);
    if (rc == WEFT_OK && a->kind == ONNX_FLOAT && onnx_input(im, node, 1) &&
        onnx_input(im, node, 1)->kind == ONNX_CONST)
        return onnx_refuse_float(im, node, 0);
    if (rc == WEFT_OK)
        rc = side_input(im, node, 1, &b);
    if (rc == WEFT_OK && onnx_is_real_const(a) && onnx_is_real_const(b))
        rc = onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "of two constants");
    return rc == WEFT_OK ? onnx_build_product(im, node, a, b, transpose_b, y) : rc;
}

int onnx_gemm(onnx_import *im, const Onnx__NodeProto *node)
{
    const int transposed = onnx_attr_int(node, "transB", 0) != 0;
    onnx_value y;
    if (onnx_attr_float(node, "alpha", 1.0f) != 1.0f ||
        onnx_attr_float(node, "beta", 1.0f) != 1.0f || onnx_attr_int(node, "transA", 0) != 0)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "only alpha 1, beta 1 and transA 0 are possible");
    int rc = product(im, node, transposed, &y);
    if (rc == WEFT_OK && y.rank != 2)
        rc = onnx_refuse(im, node, WEFT_ERR_SHAPE, "its input must have rank 2");
    if (rc == WEFT_OK && onnx_input(im, node, 2)) {
        onnx_pending *p = (onnx_pending *)(uintptr_t)y.pending; /* just made */
        const onnx_value *w = onnx_input(im, node, 1);
        if (p->op != WEFT_OP_FULLY_CONNECTED)
            return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED, "a bias needs constant weights");
        rc = onnx_bias_input(im, node, 2, onnx_input(im, node, 0), &w->scale, p->dims[1], p);
    }
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = y;
    return rc;
}

int onnx_matmul(onnx_import *im, const Onnx__NodeProto *node)
{
    onnx_value y;
    int rc = product(im, node, 0, &y);
    if (rc == WEFT_OK)
        *onnx_output(im, node, 0) = y;
    return rc;
}
