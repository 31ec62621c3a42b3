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
static copy_part straight(const plan *p, const weft_node *n)
{
    const weft_tensor *y = &p->g->tensors[n->output];
    copy_part c = { .area = p->area_of[n->inputs[0]], .rank = y->rank };
    int64_t from[WEFT_MAX_RANK], to[WEFT_MAX_RANK];
    c.from_base = view_steps(p, n->inputs[0], from);
    steps_of(y, to);
    for (uint32_t i = 0; i < y->rank; i++)
        c.axis[i] = (copy_axis){ y->dims[i], NULL, from[i], to[i] };
    return c;
}

static int transpose_part(const plan *p, const weft_node *n, copy_part *c)
{
    *c = straight(p, n);
    int64_t from[WEFT_MAX_RANK];
    (void)view_steps(p, n->inputs[0], from);
    for (uint32_t i = 0; i < c->rank; i++)
        c->axis[i].from_step = from[n->attr.transpose.perm[i]];
    return WEFT_OK;
}

static int slice_part(const plan *p, const weft_node *n, copy_part *c)
{
    *c = straight(p, n);
    for (uint32_t i = 0; i < c->rank; i++) {
        c->from_base += n->attr.slice.begin[i] * c->axis[i].from_step;
        c->axis[i].from_step *= n->attr.slice.stride[i];
    }
    return WEFT_OK;
}

static int pad_part(plan *p, const weft_node *n, copy_part *c)
{
    const weft_tensor *x = &p->g->tensors[n->inputs[0]];
    *c = straight(p, n);
    c->fill = (int8_t)n->attr.pad.value;
    for (uint32_t i = 0; i < c->rank; i++) {
        copy_axis *a = &c->axis[i];
        const int64_t before = n->attr.pad.before[i];
        if (a->count == x->dims[i])
            continue;
        int64_t *from = plan_alloc(p, a->count * sizeof *from);
        if (!from)
            return WEFT_ERR_NO_MEMORY;
        for (int64_t k = 0; k < a->count; k++)
            from[k] = k < before || k >= before + x->dims[i] ? -1 : (k - before) * a->from_step;
        a->from = from;
    }
    return WEFT_OK;
}

static int list_axis(plan *p, copy_axis *a, const uint32_t *list)
{
    int64_t *from = plan_alloc(p, a->count * sizeof *from);
    if (!from)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t k = 0; k < a->count; k++)
        from[k] = list[k] * a->from_step;
    a->from = from;
    return WEFT_OK;
}

static int resize_part(plan *p, const weft_node *n, copy_part *c)
{
    *c = straight(p, n);
    int rc = list_axis(p, &c->axis[1], n->attr.resize_nearest.rows);
    return rc == WEFT_OK ? list_axis(p, &c->axis[2], n->attr.resize_nearest.columns) : rc;
}

/* Input i of a CONCAT into its place in a shared area, pixel by pixel. */
static int move_in(plan *p, const weft_node *n, uint32_t i)
{
    const uint32_t x = n->inputs[i];
    const weft_tensor *t = &p->g->tensors[x];
    const layout as = layout_natural(t);
    uint32_t from;
    int rc = t->data ? layout_constant(p, x, as, &from)
                     : layout_area(p, (uint32_t)(n - p->g->nodes), x, as, &from);
    layer *l = rc == WEFT_OK ? plan_new_layer(p, (uint32_t)(n - p->g->nodes)) : NULL;
    if (!l)
        return rc == WEFT_OK ? WEFT_ERR_NO_MEMORY : rc;
    l->in_count = 1;
    l->in[0] = from;
    l->out = p->area_of[n->output];
    l->in_h = l->out_h = t->dims[1];
    l->in_w = l->out_w = t->dims[2];
    l->in_c = l->out_c = t->dims[3];
    view_use(p, x, 0, l);
    l->at[2] = p->views[n->output].at;
    l->out_space = p->views[n->output].pixel - t->dims[3];
    for (uint32_t k = 0; k < i; k++)
        l->at[2] += p->g->tensors[n->inputs[k]].dims[3];
    return lower_copy_kernel(p, l);
}

/* What does not lie there already. */
static int move_rest(plan *p, const weft_node *n)
{
    int rc = view_area(p, n->output);
    for (uint32_t i = 0; i < n->input_count && rc == WEFT_OK; i++)
        if (!view_is_done(p, n, i))
            rc = move_in(p, n, i);
    return rc;
}

static int is_joined(const plan *p, const weft_node *n)
{
    int some = view_is_part(p, n->output);
    for (uint32_t i = 0; i < n->input_count; i++)
        some |= view_is_done(p, n, i);
    return some;
}

static int lower_concat(plan *p, const weft_node *n)
{
    if (is_joined(p, n))
        return move_rest(p, n);
    const weft_tensor *y = &p->g->tensors[n->output];
    const uint32_t axis = n->attr.concat.axis, node = (uint32_t)(n - p->g->nodes);
    copy_part *parts = plan_alloc(p, n->input_count * sizeof *parts);
    int64_t to[WEFT_MAX_RANK], at = 0;
    int rc =
        parts ? layout_new_area(p, n->output, layout_chosen(p, n->output)) : WEFT_ERR_NO_MEMORY;
    steps_of(y, to);
    for (uint32_t i = 0; i < n->input_count && rc == WEFT_OK; i++) {
        const weft_tensor *x = &p->g->tensors[n->inputs[i]];
        int64_t from[WEFT_MAX_RANK];
        parts[i].from_base = view_steps(p, n->inputs[i], from);
        if (x->data)
            rc = layout_constant(p, n->inputs[i], layout_natural(x), &parts[i].area);
        else
            parts[i].area = p->area_of[n->inputs[i]];
        parts[i].rank = y->rank;
        parts[i].to_base = at * to[axis];
        for (uint32_t k = 0; k < y->rank; k++)
            parts[i].axis[k] = (copy_axis){ x->dims[k], NULL, from[k], to[k] };
        at += x->dims[axis];
    }
    return rc == WEFT_OK ? layout_copy(p, node, parts, n->input_count, p->area_of[n->output]) : rc;
}

int lower_move(plan *p, const weft_node *n)
{
    copy_part c = { 0 };
    int rc = WEFT_OK;
    switch (n->op) {
    case WEFT_OP_CONCAT: return lower_concat(p, n);
    case WEFT_OP_SLICE:
        if (view_is_done(p, n, 0))
            return view_area(p, n->output);
        rc = slice_part(p, n, &c);
        break;
    case WEFT_OP_TRANSPOSE: rc = transpose_part(p, n, &c); break;
    case WEFT_OP_PAD: rc = pad_part(p, n, &c); break;
    default: rc = resize_part(p, n, &c); break;
    }
    if (rc == WEFT_OK)
        rc = layout_new_area(p, n->output, layout_chosen(p, n->output));
    const uint32_t node = (uint32_t)(n - p->g->nodes);
    return rc == WEFT_OK ? layout_copy(p, node, &c, 1, p->area_of[n->output]) : rc;
}

/* --- repeats --- */

static uint32_t repeated_dim(const weft_tensor *t, const weft_tensor *y, uint32_t axis)
{
    return axis + t->rank < y->rank ? 1 : t->dims[axis + t->rank - y->rank];
}

/* t repeated to the shape of y, as a box of y. */
static copy_part repeated(const weft_tensor *t, const weft_tensor *y, uint32_t from)
{
    copy_part c = { .area = from, .rank = y->rank };
    int64_t to[WEFT_MAX_RANK], step = 1;
    steps_of(y, to);
    for (uint32_t i = y->rank; i-- > 0;) {
        const uint32_t dim = repeated_dim(t, y, i);
        c.axis[i] = (copy_axis){ y->dims[i], NULL, dim == 1 ? 0 : step, to[i] };
        step *= dim;
    }
    return c;
}

static int repeat_constant(plan *p, uint32_t tensor, const weft_tensor *y, layout as, uint32_t *out)
{
    const weft_tensor *t = &p->g->tensors[tensor];
    copy_part c = repeated(t, y, 0);
    int8_t *all = plan_alloc(p, (size_t)weft_tensor_elements(y));
    if (!all)
        return WEFT_ERR_NO_MEMORY;
    copy_compact(&c);
    for (uint64_t e = 0; e < c.count;) {
        const copy_run r = copy_run_at(&c, e);
        memcpy(all + r.to, (const int8_t *)t->data + r.from, (size_t)r.count);
        e += r.count; /* those that repeat one by one */
    }
    return layout_constant_bytes(p, all, as, out);
}

int lower_repeat(plan *p, uint32_t node, uint32_t tensor, const weft_tensor *y, layout as,
                 uint32_t *out)
{
    const weft_tensor *t = &p->g->tensors[tensor];
    if (weft_tensor_elements(t) == weft_tensor_elements(y))
        return t->data ? layout_constant(p, tensor, as, out)
                       : layout_area(p, node, tensor, as, out);
    if (t->data)
        return repeat_constant(p, tensor, y, as, out);
    const copy_part c = repeated(t, y, p->area_of[tensor]);
    int rc = plan_new_area(p, as.rows, as.row_bytes, out);
    return rc == WEFT_OK ? layout_copy(p, node, &c, 1, *out) : rc;
}

/* What repeats only along whole rows or pixels of y's natural layout needs no copy. */
operand_steps lower_operand_steps(const weft_tensor *t, const weft_tensor *y)
{
    const uint32_t row_axes = y->rank > 2 ? y->rank - 2 : y->rank == 2 ? 1 : 0;
    operand_steps s = { .row = 1, .pixel = y->rank > 2 ? 1 : 0 };
    int varies = 0, repeats = 0;
    for (uint32_t i = 0; i < row_axes; i++) {
        varies |= repeated_dim(t, y, i) > 1;
        repeats |= repeated_dim(t, y, i) < y->dims[i];
    }
    s.row = (uint32_t)varies;
    s.simple = !(varies && repeats) && repeated_dim(t, y, y->rank - 1) == y->dims[y->rank - 1];
    if (y->rank > 2)
        s.pixel = repeated_dim(t, y, y->rank - 2) > 1;
    s.whole = weft_tensor_elements(t) == weft_tensor_elements(y);
    return s;
}
