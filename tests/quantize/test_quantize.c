/* Random float networks through quantisation, each judged three ways:
 *
 *   - folded and taken apart, it computes what the file says (onnx_run, the float reference);
 *   - what is written imports, and the int8 graph computes what QuantizeLinear and DequantizeLinear
 *     say literally, but for ties;
 *   - that is near the float network, and every tensor uses its range well.
 *
 *     test_quantize DIR [keep]     DIR gets the files of the network at hand; with keep those of
 * all networks, for live_quantize.py
 */
#include <math.h>
#include <string.h>

#include "gen_float.h"
#include "models/base/files.h"
#include "models/compile/weft_compile.h"
#include "models/quantize/float/onnx_run.h"
#include "models/quantize/weft_quantize.h"
#include "models/ref/operators/ref_graph.h"
#include "tests/test.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

enum { LEAST_OWN_DB = 8, AVERAGE_OWN_DB = 47, AVERAGE_OUTPUT_DB = 40 };

typedef struct source {
    uint64_t seed;
} source;

/* Sample i: the same for everyone who asks. */
static int get(void *context, uint32_t sample, const float_net *net, nd *inputs, weft_error *err)
{
    eval_run run = { .err = err, .left = EVAL_ELEMENTS };
    rng r = rng_make(((const source *)context)->seed * 1000 + sample);
    int rc = nd_new(&run, T(FLOAT), net->inputs[0].rank, net->inputs[0].dims, &inputs[0]);
    for (size_t e = 0; rc == WEFT_OK && e < inputs[0].count; e++)
        inputs[0].f[e] = (float)rng_range(&r, -32768, 32767) / 16384.0f;
    return rc;
}

static double ratio_db(const nd *got, const nd *want)
{
    double signal = 1e-12, noise = 1e-12;
    for (size_t e = 0; e < want->count; e++) {
        const double d = (double)got->f[e] - (double)want->f[e];
        signal += (double)want->f[e] * (double)want->f[e];
        noise += d * d;
    }
    return 10 * log10(signal / noise);
}

/* The file as it says, in float; *out is empty if it cannot be. */
static int literal(const void *bytes, size_t byte_count, const nd *in, nd *out, weft_error *err)
{
    onnx_file file;
    int rc = onnx_file_parse(bytes, byte_count, &file, err);
    if (rc == WEFT_OK)
        rc = onnx_run(&file, in, 1, out, err);
    onnx_file_close(&file);
    return rc;
}

/* What ONNX Runtime adds in float32 has scales such that the device gives its bytes. */
static int averages_stay(const weft_graph *g, weft_error *err)
{
    weft_placement *at = calloc(g->node_count + 1u, sizeof *at);
    int rc = at ? weft_compile_placements(g, at, err) : WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < g->node_count && rc == WEFT_OK; i++)
        if (at[i].where == WEFT_ON_HOST && (g->nodes[i].op == WEFT_OP_AVERAGE_POOL_2D ||
                                            g->nodes[i].op == WEFT_OP_RESIZE_BILINEAR))
            rc = weft_error_set(err, WEFT_ERR_UNSUPPORTED, "%s \"%.60s\" leaves the device: %s",
                                weft_op_name(g->nodes[i].op), g->nodes[i].name, at[i].why);
    free(at);
    return rc;
}

/* The int8 graph by the reference operators. */
static int by_graph(const void *bytes, size_t byte_count, const nd *in, nd *out, weft_error *err)
{
    weft_graph *g = NULL;
    weft_ref *ref = NULL;
    int rc = weft_onnx_import(bytes, byte_count, NULL, &g, err);
    if (rc == WEFT_OK)
        rc = averages_stay(g, err);
    if (rc == WEFT_OK)
        rc = weft_ref_new(g, &ref, err);
    if (rc == WEFT_OK)
        rc = weft_ref_set_input(ref, 0, in->f, in->count * sizeof *in->f);
    if (rc == WEFT_OK) {
        weft_ref_run(ref);
        rc = weft_ref_get_output(ref, 0, out->f, out->count * sizeof *out->f);
    }
    weft_ref_free(ref);
    weft_graph_free(g);
    return rc;
}

typedef struct results {
    nd in, file, folded, quantised, graph;
} results;

/* DIR/<what><i>; without keep i is always 0. */
typedef struct place {
    const char *dir;
    int keep;
} place;

typedef struct path {
    char text[600];
} path;

static path path_of(const place *p, const char *what, uint64_t i)
{
    path out;
    snprintf(out.text, sizeof out.text, "%.500s/%.20s%" PRIu64, p->dir, what, p->keep ? i : 0);
    return out;
}

typedef struct average {
    double sum;
    unsigned count;
} average;

/* With the least and greatest value as range, only rounding makes noise: on the average over all
 * tensors it leaves AVERAGE_OWN_DB, in one that is nearly always far from its extremes
 * LEAST_OWN_DB. */
static void judge_ranges(test *t, uint64_t i, const quantizer *q, const gen_float *g, average *all)
{
    weft_quantize_layer l;
    for (uint32_t k = 0; weft_quantize_layer_at(q, k, &l); k++) {
        CHECK(t, l.own_db > LEAST_OWN_DB, "network %" PRIu64 ": %s of %s has %.1f dB: %s", i, l.op,
              l.name, l.own_db, g->said);
        all->sum += fmin(l.own_db, 50);
        all->count++;
    }
}

static void judge(test *t, uint64_t i, const gen_float *g, const results *r, average *all)
{
    const double folded = ratio_db(&r->folded, &r->file);
    const double graph = ratio_db(&r->graph, &r->quantised);
    const double near = ratio_db(&r->quantised, &r->file);
    CHECK(t, folded > 60, "network %" PRIu64 ": folding changes it (%.1f dB): %s", i, folded,
          g->said);
    CHECK(t, graph > 30, "network %" PRIu64 ": int8 graph and QDQ differ (%.1f dB): %s", i, graph,
          g->said);
    CHECK(t, near > 0, "network %" PRIu64 ": int8 is far from float (%.1f dB): %s", i, near,
          g->said);
    all->sum += near;
    all->count++;
}

static int write_array(const path *p, const nd *a, weft_error *err)
{
    return weft_file_write(p->text, a->f, a->count * sizeof *a->f, err);
}

/* All the files of a network. */
static int keep(const place *p, uint64_t i, const results *r, const void *bytes, size_t count,
                weft_error *err)
{
    const path model = path_of(p, "quantised", i), in = path_of(p, "in", i);
    const path file = path_of(p, "file", i), graph = path_of(p, "graph", i);
    int rc = weft_file_write(model.text, bytes, count, err);
    if (rc == WEFT_OK)
        rc = write_array(&in, &r->in, err);
    if (rc == WEFT_OK)
        rc = write_array(&file, &r->file, err);
    return rc == WEFT_OK ? write_array(&graph, &r->graph, err) : rc;
}

/* Calibrate, quantise, write. */
static int quantise(quantizer *q, source *s, uint8_t **bytes, size_t *count, weft_error *err)
{
    const weft_quantize_samples samples = { .count = 3, .get = get, .context = s };
    int rc = weft_quantize_run(q, &samples, err);
    return rc == WEFT_OK ? weft_quantize_write(q, bytes, count, err) : rc;
}

static int run_all(quantizer *q, source *s, const gen_float *g, results *r, const place *p,
                   uint64_t i, weft_error *err)
{
    uint8_t *bytes = NULL;
    size_t count = 0;
    eval_run run = { .err = err, .left = EVAL_ELEMENTS };
    float_net *net = (float_net *)(uintptr_t)weft_quantize_net(q); /* running changes nothing */
    int rc = get(s, 0, net, &r->in, err);
    if (rc == WEFT_OK)
        rc = literal(g->bytes, g->byte_count, &r->in, &r->file, err);
    if (rc == WEFT_OK)
        rc = float_net_run(net, &r->in, NULL, &r->folded, err);
    if (rc == WEFT_OK)
        rc = quantise(q, s, &bytes, &count, err);
    if (rc == WEFT_OK)
        rc = literal(bytes, count, &r->in, &r->quantised, err);
    if (rc == WEFT_OK)
        rc = nd_copy(&run, &r->quantised, &r->graph);
    if (rc == WEFT_OK)
        rc = by_graph(bytes, count, &r->in, &r->graph, err);
    if (rc == WEFT_OK && p->keep)
        rc = keep(p, i, r, bytes, count, err);
    free(bytes);
    return rc;
}

static void one_network(test *t, const place *p, uint64_t i, average *ranges, average *outputs)
{
    rng r = rng_make(t->seed + i);
    source s = { t->seed + i };
    gen_float g;
    results res = { 0 };
    weft_error err = { 0 };
    quantizer *q = NULL;
    const path file = path_of(p, "float", i);
    const weft_quantize_options o = { .method = (weft_quantize_method)rng_range(&r, 0, 2),
                                      .percentile = 99.9,
                                      .is_uint8 = rng_range(&r, 0, 3) == 0,
                                      .reduced = rng_range(&r, 0, 3) == 0 };
    int rc = gen_float_make(&r, &g) ? WEFT_OK : WEFT_ERR_NO_MEMORY;
    if (rc == WEFT_OK)
        rc = weft_file_write(file.text, g.bytes, g.byte_count, &err);
    if (rc == WEFT_OK)
        rc = weft_quantize_open(file.text, &o, &q, &err);
    if (rc == WEFT_OK)
        rc = run_all(q, &s, &g, &res, p, i, &err);
    CHECK(t, rc == WEFT_OK, "network %" PRIu64 " (opset %d): %s: %s", i, (int)g.opset, err.text,
          g.said);
    if (rc == WEFT_OK)
        judge(t, i, &g, &res, outputs);
    if (rc == WEFT_OK && o.method == WEFT_QUANTIZE_MINMAX)
        judge_ranges(t, i, q, &g, ranges);
    weft_quantize_close(q);
    gen_float_free(&g);
    nd_free(&res.in);
    nd_free(&res.file);
    nd_free(&res.folded);
    nd_free(&res.quantised);
    nd_free(&res.graph);
}

/* --- what is refused, and how ------------------------------------------------------------- */

static void check_refused(test *t, const place *p, const gen_float *g, size_t bytes,
                          const char *text)
{
    const path file = path_of(p, "refused", 0);
    const weft_quantize_options o = { .percentile = 99.9 };
    quantizer *q = NULL;
    weft_error err = { 0 };
    int rc = weft_file_write(file.text, g->bytes, bytes, &err);
    if (rc == WEFT_OK)
        rc = weft_quantize_open(file.text, &o, &q, &err);
    CHECK(t, rc != WEFT_OK && !q && strstr(err.text, text), "want \"%s\", got %d \"%s\"", text, rc,
          err.text);
    weft_quantize_close(q);
}

/* Put another name of the same length everywhere in a model. */
static int replace(gen_float *g, const char *from, const char *to)
{
    const size_t length = strlen(from);
    int count = 0;
    for (size_t i = 0; i + length <= g->byte_count; i++)
        if (!memcmp(g->bytes + i, from, length)) {
            memcpy(g->bytes + i, to, length);
            count++;
        }
    return count;
}

static int bad_data(void *context, uint32_t sample, const float_net *net, nd *inputs,
                    weft_error *err)
{
    int rc = get(context, sample, net, inputs, err);
    if (rc == WEFT_OK)
        inputs[0].f[0] = NAN;
    return rc;
}

static void check_refusals(test *t, const place *p)
{
    rng r = rng_make(t->seed);
    source s = { t->seed };
    gen_float g = { 0 };
    weft_error err = { 0 };
    quantizer *q = NULL;
    const weft_quantize_options o = { .percentile = 99.9 };
    const weft_quantize_samples samples = { .count = 1, .get = bad_data, .context = &s };
    const path file = path_of(p, "refused", 0);
    do
        gen_float_free(&g);
    while (gen_float_make(&r, &g) && !strstr(g.said, "Gemm"));
    check_refused(t, p, &g, g.byte_count / 2, "");
    int rc = weft_file_write(file.text, g.bytes, g.byte_count, &err);
    if (rc == WEFT_OK)
        rc = weft_quantize_open(file.text, &o, &q, &err);
    if (rc == WEFT_OK)
        rc = weft_quantize_run(q, &samples, &err);
    CHECK(t, rc == WEFT_ERR_RANGE && strstr(err.text, "NaN"), "NaN in the data: %d %s", rc,
          err.text);
    weft_quantize_close(q);
    CHECK(t, replace(&g, "Gemm", "Gone") > 0, "no Gemm in the model");
    check_refused(t, p, &g, g.byte_count, "Gone");
    rc = weft_quantize_open("tests/quantize/corpus_quantize/divisions", &o, &q, &err);
    CHECK(t, rc == WEFT_ERR_UNSUPPORTED && strstr(err.text, "in all: 2 Div, 1 Pow"),
          "three nodes refused: %d \"%s\"", rc, err.text);
    gen_float_free(&g);
}

int main(int argc, char **argv)
{
    test t = test_begin("quantize", argc, argv, 1, 150);
    average ranges = { 0, 0 }, outputs = { 0, 0 };
    const place p = { argc > 1 ? argv[1] : ".", argc > 2 };
    if (argc < 2) {
        printf("usage: test_quantize DIR [keep]\n");
        return 2;
    }
    for (uint64_t i = 0; i < t.n; i++)
        one_network(&t, &p, i, &ranges, &outputs);
    CHECK(&t, ranges.sum >= AVERAGE_OWN_DB * ranges.count, "%.2f dB on the average",
          ranges.sum / ranges.count);
    CHECK(&t, outputs.sum >= AVERAGE_OUTPUT_DB * outputs.count, "%.2f dB at the outputs",
          outputs.sum / outputs.count);
    check_refusals(&t, &p);
    return test_end(&t, "random float networks folded, quantised, imported");
}
