/* Whole QDQ networks operator by operator: every int8 tensor of the reference operators, on real
 * inputs, against what ONNX Runtime computed.
 *
 *     test_onnx_networks RECORDED                  against the CRC-32 of every tensor
 *     test_onnx_networks --write DIRECTORY         for check_networks_ort.py, which runs it live
 *     test_onnx_networks --write DIRECTORY NAME MODEL   the same of any QDQ or QLinear model
 *
 * RECORDED has a line per tensor in the order of the graph: network, tensor, CRC-32 of the tensor
 * in all samples one behind the other.  --write gives <network>.txt (model and samples; then of
 * each tensor name, scale, zero point and shape), <network>.in (float32, all samples) and
 * <network>.out (int8, sample by sample). Data: ../shared/data or WEFT_DATA; skipped without it. */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "models/import/onnx/onnx.h"
#include "models/nets/lenet5/idx.h"
#include "models/ref/operators/ref_graph.h"
#include "tests/models/recorded.h"
#include "tests/test.h"

enum { SAMPLES = 16, MOST_LINES = 256, PATH = 600 };

/* A sample is bytes as the data file has them; the model's input is (byte - mean) / deviation. */
typedef struct network {
    const char *name, *model; /* a path that begins with "models/" is of this repository */
    const char *data;         /* NULL: the test digits of MNIST */
    int is_signed;
    double mean, deviation;
} network;

static const network networks[] = {
    { "resnet8", "mlperf_tiny/onnx_qdq/resnet8_qdq.onnx", "mlperf_tiny/data/ic01.bin", 0, 0, 1 },
    { "kws_dscnn", "mlperf_tiny/onnx_qdq/kws_dscnn_qdq.onnx", "mlperf_tiny/data/kws01.bin", 1, 83,
      1.710323 },
    { "lenet5_ptq", "onnx/lenet5_int8_qdq.onnx", NULL, 0, 0.1307 * 255, 0.3081 * 255 },
    { "lenet5_weft", "models/nets/lenet5/lenet5_int8.onnx", NULL, 0, 0, 256 },
};
enum { NETWORKS = sizeof networks / sizeof *networks };

typedef struct line {
    char network[32], tensor[160];
    uint32_t crc;
} line;

typedef struct subject {
    const network *net;
    char path[PATH];
    weft_graph *graph;
    weft_ref *ref;
    float *in; /* all samples */
    size_t in_count;
    unsigned samples;
} subject;

/* The bytes of all samples in order; free(). */
static uint8_t *sample_bytes(const network *n, size_t count)
{
    uint8_t *bytes = malloc(count);
    char path[PATH];
    if (n->data) {
        const recorded_file f = recorded_read(recorded_data(), n->data);
        if (!bytes || f.count < count) {
            free(bytes);
            bytes = NULL;
        } else
            memcpy(bytes, f.bytes, count);
        free(f.bytes);
        return bytes;
    }
    weft_idx digits = { 0 };
    snprintf(path, sizeof path, "%s/mnist", recorded_data());
    if (!bytes || weft_idx_load(path, WEFT_IDX_TEST, &digits, NULL) != WEFT_IDX_OK ||
        (size_t)digits.count * digits.rows * digits.cols < count) {
        free(bytes);
        bytes = NULL;
    } else
        memcpy(bytes, digits.pixels, count);
    weft_idx_free(&digits);
    return bytes;
}

static int make_inputs(subject *s)
{
    const weft_port *p = &s->graph->inputs[0];
    s->in_count = weft_port_bytes(s->graph, p) / sizeof(float);
    s->samples = SAMPLES;
    uint8_t *bytes = sample_bytes(s->net, SAMPLES * s->in_count);
    s->in = malloc(SAMPLES * s->in_count * sizeof(float));
    for (size_t i = 0; bytes && s->in && i < SAMPLES * s->in_count; i++) {
        const int v = s->net->is_signed ? (int)(int8_t)bytes[i] : bytes[i];
        s->in[i] = (float)((v - s->net->mean) / s->net->deviation);
    }
    const int ok = bytes && s->in && p->dtype == WEFT_FLOAT32;
    free(bytes);
    return ok;
}

static void close_subject(subject *s)
{
    weft_ref_free(s->ref);
    weft_graph_free(s->graph);
    free(s->in);
}

/* The inputs of a model that is not of the table: as many samples as the file holds. */
static int read_inputs(subject *s, const char *directory)
{
    char name[PATH];
    snprintf(name, sizeof name, "%s.in", s->net->name);
    const recorded_file f = recorded_read(directory, name);
    for (uint32_t i = 0; i < s->graph->input_count; i++)
        s->in_count += weft_port_bytes(s->graph, &s->graph->inputs[i]) / sizeof(float);
    s->in = (float *)f.bytes;
    s->samples = s->in_count ? (unsigned)(f.count / sizeof(float) / s->in_count) : 0;
    return s->samples > 0;
}

static int load_subject(test *t, const network *n, subject *s)
{
    weft_error err = { 0 };
    int rc = weft_onnx_read(s->path, NULL, &s->graph, &err);
    if (rc == WEFT_OK)
        rc = weft_ref_new(s->graph, &s->ref, &err);
    CHECK(t, rc == WEFT_OK, "%s: %s", n->name, err.text);
    return rc == WEFT_OK;
}

static int open_subject(test *t, const network *n, subject *s)
{
    *s = (subject){ .net = n };
    if (strncmp(n->model, "models/", 7) == 0)
        snprintf(s->path, sizeof s->path, "%s", n->model);
    else
        snprintf(s->path, sizeof s->path, "%s/%s", recorded_data(), n->model);
    if (!load_subject(t, n, s))
        return 0;
    const int ok = make_inputs(s);
    CHECK(t, ok, "%s: its samples cannot be read", n->name);
    return ok;
}

static int run_sample(subject *s, size_t i)
{
    const float *at = s->in + i * s->in_count;
    int rc = WEFT_OK;
    for (uint32_t k = 0; k < s->graph->input_count && rc == WEFT_OK; k++) {
        const size_t bytes = weft_port_bytes(s->graph, &s->graph->inputs[k]);
        rc = weft_ref_set_input(s->ref, k, at, bytes);
        at += bytes / sizeof(float);
    }
    if (rc == WEFT_OK)
        weft_ref_run(s->ref);
    return rc == WEFT_OK;
}

/* What a node computes on int8; NULL for the others. */
static const weft_tensor *computed(const weft_graph *g, uint32_t node)
{
    const weft_tensor *y = &g->tensors[g->nodes[node].output];
    return y->dtype == WEFT_INT8 ? y : NULL;
}

/* --- against the recording --- */

static size_t read_lines(const char *path, line *lines)
{
    FILE *f = fopen(path, "r");
    size_t count = 0;
    for (line *l = lines; f && count < MOST_LINES &&
                          fscanf(f, "%31s %159s %8" SCNx32, l->network, l->tensor, &l->crc) == 3;
         l++)
        count++;
    if (f)
        fclose(f);
    return count;
}

/* CRC-32 of every computed tensor over all samples, by node; free(). */
static uint32_t *crc_of_tensors(subject *s)
{
    const weft_graph *g = s->graph;
    uint32_t *crc = calloc(g->node_count + 1u, sizeof *crc);
    for (size_t i = 0; crc && i < s->samples && run_sample(s, i); i++)
        for (uint32_t k = 0; k < g->node_count; k++)
            if (computed(g, k))
                crc[k] = (uint32_t)crc32(crc[k], weft_ref_tensor(s->ref, g->nodes[k].output),
                                         (uInt)weft_tensor_elements(computed(g, k)));
    return crc;
}

/* The lines of the network against its tensors, in order. */
static void check_network(test *t, subject *s, const line *lines, size_t count, uint64_t *tensors)
{
    const weft_graph *g = s->graph;
    uint32_t *crc = crc_of_tensors(s);
    size_t at = 0;
    for (uint32_t k = 0; crc && k < g->node_count; k++) {
        const weft_tensor *y = computed(g, k);
        while (y && at < count && strcmp(lines[at].network, s->net->name) != 0)
            at++;
        if (!y)
            continue;
        const int named = at < count && strcmp(lines[at].tensor, y->name) == 0;
        CHECK(t, named, "%s: the recording has no tensor %s here", s->net->name, y->name);
        CHECK(t, !named || lines[at].crc == crc[k], "%s: tensor %s is not that of ONNX Runtime",
              s->net->name, y->name);
        *tensors += named ? 1 : 0;
        at++;
    }
    for (; at < count; at++)
        CHECK(t, strcmp(lines[at].network, s->net->name) != 0, "%s: tensor %s is not computed",
              s->net->name, lines[at].tensor);
    free(crc);
}

/* --- for the live comparison --- */

static FILE *create(const char *directory, const char *name, const char *ending)
{
    char path[PATH];
    snprintf(path, sizeof path, "%s/%s.%s", directory, name, ending);
    return fopen(path, "wb");
}

static void write_network(test *t, subject *s, const char *directory)
{
    const weft_graph *g = s->graph;
    FILE *text = create(directory, s->net->name, "txt"),
         *in = create(directory, s->net->name, "in"), *out = create(directory, s->net->name, "out");
    if (text && in && out) {
        fprintf(text, "%s %u\n", s->path, s->samples);
        for (uint32_t k = 0; k < g->node_count; k++) {
            const weft_tensor *y = computed(g, k);
            if (!y)
                continue;
            fprintf(text, "%s %.9g %" PRId32, y->name, (double)weft_quant_scale(&y->quant, 0),
                    weft_quant_zero_point(&y->quant, 0));
            for (uint32_t i = 0; i < y->rank; i++)
                fprintf(text, " %" PRIu32, y->dims[i]);
            fprintf(text, "\n");
        }
        fwrite(s->in, sizeof(float), s->samples * s->in_count, in);
        for (size_t i = 0; i < s->samples && run_sample(s, i); i++)
            for (uint32_t k = 0; k < g->node_count; k++)
                if (computed(g, k))
                    fwrite(weft_ref_tensor(s->ref, g->nodes[k].output), 1,
                           weft_tensor_elements(computed(g, k)), out);
    }
    int good = text && in && out;
    good &= text && fclose(text) == 0;
    good &= in && fclose(in) == 0;
    good &= out && fclose(out) == 0;
    CHECK(t, good, "%s cannot be written", directory);
}

/* Any model; the data files are not needed for it. */
static int write_model(test *t, char **argv)
{
    const network n = { .name = argv[3], .model = argv[4] };
    subject s = { .net = &n };
    snprintf(s.path, sizeof s.path, "%s", n.model);
    if (load_subject(t, &n, &s)) {
        const int ok = read_inputs(&s, argv[2]);
        CHECK(t, ok, "%s has no samples for %s", argv[2], n.name);
        if (ok)
            write_network(t, &s, argv[2]);
    }
    close_subject(&s);
    return test_end(t, "written");
}

int main(int argc, char **argv)
{
    test t = test_begin("onnx_networks", argc, argv, 0, 0);
    static line lines[MOST_LINES];
    if (argc == 5 && strcmp(argv[1], "--write") == 0)
        return write_model(&t, argv);
    const int writes = argc == 3 && strcmp(argv[1], "--write") == 0;
    const size_t count = argc > 1 && !writes ? read_lines(argv[1], lines) : 0;
    uint64_t tensors = 0;
    unsigned run = 0;
    const recorded_file probe = recorded_read(recorded_data(), networks[0].model);
    free(probe.bytes);
    if (!probe.bytes)
        return test_skip(&t, "there is no ../shared/data");
    for (unsigned i = 0; i < NETWORKS; i++) {
        subject s;
        if (open_subject(&t, &networks[i], &s)) {
            if (writes)
                write_network(&t, &s, argv[2]);
            else
                check_network(&t, &s, lines, count, &tensors);
            run++;
        }
        close_subject(&s);
    }
    char text[160];
    snprintf(text, sizeof text,
             "%u QDQ networks, %" PRIu64 " tensors in %d samples as ONNX Runtime has them", run,
             tensors, SAMPLES);
    return test_end(&t, writes ? "written" : text);
}
