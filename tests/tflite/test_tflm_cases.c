/* Networks of one operator through the importer and the reference, byte for byte against what
 * TensorFlow Lite Micro's own kernels gave.
 *
 *     test_tflm_cases [CASES]      tests/tflite/tflm_cases.bin, or a file of tflm_cases.py
 *
 * Each case is four blocks: u32 size, then the bytes of a name, the model, its inputs, its outputs.
 */
#include <stdlib.h>
#include <string.h>

#include "../../models/import/flatbuffer.h"
#include "../../models/import/tflite.h"
#include "../../models/ref/ref_graph.h"
#include "../test.h"

typedef struct block {
    const uint8_t *bytes;
    size_t count;
} block;

static int take(const uint8_t **at, const uint8_t *end, block *b)
{
    if (end - *at < 4)
        return 0;
    b->count = fb_load_u32(*at);
    b->bytes = *at + 4;
    if (b->count > (size_t)(end - b->bytes))
        return 0;
    *at = b->bytes + b->count;
    return 1;
}

static int give_inputs(weft_ref *r, const weft_graph *g, block in)
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
                            block out)
{
    size_t at = 0;
    for (uint32_t i = 0; i < g->output_count; i++) {
        const size_t bytes = weft_tensor_bytes(&g->tensors[g->outputs[i].tensor]);
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
static void check_refused(test *t, const char *words, block model)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    const int rc = weft_tflite_import(model.bytes, model.count, &g, &err);
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

static void check_case(test *t, block label, block model, block in, block out)
{
    char name[128];
    weft_graph *g = NULL;
    weft_ref *r = NULL;
    weft_error err = { 0 };
    snprintf(name, sizeof name, "%.*s", (int)label.count, (const char *)label.bytes);
    if (strncmp(name, "refused ", 8) == 0) {
        check_refused(t, name + 8, model);
        return;
    }
    int rc = weft_tflite_import(model.bytes, model.count, &g, &err);
    if (rc == WEFT_OK)
        rc = weft_ref_new(g, &r, &err);
    CHECK(t, rc == WEFT_OK, "%s: %s", name, err.text);
    if (rc == WEFT_OK) {
        const int given = give_inputs(r, g, in);
        CHECK(t, given, "%s: the inputs do not fit", name);
        weft_ref_run(r);
        compare_outputs(t, name, r, g, out);
    }
    weft_ref_free(r);
    weft_graph_free(g);
}

/* Cut anywhere, a model is refused in a sentence. */
static void check_cut(test *t, block model)
{
    for (size_t bytes = 0; bytes + 1 < model.count; bytes++) {
        weft_graph *g = NULL;
        weft_error err = { 0 };
        const int rc = weft_tflite_import(model.bytes, bytes, &g, &err);
        CHECK(t, rc == WEFT_OK ? g && g->checked : err.text[0] && !g, "cut to %zu bytes", bytes);
        weft_graph_free(g);
    }
}

int main(int argc, char **argv)
{
    test t = test_begin("tflm_cases", argc, argv, 1, 1);
    const char *path = argc > 1 ? argv[1] : "tests/tflite/tflm_cases.bin";
    FILE *f = fopen(path, "rb");
    const long size = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    uint8_t *bytes = size > 0 ? malloc((size_t)size) : NULL;
    const int read = bytes && fseek(f, 0, SEEK_SET) == 0 && fread(bytes, 1, (size_t)size, f) > 0;
    CHECK(&t, read, "%s cannot be read", path);
    const uint8_t *at = bytes, *end = read ? bytes + size : bytes;
    block b[4];
    unsigned cases = 0;
    while (at < end) {
        const int whole = take(&at, end, &b[0]) && take(&at, end, &b[1]) && take(&at, end, &b[2]) &&
                          take(&at, end, &b[3]);
        CHECK(&t, whole, "%s is cut short", path);
        if (!whole)
            break;
        check_case(&t, b[0], b[1], b[2], b[3]);
        if (cases++ < 8)
            check_cut(&t, b[1]);
    }
    CHECK(&t, cases > 0, "%s has no cases", path);
    weft_graph *g = NULL;
    CHECK(&t, weft_tflite_read("there/is/no.tflite", &g, NULL) == WEFT_ERR_IO && !g, "no file");
    CHECK(&t, weft_tflite_read(path, &g, NULL) == WEFT_ERR_FORMAT && !g, "not a model");
    if (f)
        fclose(f);
    free(bytes);
    char what[96];
    snprintf(what, sizeof what, "%u networks of one operator equal to TensorFlow Lite Micro",
             cases);
    return test_end(&t, what);
}
