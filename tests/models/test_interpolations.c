/* Float32 interpolations on the device's arithmetic: where the compiler proves a multiplier, it
 * gives the byte of the reference for every two pixels of a row (all 65536 of them) and for many
 * fours of pixels; where it says that rounding errors decide, two pairs of one sum have different
 * bytes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/compile/exact/averages.h"
#include "one_node.h"
#include "tests/rng.h"
#include "tests/test.h"

enum { MOST = 40, CHANNELS = 65536, SUMS = 255 * 64 * 64 };

typedef struct trial {
    weft_resize_bilinear a;
    weft_lerp lerps[2][MOST];
    weft_share shares[2][MOST];
    float scale[2];
    int32_t zero_point[2];
    uint32_t in[2], out[2];
    int8_t *x; /* [in 0][in 1][CHANNELS] */
} trial;

/* One bit, few bits, or all of them. */
static float draw_scale(rng *r)
{
    const int32_t bits = rng_range(r, 0, 2) ? rng_range(r, 0, 9) : 23;
    return ldexpf((float)((1 << bits) + rng_range(r, 0, (1 << bits) - 1)),
                  -bits - rng_range(r, 1, 8));
}

/* Half pixels by p / q, or aligned corners; places in float32. */
static uint32_t draw_axis(rng *r, uint32_t in, trial *t, unsigned axis)
{
    static const uint32_t factors[][2] = { { 1, 1 }, { 2, 1 }, { 3, 1 },
                                           { 4, 1 }, { 3, 2 }, { 7, 1 } };
    const uint32_t *f = factors[rng_range(r, 0, 5)];
    const int corners = rng_range(r, 0, 3) == 0;
    const uint32_t out = in * f[0] / f[1], last = in - 1;
    const uint32_t one = corners && out > 1 ? out - 1 : 2 * f[0];
    const float factor = (float)f[0] / (float)f[1];
    for (uint32_t i = 0; i < out; i++) {
        int64_t at = corners ? (int64_t)i * last : (int64_t)(2 * i + 1) * f[1] - f[0];
        float real =
            corners ? (float)i * (float)last / (float)one : ((float)i + 0.5f) / factor - 0.5f;
        at = at < 0 ? 0 : at > (int64_t)last * one ? (int64_t)last * one : at;
        real = real < 0 ? 0 : real > (float)last ? (float)last : real;
        weft_lerp *l = &t->lerps[axis][i];
        weft_share *s = &t->shares[axis][i];
        l->lo = (uint32_t)(at / one);
        l->weight = (uint32_t)(at % one);
        l->hi = l->lo + (l->weight ? 1 : 0);
        s->lo = (uint32_t)real;
        s->hi = s->lo < last ? s->lo + 1 : last;
        s->of_lo = s->lo == s->hi ? 0.5f : fabsf(real - (float)s->hi);
        s->of_hi = s->lo == s->hi ? 0.5f : fabsf(real - (float)s->lo);
    }
    t->in[axis] = in;
    t->out[axis] = out;
    return one;
}

static void draw(rng *r, int pairs, trial *t)
{
    static const float ratio[] = { 1, 1, 1, 0.5f, 0.75f, 0 };
    const float times = ratio[rng_range(r, 0, 5)];
    t->a = (weft_resize_bilinear){ .rows = t->lerps[0],
                                   .columns = t->lerps[1],
                                   .row_shares = t->shares[0],
                                   .column_shares = t->shares[1],
                                   .clamp = { INT8_MIN, INT8_MAX } };
    t->a.row_one = draw_axis(r, pairs ? 1 : 2, t, 0);
    t->a.column_one = draw_axis(r, 2, t, 1);
    t->scale[0] = draw_scale(r);
    t->scale[1] = times > 0 ? t->scale[0] * times : draw_scale(r);
    for (int i = 0; i < 2; i++)
        t->zero_point[i] = rng_range(r, -128, 127);
    for (uint32_t k = 0; k < t->in[0] * 2; k++)
        for (uint32_t c = 0; c < CHANNELS; c++)
            t->x[k * CHANNELS + c] = (int8_t)(!pairs ? rng_range(r, -128, 127)
                                              : k    ? (int32_t)(c >> 8) - 128
                                                     : (int32_t)(c & 255) - 128);
}

/* The integer sum of output row i, column k, of channel c, in the units of the device. */
static int32_t sum_of(const trial *t, const uint32_t *unit, uint32_t i, uint32_t k, uint32_t c)
{
    const weft_lerp *row = &t->lerps[0][i], *column = &t->lerps[1][k];
    int64_t sum = 0;
    for (unsigned n = 0; n < 4; n++) {
        const uint32_t y = n / 2 ? row->hi : row->lo, x = n % 2 ? column->hi : column->lo;
        const int64_t by_row = n / 2 ? row->weight : t->a.row_one - row->weight;
        const int64_t by_column = n % 2 ? column->weight : t->a.column_one - column->weight;
        sum += by_row * by_column * (t->x[(y * 2 + x) * CHANNELS + c] - t->zero_point[0]);
    }
    return (int32_t)(sum / ((int64_t)unit[0] * unit[1]));
}

/* Of one output: bytes that the factor has wrong, and whether equal sums have different bytes. */
static uint32_t look(const trial *t, const average_factor *f, const uint32_t *unit, uint32_t i,
                     uint32_t k, const int8_t *y, int *differ)
{
    int16_t *byte_of = calloc(2 * SUMS, sizeof *byte_of);
    uint32_t wrong = byte_of ? 0 : 1;
    for (uint32_t c = 0; byte_of && c < CHANNELS; c++) {
        const int32_t sum = sum_of(t, unit, i, k, c);
        int16_t *had = &byte_of[sum + SUMS];
        *differ |= *had && *had != y[c] + 1000;
        *had = (int16_t)(y[c] + 1000);
        wrong += f && weft_requant_finish(weft_requantize(WEFT_REQUANT_ONNX, sum, f->factor),
                                          f->zero_point, INT8_MIN, INT8_MAX) != y[c];
    }
    free(byte_of);
    return wrong;
}

static unsigned check(test *c, const trial *t, const one_node *o, int pairs)
{
    const int8_t *y = one_node_result(o);
    average_plan *found = averages_prove(o->g);
    const char *why = found ? found->why : "no memory";
    uint32_t unit[2], wrong = 0;
    weft_requant_kind kind;
    weft_requant rq;
    int differ = 0;
    (void)weft_node_bilinear_requant(o->g, &o->g->nodes[0], unit, &kind, &rq);
    for (uint32_t i = 0; y && i < t->out[0]; i++)
        for (uint32_t k = 0; k < t->out[1]; k++, y += CHANNELS)
            wrong += look(t, why ? NULL : found->factors, unit, i, k, y, &differ);
    CHECK(c, !wrong, "%u bytes differ", wrong);
    CHECK(c, why || !differ, "proved, but rounding errors decide");
    CHECK(c, !why || !pairs || strncmp(why, "rounding", 8) || differ, "%s, but it is not so", why);
    const unsigned answer = !why ? 0 : strncmp(why, "rounding", 8) ? 2 : 1;
    averages_free(found, 1);
    return answer;
}

static unsigned run(test *c, rng *r, trial *t, int pairs)
{
    one_node o = { 0 };
    weft_error err = { 0 };
    unsigned kind = 2;
    draw(r, pairs, t);
    const uint32_t x[4] = { 1, t->in[0], t->in[1], CHANNELS };
    const uint32_t y[4] = { 1, t->out[0], t->out[1], CHANNELS };
    const one_input in = { one_tensor(WEFT_INT8, 4, x, &t->scale[0], &t->zero_point[0]), t->x };
    const weft_tensor_desc to = one_tensor(WEFT_INT8, 4, y, &t->scale[1], &t->zero_point[1]);
    const weft_node_desc node = { .op = WEFT_OP_RESIZE_BILINEAR,
                                  .requant = WEFT_REQUANT_ONNX,
                                  .attr = &t->a };
    const unsigned failures = c->failures;
    if (one_node_run(&o, &node, 1, &in, &to, &err) == WEFT_OK)
        kind = check(c, t, &o, pairs);
    CHECK(c, !err.text[0] && c->failures == failures,
          "%ux%u to %ux%u, ones %u %u, scales %a %a, zero points %d %d: %s", t->in[0], t->in[1],
          t->out[0], t->out[1], t->a.row_one, t->a.column_one, (double)t->scale[0],
          (double)t->scale[1], (int)t->zero_point[0], (int)t->zero_point[1], err.text);
    one_node_free(&o);
    return kind;
}

int main(int argc, char **argv)
{
    test t = test_begin("interpolations", argc, argv, 1, 60);
    rng r = rng_make(t.seed);
    unsigned kinds[3] = { 0 };
    trial *one = calloc(1, sizeof *one);
    int8_t *x = malloc(4 * CHANNELS);
    for (uint64_t i = 0; i < t.n && one && x; i++) {
        one->x = x;
        kinds[run(&t, &r, one, i % 2 == 0)]++;
    }
    CHECK(&t, t.n < 50 || (kinds[0] > kinds[1] && kinds[1]), "%u proved, %u by errors, %u not",
          kinds[0], kinds[1], kinds[2]);
    free(x);
    free(one);
    char text[160];
    snprintf(text, sizeof text,
             "float32 sums: %u by one multiplier, in %u rounding errors decide, %u have none",
             kinds[0], kinds[1], kinds[2]);
    return test_end(&t, text);
}
