/* Networks whose host has work between runs of the device: attention, the softmax of a detector, a
 * resize by any factor; and what the library promises of them: counters and progress of the whole,
 * the index of a failed command, cancelling between runs, several jobs.
 *
 *     test_steps DEVICE...
 *     test_steps --write FILE      attention as TensorFlow Lite */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../../models/compile/weft_compile.h"
#include "../../models/format/weft_file.h"
#include "../../models/import/tflite.h"
#include "../tflite/gen_attention.h"
#include "e2e.h"

#include "../../rtl/isa/weft_isa.h" /* after e2e.h: see weft_program.h */

typedef struct net {
    test *t;
    rng r;
    weft_graph *g;
    int rc;
} net;

static uint32_t add(net *n, uint32_t rank, const uint32_t *dims, float scale, int32_t zero,
                    const void *data)
{
    static const char *const names[] = { "t0", "t1", "t2",  "t3",  "t4",  "t5",  "t6", "t7",
                                         "t8", "t9", "t10", "t11", "t12", "t13", "t14" };
    uint32_t out = 0;
    weft_tensor_desc d = { .name = names[n->g->tensor_count % 15],
                           .dtype = WEFT_INT8,
                           .rank = rank,
                           .quant = { 1, 0, &scale, &zero },
                           .data = data };
    memcpy(d.dims, dims, rank * sizeof *dims);
    n->rc |= weft_graph_add_tensor(n->g, &d, &out);
    return out;
}

static uint32_t put_kind(net *n, weft_requant_kind kind, weft_op op, const void *attr,
                         uint32_t count, const uint32_t *in, uint32_t out)
{
    n->rc |= weft_graph_add_node(n->g,
                                 &(weft_node_desc){ .op = op,
                                                    .name = weft_op_name(op),
                                                    .requant = kind,
                                                    .input_count = count,
                                                    .inputs = in,
                                                    .output = out,
                                                    .attr = attr },
                                 NULL);
    return out;
}

static uint32_t put(net *n, weft_op op, const void *attr, uint32_t count, const uint32_t *in,
                    uint32_t out)
{
    return put_kind(n, WEFT_REQUANT_TFLITE, op, attr, count, in, out);
}

static net begin(test *t)
{
    net n = { .t = t, .r = rng_make(t->seed) };
    n.rc = weft_graph_new(&n.g);
    return n;
}

static weft_port port_of(const weft_graph *g, uint32_t tensor, const char *name)
{
    const weft_tensor *x = &g->tensors[tensor];
    weft_port p = { .name = name, .dtype = x->dtype, .rank = x->rank, .tensor = tensor };
    memcpy(p.dims, x->dims, sizeof p.dims);
    for (uint32_t i = 0; i < p.rank; i++)
        p.perm[i] = i;
    return p;
}

static void end(net *n, uint32_t x, uint32_t y)
{
    weft_error err = { 0 };
    const weft_port in = port_of(n->g, x, "in"), out = port_of(n->g, y, "out");
    n->rc |= weft_graph_add_input(n->g, &in);
    n->rc |= weft_graph_add_output(n->g, &out);
    if (n->rc == WEFT_OK)
        n->rc = weft_graph_check(n->g, &err);
    CHECK(n->t, n->rc == WEFT_OK, "graph: %d %s", n->rc, err.text);
}

/* x [rows][k] by a constant [k][columns]. */
static uint32_t times(net *n, uint32_t x, uint32_t rows, uint32_t k, uint32_t columns)
{
    int8_t w[64 * 64];
    const weft_matmul a = { 0, { -128, 127 } };
    for (uint32_t i = 0; i < k * columns; i++)
        w[i] = (int8_t)rng_range(&n->r, -60, 60);
    const uint32_t c = add(n, 2, (uint32_t[]){ k, columns }, 0.01f, 0, w);
    const uint32_t y = add(n, 2, (uint32_t[]){ rows, columns }, 0.06f, -3, NULL);
    return put(n, WEFT_OP_MATMUL, &a, 2, (uint32_t[]){ x, c }, y);
}

static uint32_t softmax(net *n, uint32_t x)
{
    const weft_tensor *t = &n->g->tensors[x];
    uint32_t dims[WEFT_MAX_RANK];
    memcpy(dims, t->dims, sizeof dims);
    const uint32_t y = add(n, t->rank, dims, 1.0f / 256, -128, NULL);
    return put(n, WEFT_OP_SOFTMAX, &(weft_softmax){ 1.0f }, 1, &x, y);
}

enum { WORDS = 11, WIDTH = 16, HEADS = 2, HEAD = WIDTH / HEADS };

/* Attention of HEADS heads, with the way past it. */
static uint32_t attention(net *n, uint32_t x)
{
    uint32_t heads[HEADS];
    for (int i = 0; i < HEADS; i++) {
        const uint32_t q = times(n, x, WORDS, WIDTH, HEAD), k = times(n, x, WORDS, WIDTH, HEAD);
        const uint32_t v = times(n, x, WORDS, WIDTH, HEAD);
        const uint32_t s = add(n, 2, (uint32_t[]){ WORDS, WORDS }, 0.1f, 4, NULL);
        put(n, WEFT_OP_MATMUL, &(weft_matmul){ 1, { -128, 127 } }, 2, (uint32_t[]){ q, k }, s);
        const uint32_t p = softmax(n, s);
        heads[i] = add(n, 2, (uint32_t[]){ WORDS, HEAD }, 0.05f, 0, NULL);
        put(n, WEFT_OP_MATMUL, &(weft_matmul){ 0, { -128, 127 } }, 2, (uint32_t[]){ p, v },
            heads[i]);
    }
    const uint32_t all = add(n, 2, (uint32_t[]){ WORDS, WIDTH }, 0.05f, 0, NULL);
    put(n, WEFT_OP_CONCAT, &(weft_concat){ 1 }, HEADS, heads, all);
    const uint32_t mixed = times(n, all, WORDS, WIDTH, WIDTH);
    const uint32_t y = add(n, 2, (uint32_t[]){ WORDS, WIDTH }, 0.07f, 1, NULL);
    return put(n, WEFT_OP_ADD, &(weft_elementwise){ { -128, 127 }, 0 }, 2, (uint32_t[]){ x, mixed },
               y);
}

static weft_graph *transformer(test *t, int layers)
{
    net n = begin(t);
    const uint32_t x = add(&n, 2, (uint32_t[]){ WORDS, WIDTH }, 0.07f, 1, NULL);
    uint32_t y = x;
    for (int i = 0; i < layers; i++)
        y = attention(&n, y);
    end(&n, x, y);
    return n.g;
}

/* Distribution focal loss: 16 bins of each side of a box, softmax, the mean of their numbers. */
static weft_graph *detector(test *t)
{
    net n = begin(t);
    int8_t bins[16];
    for (int i = 0; i < 16; i++)
        bins[i] = (int8_t)i;
    const uint32_t x = add(&n, 2, (uint32_t[]){ 21 * 4, 16 }, 0.1f, 9, NULL);
    const uint32_t p = softmax(&n, times(&n, x, 21 * 4, 16, 16));
    const uint32_t w = add(&n, 2, (uint32_t[]){ 1, 16 }, 1.0f, 0, bins);
    const uint32_t y = add(&n, 2, (uint32_t[]){ 21 * 4, 1 }, 0.0625f, -128, NULL);
    put(&n, WEFT_OP_FULLY_CONNECTED, &(weft_fully_connected){ { -128, 127 } }, 2,
        (uint32_t[]){ p, w }, y);
    end(&n, x, y);
    return n.g;
}

static uint32_t conv(net *n, uint32_t x, uint32_t kernel, uint32_t out_h, uint32_t out_w)
{
    int8_t w[8 * 9 * 8];
    for (unsigned i = 0; i < sizeof w; i++)
        w[i] = (int8_t)rng_range(&n->r, -90, 90);
    const uint32_t c = add(n, 4, (uint32_t[]){ 8, kernel, kernel, 8 }, 0.01f, 0, w);
    const uint32_t y = add(n, 4, (uint32_t[]){ 1, out_h, out_w, 8 }, 0.11f, -7, NULL);
    const weft_conv_2d a = { .window = { kernel, kernel, 1, 1, 1, 1, 0, 0, 0, 0 },
                             .groups = 1,
                             .clamp = { -128, 127 } };
    return put(n, WEFT_OP_CONV_2D, &a, 2, (uint32_t[]){ x, c }, y);
}

/* A bilinear resize from 6x7 to 13x11 between two convolutions: weights of 2^-10. */
static weft_graph *resize(test *t)
{
    net n = begin(t);
    weft_lerp rows[13], columns[11];
    for (uint32_t i = 0; i < 13; i++)
        rows[i] = (weft_lerp){ i * 5 / 12, i * 5 / 12 + (i * 5 % 12 > 0), i * 5 % 12 * 1024 / 12 };
    for (uint32_t i = 0; i < 11; i++)
        columns[i] =
            (weft_lerp){ i * 6 / 10, i * 6 / 10 + (i * 6 % 10 > 0), i * 6 % 10 * 1024 / 10 };
    const uint32_t x = add(&n, 4, (uint32_t[]){ 1, 6, 7, 8 }, 0.1f, 3, NULL);
    const uint32_t before = conv(&n, x, 1, 6, 7);
    const uint32_t wide = add(&n, 4, (uint32_t[]){ 1, 13, 11, 8 }, 0.11f, -7, NULL);
    const weft_resize_bilinear a = { .rows = rows,
                                     .columns = columns,
                                     .row_one = 1024,
                                     .column_one = 1024,
                                     .clamp = { -128, 127 } };
    put(&n, WEFT_OP_RESIZE_BILINEAR, &a, 1, &before, wide);
    end(&n, x, conv(&n, wide, 3, 11, 9));
    return n.g;
}

/* A PAD that a convolution could do by its own padding. */
static weft_graph *padded(test *t)
{
    net n = begin(t);
    const uint32_t x = add(&n, 4, (uint32_t[]){ 1, 6, 7, 8 }, 0.1f, 3, NULL);
    const uint32_t wide = add(&n, 4, (uint32_t[]){ 1, 8, 9, 8 }, 0.1f, 3, NULL);
    const weft_pad a = { { 0, 1, 1, 0 }, { 0, 1, 1, 0 }, 3 };
    put(&n, WEFT_OP_PAD, &a, 1, &x, wide);
    end(&n, x, conv(&n, wide, 3, 6, 7));
    return n.g;
}

/* Softmax of kind ONNX, whose two scales no port says: in the middle and at the end. */
static weft_graph *softmax_of_onnx(test *t)
{
    net n = begin(t);
    const weft_softmax a = { 1.0f };
    const uint32_t dims[] = { 1, 6, 7, 8 };
    const uint32_t x = add(&n, 4, dims, 0.1f, 3, NULL), first = conv(&n, x, 1, 6, 7);
    const uint32_t shares = add(&n, 4, dims, 1.0f / 255, -90, NULL);
    put_kind(&n, WEFT_REQUANT_ONNX, WEFT_OP_SOFTMAX, &a, 1, &first, shares);
    const uint32_t second = conv(&n, shares, 1, 6, 7);
    const uint32_t y = add(&n, 4, dims, 0.003f, -128, NULL);
    end(&n, x, put_kind(&n, WEFT_REQUANT_ONNX, WEFT_OP_SOFTMAX, &a, 1, &second, y));
    return n.g;
}

/* The same through a file. */
static weft_graph *imported(test *t)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    rng r = rng_make(t->seed);
    fbw file = gen_attention(&r, 2);
    CHECK(t, !file.failed && weft_tflite_import(file.bytes, file.count, &g, &err) == WEFT_OK, "%s",
          err.text);
    free(file.bytes);
    return g;
}

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

/* --- what the library promises ------------------------------------------------------------------
 */

/* The counters are those of all runs together; so are the cycles. */
static void check_counters(e2e *d)
{
    weft_counter c[WEFT_MAX_COUNTERS];
    uint32_t count = 0;
    weft_error err = { 0 };
    weft_stats s;
    weft_get_stats(d->dev, &s);
    CHECK(d->t, weft_get_counters(d->dev, c, &count, &err) == WEFT_OK, "%s", err.text);
    for (uint32_t i = 0; i < count; i++) {
        if (!strcmp(c[i].name, "COMMANDS"))
            CHECK(d->t, c[i].value == d->program->prog_count, "%s: %u commands of %u", d->uri,
                  (unsigned)c[i].value, (unsigned)d->program->prog_count);
        if (!strcmp(c[i].name, "CYCLES"))
            CHECK(d->t, c[i].value == s.last_cycles, "%s: %u cycles, %u counted", d->uri,
                  (unsigned)s.last_cycles, (unsigned)c[i].value);
    }
}

static int load(e2e *d, const weft_program *p, weft_error *err)
{
    uint8_t *file = NULL;
    size_t bytes = 0;
    int rc = weft_program_write(p, &file, &bytes, err);
    if (rc == WEFT_OK)
        rc = weft_load(d->dev, file, bytes, err);
    free(file);
    return rc;
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
    weft_buffer b[2] = { { malloc(WORDS * WIDTH), WORDS * WIDTH, WEFT_FORM_MODEL },
                         { malloc(WORDS * WIDTH), WORDS * WIDTH, WEFT_FORM_MODEL } };
    for (uint32_t i = 0; i < index; i++)
        at += weft_op_units(at[0]) * (size_t)WEFT_CMD_UNIT_BYTES;
    snprintf(text, sizeof text, "command %u (layer", (unsigned)index);
    at[3] ^= 0x80; /* a bit that no field of LOAD, TABLE and COMPUTE covers */
    memcpy(b[0].data, in, WORDS * WIDTH);
    CHECK(d->t, load(d, p, &err) == WEFT_OK, "%s", err.text);
    CHECK(d->t,
          weft_run(d->dev, &b[0], &b[1], WEFT_FOREVER, &err) == WEFT_ERR_DEVICE &&
              strstr(err.text, text),
          "%s: \"%s\", not %s", d->uri, err.text, text);
    at[3] ^= 0x80;
    CHECK(d->t, load(d, p, &err) == WEFT_OK, "%s", err.text);
    (void)e2e_run(d, g, "after an error", in, want);
    free(b[0].data);
    free(b[1].data);
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
        const weft_buffer x = { in[i], BYTES, WEFT_FORM_MODEL };
        const weft_buffer y = { out[i], BYTES, WEFT_FORM_MODEL };
        CHECK(d->t, weft_submit(d->dev, &x, &y, &job[i], &err) == WEFT_OK, "%s", err.text);
    }
    for (int i = 0; i < JOBS; i++) {
        uint8_t *want = e2e_reference(d->t, g, "jobs", in[i]);
        CHECK(d->t,
              weft_wait(job[i], WEFT_FOREVER, &err) == WEFT_OK && want &&
                  !memcmp(out[i], want, BYTES),
              "%s: job %d: %s", d->uri, i, err.text);
        free(want);
    }
}

/* Cancels its job in the second run of the device. */
typedef struct canceller {
    _Atomic(weft_job *) job;
    uint32_t after; /* commands of the first run */
    atomic_int done;
} canceller;

static void cancel_late(void *self, unsigned events, const uint32_t *counters)
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
    uint8_t x[WORDS * WIDTH], y[WORDS * WIDTH];
    canceller c = { .after = d->program->steps[0].before };
    weft_error err = { 0 };
    weft_job *job = NULL;
    memcpy(x, in, sizeof x);
    const weft_buffer bx = { x, sizeof x, WEFT_FORM_MODEL }, by = { y, sizeof y, WEFT_FORM_MODEL };
    if (weft_watch_events(d->dev, cancel_late, &c, &err) != WEFT_OK)
        return; /* only the simulation can be watched */
    CHECK(d->t, weft_submit(d->dev, &bx, &by, &job, &err) == WEFT_OK, "%s", err.text);
    atomic_store(&c.job, job);
    const int rc = weft_wait(job, WEFT_FOREVER, &err);
    (void)weft_watch_events(d->dev, NULL, NULL, NULL);
    CHECK(d->t, rc == (atomic_load(&c.done) ? WEFT_ERR_CANCELLED : WEFT_OK),
          "%s: a job cancelled between runs ends with %d: %s", d->uri, rc, err.text);
    (void)e2e_run(d, g, "after a cancellation", in, want);
}

static void check_library(e2e *d)
{
    weft_graph *g = transformer(d->t, 3);
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
        check_net(&d, transformer(&t, 1), "attention", HEADS, 1, NULL);
        check_net(&d, transformer(&t, 2), "attention twice", 2 * HEADS, 2, NULL);
        check_net(&d, imported(&t), "attention of a file", 2, 2, NULL);
        check_net(&d, detector(&t), "detector", 1, 1, NULL);
        check_net(&d, resize(&t), "bilinear resize", 1, 1, NULL);
        check_net(&d, softmax_of_onnx(&t), "softmax of ONNX", 2, 2, NULL);
        check_net(&d, padded(&t), "the first operator on the host", 1, 1, first);
        check_net(&d, padded(&t), "the last operator on the host", 1, 1, last);
        check_library(&d);
        e2e_close(&d);
    }
    return test_end(&t, "attention, detector, resize; counters, errors, jobs, cancelling");
}
