/* Sums of products: convolution, fully connected, transposed convolution, matrices.
 *
 * Loops in the order of the formula, int32 accumulators (their bound is proved by
 * weft_graph_check), index arithmetic in the open. */
#include "ref_ops.h"

#include "ref_real.h"
#include "ref_taps.h"

/* Requantised by the channel's factor, zero point added, clamped. */
static int8_t finish_channel(const weft_graph *g, const weft_node *n, uint32_t co, int32_t acc,
                             weft_clamp clamp)
{
    weft_requant rq = { 0 };
    (void)weft_node_requant(g, n, co, &rq); /* cannot fail: checked */
    int32_t zp = weft_quant_zero_point(&g->tensors[n->output].quant, 0);
    return (int8_t)weft_requant_finish(weft_requantize(n->requant, acc, rq), zp, clamp.lo,
                                       clamp.hi);
}

/* Element i of the result, int8 or float32. */
static void put_product(const weft_graph *g, const weft_node *n, uint32_t co, int32_t acc,
                        weft_clamp clamp, void *out, size_t i)
{
    if (weft_node_is_real(g, n))
        ((float *)out)[i] = ref_real_product(g, n, co, acc);
    else
        ((int8_t *)out)[i] = finish_channel(g, n, co, acc, clamp);
}

int32_t ref_window_sum(const weft_graph *g, const weft_node *n, const int8_t *x, int32_t zp_x,
                       const int8_t *w, taps rows, taps columns, uint32_t co)
{
    const weft_conv_2d *a = &n->attr.conv_2d;
    const weft_tensor *xt = weft_node_input(g, n, 0), *wt = weft_node_input(g, n, 1);
    uint32_t ci_count = wt->dims[3];
    uint32_t ci_first = co / (wt->dims[0] / a->groups) * ci_count;
    int32_t zp_w = weft_quant_zero_point(&wt->quant, co);
    int32_t acc = 0;
    for (uint32_t ky = rows.first; ky < rows.end; ky++)
        for (uint32_t kx = columns.first; kx < columns.end; kx++) {
            const int8_t *xs = x + at_nhwc(xt, &a->window, rows, ky, columns, kx, ci_first);
            const int8_t *ws = w + (((size_t)co * wt->dims[1] + ky) * wt->dims[2] + kx) * ci_count;
            for (uint32_t ci = 0; ci < ci_count; ci++)
                acc += (xs[ci] - zp_x) * (ws[ci] - zp_w);
        }
    return acc;
}

void weft_ref_conv_2d(const weft_graph *g, const weft_node *n, const void *const *in, void *out,
                      ref_range of)
{
    if (weft_node_is_real(g, n)) {
        ref_real_conv(g, n, in, out, of);
        return;
    }
    const weft_conv_2d *a = &n->attr.conv_2d;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    const int32_t *bias = n->input_count > 2 ? in[2] : NULL;
    const int32_t zp_x = weft_quant_zero_point(&x->quant, 0);
    int8_t *to = out;
    for (uint64_t e = of.first; e < of.end; e++) {
        const uint32_t co = (uint32_t)(e % y->dims[3]);
        const uint64_t pixel = e / y->dims[3];
        const taps rows = rows_inside(&a->window, (uint32_t)(pixel / y->dims[2]), x->dims[1]);
        const taps columns = columns_inside(&a->window, (uint32_t)(pixel % y->dims[2]), x->dims[2]);
        const int32_t acc = ref_window_sum(g, n, in[0], zp_x, in[1], rows, columns, co);
        to[e] = finish_channel(g, n, co, acc + (bias ? bias[co] : 0), a->clamp);
    }
}

void weft_ref_fully_connected(const weft_graph *g, const weft_node *n, const void *const *in,
                              void *out, ref_range of)
{
    const weft_tensor *x = weft_node_input(g, n, 0), *w = weft_node_input(g, n, 1);
    const int32_t *bias = n->input_count > 2 ? in[2] : NULL;
    uint32_t ci_count = w->dims[1];
    int32_t zp_x = weft_quant_zero_point(&x->quant, 0);
    for (uint64_t e = of.first; e < of.end; e++) {
        const uint64_t m = e / w->dims[0];
        const uint32_t co = (uint32_t)(e % w->dims[0]);
        const int8_t *xs = (const int8_t *)in[0] + (size_t)m * ci_count;
        const int8_t *ws = (const int8_t *)in[1] + (size_t)co * ci_count;
        int32_t zp_w = weft_quant_zero_point(&w->quant, co);
        int32_t acc = bias ? bias[co] : 0;
        for (uint32_t ci = 0; ci < ci_count; ci++)
            acc += (xs[ci] - zp_x) * (ws[ci] - zp_w);
        put_product(g, n, co, acc, n->attr.fully_connected.clamp, out, e);
    }
}

/* Sum over the taps that reach y[oy][ox][co]: those for which (oy + pad - ky * dilation) is a
 * multiple of the stride, and the multiple lies inside x. */
static int32_t transpose_sum(const weft_graph *g, const weft_node *n, const int8_t *x,
                             const int8_t *w, uint32_t oy, uint32_t ox, uint32_t co)
{
    const weft_conv_2d *a = &n->attr.conv_2d;
    const weft_window *v = &a->window;
    const weft_tensor *xt = weft_node_input(g, n, 0), *wt = weft_node_input(g, n, 1);
    const uint32_t ci_count = wt->dims[3], ci_first = co / (wt->dims[0] / a->groups) * ci_count;
    const int32_t zp_x = weft_quant_zero_point(&xt->quant, 0);
    const int32_t zp_w = weft_quant_zero_point(&wt->quant, co);
    int32_t acc = 0;
    for (uint32_t ky = 0; ky < v->kernel_h; ky++)
        for (uint32_t kx = 0; kx < v->kernel_w; kx++) {
            int64_t y = (int64_t)oy + v->pad_top - (int64_t)ky * v->dilation_h;
            int64_t z = (int64_t)ox + v->pad_left - (int64_t)kx * v->dilation_w;
            if (y < 0 || z < 0 || y % v->stride_h || z % v->stride_w ||
                y / v->stride_h >= xt->dims[1] || z / v->stride_w >= xt->dims[2])
                continue;
            const size_t pixel =
                (size_t)(y / v->stride_h) * xt->dims[2] + (size_t)(z / v->stride_w);
            const int8_t *xs = x + pixel * xt->dims[3] + ci_first;
            const int8_t *ws = w + (((size_t)co * v->kernel_h + ky) * v->kernel_w + kx) * ci_count;
            for (uint32_t ci = 0; ci < ci_count; ci++)
                acc += (xs[ci] - zp_x) * (ws[ci] - zp_w);
        }
    return acc;
}

void weft_ref_transpose_conv(const weft_graph *g, const weft_node *n, const void *const *in,
                             void *out, ref_range of)
{
    const weft_tensor *y = &g->tensors[n->output];
    const int32_t *bias = n->input_count > 2 ? in[2] : NULL;
    int8_t *to = out;
    for (uint64_t e = of.first; e < of.end; e++) {
        const uint32_t co = (uint32_t)(e % y->dims[3]);
        const uint64_t pixel = e / y->dims[3];
        const int32_t acc = transpose_sum(g, n, in[0], in[1], (uint32_t)(pixel / y->dims[2]),
                                          (uint32_t)(pixel % y->dims[2]), co);
        to[e] = finish_channel(g, n, co, acc + (bias ? bias[co] : 0), n->attr.conv_2d.clamp);
    }
}

/* Element (i, j) of a product of matrices, a [M][K], b [K][N] or [N][K]; it is element `e` of the result. */
static void put_element(const weft_graph *g, const weft_node *n, const int8_t *a, const int8_t *b,
                        uint32_t i, uint32_t j, void *out, uint64_t e)
{
    const weft_tensor *at = weft_node_input(g, n, 0), *bt = weft_node_input(g, n, 1);
    const weft_tensor *y = &g->tensors[n->output];
    const uint32_t columns = y->dims[y->rank - 1], depth = at->dims[at->rank - 1];
    const size_t step_k = n->attr.matmul.transpose_b ? 1 : columns;
    const size_t step_n = n->attr.matmul.transpose_b ? depth : 1;
    const int32_t zp_a = weft_quant_zero_point(&at->quant, 0);
    const int32_t zp_b = weft_quant_zero_point(&bt->quant, 0);
    int32_t acc = 0;
    for (uint32_t k = 0; k < depth; k++)
        acc += (a[(size_t)i * depth + k] - zp_a) * (b[j * step_n + k * step_k] - zp_b);
    put_product(g, n, 0, acc, n->attr.matmul.clamp, out, e);
}

void weft_ref_matmul(const weft_graph *g, const weft_node *n, const void *const *in, void *out,
                     ref_range of)
{
    const weft_tensor *t[3] = { weft_node_input(g, n, 0), weft_node_input(g, n, 1),
                                &g->tensors[n->output] };
    const uint32_t m = t[2]->rank - 2, columns = t[2]->dims[m + 1];
    size_t matrix[3];
    for (unsigned k = 0; k < 3; k++)
        matrix[k] = (size_t)t[k]->dims[m] * t[k]->dims[m + 1];
    for (uint64_t e = of.first; e < of.end; e++) {
        const size_t inside = (size_t)(e % matrix[2]);
        size_t at[2] = { 0, 0 };
        for (unsigned k = 0; k < 2; k++) {
            uint64_t rest = e / matrix[2];
            size_t step = matrix[k];
            for (uint32_t i = m; i-- > 0; rest /= t[2]->dims[i], step *= t[k]->dims[i])
                at[k] += t[k]->dims[i] == 1 ? 0 : rest % t[2]->dims[i] * step;
        }
        put_element(g, n, (const int8_t *)in[0] + at[0], (const int8_t *)in[1] + at[1],
                    (uint32_t)(inside / columns), (uint32_t)(inside % columns), out, e);
    }
}
