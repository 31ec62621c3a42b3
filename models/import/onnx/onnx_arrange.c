/* Moving the data of a value into another order: TRANSPOSE and RESHAPE nodes where they are needed. */
#include <string.h>

#include "onnx_import.h"

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
        want = onnx_as_is;
    if (l.rank != v->rank || memcmp(l.dims, v->dims, l.rank * sizeof *l.dims) != 0) {
        if (!same_order(l.rank, l.dims, l.perm, onnx_as_is))
            rc = reorder(im, node, l.rank, l.dims, l.perm, onnx_as_is, &at);
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
