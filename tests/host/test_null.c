/* NULL and struct_bytes, for every function of weft.h: a pointer that must not be NULL gives
 * WEFT_ERR_ARG and a sentence that names function and argument, with err and without; a struct may
 * be shorter or longer than the library's.  tests/host/test_headers.sh sees that no function is
 * left out. */
#include <string.h>

#include "device_bench.h"
#include "layer.h"

/* Everything a function can want, all of it good. */
typedef struct subject {
    test *t;
    const bench *b;
    weft_program *prog;
    weft_device *dev;
    weft_loaded *net;
    weft_port_set *set;
    weft_job *job;
    float y[OUT];
} subject;

/* The argument, unless it is the one that is to be NULL. */
#define GOOD(k, argument) (null == (k) ? NULL : (argument))

#define TRY(name, ...)                                                                             \
    static int try_##name(subject *s, int null, weft_error *err)                                   \
    {                                                                                              \
        (void)s;                                                                                   \
        (void)null;                                                                                \
        __VA_ARGS__                                                                                \
    }

/* For the structs that functions fill. */
#define FILLS(type) type x = { .struct_bytes = sizeof x }

TRY(weft_program_open, weft_program *x = NULL;
    return weft_program_open(GOOD(0, "f"), GOOD(1, &x), err);)
TRY(weft_program_parse, weft_program *x = NULL;
    return weft_program_parse(GOOD(0, s->b->f.bytes), s->b->f.n, GOOD(1, &x), err);)
TRY(weft_program_describe, FILLS(weft_program_info);
    return weft_program_describe(GOOD(0, s->prog), GOOD(1, &x), err);)
TRY(weft_program_array, FILLS(weft_array);
    return weft_program_array(GOOD(0, s->prog), GOOD(1, &x), err);)
TRY(weft_program_describe_input, FILLS(weft_port_info);
    return weft_program_describe_input(GOOD(0, s->prog), 0, GOOD(1, &x), err);)
TRY(weft_program_describe_output, FILLS(weft_port_info);
    return weft_program_describe_output(GOOD(0, s->prog), 0, GOOD(1, &x), err);)
TRY(weft_program_describe_layer, FILLS(weft_program_layer_info);
    return weft_program_describe_layer(GOOD(0, s->prog), 0, GOOD(1, &x), err);)
TRY(weft_device_list, FILLS(weft_listing); return weft_device_list(0, GOOD(0, &x), err);)
TRY(weft_open, weft_device *x = NULL; return weft_open(GOOD(0, "ref:"), GOOD(1, &x), err);)
TRY(weft_open_all, weft_device *x[1] = { NULL }; uint32_t n = 0;
    return weft_open_all(GOOD(0, "ref:"), GOOD(1, x), 1, GOOD(2, &n), err);)
TRY(weft_device_describe, FILLS(weft_device_info);
    return weft_device_describe(GOOD(0, s->dev), GOOD(1, &x), err);)
TRY(weft_device_array, FILLS(weft_array);
    return weft_device_array(GOOD(0, s->dev), GOOD(1, &x), err);)
TRY(weft_recover, return weft_recover(GOOD(0, s->dev), err);)
TRY(weft_load, weft_loaded *x = NULL;
    return weft_load(GOOD(0, s->dev), GOOD(1, s->prog), NULL, GOOD(2, &x), err);)
TRY(weft_load_file, weft_loaded *x = NULL;
    return weft_load_file(GOOD(0, s->dev), GOOD(1, "f"), GOOD(2, &x), err);)
TRY(weft_submit, weft_request r = { .struct_bytes = sizeof r }; weft_job *x = NULL;
    return weft_submit(GOOD(0, s->net), GOOD(1, &r), GOOD(2, &x), err);)
TRY(weft_wait, return weft_wait(GOOD(0, s->job), 0, err);)
TRY(weft_wait_any, weft_job *jobs[1] = { GOOD(1, s->job) }; uint32_t x = 0;
    return weft_wait_any(GOOD(0, jobs), 1, 0, GOOD(2, &x), err);)
TRY(weft_device_fd, int x = 0; return weft_device_fd(GOOD(0, s->dev), GOOD(1, &x), err);)
TRY(weft_job_describe, FILLS(weft_job_info);
    return weft_job_describe(GOOD(0, s->job), GOOD(1, &x), err);)
TRY(weft_run, const weft_input in = from(s->b->x); const weft_output out = to(s->y);
    return weft_run(GOOD(0, s->net), GOOD(1, &in), GOOD(2, &out), WEFT_FOREVER, err);)
TRY(weft_port_set_take, weft_port_set *x = NULL;
    return weft_port_set_take(GOOD(0, s->net), GOOD(1, &x), err);)
TRY(weft_port_set_input, FILLS(weft_rows_info);
    return weft_port_set_input(GOOD(0, s->set), 0, GOOD(1, &x), err);)
TRY(weft_port_set_output, FILLS(weft_rows_info);
    return weft_port_set_output(GOOD(0, s->set), 0, GOOD(1, &x), err);)
TRY(weft_port_set_write, const weft_input in = from(s->b->x);
    return weft_port_set_write(GOOD(0, s->set), 0, GOOD(1, &in), err);)
TRY(weft_port_set_read, const weft_output out = to(s->y);
    return weft_port_set_read(GOOD(0, s->set), 0, GOOD(1, &out), err);)
TRY(weft_loaded_stats, FILLS(weft_stats);
    return weft_loaded_stats(GOOD(0, s->net), GOOD(1, &x), err);)
TRY(weft_device_counters, uint32_t x[1];
    return weft_device_counters(GOOD(0, s->dev), GOOD(1, x), 1, err);)
TRY(weft_device_watch, return weft_device_watch(GOOD(0, s->dev), NULL, NULL, err);)

typedef struct row {
    const char *name;
    int pointers; /* that must not be NULL */
    int (*try)(subject *s, int null, weft_error *err);
} row;

#define ROW(name, pointers)                                                                        \
    {                                                                                              \
#name, pointers, try_##name                                                                \
    }

static const row rows[] = {
    ROW(weft_program_open, 2),
    ROW(weft_program_parse, 2),
    ROW(weft_program_describe, 2),
    ROW(weft_program_array, 2),
    ROW(weft_program_describe_input, 2),
    ROW(weft_program_describe_output, 2),
    ROW(weft_program_describe_layer, 2),
    ROW(weft_device_list, 1),
    ROW(weft_open, 2),
    ROW(weft_open_all, 3),
    ROW(weft_device_describe, 2),
    ROW(weft_device_array, 2),
    ROW(weft_recover, 1),
    ROW(weft_load, 3),
    ROW(weft_load_file, 3),
    ROW(weft_submit, 3),
    ROW(weft_wait, 1),
    ROW(weft_wait_any, 3),
    ROW(weft_device_fd, 2),
    ROW(weft_job_describe, 2),
    ROW(weft_run, 3),
    ROW(weft_port_set_take, 2),
    ROW(weft_port_set_input, 2),
    ROW(weft_port_set_output, 2),
    ROW(weft_port_set_write, 2),
    ROW(weft_port_set_read, 2),
    ROW(weft_loaded_stats, 2),
    ROW(weft_device_counters, 2),
    ROW(weft_device_watch, 1),
};

static void check_null(subject *s)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int null = 0; null < rows[i].pointers; null++) {
            weft_error err = { 0 };
            const int rc = rows[i].try(s, null, &err);
            CHECK(s->t, rc == WEFT_ERR_ARG && err.status == rc, "%s, pointer %d: %d", rows[i].name,
                  null, rc);
            CHECK(s->t,
                  !strncmp(err.text, rows[i].name, strlen(rows[i].name)) &&
                      strstr(err.text, "must not be NULL"),
                  "%s, pointer %d: %s", rows[i].name, null, err.text);
            CHECK(s->t, rows[i].try(s, null, NULL) == rc, "%s, pointer %d, without err",
                  rows[i].name, null);
        }
}

/* Functions that take NULL, and pointers that may be NULL inside of structs. */
static void check_allowed(subject *s)
{
    weft_error err = { 0 };
    weft_job *job = NULL;
    weft_input in = from(NULL);
    weft_output out = to(s->y);
    weft_program_close(NULL);
    weft_unload(NULL);
    weft_cancel(NULL);
    weft_job_free(NULL);
    weft_port_set_free(NULL);
    CHECK(s->t, weft_close(NULL) == WEFT_OK && !weft_loaded_program(NULL), "NULL is not allowed");
    CHECK(s->t, weft_version()[0] && weft_counter_name(0) && weft_counter_text(0), "static texts");
    CHECK(s->t, weft_run(s->net, &in, &out, 0, &err) == WEFT_ERR_ARG && strstr(err.text, "image"),
          "no data: %s", err.text);
    const weft_request request = { .struct_bytes = sizeof request,
                                   .input_count = 1,
                                   .output_count = 1 };
    CHECK(s->t, weft_submit(s->net, &request, &job, &err) == WEFT_ERR_ARG && !job, "no inputs: %s",
          err.text);
}

/* A struct of an older caller, of a newer one, and one whose struct_bytes nobody has set. */
static void check_filled(subject *s)
{
    struct longer {
        weft_array a;
        uint32_t more[3];
    } x;
    memset(&x, 0x55, sizeof x);
    x.a.struct_bytes = 12; /* up to cols */
    CHECK(s->t, weft_device_array(s->dev, &x.a, NULL) == WEFT_OK && x.a.cols == 16, "shorter");
    CHECK(s->t, x.a.lanes == 0x55555555 && x.a.struct_bytes == 12, "more than was there");
    x.a.struct_bytes = sizeof x;
    CHECK(s->t, weft_device_array(s->dev, &x.a, NULL) == WEFT_OK && x.a.lanes == 16, "longer");
    CHECK(s->t, !x.more[0] && !x.more[2] && x.a.struct_bytes == sizeof x, "not zero behind it");
    const uint32_t wrong[] = { 0, 3, 7, 4097, 0xcccccccc };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        weft_error err = { 0 };
        x.a.struct_bytes = wrong[i];
        CHECK(s->t,
              weft_device_array(s->dev, &x.a, &err) == WEFT_ERR_ARG &&
                  strstr(err.text, "struct_bytes"),
              "struct_bytes %u: %s", (unsigned)wrong[i], err.text);
    }
}

static void check_taken(subject *s)
{
    struct longer {
        weft_load_options o;
        uint32_t more;
    } x = { { .struct_bytes = sizeof x }, 0 };
    weft_loaded *net = NULL;
    weft_error err = { 0 };
    CHECK(s->t, weft_load(s->dev, s->prog, &x.o, &net, &err) == WEFT_OK, "%s", err.text);
    weft_unload(net);
    x.more = 1;
    CHECK(s->t, weft_load(s->dev, s->prog, &x.o, &net, &err) == WEFT_ERR_VERSION && !net,
          "what is not known is ignored: %s", err.text);
    x.o = (weft_load_options){ 0 };
    CHECK(s->t, weft_load(s->dev, s->prog, &x.o, &net, &err) == WEFT_ERR_ARG, "%s", err.text);
}

/* The array of inputs of a caller that knows more: the first says how far it is to the next. */
static void check_stride(subject *s)
{
    struct longer {
        weft_output out;
        uint64_t more;
    } x = { { sizeof x, WEFT_FORM_MODEL, s->y, sizeof s->y }, 0 };
    const weft_input in = from(s->b->x);
    weft_error err = { 0 };
    CHECK(s->t, weft_run(s->net, &in, &x.out, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
    CHECK(s->t, !memcmp(s->y, s->b->want, sizeof s->y), "another answer");
    x.more = 1;
    CHECK(s->t, weft_run(s->net, &in, &x.out, WEFT_FOREVER, &err) == WEFT_ERR_VERSION, "%s",
          err.text);
    x.out.struct_bytes = 12; /* without data */
    CHECK(s->t, weft_run(s->net, &in, &x.out, WEFT_FOREVER, &err) == WEFT_ERR_ARG, "%s", err.text);
}

int main(int argc, char **argv)
{
    test t = test_begin("null", argc, argv, 1, 1);
    bench b = bench_make(&t);
    session on = open_loaded(&b, "ref:");
    weft_error err = { 0 };
    subject s = { .t = &t, .b = &b, .dev = on.dev, .net = on.net };
    const weft_input in = from(b.x);
    const weft_output out = to(s.y);
    CHECK(&t, weft_program_parse(b.f.bytes, b.f.n, &s.prog, &err) == WEFT_OK, "%s", err.text);
    CHECK(&t, weft_port_set_take(s.net, &s.set, &err) == WEFT_OK, "%s", err.text);
    CHECK(&t, submit_one(s.net, &in, &out, &s.job, &err) == WEFT_OK, "%s", err.text);
    CHECK(&t, weft_wait(s.job, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
    check_null(&s);
    check_allowed(&s);
    check_filled(&s);
    check_taken(&s);
    check_stride(&s);
    weft_job_free(s.job);
    weft_port_set_free(s.set);
    weft_program_close(s.prog);
    close_loaded(on);
    bench_free(&b);
    return test_end(&t, "NULL and struct_bytes of every function of weft.h");
}
