/* Networks of test_views.c: where in an area its parts may lie, and what a layer does there. */
#include "view_cases.h"

/* The second begins where no transfer does. */
static void odd_begin(net *n)
{
    const uint32_t a = net_conv(n, n->x, 24, 1), b = net_conv(n, n->x, 40, 1);
    net_wanted(n, net_conv(n, net_concat2(n, a, b), 16, 1));
}

/* All begin well, but the pixels do not end so. */
static void odd_pixel(net *n)
{
    const uint32_t a = net_conv(n, n->x, 32, 1), b = net_conv(n, n->x, 24, 1);
    net_wanted(n, net_conv(n, net_concat2(n, a, b), 16, 1));
}

static void odd_slice(net *n)
{
    net_wanted(n, net_conv(n, net_slice(n, net_conv(n, n->x, 64, 1), 24, 40), 16, 1));
}

/* An odd CONCAT inside of one that is not. */
static void odd_concat_inside(net *n)
{
    const uint32_t a = net_concat2(n, net_conv(n, n->x, 24, 1), net_conv(n, n->x, 8, 3));
    net_wanted(n, net_conv(n, net_concat2(n, a, net_conv(n, n->x, 32, 1)), 16, 1));
}

static void nested(net *n)
{
    const uint32_t ab = net_concat2(n, net_conv(n, n->x, 32, 1), net_conv(n, n->x, 32, 3));
    const uint32_t abc = net_concat2(n, net_conv(n, n->x, 32, 1), ab);
    net_wanted(n, net_conv(n, ab, 16, 1));
    net_wanted(n, net_conv(n, abc, 16, 1));
}

static void one_input(net *n)
{
    net_wanted(n, net_conv(n, net_concat(n, 1, (uint32_t[]){ net_conv(n, n->x, 32, 1) }), 16, 1));
}

/* The inputs of the second lie side by side in the area of the first, in this order or another. */
static void lies_there(net *n)
{
    const uint32_t a = net_conv(n, n->x, 32, 1), b = net_conv(n, n->x, 32, 3),
                   c = net_conv(n, n->x, 32, 1);
    net_wanted(n, net_conv(n, net_concat2(n, a, b), 8, 1));
    net_wanted(n, net_conv(n, net_concat(n, 3, (uint32_t[]){ a, b, c }), 16, 1));
}

static void lies_the_other_way(net *n)
{
    const uint32_t a = net_conv(n, n->x, 32, 1), b = net_conv(n, n->x, 32, 3),
                   c = net_conv(n, n->x, 32, 1);
    net_wanted(n, net_conv(n, net_concat2(n, b, a), 8, 1));
    net_wanted(n, net_conv(n, net_concat(n, 3, (uint32_t[]){ a, b, c }), 16, 1));
}

static void lies_there_but_wanted(net *n)
{
    const uint32_t a = net_conv(n, n->x, 32, 1), b = net_conv(n, n->x, 32, 3),
                   c = net_conv(n, n->x, 32, 1);
    net_wanted(n, net_concat2(n, a, b));
    net_wanted(n, net_conv(n, net_concat(n, 3, (uint32_t[]){ a, b, c }), 16, 1));
}

/* Parts of two areas, at bytes that would follow each other. */
static void lies_in_two(net *n)
{
    const uint32_t a = net_conv(n, n->x, 32, 1), b = net_conv(n, n->x, 32, 3),
                   c = net_conv(n, n->x, 32, 1), d = net_conv(n, n->x, 32, 3);
    net_wanted(n, net_conv(n, net_concat2(n, a, d), 8, 1));
    net_wanted(n, net_conv(n, net_concat2(n, a, b), 16, 1));
    net_wanted(n, net_conv(n, net_concat2(n, c, b), 16, 1));
}

static void nothing_moves_in(net *n)
{
    uint32_t a = net_conv(n, n->x, 32, 1), b = net_conv(n, n->x, 32, 3);
    const uint32_t ab = net_concat2(n, a, b);
    net_wanted(n, a);
    net_wanted(n, b);
    net_wanted(n, net_conv(n, ab, 16, 1));
}

static void slice_with_step(net *n)
{
    const weft_slice a = { { 0 }, { 1, 1, 1, 2 } };
    const uint32_t x = net_conv(n, n->x, 64, 1), y = net_image(n, n->h, n->w, 32);
    net_wanted(n, net_conv(n, net_add(n, WEFT_OP_SLICE, 1, &x, y, &a), 16, 1));
}

static void slice_of_rows(net *n)
{
    const weft_slice a = { { 0, 1, 1 }, { 1, 1, 1, 1 } };
    const uint32_t x = net_conv(n, n->x, 64, 1), y = net_image(n, n->h - 2, n->w - 2, 64);
    net_wanted(n, net_conv(n, net_add(n, WEFT_OP_SLICE, 1, &x, y, &a), 16, 1));
}

/* What no layer writes by pixels cannot be an area of several. */
static void slice_of_pool(net *n)
{
    net_wanted(n, net_conv(n, net_slice(n, net_pool(n, net_conv(n, n->x, 64, 1)), 32, 32), 16, 1));
}

static void slice_for_a_pool(net *n)
{
    net_wanted(n, net_pool(n, net_slice(n, net_conv(n, n->x, 64, 1), 32, 32)));
}

static void slice_wanted(net *n)
{
    net_wanted(n, net_slice(n, net_conv(n, n->x, 64, 1), 32, 32));
}

/* The output of the SLICE lies in a CONCAT already. */
static void slice_into_concat(net *n)
{
    const uint32_t s = net_slice(n, net_conv(n, n->x, 64, 1), 32, 32);
    net_wanted(n, net_conv(n, net_concat2(n, net_table(n, s, 3), net_conv(n, n->x, 32, 1)), 16, 1));
    net_wanted(n, net_conv(n, net_concat2(n, s, net_conv(n, n->x, 32, 3)), 16, 1));
}

/* Pixels of three words, and a part that begins within one: no pairs there. */
static void pairs_of_a_part(net *n)
{
    const uint32_t a = net_conv(n, n->x, 8, 1), b = net_conv(n, n->x, 16, 3),
                   c = net_conv(n, n->x, 24, 1);
    net_wanted(n, net_conv(n, net_concat(n, 3, (uint32_t[]){ a, b, c }), 16, 1));
    net_wanted(n, net_conv_any(n, b, 16, 3, 3, 2, 16, 0));
}

/* A depthwise kernel as tall as the image writes part of an area. */
static void tall_kernel_writes(net *n)
{
    const uint32_t a = net_conv_any(n, n->x, 32, 11, 1, 1, 32, 0);
    net_wanted(n, net_conv(n, net_concat2(n, a, net_conv(n, n->x, 32, 1)), 16, 1));
}

/* A layer's second operand is what its window reads: no ring has room for both. */
static void residual(net *n)
{
    const uint32_t a = net_conv(n, n->x, 32, 1);
    net_wanted(n, net_conv(n, net_sum(n, net_conv(n, a, 32, 3), a), 8, 1));
}

/* Each layer reads what the one before wrote into the same area: no rings of it. */
static void chain_in_one_area(net *n)
{
    const uint32_t a = net_conv(n, n->x, 32, 1), b = net_conv(n, a, 32, 3),
                   c = net_conv(n, b, 32, 3);
    net_wanted(n, net_conv(n, net_concat(n, 3, (uint32_t[]){ a, b, c }), 16, 3));
}

/* Bytes of a row are counted in a field. */
static void long_rows(net *n)
{
    const uint32_t ab = net_concat2(n, net_conv(n, n->x, 32, 1), net_conv(n, n->x, 32, 1));
    net_wanted(n, net_conv(n, ab, 4, 1));
}

/* A depthwise layer of single pixels with a stride: down the image would be fewer issues. */
static void pixels_of_a_part(net *n)
{
    const uint32_t a = net_conv(n, n->x, 32, 1), b = net_conv(n, n->x, 32, 3);
    net_wanted(n, net_concat2(n, a, b));
    net_wanted(n, net_every_second(n, a));
}

const view_case *view_cases_where(size_t *count)
{
    static const view_case cases[] = {
        { "long rows", long_rows, 16, 16, 2048, 16, "-", 1, 8190, 4 },
        { "too long rows", long_rows, 16, 16, 2048, 16, "c", 1, 8192, 4 },
        { "odd begin", odd_begin, 8, 8, 64, 16, "c-", 0, 0, 0 },
        { "odd pixel", odd_pixel, 8, 8, 64, 16, "c-", 0, 0, 0 },
        { "odd SLICE", odd_slice, 8, 8, 64, 16, "c-", 0, 0, 0 },
        { "odd CONCAT inside", odd_concat_inside, 8, 8, 64, 16, "cs-", 0, 0, 0 },
        { "nested", nested, 8, 8, 64, 16, "---", 0, 0, 0 },
        { "one input", one_input, 8, 8, 64, 16, "--", 0, 0, 0 },
        { "lies there", lies_there, 8, 8, 64, 16, "---", 0, 0, 0 },
        { "lies the other way", lies_the_other_way, 8, 8, 64, 16, "c--", 0, 0, 0 },
        { "lies there, wanted", lies_there_but_wanted, 8, 8, 64, 16, "c--", 0, 0, 0 },
        { "lies in two", lies_in_two, 8, 8, 64, 16, "-c--", 0, 0, 0 },
        { "nothing moves in", nothing_moves_in, 8, 8, 64, 16, "c-", 0, 0, 0 },
        { "step", slice_with_step, 8, 8, 64, 16, "c-", 0, 0, 0 },
        { "SLICE of rows", slice_of_rows, 8, 8, 64, 16, "c-", 0, 0, 0 },
        { "SLICE of a pool", slice_of_pool, 8, 8, 64, 16, "c-", 0, 0, 0 },
        { "SLICE for a pool", slice_for_a_pool, 8, 8, 64, 16, "c-", 0, 0, 0 },
        { "SLICE wanted", slice_wanted, 8, 8, 64, 16, "c-", 0, 0, 0 },
        { "SLICE in CONCAT", slice_into_concat, 8, 8, 64, 16, "--s-", 0, 0, 0 },
        { "pairs of a part", pairs_of_a_part, 16, 16, 256, 8, "-", 16, 16, 32 },
        { "pixels of a part", pixels_of_a_part, 7, 5, 64, 16, "-", 4, 16, 32 },
        { "tall kernel", tall_kernel_writes, 8, 8, 64, 16, "-", 24, 20, 32 },
        { "residual", residual, 8, 8, 64, 16, "", 20, 20, 32 },
        { "one area", chain_in_one_area, 8, 8, 64, 16, "-", 24, 24, 32 },
    };
    *count = sizeof cases / sizeof *cases;
    return cases;
}
