/* Fuzz target of the TensorFlow Lite importer: no crash, no leak; what it refuses it explains; what
 * it accepts is a checked graph, and the reference runs it if it is small.
 *
 * With -DWEFT_LIBFUZZER only LLVMFuzzerTestOneInput is defined (clang -fsanitize=fuzzer).  Without,
 * a program that runs files given as arguments, or, with none, N mutations of the networks in
 * tests/tflite/tflm_cases.bin: flipped, overwritten, cut out and repeated bytes, exchanged words.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz_graph.h"
#include "models/import/tflite/tflite.h"
#include "models/ref/operators/ref_graph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void run_small(const weft_graph *g)
{
    weft_ref *r = NULL;
    weft_error err = { 0 };
    if (fuzz_bytes(g) > 1e6 || fuzz_steps(g) > 1e6 || weft_ref_new(g, &r, &err) != WEFT_OK)
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

static void run_mutations(test *t, const uint8_t *file, size_t bytes)
{
    rng r = rng_make(t->seed);
    uint32_t cases = 0;
    size_t count;
    while (fuzz_block(file, bytes, 4 * cases + 1, &count))
        cases++;
    CHECK(t, cases > 0, "there are no cases to damage");
    uint8_t *copy = malloc(bytes + 1);
    for (uint64_t i = 0; i < t->n && cases && copy; i++) {
        const uint8_t *model = fuzz_block(file, bytes, 4 * (rng_u32(&r) % cases) + 1, &count);
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
