/* Steps of the host between runs of the device: as layers of the plan, and as the graphs that a
 * program holds. */
#include "lower.h"
#include "models/compile/front/split.h"
#include "ports.h"

#include <stdlib.h>

static int is_read(const plan *p, uint32_t tensor)
{
    return tensor != WEFT_NONE && !p->g->tensors[tensor].data && p->home[tensor] != HOME_NONE;
}

const weft_node *plan_step_subject(const plan *p, const layer *l, uint8_t *needed)
{
    const weft_graph *g = p->g;
    (void)plan_step_nodes(p, l->node, needed);
    for (uint32_t i = 0; i < g->node_count; i++) {
        const weft_node *n = &g->nodes[g->order[i]];
        if (needed[g->order[i]] && n->op != WEFT_OP_QUANTIZE && n->op != WEFT_OP_DEQUANTIZE &&
            n->op != WEFT_OP_RESHAPE)
            return n;
    }
    return &g->nodes[l->node];
}

/* A layer without commands, whose parts name the areas it reads. */
int lower_step(plan *p, uint32_t node)
{
    const weft_graph *g = p->g;
    const uint32_t out = g->nodes[node].output;
    uint8_t *needed = plan_alloc(p, g->node_count + 1u);
    if (!needed)
        return WEFT_ERR_NO_MEMORY;
    uint32_t most = 0, count = 0;
    (void)plan_step_nodes(p, node, needed);
    for (uint32_t i = 0; i < g->node_count; i++)
        most += needed[i] ? g->nodes[i].input_count : 0;
    copy_part *parts = plan_alloc(p, (most + 1u) * sizeof *parts);
    int rc = parts ? layout_new_area(p, out, layout_chosen(p, out)) : WEFT_ERR_NO_MEMORY;
    layer *l = rc == WEFT_OK ? plan_new_layer(p, node) : NULL;
    if (!l)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < g->node_count; i++)
        for (uint32_t k = 0; needed[i] && k < g->nodes[i].input_count; k++)
            if (is_read(p, g->nodes[i].inputs[k]))
                parts[count++].area = p->area_of[g->nodes[i].inputs[k]];
    l->kind = LAYER_HOST;
    l->parts = parts;
    l->part_count = count;
    l->out = p->area_of[out];
    return WEFT_OK;
}

/* --- into the program ---------------------------------------------------------------------------
 */

typedef struct making {
    plan *p;
    weft_program_step *to;
    uint32_t *tensor_of; /* by tensor of the network: that of the step */
    weft_rows *out_rows;
    uint32_t in_count, out_count;
} making;

static weft_rows rows_of(const plan *p, uint32_t tensor)
{
    const area *a = &p->areas[p->area_of[tensor]];
    return (weft_rows){ p->base + (uint32_t)p->image_bytes + a->addr, a->rows, a->row_bytes,
                        a->pitch_bytes };
}

static int add_port(making *m, uint32_t tensor, int is_output)
{
    const weft_tensor *t = &m->p->g->tensors[tensor];
    weft_port port = {
        .name = t->name, .dtype = t->dtype, .rank = t->rank, .tensor = m->tensor_of[tensor]
    };
    memcpy(port.dims, t->dims, sizeof port.dims);
    for (uint32_t i = 0; i < t->rank; i++)
        port.perm[i] = i;
    if (is_output) {
        *m->out_rows = rows_of(m->p, tensor);
        return weft_graph_add_output(m->to->graph, &port);
    }
    m->to->rows[m->in_count++] = rows_of(m->p, tensor);
    return weft_graph_add_input(m->to->graph, &port);
}

static int add_tensor(making *m, uint32_t tensor)
{
    const weft_tensor *t = &m->p->g->tensors[tensor];
    if (m->tensor_of[tensor] != WEFT_NONE)
        return WEFT_OK;
    weft_tensor_desc d = {
        .name = t->name, .dtype = t->dtype, .rank = t->rank, .quant = t->quant, .data = t->data
    };
    memcpy(d.dims, t->dims, sizeof d.dims);
    return weft_graph_add_tensor(m->to->graph, &d, &m->tensor_of[tensor]);
}

static int add_node(making *m, const weft_node *n, int is_last)
{
    uint32_t inputs[WEFT_MAX_INPUTS];
    int rc = WEFT_OK;
    for (uint32_t k = 0; k < n->input_count && rc == WEFT_OK; k++) {
        const uint32_t x = n->inputs[k];
        const int fresh = x != WEFT_NONE && m->tensor_of[x] == WEFT_NONE;
        if (fresh)
            rc = add_tensor(m, x);
        if (rc == WEFT_OK && fresh && is_read(m->p, x))
            rc = add_port(m, x, 0);
        inputs[k] = x == WEFT_NONE ? WEFT_NONE : m->tensor_of[x];
    }
    if (rc == WEFT_OK)
        rc = add_tensor(m, n->output);
    const weft_node_desc d = { .op = n->op,
                               .name = n->name,
                               .requant = n->requant,
                               .input_count = n->input_count,
                               .inputs = inputs,
                               .output = m->tensor_of[n->output],
                               .attr = &n->attr };
    if (rc == WEFT_OK)
        rc = weft_graph_add_node(m->to->graph, &d, NULL);
    return rc == WEFT_OK && is_last ? add_port(m, n->output, 1) : rc;
}

int step_make(plan *p, uint32_t layer_index, weft_program_step *to)
{
    const weft_graph *g = p->g;
    const layer *l = &p->layers[layer_index];
    making m = { .p = p, .to = to };
    weft_rows out;
    uint8_t *needed = plan_alloc(p, g->node_count + 1u);
    m.tensor_of = plan_alloc(p, (g->tensor_count + 1u) * sizeof *m.tensor_of);
    m.out_rows = &out;
    to->before = l->first_command;
    to->rows = calloc(l->part_count + 1u, sizeof *to->rows);
    if (!needed || !m.tensor_of || !to->rows || weft_graph_new(&to->graph) != WEFT_OK)
        return plan_no_memory(p);
    for (uint32_t i = 0; i < g->tensor_count; i++)
        m.tensor_of[i] = WEFT_NONE;
    (void)plan_step_nodes(p, l->node, needed);
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < g->node_count && rc == WEFT_OK; i++)
        if (needed[g->order[i]])
            rc = add_node(&m, &g->nodes[g->order[i]], g->order[i] == l->node);
    to->rows[m.in_count] = out;
    if (rc != WEFT_OK)
        return plan_no_memory(p); /* of what the network has, nothing can be wrong */
    return weft_graph_check(to->graph, p->err);
}
