/* Integer evaluation of LeNet-5; see lenet5_qnet.h. Plain loops, in the order of the formula. */
#include "lenet5_qnet.h"

#include <math.h>

/* ONNX Runtime's requantisation: float32 product, clamp, round half to even (the default rounding
 * mode of C), zero point. */
static int8_t requantise(int32_t sum, float factor, int32_t zero)
{
    float r = (float)sum * factor;
    float low = (float)(-128 - zero), high = (float)(127 - zero);
    r = r < low ? low : r > high ? high : r;
    return (int8_t)((int32_t)rintf(r) + zero);
}

static int8_t output_byte(const lenet5_qnet *net, size_t layer, size_t output, int32_t sum)
{
    const lenet5_quant *in = &net->in[layer], *out = &net->in[layer + 1];
    float scale = in->scale * net->weight_scale[layer][output];
    return requantise(sum + net->bias[layer][output], scale / out->scale, out->zero);
}

/* in: [channels][side][side], already padded; out: [outputs][side - 4][side - 4]. */
static void conv(const lenet5_qnet *net, lenet5_layer_id id, const int8_t *in, size_t side,
                 int8_t *out)
{
    const lenet5_layer *l = &lenet5_layers[id];
    size_t out_side = side - LENET5_KERNEL + 1;
    for (size_t o = 0; o < l->outputs; o++)
        for (size_t y = 0; y < out_side; y++)
            for (size_t x = 0; x < out_side; x++) {
                const int8_t *w = net->weights + l->weights_at + o * l->taps;
                int32_t sum = 0;
                for (size_t tap = 0; tap < l->taps; tap++) {
                    size_t channel = tap / 25, ky = tap % 25 / 5, kx = tap % 5;
                    size_t at = (channel * side + y + ky) * side + x + kx;
                    sum += (in[at] - net->in[id].zero) * w[tap];
                }
                *out++ = output_byte(net, id, o, sum);
            }
}

/* in: [maps][2 * side][2 * side]; out: [maps][side][side]. */
static void max_pool(const int8_t *in, size_t maps, size_t side, int8_t *out)
{
    for (size_t row = 0; row < maps * side; row++)
        for (size_t x = 0; x < side; x++) {
            int8_t best = INT8_MIN;
            for (size_t i = 0; i < 4; i++) {
                int8_t q = in[(2 * row + i / 2) * 2 * side + 2 * x + i % 2];
                best = q > best ? q : best;
            }
            *out++ = best;
        }
}

static void full(const lenet5_qnet *net, lenet5_layer_id id, const int8_t *in, int8_t *out)
{
    const lenet5_layer *l = &lenet5_layers[id];
    for (size_t o = 0; o < l->outputs; o++) {
        const int8_t *w = net->weights + l->weights_at + o * l->taps;
        int32_t sum = 0;
        for (size_t tap = 0; tap < l->taps; tap++)
            sum += (in[tap] - net->in[id].zero) * w[tap];
        out[o] = output_byte(net, id, o, sum);
    }
}

/* byte - 128, surrounded by the zero point: what a real 0 becomes. */
static void quantise_image(const uint8_t *image, int32_t zero, int8_t *padded)
{
    for (size_t y = 0; y < LENET5_PADDED_SIDE; y++)
        for (size_t x = 0; x < LENET5_PADDED_SIDE; x++) {
            size_t row = y - LENET5_PAD, col = x - LENET5_PAD; /* wraps to huge before the edge */
            int inside = row < LENET5_SIDE && col < LENET5_SIDE;
            *padded++ = (int8_t)(inside ? image[row * LENET5_SIDE + col] - 128 : zero);
        }
}

static void run(const lenet5_qnet *net, const uint8_t *image, int8_t *logits)
{
    int8_t padded[LENET5_PADDED], maps[LENET5_S2_MAPS * LENET5_PIXELS];
    int8_t s2[LENET5_S2], s4[LENET5_S4], c5[LENET5_C5], f6[LENET5_F6];
    quantise_image(image, net->in[LENET5_LAYER_C1].zero, padded);
    conv(net, LENET5_LAYER_C1, padded, LENET5_PADDED_SIDE, maps);
    max_pool(maps, LENET5_S2_MAPS, LENET5_S2_SIDE, s2);
    conv(net, LENET5_LAYER_C3, s2, LENET5_S2_SIDE, maps);
    max_pool(maps, LENET5_S4_MAPS, LENET5_S4_SIDE, s4);
    full(net, LENET5_LAYER_C5, s4, c5);
    full(net, LENET5_LAYER_F6, c5, f6);
    full(net, LENET5_LAYER_OUT, f6, logits);
}

void lenet5_qnet_run_set(const lenet5_qnet *net, const weft_idx *set, int8_t *logits)
{
    for (uint32_t i = 0; i < set->count; i++)
        run(net, weft_idx_image(set, i), logits + (size_t)i * LENET5_CLASSES);
}

lenet5_score lenet5_qnet_score(const int8_t *logits, const uint8_t *labels, size_t count)
{
    lenet5_score score = { 0, 0 };
    for (size_t i = 0; i < count; i++, logits += LENET5_CLASSES) {
        size_t best = 0, equal = 0;
        for (size_t k = 1; k < LENET5_CLASSES; k++)
            if (logits[k] > logits[best])
                best = k;
        for (size_t k = 0; k < LENET5_CLASSES; k++)
            equal += logits[k] == logits[best];
        score.wrong += best != labels[i];
        score.tied += equal > 1;
    }
    return score;
}
