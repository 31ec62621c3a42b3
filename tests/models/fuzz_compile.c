/* Fuzz target of the whole way of a network: bytes through import, compiler, program file, loading
 * and a run on `ref:` of several shapes, against the reference operators.  Whatever an importer
 * accepts and is small either compiles, loads and gives their bytes, or is refused with a sentence.
 *
 * With -DWEFT_LIBFUZZER only LLVMFuzzerTestOneInput is defined (clang -fsanitize=fuzzer).  Without,
 * a program that runs the files given as arguments, .onnx, .tflite or files of cases, and N
 * mutations of each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weft/weft.h>

#include "fuzz_graph.h"
#include "models/compile/weft_compile.h"
#include "models/import/onnx/onnx.h"
#include "models/import/tflite/tflite.h"
#include "models/program/hw_array.h"
#include "models/program/weft_file.h"
#include "models/ref/operators/ref_graph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum { MOST_PORTS = 16, MOST_BYTES = 300000, MOST_STEPS = 1000000, RUN_MS = 20000 };

static unsigned long compared, refused;

static void must(int condition, const char *what, const weft_error *err)
{
    if (condition)
        return;
    fprintf(stderr, "fuzz_compile: %s: %s\n", what, err->text);
    abort();
}

/* --- what goes in and comes out --- */

typedef struct ends {
    weft_input in[MOST_PORTS];
    weft_output out[MOST_PORTS];
    uint8_t *want[MOST_PORTS];
} ends;

/* Bytes, or reals over the range of the QUANTIZE behind them. */
static void draw(const weft_graph *g, const weft_port *p, uint32_t *seed, uint8_t *to, size_t bytes)
{
    const weft_tensor *t = &g->tensors[p->tensor];
    float scale = 0.05f;
    for (uint32_t i = 0; i < t->consumer_count; i++) {
        const weft_node *n = &g->nodes[t->consumers[i]];
        if (n->op == WEFT_OP_QUANTIZE)
            scale = g->tensors[n->output].quant.scale[0];
    }
    for (size_t k = 0; k < bytes; k++) {
        *seed = *seed * 1103515245u + 12345u;
        const float x = (float)((int)(*seed >> 16 & 255) - 128) * scale * 1.1f;
        if (p->dtype != WEFT_FLOAT32)
            to[k] = (uint8_t)(*seed >> 16);
        else if (k % sizeof x == 0)
            memcpy(to + k, &x, sizeof x);
    }
}

static int make_ends(const weft_graph *g, uint32_t seed, ends *e)
{
    int made = 1;
    for (uint32_t i = 0; i < g->input_count; i++) {
        const size_t bytes = weft_port_bytes(g, &g->inputs[i]);
        uint8_t *data = malloc(bytes + 1);
        made &= data != NULL;
        if (data)
            draw(g, &g->inputs[i], &seed, data, bytes);
        e->in[i] = (weft_input){ sizeof *e->in, WEFT_FORM_MODEL, data, bytes };
    }
    for (uint32_t i = 0; i < g->output_count; i++) {
        const size_t bytes = weft_port_bytes(g, &g->outputs[i]);
        uint8_t *data = malloc(bytes + 1);
        e->want[i] = calloc(1, bytes + 1);
        made &= data && e->want[i];
        if (data)
            memset(data, 0xAA, bytes);
        e->out[i] = (weft_output){ sizeof *e->out, WEFT_FORM_MODEL, data, bytes };
    }
    return made;
}

static void free_ends(ends *e)
{
    for (int i = 0; i < MOST_PORTS; i++) {
        free((void *)(uintptr_t)e->in[i].data);
        free(e->out[i].data);
        free(e->want[i]);
    }
}

/* Equal, or of float32 both no number. */
static int same(weft_dtype type, const uint8_t *a, const uint8_t *b, size_t bytes)
{
    if (type != WEFT_FLOAT32)
        return memcmp(a, b, bytes) == 0;
    for (size_t k = 0; k + sizeof(float) <= bytes; k += sizeof(float)) {
        float x, y;
        memcpy(&x, a + k, sizeof x);
        memcpy(&y, b + k, sizeof y);
        const int neither = x != x && y != y;
        if (memcmp(&x, &y, sizeof x) != 0 && !neither)
            return 0;
    }
    return 1;
}

/* --- the way --- */

static void run_reference(const weft_graph *g, ends *e)
{
    weft_error err = { 0 };
    weft_ref *r = NULL;
    must(weft_ref_new(g, &r, &err) == WEFT_OK, "the reference", &err);
    for (uint32_t i = 0; i < g->input_count; i++)
        must(weft_ref_set_input(r, i, e->in[i].data, e->in[i].bytes) == WEFT_OK, "an input", &err);
    weft_ref_run(r);
    for (uint32_t i = 0; i < g->output_count; i++)
        must(weft_ref_get_output(r, i, e->want[i], e->out[i].bytes) == WEFT_OK, "an output", &err);
    weft_ref_free(r);
}

static void run_program(weft_device *dev, const weft_program *p, const weft_graph *g, ends *e)
{
    weft_error err = { 0 };
    uint8_t *file = NULL;
    size_t bytes;
    weft_program *read = NULL;
    weft_loaded *net = NULL;
    must(weft_program_write(p, &file, &bytes, &err) == WEFT_OK, "its program is not written", &err);
    must(weft_program_parse(file, bytes, &read, &err) == WEFT_OK, "its program is no program",
         &err);
    free(file);
    must(weft_load(dev, read, NULL, &net, &err) == WEFT_OK, "its program does not load", &err);
    must(weft_run(net, e->in, e->out, RUN_MS, &err) == WEFT_OK, "its program does not run", &err);
    for (uint32_t i = 0; i < g->output_count; i++)
        must(same(g->outputs[i].dtype, e->out[i].data, e->want[i], e->out[i].bytes),
             "the device has other bytes than the reference", &err);
    weft_unload(net);
    weft_program_close(read);
}

static void go(const weft_graph *g, uint32_t seed)
{
    static const char *const uris[] = { "ref:shape=4x4,lanes=4,fb=1024,acc=64,port=8,mem=8M",
                                        "ref:mem=8M", "ref:shape=7x5,fb=128,port=4,acc=20,mem=8M",
                                        "ref:shape=4x4,port=4,fb=64,acc=16,mem=8M" };
    weft_error err = { 0 };
    weft_device *dev = NULL;
    weft_program *p = NULL;
    weft_array a = { .struct_bytes = sizeof a };
    ends e = { 0 };
    must(weft_open(uris[seed % 4], &dev, &err) == WEFT_OK, "no device", &err);
    weft_device_array(dev, &a, NULL);
    const weft_hw hw = weft_hw_of(&a);
    const int rc = weft_compile(g, &hw, NULL, &p, &err);
    must(rc == WEFT_OK ? p != NULL : !p && err.status == rc && err.text[0], "no sentence", &err);
    if (rc == WEFT_OK && make_ends(g, seed, &e)) {
        run_reference(g, &e);
        run_program(dev, p, g, &e);
        compared++;
    }
    refused += rc != WEFT_OK;
    free_ends(&e);
    weft_program_free(p);
    weft_close(dev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    uint32_t seed = (uint32_t)bytes;
    if (bytes < 8)
        return 0;
    for (size_t i = 0; i < bytes; i += 7)
        seed = seed * 31 + data[i];
    if (memcmp(data + 4, "TFL3", 4) == 0)
        (void)weft_tflite_import(data, bytes, NULL, &g, &err);
    else
        (void)weft_onnx_import(data, bytes, NULL, &g, &err);
    if (g && g->input_count <= MOST_PORTS && g->output_count <= MOST_PORTS &&
        fuzz_bytes(g) <= MOST_BYTES && fuzz_steps(g) <= MOST_STEPS)
        go(g, seed);
    weft_graph_free(g);
    return 0;
}

#ifndef WEFT_LIBFUZZER

#include "tests/damage.h"
#include "tests/test.h"

enum { MAX_BYTES = 1 << 24 };

static void one(test *t, rng *r, const uint8_t *model, size_t bytes)
{
    uint8_t *copy = malloc(bytes + 1);
    CHECK(t, copy, "memory");
    LLVMFuzzerTestOneInput(model, bytes);
    for (uint64_t i = 0; i < t->n && bytes && copy; i++) {
        size_t now = bytes;
        memcpy(copy, model, bytes);
        for (int k = rng_range(r, 1, 2); k > 0 && now > 1; k--)
            now = damage(r, copy, now);
        LLVMFuzzerTestOneInput(copy, now);
    }
    free(copy);
}

static void run_file(test *t, rng *r, const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(MAX_BYTES);
    CHECK(t, f && data, "%s cannot be read", path);
    const size_t bytes = f && data ? fread(data, 1, MAX_BYTES, f) : 0;
    const char *end = strrchr(path, '.');
    const uint8_t *model;
    size_t count;
    if (end && !strcmp(end, ".bin"))
        for (uint32_t i = 1; (model = fuzz_block(data, bytes, i, &count)) != NULL; i += 4)
            one(t, r, model, count);
    else
        one(t, r, data, bytes);
    free(data);
    if (f)
        fclose(f);
}

int main(int argc, char **argv)
{
    test t = test_begin("fuzz_compile", argc, argv, 1, 0);
    rng r = rng_make(t.seed);
    char what[120];
    for (int i = 1; i < argc; i++)
        run_file(&t, &r, argv[i]);
    CHECK(&t, compared > 0, "nothing was compared");
    snprintf(what, sizeof what, "%lu networks, whole and damaged, like the reference, %lu refused",
             compared, refused);
    return test_end(&t, what);
}

#endif
