/* What the library does behind the device: softmax and its logarithm, on int8 as TensorFlow Lite
 * computes them and on float32, and the positions of extremes, against the reference operators. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ends_graphs.h"
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

/* At the end of a network right to a step of the quantisation (the float of the library is not that
 * of the reference); where the device goes on, exactly: that is a step of the reference. */
static void check_quantised(test *t, weft_op op, weft_op last)
{
    weft_graph *g = make_quantised(op, last);
    weft_error err = { 0 };
    weft_ref *ref = NULL;
    rng r = rng_make(t->seed);
    CHECK(t, g && weft_ref_new(g, &ref, &err) == WEFT_OK, "graph: %s", err.text);
    const float most = last == WEFT_OP_TABLE ? 0.0f : 1.001f;
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
        static const weft_op last[4] = { WEFT_OP_QUANTIZE, WEFT_OP_DEQUANTIZE, WEFT_OP_TABLE,
                                         WEFT_OP_RESHAPE };
        check_quantised(&t, i & 4 ? WEFT_OP_LOG_SOFTMAX : WEFT_OP_SOFTMAX, last[i % 4]);
    }
    for (unsigned way = 0; way < 32; way++)
        check_positions(&t, way);
    return test_end(
        &t, "softmax, log-softmax and positions of the library, int8, float32 and quantised again");
}
