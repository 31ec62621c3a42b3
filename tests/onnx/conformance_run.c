/* The float reference and the int8 graph on recorded inputs; see conformance_run.h. */
#include "conformance_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/onnx/onnx.h"
#include "models/ref/operators/ref_graph.h"

/* --- comparing --- */

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

static int also(const nd *got, const nd *other, size_t i)
{
    return other && other->count == got->count && same_value(got, other, i);
}

/* other and exact, if they are there and not empty, are right as well. */
static verdict compare(const nd *got, const nd *want, const nd *other, const nd *exact,
                       weft_error *err)
{
    if (got->count != want->count || !got->f != !want->f)
        return weft_error_set(err, WEFT_ERR_SHAPE, "%zu elements, want %zu", got->count,
                              want->count),
               WRONG;
    for (size_t i = 0; i < want->count; i++)
        if (!same_value(got, want, i) && !also(got, other, i) && !also(got, exact, i)) {
            weft_error_set(err, WEFT_ERR_RANGE, "element %zu is %g, want %g", i,
                           (double)nd_float(got, i), (double)nd_float(want, i));
            return WRONG;
        }
    return PASSED;
}

/* --- the float reference --- */

verdict run_float(const char *model, const data_set *d, weft_error *err)
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
            v = compare(&out[i], &d->out[i], &d->other[i], &d->exact[i], err);
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

/* --- the int8 graph --- */

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
        const int64_t whole = a->i ? a->i[i] : 0; /* little-endian: its first bytes */
        memcpy(to + i * each, a->f ? (const void *)&f : (const void *)&whole, each);
    }
    return to;
}

static void from_bytes(const weft_port *p, const void *bytes, nd *a)
{
    for (size_t i = 0; i < a->count; i++) {
        int64_t whole;
        int32_t narrow;
        if (p->dtype == WEFT_FLOAT32)
            memcpy(&a->f[i], (const uint8_t *)bytes + 4 * i, 4);
        else if (p->dtype == WEFT_INT64) {
            memcpy(&whole, (const uint8_t *)bytes + 8 * i, 8);
            a->i[i] = whole;
        } else if (p->dtype == WEFT_INT32) {
            memcpy(&narrow, (const uint8_t *)bytes + 4 * i, 4);
            a->i[i] = narrow;
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
        v = compare(&got, want, other, NULL, err);
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

verdict run_import(const char *model, const data_set *d, weft_error *err)
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
