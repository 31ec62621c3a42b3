/* Operators of two inputs that one byte decides, however far apart: x * sigmoid(x), x * relu6(x +
 * 3).
 *
 * Every tensor that is a table of another one knows which and how.  Where both inputs of an
 * operator come from one tensor in this way, the operator is a table of that tensor, and what only
 * led to it need not exist. */
#include "fuse.h"
#include "models/compile/exact/binary.h"
#include "split.h"

#include <string.h>

int bytes_start(network *net)
{
    const weft_graph *g = net->g;
    net->functions = work_alloc(net->work, (g->tensor_count + 1u) * sizeof *net->functions);
    net->readers = work_alloc(net->work, (g->tensor_count + 1u) * sizeof *net->readers);
    if (!net->functions || !net->readers)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < g->tensor_count; i++)
        net->functions[i].parent = WEFT_NONE;
    for (uint32_t i = 0; i < g->node_count; i++)
        for (uint32_t k = 0; k < g->nodes[i].input_count; k++)
            if (g->nodes[i].inputs[k] != WEFT_NONE)
                net->readers[g->nodes[i].inputs[k]]++;
    return WEFT_OK;
}

int bytes_record(network *net, uint32_t tensor, uint32_t parent, const int8_t *entries)
{
    int8_t *copy = work_alloc(net->work, WEFT_TABLE_ENTRIES);
    if (!copy)
        return WEFT_ERR_NO_MEMORY;
    memcpy(copy, entries, WEFT_TABLE_ENTRIES);
    net->functions[tensor] = (byte_function){ parent, copy };
    return WEFT_OK;
}

static int descends(const network *net, uint32_t tensor, uint32_t from)
{
    while (tensor != from && tensor != WEFT_NONE)
        tensor = net->functions[tensor].parent;
    return tensor != WEFT_NONE;
}

/* The tensor as a table of `from`, which it descends from. */
static void along(const network *net, uint32_t tensor, uint32_t from, int8_t *entries)
{
    for (int i = 0; i < WEFT_TABLE_ENTRIES; i++)
        entries[i] = (int8_t)(i - 128);
    for (; tensor != from; tensor = net->functions[tensor].parent) {
        /* what is there so far comes behind this step */
        int8_t behind[WEFT_TABLE_ENTRIES];
        memcpy(behind, entries, sizeof behind);
        for (unsigned i = 0; i < WEFT_TABLE_ENTRIES; i++)
            entries[i] = behind[net->functions[tensor].entries[i] + 128];
    }
}

uint32_t bytes_of_pair(network *net, const weft_node *n, int8_t *entries, int *rc)
{
    int8_t first[WEFT_TABLE_ENTRIES], second[WEFT_TABLE_ENTRIES];
    uint32_t from = n->inputs[0];
    *rc = WEFT_OK;
    if (net->g->tensors[n->inputs[0]].data || net->g->tensors[n->inputs[1]].data)
        return WEFT_NONE;
    while (from != WEFT_NONE && !descends(net, n->inputs[1], from))
        from = net->functions[from].parent;
    if (from == WEFT_NONE)
        return WEFT_NONE;
    along(net, n->inputs[0], from, first);
    along(net, n->inputs[1], from, second);
    *rc = binary_of_tables(net, n, (const int8_t *const[2]){ first, second }, entries);
    return from;
}

/* A reader less; what nobody reads any more need not exist, if it is a table alone. */
static void release(network *net, uint32_t tensor, uint32_t into)
{
    while (--net->readers[tensor] == 0 && !split_is_output(net, tensor)) {
        const uint32_t producer = net->g->tensors[tensor].producer;
        if (producer == WEFT_NONE || net->fusions[producer].root == WEFT_NONE)
            return;
        const fusion *f = &net->fusions[net->fusions[producer].root];
        if (f->input == WEFT_NONE || f->last != producer)
            return;
        for (uint32_t i = 0; i < net->g->node_count; i++)
            if (&net->fusions[net->fusions[i].root] == f)
                net->fusions[i].into = into;
        tensor = f->input;
    }
}

void bytes_reads_only(network *net, uint32_t node, uint32_t tensor)
{
    const weft_node *n = &net->g->nodes[node];
    net->readers[tensor]++;
    for (uint32_t i = 0; i < 2; i++)
        if (!net->g->tensors[n->inputs[i]].data)
            release(net, n->inputs[i], node);
}
