/* Nodes of an interpreter as the bytes of a .tflite file; see delegate.h.
 *
 * Every tensor keeps its own buffer and every node its own operator code: longer than need be, and simple. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/plugin/tflite/delegate.h"
#include "host/plugin/tflite/fb_writer.h"

enum { SCHEMA_VERSION = 3, NO_TENSOR = -1, OLD_CODES = 127 };

typedef struct model {
    tfl_context *context;
    const tfl_delegate_params *part;
    int *tensors, count; /* those of the runtime, in the order of the file */
    int *place;          /* in the file, of each tensor of the runtime, or NO_TENSOR */
    fbw w;
    weft_error *err;
} model;

/* --- what can be written -------------------------------------------------------------------------- */

/* The numbers of the schema, by those of the runtime; -1 for what has none. */
static int file_type(int type)
{
    static const int8_t types[] = { -1, 0,  2,  3,  4,  5,  6,  7,  8,  9,
                                    1,  10, 11, 12, 13, 14, 15, 16, 17, 18 };
    return type >= 0 && (size_t)type < sizeof types ? types[type] : -1;
}

static bool is_constant(const tfl_tensor *t)
{
    return t->allocation_type == TFL_CONSTANT || t->allocation_type == TFL_PERSISTENT_CONSTANT;
}

static const char *tensor_refused(const tfl_tensor *t)
{
    return t->is_variable                       ? "keeps state in a variable tensor"
           : t->sparsity                        ? "has sparse weights"
           : t->allocation_type == TFL_DYNAMIC  ? "has a size that depends on data"
           : file_type(t->type) < 0 || !t->dims ? "has a type that files do not know"
                                                : NULL;
}

static const char *list_refused(const tfl_context *context, const tfl_ints *list)
{
    const char *why = NULL;
    for (int i = 0; list && i < list->size && !why; i++)
        if (list->data[i] >= 0)
            why = (size_t)list->data[i] < context->tensor_count
                      ? tensor_refused(&context->tensors[list->data[i]])
                      : "reads a tensor that is not there";
    return why;
}

const char *delegate_node_refused(const tfl_context *context, const tfl_node *node)
{
    const char *why = list_refused(context, node->inputs);
    if (!why)
        why = list_refused(context, node->outputs);
    return why || !node->intermediates || node->intermediates->size == 0 ? why
                                                                         : "has tensors of its own";
}

/* --- which tensors -------------------------------------------------------------------------------- */

static void add_tensors(model *m, const tfl_ints *list)
{
    for (int i = 0; list && i < list->size; i++) {
        const int tensor = list->data[i];
        if (tensor < 0 || m->place[tensor] != NO_TENSOR)
            continue;
        m->place[tensor] = m->count;
        m->tensors[m->count++] = tensor;
    }
}

static int node_of(const model *m, int index, tfl_node **node, tfl_registration **registration)
{
    if (m->context->get_node(m->context, m->part->nodes->data[index], node, registration) != TFL_OK)
        return weft_error_set(m->err, WEFT_ERR_UNSUPPORTED, "the runtime does not show a node");
    const char *why = delegate_node_refused(m->context, *node);
    return why ? weft_error_set(m->err, WEFT_ERR_UNSUPPORTED, "an operator %s", why) : WEFT_OK;
}

static int find_tensors(model *m)
{
    const size_t count = m->context->tensor_count;
    m->tensors = calloc(count + 1, sizeof *m->tensors);
    m->place = calloc(count + 1, sizeof *m->place);
    if (!m->tensors || !m->place)
        return weft_error_set(m->err, WEFT_ERR_NO_MEMORY, "no memory for a model");
    for (size_t i = 0; i < count; i++)
        m->place[i] = NO_TENSOR;
    for (int i = 0; i < m->part->nodes->size; i++) {
        tfl_node *node;
        tfl_registration *registration;
        const int rc = node_of(m, i, &node, &registration);
        if (rc != WEFT_OK)
            return rc;
        add_tensors(m, node->inputs);
        add_tensors(m, node->outputs);
    }
    return WEFT_OK;
}

/* --- the file ------------------------------------------------------------------------------------- */

static size_t references(model *m, uint32_t count)
{
    uint32_t *none = calloc(count + 1u, sizeof *none);
    m->w.failed |= none == NULL;
    const size_t vector = fbw_vector(&m->w, none, none ? count : 0, 4);
    free(none);
    return vector;
}

/* A vector of tensors as the file counts them; constants are no inputs. */
static size_t tensor_list(model *m, const tfl_ints *list, bool has_constants)
{
    int32_t *places = calloc((size_t)list->size + 1, sizeof *places);
    uint32_t count = 0;
    m->w.failed |= places == NULL;
    for (int i = 0; places && i < list->size; i++) {
        const int tensor = list->data[i];
        if (tensor < 0 && has_constants)
            places[count++] = -1;
        else if (tensor >= 0 && m->place[tensor] != NO_TENSOR &&
                 (has_constants || !is_constant(&m->context->tensors[tensor])))
            places[count++] = m->place[tensor];
    }
    const size_t vector = fbw_vector(&m->w, places, count, 4);
    free(places);
    return vector;
}

static void put_quantisation(model *m, size_t table, const tfl_affine *q)
{
    const fbw_field fields[] = { { 2, 4, 0 }, { 3, 4, 0 }, { 6, 4, (uint32_t)q->axis } };
    const int zeros = q->zero_point ? q->zero_point->size : 0;
    int64_t *zero = calloc((size_t)zeros + 1, sizeof *zero);
    const size_t to = fbw_table(&m->w, fields, 3);
    m->w.failed |= zero == NULL;
    for (int i = 0; zero && i < zeros; i++)
        zero[i] = q->zero_point->data[i];
    fbw_link(&m->w, table, 4, to);
    fbw_link(&m->w, to, 2, fbw_vector(&m->w, q->scale->data, (uint32_t)q->scale->size, 4));
    fbw_link(&m->w, to, 3, fbw_vector(&m->w, zero, zero ? (uint32_t)zeros : 0, 8));
    free(zero);
}

static void put_tensor(model *m, size_t list, int place)
{
    const tfl_tensor *t = &m->context->tensors[m->tensors[place]];
    const tfl_affine *q = t->quantization.type == TFL_AFFINE ? t->quantization.params : NULL;
    const bool is_quantised = q && q->scale && q->scale->size > 0;
    char name[16];
    const fbw_field fields[] = { { 0, 4, 0 },
                                 { 1, 1, (uint64_t)file_type(t->type) },
                                 { 2, 4, is_constant(t) ? (uint64_t)place + 1 : 0 },
                                 { 3, 4, 0 },
                                 { 4, 4, 0 } };
    const int length = snprintf(name, sizeof name, "%d", m->tensors[place]);
    const size_t table = fbw_table(&m->w, fields, is_quantised ? 5 : 4);
    fbw_link_element(&m->w, list, (uint32_t)place, table);
    fbw_link(&m->w, table, 0, fbw_vector(&m->w, t->dims->data, (uint32_t)t->dims->size, 4));
    fbw_link(&m->w, table, 3, fbw_vector(&m->w, name, (uint32_t)length, 1));
    if (is_quantised)
        put_quantisation(m, table, q);
}

static int put_operator(model *m, size_t operators, size_t codes, int index)
{
    tfl_node *node;
    tfl_registration *r;
    const int rc = node_of(m, index, &node, &r);
    if (rc != WEFT_OK)
        return rc;
    const node_options options = node_options_of(r->builtin_code, node->builtin_data);
    const uint64_t code = (uint64_t)r->builtin_code;
    const fbw_field op[] = {
        { 0, 4, (uint64_t)index }, { 1, 4, 0 }, { 2, 4, 0 }, { 3, 1, options.kind }, { 4, 4, 0 }
    };
    const fbw_field row[] = { { 0, 1, code > OLD_CODES ? OLD_CODES : code },
                              { 1, 4, 0 },
                              { 2, 4, (uint64_t)r->version },
                              { 3, 4, code } };
    const size_t table = fbw_table(&m->w, op, options.kind ? 5 : 3);
    fbw_link_element(&m->w, operators, (uint32_t)index, table);
    fbw_link(&m->w, table, 1, tensor_list(m, node->inputs, true));
    fbw_link(&m->w, table, 2, tensor_list(m, node->outputs, true));
    if (options.kind) {
        fbw_field fields[NODE_OPTIONS_FIELDS];
        for (unsigned i = 0; i < options.count; i++)
            fields[i] = (fbw_field){ options.fields[i].id, options.fields[i].bytes,
                                     options.fields[i].value };
        fbw_link(&m->w, table, 4, fbw_table(&m->w, fields, options.count));
    }
    const char *name = r->custom_name ? r->custom_name : "";
    const size_t to = fbw_table(&m->w, row, 4);
    fbw_link_element(&m->w, codes, (uint32_t)index, to);
    fbw_link(&m->w, to, 1, fbw_vector(&m->w, name, (uint32_t)strlen(name), 1));
    return WEFT_OK;
}

static int put_subgraph(model *m, size_t root)
{
    const fbw_field fields[] = { { 0, 4, 0 }, { 1, 4, 0 }, { 2, 4, 0 }, { 3, 4, 0 } };
    const uint32_t nodes = (uint32_t)m->part->nodes->size;
    const size_t list = references(m, 1), graph = fbw_table(&m->w, fields, 4);
    fbw_link(&m->w, root, 2, list);
    fbw_link_element(&m->w, list, 0, graph);
    const size_t tensors = references(m, (uint32_t)m->count);
    fbw_link(&m->w, graph, 0, tensors);
    for (int i = 0; i < m->count; i++)
        put_tensor(m, tensors, i);
    fbw_link(&m->w, graph, 1, tensor_list(m, m->part->inputs, false));
    fbw_link(&m->w, graph, 2, tensor_list(m, m->part->outputs, false));
    const size_t operators = references(m, nodes), codes = references(m, nodes);
    fbw_link(&m->w, graph, 3, operators);
    fbw_link(&m->w, root, 1, codes);
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < nodes && rc == WEFT_OK; i++)
        rc = put_operator(m, operators, codes, (int)i);
    return rc;
}

/* Buffer 0 is empty, buffer i + 1 that of tensor i. */
static void put_buffers(model *m, size_t root)
{
    const size_t buffers = references(m, (uint32_t)m->count + 1);
    const fbw_field data = { 0, 4, 0 };
    fbw_link(&m->w, root, 4, buffers);
    fbw_link_element(&m->w, buffers, 0, fbw_table(&m->w, NULL, 0));
    for (int i = 0; i < m->count; i++) {
        const tfl_tensor *t = &m->context->tensors[m->tensors[i]];
        const bool has_data = is_constant(t) && t->data && t->bytes <= INT32_MAX;
        const size_t table = fbw_table(&m->w, &data, has_data);
        fbw_link_element(&m->w, buffers, (uint32_t)i + 1, table);
        if (has_data)
            fbw_link(&m->w, table, 0, fbw_vector(&m->w, t->data, (uint32_t)t->bytes, 1));
    }
}

int delegate_model_write(tfl_context *context, const tfl_delegate_params *part, void **out,
                         uint64_t *byte_count, weft_error *err)
{
    static const char producer[] = "weft delegate";
    const fbw_field fields[] = {
        { 0, 4, SCHEMA_VERSION }, { 1, 4, 0 }, { 2, 4, 0 }, { 3, 4, 0 }, { 4, 4, 0 }
    };
    model m = { .context = context, .part = part, .err = err };
    int rc = find_tensors(&m);
    if (rc == WEFT_OK) {
        const size_t root = fbw_begin(&m.w, "TFL3", fields, 5);
        fbw_link(&m.w, root, 3, fbw_vector(&m.w, producer, sizeof producer - 1, 1));
        rc = put_subgraph(&m, root);
        if (rc == WEFT_OK)
            put_buffers(&m, root);
    }
    free(m.tensors);
    free(m.place);
    if (rc == WEFT_OK && (m.w.failed || m.w.count > INT32_MAX))
        rc = weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a model");
    if (rc != WEFT_OK) {
        free(m.w.bytes);
        return rc;
    }
    *out = m.w.bytes;
    *byte_count = m.w.count;
    return WEFT_OK;
}
