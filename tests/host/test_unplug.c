/* A device that goes away at every call of the library to it, in turn: every job ends, with the
 * right answer or WEFT_ERR_NO_DEVICE; the library leaves it alone until weft_recover; closing takes
 * no time; brought back, all programs are loaded again and right. */
#define _POSIX_C_SOURCE 200809L
#include <string.h>
#include <time.h>

#include "device_bench.h"
#include "layer.h"

enum { JOBS = 6, MOST_CALLS = 400, CLOSE_MS = 1000 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

/* Jobs of two programs; returns how many were lost. */
static unsigned run_jobs(const bench *b, weft_loaded *const *nets, unsigned at)
{
    static float y[JOBS][OUT];
    weft_job *job[JOBS] = { 0 };
    weft_error err = { 0 };
    const weft_input in = from(b->x);
    unsigned lost = 0;
    for (unsigned k = 0; k < JOBS; k++) {
        const weft_output out = to(y[k]);
        memset(y[k], 0x55, sizeof y[k]);
        const int rc = submit_one(nets[k % 2], &in, &out, &job[k], &err);
        CHECK(b->t, rc == WEFT_OK || rc == WEFT_ERR_NO_DEVICE, "call %u, job %u: %s", at, k,
              err.text);
        lost += rc != WEFT_OK;
    }
    for (unsigned k = 0; k < JOBS; k++) {
        const int rc = job[k] ? weft_wait(job[k], 20000, &err) : WEFT_ERR_NO_DEVICE;
        CHECK(b->t,
              rc == WEFT_ERR_NO_DEVICE || (rc == WEFT_OK && !memcmp(y[k], b->want, sizeof y[k])),
              "call %u, job %u: %d %s", at, k, rc, err.text);
        lost += job[k] && rc != WEFT_OK;
        weft_job_free(job[k]);
    }
    return lost;
}

static void check_close(const bench *b, weft_device *dev, unsigned at)
{
    const double from_ms = now_ms();
    CHECK(b->t, weft_close(dev) == WEFT_OK, "call %u: close", at);
    CHECK(b->t, now_ms() - from_ms < CLOSE_MS, "call %u: closing takes %.0f ms", at,
          now_ms() - from_ms);
    CHECK(b->t, layer_late_calls == 0, "call %u: %u calls to a device that is gone", at,
          layer_late_calls);
}

/* Bring it back at the second try and do everything again. */
static void check_back(const bench *b, weft_device *dev, weft_loaded *const *nets, unsigned at)
{
    weft_error err = { 0 };
    CHECK(b->t, weft_recover(dev, &err) == WEFT_ERR_NO_DEVICE, "call %u: back at once", at);
    CHECK(b->t, weft_recover(dev, &err) == WEFT_OK, "call %u: %s", at, err.text);
    CHECK(b->t, weft_recover(dev, &err) == WEFT_OK, "call %u: not lost, and %s", at, err.text);
    if (nets[0] && nets[1])
        CHECK(b->t, run_jobs(b, nets, at) == 0, "call %u: jobs lost after it is back", at);
}

/* Unplugged at call number `at`; returns 0 when there were fewer calls. */
static int unplug(const bench *b, unsigned at, int back)
{
    weft_device *dev = NULL;
    weft_loaded *nets[2] = { 0 };
    weft_device_info d = { .struct_bytes = sizeof d };
    weft_error err = { 0 };
    char uri[64];
    snprintf(uri, sizeof uri, "layer:waits=2,unplug=%u%s", at, back ? ",away=2" : "");
    layer_late_calls = 0;
    CHECK(b->t, weft_open(uri, &dev, &err) == WEFT_OK, "%s", err.text);
    for (unsigned k = 0; k < 2; k++) {
        const int rc = load_bytes(dev, b->f.bytes, b->f.n, &nets[k], &err);
        CHECK(b->t, rc == WEFT_OK || (rc == WEFT_ERR_NO_DEVICE && !nets[k]), "call %u: %d %s", at,
              rc, err.text);
    }
    if (nets[0] && nets[1])
        (void)run_jobs(b, nets, at);
    weft_device_describe(dev, &d, NULL);
    if (d.lost && back)
        check_back(b, dev, nets, at);
    const int was_lost = d.lost != 0;
    weft_unload(nets[0]);
    check_close(b, dev, at);
    weft_unload(nets[1]);
    return was_lost;
}

/* The wire breaks: the job at work says so, the others that the device was lost. */
static void check_broken(const bench *b)
{
    for (unsigned at = 1; at < 12; at++) {
        weft_device *dev = NULL;
        weft_loaded *net = NULL;
        weft_error err = { 0 };
        float y[OUT];
        char uri[64];
        const weft_input in = from(b->x);
        const weft_output out = to(y);
        snprintf(uri, sizeof uri, "layer:broken=%u", at);
        CHECK(b->t, weft_open(uri, &dev, &err) == WEFT_OK, "%s", err.text);
        int rc = load_bytes(dev, b->f.bytes, b->f.n, &net, &err);
        for (unsigned k = 0; k < 3 && rc == WEFT_OK; k++)
            rc = weft_run(net, &in, &out, WEFT_FOREVER, &err);
        CHECK(b->t, rc == WEFT_ERR_LINK, "call %u: %d %s", at, rc, err.text);
        CHECK(b->t, weft_recover(dev, &err) == WEFT_OK, "call %u: %s", at, err.text);
        if (!net)
            CHECK(b->t, load_bytes(dev, b->f.bytes, b->f.n, &net, &err) == WEFT_OK, "%s", err.text);
        CHECK(b->t,
              weft_run(net, &in, &out, WEFT_FOREVER, &err) == WEFT_OK &&
                  !memcmp(y, b->want, sizeof y),
              "call %u: %s", at, err.text);
        weft_unload(net);
        weft_close(dev);
    }
}

/* What comes back is another device: it stays lost.  The fifth call is one of the run. */
static void check_alien(const bench *b)
{
    session s = open_loaded(b, "layer:unplug=5,away=1,alien");
    weft_error err = { 0 };
    float y[OUT];
    const weft_input in = from(b->x);
    const weft_output out = to(y);
    CHECK(b->t, weft_run(s.net, &in, &out, WEFT_FOREVER, &err) == WEFT_ERR_NO_DEVICE, "%s",
          err.text);
    CHECK(b->t, weft_recover(s.dev, &err) == WEFT_ERR_HARDWARE && strstr(err.text, "8x8"), "%s",
          err.text);
    CHECK(b->t, weft_run(s.net, &in, &out, WEFT_FOREVER, &err) == WEFT_ERR_NO_DEVICE, "%s",
          err.text);
    close_loaded(s);
}

int main(int argc, char **argv)
{
    test t = test_begin("unplug", argc, argv, 1, 1);
    bench b = bench_make(&t);
    unsigned calls = 1;
    while (calls < MOST_CALLS && unplug(&b, calls, 0))
        calls++;
    CHECK(&t, calls > 30 && calls < MOST_CALLS, "%u calls", calls);
    for (unsigned at = 1; at < calls; at++)
        (void)unplug(&b, at, 1);
    check_broken(&b);
    check_alien(&b);
    bench_free(&b);
    return test_end(&t, "a device unplugged at every call, brought back, another one in its place");
}
