/* Fuzz target of the ONNX importer: no crash, no leak, and what it accepts is a checked graph; what
 * it refuses it explains.  The float reference runs the same model on zeros.
 *
 * With -DWEFT_LIBFUZZER only LLVMFuzzerTestOneInput is defined (clang -fsanitize=fuzzer).  Without,
 * a program that runs files given as arguments and N mutations of each, or, with none, of the
 * sample model: flipped, overwritten, cut out and repeated bytes. */
#include <stdlib.h>
#include <string.h>

#include "models/import/onnx/onnx.h"
#include "models/import/onnx/onnx_import.h"
#include "models/quantize/float/onnx_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum { MOST_PORTS = 8, MOST_ELEMENTS = 1 << 16, MOST_MADE = 1 << 21, MOST_WORK = 1 << 24 };

/* Zeros in the declared shape, what is symbolic being 1; 0 if that is not to be had. */
static int zeros(const Onnx__ValueInfoProto *info, nd *out)
{
    weft_error err = { 0 };
    eval_run run = { .err = &err, .left = MOST_ELEMENTS };
    const Onnx__TypeProto *t = info->type;
    size_t dims[ND_MAX_RANK];
    if (!t || t->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !t->tensor_type ||
        !t->tensor_type->shape || t->tensor_type->shape->n_dim > ND_MAX_RANK)
        return 0;
    const Onnx__TensorShapeProto *s = t->tensor_type->shape;
    for (size_t i = 0; i < s->n_dim; i++) {
        const int known =
            s->dim[i]->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        dims[i] = known && s->dim[i]->dim_value > 0 ? (size_t)s->dim[i]->dim_value : 1;
    }
    return nd_new(&run, t->tensor_type->elem_type, (uint32_t)s->n_dim, dims, out) == WEFT_OK;
}

static void run_float(const onnx_file *file)
{
    const Onnx__GraphProto *g = file->model->graph;
    nd in[MOST_PORTS] = { { 0 } }, *out = calloc(g->n_output + 1, sizeof *out);
    weft_error err = { 0 };
    size_t made = 0;
    while (made < g->n_input && made < MOST_PORTS && zeros(g->input[made], &in[made]))
        made++;
    if (out && g->n_output && made == g->n_input) {
        const int rc = onnx_run_within(file, in, made, out, MOST_MADE, MOST_WORK, &err);
        if (rc != WEFT_OK && (err.status != rc || !err.text[0]))
            abort();
    }
    for (size_t i = 0; i < MOST_PORTS; i++)
        nd_free(&in[i]);
    for (size_t i = 0; out && i < g->n_output; i++)
        nd_free(&out[i]);
    free(out);
}

/* --- without its data, and with them again, a model is what it was ------------------------ */

static Onnx__TensorProto *tensor_at(const Onnx__GraphProto *g, size_t i)
{
    if (i < g->n_initializer)
        return g->initializer[i];
    i -= g->n_initializer;
    for (size_t n = 0; n < g->n_node; n++) {
        if (i < g->node[n]->n_attribute)
            return g->node[n]->attribute[i]->t;
        i -= g->node[n]->n_attribute;
    }
    return NULL;
}

static size_t tensor_places(const Onnx__GraphProto *g)
{
    size_t all = g->n_initializer;
    for (size_t n = 0; n < g->n_node; n++)
        all += g->node[n]->n_attribute;
    return all;
}

/* Point a tensor back into the model; 0 if several were merged into one. */
static int bring_back(Onnx__TensorProto *t, const uint8_t *data)
{
    const int away = t->n_external_data && t->external_data[0]->value &&
                     !*t->external_data[0]->value && t->data_location;
    if (!away)
        return 1;
    if (t->n_external_data != 3 || t->has_raw_data)
        return 0;
    t->has_raw_data = 1;
    t->raw_data.data = (uint8_t *)(uintptr_t)data + atoll(t->external_data[1]->value);
    t->raw_data.len = (size_t)atoll(t->external_data[2]->value);
    return 1;
}

static void pack_without_references(Onnx__ModelProto *m, const uint8_t *data, uint8_t **out,
                                    size_t *bytes)
{
    const size_t places = m->graph ? tensor_places(m->graph) : 0;
    size_t *had = calloc(places + 1, sizeof *had);
    int whole = had != NULL;
    for (size_t i = 0; i < places && whole; i++) {
        Onnx__TensorProto *t = tensor_at(m->graph, i);
        whole = !t || bring_back(t, data);
        if (whole && t && t->has_raw_data && t->n_external_data) {
            had[i] = t->n_external_data;
            t->n_external_data = 0;
            t->has_data_location = 0;
        }
    }
    *bytes = whole ? onnx__model_proto__get_packed_size(m) : 0;
    *out = whole ? malloc(*bytes + 1) : NULL;
    if (*out)
        onnx__model_proto__pack(m, *out);
    for (size_t i = 0; had && i < places; i++) {
        Onnx__TensorProto *t = tensor_at(m->graph, i);
        if (!had[i])
            continue;
        t->n_external_data = had[i];
        t->has_raw_data = 0;
        t->raw_data = (ProtobufCBinaryData){ 0 };
    }
    free(had);
}

static void check_lean(const uint8_t *data, size_t bytes)
{
    size_t lean_bytes = 0, count = 0;
    if (onnx_scan(data, bytes, NULL) != WEFT_OK)
        return;
    uint8_t *lean = onnx_lean(data, bytes, 1, &lean_bytes), *packed = NULL;
    Onnx__ModelProto *whole = onnx__model_proto__unpack(NULL, bytes, data);
    Onnx__ModelProto *again = lean ? onnx__model_proto__unpack(NULL, lean_bytes, lean) : NULL;
    if (lean && !whole != !again)
        abort();
    if (whole && again)
        pack_without_references(again, data, &packed, &count);
    uint8_t *own = packed ? malloc(onnx__model_proto__get_packed_size(whole) + 1) : NULL;
    if (own && (onnx__model_proto__pack(whole, own) != count || memcmp(own, packed, count) != 0))
        abort();
    free(own);
    free(packed);
    free(lean);
    if (whole)
        onnx__model_proto__free_unpacked(whole, NULL);
    if (again)
        onnx__model_proto__free_unpacked(again, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    onnx_file file;
    check_lean(data, bytes);
    if (onnx_file_parse(data, bytes, &file, NULL) == WEFT_OK)
        run_float(&file);
    onnx_file_close(&file);
    weft_graph *g = NULL;
    weft_error err = { 0 };
    int rc = weft_onnx_import(data, bytes, NULL, &g, &err);
    if (rc == WEFT_OK ? !g || !g->checked : g || err.status != rc || !err.text[0])
        abort();
    weft_graph_free(g);
    return 0;
}

#ifndef WEFT_LIBFUZZER

#include "onnx_sample.h"
#include "tests/damage.h"
#include "tests/test.h"

static void run_mutations(test *t, const uint8_t *sample, size_t bytes)
{
    uint8_t *copy = malloc(bytes + 1);
    rng r = rng_make(t->seed);
    CHECK(t, sample && copy, "memory");
    for (uint64_t i = 0; i < t->n && bytes && sample && copy; i++) {
        size_t now = bytes;
        memcpy(copy, sample, bytes);
        for (int k = rng_range(&r, 1, 4); k > 0 && now > 1; k--)
            now = damage(&r, copy, now);
        LLVMFuzzerTestOneInput(copy, now);
        t->checks++;
    }
    free(copy);
}

static void run_sample(test *t)
{
    onnx_sample *s = malloc(sizeof *s);
    size_t bytes = 0;
    if (s)
        onnx_sample_init(s);
    uint8_t *sample = s ? onnx_sample_pack(s, &bytes) : NULL;
    run_mutations(t, sample, bytes);
    free(sample);
    free(s);
}

static void run_file(test *t, const char *path)
{
    enum { MAX_BYTES = 1 << 24 };
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(MAX_BYTES);
    CHECK(t, f && data, "%s cannot be read", path);
    if (f && data) {
        const size_t bytes = fread(data, 1, MAX_BYTES, f);
        LLVMFuzzerTestOneInput(data, bytes);
        t->checks++;
        run_mutations(t, data, bytes);
    }
    free(data);
    if (f)
        fclose(f);
}

int main(int argc, char **argv)
{
    test t = test_begin("fuzz_onnx", argc, argv, 1, argc < 2 ? 20000 : 0);
    for (int i = 1; i < argc; i++)
        run_file(&t, argv[i]);
    if (argc < 2)
        run_sample(&t);
    return test_end(&t, argc < 2 ? "damaged models in memory" : "files, whole and damaged");
}

#endif
