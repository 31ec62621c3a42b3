/* LeNet-5 forward and backward; see lenet5_net.h.
 *
 * Convolutions go image by image through the matrix of their input windows ("columns":
 * [channel, row, column of the kernel][output pixel]); it is rebuilt for the gradient, which is
 * cheaper than keeping it. Fully connected layers take the whole batch in one product. */
#include "lenet5_net.h"

#include <math.h>
#include <string.h>

#include "lenet5_gemm.h"

const lenet5_layer lenet5_layers[LENET5_LAYERS] = {
    [LENET5_LAYER_C1] = { "c1", LENET5_S2_MAPS, 25, 0, 150 },
    [LENET5_LAYER_C3] = { "c3", LENET5_S4_MAPS, 150, 156, 2556 },
    [LENET5_LAYER_C5] = { "c5", LENET5_C5, LENET5_S4, 2572, 50572 },
    [LENET5_LAYER_F6] = { "f6", LENET5_F6, LENET5_C5, 50692, 60772 },
    [LENET5_LAYER_OUT] = { "out", LENET5_CLASSES, LENET5_F6, 60856, 61696 },
};

/* A square convolution without padding, of maps stored one after the other. */
typedef struct conv {
    lenet5_layer_id layer;
    size_t channels, in_side, out_side;
} conv;

static const conv CONV_C1 = { LENET5_LAYER_C1, 1, LENET5_PADDED_SIDE, LENET5_SIDE };
static const conv CONV_C3 = { LENET5_LAYER_C3, LENET5_S2_MAPS, LENET5_S2_SIDE, LENET5_C3_SIDE };

void lenet5_init(lenet5_params *p, lenet5_rng *rng)
{
    memset(p, 0, sizeof *p);
    for (int i = 0; i < LENET5_LAYERS; i++) {
        const lenet5_layer *l = &lenet5_layers[i];
        float bound = sqrtf(6.0f / (float)l->taps);
        for (size_t w = 0; w < l->outputs * l->taps; w++)
            p->value[l->weights_at + w] = bound * lenet5_rng_signed(rng);
    }
}

void lenet5_load_image(const uint8_t *bytes, float *image)
{
    for (size_t i = 0; i < LENET5_PIXELS; i++)
        image[i] = (float)bytes[i] * LENET5_PIXEL_SCALE;
}

static void pad(const float *image, float *padded)
{
    memset(padded, 0, LENET5_PADDED * sizeof *padded);
    for (size_t y = 0; y < LENET5_SIDE; y++)
        memcpy(padded + (y + LENET5_PAD) * LENET5_PADDED_SIDE + LENET5_PAD, image + y * LENET5_SIDE,
               LENET5_SIDE * sizeof *image);
}

/* Start of the input row that window element `tap` meets in output row y. */
static size_t window_row(const conv *v, size_t tap, size_t y)
{
    size_t channel = tap / 25, ky = tap % 25 / 5, kx = tap % 5;
    return (channel * v->in_side + y + ky) * v->in_side + kx;
}

static void maps_to_columns(const conv *v, const float *maps, float *columns)
{
    size_t side = v->out_side;
    for (size_t tap = 0; tap < v->channels * 25; tap++)
        for (size_t y = 0; y < side; y++, columns += side)
            memcpy(columns, maps + window_row(v, tap, y), side * sizeof *maps);
}

static void add_columns_to_maps(const conv *v, const float *columns, float *maps)
{
    size_t side = v->out_side;
    for (size_t tap = 0; tap < v->channels * 25; tap++)
        for (size_t y = 0; y < side; y++, columns += side)
            for (size_t x = 0; x < side; x++)
                maps[window_row(v, tap, y) + x] += columns[x];
}

static void conv_forward(const lenet5_params *p, const conv *v, const float *in, float *columns,
                         float *out)
{
    const lenet5_layer *l = &lenet5_layers[v->layer];
    size_t pixels = v->out_side * v->out_side;
    maps_to_columns(v, in, columns);
    for (size_t o = 0; o < l->outputs; o++)
        for (size_t i = 0; i < pixels; i++)
            out[o * pixels + i] = p->value[l->bias_at + o];
    lenet5_mat w = { p->value + l->weights_at, l->outputs, l->taps, l->taps, 1 };
    lenet5_gemm_nn(w, columns, pixels, out);
}

/* Add the gradients of weights and biases; `columns` is rebuilt. */
static void conv_backward(const conv *v, const float *in, const float *d_out, float *columns,
                          lenet5_params *grad)
{
    const lenet5_layer *l = &lenet5_layers[v->layer];
    size_t pixels = v->out_side * v->out_side;
    maps_to_columns(v, in, columns);
    lenet5_gemm_nt(l->outputs, l->taps, pixels, d_out, columns, grad->value + l->weights_at);
    for (size_t o = 0; o < l->outputs; o++) {
        float sum = 0;
        for (size_t i = 0; i < pixels; i++)
            sum += d_out[o * pixels + i];
        grad->value[l->bias_at + o] += sum;
    }
}

/* ReLU and 2x2 maximum in one: from `maps` of side 2 * side to `out`; the first of equals wins. */
static void relu_pool(const float *maps, size_t count, size_t side, float *out, uint8_t *from)
{
    for (size_t row = 0; row < count * side; row++)
        for (size_t x = 0; x < side; x++, out++, from++) {
            const float *at = maps + row * 4 * side + 2 * x;
            const float window[4] = { at[0], at[1], at[2 * side], at[2 * side + 1] };
            *out = 0;
            *from = 0;
            for (uint8_t i = 0; i < 4; i++)
                if (window[i] > *out) {
                    *out = window[i];
                    *from = i;
                }
        }
}

/* The gradient goes to the winner, and nowhere if ReLU cut it off. */
static void unpool(const float *out, const uint8_t *from, const float *d_out, size_t count,
                   size_t side, float *d_maps)
{
    memset(d_maps, 0, count * 4 * side * side * sizeof *d_maps);
    for (size_t row = 0; row < count * side; row++)
        for (size_t x = 0; x < side; x++, out++, from++, d_out++)
            if (*out > 0)
                d_maps[(row * 2 + *from / 2) * 2 * side + 2 * x + *from % 2] = *d_out;
}

static void full_forward(const lenet5_params *p, lenet5_layer_id id, size_t count, const float *in,
                         float *out)
{
    const lenet5_layer *l = &lenet5_layers[id];
    for (size_t i = 0; i < count; i++)
        memcpy(out + i * l->outputs, p->value + l->bias_at, l->outputs * sizeof *out);
    lenet5_gemm_nt(count, l->outputs, l->taps, in, p->value + l->weights_at, out);
    if (id != LENET5_LAYER_OUT)
        for (size_t i = 0; i < count * l->outputs; i++)
            out[i] = out[i] > 0 ? out[i] : 0;
}

/* Gradients of a fully connected layer; d_in = 0 where the input was cut by its ReLU. */
static void full_backward(const lenet5_params *p, lenet5_layer_id id, size_t count, const float *in,
                          const float *d_out, float *d_in, lenet5_params *grad)
{
    const lenet5_layer *l = &lenet5_layers[id];
    lenet5_mat d = { d_out, count, l->outputs, l->outputs, 1 };
    lenet5_mat d_turned = { d_out, l->outputs, count, 1, l->outputs };
    lenet5_gemm_nn(d_turned, in, l->taps, grad->value + l->weights_at);
    for (size_t i = 0; i < count; i++)
        for (size_t o = 0; o < l->outputs; o++)
            grad->value[l->bias_at + o] += d_out[i * l->outputs + o];
    memset(d_in, 0, count * l->taps * sizeof *d_in);
    lenet5_gemm_nn(d, p->value + l->weights_at, l->taps, d_in);
    for (size_t i = 0; i < count * l->taps; i++)
        d_in[i] = in[i] > 0 ? d_in[i] : 0;
}

void lenet5_forward(const lenet5_params *p, lenet5_batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        pad(b->image[i], b->padded[i]);
        conv_forward(p, &CONV_C1, b->padded[i], b->columns, b->maps);
        relu_pool(b->maps, LENET5_S2_MAPS, LENET5_S2_SIDE, b->s2[i], b->s2_from[i]);
        conv_forward(p, &CONV_C3, b->s2[i], b->columns, b->maps);
        relu_pool(b->maps, LENET5_S4_MAPS, LENET5_S4_SIDE, b->s4[i], b->s4_from[i]);
    }
    full_forward(p, LENET5_LAYER_C5, b->count, b->s4[0], b->c5[0]);
    full_forward(p, LENET5_LAYER_F6, b->count, b->c5[0], b->f6[0]);
    full_forward(p, LENET5_LAYER_OUT, b->count, b->f6[0], b->logits[0]);
}

/* e^x for x <= 0, within 2e-7 of the value: 2^n times a polynomial on +-ln(2)/2. Own, because
 * the C library's expf() may differ between machines in its last bit. */
static float exp_negative(float x)
{
    if (x < -80.0f)
        return 0;
    int n = (int)(x * 1.44269504f - 0.5f);
    float r = x - (float)n * 0.693359375f + (float)n * 2.12194440e-4f;
    float e = 1 / 120.0f + r * (1 / 720.0f);
    e = 1 + r * (1 + r * (0.5f + r * (1 / 6.0f + r * (1 / 24.0f + r * e))));
    return ldexpf(e, n);
}

size_t lenet5_argmax(const float *logits)
{
    size_t best = 0;
    for (size_t i = 1; i < LENET5_CLASSES; i++)
        if (logits[i] > logits[best])
            best = i;
    return best;
}

/* d = softmax(logits) - one_hot(label). */
static void softmax_gradient(const float *logits, size_t label, float *d)
{
    float sum = 0, top = logits[lenet5_argmax(logits)];
    for (size_t i = 0; i < LENET5_CLASSES; i++)
        sum += d[i] = exp_negative(logits[i] - top);
    for (size_t i = 0; i < LENET5_CLASSES; i++)
        d[i] = d[i] / sum - (i == label ? 1.0f : 0.0f);
}

static void conv_backward_image(const lenet5_params *p, lenet5_batch *b, size_t i,
                                lenet5_params *grad)
{
    const lenet5_layer *c3 = &lenet5_layers[LENET5_LAYER_C3];
    lenet5_mat turned = { p->value + c3->weights_at, c3->taps, c3->outputs, 1, c3->taps };
    unpool(b->s4[i], b->s4_from[i], b->d_s4[i], LENET5_S4_MAPS, LENET5_S4_SIDE, b->maps);
    conv_backward(&CONV_C3, b->s2[i], b->maps, b->columns, grad);
    memset(b->d_columns, 0, sizeof b->d_columns);
    lenet5_gemm_nn(turned, b->maps, LENET5_C3_SIDE * LENET5_C3_SIDE, b->d_columns);
    memset(b->d_s2, 0, sizeof b->d_s2);
    add_columns_to_maps(&CONV_C3, b->d_columns, b->d_s2);
    unpool(b->s2[i], b->s2_from[i], b->d_s2, LENET5_S2_MAPS, LENET5_S2_SIDE, b->maps);
    conv_backward(&CONV_C1, b->padded[i], b->maps, b->columns, grad);
}

size_t lenet5_backward(const lenet5_params *p, lenet5_batch *b, const uint8_t *labels,
                       lenet5_params *grad)
{
    size_t n = b->count, wrong = 0;
    for (size_t i = 0; i < n; i++) {
        wrong += lenet5_argmax(b->logits[i]) != labels[i];
        softmax_gradient(b->logits[i], labels[i], b->d_logits[i]);
    }
    full_backward(p, LENET5_LAYER_OUT, n, b->f6[0], b->d_logits[0], b->d_f6[0], grad);
    full_backward(p, LENET5_LAYER_F6, n, b->c5[0], b->d_f6[0], b->d_c5[0], grad);
    full_backward(p, LENET5_LAYER_C5, n, b->s4[0], b->d_c5[0], b->d_s4[0], grad);
    for (size_t i = 0; i < n; i++)
        conv_backward_image(p, b, i, grad);
    return wrong;
}
