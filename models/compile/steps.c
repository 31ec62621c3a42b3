/* Steps of the host between runs of the device, as the graphs that a program holds. */
#include "models/compile/front/split.h"
#include "ports.h"

#include <stdlib.h>

static int is_read(const network *net, uint32_t tensor)
{
    return tensor != WEFT_NONE && !net->g->tensors[tensor].data && net->home[tensor] != HOME_NONE;
}

const weft_node *step_subject(const network *net, const layer *l, uint8_t *needed)
{
    const weft_graph *g = net->g;
    (void)split_step_nodes(net, l->node, needed);
    for (uint32_t i = 0; i < g->node_count; i++) {
        const weft_node *n = &g->nodes[g->order[i]];
        if (needed[g->order[i]] && n->op != WEFT_OP_QUANTIZE && n->op != WEFT_OP_DEQUANTIZE &&
            n->op != WEFT_OP_RESHAPE)
            return n;
    }
    return &g->nodes[l->node];
}

typedef struct making {
    const schedule *sched;
    weft_program_step *to;
    uint32_t *tensor_of; /* by tensor of the network: that of the step */
    weft_rows *out_rows;
    uint32_t in_count, out_count;
} making;

static weft_rows rows_of(const schedule *sched, uint32_t tensor)
{
    const lowering *low = sched->low;
    const uint32_t k = low->area_of[tensor];
    const storage *at = &sched->storage[k];
    return (weft_rows){ low->net->base + (uint32_t)low->image_bytes + at->addr, low->areas[k].rows,
                        low->areas[k].row_bytes, at->pitch_bytes };
}

static int add_port(making *m, uint32_t tensor, int is_output)
{
    const weft_tensor *t = &m->sched->net->g->tensors[tensor];
    weft_port port = {
        .name = t->name, .dtype = t->dtype, .rank = t->rank, .tensor = m->tensor_of[tensor]
    };
    memcpy(port.dims, t->dims, sizeof port.dims);
    for (uint32_t i = 0; i < t->rank; i++)
        port.perm[i] = i;
    if (is_output) {
        *m->out_rows = rows_of(m->sched, tensor);
        return weft_graph_add_output(m->to->graph, &port);
    }
    m->to->rows[m->in_count++] = rows_of(m->sched, tensor);
    return weft_graph_add_input(m->to->graph, &port);
}

static int add_tensor(making *m, uint32_t tensor)
{
    const weft_tensor *t = &m->sched->net->g->tensors[tensor];
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
        if (rc == WEFT_OK && fresh && is_read(m->sched->net, x))
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

int step_make(schedule *sched, uint32_t layer_index, weft_program_step *to)
{
    const weft_graph *g = sched->net->g;
    const layer *l = &sched->low->layers[layer_index];
    making m = { .sched = sched, .to = to };
    weft_rows out;
    uint8_t *needed = work_alloc(&sched->work, g->node_count + 1u);
    m.tensor_of = work_alloc(&sched->work, (g->tensor_count + 1u) * sizeof *m.tensor_of);
    m.out_rows = &out;
    to->before = tiling_of(sched, l)->first_command;
    to->rows = calloc(l->part_count + 1u, sizeof *to->rows);
    if (!needed || !m.tensor_of || !to->rows || weft_graph_new(&to->graph) != WEFT_OK)
        return work_no_memory(&sched->work);
    for (uint32_t i = 0; i < g->tensor_count; i++)
        m.tensor_of[i] = WEFT_NONE;
    (void)split_step_nodes(sched->net, l->node, needed);
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < g->node_count && rc == WEFT_OK; i++)
        if (needed[g->order[i]])
            rc = add_node(&m, &g->nodes[g->order[i]], g->order[i] == l->node);
    to->rows[m.in_count] = out;
    if (rc != WEFT_OK)
        return work_no_memory(&sched->work); /* of what the network has, nothing can be wrong */
    return weft_graph_check(to->graph, sched->work.err);
}
