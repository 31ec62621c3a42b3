/* A device with the small network of device_network.h loaded, its input and the right output. */
#ifndef WEFT_TESTS_DEVICE_BENCH_H
#define WEFT_TESTS_DEVICE_BENCH_H

#include <stdlib.h>

#include "device_network.h"
#include "models/ref/operators/ref_graph.h"
#include "tests/rng.h"
#include "tests/test.h"
#include <weft/weft.h>

typedef struct bench {
    test *t;
    weft_graph *g;
    file f;
    float x[IN], want[OUT];
} bench;

typedef struct session {
    weft_device *dev;
    weft_loaded *net;
} session;

static inline session open_loaded(const bench *b, const char *uri)
{
    session s = { 0 };
    weft_error err = { 0 };
    int rc = weft_open(uri, &s.dev, &err);
    if (rc == WEFT_OK)
        rc = load_bytes(s.dev, b->f.bytes, b->f.n, &s.net, &err);
    CHECK(b->t, rc == WEFT_OK, "%s: %s", uri, err.text);
    if (rc != WEFT_OK)
        exit(1);
    return s;
}

static inline void close_loaded(session s)
{
    weft_unload(s.net);
    weft_close(s.dev);
}

static inline weft_input from(const float *x)
{
    return input_of(x, IN * sizeof *x, WEFT_FORM_MODEL);
}

static inline weft_output to(float *y)
{
    return output_of(y, OUT * sizeof *y, WEFT_FORM_MODEL);
}

static inline void make_reference(bench *b)
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

/* The network, its file, its input and output; bench_free in any case. */
static inline bench bench_make(test *t)
{
    bench b = { .t = t, .g = make_graph(t) };
    weft_program *p = compile(t, b.g, 16);
    b.f = write_file(t, p);
    weft_program_free(p);
    make_reference(&b);
    return b;
}

static inline void bench_free(bench *b)
{
    free(b->f.bytes);
    weft_graph_free(b->g);
}

#endif
