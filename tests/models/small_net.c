/* Small networks for tests of the compiler; see small_net.h. */
#include "small_net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void net_begin(net *n, uint64_t seed, uint32_t h, uint32_t w, uint32_t c)
{
    static const gen_options none = { 0 };
    *n = (net){ .r = rng_make(seed), .h = h, .w = w };
    n->s.r = &n->r;
    n->s.o = &none;
    n->s.kind = WEFT_REQUANT_TFLITE;
    n->s.rc = weft_graph_new(&n->s.g);
    if (n->s.rc == WEFT_OK)
        n->x = net_image(n, h, w, c);
}

int net_end(net *n, weft_error *err)
{
    int rc = n->s.rc;
    for (uint32_t i = 0; rc == WEFT_OK && i <= n->out_count; i++) {
        const uint32_t tensor = i ? n->out[i - 1] : n->x;
        weft_port port = { .name = "p", .dtype = WEFT_INT8, .perm = { 0, 1, 2, 3, 4, 5 } };
        port.tensor = tensor;
        port.rank = net_at(n, tensor)->rank;
        memcpy(port.dims, net_at(n, tensor)->dims, sizeof port.dims);
        rc = i ? weft_graph_add_output(n->s.g, &port) : weft_graph_add_input(n->s.g, &port);
    }
    return rc == WEFT_OK ? weft_graph_check(n->s.g, err) : rc;
}

uint32_t net_tensor(net *n, uint32_t rank, const uint32_t *dims)
{
    return gen_activation(&n->s, rank, dims, NET_SCALE, NET_ZERO);
}

uint32_t net_image(net *n, uint32_t h, uint32_t w, uint32_t c)
{
    return net_tensor(n, 4, (uint32_t[]){ 1, h, w, c });
}

const weft_tensor *net_at(const net *n, uint32_t tensor)
{
    return &n->s.g->tensors[tensor];
}

uint32_t net_add(net *n, weft_op op, uint32_t count, const uint32_t *in, uint32_t y,
                 const void *attr)
{
    gen_add_node(&n->s, op, count, in, y, attr);
    return y;
}

static uint32_t weights(net *n, const uint32_t *dims, int32_t zp)
{
    const uint32_t taps = dims[1] * dims[2] * dims[3];
    const float s = 1.0f / (100.0f * sqrtf((float)taps));
    weft_tensor_desc d = { .name = "w", .dtype = WEFT_INT8, .rank = 4, .quant = { 1, 0, &s, &zp } };
    int8_t *data = malloc((size_t)dims[0] * taps);
    for (uint32_t i = 0; data && i < dims[0] * taps; i++)
        data[i] = (int8_t)rng_range(&n->r, -127, 127);
    memcpy(d.dims, dims, sizeof *dims * 4);
    d.data = data;
    const uint32_t w = gen_add_tensor(&n->s, &d);
    free(data);
    return w;
}

uint32_t net_conv_any(net *n, uint32_t x, uint32_t co, uint32_t kh, uint32_t kw, uint32_t stride,
                      uint32_t groups, int32_t zp)
{
    const uint32_t h = net_at(n, x)->dims[1], w = net_at(n, x)->dims[2], ci = net_at(n, x)->dims[3];
    const uint32_t dims[] = { co, kh, kw, ci / groups };
    const uint32_t y = net_image(n, (h - 1) / stride + 1, (w - 1) / stride + 1, co);
    const weft_conv_2d a = { { kh, kw, stride, stride, 1, 1, kh / 2, kw / 2, kh / 2, kw / 2 },
                             groups,
                             { -128, 127 } };
    return net_add(n, WEFT_OP_CONV_2D, 2, (uint32_t[]){ x, weights(n, dims, zp) }, y, &a);
}

uint32_t net_every_second(net *n, uint32_t x)
{
    const uint32_t h = net_at(n, x)->dims[1], w = net_at(n, x)->dims[2], c = net_at(n, x)->dims[3];
    const weft_conv_2d a = { .window = { 1, 1, 1, 2, 1, 1, 0, 0, 0, 0 },
                             .groups = c,
                             .clamp = { -128, 127 } };
    const uint32_t in[] = { x, weights(n, (uint32_t[]){ c, 1, 1, 1 }, 0) };
    return net_add(n, WEFT_OP_CONV_2D, 2, in, net_image(n, h, (w - 1) / 2 + 1, c), &a);
}

uint32_t net_conv(net *n, uint32_t x, uint32_t co, uint32_t k)
{
    return net_conv_any(n, x, co, k, k, 1, 1, 0);
}

uint32_t net_concat(net *n, uint32_t count, const uint32_t *in)
{
    const weft_concat channels = { 3 };
    uint32_t all = 0;
    for (uint32_t i = 0; i < count; i++)
        all += net_at(n, in[i])->dims[3];
    const uint32_t y = net_image(n, net_at(n, in[0])->dims[1], net_at(n, in[0])->dims[2], all);
    return net_add(n, WEFT_OP_CONCAT, count, in, y, &channels);
}

uint32_t net_concat2(net *n, uint32_t a, uint32_t b)
{
    return net_concat(n, 2, (uint32_t[]){ a, b });
}

uint32_t net_slice(net *n, uint32_t x, uint32_t from, uint32_t count)
{
    const weft_slice a = { { 0, 0, 0, from }, { 1, 1, 1, 1 } };
    const uint32_t y = net_image(n, net_at(n, x)->dims[1], net_at(n, x)->dims[2], count);
    return net_add(n, WEFT_OP_SLICE, 1, &x, y, &a);
}

uint32_t net_same(net *n, weft_op op, uint32_t count, const uint32_t *in, const void *attr)
{
    const uint32_t *d = net_at(n, in[0])->dims;
    return net_add(n, op, count, in, net_image(n, d[1], d[2], d[3]), attr);
}

uint32_t net_sum(net *n, uint32_t a, uint32_t b)
{
    return net_same(n, WEFT_OP_ADD, 2, (uint32_t[]){ a, b },
                    &(weft_elementwise){ { -128, 127 }, 0 });
}

uint32_t net_table(net *n, uint32_t x, int step)
{
    int8_t entries[256];
    const uint32_t y = net_tensor(n, net_at(n, x)->rank, net_at(n, x)->dims);
    for (int i = 0; i < 256; i++)
        entries[i] = (int8_t)(step ? i * step % 256 - 128 : i - 128);
    return net_add(n, WEFT_OP_TABLE, 1, &x, y, &(weft_table){ entries });
}

uint32_t net_pool(net *n, uint32_t x)
{
    const uint32_t h = net_at(n, x)->dims[1], w = net_at(n, x)->dims[2], c = net_at(n, x)->dims[3];
    const weft_pool_2d a = { .window = { h, w, 1, 1, 1, 1, 0, 0, 0, 0 }, .clamp = { -128, 127 } };
    return net_add(n, WEFT_OP_MAX_POOL_2D, 1, &x, net_image(n, 1, 1, c), &a);
}

uint32_t net_pad(net *n, uint32_t x)
{
    const weft_pad a = { { 0, 1, 1, 0 }, { 0, 1, 1, 0 }, NET_ZERO };
    const uint32_t *d = net_at(n, x)->dims;
    return net_add(n, WEFT_OP_PAD, 1, &x, net_image(n, d[1] + 2, d[2] + 2, d[3]), &a);
}

uint32_t net_prelu(net *n, uint32_t x)
{
    const float s = 0.01f;
    const int32_t zp = 0;
    int8_t alpha[64];
    const uint32_t c = net_at(n, x)->dims[3];
    for (uint32_t i = 0; i < c; i++)
        alpha[i] = (int8_t)rng_range(&n->r, -127, 127);
    const weft_tensor_desc d = { .name = "alpha",
                                 .dtype = WEFT_INT8,
                                 .rank = 1,
                                 .dims = { c },
                                 .quant = { 1, 0, &s, &zp },
                                 .data = alpha };
    return net_same(n, WEFT_OP_PRELU, 2, (uint32_t[]){ x, gen_add_tensor(&n->s, &d) }, NULL);
}

void net_wanted(net *n, uint32_t tensor)
{
    n->out[n->out_count++] = tensor;
}

void net_host_runs(net *n)
{
    n->on_host[n->s.g->node_count - 1] = 1;
}
