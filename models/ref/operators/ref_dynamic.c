/* Dynamic quantisation, as ONNX Runtime computes it. */
#include <math.h>

#include "ref_ops.h"
#include "ref_taps.h"

/* Of all numbers and 0. */
static void limits_of(const weft_tensor *x, const float *data, float *lo, float *hi)
{
    const uint64_t count = weft_tensor_elements(x);
    *lo = *hi = 0;
    for (uint64_t i = 0; i < count; i++) {
        *lo = data[i] < *lo ? data[i] : *lo;
        *hi = data[i] > *hi ? data[i] : *hi;
    }
}

static float scale_of(float lo, float hi)
{
    return hi > lo ? (hi - lo) / 255.0f : 1.0f;
}

void weft_ref_dynamic_scale(const weft_graph *g, const weft_node *n, const void *const *in,
                            void *out)
{
    float lo, hi;
    limits_of(weft_node_input(g, n, 0), in[0], &lo, &hi);
    *(float *)out = scale_of(lo, hi);
}

void weft_ref_dynamic_zero(const weft_graph *g, const weft_node *n, const void *const *in,
                           void *out)
{
    float lo, hi;
    limits_of(weft_node_input(g, n, 0), in[0], &lo, &hi);
    const float zero = rintf(0.0f - lo / scale_of(lo, hi));
    *(int8_t *)out = (int8_t)(fminf(255.0f, fmaxf(0.0f, zero)) - 128.0f);
}

void weft_ref_dynamic_quantize(const weft_graph *g, const weft_node *n, const void *const *in,
                               void *out)
{
    const float *x = in[0], scale = *(const float *)in[1];
    const int32_t zero = *(const int8_t *)in[2];
    const uint64_t count = weft_tensor_elements(&g->tensors[n->output]);
    for (uint64_t i = 0; i < count; i++)
        ((int8_t *)out)[i] = weft_quantize_value(WEFT_REQUANT_ONNX, x[i], scale, zero);
}

void weft_ref_matmul_integer(const weft_graph *g, const weft_node *n, const void *const *in,
                             void *out, ref_range of)
{
    const weft_tensor *w = weft_node_input(g, n, 1), *y = &g->tensors[n->output];
    const int32_t zero = *(const int8_t *)in[2];
    const uint32_t depth = w->dims[1];
    int32_t *to = out;
    for (uint64_t e = of.first; e < of.end; e++) {
        const uint32_t co = (uint32_t)(e % y->dims[1]);
        const int8_t *x = (const int8_t *)in[0] + (size_t)(e / y->dims[1]) * depth;
        const int8_t *ws = (const int8_t *)in[1] + (size_t)co * depth;
        const int32_t zp = weft_quant_zero_point(&w->quant, co);
        int32_t sum = 0;
        for (uint32_t k = 0; k < depth; k++)
            sum += (x[k] - zero) * (ws[k] - zp);
        to[e] = sum;
    }
}

void weft_ref_conv_integer(const weft_graph *g, const weft_node *n, const void *const *in,
                           void *out, ref_range of)
{
    const weft_window *window = &n->attr.conv_2d.window;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    const int32_t zero = *(const int8_t *)in[2];
    int32_t *to = out;
    for (uint64_t e = of.first; e < of.end; e++) {
        const uint64_t pixel = e / y->dims[3];
        const taps rows = rows_inside(window, (uint32_t)(pixel / y->dims[2]), x->dims[1]);
        const taps columns = columns_inside(window, (uint32_t)(pixel % y->dims[2]), x->dims[2]);
        to[e] = ref_window_sum(g, n, in[0], zero, in[1], rows, columns, (uint32_t)(e % y->dims[3]));
    }
}
