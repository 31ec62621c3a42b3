/* The quantised network as ONNX: QuantizeLinear and DequantizeLinear around every activation with a
 * scale, DequantizeLinear behind every quantised constant, all else as it is.
 *
 * Naming: value x is made as x (as x_real if x is an output of the network), is x_quantized in
 * between and read as x_dequantized (outputs: x); its scale is that of its group's first. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/quantize/export/onnx_writer.h"
#include "quant.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

typedef struct names {
    const char *made, *quantized, *read, *scale, *zero;
} names;

typedef struct writing {
    const quantizer *q;
    names *names;
    pb_writer graph;
    int failed;
} writing;

/* --- constants ---------------------------------------------------------------------------- */

static void put_array(writing *w, const char *name, int32_t type, const nd *shape, const void *data)
{
    onnx_tensor t = { .name = name, .type = (onnx_type)type, .rank = shape->rank, .data = data };
    for (uint32_t i = 0; i < shape->rank; i++)
        t.dims[i] = (int64_t)shape->dims[i];
    onnx_put_tensor(&w->graph, &t);
}

/* A constant as it is; floating types as float32, integers as int64 keeps them. */
static void put_plain(writing *w, const char *name, const nd *a)
{
    const int narrow = a->type == T(INT8) || a->type == T(UINT8) || a->type == T(BOOL);
    if (a->f) {
        put_array(w, name, ONNX_FLOAT, a, a->f);
    } else if (!narrow && a->type != T(INT32)) {
        put_array(w, name, ONNX_INT64, a, a->i);
    } else {
        const size_t bytes = narrow ? 1 : 4;
        uint8_t *copy = malloc(a->count * bytes + 1);
        for (size_t e = 0; copy && e < a->count; e++) {
            const int32_t wide = (int32_t)a->i[e];
            const uint8_t byte = (uint8_t)a->i[e];
            memcpy(copy + e * bytes, narrow ? (const void *)&byte : &wide, bytes);
        }
        if (copy)
            put_array(w, name, a->type, a, copy);
        w->failed |= !copy;
        free(copy);
    }
}

static void put_scales(writing *w, const names *n, int32_t type, const quant_value *v, int32_t zero)
{
    const nd shape = { .rank = v->count > 1, .dims = { v->count } };
    int32_t *zeros = calloc((size_t)v->count + 1, sizeof *zeros);
    const uint8_t byte = (uint8_t)zero;
    put_array(w, n->scale, ONNX_FLOAT, &shape, v->scale);
    if (zeros && zero)
        put_array(w, n->zero, type, &shape, &byte); /* one, of one byte */
    else if (zeros)
        put_array(w, n->zero, type, &shape, zeros);
    w->failed |= !zeros;
    free(zeros);
}

static void put_dequantize(writing *w, const names *n, const char *from, const quant_value *v,
                           const char *to)
{
    pb_writer axis = { 0 };
    if (v->count > 1)
        onnx_put_attribute(&axis, "axis", v->axis);
    onnx_put_node(&w->graph, &(onnx_node){ .op = "DequantizeLinear",
                                           .name = to,
                                           .inputs = { from, n->scale, n->zero },
                                           .output = to,
                                           .attributes = &axis });
}

static size_t scale_index(const nd *a, const quant_value *v, size_t e)
{
    size_t inner = 1;
    for (uint32_t i = v->axis + 1; i < a->rank; i++)
        inner *= a->dims[i];
    return v->count == 1 ? 0 : e / inner % v->count;
}

/* The integers the floats of a quantised constant stand for, and what makes floats of them again.
 */
static void put_quantized(writing *w, uint32_t id)
{
    const quant_value *v = &w->q->values[id];
    const nd *a = &w->q->net->values[id].array;
    const names *n = &w->names[id];
    const int bias = v->kind == QUANT_BIAS;
    const size_t bytes = bias ? 4 : 1;
    uint8_t *data = malloc(a->count * bytes + 1);
    for (size_t e = 0; data && e < a->count; e++) {
        const float scale = v->scale[scale_index(a, v, e)];
        const int32_t wide = bias ? (int32_t)rint((double)a->f[e] / (double)scale)
                                  : quant_int8(a->f[e], scale, v->zero);
        const int8_t byte = (int8_t)wide;
        memcpy(data + e * bytes, bias ? (const void *)&wide : &byte, bytes);
    }
    if (data)
        put_array(w, n->quantized, bias ? ONNX_INT32 : ONNX_INT8, a, data);
    put_scales(w, n, bias ? ONNX_INT32 : ONNX_INT8, v, v->zero);
    put_dequantize(w, n, n->quantized, v, n->read);
    w->failed |= !data;
    free(data);
}

static void put_constants(writing *w)
{
    const float_net *net = w->q->net;
    const int32_t type = w->q->options.is_uint8 ? ONNX_UINT8 : ONNX_INT8;
    for (uint32_t v = 0; v < net->value_count; v++) {
        const quant_value *value = &w->q->values[v];
        if (value->kind == QUANT_ACTIVATION && quant_root(w->q, v) == v)
            put_scales(w, &w->names[v], type, value,
                       value->zero + (w->q->options.is_uint8 ? 128 : 0));
        if (!net->values[v].constant || !net->values[v].readers)
            continue;
        if (value->kind == QUANT_NONE)
            put_plain(w, w->names[v].read, &net->values[v].array);
        else
            put_quantized(w, v);
    }
}

/* --- nodes and ports ---------------------------------------------------------------------- */

/* Behind a value with a scale: round, and back to float. */
static void put_pair(writing *w, uint32_t v)
{
    const uint32_t root = quant_root(w->q, v);
    const names *n = &w->names[v], *scale = &w->names[root];
    if (w->q->values[v].kind != QUANT_ACTIVATION)
        return;
    onnx_put_node(&w->graph, &(onnx_node){ .op = "QuantizeLinear",
                                           .name = n->quantized,
                                           .inputs = { n->made, scale->scale, scale->zero },
                                           .output = n->quantized });
    put_dequantize(w, scale, n->quantized, &w->q->values[root], n->read);
}

static void put_attributes(const Onnx__NodeProto *p, pb_writer *attributes, int *failed)
{
    enum { NODE_ATTRIBUTE = 5 };
    for (size_t i = 0; i < p->n_attribute; i++) {
        const size_t bytes = onnx__attribute_proto__get_packed_size(p->attribute[i]);
        uint8_t *packed = malloc(bytes + 1);
        if (packed)
            pb_put_bytes(attributes, NODE_ATTRIBUTE, packed,
                         onnx__attribute_proto__pack(p->attribute[i], packed));
        *failed |= !packed;
        free(packed);
    }
}

static void put_node(writing *w, const float_node *n)
{
    const char **in = calloc((size_t)n->in_count + 1, sizeof(const char *));
    const char **out = calloc((size_t)n->out_count + 1, sizeof(const char *));
    pb_writer attributes = { 0 };
    for (uint32_t k = 0; in && k < n->in_count; k++)
        in[k] = n->in[k] == FLOAT_NONE ? "" : w->names[n->in[k]].read;
    for (uint32_t k = 0; out && k < n->out_count; k++)
        out[k] = n->out[k] == FLOAT_NONE ? "" : w->names[n->out[k]].made;
    w->failed |= !in || !out;
    if (in && out) {
        put_attributes(n->proto, &attributes, &w->failed);
        onnx_put_node(&w->graph, &(onnx_node){ .op = n->proto->op_type,
                                               .name = out[0],
                                               .output = out[0],
                                               .attributes = &attributes,
                                               .more_inputs = in,
                                               .more_outputs = out + 1 });
    }
    for (uint32_t k = 0; out && k < n->out_count; k++)
        if (n->out[k] != FLOAT_NONE)
            put_pair(w, n->out[k]);
    free(in);
    free(out);
}

static onnx_value port_of(const writing *w, uint32_t v)
{
    const nd *shape = &w->q->net->values[v].shape;
    onnx_value p = { .name = w->q->net->values[v].name,
                     .rank = shape->rank,
                     .fixed = 1,
                     .type = nd_is_float(shape->type) ? ONNX_FLOAT : shape->type };
    for (uint32_t i = 0; i < shape->rank; i++)
        p.dims[i] = (int64_t)shape->dims[i];
    return p;
}

/* --- names -------------------------------------------------------------------------------- */

static int name_values(writing *w)
{
    float_net *net = w->q->net;
    int there = 1;
    w->names = calloc((size_t)net->value_count + 1, sizeof *w->names);
    for (uint32_t v = 0; w->names && there && v < net->value_count; v++) {
        const quant_kind kind = w->q->values[v].kind;
        const char *base = net->values[v].name;
        const int output = kind == QUANT_ACTIVATION && float_is_output(net, v) &&
                           float_producer(net, v) != FLOAT_NONE;
        names n = { base, base, base, base, base };
        if (output)
            n.made = float_unique_name(net, base, "real");
        if (kind == QUANT_ACTIVATION && !output)
            n.read = float_unique_name(net, base, "dequantized");
        if (kind != QUANT_NONE) {
            n.quantized = float_unique_name(net, base, "quantized");
            n.scale = float_unique_name(net, base, "scale");
            n.zero = float_unique_name(net, base, "zero_point");
        }
        w->names[v] = n;
        there = n.made && n.quantized && n.read && n.scale && n.zero;
    }
    return w->names && there;
}

static void put_graph(writing *w)
{
    const float_net *net = w->q->net;
    onnx_put_name(&w->graph, "quantised by weft");
    for (uint32_t i = 0; i < net->input_count; i++)
        if (net->values[net->inputs[i].value].readers) {
            const onnx_value p = port_of(w, net->inputs[i].value);
            onnx_put_input(&w->graph, &p);
        }
    for (uint32_t i = 0; i < net->output_count; i++) {
        const onnx_value p = port_of(w, net->outputs[i]);
        onnx_put_output(&w->graph, &p);
    }
    put_constants(w);
    for (uint32_t i = 0; i < net->input_count; i++)
        put_pair(w, net->inputs[i].value);
    for (uint32_t i = 0; i < net->node_count; i++)
        if (!net->nodes[i].dead)
            put_node(w, &net->nodes[i]);
}

int weft_quantize_write(const quantizer *q, uint8_t **out, size_t *byte_count, weft_error *err)
{
    static const char *const methods[] = { "least and greatest value", "percentile",
                                           "least squared error" };
    const onnx_about about = { .producer = "weft quantize",
                               .key = "calibration",
                               .note = methods[q->options.method],
                               .opset = q->net->opset };
    writing w = { .q = q };
    pb_writer model = { 0 };
    w.failed = !name_values(&w);
    if (!w.failed)
        put_graph(&w);
    onnx_put_model(&model, &about, &w.graph);
    free(w.names);
    if (w.failed || model.failed) {
        pb_free(&model);
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for the quantised model");
    }
    *out = model.at;
    *byte_count = model.bytes;
    return WEFT_OK;
}
