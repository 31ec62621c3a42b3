/* Real int8 networks of TensorFlow Lite through the importer and the reference: every output byte
 * of every recorded sample, and the CRC-32 of every operator's result for the first and last
 * sample, against what TensorFlow Lite Micro's reference kernels gave.
 *
 * The recordings are in ../shared/data (or WEFT_DATA); skipped where they are not. */
#include <stdlib.h>
#include <string.h>

#include "models/base/weft_crc32.h"
#include "models/import/tflite/flatbuffer.h"
#include "models/import/tflite/tflite.h"
#include "models/ref/operators/ref_graph.h"
#include "recorded.h"
#include "tests/test.h"

/* One network: its file, graph and a run of it. */
typedef struct net {
    const char *name;
    recorded_file model;
    fb reader;
    fb_vector tensors;
    weft_graph *g;
    weft_ref *r;
} net;

/* The graph's tensor for a tensor of the file; WEFT_NONE if it was folded away. */
static uint32_t find(net *s, uint32_t tensor)
{
    char text[256] = "";
    if (tensor >= s->tensors.count)
        return WEFT_NONE;
    const size_t table = fb_list_table(&s->reader, s->tensors, tensor);
    const fb_vector name = fb_list(&s->reader, table, 3, 1);
    memcpy(text, s->reader.bytes + name.at, name.count < 255 ? name.count : 255);
    for (uint32_t i = 0; i < s->g->tensor_count; i++)
        if (!s->g->tensors[i].data && strcmp(s->g->tensors[i].name, text) == 0)
            return i;
    return WEFT_NONE;
}

static uint32_t crc_of(const net *s, uint32_t tensor, int flip)
{
    const size_t bytes = weft_tensor_bytes(&s->g->tensors[tensor]);
    uint8_t *copy = malloc(bytes);
    memcpy(copy, weft_ref_tensor(s->r, tensor), bytes);
    for (size_t i = 0; flip && i < bytes; i++)
        copy[i] ^= 0x80;
    const uint32_t crc = weft_file_crc32(copy, bytes);
    free(copy);
    return crc;
}

/* Compare every operator's result with the recording; stops at the first that differs, because all
 * behind it do too. */
static void check_operators(test *t, net *s, const char *folder, const char *name, unsigned *seen)
{
    recorded_file f = recorded_read(folder, name);
    int same = f.bytes != NULL;
    CHECK(t, same, "%s: %s is missing", s->name, name);
    for (char *line = (char *)f.bytes; line && *line && same;) {
        char *next = strchr(line, '\n');
        unsigned op, tensor, crc, bytes;
        char code[64], shape[64], type[8];
        if (sscanf(line, "%u\t%63[^\t]\t%u\t%63[^\t]\t%7[^\t]\t%u\t%x", &op, code, &tensor, shape,
                   type, &bytes, &crc) == 7) {
            const uint32_t at = find(s, tensor);
            if (at != WEFT_NONE) {
                const uint32_t got = crc_of(s, at, strcmp(type, "U8") == 0);
                same = got == crc;
                CHECK(t, same, "%s: %s, operator %u (%s, tensor %u) gives %08x, not %08x", s->name,
                      name, op, code, tensor, got, crc);
                ++*seen;
            }
        }
        line = next ? next + 1 : NULL;
    }
    free(f.bytes);
}

static void check_outputs(test *t, const net *s, const uint8_t *want, unsigned sample)
{
    for (uint32_t i = 0; i < s->g->output_count; i++) {
        const size_t bytes = weft_port_bytes(s->g, &s->g->outputs[i]);
        uint8_t *got = malloc(bytes);
        CHECK(t, weft_ref_get_output(s->r, i, got, bytes) == WEFT_OK, "output %u", i);
        size_t k = 0;
        while (k < bytes && got[k] == want[k])
            k++;
        CHECK(t, k == bytes, "%s: sample %u, output %u, byte %zu is %d, want %d", s->name, sample,
              i, k, k < bytes ? (int8_t)got[k] : 0, k < bytes ? (int8_t)want[k] : 0);
        free(got);
        want += bytes;
    }
}

static size_t port_bytes(const weft_graph *g, const weft_port *p, uint32_t count)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        bytes += weft_port_bytes(g, &p[i]);
    return bytes;
}

static void run_samples(test *t, net *s, const char *folder, unsigned *seen)
{
    recorded_file in = recorded_read(folder, "in.bin"), out = recorded_read(folder, "out.bin");
    const size_t in_bytes = port_bytes(s->g, s->g->inputs, s->g->input_count);
    const size_t out_bytes = port_bytes(s->g, s->g->outputs, s->g->output_count);
    const size_t samples = in.count / in_bytes;
    CHECK(t, samples > 0 && in.count % in_bytes == 0 && out.count == samples * out_bytes,
          "%s: recordings of %zu and %zu bytes do not fit ports of %zu and %zu", s->name, in.count,
          out.count, in_bytes, out_bytes);
    for (size_t i = 0; i < samples && out.count == samples * out_bytes; i++) {
        const uint8_t *from = in.bytes + i * in_bytes;
        for (uint32_t p = 0; p < s->g->input_count; p++) {
            const size_t bytes = weft_tensor_bytes(&s->g->tensors[s->g->inputs[p].tensor]);
            CHECK(t, weft_ref_set_input(s->r, p, from, bytes) == WEFT_OK, "input %u", p);
            from += bytes;
        }
        weft_ref_run(s->r);
        check_outputs(t, s, out.bytes + i * out_bytes, (unsigned)i);
        if (i == 0)
            check_operators(t, s, folder, "ops_first.tsv", seen);
        if (i + 1 == samples)
            check_operators(t, s, folder, "ops_last.tsv", seen);
    }
    free(in.bytes);
    free(out.bytes);
}

static void check_network(test *t, const char *data, const char *name, unsigned *seen)
{
    char folder[1024], whole[2048], path[512] = "";
    weft_error err = { 0 };
    net s = { .name = name };
    snprintf(folder, sizeof folder, "%s/golden/tflm_oracle/%s", data, name);
    recorded_model(name, path, sizeof path);
    s.model = recorded_read(data, path);
    if (!s.model.bytes) {
        CHECK(t, 0, "%s is missing", path);
        return;
    }
    snprintf(whole, sizeof whole, "%s/%s", data, path);
    int rc = weft_tflite_read(whole, NULL, &s.g, &err);
    if (rc == WEFT_OK)
        rc = weft_ref_new(s.g, &s.r, &err);
    CHECK(t, rc == WEFT_OK, "%s: %s", path, err.text);
    s.reader = (fb){ s.model.bytes, s.model.count, 0 };
    const fb_vector graphs = fb_list(&s.reader, fb_root(&s.reader), 2, 4);
    s.tensors = fb_list(&s.reader, fb_list_table(&s.reader, graphs, 0), 0, 4);
    if (rc == WEFT_OK)
        run_samples(t, &s, folder, seen);
    weft_ref_free(s.r);
    weft_graph_free(s.g);
    free(s.model.bytes);
}

int main(int argc, char **argv)
{
    test t = test_begin("tflite", argc, argv, 1, 1);
    recorded_list list;
    char what[128];
    unsigned operators = 0;
    if (!recorded_networks(&list, argc - 1, argv + 1))
        return test_skip(&t, "the recorded networks are not here (WEFT_DATA says where)");
    for (unsigned i = 0; i < list.count; i++)
        check_network(&t, recorded_data(), list.name[i], &operators);
    snprintf(what, sizeof what, "%u networks and %u operator results equal to the recorded ones",
             list.count, operators);
    return test_end(&t, what);
}
