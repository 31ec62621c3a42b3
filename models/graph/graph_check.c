/* Proof that a graph is in canonical form: edges, tensors, order; the operators are in
 * graph_check_ops.c.  Linear in nodes, edges and weights; no recursion. */
#include "graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph_own.h"

static int (*const checks[])(const weft_graph *g, const weft_node *n, weft_error *err) = {
#define OP(NAME, name, ...) weft_check_##name,
#include "ops.def"
};

/* Shapes, types and ranges of one node; tensor indices are known to be in range. */
static int check_node(const weft_graph *g, const weft_node *n, weft_error *err)
{
    return checks[n->op](g, n, err);
}

static int check_quant(const weft_tensor *t, weft_error *err)
{
    for (uint32_t i = 0; i < t->quant.count; i++) {
        float scale = t->quant.scale[i];
        if (!(scale > 0.0f && isfinite(scale)))
            return weft_error_set(
                err, WEFT_ERR_RANGE,
                "tensor \"%.80s\": has the scale %g; it must be finite and above 0", t->name,
                (double)scale);
        int32_t zp = t->quant.zero_point[i];
        if (t->dtype == WEFT_INT8 && (zp < -128 || zp > 127))
            return weft_error_set(err, WEFT_ERR_RANGE,
                                  "tensor \"%.80s\": has the zero point %d, outside int8", t->name,
                                  (int)zp);
    }
    if (!t->data && t->dtype == WEFT_INT8 && t->quant.count != 1)
        return weft_error_set(err, WEFT_ERR_SHAPE,
                              "activation \"%s\" needs one scale and one zero point, it has %u",
                              t->name, t->quant.count);
    if (!t->data && t->dtype != WEFT_INT8 && t->dtype != WEFT_FLOAT32 && t->dtype != WEFT_INT32)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                              "activation \"%s\" is %s; only int8, float32 and int32 are possible",
                              t->name, weft_dtype_name(t->dtype));
    return WEFT_OK;
}

/* Every tensor read or given out is a constant, a graph input, or written by a node. */
static int check_origin(const weft_graph *g, const uint8_t *is_input, uint32_t tensor,
                        const char *reader, weft_error *err)
{
    const weft_tensor *t = &g->tensors[tensor];
    if (t->data || t->producer != WEFT_NONE || is_input[tensor])
        return WEFT_OK;
    return weft_error_set(err, WEFT_ERR_FORMAT, "tensor \"%s\", needed by \"%s\", is never written",
                          t->name, reader);
}

static int check_edges(const weft_graph *g, uint8_t *is_input, weft_error *err)
{
    if (g->input_count == 0 || g->output_count == 0)
        return weft_error_set(err, WEFT_ERR_FORMAT, "the network has no %s",
                              g->input_count ? "output" : "input");
    for (uint32_t i = 0; i < g->input_count; i++) {
        const weft_tensor *t = &g->tensors[g->inputs[i].tensor];
        if (t->data || t->producer != WEFT_NONE || is_input[g->inputs[i].tensor]++)
            return weft_error_set(err, WEFT_ERR_FORMAT,
                                  "input \"%s\" is also a constant, a result or another input",
                                  g->inputs[i].name);
    }
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < g->output_count && rc == WEFT_OK; i++)
        rc = check_origin(g, is_input, g->outputs[i].tensor, g->outputs[i].name, err);
    for (uint32_t i = 0; i < g->node_count && rc == WEFT_OK; i++)
        for (uint32_t k = 0; k < g->nodes[i].input_count && rc == WEFT_OK; k++)
            if (g->nodes[i].inputs[k] != WEFT_NONE)
                rc = check_origin(g, is_input, g->nodes[i].inputs[k], g->nodes[i].name, err);
    return rc;
}

static uint32_t count_edges(const weft_graph *g, uint32_t *per_tensor)
{
    uint32_t edges = 0;
    for (uint32_t i = 0; i < g->node_count; i++)
        for (uint32_t k = 0; k < g->nodes[i].input_count; k++)
            if (g->nodes[i].inputs[k] != WEFT_NONE) {
                per_tensor[g->nodes[i].inputs[k]]++;
                edges++;
            }
    return edges;
}

/* at[t] is where the list of tensor t starts; afterwards it is where it ends. */
static void list_consumers(const weft_graph *g, uint32_t *at, uint32_t *consumers)
{
    for (uint32_t i = 0; i < g->node_count; i++)
        for (uint32_t k = 0; k < g->nodes[i].input_count; k++)
            if (g->nodes[i].inputs[k] != WEFT_NONE)
                consumers[at[g->nodes[i].inputs[k]]++] = i;
}

/* Kahn's algorithm; order itself is the queue.  waits[n]: inputs of n not yet produced. */
static uint32_t sort_nodes(const weft_graph *g, const uint32_t *end, const uint32_t *count,
                           const uint32_t *consumers, uint32_t *waits, uint32_t *order)
{
    uint32_t tail = 0;
    for (uint32_t i = 0; i < g->node_count; i++) {
        waits[i] = 0;
        for (uint32_t k = 0; k < g->nodes[i].input_count; k++) {
            uint32_t in = g->nodes[i].inputs[k];
            waits[i] += in != WEFT_NONE && g->tensors[in].producer != WEFT_NONE;
        }
        if (waits[i] == 0)
            order[tail++] = i;
    }
    for (uint32_t head = 0; head < tail; head++) {
        uint32_t y = g->nodes[order[head]].output;
        for (uint32_t c = end[y] - count[y]; c < end[y]; c++)
            if (--waits[consumers[c]] == 0)
                order[tail++] = consumers[c];
    }
    return tail;
}

/* Any node still waiting is on a cycle or behind one. */
static int cycle_error(const weft_graph *g, const uint32_t *waits, weft_error *err)
{
    uint32_t i = 0;
    while (waits[i] == 0)
        i++;
    return weft_error_set(err, WEFT_ERR_FORMAT,
                          "node \"%s\" (%s) waits for its own result: the network has a cycle",
                          g->nodes[i].name, weft_node_op_text(&g->nodes[i]));
}

static void keep(weft_graph *g, const uint32_t *end, const uint32_t *count, uint32_t *order,
                 uint32_t *consumers)
{
    for (uint32_t t = 0; t < g->tensor_count; t++) {
        g->tensors[t].consumer_count = count[t];
        g->tensors[t].consumers = consumers + end[t] - count[t];
    }
    free(g->own->order);
    free(g->own->consumers);
    g->own->order = order;
    g->own->consumers = consumers;
    g->order = order;
    g->checked = 1;
}

static int link_nodes(weft_graph *g, weft_error *err)
{
    uint32_t *count = calloc(g->tensor_count, sizeof *count);
    uint32_t *end = calloc(g->tensor_count, sizeof *end);
    uint32_t edges = count ? count_edges(g, count) : 0;
    uint32_t *consumers = calloc((size_t)edges + 1, sizeof *consumers);
    uint32_t *order = calloc((size_t)g->node_count + 1, sizeof *order);
    uint32_t *waits = calloc((size_t)g->node_count + 1, sizeof *waits);
    int rc = WEFT_OK;
    if (!count || !end || !consumers || !order || !waits) {
        rc = weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory to check a network of %u nodes",
                            g->node_count);
        goto out;
    }
    for (uint32_t t = 1; t < g->tensor_count; t++)
        end[t] = end[t - 1] + count[t - 1];
    list_consumers(g, end, consumers);
    if (sort_nodes(g, end, count, consumers, waits, order) != g->node_count) {
        rc = cycle_error(g, waits, err);
        goto out;
    }
    keep(g, end, count, order, consumers);
    order = consumers = NULL;
out:
    free(count);
    free(end);
    free(consumers);
    free(order);
    free(waits);
    return rc;
}

/* The tensors of a node can be computed with. */
static int node_quant(const weft_graph *g, const weft_node *n)
{
    int rc = check_quant(&g->tensors[n->output], NULL);
    for (uint32_t k = 0; k < n->input_count && rc == WEFT_OK; k++)
        if (n->inputs[k] != WEFT_NONE)
            rc = check_quant(&g->tensors[n->inputs[k]], NULL);
    return rc;
}

void weft_graph_check_each(const weft_graph *g, weft_refused *refused, void *to)
{
    weft_error err = { 0 };
    for (uint32_t i = 0; i < g->tensor_count; i++)
        if (check_quant(&g->tensors[i], &err) != WEFT_OK)
            refused(to, "tensor", g->tensors[i].name, &err);
    for (uint32_t i = 0; i < g->node_count; i++)
        if (node_quant(g, &g->nodes[i]) == WEFT_OK && check_node(g, &g->nodes[i], &err) != WEFT_OK)
            refused(to, weft_node_op_text(&g->nodes[i]), g->nodes[i].name, &err);
}

int weft_graph_check(weft_graph *g, weft_error *err)
{
    g->checked = 0;
    uint8_t *is_input = calloc((size_t)g->tensor_count + 1, 1);
    if (!is_input)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory to check %u tensors",
                              g->tensor_count);
    int rc = check_edges(g, is_input, err);
    free(is_input);
    for (uint32_t i = 0; i < g->tensor_count && rc == WEFT_OK; i++)
        rc = check_quant(&g->tensors[i], err);
    for (uint32_t i = 0; i < g->node_count && rc == WEFT_OK; i++)
        rc = check_node(g, &g->nodes[i], err);
    return rc == WEFT_OK ? link_nodes(g, err) : rc;
}
