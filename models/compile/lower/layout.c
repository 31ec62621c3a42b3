/* Row structures of tensors.
 *
 * A tensor needs a certain row structure only where a window walks over it; everywhere else any
 * will do, so RESHAPE costs nothing and a COPY layer is made only for a reader that insists. */
#include "layout.h"
#include "models/compile/front/views.h"

/* Row structure of a tensor as its own dims say. */
layout layout_natural(const weft_tensor *t)
{
    uint32_t bytes = 1, rows = 1, inner = t->rank == 2 ? 1 : 2;
    for (uint32_t i = 0; i < t->rank; i++)
        if (i + inner < t->rank)
            rows *= t->dims[i];
        else
            bytes *= t->dims[i];
    return (layout){ rows, bytes };
}

/* The layout the readers of a tensor ask for, those of what they make being known; rows 0 if they
 * take any.  The nearest window decides, through operators that keep the layout. */
static layout asked_for(const lowering *low, uint32_t tensor)
{
    const weft_tensor *t = &low->net->g->tensors[tensor];
    for (uint32_t i = 0; i < t->consumer_count && t->dtype == WEFT_INT8; i++) {
        const weft_node *n = &low->net->g->nodes[t->consumers[i]];
        const int same =
            weft_tensor_elements(t) == weft_tensor_elements(&low->net->g->tensors[n->output]);
        layout found = { 0, 0 };
        switch (weft_op_class_of(n->op)) {
        case WEFT_CLASS_CONV:
        case WEFT_CLASS_BILINEAR:
        case WEFT_CLASS_POOL: return layout_natural(t);
        case WEFT_CLASS_FULL:
            if (t->dims[0] > 1)
                return layout_natural(t);
            break;
        case WEFT_CLASS_BINARY:
        case WEFT_CLASS_SLOPE:
        case WEFT_CLASS_TABLE:
        case WEFT_CLASS_RESHAPE:
            if (same)
                found = low->wanted[n->output];
            break;
        case WEFT_CLASS_MOVE:
            if (n->op == WEFT_OP_PAD)
                return layout_natural(t);
            break;
        case WEFT_CLASS_MATMUL:
        case WEFT_CLASS_MEAN:
        case WEFT_CLASS_CONVERT:
        case WEFT_CLASS_HOST_SUM:
        case WEFT_CLASS_HOST: break;
        }
        if (found.rows)
            return found;
    }
    return (layout){ 0, 0 };
}

int layout_ask_readers(lowering *low)
{
    const weft_graph *g = low->net->g;
    low->wanted = work_alloc(low->work, (g->tensor_count + 1u) * sizeof *low->wanted);
    if (!low->wanted)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = g->node_count; i-- > 0;) {
        const uint32_t tensor = g->nodes[g->order[i]].output;
        low->wanted[tensor] = asked_for(low, tensor);
    }
    for (uint32_t i = 0; i < g->tensor_count; i++)
        if (g->tensors[i].producer == WEFT_NONE)
            low->wanted[i] = asked_for(low, i);
    return WEFT_OK;
}

/* A layout for a tensor that nobody has an opinion about: natural, unless its rows are too long
 * for a bank; then as many equal rows as make it fit. */
layout layout_chosen(const lowering *low, uint32_t tensor)
{
    const weft_tensor *t = &low->net->g->tensors[tensor];
    layout l = low->wanted[tensor];
    if (l.rows)
        return l;
    l = layout_natural(t);
    if (t->dtype != WEFT_INT8) /* never in the buffer; whole numbers in a row */
        return (layout){ l.rows, l.row_bytes * (uint32_t)weft_dtype_bytes(t->dtype) };
    uint64_t bank = (uint64_t)low->net->hw.fb_words * low->net->hw.word_bytes / 2,
             all = l.row_bytes;
    for (uint32_t rows = 2; l.rows == 1 && l.row_bytes > bank && rows < 1024; rows++)
        if (all % rows == 0 && all / rows <= bank)
            l = (layout){ rows, (uint32_t)(all / rows) };
    return l;
}

int layout_shared_area(lowering *low, uint32_t tensor)
{
    const uint32_t root = low->net->views[tensor].root;
    const weft_tensor *t = &low->net->g->tensors[root];
    if (low->area_of[root] == NO_AREA) {
        const int rc =
            lowering_add_area(low, t->dims[1], t->dims[2] * t->dims[3], &low->area_of[root]);
        if (rc != WEFT_OK)
            return rc;
        low->areas[low->area_of[root]].shared = 1;
    }
    low->area_of[tensor] = low->area_of[root];
    return WEFT_OK;
}

void layout_use_view(const lowering *low, uint32_t tensor, unsigned operand, layer *l)
{
    if (!view_is_part(low->net, tensor))
        return;
    uint32_t *space[3] = { &l->in_space, &l->x_space, &l->out_space };
    *space[operand] = low->net->views[tensor].pixel - low->net->g->tensors[tensor].dims[3];
    l->at[operand] = low->net->views[tensor].at;
}

int layout_new_area(lowering *low, uint32_t tensor, layout l)
{
    if (view_is_shared(low->net, tensor))
        return layout_shared_area(low, tensor);
    return lowering_add_area(low, l.rows, l.row_bytes, &low->area_of[tensor]);
}

int layout_constant_bytes(lowering *low, const int8_t *data, layout l, uint32_t *out)
{
    const uint32_t unit = low->net->hw.mem_bytes > 16 ? low->net->hw.mem_bytes : 16;
    const uint32_t pitch = (uint32_t)div_up(l.row_bytes, unit) * unit;
    uint32_t offset;
    uint8_t *to = lowering_add_image(low, (size_t)l.rows * pitch, &offset);
    int rc = to ? lowering_add_area(low, l.rows, l.row_bytes, out) : low->work->err->status;
    if (rc != WEFT_OK)
        return rc;
    for (uint32_t r = 0; r < l.rows; r++)
        memcpy(to + (size_t)r * pitch, data + (size_t)r * l.row_bytes, l.row_bytes);
    area *a = &low->areas[*out];
    a->is_constant = 1;
    a->image_pitch = pitch;
    a->image_offset = offset;
    return WEFT_OK;
}

int layout_constant(lowering *low, uint32_t tensor, layout l, uint32_t *out)
{
    return layout_constant_bytes(low, low->net->g->tensors[tensor].data, l, out);
}

int layout_copy(lowering *low, uint32_t node, const copy_part *parts, uint32_t count, uint32_t out)
{
    layer *l = lowering_add_layer(low, node);
    copy_part *own = l ? work_alloc(low->work, count * sizeof *own) : NULL;
    if (!own)
        return WEFT_ERR_NO_MEMORY;
    memcpy(own, parts, count * sizeof *own);
    for (uint32_t i = 0; i < count; i++)
        copy_compact(&own[i]);
    l->kind = LAYER_COPY;
    l->parts = own;
    l->part_count = count;
    l->out = out;
    return WEFT_OK;
}

/* A part of a shared area in a layout that is not its own. */
static int layout_part(lowering *low, uint32_t node, uint32_t tensor, layout l, uint32_t *out)
{
    const weft_tensor *t = &low->net->g->tensors[tensor];
    copy_part c = { .area = low->area_of[tensor], .rank = t->rank };
    int64_t from[WEFT_MAX_RANK], to = 1;
    c.from_base = view_steps(low->net, tensor, from);
    for (uint32_t i = t->rank; i-- > 0; to *= t->dims[i])
        c.axis[i] = (copy_axis){ t->dims[i], NULL, from[i], to };
    int rc = lowering_add_area(low, l.rows, l.row_bytes, out);
    return rc == WEFT_OK ? layout_copy(low, node, &c, 1, *out) : rc;
}

int layout_area(lowering *low, uint32_t node, uint32_t tensor, layout l, uint32_t *out)
{
    const uint32_t have = low->area_of[tensor];
    if (view_is_part(low->net, tensor)) {
        const layout own = layout_natural(&low->net->g->tensors[tensor]);
        *out = have;
        return own.rows == l.rows && own.row_bytes == l.row_bytes
                   ? WEFT_OK
                   : layout_part(low, node, tensor, l, out);
    }
    const area *a = &low->areas[have];
    const uint64_t count = (uint64_t)a->rows * a->row_bytes;
    *out = have;
    if (a->rows == l.rows && a->row_bytes == l.row_bytes)
        return WEFT_OK;
    for (uint32_t i = 0; i < low->layer_count; i++) {
        const layer *copy = &low->layers[i];
        const area *b = &low->areas[copy->out];
        if (copy->kind == LAYER_COPY && copy->part_count == 1 && copy->parts[0].area == have &&
            copy_is_all(&copy->parts[0], count) && b->rows == l.rows &&
            b->row_bytes == l.row_bytes) {
            *out = copy->out;
            return WEFT_OK;
        }
    }
    const copy_part all = copy_all(have, count);
    int rc = lowering_add_area(low, l.rows, l.row_bytes, out);
    return rc == WEFT_OK ? layout_copy(low, node, &all, 1, *out) : rc;
}

int layout_rows(lowering *low, uint32_t node, uint64_t rows, uint64_t bytes, uint32_t *from)
{
    const area *a = &low->areas[*from];
    if (a->row_bytes == bytes)
        return WEFT_OK;
    const copy_part all = copy_all(*from, rows * bytes);
    int rc = lowering_add_area(low, (uint32_t)rows, (uint32_t)bytes, from);
    return rc == WEFT_OK ? layout_copy(low, node, &all, 1, *from) : rc;
}

int layout_is_large(const lowering *low, uint64_t bytes)
{
    return bytes > (uint64_t)low->net->hw.fb_words * low->net->hw.word_bytes * 2;
}
