/* Jobs back to back, transfers of one behind the run of another: every answer is that of its own
 * input, order is kept, a cancelled job disturbs no other, with one bank of ports and with two; on
 * the C model and on the simulated chip with every byte going over the link. */
#include <stdlib.h>
#include <string.h>

#include "device_network.h"
#include "models/ref/operators/ref_graph.h"
#include "tests/rng.h"
#include "tests/test.h"
#include <weft/weft.h>

enum { JOBS = 16 };

typedef struct bench {
    test *t;
    rng r;
    weft_graph *g;
    weft_program *p;
    file f;
    float x[JOBS][IN], want[JOBS][OUT], y[JOBS][OUT];
    weft_job *job[JOBS];
    unsigned turns; /* 1: two loadings of the program in turns */
} bench;

static void draw_inputs(bench *b)
{
    weft_ref *r = NULL;
    weft_error err = { 0 };
    CHECK(b->t, weft_ref_new(b->g, &r, &err) == WEFT_OK, "%s", err.text);
    for (unsigned k = 0; k < JOBS; k++) {
        for (unsigned i = 0; i < IN; i++)
            b->x[k][i] = (float)rng_range(&b->r, -30000, 30000) / 1000.0f;
        weft_ref_set_input(r, 0, b->x[k], sizeof b->x[k]);
        weft_ref_run(r);
        weft_ref_get_output(r, 0, b->want[k], sizeof b->want[k]);
    }
    weft_ref_free(r);
}

/* Job k goes to the first or the second loading of the program. */
static void submit(bench *b, weft_loaded *const net[2], unsigned k)
{
    weft_error err = { 0 };
    const weft_input in = input_of(b->x[k], sizeof b->x[k], WEFT_FORM_MODEL);
    const weft_output out = output_of(b->y[k], sizeof b->y[k], WEFT_FORM_MODEL);
    memset(b->y[k], 0x55, sizeof b->y[k]);
    CHECK(b->t, submit_one(net[b->turns & k], &in, &out, &b->job[k], &err) == WEFT_OK, "job %u: %s",
          k, err.text);
}

/* A full queue, some of it cancelled; the last is waited for first. */
static void check_order(bench *b, weft_loaded *const net[2], const char *what)
{
    const uint32_t cancelled = rng_u32(&b->r) & rng_u32(&b->r) & ~(1u << (JOBS - 1));
    for (unsigned k = 0; k < JOBS; k++)
        submit(b, net, k);
    for (unsigned k = 0; k < JOBS; k++)
        if (cancelled >> k & 1)
            weft_cancel(b->job[k]);
    for (unsigned i = 0; i < JOBS; i++) {
        const unsigned k = (i + JOBS - 1) % JOBS;
        weft_error err = { 0 };
        const int rc = weft_wait(b->job[k], i ? 0 : WEFT_FOREVER, &err);
        weft_job_free(b->job[k]);
        const int right = rc == WEFT_OK && !memcmp(b->y[k], b->want[k], sizeof b->y[k]);
        CHECK(b->t, right || (cancelled >> k & 1 && rc == WEFT_ERR_CANCELLED), "%s, job %u: %d %s",
              what, k, rc, err.text);
    }
}

/* Jobs that come one by one while others run. */
static void check_trickle(bench *b, weft_loaded *const net[2], const char *what)
{
    const unsigned depth = (unsigned)rng_range(&b->r, 1, 4);
    for (unsigned k = 0; k < JOBS + depth; k++) {
        if (k >= depth) {
            weft_error err = { 0 };
            const int rc = weft_wait(b->job[k - depth], WEFT_FOREVER, &err);
            weft_job_free(b->job[k - depth]);
            CHECK(b->t, rc == WEFT_OK && !memcmp(b->y[k - depth], b->want[k - depth], sizeof *b->y),
                  "%s, %u in flight, job %u: %d %s", what, depth, k - depth, rc, err.text);
        }
        if (k < JOBS)
            submit(b, net, k);
    }
}

static void check_device(bench *b, const char *uri)
{
    weft_device *dev;
    weft_loaded *net[2] = { NULL, NULL };
    weft_error err = { 0 };
    int rc = weft_open(uri, &dev, &err);
    if (rc == WEFT_OK)
        rc = load_bytes(dev, b->f.bytes, b->f.n, &net[0], &err);
    if (rc == WEFT_OK && b->turns)
        rc = load_bytes(dev, b->f.bytes, b->f.n, &net[1], &err);
    CHECK(b->t, rc == WEFT_OK, "%s: %s", uri, err.text);
    for (unsigned i = 0; i < 4 && rc == WEFT_OK; i++) {
        draw_inputs(b);
        check_order(b, net, uri);
        check_trickle(b, net, uri);
    }
    weft_unload(net[0]);
    weft_unload(net[1]);
    weft_close(dev);
}

/* --- ports in place ----------------------------------------------------------------------------
 */

typedef struct place {
    weft_device *dev;
    weft_loaded *net;
    weft_port_set *set[2];
} place;

static int open_place(const bench *b, const char *uri, place *p, weft_error *err)
{
    const weft_load_options options = { .struct_bytes = sizeof options, .port_sets = 2 };
    weft_program *prog = NULL;
    *p = (place){ 0 };
    int rc = weft_program_parse(b->f.bytes, b->f.n, &prog, err);
    if (rc == WEFT_OK)
        rc = weft_open(uri, &p->dev, err);
    if (rc == WEFT_OK)
        rc = weft_load(p->dev, prog, &options, &p->net, err);
    for (unsigned k = 0; k < 2 && rc == WEFT_OK; k++)
        rc = weft_port_set_take(p->net, &p->set[k], err);
    weft_program_close(prog);
    return rc;
}

static int submit_in_place(bench *b, const place *p, unsigned k, weft_error *err)
{
    weft_port_set *set = p->set[k % 2];
    const weft_request r = { .struct_bytes = sizeof r, .port_set = set };
    const weft_input in = input_of(b->x[k], sizeof b->x[k], WEFT_FORM_MODEL);
    const int rc = weft_port_set_write(set, 0, &in, err);
    return rc == WEFT_OK ? weft_submit(p->net, &r, &b->job[k], err) : rc;
}

static int collect_in_place(bench *b, const place *p, unsigned k, weft_error *err)
{
    const weft_output out = output_of(b->y[k], sizeof b->y[k], WEFT_FORM_MODEL);
    int rc = weft_wait(b->job[k], WEFT_FOREVER, err);
    if (rc == WEFT_OK)
        rc = weft_port_set_read(p->set[k % 2], 0, &out, err);
    weft_job_free(b->job[k]);
    return rc;
}

/* Two port sets in turns, in the memory of the chip's model or, over the link, copied. */
static void check_in_place(bench *b, const char *uri, uint32_t direct)
{
    place p;
    weft_rows_info rows = { .struct_bytes = sizeof rows };
    weft_error err = { 0 };
    int rc = open_place(b, uri, &p, &err);
    if (rc == WEFT_OK)
        rc = weft_port_set_input(p.set[0], 0, &rows, &err);
    CHECK(b->t, rows.direct == direct, "%s: direct %u", uri, (unsigned)rows.direct);
    draw_inputs(b);
    for (unsigned k = 0; k < JOBS + 2 && rc == WEFT_OK; k++) {
        if (k >= 2) {
            rc = collect_in_place(b, &p, k - 2, &err);
            CHECK(b->t, rc == WEFT_OK && !memcmp(b->y[k - 2], b->want[k - 2], sizeof *b->y),
                  "%s, in place, job %u: %s", uri, k - 2, err.text);
        }
        if (k < JOBS && rc == WEFT_OK)
            rc = submit_in_place(b, &p, k, &err);
    }
    CHECK(b->t, rc == WEFT_OK, "%s: %s", uri, err.text);
    weft_port_set_free(p.set[0]);
    weft_port_set_free(p.set[1]);
    weft_unload(p.net);
    weft_close(p.dev);
}

int main(int argc, char **argv)
{
    test t = test_begin("stream", argc, argv, 1, 1);
    bench *b = calloc(1, sizeof *b);
    if (!b)
        return 1;
    b->t = &t;
    b->r = rng_make(t.seed);
    b->g = make_graph(&t);
    b->p = compile(&t, b->g, 16);
    b->f = write_file(&t, b->p);
    for (b->turns = 0; b->turns < 2; b->turns++) {
        check_device(b, "ref:");
        check_device(b, "sim:");
        check_device(b, "sim:link,stall=30");
    }
    b->turns = 0;
    check_in_place(b, "ref:", 1);
    check_in_place(b, "sim:", 1);
    check_in_place(b, "sim:link,stall=30", 0);
    free(b->f.bytes);
    b->p->win_limit = 4096; /* the whole memory: no room for a second bank */
    b->f = write_file(&t, b->p);
    check_device(b, "ref:mem=4K");
    free(b->f.bytes);
    weft_program_free(b->p);
    weft_graph_free(b->g);
    free(b);
    return test_end(&t, "jobs back to back: order, answers, cancelling; one bank and two, one "
                        "program and two; ports in place");
}
