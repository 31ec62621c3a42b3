/* Steps of the host between runs of the device, as layers without commands. */
#include "lower.h"
#include "models/compile/front/split.h"

static int is_read(const lowering *low, uint32_t tensor)
{
    return tensor != WEFT_NONE && !low->net->g->tensors[tensor].data &&
           low->net->home[tensor] != HOME_NONE;
}

/* A layer without commands, whose parts name the areas it reads. */
int lower_step(lowering *low, uint32_t node)
{
    const weft_graph *g = low->net->g;
    const uint32_t out = g->nodes[node].output;
    uint8_t *needed = work_alloc(low->work, g->node_count + 1u);
    if (!needed)
        return WEFT_ERR_NO_MEMORY;
    uint32_t most = 0, count = 0;
    (void)split_step_nodes(low->net, node, needed);
    for (uint32_t i = 0; i < g->node_count; i++)
        most += needed[i] ? g->nodes[i].input_count : 0;
    copy_part *parts = work_alloc(low->work, (most + 1u) * sizeof *parts);
    int rc = parts ? layout_new_area(low, out, layout_chosen(low, out)) : WEFT_ERR_NO_MEMORY;
    layer *l = rc == WEFT_OK ? lowering_add_layer(low, node) : NULL;
    if (!l)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < g->node_count; i++)
        for (uint32_t k = 0; needed[i] && k < g->nodes[i].input_count; k++)
            if (is_read(low, g->nodes[i].inputs[k]))
                parts[count++].area = low->area_of[g->nodes[i].inputs[k]];
    l->kind = LAYER_HOST;
    l->parts = parts;
    l->part_count = count;
    l->out = low->area_of[out];
    return WEFT_OK;
}
