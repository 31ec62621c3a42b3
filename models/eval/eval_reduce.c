/* Operators along axes: Reduce*, ArgMax, ArgMin, Softmax, LogSoftmax, Hardmax, CumSum. */
#include <math.h>
#include <string.h>

#include "eval.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

typedef enum how { SUM, MEAN, SUM_SQUARE, L1, L2, LOG_SUM, LOG_SUM_EXP, PROD, MAX, MIN } how;

static const struct {
    const char *type;
    how op;
} reductions[] = { { "ReduceSum", SUM },
                   { "ReduceMean", MEAN },
                   { "ReduceSumSquare", SUM_SQUARE },
                   { "ReduceL1", L1 },
                   { "ReduceL2", L2 },
                   { "ReduceLogSum", LOG_SUM },
                   { "ReduceLogSumExp", LOG_SUM_EXP },
                   { "ReduceProd", PROD },
                   { "ReduceMax", MAX },
                   { "ReduceMin", MIN } };

static double start_of(how op)
{
    return op == PROD                       ? 1.0
           : op == MAX || op == LOG_SUM_EXP ? -INFINITY
           : op == MIN                      ? INFINITY
                                            : 0.0;
}

static double joined(how op, double sum, double v)
{
    switch (op) {
    case SUM_SQUARE:
    case L2: return sum + v * v;
    case L1: return sum + fabs(v);
    case LOG_SUM_EXP: {
        const double top = sum > v ? sum : v;
        return isinf(top) ? top : top + log(exp(sum - top) + exp(v - top));
    }
    case PROD: return sum * v;
    case MAX: return v > sum ? v : sum;
    case MIN: return v < sum ? v : sum;
    default: return sum + v;
    }
}

static double finished(how op, double sum, double taps)
{
    switch (op) {
    case MEAN: return sum / taps;
    case L2: return sqrt(sum);
    case LOG_SUM: return log(sum);
    default: return sum;
    }
}

/* The greatest of no integers is the least there is, and the other way round. */
static int64_t of_none(int32_t type, int greatest)
{
    const int bits = type == T(INT8)    ? 8
                     : type == T(INT16) ? 16
                     : type == T(INT32) ? 32
                     : type == T(INT64) ? 64
                                        : 0;
    if (bits)
        return greatest ? -(INT64_MAX >> (64 - bits)) - 1 : INT64_MAX >> (64 - bits);
    return greatest ? 0 : nd_wrap(type, -1);
}

/* Reduce x over the axes of the set into a result that keeps them with size 1. */
static int reduce(eval_run *r, how op, const nd *x, unsigned set, nd *out)
{
    size_t dims[ND_MAX_RANK], inner[ND_MAX_RANK], index[ND_MAX_RANK] = { 0 }, stride[ND_MAX_RANK];
    size_t at = 0, taps = 1;
    for (uint32_t i = 0; i < x->rank; i++) {
        dims[i] = set >> i & 1 ? 1 : x->dims[i];
        inner[i] = set >> i & 1 ? x->dims[i] : 1;
        taps *= inner[i];
    }
    int rc = nd_new(r, x->type, x->rank, dims, out);
    if (rc != WEFT_OK || out->count == 0)
        return rc;
    nd_strides(x, stride);
    do {
        double sum = start_of(op);
        size_t k[ND_MAX_RANK] = { 0 };
        if (taps)
            do {
                size_t from = 0;
                for (uint32_t i = 0; i < x->rank; i++)
                    from += (index[i] + k[i]) * stride[i];
                sum = joined(op, sum, x->f ? (double)x->f[from] : (double)x->i[from]);
            } while (nd_next(x->rank, inner, k));
        sum = finished(op, sum, (double)taps);
        if (out->f)
            out->f[at++] = (float)sum;
        else if (taps == 0 && (op == MAX || op == MIN))
            out->i[at++] = of_none(x->type, op == MAX);
        else
            out->i[at++] = nd_wrap(x->type, nd_whole(sum));
    } while (nd_next(x->rank, dims, index));
    return WEFT_OK;
}

/* Drop the axes of the set, all of which have size 1. */
static void drop(nd *a, unsigned set)
{
    uint32_t rank = 0;
    for (uint32_t i = 0; i < a->rank; i++)
        if (!(set >> i & 1))
            a->dims[rank++] = a->dims[i];
    a->rank = rank;
}

int eval_reduce(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    unsigned set;
    size_t axes;
    int rc = eval_axis_set(r, count > 1 ? in[1] : NULL, in[0]->rank, &set, &axes);
    if (rc != WEFT_OK)
        return rc;
    if (axes == 0 && !onnx_attr_int(r->node, "noop_with_empty_axes", 0))
        set = (1u << in[0]->rank) - 1;
    for (size_t k = 0; k < sizeof reductions / sizeof *reductions; k++)
        if (!strcmp(reductions[k].type, r->node->op_type))
            rc = reduce(r, reductions[k].op, in[0], set, out);
    if (rc == WEFT_OK && !onnx_attr_int(r->node, "keepdims", 1))
        drop(out, set);
    return rc;
}

/* --- along one axis --- */

/* An axis as `size` elements `step` apart, `count` times over. */
typedef struct lines {
    size_t size, step, count;
} lines;

static lines lines_of(const nd *x, uint32_t axis)
{
    lines l = { x->dims[axis], 1, 0 };
    for (uint32_t i = axis + 1; i < x->rank; i++)
        l.step *= x->dims[i];
    l.count = l.size ? x->count / l.size : 0;
    return l;
}

static size_t line_start(const lines *l, size_t k)
{
    return k / l->step * l->step * l->size + k % l->step;
}

int eval_arg(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const nd *x = in[0];
    const int smallest = !strcmp(r->node->op_type, "ArgMin");
    const int last = onnx_attr_int(r->node, "select_last_index", 0) != 0;
    uint32_t axis;
    size_t dims[ND_MAX_RANK];
    int rc = eval_axis(r, onnx_attr_int(r->node, "axis", 0), x->rank, &axis);
    if (rc != WEFT_OK)
        return rc;
    memcpy(dims, x->dims, sizeof dims);
    dims[axis] = 1;
    rc = nd_new(r, T(INT64), x->rank, dims, out);
    const lines l = lines_of(x, axis);
    for (size_t k = 0; rc == WEFT_OK && k < l.count; k++) {
        const size_t from = line_start(&l, k);
        size_t best = 0;
        for (size_t e = 1; e < l.size; e++) {
            const float v = nd_float(x, from + e * l.step), b = nd_float(x, from + best * l.step);
            if ((smallest ? v < b : v > b) || (last && !(v < b) && !(v > b)))
                best = e;
        }
        out->i[k] = (int64_t)best;
    }
    if (rc == WEFT_OK && !onnx_attr_int(r->node, "keepdims", 1))
        drop(out, 1u << axis);
    return rc;
}

static void softmax_line(const nd *x, nd *y, size_t from, const lines *l, const char *type)
{
    float top = -INFINITY;
    size_t best = 0;
    double sum = 0;
    for (size_t e = 0; e < l->size; e++)
        if (x->f[from + e * l->step] > top) {
            top = x->f[from + e * l->step];
            best = e;
        }
    for (size_t e = 0; e < l->size; e++)
        sum += exp((double)x->f[from + e * l->step] - (double)top);
    for (size_t e = 0; e < l->size; e++) {
        const double v = (double)x->f[from + e * l->step] - (double)top;
        y->f[from + e * l->step] = !strcmp(type, "Hardmax")   ? (e == best ? 1.0f : 0.0f)
                                   : !strcmp(type, "Softmax") ? (float)(exp(v) / sum)
                                                              : (float)(v - log(sum));
    }
}

/* From opset 13 along one axis; before, over everything from the axis on. */
int eval_softmax(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const nd *x = in[0];
    uint32_t axis;
    if (!x->f)
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs a float input");
    int rc = eval_axis(r, onnx_attr_int(r->node, "axis", r->opset < 13 ? 1 : -1), x->rank, &axis);
    if (rc == WEFT_OK)
        rc = nd_new(r, x->type, x->rank, x->dims, out);
    if (rc != WEFT_OK || x->count == 0)
        return rc;
    lines l = lines_of(x, axis);
    if (r->opset < 13)
        l = (lines){ l.size * l.step, 1, x->count / (l.size * l.step) };
    for (size_t k = 0; k < l.count; k++)
        softmax_line(x, out, line_start(&l, k), &l, r->node->op_type);
    return WEFT_OK;
}

int eval_cum_sum(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const nd *x = in[0];
    const int exclusive = onnx_attr_int(r->node, "exclusive", 0) != 0;
    const int reverse = onnx_attr_int(r->node, "reverse", 0) != 0;
    uint32_t axis;
    if (in[1]->count != 1 || !in[1]->i)
        return eval_refuse(r, WEFT_ERR_SHAPE, "the axis must be one integer");
    int rc = eval_axis(r, in[1]->i[0], x->rank, &axis);
    if (rc == WEFT_OK)
        rc = nd_new(r, x->type, x->rank, x->dims, out);
    if (rc != WEFT_OK)
        return rc;
    const lines l = lines_of(x, axis);
    for (size_t k = 0; k < l.count; k++) {
        float sum = 0;
        int64_t whole = 0;
        for (size_t e = 0; e < l.size; e++) {
            const size_t at = line_start(&l, k) + (reverse ? l.size - 1 - e : e) * l.step;
            if (x->f) {
                out->f[at] = exclusive ? sum : sum + x->f[at];
                sum += x->f[at];
            } else {
                const int64_t next =
                    nd_wrap(x->type, (int64_t)((uint64_t)whole + (uint64_t)x->i[at]));
                out->i[at] = exclusive ? whole : next;
                whole = next;
            }
        }
    }
    return WEFT_OK;
}
