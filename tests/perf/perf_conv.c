/* One large convolution on the simulated chip: cycles, share of peak, and the same bytes under
 * back-pressure.
 *
 * 56x56x64 to 64 channels, 3x3, padding 1, random weights and input: 115.6 M multiplications. Fails
 * below 93 % of peak with the default memory, or if a run with 25 % random stalls gives other bytes
 * than the reference operators. */
#include <stdlib.h>
#include <string.h>

#include "models/compile/weft_compile.h"
#include "models/ref/operators/ref_graph.h"
#include "tests/random/sim_device.h"
#include "tests/rng.h"
#include "tests/test.h"

enum { SIDE = 56, CHANNELS = 64, KERNEL = 3, PIXELS = SIDE * SIDE, LEAST_PERCENT = 93 };

static int add_tensors(weft_graph *g, rng *r, uint32_t id[3])
{
    static const float scale_x = 0.5f, scale_w = 0.01f, scale_y = 1.5f;
    static const int32_t zp_x = -7, zp_w = 0, zp_y = 3;
    const size_t count = (size_t)CHANNELS * KERNEL * KERNEL * CHANNELS;
    int8_t *w = malloc(count);
    if (!w)
        return WEFT_ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        w[i] = (int8_t)rng_range(r, -127, 127);
    const weft_tensor_desc d[3] = {
        { .name = "x",
          .dtype = WEFT_INT8,
          .rank = 4,
          .dims = { 1, SIDE, SIDE, CHANNELS },
          .quant = { 1, 0, &scale_x, &zp_x } },
        { .name = "w",
          .dtype = WEFT_INT8,
          .rank = 4,
          .dims = { CHANNELS, KERNEL, KERNEL, CHANNELS },
          .quant = { 1, 0, &scale_w, &zp_w },
          .data = w },
        { .name = "y",
          .dtype = WEFT_INT8,
          .rank = 4,
          .dims = { 1, SIDE, SIDE, CHANNELS },
          .quant = { 1, 0, &scale_y, &zp_y } },
    };
    int rc = WEFT_OK;
    for (int i = 0; i < 3 && rc == WEFT_OK; i++)
        rc = weft_graph_add_tensor(g, &d[i], &id[i]);
    free(w);
    return rc;
}

static int add_port(weft_graph *g, uint32_t tensor, int output)
{
    weft_port port = {
        .name = "p", .dtype = WEFT_INT8, .rank = 4, .perm = { 0, 1, 2, 3 }, .tensor = tensor
    };
    memcpy(port.dims, g->tensors[tensor].dims, sizeof port.dims);
    return output ? weft_graph_add_output(g, &port) : weft_graph_add_input(g, &port);
}

static int make_graph(rng *r, weft_graph **out, weft_error *err)
{
    uint32_t id[3];
    int rc = weft_graph_new(out);
    if (rc == WEFT_OK)
        rc = add_tensors(*out, r, id);
    const weft_conv_2d a = { .window = { KERNEL, KERNEL, 1, 1, 1, 1, 1, 1, 1, 1 },
                             .groups = 1,
                             .clamp = { -128, 127 } };
    const weft_node_desc node = { .op = WEFT_OP_CONV_2D,
                                  .name = "conv",
                                  .requant = WEFT_REQUANT_TFLITE,
                                  .input_count = 2,
                                  .inputs = id,
                                  .output = rc == WEFT_OK ? id[2] : 0,
                                  .attr = &a };
    if (rc == WEFT_OK)
        rc = weft_graph_add_node(*out, &node, NULL);
    if (rc == WEFT_OK)
        rc = add_port(*out, id[0], 0);
    if (rc == WEFT_OK)
        rc = add_port(*out, id[2], 1);
    return rc == WEFT_OK ? weft_graph_check(*out, err) : rc;
}

/* Run on the chip and compare; returns the cycles. */
static uint64_t run_on(test *t, const char *uri, const weft_program *prog, const int8_t *in,
                       const int8_t *want, weft_error *err)
{
    sim_device d = { 0 };
    int8_t *out = calloc((size_t)PIXELS * CHANNELS, 1);
    int rc = out ? weft_transport_open(uri, &d.link, err) : WEFT_ERR_NO_MEMORY;
    if (rc == WEFT_OK) {
        const program_runner door = sim_device_door(&d);
        rc = door.run(door.self, prog, &in, &out, err);
    }
    CHECK(t, rc == WEFT_OK, "%s: %s", uri, err->text);
    CHECK(t, rc != WEFT_OK || !memcmp(out, want, (size_t)PIXELS * CHANNELS), "%s: bytes differ",
          uri);
    sim_device_close(&d);
    free(out);
    return d.cycles;
}

int main(int argc, char **argv)
{
    test t = test_begin("perf_conv", argc, argv, 1, 1);
    rng r = rng_make(t.seed);
    weft_error err = { 0 };
    weft_graph *g = NULL;
    weft_program *prog = NULL;
    weft_ref *ref = NULL;
    static int8_t in[PIXELS * CHANNELS];
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (int8_t)rng_range(&r, -128, 127);
    const weft_hw hw = weft_hw_default(16u << 20);
    int rc = make_graph(&r, &g, &err);
    if (rc == WEFT_OK)
        rc = weft_compile(g, &hw, NULL, &prog, &err);
    if (rc == WEFT_OK)
        rc = weft_ref_new(g, &ref, &err);
    CHECK(&t, rc == WEFT_OK, "%s", err.text);
    if (rc == WEFT_OK) {
        (void)weft_ref_set_input(ref, 0, in, sizeof in);
        weft_ref_run(ref);
        const int8_t *want = weft_ref_tensor(ref, g->outputs[0].tensor);
        const double macs = (double)PIXELS * CHANNELS * CHANNELS * KERNEL * KERNEL;
        const uint64_t cycles = run_on(&t, "sim:", prog, in, want, &err);
        const uint64_t stalled = run_on(&t, "sim:stall=25", prog, in, want, &err);
        const double percent = cycles ? 100.0 * macs / ((double)cycles * hw.rows * hw.cols) : 0;
        CHECK(&t, percent >= LEAST_PERCENT, "%.2f %% of peak", percent);
        printf("conv 56x56x64 to 64, 3x3: %" PRIu64
               " cycles, %.2f %% of peak; with 25 %% stalls %" PRIu64 " cycles, same bytes\n",
               cycles, percent, stalled);
    }
    weft_ref_free(ref);
    weft_program_free(prog);
    weft_graph_free(g);
    return test_end(&t,
                    "56x56x64 to 64, 3x3, against the reference, default memory and 25 % stalls");
}
