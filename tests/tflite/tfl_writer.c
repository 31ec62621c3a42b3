/* See tfl_writer.h. */
#include "tfl_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *copy(tflw *m, const void *from, size_t bytes)
{
    void *to = from ? malloc(bytes ? bytes : 1) : NULL;
    if (to) {
        memcpy(to, from, bytes);
        m->owned[m->owned_count++] = to;
    }
    m->failed |= from && !to;
    return to;
}

uint32_t tflw_tensor(tflw *m, const tflw_tensor_desc *d)
{
    if (m->tensor_count == TFLW_TENSORS) {
        m->failed = 1;
        return 0;
    }
    tflw_tensor_desc *t = &m->tensors[m->tensor_count];
    *t = *d;
    t->scale = copy(m, d->scale, d->scales * sizeof *d->scale);
    t->zero_point = copy(m, d->zero_point, d->scales * sizeof *d->zero_point);
    t->data = copy(m, d->data, d->data_bytes);
    return m->tensor_count++;
}

void tflw_operator(tflw *m, const tflw_op *op)
{
    if (m->op_count == TFLW_OPS)
        m->failed = 1;
    else
        m->ops[m->op_count++] = *op;
}

void tflw_free(tflw *m)
{
    for (uint32_t i = 0; i < m->owned_count; i++)
        free(m->owned[i]);
    *m = (tflw){ 0 };
}

static int is_input(const tflw *m, uint32_t tensor)
{
    for (uint32_t i = 0; i < m->input_count; i++)
        if (m->inputs[i] == tensor)
            return 1;
    return 0;
}

static void write_tensor(fbw *w, size_t vector, const tflw *m, uint32_t i, unsigned how)
{
    const tflw_tensor_desc *t = &m->tensors[i];
    const int open = (how & TFLW_OPEN_BATCH) && t->rank > 1 && t->dims[0] == 1 && is_input(m, i);
    const fbw_field quant[] = { { 2, 4, 0 }, { 3, 4, 0 }, { 6, 4, t->axis } };
    fbw_field fields[6] = {
        { 0, 4, 0 }, { 1, 1, (uint64_t)t->type }, { 2, 4, t->data ? i + 1 : 0 }, { 3, 4, 0 }
    };
    unsigned count = 4; /* what is absent is left out */
    if (t->scales)
        fields[count++] = (fbw_field){ 4, 4, 0 };
    if (open)
        fields[count++] = (fbw_field){ 7, 4, 0 };
    char name[16];
    const int length = snprintf(name, sizeof name, "t%u", (unsigned)i);
    const size_t table = fbw_table(w, fields, count);
    fbw_link_element(w, vector, i, table);
    fbw_link(w, table, 0, fbw_vector(w, t->dims, t->rank, 4));
    fbw_link(w, table, 3, fbw_vector(w, name, (uint32_t)length, 1));
    if (t->scales) {
        const size_t q = fbw_table(w, quant, 3);
        fbw_link(w, table, 4, q);
        fbw_link(w, q, 2, fbw_vector(w, t->scale, t->scales, 4));
        fbw_link(w, q, 3, fbw_vector(w, t->zero_point, t->scales, 8));
    }
    if (open) {
        uint32_t signature[TFLW_RANK];
        memcpy(signature, t->dims, sizeof signature);
        signature[0] = UINT32_MAX;
        fbw_link(w, table, 7, fbw_vector(w, signature, t->rank, 4));
    }
}

static void write_operator(fbw *w, size_t vector, const tflw *m, uint32_t i)
{
    const tflw_op *op = &m->ops[i];
    const fbw_field fields[] = {
        { 0, 4, i }, { 1, 4, 0 }, { 2, 4, 0 }, { 3, 1, op->options }, { 4, 4, 0 }
    };
    const size_t table = fbw_table(w, fields, op->options ? 5 : 3);
    fbw_link_element(w, vector, i, table);
    fbw_link(w, table, 1, fbw_vector(w, op->inputs, op->input_count, 4));
    fbw_link(w, table, 2, fbw_vector(w, op->outputs, op->output_count, 4));
    if (op->options)
        fbw_link(w, table, 4, fbw_table(w, op->fields, op->count));
}

static size_t references(fbw *w, uint32_t count)
{
    uint32_t *none = calloc(count + 1u, sizeof *none);
    w->failed |= none == NULL;
    const size_t vector = fbw_vector(w, none, none ? count : 0, 4);
    free(none);
    return vector;
}

/* A code for every operator: an index each, as the schema allows. */
static void write_codes(fbw *w, size_t model, const tflw *m, unsigned how)
{
    const size_t codes = references(w, m->op_count);
    fbw_link(w, model, 1, codes);
    for (uint32_t i = 0; i < m->op_count; i++) {
        const uint64_t code = (uint64_t)m->ops[i].code, old = code > 127 ? 127 : code;
        const fbw_field fields[] = { { 0, 1, old }, { 2, 4, 1 }, { 3, 4, code } };
        const unsigned count = (how & TFLW_OLD_CODES) && code < 127 ? 2 : 3;
        fbw_link_element(w, codes, i, fbw_table(w, fields, count));
    }
}

static void write_subgraph(fbw *w, size_t model, const tflw *m, unsigned how)
{
    const fbw_field fields[] = { { 0, 4, 0 }, { 1, 4, 0 }, { 2, 4, 0 }, { 3, 4, 0 } };
    const size_t list = references(w, 1), graph = fbw_table(w, fields, 4);
    fbw_link(w, model, 2, list);
    fbw_link_element(w, list, 0, graph);
    const size_t tensors = references(w, m->tensor_count);
    fbw_link(w, graph, 0, tensors);
    for (uint32_t i = 0; i < m->tensor_count; i++)
        write_tensor(w, tensors, m, i, how);
    fbw_link(w, graph, 1, fbw_vector(w, m->inputs, m->input_count, 4));
    fbw_link(w, graph, 2, fbw_vector(w, m->outputs, m->output_count, 4));
    const size_t ops = references(w, m->op_count);
    fbw_link(w, graph, 3, ops);
    for (uint32_t i = 0; i < m->op_count; i++)
        write_operator(w, ops, m, i);
}

static const char runtime[16] = "1.14.0";

/* Buffer 0 is empty, buffer i + 1 that of tensor i, the last the version of the runtime. */
static void write_buffers(fbw *w, size_t model, const tflw *m, unsigned how, size_t *outside)
{
    const size_t buffers = references(w, m->tensor_count + 2);
    fbw_link(w, model, 4, buffers);
    fbw_link_element(w, buffers, 0, fbw_table(w, NULL, 0));
    for (uint32_t i = 0; i < m->tensor_count; i++) {
        const tflw_tensor_desc *t = &m->tensors[i];
        const fbw_field inside = { 0, 4, 0 };
        const fbw_field behind[] = { { 1, 8, 0 }, { 2, 8, t->data_bytes } };
        const int far = (how & TFLW_OUTSIDE) && t->data;
        const size_t table = fbw_table(w, far ? behind : &inside, far ? 2 : t->data != NULL);
        fbw_link_element(w, buffers, i + 1, table);
        outside[i] = far ? table : 0;
        if (t->data && !far)
            fbw_link(w, table, 0, fbw_vector(w, t->data, t->data_bytes, 1));
    }
    const fbw_field inside = { 0, 4, 0 };
    const size_t last = fbw_table(w, &inside, 1);
    fbw_link_element(w, buffers, m->tensor_count + 1, last);
    fbw_link(w, last, 0, fbw_vector(w, runtime, sizeof runtime, 1));
}

/* Who made it, and for which runtime: what converters write. */
static void write_origin(fbw *w, size_t model, const tflw *m)
{
    static const char who[] = "weft tests", what[] = "min_runtime_version";
    const fbw_field fields[] = { { 0, 4, 0 }, { 1, 4, m->tensor_count + 1 } };
    fbw_link(w, model, 3, fbw_vector(w, who, sizeof who - 1, 1));
    const size_t list = references(w, 1);
    fbw_link(w, model, 6, list);
    const size_t entry = fbw_table(w, fields, 2);
    fbw_link_element(w, list, 0, entry);
    fbw_link(w, entry, 0, fbw_vector(w, what, sizeof what - 1, 1));
}

/* The constants that lie behind the FlatBuffer, and their addresses in its tables. */
static void write_outside(fbw *w, const tflw *m, const size_t *outside)
{
    for (uint32_t i = 0; i < m->tensor_count; i++) {
        if (!outside[i])
            continue;
        fbw_align(w, 16);
        const uint64_t at = w->count;
        const uint8_t *data = m->tensors[i].data;
        for (uint32_t k = 0; k < m->tensors[i].data_bytes; k++)
            fbw_put(w, data[k], 1);
        for (unsigned k = 0; k < 8 && !w->failed; k++) /* the first field: 4 bytes, then aligned */
            w->bytes[outside[i] + 8 + k] = (uint8_t)(at >> 8 * k);
    }
    fbw_align(w, 16);
}

fbw tflw_file(const tflw *m, unsigned how)
{
    fbw w = { .failed = m->failed };
    const fbw_field fields[] = { { 0, 4, 3 }, { 1, 4, 0 }, { 2, 4, 0 },
                                 { 3, 4, 0 }, { 4, 4, 0 }, { 6, 4, 0 } };
    size_t *outside = calloc(m->tensor_count + 1u, sizeof *outside);
    w.failed |= outside == NULL;
    if (w.failed) {
        free(outside);
        return w;
    }
    const size_t model = fbw_begin(&w, "TFL3", fields, 6);
    write_codes(&w, model, m, how);
    write_subgraph(&w, model, m, how);
    write_buffers(&w, model, m, how, outside);
    write_origin(&w, model, m);
    write_outside(&w, m, outside);
    free(outside);
    return w;
}
