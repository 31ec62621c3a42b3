/* The zoo: every network imports, runs, compiles to the same bytes, and is alive in every layer.
 *
 * Small versions of all of them: width 25 %, 64x64 images.  The CRC of a file shows that it is the
 * same on every machine.  SEED= draws other images. */
#include <string.h>

#include "models/base/weft_crc32.h"
#include "models/compile/weft_compile.h"
#include "models/import/onnx/onnx.h"
#include "models/nets/zoo/zoo.h"
#include "models/ref/operators/ref_graph.h"
#include "tests/rng.h"
#include "tests/test.h"

enum { SIDE = 64, IMAGE = 3 * SIDE * SIDE, CLASSES = 10 };

static weft_zoo_options small(const char *name)
{
    return (weft_zoo_options){ name, 1, SIDE, 25, CLASSES };
}

/* Neither one value nor mostly at the ends of int8; a ReLU puts up to nine tenths on one end. */
static void check_tensor(test *t, const char *net, const weft_tensor *x, const int8_t *at)
{
    size_t count = 1, seen[256] = { 0 }, kinds = 0;
    for (uint32_t i = 0; i < x->rank; i++)
        count *= x->dims[i];
    for (size_t i = 0; i < count; i++)
        seen[at[i] + 128]++;
    for (unsigned i = 0; i < 256; i++)
        kinds += seen[i] != 0;
    CHECK(t, kinds >= 8, "%s, %s: only %zu different values", net, x->name, kinds);
    CHECK(t, seen[255] * 5 <= count, "%s, %s: %zu of %zu at 127", net, x->name, seen[255], count);
    CHECK(t, seen[0] * 10 <= count * 9, "%s, %s: %zu of %zu at -128", net, x->name, seen[0], count);
}

static void check_run(test *t, const char *name, const weft_graph *g, weft_error *err)
{
    weft_ref *ref = NULL;
    const int rc = weft_ref_new(g, &ref, err);
    CHECK(t, rc == WEFT_OK, "%s: %s", name, err->text);
    if (rc != WEFT_OK)
        return;
    rng r = rng_make(t->seed);
    static float image[IMAGE];
    for (size_t i = 0; i < IMAGE; i++)
        image[i] = (float)rng_range(&r, -200, 200) / 100.0f;
    CHECK(t, weft_ref_set_input(ref, 0, image, sizeof image) == WEFT_OK, "%s: input", name);
    weft_ref_run(ref);
    for (uint32_t i = 0; i < g->node_count; i++)
        if (g->nodes[i].op != WEFT_OP_QUANTIZE && g->tensors[g->nodes[i].output].dtype == WEFT_INT8)
            check_tensor(t, name, &g->tensors[g->nodes[i].output],
                         weft_ref_tensor(ref, g->nodes[i].output));
    weft_ref_free(ref);
}

static void check_network(test *t, const char *name)
{
    weft_error err = { 0 };
    const weft_zoo_options o = small(name);
    uint8_t *bytes = NULL, *again = NULL;
    size_t n = 0, n_again = 0;
    weft_graph *g = NULL;
    weft_program *prog = NULL;
    int rc = weft_zoo_make(&o, NULL, &bytes, &n, &err);
    if (rc == WEFT_OK)
        rc = weft_zoo_make(&o, NULL, &again, &n_again, &err);
    CHECK(t, rc == WEFT_OK && n == n_again && !memcmp(bytes, again, n), "%s: two makes differ",
          name);
    if (rc == WEFT_OK)
        rc = weft_onnx_import(bytes, n, NULL, &g, &err);
    CHECK(t, rc == WEFT_OK, "%s: %s", name, err.text);
    if (rc == WEFT_OK) {
        const weft_hw hw = weft_hw_default(256u << 20);
        check_run(t, name, g, &err);
        CHECK(t, weft_compile(g, &hw, NULL, &prog, &err) == WEFT_OK, "%s: %s", name, err.text);
    }
    weft_program_free(prog);
    weft_graph_free(g);
    free(bytes);
    free(again);
}

static void check_refusals(test *t)
{
    const weft_zoo_options bad[] = { { "resnet19", 1, 64, 25, 10 },  { "resnet18", 1, 31, 25, 10 },
                                     { "resnet18", 1, 513, 25, 10 }, { "resnet18", 1, 64, 11, 10 },
                                     { "resnet18", 1, 64, 201, 10 }, { "resnet18", 1, 64, 25, 0 } };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        weft_error err = { 0 };
        uint8_t *bytes;
        size_t n;
        CHECK(t,
              weft_zoo_make(&bad[i], NULL, &bytes, &n, &err) == WEFT_ERR_ARG && !bytes &&
                  err.text[0],
              "refusal %zu", i);
    }
}

static void check_same_everywhere(test *t)
{
    const uint32_t CRC = 0xecc55924u;
    weft_error err = { 0 };
    weft_zoo_options o = small("mobilenet_v1");
    uint8_t *one = NULL, *two = NULL;
    size_t n_one = 0, n_two = 0;
    int rc = weft_zoo_make(&o, NULL, &one, &n_one, &err);
    o.seed = 2;
    if (rc == WEFT_OK)
        rc = weft_zoo_make(&o, NULL, &two, &n_two, &err);
    CHECK(t, rc == WEFT_OK, "%s", err.text);
    if (rc == WEFT_OK) {
        const uint32_t crc = weft_file_crc32(one, n_one);
        CHECK(t, crc == CRC, "mobilenet_v1: CRC 0x%08x, was 0x%08x", (unsigned)crc, (unsigned)CRC);
        CHECK(t, n_one != n_two || memcmp(one, two, n_one), "the seed changes nothing");
    }
    free(one);
    free(two);
}

int main(int argc, char **argv)
{
    test t = test_begin("test_zoo", argc, argv, 1, 1);
    for (unsigned i = 0; weft_zoo_name(i); i++)
        check_network(&t, weft_zoo_name(i));
    CHECK(&t, !weft_zoo_text(100) && !weft_zoo_name(100), "the list does not end");
    check_refusals(&t);
    check_same_everywhere(&t);
    return test_end(&t, "networks import, compile, are alive in every layer, same bytes each time");
}
