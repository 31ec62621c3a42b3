/* Which mapping the compiler gives a convolution, and what it does with less and less buffer, on
 * cases worked out by hand: vectors, passes, blocks, tiles, and the words of what is refused. */
#include <string.h>

#include "one_conv.h"

static const struct {
    const char *name;
    shape s;
    uint32_t mode, passes, blocks;
    uint64_t vectors;
} cases[] = {
    { "3x3x64", { 56, 56, 64, 64, 3, 3, 1, 1, 1, 1 }, WEFT_MODE_DENSE, 36, 4, 36 * 4 * 3136 },
    { "5x5x6", { 14, 14, 6, 16, 5, 5, 1, 1, 0, 1 }, WEFT_MODE_DENSE, 10, 1, 1000 },
    { "5x5x1, two pixels", { 28, 28, 1, 6, 5, 5, 1, 1, 2, 1 }, WEFT_MODE_DENSE, 2, 1, 784 },
    { "7x7x3 stride 2", { 32, 32, 3, 16, 7, 7, 2, 1, 3, 1 }, WEFT_MODE_DENSE, 10, 1, 2560 },
    { "3x3x24", { 16, 16, 24, 16, 3, 3, 1, 1, 1, 1 }, WEFT_MODE_DENSE, 14, 1, 3584 },
    { "4x1 bytes, four rows a pass", { 8, 4, 1, 16, 8, 4, 1, 1, 0, 1 }, WEFT_MODE_DENSE, 2, 1, 2 },
    { "dilated in both", { 16, 16, 16, 16, 3, 3, 1, 2, 2, 1 }, WEFT_MODE_DENSE, 9, 1, 9 * 256 },
    { "eight groups of two", { 16, 16, 16, 16, 3, 3, 1, 1, 1, 8 }, WEFT_MODE_DENSE, 9, 1, 9 * 256 },
    { "depthwise 3x3",
      { 28, 28, 32, 32, 3, 3, 1, 1, 1, 32 },
      WEFT_MODE_DEPTHWISE,
      1,
      2,
      2 * 28 * 30 },
    { "depthwise 5x5",
      { 28, 28, 16, 16, 5, 5, 1, 1, 2, 16 },
      WEFT_MODE_DEPTHWISE,
      2,
      1,
      2 * 28 * 32 },
    { "depthwise 3x3 stride 2",
      { 28, 28, 16, 16, 3, 3, 2, 1, 1, 16 },
      WEFT_MODE_DEPTHWISE,
      1,
      1,
      14 * 16 },
    { "depthwise 10x1", { 20, 4, 16, 16, 10, 1, 1, 1, 0, 16 }, WEFT_MODE_DEPTHWISE, 1, 1, 4 * 20 },
};

static void check_mappings(test *t)
{
    const weft_hw hw = weft_hw_default(16u << 20);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        weft_graph *g = conv_graph(t, cases[i].s);
        weft_program *prog = NULL;
        weft_error err = { 0 };
        CHECK(t, weft_compile(g, &hw, NULL, &prog, &err) == WEFT_OK, "%s: %s", cases[i].name,
              err.text);
        if (prog) {
            sums s = sums_of(prog);
            CHECK(t,
                  s.mode == cases[i].mode && s.passes == cases[i].passes &&
                      s.blocks == cases[i].blocks,
                  "%s: mode %u passes %u blocks %u", cases[i].name, s.mode, s.passes, s.blocks);
            CHECK(t, s.vectors == cases[i].vectors, "%s: %" PRIu64 " vectors, want %" PRIu64,
                  cases[i].name, s.vectors, cases[i].vectors);
        }
        weft_program_free(prog);
        weft_graph_free(g);
    }
}

/* The same layer with less and less buffer: more transfers, then a refusal that says what is
 * missing. */
static void check_capacity(test *t)
{
    const shape s = { 30, 30, 16, 16, 3, 3, 1, 1, 1, 1 };
    weft_graph *g = conv_graph(t, s);
    uint32_t before = 0;
    for (uint32_t words = 32768; words >= 64; words /= 2) {
        weft_hw hw = weft_hw_default(16u << 20);
        weft_program *prog = NULL;
        weft_error err = { 0 };
        hw.fb_words = words;
        CHECK(t, weft_compile(g, &hw, NULL, &prog, &err) == WEFT_OK, "%u words: %s", words,
              err.text);
        if (prog) {
            sums now = sums_of(prog);
            CHECK(t, now.stores >= before, "%u words: %u stores", words, now.stores);
            before = now.stores;
        }
        weft_program_free(prog);
    }
    CHECK(t, before > 10, "the smallest buffer needs many tiles, not %u", before);
    weft_graph_free(g);
    const shape wide = { 9, 9, 600, 1, 9, 9, 1, 1, 0, 1 };
    g = conv_graph(t, wide);
    weft_hw hw = weft_hw_default(16u << 20);
    weft_program *prog = NULL;
    weft_error err = { 0 };
    hw.fb_words = 64;
    weft_compile_options o = { .device_only = 1 };
    CHECK(t,
          weft_compile(g, &hw, &o, &prog, &err) == WEFT_ERR_CAPACITY && !prog &&
              strstr(err.text, "\"conv\""),
          "%s", err.text);
    weft_placement where;
    o = (weft_compile_options){ .placements = &where };
    CHECK(t,
          weft_compile(g, &hw, &o, &prog, &err) == WEFT_OK && where.where == WEFT_ON_HOST &&
              strstr(where.why, "feature buffer") && prog->step_count == 1,
          "%s: %s", err.text, where.why);
    weft_program_free(prog);
    prog = NULL;
    hw.fb_words = 2048;
    hw.mem_size = 32768;
    CHECK(t,
          weft_compile(g, &hw, NULL, &prog, &err) == WEFT_ERR_CAPACITY &&
              strstr(err.text, "device memory"),
          "%s", err.text);
    weft_graph_free(g);
}

int main(int argc, char **argv)
{
    test t = test_begin("mapping", argc, argv, 1, 1);
    check_mappings(&t);
    check_capacity(&t);
    return test_end(&t, "mappings, vectors and tiles of hand-made layers");
}
