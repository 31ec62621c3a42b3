/* Networks of one operator as programs on devices, byte for byte: the recorded cases of TensorFlow
 * Lite Micro and LiteRT (tests/tflite/tflm_cases.bin, litert_cases.bin) and the layer vectors of CMSIS-NN.
 *
 *     test_cases DEVICE...
 *
 * PART= for those whose name has this part.  Prints what was refused, and how often. */
#include <stdlib.h>
#include <string.h>

#include "e2e.h"
#include "models/import/tflite/tflite.h"
#include "tests/models/cmsis_run.h"
#include "tests/tflite/tflm_file.h"

static void recorded(e2e *d, const char *part, const char *path)
{
    tflm_file f;
    tflm_case c;
    const int read = tflm_open(path, &f);
    CHECK(d->t, read, "%s cannot be read", path);
    while (read && tflm_next(&f, &c)) {
        weft_graph *g = NULL;
        weft_error err = { 0 };
        if (strncmp(c.name, "refused ", 8) == 0 || (part && !strstr(c.name, part)))
            continue;
        const int rc = weft_tflite_import(c.model.bytes, c.model.count, NULL, &g, &err);
        CHECK(d->t, rc == WEFT_OK, "%s: %s", c.name, err.text);
        if (rc == WEFT_OK && e2e_load(d, g, c.name, &err) == WEFT_OK)
            (void)e2e_run(d, g, c.name, c.in.bytes, c.out.bytes);
        weft_graph_free(g);
    }
    tflm_close(&f);
}

static void cmsis_graph(void *self, const weft_graph *g, const char *name, const uint8_t *in,
                        const uint8_t *want)
{
    weft_error err;
    if (e2e_load(self, g, name, &err) == WEFT_OK)
        (void)e2e_run(self, g, name, in, want);
}

/* What a device may say no to; a buffer too small only where it is below 32 KiB. */
static void check_refusals(const e2e *d)
{
    static const char *const known[] = { "RESIZE_BILINEAR (*: its weights are too fine",
                                         "bytes of feature buffer at once" };
    const int small = d->hw.fb_words * 4u * d->hw.word_bytes < 32u << 10;
    for (int i = 0; i < E2E_REFUSALS && d->refusals[i].count; i++) {
        int good = 0;
        for (int k = 0; k < 1 + small; k++)
            good |= strstr(d->refusals[i].text, known[k]) != NULL;
        CHECK(d->t, good, "%s on %s: %s", d->refusals[i].example, d->uri, d->refusals[i].text);
    }
}

int main(int argc, char **argv)
{
    test t = test_begin("cases", argc, argv, 1, 1);
    const char *part = getenv("PART");
    uint64_t run = 0, refused = 0;
    unsigned vectors = 0;
    CHECK(&t, argc > 1, "no device");
    for (int i = 1; i < argc; i++) {
        e2e d;
        if (!e2e_open(&t, argv[i], &d))
            continue;
        const cmsis_door door = { cmsis_graph, &d };
        recorded(&d, part, "tests/tflite/tflm_cases.bin");
        recorded(&d, part, "tests/tflite/litert_cases.bin");
        (void)cmsis_all(&t, part, &door, &vectors);
        run += d.run;
        refused += d.refused;
        printf("%s: %" PRIu64 " programs run, %" PRIu64 " refused\n", argv[i], d.run, d.refused);
        check_refusals(&d);
        e2e_close(&d);
    }
    char what[160];
    snprintf(what, sizeof what,
             "%" PRIu64 " programs of one operator equal to the recordings, %" PRIu64
             " refused, %u vectors of CMSIS-NN among them",
             run, refused, vectors);
    return test_end(&t, what);
}
