/* From a graph to areas and layers: what is stored how, and who computes it.
 *
 * A tensor needs a certain row structure only where a window walks over it; everywhere else any
 * will do, so RESHAPE costs nothing and a COPY layer is made only for a reader that insists. */
#include "plan.h"

#include <stdlib.h>

enum { MAX_DEPTH = 32 };

typedef struct layout {
    uint32_t rows, row_bytes;
} layout;

/* Row structure of a tensor as its own dims say. */
static layout natural(const weft_tensor *t)
{
    uint32_t bytes = 1, rows = 1, inner = t->rank == 2 ? 1 : 2;
    for (uint32_t i = 0; i < t->rank; i++)
        if (i + inner < t->rank)
            rows *= t->dims[i];
        else
            bytes *= t->dims[i];
    return (layout){ rows, bytes };
}

/* The layout the readers of a tensor ask for; rows 0 if they take any.  The nearest window decides,
 * through operators that keep the layout; depth ends silly graphs. */
static layout wanted(const plan *p, uint32_t tensor, int depth)
{
    const weft_tensor *t = &p->g->tensors[tensor];
    for (uint32_t i = 0; i < t->consumer_count && depth < MAX_DEPTH; i++) {
        const weft_node *n = &p->g->nodes[t->consumers[i]];
        layout found = { 0, 0 };
        switch (n->op) {
        case WEFT_OP_CONV_2D:
        case WEFT_OP_MAX_POOL_2D:
        case WEFT_OP_AVERAGE_POOL_2D: return natural(t);
        case WEFT_OP_FULLY_CONNECTED:
            if (t->dims[0] > 1)
                return natural(t);
            break;
        case WEFT_OP_ADD:
        case WEFT_OP_TABLE_NODE:
        case WEFT_OP_RESHAPE: found = wanted(p, n->output, depth + 1); break;
        default: break;
        }
        if (found.rows)
            return found;
    }
    return (layout){ 0, 0 };
}

/* A layout for a tensor that nobody has an opinion about: natural, unless its rows are too long
 * for a bank; then as many equal rows as make it fit. */
static layout chosen(const plan *p, uint32_t tensor)
{
    layout l = wanted(p, tensor, 0);
    if (l.rows)
        return l;
    l = natural(&p->g->tensors[tensor]);
    uint64_t bank = (uint64_t)p->hw.fb_words * p->hw.word_bytes / 2, all = l.row_bytes;
    for (uint32_t rows = 2; l.rows == 1 && l.row_bytes > bank && rows < 1024; rows++)
        if (all % rows == 0 && all / rows <= bank)
            l = (layout){ rows, (uint32_t)(all / rows) };
    return l;
}

static int new_area_for(plan *p, uint32_t tensor, layout l)
{
    return plan_new_area(p, l.rows, l.row_bytes, &p->area_of[tensor]);
}

/* A layer that rearranges `tensor` (through perm, if perm_rank) into area `out`. */
static int copy_layer(plan *p, uint32_t node, uint32_t from, uint32_t out, layer **made)
{
    layer *l = plan_new_layer(p, node);
    if (!l)
        return WEFT_ERR_NO_MEMORY;
    l->kind = LAYER_COPY;
    l->in_count = 1;
    l->in[0] = from;
    l->out = out;
    l->in_h = l->out_h = UINT16_MAX; /* one byte a pixel; emit_copy knows the rows */
    l->in_w = l->out_w = l->in_c = l->out_c = 1;
    *made = l;
    return WEFT_OK;
}

/* The area of a tensor in exactly this layout. */
static int area_in(plan *p, uint32_t node, uint32_t tensor, layout l, uint32_t *out)
{
    const uint32_t have = p->area_of[tensor];
    const area *a = &p->areas[have];
    *out = have;
    if (a->rows == l.rows && a->row_bytes == l.row_bytes)
        return WEFT_OK;
    for (uint32_t i = 0; i < p->layer_count; i++) {
        const layer *copy = &p->layers[i];
        const area *b = &p->areas[copy->out];
        if (copy->kind == LAYER_COPY && copy->perm_rank == 0 && copy->in[0] == have &&
            b->rows == l.rows && b->row_bytes == l.row_bytes) {
            *out = copy->out;
            return WEFT_OK;
        }
    }
    layer *copy;
    int rc = plan_new_area(p, l.rows, l.row_bytes, out);
    return rc == WEFT_OK ? copy_layer(p, node, have, *out, &copy) : rc;
}

static int lower_window(plan *p, const weft_node *n)
{
    const weft_tensor *x = &p->g->tensors[n->inputs[0]], *y = &p->g->tensors[n->output];
    uint32_t from, node = (uint32_t)(n - p->g->nodes);
    int rc = area_in(p, node, n->inputs[0], natural(x), &from);
    if (rc == WEFT_OK)
        rc = new_area_for(p, n->output, natural(y));
    layer *l = rc == WEFT_OK ? plan_new_layer(p, node) : NULL;
    if (!l)
        return rc == WEFT_OK ? WEFT_ERR_NO_MEMORY : rc;
    *l = (layer){ .node = l->node,
                  .name = l->name,
                  .in_count = 1,
                  .in = { from },
                  .lo2 = INT8_MIN,
                  .hi2 = INT8_MAX,
                  .out = p->area_of[n->output],
                  .win = n->op == WEFT_OP_CONV_2D ? n->attr.conv_2d.window : n->attr.pool_2d.window,
                  .in_h = x->dims[1],
                  .in_w = x->dims[2],
                  .in_c = x->dims[3],
                  .out_h = y->dims[1],
                  .out_w = y->dims[2],
                  .out_c = y->dims[3] };
    return n->op == WEFT_OP_CONV_2D ? lower_conv(p, n, l) : lower_pool(p, n, l);
}

/* One row of inputs: a kernel as tall as the area, so any layout will do.  Several: 1x1. */
static int lower_fully_connected(plan *p, const weft_node *n)
{
    const weft_tensor *x = &p->g->tensors[n->inputs[0]], *y = &p->g->tensors[n->output];
    uint32_t from = p->area_of[n->inputs[0]], node = (uint32_t)(n - p->g->nodes);
    int rc = WEFT_OK;
    if (x->dims[0] > 1)
        rc = area_in(p, node, n->inputs[0], natural(x), &from);
    if (rc == WEFT_OK)
        rc = new_area_for(p, n->output, natural(y));
    layer *l = rc == WEFT_OK ? plan_new_layer(p, node) : NULL;
    if (!l)
        return rc == WEFT_OK ? WEFT_ERR_NO_MEMORY : rc;
    const area *a = &p->areas[from];
    l->in_count = 1;
    l->in[0] = from;
    l->out = p->area_of[n->output];
    l->in_h = a->rows;
    l->in_w = l->out_w = 1;
    l->in_c = a->row_bytes;
    l->out_h = x->dims[0];
    l->out_c = y->dims[1];
    if (x->dims[0] == 1)
        l->win.kernel_h = a->rows;
    return lower_conv(p, n, l);
}

/* TABLE and ADD: any layout, both inputs alike; "pixels" of COLS bytes. */
static int lower_elementwise(plan *p, const weft_node *n)
{
    const area *a = &p->areas[p->area_of[n->inputs[0]]];
    const layout as = { a->rows, a->row_bytes };
    uint32_t in[2] = { p->area_of[n->inputs[0]], NO_AREA }, node = (uint32_t)(n - p->g->nodes);
    int rc = WEFT_OK;
    if (n->op == WEFT_OP_ADD)
        rc = area_in(p, node, n->inputs[1], as, &in[1]);
    if (rc == WEFT_OK)
        rc = new_area_for(p, n->output, as);
    layer *l = rc == WEFT_OK ? plan_new_layer(p, node) : NULL;
    if (!l)
        return rc == WEFT_OK ? WEFT_ERR_NO_MEMORY : rc;
    l->in_count = n->op == WEFT_OP_ADD ? 2 : 1;
    l->in[0] = in[0];
    l->in[1] = in[1];
    l->out = p->area_of[n->output];
    l->in_h = l->out_h = as.rows;
    l->in_w = l->out_w = (uint32_t)div_up(as.row_bytes, p->hw.cols);
    l->in_c = l->out_c = p->hw.cols;
    return n->op == WEFT_OP_ADD ? lower_add(p, n, l) : lower_table(p, n, l);
}

static int lower_transpose(plan *p, const weft_node *n)
{
    const weft_tensor *x = &p->g->tensors[n->inputs[0]];
    int rc = new_area_for(p, n->output, chosen(p, n->output));
    layer *l;
    if (rc == WEFT_OK)
        rc = copy_layer(p, (uint32_t)(n - p->g->nodes), p->area_of[n->inputs[0]],
                        p->area_of[n->output], &l);
    if (rc != WEFT_OK)
        return rc;
    l->perm_rank = x->rank;
    for (uint32_t i = 0; i < x->rank; i++) {
        l->perm[i] = n->attr.transpose.perm[i];
        l->dims[i] = x->dims[i];
    }
    return WEFT_OK;
}

static int lower_node(plan *p, const weft_node *n)
{
    switch (n->op) {
    case WEFT_OP_CONV_2D:
    case WEFT_OP_MAX_POOL_2D:
    case WEFT_OP_AVERAGE_POOL_2D: return lower_window(p, n);
    case WEFT_OP_FULLY_CONNECTED: return lower_fully_connected(p, n);
    case WEFT_OP_ADD:
    case WEFT_OP_TABLE_NODE: return lower_elementwise(p, n);
    case WEFT_OP_RESHAPE: p->area_of[n->output] = p->area_of[n->inputs[0]]; return WEFT_OK;
    case WEFT_OP_TRANSPOSE: return lower_transpose(p, n);
    default:
        return weft_error_set(p->err, WEFT_ERR_UNSUPPORTED, "%s \"%s\" has no lowering",
                              weft_op_name(n->op), n->name);
    }
}

/* Int8 tensors that the host fills: inputs of the graph, or what a QUANTIZE makes of them. */
static int lower_inputs(plan *p)
{
    for (uint32_t i = 0; i < p->g->tensor_count; i++) {
        const weft_tensor *t = &p->g->tensors[i];
        p->area_of[i] = NO_AREA;
        if (t->dtype != WEFT_INT8 || t->data)
            continue;
        if (t->producer != WEFT_NONE && !weft_node_on_host(p->g, &p->g->nodes[t->producer]))
            continue;
        int rc = new_area_for(p, i, chosen(p, i));
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
        if (producer == WEFT_NONE || !weft_node_on_host(g, &g->nodes[producer]))
            return tensor;
        tensor = g->nodes[producer].inputs[0];
        if (g->tensors[tensor].dtype == WEFT_INT8)
            return tensor;
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
        for (unsigned k = 0; k < l->in_count && alive[i]; k++)
            read[l->in[k]] = 1;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < p->layer_count; i++)
        if (alive[i])
            p->layers[kept++] = p->layers[i];
    p->layer_count = kept;
    return WEFT_OK;
}

static void set_lifetimes(plan *p)
{
    for (uint32_t i = 0; i < p->layer_count; i++) {
        const layer *l = &p->layers[i];
        const uint32_t used[] = { l->out, l->in[0], l->in_count > 1 ? l->in[1] : l->in[0] };
        for (unsigned k = 0; k < 3; k++) {
            area *a = &p->areas[used[k]];
            a->born = min_u32(a->born, i);
            a->dies = i;
            a->pinned |= l->kind == LAYER_COPY;
        }
    }
}

int plan_lower(plan *p)
{
    p->area_of = malloc((p->g->tensor_count + 1u) * sizeof *p->area_of);
    if (!p->area_of)
        return plan_no_memory(p);
    int rc = lower_inputs(p);
    for (uint32_t i = 0; rc == WEFT_OK && i < p->g->node_count; i++) {
        const weft_node *n = &p->g->nodes[p->g->order[i]];
        if (!weft_node_on_host(p->g, n))
            rc = lower_node(p, n);
    }
    if (rc == WEFT_OK)
        rc = drop_dead(p);
    if (rc == WEFT_OK)
        set_lifetimes(p);
    return rc;
}
