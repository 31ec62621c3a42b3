/* Cases of the form ONNX gives its own: a directory with model.onnx and test_data_set_*, in which
 * input_*.pb and output_*.pb are tensors.
 *
 *     test_conformance [-v] [-t] DIRECTORY..       each holds cases as its subdirectories
 *
 * Every model goes two ways: through the importer and the reference operators of the int8 graph,
 * and through the float reference.  Where the inputs behind the first are parameters (scales,
 * weights), they are made constants first.  Each case ends as
 *
 * passed, if one way at least computes the recorded output and none another: integers exactly,
 * float32 within 1e-3 relative and 1e-5 absolute, bfloat16 to its last place (ONNX cut off what
 * is rounded now); refused, with a sentence (-v prints it, -t a
 * table by operator and sentence); or
 * wrong, if something else was computed.  other_<i>.pb, where it is there, holds a second right
 * answer to output i.
 *
 * A case of Weft's operators (conformance_required.c) must not be refused.
 *
 * LEAST=n  fewer than n passed is a failure, so that what passes goes on passing. */
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../host/files.h"
#include "../../models/float/onnx_run.h"
#include "../../models/import/onnx.h"
#include "../../models/ref/ref_graph.h"
#include "../test.h"
#include "conformance_required.h"
#include "conformance_table.h"

enum { MOST_PORTS = 16, MOST_CASES = 16384 };

typedef enum verdict { PASSED, REFUSED, WRONG } verdict;

/* What the model declares: how many outputs, and of which ports the type is bfloat16. */
typedef struct ports {
    size_t outputs;
    uint32_t short_inputs, short_outputs; /* bit sets */
} ports;

typedef struct data_set {
    size_t in_count, out_count;
    Onnx__TensorProto *in_proto[MOST_PORTS];
    nd in[MOST_PORTS], out[MOST_PORTS];
    nd other[MOST_PORTS]; /* of output i, where two answers are right; else empty */
} data_set;

typedef struct tally {
    test *t;
    int verbose;
    conformance_table *table; /* or NULL */
    unsigned cases, passed, graph_passed, refused, wrong;
} tally;

/* --- reading
 * --------------------------------------------------------------------------------------- */

static Onnx__TensorProto *read_tensor(const char *directory, const char *kind, size_t i)
{
    char path[1200];
    uint8_t *bytes = NULL;
    size_t count = 0;
    weft_error err = { 0 };
    snprintf(path, sizeof path, "%s/%s_%zu.pb", directory, kind, i);
    if (weft_file_read(path, &bytes, &count, &err) != WEFT_OK)
        return NULL;
    Onnx__TensorProto *t = onnx__tensor_proto__unpack(NULL, count, bytes);
    free(bytes);
    return t;
}

/* numpy had no bfloat16 when the cases were written: their bits are there as uint16. */
static void set_short(Onnx__TensorProto *t, uint32_t set, size_t i)
{
    if (set >> i & 1 && t->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__UINT16)
        t->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16;
}

static void data_set_free(data_set *d)
{
    for (size_t i = 0; i < d->in_count; i++) {
        nd_free(&d->in[i]);
        onnx__tensor_proto__free_unpacked(d->in_proto[i], NULL);
    }
    for (size_t i = 0; i < MOST_PORTS; i++) {
        nd_free(&d->out[i]);
        nd_free(&d->other[i]);
    }
    *d = (data_set){ 0 };
}

/* 0 if some input or output is no tensor of numbers. */
static int data_set_read(const char *directory, const ports *p, data_set *d)
{
    weft_error err = { 0 };
    eval_run run = { .err = &err, .left = EVAL_ELEMENTS };
    Onnx__TensorProto *t;
    *d = (data_set){ 0 };
    while (d->in_count < MOST_PORTS && (t = read_tensor(directory, "input", d->in_count))) {
        d->in_proto[d->in_count] = t;
        set_short(t, p->short_inputs, d->in_count);
        if (nd_decode(&run, t, &d->in[d->in_count++]) != WEFT_OK)
            return 0;
    }
    while (d->out_count < MOST_PORTS && (t = read_tensor(directory, "output", d->out_count))) {
        set_short(t, p->short_outputs, d->out_count);
        int rc = nd_decode(&run, t, &d->out[d->out_count]);
        onnx__tensor_proto__free_unpacked(t, NULL);
        if (rc != WEFT_OK)
            return 0;
        if ((t = read_tensor(directory, "other", d->out_count)))
            (void)nd_decode(&run, t, &d->other[d->out_count]);
        if (t)
            onnx__tensor_proto__free_unpacked(t, NULL);
        d->out_count++;
    }
    return d->out_count == p->outputs;
}

/* --- comparing
 * ------------------------------------------------------------------------------------- */

static int close_to(float got, float want, float relative)
{
    if (isnan(want) || isnan(got))
        return isnan(want) && isnan(got);
    if (isinf(want) || isinf(got))
        return got >= want && got <= want;
    return fabsf(got - want) <= 1e-5f + relative * fabsf(want);
}

static int same_value(const nd *got, const nd *want, size_t i)
{
    const int brief = want->type == ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16;
    if (!want->f)
        return got->i && got->i[i] == want->i[i];
    return close_to(nd_float(got, i), want->f[i], brief ? 0x1p-7f : 1e-3f);
}

/* other, if it is not empty, is right as well. */
static verdict compare(const nd *got, const nd *want, const nd *other, weft_error *err)
{
    if (got->count != want->count || !got->f != !want->f)
        return weft_error_set(err, WEFT_ERR_SHAPE, "%zu elements, want %zu", got->count,
                              want->count),
               WRONG;
    for (size_t i = 0; i < want->count; i++)
        if (!same_value(got, want, i) &&
            !(other->count == want->count && same_value(got, other, i))) {
            weft_error_set(err, WEFT_ERR_RANGE, "element %zu is %g, want %g", i,
                           (double)nd_float(got, i), (double)nd_float(want, i));
            return WRONG;
        }
    return PASSED;
}

/* --- the float reference
 * --------------------------------------------------------------------------- */

static verdict run_float(const char *model, const data_set *d, weft_error *err)
{
    onnx_file file;
    nd out[MOST_PORTS] = { { 0 } };
    verdict v = REFUSED;
    if (onnx_file_open(model, &file, err) != WEFT_OK)
        return REFUSED;
    const size_t outputs = file.model->graph->n_output;
    if (outputs <= MOST_PORTS && onnx_run(&file, d->in, d->in_count, out, err) == WEFT_OK) {
        v = PASSED;
        for (size_t i = 0; i < outputs && v == PASSED; i++) {
            v = compare(&out[i], &d->out[i], &d->other[i], err);
            if (v == PASSED && (out[i].rank != d->out[i].rank ||
                                memcmp(out[i].dims, d->out[i].dims, out[i].rank * sizeof(size_t))))
                v = WRONG;
        }
    }
    for (size_t i = 0; i < MOST_PORTS; i++)
        nd_free(&out[i]);
    onnx_file_close(&file);
    return v;
}

/* --- the int8 graph
 * -------------------------------------------------------------------------------- */

/* The model with inputs `from`.. as initialisers, packed; the caller frees. */
static uint8_t *with_constants(const char *path, const data_set *d, size_t from, size_t *bytes)
{
    onnx_file file;
    weft_error err = { 0 };
    uint8_t *packed = NULL;
    if (onnx_file_open(path, &file, &err) != WEFT_OK)
        return NULL;
    Onnx__GraphProto *g = file.model->graph;
    const size_t had = g->n_initializer;
    Onnx__TensorProto **all = calloc(had + d->in_count + 1, sizeof *all), **before = g->initializer;
    Onnx__TensorProto named[MOST_PORTS];
    size_t at = 0;
    for (size_t i = 0; all && i < had; i++)
        all[i] = before[i];
    g->initializer = all;
    for (size_t i = 0; all && i < g->n_input && at < d->in_count; i++) {
        int own = 0;
        for (size_t k = 0; k < had; k++)
            own |= !strcmp(all[k]->name, g->input[i]->name);
        if (own || at++ < from)
            continue;
        named[at - 1] = *d->in_proto[at - 1];
        named[at - 1].name = g->input[i]->name;
        all[g->n_initializer++] = &named[at - 1];
    }
    *bytes = all ? onnx__model_proto__get_packed_size(file.model) : 0;
    packed = malloc(*bytes + 1);
    if (packed && all)
        onnx__model_proto__pack(file.model, packed);
    g->initializer = before;
    g->n_initializer = had;
    free(all);
    onnx_file_close(&file);
    return packed;
}

/* An array in the bytes of a port. */
static void *port_bytes(const weft_port *p, const nd *a, size_t *bytes)
{
    const size_t each = weft_dtype_bytes(p->dtype);
    uint8_t *to = malloc(a->count * each + 1);
    *bytes = a->count * each;
    for (size_t i = 0; to && i < a->count; i++) {
        const float f = a->f ? a->f[i] : 0;
        const uint8_t b = a->i ? (uint8_t)a->i[i] : 0;
        memcpy(to + i * each, each == 4 ? (const void *)&f : (const void *)&b, each);
    }
    return to;
}

static void from_bytes(const weft_port *p, const void *bytes, nd *a)
{
    for (size_t i = 0; i < a->count; i++) {
        int64_t whole;
        if (p->dtype == WEFT_FLOAT32)
            memcpy(&a->f[i], (const uint8_t *)bytes + 4 * i, 4);
        else if (p->dtype == WEFT_INT64) {
            memcpy(&whole, (const uint8_t *)bytes + 8 * i, 8);
            a->i[i] = whole;
        } else
            a->i[i] =
                p->dtype == WEFT_INT8 ? ((const int8_t *)bytes)[i] : ((const uint8_t *)bytes)[i];
    }
}

static verdict check_output(const weft_ref *r, const weft_graph *g, uint32_t i, const nd *want,
                            const nd *other, weft_error *err)
{
    const weft_port *p = &g->outputs[i];
    eval_run run = { .err = err, .left = EVAL_ELEMENTS };
    const size_t bytes = weft_port_bytes(g, p);
    size_t dims[WEFT_MAX_RANK];
    nd got = { 0 };
    verdict v = WRONG;
    for (uint32_t k = 0; k < p->rank; k++)
        dims[k] = p->dims[k];
    void *data = malloc(bytes + 1);
    if (data && weft_ref_get_output(r, i, data, bytes) == WEFT_OK &&
        nd_new(&run,
               p->dtype == WEFT_FLOAT32 ? ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT
                                        : ONNX__TENSOR_PROTO__DATA_TYPE__INT64,
               p->rank, dims, &got) == WEFT_OK) {
        from_bytes(p, data, &got);
        v = compare(&got, want, other, err);
    }
    nd_free(&got);
    free(data);
    return v;
}

static verdict run_graph(const weft_graph *g, const data_set *d, weft_error *err)
{
    weft_ref *r = NULL;
    verdict v = PASSED;
    if (g->output_count != d->out_count || g->input_count > d->in_count ||
        weft_ref_new(g, &r, err) != WEFT_OK)
        return WRONG;
    for (uint32_t i = 0; i < g->input_count; i++) {
        size_t bytes;
        void *data = port_bytes(&g->inputs[i], &d->in[i], &bytes);
        if (!data || weft_ref_set_input(r, i, data, bytes) != WEFT_OK)
            v = WRONG;
        free(data);
    }
    if (v == PASSED)
        weft_ref_run(r);
    for (uint32_t i = 0; i < g->output_count && v == PASSED; i++)
        v = check_output(r, g, i, &d->out[i], &d->other[i], err);
    weft_ref_free(r);
    return v;
}

/* All inputs as they are, then with all but the first as constants. */
static verdict run_import(const char *model, const data_set *d, weft_error *err)
{
    weft_graph *g = NULL;
    if (weft_onnx_read(model, NULL, &g, err) != WEFT_OK && d->in_count > 1) {
        size_t bytes = 0;
        uint8_t *packed = with_constants(model, d, 1, &bytes);
        if (packed)
            (void)weft_onnx_import(packed, bytes, NULL, &g, err);
        free(packed);
    }
    const verdict v = g ? run_graph(g, d, err) : REFUSED;
    weft_graph_free(g);
    return v;
}

/* --- cases
 * ----------------------------------------------------------------------------------------- */

static uint32_t short_ports(Onnx__ValueInfoProto *const *all, size_t count)
{
    uint32_t set = 0;
    for (size_t i = 0; i < count && i < MOST_PORTS; i++) {
        const Onnx__TypeProto *t = all[i]->type;
        if (t && t->tensor_type &&
            t->tensor_type->elem_type == ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16)
            set |= 1u << i;
    }
    return set;
}

static ports read_ports(const char *model)
{
    onnx_file file;
    weft_error err = { 0 };
    if (onnx_file_open(model, &file, &err) != WEFT_OK)
        return (ports){ 0 };
    const Onnx__GraphProto *g = file.model->graph;
    const ports p = { g->n_output, short_ports(g->input, g->n_input),
                      short_ports(g->output, g->n_output) };
    onnx_file_close(&file);
    return p;
}

static void run_case(tally *all, const char *directory, const char *name)
{
    char model[1100], set[1150];
    weft_error by_graph = { 0 }, by_float = { 0 };
    verdict graph = PASSED, real = PASSED;
    data_set d;
    size_t sets = 0;
    snprintf(model, sizeof model, "%.500s/%.500s/model.onnx", directory, name);
    const ports p = read_ports(model);
    for (;; sets++) {
        snprintf(set, sizeof set, "%.500s/%.500s/test_data_set_%zu", directory, name, sets);
        DIR *there = opendir(set);
        if (!there)
            break;
        closedir(there);
        if (!data_set_read(set, &p, &d) && p.outputs) {
            graph = real = REFUSED;
            weft_error_set(&by_float, WEFT_ERR_UNSUPPORTED, "its data are no tensors of numbers");
        }
        if (graph == PASSED)
            graph = run_import(model, &d, &by_graph);
        if (real == PASSED)
            real = run_float(model, &d, &by_float);
        data_set_free(&d);
    }
    const int wrong = graph == WRONG || real == WRONG, passed = graph == PASSED || real == PASSED;
    all->cases++;
    all->wrong += wrong ? 1 : 0;
    all->passed += passed && !wrong ? 1 : 0;
    all->graph_passed += graph == PASSED && !wrong ? 1 : 0;
    all->refused += !passed && !wrong ? 1 : 0;
    CHECK(all->t, !wrong, "%s: graph: %s; float: %s", name,
          graph == WRONG ? by_graph.text : "right", real == WRONG ? by_float.text : "right");
    CHECK(all->t, passed || wrong || !conformance_required(model, name),
          "%s is of Weft's operators, but refused: %s", name, by_float.text);
    conformance_count(all->table, model, wrong, passed, passed ? "" : by_float.text);
    if (all->verbose && !wrong)
        printf("%-8s %-60s %s\n",
               !passed           ? "refused"
               : graph == PASSED ? "int8"
                                 : "float",
               name,
               !passed           ? by_float.text
               : graph == PASSED ? ""
                                 : by_graph.text);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void run_directory(tally *all, const char *directory)
{
    char *names[MOST_CASES];
    size_t count = 0;
    DIR *d = opendir(directory);
    size_t left_out = 0;
    for (const struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.' && count == MOST_CASES)
            left_out++;
        else if (e->d_name[0] != '.' && (names[count] = strdup(e->d_name)))
            count++;
    CHECK(all->t, !left_out, "%s: %zu cases beyond %d are not run: fewer at a time", directory,
          left_out, MOST_CASES);
    if (d)
        closedir(d);
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) {
        run_case(all, directory, names[i]);
        free(names[i]);
    }
}

int main(int argc, char **argv)
{
    test t = test_begin("conformance", argc, argv, 0, 0);
    static conformance_table table;
    tally all = { .t = &t };
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-v"))
            all.verbose = 1;
        else if (!strcmp(argv[i], "-t"))
            all.table = &table;
        else
            run_directory(&all, argv[i]);
    }
    conformance_print(all.table);
    if (all.cases == 0)
        return test_skip(&t, "there are no cases; the package libonnx-testdata has ONNX's own");
    CHECK(&t, all.passed >= test_number("LEAST", 0), "only %u of %u cases pass", all.passed,
          all.cases);
    char text[200];
    snprintf(text, sizeof text, "%u cases: %u passed (%u on the int8 graph), %u refused, %u wrong",
             all.cases, all.passed, all.graph_passed, all.refused, all.wrong);
    return test_end(&t, text);
}
