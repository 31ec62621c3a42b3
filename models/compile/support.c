/* Where every operator runs and why; and all that cannot run, at once.
 *
 * What the host does stands at the ends of the network: one program is one run of the device. */
#include "plan.h"

#include <inttypes.h>
#include <stdio.h>

static int device_reads(const weft_graph *g, uint32_t tensor)
{
    const weft_tensor *t = &g->tensors[tensor];
    for (uint32_t i = 0; i < t->consumer_count; i++)
        if (!weft_node_on_host(g, &g->nodes[t->consumers[i]]))
            return 1;
    return 0;
}

/* Why the node cannot be part of a program, or NULL. */
static const char *refusal(const plan *p, const weft_node *n)
{
    const weft_graph *g = p->g;
    if (n->op == WEFT_OP_RESIZE_BILINEAR && !lower_bilinear_fits(p, n))
        return "its weights are too fine for int8 arithmetic; use a smaller factor, or "
               "2, 4 or 8 with half pixels";
    if (!weft_node_on_host(g, n) || !device_reads(g, n->output))
        return NULL;
    if (n->op != WEFT_OP_QUANTIZE)
        return "it runs on the host, and layers of the device follow; cut the network here";
    return plan_quantised_behind(g, n->output)
               ? "float32 between int8 layers; quantise the operators before it"
               : NULL;
}

static const char *why_on_device(weft_op op)
{
    switch (op) {
    case WEFT_OP_CONV_2D:
    case WEFT_OP_FULLY_CONNECTED:
    case WEFT_OP_TRANSPOSE_CONV:
    case WEFT_OP_MATMUL:
    case WEFT_OP_RESIZE_BILINEAR: return "on the array";
    case WEFT_OP_MAX_POOL_2D:
    case WEFT_OP_AVERAGE_POOL_2D: return "in the pooling path";
    case WEFT_OP_MEAN: return "as a sum in the pooling path or on the array";
    case WEFT_OP_TABLE_NODE: return "in the byte table of the post unit";
    case WEFT_OP_RESHAPE:
        return "only the row structure changes, and a copy only if a window insists";
    case WEFT_OP_TRANSPOSE:
    case WEFT_OP_PAD:
    case WEFT_OP_CONCAT:
    case WEFT_OP_SLICE:
    case WEFT_OP_RESIZE_NEAREST: return "as copies within the feature buffer";
    default: return "in the operand tables of the post unit";
    }
}

static const char *why_on_host(weft_op op)
{
    switch (op) {
    case WEFT_OP_SOFTMAX:
    case WEFT_OP_LOG_SOFTMAX: return "the exponential of a whole row is not int8 arithmetic";
    case WEFT_OP_ARGMAX: return "a position is no int8 value";
    default: return "float32 at an end of the network";
    }
}

static void set(weft_placement *to, weft_where where, const char *why, const char *name)
{
    to->where = where;
    (void)snprintf(to->why, sizeof to->why, "%s%s%s%s", why, *name ? " \"" : "", name,
                   *name ? "\"" : "");
}

static void place_node(const plan *p, uint32_t node, weft_placement *to)
{
    const weft_node *n = &p->g->nodes[node];
    const fusion *f = &p->fusions[node];
    const char *no = refusal(p, n);
    if (no)
        set(to, WEFT_REFUSED, no, "");
    else if (weft_node_on_host(p->g, n))
        set(to, WEFT_ON_HOST, why_on_host(n->op), "");
    else if (f->root != node)
        set(to, WEFT_IN_LAYER, "in the post unit of", p->g->nodes[f->root].name);
    else
        set(to, WEFT_ON_DEVICE,
            f->binary != node && f->after && fuse_is_binary(n->op)
                ? "a table: the other input is one constant"
                : why_on_device(n->op),
            "");
}

/* The first of each kind, with how many there are. */
static int refuse_all(plan *p, const weft_placement *all, uint32_t refused)
{
    char text[WEFT_ERROR_TEXT_BYTES] = "";
    size_t at = 0;
    uint32_t counted[WEFT_OP_COUNT] = { 0 };
    for (uint32_t i = 0; i < p->g->node_count; i++)
        counted[p->g->nodes[i].op] += all[i].where == WEFT_REFUSED;
    for (uint32_t i = 0; i < p->g->node_count && at < sizeof text; i++) {
        const weft_node *n = &p->g->nodes[i];
        if (all[i].where != WEFT_REFUSED || counted[n->op] == 0)
            continue;
        int used =
            snprintf(text + at, sizeof text - at, "%s%" PRIu32 " %s (\"%.24s\": %s)",
                     at ? ", " : "", counted[n->op], weft_op_name(n->op), n->name, all[i].why);
        at += used > 0 ? (size_t)used : 0;
        counted[n->op] = 0;
    }
    return weft_error_set(p->err, WEFT_ERR_UNSUPPORTED, "%" PRIu32 " operators cannot run: %s",
                          refused, text);
}

int plan_support(plan *p, weft_placement *placements)
{
    weft_placement *all = placements;
    uint32_t refused = 0;
    if (!all)
        all = plan_alloc(p, (p->g->node_count + 1u) * sizeof *all);
    if (!all)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < p->g->node_count; i++) {
        place_node(p, i, &all[i]);
        refused += all[i].where == WEFT_REFUSED;
    }
    return refused ? refuse_all(p, all, refused) : WEFT_OK;
}
