/* What the library does behind the device: softmax and its logarithm, on int8 as TensorFlow Lite
 * computes them and on float32, and the positions of extremes, against the reference operators. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/transport/transport.h"
#include "models/compile/weft_compile.h"
#include "models/ref/operators/ref_graph.h"
#include "tests/rng.h"
#include "tests/test.h"
#include <weft/weft.h>

/* Only the reference device: the library's own list would bring the simulated chip. */
const weft_transport_ops *weft_transport_at(unsigned i)
{
    return i == 0 ? &weft_transport_ref : NULL;
}

int weft_transport_open(const char *text, weft_transport **out, weft_error *err)
{
    weft_uri uri;
    int rc = weft_uri_parse(text, &uri, err);
    return rc == WEFT_OK ? weft_transport_ref.open(&uri, out, err) : rc;
}

enum { ROWS = 6, WIDTH = 10, COUNT = ROWS * WIDTH };

static const uint32_t shape[4] = { 1, 2, ROWS / 2, WIDTH };

static uint32_t shaped(weft_graph *g, weft_dtype dtype, const uint32_t *dims, float scale,
                       int32_t zp)
{
    uint32_t id = WEFT_NONE;
    weft_tensor_desc d = { .name = "t", .dtype = dtype, .rank = 4 };
    memcpy(d.dims, dims, sizeof shape);
    if (dtype == WEFT_INT8)
        d.quant = (weft_quant){ .count = 1, .scale = &scale, .zero_point = &zp };
    (void)weft_graph_add_tensor(g, &d, &id);
    return id;
}

static uint32_t tensor(weft_graph *g, weft_dtype dtype, float scale, int32_t zp)
{
    return shaped(g, dtype, shape, scale, zp);
}

static void node(weft_graph *g, weft_op op, uint32_t in, uint32_t out, const void *attr)
{
    const weft_node_desc d = {
        .op = op, .name = "n", .input_count = 1, .inputs = &in, .output = out, .attr = attr
    };
    (void)weft_graph_add_node(g, &d, NULL);
}

static weft_port port(uint32_t index, weft_dtype dtype)
{
    return (weft_port){ .name = "p",
                        .dtype = dtype,
                        .rank = 4,
                        .dims = { 1, 2, ROWS / 2, WIDTH },
                        .perm = { 0, 1, 2, 3 },
                        .tensor = index };
}

/* A table on the device, then `op` on int8 and a RESHAPE, or DEQUANTIZE and `op` on float32. */
static weft_graph *make(weft_op op, int on_float, float beta)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    int8_t entries[256];
    const weft_table table = { entries };
    const weft_softmax softmax = { beta };
    const void *attr = op == WEFT_OP_SOFTMAX ? &softmax : NULL;
    for (int i = 0; i < 256; i++)
        entries[i] = (int8_t)(127 - i);
    if (weft_graph_new(&g) != WEFT_OK)
        return NULL;
    const uint32_t x = tensor(g, WEFT_INT8, 0.1f, 5), t = tensor(g, WEFT_INT8, 0.1f, 5);
    node(g, WEFT_OP_TABLE_NODE, x, t, &table);
    uint32_t y;
    if (on_float) {
        const uint32_t real = tensor(g, WEFT_FLOAT32, 0, 0);
        y = tensor(g, WEFT_FLOAT32, 0, 0);
        node(g, WEFT_OP_DEQUANTIZE, t, real, NULL);
        node(g, op, real, y, attr);
    } else {
        const float scale = op == WEFT_OP_SOFTMAX ? 1.0f / 256 : 1.0f / 16;
        const int32_t zp = op == WEFT_OP_SOFTMAX ? -128 : 127;
        const uint32_t soft = tensor(g, WEFT_INT8, scale, zp);
        y = tensor(g, WEFT_INT8, scale, zp);
        node(g, op, t, soft, attr);
        node(g, WEFT_OP_RESHAPE, soft, y, NULL);
    }
    const weft_port in = port(x, WEFT_INT8), out = port(y, on_float ? WEFT_FLOAT32 : WEFT_UINT8);
    (void)weft_graph_add_input(g, &in);
    (void)weft_graph_add_output(g, &out);
    return weft_graph_check(g, &err) == WEFT_OK ? g : NULL;
}

static void run(test *t, const weft_graph *g, const int8_t *x, void *y, size_t bytes)
{
    weft_error err = { 0 };
    weft_program *prog = NULL;
    weft_device *dev = NULL;
    weft_loaded *net = NULL;
    const weft_hw hw = weft_hw_default(1u << 20);
    int rc = weft_compile(g, &hw, NULL, &prog, &err);
    if (rc == WEFT_OK)
        rc = weft_open("ref:", &dev, &err);
    if (rc == WEFT_OK)
        rc = weft_load(dev, prog, NULL, &net, &err);
    const weft_input in = { sizeof in, WEFT_FORM_MODEL, x, COUNT };
    const weft_output out = { sizeof out, WEFT_FORM_MODEL, y, bytes };
    if (rc == WEFT_OK)
        rc = weft_run(net, &in, &out, WEFT_FOREVER, &err);
    CHECK(t, rc == WEFT_OK, "%s", err.text);
    weft_unload(net);
    weft_close(dev);
    weft_program_free(prog);
}

static void check(test *t, weft_op op, int on_float, float beta)
{
    weft_graph *g = make(op, on_float, beta);
    weft_error err = { 0 };
    weft_ref *ref = NULL;
    rng r = rng_make(t->seed);
    CHECK(t, g && weft_ref_new(g, &ref, &err) == WEFT_OK, "graph: %s", err.text);
    for (uint64_t i = 0; i < t->n && ref; i++) {
        int8_t x[COUNT];
        uint8_t y[COUNT];
        float real[COUNT];
        for (unsigned k = 0; k < COUNT; k++)
            x[k] = (int8_t)rng_range(&r, -128, 127);
        (void)weft_ref_set_input(ref, 0, x, sizeof x);
        weft_ref_run(ref);
        run(t, g, x, on_float ? (void *)real : y, on_float ? sizeof real : sizeof y);
        const void *want = weft_ref_tensor(ref, g->outputs[0].tensor);
        for (unsigned k = 0; k < COUNT; k++)
            if (on_float)
                CHECK(t, fabsf(real[k] - ((const float *)want)[k]) <= 1e-5f, "%s float %u",
                      weft_op_name(op), k);
            else
                CHECK(t, y[k] == (uint8_t)(((const int8_t *)want)[k] + 128), "%s int8 %u",
                      weft_op_name(op), k);
    }
    weft_ref_free(ref);
    weft_graph_free(g);
}

/* A table on the device, softmax on float32 behind it, QUANTIZE; then DEQUANTIZE, or a table that
 * the device would have to compute, or nothing. */
static weft_graph *make_quantised(weft_op op, weft_op last)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    int8_t entries[256];
    const weft_table table = { entries };
    const weft_softmax softmax = { 1.0f };
    for (int i = 0; i < 256; i++)
        entries[i] = (int8_t)(127 - i);
    if (weft_graph_new(&g) != WEFT_OK)
        return NULL;
    const uint32_t x = tensor(g, WEFT_INT8, 0.1f, 5), t = tensor(g, WEFT_INT8, 0.1f, 5);
    const uint32_t real = tensor(g, WEFT_FLOAT32, 0, 0), soft = tensor(g, WEFT_FLOAT32, 0, 0);
    const float step = op == WEFT_OP_SOFTMAX ? 1.0f / 128 : 1.0f / 4;
    uint32_t y = tensor(g, WEFT_INT8, step, 3);
    node(g, WEFT_OP_TABLE_NODE, x, t, &table);
    node(g, WEFT_OP_DEQUANTIZE, t, real, NULL);
    node(g, op, real, soft, op == WEFT_OP_SOFTMAX ? &softmax : NULL);
    node(g, WEFT_OP_QUANTIZE, soft, y, NULL);
    if (last != WEFT_OP_QUANTIZE) {
        const int to_float = last == WEFT_OP_DEQUANTIZE;
        const uint32_t end = tensor(g, to_float ? WEFT_FLOAT32 : WEFT_INT8, step, 3);
        node(g, last, y, end, last == WEFT_OP_TABLE_NODE ? &table : NULL);
        y = end;
    }
    const weft_port in = port(x, WEFT_INT8), out = port(y, g->tensors[y].dtype);
    (void)weft_graph_add_input(g, &in);
    (void)weft_graph_add_output(g, &out);
    return weft_graph_check(g, &err) == WEFT_OK ? g : NULL;
}

/* At the end of a network right to a step of the quantisation (the float of the library is not that
 * of the reference); where the device goes on, exactly: that is a step of the reference. */
static void check_quantised(test *t, weft_op op, weft_op last)
{
    weft_graph *g = make_quantised(op, last);
    weft_error err = { 0 };
    weft_ref *ref = NULL;
    rng r = rng_make(t->seed);
    CHECK(t, g && weft_ref_new(g, &ref, &err) == WEFT_OK, "graph: %s", err.text);
    const float most = last == WEFT_OP_TABLE_NODE ? 0.0f : 1.001f;
    for (uint64_t i = 0; i < t->n && ref && !err.text[0]; i++) {
        int8_t x[COUNT], y[COUNT];
        float real[COUNT];
        const int floats = last == WEFT_OP_DEQUANTIZE;
        for (unsigned k = 0; k < COUNT; k++)
            x[k] = (int8_t)rng_range(&r, -128, 127);
        (void)weft_ref_set_input(ref, 0, x, sizeof x);
        weft_ref_run(ref);
        run(t, g, x, floats ? (void *)real : y, floats ? sizeof real : sizeof y);
        const void *want = weft_ref_tensor(ref, g->outputs[0].tensor);
        const float step = op == WEFT_OP_SOFTMAX ? 1.0f / 128 : 1.0f / 4;
        for (unsigned k = 0; k < COUNT; k++) {
            const float off = floats ? (real[k] - ((const float *)want)[k]) / step
                                     : (float)(y[k] - ((const int8_t *)want)[k]);
            CHECK(t, fabsf(off) <= most, "quantised %s, element %u: off by %g steps",
                  weft_op_name(op), k, (double)off);
        }
    }
    weft_ref_free(ref);
    weft_graph_free(g);
}

/* Bits of `way`: the type, the direction, which of equals, two axes; few different values. */
static weft_graph *make_positions(unsigned way, weft_port *out)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    int8_t entries[256];
    const weft_table table = { entries };
    const weft_argmax attr = { 1 + (way >> 3), way >> 1 & 1, way >> 2 & 1 };
    for (int i = 0; i < 256; i++)
        entries[i] = (int8_t)(i % 5 - 2);
    if (attr.axis > 3 || weft_graph_new(&g) != WEFT_OK)
        return NULL;
    uint32_t dims[4];
    memcpy(dims, shape, sizeof dims);
    dims[attr.axis] = 1;
    const uint32_t x = tensor(g, WEFT_INT8, 0.1f, 5), t = tensor(g, WEFT_INT8, 0.1f, 5);
    const uint32_t real = tensor(g, WEFT_FLOAT32, 0, 0), y = shaped(g, WEFT_INT32, dims, 0, 0);
    node(g, WEFT_OP_TABLE_NODE, x, t, &table);
    node(g, WEFT_OP_DEQUANTIZE, t, real, NULL);
    node(g, WEFT_OP_ARGMAX, way & 1 ? real : t, y, &attr);
    const weft_port in = port(x, WEFT_INT8);
    *out = (weft_port){ .name = "p",
                        .dtype = way & 2 ? WEFT_INT64 : WEFT_INT32,
                        .rank = 4,
                        .dims = { dims[3], dims[0], dims[1], dims[2] },
                        .perm = { 1, 2, 3, 0 },
                        .tensor = y };
    (void)weft_graph_add_input(g, &in);
    (void)weft_graph_add_output(g, out);
    return weft_graph_check(g, &err) == WEFT_OK ? g : NULL;
}

static void check_positions(test *t, unsigned way)
{
    weft_port out;
    weft_graph *g = make_positions(way, &out);
    weft_error err = { 0 };
    weft_ref *ref = NULL;
    rng r = rng_make(t->seed + way);
    if (way >> 3 > 2)
        return;
    CHECK(t, g && weft_ref_new(g, &ref, &err) == WEFT_OK, "graph: %s", err.text);
    for (uint64_t i = 0; i < t->n && ref; i++) {
        int8_t x[COUNT];
        uint8_t y[COUNT * 8], want[COUNT * 8];
        const size_t bytes = weft_port_bytes(g, &out);
        for (unsigned k = 0; k < COUNT; k++)
            x[k] = (int8_t)rng_range(&r, -128, 127);
        (void)weft_ref_set_input(ref, 0, x, sizeof x);
        weft_ref_run(ref);
        run(t, g, x, y, bytes);
        CHECK(t, weft_ref_get_output(ref, 0, want, bytes) == WEFT_OK, "bytes of %u", way);
        CHECK(t, memcmp(y, want, bytes) == 0, "positions %u", way);
    }
    weft_ref_free(ref);
    weft_graph_free(g);
}

int main(int argc, char **argv)
{
    test t = test_begin("ends", argc, argv, 1, 20);
    for (int on_float = 0; on_float < 2; on_float++) {
        check(&t, WEFT_OP_SOFTMAX, on_float, 1.0f);
        check(&t, WEFT_OP_SOFTMAX, on_float, 0.37f);
        check(&t, WEFT_OP_SOFTMAX, on_float, 2.5f);
        check(&t, WEFT_OP_LOG_SOFTMAX, on_float, 1.0f);
    }
    for (unsigned i = 0; i < 8; i++) {
        static const weft_op last[4] = { WEFT_OP_QUANTIZE, WEFT_OP_DEQUANTIZE, WEFT_OP_TABLE_NODE,
                                         WEFT_OP_RESHAPE };
        check_quantised(&t, i & 4 ? WEFT_OP_LOG_SOFTMAX : WEFT_OP_SOFTMAX, last[i % 4]);
    }
    for (unsigned way = 0; way < 32; way++)
        check_positions(&t, way);
    return test_end(
        &t, "softmax, log-softmax and positions of the library, int8, float32 and quantised again");
}
