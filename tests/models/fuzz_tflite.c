/* Fuzz target of the TensorFlow Lite importer: no crash, no leak; what it refuses it explains; what
 * it accepts is a checked graph, and the reference runs it if it is small.
 *
 * With -DWEFT_LIBFUZZER only LLVMFuzzerTestOneInput is defined (clang -fsanitize=fuzzer).  Without,
 * a program that runs files given as arguments, or, with none, N mutations of the networks in
 * tests/tflite/tflm_cases.bin: flipped, overwritten, cut out and repeated bytes, exchanged words.
 */
#include <stdlib.h>
#include <string.h>

#include "models/import/tflite/tflite.h"
#include "models/ref/operators/ref_graph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* About how many steps the reference takes; every tap counted for every element that has a window.
 */
static double steps_of(const weft_graph *g)
{
    double steps = 0;
    for (uint32_t i = 0; i < g->node_count; i++) {
        const weft_node *n = &g->nodes[i];
        const weft_tensor *x = weft_node_input(g, n, 0), *w = weft_node_input(g, n, 1);
        double each = n->op == WEFT_OP_MATMUL ? x->dims[x->rank - 1] : 1;
        if (n->op == WEFT_OP_MAX_POOL_2D || n->op == WEFT_OP_AVERAGE_POOL_2D)
            each = (double)n->attr.pool_2d.window.kernel_h * n->attr.pool_2d.window.kernel_w;
        if (n->op == WEFT_OP_CONV_2D || n->op == WEFT_OP_TRANSPOSE_CONV ||
            n->op == WEFT_OP_FULLY_CONNECTED)
            each = (double)weft_tensor_elements(w) / w->dims[0];
        steps += each * (double)weft_tensor_elements(&g->tensors[n->output]);
        steps += (double)weft_tensor_elements(x);
    }
    return steps;
}

static void run_small(const weft_graph *g)
{
    weft_ref *r = NULL;
    weft_error err = { 0 };
    double bytes = 0;
    for (uint32_t i = 0; i < g->tensor_count; i++)
        bytes += (double)weft_tensor_bytes(&g->tensors[i]);
    if (bytes > 1e6 || steps_of(g) > 1e6 || weft_ref_new(g, &r, &err) != WEFT_OK)
        return;
    weft_ref_run(r);
    weft_ref_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    int rc = weft_tflite_import(data, bytes, NULL, &g, &err);
    if (rc == WEFT_OK ? !g || !g->checked : g || err.status != rc || !err.text[0])
        abort();
    if (rc == WEFT_OK)
        run_small(g);
    weft_graph_free(g);
    return 0;
}

#ifndef WEFT_LIBFUZZER

#include "tests/damage.h"
#include "tests/test.h"

enum { MAX_BYTES = 1 << 24 };

/* Damage, or a small number where most of the format's numbers lie. */
static size_t mutate(rng *r, uint8_t *data, size_t bytes)
{
    if (rng_range(r, 0, 4))
        return damage(r, data, bytes);
    if (bytes >= 8)
        data[rng_u32(r) % bytes / 4 * 4 % (bytes - 3)] = (uint8_t)rng_range(r, 0, 9);
    return bytes;
}

static uint32_t load_u32(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

/* Block number i of the file of cases: every fourth, from the second on, is a model. */
static const uint8_t *block(const uint8_t *file, size_t bytes, uint32_t i, size_t *count)
{
    size_t at = 0;
    for (; at + 4 <= bytes; i--) {
        *count = load_u32(file + at);
        if (*count > bytes - at - 4)
            return NULL;
        if (i == 0)
            return file + at + 4;
        at += 4 + *count;
    }
    return NULL;
}

static void run_mutations(test *t, const uint8_t *file, size_t bytes)
{
    rng r = rng_make(t->seed);
    uint32_t cases = 0;
    size_t count;
    while (block(file, bytes, 4 * cases + 1, &count))
        cases++;
    CHECK(t, cases > 0, "there are no cases to damage");
    uint8_t *copy = malloc(bytes + 1);
    for (uint64_t i = 0; i < t->n && cases && copy; i++) {
        const uint8_t *model = block(file, bytes, 4 * (rng_u32(&r) % cases) + 1, &count);
        memcpy(copy, model, count);
        for (int k = rng_range(&r, 1, 4); k > 0 && count > 1; k--)
            count = mutate(&r, copy, count);
        LLVMFuzzerTestOneInput(copy, count);
        t->checks++;
    }
    free(copy);
}

static void with_file(test *t, const char *path, int mutations)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(MAX_BYTES);
    CHECK(t, f && data, "%s cannot be read", path);
    const size_t bytes = f && data ? fread(data, 1, MAX_BYTES, f) : 0;
    if (mutations)
        run_mutations(t, data, bytes);
    else
        LLVMFuzzerTestOneInput(data, bytes);
    free(data);
    if (f)
        fclose(f);
}

int main(int argc, char **argv)
{
    test t = test_begin("fuzz_tflite", argc, argv, 1, 20000);
    for (int i = 1; i < argc; i++)
        with_file(&t, argv[i], 0);
    if (argc < 2)
        with_file(&t, "tests/tflite/tflm_cases.bin", 1);
    return test_end(&t, argc < 2 ? "damaged models in memory" : "files given");
}

#endif
