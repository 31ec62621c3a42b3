/* From a graph to areas and layers: what is stored how, and who computes it. */
#include "lower.h"
#include "models/compile/exact/binary.h"
#include "models/compile/front/split.h"
#include "models/compile/plan/stages.h"

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
    case WEFT_OP_MAXIMUM:
    case WEFT_OP_PRELU:
        if (f->binary != WEFT_NONE && binary_stages(p, n) > 1)
            return lower_stages(p, n, f);
        return lower_elementwise(p, n, f);
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

/* Int8 tensors that the host fills before the first run: inputs of the graph, or what a QUANTIZE
 * makes of them. */
static int lower_inputs(plan *p)
{
    for (uint32_t i = 0; i < p->g->tensor_count; i++) {
        p->area_of[i] = NO_AREA;
        if (p->home[i] != HOME_INPUT)
            continue;
        int rc = layout_new_area(p, i, layout_chosen(p, i));
        if (rc != WEFT_OK)
            return rc;
        p->areas[p->area_of[i]].is_input = 1;
    }
    return WEFT_OK;
}

/* Mark the outputs, and drop layers whose result nobody reads. */
static int drop_dead(plan *p)
{
    uint8_t *read = plan_alloc(p, p->area_count + 1u), *alive = plan_alloc(p, p->layer_count + 1u);
    if (!read || !alive)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < p->g->output_count; i++) {
        uint32_t k = p->area_of[plan_output_tensor(p, p->g->outputs[i].tensor)];
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
        const int host = l->kind == LAYER_HOST;
        uses(p, l->out, i);
        p->areas[l->out].last_writer = i;
        p->areas[l->out].host_writes |= host;
        for (uint32_t k = 0; k < layer_input_count(l); k++) {
            uses(p, layer_input(l, k), i);
            if (layer_input(l, k) == NO_AREA)
                continue;
            area *a = &p->areas[layer_input(l, k)];
            a->host_reads |= host;
            a->device_reads |= !host;
        }
    }
}

/* Nothing stays in the feature buffer from one run of the device to the next. */
static void find_crossings(plan *p)
{
    for (uint32_t i = 0; i < p->layer_count; i++)
        for (uint32_t k = 0; p->layers[i].kind == LAYER_HOST && k < p->area_count; k++)
            p->areas[k].crosses |= p->areas[k].born < i && p->areas[k].dies > i;
}

static int lower_in_order(plan *p, uint32_t node)
{
    const weft_node *n = &p->g->nodes[node];
    const fusion *f = &p->fusions[p->fusions[node].root];
    if (p->on_host[node])
        return p->home[n->output] == HOME_STEP ? lower_step(p, node) : WEFT_OK;
    const int here = f->last == node && f->into == WEFT_NONE;
    const int rc = here ? lower_node(p, &p->g->nodes[f->root], f) : WEFT_OK;
    if (rc != WEFT_OK)
        plan_blame(p, node, "%s", p->err->text);
    return rc;
}

int plan_lower(plan *p)
{
    p->area_of = malloc((p->g->tensor_count + 1u) * sizeof *p->area_of);
    if (!p->area_of)
        return plan_no_memory(p);
    int rc = lower_inputs(p);
    for (uint32_t i = 0; rc == WEFT_OK && i < p->g->node_count; i++)
        rc = lower_in_order(p, p->order[i]);
    if (rc == WEFT_OK)
        rc = drop_dead(p);
    if (rc == WEFT_OK) {
        set_lifetimes(p);
        find_crossings(p);
    }
    return rc;
}
