/* Networks whose host has work between runs of the device: attention, the softmax of a detector, a
 * resize by any factor; and what the library promises of them: counters and progress of the whole,
 * the index of a failed command, cancelling between runs, several jobs.
 *
 *     test_steps DEVICE...
 *     test_steps --write FILE      attention as TensorFlow Lite */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "e2e.h"
#include "models/compile/weft_compile.h"
#include "models/program/weft_file.h"
#include "rtl/isa/weft_isa.h"
#include "steps_nets.h"
#include "tests/tflite/gen_attention.h"

static int write_file(test *t, const char *path)
{
    rng r = rng_make(t->seed);
    fbw file = gen_attention(&r, 2);
    FILE *f = file.failed ? NULL : fopen(path, "wb");
    const int good = f && fwrite(file.bytes, 1, file.count, f) == file.count;
    CHECK(t, f && fclose(f) == 0 && good, "%s cannot be written", path);
    free(file.bytes);
    return test_end(t, path);
}

static uint32_t places(const weft_program *p)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->step_count; i++)
        count += i == 0 || p->steps[i].before != p->steps[i - 1].before;
    return count;
}

/* Against the reference, with so many steps in so many places. */
static void check_net(e2e *d, weft_graph *g, const char *name, uint32_t steps, uint32_t where,
                      const uint8_t *on_host)
{
    size_t bytes;
    rng r = rng_make(d->t->seed);
    uint8_t *in = e2e_draw_inputs(&r, g, &bytes);
    d->on_host = on_host;
    CHECK(d->t, in && e2e_against_reference(d, g, name, in), "%s on %s", name, d->uri);
    d->on_host = NULL;
    if (d->program)
        CHECK(d->t, d->program->step_count == steps && places(d->program) == where,
              "%s on %s: %" PRIu32 " steps in %" PRIu32 " places", name, d->uri,
              d->program->step_count, places(d->program));
    free(in);
    weft_graph_free(g);
}

/* --- what the library promises ------------------------------------------------------------ */

/* The counters are those of all runs together; so are the cycles. */
static void check_counters(e2e *d)
{
    enum { MOST = 32 };
    uint32_t value[MOST] = { 0 };
    const char *name;
    weft_error err = { 0 };
    weft_stats s = { .struct_bytes = sizeof s };
    weft_loaded_stats(d->net, &s, NULL);
    CHECK(d->t, weft_device_counters(d->dev, value, MOST, &err) == WEFT_OK, "%s", err.text);
    for (uint32_t i = 0; i < MOST && (name = weft_counter_name(i)); i++) {
        if (!strcmp(name, "COMMANDS"))
            CHECK(d->t, value[i] == d->program->prog_count, "%s: %u commands of %u", d->uri,
                  (unsigned)value[i], (unsigned)d->program->prog_count);
        if (!strcmp(name, "CYCLES"))
            CHECK(d->t, value[i] == s.last_cycles, "%s: %u cycles, %u counted", d->uri,
                  (unsigned)s.last_cycles, (unsigned)value[i]);
    }
}

/* The first command behind the last step damaged: the sentence names it by its place in the
 * program, and with the command as it was the device is as good as before. */
static void check_error(e2e *d, const uint8_t *in, const uint8_t *want, const weft_graph *g)
{
    const weft_program *p = d->program;
    const uint32_t index = p->steps[p->step_count - 1].before;
    uint8_t *at = p->image + (p->prog_addr - p->image_addr);
    char text[40];
    weft_error err = { 0 };
    uint8_t y[WORDS * WIDTH];
    const weft_input from = { sizeof from, WEFT_FORM_MODEL, in, sizeof y };
    const weft_output to = { sizeof to, WEFT_FORM_MODEL, y, sizeof y };
    for (uint32_t i = 0; i < index; i++)
        at += weft_op_units(at[0]) * (size_t)WEFT_CMD_UNIT_BYTES;
    snprintf(text, sizeof text, "command %u (layer", (unsigned)index);
    at[3] ^= 0x80; /* a bit that no field of LOAD, TABLE and COMPUTE covers */
    CHECK(d->t, e2e_load_file(d, p, &err) == WEFT_OK, "%s", err.text);
    CHECK(d->t,
          weft_run(d->net, &from, &to, WEFT_FOREVER, &err) == WEFT_ERR_DEVICE &&
              strstr(err.text, text),
          "%s: \"%s\", not %s", d->uri, err.text, text);
    at[3] ^= 0x80;
    CHECK(d->t, e2e_load_file(d, p, &err) == WEFT_OK, "%s", err.text);
    (void)e2e_run(d, g, "after an error", in, want);
}

static int submit(e2e *d, const uint8_t *in, uint8_t *out, size_t bytes, weft_job **job,
                  weft_error *err)
{
    const weft_input x = { sizeof x, WEFT_FORM_MODEL, in, bytes };
    const weft_output y = { sizeof y, WEFT_FORM_MODEL, out, bytes };
    const weft_request r = {
        .struct_bytes = sizeof r, .input_count = 1, .output_count = 1, .inputs = &x, .outputs = &y
    };
    return weft_submit(d->net, &r, job, err);
}

/* Several jobs at once, each with its own input. */
static void check_jobs(e2e *d, const weft_graph *g)
{
    enum { JOBS = 3, BYTES = WORDS * WIDTH };
    uint8_t in[JOBS][BYTES], out[JOBS][BYTES];
    weft_job *job[JOBS];
    weft_error err = { 0 };
    rng r = rng_make(d->t->seed + 5);
    for (int i = 0; i < JOBS; i++) {
        for (int k = 0; k < BYTES; k++)
            in[i][k] = (uint8_t)rng_u32(&r);
        CHECK(d->t, submit(d, in[i], out[i], BYTES, &job[i], &err) == WEFT_OK, "%s", err.text);
    }
    for (int i = 0; i < JOBS; i++) {
        uint8_t *want = e2e_reference(d->t, g, "jobs", in[i]);
        CHECK(d->t,
              weft_wait(job[i], WEFT_FOREVER, &err) == WEFT_OK && want &&
                  !memcmp(out[i], want, BYTES),
              "%s: job %d: %s", d->uri, i, err.text);
        weft_job_free(job[i]);
        free(want);
    }
}

/* Cancels its job in the second run of the device. */
typedef struct canceller {
    _Atomic(weft_job *) job;
    uint32_t after; /* commands of the first run */
    atomic_int done;
} canceller;

static void cancel_late(void *self, uint32_t events, const uint32_t *counters)
{
    canceller *c = self;
    weft_job *job = atomic_load(&c->job);
    (void)events;
    if (job && counters[WEFT_WATCHED_COUNTERS - 1] >= c->after && !atomic_load(&c->done)) {
        weft_cancel(job);
        atomic_store(&c->done, 1);
    }
}

static void check_cancel(e2e *d, const uint8_t *in, const uint8_t *want, const weft_graph *g)
{
    uint8_t y[WORDS * WIDTH];
    canceller c = { .after = d->program->steps[0].before };
    weft_error err = { 0 };
    weft_job *job = NULL;
    if (weft_device_watch(d->dev, cancel_late, &c, &err) != WEFT_OK)
        return; /* only the simulation can be watched */
    CHECK(d->t, submit(d, in, y, sizeof y, &job, &err) == WEFT_OK, "%s", err.text);
    atomic_store(&c.job, job);
    const int rc = weft_wait(job, WEFT_FOREVER, &err);
    weft_job_free(job);
    (void)weft_device_watch(d->dev, NULL, NULL, NULL);
    CHECK(d->t, rc == (atomic_load(&c.done) ? WEFT_ERR_CANCELLED : WEFT_OK),
          "%s: a job cancelled between runs ends with %d: %s", d->uri, rc, err.text);
    (void)e2e_run(d, g, "after a cancellation", in, want);
}

static void check_library(e2e *d)
{
    weft_graph *g = steps_transformer(d->t, 3);
    weft_error err;
    size_t bytes;
    rng r = rng_make(d->t->seed);
    uint8_t *in = e2e_draw_inputs(&r, g, &bytes);
    uint8_t *want = e2e_reference(d->t, g, "transformer", in);
    if (want && e2e_load(d, g, "transformer", &err) == WEFT_OK &&
        e2e_run(d, g, "transformer", in, want)) {
        check_counters(d);
        check_jobs(d, g);
        check_cancel(d, in, want, g);
        check_error(d, in, want, g);
    }
    free(want);
    free(in);
    weft_graph_free(g);
}

int main(int argc, char **argv)
{
    static const uint8_t first[1] = { 1 }, last[2] = { 0, 1 };
    test t = test_begin("steps", argc, argv, 1, 1);
    if (argc == 3 && !strcmp(argv[1], "--write"))
        return write_file(&t, argv[2]);
    for (int i = 1; i < argc; i++) {
        e2e d;
        if (!e2e_open(&t, argv[i], &d))
            continue;
        check_net(&d, steps_transformer(&t, 1), "attention", HEADS, 1, NULL);
        check_net(&d, steps_transformer(&t, 2), "attention twice", 2 * HEADS, 2, NULL);
        check_net(&d, steps_imported(&t), "attention of a file", 2, 2, NULL);
        check_net(&d, steps_detector(&t), "detector", 1, 1, NULL);
        check_net(&d, steps_resize(&t), "bilinear resize", 1, 1, NULL);
        check_net(&d, steps_softmax_of_onnx(&t), "softmax of ONNX", 2, 2, NULL);
        check_net(&d, steps_padded(&t), "the first operator on the host", 1, 1, first);
        check_net(&d, steps_padded(&t), "the last operator on the host", 1, 1, last);
        check_library(&d);
        e2e_close(&d);
    }
    return test_end(&t, "attention, detector, resize; counters, errors, jobs, cancelling");
}
