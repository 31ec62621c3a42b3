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
#include "models/compile/exact/binary.h"
#include "models/compile/plan/stages.h"
#include "split.h"

int fuse_is_binary(weft_op op)
{
    return op == WEFT_OP_ADD || op == WEFT_OP_SUB || op == WEFT_OP_MUL || op == WEFT_OP_MINIMUM ||
           op == WEFT_OP_MAXIMUM;
}

static int has_window(weft_op op)
{
    return op == WEFT_OP_CONV_2D || op == WEFT_OP_FULLY_CONNECTED || op == WEFT_OP_MAX_POOL_2D ||
           op == WEFT_OP_AVERAGE_POOL_2D || op == WEFT_OP_TRANSPOSE_CONV;
}

static int takes_table(weft_op op)
{
    return has_window(op) || fuse_is_binary(op) || op == WEFT_OP_TABLE_NODE ||
           op == WEFT_OP_PRELU || op == WEFT_OP_MEAN || op == WEFT_OP_MATMUL ||
           op == WEFT_OP_RESIZE_BILINEAR;
}

int plan_is_output(const plan *p, uint32_t tensor)
{
    for (uint32_t i = 0; i < p->g->output_count; i++)
        if (plan_output_tensor(p, p->g->outputs[i].tensor) == tensor)
            return 1;
    return 0;
}

/* The layer that makes the tensor for one reader alone, or NULL. */
static fusion *private_maker(const plan *p, uint32_t tensor)
{
    const weft_tensor *t = &p->g->tensors[tensor];
    if (t->producer == WEFT_NONE || p->readers[tensor] != 1 || t->data ||
        plan_is_output(p, tensor) || p->on_host[t->producer])
        return NULL;
    fusion *f = &p->fusions[p->fusions[t->producer].root];
    return p->g->nodes[f->last].output == tensor ? f : NULL;
}

/* entries after what is in the table already; 0 without memory. */
static int compose(plan *p, const int8_t **table, const int8_t *entries)
{
    int8_t *both = plan_alloc(p, WEFT_TABLE_ENTRIES);
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
static int fuse_table(plan *p, uint32_t node, uint32_t tensor, const int8_t *entries)
{
    fusion *f = private_maker(p, tensor), *own = &p->fusions[node];
    weft_op op = f ? p->g->nodes[f->root].op : WEFT_OP_COUNT;
    if (f && takes_table(op)) {
        own->root = f->root;
        f->last = node;
        own = f;
    } else {
        own->input = tensor;
    }
    int rc = bytes_record(p, p->g->nodes[node].output, tensor, entries);
    if (rc != WEFT_OK || is_identity(entries)) /* no work, in a layer or alone */
        return rc;
    return compose(p, &own->after, entries) ? WEFT_OK : WEFT_ERR_NO_MEMORY;
}

static int same_shape(const weft_tensor *a, const weft_tensor *b)
{
    return a->rank == b->rank && memcmp(a->dims, b->dims, a->rank * sizeof *a->dims) == 0;
}

/* The input to compute on: of y's shape, if possible not constant. */
static uint32_t whole_input(const plan *p, const weft_node *n)
{
    const weft_tensor *y = &p->g->tensors[n->output];
    int first[2];
    for (unsigned i = 0; i < 2; i++) {
        const weft_tensor *x = &p->g->tensors[n->inputs[i]];
        first[i] = 2 * (weft_tensor_elements(x) == weft_tensor_elements(y)) + !x->data;
    }
    return first[1] > first[0];
}

/* Join the maker of input `side`: its tables go in front of the operator, the other input becomes
 * the second operand. */
static void fuse_binary(plan *p, uint32_t node)
{
    const weft_node *n = &p->g->nodes[node];
    const weft_tensor *y = &p->g->tensors[n->output];
    fusion *best = NULL;
    uint32_t best_side = 0;
    for (uint32_t side = 0; side < 2; side++) {
        fusion *f = private_maker(p, n->inputs[side]);
        if (f && f->binary == WEFT_NONE && has_window(p->g->nodes[f->root].op) &&
            same_shape(&p->g->tensors[n->inputs[side]], y) && (!best || f->place > best->place)) {
            best = f;
            best_side = side;
        }
    }
    p->fusions[node].binary = node;
    p->fusions[node].side = whole_input(p, n);
    if (!best)
        return;
    p->fusions[node].root = best->root;
    best->last = best->binary = node;
    best->side = best_side;
    best->before = best->after;
    best->after = NULL;
}

static int fuse_two_inputs(plan *p, uint32_t node)
{
    const weft_node *n = &p->g->nodes[node];
    int8_t entries[WEFT_TABLE_ENTRIES];
    int rc;
    const uint32_t side = binary_as_table(p, n, entries, &rc);
    uint32_t tensor = side < 2 ? n->inputs[side] : WEFT_NONE;
    if (rc == WEFT_OK && side == 2)
        tensor = bytes_of_pair(p, n, entries, &rc);
    if (rc != WEFT_OK)
        return rc;
    if (tensor != WEFT_NONE) {
        bytes_reads_only(p, node, tensor);
        return fuse_table(p, node, tensor, entries);
    }
    if (binary_stages(p, n) > 1)
        p->fusions[node].binary = node;
    else
        fuse_binary(p, node);
    return WEFT_OK;
}

int plan_fuse(plan *p)
{
    p->fusions = plan_alloc(p, (p->g->node_count + 1u) * sizeof *p->fusions);
    if (!p->fusions || bytes_start(p) != WEFT_OK)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < p->g->node_count; i++)
        p->fusions[i] = (fusion){
            .root = i, .last = i, .binary = WEFT_NONE, .input = WEFT_NONE, .into = WEFT_NONE
        };
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < p->g->node_count && rc == WEFT_OK; i++) {
        const uint32_t node = p->order[i];
        const weft_node *n = &p->g->nodes[node];
        p->fusions[node].place = i;
        if (p->on_host[node])
            continue;
        if (n->op == WEFT_OP_TABLE_NODE)
            rc = fuse_table(p, node, n->inputs[0], n->attr.table.entries);
        else if (fuse_is_binary(n->op) || n->op == WEFT_OP_PRELU)
            rc = fuse_two_inputs(p, node);
        if (rc != WEFT_OK)
            plan_blame(p, node, "%s", p->err->text);
    }
    return rc;
}
