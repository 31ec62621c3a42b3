/* Bytes that only change their place: what a COPY layer moves, as boxes of elements.
 *
 * A part copies a box: element (i0, i1, ..) comes from the sum of one number per axis and goes to
 * another such sum, so transposes, slices, pads, repeats and index lists are one thing.  Indices in
 * row-major order give ascending destinations. */
#include "copy.h"

/* Axes of one element go, neighbours that step alike become one. */
void copy_compact(copy_part *c)
{
    uint32_t kept = 0;
    c->count = 1;
    for (uint32_t i = 0; i < c->rank; i++) {
        copy_axis a = c->axis[i];
        c->count *= a.count;
        if (a.count == 1 && !a.from)
            continue;
        copy_axis *last = kept ? &c->axis[kept - 1] : NULL;
        if (last && !last->from && !a.from && last->from_step == a.from_step * a.count &&
            last->to_step == a.to_step * a.count) {
            a.count *= last->count;
            *last = a;
        } else {
            c->axis[kept++] = a;
        }
    }
    if (kept == 0)
        c->axis[kept++] = (copy_axis){ .count = 1, .from_step = 1, .to_step = 1 };
    c->rank = kept;
}

/* Source and destination of element e of the box; *from is negative for the fill.  1 if an axis
 * before the last says so. */
static int element_at(const copy_part *c, uint64_t e, int64_t *from, int64_t *to)
{
    int64_t source = c->from_base;
    int fill = c->area == UINT32_MAX, last_fill = 0;
    *to = c->to_base;
    for (uint32_t i = c->rank; i-- > 0;) {
        const copy_axis *a = &c->axis[i];
        const int64_t index = (int64_t)(e % a->count);
        e /= a->count;
        *to += index * a->to_step;
        if (a->from && a->from[index] < 0)
            *(i + 1 == c->rank ? &last_fill : &fill) = 1;
        source += a->from ? a->from[index] : index * a->from_step;
    }
    *from = fill || last_fill ? -1 : source;
    return fill;
}

uint64_t copy_find(const copy_part *c, int64_t to)
{
    uint64_t lo = 0, hi = c->count;
    while (lo < hi) {
        const uint64_t middle = lo + (hi - lo) / 2;
        int64_t from, at;
        element_at(c, middle, &from, &at);
        if (at < to)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}

/* Elements from index i of the last axis on that stay neighbours at both ends. */
static uint64_t neighbours(const copy_axis *a, uint64_t i)
{
    uint64_t n = 1;
    if (!a->from)
        return a->from_step == 1 ? a->count - i : 1;
    while (i + n < a->count &&
           (a->from[i] < 0 ? a->from[i + n] < 0 : a->from[i + n] == a->from[i] + (int64_t)n))
        n++;
    return n;
}

copy_run copy_run_at(const copy_part *c, uint64_t e)
{
    const copy_axis *last = &c->axis[c->rank - 1];
    const uint64_t i = e % last->count;
    copy_run r = { .count = 1, .times = 1, .from_step = last->from_step, .to_step = last->to_step };
    int all_fill = element_at(c, e, &r.from, &r.to);
    if (last->to_step == 1)
        r.count = all_fill ? last->count - i : neighbours(last, i);
    if (r.count == 1 && r.from >= 0 && !last->from)
        r.times = last->count - i;
    return r;
}

static uint64_t steps_before(int64_t at, int64_t step, int64_t end, uint64_t n)
{
    const uint64_t steps = step ? (uint64_t)((end - at - 1) / step) + 1 : n;
    return steps < n ? steps : n;
}

uint64_t copy_before(int64_t at, int64_t step, uint64_t n, int64_t end)
{
    return step < 0 || n < 2 ? 1 : steps_before(at, step, end, n);
}

uint64_t copy_in_step(int64_t at, int64_t step, uint64_t n, int64_t row_bytes, int64_t row_end,
                      int64_t byte_end)
{
    if (step < 0 || n < 2)
        return 1;
    n = steps_before(at % row_bytes, step % row_bytes, byte_end, n);
    return steps_before(at / row_bytes, step / row_bytes, row_end, n);
}

int copy_has_fill(const copy_part *c)
{
    if (c->area == UINT32_MAX)
        return 1;
    for (uint32_t i = 0; i < c->rank; i++)
        for (uint32_t k = 0; c->axis[i].from && k < c->axis[i].count; k++)
            if (c->axis[i].from[k] < 0)
                return 1;
    return 0;
}

copy_part copy_all(uint32_t area, uint64_t count)
{
    copy_part c = { .area = area, .rank = 1, .count = count };
    c.axis[0] = (copy_axis){ .count = (uint32_t)count, .from_step = 1, .to_step = 1 };
    return c;
}

int copy_is_all(const copy_part *c, uint64_t count)
{
    return c->rank == 1 && !c->axis[0].from && c->axis[0].from_step == 1 &&
           c->axis[0].to_step == 1 && c->from_base == 0 && c->to_base == 0 && c->count == count;
}
