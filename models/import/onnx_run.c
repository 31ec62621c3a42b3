/* The float reference; the contract is in onnx_run.h. */
#include "onnx_run.h"

#include <stdlib.h>
#include <string.h>

#include "onnx_import.h"

/* Arrays by the index of their name, and how many nodes and outputs still read each. */
typedef struct machine {
    onnx_import im; /* names and order only */
    eval_run run;
    nd *value;
    uint32_t *readers;
    uint8_t *there;
    onnx_observer *observe;
    void *context;
} machine;

static int machine_new(machine *m)
{
    const size_t count = m->im.name_count + 1;
    m->value = calloc(count, sizeof *m->value);
    m->readers = calloc(count, sizeof *m->readers);
    m->there = calloc(count, 1);
    if (!m->value || !m->readers || !m->there)
        return weft_error_set(m->im.err, WEFT_ERR_NO_MEMORY, "no memory for %zu values", count);
    for (uint32_t i = 0; i < m->im.order_count; i++) {
        const Onnx__NodeProto *n = m->im.proto->node[m->im.order[i]];
        for (size_t k = 0; k < n->n_input; k++)
            if (*n->input[k])
                m->readers[onnx_find(&m->im, n->input[k])]++;
    }
    for (size_t i = 0; i < m->im.proto->n_output; i++)
        m->readers[onnx_find(&m->im, m->im.proto->output[i]->name)]++;
    return WEFT_OK;
}

static void machine_free(machine *m)
{
    for (uint32_t i = 0; m->value && i < m->im.name_count; i++)
        nd_free(&m->value[i]);
    free(m->value);
    free(m->readers);
    free(m->there);
    free(m->im.names);
    free(m->im.values);
    free(m->im.order);
}

/* The caller's inputs, copied. */
static int take_inputs(machine *m, const nd *in, size_t in_count)
{
    size_t at = 0;
    for (size_t i = 0; i < m->im.proto->n_input; i++) {
        const char *name = m->im.proto->input[i]->name;
        const uint32_t v = name ? onnx_find(&m->im, name) : WEFT_NONE;
        if (v == WEFT_NONE)
            return weft_error_set(m->im.err, WEFT_ERR_FORMAT, "input %zu has no name", i);
        if (m->im.names[v].initializer)
            continue;
        if (at == in_count)
            return weft_error_set(m->im.err, WEFT_ERR_ARG, "the model has more than %zu inputs",
                                  in_count);
        const Onnx__TypeProto *type = m->im.proto->input[i]->type;
        const int tensor =
            type && type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE && type->tensor_type;
        if (!tensor || type->tensor_type->elem_type != in[at].type)
            return weft_error_set(m->im.err, WEFT_ERR_UNSUPPORTED,
                                  "the input \"%.100s\" is declared with another type than given",
                                  name);
        int rc = nd_copy(&m->run, &in[at++], &m->value[v]);
        if (rc != WEFT_OK)
            return rc;
        m->there[v] = 1;
        if (m->observe)
            m->observe(m->context, name, &m->value[v]);
    }
    return at == in_count ? WEFT_OK
                          : weft_error_set(m->im.err, WEFT_ERR_ARG,
                                           "the model has %zu inputs, %zu are given", at, in_count);
}

/* Value v, which a node or an output reads; initialisers are decoded when first read. */
static int need(machine *m, uint32_t v)
{
    if (m->there[v])
        return WEFT_OK;
    if (!m->im.names[v].initializer)
        return weft_error_set(m->im.err, WEFT_ERR_FORMAT, "the value \"%.100s\" is not computed",
                              m->im.names[v].name);
    m->run.node = NULL;
    int rc = nd_decode(&m->run, m->im.names[v].initializer, &m->value[v]);
    m->there[v] = rc == WEFT_OK;
    return rc;
}

/* One reader is done. */
static void release(machine *m, uint32_t v)
{
    if (--m->readers[v] == 0) {
        m->run.left += m->value[v].count;
        nd_free(&m->value[v]);
        m->there[v] = 0;
    }
}

static int run_node(machine *m, const Onnx__NodeProto *n)
{
    nd out[EVAL_MAX_OUTPUTS] = { { 0 } };
    const nd **in = calloc(n->n_input + 1, sizeof(const nd *));
    int rc = in ? WEFT_OK : weft_error_set(m->im.err, WEFT_ERR_NO_MEMORY, "no memory");
    for (size_t k = 0; k < n->n_input && rc == WEFT_OK; k++) {
        if (!*n->input[k])
            continue;
        const uint32_t v = onnx_find(&m->im, n->input[k]);
        rc = need(m, v);
        in[k] = &m->value[v];
    }
    if (rc == WEFT_OK)
        rc = eval_node(&m->run, n, in, n->n_input, out);
    free(in);
    for (size_t k = 0; k < n->n_output && rc == WEFT_OK; k++) {
        const uint32_t v = *n->output[k] ? onnx_find(&m->im, n->output[k]) : WEFT_NONE;
        if (v == WEFT_NONE || m->readers[v] == 0) {
            m->run.left += out[k].count;
            nd_free(&out[k]);
            continue;
        }
        m->value[v] = out[k];
        m->there[v] = out[k].f || out[k].i;
        if (m->observe && m->there[v])
            m->observe(m->context, n->output[k], &m->value[v]);
    }
    for (size_t k = 0; k < n->n_input && rc == WEFT_OK; k++)
        if (*n->input[k])
            release(m, onnx_find(&m->im, n->input[k]));
    return rc;
}

static int run_all(machine *m, const nd *in, size_t in_count, nd *out)
{
    const Onnx__GraphProto *g = m->im.proto;
    int rc = onnx_name_all(&m->im);
    if (rc == WEFT_OK)
        rc = machine_new(m);
    if (rc == WEFT_OK)
        rc = take_inputs(m, in, in_count);
    for (uint32_t i = 0; i < m->im.order_count && rc == WEFT_OK; i++)
        rc = run_node(m, g->node[m->im.order[i]]);
    for (size_t i = 0; i < g->n_output && rc == WEFT_OK; i++) {
        const uint32_t v = onnx_find(&m->im, g->output[i]->name);
        rc = need(m, v);
        if (rc == WEFT_OK)
            rc = nd_copy(&m->run, &m->value[v], &out[i]);
    }
    return rc;
}

/* Run what m is set up for. */
static int run_machine(machine *m, const nd *in, size_t in_count, nd *out)
{
    const size_t outputs = m->im.proto->n_output;
    memset(out, 0, outputs * sizeof *out);
    int rc = run_all(m, in, in_count, out);
    for (size_t i = 0; i < outputs && rc != WEFT_OK; i++)
        nd_free(&out[i]);
    machine_free(m);
    return rc;
}

static machine machine_for(const onnx_file *file, uint64_t elements, weft_error *err)
{
    return (machine){ .im = { .proto = file->model->graph, .err = err, .opset = file->opset },
                      .run = { .err = err, .opset = file->opset, .left = elements } };
}

int onnx_run_observed(const onnx_file *file, const nd *in, size_t in_count, nd *out,
                      onnx_observer *observe, void *context, weft_error *err)
{
    machine m = machine_for(file, EVAL_ELEMENTS, err);
    m.observe = observe;
    m.context = context;
    return run_machine(&m, in, in_count, out);
}

int onnx_run_within(const onnx_file *file, const nd *in, size_t in_count, nd *out,
                    uint64_t elements, uint64_t work, weft_error *err)
{
    machine m = machine_for(file, elements, err);
    m.run.work = &work;
    return run_machine(&m, in, in_count, out);
}

int onnx_run(const onnx_file *file, const nd *in, size_t in_count, nd *out, weft_error *err)
{
    return onnx_run_observed(file, in, in_count, out, NULL, NULL, err);
}
