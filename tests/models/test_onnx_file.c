/* ONNX files with data in other files and with symbolic sizes: what is inside the directory of the
 * model is found, what is outside or past an end is refused with a sentence, and sizes are bound by
 * their names.  Works in a directory of its own, which it removes. */
#define _XOPEN_SOURCE 700 /* symlink, mkdtemp */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models/base/files.h"
#include "models/base/weft_crc32.h"
#include "models/import/onnx/onnx.h"
#include "models/ref/operators/ref_graph.h"
#include "onnx_sample.h"
#include "tests/test.h"

enum { IMAGES = 3, OFFSET = 5, FILE_BYTES = OFFSET + SAMPLE_W1_BYTES };

typedef struct bench {
    test *t;
    char dir[64], model[128], outside[128];
    onnx_sample s;
    Onnx__StringStringEntryProto entry[3], *entries[3];
} bench;

static void set(bench *b, unsigned i, const char *key, const char *value)
{
    onnx__string_string_entry_proto__init(&b->entry[i]);
    b->entry[i].key = (char *)(uintptr_t)key;
    b->entry[i].value = (char *)(uintptr_t)value;
    b->entries[i] = &b->entry[i];
}

/* The sample with the weights of its convolution in another file. */
static void make_external(bench *b, const char *location, const char *offset, const char *length)
{
    onnx_sample_init(&b->s);
    Onnx__TensorProto *t = &b->s.constant[SAMPLE_W1];
    t->has_raw_data = 0;
    t->has_data_location = 1;
    t->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    set(b, 0, "location", location);
    set(b, 1, "offset", offset);
    set(b, 2, "length", length);
    t->external_data = b->entries;
    t->n_external_data = 3;
}

static int import(bench *b, const weft_onnx_options *options, weft_graph **g, weft_error *err)
{
    size_t bytes;
    uint8_t *packed = onnx_sample_pack(&b->s, &bytes);
    *g = NULL;
    int rc = packed ? weft_file_write(b->model, packed, bytes, err) : WEFT_ERR_NO_MEMORY;
    free(packed);
    return rc == WEFT_OK ? weft_onnx_read(b->model, options, g, err) : rc;
}

/* The logits of images number first, first + 1, .. of a ramp. */
static void answers(const weft_graph *g, int first, int images, float *logits)
{
    float image[IMAGES * 72];
    weft_ref *r = NULL;
    weft_error err = { 0 };
    for (int i = 0; i < images * 72; i++)
        image[i] = (float)((first * 72 + i) * 29 % 256 - 128) / 128.0f;
    if (weft_ref_new(g, &r, &err) == WEFT_OK) {
        weft_ref_set_input(r, 0, image, (size_t)images * 72 * sizeof *image);
        weft_ref_run(r);
        weft_ref_get_output(r, 0, logits, (size_t)images * 5 * sizeof *logits);
    }
    weft_ref_free(r);
}

static void answer(const weft_graph *g, float *logits)
{
    answers(g, 0, 1, logits);
}

static void check_good(bench *b, const float *want, const char *what)
{
    weft_graph *g;
    weft_error err = { 0 };
    float got[5] = { 0 };
    const int rc = import(b, NULL, &g, &err);
    CHECK(b->t, rc == WEFT_OK, "%s: %s", what, err.text);
    if (g)
        answer(g, got);
    CHECK(b->t, !memcmp(got, want, sizeof got), "%s: another answer", what);
    weft_graph_free(g);
}

static void check_refused(bench *b, int status, const char *word)
{
    weft_graph *g;
    weft_error err = { 0 };
    const int rc = import(b, NULL, &g, &err);
    CHECK(b->t, rc == status && !g && strstr(err.text, word), "want %s with \"%s\", got %s \"%s\"",
          weft_status_name(status), word, weft_status_name(rc), err.text);
    weft_graph_free(g);
}

static void path_in(const bench *b, const char *name, char *out, size_t room)
{
    snprintf(out, room, "%.60s/m/%.40s", b->dir, name);
}

static void check_external(bench *b)
{
    uint8_t bytes[FILE_BYTES] = { 0 };
    char path[128], target[128];
    float want[5] = { 0 };
    weft_graph *g;
    weft_error err = { 0 };
    onnx_sample_init(&b->s);
    memcpy(bytes + OFFSET, b->s.w1, SAMPLE_W1_BYTES);
    CHECK(b->t, import(b, NULL, &g, &err) == WEFT_OK, "plain: %s", err.text);
    if (g)
        answer(g, want);
    weft_graph_free(g);
    path_in(b, "w1.bin", path, sizeof path);
    CHECK(b->t, weft_file_write(path, bytes, sizeof bytes, &err) == WEFT_OK, "%s", err.text);
    CHECK(b->t, weft_file_write(b->outside, bytes, sizeof bytes, &err) == WEFT_OK, "%s", err.text);
    make_external(b, "w1.bin", "5", "54");
    check_good(b, want, "external");
    make_external(b, "w1.bin", "5", "54");
    b->s.constant[SAMPLE_W1].n_external_data = 2; /* to the end */
    check_good(b, want, "external without a length");
    path_in(b, "link.bin", target, sizeof target);
    CHECK(b->t, symlink("w1.bin", target) == 0, "link");
    make_external(b, "link.bin", "5", "54");
    check_good(b, want, "a link inside");
    path_in(b, "out.bin", target, sizeof target);
    CHECK(b->t, symlink("../outside.bin", target) == 0, "link");
    make_external(b, "out.bin", "5", "54");
    check_refused(b, WEFT_ERR_IO, "directory");
    make_external(b, "../outside.bin", "5", "54");
    check_refused(b, WEFT_ERR_IO, "directory");
    make_external(b, b->outside, "5", "54");
    check_refused(b, WEFT_ERR_IO, "directory");
    make_external(b, "none.bin", "5", "54");
    check_refused(b, WEFT_ERR_IO, "directory");
    make_external(b, ".", "5", "54");
    check_refused(b, WEFT_ERR_IO, "");
    make_external(b, "w1.bin", "6", "54");
    check_refused(b, WEFT_ERR_FORMAT, "past the end");
    make_external(b, "w1.bin", "18446744073709551615", "54");
    check_refused(b, WEFT_ERR_FORMAT, "past the end");
    make_external(b, "w1.bin", "-1", "54");
    check_refused(b, WEFT_ERR_FORMAT, "past the end");
    make_external(b, "w1.bin", "5", "53");
    check_refused(b, WEFT_ERR_FORMAT, "\"w1\"");
    make_external(b, "w1.bin", "5", "54");
    b->entry[0].key = b->entry[1].key;
    check_refused(b, WEFT_ERR_FORMAT, "not named");
}

/* What the graph says of its file, which has just been written. */
static void check_source(bench *b, const weft_graph *g, const char *options)
{
    uint8_t *bytes = NULL;
    size_t count = 0;
    weft_error err = { 0 };
    CHECK(b->t, weft_file_read(b->model, &bytes, &count, &err) == WEFT_OK, "%s", err.text);
    const weft_source *s = &g->source;
    CHECK(b->t, s->kind == WEFT_SOURCE_ONNX && !strcmp(s->name, "model.onnx"), "\"%s\"", s->name);
    CHECK(b->t, s->bytes == count && s->crc32 == weft_file_crc32(bytes, count), "size or CRC-32");
    CHECK(b->t, !strcmp(s->producer, "weft tests 7"), "\"%s\"", s->producer);
    CHECK(b->t, !strcmp(s->options, options), "\"%s\", not \"%s\"", s->options, options);
    weft_graph *again = NULL;
    CHECK(b->t,
          *options || (weft_onnx_import(bytes, count, NULL, &again, &err) == WEFT_OK &&
                       again->source.crc32 == s->crc32 && !again->source.name[0]),
          "from memory: %s", err.text);
    weft_graph_free(again);
    free(bytes);
}

/* Height and width under the names H and W. */
static void make_symbolic(bench *b)
{
    static char h[] = "H", w[] = "W";
    onnx_sample_init(&b->s);
    for (int i = 2; i < 4; i++) {
        b->s.dim[0][i].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
        b->s.dim[0][i].dim_param = i == 2 ? h : w;
    }
}

static void check_binds(bench *b)
{
    const weft_bind six[] = { { "H", 6, 0 }, { "W", 6, 0 } };
    const weft_onnx_options all = { .binds = six, .bind_count = 2 },
                            some = { .binds = six, .bind_count = 1 };
    weft_graph *g;
    weft_error err = { 0 };
    make_symbolic(b);
    CHECK(b->t, import(b, &all, &g, &err) == WEFT_OK, "bound: %s", err.text);
    CHECK(b->t, g && g->inputs[0].dims[2] == 6 && g->inputs[0].dims[3] == 6, "bound sizes");
    if (g)
        check_source(b, g, "--bind H=6,W=6");
    weft_graph_free(g);
    make_symbolic(b);
    CHECK(b->t, import(b, &some, &g, &err) == WEFT_ERR_UNSUPPORTED && strstr(err.text, "--bind"),
          "half bound: %s", err.text);
    make_symbolic(b);
    check_refused(b, WEFT_ERR_UNSUPPORTED,
                  "(1 x 2 x H x W); say what they are with --bind image=1x2xSIZExSIZE");
    const weft_bind axes[] = { { "image", 6, 3 }, { "image", 6, 4 } }, wrong = { "image", 3, 2 };
    const weft_onnx_options shape = { .binds = axes, .bind_count = 2 },
                            contradicts = { .binds = &wrong, .bind_count = 1 };
    make_symbolic(b);
    b->s.dim[0][3].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    b->s.dim[0][3].dim_value = -1; /* some exporters' way to say nothing */
    CHECK(b->t, import(b, &shape, &g, &err) == WEFT_OK, "bound by axis: %s", err.text);
    if (g)
        check_source(b, g, "--bind image=?x?x6x6");
    weft_graph_free(g);
    make_symbolic(b);
    CHECK(b->t,
          import(b, &contradicts, &g, &err) == WEFT_ERR_UNSUPPORTED &&
              strstr(err.text, "than --bind"),
          "bound to another size: %s", err.text);
}

/* The symbolic batch bound to several images gives what each gives alone. */
static void check_batch(bench *b)
{
    const weft_bind three = { "batch", IMAGES, 0 };
    const weft_onnx_options bound = { .binds = &three, .bind_count = 1 };
    weft_graph *g;
    weft_error err = { 0 };
    float alone[IMAGES * 5] = { 0 }, together[IMAGES * 5] = { 1 };
    onnx_sample_init(&b->s);
    CHECK(b->t, import(b, NULL, &g, &err) == WEFT_OK, "one image: %s", err.text);
    if (g)
        check_source(b, g, "");
    for (int i = 0; g && i < IMAGES; i++)
        answers(g, i, 1, alone + 5 * i);
    weft_graph_free(g);
    onnx_sample_init(&b->s);
    CHECK(b->t, import(b, &bound, &g, &err) == WEFT_OK, "three images: %s", err.text);
    if (g)
        answers(g, 0, IMAGES, together);
    CHECK(b->t, g && g->outputs[0].dims[0] == IMAGES && !memcmp(alone, together, sizeof alone),
          "three images together: another answer");
    weft_graph_free(g);
}

static size_t put_length(uint8_t *to, uint64_t v)
{
    for (unsigned i = 0; i < 5; i++)
        to[i] = (uint8_t)((v >> 7 * i & 0x7f) | (i < 4 ? 0x80 : 0));
    return 5;
}

static long peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* A model with `raw` bytes more of constants (a hole in the file) is imported in a few megabytes.
 */
static void check_mapped(bench *b, uint64_t raw)
{
    uint8_t more[64], length[8];
    size_t at = 0, bytes;
    weft_graph *g = NULL;
    weft_error err = { 0 };
    onnx_sample_init(&b->s);
    uint8_t *packed = onnx_sample_pack(&b->s, &bytes), *both = malloc(bytes + sizeof more);
    const size_t tensor = 1 + put_length(length, raw) + 2 + raw + 1 + 5;
    more[at++] = 7 << 3 | 2; /* a second piece of the graph, */
    at += put_length(more + at, tensor + 6);
    more[at++] = 5 << 3 | 2; /* an initialiser, */
    at += put_length(more + at, tensor);
    more[at++] = 1 << 3; /* its size, */
    at += put_length(more + at, raw);
    more[at++] = 2 << 3; /* its type uint8, */
    more[at++] = 2;
    more[at++] = 9 << 3 | 2; /* and its data */
    at += put_length(more + at, raw);
    if (packed && both) {
        memcpy(both, packed, bytes);
        memcpy(both + bytes, more, at);
        CHECK(b->t, weft_file_write(b->model, both, bytes + at, &err) == WEFT_OK, "%s", err.text);
    }
    free(packed);
    free(both);
    CHECK(b->t, truncate(b->model, (off_t)(bytes + at + raw)) == 0, "a hole");
    const long before = peak_kib();
    CHECK(b->t, weft_onnx_read(b->model, NULL, &g, &err) == WEFT_OK, "a hole: %s", err.text);
    CHECK(b->t, peak_kib() - before < 64 << 10, "it took %ld KiB", peak_kib() - before);
    if (g && raw < 1 << 24)
        check_source(b, g, "");
    weft_graph_free(g);
}

int main(int argc, char **argv)
{
    test t = test_begin("onnx_file", argc, argv, 1, 1);
    static const char *const names[] = { "model.onnx", "w1.bin", "link.bin", "out.bin" };
    bench *b = calloc(1, sizeof *b);
    char path[128];
    if (!b)
        return 1;
    b->t = &t;
    snprintf(b->dir, sizeof b->dir, "/tmp/weft_test_XXXXXX");
    if (!mkdtemp(b->dir))
        return test_skip(&t, "no directory can be made under /tmp");
    path_in(b, "", path, sizeof path);
    CHECK(&t, mkdir(path, 0700) == 0, "mkdir");
    path_in(b, "model.onnx", b->model, sizeof b->model);
    snprintf(b->outside, sizeof b->outside, "%.60s/outside.bin", b->dir);
    check_external(b);
    check_binds(b);
    check_batch(b);
    check_mapped(b, 1900000000);
    check_mapped(b, 3000001);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        path_in(b, names[i], path, sizeof path);
        (void)remove(path);
    }
    path_in(b, "", path, sizeof path);
    (void)remove(b->outside);
    (void)rmdir(path);
    (void)rmdir(b->dir);
    free(b);
    return test_end(&t, "external data inside, outside and past the end; symbolic sizes bound, "
                        "batches, 1.9 GB mapped");
}
