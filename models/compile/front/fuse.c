/* Which operators share a layer.
 *
 * The post unit of a COMPUTE can combine each result with a second operand (ALU) and then look it
 * up in a table (LUT).  So an elementwise operator of two inputs joins the convolution or pool that
 * makes one of them, and a table joins whatever computes its input.  A tensor that something else
 * reads, or that the user wants, must exist and ends the layer before it.
 *
 * A layer is named by its first node, the root, and lowered where its last node stands in the
 * order: by then every other operand exists. */
#include "fuse.h"
#include "front.h"
#include "models/compile/exact/binary.h"
#include "split.h"

int fuse_is_binary(weft_op op)
{
    return weft_op_class_of(op) == WEFT_CLASS_BINARY;
}

static int has_window(weft_op op)
{
    const weft_op_class c = weft_op_class_of(op);
    return c == WEFT_CLASS_CONV || c == WEFT_CLASS_FULL || c == WEFT_CLASS_POOL;
}

static int takes_table(weft_op op)
{
    switch (weft_op_class_of(op)) {
    case WEFT_CLASS_CONV:
    case WEFT_CLASS_FULL:
    case WEFT_CLASS_MATMUL:
    case WEFT_CLASS_POOL:
    case WEFT_CLASS_MEAN:
    case WEFT_CLASS_BILINEAR:
    case WEFT_CLASS_BINARY:
    case WEFT_CLASS_SLOPE:
    case WEFT_CLASS_TABLE: return 1;
    case WEFT_CLASS_RESHAPE:
    case WEFT_CLASS_MOVE:
    case WEFT_CLASS_CONVERT:
    case WEFT_CLASS_HOST_SUM:
    case WEFT_CLASS_HOST: return 0;
    }
    return 0;
}

/* The layer that makes the tensor for one reader alone, or NULL. */
static fusion *private_maker(const network *net, uint32_t tensor)
{
    const weft_tensor *t = &net->g->tensors[tensor];
    if (t->producer == WEFT_NONE || net->readers[tensor] != 1 || t->data ||
        split_is_output(net, tensor) || net->on_host[t->producer])
        return NULL;
    fusion *f = &net->fusions[net->fusions[t->producer].root];
    return net->g->nodes[f->last].output == tensor ? f : NULL;
}

/* entries after what is in the table already; 0 without memory. */
static int compose(network *net, const int8_t **table, const int8_t *entries)
{
    int8_t *both = work_alloc(net->work, WEFT_TABLE_ENTRIES);
    for (unsigned i = 0; both && i < WEFT_TABLE_ENTRIES; i++)
        both[i] = *table ? entries[(*table)[i] + 128] : entries[i];
    *table = both;
    return both != NULL;
}

static int is_identity(const int8_t *entries)
{
    for (int i = 0; i < WEFT_TABLE_ENTRIES; i++)
        if (entries[i] != i - 128)
            return 0;
    return 1;
}

/* The node is the table `entries` of the tensor. */
static int fuse_table(network *net, uint32_t node, uint32_t tensor, const int8_t *entries)
{
    fusion *f = private_maker(net, tensor), *own = &net->fusions[node];
    weft_op op = f ? net->g->nodes[f->root].op : WEFT_OP_COUNT;
    if (f && takes_table(op)) {
        own->root = f->root;
        f->last = node;
        own = f;
    } else {
        own->input = tensor;
    }
    int rc = bytes_record(net, net->g->nodes[node].output, tensor, entries);
    if (rc != WEFT_OK || is_identity(entries)) /* no work, in a layer or alone */
        return rc;
    return compose(net, &own->after, entries) ? WEFT_OK : WEFT_ERR_NO_MEMORY;
}

static int same_shape(const weft_tensor *a, const weft_tensor *b)
{
    return a->rank == b->rank && memcmp(a->dims, b->dims, a->rank * sizeof *a->dims) == 0;
}

/* The input to compute on: of y's shape, if possible not constant. */
static uint32_t whole_input(const network *net, const weft_node *n)
{
    const weft_tensor *y = &net->g->tensors[n->output];
    int first[2];
    for (unsigned i = 0; i < 2; i++) {
        const weft_tensor *x = &net->g->tensors[n->inputs[i]];
        first[i] = 2 * (weft_tensor_elements(x) == weft_tensor_elements(y)) + !x->data;
    }
    return first[1] > first[0];
}

/* Join the maker of input `side`: its tables go in front of the operator, the other input becomes
 * the second operand. */
static void fuse_binary(network *net, uint32_t node)
{
    const weft_node *n = &net->g->nodes[node];
    const weft_tensor *y = &net->g->tensors[n->output];
    fusion *best = NULL;
    uint32_t best_side = 0;
    for (uint32_t side = 0; side < 2; side++) {
        fusion *f = private_maker(net, n->inputs[side]);
        if (f && f->binary == WEFT_NONE && has_window(net->g->nodes[f->root].op) &&
            same_shape(&net->g->tensors[n->inputs[side]], y) &&
            (!best || f->position > best->position)) {
            best = f;
            best_side = side;
        }
    }
    net->fusions[node].binary = node;
    net->fusions[node].side = whole_input(net, n);
    if (!best)
        return;
    net->fusions[node].root = best->root;
    best->last = best->binary = node;
    best->side = best_side;
    best->before = best->after;
    best->after = NULL;
}

static int fuse_two_inputs(network *net, uint32_t node)
{
    const weft_node *n = &net->g->nodes[node];
    int8_t entries[WEFT_TABLE_ENTRIES];
    int rc;
    const uint32_t side = binary_as_table(net, n, entries, &rc);
    uint32_t tensor = side < 2 ? n->inputs[side] : WEFT_NONE;
    if (rc == WEFT_OK && side == 2)
        tensor = bytes_of_pair(net, n, entries, &rc);
    if (rc != WEFT_OK)
        return rc;
    if (tensor != WEFT_NONE) {
        bytes_reads_only(net, node, tensor);
        return fuse_table(net, node, tensor, entries);
    }
    if (binary_stages(net, n) > 1)
        net->fusions[node].binary = node;
    else
        fuse_binary(net, node);
    return WEFT_OK;
}

int front_fuse(network *net)
{
    net->fusions = work_alloc(net->work, (net->g->node_count + 1u) * sizeof *net->fusions);
    if (!net->fusions || bytes_start(net) != WEFT_OK)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < net->g->node_count; i++)
        net->fusions[i] = (fusion){
            .root = i, .last = i, .binary = WEFT_NONE, .input = WEFT_NONE, .into = WEFT_NONE
        };
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < net->g->node_count && rc == WEFT_OK; i++) {
        const uint32_t node = net->order[i];
        const weft_node *n = &net->g->nodes[node];
        net->fusions[node].position = i;
        if (net->on_host[node])
            continue;
        if (n->op == WEFT_OP_TABLE)
            rc = fuse_table(net, node, n->inputs[0], n->attr.table.entries);
        else if (fuse_is_binary(n->op) || weft_op_class_of(n->op) == WEFT_CLASS_SLOPE)
            rc = fuse_two_inputs(net, node);
        if (rc != WEFT_OK)
            work_blame(net->work, node, "%s", net->work->err->text);
    }
    return rc;
}
