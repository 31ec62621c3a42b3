/* Operators that only move data: each becomes one COPY layer. */
#include "lower.h"
#include "models/compile/front/views.h"

/* Elements from index to index along each axis. */
static void steps_of(const weft_tensor *t, int64_t *step)
{
    int64_t at = 1;
    for (uint32_t i = t->rank; i-- > 0; at *= t->dims[i])
        step[i] = at;
}

/* All of y from x as it stands: axis i of y walks axis i of x. */
static copy_part straight(const lowering *low, const weft_node *n)
{
    const weft_tensor *y = &low->net->g->tensors[n->output];
    copy_part c = { .area = low->area_of[n->inputs[0]], .rank = y->rank };
    int64_t from[WEFT_MAX_RANK], to[WEFT_MAX_RANK];
    c.from_base = view_steps(low->net, n->inputs[0], from);
    steps_of(y, to);
    for (uint32_t i = 0; i < y->rank; i++)
        c.axis[i] = (copy_axis){ y->dims[i], NULL, from[i], to[i] };
    return c;
}

static int transpose_part(const lowering *low, const weft_node *n, copy_part *c)
{
    *c = straight(low, n);
    int64_t from[WEFT_MAX_RANK];
    (void)view_steps(low->net, n->inputs[0], from);
    for (uint32_t i = 0; i < c->rank; i++)
        c->axis[i].from_step = from[n->attr.transpose.perm[i]];
    return WEFT_OK;
}

static int slice_part(const lowering *low, const weft_node *n, copy_part *c)
{
    *c = straight(low, n);
    for (uint32_t i = 0; i < c->rank; i++) {
        c->from_base += n->attr.slice.begin[i] * c->axis[i].from_step;
        c->axis[i].from_step *= n->attr.slice.stride[i];
    }
    return WEFT_OK;
}

static int pad_part(lowering *low, const weft_node *n, copy_part *c)
{
    const weft_tensor *x = &low->net->g->tensors[n->inputs[0]];
    *c = straight(low, n);
    c->fill = (int8_t)n->attr.pad.value;
    for (uint32_t i = 0; i < c->rank; i++) {
        copy_axis *a = &c->axis[i];
        const int64_t before = n->attr.pad.before[i];
        if (a->count == x->dims[i])
            continue;
        int64_t *from = work_alloc(low->work, a->count * sizeof *from);
        if (!from)
            return WEFT_ERR_NO_MEMORY;
        for (int64_t k = 0; k < a->count; k++)
            from[k] = k < before || k >= before + x->dims[i] ? -1 : (k - before) * a->from_step;
        a->from = from;
    }
    return WEFT_OK;
}

static int list_axis(lowering *low, copy_axis *a, const uint32_t *list)
{
    int64_t *from = work_alloc(low->work, a->count * sizeof *from);
    if (!from)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t k = 0; k < a->count; k++)
        from[k] = list[k] * a->from_step;
    a->from = from;
    return WEFT_OK;
}

static int resize_part(lowering *low, const weft_node *n, copy_part *c)
{
    *c = straight(low, n);
    int rc = list_axis(low, &c->axis[1], n->attr.resize_nearest.rows);
    return rc == WEFT_OK ? list_axis(low, &c->axis[2], n->attr.resize_nearest.columns) : rc;
}

/* Input i of a CONCAT into its place in a shared area, pixel by pixel. */
static int move_in(lowering *low, const weft_node *n, uint32_t i)
{
    const uint32_t x = n->inputs[i];
    const weft_tensor *t = &low->net->g->tensors[x];
    const layout as = layout_natural(t);
    uint32_t from;
    int rc = t->data ? layout_constant(low, x, as, &from)
                     : layout_area(low, (uint32_t)(n - low->net->g->nodes), x, as, &from);
    layer *l = rc == WEFT_OK ? lowering_add_layer(low, (uint32_t)(n - low->net->g->nodes)) : NULL;
    if (!l)
        return rc == WEFT_OK ? WEFT_ERR_NO_MEMORY : rc;
    l->in_count = 1;
    l->in[0] = from;
    l->out = low->area_of[n->output];
    l->in_h = l->out_h = t->dims[1];
    l->in_w = l->out_w = t->dims[2];
    l->in_c = l->out_c = t->dims[3];
    layout_use_view(low, x, 0, l);
    l->at[2] = low->net->views[n->output].at;
    l->out_space = low->net->views[n->output].pixel - t->dims[3];
    for (uint32_t k = 0; k < i; k++)
        l->at[2] += low->net->g->tensors[n->inputs[k]].dims[3];
    return lower_copy_kernel(low, l);
}

/* What does not lie there already. */
static int move_rest(lowering *low, const weft_node *n)
{
    int rc = layout_shared_area(low, n->output);
    for (uint32_t i = 0; i < n->input_count && rc == WEFT_OK; i++)
        if (!view_is_done(low->net, n, i))
            rc = move_in(low, n, i);
    return rc;
}

static int is_joined(const lowering *low, const weft_node *n)
{
    int some = view_is_part(low->net, n->output);
    for (uint32_t i = 0; i < n->input_count; i++)
        some |= view_is_done(low->net, n, i);
    return some;
}

static int lower_concat(lowering *low, const weft_node *n)
{
    if (is_joined(low, n))
        return move_rest(low, n);
    const weft_tensor *y = &low->net->g->tensors[n->output];
    const uint32_t axis = n->attr.concat.axis, node = (uint32_t)(n - low->net->g->nodes);
    copy_part *parts = work_alloc(low->work, n->input_count * sizeof *parts);
    int64_t to[WEFT_MAX_RANK], at = 0;
    int rc =
        parts ? layout_new_area(low, n->output, layout_chosen(low, n->output)) : WEFT_ERR_NO_MEMORY;
    steps_of(y, to);
    for (uint32_t i = 0; i < n->input_count && rc == WEFT_OK; i++) {
        const weft_tensor *x = &low->net->g->tensors[n->inputs[i]];
        int64_t from[WEFT_MAX_RANK];
        parts[i].from_base = view_steps(low->net, n->inputs[i], from);
        if (x->data)
            rc = layout_constant(low, n->inputs[i], layout_natural(x), &parts[i].area);
        else
            parts[i].area = low->area_of[n->inputs[i]];
        parts[i].rank = y->rank;
        parts[i].to_base = at * to[axis];
        for (uint32_t k = 0; k < y->rank; k++)
            parts[i].axis[k] = (copy_axis){ x->dims[k], NULL, from[k], to[k] };
        at += x->dims[axis];
    }
    return rc == WEFT_OK ? layout_copy(low, node, parts, n->input_count, low->area_of[n->output])
                         : rc;
}

int lower_move(lowering *low, const weft_node *n)
{
    copy_part c = { 0 };
    int rc = WEFT_OK;
    switch (n->op) {
    case WEFT_OP_CONCAT: return lower_concat(low, n);
    case WEFT_OP_SLICE:
        if (view_is_done(low->net, n, 0))
            return layout_shared_area(low, n->output);
        rc = slice_part(low, n, &c);
        break;
    case WEFT_OP_TRANSPOSE: rc = transpose_part(low, n, &c); break;
    case WEFT_OP_PAD: rc = pad_part(low, n, &c); break;
    default: rc = resize_part(low, n, &c); break;
    }
    if (rc == WEFT_OK)
        rc = layout_new_area(low, n->output, layout_chosen(low, n->output));
    const uint32_t node = (uint32_t)(n - low->net->g->nodes);
    return rc == WEFT_OK ? layout_copy(low, node, &c, 1, low->area_of[n->output]) : rc;
}
