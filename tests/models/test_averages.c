/* Float32 averages on the device's arithmetic: where the compiler proves a multiplier, it gives the
 * byte of the reference for every window; where it says that the order of additions decides, two
 * windows of one sum have different bytes.  All 65536 windows of two taps, and of larger ones those
 * of random sums and of such that lie on a half or next to it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/compile/exact/averages.h"
#include "one_node.h"
#include "tests/rng.h"
#include "tests/test.h"

enum { WINDOWS = 4096, PAIRS = 65536, MOST_SUMS = 64 * 255 + 1 };

typedef struct trial {
    int mean;         /* a MEAN, of integers of a scale so short that float32 rounds no sum */
    weft_mean reduce; /* if so */
    weft_pool_2d a;
    float scale[2];
    int32_t zero_point[2];
    uint32_t taps, windows;
    int8_t *x; /* [taps][windows] */
} trial;

/* One bit, few bits, or all of them. */
static float draw_scale(rng *r, int is_short)
{
    const int32_t bits = is_short || rng_range(r, 0, 2) ? rng_range(r, 0, 9) : 23;
    return ldexpf((float)((1 << bits) + rng_range(r, 0, (1 << bits) - 1)),
                  -bits - rng_range(r, 1, 8));
}

static void draw(rng *r, uint32_t rows, uint32_t columns, trial *t)
{
    static const float ratio[] = { 1, 1, 1, 0.25f, 0.5f, 0.75f, 2, 0 };
    const float times = ratio[rng_range(r, 0, 7)];
    t->a = (weft_pool_2d){ .window = { rows, columns, 1, 1, 1, 1, 0, 0, 0, 0 },
                           .adding = (weft_adding)rng_range(r, WEFT_ADD_ROWS, WEFT_ADD_LANES),
                           .zero_first = rng_range(r, 0, 1),
                           .clamp = { INT8_MIN, INT8_MAX } };
    t->a.offset = t->a.zero_first && rng_range(r, 0, 1) ? 128 : 0;
    t->mean = rng_range(r, 0, 2) == 0;
    t->reduce = (weft_mean){ .axes = 6, .clamp = t->a.clamp };
    t->reduce.adding =
        t->mean ? (weft_mean_adding)rng_range(r, WEFT_MEAN_INTEGERS, WEFT_MEAN_RUNS) : 0;
    if (t->reduce.adding) /* the real axes are 0, 3, 1, 2 or, along no runs, as they are */
        t->reduce.order = t->reduce.adding == WEFT_MEAN_RUNS || rng_range(r, 0, 1) ? 02130 : 03210;
    t->scale[0] = draw_scale(r, t->mean && !t->reduce.adding);
    t->scale[1] = times > 0 ? t->scale[0] * times : draw_scale(r, 0);
    for (int i = 0; i < 2; i++)
        t->zero_point[i] = rng_range(r, 0, 2) ? rng_range(r, -128, 127) : -128;
    t->taps = rows * columns;
    t->windows = t->taps == 2 ? PAIRS : WINDOWS;
}

/* A sum whose average lies on a half or next to it, as nearly as a few tries find one. */
static int32_t near_half(rng *r, const trial *t)
{
    const double each = (double)t->scale[0] / ((double)t->scale[1] * t->taps);
    const int32_t least = (int32_t)t->taps * (-128 - t->zero_point[0]);
    int32_t best = least;
    double nearest = 1;
    for (int i = 0; i < 64; i++) {
        const int32_t sum = least + rng_range(r, 0, (int32_t)t->taps * 255);
        const double off = fabs(sum * each - floor(sum * each) - 0.5);
        best = off < nearest ? sum : best;
        nearest = off < nearest ? off : nearest;
    }
    return best;
}

static void fill(rng *r, trial *t)
{
    for (uint32_t w = 0; w < t->windows; w++) {
        int32_t left = near_half(r, t) + (int32_t)t->taps * t->zero_point[0];
        for (uint32_t k = 0; k < t->taps; k++) {
            const int32_t after = (int32_t)(t->taps - 1 - k);
            const int32_t lo = left - 127 * after > -128 ? left - 127 * after : -128;
            const int32_t hi = left + 128 * after < 127 ? left + 128 * after : 127;
            const int32_t v =
                t->taps == 2 ? (int32_t)(k ? w >> 8 : w & 255) - 128 : rng_range(r, lo, hi);
            t->x[k * t->windows + w] = (int8_t)v;
            left -= v;
        }
    }
}

static int32_t sum_of(const trial *t, uint32_t w)
{
    int32_t sum = 0;
    for (uint32_t k = 0; k < t->taps; k++)
        sum += t->x[k * t->windows + w] - t->zero_point[0];
    return sum;
}

static int8_t device(const trial *t, const average_factor *f, int32_t sum)
{
    return (int8_t)weft_requant_finish(weft_requantize(WEFT_REQUANT_ONNX, sum + f->more, f->factor),
                                       f->zero_point, t->a.clamp.lo, t->a.clamp.hi);
}

/* Are there two windows of one sum with different bytes? */
static int order_decides(const trial *t, const int8_t *y)
{
    static int16_t byte_of[MOST_SUMS];
    int differ = 0;
    for (uint32_t i = 0; i < MOST_SUMS; i++)
        byte_of[i] = INT16_MAX;
    for (uint32_t w = 0; w < t->windows; w++) {
        int16_t *had = &byte_of[sum_of(t, w) + (int32_t)t->taps * (128 + t->zero_point[0])];
        differ |= *had != INT16_MAX && *had != y[w];
        *had = y[w];
    }
    return differ;
}

/* The kind of answer: 0 proved, 1 the order decides, 2 no multiplier, 3 none. */
static unsigned check(test *c, const trial *t, const one_node *o)
{
    const int8_t *y = one_node_result(o);
    average_plan *found = averages_prove(o->g);
    uint32_t wrong = 0, first = 0;
    unsigned kind = 3;
    if (y && found && !found->why) {
        kind = 0;
        for (uint32_t w = t->windows; w-- > 0;)
            if (device(t, &found->factors[t->mean ? 0 : t->taps], sum_of(t, w)) != y[w]) {
                wrong++;
                first = w;
            }
        CHECK(c, !wrong, "%u of %u windows differ, the first of sum %d: %d", wrong, t->windows,
              (int)sum_of(t, first), y[first]);
    } else if (y && found) {
        kind = strncmp(found->why, "rounding", 8) ? 2 : 1;
        CHECK(c, t->taps != 2 || order_decides(t, y) == (kind == 1), "%s, but it is not so",
              found->why);
    }
    averages_free(found, 1);
    return kind;
}

static unsigned run(test *c, rng *r, uint32_t rows, uint32_t columns)
{
    trial t;
    one_node o = { 0 };
    weft_error err = { 0 };
    unsigned kind = 3;
    draw(r, rows, columns, &t);
    t.x = malloc((size_t)t.taps * t.windows);
    const uint32_t x[4] = { 1, rows, columns, t.windows }, y[4] = { 1, 1, 1, t.windows };
    const one_input in = { one_tensor(WEFT_INT8, 4, x, &t.scale[0], &t.zero_point[0]), t.x };
    const weft_tensor_desc to = one_tensor(WEFT_INT8, 4, y, &t.scale[1], &t.zero_point[1]);
    const weft_node_desc pool = { .op = WEFT_OP_AVERAGE_POOL_2D,
                                  .requant = WEFT_REQUANT_ONNX,
                                  .attr = &t.a };
    const weft_node_desc reduce = { .op = WEFT_OP_MEAN,
                                    .requant = WEFT_REQUANT_ONNX,
                                    .attr = &t.reduce };
    if (t.x)
        fill(r, &t);
    if (t.x && one_node_run(&o, t.mean ? &reduce : &pool, 1, &in, &to, &err) == WEFT_OK)
        kind = check(c, &t, &o);
    CHECK(c, !t.mean || t.reduce.adding || kind != 1, "float32 rounds the sums of scale %a",
          (double)t.scale[0]);
    CHECK(c, kind < 3, "%ux%u of scales %a %a, zero points %d %d, adding %d %d: %s", rows, columns,
          (double)t.scale[0], (double)t.scale[1], (int)t.zero_point[0], (int)t.zero_point[1],
          (int)t.a.adding, (int)t.reduce.adding, err.text);
    one_node_free(&o);
    free(t.x);
    return kind;
}

int main(int argc, char **argv)
{
    static const uint32_t sizes[][2] = {
        { 1, 2 }, { 2, 1 }, { 2, 2 }, { 3, 3 }, { 2, 3 }, { 1, 5 },
        { 4, 4 }, { 7, 7 }, { 2, 7 }, { 1, 6 }, { 3, 5 }, { 26, 1 }
    };
    enum { SIZES = sizeof sizes / sizeof *sizes };
    test t = test_begin("averages", argc, argv, 1, 200);
    rng r = rng_make(t.seed);
    unsigned kinds[4] = { 0 };
    for (uint64_t i = 0; i < t.n; i++)
        kinds[run(&t, &r, sizes[i % SIZES][0], sizes[i % SIZES][1])]++;
    CHECK(&t, t.n < 200 || (kinds[0] > 8 * kinds[2] && kinds[1]),
          "%u proved, in %u the order decides, %u have none", kinds[0], kinds[1], kinds[2]);
    char text[160];
    snprintf(text, sizeof text,
             "float32 averages: %u by one multiplier, in %u the order decides, %u have none",
             kinds[0], kinds[1], kinds[2]);
    return test_end(&t, text);
}
