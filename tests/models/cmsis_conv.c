/* Layer vectors with weights; see test_cmsis.c. */
#include "cmsis_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct conv_case {
    weft_op op;
    weft_conv_2d a;
    uint32_t x[4], w[4], y[4];
    int32_t zp_x, zp_y;
    int8_t *input, *weights;
    const cmsis_array *bias, *mult, *shift, *want;
} conv_case;

static void conv_sizes(const cmsis_case *c, conv_case *k)
{
    weft_window *v = &k->a.window;
    *v = (weft_window){ cmsis_size(c, "FILTER_Y"),
                        cmsis_size(c, "FILTER_X"),
                        cmsis_size(c, "STRIDE_Y"),
                        cmsis_size(c, "STRIDE_X"),
                        cmsis_size(c, "DILATION_Y"),
                        cmsis_size(c, "DILATION_X"),
                        (uint32_t)cmsis_number(c, "PAD_Y", 0),
                        (uint32_t)cmsis_number(c, "PAD_X", 0),
                        0,
                        0 };
    const uint32_t x[4] = { 1, cmsis_size(c, "INPUT_H"), cmsis_size(c, "INPUT_W"),
                            cmsis_size(c, "IN_CH") };
    const uint32_t y[4] = { 1, cmsis_size(c, "OUTPUT_H"), cmsis_size(c, "OUTPUT_W"),
                            cmsis_size(c, "OUT_CH") };
    const int depthwise = cmsis_defined(c, "CH_MULT");
    const uint32_t each = depthwise ? 1 : (uint32_t)cmsis_number(c, "FILTER_CH", (int)x[3]);
    const uint32_t w[4] = { y[3], v->kernel_h, v->kernel_w, each };
    memcpy(k->x, x, sizeof x);
    memcpy(k->y, y, sizeof y);
    memcpy(k->w, w, sizeof w);
    k->a.groups = x[3] / each;
    k->a.clamp = cmsis_clamp(c, "OUT_ACTIVATION_MIN", "OUT_ACTIVATION_MAX");
    if (k->op == WEFT_OP_CONV_2D) {
        v->pad_bottom =
            cmsis_pad_after(x[1], y[1], v->kernel_h, v->stride_h, v->dilation_h, v->pad_top);
        v->pad_right =
            cmsis_pad_after(x[2], y[2], v->kernel_w, v->stride_w, v->dilation_w, v->pad_left);
    }
}

/* [kh][kw][Co] to [Co][kh][kw]. */
static void turn_depthwise(conv_case *k)
{
    const size_t taps = (size_t)k->w[1] * k->w[2], channels = k->w[0];
    int8_t *to = malloc(taps * channels);
    for (size_t t = 0; t < taps; t++)
        for (size_t i = 0; i < channels; i++)
            to[i * taps + t] = k->weights[t * channels + i];
    free(k->weights);
    k->weights = to;
}

static int conv_channel(test *t, const cmsis_case *c, const conv_case *k, uint32_t channel,
                        uint32_t batch)
{
    float scale_w, scale_y;
    const size_t in = (size_t)k->x[1] * k->x[2] * k->x[3],
                 out = (size_t)k->y[1] * k->y[2] * k->y[3];
    CHECK(t, cmsis_scales(k->mult->values[channel], k->shift->values[channel], &scale_w, &scale_y),
          "%s: no scales for channel %" PRIu32, c->name, channel);
    one_input x[3] = {
        { one_tensor(WEFT_INT8, 4, k->x, &cmsis_one, &k->zp_x), k->input + batch * in },
        { one_tensor(WEFT_INT8, 4, k->w, &scale_w, &cmsis_none), NULL },
        { { .name = "b", .dtype = WEFT_INT32, .rank = 1, .dims = { k->w[0] } }, NULL }
    };
    const weft_tensor_desc y = one_tensor(WEFT_INT8, 4, k->y, &scale_y, &k->zp_y);
    x[1].desc.data = k->weights;
    if (k->bias)
        x[2].desc.data = k->bias->values;
    else
        x[2].desc.rank = WEFT_NONE;
    const weft_node_desc d = { .op = k->op, .attr = &k->a };
    return cmsis_run(t, c, &d, 3, x, &y, k->want->values + batch * out, channel, k->y[3]);
}

void cmsis_conv(test *t, const cmsis_case *c, weft_op op)
{
    const cmsis_array *input = cmsis_values(c, "input"), *weights = cmsis_values(c, "weights");
    conv_case k = { .op = op,
                    .zp_x = -cmsis_number(c, "INPUT_OFFSET", 0),
                    .zp_y = cmsis_number(c, "OUTPUT_OFFSET", 0),
                    .bias = cmsis_values(c, "biases"),
                    .mult = cmsis_values(c, "output_mult"),
                    .shift = cmsis_values(c, "output_shift"),
                    .want = cmsis_values(c, "output_ref") };
    CHECK(t, input && weights && k.mult && k.shift && k.want, "%s: an array is missing", c->name);
    if (!input || !weights || !k.mult || !k.shift || !k.want)
        return;
    k.input = cmsis_bytes(input);
    k.weights = cmsis_bytes(weights);
    conv_sizes(c, &k);
    if (cmsis_defined(c, "CH_MULT"))
        turn_depthwise(&k);
    int good = 1;
    for (uint32_t batch = 0; batch < cmsis_size(c, "INPUT_BATCHES") && good; batch++)
        for (uint32_t channel = 0; channel < k.y[3] && good; channel++)
            good = conv_channel(t, c, &k, channel, batch);
    free(k.input);
    free(k.weights);
}

void cmsis_fully_connected(test *t, const cmsis_case *c)
{
    const int per_channel = cmsis_defined(c, "PER_CHANNEL_QUANT");
    const cmsis_array *want = cmsis_values(c, per_channel ? "output" : "output_ref");
    const cmsis_array *bias = cmsis_values(c, per_channel ? "bias" : "biases");
    const cmsis_array *mult = cmsis_values(c, "output_multiplier");
    const cmsis_array *shift = cmsis_values(c, "output_shift");
    int8_t *x = cmsis_bytes(cmsis_values(c, "input")), *w = cmsis_bytes(cmsis_values(c, "weights"));
    const uint32_t depth = cmsis_size(c, "ACCUMULATION_DEPTH"), channels = cmsis_size(c, "OUT_CH");
    const uint32_t rows = cmsis_size(c, "INPUT_BATCHES");
    const int32_t zp_x = -cmsis_number(c, "INPUT_OFFSET", 0);
    const int32_t zp_w = -cmsis_number(c, "FILTER_OFFSET", 0);
    const int32_t zp_y = cmsis_number(c, "OUTPUT_OFFSET", 0);
    const weft_fully_connected a = { cmsis_clamp(c, "OUT_ACTIVATION_MIN", "OUT_ACTIVATION_MAX") };
    const weft_node_desc d = { .op = WEFT_OP_FULLY_CONNECTED, .attr = &a };
    int good = 1;
    for (uint32_t i = 0; i < channels && good; i++) {
        float scale_w, scale_y;
        good = cmsis_scales(per_channel ? mult->values[i] : cmsis_number(c, "OUTPUT_MULTIPLIER", 0),
                            per_channel ? shift->values[i] : cmsis_number(c, "OUTPUT_SHIFT", 0),
                            &scale_w, &scale_y);
        CHECK(t, good, "%s: no scales", c->name);
        one_input in[3] = {
            { one_tensor(WEFT_INT8, 2, (uint32_t[]){ rows, depth }, &cmsis_one, &zp_x), x },
            { one_tensor(WEFT_INT8, 2, (uint32_t[]){ channels, depth }, &scale_w, &zp_w), NULL },
            { { .name = "b", .dtype = WEFT_INT32, .rank = 1, .dims = { channels } }, NULL }
        };
        in[1].desc.data = w;
        if (bias)
            in[2].desc.data = bias->values;
        else
            in[2].desc.rank = WEFT_NONE;
        const weft_tensor_desc y =
            one_tensor(WEFT_INT8, 2, (uint32_t[]){ rows, channels }, &scale_y, &zp_y);
        good = good && cmsis_run(t, c, &d, 3, in, &y, want->values, i, channels);
    }
    free(x);
    free(w);
}
