/* Random networks as TensorFlow Lite files: importer, compiler, devices, against the reference
 * operators, byte for byte.
 *
 *     rand_tflite DEVICE...        SEED= N= as everywhere, CASE=<n> for one case
 *     rand_tflite --write DIR      the N files and their inputs and outputs, for another judge
 *
 * Every device takes the next network in turn; every fourth one with all its tensors made outputs,
 * one of four with some of its operators given to the host.
 */
#include <string.h>

#include "e2e.h"
#include "models/import/tflite/tflite.h"
#include "tests/random/gen_layers.h"
#include "tests/tflite/gen_tflite.h"

static weft_graph *import(test *t, uint64_t number, const gen_tflite_net *n, weft_error *err)
{
    weft_graph *g = NULL;
    const int rc = weft_tflite_import(n->file.bytes, n->file.count, NULL, &g, err);
    CHECK(t,
          rc == WEFT_OK || ((rc == WEFT_ERR_UNSUPPORTED || rc == WEFT_ERR_RANGE) && err->text[0]),
          "case %" PRIu64 ": %s: %s", number, err->text, n->text);
    return g;
}

static void one(e2e *d, uint64_t number)
{
    rng r = rng_make(d->t->seed * 1000003u + number);
    gen_tflite_net n;
    char name[1200];
    weft_error err = { 0 };
    const int made = gen_tflite(&r, number % 3 ? 6 : 20, 0, &n);
    CHECK(d->t, made, "case %" PRIu64 ": no memory", number);
    weft_graph *g = made ? import(d->t, number, &n, &err) : NULL;
    snprintf(name, sizeof name, "case %" PRIu64 ": %s", number, n.text);
    if (err.status != WEFT_OK)
        e2e_refused(d, name, &err);
    if (g)
        e2e_random(d, &r, g, number, name);
    weft_graph_free(g);
    gen_tflite_free(&n);
}

/* --- for another judge ------------------------------------------------------------------------ */

static void write_file(test *t, const char *folder, uint64_t number, const char *end,
                       const void *data, size_t bytes)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%06" PRIu64 ".%s", folder, number, end);
    FILE *f = fopen(path, "wb");
    const int good = f && fwrite(data, 1, bytes, f) == bytes;
    CHECK(t, f && fclose(f) == 0 && good, "%s cannot be written", path);
}

static void write_case(test *t, const char *folder, uint64_t number)
{
    rng r = rng_make(t->seed * 1000003u + number);
    gen_tflite_net n;
    weft_error err = { 0 };
    weft_graph *g = gen_tflite(&r, number % 3 ? 6 : 20, 1, &n) ? import(t, number, &n, &err) : NULL;
    size_t bytes = 0;
    uint8_t *in = g ? e2e_draw_inputs(&r, g, &bytes) : NULL;
    uint8_t *out = in ? e2e_reference(t, g, n.text, in) : NULL;
    if (out) {
        write_file(t, folder, number, "tflite", n.file.bytes, n.file.count);
        write_file(t, folder, number, "in", in, bytes);
        write_file(t, folder, number, "out", out, e2e_bytes(g, g->outputs, g->output_count));
        write_file(t, folder, number, "txt", n.text, strlen(n.text));
    }
    free(out);
    free(in);
    weft_graph_free(g);
    gen_tflite_free(&n);
}

static int write_all(test *t, const char *folder)
{
    char what[200];
    for (uint64_t i = 0; i < t->n; i++)
        write_case(t, folder, i);
    snprintf(what, sizeof what, "%" PRIu64 " networks written to %.100s", t->n, folder);
    return test_end(t, what);
}

int main(int argc, char **argv)
{
    test t = test_begin("rand_tflite", argc, argv, 1, 300);
    if (argc == 3 && strcmp(argv[1], "--write") == 0)
        return write_all(&t, argv[2]);
    const e2e_tally all = e2e_in_turns(&t, argc - 1, argv + 1, one);
    char what[200];
    snprintf(what, sizeof what,
             "%" PRIu64 " random TensorFlow Lite networks on %d devices, %" PRIu64
             " with steps of the host inside, %" PRIu64 " refused",
             all.run, all.devices, all.stepped, all.refused);
    return test_end(&t, what);
}
