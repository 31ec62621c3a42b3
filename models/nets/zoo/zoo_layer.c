/* One node in float32, and the constants of those that have some; see zoo_own.h.
 *
 * Weights are drawn as int8; what they give before any scale is measured over the image, and a
 * scale and shift per channel bring that to about mean 0 and variance 1, as a folded batch
 * normalisation does.  All sums run in a fixed order, so the bits do not depend on the machine. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/nets/lenet5/lenet5_gemm.h"
#include "models/nets/lenet5/lenet5_rng.h"
#include "zoo_own.h"

enum {
    BLOCK = 64, /* output channels whose weights are held as float32 at a time */
    PRIOR = 8   /* pixels' worth of belief that a channel is like its layer */
};

/* Sum of three uniform numbers: a bell of standard deviation 42, at most 127. */
static int8_t draw_weight(lenet5_rng *r)
{
    const uint64_t bits = lenet5_rng_next(r);
    const uint32_t mask = (1u << 21) - 1;
    const uint32_t sum =
        (uint32_t)(bits & mask) + (uint32_t)(bits >> 21 & mask) + (uint32_t)(bits >> 42 & mask);
    return (int8_t)((int32_t)((uint64_t)sum * 255 / (3u << 21)) - 127);
}

static int make_constants(const zoo_net *net, uint32_t index, zoo_constants *k)
{
    const zoo_node *n = &net->nodes[index];
    const size_t taps = zoo_taps(n), channels = n->channels;
    k->weights = malloc(taps * channels);
    k->bias = calloc(channels, sizeof *k->bias);
    k->scale = calloc(channels, sizeof *k->scale);
    if (!k->weights || !k->bias || !k->scale)
        return WEFT_ERR_NO_MEMORY;
    for (size_t o = 0; o < channels; o++) {
        lenet5_rng r = lenet5_rng_stream(net->options.seed, index, o);
        for (size_t i = 0; i < taps; i++)
            k->weights[o * taps + i] = draw_weight(&r);
    }
    return WEFT_OK;
}

/* --- what a layer sees and gives ---------------------------------------------------------- */

/* Pixel (y, x) of an image padded with zeros. */
static const float *pixel(const float *in, uint32_t side, uint32_t channels, int64_t y, int64_t x)
{
    return y < 0 || x < 0 || y >= side || x >= side
               ? NULL
               : in + ((size_t)y * side + (size_t)x) * channels;
}

/* Rows of all taps, channel by channel as ONNX orders weights, one for each output pixel. */
static void gather_windows(const zoo_node *n, uint32_t side, const float *in, float *rows)
{
    const uint32_t out_side = zoo_out_side(n, side), k = n->kernel;
    for (uint32_t p = 0; p < out_side * out_side; p++, rows += zoo_taps(n))
        for (uint32_t tap = 0; tap < k * k; tap++) {
            const int64_t y = (int64_t)(p / out_side * n->stride + tap / k) - n->pad;
            const int64_t x = (int64_t)(p % out_side * n->stride + tap % k) - n->pad;
            const float *from = pixel(in, side, n->in_channels, y, x);
            for (uint32_t c = 0; c < n->in_channels; c++)
                rows[(size_t)c * k * k + tap] = from ? from[c] : 0.0f;
        }
}

/* The input of a fully connected node; the image may be smaller than the one it is made for. */
static void gather_flat(const zoo_node *n, uint32_t side, const float *in, float *row)
{
    const uint32_t want = n->in_side;
    for (uint32_t c = 0; c < n->in_channels; c++)
        for (uint32_t y = 0; y < want; y++)
            for (uint32_t x = 0; x < want; x++)
                *row++ = pixel(in, side, n->in_channels, (int64_t)y * side / want,
                               (int64_t)x * side / want)[c];
}

/* out[p][o] for all output pixels, without scale. */
static int multiply(const zoo_node *n, const zoo_constants *k, const float *rows, size_t pixels,
                    float *out)
{
    const size_t taps = zoo_taps(n);
    float *weights = malloc(taps * BLOCK * sizeof *weights);
    float *sums = malloc(pixels * BLOCK * sizeof *sums);
    const int rc = weights && sums ? WEFT_OK : WEFT_ERR_NO_MEMORY;
    for (size_t from = 0; from < n->channels && rc == WEFT_OK; from += BLOCK) {
        const size_t width = n->channels - from < BLOCK ? n->channels - from : BLOCK;
        for (size_t o = 0; o < width; o++)
            for (size_t i = 0; i < taps; i++)
                weights[i * width + o] = k->weights[(from + o) * taps + i];
        memset(sums, 0, pixels * width * sizeof *sums);
        lenet5_gemm_nn((lenet5_mat){ rows, pixels, taps, taps, 1 }, weights, width, sums);
        for (size_t p = 0; p < pixels; p++)
            memcpy(out + p * n->channels + from, sums + p * width, width * sizeof *sums);
    }
    free(weights);
    free(sums);
    return rc;
}

static int dense(const zoo_node *n, const zoo_constants *k, uint32_t side, const float *in,
                 float *out)
{
    const uint32_t out_side = zoo_out_side(n, side);
    const size_t pixels = (size_t)out_side * out_side;
    float *rows = malloc(pixels * zoo_taps(n) * sizeof *rows);
    if (!rows)
        return WEFT_ERR_NO_MEMORY;
    if (n->kind == ZOO_FC)
        gather_flat(n, side, in, rows);
    else
        gather_windows(n, side, in, rows);
    const int rc = multiply(n, k, rows, pixels, out);
    free(rows);
    return rc;
}

static void depthwise(const zoo_node *n, const zoo_constants *k, uint32_t side, const float *in,
                      float *out)
{
    const uint32_t out_side = zoo_out_side(n, side), taps = n->kernel * n->kernel;
    for (uint32_t p = 0; p < out_side * out_side; p++, out += n->channels)
        for (uint32_t tap = 0; tap < taps; tap++) {
            const float *from =
                pixel(in, side, n->channels,
                      (int64_t)(p / out_side * n->stride + tap / n->kernel) - n->pad,
                      (int64_t)(p % out_side * n->stride + tap % n->kernel) - n->pad);
            for (uint32_t c = 0; c < n->channels; c++)
                out[c] = (tap ? out[c] : 0.0f) +
                         (from ? from[c] * (float)k->weights[(size_t)c * taps + tap] : 0.0f);
        }
}

/* --- normalisation ------------------------------------------------------------------------ */

typedef struct moments {
    double mean, variance;
} moments;

static moments measure(const float *at, size_t count, size_t step)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        const double v = (double)at[i * step];
        sum += v;
        squares += v * v;
    }
    const double mean = sum / (double)count, variance = squares / (double)count - mean * mean;
    return (moments){ mean, variance > 0 ? variance : 0 };
}

/* Scale and shift a layer's sums in place, and keep both as the constants of integers. */
static void normalise(const zoo_node *n, uint64_t seed, uint32_t index, size_t pixels,
                      float in_scale, zoo_constants *k, float *out)
{
    const moments all = measure(out, pixels * n->channels, 1);
    const double known = (double)pixels / (double)(pixels + PRIOR);
    const double usual = all.variance > 0 ? all.variance : 1.0;
    for (uint32_t c = 0; c < n->channels; c++) {
        const moments own = measure(out + c, pixels, n->channels);
        lenet5_rng r = lenet5_rng_stream(seed, ~(uint64_t)index, c);
        const float scale = (float)(1.0 / sqrt(known * own.variance + (1.0 - known) * usual));
        const float shift = 0.25f * lenet5_rng_signed(&r) - (float)(known * own.mean) * scale;
        k->scale[c] = scale;
        k->bias[c] = (int32_t)lrintf(shift / (in_scale * scale));
        for (size_t p = 0; p < pixels; p++)
            out[p * n->channels + c] = out[p * n->channels + c] * scale + shift;
    }
}

/* --- nodes without weights ---------------------------------------------------------------- */

static void max_pool(const zoo_node *n, uint32_t side, const float *in, float *out)
{
    const uint32_t out_side = zoo_out_side(n, side), taps = n->kernel * n->kernel;
    for (uint32_t p = 0; p < out_side * out_side; p++, out += n->channels)
        for (uint32_t c = 0; c < n->channels; c++) {
            out[c] = -INFINITY;
            for (uint32_t tap = 0; tap < taps; tap++) {
                const float *from =
                    pixel(in, side, n->channels,
                          (int64_t)(p / out_side * n->stride + tap / n->kernel) - n->pad,
                          (int64_t)(p % out_side * n->stride + tap % n->kernel) - n->pad);
                out[c] = from && from[c] > out[c] ? from[c] : out[c];
            }
        }
}

static void simple(const zoo_node *n, uint32_t side, const float *in, const float *other,
                   float *out)
{
    const size_t pixels = (size_t)side * side;
    if (n->kind == ZOO_MAX_POOL)
        max_pool(n, side, in, out);
    else if (n->kind == ZOO_ADD)
        for (size_t i = 0; i < pixels * n->channels; i++)
            out[i] = in[i] + other[i];
    else
        for (uint32_t c = 0; c < n->channels; c++)
            out[c] = (float)measure(in + c, pixels, n->channels).mean;
}

int zoo_layer(zoo_net *net, uint32_t index, uint32_t side, float in_scale, const float *in,
              const float *other, float *out)
{
    const zoo_node *n = &net->nodes[index];
    zoo_constants *k = &net->constants[index];
    const uint32_t out_side = zoo_out_side(n, side);
    const size_t pixels = (size_t)out_side * out_side;
    int rc = WEFT_OK;
    if (n->kind == ZOO_CONV || n->kind == ZOO_FC) {
        rc = make_constants(net, index, k);
        if (rc == WEFT_OK && n->depthwise)
            depthwise(n, k, side, in, out);
        else if (rc == WEFT_OK)
            rc = dense(n, k, side, in, out);
        if (rc == WEFT_OK)
            normalise(n, net->options.seed, index, pixels, in_scale, k, out);
    } else {
        simple(n, side, in, other, out);
    }
    for (size_t i = 0; i < pixels * n->channels && n->clamp != ZOO_LINEAR && rc == WEFT_OK; i++) {
        out[i] = out[i] > 0.0f ? out[i] : 0.0f;
        out[i] = n->clamp == ZOO_RELU6 && out[i] > 6.0f ? 6.0f : out[i];
    }
    return rc;
}
