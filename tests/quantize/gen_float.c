/* Random float networks; the contract is in gen_float.h. */
#include "gen_float.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen_node.h"

enum { MOST_STEPS = 9, MOST_CHANNELS = 24 };

/* The value at the end of what is built so far. */
typedef struct at {
    name value;
    int64_t c, h, w;
} at;

static name simple(build *b, const char *op, const char *x)
{
    return gen_node(b, op, NULL, x, NULL, NULL, NULL);
}

/* --- layers ------------------------------------------------------------------------------- */

static void activation(build *b, at *x)
{
    static const char *const ops[] = { "Relu",     "Relu", "Relu",     "LeakyRelu",
                                       "Sigmoid",  "Tanh", "Elu",      "HardSigmoid",
                                       "Softplus", "Clip", "Softsign", "Identity" };
    const char *op = ops[rng_range(b->r, 0, 11)];
    pb_writer a = { 0 };
    if (strcmp(op, "Clip") != 0) {
        x->value = simple(b, op, x->value.text);
    } else if (b->g->opset < 11) {
        gen_put_float(&a, "min", 0);
        gen_put_float(&a, "max", 6);
        x->value = gen_node(b, op, &a, x->value.text, NULL, NULL, NULL);
    } else {
        const name lo = gen_floats(b, 0, NULL, 0, 0), hi = gen_floats(b, 0, NULL, 1.5f, 0);
        x->value = gen_node(b, op, NULL, x->value.text, lo.text, hi.text, NULL);
    }
}

static void batch_norm(build *b, at *x)
{
    const int64_t c = x->c;
    const name scale = gen_floats(b, 1, &c, 1, 0.4f), shift = gen_floats(b, 1, &c, 0, 0.3f);
    const name mean = gen_floats(b, 1, &c, 0, 0.3f), var = gen_floats(b, 1, &c, 1, 0.4f);
    pb_writer a = { 0 };
    const char *more[] = { var.text, NULL };
    const name n = gen_fresh(b);
    gen_put_float(&a, "epsilon", 1e-3f);
    strncat(b->g->said, " BatchNormalization", sizeof b->g->said - strlen(b->g->said) - 1);
    onnx_put_node(&b->graph,
                  &(onnx_node){ .op = "BatchNormalization",
                                .name = n.text,
                                .inputs = { x->value.text, scale.text, shift.text, mean.text },
                                .more_inputs = more,
                                .output = n.text,
                                .attributes = &a });
    x->value = n;
}

static void conv(build *b, at *x, int64_t channels, int64_t kernel, int64_t stride)
{
    const int depthwise = channels == x->c && gen_chance(b, 30);
    const int64_t groups = depthwise ? x->c : 1, pads = kernel / 2;
    const int64_t dims[4] = { channels, x->c / groups, kernel, kernel };
    const int64_t padding[4] = { pads, pads, pads, pads }, strides[2] = { stride, stride };
    const name w = gen_floats(b, 4, dims, 0, 1.7f / sqrtf((float)(dims[1] * kernel * kernel)));
    const name bias = gen_floats(b, 1, &channels, 0, 0.3f);
    pb_writer a = { 0 };
    onnx_put_attribute(&a, "group", groups);
    onnx_put_attribute_list(&a, "pads", padding, 4);
    onnx_put_attribute_list(&a, "strides", strides, 2);
    x->value =
        gen_node(b, "Conv", &a, x->value.text, w.text, gen_chance(b, 70) ? bias.text : NULL, NULL);
    x->c = channels;
    x->h = (x->h - 1) / stride + 1;
    x->w = (x->w - 1) / stride + 1;
    if (gen_chance(b, 40))
        batch_norm(b, x);
}

static void step_conv(build *b, at *x)
{
    const int64_t other = gen_chance(b, 40) ? 8 << rng_range(b->r, 0, 1) /* of a memory port */
                                            : rng_range(b->r, 1, MOST_CHANNELS);
    conv(b, x, gen_chance(b, 40) ? x->c : other, gen_chance(b, 60) ? 3 : 1,
         x->h > 4 && x->w > 4 && gen_chance(b, 30) ? 2 : 1);
    if (gen_chance(b, 80))
        activation(b, x);
}

static void step_pool(build *b, at *x)
{
    const int64_t kernel[2] = { 2, 2 }, one[4] = { 0, 0, 1, 1 };
    const int max = gen_chance(b, 50);
    pb_writer a = { 0 };
    if (x->h < 4 || x->w < 4)
        return;
    onnx_put_attribute_list(&a, "kernel_shape", kernel, 2);
    if (gen_chance(b, 50)) {
        onnx_put_attribute_list(&a, "strides", kernel, 2);
        x->h = (x->h - 2) / 2 + 1;
        x->w = (x->w - 2) / 2 + 1;
    } else {
        onnx_put_attribute_list(&a, "pads", one, 4);
    }
    x->value = gen_node(b, max ? "MaxPool" : "AveragePool", &a, x->value.text, NULL, NULL, NULL);
    if (gen_chance(b, 40))
        activation(b, x);
}

/* A second way round, then Add, Sum of three, Mul, Max or Concat. */
static void step_branch(build *b, at *x)
{
    static const char *const joins[] = { "Add", "Sum", "Mul", "Max", "Sub", "Concat" };
    const at from = *x;
    at side = *x;
    const char *join = joins[rng_range(b->r, 0, 5)];
    pb_writer a = { 0 };
    conv(b, &side, x->c, 3, 1);
    if (gen_chance(b, 50))
        activation(b, &side);
    if (!strcmp(join, "Concat"))
        onnx_put_attribute(&a, "axis", 1);
    x->value = gen_node(b, join, &a, from.value.text, side.value.text,
                        (!strcmp(join, "Sum") || !strcmp(join, "Max")) && gen_chance(b, 60)
                            ? from.value.text
                            : NULL,
                        NULL);
    x->c = strcmp(join, "Concat") ? x->c : 2 * x->c;
    if (gen_chance(b, 50))
        activation(b, x);
}

/* Mul and Add of a constant a channel, or of a number. */
static void step_affine(build *b, at *x)
{
    const int64_t channel[3] = { x->c, 1, 1 };
    const size_t rank = gen_chance(b, 70) ? 3 : 0;
    const name k = gen_floats(b, rank, channel, 1, 0.4f), c = gen_floats(b, rank, channel, 0, 0.4f);
    x->value = gen_node(b, "Mul", NULL, x->value.text, k.text, NULL, NULL);
    x->value = gen_node(b, "Add", NULL, x->value.text, c.text, NULL, NULL);
}

static void step_lrn(build *b, at *x)
{
    pb_writer a = { 0 };
    onnx_put_attribute(&a, "size", 2 * rng_range(b->r, 0, 2) + 1);
    gen_put_float(&a, "alpha", 0.1f);
    gen_put_float(&a, "beta", 0.75f);
    gen_put_float(&a, "bias", 1);
    x->value = gen_node(b, "LRN", &a, x->value.text, NULL, NULL, NULL);
}

/* Over the last one to three axes, from opset 17 on. */
static void step_layer_norm(build *b, at *x)
{
    const int64_t dims[3] = { x->c, x->h, x->w };
    const size_t rank = (size_t)rng_range(b->r, 1, 3);
    pb_writer a = { 0 };
    if (b->g->opset < 17)
        return;
    const name scale = gen_floats(b, rank, dims + 3 - rank, 1, 0.4f);
    const name bias = gen_floats(b, rank, dims + 3 - rank, 0, 0.4f);
    onnx_put_attribute(&a, "axis", gen_chance(b, 50) ? -(int64_t)rank : 4 - (int64_t)rank);
    x->value = gen_node(b, "LayerNormalization", &a, x->value.text, scale.text,
                        gen_chance(b, 70) ? bias.text : NULL, NULL);
    if (gen_chance(b, 40))
        activation(b, x);
}

/* Channel shuffle: Reshape, Transpose, Reshape; its shape partly computed. */
static void step_shuffle(build *b, at *x)
{
    const int64_t groups = x->c % 2 ? 1 : 2, perm[5] = { 0, 2, 1, 3, 4 };
    const int64_t wide[5] = { 1, groups, x->c / groups, x->h, x->w };
    pb_writer a = { 0 };
    const name before = x->value, shape = gen_ints(b, 5, wide);
    const name split = gen_node(b, "Reshape", NULL, before.text, shape.text, NULL, NULL);
    onnx_put_attribute_list(&a, "perm", perm, 5);
    const name turned = gen_node(b, "Transpose", &a, split.text, NULL, NULL, NULL);
    const name back = simple(b, "Shape", before.text);
    x->value = gen_node(b, "Reshape", NULL, turned.text, back.text, NULL, NULL);
}

static void step_resize(build *b, at *x)
{
    const int64_t four = 4;
    pb_writer a = { 0 };
    if (x->h > 8 || x->w > 8)
        return;
    const name scales = gen_fresh(b);
    const float by[4] = { 1, 1, 2, 2 };
    onnx_put_tensor(&b->graph, &(onnx_tensor){ scales.text, ONNX_FLOAT, 1, { four }, by });
    const int linear = b->g->opset >= 11 && gen_chance(b, 40);
    gen_put_text(&a, "mode", linear ? "linear" : "nearest");
    if (b->g->opset < 10) {
        x->value = gen_node(b, "Upsample", &a, x->value.text, scales.text, NULL, NULL);
    } else {
        gen_put_text(&a, "coordinate_transformation_mode",
                     linear && gen_chance(b, 60) ? "half_pixel" : "asymmetric");
        if (!linear)
            gen_put_text(&a, "nearest_mode", "floor");
        const int64_t none = 0; /* before opset 13 the region has to be there */
        const name region = b->g->opset < 13 ? gen_floats(b, 1, &none, 0, 0) : (name){ "" };
        x->value = gen_node(b, "Resize", &a, x->value.text, region.text, scales.text, NULL);
    }
    x->h *= 2;
    x->w *= 2;
}

/* Pad, Squeeze and Unsqueeze, Dropout. */
static void step_move(build *b, at *x)
{
    const int64_t pads[8] = { 0, 0, 1, 0, 0, 0, 0, 1 }, axis[1] = { 0 };
    switch (rng_range(b->r, 0, 2)) {
    case 0: {
        pb_writer a = { 0 };
        gen_put_text(&a, "mode", "constant");
        x->value = gen_with_list(b, "Pad", x->value.text, "pads", 8, pads, 11, &a);
        x->h++;
        x->w++;
        break;
    }
    case 1:
        x->value = gen_with_list(b, "Squeeze", x->value.text, "axes", 1, axis, 13, NULL);
        x->value = gen_with_list(b, "Unsqueeze", x->value.text, "axes", 1, axis, 13, NULL);
        break;
    default: x->value = simple(b, "Dropout", x->value.text); break;
    }
}

/* Along any axis; before opset 13 along the last, which is the only one behind itself. */
static void step_softmax(build *b, at *x)
{
    pb_writer a = { 0 };
    onnx_put_attribute(&a, "axis", b->g->opset < 13 ? 3 : rng_range(b->r, 1, 3));
    x->value = gen_node(b, gen_chance(b, 70) ? "Softmax" : "LogSoftmax", &a, x->value.text, NULL,
                        NULL, NULL);
}

/* Pixels attend to each other: softmax (x^T x) times x^T, back in the order of the image. */
static void step_attention(build *b, at *x)
{
    const int64_t pixels = x->h * x->w, flat[3] = { 1, x->c, pixels }, turn[3] = { 0, 2, 1 };
    const int64_t image[4] = { 1, x->c, x->h, x->w };
    pb_writer a = { 0 }, back = { 0 }, axis = { 0 };
    if (pixels > 100)
        return;
    const name to = gen_ints(b, 3, flat), from = gen_ints(b, 4, image);
    const name keys = gen_node(b, "Reshape", NULL, x->value.text, to.text, NULL, NULL);
    onnx_put_attribute_list(&a, "perm", turn, 3);
    const name values = gen_node(b, "Transpose", &a, keys.text, NULL, NULL, NULL);
    const name scores = gen_node(b, "MatMul", NULL, values.text, keys.text, NULL, NULL);
    onnx_put_attribute(&axis, "axis", 2);
    const name shares = gen_node(b, "Softmax", &axis, scores.text, NULL, NULL, NULL);
    const name mixed = gen_node(b, "MatMul", NULL, shares.text, values.text, NULL, NULL);
    onnx_put_attribute_list(&back, "perm", turn, 3);
    const name rows = gen_node(b, "Transpose", &back, mixed.text, NULL, NULL, NULL);
    x->value = gen_node(b, "Reshape", NULL, rows.text, from.text, NULL, NULL);
    if (gen_chance(b, 50))
        activation(b, x);
}

/* --- the end ------------------------------------------------------------------------------ */

/* One of the ways a matrix follows. */
static int64_t matrix(build *b, name *x, int64_t rows, int64_t columns)
{
    const int transposed = gen_chance(b, 50), product = gen_chance(b, 30);
    const int64_t dims[2] = { transposed && !product ? columns : rows,
                              transposed && !product ? rows : columns };
    const name w = gen_floats(b, 2, dims, 0, 1.7f / sqrtf((float)rows));
    const name c = gen_floats(b, gen_chance(b, 20) ? 0 : 1, &columns, 0, 0.4f);
    pb_writer a = { 0 };
    if (product) {
        *x = gen_node(b, "MatMul", NULL, x->text, w.text, NULL, NULL);
        *x = gen_node(b, "Add", NULL, x->text, c.text, NULL, NULL);
    } else {
        if (gen_chance(b, 30))
            gen_put_float(&a, "alpha", 0.5f);
        if (gen_chance(b, 30))
            gen_put_float(&a, "beta", 1.5f);
        onnx_put_attribute(&a, "transB", transposed);
        *x = gen_node(b, "Gemm", &a, x->text, w.text, c.text, NULL);
    }
    return columns;
}

static void finish(build *b, at *x)
{
    const int64_t flat[2] = { 1, -1 };
    if (gen_chance(b, 30)) {
        x->value = simple(b, "GlobalAveragePool", x->value.text);
        x->h = x->w = 1;
    }
    const name shape = gen_ints(b, 2, flat);
    name y = gen_chance(b, 50)
                 ? simple(b, "Flatten", x->value.text)
                 : gen_node(b, "Reshape", NULL, x->value.text, shape.text, NULL, NULL);
    int64_t columns = matrix(b, &y, x->c * x->h * x->w, rng_range(b->r, 2, 20));
    if (gen_chance(b, 50)) {
        y = simple(b, "Relu", y.text);
        columns = matrix(b, &y, columns, rng_range(b->r, 2, 12));
    }
    if (gen_chance(b, 30)) {
        pb_writer a = { 0 };
        onnx_put_attribute(&a, "axis", 1);
        y = gen_node(b, "Softmax", &a, y.text, NULL, NULL, NULL);
    }
    onnx_put_node(
        &b->graph,
        &(onnx_node){ .op = "Identity", .name = "last", .inputs = { y.text }, .output = "y" });
    onnx_put_output(&b->graph, &(onnx_value){ .name = "y", .rank = 2, .dims = { 0, columns } });
}

int gen_float_make(rng *r, gen_float *out)
{
    static void (*const steps[])(
        build *, at *) = { step_conv,       step_conv,      step_conv,   step_pool,    step_branch,
                           step_branch,     step_affine,    step_lrn,    step_shuffle, step_softmax,
                           step_layer_norm, step_attention, step_resize, step_move };
    static const int64_t opsets[] = { 9, 11, 13, 17 };
    *out = (gen_float){ .opset = opsets[rng_range(r, 0, 3)] };
    build b = { .r = r, .g = out };
    at x = { { "x" }, rng_range(r, 1, 6), rng_range(r, 4, 12), rng_range(r, 4, 12) };
    pb_writer model = { 0 };
    const size_t dims[4] = { 1, (size_t)x.c, (size_t)x.h, (size_t)x.w };
    memcpy(out->dims, dims, sizeof dims);
    onnx_put_name(&b.graph, "random");
    onnx_put_input(&b.graph, &(onnx_value){ .name = "x", .rank = 4, .dims = { 0, x.c, x.h, x.w } });
    for (int count = rng_range(r, 1, MOST_STEPS); count > 0; count--)
        steps[rng_range(r, 0, (int)(sizeof steps / sizeof *steps) - 1)](&b, &x);
    finish(&b, &x);
    onnx_put_model(&model,
                   &(onnx_about){ .producer = "test", .key = "test", .note = "", out->opset },
                   &b.graph);
    out->bytes = model.at;
    out->byte_count = model.bytes;
    return !model.failed;
}

void gen_float_free(gen_float *g)
{
    free(g->bytes);
    *g = (gen_float){ 0 };
}
