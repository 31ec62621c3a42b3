/* Local functions of a model, as PyTorch's exporter and onnxscript write them: every call becomes the
 * nodes of the function, before anything else looks at them.
 *
 * What a function calls its own gets the name of the call in front; formal inputs and outputs, and
 * attributes that refer to those of the call, become the call's.  Functions call others, but not
 * themselves: what goes deeper than any file should is refused, and so is what would make more nodes
 * than files have.  Nodes live in the graph's arena. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "onnx_import.h"

enum { MOST_DEPTH = 32, MOST_NODES = 1 << 18, MOST_FUNCTIONS = 1024, MOST_BYTES = 1 << 28 };

/* A call at work: where names and attributes come from. */
typedef struct call {
    const Onnx__FunctionProto *function; /* NULL: the graph itself */
    const Onnx__NodeProto *node;         /* as the graph has it */
    uint32_t number;
} call;

typedef struct inlining {
    onnx_import *im;
    const Onnx__ModelProto *model;
    Onnx__NodeProto **nodes;
    size_t count, room;
    size_t left; /* bytes that calls may still make */
    uint32_t calls;
} inlining;

static int no_memory(const inlining *l)
{
    return weft_error_set(l->im->err, WEFT_ERR_NO_MEMORY, "no memory for the local functions");
}

/* Memory of the graph for what a call makes, of which there is only so much; NULL if there is none. */
static void *take(inlining *l, size_t bytes)
{
    if (bytes > l->left)
        return NULL;
    l->left -= bytes;
    return weft_graph_alloc(l->im->graph, bytes);
}

static int same_domain(const char *a, const char *b)
{
    a = a && strcmp(a, "ai.onnx") != 0 ? a : "";
    b = b && strcmp(b, "ai.onnx") != 0 ? b : "";
    return strcmp(a, b) == 0;
}

static const Onnx__FunctionProto *function_of(const Onnx__ModelProto *m, const Onnx__NodeProto *n)
{
    for (size_t i = 0; i < m->n_functions; i++)
        if (m->functions[i]->name && n->op_type && !strcmp(m->functions[i]->name, n->op_type) &&
            same_domain(m->functions[i]->domain, n->domain))
            return m->functions[i];
    return NULL;
}

static int add_node(inlining *l, Onnx__NodeProto *node)
{
    if (l->count == l->room) {
        const size_t room = 2 * l->room + 64;
        Onnx__NodeProto **grown = weft_graph_alloc(l->im->graph, room * sizeof *grown);
        if (!grown)
            return no_memory(l);
        if (l->count)
            memcpy(grown, l->nodes, l->count * sizeof *grown);
        l->nodes = grown;
        l->room = room;
    }
    if (l->count >= MOST_NODES)
        return weft_error_set(l->im->err, WEFT_ERR_UNSUPPORTED,
                              "its local functions make more than %d nodes", MOST_NODES);
    l->nodes[l->count++] = node;
    return WEFT_OK;
}

/* A name of the function as the graph has it; NULL without memory. */
static char *renamed(inlining *l, const call *c, const char *name)
{
    const Onnx__FunctionProto *f = c->function;
    if (!f || !*name)
        return (char *)(uintptr_t)name;
    for (size_t i = 0; i < f->n_input; i++)
        if (!strcmp(f->input[i], name))
            return i < c->node->n_input ? c->node->input[i] : (char *)(uintptr_t) "";
    for (size_t i = 0; i < f->n_output; i++)
        if (!strcmp(f->output[i], name) && i < c->node->n_output && *c->node->output[i])
            return c->node->output[i];
    const size_t room = strlen(name) + strlen(f->name) + 24;
    char *text = take(l, room);
    if (text)
        (void)snprintf(text, room, "%s.%" PRIu32 "/%s", f->name, c->number, name);
    return text;
}

static char **renamed_all(inlining *l, const call *c, size_t count, char **names)
{
    char **all = take(l, (count + 1) * sizeof *all);
    for (size_t i = 0; all && i < count; i++)
        if (!(all[i] = renamed(l, c, names[i])))
            return NULL;
    return all;
}

static int set_attributes(inlining *l, const call *c, Onnx__NodeProto *n)
{
    Onnx__AttributeProto **from = n->attribute;
    Onnx__AttributeProto **all = take(l, (n->n_attribute + 1) * sizeof *all);
    size_t count = 0;
    for (size_t i = 0; all && i < n->n_attribute; i++) {
        const char *refers = from[i]->ref_attr_name;
        if (!refers || !*refers) {
            all[count++] = from[i];
            continue;
        }
        const Onnx__AttributeProto *value = onnx_attr(c->node, refers);
        Onnx__AttributeProto *copy = value ? take(l, sizeof *copy) : NULL;
        if (value && !copy)
            return no_memory(l);
        if (!value &&
            c->function->base.n_unknown_fields) /* it has defaults: a field of newer files */
            return weft_error_set(
                l->im->err, WEFT_ERR_UNSUPPORTED,
                "a call of the function \"%.60s\" leaves out \"%.60s\"; write its "
                "default value there",
                c->function->name, refers);
        if (!value)
            continue;
        *copy = *value;
        copy->name = from[i]->name;
        all[count++] = copy;
    }
    n->attribute = all;
    n->n_attribute = count;
    return all ? WEFT_OK : no_memory(l);
}

/* A node of the function as one of the graph. */
static int clone(inlining *l, const call *c, const Onnx__NodeProto *from, Onnx__NodeProto **out)
{
    Onnx__NodeProto *n = *out = take(l, sizeof *n);
    if (!n)
        return no_memory(l);
    *n = *from;
    n->input = renamed_all(l, c, from->n_input, from->input);
    n->output = renamed_all(l, c, from->n_output, from->output);
    if (from->name && *from->name)
        n->name = renamed(l, &(call){ c->function, &(Onnx__NodeProto){ .n_input = 0 }, c->number },
                          from->name);
    return n->input && n->output ? set_attributes(l, c, n) : no_memory(l);
}

/* The function computes by the same version of the standard operators as the model. */
static int check_opset(inlining *l, const Onnx__FunctionProto *f)
{
    for (size_t i = 0; i < f->n_opset_import; i++)
        if (same_domain(f->opset_import[i]->domain, "") &&
            f->opset_import[i]->version != l->im->opset)
            return weft_error_set(l->im->err, WEFT_ERR_UNSUPPORTED,
                                  "the function \"%.80s\" has opset %" PRId64 ", the model %" PRId64
                                  "; export both with one",
                                  f->name, f->opset_import[i]->version, l->im->opset);
    return WEFT_OK;
}

static int inline_nodes(inlining *l, const call *c, size_t count, Onnx__NodeProto *const *nodes,
                        unsigned depth)
{
    int rc = WEFT_OK;
    if (depth > MOST_DEPTH)
        return weft_error_set(l->im->err, WEFT_ERR_FORMAT, "its local functions call themselves");
    for (size_t i = 0; i < count && rc == WEFT_OK; i++) {
        Onnx__NodeProto *n = nodes[i];
        if (c->function)
            rc = clone(l, c, nodes[i], &n);
        if (rc != WEFT_OK)
            return rc;
        const Onnx__FunctionProto *f = function_of(l->model, n);
        if (!f) {
            rc = add_node(l, n);
            continue;
        }
        const call next = { f, n, l->calls++ };
        if (l->calls > MOST_NODES)
            return weft_error_set(l->im->err, WEFT_ERR_UNSUPPORTED,
                                  "its local functions are called more than %d times", MOST_NODES);
        rc = check_opset(l, f);
        if (rc == WEFT_OK)
            rc = inline_nodes(l, &next, f->n_node, f->node, depth + 1);
    }
    return rc;
}

int onnx_inline(onnx_import *im, const Onnx__ModelProto *model)
{
    inlining l = { .im = im, .model = model, .left = MOST_BYTES };
    const call whole = { .function = NULL };
    Onnx__GraphProto *graph = weft_graph_alloc(im->graph, sizeof *graph);
    if (!model->n_functions)
        return WEFT_OK;
    if (model->n_functions > MOST_FUNCTIONS)
        return weft_error_set(im->err, WEFT_ERR_UNSUPPORTED, "more than %d local functions",
                              MOST_FUNCTIONS);
    if (!graph)
        return no_memory(&l);
    int rc = inline_nodes(&l, &whole, im->proto->n_node, im->proto->node, 0);
    *graph = *im->proto;
    graph->node = l.nodes;
    graph->n_node = l.count;
    if (rc == WEFT_OK)
        im->proto = graph;
    return rc;
}
