/* Many threads at one device: each loads a program, runs, cancels, takes port sets and unloads
 * again and again, while others do the same and the device is asked how it is; every answer is
 * right.  The order is that of the machine; ThreadSanitizer and valgrind see more of it. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <string.h>

#include "device_bench.h"
#include "layer.h"

enum { THREADS = 4 };

typedef struct worker {
    pthread_t thread;
    const bench *b;
    weft_device *dev;
    unsigned rounds, wrong;
    char text[WEFT_ERROR_TEXT_BYTES]; /* of the first that was wrong */
} worker;

static void expect(worker *w, int good, const char *what, const weft_error *err)
{
    if (good)
        return;
    if (w->wrong++ == 0)
        snprintf(w->text, sizeof w->text, "%s: %.200s", what, err->text);
}

static void run_plain(worker *w, weft_loaded *net)
{
    float y[OUT];
    weft_error err = { 0 };
    const weft_input in = from(w->b->x);
    const weft_output out = to(y);
    const int rc = weft_run(net, &in, &out, WEFT_FOREVER, &err);
    expect(w, rc == WEFT_OK && !memcmp(y, w->b->want, sizeof y), "run", &err);
}

static void run_cancelled(worker *w, weft_loaded *net)
{
    float y[2][OUT];
    weft_job *job[2] = { NULL, NULL };
    weft_error err = { 0 };
    uint32_t index = 0;
    const weft_input in = from(w->b->x);
    for (int i = 0; i < 2; i++) {
        const weft_output out = to(y[i]);
        expect(w, submit_one(net, &in, &out, &job[i], &err) == WEFT_OK, "submit", &err);
    }
    weft_cancel(job[0]);
    if (job[0] && job[1])
        expect(w, weft_wait_any(job, 2, WEFT_FOREVER, &index, &err) == WEFT_OK, "any", &err);
    weft_job_free(job[0]);
    if (job[1])
        expect(w,
               weft_wait(job[1], WEFT_FOREVER, &err) == WEFT_OK &&
                   !memcmp(y[1], w->b->want, sizeof y[1]),
               "beside a cancelled one", &err);
    weft_job_free(job[1]);
}

static void run_in_place(worker *w, weft_loaded *net)
{
    float y[OUT];
    weft_port_set *set = NULL;
    weft_job *job = NULL;
    weft_error err = { 0 };
    const weft_input in = from(w->b->x);
    const weft_output out = to(y);
    if (weft_port_set_take(net, &set, &err) != WEFT_OK) {
        expect(w, 0, "take", &err);
        return;
    }
    const weft_request r = { .struct_bytes = sizeof r, .port_set = set };
    int rc = weft_port_set_write(set, 0, &in, &err);
    if (rc == WEFT_OK)
        rc = weft_submit(net, &r, &job, &err);
    if (rc == WEFT_OK)
        rc = weft_wait(job, WEFT_FOREVER, &err);
    if (rc == WEFT_OK)
        rc = weft_port_set_read(set, 0, &out, &err);
    expect(w, rc == WEFT_OK && !memcmp(y, w->b->want, sizeof y), "in place", &err);
    weft_job_free(job);
    weft_port_set_free(set);
}

static void *work(void *self)
{
    worker *w = self;
    for (unsigned i = 0; i < w->rounds; i++) {
        weft_loaded *net = NULL;
        weft_device_info d = { .struct_bytes = sizeof d };
        weft_error err = { 0 };
        const int rc = load_bytes(w->dev, w->b->f.bytes, w->b->f.n, &net, &err);
        expect(w, rc == WEFT_OK, "load", &err);
        if (rc != WEFT_OK)
            break;
        run_plain(w, net);
        run_cancelled(w, net);
        run_in_place(w, net);
        expect(w, weft_device_describe(w->dev, &d, &err) == WEFT_OK && d.loaded_count, "describe",
               &err);
        weft_unload(net);
    }
    return NULL;
}

static void check(const bench *b, const char *uri)
{
    worker w[THREADS] = { 0 };
    weft_device *dev = NULL;
    weft_device_info d = { .struct_bytes = sizeof d };
    weft_error err = { 0 };
    CHECK(b->t, weft_open(uri, &dev, &err) == WEFT_OK, "%s", err.text);
    for (int i = 0; i < THREADS; i++) {
        w[i] = (worker){ .b = b, .dev = dev, .rounds = (unsigned)b->t->n };
        CHECK(b->t, pthread_create(&w[i].thread, NULL, work, &w[i]) == 0, "thread %d", i);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(w[i].thread, NULL);
        CHECK(b->t, w[i].wrong == 0, "%s: %u wrong, first %s", uri, w[i].wrong, w[i].text);
    }
    weft_device_describe(dev, &d, NULL);
    CHECK(b->t, d.memory_free == d.memory_bytes && d.jobs == 0, "%s: something is left", uri);
    weft_close(dev);
}

int main(int argc, char **argv)
{
    test t = test_begin("threads", argc, argv, 1, 20);
    bench b = bench_make(&t);
    check(&b, "ref:");
    check(&b, "layer:waits=1");
    bench_free(&b);
    return test_end(&t, "four threads that load, run, cancel and unload on one device");
}
