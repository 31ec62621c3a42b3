/* From a graph to areas and layers: what is stored how, and who computes it. */
#include "plan.h"

#include <stdlib.h>

static int lower_node(plan *p, const weft_node *n, const fusion *f)
{
    switch (n->op) {
    case WEFT_OP_CONV_2D:
    case WEFT_OP_TRANSPOSE_CONV:
    case WEFT_OP_RESIZE_BILINEAR:
    case WEFT_OP_MAX_POOL_2D:
    case WEFT_OP_AVERAGE_POOL_2D: return lower_window(p, n, f);
    case WEFT_OP_MEAN: return lower_mean(p, n, f);
    case WEFT_OP_MATMUL: return lower_matmul(p, n, f);
    case WEFT_OP_FULLY_CONNECTED: return lower_fully_connected(p, n, f);
    case WEFT_OP_ADD:
    case WEFT_OP_SUB:
    case WEFT_OP_MUL:
    case WEFT_OP_MINIMUM:
    case WEFT_OP_MAXIMUM: return lower_elementwise(p, n, f);
    case WEFT_OP_PRELU:
        return f->binary == WEFT_NONE ? lower_elementwise(p, n, f) : lower_prelu(p, n, f);
    case WEFT_OP_TABLE_NODE:
        if (f->after)
            return lower_elementwise(p, n, f);
        p->area_of[p->g->nodes[f->last].output] = p->area_of[f->input];
        return WEFT_OK;
    case WEFT_OP_RESHAPE: p->area_of[n->output] = p->area_of[n->inputs[0]]; return WEFT_OK;
    case WEFT_OP_TRANSPOSE:
    case WEFT_OP_PAD:
    case WEFT_OP_CONCAT:
    case WEFT_OP_SLICE:
    case WEFT_OP_RESIZE_NEAREST: return lower_move(p, n);
    default:
        return weft_error_set(p->err, WEFT_ERR_UNSUPPORTED, "%s \"%s\" has no lowering",
                              weft_op_name(n->op), n->name);
    }
}

int plan_quantised_behind(const weft_graph *g, uint32_t tensor)
{
    uint32_t producer = g->tensors[tensor].producer;
    if (producer == WEFT_NONE || g->nodes[producer].op != WEFT_OP_QUANTIZE)
        return 0;
    while (producer != WEFT_NONE && weft_node_on_host(g, &g->nodes[producer])) {
        tensor = g->nodes[producer].inputs[0]; /* ends: graphs have no cycle */
        producer = g->tensors[tensor].producer;
    }
    return producer != WEFT_NONE || g->tensors[tensor].dtype == WEFT_INT8;
}

/* Int8 tensors that the host fills: inputs of the graph, or what a QUANTIZE makes of them. */
static int lower_inputs(plan *p)
{
    for (uint32_t i = 0; i < p->g->tensor_count; i++) {
        const weft_tensor *t = &p->g->tensors[i];
        p->area_of[i] = NO_AREA;
        if (t->dtype != WEFT_INT8 || t->data)
            continue;
        if (t->producer != WEFT_NONE &&
            (p->g->nodes[t->producer].op != WEFT_OP_QUANTIZE || plan_quantised_behind(p->g, i)))
            continue;
        int rc = layout_new_area(p, i, layout_chosen(p, i));
        if (rc != WEFT_OK)
            return rc;
        p->areas[p->area_of[i]].is_input = 1;
    }
    return WEFT_OK;
}

/* The int8 tensor behind a graph output, through the operators of the host. */
uint32_t plan_output_tensor(const weft_graph *g, uint32_t tensor)
{
    for (uint32_t i = 0; i < g->node_count; i++) {
        uint32_t producer = g->tensors[tensor].producer;
        if (producer == WEFT_NONE || !weft_node_on_host(g, &g->nodes[producer]) ||
            (g->nodes[producer].op == WEFT_OP_QUANTIZE && !plan_quantised_behind(g, tensor)))
            return tensor;
        tensor = g->nodes[producer].inputs[0];
    }
    return tensor;
}

/* Mark the outputs, and drop layers whose result nobody reads. */
static int drop_dead(plan *p)
{
    uint8_t *read = plan_alloc(p, p->area_count + 1u), *alive = plan_alloc(p, p->layer_count + 1u);
    if (!read || !alive)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < p->g->output_count; i++) {
        uint32_t k = p->area_of[plan_output_tensor(p->g, p->g->outputs[i].tensor)];
        if (k != NO_AREA)
            p->areas[k].is_output = read[k] = 1;
    }
    for (uint32_t i = p->layer_count; i-- > 0;) {
        const layer *l = &p->layers[i];
        alive[i] = read[l->out];
        for (uint32_t k = 0; k < layer_input_count(l) && alive[i]; k++)
            if (layer_input(l, k) != NO_AREA)
                read[layer_input(l, k)] = 1;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < p->layer_count; i++)
        if (alive[i])
            p->layers[kept++] = p->layers[i];
    p->layer_count = kept;
    return WEFT_OK;
}

static void uses(plan *p, uint32_t k, uint32_t layer_index)
{
    if (k == NO_AREA)
        return;
    p->areas[k].born = min_u32(p->areas[k].born, layer_index);
    p->areas[k].dies = layer_index;
}

static void set_lifetimes(plan *p)
{
    for (uint32_t i = 0; i < p->layer_count; i++) {
        const layer *l = &p->layers[i];
        uses(p, l->out, i);
        for (uint32_t k = 0; k < layer_input_count(l); k++)
            uses(p, layer_input(l, k), i);
    }
}

int plan_lower(plan *p)
{
    p->area_of = malloc((p->g->tensor_count + 1u) * sizeof *p->area_of);
    if (!p->area_of)
        return plan_no_memory(p);
    int rc = lower_inputs(p);
    for (uint32_t i = 0; rc == WEFT_OK && i < p->g->node_count; i++) {
        const uint32_t node = p->g->order[i];
        const fusion *f = &p->fusions[p->fusions[node].root];
        if (f->last == node && f->into == WEFT_NONE && !weft_node_on_host(p->g, &p->g->nodes[node]))
            rc = lower_node(p, &p->g->nodes[f->root], f);
    }
    if (rc == WEFT_OK)
        rc = drop_dead(p);
    if (rc == WEFT_OK)
        set_lifetimes(p);
    return rc;
}
