/* Random layers and networks: the compiled program on the reference device against the reference
 * operators, byte for byte, on several arrays and memories, in several orders of its commands.
 *
 * SEED= N= as everywhere; KIND=layers, networks or joins for one of the three; CASE=<n> for one
 * case. */
#include <string.h>

#include "gen_layers.h"
#include "models/compile/weft_compile.h"
#include "models/ref/operators/ref_graph.h"
#include "run_program.h"
#include "tests/test.h"

typedef struct tally {
    uint64_t run, shared, stepped, drawn_again, refused, macs, resident;
} tally;

/* Arrays, buffers, accumulators and memory ports to try. */
static weft_hw random_hw(rng *r)
{
    static const uint32_t shapes[][2] = { { 4, 4 },   { 8, 8 },   { 16, 16 }, { 12, 8 },
                                          { 16, 16 }, { 32, 32 }, { 7, 5 } };
    weft_hw hw = weft_hw_default(4u << 20);
    const uint32_t *shape = shapes[rng_range(r, 0, 6)];
    hw.rows = shape[0];
    hw.cols = hw.lanes = shape[1];
    hw.mem_bytes = 4u << rng_range(r, 0, 3);
    hw.word_bytes = weft_hw_word_bytes(&hw);
    hw.fb_words = 64u << rng_range(r, 0, rng_range(r, 0, 1) ? 6 : 2); /* often too small */
    hw.acc_depth = 16u << rng_range(r, 0, 6);
    if (rng_range(r, 0, 3) == 0)
        hw.acc_depth = (uint32_t)rng_range(r, 16, 300);
    return hw;
}

static int compare(test *t, uint64_t number, const weft_graph *g, const weft_hw *hw,
                   const weft_ref *ref, int8_t *const *out, run_order order)
{
    for (uint32_t i = 0; i < g->output_count; i++) {
        const weft_tensor *y = &g->tensors[g->outputs[i].tensor];
        const int8_t *want = weft_ref_tensor(ref, g->outputs[i].tensor);
        for (size_t e = 0; e < weft_tensor_bytes(y); e++)
            if (want[e] != out[i][e]) {
                char text[2000];
                gen_describe(g, text, sizeof text);
                CHECK(t, 0,
                      "case %" PRIu64
                      " order %d on %ux%u fb %u acc %u mem %u: output %u element %zu: "
                      "got %d, want %d: %s",
                      number, (int)order, hw->rows, hw->cols, hw->fb_words, hw->acc_depth,
                      hw->mem_bytes, i, e, out[i][e], want[e], text);
                return 0;
            }
    }
    t->checks++;
    return 1;
}

static void run_case(test *t, uint64_t number, const weft_graph *g, const weft_hw *hw,
                     const weft_program *prog, rng *r)
{
    weft_error err = { 0 };
    weft_ref *ref = NULL;
    const weft_tensor *x = &g->tensors[g->inputs[0].tensor];
    int8_t *in = malloc(weft_tensor_bytes(x)), *out[64] = { NULL };
    ref_runner runner;
    int ready = in && weft_ref_new(g, &ref, &err) == WEFT_OK &&
                ref_runner_make(hw, t->seed + number, &runner) == WEFT_OK;
    for (uint32_t i = 0; i < g->output_count && ready; i++)
        ready = (out[i] = malloc(weft_tensor_bytes(&g->tensors[g->outputs[i].tensor]))) != NULL;
    CHECK(t, ready, "case %" PRIu64 ": %s", number, err.text);
    for (int order = ORDER_PROGRAM; ready && order <= ORDER_RANDOM; order++) {
        const program_runner door = ref_runner_door(&runner);
        runner.order = (run_order)order;
        gen_input(r, in, weft_tensor_bytes(x));
        (void)weft_ref_set_input(ref, 0, in, weft_tensor_bytes(x));
        weft_ref_run(ref);
        const int8_t *const ins[] = { in };
        int rc = door.run(door.self, prog, ins, out, &err);
        char text[2000];
        gen_describe(g, text, sizeof text);
        CHECK(t, rc == WEFT_OK, "case %" PRIu64 " on %ux%u fb %u acc %u mem %u: %s: %s", number,
              hw->rows, hw->cols, hw->fb_words, hw->acc_depth, hw->mem_bytes, err.text, text);
        ready = rc == WEFT_OK && compare(t, number, g, hw, ref, out, (run_order)order);
    }
    if (in && ref)
        ref_runner_end(&runner);
    for (uint32_t i = 0; i < g->output_count; i++)
        free(out[i]);
    weft_ref_free(ref);
    free(in);
}

/* Did a CONCAT or SLICE need no copy? */
static int is_shared(const weft_graph *g, const weft_placement *where)
{
    for (uint32_t i = 0; i < g->node_count; i++)
        if (strstr(where[i].why, "without a copy") || strstr(where[i].why, "side by side"))
            return 1;
    return 0;
}

static void one(test *t, uint64_t number, uint32_t most_nodes, int joins, tally *sum)
{
    rng r = rng_make(t->seed * 1000003u + number);
    const gen_options o = { .most_nodes = most_nodes,
                            .joins = joins,
                            .most_elements = 6000,
                            .most_macs = most_nodes > 1 ? 300000 : 1000000 };
    const weft_hw hw = random_hw(&r);
    weft_graph *g = NULL;
    weft_program *prog = NULL;
    weft_error err = { 0 };
    int rc = gen_network(&r, &o, &g);
    if (rc != WEFT_OK) {
        sum->drawn_again++;
        CHECK(t, rc == WEFT_ERR_RANGE || rc == WEFT_ERR_UNSUPPORTED,
              "case %" PRIu64 ": generator says %d", number, rc);
        return;
    }
    uint8_t on_host[GEN_MOST_NODES] = { 0 };
    gen_on_host(&r, g, on_host);
    weft_placement *where = calloc(g->node_count, sizeof *where);
    const weft_compile_options options = {
        .on_host = on_host,
        .sharing = joins ? (weft_sharing)rng_range(&r, WEFT_SHARE_BEST, WEFT_SHARE_ALWAYS)
                         : WEFT_SHARE_ALWAYS,
        .placements = where
    };
    rc = where ? weft_compile(g, &hw, &options, &prog, &err) : WEFT_ERR_NO_MEMORY;
    char text[2000];
    gen_describe(g, text, sizeof text);
    if (rc == WEFT_OK) {
        sum->run++;
        sum->shared += (uint64_t)is_shared(g, where);
        sum->stepped += prog->step_count > 0;
        sum->macs += weft_program_macs(prog);
        CHECK(t, program_waits(prog, &err), "case %" PRIu64 ": %s: %s", number, err.text, text);
        run_case(t, number, g, &hw, prog, &r);
    } else {
        sum->refused++;
        CHECK(t, rc == WEFT_ERR_CAPACITY && err.text[0] && !strstr(err.text, "cannot hold"),
              "case %" PRIu64 ": %d %s: %s", number, rc, err.text, text);
        if (getenv("VERBOSE"))
            printf("refused %" PRIu64 ": %s: %s\n", number, err.text, text);
    }
    free(where);
    weft_program_free(prog);
    weft_graph_free(g);
}

static void say(const char *what, const tally *sum)
{
    printf("%s: %" PRIu64 " run, %" PRIu64 " with shared areas, %" PRIu64
           " with steps of the host, %" PRIu64 " refused, %" PRIu64 " drawn again, %" PRIu64
           " MACs\n",
           what, sum->run, sum->shared, sum->stepped, sum->refused, sum->drawn_again, sum->macs);
}

int main(int argc, char **argv)
{
    test t = test_begin("rand_layers", argc, argv, 1, 600);
    const char *kind = getenv("KIND"), *only = getenv("CASE");
    tally layers = { 0 }, networks = { 0 }, joins = { 0 };
    for (uint64_t i = 0; i < t.n; i++) {
        if (only && strtoull(only, NULL, 0) != i)
            continue;
        if (!kind || strcmp(kind, "layers") == 0)
            one(&t, i, 1, 0, &layers);
        if (!kind || strcmp(kind, "networks") == 0)
            one(&t, i, 12, 0, &networks);
        if (!kind || strcmp(kind, "joins") == 0)
            one(&t, i, 16, 1, &joins);
    }
    say("layers", &layers);
    say("networks", &networks);
    say("joins", &joins);
    CHECK(&t, only || (kind && strcmp(kind, "joins") != 0) || 3 * joins.shared > joins.run,
          "only %" PRIu64 " of %" PRIu64 " networks of joins share areas", joins.shared, joins.run);
    return test_end(&t, "compiled programs against the reference operators");
}
