/* The way from ONNX bytes to a checked graph: unpack, inputs, nodes, outputs, check.
 *
 * Costs the file, unpacked once, and its weights once in the graph. */
#include "onnx.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onnx_file.h"
#include "onnx_ops.h"

static const uint32_t same_order[WEFT_MAX_RANK] = { 0, 1, 2, 3, 4, 5 };

/* --- inputs --- */

static int refuse_port(onnx_import *im, const Onnx__ValueInfoProto *info, int status,
                       const char *what)
{
    refusals_say(im->refused, im->err, status, "input or output", info->name ? info->name : "",
                 "%s", what);
    im->refused->rule = what;
    return status;
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
    case ONNX__TENSOR_PROTO__DATA_TYPE__BOOL: p->dtype = WEFT_INT8; break; /* 0 or 1 */
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT32: p->dtype = WEFT_INT32; break;
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT64: p->dtype = WEFT_INT64; break;
    default:
        return refuse_port(im, info, WEFT_ERR_UNSUPPORTED,
                           "is not float32, int8, uint8, int32, int64 or bool");
    }
    p->name = info->name;
    const Onnx__TensorShapeProto *s = t->tensor_type->shape;
    p->rank = s ? (uint32_t)s->n_dim : WEFT_NONE;
    if (s && s->n_dim > WEFT_MAX_RANK)
        return refuse_port(im, info, WEFT_ERR_UNSUPPORTED, "has more than 6 dimensions");
    for (uint32_t i = 0; s && i < p->rank; i++) {
        const int64_t d = onnx_port_size(info, i, im->options);
        if (d < 0 || d > (int64_t)WEFT_MAX_ELEMENTS)
            return refuse_port(im, info, WEFT_ERR_UNSUPPORTED,
                               d < 0 ? "has another size than --bind says"
                                     : "has a dimension out of range");
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
    size_t sizes[WEFT_MAX_RANK];
    int said = 1;
    for (uint32_t i = 0; i < p->rank; i++) {
        sizes[i] = p->dims[i];
        said &= p->dims[i] != 0;
    }
    if (!said)
        return onnx_refuse_unsaid(info, sizes, im->err);
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

/* Where a node has the scale of its input `name`, or 0: it does not have one. */
static size_t scale_at(const Onnx__NodeProto *n, const char *name)
{
    const int reads = !strcmp(n->op_type, "DequantizeLinear") ||
                      !strncmp(n->op_type, "QLinear", 7) || !strcmp(n->op_type, "QGemm");
    for (size_t k = 0; reads && k + 1 < n->n_input; k++)
        if (!strcmp(n->input[k], name))
            return k + 1;
    return 0;
}

/* An int8 or uint8 input gets its scale from the operator that reads it, or reads what others only
 * move; 1 if nobody says any. */
static int input_scale(onnx_import *im, uint32_t name, const Onnx__ValueInfoProto *info,
                       onnx_scale *out)
{
    static const float one = 1.0f;
    static const int32_t zero = 0;
    *out = (onnx_scale){ .quant = { 1, 0, &one, &zero } };
    for (int steps = 0; steps < 16 && name != WEFT_NONE; steps++) {
        const uint32_t reader = im->names[name].first_consumer;
        const Onnx__NodeProto *n = reader == WEFT_NONE ? NULL : im->proto->node[reader];
        const size_t at = n ? scale_at(n, im->names[name].name) : 0;
        if (n && !strcmp(n->op_type, "Cast"))
            return WEFT_OK; /* the numbers themselves */
        if (at) {
            int rc = onnx_scale_input(im, n, at, 0, out);
            return rc == WEFT_OK && out->quant.count != 1
                       ? refuse_port(im, info, WEFT_ERR_UNSUPPORTED, "has more than one scale")
                       : rc;
        }
        name = n && n->n_output ? onnx_find(im, n->output[0]) : WEFT_NONE;
    }
    return WEFT_OK;
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
    const int whole = p.dtype == WEFT_INT32 || p.dtype == WEFT_INT64;
    onnx_value v = { .kind = whole                     ? ONNX_INDEX
                             : p.dtype == WEFT_FLOAT32 ? ONNX_FLOAT
                                                       : ONNX_QUANT,
                     .rank = p.rank,
                     .dtype = p.dtype };
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
        weft_tensor_desc d = { .name = p.name,
                               .dtype = whole ? WEFT_INT32 : WEFT_FLOAT32,
                               .rank = p.rank };
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
        if (im->names[name].initializer)
            continue;
        rc = add_input(im, info, name);
        if (rc == WEFT_OK)
            continue;
        im->values[name] =
            (onnx_value){ .kind = ONNX_REFUSED, .rank = WEFT_NONE, .tensor = WEFT_NONE };
        rc = refusals_add(im->refused, rc, im->err, "input or output", info->name);
    }
    for (size_t i = 0; i < im->proto->n_input && rc == WEFT_OK; i++)
        rc = onnx_settle(im, im->proto->input[i]->name);
    return rc;
}

/* --- outputs --- */

static int check_output_type(onnx_import *im, const Onnx__ValueInfoProto *info, const onnx_value *v)
{
    weft_port declared = { .tensor = WEFT_NONE };
    int rc = port_type(im, info, &declared);
    if (rc != WEFT_OK)
        return rc;
    const weft_dtype computed = v->kind == ONNX_QUANT ? v->dtype
                                : v->kind == ONNX_INDEX
                                    ? (v->dtype == WEFT_INT32 ? WEFT_INT32 : WEFT_INT64)
                                    : WEFT_FLOAT32;
    if (declared.dtype != computed)
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

static int make_output(onnx_import *im, const Onnx__ValueInfoProto *info)
{
    onnx_value v = im->values[onnx_find(im, info->name)];
    if (v.kind == ONNX_REFUSED)
        return WEFT_OK;
    if (v.kind == ONNX_WIDE)
        return refuse_port(im, info, WEFT_ERR_UNSUPPORTED, "has more than 6 dimensions");
    if (v.tensor == WEFT_NONE)
        return refuse_port(im, info, WEFT_ERR_UNSUPPORTED, "is a constant");
    int rc = check_output_type(im, info, &v);
    if (rc != WEFT_OK)
        return rc;
    const Onnx__NodeProto named = { .op_type = (char *)(uintptr_t) "output",
                                    .name = info->name,
                                    .n_output = 1,
                                    .output = (char **)(uintptr_t)&info->name };
    if (v.layout.rank != v.rank || memcmp(v.layout.dims, v.dims, v.rank * sizeof *v.dims) != 0)
        rc = onnx_arrange(im, &named, &v, NULL);
    if (rc == WEFT_OK && v.kind == ONNX_REAL && v.real)
        rc = onnx_to_real(im, &named, &v);
    else if (rc == WEFT_OK && v.kind == ONNX_REAL)
        rc = onnx_to_float(im, info->name, &v);
    if (rc != WEFT_OK)
        return rc;
    weft_port p = { .name = info->name,
                    .dtype = v.kind == ONNX_QUANT ? v.dtype
                             : v.kind == ONNX_INDEX
                                 ? (v.dtype == WEFT_INT32 ? WEFT_INT32 : WEFT_INT64)
                                 : WEFT_FLOAT32,
                    .rank = v.rank,
                    .tensor = v.tensor };
    memcpy(p.dims, v.dims, sizeof p.dims);
    memcpy(p.perm, v.layout.perm, sizeof p.perm);
    rc = weft_graph_add_output(im->graph, &p);
    return rc == WEFT_OK ? rc : refuse_port(im, info, rc, "cannot be made");
}

static int add_output(onnx_import *im, const Onnx__ValueInfoProto *info)
{
    const int rc = make_output(im, info);
    return rc == WEFT_OK ? rc
                         : refusals_add(im->refused, rc, im->err, "input or output", info->name);
}

/* --- all --- */

static int import_graph(onnx_import *im)
{
    int rc = onnx_name_all(im);
    if (rc == WEFT_OK)
        rc = add_inputs(im);
    for (uint32_t i = 0; i < im->order_count && rc == WEFT_OK; i++)
        rc = onnx_dispatch(im, im->proto->node[im->order[i]]);
    for (size_t i = 0; i < im->proto->n_output && rc == WEFT_OK; i++)
        rc = add_output(im, im->proto->output[i]);
    if (rc == WEFT_OK && !im->refused->used)
        rc = weft_graph_check(im->graph, im->err);
    return rc;
}

/* Folding may make a multiple of what the file holds. */
static uint64_t fold_limit(const Onnx__GraphProto *g)
{
    uint64_t limit = 1 << 20;
    for (size_t i = 0; i < g->n_initializer; i++) {
        const Onnx__TensorProto *t = g->initializer[i];
        limit += 8 * (t->raw_data.len + t->n_float_data + t->n_int32_data + t->n_int64_data +
                      t->n_double_data + t->n_uint64_data);
    }
    return limit < EVAL_ELEMENTS ? limit : EVAL_ELEMENTS;
}

static int import_file(const onnx_file *file, const weft_onnx_options *options, weft_graph **out,
                       weft_error *err)
{
    weft_error unheard = { 0 };
    refusals refused = { .listener = options ? options->listener : NULL };
    onnx_import im = { .proto = file->model->graph,
                       .err = err ? err : &unheard,
                       .refused = &refused,
                       .options = options,
                       .opset = file->opset,
                       .fold_left = fold_limit(file->model->graph) };
    if (file->opset < ONNX_OPSET_MIN || file->opset > ONNX_OPSET_MAX)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                              "opset %d is not supported; export with opset %d to %d",
                              (int)file->opset, ONNX_OPSET_MIN, ONNX_OPSET_MAX);
    int rc = onnx_check_binds(file->model->graph, options, im.err);
    if (rc != WEFT_OK)
        return rc;
    rc = weft_graph_new(&im.graph);
    if (rc != WEFT_OK)
        return weft_error_set(err, rc, "no memory for a graph");
    rc = onnx_inline(&im, file->model);
    if (rc == WEFT_OK)
        rc = refusals_end(&refused, import_graph(&im), im.graph, im.err);
    if (rc == WEFT_OK) {
        im.graph->source = onnx_source_of(file, options);
        *out = im.graph;
    } else {
        weft_graph_free(im.graph);
    }
    free(im.names);
    free(im.values);
    free(im.order);
    free(im.reads);
    return rc;
}

int weft_onnx_import(const void *bytes, size_t byte_count, const weft_onnx_options *options,
                     weft_graph **out, weft_error *err)
{
    onnx_file file;
    int rc = onnx_file_parse(bytes, byte_count, &file, err);
    if (rc == WEFT_OK)
        rc = import_file(&file, options, out, err);
    onnx_file_close(&file);
    return rc;
}

int weft_onnx_read(const char *path, const weft_onnx_options *options, weft_graph **out,
                   weft_error *err)
{
    onnx_file file;
    int rc = onnx_file_open(path, &file, err);
    if (rc == WEFT_OK)
        rc = import_file(&file, options, out, err);
    if (rc == WEFT_OK)
        weft_source_name(&(*out)->source, path);
    onnx_file_close(&file);
    return rc;
}
