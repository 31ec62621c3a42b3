/* Interpolations in float32 on the device, which adds integers: one multiplier that gives every
 * byte.
 *
 * A pixel of the output is the sum of four: its row has two pixels, its column too, each with a
 * share in float32 and a weight in integers.  Rows (and columns) of the same weights are one class,
 * whose shares may differ by rounding errors: from the least to the greatest.  For every two
 * classes each integer sum has a least and a greatest float32 sum (sums.h).  Where the last pixel
 * of an axis is both of them, its weight is divided, so weights count half units along each axis.
 */
#include <stdlib.h>
#include <string.h>

#include "averages.h"
#include "exact.h"
#include "models/base/common_divisor.h"
#include "sums.h"

enum { MOST_CLASSES = 256 };

/* Outputs along an axis whose pixels lo and hi have these weights, of 2 * one. */
typedef struct share_class {
    uint32_t weight[2];
    float least[2], most[2]; /* shares */
} share_class;

typedef struct axis_classes {
    uint32_t count;
    share_class list[MOST_CLASSES];
} axis_classes;

typedef struct interpolation {
    const weft_tensor *x, *y;
    const weft_resize_bilinear *a;
    axis_classes rows, columns;
    uint64_t unit; /* quarters of weights that are one of the device's */
    uint32_t bits; /* of the multiplier to be near */
    uint64_t work;
    factor_range range;
} interpolation;

/* The integer weight of pixel `at`. */
static uint32_t weight_of(const weft_lerp *l, uint32_t one, uint32_t at)
{
    const uint32_t low = at == l->lo ? one - l->weight : 0;
    return low + (at == l->hi && l->hi != l->lo ? l->weight : 0);
}

static void widen(share_class *c, float of_lo, float of_hi)
{
    const float share[2] = { of_lo, of_hi };
    for (unsigned i = 0; i < 2; i++) {
        c->least[i] = share[i] < c->least[i] ? share[i] : c->least[i];
        c->most[i] = share[i] > c->most[i] ? share[i] : c->most[i];
    }
}

/* 0: there are too many classes, or pixels with a weight that have no share. */
static int classify(const weft_lerp *list, const weft_share *shares, uint32_t count, uint32_t one,
                    axis_classes *to)
{
    for (uint32_t i = 0; i < count; i++) {
        const weft_share *s = &shares[i];
        const uint32_t times = s->lo == s->hi ? 1 : 2;
        const uint32_t lo = times * weight_of(&list[i], one, s->lo);
        const uint32_t hi = times * weight_of(&list[i], one, s->hi);
        uint32_t k = 0;
        while (k < to->count && (to->list[k].weight[0] != lo || to->list[k].weight[1] != hi))
            k++;
        if (k == MOST_CLASSES || lo + hi != 2 * one)
            return 0;
        if (k == to->count)
            to->list[to->count++] =
                (share_class){ { lo, hi }, { s->of_lo, s->of_hi }, { s->of_lo, s->of_hi } };
        widen(&to->list[k], s->of_lo, s->of_hi);
    }
    return 1;
}

/* The four terms of two classes, in the order of the additions. */
typedef struct four {
    uint32_t step[4]; /* integer weights, divided by `divisor` */
    float least[4], most[4];
    uint64_t divisor;
} four;

static four four_of(const share_class *r, const share_class *c)
{
    four f = { 0 };
    uint64_t weight[4];
    for (unsigned i = 0; i < 4; i++) {
        weight[i] = (uint64_t)r->weight[i / 2] * c->weight[i % 2];
        f.least[i] = r->least[i / 2] * c->least[i % 2];
        f.most[i] = r->most[i / 2] * c->most[i % 2];
        f.divisor = common_divisor(f.divisor, weight[i]);
    }
    for (unsigned i = 0; i < 4; i++)
        f.step[i] = (uint32_t)(weight[i] / f.divisor);
    return f;
}

/* Is every share its weight, and no sum longer than float32? */
static int is_exact(const four *f, uint64_t steps, float scale)
{
    int exact = weft_scale_is_short(scale, 255 * steps);
    for (unsigned i = 0; i < 4; i++) {
        const double whole = (double)f->least[i] * (double)steps;
        exact &= !(f->least[i] < f->most[i]) && whole <= f->step[i] && whole >= f->step[i];
    }
    return exact;
}

static int add_term(const interpolation *p, const four *f, unsigned i, sums *to)
{
    const float scale = weft_quant_scale(&p->x->quant, 0);
    const int32_t zp = weft_quant_zero_point(&p->x->quant, 0);
    float lo[256], hi[256];
    sums one;
    for (int32_t q = 0; q < 256; q++) {
        const float real = (float)(q + INT8_MIN - zp) * scale;
        const float a = f->least[i] * real, b = f->most[i] * real;
        lo[q] = a < b ? a : b;
        hi[q] = a < b ? b : a;
    }
    const int ok = sums_of_one(lo, hi, f->step[i], zp, &one) && sums_add(to, &one);
    sums_free(&one);
    return ok;
}

static const char *narrow(interpolation *p, const four *f, const sums *s)
{
    const float scale = weft_quant_scale(&p->y->quant, 0);
    const int32_t zp = weft_quant_zero_point(&p->y->quant, 0);
    const factor_use use = { zp, p->a->clamp };
    for (uint32_t t = 0; t < s->count; t++) {
        const int64_t quarters = ((int64_t)s->first + t) * (int64_t)f->divisor;
        if (s->lo[t] > s->hi[t] || quarters % (int64_t)p->unit)
            continue; /* of no four pixels */
        const int8_t lo = weft_quantize_value(WEFT_REQUANT_ONNX, s->lo[t], scale, zp);
        const int8_t hi = weft_quantize_value(WEFT_REQUANT_ONNX, s->hi[t], scale, zp);
        const int32_t byte = weft_requant_finish(lo, 0, use.clamp.lo, use.clamp.hi);
        if (byte != weft_requant_finish(hi, 0, use.clamp.lo, use.clamp.hi))
            return SUMS_DIFFER;
        factor_narrow(&use, (int32_t)(quarters / (int64_t)p->unit), byte, &p->range);
    }
    return p->range.least > p->range.most ? SUMS_NO_FACTOR : NULL;
}

static const char *prove_classes(interpolation *p, const share_class *r, const share_class *c)
{
    const four f = four_of(r, c);
    const float scale = weft_quant_scale(&p->x->quant, 0);
    const int32_t zp = weft_quant_zero_point(&p->x->quant, 0);
    const uint64_t steps = (uint64_t)f.step[0] + f.step[1] + f.step[2] + f.step[3];
    sums all = { 0 };
    int ok = 1;
    const int exact = is_exact(&f, steps, scale);
    p->work += (exact ? SUMS_READING : 4 * 256 * 255) * steps;
    if (p->work > SUMS_MOST_WORK)
        return SUMS_TOO_MANY;
    if (exact) {
        ok = sums_exact((int32_t)steps * (INT8_MIN - zp), 255 * (uint32_t)steps + 1,
                        (double)scale / (double)steps, &all);
    } else {
        ok = sums_of_none(&all);
        for (unsigned i = 0; i < 4 && ok; i++)
            ok = add_term(p, &f, i, &all);
    }
    const char *why = ok ? narrow(p, &f, &all) : SUMS_NO_MEMORY;
    sums_free(&all);
    return why;
}

static const char *prove(const weft_graph *g, const weft_node *n, interpolation *p)
{
    const weft_resize_bilinear *a = &n->attr.resize_bilinear;
    uint32_t unit[2];
    weft_requant_kind kind;
    weft_requant rq;
    p->a = a;
    p->x = weft_node_input(g, n, 0);
    p->y = &g->tensors[n->output];
    if (weft_node_bilinear_requant(g, n, unit, &kind, &rq) != WEFT_OK)
        return SUMS_NO_FACTOR;
    if (!classify(a->rows, a->row_shares, p->y->dims[1], a->row_one, &p->rows) ||
        !classify(a->columns, a->column_shares, p->y->dims[2], a->column_one, &p->columns))
        return SUMS_TOO_MANY;
    p->unit = 4 * (uint64_t)unit[0] * unit[1];
    p->bits = rq.mult;
    p->range = factor_around(rq.mult);
    const char *why = NULL;
    for (uint32_t r = 0; r < p->rows.count && !why; r++)
        for (uint32_t c = 0; c < p->columns.count && !why; c++)
            why = prove_classes(p, &p->rows.list[r], &p->columns.list[c]);
    return why;
}

const char *interpolation_prove(const weft_graph *g, const weft_node *n, average_plan *to)
{
    interpolation *p = calloc(1, sizeof *p);
    to->factors = calloc(1, sizeof *to->factors);
    const char *why = p && to->factors ? prove(g, n, p) : SUMS_NO_MEMORY;
    if (!why)
        to->factors[0] = (average_factor){ factor_nearest(p->range, p->bits), 0,
                                           weft_quant_zero_point(&p->y->quant, 0) };
    free(p);
    return why;
}
