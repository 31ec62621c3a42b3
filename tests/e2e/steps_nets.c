/* Networks whose host has work between runs of the device; see steps_nets.h. */
#include "steps_nets.h"

#include <stdlib.h>
#include <string.h>

#include "models/import/tflite/tflite.h"
#include "tests/rng.h"
#include "tests/tflite/gen_attention.h"

typedef struct net {
    test *t;
    rng r;
    weft_graph *g;
    int rc;
} net;

static uint32_t add(net *n, uint32_t rank, const uint32_t *dims, float scale, int32_t zero,
                    const void *data)
{
    static const char *const names[] = { "t0", "t1", "t2",  "t3",  "t4",  "t5",  "t6", "t7",
                                         "t8", "t9", "t10", "t11", "t12", "t13", "t14" };
    uint32_t out = 0;
    weft_tensor_desc d = { .name = names[n->g->tensor_count % 15],
                           .dtype = WEFT_INT8,
                           .rank = rank,
                           .quant = { 1, 0, &scale, &zero },
                           .data = data };
    memcpy(d.dims, dims, rank * sizeof *dims);
    n->rc |= weft_graph_add_tensor(n->g, &d, &out);
    return out;
}

static uint32_t put_kind(net *n, weft_requant_kind kind, weft_op op, const void *attr,
                         uint32_t count, const uint32_t *in, uint32_t out)
{
    n->rc |= weft_graph_add_node(n->g,
                                 &(weft_node_desc){ .op = op,
                                                    .name = weft_op_name(op),
                                                    .requant = kind,
                                                    .input_count = count,
                                                    .inputs = in,
                                                    .output = out,
                                                    .attr = attr },
                                 NULL);
    return out;
}

static uint32_t put(net *n, weft_op op, const void *attr, uint32_t count, const uint32_t *in,
                    uint32_t out)
{
    return put_kind(n, WEFT_REQUANT_TFLITE, op, attr, count, in, out);
}

static net begin(test *t)
{
    net n = { .t = t, .r = rng_make(t->seed) };
    n.rc = weft_graph_new(&n.g);
    return n;
}

static weft_port port_of(const weft_graph *g, uint32_t tensor, const char *name)
{
    const weft_tensor *x = &g->tensors[tensor];
    weft_port p = { .name = name, .dtype = x->dtype, .rank = x->rank, .tensor = tensor };
    memcpy(p.dims, x->dims, sizeof p.dims);
    for (uint32_t i = 0; i < p.rank; i++)
        p.perm[i] = i;
    return p;
}

static void end(net *n, uint32_t x, uint32_t y)
{
    weft_error err = { 0 };
    const weft_port in = port_of(n->g, x, "in"), out = port_of(n->g, y, "out");
    n->rc |= weft_graph_add_input(n->g, &in);
    n->rc |= weft_graph_add_output(n->g, &out);
    if (n->rc == WEFT_OK)
        n->rc = weft_graph_check(n->g, &err);
    CHECK(n->t, n->rc == WEFT_OK, "graph: %d %s", n->rc, err.text);
}

/* x [rows][k] by a constant [k][columns]. */
static uint32_t times(net *n, uint32_t x, uint32_t rows, uint32_t k, uint32_t columns)
{
    int8_t w[64 * 64];
    const weft_matmul a = { 0, { -128, 127 } };
    for (uint32_t i = 0; i < k * columns; i++)
        w[i] = (int8_t)rng_range(&n->r, -60, 60);
    const uint32_t c = add(n, 2, (uint32_t[]){ k, columns }, 0.01f, 0, w);
    const uint32_t y = add(n, 2, (uint32_t[]){ rows, columns }, 0.06f, -3, NULL);
    return put(n, WEFT_OP_MATMUL, &a, 2, (uint32_t[]){ x, c }, y);
}

static uint32_t softmax(net *n, uint32_t x)
{
    const weft_tensor *t = &n->g->tensors[x];
    uint32_t dims[WEFT_MAX_RANK];
    memcpy(dims, t->dims, sizeof dims);
    const uint32_t y = add(n, t->rank, dims, 1.0f / 256, -128, NULL);
    return put(n, WEFT_OP_SOFTMAX, &(weft_softmax){ 1.0f }, 1, &x, y);
}

/* Attention of HEADS heads, with the way past it. */
static uint32_t attention(net *n, uint32_t x)
{
    uint32_t heads[HEADS];
    for (int i = 0; i < HEADS; i++) {
        const uint32_t q = times(n, x, WORDS, WIDTH, HEAD), k = times(n, x, WORDS, WIDTH, HEAD);
        const uint32_t v = times(n, x, WORDS, WIDTH, HEAD);
        const uint32_t s = add(n, 2, (uint32_t[]){ WORDS, WORDS }, 0.1f, 4, NULL);
        put(n, WEFT_OP_MATMUL, &(weft_matmul){ 1, { -128, 127 } }, 2, (uint32_t[]){ q, k }, s);
        const uint32_t p = softmax(n, s);
        heads[i] = add(n, 2, (uint32_t[]){ WORDS, HEAD }, 0.05f, 0, NULL);
        put(n, WEFT_OP_MATMUL, &(weft_matmul){ 0, { -128, 127 } }, 2, (uint32_t[]){ p, v },
            heads[i]);
    }
    const uint32_t all = add(n, 2, (uint32_t[]){ WORDS, WIDTH }, 0.05f, 0, NULL);
    put(n, WEFT_OP_CONCAT, &(weft_concat){ 1 }, HEADS, heads, all);
    const uint32_t mixed = times(n, all, WORDS, WIDTH, WIDTH);
    const uint32_t y = add(n, 2, (uint32_t[]){ WORDS, WIDTH }, 0.07f, 1, NULL);
    return put(n, WEFT_OP_ADD, &(weft_elementwise){ { -128, 127 }, 0 }, 2, (uint32_t[]){ x, mixed },
               y);
}

weft_graph *steps_transformer(test *t, int layers)
{
    net n = begin(t);
    const uint32_t x = add(&n, 2, (uint32_t[]){ WORDS, WIDTH }, 0.07f, 1, NULL);
    uint32_t y = x;
    for (int i = 0; i < layers; i++)
        y = attention(&n, y);
    end(&n, x, y);
    return n.g;
}

weft_graph *steps_detector(test *t)
{
    net n = begin(t);
    int8_t bins[16];
    for (int i = 0; i < 16; i++)
        bins[i] = (int8_t)i;
    const uint32_t x = add(&n, 2, (uint32_t[]){ 21 * 4, 16 }, 0.1f, 9, NULL);
    const uint32_t p = softmax(&n, times(&n, x, 21 * 4, 16, 16));
    const uint32_t w = add(&n, 2, (uint32_t[]){ 1, 16 }, 1.0f, 0, bins);
    const uint32_t y = add(&n, 2, (uint32_t[]){ 21 * 4, 1 }, 0.0625f, -128, NULL);
    put(&n, WEFT_OP_FULLY_CONNECTED, &(weft_fully_connected){ { -128, 127 } }, 2,
        (uint32_t[]){ p, w }, y);
    end(&n, x, y);
    return n.g;
}

static uint32_t conv(net *n, uint32_t x, uint32_t kernel, uint32_t out_h, uint32_t out_w)
{
    int8_t w[8 * 9 * 8];
    for (unsigned i = 0; i < sizeof w; i++)
        w[i] = (int8_t)rng_range(&n->r, -90, 90);
    const uint32_t c = add(n, 4, (uint32_t[]){ 8, kernel, kernel, 8 }, 0.01f, 0, w);
    const uint32_t y = add(n, 4, (uint32_t[]){ 1, out_h, out_w, 8 }, 0.11f, -7, NULL);
    const weft_conv_2d a = { .window = { kernel, kernel, 1, 1, 1, 1, 0, 0, 0, 0 },
                             .groups = 1,
                             .clamp = { -128, 127 } };
    return put(n, WEFT_OP_CONV_2D, &a, 2, (uint32_t[]){ x, c }, y);
}

weft_graph *steps_resize(test *t)
{
    net n = begin(t);
    weft_lerp rows[13], columns[11];
    for (uint32_t i = 0; i < 13; i++)
        rows[i] = (weft_lerp){ i * 5 / 12, i * 5 / 12 + (i * 5 % 12 > 0), i * 5 % 12 * 1024 / 12 };
    for (uint32_t i = 0; i < 11; i++)
        columns[i] =
            (weft_lerp){ i * 6 / 10, i * 6 / 10 + (i * 6 % 10 > 0), i * 6 % 10 * 1024 / 10 };
    const uint32_t x = add(&n, 4, (uint32_t[]){ 1, 6, 7, 8 }, 0.1f, 3, NULL);
    const uint32_t before = conv(&n, x, 1, 6, 7);
    const uint32_t wide = add(&n, 4, (uint32_t[]){ 1, 13, 11, 8 }, 0.11f, -7, NULL);
    const weft_resize_bilinear a = { .rows = rows,
                                     .columns = columns,
                                     .row_one = 1024,
                                     .column_one = 1024,
                                     .clamp = { -128, 127 } };
    put(&n, WEFT_OP_RESIZE_BILINEAR, &a, 1, &before, wide);
    end(&n, x, conv(&n, wide, 3, 11, 9));
    return n.g;
}

weft_graph *steps_padded(test *t)
{
    net n = begin(t);
    const uint32_t x = add(&n, 4, (uint32_t[]){ 1, 6, 7, 8 }, 0.1f, 3, NULL);
    const uint32_t wide = add(&n, 4, (uint32_t[]){ 1, 8, 9, 8 }, 0.1f, 3, NULL);
    const weft_pad a = { { 0, 1, 1, 0 }, { 0, 1, 1, 0 }, 3 };
    put(&n, WEFT_OP_PAD, &a, 1, &x, wide);
    end(&n, x, conv(&n, wide, 3, 6, 7));
    return n.g;
}

weft_graph *steps_softmax_of_onnx(test *t)
{
    net n = begin(t);
    const weft_softmax a = { 1.0f };
    const uint32_t dims[] = { 1, 6, 7, 8 };
    const uint32_t x = add(&n, 4, dims, 0.1f, 3, NULL), first = conv(&n, x, 1, 6, 7);
    const uint32_t shares = add(&n, 4, dims, 1.0f / 255, -90, NULL);
    put_kind(&n, WEFT_REQUANT_ONNX, WEFT_OP_SOFTMAX, &a, 1, &first, shares);
    const uint32_t second = conv(&n, shares, 1, 6, 7);
    const uint32_t y = add(&n, 4, dims, 0.003f, -128, NULL);
    end(&n, x, put_kind(&n, WEFT_REQUANT_ONNX, WEFT_OP_SOFTMAX, &a, 1, &second, y));
    return n.g;
}

weft_graph *steps_imported(test *t)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    rng r = rng_make(t->seed);
    fbw file = gen_attention(&r, 2);
    CHECK(t, !file.failed && weft_tflite_import(file.bytes, file.count, NULL, &g, &err) == WEFT_OK,
          "%s", err.text);
    free(file.bytes);
    return g;
}
