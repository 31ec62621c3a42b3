/* From a graph to areas and layers: what is stored how, and who computes it. */
#include "plan.h"

#include <stdlib.h>

/* How the second operand of a layer with output y follows it; simple: as it lies. */
static operand_steps operand_of(const plan *p, const fusion *f, const weft_tensor *y)
{
    if (f->binary == WEFT_NONE)
        return (operand_steps){ .whole = 1 };
    return lower_operand_steps(&p->g->tensors[p->g->nodes[f->binary].inputs[!f->side]], y);
}

/* The area of the second operand beside an output in layout `as`: whole, repeated to that, or small
 * and repeated by the command. */
static int operand_area(plan *p, const fusion *f, const weft_tensor *y, layout as, uint32_t *from)
{
    const operand_steps s = operand_of(p, f, y);
    *from = NO_AREA;
    if (f->binary == WEFT_NONE)
        return WEFT_OK;
    const uint32_t tensor = p->g->nodes[f->binary].inputs[!f->side];
    const weft_tensor *t = &p->g->tensors[tensor];
    if (s.whole || !s.simple)
        return lower_repeat(p, f->root, tensor, y, as, from);
    const uint32_t rows = s.row ? as.rows : 1;
    const layout small = { rows, (uint32_t)(weft_tensor_elements(t) / rows) };
    return t->data ? layout_constant(p, tensor, small, from)
                   : layout_area(p, f->root, tensor, small, from);
}

/* A layer for the node from `in`, with the second operand and the output of its fusion.  pixel:
 * bytes of an output pixel. */
static int fused_layer(plan *p, const fusion *f, uint32_t in, layout as, uint32_t pixel,
                       layer **made)
{
    const uint32_t result = p->g->nodes[f->last].output;
    const weft_tensor *y = &p->g->tensors[result];
    const operand_steps s = operand_of(p, f, y);
    uint32_t operand;
    int rc = operand_area(p, f, y, as, &operand);
    if (rc == WEFT_OK)
        rc = layout_new_area(p, result, as);
    layer *l = rc == WEFT_OK ? plan_new_layer(p, f->root) : NULL;
    if (!l)
        return rc == WEFT_OK ? WEFT_ERR_NO_MEMORY : rc;
    l->in_count = operand == NO_AREA ? 1 : 2;
    l->in[0] = in;
    l->in[1] = operand;
    l->out = p->area_of[result];
    l->x_row = s.whole || !s.simple || s.row;
    l->x_pixel = s.whole || !s.simple || s.pixel ? pixel : 0;
    *made = l;
    return WEFT_OK;
}

/* A PAD in front of the window whose fill is what the window's own padding reads as becomes that
 * padding; the PAD's layer is dropped if nothing else reads it. */
static void fold_pad(const plan *p, const weft_node *n, uint32_t *tensor, weft_window *w)
{
    for (;;) {
        const uint32_t maker = p->g->tensors[*tensor].producer;
        if (n->op != WEFT_OP_CONV_2D || maker == WEFT_NONE || p->g->nodes[maker].op != WEFT_OP_PAD)
            return;
        const weft_pad *a = &p->g->nodes[maker].attr.pad;
        if (a->before[0] || a->after[0] || a->before[3] || a->after[3] ||
            a->value != weft_quant_zero_point(&p->g->tensors[*tensor].quant, 0))
            return;
        w->pad_top += a->before[1];
        w->pad_bottom += a->after[1];
        w->pad_left += a->before[2];
        w->pad_right += a->after[2];
        *tensor = p->g->nodes[maker].inputs[0];
    }
}

/* One window over the whole image that is too wide, or too large for the buffer: its pixels become
 * rows, and their channels, COLS at a time, the pixels of tiles. */
static int is_whole_pool(const plan *p, const weft_node *n, const fusion *f)
{
    const weft_tensor *x = &p->g->tensors[n->inputs[0]], *y = &p->g->tensors[n->output];
    const weft_window *w = &n->attr.pool_2d.window;
    const int pool = n->op == WEFT_OP_MAX_POOL_2D || n->op == WEFT_OP_AVERAGE_POOL_2D;
    return pool && w->kernel_h == x->dims[1] && w->kernel_w == x->dims[2] &&
           !(w->pad_top | w->pad_bottom | w->pad_left | w->pad_right) &&
           w->dilation_h * w->dilation_w == 1 && operand_of(p, f, y).whole &&
           (w->kernel_w > UINT8_MAX || layout_is_large(p, weft_tensor_elements(x)));
}

static int lower_whole_pool(plan *p, const weft_node *n, const fusion *f)
{
    const weft_tensor *x = &p->g->tensors[n->inputs[0]];
    const uint32_t taps = x->dims[1] * x->dims[2], cols = p->hw.cols;
    const weft_window w = { taps, 1, taps, 1, 1, 1, 0, 0, 0, 0 };
    uint32_t from = p->area_of[n->inputs[0]];
    layer *l = NULL;
    int rc = layout_rows(p, f->root, taps, x->dims[3], &from);
    if (rc == WEFT_OK)
        rc = fused_layer(p, f, from, (layout){ 1, x->dims[3] }, cols, &l);
    if (rc != WEFT_OK)
        return rc;
    l->in_h = taps;
    l->out_h = 1;
    l->in_w = l->out_w = (uint32_t)div_up(x->dims[3], cols);
    l->in_c = l->out_c = cols;
    rc = lower_pool(p, n, &w, l);
    return rc == WEFT_OK ? lower_post(p, f, 0, l) : rc;
}

static int lower_window(plan *p, const weft_node *n, const fusion *f)
{
    if (is_whole_pool(p, n, f))
        return lower_whole_pool(p, n, f);
    weft_window w = n->op == WEFT_OP_CONV_2D ? n->attr.conv_2d.window
                                             : (weft_window){ 1, 1, 1, 1, 1, 1, 0, 0, 0, 0 };
    uint32_t tensor = n->inputs[0], from;
    fold_pad(p, n, &tensor, &w);
    const weft_tensor *x = &p->g->tensors[tensor], *y = &p->g->tensors[n->output];
    layer *l = NULL;
    int rc = layout_area(p, f->root, tensor, layout_natural(x), &from);
    if (rc == WEFT_OK)
        rc = fused_layer(p, f, from, layout_natural(y), y->dims[3], &l);
    if (rc != WEFT_OK)
        return rc;
    l->in_h = x->dims[1];
    l->in_w = x->dims[2];
    l->in_c = x->dims[3];
    l->out_h = y->dims[1];
    l->out_w = y->dims[2];
    l->out_c = y->dims[3];
    switch (n->op) {
    case WEFT_OP_CONV_2D: rc = lower_conv(p, n, &w, l); break;
    case WEFT_OP_TRANSPOSE_CONV: rc = lower_transpose_conv(p, n, l); break;
    case WEFT_OP_RESIZE_BILINEAR: rc = lower_bilinear(p, n, l); break;
    default: rc = lower_pool(p, n, &n->attr.pool_2d.window, l); break;
    }
    return rc == WEFT_OK ? lower_post(p, f, 0, l) : rc;
}

/* One row of inputs: a kernel as tall as the area, so any layout will do.  Several: 1x1. */
static int lower_fully_connected(plan *p, const weft_node *n, const fusion *f)
{
    const weft_tensor *x = &p->g->tensors[n->inputs[0]], *y = &p->g->tensors[n->output];
    uint32_t from = p->area_of[n->inputs[0]];
    layer *l = NULL;
    int rc = WEFT_OK;
    if (x->dims[0] > 1)
        rc = layout_area(p, f->root, n->inputs[0], layout_natural(x), &from);
    if (rc == WEFT_OK)
        rc = fused_layer(p, f, from, layout_natural(y), y->dims[1], &l);
    if (rc != WEFT_OK)
        return rc;
    const area *a = &p->areas[from];
    l->in_h = a->rows;
    l->in_w = l->out_w = 1;
    l->in_c = a->row_bytes;
    l->out_h = x->dims[0];
    l->out_c = y->dims[1];
    weft_window w = { 1, 1, 1, 1, 1, 1, 0, 0, 0, 0 };
    if (x->dims[0] == 1)
        w.kernel_h = a->rows;
    rc = lower_conv(p, n, &w, l);
    return rc == WEFT_OK ? lower_post(p, f, 0, l) : rc;
}

/* The input that the layer computes on, in a layout of its own choice or that of y's rows. */
static int main_area(plan *p, const weft_node *n, const fusion *f, layout *as, uint32_t *from)
{
    const uint32_t tensor = n->inputs[f->side];
    const weft_tensor *x = &p->g->tensors[tensor], *y = &p->g->tensors[p->g->nodes[f->last].output];
    const operand_steps s = operand_of(p, f, y);
    const int whole = weft_tensor_elements(x) == weft_tensor_elements(y);
    if (s.whole && whole && !x->data) {
        *from = p->area_of[tensor];
        *as = (layout){ p->areas[*from].rows, p->areas[*from].row_bytes };
        return WEFT_OK;
    }
    *as = layout_natural(y);
    return lower_repeat(p, f->root, tensor, y, *as, from);
}

/* TABLE and operators of two inputs, alone: "pixels" of COLS bytes in any layout, both inputs
 * alike; or, if the operand repeats, the pixels of y. */
static int lower_elementwise(plan *p, const weft_node *n, const fusion *f)
{
    const weft_tensor *y = &p->g->tensors[p->g->nodes[f->last].output];
    const operand_steps s = operand_of(p, f, y);
    const uint32_t pixel = s.whole || !s.simple ? p->hw.cols : y->dims[y->rank - 1];
    layout as;
    uint32_t from;
    layer *l = NULL;
    int rc = main_area(p, n, f, &as, &from);
    if (rc == WEFT_OK)
        rc = fused_layer(p, f, from, as, pixel, &l);
    if (rc != WEFT_OK)
        return rc;
    l->in_h = l->out_h = as.rows;
    l->in_w = l->out_w = (uint32_t)div_up(as.row_bytes, pixel);
    l->in_c = l->out_c = pixel;
    rc = lower_copy_kernel(p, l);
    return rc == WEFT_OK ? lower_post(p, f, 0, l) : rc;
}

/* Below zero a product with alpha, which is the output's zero elsewhere; then the sum of that and
 * of the other side, which is zero where the first is not. */
static int lower_prelu(plan *p, const weft_node *n, const fusion *f)
{
    const uint32_t result = p->g->nodes[f->last].output;
    fusion below = *f;
    below.after = NULL;
    int rc = lower_elementwise(p, n, &below);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t middle = p->area_of[result];
    const layout as = { p->areas[middle].rows, p->areas[middle].row_bytes };
    uint32_t x;
    rc = layout_area(p, f->root, n->inputs[0], as, &x);
    if (rc == WEFT_OK)
        rc = layout_new_area(p, result, as);
    layer *l = rc == WEFT_OK ? plan_new_layer(p, f->root) : NULL;
    if (!l)
        return rc == WEFT_OK ? WEFT_ERR_NO_MEMORY : rc;
    l->in_count = 2;
    l->in[0] = middle;
    l->in[1] = x;
    l->out = p->area_of[result];
    l->x_row = 1;
    l->x_pixel = l->in_c = l->out_c = p->hw.cols;
    l->in_h = l->out_h = as.rows;
    l->in_w = l->out_w = (uint32_t)div_up(as.row_bytes, p->hw.cols);
    rc = lower_copy_kernel(p, l);
    return rc == WEFT_OK ? lower_post(p, f, 1, l) : rc;
}

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
        p->area_of[p->g->nodes[f->last].output] = p->area_of[n->inputs[f->side]];
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

/* Int8 tensors that the host fills: inputs of the graph, or what a QUANTIZE makes of them. */
static int lower_inputs(plan *p)
{
    for (uint32_t i = 0; i < p->g->tensor_count; i++) {
        const weft_tensor *t = &p->g->tensors[i];
        p->area_of[i] = NO_AREA;
        if (t->dtype != WEFT_INT8 || t->data)
            continue;
        if (t->producer != WEFT_NONE && p->g->nodes[t->producer].op != WEFT_OP_QUANTIZE)
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
            g->nodes[producer].op == WEFT_OP_QUANTIZE)
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
        if (f->last == node && !weft_node_on_host(p->g, &p->g->nodes[node]))
            rc = lower_node(p, &p->g->nodes[f->root], f);
    }
    if (rc == WEFT_OK)
        rc = drop_dead(p);
    if (rc == WEFT_OK)
        set_lifetimes(p);
    return rc;
}
