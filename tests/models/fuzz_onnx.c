/* Fuzz target of the ONNX importer: no crash, no leak, and what it accepts is a checked graph; what
 * it refuses it explains.
 *
 * With -DWEFT_LIBFUZZER only LLVMFuzzerTestOneInput is defined (clang -fsanitize=fuzzer).  Without,
 * a program that runs files given as arguments, or, with none, N mutations of the sample model:
 * flipped, overwritten, cut out and repeated bytes. */
#include <stdlib.h>
#include <string.h>

#include "../../models/import/onnx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    int rc = weft_onnx_import(data, bytes, NULL, &g, &err);
    if (rc == WEFT_OK ? !g || !g->checked : g || err.status != rc || !err.text[0])
        abort();
    weft_graph_free(g);
    return 0;
}

#ifndef WEFT_LIBFUZZER

#include "../rng.h"
#include "../test.h"
#include "onnx_sample.h"

/* One of four kinds of damage; the size may only shrink or stay. */
static size_t mutate(rng *r, uint8_t *data, size_t bytes)
{
    size_t at = rng_u32(r) % bytes, run = 1 + rng_u32(r) % 16;
    run = run > bytes - at ? bytes - at : run;
    switch (rng_range(r, 0, 3)) {
    case 0: data[at] ^= (uint8_t)(1u << rng_range(r, 0, 7)); return bytes;
    case 1: data[at] = (uint8_t)rng_u32(r); return bytes;
    case 2: memmove(data + at, data + at + run, bytes - at - run); return bytes - run;
    default: memmove(data + at, data + rng_u32(r) % (bytes - run + 1), run); return bytes;
    }
}

static void run_mutations(test *t)
{
    onnx_sample *s = malloc(sizeof *s);
    size_t bytes = 0;
    if (s)
        onnx_sample_init(s);
    uint8_t *sample = s ? onnx_sample_pack(s, &bytes) : NULL;
    uint8_t *copy = malloc(bytes + 1);
    rng r = rng_make(t->seed);
    CHECK(t, sample && copy, "memory");
    for (uint64_t i = 0; i < t->n && sample && copy; i++) {
        size_t now = bytes;
        memcpy(copy, sample, bytes);
        for (int k = rng_range(&r, 1, 4); k > 0 && now > 1; k--)
            now = mutate(&r, copy, now);
        LLVMFuzzerTestOneInput(copy, now);
        t->checks++;
    }
    free(copy);
    free(sample);
    free(s);
}

static void run_file(test *t, const char *path)
{
    enum { MAX_BYTES = 1 << 24 };
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(MAX_BYTES);
    CHECK(t, f && data, "%s cannot be read", path);
    if (f && data)
        LLVMFuzzerTestOneInput(data, fread(data, 1, MAX_BYTES, f));
    free(data);
    if (f)
        fclose(f);
}

int main(int argc, char **argv)
{
    test t = test_begin("fuzz_onnx", argc, argv, 1, 20000);
    for (int i = 1; i < argc; i++)
        run_file(&t, argv[i]);
    if (argc < 2)
        run_mutations(&t);
    return test_end(&t, argc < 2 ? "damaged models in memory" : "files given");
}

#endif
