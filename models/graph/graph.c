/* Building a graph: arrays that grow, an arena (graph_arena.c) for everything they point to.
 *
 * Promises that nothing is visible of a call that failed.  Costs amortised doubling of the arrays. */
#include "graph.h"

#include <stdlib.h>
#include <string.h>

#include "graph_own.h"

static const void *copy(weft_graph *g, const void *from, size_t bytes)
{
    void *to = weft_graph_alloc(g, bytes ? bytes : 1);
    if (to && bytes)
        memcpy(to, from, bytes);
    return to;
}

static const char *copy_name(weft_graph *g, const char *name)
{
    return name ? copy(g, name, strlen(name) + 1) : copy(g, "", 1);
}

/* Room for one more of count elements: at powers of two the array doubles. */
static int grow(void **array, uint32_t count, size_t element_bytes)
{
    if (count && (count & (count - 1)))
        return WEFT_OK;
    size_t capacity = count ? (size_t)count * 2 : 1;
    if (capacity > UINT32_MAX / 2 || capacity > SIZE_MAX / element_bytes)
        return WEFT_ERR_NO_MEMORY;
    void *larger = realloc(*array, capacity * element_bytes);
    if (!larger)
        return WEFT_ERR_NO_MEMORY;
    *array = larger;
    return WEFT_OK;
}

int weft_graph_new(weft_graph **out)
{
    weft_graph *g = calloc(1, sizeof *g);
    if (g)
        g->own = calloc(1, sizeof *g->own);
    if (!g || !g->own) {
        free(g);
        return WEFT_ERR_NO_MEMORY;
    }
    *out = g;
    return WEFT_OK;
}

void weft_graph_free(weft_graph *g)
{
    if (!g)
        return;
    while (g->own->arena) {
        arena_chunk *next = g->own->arena->next;
        free(g->own->arena);
        g->own->arena = next;
    }
    free(g->own->order);
    free(g->own->consumers);
    free(g->own);
    free(g->tensors);
    free(g->nodes);
    free(g->inputs);
    free(g->outputs);
    free(g);
}

static int quant_fits(const weft_quant *q, uint32_t rank, const uint32_t *dims)
{
    if (q->count && (!q->scale || !q->zero_point))
        return 0;
    return q->count <= 1 || (q->axis < rank && dims[q->axis] == q->count);
}

static int copy_quant(weft_graph *g, const weft_quant *from, weft_quant *to)
{
    *to = *from;
    if (!from->count)
        return WEFT_OK;
    to->scale = copy(g, from->scale, from->count * sizeof *from->scale);
    to->zero_point = copy(g, from->zero_point, from->count * sizeof *from->zero_point);
    return to->scale && to->zero_point ? WEFT_OK : WEFT_ERR_NO_MEMORY;
}

int weft_graph_add_tensor(weft_graph *g, const weft_tensor_desc *desc, uint32_t *out)
{
    size_t element_bytes = weft_dtype_bytes(desc->dtype);
    uint64_t elements = weft_dims_elements(desc->rank, desc->dims);
    if (!element_bytes || !elements || !quant_fits(&desc->quant, desc->rank, desc->dims))
        return WEFT_ERR_ARG;
    weft_tensor t = { .dtype = desc->dtype, .rank = desc->rank, .producer = WEFT_NONE };
    memcpy(t.dims, desc->dims, desc->rank * sizeof *desc->dims);
    t.name = copy_name(g, desc->name);
    t.data = desc->data;
    if (desc->data && !(desc->flags & WEFT_TENSOR_BORROW_DATA)) {
        t.data = copy(g, desc->data, (size_t)elements * element_bytes);
        if (!t.data)
            return WEFT_ERR_NO_MEMORY;
    }
    if (!t.name || copy_quant(g, &desc->quant, &t.quant) != WEFT_OK ||
        grow((void **)&g->tensors, g->tensor_count, sizeof *g->tensors) != WEFT_OK)
        return WEFT_ERR_NO_MEMORY;
    if (out)
        *out = g->tensor_count;
    g->tensors[g->tensor_count++] = t;
    g->checked = 0;
    return WEFT_OK;
}

/* The kinds of arithmetic that an operator has. */
static int has_kind(weft_op op, weft_requant_kind kind)
{
    const int is_full = op == WEFT_OP_FULLY_CONNECTED || op == WEFT_OP_MATMUL;
    if (kind == WEFT_REQUANT_REAL)
        return is_full;
    if (kind == WEFT_REQUANT_TFLITE_F32)
        return is_full || op == WEFT_OP_MUL || op == WEFT_OP_PRELU || op == WEFT_OP_CONV_2D ||
               op == WEFT_OP_TRANSPOSE_CONV;
    return kind == WEFT_REQUANT_TFLITE || kind == WEFT_REQUANT_ONNX;
}

static int node_desc_valid(const weft_graph *g, const weft_node_desc *desc)
{
    if ((unsigned)desc->op >= WEFT_OP_COUNT || desc->output >= g->tensor_count ||
        !has_kind(desc->op, desc->requant))
        return 0;
    const weft_tensor *y = &g->tensors[desc->output];
    uint32_t least, most;
    weft_op_inputs(desc->op, &least, &most);
    if (y->data || y->producer != WEFT_NONE || desc->input_count < least ||
        desc->input_count > most)
        return 0;
    for (uint32_t i = 0; i < desc->input_count; i++) {
        uint32_t in = desc->inputs[i];
        if (in >= g->tensor_count && !(in == WEFT_NONE && i >= least))
            return 0;
    }
    return 1;
}

void weft_graph_origin(weft_graph *g, const char *op)
{
    g->own->origin = op;
}

int weft_graph_add_node(weft_graph *g, const weft_node_desc *desc, uint32_t *out)
{
    if (!node_desc_valid(g, desc))
        return WEFT_ERR_ARG;
    weft_node n = { .op = desc->op,
                    .requant = desc->requant,
                    .input_count = desc->input_count,
                    .output = desc->output };
    int rc = weft_graph_copy_attr(g, desc->attr, &n);
    if (rc != WEFT_OK)
        return rc;
    n.name = copy_name(g, desc->name);
    n.origin = g->own->origin ? copy_name(g, g->own->origin) : NULL;
    n.inputs = copy(g, desc->inputs, desc->input_count * sizeof *desc->inputs);
    if (!n.name || !n.inputs ||
        grow((void **)&g->nodes, g->node_count, sizeof *g->nodes) != WEFT_OK)
        return WEFT_ERR_NO_MEMORY;
    if (out)
        *out = g->node_count;
    g->tensors[desc->output].producer = g->node_count;
    g->nodes[g->node_count++] = n;
    g->checked = 0;
    return WEFT_OK;
}

static int port_valid(const weft_graph *g, const weft_port *port)
{
    if (port->tensor >= g->tensor_count || port->rank > WEFT_MAX_RANK)
        return 0;
    const weft_tensor *t = &g->tensors[port->tensor];
    if (port->rank != t->rank ||
        (port->dtype != t->dtype && !(port->dtype == WEFT_UINT8 && t->dtype == WEFT_INT8) &&
         !(port->dtype == WEFT_INT64 && t->dtype == WEFT_INT32)))
        return 0;
    unsigned seen = 0;
    for (uint32_t i = 0; i < port->rank; i++) {
        uint32_t axis = port->perm[i];
        if (axis >= port->rank || (seen & 1u << axis) || port->dims[axis] != t->dims[i])
            return 0;
        seen |= 1u << axis;
    }
    return 1;
}

static int add_port(weft_graph *g, const weft_port *port, weft_port **ports, uint32_t *count)
{
    if (!port_valid(g, port))
        return WEFT_ERR_ARG;
    weft_port p = *port;
    p.name = copy_name(g, port->name);
    if (!p.name || grow((void **)ports, *count, sizeof p) != WEFT_OK)
        return WEFT_ERR_NO_MEMORY;
    (*ports)[(*count)++] = p;
    g->checked = 0;
    return WEFT_OK;
}

int weft_graph_add_input(weft_graph *g, const weft_port *port)
{
    return add_port(g, port, &g->inputs, &g->input_count);
}

int weft_graph_add_output(weft_graph *g, const weft_port *port)
{
    return add_port(g, port, &g->outputs, &g->output_count);
}

static int is_output(const weft_graph *g, uint32_t tensor)
{
    for (uint32_t i = 0; i < g->output_count; i++)
        if (g->outputs[i].tensor == tensor)
            return 1;
    return 0;
}

int weft_graph_expose(weft_graph *g, weft_error *err)
{
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < g->node_count && rc == WEFT_OK; i++) {
        const uint32_t tensor = g->nodes[i].output;
        const weft_tensor *y = &g->tensors[tensor];
        if (y->dtype != WEFT_INT8 || is_output(g, tensor))
            continue;
        weft_port port = { .name = y->name, .dtype = WEFT_INT8, .rank = y->rank, .tensor = tensor };
        for (uint32_t k = 0; k < y->rank; k++) {
            port.dims[k] = y->dims[k];
            port.perm[k] = k;
        }
        rc = weft_graph_add_output(g, &port);
    }
    if (rc != WEFT_OK)
        return weft_error_set(err, rc, "the tensors of the network cannot be made outputs");
    return weft_graph_check(g, err);
}
