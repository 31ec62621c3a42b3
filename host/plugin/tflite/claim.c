/* Which nodes run on Weft; see delegate.h.
 *
 * The largest part of the nodes that are left is written as a model and compiled; what the compiler refuses is left out,
 * and so on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/plugin/share/parts.h"
#include "host/plugin/tflite/delegate.h"

enum { MOST_TRIES = 256 };

typedef struct plan {
    delegate *d;
    tfl_context *context;
    const tfl_ints *nodes; /* of the network, in topological order */
    bool *is_refused;
    part_edge *edges;
    size_t edge_count;
    size_t *chosen, chosen_count;
    tfl_ints *part;   /* the same as the runtime numbers them */
    bool has_refused; /* something in this try */
    bool has_rows;    /* the compiler has said what in this try */
    char *why;        /* sentences of all tries */
    weft_error *err;
} plan;

static int no_memory(plan *p)
{
    return weft_error_set(p->err, WEFT_ERR_NO_MEMORY, "no memory for a network");
}

static int node_at(plan *p, size_t index, tfl_node **node, tfl_registration **registration)
{
    return p->context->get_node(p->context, p->nodes->data[index], node, registration) == TFL_OK
               ? WEFT_OK
               : weft_error_set(p->err, WEFT_ERR_UNSUPPORTED, "the runtime does not show a node");
}

/* --- what is said --------------------------------------------------------------------------------- */

/* Add a sentence, once. */
static void remember(plan *p, const char *sentence)
{
    const size_t at = strlen(p->why);
    if (!strstr(p->why, sentence))
        snprintf(p->why + at, DELEGATE_TEXT_BYTES - at, "%s%s", at ? "; " : "", sentence);
}

/* A tensor by the name that the user knows. */
static const char *name_of(const plan *p, long tensor)
{
    const char *name = NULL;
    if (tensor >= 0 && (size_t)tensor < p->context->tensor_count)
        name = p->context->tensors[tensor].name;
    return name ? name : "";
}

/* --- edges ---------------------------------------------------------------------------------------- */

static int add_edges(plan *p, size_t index, const size_t *maker)
{
    tfl_node *node;
    tfl_registration *registration;
    const int rc = node_at(p, index, &node, &registration);
    if (rc != WEFT_OK)
        return rc;
    const size_t room = p->edge_count + (size_t)node->inputs->size + 1;
    part_edge *edges = realloc(p->edges, room * sizeof *edges);
    if (!edges)
        return no_memory(p);
    p->edges = edges;
    for (int i = 0; i < node->inputs->size; i++) {
        const int tensor = node->inputs->data[i];
        if (tensor >= 0 && (size_t)tensor < p->context->tensor_count && maker[tensor] < index)
            p->edges[p->edge_count++] = (part_edge){ maker[tensor], index };
    }
    return WEFT_OK;
}

static int find_edges(plan *p)
{
    const size_t count = p->context->tensor_count;
    size_t *maker = calloc(count + 1, sizeof *maker);
    int rc = maker ? WEFT_OK : no_memory(p);
    for (size_t i = 0; maker && i < count; i++)
        maker[i] = SIZE_MAX;
    for (size_t i = 0; rc == WEFT_OK && i < (size_t)p->nodes->size; i++) {
        tfl_node *node;
        tfl_registration *registration;
        rc = add_edges(p, i, maker);
        if (rc == WEFT_OK)
            rc = node_at(p, i, &node, &registration);
        for (int k = 0; rc == WEFT_OK && k < node->outputs->size; k++)
            if (node->outputs->data[k] >= 0 && (size_t)node->outputs->data[k] < count)
                maker[node->outputs->data[k]] = i;
    }
    free(maker);
    return rc;
}

/* What cannot stand in a file at all. */
static int refuse_at_once(plan *p)
{
    int rc = WEFT_OK;
    for (size_t i = 0; rc == WEFT_OK && i < (size_t)p->nodes->size; i++) {
        tfl_node *node;
        tfl_registration *registration;
        char sentence[256];
        rc = node_at(p, i, &node, &registration);
        const char *why = rc != WEFT_OK ? NULL
                          : registration->builtin_code == TFL_OP_DELEGATE
                              ? "is another delegate's"
                              : delegate_node_refused(p->context, node);
        if (!why)
            continue;
        p->is_refused[i] = true;
        snprintf(sentence, sizeof sentence, "the operator that makes \"%.100s\" %s",
                 node->outputs->size > 0 ? name_of(p, node->outputs->data[0]) : "", why);
        remember(p, sentence);
    }
    return rc;
}

/* --- what the compiler says ----------------------------------------------------------------------- */

static bool has_tensor(const tfl_ints *list, long tensor)
{
    for (int i = 0; i < list->size; i++)
        if (list->data[i] == tensor)
            return true;
    return false;
}

static bool is_same_operator(const tfl_registration *a, const tfl_registration *b)
{
    return a->builtin_code == b->builtin_code &&
           (a->builtin_code != TFL_OP_CUSTOM ||
            (a->custom_name && b->custom_name && !strcmp(a->custom_name, b->custom_name)));
}

/* Refuse the chosen node that makes a tensor, or else those that read it. */
static const tfl_registration *refuse_tensor(plan *p, long tensor)
{
    const tfl_registration *first = NULL;
    for (int reads = 0; reads < 2 && !first; reads++)
        for (size_t i = 0; i < p->chosen_count; i++) {
            tfl_node *node;
            tfl_registration *registration;
            if (node_at(p, p->chosen[i], &node, &registration) == WEFT_OK &&
                has_tensor(reads ? node->inputs : node->outputs, tensor)) {
                p->has_refused = p->is_refused[p->chosen[i]] = true;
                first = registration;
            }
        }
    return first;
}

/* The chosen nodes of an operator; they are refused if `is_refused` says so. */
static uint32_t all_of(plan *p, const tfl_registration *like, bool is_refused)
{
    uint32_t count = 0;
    for (size_t i = 0; i < p->chosen_count; i++) {
        tfl_node *node;
        tfl_registration *registration;
        if (node_at(p, p->chosen[i], &node, &registration) != WEFT_OK ||
            !is_same_operator(registration, like))
            continue;
        count++;
        p->is_refused[p->chosen[i]] |= is_refused;
    }
    return count;
}

/* A row names the first of the operators that it is about; where these are all of their kind, all are meant. */
static void row_refused(void *self, const weft_refusal *row)
{
    plan *p = self;
    char *end = NULL, sentence[1024], times[16] = "";
    const long tensor = strtol(row->name, &end, 10);
    const bool is_tensor = *row->name && !*end;
    if (row->count > 1)
        snprintf(times, sizeof times, " x%u", (unsigned)row->count);
    snprintf(sentence, sizeof sentence, "%.60s \"%.200s\"%s%s %.600s", row->op,
             is_tensor ? name_of(p, tensor) : row->name, times,
             *row->why ? ":" : " is an operator that Weft does not have", row->why);
    remember(p, sentence);
    p->has_rows = true;
    const tfl_registration *like = is_tensor ? refuse_tensor(p, tensor) : NULL;
    if (like && (!*row->why || all_of(p, like, false) <= row->count))
        (void)all_of(p, like, true);
}

int delegate_program_of(const delegate *d, weft_network_options *options, delegate_program *to,
                        weft_error *err)
{
    weft_array array = { .struct_bytes = sizeof array };
    int rc = weft_device_array(plugin_device_weft(d->device), &array, err);
    if (rc != WEFT_OK || delegate_cache_read(d, &array, to))
        return rc;
    options->struct_bytes = sizeof *options;
    options->truth = d->truth;
    rc = plugin_compile(d->device, to->model, (size_t)to->model_bytes, options, &to->program,
                        &to->program_bytes, err);
    if (rc == WEFT_OK)
        delegate_cache_write(d, &array, to);
    return rc;
}

/* Whether the program has work for the array. */
static bool has_work(plan *p, const delegate_program *made)
{
    weft_program *program = NULL;
    weft_program_info info = { .struct_bytes = sizeof info };
    int rc = weft_program_parse(made->program, made->program_bytes, &program, p->err);
    if (rc == WEFT_OK)
        rc = weft_program_describe(program, &info, p->err);
    weft_program_close(program);
    if (rc == WEFT_OK && info.macs == 0)
        remember(p, "there is nothing in it for an array of int8 multipliers: a network must be "
                    "quantised");
    return rc == WEFT_OK && info.macs > 0;
}

static void drop_program(delegate_program *made)
{
    free(made->model);
    free(made->program);
    *made = (delegate_program){ 0 };
}

/* Compile a part; what is refused is marked.  True with work for the array: the program is kept. */
static bool compiles(plan *p, const tfl_delegate_params *part)
{
    weft_network_options options = { .refused = row_refused, .self = p };
    delegate_program made = { 0 };
    weft_error err = { 0 };
    int rc = delegate_model_write(p->context, part, &made.model, &made.model_bytes, &err);
    if (rc == WEFT_OK)
        rc = delegate_program_of(p->d, &options, &made, &err);
    if (rc != WEFT_OK && !p->has_rows)
        remember(p, err.text);
    if (rc == WEFT_OK && has_work(p, &made)) {
        drop_program(&p->d->last);
        p->d->last = made;
        return true;
    }
    drop_program(&made);
    return false;
}

/* --- the search ----------------------------------------------------------------------------------- */

/* The chosen nodes as the runtime would take them: it says what goes in and out.  Where it makes more than one part of
 * them, the largest. */
static int preview(plan *p, const tfl_delegate_params **out)
{
    tfl_delegate_params *parts = NULL;
    int count = 0;
    p->part->size = (int)p->chosen_count;
    for (size_t i = 0; i < p->chosen_count; i++)
        p->part->data[i] = p->nodes->data[p->chosen[i]];
    if (p->context->preview_parts(p->context, p->part, &parts, &count) != TFL_OK || count < 1)
        return weft_error_set(p->err, WEFT_ERR_UNSUPPORTED, "the runtime makes no part of nodes");
    *out = parts;
    for (int i = 1; i < count; i++)
        if (parts[i].nodes->size > (*out)->nodes->size)
            *out = &parts[i];
    p->chosen_count = 0;
    for (size_t i = 0; i < (size_t)p->nodes->size; i++)
        if (has_tensor((*out)->nodes, p->nodes->data[i])) {
            p->part->data[p->chosen_count] = p->nodes->data[i];
            p->chosen[p->chosen_count++] = i;
        }
    p->part->size = (int)p->chosen_count;
    return WEFT_OK;
}

/* p->part is what was found, of size 0 if nothing. */
static int search(plan *p)
{
    for (int tries = 0; tries < MOST_TRIES; tries++) {
        const tfl_delegate_params *part = NULL;
        p->chosen_count =
            part_largest((size_t)p->nodes->size, p->edges, p->edge_count, p->is_refused, p->chosen);
        if (p->chosen_count == SIZE_MAX)
            return no_memory(p);
        if (p->chosen_count == 0)
            break;
        const int rc = preview(p, &part);
        if (rc != WEFT_OK)
            return rc;
        p->has_refused = p->has_rows = false;
        if (compiles(p, part))
            return WEFT_OK;
        if (!p->has_refused) /* nobody is to blame alone: the part as a whole will not do */
            for (size_t i = 0; i < p->chosen_count; i++)
                p->is_refused[p->chosen[i]] = true;
    }
    p->part->size = 0;
    return WEFT_OK;
}

static int make_plan(plan *p)
{
    const size_t count = (size_t)p->nodes->size;
    p->is_refused = calloc(count + 1, sizeof *p->is_refused);
    p->chosen = calloc(count + 1, sizeof *p->chosen);
    p->part = calloc(1, sizeof *p->part + (count + 1) * sizeof *p->part->data);
    if (!p->is_refused || !p->chosen || !p->part)
        return no_memory(p);
    const int rc = find_edges(p);
    return rc == WEFT_OK ? refuse_at_once(p) : rc;
}

int delegate_claim_find(delegate *d, tfl_context *context, delegate_claim *out, weft_error *err)
{
    tfl_ints *nodes = NULL;
    *out = (delegate_claim){ 0 };
    if (context->get_execution_plan(context, &nodes) != TFL_OK)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED, "the runtime does not show its nodes");
    const size_t bytes = sizeof *nodes + (size_t)nodes->size * sizeof *nodes->data;
    tfl_ints *own = malloc(bytes); /* the runtime's is good until its next call */
    if (!own)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a network");
    memcpy(own, nodes, bytes);
    plan p = { .d = d, .context = context, .nodes = own, .why = out->why, .err = err };
    int rc = make_plan(&p);
    if (rc == WEFT_OK)
        rc = search(&p);
    out->all = own->size;
    if (rc == WEFT_OK && p.part->size > 0)
        out->nodes = p.part;
    else
        free(p.part);
    free(own);
    free(p.is_refused);
    free(p.edges);
    free(p.chosen);
    return rc;
}
