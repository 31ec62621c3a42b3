/* Random convolutions, pools, sums and copies; see gen_private.h. */
#include <stdlib.h>
#include <string.h>

#include "gen_private.h"

/* --- operators --- */

static uint32_t steps(uint32_t in, uint32_t pads, uint32_t extent, uint32_t stride)
{
    return in + pads < extent ? 0 : (in + pads - extent) / stride + 1;
}

/* A window that fits h x w; the kernel as large as `reach` at most. */
static int window(gen *s, uint32_t h, uint32_t w, uint32_t reach, int pads_below_kernel,
                  weft_window *out, uint32_t *ho, uint32_t *wo)
{
    const int square = gen_one_in(s, 2), dilated = gen_one_in(s, 5), far = gen_one_in(s, 8);
    const uint32_t stride_max = far ? 7 : gen_one_in(s, 2) ? 1 : 3;
    weft_window v = { gen_pick(s, 1, reach),
                      gen_pick(s, 1, reach),
                      gen_pick(s, 1, stride_max),
                      gen_pick(s, 1, stride_max),
                      1,
                      1,
                      0,
                      0,
                      0,
                      0 };
    if (square) {
        v.kernel_w = v.kernel_h;
        v.stride_w = v.stride_h;
    }
    if (dilated) {
        v.dilation_h = gen_pick(s, 1, 4);
        v.dilation_w = gen_pick(s, 1, 4);
    }
    if (!gen_one_in(s, 3)) {
        uint32_t most_h = pads_below_kernel ? v.kernel_h - 1 : v.kernel_h;
        uint32_t most_w = pads_below_kernel ? v.kernel_w - 1 : v.kernel_w;
        v.pad_top = gen_pick(s, 0, most_h);
        v.pad_bottom = gen_pick(s, 0, most_h);
        v.pad_left = gen_pick(s, 0, most_w);
        v.pad_right = gen_pick(s, 0, most_w);
    }
    *ho = steps(h, v.pad_top + v.pad_bottom, v.dilation_h * (v.kernel_h - 1) + 1, v.stride_h);
    *wo = steps(w, v.pad_left + v.pad_right, v.dilation_w * (v.kernel_w - 1) + 1, v.stride_w);
    *out = v;
    return *ho && *wo;
}

static uint32_t divisor(gen *s, uint32_t n)
{
    for (uint32_t tries = 0; tries < 20; tries++) {
        uint32_t d = gen_pick(s, 1, n);
        if (n % d == 0)
            return d;
    }
    return gen_one_in(s, 2) ? 1 : n;
}

static int add_conv(gen *s)
{
    const weft_tensor x = *gen_end(s);
    const uint32_t in = gen_end_index(s);
    const uint64_t most = s->o->most_macs ? s->o->most_macs : 2000000;
    weft_conv_2d a = { .clamp = gen_clamp(s) };
    uint32_t ho, wo, ci = x.dims[3], co;
    if (x.rank != 4 ||
        !window(s, x.dims[1], x.dims[2], gen_one_in(s, 4) ? 17 : 5, 0, &a.window, &ho, &wo))
        return 0;
    uint32_t style = gen_pick(s, 0, 3); /* 0, 1 one group, 2 depthwise, 3 groups */
    a.groups = style < 2 ? 1 : style == 2 ? ci : divisor(s, ci);
    co = style < 2 ? gen_pick(s, 1, gen_one_in(s, 3) ? 70 : 20)
                   : a.groups * gen_pick(s, 1, gen_one_in(s, 2) ? 1 : 4);
    uint64_t taps = (uint64_t)a.window.kernel_h * a.window.kernel_w * (ci / a.groups);
    if ((uint64_t)ho * wo * co * taps > most || (uint64_t)ho * wo * co > s->o->most_elements)
        return 0;
    const uint32_t dims[] = { co, a.window.kernel_h, a.window.kernel_w, ci / a.groups };
    constants c = gen_weights(s, 4, dims, gen_scale(&x));
    const uint32_t y_dims[] = { 1, ho, wo, co };
    float scale = gen_output_scale(s, gen_scale(&x), c.largest_scale, (double)taps);
    uint32_t y = gen_activation(s, 4, y_dims, scale, gen_zero_point(s));
    gen_add_node(s, WEFT_OP_CONV_2D, 3, (uint32_t[]){ in, c.w, c.b }, y, &a);
    return 1;
}

static int add_transpose_conv(gen *s)
{
    const weft_tensor x = *gen_end(s);
    const uint32_t in = gen_end_index(s);
    weft_conv_2d a = { .clamp = gen_clamp(s) };
    weft_window *w = &a.window;
    if (x.rank != 4)
        return 0;
    *w = (weft_window){ .kernel_h = gen_pick(s, 1, 5),
                        .kernel_w = gen_pick(s, 1, 5),
                        .stride_h = gen_pick(s, 1, 4),
                        .stride_w = gen_pick(s, 1, 4),
                        .dilation_h = gen_one_in(s, 4) ? gen_pick(s, 1, 3) : 1,
                        .dilation_w = gen_one_in(s, 4) ? gen_pick(s, 1, 3) : 1 };
    w->pad_top = gen_pick(s, 0, w->kernel_h - 1);
    w->pad_left = gen_pick(s, 0, w->kernel_w - 1);
    uint32_t h = (x.dims[1] - 1) * w->stride_h + w->dilation_h * (w->kernel_h - 1) + 1;
    uint32_t c = (x.dims[2] - 1) * w->stride_w + w->dilation_w * (w->kernel_w - 1) + 1;
    h = h > w->pad_top + 1 ? h - w->pad_top - gen_pick(s, 0, 1) : 1;
    c = c > w->pad_left + 1 ? c - w->pad_left : 1;
    c += gen_one_in(s, 3) ? gen_pick(s, 0, 2) : 0;
    a.groups = gen_one_in(s, 2) ? 1 : divisor(s, x.dims[3]);
    const uint32_t ci = x.dims[3] / a.groups,
                   co = a.groups * gen_pick(s, 1, gen_one_in(s, 2) ? 4 : 2);
    const uint64_t taps = (uint64_t)w->kernel_h * w->kernel_w * ci;
    if ((uint64_t)h * c * co > s->o->most_elements || (uint64_t)h * c * co * taps > 1000000)
        return 0;
    const uint32_t dims[] = { co, w->kernel_h, w->kernel_w, ci };
    constants k = gen_weights(s, 4, dims, gen_scale(&x));
    float scale = gen_output_scale(s, gen_scale(&x), k.largest_scale, (double)taps);
    uint32_t y = gen_activation(s, 4, (uint32_t[]){ 1, h, c, co }, scale, gen_zero_point(s));
    gen_add_node(s, WEFT_OP_TRANSPOSE_CONV, 3, (uint32_t[]){ in, k.w, k.b }, y, &a);
    return 1;
}

static uint32_t elements(const weft_tensor *t)
{
    return (uint32_t)weft_tensor_elements(t);
}

static void add_reshape(gen *s, uint32_t rank, const uint32_t *dims)
{
    const uint32_t in = gen_end_index(s), y = gen_like_end(s, rank, dims);
    gen_add_node(s, WEFT_OP_RESHAPE, 1, &in, y, NULL);
}

static int add_fully_connected(gen *s)
{
    if (gen_end(s)->rank != 2) {
        uint32_t all = elements(gen_end(s)), m = gen_one_in(s, 4) ? divisor(s, all) : 1;
        if (s->o->most_nodes > 1 || s->count > 1)
            add_reshape(s, 2, (uint32_t[]){ m, all / m });
        else
            return 0;
    }
    if (s->rc != WEFT_OK)
        return 1;
    const weft_tensor x = *gen_end(s);
    const uint32_t in = gen_end_index(s);
    const uint32_t dims[] = { gen_pick(s, 1, gen_one_in(s, 3) ? 100 : 20), x.dims[1] };
    constants c = gen_weights(s, 2, dims, gen_scale(&x));
    float scale = gen_output_scale(s, gen_scale(&x), c.largest_scale, (double)x.dims[1]);
    uint32_t y = gen_activation(s, 2, (uint32_t[]){ x.dims[0], dims[0] }, scale, gen_zero_point(s));
    const weft_fully_connected a = { gen_clamp(s) };
    gen_add_node(s, WEFT_OP_FULLY_CONNECTED, 3, (uint32_t[]){ in, c.w, c.b }, y, &a);
    return 1;
}

/* As ONNX Runtime adds in float32. */
static void draw_adding(gen *s, const weft_tensor *x, weft_pool_2d *a)
{
    const int whole = a->window.kernel_h == x->dims[1] && a->window.kernel_w == x->dims[2];
    a->adding = gen_one_in(s, 2) ? WEFT_ADD_ROWS : WEFT_ADD_COLUMNS;
    if (whole && !a->window.pad_top && !a->window.pad_left && !a->window.pad_bottom &&
        !a->window.pad_right && a->window.dilation_h * a->window.dilation_w == 1)
        a->adding = WEFT_ADD_LANES;
    a->zero_first = gen_one_in(s, 2);
    a->offset = a->zero_first && gen_one_in(s, 2) ? 128 : 0;
}

static int add_pool(gen *s, int average)
{
    const weft_tensor x = *gen_end(s);
    const uint32_t in = gen_end_index(s);
    weft_pool_2d a = { .clamp = gen_clamp(s) };
    uint32_t ho, wo;
    if (x.rank != 4 ||
        !window(s, x.dims[1], x.dims[2], gen_one_in(s, 4) ? 11 : 4, 1, &a.window, &ho, &wo))
        return 0;
    if (gen_one_in(s, 5)) { /* over the whole image */
        a.window = (weft_window){ x.dims[1], x.dims[2], 1, 1, 1, 1, 0, 0, 0, 0 };
        ho = wo = 1;
    }
    if ((uint64_t)ho * wo * x.dims[3] > s->o->most_elements)
        return 0;
    float scale = gen_scale(&x);
    int32_t zp = gen_zero_of(&x);
    if (average && s->kind == WEFT_REQUANT_ONNX) {
        a.count_include_pad = gen_one_in(s, 2);
        scale *= gen_one_in(s, 2) ? 1.0f : gen_real(s, 0.25, 4.0);
        zp = gen_zero_point(s);
        if (gen_one_in(s, 2))
            draw_adding(s, &x, &a);
    }
    uint32_t y = gen_activation(s, 4, (uint32_t[]){ 1, ho, wo, x.dims[3] }, scale, zp);
    gen_add_node(s, average ? WEFT_OP_AVERAGE_POOL_2D : WEFT_OP_MAX_POOL_2D, 1, &in, y, &a);
    return 1;
}

static void sum_of(gen *s, const uint32_t *in)
{
    const weft_tensor x = s->g->tensors[in[0]];
    double a = (double)gen_scale(&s->g->tensors[in[0]]),
           b = (double)gen_scale(&s->g->tensors[in[1]]);
    float scale =
        (float)((a > b ? a : b) * (double)(gen_one_in(s, 4) ? 2.0f : gen_real(s, 0.5, 3.0)));
    uint32_t y = gen_activation(s, x.rank, x.dims, scale, gen_zero_point(s));
    const weft_elementwise attr = { gen_clamp(s),
                                    s->kind == WEFT_REQUANT_ONNX && gen_one_in(s, 2) ? 128 : 0 };
    gen_add_node(s, WEFT_OP_ADD, 2, in, y, &attr);
}

/* The sum of the end and an earlier tensor of its shape (itself if there is no other). */
static int add_add(gen *s)
{
    const weft_tensor x = *gen_end(s);
    uint32_t in[2] = { gen_end_index(s), gen_end_index(s) };
    for (uint32_t i = 0; i + 1 < s->count; i++) {
        const weft_tensor *t = &s->g->tensors[s->tensors[i]];
        if (t->rank == x.rank && memcmp(t->dims, x.dims, x.rank * sizeof *x.dims) == 0 &&
            (in[0] == in[1] || gen_one_in(s, 2)))
            in[gen_one_in(s, 2)] = s->tensors[i];
    }
    sum_of(s, in);
    return 1;
}

int gen_table(gen *s)
{
    const weft_tensor x = *gen_end(s);
    const uint32_t in = gen_end_index(s);
    int8_t entries[256];
    for (unsigned i = 0; i < 256; i++)
        entries[i] = (int8_t)((int32_t)gen_pick(s, 0, 255) - 128);
    uint32_t y = gen_activation(s, x.rank, x.dims, gen_real(s, 0.01, 1.0), gen_zero_point(s));
    const weft_table a = { entries };
    gen_add_node(s, WEFT_OP_TABLE, 1, &in, y, &a);
    return 1;
}

static int add_shape(gen *s)
{
    const weft_tensor x = *gen_end(s);
    uint32_t all = elements(&x), c = divisor(s, all), w = divisor(s, all / c);
    if (gen_one_in(s, 2)) {
        add_reshape(s, 4, (uint32_t[]){ 1, all / c / w, w, c });
        return 1;
    }
    const uint32_t in = gen_end_index(s);
    static const uint32_t perms[3][4] = { { 0, 3, 1, 2 }, { 0, 2, 3, 1 }, { 0, 2, 1, 3 } };
    weft_transpose a = { { 0 } };
    uint32_t dims[4];
    if (x.rank != 4)
        return 0;
    memcpy(a.perm, perms[gen_pick(s, 0, 2)], sizeof perms[0]);
    for (unsigned i = 0; i < 4; i++)
        dims[i] = x.dims[a.perm[i]];
    uint32_t y = gen_like_end(s, 4, dims);
    gen_add_node(s, WEFT_OP_TRANSPOSE, 1, &in, y, &a);
    return 1;
}

/* A convolution or pool that keeps the shape, at times a table behind it, and a sum with what it
 * came from: the compiler makes one layer of them. */
static int add_residual(gen *s)
{
    const weft_tensor x = *gen_end(s);
    const uint32_t in = gen_end_index(s), reach = gen_one_in(s, 4) ? 4 : 1;
    if (x.rank != 4 || s->count + 3 > MAX_NODES)
        return 0;
    const uint32_t kh = 2 * gen_pick(s, 0, reach) + 1, kw = 2 * gen_pick(s, 0, reach) + 1,
                   ci = x.dims[3];
    weft_conv_2d a = { .window = { kh, kw, 1, 1, 1, 1, kh / 2, kw / 2, kh / 2, kw / 2 },
                       .groups = gen_one_in(s, 2) ? 1 : divisor(s, ci),
                       .clamp = gen_clamp(s) };
    const uint32_t dims[] = { ci, kh, kw, ci / a.groups };
    const uint64_t taps = (uint64_t)kh * kw * dims[3];
    if (elements(&x) * taps > (s->o->most_macs ? s->o->most_macs : 2000000))
        return 0;
    constants c = gen_weights(s, 4, dims, gen_scale(&x));
    float scale = gen_output_scale(s, gen_scale(&x), c.largest_scale, (double)taps);
    uint32_t y = gen_activation(s, 4, x.dims, scale, gen_zero_point(s));
    gen_add_node(s, WEFT_OP_CONV_2D, 3, (uint32_t[]){ in, c.w, c.b }, y, &a);
    if (s->rc == WEFT_OK && gen_one_in(s, 3))
        (void)gen_table(s);
    uint32_t both[2] = { gen_end_index(s), in };
    if (s->rc == WEFT_OK)
        sum_of(s, gen_one_in(s, 2) ? both : (uint32_t[]){ both[1], both[0] });
    if (s->rc == WEFT_OK && gen_one_in(s, 3))
        (void)gen_table(s);
    return 1;
}

int gen_any_window(gen *s)
{
    switch (gen_pick(s, 0, 16)) {
    case 16: return add_transpose_conv(s);
    case 12:
    case 13: return s->o->most_nodes > 1 ? add_residual(s) : 0;
    case 6: return add_fully_connected(s);
    case 7: return add_pool(s, 0);
    case 8: return add_pool(s, 1);
    case 9: return add_add(s);
    case 10: return gen_table(s);
    case 11: return add_shape(s);
    default: return gen_end(s)->rank == 4 ? add_conv(s) : add_fully_connected(s);
    }
}
