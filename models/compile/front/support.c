/* Where every operator runs and why. */
#include "front.h"
#include "fuse.h"
#include "refuses.h"
#include "split.h"
#include "views.h"

#include <inttypes.h>
#include <stdio.h>

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
    case WEFT_OP_TABLE: return "in the byte table of the post unit";
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
    switch (net->g->nodes[node].op) {
    case WEFT_OP_SOFTMAX:
    case WEFT_OP_LOG_SOFTMAX: return "the exponential of a whole row is not int8 arithmetic";
    case WEFT_OP_LAYER_NORMALIZATION:
    case WEFT_OP_L2_NORMALIZATION: return "the root of a sum of squares is not int8 arithmetic";
    case WEFT_OP_ARGMAX: return "a position is no int8 value";
    case WEFT_OP_TABLE_PAIR: return "no tables of the post unit give this of two operands";
    default: return "it reads or writes float32, or goes with what does";
    }
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
                                                           : why_on_device(n->op),
            "");
}

void front_support(const network *net, weft_placement *placements)
{
    for (uint32_t i = 0; i < net->g->node_count; i++)
        place_node(net, i, &placements[i]);
}
