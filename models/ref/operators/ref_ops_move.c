/* Operators that move data: where each element of the output comes from. */
#include <string.h>

#include "ref_ops.h"
#include "ref_real.h"

void weft_ref_reshape(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    memcpy(out, in[0], weft_tensor_bytes(&g->tensors[n->output]));
}

/* y[i] = x[first + sum of i * pitch], in elements. */
static void gather(const weft_tensor *y, const void *x, int64_t first, const int64_t *pitch,
                   void *out)
{
    const size_t bytes = weft_dtype_bytes(y->dtype);
    uint32_t index[WEFT_MAX_RANK] = { 0 };
    const uint64_t count = weft_tensor_elements(y);
    for (uint64_t e = 0; e < count; e++) {
        int64_t from = first;
        for (uint32_t i = 0; i < y->rank; i++)
            from += index[i] * pitch[i];
        memcpy((char *)out + e * bytes, (const char *)x + (size_t)from * bytes, bytes);
        for (uint32_t i = y->rank; i-- > 0 && ++index[i] == y->dims[i];)
            index[i] = 0;
    }
}

static void own_pitches(const weft_tensor *t, int64_t *pitch)
{
    int64_t step = 1;
    for (uint32_t i = t->rank; i-- > 0; step *= t->dims[i])
        pitch[i] = step;
}

void weft_ref_transpose(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    int64_t own[WEFT_MAX_RANK], pitch[WEFT_MAX_RANK];
    own_pitches(x, own);
    for (uint32_t i = 0; i < y->rank; i++)
        pitch[i] = own[n->attr.transpose.perm[i]];
    gather(y, in[0], 0, pitch, out);
}

void weft_ref_slice(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const weft_slice *a = &n->attr.slice;
    const weft_tensor *x = weft_node_input(g, n, 0);
    int64_t own[WEFT_MAX_RANK], pitch[WEFT_MAX_RANK], first = 0;
    own_pitches(x, own);
    for (uint32_t i = 0; i < x->rank; i++) {
        pitch[i] = own[i] * a->stride[i];
        first += own[i] * a->begin[i];
    }
    gather(&g->tensors[n->output], in[0], first, pitch, out);
}

/* Put x into y at offset `at` along every axis. */
static void place(const weft_tensor *x, const char *from, const uint32_t *at, const weft_tensor *y,
                  char *to)
{
    const size_t bytes = weft_dtype_bytes(y->dtype);
    uint32_t index[WEFT_MAX_RANK] = { 0 };
    const uint64_t count = weft_tensor_elements(x);
    for (uint64_t e = 0; e < count; e++) {
        size_t where = 0;
        for (uint32_t i = 0; i < y->rank; i++)
            where = where * y->dims[i] + at[i] + index[i];
        memcpy(to + where * bytes, from + e * bytes, bytes);
        for (uint32_t i = x->rank; i-- > 0 && ++index[i] == x->dims[i];)
            index[i] = 0;
    }
}

void weft_ref_pad(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const weft_pad *a = &n->attr.pad;
    const weft_tensor *y = &g->tensors[n->output];
    const size_t bytes = weft_tensor_bytes(y);
    if (y->dtype == WEFT_INT8)
        memset(out, a->value, bytes);
    for (size_t at = 0; y->dtype != WEFT_INT8 && at < bytes; at += sizeof a->value)
        memcpy((char *)out + at, &a->value, sizeof a->value);
    place(weft_node_input(g, n, 0), in[0], a->before, y, out);
}

void weft_ref_concat(const weft_graph *g, const weft_node *n, const void *const *in, void *out)
{
    const uint32_t axis = n->attr.concat.axis;
    uint32_t at[WEFT_MAX_RANK] = { 0 };
    for (uint32_t k = 0; k < n->input_count; k++) {
        const weft_tensor *x = weft_node_input(g, n, k);
        place(x, in[k], at, &g->tensors[n->output], out);
        at[axis] += x->dims[axis];
    }
}

void weft_ref_resize_nearest(const weft_graph *g, const weft_node *n, const void *const *in,
                             void *out)
{
    const weft_resize_nearest *a = &n->attr.resize_nearest;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    const size_t pixel = y->dims[3] * weft_dtype_bytes(y->dtype);
    char *to = out;
    for (uint32_t i = 0; i < y->dims[1]; i++)
        for (uint32_t j = 0; j < y->dims[2]; j++, to += pixel)
            memcpy(to,
                   (const char *)in[0] + ((size_t)a->rows[i] * x->dims[2] + a->columns[j]) * pixel,
                   pixel);
}

/* One pixel, all its channels, as ONNX Runtime's float32 kernel computes it. */
static void bilinear_float(const weft_graph *g, const weft_node *n, const void *in,
                           const weft_share *r, const weft_share *c, void *out, size_t first)
{
    const weft_clamp clamp = n->attr.resize_bilinear.clamp;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    const size_t channels = y->dims[3], lo = (size_t)r->lo * x->dims[2],
                 hi = (size_t)r->hi * x->dims[2];
    const size_t at[4] = { (lo + c->lo) * channels, (lo + c->hi) * channels,
                           (hi + c->lo) * channels, (hi + c->hi) * channels };
    const float share[4] = { c->of_lo * r->of_lo, c->of_hi * r->of_lo, c->of_lo * r->of_hi,
                             c->of_hi * r->of_hi };
    for (size_t k = 0; k < channels; k++) {
        float sum = 0;
        for (unsigned i = 0; i < 4; i++) {
            const float part = share[i] * ref_real_at(x, in, at[i] + k);
            sum += part;
        }
        if (y->dtype == WEFT_FLOAT32) {
            ((float *)out)[first + k] = sum;
            continue;
        }
        const int8_t q = weft_quantize_value(WEFT_REQUANT_ONNX, sum, weft_quant_scale(&y->quant, 0),
                                             weft_quant_zero_point(&y->quant, 0));
        ((int8_t *)out)[first + k] = (int8_t)weft_requant_finish(q, 0, clamp.lo, clamp.hi);
    }
}

/* The same as TensorFlow Lite's kernel for uint8 computes it. */
static void bilinear_uint8(const weft_graph *g, const weft_node *n, const int8_t *in,
                           const weft_share *r, const weft_share *c, int8_t *to)
{
    const weft_clamp clamp = n->attr.resize_bilinear.clamp;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    const size_t channels = y->dims[3], lo = (size_t)r->lo * x->dims[2],
                 hi = (size_t)r->hi * x->dims[2];
    const int8_t *const at[4] = { in + (lo + c->lo) * channels, in + (hi + c->lo) * channels,
                                  in + (lo + c->hi) * channels, in + (hi + c->hi) * channels };
    for (size_t k = 0; k < channels; k++) {
        float sum = 0;
        for (unsigned i = 0; i < 4; i++) {
            const float by_row = (float)(at[i][k] + 128) * (i & 1 ? r->of_hi : r->of_lo);
            const float part = by_row * (i & 2 ? c->of_hi : c->of_lo);
            sum += part;
        }
        to[k] = (int8_t)weft_requant_finish((int32_t)(sum + 0.5f), -128, clamp.lo, clamp.hi);
    }
}

void weft_ref_resize_bilinear(const weft_graph *g, const weft_node *n, const void *const *in,
                              void *out)
{
    const weft_resize_bilinear *a = &n->attr.resize_bilinear;
    const weft_tensor *x = weft_node_input(g, n, 0), *y = &g->tensors[n->output];
    const int real = weft_node_is_real(g, n);
    const int rescales = n->requant == WEFT_REQUANT_ONNX && !a->truncates && !real;
    const int32_t zp_x = rescales ? weft_quant_zero_point(&x->quant, 0) : a->origin;
    const int32_t zp_y = rescales ? weft_quant_zero_point(&y->quant, 0) : a->origin;
    const size_t channels = y->dims[3];
    uint32_t unit[2];
    weft_requant_kind kind;
    weft_requant rq = { 0 };
    if (!real)
        (void)weft_node_bilinear_requant(g, n, unit, &kind, &rq); /* cannot fail: checked */
    int8_t *to = out;
    size_t pixel = 0;
    for (uint32_t i = 0; i < y->dims[1]; i++)
        for (uint32_t j = 0; j < y->dims[2]; j++) {
            const weft_lerp r = a->rows[i], c = a->columns[j];
            if (a->row_shares) {
                if (rescales || real)
                    bilinear_float(g, n, in[0], &a->row_shares[i], &a->column_shares[j], out,
                                   pixel);
                else
                    bilinear_uint8(g, n, in[0], &a->row_shares[i], &a->column_shares[j],
                                   to + pixel);
                pixel += channels;
                continue;
            }
            const int8_t *lo = (const int8_t *)in[0] + (size_t)r.lo * x->dims[2] * channels;
            const int8_t *hi = (const int8_t *)in[0] + (size_t)r.hi * x->dims[2] * channels;
            const int32_t low_r = (int32_t)((a->row_one - r.weight) / unit[0]),
                          high_r = (int32_t)(r.weight / unit[0]),
                          low_c = (int32_t)((a->column_one - c.weight) / unit[1]),
                          high_c = (int32_t)(c.weight / unit[1]);
            for (size_t k = 0; k < channels; k++) {
                const size_t left = c.lo * channels + k, right = c.hi * channels + k;
                const int32_t sum =
                    ((lo[left] - zp_x) * low_r + (hi[left] - zp_x) * high_r) * low_c +
                    ((lo[right] - zp_x) * low_r + (hi[right] - zp_x) * high_r) * high_c;
                *to++ = (int8_t)weft_requant_finish(weft_requantize(kind, sum, rq), zp_y,
                                                    a->clamp.lo, a->clamp.hi);
            }
        }
}
