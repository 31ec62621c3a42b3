/* Random float networks, calibrated and quantised to QDQ ONNX as `weft quantize` does, as programs
 * on devices: importer, compiler, devices, against the reference operators, byte for byte.
 *
 *     rand_qdq DEVICE...        SEED= N= as everywhere, CASE=<n> for one case
 *
 * Every device takes the next network in turn; every fourth with all its tensors made outputs,
 * one of four with some of its operators given to the host. */
#include "e2e.h"
#include "models/import/onnx/onnx.h"
#include "models/quantize/weft_quantize.h"
#include "tests/quantize/gen_float.h"
#include "tests/random/gen_layers.h"

/* One sample is enough to have scales. */
static int sample(void *context, uint32_t number, const float_net *net, nd *inputs, weft_error *err)
{
    eval_run run = { .err = err, .left = EVAL_ELEMENTS };
    int rc = nd_new(&run, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, net->inputs[0].rank,
                    net->inputs[0].dims, &inputs[0]);
    for (size_t e = 0; rc == WEFT_OK && e < inputs[0].count; e++)
        inputs[0].f[e] = (float)rng_range(context, -32768, 32767) / 16384.0f;
    (void)number;
    return rc;
}

/* The network as int8; NULL with a sentence. */
static weft_graph *quantised(rng *r, const gen_float *f, weft_error *err)
{
    const weft_quantize_options o = { .method = (weft_quantize_method)rng_range(r, 0, 2),
                                      .percentile = 99.9,
                                      .is_uint8 = rng_range(r, 0, 3) == 0 };
    const weft_quantize_samples samples = { .count = 1, .get = sample, .context = r };
    quantizer *q = NULL;
    weft_graph *g = NULL;
    uint8_t *bytes = NULL;
    size_t count = 0;
    int rc = weft_quantize_parse(f->bytes, f->byte_count, &o, &q, err);
    if (rc == WEFT_OK)
        rc = weft_quantize_run(q, &samples, err);
    if (rc == WEFT_OK)
        rc = weft_quantize_write(q, &bytes, &count, err);
    if (rc == WEFT_OK)
        (void)weft_onnx_import(bytes, count, NULL, &g, err);
    weft_quantize_close(q);
    free(bytes);
    return g;
}

static void one(e2e *d, uint64_t number)
{
    rng r = rng_make(d->t->seed * 1000003u + number);
    gen_float f;
    char name[700];
    weft_error err = { 0 };
    weft_graph *g = gen_float_make(&r, &f) ? quantised(&r, &f, &err) : NULL;
    snprintf(name, sizeof name, "case %" PRIu64 ": %s", number, f.said);
    CHECK(d->t, g, "%s: %s", name, err.text);
    if (g)
        e2e_random(d, &r, g, number, name);
    weft_graph_free(g);
    gen_float_free(&f);
}

int main(int argc, char **argv)
{
    test t = test_begin("rand_qdq", argc, argv, 1, 240);
    const e2e_tally all = e2e_in_turns(&t, argc - 1, argv + 1, one);
    char what[200];
    snprintf(what, sizeof what,
             "%" PRIu64 " random networks quantised to QDQ ONNX on %d devices, %" PRIu64
             " with steps of the host inside, %" PRIu64 " refused",
             all.run, all.devices, all.stepped, all.refused);
    return test_end(&t, what);
}
