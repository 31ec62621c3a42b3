/* Networks of test_views.c: who may read and write part of an area.  Mostly a and b of 32 channels
 * lie side by side, and something is done to a. */
#include <string.h>

#include "view_cases.h"

uint32_t view_two_parts(net *n, uint32_t *a, uint32_t *b)
{
    *a = net_conv(n, n->x, 32, 1);
    *b = net_conv(n, n->x, 32, 3);
    const uint32_t ab = net_concat2(n, *a, *b);
    net_wanted(n, net_conv(n, ab, 16, 1));
    return ab;
}

static void plain(net *n)
{
    uint32_t a, b;
    view_two_parts(n, &a, &b);
    net_wanted(n, net_conv(n, a, 16, 3));
    net_wanted(n, net_sum(n, a, b));
}

static void conv_of_zero_points(net *n)
{
    uint32_t a, b;
    view_two_parts(n, &a, &b);
    net_wanted(n, net_conv_any(n, a, 16, 3, 3, 1, 1, 5));
}

static void whole_pool_reads(net *n)
{
    uint32_t a, b;
    view_two_parts(n, &a, &b);
    net_wanted(n, net_pool(n, a));
}

static void whole_pool_writes(net *n)
{
    const uint32_t a = net_pool(n, net_conv(n, n->x, 32, 1)),
                   b = net_conv(n, net_pool(n, n->x), 32, 1);
    net_wanted(n, net_conv(n, net_concat2(n, a, b), 16, 1));
}

static void pad_in_front_of_conv(net *n)
{
    uint32_t a, b;
    view_two_parts(n, &a, &b);
    net_wanted(n, net_conv_any(n, net_pad(n, a), 16, 3, 3, 1, 1, 5));
}

static void pad_in_front_of_pad(net *n)
{
    uint32_t a, b;
    view_two_parts(n, &a, &b);
    net_wanted(n, net_conv_any(n, net_pad(n, net_pad(n, a)), 16, 3, 3, 1, 1, 5));
}

static void host_reads(net *n)
{
    uint32_t a, b;
    view_two_parts(n, &a, &b);
    const uint32_t t = net_sum(n, a, b);
    net_host_runs(n);
    net_wanted(n, net_conv(n, t, 8, 1));
}

static void host_writes(net *n)
{
    const uint32_t a = net_sum(n, net_conv(n, n->x, 32, 1), net_conv(n, n->x, 32, 3));
    net_host_runs(n);
    net_wanted(n, net_conv(n, net_concat2(n, a, net_conv(n, n->x, 32, 3)), 16, 1));
}

static void host_concat(net *n)
{
    const uint32_t ab = net_concat2(n, net_conv(n, n->x, 32, 1), net_conv(n, n->x, 32, 3));
    net_host_runs(n);
    net_wanted(n, net_conv(n, ab, 16, 1));
}

static void host_concat_inside(net *n)
{
    const uint32_t ab = net_concat2(n, net_conv(n, n->x, 32, 1), net_conv(n, n->x, 32, 3));
    net_host_runs(n);
    net_wanted(n, net_conv(n, net_concat2(n, ab, net_conv(n, n->x, 32, 1)), 16, 1));
}

static void host_slice(net *n)
{
    const uint32_t s = net_slice(n, net_conv(n, n->x, 64, 1), 32, 32);
    net_host_runs(n);
    net_wanted(n, net_conv(n, s, 16, 1));
}

static void host_made_root(net *n)
{
    const uint32_t a = net_table(n, net_conv(n, n->x, 64, 1), 3);
    net_host_runs(n);
    net_wanted(n, net_conv(n, net_slice(n, a, 32, 32), 16, 1));
}

static void output_of_the_network(net *n)
{
    uint32_t a, b;
    view_two_parts(n, &a, &b);
    net_wanted(n, a);
}

/* One byte decides the product: the first table is not computed. */
static void table_inside(net *n)
{
    uint32_t a, b;
    view_two_parts(n, &a, &b);
    const uint32_t t = net_table(n, a, 3);
    net_wanted(n, net_same(n, WEFT_OP_MUL, 2, (uint32_t[]){ t, a },
                           &(weft_elementwise){ { -128, 127 }, 0 }));
}

static void identity_reads(net *n)
{
    uint32_t a, b;
    view_two_parts(n, &a, &b);
    net_wanted(n, net_conv(n, net_table(n, a, 0), 8, 1));
}

static void identity_writes(net *n)
{
    const uint32_t c = net_conv(n, n->x, 32, 3), a = net_table(n, c, 0);
    net_wanted(n, net_conv(n, net_concat2(n, a, net_conv(n, n->x, 32, 1)), 16, 1));
    net_wanted(n, c);
}

/* A float32 product that takes two multipliers: three layers. */
static uint32_t product(net *n, uint32_t a, uint32_t b, float scale_y)
{
    const uint32_t *d = net_at(n, a)->dims;
    const uint32_t y =
        gen_activation(&n->s, 4, (uint32_t[]){ 1, d[1], d[2], d[3] }, scale_y, NET_ZERO);
    n->s.kind = WEFT_REQUANT_ONNX;
    net_add(n, WEFT_OP_MUL, 2, (uint32_t[]){ a, b }, y, &(weft_elementwise){ { -128, 127 }, 0 });
    n->s.kind = WEFT_REQUANT_TFLITE;
    return y;
}

static void product_reads(net *n)
{
    uint32_t a, b;
    view_two_parts(n, &a, &b);
    net_wanted(n, product(n, a, net_conv(n, n->x, 32, 3), 0.11f));
}

/* Side by side with its like, as a CONCAT wants one scale. */
static void product_writes(net *n)
{
    const uint32_t a = net_conv(n, n->x, 32, 1), b = net_conv(n, n->x, 32, 3),
                   c = net_conv(n, n->x, 32, 1);
    const uint32_t in[] = { product(n, a, b, 0.11f), product(n, b, c, 0.11f) };
    const uint32_t y = gen_activation(&n->s, 4, (uint32_t[]){ 1, n->h, n->w, 64 }, 0.11f, NET_ZERO);
    net_wanted(n, net_table(n, net_add(n, WEFT_OP_CONCAT, 2, in, y, &(weft_concat){ 3 }), 3));
}

static void prelu_reads(net *n)
{
    uint32_t a, b;
    view_two_parts(n, &a, &b);
    net_wanted(n, net_prelu(n, a));
}

static void prelu_writes(net *n)
{
    const uint32_t a = net_prelu(n, net_conv(n, n->x, 32, 1));
    net_wanted(n, net_conv(n, net_concat2(n, a, net_conv(n, n->x, 32, 3)), 16, 1));
}

/* One pixel beside an image, which repeats it. */
static void operand_repeats(net *n)
{
    const uint32_t x = net_pool(n, n->x);
    const uint32_t a = net_conv(n, x, 32, 1), b = net_conv(n, x, 32, 1);
    const uint32_t y = net_image(n, n->h, n->w, 32);
    net_wanted(n, net_conv(n, net_concat2(n, a, b), 16, 1));
    net_wanted(n, net_add(n, WEFT_OP_ADD, 2, (uint32_t[]){ net_conv(n, n->x, 32, 1), a }, y,
                          &(weft_elementwise){ { -128, 127 }, 0 }));
}

static void reads_no_image(net *n)
{
    uint32_t a, b;
    view_two_parts(n, &a, &b);
    const uint32_t flat = net_tensor(n, 2, (uint32_t[]){ 1, n->h * n->w * 32 });
    net_wanted(n, net_add(n, WEFT_OP_RESHAPE, 1, &a, flat, NULL));
}

/* Two images, and no image: five axes, of which the fourth is not the last. */
static void two_images(net *n)
{
    const uint32_t dims[] = { 2, n->h, n->w, 16 }, twice[] = { 2, n->h, n->w, 32 };
    const uint32_t x = net_tensor(n, 4, dims);
    net_add(n, WEFT_OP_RESHAPE, 1, &n->x, x, NULL);
    const uint32_t in[] = { net_table(n, x, 3), net_table(n, x, 5) };
    const uint32_t y = net_tensor(n, 4, twice);
    net_add(n, WEFT_OP_CONCAT, 2, in, y, &(weft_concat){ 3 });
    const uint32_t z = net_tensor(n, 4, dims);
    net_add(n, WEFT_OP_SLICE, 1, (uint32_t[]){ net_table(n, y, 7) }, z,
            &(weft_slice){ { 0, 0, 0, 16 }, { 1, 1, 1, 1 } });
    net_wanted(n, net_table(n, z, 9));
}

static void five_axes(net *n)
{
    const uint32_t dims[] = { 1, 2, 3, 32, 6 }, half[] = { 1, 2, 3, 16, 6 };
    const uint32_t x = net_tensor(n, 5, dims);
    net_add(n, WEFT_OP_RESHAPE, 1, &n->x, x, NULL);
    const uint32_t y = net_tensor(n, 5, half);
    net_add(n, WEFT_OP_SLICE, 1, (uint32_t[]){ net_table(n, x, 3) }, y,
            &(weft_slice){ { 0, 0, 0, 16 }, { 1, 1, 1, 1, 1 } });
    net_wanted(n, net_table(n, y, 5));
}

static void other_axis(net *n)
{
    const weft_concat rows = { 1 };
    const uint32_t in[] = { net_conv(n, n->x, 32, 1), net_conv(n, n->x, 32, 3) };
    const uint32_t y = net_add(n, WEFT_OP_CONCAT, 2, in, net_image(n, 2 * n->h, n->w, 32), &rows);
    net_wanted(n, net_conv(n, y, 16, 1));
}

static uint32_t constant(net *n)
{
    const float scale = NET_SCALE;
    const int32_t zero = NET_ZERO;
    int8_t data[VIEW_SIDE * VIEW_SIDE * VIEW_CHANNELS];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (int8_t)rng_range(&n->r, -128, 127);
    const weft_tensor_desc d = { .name = "constant",
                                 .dtype = WEFT_INT8,
                                 .rank = 4,
                                 .dims = { 1, VIEW_SIDE, VIEW_SIDE, VIEW_CHANNELS },
                                 .quant = { 1, 0, &scale, &zero },
                                 .data = data };
    return gen_add_tensor(&n->s, &d);
}

static void constant_part(net *n)
{
    net_wanted(n, net_conv(n, net_concat2(n, net_conv(n, n->x, 32, 1), constant(n)), 16, 1));
}

const view_case *view_cases_who(size_t *count)
{
    static const view_case cases[] = {
        { "plain", plain, 8, 8, 64, 16, "--", 0, 0, 0 },
        { "odd array", plain, 12, 8, 64, 8, "s-", 0, 0, 0 },
        { "zero points", conv_of_zero_points, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "whole pool reads", whole_pool_reads, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "whole pool writes", whole_pool_writes, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "pad, conv", pad_in_front_of_conv, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "pad, pad, conv", pad_in_front_of_pad, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "host reads", host_reads, 8, 8, 64, 16, "c-", 0, 0, 0 },
        { "host writes", host_writes, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "host CONCAT inside", host_concat_inside, 8, 8, 64, 16, "hs-", 0, 0, 0 },
        { "CONCAT on the host", host_concat, 8, 8, 64, 16, "h-", 0, 0, 0 },
        { "SLICE on the host", host_slice, 8, 8, 64, 16, "h-", 0, 0, 0 },
        { "root from the host", host_made_root, 8, 8, 64, 16, "--", 0, 0, 0 },
        { "output", output_of_the_network, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "table inside", table_inside, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "identity reads", identity_reads, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "identity writes", identity_writes, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "product reads", product_reads, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "product writes", product_writes, 8, 8, 64, 16, "c-", 0, 0, 0 },
        { "PRELU reads", prelu_reads, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "PRELU writes", prelu_writes, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "operand repeats", operand_repeats, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "no image", reads_no_image, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "two images", two_images, 8, 8, 64, 16, "cc-", 0, 0, 0 },
        { "five axes", five_axes, 8, 8, 64, 16, "c-", 0, 0, 0 },
        { "rows", other_axis, 8, 8, 64, 16, "c-", 0, 0, 0 },
        { "constant", constant_part, 8, 8, 64, 16, "s-", 0, 0, 0 },
        { "one pixel", plain, 4, 4, 64, 16, "-", 1, 1, 32 },
    };
    *count = sizeof cases / sizeof *cases;
    return cases;
}
