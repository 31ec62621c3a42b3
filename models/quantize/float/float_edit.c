/* Editing float networks; the contract is in float_edit.h. */
#include "float_edit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

static int no_memory(weft_error *err)
{
    return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory to change the network");
}

static char *copy_text(float_net *net, const char *text)
{
    const size_t bytes = strlen(text) + 1;
    char *copy = float_alloc(net, bytes);
    return copy ? memcpy(copy, text, bytes) : NULL;
}

/* --- values --- */

static int taken(const float_net *net, const char *name)
{
    for (uint32_t i = 0; i < net->value_count; i++)
        if (net->values[i].name && !strcmp(net->values[i].name, name))
            return 1;
    return 0;
}

const char *float_unique_name(float_net *net, const char *base, const char *suffix)
{
    const size_t room = strlen(base) + strlen(suffix) + sizeof "__4294967295";
    char *name = float_alloc(net, room);
    if (!name)
        return NULL;
    const int at = snprintf(name, room, "%s%s%s", base, *base && *suffix ? "_" : "", suffix);
    for (uint32_t i = 2; taken(net, name); i++) /* one of value_count + 1 names is free */
        snprintf(name + at, room - (size_t)at, "_%" PRIu32, i);
    return name;
}

int float_add_value(float_net *net, const char *base, const char *suffix, uint32_t like,
                    uint32_t *out, weft_error *err)
{
    const char *name = float_unique_name(net, base, suffix);
    if (net->value_count == net->value_room) {
        float_value *more = realloc(net->values, 2 * (size_t)net->value_room * sizeof *more);
        if (!more)
            return no_memory(err);
        net->values = more;
        net->value_room *= 2;
    }
    if (!name)
        return no_memory(err);
    float_value v = { .name = name };
    if (like != FLOAT_NONE)
        v.shape = net->values[like].shape;
    *out = net->value_count++;
    net->values[*out] = v;
    return WEFT_OK;
}

/* Takes the elements of *array, which becomes empty. */
static int add_constant(float_net *net, const char *base, const char *suffix, nd *array,
                        uint32_t *out, weft_error *err)
{
    int rc = float_add_value(net, base, suffix, FLOAT_NONE, out, err);
    if (rc != WEFT_OK)
        return rc;
    float_value *v = &net->values[*out];
    v->constant = 1;
    v->shape = v->array = *array;
    v->shape.f = NULL;
    v->shape.i = NULL;
    *array = (nd){ 0 };
    return WEFT_OK;
}

int float_add_floats(float_net *net, const char *base, const char *suffix, uint32_t rank,
                     const size_t *dims, const float *from, uint32_t *out, weft_error *err)
{
    eval_run run = { .err = err, .left = EVAL_ELEMENTS };
    nd a = { 0 };
    int rc = nd_new(&run, T(FLOAT), rank, dims, &a);
    if (rc == WEFT_OK && from)
        memcpy(a.f, from, a.count * sizeof *from);
    if (rc == WEFT_OK)
        rc = add_constant(net, base, suffix, &a, out, err);
    nd_free(&a);
    return rc;
}

int float_add_ints(float_net *net, const char *base, const char *suffix, size_t count,
                   const int64_t *from, uint32_t *out, weft_error *err)
{
    eval_run run = { .err = err, .left = EVAL_ELEMENTS };
    nd a = { 0 };
    int rc = nd_new(&run, T(INT64), 1, &count, &a);
    if (rc == WEFT_OK && count)
        memcpy(a.i, from, count * sizeof *from);
    if (rc == WEFT_OK)
        rc = add_constant(net, base, suffix, &a, out, err);
    nd_free(&a);
    return rc;
}

/* --- nodes --- */

/* A node's own proto, which may be changed: the file's stays as it is. */
static Onnx__NodeProto *own_proto(float_net *net, float_node *n)
{
    Onnx__NodeProto *p = float_alloc(net, sizeof *p);
    if (p)
        *p = *n->proto;
    if (p)
        n->proto = p;
    return p;
}

static void add_readers(float_net *net, const float_node *n)
{
    for (uint32_t i = 0; i < n->in_count; i++)
        if (n->in[i] != FLOAT_NONE)
            net->values[n->in[i]].readers++;
}

static void drop_readers(float_net *net, const float_node *n)
{
    for (uint32_t i = 0; i < n->in_count; i++)
        if (n->in[i] != FLOAT_NONE && --net->values[n->in[i]].readers == 0 &&
            net->values[n->in[i]].constant)
            nd_free(&net->values[n->in[i]].array);
}

int float_insert(float_net *net, uint32_t at, const char *op, uint32_t in_count, const uint32_t *in,
                 uint32_t out, weft_error *err)
{
    if (net->node_count == net->node_room) {
        float_node *more = realloc(net->nodes, 2 * (size_t)net->node_room * sizeof *more);
        if (!more)
            return no_memory(err);
        net->nodes = more;
        net->node_room *= 2;
    }
    float_node n = { .in_count = in_count, .out_count = 1 };
    n.proto = float_alloc(net, sizeof *n.proto);
    n.in = float_alloc(net, (in_count + 1) * sizeof *n.in);
    n.out = float_alloc(net, sizeof *n.out);
    if (!n.proto || !n.in || !n.out)
        return no_memory(err);
    onnx__node_proto__init(n.proto);
    n.proto->op_type = copy_text(net, op);
    n.proto->name = copy_text(net, net->values[out].name);
    n.proto->n_output = 1;
    if (!n.proto->op_type || !n.proto->name)
        return no_memory(err);
    memcpy(n.in, in, in_count * sizeof *in);
    n.out[0] = out;
    memmove(net->nodes + at + 1, net->nodes + at, (net->node_count - at) * sizeof *net->nodes);
    net->nodes[at] = n;
    net->node_count++;
    add_readers(net, &n);
    return WEFT_OK;
}

int float_set_op(float_net *net, uint32_t node, const char *op, weft_error *err)
{
    Onnx__NodeProto *p = own_proto(net, &net->nodes[node]);
    if (!p || (p->op_type = copy_text(net, op)) == NULL)
        return no_memory(err);
    p->domain = NULL;
    p->n_attribute = 0;
    return WEFT_OK;
}

int float_set_inputs(float_net *net, uint32_t node, uint32_t in_count, const uint32_t *in,
                     weft_error *err)
{
    float_node *n = &net->nodes[node];
    const float_node before = *n;
    uint32_t *list = float_alloc(net, (in_count + 1) * sizeof *list);
    if (!list)
        return no_memory(err);
    memcpy(list, in, in_count * sizeof *in);
    n->in = list;
    n->in_count = in_count;
    add_readers(net, n);
    drop_readers(net, &before);
    return WEFT_OK;
}

void float_kill(float_net *net, uint32_t node)
{
    drop_readers(net, &net->nodes[node]);
    net->nodes[node].dead = 1;
}

void float_rewire(float_net *net, uint32_t from, uint32_t to)
{
    for (uint32_t i = 0; i < net->node_count; i++)
        for (uint32_t k = 0; !net->nodes[i].dead && k < net->nodes[i].in_count; k++)
            if (net->nodes[i].in[k] == from)
                net->nodes[i].in[k] = to;
    for (uint32_t i = 0; i < net->output_count; i++)
        if (net->outputs[i] == from)
            net->outputs[i] = to;
    net->values[to].readers += net->values[from].readers;
    net->values[from].readers = 0;
}

uint32_t float_producer(const float_net *net, uint32_t value)
{
    for (uint32_t i = net->node_count; i-- > 0;)
        for (uint32_t k = 0; !net->nodes[i].dead && k < net->nodes[i].out_count; k++)
            if (net->nodes[i].out[k] == value)
                return i;
    return FLOAT_NONE;
}

uint32_t float_only_reader(const float_net *net, uint32_t value)
{
    if (net->values[value].readers != 1)
        return FLOAT_NONE;
    for (uint32_t i = 0; i < net->node_count; i++)
        for (uint32_t k = 0; !net->nodes[i].dead && k < net->nodes[i].in_count; k++)
            if (net->nodes[i].in[k] == value)
                return i;
    return FLOAT_NONE;
}

int float_is_output(const float_net *net, uint32_t value)
{
    for (uint32_t i = 0; i < net->output_count; i++)
        if (net->outputs[i] == value)
            return 1;
    return 0;
}

const nd *float_constant(const float_net *net, const float_node *n, uint32_t i)
{
    if (i >= n->in_count || n->in[i] == FLOAT_NONE || !net->values[n->in[i]].constant)
        return NULL;
    const nd *a = &net->values[n->in[i]].array;
    return a->f ? a : NULL;
}

int float_is(const float_net *net, uint32_t node, const char *op)
{
    return node != FLOAT_NONE && !net->nodes[node].dead &&
           !strcmp(net->nodes[node].proto->op_type, op);
}

/* --- attributes --- */

int float_drop_attribute(float_net *net, uint32_t node, const char *name, weft_error *err)
{
    Onnx__NodeProto *p = own_proto(net, &net->nodes[node]);
    Onnx__AttributeProto **list =
        p ? float_alloc(net, (p->n_attribute + 2) * sizeof(Onnx__AttributeProto *)) : NULL;
    size_t count = 0;
    if (!list)
        return no_memory(err);
    for (size_t i = 0; i < p->n_attribute; i++)
        if (!p->attribute[i]->name || strcmp(p->attribute[i]->name, name) != 0)
            list[count++] = p->attribute[i];
    p->attribute = list;
    p->n_attribute = count;
    return WEFT_OK;
}

/* A new attribute of this name at the end, for the caller to fill. */
static Onnx__AttributeProto *new_attribute(float_net *net, uint32_t node, const char *name)
{
    Onnx__AttributeProto *a = float_alloc(net, sizeof *a);
    if (!a || float_drop_attribute(net, node, name, NULL) != WEFT_OK)
        return NULL;
    Onnx__NodeProto *p = net->nodes[node].proto;
    onnx__attribute_proto__init(a);
    a->name = copy_text(net, name);
    a->has_type = 1;
    p->attribute[p->n_attribute++] = a;
    return a->name ? a : NULL;
}

int float_set_int(float_net *net, uint32_t node, const char *name, int64_t v, weft_error *err)
{
    Onnx__AttributeProto *a = new_attribute(net, node, name);
    if (!a)
        return no_memory(err);
    a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
    a->has_i = 1;
    a->i = v;
    return WEFT_OK;
}

int float_set_text(float_net *net, uint32_t node, const char *name, const char *v, weft_error *err)
{
    Onnx__AttributeProto *a = new_attribute(net, node, name);
    if (!a || (a->s.data = (uint8_t *)copy_text(net, v)) == NULL)
        return no_memory(err);
    a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING;
    a->has_s = 1;
    a->s.len = strlen(v);
    return WEFT_OK;
}
