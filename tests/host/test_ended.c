/* How the end of jobs is told: callbacks and what is allowed in them, waiting for any, the
 * descriptor for poll; objects given back in every order; a forked process. */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "device_bench.h"
#include "layer.h"

/* --- callbacks ----------------------------------------------------------------------------------
 */

enum { CHAIN = 3 };

typedef struct caller {
    const bench *b;
    session s;
    atomic_int calls, status;
    weft_job *self_free;      /* to be freed by the callback */
    weft_job *chained[CHAIN]; /* submitted by the callbacks, one each */
    int chain;                /* so many more jobs */
    float y[OUT];
} caller;

static int submit_called(caller *c, weft_job **job, weft_error *err);

/* Whatever would wait for this thread. */
static void check_inside(caller *c)
{
    test *t = c->b->t;
    weft_error err = { 0 };
    weft_loaded *net = NULL;
    weft_port_set *set = NULL;
    const weft_input in = from(c->b->x);
    const weft_output out = to(c->y);
    CHECK(t, weft_close(c->s.dev) == WEFT_ERR_BUSY, "closed in a callback");
    CHECK(t, load_bytes(c->s.dev, c->b->f.bytes, c->b->f.n, &net, &err) == WEFT_ERR_BUSY, "%s",
          err.text);
    CHECK(t, weft_run(c->s.net, &in, &out, WEFT_FOREVER, &err) == WEFT_ERR_BUSY, "%s", err.text);
    CHECK(t, weft_port_set_take(c->s.net, &set, &err) == WEFT_ERR_BUSY, "%s", err.text);
    CHECK(t, weft_device_watch(c->s.dev, NULL, NULL, &err) == WEFT_ERR_BUSY, "%s", err.text);
    if (c->self_free) {
        CHECK(t, weft_wait(c->self_free, 0, &err) == WEFT_ERR_TIMEOUT, "over inside: %s", err.text);
        CHECK(t, weft_wait(c->self_free, 10, &err) == WEFT_ERR_BUSY, "waits inside: %s", err.text);
        weft_job_free(c->self_free);
        c->self_free = NULL;
    }
    if (c->chain > 0) {
        weft_job **next = &c->chained[CHAIN - c->chain--];
        CHECK(t, submit_called(c, next, &err) == WEFT_OK, "chained: %s", err.text);
    }
}

static void on_end(void *self, int status, const char *text)
{
    caller *c = self;
    CHECK(c->b->t, (status == WEFT_OK) == !*text, "status %d, text %s", status, text);
    if (c->s.dev && status == WEFT_OK)
        check_inside(c);
    atomic_store(&c->status, status);
    atomic_fetch_add(&c->calls, 1);
}

static int submit_called(caller *c, weft_job **job, weft_error *err)
{
    const weft_input in = from(c->b->x);
    const weft_output out = to(c->y);
    const weft_request r = { .struct_bytes = sizeof r,
                             .input_count = 1,
                             .output_count = 1,
                             .inputs = &in,
                             .outputs = &out,
                             .ended = on_end,
                             .self = c };
    return weft_submit(c->s.net, &r, job, err);
}

static void check_callbacks(const bench *b)
{
    caller c = { .b = b, .s = open_loaded(b, "layer:waits=3"), .chain = CHAIN };
    weft_error err = { 0 };
    weft_job *job = NULL;
    CHECK(b->t, submit_called(&c, &job, &err) == WEFT_OK, "%s", err.text);
    CHECK(b->t, weft_wait(job, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
    CHECK(b->t, atomic_load(&c.calls) >= 1, "over before its callback has returned");
    for (int k = 1; k <= CHAIN; k++) { /* each has submitted the next before it was over */
        weft_job *next = c.chained[k - 1];
        weft_job_free(job);
        CHECK(b->t, weft_wait(next, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
        CHECK(b->t, atomic_load(&c.calls) >= k + 1 && !memcmp(c.y, b->want, sizeof c.y), "job %d",
              k);
        job = next;
    }
    weft_job_free(job);
    atomic_store(&c.calls, 0);
    CHECK(b->t, submit_called(&c, &c.self_free, &err) == WEFT_OK, "%s", err.text);
    for (int k = 0; k < 5000 && !atomic_load(&c.calls); k++)
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    CHECK(b->t, atomic_load(&c.calls) == 1 && !c.self_free, "not freed in its callback");
    close_loaded(c.s);
}

/* A cancelled job calls back too, and so does one that weft_close ends. */
static void check_cancelled(const bench *b)
{
    caller c = { .b = b, .s = open_loaded(b, "layer:waits=1000000") };
    weft_error err = { 0 };
    weft_job *first, *second;
    submit_called(&c, &first, &err);
    submit_called(&c, &second, &err);
    weft_cancel(first);
    CHECK(b->t, weft_wait(first, WEFT_FOREVER, &err) == WEFT_ERR_CANCELLED, "%s", err.text);
    CHECK(b->t, atomic_load(&c.status) == WEFT_ERR_CANCELLED && c.calls == 1, "cancelled");
    weft_close(c.s.dev);
    CHECK(b->t, c.calls == 2, "closed");
    weft_job_free(second);
    weft_job_free(first);
    weft_unload(c.s.net);
}

/* --- any, and the descriptor --------------------------------------------------------------------
 */

static int readable(int fd, int timeout_ms)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    return poll(&p, 1, timeout_ms) == 1 && p.revents == POLLIN;
}

static void check_any(const bench *b)
{
    enum { N = 6 };
    session s = open_loaded(b, "layer:waits=4"), other = open_loaded(b, "ref:");
    static float y[N][OUT];
    weft_job *job[N], *left[N];
    weft_error err = { 0 };
    const weft_input in = from(b->x);
    uint32_t index = 99;
    int fd = -1, again = -2;
    CHECK(b->t, weft_device_fd(s.dev, &fd, &err) == WEFT_OK && !readable(fd, 0), "%s", err.text);
    for (unsigned k = 0; k < N; k++) {
        const weft_output out = to(y[k]);
        CHECK(b->t, submit_one(s.net, &in, &out, &job[k], &err) == WEFT_OK, "%s", err.text);
        left[N - 1 - k] = job[k];
    }
    CHECK(b->t, weft_wait_any(job, N, 0, &index, &err) == WEFT_ERR_TIMEOUT, "%s", err.text);
    CHECK(b->t, weft_wait_any(job, 0, 0, &index, &err) == WEFT_ERR_ARG, "%s", err.text);
    for (unsigned k = N; k-- > 0;) { /* they end in order, so always the last that is left */
        CHECK(b->t, readable(fd, 5000), "job %u: not readable", N - 1 - k);
        CHECK(b->t, weft_wait_any(left, k + 1, WEFT_FOREVER, &index, &err) == WEFT_OK, "%s",
              err.text);
        CHECK(b->t, index <= k && left[index] == job[N - 1 - index], "job %u: %u", k,
              (unsigned)index);
        CHECK(b->t, weft_wait(left[index], 0, &err) == WEFT_OK, "%s", err.text);
        CHECK(b->t, weft_wait(left[index], 0, &err) == WEFT_OK, "the second time: %s", err.text);
        memmove(left + index, left + index + 1, (k - index) * sizeof *left);
    }
    CHECK(b->t, !readable(fd, 0), "readable with nothing to tell");
    for (unsigned k = 0; k < N; k++) {
        CHECK(b->t, !memcmp(y[k], b->want, sizeof y[k]), "answer %u", k);
        weft_job_free(job[k]);
    }
    const weft_output out[2] = { to(y[0]), to(y[1]) };
    submit_one(s.net, &in, &out[0], &job[0], &err);
    submit_one(other.net, &in, &out[1], &job[1], &err);
    CHECK(b->t, weft_wait_any(job, 2, WEFT_FOREVER, &index, &err) == WEFT_OK && index < 2, "%s",
          err.text);
    CHECK(b->t, readable(fd, 5000), "not readable");
    weft_job_free(job[0]); /* takes note of its end too */
    CHECK(b->t, !readable(fd, 0), "readable after the job was given back");
    CHECK(b->t, weft_wait(job[1], WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
    CHECK(b->t, weft_device_fd(other.dev, &again, &err) == WEFT_OK && !readable(again, 0), "late");
    weft_job_free(job[1]);
    close_loaded(s);
    close_loaded(other);
}

/* One of a device's callbacks waits for the job of another device, and for its own. */
typedef struct nosy {
    weft_job *other, *own;
    int other_rc, own_rc, both_rc;
} nosy;

static void look_around(void *self, int status, const char *text)
{
    nosy *n = self;
    weft_job *both[2] = { n->own, n->other };
    uint32_t index = 9;
    (void)status, (void)text;
    n->own_rc = weft_wait_any(&n->own, 1, WEFT_FOREVER, &index, NULL);
    n->both_rc = weft_wait_any(both, 2, WEFT_FOREVER, &index, NULL);
    n->other_rc = weft_wait_any(&n->other, 1, 5000, &index, NULL);
}

/* Jobs of several devices: the one that ends first is found, whichever it is, while others run. */
static void check_several(const bench *b)
{
    enum { N = 3 };
    session s[N];
    static float y[N][OUT];
    weft_job *job[N + 1];
    weft_error err = { 0 };
    const weft_input in = from(b->x);
    uint32_t index = 99;
    for (unsigned quick = 0; quick < N; quick++) {
        for (unsigned i = 0; i < N; i++) {
            const weft_output out = to(y[i]);
            s[i] = open_loaded(b, i == quick ? "layer:waits=20" : "layer:waits=1000000");
            CHECK(b->t, submit_one(s[i].net, &in, &out, &job[i], &err) == WEFT_OK, "%s", err.text);
        }
        job[N] = job[0]; /* two of one device among them */
        CHECK(b->t, weft_wait_any(job, N, 1, &index, &err) == WEFT_ERR_TIMEOUT || index == quick,
              "%s", err.text);
        CHECK(b->t,
              weft_wait_any(job, N + 1, WEFT_FOREVER, &index, &err) == WEFT_OK &&
                  job[index] == job[quick],
              "want %u, got %u: %s", quick, (unsigned)index, err.text);
        CHECK(b->t,
              weft_wait(job[quick], 0, &err) == WEFT_OK &&
                  !memcmp(y[quick], b->want, sizeof y[quick]),
              "%s", err.text);
        weft_cancel(job[(quick + 1) % N]);
        weft_job *left[2] = { job[(quick + 2) % N], job[(quick + 1) % N] };
        CHECK(b->t, weft_wait_any(left, 2, WEFT_FOREVER, &index, &err) == WEFT_OK && index == 1,
              "the cancelled one: %u, %s", (unsigned)index, err.text);
        CHECK(b->t, weft_close(s[(quick + 2) % N].dev) == WEFT_OK, "close");
        s[(quick + 2) % N].dev = NULL;
        CHECK(b->t, weft_wait_any(left, 1, 0, &index, &err) == WEFT_OK, "closed: %s", err.text);
        for (unsigned i = 0; i < N; i++) {
            weft_job_free(job[i]);
            close_loaded(s[i]);
        }
    }
}

/* In a callback nobody waits for the device it belongs to. */
static void check_nosy(const bench *b)
{
    session s = open_loaded(b, "layer:waits=50"), other = open_loaded(b, "layer:waits=3");
    static float y[2][OUT];
    nosy n = { NULL, NULL, 1, 1, 1 };
    weft_error err = { 0 };
    const weft_input in = from(b->x);
    const weft_output out[2] = { to(y[0]), to(y[1]) };
    submit_one(other.net, &in, &out[1], &n.other, &err);
    const weft_request r = { .struct_bytes = sizeof r,
                             .input_count = 1,
                             .output_count = 1,
                             .inputs = &in,
                             .outputs = &out[0],
                             .ended = look_around,
                             .self = &n };
    CHECK(b->t, weft_wait(n.other, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
    CHECK(b->t, weft_submit(s.net, &r, &n.own, &err) == WEFT_OK, "%s", err.text);
    CHECK(b->t, weft_wait(n.own, WEFT_FOREVER, &err) == WEFT_OK, "%s", err.text);
    CHECK(b->t, n.own_rc == WEFT_ERR_BUSY && n.both_rc == WEFT_OK && n.other_rc == WEFT_OK,
          "own %d, both %d, other %d", n.own_rc, n.both_rc, n.other_rc);
    weft_job_free(n.own);
    weft_job_free(n.other);
    close_loaded(s);
    close_loaded(other);
}

/* --- lifetimes ----------------------------------------------------------------------------------
 */

/* Device, program, loaded program, job and port set given back in the order `order` says. */
static void give_back(const bench *b, const unsigned order[5])
{
    session s = open_loaded(b, "layer:waits=2");
    weft_program *p = NULL;
    weft_port_set *set = NULL;
    weft_loaded *net = NULL;
    weft_job *job = NULL;
    weft_error err = { 0 };
    weft_program_parse(b->f.bytes, b->f.n, &p, &err);
    CHECK(b->t, weft_load(s.dev, p, NULL, &net, &err) == WEFT_OK, "%s", err.text);
    CHECK(b->t, weft_port_set_take(net, &set, &err) == WEFT_OK, "%s", err.text);
    const weft_request r = { .struct_bytes = sizeof r, .port_set = set };
    CHECK(b->t, weft_submit(net, &r, &job, &err) == WEFT_OK, "%s", err.text);
    weft_unload(s.net);
    for (unsigned i = 0; i < 5; i++)
        switch (order[i]) {
        case 0: CHECK(b->t, weft_close(s.dev) == WEFT_OK, "close"); break;
        case 1: weft_program_close(p); break;
        case 2: weft_unload(net); break;
        case 3: weft_job_free(job); break;
        default: weft_port_set_free(set); break;
        }
}

static void check_orders(const bench *b)
{
    for (unsigned k = 0; k < 120; k++) { /* every permutation of five */
        unsigned left[5] = { 0, 1, 2, 3, 4 }, order[5], rest = k;
        for (unsigned n = 5; n > 0; n--) {
            const unsigned at = rest % n;
            rest /= n;
            order[5 - n] = left[at];
            memmove(left + at, left + at + 1, (n - 1 - at) * sizeof *left);
        }
        give_back(b, order);
    }
}

/* --- fork ---------------------------------------------------------------------------------------
 */

/* In the child: everything is refused at once, nothing hangs; the exit status counts what is not.
 */
static int use_inherited(const bench *b, session s, weft_job *job)
{
    int wrong = 0;
    float y[OUT];
    uint32_t counters[1], index = 0;
    int fd;
    weft_error err = { 0 };
    weft_loaded *net = NULL;
    weft_port_set *set = NULL;
    weft_job *made = NULL;
    weft_device_info d = { .struct_bytes = sizeof d };
    const weft_input in = from(b->x);
    const weft_output out = to(y);
    wrong += weft_run(s.net, &in, &out, WEFT_FOREVER, &err) != WEFT_ERR_NO_DEVICE;
    wrong += !strstr(err.text, "forked");
    wrong += submit_one(s.net, &in, &out, &made, &err) != WEFT_ERR_NO_DEVICE;
    wrong += weft_wait(job, WEFT_FOREVER, &err) != WEFT_ERR_NO_DEVICE;
    wrong += weft_wait_any(&job, 1, WEFT_FOREVER, &index, &err) != WEFT_ERR_NO_DEVICE;
    wrong += load_bytes(s.dev, b->f.bytes, b->f.n, &net, &err) != WEFT_ERR_NO_DEVICE;
    wrong += weft_device_counters(s.dev, counters, 1, &err) != WEFT_ERR_NO_DEVICE;
    wrong += weft_device_describe(s.dev, &d, &err) != WEFT_ERR_NO_DEVICE;
    wrong += weft_device_fd(s.dev, &fd, &err) != WEFT_ERR_NO_DEVICE;
    wrong += weft_port_set_take(s.net, &set, &err) != WEFT_ERR_NO_DEVICE;
    wrong += weft_recover(s.dev, &err) != WEFT_ERR_NO_DEVICE;
    weft_cancel(job);
    weft_job_free(job);
    weft_unload(s.net);
    wrong += weft_close(s.dev) != WEFT_ERR_NO_DEVICE;
    session own = open_loaded(b, "ref:"); /* a device of its own is as good as any */
    wrong += weft_run(own.net, &in, &out, WEFT_FOREVER, &err) != WEFT_OK;
    close_loaded(own);
    return wrong;
}

static void check_fork(const bench *b)
{
    session s = open_loaded(b, "layer:waits=1000000");
    weft_job *job = NULL;
    weft_error err = { 0 };
    float y[OUT];
    int status = -1;
    const weft_input in = from(b->x);
    const weft_output out = to(y);
    CHECK(b->t, submit_one(s.net, &in, &out, &job, &err) == WEFT_OK, "%s", err.text);
    const pid_t child = fork();
    if (child == 0) {
        alarm(20); /* a child that hangs is killed, and counts */
        _exit(use_inherited(b, s, job));
    }
    CHECK(b->t, child > 0 && waitpid(child, &status, 0) == child, "no child");
    CHECK(b->t, WIFEXITED(status) && WEXITSTATUS(status) == 0, "%d wrong in the child", status);
    CHECK(b->t, weft_wait(job, 0, &err) == WEFT_ERR_TIMEOUT, "the child has ended the job");
    weft_job_free(job);
    close_loaded(s);
}

int main(int argc, char **argv)
{
    test t = test_begin("ended", argc, argv, 1, 1);
    bench b = bench_make(&t);
    check_callbacks(&b);
    check_cancelled(&b);
    check_any(&b);
    check_several(&b);
    check_nosy(&b);
    check_orders(&b);
    check_fork(&b);
    bench_free(&b);
    return test_end(&t,
                    "callbacks, wait for any, the descriptor, every order of giving back, fork");
}
