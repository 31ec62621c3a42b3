/* Operators of the host: softmax, its logarithm, the position of the largest, L2 normalisation.
 *
 * Softmax on int8 is that of models/arith/softmax.h; on float32 it equals other libraries within
 * rounding only. */
#include <math.h>

#include "models/arith/fixedpoint.h"
#include "models/arith/softmax.h"
#include "ref_ops.h"

/* --- float32 ------------------------------------------------------------------------------ */

static float largest_float(const float *x, uint64_t width)
{
    float largest = x[0];
    for (uint64_t i = 1; i < width; i++)
        largest = x[i] > largest ? x[i] : largest;
    return largest;
}

static void softmax_float(const float *x, float *p, uint64_t width, float beta)
{
    float largest = largest_float(x, width), sum = 0.0f;
    for (uint64_t i = 0; i < width; i++) {
        p[i] = expf((x[i] - largest) * beta);
        sum += p[i];
    }
    for (uint64_t i = 0; i < width; i++)
        p[i] /= sum;
}

static void log_softmax_float(const float *x, float *p, uint64_t width)
{
    float largest = largest_float(x, width), sum = 0.0f;
    for (uint64_t i = 0; i < width; i++)
        sum += expf(x[i] - largest);
    float log_sum = logf(sum);
    for (uint64_t i = 0; i < width; i++)
        p[i] = x[i] - largest - log_sum;
}

/* --- along the last axis ------------------------------------------------------------------ */

/* One row, in the type of x. */
static void softmax_row(const weft_tensor *x, const void *in, void *out, uint64_t width, float beta)
{
    if (x->dtype == WEFT_INT8)
        weft_softmax_int8(in, out, width, weft_quant_scale(&x->quant, 0), beta);
    else
        softmax_float(in, out, width, beta);
}

static void log_softmax_row(const weft_tensor *x, const void *in, void *out, uint64_t width)
{
    if (x->dtype == WEFT_INT8)
        weft_log_softmax_int8(in, out, width, weft_quant_scale(&x->quant, 0));
    else
        log_softmax_float(in, out, width);
}

static uint64_t last_axis(const weft_tensor *x)
{
    return x->rank ? x->dims[x->rank - 1] : 1;
}

void weft_ref_softmax(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    const uint64_t width = last_axis(x), bytes = weft_tensor_bytes(x);
    const uint64_t row_bytes = width * weft_dtype_bytes(x->dtype);
    if (x->dtype == WEFT_INT8 && n->requant == WEFT_REQUANT_ONNX)
        weft_softmax_int8_onnx(in[0], out, bytes / width, width, weft_quant_scale(&x->quant, 0),
                               weft_quant_scale(&y->quant, 0), weft_quant_zero_point(&y->quant, 0));
    else
        for (uint64_t at = 0; at < bytes; at += row_bytes)
            softmax_row(x, (const uint8_t *)in[0] + at, (uint8_t *)out + at, width,
                        n->attr.softmax.beta);
}

void weft_ref_log_softmax(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const weft_tensor *x = weft_node_input(g, n, 0);
    const uint64_t width = last_axis(x), bytes = weft_tensor_bytes(x);
    const uint64_t row_bytes = width * weft_dtype_bytes(x->dtype);
    for (uint64_t at = 0; at < bytes; at += row_bytes)
        log_softmax_row(x, (const uint8_t *)in[0] + at, (uint8_t *)out + at, width);
}

/* Does element a take the place of element b, which stands before it? */
static int beyond(const weft_tensor *x, const void *data, size_t a, size_t b, const weft_argmax *n)
{
    const int floats = x->dtype == WEFT_FLOAT32;
    const float va = floats ? ((const float *)data)[a] : ((const int8_t *)data)[a];
    const float vb = floats ? ((const float *)data)[b] : ((const int8_t *)data)[b];
    if (n->last)
        return n->smallest ? va <= vb : va >= vb;
    return n->smallest ? va < vb : va > vb;
}

void weft_ref_argmax(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const weft_argmax *a = &n->attr.argmax;
    const weft_tensor *x = weft_node_input(g, n, 0);
    size_t inner = 1;
    for (uint32_t i = a->axis + 1; i < x->rank; i++)
        inner *= x->dims[i];
    const size_t length = x->dims[a->axis], count = (size_t)weft_tensor_elements(x) / length;
    for (size_t e = 0; e < count; e++) {
        const size_t first = e / inner * inner * length + e % inner;
        size_t best = 0;
        for (size_t k = 1; k < length; k++)
            if (beyond(x, in[0], first + k * inner, first + best * inner, a))
                best = k;
        ((int32_t *)out)[e] = (int32_t)best;
    }
}

void weft_ref_l2_normalization(const weft_graph *g, const weft_node *n, const void *const *in,
                               void *out)
{
    enum { STEPS_OF_ONE = 7 }; /* as a power of two */
    const weft_tensor *x = weft_node_input(g, n, 0);
    const uint32_t width = x->dims[x->rank - 1];
    const int32_t zp = weft_quant_zero_point(&x->quant, 0);
    const uint64_t count = weft_tensor_elements(x);
    const int8_t *from = in[0];
    int8_t *to = out;
    for (uint64_t row = 0; row < count; row += width) {
        int32_t sum = 0;
        int shift;
        for (uint32_t i = 0; i < width; i++)
            sum += (from[row + i] - zp) * (from[row + i] - zp);
        const int32_t root = weft_fx_inverse_root(sum, &shift);
        shift += STEPS_OF_ONE;
        for (uint32_t i = 0; i < width; i++) {
            const int32_t v = (from[row + i] - zp) * (1 << (shift > 0 ? shift : 0));
            const int32_t y = weft_fx_shift_right(weft_fx_mul(v, root), shift < 0 ? -shift : 0);
            to[row + i] = (int8_t)(y < -128 ? -128 : y > 127 ? 127 : y);
        }
    }
}
