/* Small programs that ask for much: what nobody could wait for is refused when it is read, and what takes long is ended within
 * 100 ms when it is cancelled, in the middle of a command and in the middle of a step of the host.
 *
 *     test_costly [ADDRESS..]         ref: if there is none */
#define _POSIX_C_SOURCE 200809L
#include <string.h>
#include <time.h>

#include "device_network.h"
#include "rtl/isa/weft_disasm.h"
#include "rtl/isa/weft_isa.h"

enum { LIMIT_MS = 100, TRIES = 5 };

/* Of the processor's time, all threads together: what a machine does for others does not count. */
static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

/* --- programs ------------------------------------------------------------------------------- */

/* The first COMPUTE of a program, blocks and passes as told. */
static void stretch(test *t, weft_program *p, uint32_t blocks, uint32_t passes)
{
    uint8_t *at = p->image + (p->prog_addr - p->image_addr);
    for (uint32_t i = 0; i < p->prog_count; i++) {
        const unsigned units = weft_op_units(*at);
        weft_cmd c = { { 0 } };
        weft_cmd_fetch(&c, units, at);
        if ((c.word[0] & 0xff) == WEFT_CMD_COMPUTE) {
            weft_COMPUTE_set_BLOCKS(&c, blocks);
            weft_COMPUTE_set_PASSES(&c, passes);
            weft_COMPUTE_set_RAW(&c, 1);
            weft_cmd_store(&c, units, at);
            return;
        }
        at += units * WEFT_CMD_UNIT_BYTES;
    }
    CHECK(t, 0, "no COMPUTE in the program");
}

/* A product of two matrices, N x N each, on the host. */
static weft_program *product_on_host(test *t, uint32_t n)
{
    const float scale = 0.25f;
    const int32_t zero = 0;
    const uint8_t on_host[8] = { 1 };
    const weft_matmul attr = { .clamp = { -128, 127 } };
    uint32_t id[3] = { 0 };
    weft_graph *g = NULL;
    weft_program *p = NULL;
    weft_error err = { 0 };
    const weft_hw hw = weft_hw_default(256u << 20);
    weft_port port = {
        .name = "a", .dtype = WEFT_INT8, .rank = 2, .dims = { n, n }, .perm = { 0, 1 }
    };
    int rc = weft_graph_new(&g);
    for (unsigned i = 0; i < 3 && rc == WEFT_OK; i++) {
        const weft_tensor_desc d = { .name = "t",
                                     .dtype = WEFT_INT8,
                                     .rank = 2,
                                     .dims = { n, n },
                                     .quant = { 1, 0, &scale, &zero } };
        rc = weft_graph_add_tensor(g, &d, &id[i]);
        port.tensor = id[i];
        rc |= i < 2 ? weft_graph_add_input(g, &port) : weft_graph_add_output(g, &port);
    }
    const weft_node_desc d = { .op = WEFT_OP_MATMUL,
                               .name = "product",
                               .requant = WEFT_REQUANT_ONNX,
                               .input_count = 2,
                               .inputs = id,
                               .output = id[2],
                               .attr = &attr };
    rc |= weft_graph_add_node(g, &d, NULL);
    if (rc == WEFT_OK)
        rc = weft_graph_check(g, &err);
    if (rc == WEFT_OK)
        rc = weft_compile(g, &hw, &(weft_compile_options){ .on_host = on_host }, &p, &err);
    CHECK(t, rc == WEFT_OK, "%u x %u: %s", (unsigned)n, (unsigned)n, err.text);
    weft_graph_free(g);
    return p;
}

/* --- refused -------------------------------------------------------------------------------- */

static void refused(test *t, const weft_program *p, const char *why)
{
    weft_error err = { 0 };
    const int rc = p ? weft_program_check(p, &err) : WEFT_OK;
    CHECK(t, rc == WEFT_ERR_FORMAT && strstr(err.text, why), "%s: %d \"%s\"", why, rc, err.text);
}

static void check_refusals(test *t)
{
    weft_graph *g = make_graph(t);
    weft_program *p = compile(t, g, 16);
    stretch(t, p, 65535, 65535);
    refused(t, p, "vectors");
    weft_program_free(p);

    p = product_on_host(t, 1024);
    weft_program_port *in = p ? p->inputs : NULL;
    if (in) {
        CHECK(t, weft_program_check(p, NULL) == WEFT_OK, "1024 x 1024 is refused");
        in[1].addr = in[0].addr;
        refused(t, p, "the same bytes");
        in[1].addr = in[0].addr + 512 * 1024;
        refused(t, p, "the same bytes");
    }
    weft_program_free(p);
    weft_graph_free(g);
    weft_program_free(p = product_on_host(t, 4096));
    CHECK(t, p != NULL, "4096 x 4096 is refused");
}

/* --- cancelled ------------------------------------------------------------------------------ */

/* Run, cancel after some time, wait: how much work that took, the least of a few tries. */
static void check_cancel(test *t, const char *uri, weft_program *p, const char *what)
{
    weft_device *dev = NULL;
    weft_loaded *net = NULL;
    weft_error err = { 0 };
    double least = 1e9;
    int rc = weft_open(uri, &dev, &err);
    if (rc == WEFT_OK)
        rc = weft_load(dev, p, NULL, &net, &err);
    CHECK(t, rc == WEFT_OK, "%s: %s", what, err.text);
    static uint8_t x[4][4096 * 4096];
    weft_input in[2];
    weft_output out;
    for (unsigned i = 0; i < p->input_count; i++)
        in[i] = input_of(x[i], weft_program_port_bytes(&p->inputs[i]), WEFT_FORM_MODEL);
    out = output_of(x[3], weft_program_port_bytes(&p->outputs[0]), WEFT_FORM_MODEL);
    const weft_request r = { .struct_bytes = sizeof r,
                             .input_count = p->input_count,
                             .output_count = 1,
                             .inputs = in,
                             .outputs = &out };
    for (unsigned i = 0; i < TRIES && least > LIMIT_MS && rc == WEFT_OK; i++) {
        weft_job *job = NULL;
        rc = weft_submit(net, &r, &job, &err);
        CHECK(t, rc == WEFT_OK && weft_wait(job, 300, &err) == WEFT_ERR_TIMEOUT,
              "%s is over too early: %s", what, err.text);
        const double from = now_ms();
        weft_cancel(job);
        CHECK(t, rc == WEFT_OK && weft_wait(job, 60000, &err) == WEFT_ERR_CANCELLED, "%s: %s", what,
              err.text);
        least = now_ms() - from < least ? now_ms() - from : least;
        weft_job_free(job);
    }
    CHECK(t, least <= LIMIT_MS, "%s, %s: %.0f ms of work after it was cancelled", uri, what, least);
    weft_unload(net);
    weft_close(dev);
}

int main(int argc, char **argv)
{
    test t = test_begin("costly", 1, argv, 1, 1);
    check_refusals(&t);
    for (int i = 1; i < argc || i == 1; i++) {
        const char *uri = i < argc ? argv[i] : "ref:";
        weft_graph *g = make_graph(&t);
        weft_program *p = compile(&t, g, 16);
        stretch(&t, p, 16, 65535);
        check_cancel(&t, uri, p, "a COMPUTE");
        weft_program_free(p);
        weft_graph_free(g);
        p = product_on_host(&t, 3072);
        if (p)
            check_cancel(&t, uri, p, "a step of the host");
        weft_program_free(p);
    }
    return test_end(&t, "what takes too long is refused, what takes long can be cancelled");
}
