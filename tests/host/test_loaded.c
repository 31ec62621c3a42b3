/* Several programs in one device: each in its own piece of memory, moved where its place is taken,
 * all right in any order of jobs; what does not fit is refused with the numbers; memory comes back;
 * port sets give the same bytes, in device memory or not. */
#include <string.h>

#include "device_bench.h"
#include "layer.h"

enum { MANY = 5 };

static weft_device_info describe(const bench *b, weft_device *dev)
{
    weft_device_info d = { .struct_bytes = sizeof d };
    CHECK(b->t, weft_device_describe(dev, &d, NULL) == WEFT_OK, "describe");
    return d;
}

static weft_program *parse(const bench *b)
{
    weft_program *p = NULL;
    weft_error err = { 0 };
    CHECK(b->t, weft_program_parse(b->f.bytes, b->f.n, &p, &err) == WEFT_OK, "%s", err.text);
    return p;
}

/* An input of its own for each number, and its answer on a device that has only one program. */
static void make_cases(const bench *b, float x[MANY][IN], float want[MANY][OUT])
{
    session s = open_loaded(b, "ref:");
    rng r = rng_make(b->t->seed + 7);
    for (unsigned k = 0; k < MANY; k++) {
        for (unsigned i = 0; i < IN; i++)
            x[k][i] = (float)rng_range(&r, -30000, 30000) / 1000.0f;
        const weft_input in = from(x[k]);
        const weft_output out = to(want[k]);
        CHECK(b->t, weft_run(s.net, &in, &out, WEFT_FOREVER, NULL) == WEFT_OK, "case %u", k);
    }
    close_loaded(s);
}

/* Jobs of all programs in turns, more of them than one after the other. */
static void check_jobs(const bench *b, weft_loaded **nets, const char *what)
{
    static float x[MANY][IN], want[MANY][OUT], y[3 * MANY][OUT];
    weft_job *job[3 * MANY];
    weft_error err = { 0 };
    make_cases(b, x, want);
    for (unsigned k = 0; k < 3 * MANY; k++) {
        const weft_input in = from(x[k % MANY]);
        const weft_output out = to(y[k]);
        job[k] = NULL;
        if (nets[k % MANY])
            CHECK(b->t, submit_one(nets[k % MANY], &in, &out, &job[k], &err) == WEFT_OK, "%s: %s",
                  what, err.text);
    }
    for (unsigned k = 0; k < 3 * MANY; k++) {
        if (job[k])
            CHECK(b->t,
                  weft_wait(job[k], WEFT_FOREVER, &err) == WEFT_OK &&
                      !memcmp(y[k], want[k % MANY], sizeof y[k]),
                  "%s: job %u: %s", what, k, err.text);
        weft_job_free(job[k]);
    }
}

static void check_many(const bench *b, const char *uri)
{
    weft_device *dev;
    weft_loaded *nets[MANY];
    weft_error err = { 0 };
    CHECK(b->t, weft_open(uri, &dev, &err) == WEFT_OK, "%s", err.text);
    weft_program *p = parse(b);
    for (unsigned k = 0; k < MANY; k++)
        CHECK(b->t, weft_load(dev, p, NULL, &nets[k], &err) == WEFT_OK, "%s: %s", uri, err.text);
    weft_program_close(p); /* the loaded ones hold it */
    CHECK(b->t, describe(b, dev).loaded_count == MANY, "%s: count", uri);
    check_jobs(b, nets, uri);
    for (unsigned k = 1; k < MANY; k += 2) {
        weft_unload(nets[k]);
        nets[k] = NULL;
    }
    check_jobs(b, nets, "with gaps");
    for (unsigned k = 1; k < MANY; k += 2)
        CHECK(b->t, load_bytes(dev, b->f.bytes, b->f.n, &nets[k], &err) == WEFT_OK, "%s", err.text);
    check_jobs(b, nets, "in the gaps");
    for (unsigned k = 0; k < MANY; k++)
        weft_unload(nets[k]);
    const weft_device_info d = describe(b, dev);
    CHECK(b->t, d.memory_free == d.memory_bytes && d.memory_free_at_once == d.memory_bytes,
          "%s: memory is lost", uri);
    weft_close(dev);
}

/* As many programs as there is room for with one port set, and no more; two sets need room in one
 * piece. */
static void check_memory(const bench *b)
{
    enum { MOST = 8, SIZE = 4096 };
    weft_device *dev;
    weft_loaded *net[MOST] = { 0 }, *more = NULL;
    weft_program *p = parse(b);
    weft_program_info info = { .struct_bytes = sizeof info };
    const weft_load_options two = { .struct_bytes = sizeof two, .port_sets = 2 };
    weft_error err = { 0 };
    char needs[40];
    weft_program_describe(p, &info, NULL);
    const unsigned most = (unsigned)(SIZE / info.memory_bytes);
    CHECK(b->t, weft_open("ref:mem=4K", &dev, &err) == WEFT_OK, "%s", err.text);
    CHECK(b->t, most >= 3 && most <= MOST, "%u programs fit", most);
    for (unsigned k = 0; k < most; k++) /* the first had two sets, and give one up */
        CHECK(b->t, weft_load(dev, p, NULL, &net[k], &err) == WEFT_OK, "%u: %s", k, err.text);
    CHECK(b->t, weft_load(dev, p, NULL, &more, &err) == WEFT_ERR_CAPACITY && !more, "%s", err.text);
    snprintf(needs, sizeof needs, "needs %llu bytes", (unsigned long long)info.memory_bytes);
    CHECK(b->t, strstr(err.text, needs) && strstr(err.text, "unload"), "%s", err.text);
    weft_unload(net[1]);
    CHECK(b->t, weft_load(dev, p, &two, &more, &err) == WEFT_ERR_CAPACITY, "two: %s", err.text);
    CHECK(b->t, strstr(err.text, "fewer port sets"), "%s", err.text);
    CHECK(b->t, weft_load(dev, p, NULL, &net[1], &err) == WEFT_OK, "%s", err.text);
    for (unsigned k = 0; k < most; k++) {
        float y[OUT];
        const weft_input in = from(b->x);
        const weft_output out = to(y);
        CHECK(b->t, weft_run(net[k], &in, &out, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
        CHECK(b->t, !memcmp(y, b->want, sizeof y), "program %u", k);
        weft_unload(net[k]);
    }
    weft_program_close(p);
    weft_close(dev);
}

/* --- port sets ----------------------------------------------------------------------------------
 */

static weft_job *submit_set(const bench *b, weft_loaded *net, weft_port_set *set)
{
    const weft_request r = { .struct_bytes = sizeof r, .port_set = set };
    weft_job *job = NULL;
    weft_error err = { 0 };
    CHECK(b->t, weft_submit(net, &r, &job, &err) == WEFT_OK, "%s", err.text);
    return job;
}

/* Two sets at once, and jobs without; then the rows in place. */
static void check_sets(const bench *b, const char *uri, uint32_t direct)
{
    enum { JOBS = 6 };
    static float x[MANY][IN], want[MANY][OUT], y[OUT], z[JOBS][OUT];
    weft_device *dev;
    weft_loaded *net = NULL;
    weft_port_set *set[3] = { 0 };
    weft_error err = { 0 };
    const weft_load_options three = { .struct_bytes = sizeof three, .port_sets = 3 };
    weft_rows_info in_rows = { .struct_bytes = sizeof in_rows }, out_rows = in_rows;
    weft_program *p = parse(b);
    weft_job *job[JOBS];
    make_cases(b, x, want);
    weft_open(uri, &dev, &err);
    CHECK(b->t, weft_load(dev, p, &three, &net, &err) == WEFT_OK, "%s: %s", uri, err.text);
    for (unsigned k = 0; k < 2; k++) {
        const weft_input in = from(x[k]);
        CHECK(b->t, weft_port_set_take(net, &set[k], &err) == WEFT_OK, "%s: %s", uri, err.text);
        CHECK(b->t, weft_port_set_write(set[k], 0, &in, &err) == WEFT_OK, "%s", err.text);
    }
    CHECK(b->t, weft_port_set_input(set[0], 0, &in_rows, &err) == WEFT_OK, "%s", err.text);
    CHECK(b->t, in_rows.direct == direct && in_rows.rows * in_rows.row_bytes == IN, "%s: direct %u",
          uri, (unsigned)in_rows.direct);
    CHECK(b->t, weft_port_set_input(set[0], 1, &in_rows, &err) == WEFT_ERR_ARG, "input 1");
    CHECK(b->t, weft_port_set_output(set[0], 0, &out_rows, &err) == WEFT_OK, "%s", err.text);
    const weft_input in = from(x[2]);
    const weft_output out = to(y);
    for (unsigned k = 2; k < JOBS; k++) { /* none of these may touch what lies in the sets */
        const weft_output other = to(z[k]);
        CHECK(b->t, submit_one(net, &in, &other, &job[k], &err) == WEFT_OK, "%s", err.text);
    }
    for (unsigned k = 0; k < 2; k++)
        job[k] = submit_set(b, net, set[k]);
    for (unsigned k = 0; k < JOBS; k++) {
        CHECK(b->t, weft_wait(job[k], WEFT_FOREVER, &err) == WEFT_OK, "%s: %s", uri, err.text);
        CHECK(b->t, k < 2 || !memcmp(z[k], want[2], sizeof z[k]), "%s: job %u without a set", uri,
              k);
    }
    for (unsigned k = 0; k < 2; k++) {
        CHECK(b->t, weft_port_set_read(set[k], 0, &out, &err) == WEFT_OK, "%s", err.text);
        CHECK(b->t, !memcmp(y, want[k], sizeof y), "%s: set %u", uri, k);
    }
    const int8_t first = *(const int8_t *)out_rows.data; /* scale 0.25, zero point 3 */
    CHECK(b->t, want[0][0] == 0.25f * (float)(first - 3), "%s: %d in place", uri, first);
    for (unsigned k = 0; k < JOBS; k++)
        weft_job_free(job[k]);

    CHECK(b->t, weft_port_set_take(net, &set[2], &err) == WEFT_OK, "%s", err.text);
    CHECK(b->t, submit_one(net, &in, &out, &job[0], &err) == WEFT_ERR_BUSY, "%s", err.text);
    CHECK(b->t, strstr(err.text, "port sets are taken"), "%s", err.text);
    weft_port_set *none = NULL;
    CHECK(b->t, weft_port_set_take(net, &none, &err) == WEFT_ERR_BUSY && !none, "%s", err.text);
    weft_port_set_free(set[1]);
    CHECK(b->t, weft_run(net, &in, &out, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
    weft_unload(net);
    CHECK(b->t, describe(b, dev).loaded_count == 1, "the sets still need their memory");
    weft_port_set_free(set[0]);
    weft_port_set_free(set[2]);
    CHECK(b->t, describe(b, dev).loaded_count == 0, "nothing needs it");
    weft_program_close(p);
    weft_close(dev);
}

/* A set has one job at a time, and is not touched meanwhile. */
static void check_busy_set(const bench *b)
{
    session s = open_loaded(b, "layer:waits=1000000");
    weft_port_set *set = NULL;
    weft_job *job, *other = NULL;
    weft_error err = { 0 };
    const weft_input in = from(b->x);
    weft_request r = { .struct_bytes = sizeof r };
    CHECK(b->t, weft_port_set_take(s.net, &set, &err) == WEFT_OK, "%s", err.text);
    job = submit_set(b, s.net, set);
    r.port_set = set;
    CHECK(b->t, weft_submit(s.net, &r, &other, &err) == WEFT_ERR_BUSY && !other, "%s", err.text);
    CHECK(b->t, weft_port_set_write(set, 0, &in, &err) == WEFT_ERR_BUSY, "%s", err.text);
    r.input_count = 1;
    CHECK(b->t, weft_submit(s.net, &r, &other, &err) == WEFT_ERR_ARG, "%s", err.text);
    weft_port_set_free(set); /* the job still holds it */
    weft_job_free(job);
    close_loaded(s);
}

int main(int argc, char **argv)
{
    test t = test_begin("loaded", argc, argv, 1, 1);
    bench b = bench_make(&t);
    check_many(&b, "ref:");
    check_many(&b, "layer:");
    check_memory(&b);
    check_sets(&b, "ref:", 1);
    check_sets(&b, "layer:", 0);
    check_busy_set(&b);
    bench_free(&b);
    return test_end(&t, "several programs in one device, its memory divided, port sets");
}
