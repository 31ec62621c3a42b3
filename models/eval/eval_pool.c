/* MaxPool, AveragePool, LpPool and the global ones, over any number of spatial axes. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "eval_window.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

/* What a window holds. */
typedef struct taps {
    double sum, most;
    size_t count, inside_pads,
        at; /* of image taps; of taps inside image and padding; of the most */
    int any;
} taps;

/* power: 0, or that of every |tap| in the sum. */
static taps gather_taps(const nd *x, const eval_window *w, size_t plane, const size_t *at,
                        double power)
{
    taps t = { 0 };
    size_t k[ND_MAX_RANK] = { 0 }, stride[ND_MAX_RANK];
    nd_strides(x, stride);
    do {
        int inside = 1, padded = 1;
        size_t from = plane;
        for (uint32_t i = 0; i < w->axes; i++) {
            const size_t p = at[i] * w->stride[i] + k[i] * w->dilation[i];
            padded &= p < w->before[i] + x->dims[i + 2] + w->after[i];
            inside &= p >= w->before[i] && p - w->before[i] < x->dims[i + 2];
            from += inside ? (p - w->before[i]) * stride[i + 2] : 0;
        }
        t.inside_pads += (size_t)padded;
        if (!inside)
            continue;
        const double v = x->f ? (double)x->f[from] : (double)x->i[from];
        if (!t.any || v > t.most) {
            t.most = v;
            t.at = from;
        }
        t.any = 1;
        t.sum += power > 0 ? pow(fabs(v), power) : v;
        t.count++;
    } while (nd_next(w->axes, w->kernel, k));
    return t;
}

/* Position of element `from` with the two last axes swapped, which storage_order 1 asks for. */
static int64_t column_major(const nd *x, size_t from)
{
    const size_t h = x->dims[x->rank - 2], w = x->dims[x->rank - 1], in_plane = from % (h * w);
    return (int64_t)(from - in_plane + in_plane % w * h + in_plane / w);
}

/* The p of LpPool and GlobalLpPool; 0 for other operators. */
static int read_power(eval_run *r, double *power)
{
    const int64_t p = onnx_attr_int(r->node, "p", 2);
    *power = strstr(r->node->op_type, "LpPool") ? (double)p : 0;
    return p < 1 ? eval_refuse(r, WEFT_ERR_RANGE, "p is %" PRId64, p) : WEFT_OK;
}

static double pooled(const taps *t, int max, int with_pads, double power)
{
    const size_t divisor = with_pads ? t->inside_pads : t->count;
    if (max)
        return t->any ? t->most : 0;
    if (power > 0)
        return pow(t->sum, 1 / power);
    return divisor ? t->sum / (double)divisor : 0;
}

int eval_pool(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const nd *x = in[0];
    const int max = !strcmp(r->node->op_type, "MaxPool");
    const int with_pads = onnx_attr_int(r->node, "count_include_pad", 0) != 0;
    const int columns = onnx_attr_int(r->node, "storage_order", 0) != 0;
    eval_window w;
    double power;
    size_t dims[ND_MAX_RANK], at[ND_MAX_RANK] = { 0 }, e = 0, plane = 1, window = 1;
    int rc = eval_read_window(r, x, NULL, &w);
    if (rc == WEFT_OK)
        rc = read_power(r, &power);
    if (rc != WEFT_OK)
        return rc;
    memcpy(dims, x->dims, 2 * sizeof *dims);
    memcpy(dims + 2, w.out, w.axes * sizeof *dims);
    for (uint32_t i = 0; i < w.axes; i++)
        plane *= x->dims[i + 2];
    rc = nd_new(r, x->type, x->rank, dims, &out[0]);
    if (rc == WEFT_OK && r->node->n_output > 1)
        rc = nd_new(r, T(INT64), x->rank, dims, &out[1]);
    for (uint32_t i = 0; i < w.axes; i++)
        window = window > EVAL_ELEMENTS ? window : window * w.kernel[i];
    if (rc == WEFT_OK)
        rc = eval_take_work(r, out->count, window, 1);
    if (rc != WEFT_OK || out->count == 0)
        return rc;
    for (size_t p = 0; p < dims[0] * dims[1]; p++)
        do {
            const taps t = gather_taps(x, &w, p * plane, at, power);
            const double v = pooled(&t, max, with_pads, power);
            if (out->f)
                out->f[e] = (float)v;
            else
                out->i[e] = nd_wrap(x->type, (int64_t)v);
            if (out[1].i)
                out[1].i[e] = columns ? column_major(x, t.at) : (int64_t)t.at;
            e++;
        } while (nd_next(w.axes, w.out, at));
    return WEFT_OK;
}

int eval_global_pool(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const nd *x = in[0];
    const int max = !strcmp(r->node->op_type, "GlobalMaxPool");
    double power;
    size_t dims[ND_MAX_RANK], plane = 1;
    int rc = read_power(r, &power);
    if (rc != WEFT_OK)
        return rc;
    if (x->rank < 3 || !x->f)
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs a float input of rank 3 or more");
    for (uint32_t i = 0; i < x->rank; i++) {
        dims[i] = i < 2 ? x->dims[i] : 1;
        plane *= i < 2 ? 1 : x->dims[i];
    }
    rc = nd_new(r, x->type, x->rank, dims, out);
    for (size_t p = 0; rc == WEFT_OK && p < out->count; p++) {
        double sum = 0, most = -INFINITY;
        for (size_t e = 0; e < plane; e++) {
            const double v = (double)x->f[p * plane + e];
            sum += power > 0 ? pow(fabs(v), power) : v;
            most = fmax(most, v);
        }
        out->f[p] = (float)(max ? most : power > 0 ? pow(sum, 1 / power) : sum / (double)plane);
    }
    return rc;
}
