/* Random layers and networks through the compiler: reference operators = reference device =
 * Verilated chip, byte for byte, on four array shapes, memory with random latency and
 * back-pressure.
 *
 * SEED= N= as everywhere, SHAPE=8x8 for one shape, CASE=<n> for one case. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "gen_layers.h"
#include "models/compile/weft_compile.h"
#include "models/ref/operators/ref_graph.h"
#include "sim_device.h"
#include "tests/test.h"

enum { CASES_PER_MEMORY = 10, MOST_OUTPUTS = 64 };

typedef struct bench {
    test *t;
    const char *shape;
    sim_device sim;
    ref_runner ref;
    uint64_t run, refused;
} bench;

static void check_outputs(bench *b, uint64_t number, const weft_graph *g, const weft_ref *want,
                          int8_t *const *out, const char *who)
{
    for (uint32_t i = 0; i < g->output_count; i++) {
        const int8_t *expected = weft_ref_tensor(want, g->outputs[i].tensor);
        const size_t bytes = weft_tensor_bytes(&g->tensors[g->outputs[i].tensor]);
        size_t e = 0;
        while (e < bytes && expected[e] == out[i][e])
            e++;
        char text[2000] = "";
        if (e < bytes)
            gen_describe(g, text, sizeof text);
        CHECK(b->t, e == bytes,
              "%s case %" PRIu64 ", %s: output %u element %zu: got %d, want %d: %s", b->shape,
              number, who, i, e, e < bytes ? out[i][e] : 0, e < bytes ? expected[e] : 0, text);
    }
}

static void run_on(bench *b, uint64_t number, const weft_graph *g, const weft_program *prog,
                   const weft_ref *want, const int8_t *in, program_runner door, const char *who)
{
    int8_t *out[MOST_OUTPUTS] = { NULL };
    weft_error err = { 0 };
    int rc = g->output_count <= MOST_OUTPUTS ? WEFT_OK : WEFT_ERR_RANGE;
    for (uint32_t i = 0; i < g->output_count && rc == WEFT_OK; i++)
        if (!(out[i] = calloc(weft_tensor_bytes(&g->tensors[g->outputs[i].tensor]) + 1, 1)))
            rc = WEFT_ERR_NO_MEMORY;
    const int8_t *const ins[] = { in };
    if (rc == WEFT_OK)
        rc = door.run(door.self, prog, ins, out, &err);
    CHECK(b->t, rc == WEFT_OK, "%s case %" PRIu64 ", %s: %s", b->shape, number, who, err.text);
    if (rc == WEFT_OK)
        check_outputs(b, number, g, want, out, who);
    for (uint32_t i = 0; i < MOST_OUTPUTS; i++)
        free(out[i]);
}

static void run_case(bench *b, uint64_t number, rng *r, const weft_graph *g,
                     const weft_program *prog)
{
    const weft_tensor *x = &g->tensors[g->inputs[0].tensor];
    int8_t *in = malloc(weft_tensor_bytes(x));
    weft_ref *want = NULL;
    weft_error err = { 0 };
    if (in && weft_ref_new(g, &want, &err) == WEFT_OK) {
        gen_input(r, in, weft_tensor_bytes(x));
        (void)weft_ref_set_input(want, 0, in, weft_tensor_bytes(x));
        weft_ref_run(want);
        run_on(b, number, g, prog, want, in, ref_runner_door(&b->ref), "reference device");
        run_on(b, number, g, prog, want, in, sim_device_door(&b->sim), "chip");
        b->run++;
    }
    CHECK(b->t, want != NULL, "%s case %" PRIu64 ": %s", b->shape, number, err.text);
    weft_ref_free(want);
    free(in);
}

static void one(bench *b, uint64_t number, const weft_hw *hw)
{
    rng r = rng_make(b->t->seed * 1000003u + number);
    const int joins = number % 6 == 3;
    const gen_options o = { .most_nodes = joins        ? 10
                                          : number % 3 ? 1
                                                       : 5,
                            .joins = joins,
                            .most_elements = 3000,
                            .most_macs = 200000 };
    weft_graph *g = NULL;
    weft_program *prog = NULL;
    weft_error err = { 0 };
    if (gen_network(&r, &o, &g) != WEFT_OK)
        return; /* no exact arithmetic: drawn again under the next number */
    uint8_t on_host[GEN_MOST_NODES] = { 0 };
    gen_on_host(&r, g, on_host);
    const weft_compile_options options = { .on_host = on_host,
                                           .sharing = joins ? WEFT_SHARE_ALWAYS : WEFT_SHARE_BEST };
    int rc = weft_compile(g, hw, &options, &prog, &err);
    if (rc == WEFT_OK)
        run_case(b, number, &r, g, prog);
    else
        b->refused++;
    weft_program_free(prog);
    weft_graph_free(g);
}

static void run_shape(bench *b, uint64_t first, uint64_t count)
{
    weft_error err = { 0 };
    for (uint64_t i = 0; i < count && b->t->failures < 10;) {
        rng r = rng_make(b->t->seed ^ (first + i));
        int rc = sim_device_open(b->shape, &r, &b->sim, &err);
        CHECK(b->t, rc == WEFT_OK, "%s: %s", b->shape, err.text);
        if (rc != WEFT_OK)
            return;
        weft_hw hw = b->sim.hw;
        hw.mem_size = 4u << 20;
        rc = ref_runner_make(&hw, first + i, &b->ref);
        CHECK(b->t, rc == WEFT_OK, "%s: reference device: %d", b->shape, rc);
        for (int k = 0; k < CASES_PER_MEMORY && i < count && rc == WEFT_OK; k++, i++)
            one(b, first + i, &hw);
        ref_runner_end(&b->ref);
        sim_device_close(&b->sim);
        if (rc != WEFT_OK)
            return;
    }
}

int main(int argc, char **argv)
{
    test t = test_begin("rand_rtl", argc, argv, 1, 600);
    const char *only = getenv("SHAPE");
    const uint64_t single = test_number("CASE", UINT64_MAX);
    bench b = { .t = &t };
    unsigned shapes = 0;
    for (const char *const *s = sim_device_shapes; *s; s++)
        if (!only || !strcmp(only, *s)) {
            b.shape = *s;
            if (single != UINT64_MAX)
                run_shape(&b, single, 1);
            else
                run_shape(&b, shapes * (t.n / 4), only ? t.n : t.n / 4);
            shapes++;
        }
    CHECK(&t, b.run > 0, "no case was run");
    char text[200];
    snprintf(text, sizeof text,
             "%" PRIu64 " random layers and networks (%" PRIu64 " refused) on %u array shapes, "
             "reference operators = reference device = chip",
             b.run, b.refused, shapes);
    return test_end(&t, text);
}
