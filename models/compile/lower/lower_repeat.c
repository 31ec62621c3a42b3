/* Tensors repeated to the shape of another: by the command that reads them, by a COPY layer, or,
 * if they are constant, here. */
#include "lower.h"

/* Elements from index to index along each axis. */
static void steps_of(const weft_tensor *t, int64_t *step)
{
    int64_t at = 1;
    for (uint32_t i = t->rank; i-- > 0; at *= t->dims[i])
        step[i] = at;
}

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

static int repeat_constant(lowering *low, uint32_t tensor, const weft_tensor *y, layout as,
                           uint32_t *out)
{
    const weft_tensor *t = &low->net->g->tensors[tensor];
    copy_part c = repeated(t, y, 0);
    int8_t *all = work_alloc(low->work, (size_t)weft_tensor_elements(y));
    if (!all)
        return WEFT_ERR_NO_MEMORY;
    copy_compact(&c);
    for (uint64_t e = 0; e < c.count;) {
        const copy_run r = copy_run_at(&c, e);
        memcpy(all + r.to, (const int8_t *)t->data + r.from, (size_t)r.count);
        e += r.count; /* those that repeat one by one */
    }
    return layout_constant_bytes(low, all, as, out);
}

int lower_repeat(lowering *low, uint32_t node, uint32_t tensor, const weft_tensor *y, layout as,
                 uint32_t *out)
{
    const weft_tensor *t = &low->net->g->tensors[tensor];
    if (weft_tensor_elements(t) == weft_tensor_elements(y))
        return t->data ? layout_constant(low, tensor, as, out)
                       : layout_area(low, node, tensor, as, out);
    if (t->data)
        return repeat_constant(low, tensor, y, as, out);
    const copy_part c = repeated(t, y, low->area_of[tensor]);
    int rc = lowering_add_area(low, as.rows, as.row_bytes, out);
    return rc == WEFT_OK ? layout_copy(low, node, &c, 1, *out) : rc;
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
    s.simple = y->rank == 0 ||
               (!(varies && repeats) && repeated_dim(t, y, y->rank - 1) == y->dims[y->rank - 1]);
    if (y->rank > 2)
        s.pixel = repeated_dim(t, y, y->rank - 2) > 1;
    s.whole = weft_tensor_elements(t) == weft_tensor_elements(y);
    return s;
}
