/* The layer vectors of CMSIS-NN (made by TensorFlow's interpreter) on the reference operators.
 *
 * A vector gives multipliers and shifts, a graph has scales: for each multiplier two float32 scales
 * are searched whose quotient becomes exactly it.  A convolution has one pair per output channel,
 * but a graph has one output scale, so the layer is run once per channel and that channel compared.
 * Batches are run one by one.
 *
 * The vectors are in ../shared/data (or WEFT_DATA); skipped where they are not. */
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../test.h"
#include "cmsis_case.h"
#include "one_node.h"

static const float one = 1.0f;
static const int32_t none = 0;

/* --- pieces -------------------------------------------------------------------------------------
 */

/* Scales w and y with w / y split into exactly this multiplier. */
static int scales_for(int32_t mult, int32_t shift, float *w, float *y)
{
    const double target = ldexp((double)mult, shift - 31);
    for (uint32_t k = 0; k < 1u << 16; k++) {
        weft_requant rq;
        *y = 1.0f + (float)k / 65536.0f;
        *w = (float)(target * (double)*y);
        if (weft_requant_from_double((double)*w / (double)*y, &rq) == WEFT_OK &&
            rq.mult == (uint32_t)mult && rq.shift == shift)
            return 1;
    }
    return 0;
}

static int8_t *bytes_of(const cmsis_array *a)
{
    int8_t *to = malloc(a->count + 1);
    for (size_t i = 0; i < a->count; i++)
        to[i] = (int8_t)a->values[i];
    return to;
}

static uint32_t size(const cmsis_case *c, const char *name)
{
    return (uint32_t)cmsis_number(c, name, 1);
}

static weft_clamp clamp_of(const cmsis_case *c, const char *lo, const char *hi)
{
    return (weft_clamp){ cmsis_number(c, lo, -128), cmsis_number(c, hi, 127) };
}

/* Run one node and compare elements first, first + step, ..; 1 if all are equal. */
static int run(test *t, const cmsis_case *c, const weft_node_desc *d, uint32_t count,
               const one_input *in, const weft_tensor_desc *y, const int32_t *want, size_t first,
               size_t step)
{
    one_node o;
    weft_error err = { 0 };
    int good = one_node_run(&o, d, count, in, y, &err) == WEFT_OK;
    CHECK(t, good, "%s: %s", c->name, err.text);
    const int8_t *got = one_node_result(&o);
    const size_t bytes = good ? weft_tensor_bytes(&o.g->tensors[o.y]) : 0;
    for (size_t i = first; i < bytes && good; i += step) {
        good = got[i] == want[i];
        CHECK(t, good, "%s: element %zu is %d, want %" PRId32, c->name, i, got[i], want[i]);
    }
    one_node_free(&o);
    return good;
}

/* --- convolutions -------------------------------------------------------------------------------
 */

typedef struct conv_case {
    weft_op op;
    weft_conv_2d a;
    uint32_t x[4], w[4], y[4];
    int32_t zp_x, zp_y;
    int8_t *input, *weights;
    const cmsis_array *bias, *mult, *shift, *want;
} conv_case;

/* Padding behind, so that the window gives the size that the vector says. */
static uint32_t pad_after(uint32_t in, uint32_t out, uint32_t kernel, uint32_t stride,
                          uint32_t dilation, uint32_t before)
{
    const int64_t need =
        (int64_t)(out - 1) * stride + (int64_t)dilation * (kernel - 1) + 1 - in - before;
    return need > 0 ? (uint32_t)need : 0;
}

static void conv_sizes(const cmsis_case *c, conv_case *k)
{
    weft_window *v = &k->a.window;
    *v = (weft_window){ size(c, "FILTER_Y"),
                        size(c, "FILTER_X"),
                        size(c, "STRIDE_Y"),
                        size(c, "STRIDE_X"),
                        size(c, "DILATION_Y"),
                        size(c, "DILATION_X"),
                        (uint32_t)cmsis_number(c, "PAD_Y", 0),
                        (uint32_t)cmsis_number(c, "PAD_X", 0),
                        0,
                        0 };
    const uint32_t x[4] = { 1, size(c, "INPUT_H"), size(c, "INPUT_W"), size(c, "IN_CH") };
    const uint32_t y[4] = { 1, size(c, "OUTPUT_H"), size(c, "OUTPUT_W"), size(c, "OUT_CH") };
    const int depthwise = cmsis_defined(c, "CH_MULT");
    const uint32_t each = depthwise ? 1 : (uint32_t)cmsis_number(c, "FILTER_CH", (int)x[3]);
    const uint32_t w[4] = { y[3], v->kernel_h, v->kernel_w, each };
    memcpy(k->x, x, sizeof x);
    memcpy(k->y, y, sizeof y);
    memcpy(k->w, w, sizeof w);
    k->a.groups = x[3] / each;
    k->a.clamp = clamp_of(c, "OUT_ACTIVATION_MIN", "OUT_ACTIVATION_MAX");
    if (k->op == WEFT_OP_CONV_2D) {
        v->pad_bottom = pad_after(x[1], y[1], v->kernel_h, v->stride_h, v->dilation_h, v->pad_top);
        v->pad_right = pad_after(x[2], y[2], v->kernel_w, v->stride_w, v->dilation_w, v->pad_left);
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
    CHECK(t, scales_for(k->mult->values[channel], k->shift->values[channel], &scale_w, &scale_y),
          "%s: no scales for channel %" PRIu32, c->name, channel);
    one_input x[3] = { { one_tensor(WEFT_INT8, 4, k->x, &one, &k->zp_x), k->input + batch * in },
                       { one_tensor(WEFT_INT8, 4, k->w, &scale_w, &none), NULL },
                       { { .name = "b", .dtype = WEFT_INT32, .rank = 1, .dims = { k->w[0] } },
                         NULL } };
    const weft_tensor_desc y = one_tensor(WEFT_INT8, 4, k->y, &scale_y, &k->zp_y);
    x[1].desc.data = k->weights;
    if (k->bias)
        x[2].desc.data = k->bias->values;
    else
        x[2].desc.rank = WEFT_NONE;
    const weft_node_desc d = { .op = k->op, .attr = &k->a };
    return run(t, c, &d, 3, x, &y, k->want->values + batch * out, channel, k->y[3]);
}

static void conv(test *t, const cmsis_case *c, weft_op op)
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
    k.input = bytes_of(input);
    k.weights = bytes_of(weights);
    conv_sizes(c, &k);
    if (cmsis_defined(c, "CH_MULT"))
        turn_depthwise(&k);
    int good = 1;
    for (uint32_t batch = 0; batch < size(c, "INPUT_BATCHES") && good; batch++)
        for (uint32_t channel = 0; channel < k.y[3] && good; channel++)
            good = conv_channel(t, c, &k, channel, batch);
    free(k.input);
    free(k.weights);
}

static void fully_connected(test *t, const cmsis_case *c)
{
    const int per_channel = cmsis_defined(c, "PER_CHANNEL_QUANT");
    const cmsis_array *want = cmsis_values(c, per_channel ? "output" : "output_ref");
    const cmsis_array *bias = cmsis_values(c, per_channel ? "bias" : "biases");
    const cmsis_array *mult = cmsis_values(c, "output_multiplier");
    const cmsis_array *shift = cmsis_values(c, "output_shift");
    int8_t *x = bytes_of(cmsis_values(c, "input")), *w = bytes_of(cmsis_values(c, "weights"));
    const uint32_t depth = size(c, "ACCUMULATION_DEPTH"), channels = size(c, "OUT_CH");
    const uint32_t rows = size(c, "INPUT_BATCHES");
    const int32_t zp_x = -cmsis_number(c, "INPUT_OFFSET", 0);
    const int32_t zp_w = -cmsis_number(c, "FILTER_OFFSET", 0);
    const int32_t zp_y = cmsis_number(c, "OUTPUT_OFFSET", 0);
    const weft_fully_connected a = { clamp_of(c, "OUT_ACTIVATION_MIN", "OUT_ACTIVATION_MAX") };
    const weft_node_desc d = { .op = WEFT_OP_FULLY_CONNECTED, .attr = &a };
    int good = 1;
    for (uint32_t i = 0; i < channels && good; i++) {
        float scale_w, scale_y;
        good = scales_for(per_channel ? mult->values[i] : cmsis_number(c, "OUTPUT_MULTIPLIER", 0),
                          per_channel ? shift->values[i] : cmsis_number(c, "OUTPUT_SHIFT", 0),
                          &scale_w, &scale_y);
        CHECK(t, good, "%s: no scales", c->name);
        one_input in[3] = {
            { one_tensor(WEFT_INT8, 2, (uint32_t[]){ rows, depth }, &one, &zp_x), x },
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
        good = good && run(t, c, &d, 3, in, &y, want->values, i, channels);
    }
    free(x);
    free(w);
}

/* --- the others ---------------------------------------------------------------------------------
 */

static void pool(test *t, const cmsis_case *c, weft_op op)
{
    const uint32_t x[4] = { 1, size(c, "INPUT_H"), size(c, "INPUT_W"), size(c, "INPUT_C") };
    const uint32_t y[4] = { 1, size(c, "OUTPUT_H"), size(c, "OUTPUT_W"), size(c, "OUTPUT_C") };
    weft_pool_2d a = { .clamp = clamp_of(c, "ACTIVATION_MIN", "ACTIVATION_MAX") };
    weft_window *v = &a.window;
    *v = (weft_window){ size(c, "FILTER_H"),
                        size(c, "FILTER_W"),
                        size(c, "STRIDE_H"),
                        size(c, "STRIDE_W"),
                        1,
                        1,
                        (uint32_t)cmsis_number(c, "PADDING_H", 0),
                        (uint32_t)cmsis_number(c, "PADDING_W", 0),
                        0,
                        0 };
    v->pad_bottom = pad_after(x[1], y[1], v->kernel_h, v->stride_h, 1, v->pad_top);
    v->pad_right = pad_after(x[2], y[2], v->kernel_w, v->stride_w, 1, v->pad_left);
    int8_t *data = bytes_of(cmsis_values(c, "input_tensor"));
    const one_input in = { one_tensor(WEFT_INT8, 4, x, &one, &none), data };
    const weft_tensor_desc d = one_tensor(WEFT_INT8, 4, y, &one, &none);
    run(t, c, &(weft_node_desc){ .op = op, .attr = &a }, 1, &in, &d,
        cmsis_values(c, "output")->values, 0, 1);
    free(data);
}

/* ADD as the vector's defines say (equal scales in, twice that out) and MUL. */
static void pair(test *t, const cmsis_case *c, weft_op op)
{
    const uint32_t dims[1] = { size(c, "DST_SIZE") };
    const int32_t zp[2] = { -cmsis_number(c, "INPUT1_OFFSET", 0),
                            -cmsis_number(c, "INPUT2_OFFSET", 0) };
    const int32_t zp_y = cmsis_number(c, "OUTPUT_OFFSET", 0);
    const weft_elementwise a = { clamp_of(c, "OUT_ACTIVATION_MIN", "OUT_ACTIVATION_MAX"), 0 };
    float second = 1.0f, scale_y = 2.0f;
    int good = op == WEFT_OP_ADD
                   ? cmsis_number(c, "INPUT1_MULT", 0) == 1 << 30 &&
                         cmsis_number(c, "INPUT2_MULT", 0) == 1 << 30 &&
                         cmsis_number(c, "OUTPUT_MULT", 0) == 1 << 30 &&
                         cmsis_number(c, "OUTPUT_SHIFT", 0) == -19
                   : scales_for(cmsis_number(c, "OUTPUT_MULT", 0),
                                cmsis_number(c, "OUTPUT_SHIFT", 0), &second, &scale_y);
    CHECK(t, good, "%s: other scales than expected", c->name);
    int8_t *x[2] = { bytes_of(cmsis_values(c, "input1")), bytes_of(cmsis_values(c, "input2")) };
    const one_input in[2] = { { one_tensor(WEFT_INT8, 1, dims, &one, &zp[0]), x[0] },
                              { one_tensor(WEFT_INT8, 1, dims, &second, &zp[1]), x[1] } };
    const weft_tensor_desc y = one_tensor(WEFT_INT8, 1, dims, &scale_y, &zp_y);
    run(t, c, &(weft_node_desc){ .op = op, .attr = &a }, 2, in, &y,
        cmsis_values(c, "output_ref")->values, 0, 1);
    free(x[0]);
    free(x[1]);
}

static void choice(test *t, const cmsis_case *c, weft_op op)
{
    const uint32_t a[4] = { size(c, "BATCH_1"), size(c, "HEIGHT_1"), size(c, "WIDTH_1"),
                            size(c, "CHANNEL_1") };
    const uint32_t b[4] = { size(c, "BATCH_2"), size(c, "HEIGHT_2"), size(c, "WIDTH_2"),
                            size(c, "CHANNEL_2") };
    const uint32_t y[4] = { size(c, "OUTPUT_BATCH"), size(c, "OUTPUT_HEIGHT"),
                            size(c, "OUTPUT_WIDTH"), size(c, "OUTPUT_CHANNEL") };
    const weft_elementwise attr = { clamp_of(c, "ACTIVATION_MIN", "ACTIVATION_MAX"), 0 };
    int8_t *x[2] = { bytes_of(cmsis_values(c, "input_tensor_1")),
                     bytes_of(cmsis_values(c, "input_tensor_2")) };
    const one_input in[2] = { { one_tensor(WEFT_INT8, 4, a, &one, &none), x[0] },
                              { one_tensor(WEFT_INT8, 4, b, &one, &none), x[1] } };
    const weft_tensor_desc d = one_tensor(WEFT_INT8, 4, y, &one, &none);
    run(t, c, &(weft_node_desc){ .op = op, .attr = &attr }, 2, in, &d,
        cmsis_values(c, "output")->values, 0, 1);
    free(x[0]);
    free(x[1]);
}

static void pad(test *t, const cmsis_case *c)
{
    static const char axes[] = "NHWC";
    weft_pad a = { .value = cmsis_number(c, "PAD_VALUE", 0) };
    uint32_t x[4], y[4];
    for (unsigned i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof name, "INPUT_%c", axes[i]);
        x[i] = size(c, name);
        snprintf(name, sizeof name, "PRE_PAD_%c", axes[i]);
        a.before[i] = (uint32_t)cmsis_number(c, name, 0);
        snprintf(name, sizeof name, "POST_PAD_%c", axes[i]);
        a.after[i] = (uint32_t)cmsis_number(c, name, 0);
        y[i] = a.before[i] + x[i] + a.after[i];
    }
    int8_t *data = bytes_of(cmsis_values(c, "input_tensor"));
    const one_input in = { one_tensor(WEFT_INT8, 4, x, &one, &none), data };
    const weft_tensor_desc d = one_tensor(WEFT_INT8, 4, y, &one, &none);
    run(t, c, &(weft_node_desc){ .op = WEFT_OP_PAD, .attr = &a }, 1, &in, &d,
        cmsis_values(c, "output")->values, 0, 1);
    free(data);
}

/* The vector gives scale * beta as a multiplier. */
static void softmax(test *t, const cmsis_case *c)
{
    const uint32_t dims[2] = { size(c, "NUM_ROWS"), size(c, "ROW_SIZE") };
    const double target =
        ldexp(cmsis_number(c, "INPUT_MULT", 0), cmsis_number(c, "INPUT_LEFT_SHIFT", 0) - 31 - 26);
    const float scale = (float)target, out = 1.0f / 256;
    const int32_t zp_y = -128;
    weft_requant rq = { 0 };
    (void)weft_requant_from_double((double)scale * (double)(1 << 26), &rq);
    CHECK(t, rq.mult == (uint32_t)cmsis_number(c, "INPUT_MULT", 0), "%s: no scale", c->name);
    int8_t *data = bytes_of(cmsis_values(c, "input"));
    const weft_softmax a = { 1.0f };
    const one_input in = { one_tensor(WEFT_INT8, 2, dims, &scale, &none), data };
    const weft_tensor_desc y = one_tensor(WEFT_INT8, 2, dims, &out, &zp_y);
    run(t, c, &(weft_node_desc){ .op = WEFT_OP_SOFTMAX, .attr = &a }, 1, &in, &y,
        cmsis_values(c, "output_ref")->values, 0, 1);
    free(data);
}

/* The recorded defines lost their lists of sizes and axes, so look for sizes and a permutation that
 * turn the input into the output. */
static int transposes(const cmsis_case *c, const int8_t *x, const uint32_t *dims, unsigned code)
{
    const cmsis_array *want = cmsis_values(c, "output");
    const unsigned rank = 4;
    weft_transpose a = { { code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3 } };
    uint32_t y[4];
    one_node o;
    weft_error err = { 0 };
    for (unsigned i = 0; i < rank; i++)
        y[i] = dims[a.perm[i]];
    const one_input in = { one_tensor(WEFT_INT8, rank, dims, &one, &none), x };
    const weft_tensor_desc d = one_tensor(WEFT_INT8, rank, y, &one, &none);
    const weft_node_desc n = { .op = WEFT_OP_TRANSPOSE, .attr = &a };
    int same = one_node_run(&o, &n, 1, &in, &d, &err) == WEFT_OK;
    const int8_t *got = one_node_result(&o);
    for (size_t i = 0; i < want->count && same; i++)
        same = got[i] == want->values[i];
    one_node_free(&o);
    return same;
}

static void transpose(test *t, const cmsis_case *c)
{
    /* perm[i] in bits 2i and 2i + 1: all but the identity */
    static const unsigned codes[] = { 0xb4, 0xd8, 0x78, 0x9c, 0x6c, 0xe1, 0xb1, 0xc9,
                                      0x39, 0x8d, 0x2d, 0xd2, 0x72, 0xc6, 0x36, 0x4e,
                                      0x1e, 0x93, 0x63, 0x87, 0x27, 0x4b, 0x1b };
    int8_t *x = bytes_of(cmsis_values(c, "input_tensor"));
    const uint32_t all = size(c, "SIZE");
    int found = 0;
    for (uint32_t a = 1; a <= all && !found; a++)
        for (uint32_t b = 1; all % a == 0 && b <= all / a && !found; b++)
            for (uint32_t e = 1; all / a % b == 0 && e <= all / a / b && !found; e++) {
                const uint32_t dims[4] = { a, b, e, all / a / b / e };
                for (unsigned k = 0; all / a / b % e == 0 && k < sizeof codes / sizeof *codes; k++)
                    found |= transposes(c, x, dims, codes[k]);
            }
    CHECK(t, found, "%s: no sizes and permutation give the recorded output", c->name);
    free(x);
}

static void check_case(test *t, const cmsis_case *c)
{
    const char *name = c->name;
    if (strstr(name, "transpose_conv"))
        conv(t, c, WEFT_OP_TRANSPOSE_CONV);
    else if (strncmp(name, "transpose", 9) == 0)
        transpose(t, c);
    else if (strncmp(name, "avgpool", 7) == 0)
        pool(t, c, WEFT_OP_AVERAGE_POOL_2D);
    else if (strncmp(name, "maxpool", 7) == 0)
        pool(t, c, WEFT_OP_MAX_POOL_2D);
    else if (strncmp(name, "maximum", 7) == 0)
        choice(t, c, WEFT_OP_MAXIMUM);
    else if (strncmp(name, "minimum", 7) == 0)
        choice(t, c, WEFT_OP_MINIMUM);
    else if (strncmp(name, "pad", 3) == 0)
        pad(t, c);
    else if (strncmp(name, "softmax", 7) == 0)
        softmax(t, c);
    else if (strcmp(name, "add") == 0)
        pair(t, c, WEFT_OP_ADD);
    else if (strcmp(name, "mul") == 0)
        pair(t, c, WEFT_OP_MUL);
    else if (cmsis_defined(c, "ACCUMULATION_DEPTH"))
        fully_connected(t, c);
    else
        conv(t, c, WEFT_OP_CONV_2D);
}

int main(int argc, char **argv)
{
    test t = test_begin("cmsis", argc, argv, 1, 1);
    const char *data = getenv("WEFT_DATA") ? getenv("WEFT_DATA") : "../shared/data";
    char path[1024], name[128], what[128];
    unsigned cases = 0;
    cmsis_case c;
    snprintf(path, sizeof path, "%s/golden/cmsis_nn", data);
    DIR *folder = opendir(path);
    if (!folder)
        return test_skip(&t, "the CMSIS-NN vectors are not here (WEFT_DATA says where)");
    for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
        const char *dot = strrchr(e->d_name, '.');
        if (!dot || strcmp(dot, ".json") != 0 || (argc > 1 && !strstr(e->d_name, argv[1])))
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(dot - e->d_name), e->d_name);
        snprintf(path, sizeof path, "%s/golden/cmsis_nn/%s", data, e->d_name);
        const int good = cmsis_read(path, name, &c);
        CHECK(&t, good, "%s cannot be read", path);
        if (good)
            check_case(&t, &c);
        cmsis_free(&c);
        cases++;
    }
    closedir(folder);
    snprintf(what, sizeof what, "%u layer vectors of CMSIS-NN on the reference", cases);
    return test_end(&t, what);
}
