/* Fuzz target of the float network: read, folded, run, quantised and written, damaged models crash
 * nothing, leak nothing, take no more than they are granted, what is refused is explained, and what
 * is written is ONNX.
 *
 * With -DWEFT_LIBFUZZER only LLVMFuzzerTestOneInput is defined (clang -fsanitize=fuzzer).  Without,
 * a program that runs files given as arguments, or, with none, N damaged random networks. */
#include <stdlib.h>
#include <string.h>

#include "models/quantize/weft_quantize.h"

enum { MOST_ELEMENTS = 1 << 20, MOST_WORK = 1 << 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static int get(void *context, uint32_t sample, const float_net *net, nd *inputs, weft_error *err)
{
    eval_run run = { .err = err, .left = MOST_ELEMENTS };
    int rc = WEFT_OK;
    (void)context;
    for (uint32_t i = 0; i < net->input_count && rc == WEFT_OK; i++) {
        rc =
            nd_new(&run, net->inputs[i].type, net->inputs[i].rank, net->inputs[i].dims, &inputs[i]);
        for (size_t e = 0; rc == WEFT_OK && inputs[i].f && e < inputs[i].count; e++)
            inputs[i].f[e] = (float)((e * 7 + sample) % 17) - 8.0f;
    }
    return rc;
}

/* What is written is ONNX without contradictions, though the device may not have all of it. */
static int well_formed(const uint8_t *model, size_t bytes)
{
    weft_graph *g = NULL;
    const int rc = weft_onnx_import(model, bytes, NULL, &g, NULL);
    weft_graph_free(g);
    return rc != WEFT_ERR_FORMAT;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const weft_quantize_options o = { .method = (weft_quantize_method)(bytes % 3),
                                      .percentile = 99,
                                      .invent = bytes % 2,
                                      .elements = MOST_ELEMENTS,
                                      .work = MOST_WORK };
    const weft_quantize_samples samples = { .count = 2, .get = get };
    quantizer *q = NULL;
    weft_error err = { 0 };
    uint8_t *out = NULL;
    size_t count = 0;
    int rc = weft_quantize_parse(data, bytes, &o, &q, &err);
    if (rc == WEFT_OK)
        rc = weft_quantize_run(q, &samples, &err);
    if (rc == WEFT_OK)
        rc = weft_quantize_write(q, &out, &count, &err);
    if (rc == WEFT_OK ? !out : err.status != rc || !err.text[0])
        abort();
    if (rc == WEFT_OK && !well_formed(out, count))
        abort();
    free(out);
    weft_quantize_close(q);
    return 0;
}

#ifndef WEFT_LIBFUZZER

#include "gen_float.h"
#include "tests/damage.h"
#include "tests/test.h"

static void run_damaged(test *t)
{
    for (uint64_t i = 0; i < t->n; i++) {
        rng r = rng_make(t->seed + i);
        gen_float g;
        if (gen_float_make(&r, &g)) {
            size_t now = g.byte_count;
            for (int k = rng_range(&r, 0, 3); k > 0 && now > 1; k--)
                now = damage(&r, g.bytes, now);
            LLVMFuzzerTestOneInput(g.bytes, now);
            t->checks++;
        }
        gen_float_free(&g);
    }
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
    test t = test_begin("fuzz_quantize", argc, argv, 1, 2000);
    for (int i = 1; i < argc; i++)
        run_file(&t, argv[i]);
    if (argc < 2)
        run_damaged(&t);
    return test_end(&t, argc < 2 ? "damaged float networks" : "files given");
}

#endif
