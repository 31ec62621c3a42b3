/* Values of the ONNX graph as the importer sees them: finding, describing and refusing them. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "onnx_ops.h"

const uint32_t onnx_nhwc[4] = { 0, 2, 3, 1 };
const uint32_t onnx_as_is[WEFT_MAX_RANK] = { 0, 1, 2, 3, 4, 5 };

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
    memcpy(l.perm, perm ? perm : onnx_as_is, rank * sizeof *l.perm);
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

int32_t onnx_zero_point(const onnx_scale *s)
{
    return s->quant.zero_point[0] - (s->dtype == WEFT_UINT8 ? 128 : 0);
}

int onnx_add_quant_tensor(onnx_import *im, const char *name, const onnx_layout *layout,
                          const onnx_scale *scale, uint32_t *out)
{
    weft_tensor_desc d = { .name = name, .dtype = WEFT_INT8, .rank = layout->rank };
    const int32_t zp = onnx_zero_point(scale);
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
