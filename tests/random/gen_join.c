/* Random networks of CONCAT and SLICE: tensors of one image size and quantisation, made and read by
 * every operator that can work on part of the channels of an area, and by some that cannot; see
 * gen_private.h.  Channels mostly begin where a memory port can. */
#include <string.h>

#include "gen_private.h"

enum { MOST_PARTS = 4 };

static int is_alike(const weft_tensor *a, const weft_tensor *b)
{
    return a->rank == 4 && b->rank == 4 && memcmp(a->dims, b->dims, 3 * sizeof *a->dims) == 0 &&
           gen_scale(a) == gen_scale(b) &&
           weft_quant_zero_point(&a->quant, 0) == weft_quant_zero_point(&b->quant, 0);
}

static const weft_tensor *tensor_of(const gen *s, uint32_t number)
{
    return &s->g->tensors[s->tensors[number]];
}

/* A tensor like the first one, mostly a late one. */
static uint32_t any_alike(gen *s)
{
    for (uint32_t tries = 0; tries < 20; tries++) {
        const uint32_t lo = gen_one_in(s, 2) && s->count > 3 ? s->count - 3 : 0;
        const uint32_t k = gen_pick(s, lo, s->count - 1);
        if (is_alike(tensor_of(s, k), tensor_of(s, 0)))
            return k;
    }
    return 0;
}

static uint32_t channels(gen *s)
{
    static const uint32_t units[] = { 4, 8, 16, 16, 16, 32 };
    return gen_one_in(s, 8) ? gen_pick(s, 1, 40)
                            : units[gen_pick(s, 0, 5)] * gen_pick(s, 1, gen_one_in(s, 3) ? 3 : 1);
}

static uint32_t like_first(gen *s, uint32_t c)
{
    const weft_tensor x = *tensor_of(s, 0);
    const uint32_t dims[] = { 1, x.dims[1], x.dims[2], c };
    return gen_activation(s, 4, dims, gen_scale(&x), weft_quant_zero_point(&x.quant, 0));
}

static int too_large(const gen *s, uint32_t c)
{
    const uint32_t *d = tensor_of(s, 0)->dims;
    return d[1] * d[2] * c > 2 * s->o->most_elements;
}

/* An odd kernel that keeps the size. */
static weft_window same_window(gen *s, uint32_t most)
{
    weft_window w = { 1, 1, 1, 1, 1, 1, 0, 0, 0, 0 };
    if (!gen_one_in(s, 2)) {
        w.kernel_h = 1 + 2 * gen_pick(s, 0, most);
        w.kernel_w = 1 + 2 * gen_pick(s, 0, most);
        w.dilation_h = gen_one_in(s, 5) ? 2 : 1;
        w.dilation_w = gen_one_in(s, 5) ? 2 : 1;
    }
    w.pad_top = w.pad_bottom = w.kernel_h / 2 * w.dilation_h;
    w.pad_left = w.pad_right = w.kernel_w / 2 * w.dilation_w;
    return w;
}

static void conv(gen *s, uint32_t from)
{
    const weft_tensor x = *tensor_of(s, from);
    const uint32_t in = s->tensors[from], ci = x.dims[3];
    const int depthwise = gen_one_in(s, 3);
    const uint32_t co = depthwise ? ci : channels(s);
    const weft_conv_2d a = { .window = same_window(s, 1),
                             .groups = depthwise ? ci : 1,
                             .clamp = gen_clamp(s) };
    const uint32_t dims[] = { co, a.window.kernel_h, a.window.kernel_w, depthwise ? 1 : ci };
    const uint64_t macs = weft_tensor_elements(&x) / ci * co * dims[1] * dims[2] * dims[3];
    if (too_large(s, co) || macs > s->o->most_macs)
        return;
    constants c = gen_weights(s, 4, dims, gen_scale(&x));
    const uint32_t y = like_first(s, co);
    gen_add_node(s, WEFT_OP_CONV_2D, 3, (uint32_t[]){ in, c.w, c.b }, y, &a);
}

/* One that others cannot be joined with: every second pixel or row. */
static void far_conv(gen *s, uint32_t from)
{
    const weft_tensor x = *tensor_of(s, from);
    const uint32_t in = s->tensors[from], c = x.dims[3];
    const int depthwise = !gen_one_in(s, 3);
    weft_conv_2d a = { .window = same_window(s, 1),
                       .groups = depthwise ? c : 1,
                       .clamp = gen_clamp(s) };
    const uint32_t k = depthwise ? 1 : c, co = depthwise ? c : gen_pick(s, 1, 20);
    a.window.stride_h = gen_pick(s, 1, 2);
    a.window.stride_w = 2;
    const uint32_t dims[] = { co, a.window.kernel_h, a.window.kernel_w, k };
    const uint32_t out[] = { 1, (x.dims[1] - 1) / a.window.stride_h + 1, (x.dims[2] - 1) / 2 + 1,
                             co };
    constants w = gen_weights(s, 4, dims, gen_scale(&x));
    const uint32_t y = gen_activation(s, 4, out, gen_scale(&x), gen_zero_point(s));
    gen_add_node(s, WEFT_OP_CONV_2D, 3, (uint32_t[]){ in, w.w, w.b }, y, &a);
}

static void pool(gen *s, uint32_t from)
{
    const uint32_t in = s->tensors[from], y = like_first(s, tensor_of(s, from)->dims[3]);
    const weft_pool_2d a = { .window = same_window(s, 1), .clamp = gen_clamp(s) };
    gen_add_node(s, gen_one_in(s, 3) ? WEFT_OP_AVERAGE_POOL_2D : WEFT_OP_MAX_POOL_2D, 1, &in, y,
                 &a);
}

static void sum(gen *s, uint32_t from)
{
    static const weft_op ops[] = { WEFT_OP_ADD, WEFT_OP_SUB, WEFT_OP_MUL, WEFT_OP_MINIMUM,
                                   WEFT_OP_MAXIMUM };
    const weft_tensor x = *tensor_of(s, from);
    uint32_t other = from;
    for (uint32_t k = 0; k < s->count; k++) {
        const weft_tensor *t = tensor_of(s, k);
        if (k != from && is_alike(t, &x) && t->dims[3] == x.dims[3] && gen_one_in(s, 2))
            other = k;
    }
    const weft_elementwise a = { .clamp = gen_clamp(s) };
    const uint32_t in[] = { s->tensors[from], s->tensors[other] };
    const uint32_t y = like_first(s, x.dims[3]);
    gen_add_node(s, ops[gen_pick(s, 0, 4)], 2, in, y, &a);
}

/* Of images of one pixel: one repeated, and another as the factor of each of its channels. */
static void gate(gen *s, uint32_t from)
{
    const weft_tensor x = *tensor_of(s, from);
    const uint32_t none[] = { 0, 0, 0 }, dims[] = { 1, 2, 3, x.dims[3] };
    const weft_resize_nearest repeat = { none, none };
    const weft_elementwise a = { .clamp = { -128, 127 } };
    uint32_t other = from;
    if (x.dims[1] * x.dims[2] > 1)
        return;
    for (uint32_t tries = 0; tries < 8; tries++) {
        const uint32_t k = any_alike(s);
        other = tensor_of(s, k)->dims[3] == x.dims[3] ? k : other;
    }
    const int32_t zp = weft_quant_zero_point(&x.quant, 0);
    const uint32_t in[] = { gen_activation(s, 4, dims, gen_scale(&x), zp), s->tensors[other] };
    gen_add_node(s, WEFT_OP_RESIZE_NEAREST, 1, &s->tensors[from], in[0], &repeat);
    const uint32_t y = gen_activation(s, 4, dims, gen_scale(&x), zp);
    gen_add_node(s, WEFT_OP_ADD, 2, in, y, &a);
}

/* Of different tensors, with repetitions; or some inputs of the CONCAT before, in their order or
 * the other, and more. */
static void concat(gen *s)
{
    const weft_concat a = { gen_one_in(s, 8) ? gen_pick(s, 1, 2) : 3 };
    uint32_t in[WEFT_MAX_INPUTS], count = 0, all = 0, dims[4];
    uint32_t more = gen_pick(s, 1, MOST_PARTS - 1);
    const weft_node *last = NULL;
    for (uint32_t i = 0; i < s->g->node_count; i++)
        if (s->g->nodes[i].op == WEFT_OP_CONCAT)
            last = &s->g->nodes[i];
    if (last && last->attr.concat.axis == a.axis && last->input_count < 8 && gen_one_in(s, 3)) {
        const uint32_t skip = gen_one_in(s, 3) ? gen_pick(s, 0, last->input_count - 1) : 0;
        const int backwards = gen_one_in(s, 4);
        for (uint32_t n = last->input_count - skip; count < n; count++)
            in[count] = last->inputs[backwards ? n - 1 - count : skip + count];
        more = gen_pick(s, 0, 2);
    }
    for (uint32_t n = more; n > 0 || count<2; n -= n> 0)
        in[count++] = s->tensors[any_alike(s)];
    for (uint32_t i = 0; i < count; i++) {
        const weft_tensor *t = &s->g->tensors[in[i]];
        if (a.axis != 3 && t->dims[3] != s->g->tensors[in[0]].dims[3])
            return;
        if (!is_alike(t, tensor_of(s, 0)))
            return;
        all += t->dims[a.axis];
    }
    memcpy(dims, s->g->tensors[in[0]].dims, sizeof dims);
    dims[a.axis] = all;
    if (dims[1] * dims[2] * dims[3] > 4 * s->o->most_elements)
        return;
    const weft_tensor x = *tensor_of(s, 0);
    const uint32_t y =
        gen_activation(s, 4, dims, gen_scale(&x), weft_quant_zero_point(&x.quant, 0));
    gen_add_node(s, WEFT_OP_CONCAT, count, in, y, &a);
}

/* The channels in two or three parts, each the output of a SLICE. */
static void split(gen *s, uint32_t from)
{
    const uint32_t c = tensor_of(s, from)->dims[3], parts = gen_pick(s, 1, 3);
    const uint32_t unit = gen_one_in(s, 8) ? 1 : c % 16 ? 4 : 16, in = s->tensors[from];
    for (uint32_t i = 0, at = 0; i < parts && at < c && s->rc == WEFT_OK; i++) {
        const uint32_t units = (c - at + unit - 1) / unit, most = units * unit;
        uint32_t take = i + 1 == parts && gen_one_in(s, 2) ? most : unit * gen_pick(s, 1, units);
        take = take > c - at ? c - at : take;
        const weft_slice a = { { 0, 0, 0, at }, { 1, 1, 1, 1 } };
        const uint32_t y = like_first(s, take);
        gen_add_node(s, WEFT_OP_SLICE, 1, &in, y, &a);
        at += take;
    }
}

/* An operator of another generator reads the tensor. */
static void other(gen *s, uint32_t from)
{
    const uint32_t end = s->tensors[s->count - 1], count = s->count;
    if (count + 2 > MAX_NODES)
        return;
    s->tensors[s->count++] = s->tensors[from];
    (void)(gen_one_in(s, 3)   ? gen_any_elementwise(s)
           : gen_one_in(s, 2) ? gen_any_move(s)
                              : gen_any_window(s));
    if (s->count <= MAX_NODES)
        memmove(&s->tensors[count], &s->tensors[count + 1],
                (s->count - count - 1) * sizeof *s->tensors);
    s->count--;
    if (s->count == count)
        s->tensors[count - 1] = end;
}

void gen_join(gen *s)
{
    const uint32_t from = any_alike(s);
    switch (gen_pick(s, 0, 13)) {
    case 13: gate(s, from); return;
    case 12: far_conv(s, from); return;
    case 0:
    case 1:
    case 2:
    case 3: conv(s, from); return;
    case 4: pool(s, from); return;
    case 5: sum(s, from); return;
    case 6: other(s, from); return;
    case 7: split(s, from); return;
    default: concat(s); return;
    }
}

void gen_join_first(gen *s)
{
    const uint32_t most = gen_one_in(s, 8) ? 1 : 12;
    const int wide = gen_one_in(s, 12); /* steps from row to row of more than a field holds */
    const uint32_t h = wide ? gen_pick(s, 1, 3) : gen_pick(s, 1, most);
    const uint32_t w = wide ? gen_pick(s, 100, 400) : gen_pick(s, 1, most);
    const uint32_t dims[] = { 1, h, w, wide ? 4 : channels(s) };
    s->tensors[s->count++] = gen_activation(s, 4, dims, gen_real(s, 0.01, 0.2), gen_zero_point(s));
}
