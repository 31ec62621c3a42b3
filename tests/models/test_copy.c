/* The walk over what a COPY layer moves, against the elements one by one: random boxes as
 * transposes, slices, pads and repeats make them.  And how far: a step for each row of the box, not
 * for each byte. */
#include <stdlib.h>

#include "models/compile/plan/copy.h"
#include "tests/rng.h"
#include "tests/test.h"

enum { MOST = 7, RANK = 4 };

/* Element by element, as copy.h says: the source, or -1; the destination. */
static void element(const copy_part *c, uint64_t e, int64_t *from, int64_t *to)
{
    int fill = 0;
    *from = c->from_base;
    *to = c->to_base;
    for (uint32_t i = c->rank; i-- > 0; e /= c->axis[i].count) {
        const copy_axis *a = &c->axis[i];
        const int64_t index = (int64_t)(e % a->count);
        *to += index * a->to_step;
        *from += a->from ? a->from[index] : index * a->from_step;
        fill |= a->from && a->from[index] < 0;
    }
    *from = fill ? -1 : *from;
}

static copy_part draw(rng *r, int64_t list[MOST])
{
    copy_part c = { .rank = (uint32_t)rng_range(r, 1, RANK), .from_base = rng_range(r, 0, 9) };
    uint32_t order[RANK];
    int64_t to = rng_range(r, 1, 2), from = rng_range(r, 0, 3);
    for (uint32_t i = 0; i < c.rank; i++) {
        const uint32_t k = (uint32_t)rng_range(r, 0, (int32_t)i);
        order[i] = order[k];
        order[k] = i;
        c.axis[i].count = (uint32_t)rng_range(r, 1, MOST);
    }
    for (uint32_t i = c.rank; i-- > 0; to *= c.axis[i].count)
        c.axis[i].to_step = to;
    for (uint32_t i = 0; i < c.rank; from *= c.axis[order[i++]].count)
        c.axis[order[i]].from_step = from;
    if (rng_range(r, 0, 2) == 0) {
        copy_axis *a = &c.axis[rng_range(r, 0, (int32_t)c.rank - 1)];
        for (uint32_t k = 0; k < a->count; k++)
            list[k] = rng_range(r, 0, 3) ? (int64_t)k * a->from_step : -1;
        a->from = list;
    }
    return c;
}

/* The elements of the box in the order of runs. */
static int check_walk(const copy_part *c)
{
    int same = 1;
    for (uint64_t e = 0; e < c->count && same;) {
        const copy_run r = copy_run_at(c, e);
        same = r.count && r.times && (r.count == 1 || r.times == 1) &&
               r.count * r.times <= c->count - e;
        for (uint64_t i = 0; i < r.count * r.times && same; i++, e++) {
            int64_t from, to;
            element(c, e, &from, &to);
            const int64_t k = (int64_t)i;
            const int64_t by = r.times > 1 ? k * r.from_step : k;
            same = to == r.to + (r.times > 1 ? k * r.to_step : k) &&
                   (r.from < 0 ? from < 0 : from == r.from + by);
        }
    }
    return same;
}

static void test_walks(test *t, rng *r)
{
    for (unsigned i = 0; i < t->n; i++) {
        int64_t list[MOST];
        copy_part c = draw(r, list);
        copy_compact(&c);
        CHECK(t, check_walk(&c), "box %u", i);
    }
}

/* Numbers that stay before the ends, by counting. */
static uint64_t counted(int64_t at, int64_t step, uint64_t n, int64_t row_bytes, int64_t row_end,
                        int64_t byte_end)
{
    uint64_t k = 1;
    int64_t row = at / row_bytes, byte = at % row_bytes;
    for (; k < n; k++) {
        row += step / row_bytes;
        byte += step % row_bytes;
        if (row >= row_end || byte >= byte_end)
            break;
    }
    return k;
}

static void test_steps(test *t, rng *r)
{
    for (unsigned i = 0; i < t->n; i++) {
        const int64_t width = rng_range(r, 1, 40), at = rng_range(r, 0, 200);
        const int64_t step = rng_range(r, 0, 90);
        const int64_t row_end = at / width + rng_range(r, 1, 9);
        const int64_t byte_end = rng_range(r, (int32_t)(at % width) + 1, (int32_t)width);
        const uint64_t n = (uint64_t)rng_range(r, 1, 50);
        CHECK(t,
              copy_in_step(at, step, n, width, row_end, byte_end) ==
                  counted(at, step, n, width, row_end, byte_end),
              "%d by %d in rows of %d", (int)at, (int)step, (int)width);
        CHECK(t, copy_before(at, step, n, at + width) == counted(at, step, n, 1000, 1, at + width),
              "%d by %d before %d", (int)at, (int)step, (int)(at + width));
        CHECK(t, copy_in_step(at, -step - 1, n, width, row_end, byte_end) == 1, "%d down by %d",
              (int)at, (int)step + 1);
    }
}

/* NHWC to NCHW and back: as many steps as rows of the result, however long they are. */
static void test_length(test *t)
{
    enum { PIXELS = 784, CHANNELS = 272 };
    copy_part c = { .rank = 2,
                    .axis = { { CHANNELS, NULL, 1, PIXELS }, { PIXELS, NULL, CHANNELS, 1 } } };
    uint64_t steps = 0;
    copy_compact(&c);
    for (uint64_t e = 0; e < c.count; steps++) {
        const copy_run r = copy_run_at(&c, e);
        e += r.count * r.times;
    }
    CHECK(t, steps == CHANNELS, "%u steps for %u rows", (unsigned)steps, (unsigned)CHANNELS);
}

int main(int argc, char **argv)
{
    test t = test_begin("copy", argc, argv, 1, 20000);
    rng r = rng_make(t.seed);
    test_walks(&t, &r);
    test_steps(&t, &r);
    test_length(&t);
    return test_end(&t, "what COPY layers move, in runs and one by one");
}
