/* Float networks; the contract is in float_net.h. */
#include "float_net.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/onnx/onnx_import.h"

typedef struct float_memory {
    struct float_memory *next;
    max_align_t bytes[];
} float_memory;

void *float_alloc(float_net *net, size_t bytes)
{
    float_memory *m = bytes < SIZE_MAX / 2 ? calloc(1, sizeof *m + bytes) : NULL;
    if (!m)
        return NULL;
    m->next = net->memory;
    net->memory = m;
    return m->bytes;
}

static int no_memory(weft_error *err)
{
    return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for the float network");
}

/* --- building --- */

enum { LISTED_OPERATORS = 8 };

/* All operators that cannot be run, with their counts; the first few kinds by name. */
static int check_operators(const float_net *net, weft_error *err)
{
    const char *type[LISTED_OPERATORS];
    unsigned count[LISTED_OPERATORS], kinds = 0;
    char list[200] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < net->node_count; i++) {
        unsigned k = 0;
        if (eval_knows(net->nodes[i].proto))
            continue;
        while (k < kinds && strcmp(type[k], net->nodes[i].proto->op_type) != 0)
            k++;
        if (k == kinds && kinds < LISTED_OPERATORS) {
            type[kinds] = net->nodes[i].proto->op_type;
            count[kinds++] = 0;
        }
        if (k < kinds)
            count[k]++;
    }
    for (unsigned k = 0; k < kinds && used < sizeof list; k++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%u %.30s", used ? ", " : "",
                                 count[k], type[k]);
    return kinds ? weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                                  "these operators of the model are not supported: %s", list)
                 : WEFT_OK;
}

static int read_port(const Onnx__ValueInfoProto *info, const weft_onnx_options *options,
                     float_port *p, weft_error *err)
{
    const Onnx__TypeProto *t = info->type;
    if (!t || t->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !t->tensor_type)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED, "the input \"%.100s\" is not a tensor",
                              info->name);
    const Onnx__TensorShapeProto *s = t->tensor_type->shape;
    p->type = t->tensor_type->elem_type;
    p->info = info;
    p->rank = s ? (uint32_t)s->n_dim : 0;
    if (s && s->n_dim > ND_MAX_RANK)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                              "the input \"%.100s\" has more than %d dimensions", info->name,
                              ND_MAX_RANK);
    for (uint32_t i = 0; i < p->rank; i++) {
        const int64_t d = onnx_port_size(info, i, options);
        if (d < 0 || d > (int64_t)EVAL_ELEMENTS)
            return weft_error_set(err, WEFT_ERR_FORMAT, "the input \"%.100s\" has %s", info->name,
                                  d < 0 ? "another size than --bind says"
                                        : "a dimension out of range");
        p->dims[i] = d == 0 && i == 0 ? 1 : (size_t)d;
    }
    return WEFT_OK;
}

static int add_values(float_net *net, const onnx_import *im, weft_error *err)
{
    eval_run run = { .err = err, .left = net->elements };
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < im->name_count; i++)
        net->values[i].name = im->names[i].name;
    for (uint32_t i = 0; i < im->name_count && rc == WEFT_OK; i++)
        if (im->names[i].initializer && net->values[i].readers) {
            rc = nd_decode(&run, im->names[i].initializer, &net->values[i].array);
            net->values[i].constant = 1;
        }
    net->elements = run.left;
    return rc;
}

static uint32_t *value_list(float_net *net, const onnx_import *im, char *const *names, size_t count)
{
    uint32_t *list = float_alloc(net, (count + 1) * sizeof *list);
    for (size_t i = 0; list && i < count; i++)
        list[i] = *names[i] ? onnx_find(im, names[i]) : FLOAT_NONE;
    return list;
}

static int add_nodes(float_net *net, const onnx_import *im, weft_error *err)
{
    for (uint32_t i = 0; i < im->order_count; i++) {
        Onnx__NodeProto *proto = im->proto->node[im->order[i]];
        float_node *n = &net->nodes[i];
        *n = (float_node){ .proto = proto,
                           .in_count = (uint32_t)proto->n_input,
                           .out_count = (uint32_t)proto->n_output,
                           .in = value_list(net, im, proto->input, proto->n_input),
                           .out = value_list(net, im, proto->output, proto->n_output) };
        if (!n->in || !n->out)
            return no_memory(err);
        for (uint32_t k = 0; k < n->in_count; k++)
            if (n->in[k] != FLOAT_NONE)
                net->values[n->in[k]].readers++;
    }
    net->node_count = im->order_count;
    return check_operators(net, err);
}

static int add_ports(float_net *net, const onnx_import *im, weft_error *err)
{
    const Onnx__GraphProto *g = im->proto;
    int rc = WEFT_OK;
    for (size_t i = 0; i < g->n_input && rc == WEFT_OK; i++) {
        const uint32_t v = g->input[i]->name ? onnx_find(im, g->input[i]->name) : FLOAT_NONE;
        if (v == FLOAT_NONE)
            return weft_error_set(err, WEFT_ERR_FORMAT, "input %zu has no name", i);
        if (im->names[v].initializer)
            continue;
        rc = read_port(g->input[i], im->options, &net->inputs[net->input_count], err);
        net->inputs[net->input_count++].value = v;
    }
    for (size_t i = 0; i < g->n_output && rc == WEFT_OK; i++) {
        net->outputs[i] = onnx_find(im, g->output[i]->name ? g->output[i]->name : "");
        if (net->outputs[i] == FLOAT_NONE)
            return weft_error_set(err, WEFT_ERR_FORMAT, "output %zu is computed by nothing", i);
        net->values[net->outputs[i]].readers++;
    }
    net->output_count = (uint32_t)g->n_output;
    return rc;
}

static int build(float_net *net, onnx_import *im, weft_error *err)
{
    int rc = onnx_name_all(im);
    if (rc != WEFT_OK)
        return rc;
    net->value_count = im->name_count;
    net->value_room = im->name_count + 1;
    net->node_room = im->order_count + 1;
    net->values = calloc(net->value_room, sizeof *net->values);
    net->nodes = calloc(net->node_room, sizeof *net->nodes);
    net->inputs = float_alloc(net, (im->proto->n_input + 1) * sizeof *net->inputs);
    net->outputs = float_alloc(net, (im->proto->n_output + 1) * sizeof *net->outputs);
    if (!net->values || !net->nodes || !net->inputs || !net->outputs)
        return no_memory(err);
    rc = add_nodes(net, im, err);
    if (rc == WEFT_OK)
        rc = add_ports(net, im, err);
    return rc == WEFT_OK ? add_values(net, im, err) : rc;
}

int float_net_new_within(const onnx_file *file, const weft_onnx_options *options, uint64_t elements,
                         float_net **out, weft_error *err)
{
    onnx_import im = {
        .proto = file->model->graph, .err = err, .options = options, .opset = file->opset
    };
    float_net *net = calloc(1, sizeof *net);
    if (!net)
        return no_memory(err);
    net->opset = file->opset;
    net->elements = elements;
    net->work = FLOAT_WORK;
    int rc = onnx_check_binds(im.proto, options, err);
    if (rc == WEFT_OK)
        rc = build(net, &im, err);
    free(im.names);
    free(im.values);
    free(im.order);
    free(im.reads);
    if (rc == WEFT_OK)
        *out = net;
    else
        float_net_free(net);
    return rc;
}

void float_net_free(float_net *net)
{
    if (!net)
        return;
    for (uint32_t i = 0; net->values && i < net->value_count; i++)
        nd_free(&net->values[i].array);
    free(net->values);
    free(net->nodes);
    while (net->memory) {
        float_memory *next = net->memory->next;
        free(net->memory);
        net->memory = next;
    }
    free(net);
}
