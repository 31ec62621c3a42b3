/* The float32 sum of a MEAN of kind ONNX, in the order of weft_mean. */
#include "ref_mean.h"

#include "ref_real.h"

enum { LANES = 4 };

/* The elements of one result: term k in row-major order of the real tensor. */
typedef struct terms {
    const weft_tensor *t;
    const void *x;  /* all of it */
    size_t first;   /* element that is term 0 */
    uint64_t place; /* of term 0 in the real tensor */
    uint64_t count;
    uint32_t axes, dims[WEFT_MAX_RANK];                    /* averaged, the last one first */
    size_t step[WEFT_MAX_RANK], place_step[WEFT_MAX_RANK]; /* in x, in the real tensor */
} terms;

static terms terms_of(const weft_graph *g, const weft_node *n, const void *x, const uint32_t *index)
{
    const weft_tensor *t = weft_node_input(g, n, 0);
    const weft_mean *a = &n->attr.mean;
    terms s = { .t = t, .x = x, .count = weft_node_mean_taps(g, n) };
    size_t step[WEFT_MAX_RANK], at = 1, place = 1;
    for (uint32_t i = t->rank; i-- > 0; at *= t->dims[i])
        step[i] = at;
    for (uint32_t i = t->rank; i-- > 0;) {
        const uint32_t axis = a->adding == WEFT_MEAN_INTEGERS ? i : weft_mean_axis(a, i);
        s.first += index[axis] * step[axis];
        s.place += index[axis] * place;
        if (a->axes >> axis & 1) {
            s.dims[s.axes] = t->dims[axis];
            s.step[s.axes] = step[axis];
            s.place_step[s.axes++] = place;
        }
        place *= t->dims[axis];
    }
    return s;
}

static size_t offset(const terms *s, const size_t *step, uint64_t k)
{
    size_t at = 0;
    for (uint32_t i = 0; i < s->axes; i++) {
        at += k % s->dims[i] * step[i];
        k /= s->dims[i];
    }
    return at;
}

static float term(const terms *s, uint64_t k)
{
    return ref_real_at(s->t, s->x, s->first + offset(s, s->step, k));
}

/* Terms first .. first + count - 1, one by one; the first of them is added to nothing. */
static float add_terms(const terms *s, float sum, uint64_t first, uint64_t count)
{
    for (uint64_t k = 0; k < count; k++)
        sum += term(s, first + k);
    return sum;
}

/* Where float32 loses nothing, in any order. */
static float add_integers(const terms *s)
{
    const int8_t *x = (const int8_t *)s->x + s->first;
    const int32_t zero_point = weft_quant_zero_point(&s->t->quant, 0);
    int32_t sum = 0;
    for (uint64_t k = 0; k < s->count; k++)
        sum += x[offset(s, s->step, k)] - zero_point;
    return (float)sum * weft_quant_scale(&s->t->quant, 0);
}

static float add_fours(const terms *s)
{
    float sum = 0;
    uint64_t k = 0;
    for (; s->count - k >= 4; k += 4)
        sum += add_terms(s, 0, k, 4);
    if (s->count - k >= 2) {
        sum += add_terms(s, 0, k, 2);
        k += 2;
    }
    return add_terms(s, sum, k, s->count - k);
}

static float add_run(const terms *s, uint64_t first, uint64_t length)
{
    const uint64_t before = (LANES - (s->place + offset(s, s->place_step, first)) % LANES) % LANES;
    const uint64_t fours = length < before ? 0 : (length - before) / LANES;
    const uint64_t begin = first + before, end = begin + fours * LANES;
    float lane[LANES];
    if (fours == 0)
        return add_terms(s, 0, first, length);
    for (uint64_t i = 0; i < LANES; i++) {
        float even = 0, odd = 0;
        for (uint64_t f = 0; f + 1 < fours; f += 2) {
            even += term(s, begin + f * LANES + i);
            odd += term(s, begin + (f + 1) * LANES + i);
        }
        lane[i] = even + odd;
        if (fours % 2)
            lane[i] += term(s, end - LANES + i);
    }
    const float evens = lane[0] + lane[2], odds = lane[1] + lane[3];
    const float sum = add_terms(s, evens + odds, first, before);
    return add_terms(s, sum, end, first + length - end);
}

static float add_runs(const terms *s, uint64_t length)
{
    float sum = 0;
    for (uint64_t k = 0; k < s->count; k += length)
        sum += add_run(s, k, length);
    return sum;
}

float ref_mean_sum(const weft_graph *g, const weft_node *n, const void *x, const uint32_t *index)
{
    const terms s = terms_of(g, n, x, index);
    switch (n->attr.mean.adding) {
    case WEFT_MEAN_ONE_BY_ONE: return add_terms(&s, 0, 0, s.count);
    case WEFT_MEAN_FOURS: return add_fours(&s);
    case WEFT_MEAN_RUNS: return add_runs(&s, weft_node_mean_run(g, n));
    default: return add_integers(&s);
    }
}
