/* The host library on a small network: conversions, queue, cancelling, time-outs, every error. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "device_bench.h"
#include "layer.h"

/* --- the checks ---------------------------------------------------------------------------------
 */

static void check_conversions(bench *b)
{
    test *t = b->t;
    session s = open_loaded(b, "ref:");
    float y[OUT], back[OUT];
    int8_t q[IN], r[OUT];
    weft_error err = { 0 };
    weft_input in = from(b->x);
    weft_output out = to(y);
    CHECK(t, weft_run(s.net, &in, &out, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, !memcmp(y, b->want, sizeof y), "float32 model differs from the reference");
    for (unsigned i = 0; i < IN; i++) {
        const float v = rintf(b->x[i] / 0.25f) + 3.0f;
        q[i] = (int8_t)(v > 127.0f ? 127.0f : v >= -128.0f ? v : -128.0f);
    }
    in = input_of(q, sizeof q, WEFT_FORM_INT8);
    out = output_of(r, sizeof r, WEFT_FORM_INT8);
    CHECK(t, weft_run(s.net, &in, &out, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
    for (unsigned i = 0; i < OUT; i++)
        CHECK(t, b->want[i] == 0.25f * (float)(r[i] - 3), "int8 output %u: %d", i, r[i]);
    in = input_of(b->x, sizeof b->x, WEFT_FORM_FLOAT32);
    out = output_of(back, sizeof back, WEFT_FORM_FLOAT32);
    CHECK(t, weft_run(s.net, &in, &out, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, !memcmp(back, b->want, sizeof back), "form FLOAT32 differs");
    close_loaded(s);
}

static void check_description(bench *b)
{
    test *t = b->t;
    session s = open_loaded(b, "ref:");
    weft_port_info p = { .struct_bytes = sizeof p };
    weft_array a = { .struct_bytes = sizeof a };
    weft_device_info d = { .struct_bytes = sizeof d };
    weft_listing l = { .struct_bytes = sizeof l };
    uint32_t counters[32];
    const weft_program *prog = weft_loaded_program(s.net);
    CHECK(t, weft_device_array(s.dev, &a, NULL) == WEFT_OK && a.rows == 16 && a.cols == 16,
          "array");
    CHECK(t, weft_device_describe(s.dev, &d, NULL) == WEFT_OK && !strcmp(d.address, "ref:"),
          "device");
    CHECK(t, d.loaded_count == 1 && d.memory_free < d.memory_bytes && !d.lost, "device");
    CHECK(t, weft_program_describe_input(prog, 0, &p, NULL) == WEFT_OK, "input 0");
    CHECK(t,
          !strcmp(p.name, "image") && p.type == WEFT_TYPE_FLOAT32 && p.model_bytes == 4 * IN &&
              !strcmp(p.layout, "NCHW") && p.int8_zero_point == 3 && p.dims[1] == C,
          "input: %s %s", p.name, p.layout);
    CHECK(t, !strcmp(p.host_steps, "quantize"), "%s", p.host_steps);
    CHECK(t, weft_program_describe_input(prog, 1, &p, NULL) == WEFT_ERR_ARG, "input 1 exists");
    CHECK(t, weft_program_describe_output(prog, 1, &p, NULL) == WEFT_ERR_ARG, "output 1 exists");
    CHECK(t, weft_device_counters(s.dev, counters, 32, NULL) == WEFT_OK, "counters");
    CHECK(t, !strcmp(weft_counter_name(0), "CYCLES") && !weft_counter_name(1000), "counter names");
    CHECK(t, weft_device_list(0, &l, NULL) == WEFT_OK && !strcmp(l.address, "ref:"), "%s",
          l.address);
    CHECK(t, weft_device_list(1, &l, NULL) == WEFT_ERR_NO_DEVICE, "a second device is listed");
    close_loaded(s);
    weft_close(NULL);
}

enum { MOST_JOBS = 16 };

/* Many jobs at once: all right, in whatever order they are waited for. */
static void check_queue(bench *b)
{
    test *t = b->t;
    session s = open_loaded(b, "layer:waits=3");
    static float y[MOST_JOBS][OUT];
    weft_job *job[MOST_JOBS];
    weft_error err = { 0 };
    const weft_input in = from(b->x);
    for (unsigned i = 0; i < MOST_JOBS; i++) {
        const weft_output out = to(y[i]);
        CHECK(t, submit_one(s.net, &in, &out, &job[i], &err) == WEFT_OK, "job %u: %s", i, err.text);
    }
    for (unsigned i = MOST_JOBS; i-- > 0;) {
        const int rc = weft_wait(job[i], WEFT_FOREVER, &err);
        CHECK(t, rc == WEFT_OK && !memcmp(y[i], b->want, sizeof y[i]), "job %u: %s", i, err.text);
        weft_job_free(job[i]);
    }
    weft_stats stats = { .struct_bytes = sizeof stats };
    weft_loaded_stats(s.net, &stats, NULL);
    CHECK(t, stats.runs == MOST_JOBS, "%" PRIu64 " runs", stats.runs);
    close_loaded(s);
}

/* With a job that never ends in front, the queue fills up. */
static void check_busy(bench *b)
{
    test *t = b->t;
    session s = open_loaded(b, "layer:waits=1000000");
    float y[OUT];
    weft_job *job[MOST_JOBS + 1];
    weft_error err = { 0 };
    uint32_t counters[1];
    const weft_input in = from(b->x);
    const weft_output out = to(y);
    for (unsigned i = 0; i <= MOST_JOBS; i++) {
        const int rc = submit_one(s.net, &in, &out, &job[i], &err);
        CHECK(t, rc == (i < MOST_JOBS ? WEFT_OK : WEFT_ERR_BUSY), "job %u: %d", i, rc);
    }
    CHECK(t, weft_wait(job[MOST_JOBS - 1], 0, NULL) == WEFT_ERR_TIMEOUT, "the last is over");
    CHECK(t, weft_device_counters(s.dev, counters, 1, NULL) == WEFT_ERR_BUSY,
          "counters while busy");
    for (unsigned i = 0; i < MOST_JOBS; i++)
        weft_cancel(job[i]);
    for (unsigned i = 0; i < MOST_JOBS; i++) {
        CHECK(t, weft_wait(job[i], WEFT_FOREVER, &err) == WEFT_ERR_CANCELLED, "job %u", i);
        weft_job_free(job[i]);
    }
    close_loaded(s);
}

static void check_cancel(bench *b)
{
    test *t = b->t;
    session s = open_loaded(b, "layer:waits=1000000");
    weft_job *running, *queued, *left;
    weft_error err = { 0 };
    float y[OUT];
    const weft_input in = from(b->x);
    const weft_output out = to(y);
    submit_one(s.net, &in, &out, &running, &err);
    submit_one(s.net, &in, &out, &queued, &err);
    weft_job_info info = { .struct_bytes = sizeof info };
    for (unsigned i = 0; i < 250 && !info.total_commands; i++) { /* on a busy machine it may take */
        CHECK(t, weft_wait(running, 20, &err) == WEFT_ERR_TIMEOUT, "over too early");
        weft_job_describe(running, &info, NULL);
    }
    CHECK(t, info.total_commands > 0 && info.state == WEFT_JOB_RUNNING, "no progress");
    weft_cancel(queued);
    weft_cancel(running);
    CHECK(t, weft_wait(running, 5000, &err) == WEFT_ERR_CANCELLED, "running: %s", err.text);
    CHECK(t, weft_wait(queued, 5000, &err) == WEFT_ERR_CANCELLED, "queued: %s", err.text);
    CHECK(t, weft_run(s.net, &in, &out, 20, &err) == WEFT_ERR_TIMEOUT, "run: %s", err.text);
    weft_cancel(NULL);
    weft_job_free(running);
    weft_job_free(queued);
    submit_one(s.net, &in, &out, &left, &err);
    weft_close(s.dev); /* with a job in flight */
    CHECK(t, weft_wait(left, 0, &err) == WEFT_ERR_CANCELLED, "closed: %s", err.text);
    CHECK(t, submit_one(s.net, &in, &out, &queued, &err) == WEFT_ERR_NO_DEVICE, "%s", err.text);
    weft_unload(s.net);
    weft_job_free(left);
}

/* One byte of one command changed: the device must name it. */
static void check_device_error(bench *b)
{
    test *t = b->t;
    weft_program *p = compile(t, b->g, 16);
    weft_device *dev;
    weft_loaded *bad = NULL, *good = NULL;
    weft_error err = { 0 };
    float y[OUT];
    const weft_input in = from(b->x);
    const weft_output out = to(y);
    p->image[p->prog_addr - p->image_addr + 3] |= 0x80; /* bit 31 of the first command, reserved */
    file f = write_file(t, p);
    weft_open("ref:", &dev, &err);
    CHECK(t, load_bytes(dev, f.bytes, f.n, &bad, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, weft_run(bad, &in, &out, WEFT_FOREVER, &err) == WEFT_ERR_DEVICE, "%s", err.text);
    CHECK(t, strstr(err.text, "command 0") && strstr(err.text, "BAD_FIELD"), "%s", err.text);
    CHECK(t, load_bytes(dev, b->f.bytes, b->f.n, &good, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, weft_run(good, &in, &out, WEFT_FOREVER, &err) == WEFT_OK, "after it: %s", err.text);
    weft_unload(good);
    weft_unload(bad);
    weft_close(dev);
    weft_program_free(p);
    free(f.bytes);
}

static void check_refusals(bench *b)
{
    test *t = b->t;
    weft_device *dev;
    weft_loaded *net = NULL;
    weft_program *none = NULL;
    weft_error err = { 0 };
    float y[OUT];
    weft_input in = from(b->x);
    weft_output out = to(y);
    CHECK(t, weft_open("nowhere:", &dev, &err) == WEFT_ERR_NO_DEVICE && !dev, "nowhere");
    CHECK(t, weft_open("ref:x=1", &dev, &err) == WEFT_ERR_ARG && !dev, "ref:x=1");
    CHECK(t, weft_open("ref:lanes=5", &dev, &err) == WEFT_ERR_ARG && !dev, "ref:lanes=5");
    weft_open("ref:", &dev, &err);
    CHECK(t, weft_program_parse("rubbish", 7, &none, &err) == WEFT_ERR_FORMAT, "%s", err.text);
    CHECK(t, weft_load_file(dev, "no/such/file", &net, &err) == WEFT_ERR_IO, "%s", err.text);
    weft_program *p = compile(t, b->g, 8);
    CHECK(t, weft_load(dev, p, NULL, &net, &err) == WEFT_ERR_HARDWARE, "8x16: %s", err.text);
    CHECK(t, strstr(err.text, "weft compile MODEL --rows 16"), "%s", err.text);
    weft_program_free(p);
    CHECK(t, load_bytes(dev, b->f.bytes, b->f.n, &net, &err) == WEFT_OK, "%s", err.text);
    in.bytes--;
    CHECK(t, weft_run(net, &in, &out, 0, &err) == WEFT_ERR_ARG, "a byte short: %s", err.text);
    in.bytes++;
    out.data = NULL;
    CHECK(t, weft_run(net, &in, &out, 0, &err) == WEFT_ERR_ARG, "no output: %s", err.text);
    weft_unload(net);
    weft_close(dev);
}

static void check_lost_device(bench *b)
{
    test *t = b->t;
    session s = open_loaded(b, "layer:broken=4"); /* the call that starts the first job */
    weft_error err = { 0 };
    weft_device_info d = { .struct_bytes = sizeof d };
    float y[OUT];
    const weft_input in = from(b->x);
    const weft_output out = to(y);
    CHECK(t, weft_run(s.net, &in, &out, WEFT_FOREVER, &err) == WEFT_ERR_LINK, "%s", err.text);
    CHECK(t, weft_run(s.net, &in, &out, WEFT_FOREVER, &err) == WEFT_ERR_NO_DEVICE, "%s", err.text);
    CHECK(t, strstr(err.text, "weft_recover"), "%s", err.text);
    CHECK(t, weft_device_describe(s.dev, &d, &err) == WEFT_OK && d.lost, "not lost");
    CHECK(t, weft_recover(s.dev, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, weft_run(s.net, &in, &out, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, !memcmp(y, b->want, sizeof y), "another answer after it was lost");
    close_loaded(s);
}

int main(int argc, char **argv)
{
    test t = test_begin("device", argc, argv, 1, 1);
    bench b = bench_make(&t);
    check_conversions(&b);
    check_description(&b);
    check_queue(&b);
    check_busy(&b);
    check_cancel(&b);
    check_device_error(&b);
    check_refusals(&b);
    check_lost_device(&b);
    bench_free(&b);
    return test_end(&t, "conversions, queue, cancelling, time-outs, refusals, a lost device");
}
