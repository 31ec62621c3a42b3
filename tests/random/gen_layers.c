/* Random networks; see gen_layers.h.  A network is grown at its end, tensor by tensor. */
#include "gen_layers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NODES = 32 };

typedef struct gen {
    rng *r;
    const gen_options *o;
    weft_graph *g;
    weft_requant_kind kind;
    uint32_t tensors[MAX_NODES + 1]; /* int8 activations so far, the last one is the end */
    uint32_t count;
    int rc;
} gen;

static uint32_t pick(gen *s, uint32_t lo, uint32_t hi)
{
    return (uint32_t)rng_range(s->r, (int32_t)lo, (int32_t)hi);
}

static int one_in(gen *s, uint32_t n)
{
    return pick(s, 1, n) == 1;
}

/* Log-uniform. */
static float real(gen *s, double lo, double hi)
{
    double u = rng_u32(s->r) / 4294967296.0;
    return (float)(lo * pow(hi / lo, u));
}

static int32_t zero_point(gen *s)
{
    static const int32_t ends[] = { -128, 127, 0, -1 };
    return one_in(s, 2) ? ends[pick(s, 0, 3)] : (int32_t)pick(s, 0, 255) - 128;
}

static weft_clamp clamp(gen *s)
{
    if (!one_in(s, 3))
        return (weft_clamp){ -128, 127 };
    int32_t a = zero_point(s), b = zero_point(s);
    return a < b ? (weft_clamp){ a, b } : (weft_clamp){ b, a };
}

static uint32_t add_tensor(gen *s, const weft_tensor_desc *d)
{
    uint32_t index = WEFT_NONE;
    int rc = weft_graph_add_tensor(s->g, d, &index);
    if (s->rc == WEFT_OK)
        s->rc = rc;
    return index;
}

static uint32_t activation(gen *s, uint32_t rank, const uint32_t *dims, float scale, int32_t zp)
{
    weft_tensor_desc d = {
        .name = "t", .dtype = WEFT_INT8, .rank = rank, .quant = { 1, 0, &scale, &zp }
    };
    memcpy(d.dims, dims, rank * sizeof *dims);
    return add_tensor(s, &d);
}

static void add_node(gen *s, weft_op op, uint32_t inputs, const uint32_t *in, uint32_t out,
                     const void *attr)
{
    const weft_node_desc d = { .op = op,
                               .name = weft_op_name(op),
                               .requant = s->kind,
                               .input_count = inputs,
                               .inputs = in,
                               .output = out,
                               .attr = attr };
    if (s->rc == WEFT_OK)
        s->rc = weft_graph_add_node(s->g, &d, NULL);
    if (s->rc == WEFT_OK && s->count <= MAX_NODES)
        s->tensors[s->count++] = out;
}

static const weft_tensor *end_of(const gen *s)
{
    return &s->g->tensors[s->tensors[s->count - 1]];
}

static float scale_of(const weft_tensor *t)
{
    return weft_quant_scale(&t->quant, 0);
}

/* --- weights --- */

typedef struct constants {
    uint32_t w, b;
    float largest_scale;
} constants;

static void fill_weights(gen *s, int8_t *w, size_t count)
{
    uint32_t style = pick(s, 0, 9), reach = 1u << pick(s, 0, 7);
    for (size_t i = 0; i < count; i++)
        w[i] = (int8_t)(style == 0   ? -128
                        : style == 1 ? (one_in(s, 2) ? -128 : 127)
                        : style == 2 ? (int32_t)pick(s, 0, 2 * reach - 1) - (int32_t)reach
                                     : (int32_t)pick(s, 0, 254) - 127);
}

/* Weights [co][...] with scales per tensor or channel, zero points at times, bias at times. */
static constants make_weights(gen *s, uint32_t rank, const uint32_t *dims, float scale_x)
{
    size_t count = 1;
    for (uint32_t i = 0; i < rank; i++)
        count *= dims[i];
    const uint32_t co = dims[0], scales = one_in(s, 3) ? 1 : co;
    int8_t *w = malloc(count);
    float *scale = calloc(co, sizeof *scale), *bias_scale = calloc(co, sizeof *bias_scale);
    int32_t *zp = calloc(co, sizeof *zp), *bias = calloc(co, sizeof *bias);
    const int has_zero = one_in(s, 8), has_bias = !one_in(s, 4), big = one_in(s, 6);
    constants c = { WEFT_NONE, WEFT_NONE, 0 };
    if (!w || !scale || !bias_scale || !zp || !bias) {
        s->rc = WEFT_ERR_NO_MEMORY;
        goto out;
    }
    fill_weights(s, w, count);
    for (uint32_t i = 0; i < co; i++) {
        scale[i] = real(s, 0.002, 0.02);
        zp[i] = has_zero ? zero_point(s) : 0;
        bias_scale[i] = scale_x * scale[scales == 1 ? 0 : i];
        bias[i] = big ? rng_range(s->r, -(1 << 30), 1 << 30) : rng_range(s->r, -20000, 20000);
        if (i < scales && scale[i] > c.largest_scale)
            c.largest_scale = scale[i];
    }
    weft_tensor_desc d = {
        .name = "w", .dtype = WEFT_INT8, .rank = rank, .quant = { scales, 0, scale, zp }, .data = w
    };
    memcpy(d.dims, dims, rank * sizeof *dims);
    c.w = add_tensor(s, &d);
    memset(zp, 0, co * sizeof *zp);
    d = (weft_tensor_desc){ .name = "b",
                            .dtype = WEFT_INT32,
                            .rank = 1,
                            .dims = { co },
                            .quant = { scales, 0, bias_scale, zp },
                            .data = bias };
    if (has_bias)
        c.b = add_tensor(s, &d);
out:
    free(w);
    free(scale);
    free(bias_scale);
    free(zp);
    free(bias);
    return c;
}

/* An output scale for a reduction of `taps` products: mostly such that results fill int8, at times
 * factors of exactly 1/2 .. 1/64, at times far too large or small. */
static float output_scale(gen *s, float scale_x, float scale_w, double taps)
{
    double product = (double)scale_x * (double)scale_w;
    switch (pick(s, 0, 9)) {
    case 0: return (float)(product * (1 << pick(s, 1, 6)));
    case 1: return (float)(product * ldexp(1.0, (int)pick(s, 0, 34)));
    case 2: return (float)(product / (double)(1u << pick(s, 0, 20)));
    default: return (float)(product * sqrt(taps) * (double)real(s, 20.0, 300.0));
    }
}

/* --- operators --- */

static uint32_t steps(uint32_t in, uint32_t pads, uint32_t extent, uint32_t stride)
{
    return in + pads < extent ? 0 : (in + pads - extent) / stride + 1;
}

/* A window that fits h x w; the kernel as large as `reach` at most. */
static int window(gen *s, uint32_t h, uint32_t w, uint32_t reach, int pads_below_kernel,
                  weft_window *out, uint32_t *ho, uint32_t *wo)
{
    const int square = one_in(s, 2), dilated = one_in(s, 5), far = one_in(s, 8);
    const uint32_t stride_max = far ? 7 : one_in(s, 2) ? 1 : 3;
    weft_window v = { pick(s, 1, reach),
                      pick(s, 1, reach),
                      pick(s, 1, stride_max),
                      pick(s, 1, stride_max),
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
        v.dilation_h = pick(s, 1, 4);
        v.dilation_w = pick(s, 1, 4);
    }
    if (!one_in(s, 3)) {
        uint32_t most_h = pads_below_kernel ? v.kernel_h - 1 : v.kernel_h;
        uint32_t most_w = pads_below_kernel ? v.kernel_w - 1 : v.kernel_w;
        v.pad_top = pick(s, 0, most_h);
        v.pad_bottom = pick(s, 0, most_h);
        v.pad_left = pick(s, 0, most_w);
        v.pad_right = pick(s, 0, most_w);
    }
    *ho = steps(h, v.pad_top + v.pad_bottom, v.dilation_h * (v.kernel_h - 1) + 1, v.stride_h);
    *wo = steps(w, v.pad_left + v.pad_right, v.dilation_w * (v.kernel_w - 1) + 1, v.stride_w);
    *out = v;
    return *ho && *wo;
}

static uint32_t divisor(gen *s, uint32_t n)
{
    for (uint32_t tries = 0; tries < 20; tries++) {
        uint32_t d = pick(s, 1, n);
        if (n % d == 0)
            return d;
    }
    return one_in(s, 2) ? 1 : n;
}

static int add_conv(gen *s)
{
    const weft_tensor x = *end_of(s);
    const uint32_t in = s->tensors[s->count - 1];
    const uint64_t most = s->o->most_macs ? s->o->most_macs : 2000000;
    weft_conv_2d a = { .clamp = clamp(s) };
    uint32_t ho, wo, ci = x.dims[3], co;
    if (x.rank != 4 ||
        !window(s, x.dims[1], x.dims[2], one_in(s, 4) ? 17 : 5, 0, &a.window, &ho, &wo))
        return 0;
    uint32_t style = pick(s, 0, 3); /* 0, 1 one group, 2 depthwise, 3 groups */
    a.groups = style < 2 ? 1 : style == 2 ? ci : divisor(s, ci);
    co = style < 2 ? pick(s, 1, one_in(s, 3) ? 70 : 20)
                   : a.groups * pick(s, 1, one_in(s, 2) ? 1 : 4);
    uint64_t taps = (uint64_t)a.window.kernel_h * a.window.kernel_w * (ci / a.groups);
    if ((uint64_t)ho * wo * co * taps > most || (uint64_t)ho * wo * co > s->o->most_elements)
        return 0;
    const uint32_t dims[] = { co, a.window.kernel_h, a.window.kernel_w, ci / a.groups };
    constants c = make_weights(s, 4, dims, scale_of(&x));
    const uint32_t y_dims[] = { 1, ho, wo, co };
    float scale = output_scale(s, scale_of(&x), c.largest_scale, (double)taps);
    uint32_t y = activation(s, 4, y_dims, scale, zero_point(s));
    add_node(s, WEFT_OP_CONV_2D, 3, (uint32_t[]){ in, c.w, c.b }, y, &a);
    return 1;
}

static uint32_t elements(const weft_tensor *t)
{
    return (uint32_t)weft_tensor_elements(t);
}

static void add_reshape(gen *s, uint32_t rank, const uint32_t *dims)
{
    const weft_tensor x = *end_of(s);
    const uint32_t in = s->tensors[s->count - 1];
    uint32_t y = activation(s, rank, dims, scale_of(&x), weft_quant_zero_point(&x.quant, 0));
    add_node(s, WEFT_OP_RESHAPE, 1, &in, y, NULL);
}

static int add_fully_connected(gen *s)
{
    if (end_of(s)->rank != 2) {
        uint32_t all = elements(end_of(s)), m = one_in(s, 4) ? divisor(s, all) : 1;
        if (s->o->most_nodes > 1 || s->count > 1)
            add_reshape(s, 2, (uint32_t[]){ m, all / m });
        else
            return 0;
    }
    if (s->rc != WEFT_OK)
        return 1;
    const weft_tensor x = *end_of(s);
    const uint32_t in = s->tensors[s->count - 1];
    const uint32_t dims[] = { pick(s, 1, one_in(s, 3) ? 100 : 20), x.dims[1] };
    constants c = make_weights(s, 2, dims, scale_of(&x));
    float scale = output_scale(s, scale_of(&x), c.largest_scale, (double)x.dims[1]);
    uint32_t y = activation(s, 2, (uint32_t[]){ x.dims[0], dims[0] }, scale, zero_point(s));
    const weft_fully_connected a = { clamp(s) };
    add_node(s, WEFT_OP_FULLY_CONNECTED, 3, (uint32_t[]){ in, c.w, c.b }, y, &a);
    return 1;
}

static int add_pool(gen *s, int average)
{
    const weft_tensor x = *end_of(s);
    const uint32_t in = s->tensors[s->count - 1];
    weft_pool_2d a = { .clamp = clamp(s) };
    uint32_t ho, wo;
    if (x.rank != 4 ||
        !window(s, x.dims[1], x.dims[2], one_in(s, 4) ? 11 : 4, 1, &a.window, &ho, &wo))
        return 0;
    if ((uint64_t)ho * wo * x.dims[3] > s->o->most_elements)
        return 0;
    float scale = scale_of(&x);
    int32_t zp = weft_quant_zero_point(&x.quant, 0);
    if (average && s->kind == WEFT_REQUANT_ONNX) {
        a.count_include_pad = one_in(s, 2);
        scale *= one_in(s, 2) ? 1.0f : real(s, 0.25, 4.0);
        zp = zero_point(s);
    }
    uint32_t y = activation(s, 4, (uint32_t[]){ 1, ho, wo, x.dims[3] }, scale, zp);
    add_node(s, average ? WEFT_OP_AVERAGE_POOL_2D : WEFT_OP_MAX_POOL_2D, 1, &in, y, &a);
    return 1;
}

static void sum_of(gen *s, const uint32_t *in)
{
    const weft_tensor x = s->g->tensors[in[0]];
    double a = (double)scale_of(&s->g->tensors[in[0]]), b = (double)scale_of(&s->g->tensors[in[1]]);
    float scale = (float)((a > b ? a : b) * (double)(one_in(s, 4) ? 2.0f : real(s, 0.5, 3.0)));
    uint32_t y = activation(s, x.rank, x.dims, scale, zero_point(s));
    const weft_elementwise attr = { clamp(s),
                                    s->kind == WEFT_REQUANT_ONNX && one_in(s, 2) ? 128 : 0 };
    add_node(s, WEFT_OP_ADD, 2, in, y, &attr);
}

/* The sum of the end and an earlier tensor of its shape (itself if there is no other). */
static int add_add(gen *s)
{
    const weft_tensor x = *end_of(s);
    uint32_t in[2] = { s->tensors[s->count - 1], s->tensors[s->count - 1] };
    for (uint32_t i = 0; i + 1 < s->count; i++) {
        const weft_tensor *t = &s->g->tensors[s->tensors[i]];
        if (t->rank == x.rank && memcmp(t->dims, x.dims, x.rank * sizeof *x.dims) == 0 &&
            (in[0] == in[1] || one_in(s, 2)))
            in[one_in(s, 2)] = s->tensors[i];
    }
    sum_of(s, in);
    return 1;
}

static int add_table(gen *s)
{
    const weft_tensor x = *end_of(s);
    const uint32_t in = s->tensors[s->count - 1];
    int8_t entries[256];
    for (unsigned i = 0; i < 256; i++)
        entries[i] = (int8_t)((int32_t)pick(s, 0, 255) - 128);
    uint32_t y = activation(s, x.rank, x.dims, real(s, 0.01, 1.0), zero_point(s));
    const weft_table a = { entries };
    add_node(s, WEFT_OP_TABLE, 1, &in, y, &a);
    return 1;
}

static int add_shape(gen *s)
{
    const weft_tensor x = *end_of(s);
    uint32_t all = elements(&x), c = divisor(s, all), w = divisor(s, all / c);
    if (one_in(s, 2)) {
        add_reshape(s, 4, (uint32_t[]){ 1, all / c / w, w, c });
        return 1;
    }
    const uint32_t in = s->tensors[s->count - 1];
    static const uint32_t perms[3][4] = { { 0, 3, 1, 2 }, { 0, 2, 3, 1 }, { 0, 2, 1, 3 } };
    weft_transpose a = { { 0 } };
    uint32_t dims[4];
    if (x.rank != 4)
        return 0;
    memcpy(a.perm, perms[pick(s, 0, 2)], sizeof perms[0]);
    for (unsigned i = 0; i < 4; i++)
        dims[i] = x.dims[a.perm[i]];
    uint32_t y = activation(s, 4, dims, scale_of(&x), weft_quant_zero_point(&x.quant, 0));
    add_node(s, WEFT_OP_TRANSPOSE, 1, &in, y, &a);
    return 1;
}

/* A convolution or pool that keeps the shape, at times a table behind it, and a sum with what it
 * came from: the compiler makes one layer of them. */
static int add_residual(gen *s)
{
    const weft_tensor x = *end_of(s);
    const uint32_t in = s->tensors[s->count - 1], reach = one_in(s, 4) ? 4 : 1;
    if (x.rank != 4 || s->count + 3 > MAX_NODES)
        return 0;
    const uint32_t kh = 2 * pick(s, 0, reach) + 1, kw = 2 * pick(s, 0, reach) + 1, ci = x.dims[3];
    weft_conv_2d a = { .window = { kh, kw, 1, 1, 1, 1, kh / 2, kw / 2, kh / 2, kw / 2 },
                       .groups = one_in(s, 2) ? 1 : divisor(s, ci),
                       .clamp = clamp(s) };
    const uint32_t dims[] = { ci, kh, kw, ci / a.groups };
    const uint64_t taps = (uint64_t)kh * kw * dims[3];
    if (elements(&x) * taps > (s->o->most_macs ? s->o->most_macs : 2000000))
        return 0;
    constants c = make_weights(s, 4, dims, scale_of(&x));
    float scale = output_scale(s, scale_of(&x), c.largest_scale, (double)taps);
    uint32_t y = activation(s, 4, x.dims, scale, zero_point(s));
    add_node(s, WEFT_OP_CONV_2D, 3, (uint32_t[]){ in, c.w, c.b }, y, &a);
    if (s->rc == WEFT_OK && one_in(s, 3))
        (void)add_table(s);
    uint32_t both[2] = { s->tensors[s->count - 1], in };
    if (s->rc == WEFT_OK)
        sum_of(s, one_in(s, 2) ? both : (uint32_t[]){ both[1], both[0] });
    if (s->rc == WEFT_OK && one_in(s, 3))
        (void)add_table(s);
    return 1;
}

static int add_any(gen *s)
{
    switch (pick(s, 0, 15)) {
    case 12:
    case 13: return s->o->most_nodes > 1 ? add_residual(s) : 0;
    case 6: return add_fully_connected(s);
    case 7: return add_pool(s, 0);
    case 8: return add_pool(s, 1);
    case 9: return add_add(s);
    case 10: return add_table(s);
    case 11: return add_shape(s);
    default: return end_of(s)->rank == 4 ? add_conv(s) : add_fully_connected(s);
    }
}

/* --- the whole --- */

static void first_tensor(gen *s)
{
    static const uint32_t channels[] = { 1, 3, 4, 8, 16, 32, 64 };
    uint32_t h = pick(s, 1, 24), w = pick(s, 1, 24), rank = one_in(s, 12) ? 2 : 4;
    uint32_t most = s->o->most_elements / (h * w), c = pick(s, 1, 40);
    if (one_in(s, 2))
        c = channels[pick(s, 0, 6)];
    c = c > most ? most : c;
    c = c ? c : 1;
    const uint32_t dims4[] = { 1, h, w, c }, dims2[] = { one_in(s, 2) ? 1 : pick(s, 1, 9), h * c };
    s->tensors[s->count++] =
        activation(s, rank, rank == 2 ? dims2 : dims4, real(s, 0.005, 0.5), zero_point(s));
}

static weft_port port_of(const gen *s, uint32_t tensor)
{
    const weft_tensor *t = &s->g->tensors[tensor];
    weft_port port = { .name = "p", .dtype = WEFT_INT8, .rank = t->rank, .tensor = tensor };
    memcpy(port.dims, t->dims, sizeof port.dims);
    for (uint32_t i = 0; i < t->rank; i++)
        port.perm[i] = i;
    return port;
}

/* Every tensor that nobody reads is an output, at times one more. */
static void add_ports(gen *s)
{
    weft_port in = port_of(s, s->tensors[0]);
    if (s->rc == WEFT_OK)
        s->rc = weft_graph_add_input(s->g, &in);
    for (uint32_t i = 1; i < s->count && s->rc == WEFT_OK; i++) {
        if (i + 1 < s->count && !one_in(s, 6))
            continue;
        weft_port out = port_of(s, s->tensors[i]);
        s->rc = weft_graph_add_output(s->g, &out);
    }
}

int gen_network(rng *r, const gen_options *o, weft_graph **out)
{
    gen s = { .r = r, .o = o };
    *out = NULL;
    s.rc = weft_graph_new(&s.g);
    if (s.rc != WEFT_OK)
        return s.rc;
    s.kind = one_in(&s, 2) ? WEFT_REQUANT_TFLITE : WEFT_REQUANT_ONNX;
    first_tensor(&s);
    uint32_t nodes = pick(&s, 1, o->most_nodes > MAX_NODES - 2 ? MAX_NODES - 2 : o->most_nodes);
    for (uint32_t tries = 0; s.rc == WEFT_OK && s.count <= nodes && tries < 200; tries++)
        (void)add_any(&s);
    if (s.rc == WEFT_OK && s.count == 1)
        (void)add_table(&s);
    add_ports(&s);
    weft_error err = { 0 };
    if (s.rc == WEFT_OK)
        s.rc = weft_graph_check(s.g, &err);
    if (s.rc == WEFT_OK)
        *out = s.g;
    else
        weft_graph_free(s.g);
    return s.rc;
}

void gen_input(rng *r, int8_t *x, size_t count)
{
    const int32_t style = rng_range(r, 0, 7);
    const int8_t all = (int8_t)rng_range(r, -128, 127);
    for (size_t i = 0; i < count; i++)
        x[i] = (int8_t)(style == 0   ? (rng_range(r, 0, 1) ? -128 : 127)
                        : style == 1 ? all
                                     : rng_range(r, -128, 127));
}

static size_t describe_node(const weft_graph *g, const weft_node *n, char *text, size_t room)
{
    const weft_tensor *x = &g->tensors[n->inputs[0]], *y = &g->tensors[n->output];
    int used = snprintf(text, room, "%s%s", weft_op_name(n->op),
                        n->requant == WEFT_REQUANT_TFLITE ? "" : "(onnx)");
    size_t at = used > 0 ? (size_t)used : 0;
    if (n->op == WEFT_OP_CONV_2D || n->op == WEFT_OP_MAX_POOL_2D ||
        n->op == WEFT_OP_AVERAGE_POOL_2D) {
        const weft_window *w =
            n->op == WEFT_OP_CONV_2D ? &n->attr.conv_2d.window : &n->attr.pool_2d.window;
        used = at < room
                   ? snprintf(text + at, room - at, " k%ux%u s%ux%u d%ux%u p%u,%u,%u,%u g%u",
                              w->kernel_h, w->kernel_w, w->stride_h, w->stride_w, w->dilation_h,
                              w->dilation_w, w->pad_top, w->pad_left, w->pad_bottom, w->pad_right,
                              n->op == WEFT_OP_CONV_2D ? n->attr.conv_2d.groups : 0)
                   : 0;
        at += used > 0 ? (size_t)used : 0;
    }
    const weft_tensor *ends[] = { x, y };
    for (int e = 0; e < 2; e++)
        for (uint32_t i = 0; i < ends[e]->rank && at < room; i++) {
            used = snprintf(text + at, room - at, "%s%u",
                            i   ? "x"
                            : e ? "->"
                                : " ",
                            ends[e]->dims[i]);
            at += used > 0 ? (size_t)used : 0;
        }
    return at < room ? at : room - 1;
}

void gen_describe(const weft_graph *g, char *text, size_t bytes)
{
    size_t at = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < g->node_count && at + 3 < bytes; i++) {
        at += describe_node(g, &g->nodes[i], text + at, bytes - at);
        if (i + 1 < g->node_count && at + 3 < bytes)
            at += (size_t)snprintf(text + at, bytes - at, "; ");
    }
}
