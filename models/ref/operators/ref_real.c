/* Sums of products and operators of two operands whose result is float32. */
#include "ref_real.h"

#include <math.h>

#include "models/arith/mlas_sum.h"
#include "ref_ops.h"
#include "ref_pitch.h"
#include "ref_taps.h"

static float pair_of_reals(weft_op op, float a, float b)
{
    switch (op) {
    case WEFT_OP_ADD: return a + b;
    case WEFT_OP_SUB: return a - b;
    case WEFT_OP_MUL: return a * b;
    case WEFT_OP_DIV: return a / b;
    case WEFT_OP_MINIMUM: return isnan(a) || a < b ? a : b;
    case WEFT_OP_MAXIMUM: return isnan(a) || a > b ? a : b;
    default: return a < 0 ? a * b : a; /* PRELU */
    }
}

void ref_real_pair(const weft_graph *g, const weft_node *n, const void *const *in, float *out)
{
    const weft_tensor *y = &g->tensors[n->output];
    size_t pitch[2][WEFT_MAX_RANK];
    uint32_t index[WEFT_MAX_RANK] = { 0 };
    const uint64_t count = weft_tensor_elements(y);
    for (uint32_t k = 0; k < 2; k++)
        ref_pitches(weft_node_input(g, n, k), y, pitch[k]);
    for (uint64_t e = 0; e < count; e++) {
        size_t a = 0, b = 0;
        for (uint32_t i = 0; i < y->rank; i++) {
            a += index[i] * pitch[0][i];
            b += index[i] * pitch[1][i];
        }
        out[e] = pair_of_reals(n->op, ((const float *)in[0])[a], ((const float *)in[1])[b]);
        for (uint32_t i = y->rank; i-- > 0 && ++index[i] == y->dims[i];)
            index[i] = 0;
    }
}

/* Windows as wide as the image, of one channel, which go down it line by line: MLAS multiplies by the
 * image as it lies, a transposed matrix. */
static int patches_lie(const weft_window *w, const weft_tensor *x, uint32_t depth)
{
    return depth == 1 && w->kernel_w == x->dims[2] && w->kernel_h * w->kernel_w > 1 &&
           w->stride_h == 1 && w->stride_w == 1 && w->dilation_h == 1 && w->dilation_w == 1 &&
           !(w->pad_top | w->pad_left | w->pad_bottom | w->pad_right);
}

/* One result of a convolution: every tap is added, those beside the image as zero. */
static float window_sum(const weft_graph *g, const weft_node *n, const void *const *in, taps rows,
                        taps columns, size_t pixel, uint32_t co)
{
    const weft_conv_2d *a = &n->attr.conv_2d;
    const weft_tensor *x = weft_node_input(g, n, 0), *w = weft_node_input(g, n, 1);
    const weft_tensor *y = &g->tensors[n->output];
    const uint32_t depth = w->dims[3], filters = w->dims[0] / a->groups;
    const uint32_t first = co / filters * depth, kernel = w->dims[1] * w->dims[2];
    const float scale = weft_quant_scale(&w->quant, co);
    const int32_t zero = weft_quant_zero_point(&w->quant, co);
    const int8_t *ws = (const int8_t *)in[1] + (size_t)co * kernel * depth;
    const int rows_lie = patches_lie(&a->window, x, depth);
    mlas_sum s = mlas_sum_of(filters, (uint64_t)y->dims[1] * y->dims[2], (uint64_t)kernel * depth,
                             rows_lie, rows_lie ? pixel : co % filters);
    for (uint32_t ci = 0; ci < depth; ci++)
        for (uint32_t ky = 0; ky < w->dims[1]; ky++)
            for (uint32_t kx = 0; kx < w->dims[2]; kx++) {
                const int inside =
                    ky >= rows.first && ky < rows.end && kx >= columns.first && kx < columns.end;
                const size_t at =
                    inside ? at_nhwc(x, &a->window, rows, ky, columns, kx, first + ci) : 0;
                const int8_t q = ws[((size_t)ky * w->dims[2] + kx) * depth + ci];
                mlas_sum_add(&s, (float)(q - zero) * scale,
                             inside ? ref_real_at(x, in[0], at) : 0.0f);
            }
    return mlas_sum_end(&s);
}

void ref_real_conv(const weft_graph *g, const weft_node *n, const void *const *in, float *out,
                   ref_range of)
{
    const weft_window *window = &n->attr.conv_2d.window;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    const float *bias = n->input_count > 2 ? in[2] : NULL;
    for (uint64_t e = of.first; e < of.end; e++) {
        const uint64_t pixel = e / y->dims[3];
        const uint32_t co = (uint32_t)(e % y->dims[3]);
        const taps rows = rows_inside(window, (uint32_t)(pixel / y->dims[2]), x->dims[1]);
        const taps columns = columns_inside(window, (uint32_t)(pixel % y->dims[2]), x->dims[2]);
        const float sum = window_sum(g, n, in, rows, columns, pixel, co);
        out[e] = bias ? sum + bias[co] : sum;
    }
}

void weft_ref_gemm(const weft_graph *g, const weft_node *n, const void *const *in, void *out,
                   ref_range of)
{
    float *to = out;
    const weft_tensor *x = weft_node_input(g, n, 0), *w = weft_node_input(g, n, 1);
    const uint32_t rows = x->dims[0], columns = w->dims[0], depth = w->dims[1];
    for (uint64_t e = of.first; e < of.end; e++) {
        const uint32_t m = (uint32_t)(e / columns), co = (uint32_t)(e % columns);
        const float scale = weft_quant_scale(&w->quant, co);
        const int32_t zero = weft_quant_zero_point(&w->quant, co);
        const int8_t *ws = (const int8_t *)in[1] + (size_t)co * depth;
        mlas_sum s =
            mlas_sum_of(rows, columns, depth, n->attr.matmul.transpose_b, rows == 1 ? co : m);
        s.total = n->input_count > 2 ? ((const float *)in[2])[co] : 0;
        for (uint32_t k = 0; k < depth; k++)
            mlas_sum_add(&s, ref_real_at(x, in[0], (size_t)m * depth + k),
                         (float)(ws[k] - zero) * scale);
        to[e] = mlas_sum_end(&s);
    }
}

float ref_real_product(const weft_graph *g, const weft_node *n, uint32_t co, int32_t sum)
{
    const float scale = weft_quant_scale(&weft_node_input(g, n, 0)->quant, 0) *
                        weft_quant_scale(&weft_node_input(g, n, 1)->quant, co);
    return (float)sum * scale;
}

void weft_ref_div(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    ref_real_pair(g, n, in, out);
}

void weft_ref_function(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const float *x = in[0];
    float *y = out;
    const uint64_t count = weft_tensor_elements(&g->tensors[n->output]);
    for (uint64_t i = 0; i < count; i++)
        y[i] = weft_real_apply(&n->attr.function, x[i]);
}

void weft_ref_cast(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const int32_t *x = in[0];
    float *y = out;
    const uint64_t count = weft_tensor_elements(&g->tensors[n->output]);
    for (uint64_t i = 0; i < count; i++)
        y[i] = (float)x[i];
}

void weft_ref_lookup(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const int8_t *x = in[0];
    const float *table = in[1];
    float *y = out;
    const uint64_t count = weft_tensor_elements(&g->tensors[n->output]);
    for (uint64_t i = 0; i < count; i++)
        y[i] = table[x[i] + 128];
}
