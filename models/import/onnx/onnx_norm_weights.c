/* The weights of a BatchNormalization that is a 1x1 convolution of every channel by itself.
 *
 * Weight, bias and scale are searched such that all 256 values of a channel come out right:
 * requantise((x - zp) * weight + bias) is the function if bias / weight and the scale lie in what
 * the roundings leave open, which is wide enough for a fraction with a denominator of at most 127
 * nearly always, and else of 254 (two addends). Where a value lies on a half within what float32
 * sums are exact to, either neighbour is right. */
#include <math.h>

#include "onnx_ops.h"

enum { LEAST_WEIGHT = 64, MOST_WEIGHT = 254, BIASES = 3 };

#define NEAR_HALF 1e-4 /* of a step of y */

typedef struct channel {
    float scale_x, scale_y;
    int32_t zp_x, zp_y;
    weft_clamp clamp;
    int8_t least[256], most[256]; /* that are right, by byte of x */
} channel;

static int8_t computed(const channel *c, int32_t weight, int32_t bias, weft_requant rq, int q)
{
    const int32_t sum = (q - c->zp_x) * weight + bias;
    return (int8_t)weft_requant_finish(weft_requantize(WEFT_REQUANT_ONNX, sum, rq), c->zp_y,
                                       c->clamp.lo, c->clamp.hi);
}

/* 1 if all 256 are right, looked at from the last that was not on. */
static int is_exact(const channel *c, int32_t weight, int32_t bias, float scale_w, int *last)
{
    const float product = c->scale_x * scale_w; /* as weft_node_requant has it */
    weft_requant rq;
    if (weft_requant_from_float(product / c->scale_y, &rq) != WEFT_OK)
        return 0;
    for (int i = 0; i < 256; i++) {
        const int q = (*last + i) % 256;
        const int8_t y = computed(c, weight, bias, rq, q - 128);
        if (y < c->least[q] || y > c->most[q]) {
            *last = q;
            return 0;
        }
    }
    return 1;
}

/* What is left of scales for which all values that are not clamped round as they shall. */
static int scale_range(const channel *c, int32_t weight, int32_t bias, double *low, double *high)
{
    *low = 0;
    *high = INFINITY;
    for (int q = -128; q <= 127; q++) {
        const double sum = (double)(q - c->zp_x) * weight + bias;
        const int least = c->least[q + 128], most = c->most[q + 128];
        const double from = least <= c->clamp.lo ? -INFINITY : least - c->zp_y - 0.5;
        const double to = most >= c->clamp.hi ? INFINITY : most - c->zp_y + 0.5;
        if (sum > 0) {
            *low = fmax(*low, from / sum);
            *high = fmin(*high, to / sum);
        } else if (sum < 0) {
            *low = fmax(*low, to / sum);
            *high = fmin(*high, from / sum);
        } else if (from > 0 || to < 0) {
            return 0;
        }
        if (*low >= *high) /* most pairs of weight and bias fail early */
            return 0;
    }
    return 1;
}

/* factor and shift in steps of x and y: y - zp_y is about factor * (x - zp_x) + shift. */
static int search_among(const channel *c, double factor, double shift, int32_t first, int32_t end,
                        int32_t *weight, int32_t *bias, float *scale_w)
{
    int last = 0;
    for (int32_t w = first; w >= end; w--) {
        const int32_t signed_w = factor < 0 ? -w : w;
        const double unit = factor == 0 ? 1 : fabs(factor) / w, middle = floor(shift / unit + 0.5);
        if (fabs(middle) > 1 << 23)
            continue;
        for (int32_t k = -BIASES; k <= BIASES; k++) {
            double low, high;
            const int32_t b = (int32_t)middle + k, used = factor == 0 ? 0 : signed_w;
            if (!scale_range(c, used, b, &low, &high))
                continue;
            const double m = isinf(high) ? fmax(2 * low, unit) : (low + high) / 2;
            *scale_w = (float)(m * (double)c->scale_y / (double)c->scale_x);
            *weight = used;
            *bias = b;
            if (*scale_w > 0 && isfinite(*scale_w) && is_exact(c, used, b, *scale_w, &last))
                return 1;
        }
    }
    return 0;
}

static int search(const channel *c, double factor, double shift, int32_t *weight, int32_t *bias,
                  float *scale_w)
{
    return search_among(c, factor, shift, INT8_MAX, LEAST_WEIGHT, weight, bias, scale_w) ||
           search_among(c, factor, shift, MOST_WEIGHT, INT8_MAX + 1, weight, bias, scale_w);
}

/* Weights beyond int8 have a zero point. */
static int add_constants(onnx_import *im, const Onnx__NodeProto *node, onnx_pending *p,
                         const int32_t *weights, const int32_t *bias, const float *scales)
{
    const uint32_t channels = p->norm->channels;
    int32_t *zeros = weft_graph_alloc(im->graph, channels * sizeof *zeros);
    int8_t *bytes = weft_graph_alloc(im->graph, channels);
    const weft_tensor_desc w = { .name = p->name,
                                 .dtype = WEFT_INT8,
                                 .rank = 4,
                                 .dims = { channels, 1, 1, 1 },
                                 .quant = { channels, 0, scales, zeros },
                                 .data = bytes,
                                 .flags = WEFT_TENSOR_BORROW_DATA };
    const weft_tensor_desc b = { .name = p->name,
                                 .dtype = WEFT_INT32,
                                 .rank = 1,
                                 .dims = { channels },
                                 .data = bias,
                                 .flags = WEFT_TENSOR_BORROW_DATA };
    int rc = zeros && bytes ? WEFT_OK : WEFT_ERR_NO_MEMORY;
    for (uint32_t c = 0; rc == WEFT_OK && c < channels; c++) {
        zeros[c] = weights[c] > INT8_MAX ? -INT8_MAX : weights[c] < -INT8_MAX ? INT8_MAX : 0;
        bytes[c] = (int8_t)(weights[c] + zeros[c]);
    }
    if (rc == WEFT_OK)
        rc = weft_graph_add_tensor(im->graph, &w, &p->inputs[1]);
    if (rc == WEFT_OK)
        rc = weft_graph_add_tensor(im->graph, &b, &p->inputs[2]);
    p->input_count = 3;
    return rc == WEFT_OK ? rc : onnx_refuse(im, node, rc, "its weights cannot be stored");
}

/* What is right for every byte of x. */
static void fill_range(channel *c, float factor, float shift)
{
    for (int q = -128; q <= 127; q++) {
        const float real = (float)(q - c->zp_x) * c->scale_x;
        const double steps = ((double)real * (double)factor + (double)shift) / (double)c->scale_y;
        double lo = rint(fmax(steps - NEAR_HALF, -1e6)) + c->zp_y;
        double hi = rint(fmin(steps + NEAR_HALF, 1e6)) + c->zp_y;
        lo = fmin(fmax(lo, c->clamp.lo), c->clamp.hi);
        hi = fmin(fmax(hi, c->clamp.lo), c->clamp.hi);
        c->least[q + 128] = (int8_t)lo;
        c->most[q + 128] = (int8_t)hi;
    }
}

int onnx_finish_norm(onnx_import *im, const Onnx__NodeProto *node, onnx_pending *p, float scale_y,
                     int32_t zp_y)
{
    const onnx_norm *n = p->norm;
    const weft_quant *x = &im->graph->tensors[p->inputs[0]].quant;
    channel c = { .scale_x = weft_quant_scale(x, 0),
                  .scale_y = scale_y,
                  .zp_x = weft_quant_zero_point(x, 0),
                  .zp_y = zp_y,
                  .clamp = p->attr.conv_2d.clamp };
    int32_t *weights = weft_graph_alloc(im->graph, n->channels * sizeof *weights);
    int32_t *bias = weft_graph_alloc(im->graph, n->channels * sizeof *bias);
    float *scales = weft_graph_alloc(im->graph, n->channels * sizeof *scales);
    if (!weights || !bias || !scales)
        return onnx_refuse(im, node, WEFT_ERR_NO_MEMORY, "no memory");
    for (uint32_t k = 0; k < n->channels; k++) {
        const float factor = n->factor[k], shift = n->factor[n->channels + k];
        fill_range(&c, factor, shift);
        if (!search(&c, (double)factor * (double)c.scale_x / (double)scale_y,
                    (double)shift / (double)scale_y, &weights[k], &bias[k], &scales[k]))
            return onnx_refuse(im, node, WEFT_ERR_RANGE,
                               "channel %u of this BatchNormalization has no weight that gives "
                               "exactly its values; fold it into a convolution",
                               (unsigned)k);
    }
    return add_constants(im, node, p, weights, bias, scales);
}
