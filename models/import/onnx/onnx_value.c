/* Values of the ONNX graph as the importer sees them, and moving their data into another order. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "onnx_ops.h"

const uint32_t onnx_nhwc[4] = { 0, 2, 3, 1 };
static const uint32_t as_is[WEFT_MAX_RANK] = { 0, 1, 2, 3, 4, 5 };

const char *onnx_node_name(const Onnx__NodeProto *node)
{
    if (node->name && *node->name)
        return node->name;
    return node->n_output ? node->output[0] : "";
}

int onnx_refuse(onnx_import *im, const Onnx__NodeProto *node, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)refusals_vsay(im->refused, im->err, status, node->op_type, onnx_node_name(node), format,
                        args);
    va_end(args);
    return status;
}

static onnx_value *value_of(onnx_import *im, const char *name)
{
    uint32_t i = *name ? onnx_find(im, name) : WEFT_NONE;
    return i == WEFT_NONE ? NULL : &im->values[i];
}

onnx_value *onnx_input(onnx_import *im, const Onnx__NodeProto *node, size_t i)
{
    return i < node->n_input ? value_of(im, node->input[i]) : NULL;
}

onnx_value *onnx_output(onnx_import *im, const Onnx__NodeProto *node, size_t i)
{
    return i < node->n_output ? value_of(im, node->output[i]) : NULL;
}

onnx_layout onnx_layout_of(uint32_t rank, const uint32_t *dims, const uint32_t *perm)
{
    onnx_layout l = { .rank = rank };
    memcpy(l.dims, dims, rank * sizeof *dims);
    memcpy(l.perm, perm ? perm : as_is, rank * sizeof *l.perm);
    return l;
}

onnx_pending *onnx_new_pending(onnx_import *im, const Onnx__NodeProto *node, weft_op op)
{
    onnx_pending *p = weft_graph_alloc(im->graph, sizeof *p);
    if (p) {
        p->op = op;
        p->name = onnx_node_name(node);
        p->source = node;
    }
    return p;
}

onnx_value onnx_pending_value(const onnx_pending *p, uint32_t rank, const uint32_t *dims,
                              const onnx_layout *layout)
{
    onnx_value v = { .kind = ONNX_PENDING,
                     .rank = rank,
                     .layout = *layout,
                     .tensor = WEFT_NONE,
                     .lo = -INFINITY,
                     .hi = INFINITY,
                     .pending = p };
    memcpy(v.dims, dims, rank * sizeof *dims);
    return v;
}

onnx_value onnx_pending_ordered(onnx_pending *p, uint32_t rank, const uint32_t *dims,
                                const uint32_t *order)
{
    const onnx_layout layout = onnx_layout_of(rank, dims, order);
    p->rank = rank;
    for (uint32_t i = 0; i < rank; i++)
        p->dims[i] = dims[order[i]];
    return onnx_pending_value(p, rank, dims, &layout);
}

int onnx_add_quant_tensor(onnx_import *im, const char *name, const onnx_layout *layout,
                          const onnx_scale *scale, uint32_t *out)
{
    weft_tensor_desc d = { .name = name, .dtype = WEFT_INT8, .rank = layout->rank };
    int32_t zp = scale->quant.zero_point[0] - (scale->dtype == WEFT_UINT8 ? 128 : 0);
    d.quant = (weft_quant){ 1, 0, scale->quant.scale, &zp };
    for (uint32_t i = 0; i < layout->rank; i++)
        d.dims[i] = layout->dims[layout->perm[i]];
    int rc = weft_graph_add_tensor(im->graph, &d, out);
    if (rc == WEFT_ERR_ARG)
        return weft_error_set(im->err, WEFT_ERR_UNSUPPORTED,
                              "the tensor \"%.120s\" has more than 2^28 elements", name);
    if (rc != WEFT_OK)
        return weft_error_set(im->err, rc, "no memory for the tensor \"%.120s\"", name);
    return WEFT_OK;
}

int onnx_is_real_const(const onnx_value *v)
{
    return v->kind == ONNX_REAL && v->tensor == WEFT_NONE;
}

int onnx_real_input(onnx_import *im, const Onnx__NodeProto *node, size_t i, onnx_value **out)
{
    onnx_value *v = onnx_input(im, node, i);
    const char *name = i < node->n_input ? node->input[i] : "";
    if (!v || v->kind == ONNX_CONST || onnx_is_real_const(v))
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "input %zu (\"%.60s\") must be an activation, not a constant", i, name);
    if (v->kind == ONNX_FLOAT || v->kind == ONNX_INDEX)
        return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                           "its input \"%.60s\" is float; quantise the model (QDQ) first", name);
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

int onnx_image(onnx_import *im, const Onnx__NodeProto *node, onnx_value **x, onnx_value *copy,
               uint32_t *spatial)
{
    *spatial = (*x)->rank == 3 ? 1 : 2;
    if ((*x)->rank == 3) {
        *copy = **x;
        copy->rank = 4;
        copy->dims[3] = copy->dims[2];
        copy->dims[2] = 1;
        *x = copy;
    }
    if ((*x)->rank == 4)
        return WEFT_OK;
    return onnx_refuse(im, node, WEFT_ERR_UNSUPPORTED,
                       "its input must have rank 3 or 4, not rank %" PRIu32, (*x)->rank);
}

void onnx_from_image(onnx_value *y, uint32_t spatial)
{
    if (spatial != 1)
        return;
    y->rank = 3;
    y->dims[2] = y->dims[3];
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
    const int32_t zp = v->scale.quant.zero_point[0] - (v->scale.dtype == WEFT_UINT8 ? 128 : 0);
    d.data = data;
    d.quant = (weft_quant){ 1, 0, v->scale.quant.scale, &zp };
    int rc = weft_graph_add_tensor(im->graph, &d, out);
    return rc == WEFT_OK ? rc : onnx_refuse(im, node, rc, "its constant cannot be stored");
}

int onnx_append(onnx_import *im, const Onnx__NodeProto *node, weft_op op, const void *attr,
                uint32_t rank, const uint32_t *dims, uint32_t *at)
{
    weft_graph *g = im->graph;
    const weft_tensor *from = &g->tensors[*at];
    weft_tensor_desc d = { .name = from->name, .dtype = from->dtype, .rank = rank };
    uint32_t to;
    d.quant = from->quant;
    memcpy(d.dims, dims, rank * sizeof *dims);
    int rc = weft_graph_add_tensor(g, &d, &to);
    if (rc != WEFT_OK)
        return onnx_refuse(im, node, rc == WEFT_ERR_ARG ? WEFT_ERR_UNSUPPORTED : rc,
                           "its result is empty or too large");
    rc = onnx_add_unary(im, node, op, attr, *at, to);
    if (rc == WEFT_OK)
        *at = to;
    return rc;
}

/* --- moving --- */

/* Do two axis orders give the same row-major data?  Axes of length 1 do not matter. */
static int same_order(uint32_t rank, const uint32_t *dims, const uint32_t *a, const uint32_t *b)
{
    uint32_t i = 0, k = 0;
    for (;;) {
        while (i < rank && dims[a[i]] == 1)
            i++;
        while (k < rank && dims[b[k]] == 1)
            k++;
        if (i == rank || k == rank)
            return i == rank && k == rank;
        if (a[i++] != b[k++])
            return 0;
    }
}

/* A TRANSPOSE (perm given) or RESHAPE of tensor *at to these dims. */
static int append_move(onnx_import *im, const Onnx__NodeProto *node, uint32_t rank,
                       const uint32_t *dims, const uint32_t *perm, uint32_t *at)
{
    weft_transpose attr = { { 0 } };
    if (perm)
        memcpy(attr.perm, perm, rank * sizeof *perm);
    return onnx_append(im, node, perm ? WEFT_OP_TRANSPOSE : WEFT_OP_RESHAPE, &attr, rank, dims, at);
}

static int reshape_to(onnx_import *im, const Onnx__NodeProto *node, uint32_t rank,
                      const uint32_t *dims, uint32_t *at)
{
    const weft_tensor *t = &im->graph->tensors[*at];
    if (t->rank == rank && memcmp(t->dims, dims, rank * sizeof *dims) == 0)
        return WEFT_OK;
    return append_move(im, node, rank, dims, NULL, at);
}

/* From axis order have to want, both over dims. */
static int reorder(onnx_import *im, const Onnx__NodeProto *node, uint32_t rank,
                   const uint32_t *dims, const uint32_t *have, const uint32_t *want, uint32_t *at)
{
    uint32_t to[WEFT_MAX_RANK], perm[WEFT_MAX_RANK], from[WEFT_MAX_RANK];
    for (uint32_t i = 0; i < rank; i++) {
        to[i] = dims[want[i]];
        from[i] = dims[have[i]];
        for (uint32_t k = 0; k < rank; k++)
            if (have[k] == want[i])
                perm[i] = k;
    }
    if (same_order(rank, dims, have, want))
        return reshape_to(im, node, rank, to, at);
    int rc = reshape_to(im, node, rank, from, at);
    return rc == WEFT_OK ? append_move(im, node, rank, to, perm, at) : rc;
}

int onnx_arrange(onnx_import *im, const Onnx__NodeProto *node, onnx_value *v, const uint32_t *want)
{
    onnx_layout l = v->layout;
    uint32_t at = v->tensor;
    int rc = WEFT_OK;
    if (!want)
        want = as_is;
    if (l.rank != v->rank || memcmp(l.dims, v->dims, l.rank * sizeof *l.dims) != 0) {
        if (!same_order(l.rank, l.dims, l.perm, as_is))
            rc = reorder(im, node, l.rank, l.dims, l.perm, as_is, &at);
        l = onnx_layout_of(v->rank, v->dims, NULL);
    }
    if (rc == WEFT_OK)
        rc = reorder(im, node, v->rank, v->dims, l.perm, want, &at);
    if (rc != WEFT_OK)
        return rc;
    v->tensor = at;
    v->layout = onnx_layout_of(v->rank, v->dims, want);
    return WEFT_OK;
}
