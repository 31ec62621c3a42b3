/* Pools and MEAN. */
#include <math.h>

#include "ref_mean.h"
#include "ref_ops.h"
#include "ref_real.h"
#include "ref_taps.h"

typedef int8_t pool_one(const weft_graph *g, const weft_node *n, const int8_t *x, taps rows,
                        taps columns, uint32_t c);

static void pool(const weft_graph *g, const weft_node *n, const void *x, void *out, ref_range of,
                 pool_one *one)
{
    const weft_window *w = &n->attr.pool_2d.window;
    const weft_tensor *xt = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    int8_t *to = out;
    for (uint64_t e = of.first; e < of.end; e++) {
        const uint64_t pixel = e / y->dims[3];
        const taps rows = rows_inside(w, (uint32_t)(pixel / y->dims[2]), xt->dims[1]);
        const taps columns = columns_inside(w, (uint32_t)(pixel % y->dims[2]), xt->dims[2]);
        to[e] = one(g, n, x, rows, columns, (uint32_t)(e % y->dims[3]));
    }
}

static int8_t max_one(const weft_graph *g, const weft_node *n, const int8_t *x, taps rows,
                      taps columns, uint32_t c)
{
    const weft_pool_2d *a = &n->attr.pool_2d;
    int32_t largest = INT8_MIN;
    for (uint32_t ky = rows.first; ky < rows.end; ky++)
        for (uint32_t kx = columns.first; kx < columns.end; kx++) {
            int32_t v = x[at_nhwc(weft_node_input(g, n, 0), &a->window, rows, ky, columns, kx, c)];
            largest = v > largest ? v : largest;
        }
    return (int8_t)weft_requant_finish(largest, 0, a->clamp.lo, a->clamp.hi);
}

/* --- averages in float32 --- */

typedef struct pixels {
    const weft_tensor *t;
    const weft_window *w;
    const void *x;
    taps rows, columns;
    uint32_t c;
} pixels;

static float real_at(const pixels *p, uint32_t ky, uint32_t kx)
{
    return ref_real_at(p->t, p->x, at_nhwc(p->t, p->w, p->rows, ky, p->columns, kx, p->c));
}

static float add_rows(const pixels *p)
{
    float sum = 0;
    for (uint32_t ky = p->rows.first; ky < p->rows.end; ky++)
        for (uint32_t kx = p->columns.first; kx < p->columns.end; kx++)
            sum += real_at(p, ky, kx);
    return sum;
}

static float add_columns(const pixels *p)
{
    float sum = 0;
    for (uint32_t kx = p->columns.first; kx < p->columns.end; kx++) {
        float column = 0;
        for (uint32_t ky = p->rows.first; ky < p->rows.end; ky++)
            column += real_at(p, ky, kx);
        sum += column;
    }
    return sum;
}

/* The window is the whole image. */
static float add_lanes(const pixels *p)
{
    const uint32_t w = p->columns.end, count = p->rows.end * w, whole = count / 4 * 4;
    float lane[4] = { 0 };
    for (uint32_t e = 0; e < whole; e++)
        lane[e % 4] += real_at(p, e / w, e % w);
    const float even = lane[0] + lane[2], odd = lane[1] + lane[3];
    float sum = even + odd;
    for (uint32_t e = whole; e < count; e++)
        sum += real_at(p, e / w, e % w);
    return sum;
}

static float average_of(const weft_pool_2d *a, const pixels *p)
{
    const uint32_t inside = (p->rows.end - p->rows.first) * (p->columns.end - p->columns.first);
    const float sum = a->adding == WEFT_ADD_ROWS      ? add_rows(p)
                      : a->adding == WEFT_ADD_COLUMNS ? add_columns(p)
                                                      : add_lanes(p);
    return sum / (float)(a->count_include_pad ? a->window.kernel_h * a->window.kernel_w : inside);
}

static float largest_of(const pixels *p)
{
    float largest = -INFINITY;
    for (uint32_t ky = p->rows.first; ky < p->rows.end; ky++)
        for (uint32_t kx = p->columns.first; kx < p->columns.end; kx++) {
            const float v = real_at(p, ky, kx);
            largest = v > largest ? v : largest;
        }
    return largest;
}

/* Either pool of float32. */
static void pool_reals(const weft_graph *g, const weft_node *n, const void *x, float *to,
                       ref_range of)
{
    const weft_pool_2d *a = &n->attr.pool_2d;
    const weft_tensor *y = &g->tensors[n->output];
    pixels p = { .t = weft_node_input(g, n, 0), .w = &a->window, .x = x };
    for (uint64_t e = of.first; e < of.end; e++) {
        const uint64_t pixel = e / y->dims[3];
        p.rows = rows_inside(p.w, (uint32_t)(pixel / y->dims[2]), p.t->dims[1]);
        p.columns = columns_inside(p.w, (uint32_t)(pixel % y->dims[2]), p.t->dims[2]);
        p.c = (uint32_t)(e % y->dims[3]);
        to[e] = n->op == WEFT_OP_MAX_POOL_2D ? largest_of(&p) : average_of(a, &p);
    }
}

static int8_t average_float(const weft_node *n, const pixels *p, const weft_quant *to)
{
    const weft_pool_2d *a = &n->attr.pool_2d;
    const float scale = weft_quant_scale(to, 0);
    const int32_t zp = weft_quant_zero_point(to, 0);
    const float mean = average_of(a, p);
    const int8_t y = a->zero_first ? weft_quantize_value_added(mean, scale, zp, a->offset)
                                   : weft_quantize_value(WEFT_REQUANT_ONNX, mean, scale, zp);
    return (int8_t)weft_requant_finish(y, 0, a->clamp.lo, a->clamp.hi);
}

/* --- averages of either kind --- */

static int8_t average_one(const weft_graph *g, const weft_node *n, const int8_t *x, taps rows,
                          taps columns, uint32_t c)
{
    const weft_pool_2d *a = &n->attr.pool_2d;
    const weft_tensor *xt = weft_node_input(g, n, 0);
    int onnx = n->requant == WEFT_REQUANT_ONNX;
    int32_t zp_x = onnx ? weft_quant_zero_point(&xt->quant, 0) : -a->offset;
    int32_t zp_y = onnx ? weft_quant_zero_point(&g->tensors[n->output].quant, 0) : -a->offset;
    uint32_t count = (rows.end - rows.first) * (columns.end - columns.first);
    if (a->count_include_pad)
        count = a->window.kernel_h * a->window.kernel_w;
    if (a->adding != WEFT_ADD_INTEGERS)
        return average_float(n, &(pixels){ xt, &a->window, x, rows, columns, c },
                             &g->tensors[n->output].quant);
    int32_t acc = 0;
    for (uint32_t ky = rows.first; ky < rows.end; ky++)
        for (uint32_t kx = columns.first; kx < columns.end; kx++)
            acc += x[at_nhwc(xt, &a->window, rows, ky, columns, kx, c)] - zp_x;
    weft_requant_kind kind = WEFT_REQUANT_DIV;
    weft_requant rq = { 0 };
    (void)weft_node_pool_requant(g, n, count, &kind, &rq); /* cannot fail: checked */
    return (int8_t)weft_requant_finish(weft_requantize(kind, acc, rq), zp_y, a->clamp.lo,
                                       a->clamp.hi);
}

void weft_ref_max_pool_2d(const weft_graph *g, const weft_node *n, const void *const *in, void *out,
                          ref_range of)
{
    if (weft_node_is_real(g, n))
        pool_reals(g, n, in[0], out, of);
    else
        pool(g, n, in[0], out, of, max_one);
}

void weft_ref_average_pool_2d(const weft_graph *g, const weft_node *n, const void *const *in,
                              void *out, ref_range of)
{
    if (weft_node_is_real(g, n))
        pool_reals(g, n, in[0], out, of);
    else
        pool(g, n, in[0], out, of, average_one);
}

/* The sum along the axes of the mask, starting at x; one axis a level. */
static int32_t sum_axes(const weft_tensor *x, uint32_t axes, const int8_t *from, int32_t zero_point)
{
    uint32_t index[WEFT_MAX_RANK] = { 0 };
    int32_t sum = 0;
    for (int more = 1; more;) {
        size_t at = 0;
        for (uint32_t i = 0; i < x->rank; i++)
            at = at * x->dims[i] + index[i];
        sum += from[at] - zero_point;
        more = 0;
        for (uint32_t i = x->rank; i-- > 0 && !more;)
            if (axes >> i & 1) {
                more = ++index[i] < x->dims[i];
                index[i] = more ? index[i] : 0;
            }
    }
    return sum;
}

static void mean_reals(const weft_graph *g, const weft_node *n, const void *x, float *out,
                       ref_range of)
{
    const weft_tensor *y = &g->tensors[n->output];
    for (uint64_t e = of.first; e < of.end; e++) {
        uint32_t index[WEFT_MAX_RANK] = { 0 };
        uint64_t rest = e;
        for (uint32_t i = y->rank; i-- > 0; rest /= y->dims[i])
            index[i] = (uint32_t)(rest % y->dims[i]);
        out[e] = ref_mean_sum(g, n, x, index) / (float)weft_node_mean_taps(g, n);
    }
}

static int8_t mean_float(const weft_graph *g, const weft_node *n, const void *x,
                         const uint32_t *index)
{
    const weft_quant *y = &g->tensors[n->output].quant;
    const float mean = ref_mean_sum(g, n, x, index) / (float)weft_node_mean_taps(g, n);
    const int8_t q = weft_quantize_value(WEFT_REQUANT_ONNX, mean, weft_quant_scale(y, 0),
                                         weft_quant_zero_point(y, 0));
    return (int8_t)weft_requant_finish(q, 0, n->attr.mean.clamp.lo, n->attr.mean.clamp.hi);
}

void weft_ref_mean(const weft_graph *g, const weft_node *n, const void *const *in, void *out,
                   ref_range of)
{
    const weft_mean *a = &n->attr.mean;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    if (weft_node_is_real(g, n)) {
        mean_reals(g, n, in[0], out, of);
        return;
    }
    const int32_t zp_x = weft_quant_zero_point(&x->quant, 0);
    const int32_t zp_y = weft_quant_zero_point(&y->quant, 0);
    weft_requant rq = { 0 };
    (void)weft_node_mean_requant(g, n, &rq); /* cannot fail: checked */
    const int divides = weft_node_mean_divides(g, n);
    for (uint64_t e = of.first; e < of.end; e++) {
        uint32_t index[WEFT_MAX_RANK] = { 0 };
        uint64_t rest = e;
        for (uint32_t i = y->rank; i-- > 0; rest /= y->dims[i])
            index[i] = (uint32_t)(rest % y->dims[i]);
        size_t first = 0; /* averaged axes are 1 in y: their index stays 0 */
        for (uint32_t i = 0; i < x->rank; i++)
            first = first * x->dims[i] + index[i];
        ((int8_t *)out)[e] =
            divides ? mean_float(g, n, in[0], index)
                    : (int8_t)weft_requant_finish(
                          weft_requantize(n->requant,
                                          sum_axes(x, a->axes, (const int8_t *)in[0] + first, zp_x),
                                          rq),
                          zp_y, a->clamp.lo, a->clamp.hi);
    }
}
