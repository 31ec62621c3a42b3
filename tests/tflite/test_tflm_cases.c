/* Networks of one operator through the importer and the reference, byte for byte against what
 * TensorFlow Lite Micro's own kernels gave.
 *
 *     test_tflm_cases [CASES [litert]]      tests/tflite/tflm_cases.bin, or a file of tflm_cases.py;
 *                                           litert: made with TRUTH=litert
 */
#include <stdlib.h>
#include <string.h>

#include "models/import/tflite/tflite.h"
#include "models/ref/operators/ref_graph.h"
#include "tests/test.h"
#include "tflm_file.h"

static int give_inputs(weft_ref *r, const weft_graph *g, tflm_block in)
{
    size_t at = 0;
    for (uint32_t i = 0; i < g->input_count; i++) {
        const size_t bytes = weft_tensor_bytes(&g->tensors[g->inputs[i].tensor]);
        if (bytes > in.count - at || weft_ref_set_input(r, i, in.bytes + at, bytes) != WEFT_OK)
            return 0;
        at += bytes;
    }
    return at == in.count;
}

static void compare_outputs(test *t, const char *name, const weft_ref *r, const weft_graph *g,
                            tflm_block out)
{
    size_t at = 0;
    for (uint32_t i = 0; i < g->output_count; i++) {
        const size_t bytes = weft_port_bytes(g, &g->outputs[i]);
        uint8_t *got = malloc(bytes);
        const int fits = got && bytes <= out.count - at;
        CHECK(t, fits && weft_ref_get_output(r, i, got, bytes) == WEFT_OK, "%s: output %u", name,
              i);
        size_t k = 0;
        while (fits && k < bytes && got[k] == out.bytes[at + k])
            k++;
        CHECK(t, k == bytes, "%s: output %u, byte %zu is %d, not %d", name, i, k,
              fits && k < bytes ? (int8_t)got[k] : 0,
              fits && k < bytes ? (int8_t)out.bytes[at + k] : 0);
        free(got);
        at += bytes;
    }
    CHECK(t, at == out.count, "%s: %zu bytes out, not %zu", name, at, out.count);
}

/* "refused WORDS|WORDS": the sentence holds all the words. */
static void check_refused(test *t, const char *words, tflm_block model, weft_truth truth)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    const int rc = weft_tflite_import_as(model.bytes, model.count, truth, NULL, &g, &err);
    CHECK(t, rc != WEFT_OK, "not refused: %s", words);
    for (const char *at = words; *at;) {
        char part[64];
        const size_t length = strcspn(at, "|");
        snprintf(part, sizeof part, "%.*s", (int)length, at);
        CHECK(t, strstr(err.text, part), "\"%s\" says nothing of \"%s\"", err.text, part);
        at += length + (at[length] == '|');
    }
    weft_graph_free(g);
}

static void check_case(test *t, const tflm_case *c, weft_truth truth)
{
    const char *name = c->name;
    weft_graph *g = NULL;
    weft_ref *r = NULL;
    weft_error err = { 0 };
    if (strncmp(name, "refused ", 8) == 0) {
        check_refused(t, name + 8, c->model, truth);
        return;
    }
    int rc = weft_tflite_import_as(c->model.bytes, c->model.count, truth, NULL, &g, &err);
    if (rc == WEFT_OK)
        rc = weft_ref_new(g, &r, &err);
    CHECK(t, rc == WEFT_OK, "%s: %s", name, err.text);
    if (rc == WEFT_OK) {
        const int given = give_inputs(r, g, c->in);
        CHECK(t, given, "%s: the inputs do not fit", name);
        weft_ref_run(r);
        compare_outputs(t, name, r, g, c->out);
    }
    weft_ref_free(r);
    weft_graph_free(g);
}

/* Cut anywhere, a model is refused in a sentence. */
static void check_cut(test *t, tflm_block model)
{
    for (size_t bytes = 0; bytes + 1 < model.count; bytes++) {
        weft_graph *g = NULL;
        weft_error err = { 0 };
        const int rc = weft_tflite_import(model.bytes, bytes, NULL, &g, &err);
        CHECK(t, rc == WEFT_OK ? g && g->checked : err.text[0] && !g, "cut to %zu bytes", bytes);
        weft_graph_free(g);
    }
}

int main(int argc, char **argv)
{
    test t = test_begin("tflm_cases", argc, argv, 1, 1);
    const weft_truth truth =
        argc > 2 && !strcmp(argv[2], "litert") ? WEFT_TRUTH_LITERT : WEFT_TRUTH_MODEL;
    const char *path = argc > 1 ? argv[1] : "tests/tflite/tflm_cases.bin";
    tflm_file f;
    tflm_case c;
    unsigned cases = 0;
    const int read = tflm_open(path, &f);
    CHECK(&t, read, "%s cannot be read", path);
    while (read && tflm_next(&f, &c)) {
        check_case(&t, &c, truth);
        if (cases++ < 8)
            check_cut(&t, c.model);
    }
    CHECK(&t, f.at == f.end, "%s is cut short", path);
    CHECK(&t, cases > 0, "%s has no cases", path);
    weft_graph *g = NULL;
    CHECK(&t, weft_tflite_read("there/is/no.tflite", NULL, &g, NULL) == WEFT_ERR_IO && !g,
          "no file");
    CHECK(&t, weft_tflite_read(path, NULL, &g, NULL) == WEFT_ERR_FORMAT && !g, "not a model");
    tflm_close(&f);
    char what[96];
    snprintf(what, sizeof what, "%u networks of one operator equal to %s", cases,
             truth == WEFT_TRUTH_LITERT ? "LiteRT" : "what their framework gave");
    return test_end(&t, what);
}
