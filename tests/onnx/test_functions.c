/* Functions of one number against what ONNX Runtime computed, to the last bit.
 *
 *     test_functions FILE..        as ort_functions.py writes them; "-" is standard input
 *
 * A line is a case, in hexadecimal:
 *
 *     q NAME MODEL BYTES [BYTES]..    int8 or uint8 to int8 or uint8: the outputs for the 256 bytes
 *                                     0..255, by every way ONNX Runtime has; each is right
 *     f NAME MODEL INPUT OUTPUT       float32 to float32, the float reference; NaN for NaN
 *     r NAME MODEL                    refused by the importer with a sentence
 *
 * q goes through the importer and the reference operators.  LEAST=n: fewer than n cases fail. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/onnx/onnx.h"
#include "models/quantize/float/onnx_run.h"
#include "models/ref/operators/ref_graph.h"
#include "tests/test.h"

enum { MOST_WAYS = 4, MOST_WORDS = 4 + MOST_WAYS };

typedef struct blob {
    uint8_t *bytes; /* in place of the text */
    size_t count;
} blob;

typedef struct tally {
    test *t;
    uint64_t cases, bytes, floats, wrong;
} tally;

/* Turns hexadecimal text into the bytes it says, where it stands; count 0 if it is none. */
static blob unhex(char *text)
{
    blob b = { (uint8_t *)text, strlen(text) / 2 };
    for (size_t i = 0; i < b.count; i++) {
        char digits[3] = { text[2 * i], text[2 * i + 1], 0 }, *end;
        b.bytes[i] = (uint8_t)strtoul(digits, &end, 16);
        if (*end)
            return (blob){ b.bytes, 0 };
    }
    return b;
}

static void check_bytes(tally *all, const char *name, blob model, const blob *want, size_t ways)
{
    weft_graph *g = NULL;
    weft_ref *r = NULL;
    weft_error err = { 0 };
    uint8_t in[256], got[256];
    int rc = weft_onnx_import(model.bytes, model.count, NULL, &g, &err);
    if (rc == WEFT_OK)
        rc = weft_ref_new(g, &r, &err);
    for (int i = 0; i < 256; i++)
        in[i] = (uint8_t)i;
    if (rc == WEFT_OK)
        rc = weft_ref_set_input(r, 0, in, sizeof in);
    if (rc == WEFT_OK) {
        weft_ref_run(r);
        rc = weft_ref_get_output(r, 0, got, sizeof got);
    }
    CHECK(all->t, rc == WEFT_OK, "%s: %s", name, err.text);
    for (int i = 0; rc == WEFT_OK && i < 256; i++) {
        int right = 0;
        for (size_t k = 0; k < ways; k++)
            right |= got[i] == want[k].bytes[i];
        CHECK(all->t, right, "%s: of byte %d it is %d, want %d", name, i, got[i], want[0].bytes[i]);
        all->wrong += right ? 0 : 1;
        all->bytes++;
    }
    weft_ref_free(r);
    weft_graph_free(g);
}

static void check_floats(tally *all, const char *name, blob model, blob in, blob want)
{
    onnx_file file;
    weft_error err = { 0 };
    eval_run run = { .err = &err, .left = EVAL_ELEMENTS };
    const size_t count = in.count / sizeof(float);
    nd x = { 0 }, y = { 0 };
    int rc = onnx_file_parse(model.bytes, model.count, &file, &err);
    if (rc == WEFT_OK)
        rc = nd_new(&run, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, 1, &count, &x);
    if (rc == WEFT_OK) {
        memcpy(x.f, in.bytes, in.count);
        rc = onnx_run(&file, &x, 1, &y, &err);
    }
    CHECK(all->t, rc == WEFT_OK && y.count == count && y.f, "%s: %s", name, err.text);
    for (size_t i = 0; rc == WEFT_OK && i < count && y.count == count; i++) {
        float right;
        memcpy(&right, want.bytes + i * sizeof right, sizeof right);
        const int same =
            memcmp(&right, &y.f[i], sizeof right) == 0 || (isnan(right) && isnan(y.f[i]));
        CHECK(all->t, same, "%s: of %a it is %a, want %a", name, (double)x.f[i], (double)y.f[i],
              (double)right);
        all->wrong += same ? 0 : 1;
        all->floats++;
    }
    nd_free(&x);
    nd_free(&y);
    onnx_file_close(&file);
}

static void check_refused(tally *all, const char *name, blob model)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    int rc = weft_onnx_import(model.bytes, model.count, NULL, &g, &err);
    CHECK(all->t, rc != WEFT_OK && err.text[0], "%s is not refused", name);
    weft_graph_free(g);
}

static void run_line(tally *all, char *line)
{
    char *words[MOST_WORDS], *rest = NULL;
    blob blobs[MOST_WORDS] = { { NULL, 0 } };
    size_t count = 0;
    for (char *w = strtok_r(line, " \n", &rest); w && count < MOST_WORDS;
         w = strtok_r(NULL, " \n", &rest))
        words[count++] = w;
    if (count == 0 || *words[0] == '#')
        return;
    int good = count >= 3 && strlen(words[0]) == 1;
    for (size_t i = 2; i < count; i++) {
        blobs[i] = unhex(words[i]);
        good &= blobs[i].count > 0 && (*words[0] != 'q' || i == 2 || blobs[i].count == 256);
    }
    all->cases++;
    if (good && *words[0] == 'r' && count == 3)
        check_refused(all, words[1], blobs[2]);
    else if (good && *words[0] == 'q' && count > 3)
        check_bytes(all, words[1], blobs[2], &blobs[3], count - 3);
    else if (good && *words[0] == 'f' && count == 5 && blobs[3].count == blobs[4].count)
        check_floats(all, words[1], blobs[2], blobs[3], blobs[4]);
    else
        CHECK(all->t, 0, "line %" PRIu64 " is no case", all->cases);
}

int main(int argc, char **argv)
{
    test t = test_begin("functions", argc, argv, 0, 0);
    tally all = { .t = &t };
    for (int i = 1; i < argc; i++) {
        FILE *f = strcmp(argv[i], "-") ? fopen(argv[i], "r") : stdin;
        char *line = NULL;
        size_t room = 0;
        CHECK(&t, f, "cannot read %s", argv[i]);
        while (f && getline(&line, &room, f) > 0)
            run_line(&all, line);
        free(line);
        if (f && f != stdin)
            fclose(f);
    }
    CHECK(&t, all.cases >= test_number("LEAST", 1), "only %" PRIu64 " cases", all.cases);
    char text[200];
    snprintf(text, sizeof text,
             "%" PRIu64 " cases: %" PRIu64 " bytes and %" PRIu64 " float32, %" PRIu64 " wrong",
             all.cases, all.bytes, all.floats, all.wrong);
    if (t.failures)
        printf("%s\n", text);
    return test_end(&t, text);
}
