/* The way from ONNX bytes to a checked graph: scan, unpack, inputs, nodes, outputs, check.
 *
 * Costs the file once in memory, unpacked once more, and its weights once in the graph. */
#include "onnx.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onnx_import.h"

enum { OPSET_MIN = 7, OPSET_MAX = 22 };

static const uint32_t same_order[WEFT_MAX_RANK] = { 0, 1, 2, 3, 4, 5 };

/* --- header
 * --------------------------------------------------------------------------------------- */

static int check_header(const Onnx__ModelProto *m, int64_t *opset, weft_error *err)
{
    if (!m->graph || m->graph->n_node == 0)
        return weft_error_set(err, WEFT_ERR_FORMAT,
                              "no network inside: not an ONNX model, or cut short");
    *opset = 0;
    for (size_t i = 0; i < m->n_opset_import; i++) {
        const char *domain = m->opset_import[i]->domain ? m->opset_import[i]->domain : "";
        if (!*domain || strcmp(domain, "ai.onnx") == 0)
            *opset = m->opset_import[i]->version;
    }
    if (*opset == 0)
        return weft_error_set(err, WEFT_ERR_FORMAT,
                              "the model names no ai.onnx opset; it may be cut short");
    if (*opset < OPSET_MIN || *opset > OPSET_MAX)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                              "opset %" PRId64 " is not supported; export with opset %d to %d",
                              *opset, OPSET_MIN, OPSET_MAX);
    if (m->graph->n_sparse_initializer)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED, "sparse constants are not supported");
    return WEFT_OK;
}

/* --- inputs
 * --------------------------------------------------------------------------------------- */

static int refuse_port(onnx_import *im, const Onnx__ValueInfoProto *info, int status,
                       const char *what)
{
    return weft_error_set(im->err, status, "the input or output \"%.100s\" %s",
                          info->name ? info->name : "", what);
}

/* Type and shape of a port; a symbolic size is 0. */
static int port_type(onnx_import *im, const Onnx__ValueInfoProto *info, weft_port *p)
{
    const Onnx__TypeProto *t = info->type;
    if (!t || t->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !t->tensor_type)
        return refuse_port(im, info, WEFT_ERR_UNSUPPORTED, "is not a tensor");
    switch (t->tensor_type->elem_type) {
    case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT: p->dtype = WEFT_FLOAT32; break;
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT8: p->dtype = WEFT_INT8; break;
    case ONNX__TENSOR_PROTO__DATA_TYPE__UINT8: p->dtype = WEFT_UINT8; break;
    default: return refuse_port(im, info, WEFT_ERR_UNSUPPORTED, "is not float32, int8 or uint8");
    }
    p->name = info->name;
    const Onnx__TensorShapeProto *s = t->tensor_type->shape;
    p->rank = s ? (uint32_t)s->n_dim : WEFT_NONE;
    if (s && s->n_dim > WEFT_MAX_RANK)
        return refuse_port(im, info, WEFT_ERR_UNSUPPORTED, "has more than 6 dimensions");
    for (uint32_t i = 0; s && i < p->rank; i++) {
        int64_t d = 0;
        if (s->dim[i]->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE)
            d = s->dim[i]->dim_value;
        if (d < 0 || d > (int64_t)WEFT_MAX_ELEMENTS)
            return refuse_port(im, info, WEFT_ERR_UNSUPPORTED, "has a dimension out of range");
        p->dims[i] = (uint32_t)d;
    }
    return WEFT_OK;
}

static int bind_input_shape(onnx_import *im, const Onnx__ValueInfoProto *info, weft_port *p)
{
    if (p->rank == WEFT_NONE)
        return refuse_port(im, info, WEFT_ERR_UNSUPPORTED, "has no shape; export with fixed sizes");
    if (p->rank > 0 && p->dims[0] == 0)
        p->dims[0] = 1;
    for (uint32_t i = 0; i < p->rank; i++)
        if (p->dims[i] == 0)
            return refuse_port(im, info, WEFT_ERR_UNSUPPORTED,
                               "has a symbolic size other than the batch; export with fixed sizes");
    if (p->rank > 1 && p->dims[0] != 1)
        return refuse_port(im, info, WEFT_ERR_UNSUPPORTED,
                           "has a batch above 1; export with batch 1 or a symbolic one");
    return WEFT_OK;
}

/* The order in which the first operator that cares wants the axes of an input: look through
 * Transpose and Q/DQ to a convolution or pool, which want NHWC.  So the host brings the data in
 * once, and no TRANSPOSE is needed on the device. */
static void input_order(const onnx_import *im, uint32_t name, uint32_t rank, uint32_t *order)
{
    uint32_t axes[WEFT_MAX_RANK]; /* axis i of the current value is axis axes[i] of the input */
    memcpy(axes, same_order, sizeof axes);
    memcpy(order, same_order, sizeof axes);
    for (int steps = 0; rank == 4 && steps < 16; steps++) {
        uint32_t reader = name == WEFT_NONE ? WEFT_NONE : im->names[name].first_consumer;
        if (reader == WEFT_NONE)
            return;
        const Onnx__NodeProto *n = im->proto->node[reader];
        if (strcmp(n->op_type, "Conv") == 0 || strcmp(n->op_type, "QLinearConv") == 0 ||
            strstr(n->op_type, "Pool")) {
            for (uint32_t i = 0; i < 4; i++)
                order[i] = axes[onnx_nhwc[i]];
            return;
        }
        if (strcmp(n->op_type, "Transpose") == 0) {
            const Onnx__AttributeProto *perm = onnx_attr(n, "perm");
            uint32_t before[WEFT_MAX_RANK];
            memcpy(before, axes, sizeof before);
            for (uint32_t i = 0; perm && i < 4 && perm->n_ints == 4; i++)
                axes[i] = before[perm->ints[i] & 3]; /* a bad perm is refused later */
        } else if (!strstr(n->op_type, "quantizeLinear") && !strstr(n->op_type, "QuantizeLinear")) {
            return;
        }
        name = n->n_output ? onnx_find(im, n->output[0]) : WEFT_NONE;
    }
}

/* An int8 or uint8 input gets its scale from the operator that reads it. */
static int input_scale(onnx_import *im, uint32_t name, const Onnx__ValueInfoProto *info,
                       onnx_scale *out)
{
    uint32_t reader = im->names[name].first_consumer;
    const Onnx__NodeProto *n = reader == WEFT_NONE ? NULL : im->proto->node[reader];
    if (!n || n->n_input < 2 || strcmp(n->input[0], info->name) != 0 ||
        (strcmp(n->op_type, "DequantizeLinear") != 0 && strcmp(n->op_type, "QLinearConv") != 0))
        return refuse_port(
            im, info, WEFT_ERR_UNSUPPORTED,
            "is int8 or uint8, but no DequantizeLinear or QLinearConv gives its scale");
    int rc = onnx_scale_input(im, n, 1, 0, out);
    if (rc == WEFT_OK && out->quant.count != 1)
        return refuse_port(im, info, WEFT_ERR_UNSUPPORTED, "has more than one scale");
    return rc;
}

static int add_input(onnx_import *im, const Onnx__ValueInfoProto *info, uint32_t name)
{
    weft_port p = { .tensor = WEFT_NONE };
    int rc = port_type(im, info, &p);
    if (rc == WEFT_OK)
        rc = bind_input_shape(im, info, &p);
    if (rc != WEFT_OK)
        return rc;
    input_order(im, name, p.rank, p.perm);
    onnx_value v = { .kind = p.dtype == WEFT_FLOAT32 ? ONNX_FLOAT : ONNX_QUANT,
                     .rank = p.rank,
                     .dtype = p.dtype,
                     .lo = -INFINITY,
                     .hi = INFINITY };
    memcpy(v.dims, p.dims, sizeof v.dims);
    for (uint32_t i = 0, seen = 0; i < p.rank; seen |= 1u << p.perm[i++])
        if (seen & 1u << p.perm[i]) /* from a bad Transpose */
            memcpy(p.perm, same_order, sizeof p.perm);
    v.layout = onnx_layout_of(p.rank, p.dims, p.perm);
    if (v.kind == ONNX_QUANT) {
        onnx_scale scale;
        rc = input_scale(im, name, info, &scale);
        scale.dtype = p.dtype;
        if (rc == WEFT_OK)
            rc = onnx_add_quant_tensor(im, p.name, &v.layout, &scale, &p.tensor);
    } else {
        weft_tensor_desc d = { .name = p.name, .dtype = WEFT_FLOAT32, .rank = p.rank };
        for (uint32_t i = 0; i < p.rank; i++)
            d.dims[i] = p.dims[p.perm[i]];
        rc = weft_graph_add_tensor(im->graph, &d, &p.tensor);
        if (rc != WEFT_OK)
            return refuse_port(im, info, rc == WEFT_ERR_ARG ? WEFT_ERR_UNSUPPORTED : rc,
                               "has more than 2^28 elements");
    }
    if (rc != WEFT_OK)
        return rc;
    v.tensor = p.tensor;
    im->values[name] = v;
    rc = weft_graph_add_input(im->graph, &p);
    return rc == WEFT_OK ? rc : refuse_port(im, info, rc, "cannot be made");
}

static int add_inputs(onnx_import *im)
{
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < im->name_count; i++)
        if (im->names[i].initializer)
            im->values[i] = (onnx_value){ .kind = ONNX_CONST,
                                          .tensor = WEFT_NONE,
                                          .source = im->names[i].initializer };
    for (size_t i = 0; i < im->proto->n_input && rc == WEFT_OK; i++) {
        const Onnx__ValueInfoProto *info = im->proto->input[i];
        uint32_t name = info->name ? onnx_find(im, info->name) : WEFT_NONE;
        if (name == WEFT_NONE)
            return weft_error_set(im->err, WEFT_ERR_FORMAT, "input %zu has no name", i);
        if (!im->names[name].initializer)
            rc = add_input(im, info, name);
    }
    return rc;
}

/* --- outputs
 * -------------------------------------------------------------------------------------- */

static int check_output_type(onnx_import *im, const Onnx__ValueInfoProto *info, const onnx_value *v)
{
    weft_port declared = { .tensor = WEFT_NONE };
    int rc = port_type(im, info, &declared);
    if (rc != WEFT_OK)
        return rc;
    if (declared.dtype != (v->kind == ONNX_QUANT ? v->dtype : WEFT_FLOAT32))
        return refuse_port(im, info, WEFT_ERR_SHAPE, "is declared with another type than computed");
    if (declared.rank == WEFT_NONE)
        return WEFT_OK;
    int fits = declared.rank == v->rank;
    for (uint32_t i = 0; i < v->rank && fits; i++)
        fits = declared.dims[i] == 0 || declared.dims[i] == v->dims[i];
    return fits ? WEFT_OK
                : refuse_port(im, info, WEFT_ERR_SHAPE,
                              "is declared with another shape than computed");
}

static int add_output(onnx_import *im, const Onnx__ValueInfoProto *info)
{
    onnx_value v = im->values[onnx_find(im, info->name)];
    if (v.kind == ONNX_PENDING)
        return refuse_port(im, info, WEFT_ERR_UNSUPPORTED,
                           "is the float result of an operator; end it with QuantizeLinear and "
                           "DequantizeLinear");
    if (v.tensor == WEFT_NONE || (v.kind == ONNX_REAL && (!isinf(v.lo) || !isinf(v.hi))))
        return refuse_port(im, info, WEFT_ERR_UNSUPPORTED,
                           "is a constant, or a Relu or Clip without QuantizeLinear");
    int rc = check_output_type(im, info, &v);
    if (rc != WEFT_OK)
        return rc;
    const Onnx__NodeProto named = { .op_type = (char *)(uintptr_t) "output", .name = info->name };
    if (v.layout.rank != v.rank || memcmp(v.layout.dims, v.dims, v.rank * sizeof *v.dims) != 0)
        rc = onnx_arrange(im, &named, &v, NULL);
    if (rc == WEFT_OK && v.kind == ONNX_REAL)
        rc = onnx_to_float(im, info->name, &v);
    if (rc != WEFT_OK)
        return rc;
    weft_port p = { .name = info->name,
                    .dtype = v.kind == ONNX_QUANT ? v.dtype : WEFT_FLOAT32,
                    .rank = v.rank,
                    .tensor = v.tensor };
    memcpy(p.dims, v.dims, sizeof p.dims);
    memcpy(p.perm, v.layout.perm, sizeof p.perm);
    rc = weft_graph_add_output(im->graph, &p);
    return rc == WEFT_OK ? rc : refuse_port(im, info, rc, "cannot be made");
}

/* --- all
 * ------------------------------------------------------------------------------------------ */

static int import_graph(onnx_import *im)
{
    int rc = onnx_name_all(im);
    if (rc == WEFT_OK)
        rc = add_inputs(im);
    for (uint32_t i = 0; i < im->order_count && rc == WEFT_OK; i++)
        rc = onnx_dispatch(im, im->proto->node[im->order[i]]);
    for (size_t i = 0; i < im->proto->n_output && rc == WEFT_OK; i++)
        rc = add_output(im, im->proto->output[i]);
    if (rc == WEFT_OK)
        rc = weft_graph_check(im->graph, im->err);
    return rc;
}

int weft_onnx_import(const void *bytes, size_t byte_count, weft_graph **out, weft_error *err)
{
    int rc = onnx_scan(bytes, byte_count, err);
    if (rc != WEFT_OK)
        return rc;
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, byte_count, bytes);
    if (!model)
        return weft_error_set(err, WEFT_ERR_FORMAT,
                              "not an ONNX model: its parts have wrong types");
    onnx_import im = { .err = err };
    rc = check_header(model, &im.opset, err);
    if (rc == WEFT_OK) {
        im.proto = model->graph;
        rc = weft_graph_new(&im.graph);
        if (rc == WEFT_OK)
            rc = import_graph(&im);
        else
            weft_error_set(err, rc, "no memory for a graph");
    }
    if (rc == WEFT_OK)
        *out = im.graph;
    else
        weft_graph_free(im.graph);
    free(im.names);
    free(im.values);
    free(im.order);
    onnx__model_proto__free_unpacked(model, NULL);
    return rc;
}

static int read_file(FILE *file, const char *path, void **bytes, size_t *byte_count,
                     weft_error *err)
{
    long size = -1;
    if (fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    if (size < 0 || size > INT32_MAX || fseek(file, 0, SEEK_SET) != 0)
        return weft_error_set(err, WEFT_ERR_IO, "\"%.150s\" is not a file of at most 2 GiB", path);
    *bytes = malloc((size_t)size + 1);
    if (!*bytes)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for the %ld bytes of \"%.150s\"",
                              size, path);
    *byte_count = fread(*bytes, 1, (size_t)size, file);
    if (*byte_count != (size_t)size)
        return weft_error_set(err, WEFT_ERR_IO, "\"%.150s\" cannot be read to its end", path);
    return WEFT_OK;
}

int weft_onnx_read(const char *path, weft_graph **out, weft_error *err)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return weft_error_set(err, WEFT_ERR_IO, "\"%.150s\" cannot be opened", path);
    void *bytes = NULL;
    size_t byte_count = 0;
    int rc = read_file(file, path, &bytes, &byte_count, err);
    fclose(file);
    if (rc == WEFT_OK)
        rc = weft_onnx_import(bytes, byte_count, out, err);
    free(bytes);
    return rc;
}
