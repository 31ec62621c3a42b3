/* The host library on a small network: conversions, queue, cancelling, time-outs, every error.
 *
 * Instead of host/transport/transport_list.c this program brings its own transports: the C model as it is
 * ("ref:"), and the same behind a layer that is slow or dies on demand ("slow:", "dying:"). */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "device_network.h"
#include "host/transport/transport.h"
#include "models/ref/operators/ref_graph.h"
#include "rtl/isa/weft_isa.h"
#include "tests/rng.h"
#include "tests/test.h"
#include <weft/weft.h>

/* --- transports ---------------------------------------------------------------------------------
 */

enum { ABORTED_DONE = WEFT_DEV_ABORTED | WEFT_STATUS_DONE };

typedef struct layer {
    weft_transport base;
    weft_transport *under;
    unsigned slow, waits; /* waits that time out before a run ends; how many there were */
    int dying, aborted, dead;
} layer;

static layer *self(weft_transport *t)
{
    return (layer *)(void *)t;
}

static int layer_close(weft_transport *t)
{
    self(t)->under->ops->close(self(t)->under);
    free(t);
    return WEFT_OK;
}

static int layer_mem_read(weft_transport *t, uint32_t a, void *to, size_t n, weft_error *e)
{
    return self(t)->under->ops->mem_read(self(t)->under, a, to, n, e);
}

static int layer_mem_write(weft_transport *t, uint32_t a, const void *from, size_t n, weft_error *e)
{
    return self(t)->under->ops->mem_write(self(t)->under, a, from, n, e);
}

static int layer_reg_read(weft_transport *t, uint32_t offset, uint32_t *v, weft_error *e)
{
    return self(t)->under->ops->reg_read(self(t)->under, offset, v, e);
}

static int layer_reg_write(weft_transport *t, uint32_t offset, uint32_t v, weft_error *e)
{
    if (offset == WEFT_REG_CTRL && v & WEFT_CTRL_ABORT)
        self(t)->aborted = 1;
    return self(t)->under->ops->reg_write(self(t)->under, offset, v, e);
}

static int layer_start(weft_transport *t, const weft_start *s, weft_error *e)
{
    layer *l = self(t);
    l->waits = 0;
    l->aborted = 0;
    if (l->dying) {
        l->dead = 1;
        return weft_error_set(e, WEFT_ERR_LINK, "the wire broke");
    }
    return l->under->ops->start(l->under, s, e);
}

static int layer_wait_done(weft_transport *t, uint32_t ms, weft_done *out, weft_error *e)
{
    layer *l = self(t);
    const struct timespec nap = { .tv_nsec = 1000000 };
    if (l->aborted) {
        *out = (weft_done){ .status = ABORTED_DONE };
        return WEFT_OK;
    }
    if (l->waits++ < l->slow) {
        nanosleep(&nap, NULL);
        return WEFT_ERR_TIMEOUT;
    }
    return l->under->ops->wait_done(l->under, ms, out, e);
}

static int layer_reset(weft_transport *t, weft_error *e)
{
    if (self(t)->dead)
        return weft_error_set(e, WEFT_ERR_NO_DEVICE, "nobody answers");
    return self(t)->under->ops->reset(self(t)->under, e);
}

static const weft_transport_ops layer_ops = { .scheme = "slow",
                                              .close = layer_close,
                                              .mem_read = layer_mem_read,
                                              .mem_write = layer_mem_write,
                                              .reg_read = layer_reg_read,
                                              .reg_write = layer_reg_write,
                                              .start = layer_start,
                                              .wait_done = layer_wait_done,
                                              .reset = layer_reset };

const weft_transport_ops *weft_transport_at(unsigned i)
{
    return i == 0 ? &weft_transport_ref : NULL;
}

int weft_transport_open(const char *text, weft_transport **out, weft_error *err)
{
    weft_uri uri;
    int rc = weft_uri_parse(text, &uri, err);
    if (rc != WEFT_OK)
        return rc;
    const int dying = !strcmp(uri.scheme, "dying"), slow = !strcmp(uri.scheme, "slow");
    if (!dying && !slow)
        return strcmp(uri.scheme, "ref") ? weft_error_set(err, WEFT_ERR_NO_DEVICE, "no such thing")
                                         : weft_transport_ref.open(&uri, out, err);
    layer *l = calloc(1, sizeof *l);
    rc = l ? weft_transport_open("ref:", &l->under, err) : WEFT_ERR_NO_MEMORY;
    if (rc != WEFT_OK) {
        free(l);
        return rc;
    }
    uint64_t waits = 0;
    weft_uri_number(&uri, "waits", 0, 1000000, &waits, NULL);
    l->base.ops = &layer_ops;
    l->dying = dying;
    l->slow = (unsigned)waits;
    *out = &l->base;
    return WEFT_OK;
}

typedef struct bench {
    test *t;
    weft_graph *g;
    file f;
    float x[IN], want[OUT];
} bench;

static weft_device *open_loaded(const bench *b, const char *uri)
{
    weft_device *dev;
    weft_error err = { 0 };
    int rc = weft_open(uri, &dev, &err);
    if (rc == WEFT_OK)
        rc = weft_load(dev, b->f.bytes, b->f.n, &err);
    CHECK(b->t, rc == WEFT_OK, "%s: %s", uri, err.text);
    if (rc != WEFT_OK)
        exit(1);
    return dev;
}

static weft_buffer floats(float *x, size_t count)
{
    return (weft_buffer){ x, count * sizeof *x, WEFT_FORM_MODEL };
}

/* --- the checks ---------------------------------------------------------------------------------
 */

static void check_conversions(bench *b)
{
    test *t = b->t;
    weft_device *dev = open_loaded(b, "ref:");
    float y[OUT], back[OUT];
    int8_t q[IN], r[OUT];
    weft_error err = { 0 };
    weft_buffer in = floats(b->x, IN), out = floats(y, OUT);
    CHECK(t, weft_run(dev, &in, &out, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, !memcmp(y, b->want, sizeof y), "float32 model differs from the reference");
    for (unsigned i = 0; i < IN; i++) {
        const float v = rintf(b->x[i] / 0.25f) + 3.0f;
        q[i] = (int8_t)(v > 127.0f ? 127.0f : v >= -128.0f ? v : -128.0f);
    }
    in = (weft_buffer){ q, sizeof q, WEFT_FORM_INT8 };
    out = (weft_buffer){ r, sizeof r, WEFT_FORM_INT8 };
    CHECK(t, weft_run(dev, &in, &out, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
    for (unsigned i = 0; i < OUT; i++)
        CHECK(t, b->want[i] == 0.25f * (float)(r[i] - 3), "int8 output %u: %d", i, r[i]);
    in = (weft_buffer){ b->x, sizeof b->x, WEFT_FORM_FLOAT32 };
    out = (weft_buffer){ back, sizeof back, WEFT_FORM_FLOAT32 };
    CHECK(t, weft_run(dev, &in, &out, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, !memcmp(back, b->want, sizeof back), "form FLOAT32 differs");
    weft_close(dev);
}

static void check_description(bench *b)
{
    test *t = b->t;
    weft_device *dev = open_loaded(b, "ref:");
    weft_port_info p;
    weft_info info;
    weft_counter counters[WEFT_MAX_COUNTERS];
    char text[WEFT_LISTING_BYTES];
    uint32_t n = 0;
    weft_get_info(dev, &info);
    CHECK(t, info.rows == 16 && info.cols == 16 && !strcmp(info.uri, "ref:"), "%s", info.uri);
    CHECK(t, weft_input_count(dev) == 1 && weft_output_count(dev) == 1, "ports");
    CHECK(t, weft_get_input(dev, 0, &p) == WEFT_OK, "input 0");
    CHECK(t,
          !strcmp(p.name, "image") && p.type == WEFT_TYPE_FLOAT32 && p.bytes == 4 * IN &&
              !strcmp(p.layout, "NCHW") && p.zero_point == 3 && p.dims[1] == C,
          "input: %s %s %zu bytes", p.name, p.layout, p.bytes);
    CHECK(t, !strcmp(p.host_steps, "quantize"), "%s", p.host_steps);
    CHECK(t, weft_get_input(dev, 1, &p) == WEFT_ERR_ARG, "input 1 exists");
    CHECK(t, weft_get_output(dev, 1, &p) == WEFT_ERR_ARG, "output 1 exists");
    CHECK(t, weft_get_counters(dev, counters, &n, NULL) == WEFT_OK && n >= 10, "%u counters", n);
    CHECK(t, !strcmp(counters[0].name, "CYCLES"), "%s", counters[0].name);
    CHECK(t, weft_list_device(0, text) && !strncmp(text, "ref: ", 5), "%s", text);
    CHECK(t, !weft_list_device(1, text), "a second device is listed");
    weft_close(dev);
    weft_close(NULL);
}

/* Many jobs at once: all right, in whatever order they are waited for. */
static void check_queue(bench *b)
{
    test *t = b->t;
    weft_device *dev = open_loaded(b, "slow:waits=3");
    static float y[WEFT_MAX_JOBS][OUT];
    weft_job *job[WEFT_MAX_JOBS];
    weft_error err = { 0 };
    weft_buffer in = floats(b->x, IN);
    for (unsigned i = 0; i < WEFT_MAX_JOBS; i++) {
        const weft_buffer out = floats(y[i], OUT);
        CHECK(t, weft_submit(dev, &in, &out, &job[i], &err) == WEFT_OK, "job %u: %s", i, err.text);
    }
    for (unsigned i = WEFT_MAX_JOBS; i-- > 0;) {
        const int rc = weft_wait(job[i], WEFT_FOREVER, &err);
        CHECK(t, rc == WEFT_OK && !memcmp(y[i], b->want, sizeof y[i]), "job %u: %s", i, err.text);
    }
    weft_stats s;
    weft_get_stats(dev, &s);
    CHECK(t, s.runs == WEFT_MAX_JOBS, "%" PRIu64 " runs", s.runs);
    weft_close(dev);
}

/* With a job that never ends in front, the queue fills up and nothing else is allowed. */
static void check_busy(bench *b)
{
    test *t = b->t;
    weft_device *dev = open_loaded(b, "slow:waits=1000000");
    float y[OUT];
    weft_job *job[WEFT_MAX_JOBS + 1];
    weft_error err = { 0 };
    weft_counter counters[WEFT_MAX_COUNTERS];
    uint32_t n;
    weft_buffer in = floats(b->x, IN), out = floats(y, OUT);
    for (unsigned i = 0; i <= WEFT_MAX_JOBS; i++) {
        const int rc = weft_submit(dev, &in, &out, &job[i], &err);
        CHECK(t, rc == (i < WEFT_MAX_JOBS ? WEFT_OK : WEFT_ERR_BUSY), "job %u: %d", i, rc);
    }
    CHECK(t, weft_wait(job[WEFT_MAX_JOBS - 1], 0, NULL) == WEFT_ERR_TIMEOUT, "the last is over");
    CHECK(t, weft_load(dev, b->f.bytes, b->f.n, NULL) == WEFT_ERR_BUSY, "loaded while busy");
    CHECK(t, weft_get_counters(dev, counters, &n, NULL) == WEFT_ERR_BUSY, "counters while busy");
    for (unsigned i = 0; i < WEFT_MAX_JOBS; i++)
        weft_cancel(job[i]);
    for (unsigned i = 0; i < WEFT_MAX_JOBS; i++)
        CHECK(t, weft_wait(job[i], WEFT_FOREVER, &err) == WEFT_ERR_CANCELLED, "job %u", i);
    weft_close(dev);
}

static void check_cancel(bench *b)
{
    test *t = b->t;
    weft_device *dev = open_loaded(b, "slow:waits=1000000");
    weft_job *running, *queued, *left;
    weft_error err = { 0 };
    float y[OUT];
    weft_buffer in = floats(b->x, IN), out = floats(y, OUT);
    weft_submit(dev, &in, &out, &running, &err);
    weft_submit(dev, &in, &out, &queued, &err);
    CHECK(t, weft_wait(running, 20, &err) == WEFT_ERR_TIMEOUT, "over too early");
    uint32_t finished, total;
    weft_job_progress(running, &finished, &total);
    CHECK(t, total > 0, "no progress");
    weft_cancel(queued);
    weft_cancel(running);
    CHECK(t, weft_wait(running, 5000, &err) == WEFT_ERR_CANCELLED, "running: %s", err.text);
    CHECK(t, weft_wait(queued, 5000, &err) == WEFT_ERR_CANCELLED, "queued: %s", err.text);
    CHECK(t, weft_run(dev, &in, &out, 20, &err) == WEFT_ERR_TIMEOUT, "run: %s", err.text);
    weft_cancel(NULL);
    weft_submit(dev, &in, &out, &left, &err);
    weft_close(dev); /* with a job in flight */
}

/* One byte of one command changed: the device must name it. */
static void check_device_error(bench *b)
{
    test *t = b->t;
    weft_program *p = compile(t, b->g, 16);
    weft_device *dev;
    weft_error err = { 0 };
    float y[OUT];
    weft_buffer in = floats(b->x, IN), out = floats(y, OUT);
    p->image[p->prog_addr - p->image_addr + 3] |= 0x80; /* bit 31 of the first command, reserved */
    file f = write_file(t, p);
    weft_open("ref:", &dev, &err);
    CHECK(t, weft_load(dev, f.bytes, f.n, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, weft_run(dev, &in, &out, WEFT_FOREVER, &err) == WEFT_ERR_DEVICE, "%s", err.text);
    CHECK(t, strstr(err.text, "command 0") && strstr(err.text, "BAD_FIELD"), "%s", err.text);
    CHECK(t, weft_load(dev, b->f.bytes, b->f.n, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, weft_run(dev, &in, &out, WEFT_FOREVER, &err) == WEFT_OK, "after it: %s", err.text);
    weft_close(dev);
    weft_program_free(p);
    free(f.bytes);
}

static void check_refusals(bench *b)
{
    test *t = b->t;
    weft_device *dev;
    weft_error err = { 0 };
    float y[OUT];
    weft_buffer in = floats(b->x, IN), out = floats(y, OUT);
    CHECK(t, weft_open("nowhere:", &dev, &err) == WEFT_ERR_NO_DEVICE && !dev, "nowhere");
    CHECK(t, weft_open("ref:x=1", &dev, &err) == WEFT_ERR_ARG && !dev, "ref:x=1");
    CHECK(t, weft_open("ref:lanes=5", &dev, &err) == WEFT_ERR_ARG && !dev, "ref:lanes=5");
    weft_open("ref:", &dev, &err);
    CHECK(t, weft_run(dev, &in, &out, 0, &err) == WEFT_ERR_ARG, "ran without a program");
    CHECK(t, weft_load(dev, "rubbish", 7, &err) == WEFT_ERR_FORMAT, "rubbish: %s", err.text);
    CHECK(t, weft_load_file(dev, "no/such/file", &err) == WEFT_ERR_IO, "%s", err.text);
    weft_program *p = compile(t, b->g, 8);
    file f = write_file(t, p);
    CHECK(t, weft_load(dev, f.bytes, f.n, &err) == WEFT_ERR_HARDWARE, "8x16: %s", err.text);
    CHECK(t, strstr(err.text, "weft compile MODEL --rows 16"), "%s", err.text);
    weft_program_free(p);
    free(f.bytes);
    CHECK(t, weft_load(dev, b->f.bytes, b->f.n, &err) == WEFT_OK, "%s", err.text);
    in.bytes--;
    CHECK(t, weft_run(dev, &in, &out, 0, &err) == WEFT_ERR_ARG, "a byte short: %s", err.text);
    in.bytes++;
    out.data = NULL;
    CHECK(t, weft_run(dev, &in, &out, 0, &err) == WEFT_ERR_ARG, "no output: %s", err.text);
    weft_close(dev);
}

static void check_lost_device(bench *b)
{
    test *t = b->t;
    weft_device *dev = open_loaded(b, "dying:");
    weft_error err = { 0 };
    float y[OUT];
    weft_buffer in = floats(b->x, IN), out = floats(y, OUT);
    CHECK(t, weft_run(dev, &in, &out, WEFT_FOREVER, &err) == WEFT_ERR_LINK, "%s", err.text);
    CHECK(t, weft_run(dev, &in, &out, WEFT_FOREVER, &err) == WEFT_ERR_NO_DEVICE, "%s", err.text);
    CHECK(t, weft_load(dev, b->f.bytes, b->f.n, &err) == WEFT_ERR_NO_DEVICE, "%s", err.text);
    CHECK(t, weft_input_count(dev) == 0, "a program is still loaded");
    weft_close(dev);
}

static void make_reference(bench *b)
{
    weft_ref *r = NULL;
    weft_error err = { 0 };
    rng g = rng_make(b->t->seed);
    for (unsigned i = 0; i < IN; i++)
        b->x[i] = (float)rng_range(&g, -40000, 40000) / 1000.0f;
    b->x[0] = 1e30f;
    b->x[1] = -1e30f;
    /* Ties: 0.5 and 2.5 steps, in all four pixels of a window each, or the maximum would hide them.
     */
    b->x[2 * W] = b->x[2 * W + 1] = b->x[3 * W] = b->x[3 * W + 1] = 0.125f;
    b->x[2 * W + 2] = b->x[2 * W + 3] = b->x[3 * W + 2] = b->x[3 * W + 3] = 0.625f;
    CHECK(b->t, weft_ref_new(b->g, &r, &err) == WEFT_OK, "%s", err.text);
    weft_ref_set_input(r, 0, b->x, sizeof b->x);
    weft_ref_run(r);
    weft_ref_get_output(r, 0, b->want, sizeof b->want);
    weft_ref_free(r);
}

int main(int argc, char **argv)
{
    test t = test_begin("device", argc, argv, 1, 1);
    bench b = { .t = &t, .g = make_graph(&t) };
    weft_program *p = compile(&t, b.g, 16);
    b.f = write_file(&t, p);
    make_reference(&b);
    check_conversions(&b);
    check_description(&b);
    check_queue(&b);
    check_busy(&b);
    check_cancel(&b);
    check_device_error(&b);
    check_refusals(&b);
    check_lost_device(&b);
    free(b.f.bytes);
    weft_program_free(p);
    weft_graph_free(b.g);
    return test_end(&t, "conversions, queue, cancelling, time-outs, refusals, a lost device");
}
