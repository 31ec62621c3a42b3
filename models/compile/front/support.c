/* Where every operator runs and why. */
#include "front.h"
#include "fuse.h"
#include "refuses.h"
#include "split.h"
#include "views.h"

#include <inttypes.h>
#include <stdio.h>

/* Of a CONCAT or SLICE whose tensors share an area. */
static const char *why_shared(const network *net, const weft_node *n)
{
    uint32_t done = 0;
    if ((n->op != WEFT_OP_CONCAT && n->op != WEFT_OP_SLICE) || !net->views)
        return NULL;
    const uint32_t count = n->op == WEFT_OP_SLICE ? 1 : n->input_count;
    for (uint32_t i = 0; i < count; i++)
        done += (uint32_t)view_is_done(net, n, i);
    if (!done && !view_is_part(net, n->output))
        return NULL;
    if (done < count)
        return "side by side in one area, into which some inputs are copied";
    return n->op == WEFT_OP_SLICE ? "without a copy: it is read where its input lies"
                                  : "without a copy: its inputs are written side by side";
}

static const char *why_on_host(const network *net, uint32_t node)
{
    const char *refused = device_refuses(net, node);
    if (refused)
        return refused;
    const weft_op op = net->g->nodes[node].op;
    return weft_op_class_of(op) >= WEFT_CLASS_HOST_SUM
               ? weft_op_why(op)
               : "it reads or writes float32, or goes with what does";
}

static void set(weft_placement *to, weft_where where, const char *why, const char *name)
{
    to->where = where;
    (void)snprintf(to->why, sizeof to->why, "%s%s%s%s", why, *name ? " \"" : "", name,
                   *name ? "\"" : "");
}

static void place_node(const network *net, uint32_t node, weft_placement *to)
{
    const weft_node *n = &net->g->nodes[node];
    const fusion *f = &net->fusions[node];
    if (net->on_host[node])
        set(to, WEFT_ON_HOST, why_on_host(net, node), "");
    else if (f->into != WEFT_NONE)
        set(to, WEFT_IN_LAYER, "in the table of", net->g->nodes[f->into].name);
    else if (f->root != node)
        set(to, WEFT_IN_LAYER, "in the post unit of", net->g->nodes[f->root].name);
    else
        set(to, WEFT_ON_DEVICE,
            f->input != WEFT_NONE && fuse_is_binary(n->op) ? "a table: one byte decides it"
            : why_shared(net, n)                           ? why_shared(net, n)
                                                           : weft_op_why(n->op),
            "");
}

void front_support(const network *net, weft_placement *placements)
{
    for (uint32_t i = 0; i < net->g->node_count; i++)
        place_node(net, i, &placements[i]);
}
