/* The compiler's choices and refusals on small networks worked out by hand; on one convolution:
 * test_mapping.c.
 *
 * Bytes are compared by tests/random/rand_layers.c; here: which operators share a layer, what stays
 * in the buffer, what is a step of the host, what is refused and in which words. */
#include <stdlib.h>
#include <string.h>

#include "one_conv.h"

static uint32_t tensor(test *t, weft_graph *g, uint32_t h, uint32_t w, uint32_t c)
{
    const float scale = 0.5f;
    const int32_t zp = 3;
    uint32_t index = WEFT_NONE;
    CHECK(t,
          weft_graph_add_tensor(g,
                                &(weft_tensor_desc){ .name = "t",
                                                     .dtype = WEFT_INT8,
                                                     .rank = 4,
                                                     .dims = { 1, h, w, c },
                                                     .quant = { 1, 0, &scale, &zp } },
                                &index) == WEFT_OK,
          "tensor");
    return index;
}

static uint32_t node(test *t, weft_graph *g, weft_op op, const char *name, uint32_t count,
                     const uint32_t *in, uint32_t out, const void *attr)
{
    const weft_node_desc d = {
        .op = op, .name = name, .input_count = count, .inputs = in, .output = out, .attr = attr
    };
    CHECK(t, weft_graph_add_node(g, &d, NULL) == WEFT_OK, "node %s", name);
    return out;
}

static uint32_t conv_node(test *t, weft_graph *g, uint32_t x, uint32_t k, uint32_t pad,
                          uint32_t out)
{
    const uint32_t ci = g->tensors[x].dims[3], co = g->tensors[out].dims[3];
    const float scale = 0.01f;
    const int32_t zp = 0;
    uint32_t w = WEFT_NONE;
    int8_t *data = calloc((size_t)co * k * k * ci, 1);
    weft_tensor_desc d = { .name = "w",
                           .dtype = WEFT_INT8,
                           .rank = 4,
                           .dims = { co, k, k, ci },
                           .quant = { 1, 0, &scale, &zp },
                           .data = data };
    CHECK(t, data && weft_graph_add_tensor(g, &d, &w) == WEFT_OK, "weights");
    free(data);
    const weft_conv_2d a = { .window = { k, k, 1, 1, 1, 1, pad, pad, pad, pad },
                             .groups = 1,
                             .clamp = { -128, 127 } };
    return node(t, g, WEFT_OP_CONV_2D, "conv", 2, (uint32_t[]){ x, w }, out, &a);
}

static void end_graph(test *t, weft_graph *g, uint32_t x, uint32_t y)
{
    weft_port port = { .name = "p", .dtype = WEFT_INT8, .rank = 4, .perm = { 0, 1, 2, 3 } };
    weft_error err = { 0 };
    memcpy(port.dims, g->tensors[x].dims, sizeof port.dims);
    port.tensor = x;
    CHECK(t, weft_graph_add_input(g, &port) == WEFT_OK, "input");
    memcpy(port.dims, g->tensors[y].dims, sizeof port.dims);
    port.tensor = y;
    CHECK(t, weft_graph_add_output(g, &port) == WEFT_OK, "output");
    CHECK(t, weft_graph_check(g, &err) == WEFT_OK, "%s", err.text);
}

/* PAD, convolution, table, sum with the input, table: one layer and one COMPUTE. */
static void check_fusion(test *t)
{
    weft_graph *g = NULL;
    int8_t entries[256];
    for (int i = 0; i < 256; i++)
        entries[i] = (int8_t)(i / 2 - 64);
    CHECK(t, weft_graph_new(&g) == WEFT_OK, "graph");
    const weft_table table = { entries };
    const weft_elementwise sum = { { -128, 127 }, 0 };
    const weft_pad pad = { { 0, 1, 1, 0 }, { 0, 1, 1, 0 }, 3 };
    const uint32_t x = tensor(t, g, 8, 8, 16), padded = tensor(t, g, 10, 10, 16);
    const uint32_t a = tensor(t, g, 8, 8, 16), b = tensor(t, g, 8, 8, 16);
    const uint32_t c = tensor(t, g, 8, 8, 16), y = tensor(t, g, 8, 8, 16);
    node(t, g, WEFT_OP_PAD, "pad", 1, &x, padded, &pad);
    conv_node(t, g, padded, 3, 0, a);
    node(t, g, WEFT_OP_TABLE, "before", 1, &a, b, &table);
    node(t, g, WEFT_OP_ADD, "sum", 2, (uint32_t[]){ x, b }, c, &sum);
    node(t, g, WEFT_OP_TABLE, "after", 1, &c, y, &table);
    end_graph(t, g, x, y);
    const weft_hw hw = weft_hw_default(1u << 20);
    weft_program *prog = NULL;
    weft_error err = { 0 };
    CHECK(t, weft_compile(g, &hw, NULL, &prog, &err) == WEFT_OK, "%s", err.text);
    if (prog) {
        const sums s = sums_of(prog);
        CHECK(t, prog->layer_count == 1 && s.computes == 1, "%u layers, %u commands of arithmetic",
              prog->layer_count, s.computes);
    }
    weft_placement places[5];
    CHECK(t, weft_compile_placements(g, places, &err) == WEFT_OK, "%s", err.text);
    CHECK(t,
          places[1].where == WEFT_ON_DEVICE && places[3].where == WEFT_IN_LAYER &&
              strstr(places[4].why, "\"conv\""),
          "%s", places[4].why);
    weft_program_free(prog);
    weft_graph_free(g);
}

/* Convolution, table, product of both: one layer, unless somebody else wants the table's result. */
static void check_one_byte(test *t, int wanted)
{
    weft_graph *g = NULL;
    int8_t entries[256];
    for (int i = 0; i < 256; i++)
        entries[i] = (int8_t)(i / 2 - 64);
    CHECK(t, weft_graph_new(&g) == WEFT_OK, "graph");
    const weft_table table = { entries };
    const weft_elementwise whole = { { -128, 127 }, 0 };
    const uint32_t x = tensor(t, g, 8, 8, 16), a = tensor(t, g, 8, 8, 16);
    const uint32_t b = tensor(t, g, 8, 8, 16), c = tensor(t, g, 8, 8, 16);
    const uint32_t y = tensor(t, g, 8, 8, 16);
    conv_node(t, g, x, 3, 1, a);
    node(t, g, WEFT_OP_TABLE, "gate", 1, &a, b, &table);
    node(t, g, WEFT_OP_TABLE, "again", 1, &b, c, &table);
    node(t, g, WEFT_OP_MUL, "product", 2, (uint32_t[]){ c, a }, y, &whole);
    if (wanted)
        CHECK(t,
              weft_graph_add_output(g, &(weft_port){ .name = "b",
                                                     .dtype = WEFT_INT8,
                                                     .rank = 4,
                                                     .dims = { 1, 8, 8, 16 },
                                                     .perm = { 0, 1, 2, 3 },
                                                     .tensor = b }) == WEFT_OK,
              "output");
    end_graph(t, g, x, y);
    const weft_hw hw = weft_hw_default(1u << 20);
    weft_program *prog = NULL;
    weft_error err = { 0 };
    CHECK(t, weft_compile(g, &hw, NULL, &prog, &err) == WEFT_OK, "%s", err.text);
    if (prog)
        CHECK(t, prog->layer_count == (wanted ? 3u : 1u), "%u layers", prog->layer_count);
    weft_placement places[4];
    CHECK(t, weft_compile_placements(g, places, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, places[2].where == WEFT_IN_LAYER && strstr(places[2].why, "\"product\""), "%s",
          places[2].why);
    CHECK(t, (places[1].where == WEFT_IN_LAYER) == !wanted, "%s", places[1].why);
    weft_program_free(prog);
    weft_graph_free(g);
}

/* A wide tensor between two convolutions never goes to memory. */
static void check_chain(test *t)
{
    weft_graph *g = NULL;
    CHECK(t, weft_graph_new(&g) == WEFT_OK, "graph");
    const uint32_t x = tensor(t, g, 40, 40, 8), wide = tensor(t, g, 40, 40, 128);
    const uint32_t y = tensor(t, g, 40, 40, 8);
    conv_node(t, g, x, 1, 0, wide);
    conv_node(t, g, wide, 3, 1, y);
    end_graph(t, g, x, y);
    const weft_hw hw = weft_hw_default(4u << 20);
    weft_program *prog = NULL;
    weft_error err = { 0 };
    CHECK(t, weft_compile(g, &hw, NULL, &prog, &err) == WEFT_OK, "%s", err.text);
    if (prog)
        CHECK(t, prog->layer_count == 1 && prog->win_limit < 40u * 40 * 128,
              "%u layers, %u bytes of memory", prog->layer_count, prog->win_limit);
    weft_program_free(prog);
    weft_graph_free(g);
}

/* A stride without a kernel loads only the pixels it lands on. */
static void check_rows_apart(test *t)
{
    const weft_hw hw = weft_hw_default(4u << 20);
    weft_graph *g = conv_graph(t, (shape){ 32, 32, 256, 16, 1, 1, 2, 1, 0, 1 });
    weft_program *prog = NULL;
    weft_error err = { 0 };
    CHECK(t, weft_compile(g, &hw, NULL, &prog, &err) == WEFT_OK, "%s", err.text);
    if (prog) {
        const sums s = sums_of(prog);
        CHECK(t, s.stride == 2 * 256, "pixels %u bytes apart", s.stride);
    }
    weft_program_free(prog);
    weft_graph_free(g);
}

static unsigned layers_of(const weft_program *prog, weft_op op)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < prog->layer_count; i++)
        n += prog->layers[i].op == op;
    return n;
}

/* A dense block, its second CONCAT nested or flat, halves of its end, and a sum of these: nothing
 * moves, unless an output of the network must, which alone is copied (and what lies beside it, if
 * its place there is another CONCAT's). */
static void check_shared(test *t, uint32_t side, int flat, int wanted)
{
    weft_graph *g = NULL;
    CHECK(t, weft_graph_new(&g) == WEFT_OK, "graph");
    const weft_concat channels = { 3 };
    const weft_elementwise sum = { { -128, 127 }, 0 };
    const weft_slice low = { { 0 }, { 1, 1, 1, 1 } }, high = { { 0, 0, 0, 32 }, { 1, 1, 1, 1 } };
    const uint32_t x = tensor(t, g, side, side, 16), a = tensor(t, g, side, side, 32);
    const uint32_t b = tensor(t, g, side, side, 16), ab = tensor(t, g, side, side, 48);
    const uint32_t c = tensor(t, g, side, side, 16), abc = tensor(t, g, side, side, 64);
    const uint32_t l = tensor(t, g, side, side, 32), h = tensor(t, g, side, side, 32);
    const uint32_t y = tensor(t, g, side, side, 32);
    conv_node(t, g, x, 1, 0, a);
    conv_node(t, g, a, 3, 1, b);
    node(t, g, WEFT_OP_CONCAT, "ab", 2, (uint32_t[]){ a, b }, ab, &channels);
    conv_node(t, g, ab, 3, 1, c);
    node(t, g, WEFT_OP_CONCAT, "abc", flat ? 3 : 2,
         flat ? (uint32_t[]){ a, b, c } : (uint32_t[]){ ab, c, 0 }, abc, &channels);
    node(t, g, WEFT_OP_SLICE, "low", 1, &abc, l, &low);
    node(t, g, WEFT_OP_SLICE, "high", 1, &abc, h, &high);
    node(t, g, WEFT_OP_ADD, "sum", 2, (uint32_t[]){ l, h }, y, &sum);
    const weft_port more = { .name = "b",
                             .dtype = WEFT_INT8,
                             .rank = 4,
                             .dims = { 1, side, side, 16 },
                             .perm = { 0, 1, 2, 3 },
                             .tensor = b };
    if (wanted)
        CHECK(t, weft_graph_add_output(g, &more) == WEFT_OK, "output");
    end_graph(t, g, x, y);
    const weft_hw hw = weft_hw_default(4u << 20);
    weft_program *prog = NULL, *apart = NULL;
    weft_error err = { 0 };
    CHECK(t,
          weft_compile(g, &hw, NULL, &prog, &err) == WEFT_OK &&
              weft_compile(g, &hw, &(weft_compile_options){ .sharing = WEFT_SHARE_NEVER }, &apart,
                           &err) == WEFT_OK,
          "%s", err.text);
    if (prog && apart) {
        const unsigned copies = layers_of(prog, WEFT_OP_CONCAT),
                       before = layers_of(apart, WEFT_OP_CONCAT);
        CHECK(t,
              copies == (wanted ? 1u + (unsigned)flat : 0u) && before == 2 &&
                  !layers_of(prog, WEFT_OP_SLICE),
              "side %u, flat %d: %u copies, %u apart", side, flat, copies, before);
        CHECK(t, 10 * weft_program_cycles(prog) < 9 * weft_program_cycles(apart),
              "%" PRIu64 " cycles, %" PRIu64 " apart", weft_program_cycles(prog),
              weft_program_cycles(apart));
    }
    weft_program_free(prog);
    weft_program_free(apart);
    weft_graph_free(g);
}

/* A softmax in front of a convolution is a step of the host before the first command. */
static void check_step(test *t)
{
    weft_graph *g = NULL;
    const float scale = 1.0f / 256;
    const int32_t zp = -128;
    uint32_t s;
    CHECK(t, weft_graph_new(&g) == WEFT_OK, "graph");
    const uint32_t x = tensor(t, g, 4, 4, 4), y = tensor(t, g, 4, 4, 4);
    weft_tensor_desc d = { .name = "s",
                           .dtype = WEFT_INT8,
                           .rank = 4,
                           .dims = { 1, 4, 4, 4 },
                           .quant = { 1, 0, &scale, &zp } };
    CHECK(t, weft_graph_add_tensor(g, &d, &s) == WEFT_OK, "tensor");
    node(t, g, WEFT_OP_SOFTMAX, "soft", 1, &x, s, &(weft_softmax){ 1.0f });
    conv_node(t, g, s, 1, 0, y);
    end_graph(t, g, x, y);
    const weft_hw hw = weft_hw_default(1u << 20);
    weft_program *prog = NULL;
    weft_error err = { 0 };
    CHECK(t, weft_compile(g, &hw, NULL, &prog, &err) == WEFT_OK, "%s", err.text);
    if (prog) {
        CHECK(t, prog->step_count == 1 && prog->steps[0].before == 0 && prog->layer_count == 2,
              "%u steps, %u layers", prog->step_count, prog->layer_count);
        CHECK(t,
              prog->layers[0].op == WEFT_OP_SOFTMAX && prog->layers[0].command_count == 0 &&
                  prog->layers[1].first_command == 0,
              "layers");
        const weft_graph *step = prog->steps[0].graph;
        CHECK(t,
              step->node_count == 1 && step->nodes[0].op == WEFT_OP_SOFTMAX &&
                  prog->steps[0].rows[0].addr == prog->inputs[0].addr,
              "the step");
    }
    weft_program_free(prog);
    weft_graph_free(g);
}

/* Operators of two tensors without axes: one byte each. */
static void check_scalars(test *t, weft_op op)
{
    weft_graph *g = NULL;
    const float scale = 0.5f;
    const int32_t zp = 3;
    const weft_tensor_desc scalar = { .name = "s",
                                      .dtype = WEFT_INT8,
                                      .quant = { 1, 0, &scale, &zp } };
    weft_port port = { .name = "p", .dtype = WEFT_INT8 };
    uint32_t x[2], y;
    CHECK(t, weft_graph_new(&g) == WEFT_OK, "graph");
    for (unsigned i = 0; i < 2; i++) {
        CHECK(t, weft_graph_add_tensor(g, &scalar, &x[i]) == WEFT_OK, "tensor");
        port.tensor = x[i];
        CHECK(t, weft_graph_add_input(g, &port) == WEFT_OK, "input");
    }
    CHECK(t, weft_graph_add_tensor(g, &scalar, &y) == WEFT_OK, "tensor");
    node(t, g, op, "two", 2, x, y, &(weft_elementwise){ .clamp = { -128, 127 } });
    port.tensor = y;
    weft_error err = { 0 };
    CHECK(t, weft_graph_add_output(g, &port) == WEFT_OK, "output");
    CHECK(t, weft_graph_check(g, &err) == WEFT_OK, "%s", err.text);
    const weft_hw hw = weft_hw_default(1u << 20);
    weft_program *prog = NULL;
    CHECK(t, weft_compile(g, &hw, NULL, &prog, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, prog && prog->layer_count == 1 && prog->outputs[0].row_bytes == 1, "one byte");
    weft_program_free(prog);
    weft_graph_free(g);
}

static void check_arguments(test *t)
{
    const shape s = { 4, 4, 4, 4, 1, 1, 1, 1, 0, 1 };
    weft_graph *g = conv_graph(t, s);
    weft_hw hw = weft_hw_default(1u << 20);
    weft_program *prog = NULL;
    weft_error err = { 0 };
    CHECK(t,
          weft_compile(g, &hw, &(weft_compile_options){ .base = 8 }, &prog, &err) == WEFT_ERR_ARG,
          "base");
    CHECK(t,
          weft_compile(g, &hw, &(weft_compile_options){ .base = 4096 }, &prog, &err) == WEFT_OK &&
              prog->image_addr == 4096 && prog->win_base == 4096 && prog->inputs[0].addr > 4096,
          "%s", err.text);
    weft_program_free(prog);
    hw.rows = 3;
    CHECK(t, weft_compile(g, &hw, NULL, &prog, &err) == WEFT_ERR_ARG && strstr(err.text, "rows"),
          "%s", err.text);
    hw = weft_hw_default(1u << 20);
    hw.word_bytes = 8;
    CHECK(t, weft_compile(g, &hw, NULL, &prog, NULL) == WEFT_ERR_ARG && !prog, "word_bytes");
    weft_graph_free(g);
}

int main(int argc, char **argv)
{
    test t = test_begin("compile", argc, argv, 1, 1);
    check_arguments(&t);
    check_fusion(&t);
    check_one_byte(&t, 0);
    check_one_byte(&t, 1);
    check_chain(&t);
    for (int i = 0; i < 8; i++)
        check_shared(&t, i & 1 ? 56 : 12, i >> 1 & 1, i >> 2); /* in memory, in the buffer */
    check_step(&t);
    const weft_op two[] = { WEFT_OP_ADD, WEFT_OP_SUB, WEFT_OP_MUL, WEFT_OP_MINIMUM,
                            WEFT_OP_MAXIMUM };
    for (size_t i = 0; i < sizeof two / sizeof *two; i++)
        check_scalars(&t, two[i]);
    check_rows_apart(&t);
    return test_end(&t, "fusions, chains, steps and refusals of hand-made networks");
}
