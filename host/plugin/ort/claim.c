/* Which nodes run on Weft; see ep.h.
 *
 * The largest part of the nodes that are left is written as a model and compiled; what the compiler refuses is left out,
 * and so on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/plugin/ort/ep.h"
#include "host/plugin/share/parts.h"

enum { MOST_TRIES = 64 };

typedef struct plan {
    const ep_ort *ort;
    const OrtGraph *graph;
    weft_array array;
    const OrtNode **nodes; /* in topological order */
    size_t count;
    bool *is_refused;
    part_edge *edges;
    size_t edge_count;
    const OrtNode **chosen;
    size_t *chosen_index, chosen_count;
    bool has_refused; /* something in this try */
    char *why;        /* the first sentence of all tries */
} plan;

static OrtStatus *out_of_memory(const ep_ort *ort)
{
    return ort->api->CreateStatus(ORT_FAIL, "weft: no memory");
}

/* --- parts --------------------------------------------------------------------------------------- */

static size_t index_of(const plan *p, const OrtNode *node)
{
    size_t index = 0;
    while (index < p->count && p->nodes[index] != node)
        index++;
    return index;
}

/* Add the edges to node `index`, from those it reads, which come before it. */
static OrtStatus *add_edges(plan *p, size_t index)
{
    const OrtApi *api = p->ort->api;
    size_t count;
    EP_TRY(api->Node_GetNumInputs(p->nodes[index], &count));
    const OrtValueInfo **values = calloc(count + 1, sizeof *values);
    part_edge *edges = realloc(p->edges, (p->edge_count + count + 1) * sizeof *edges);
    p->edges = edges ? edges : p->edges;
    OrtStatus *status = values && edges ? api->Node_GetInputs(p->nodes[index], values, count)
                                        : out_of_memory(p->ort);
    for (size_t i = 0; !status && i < count; i++) {
        const OrtNode *maker = NULL;
        if (values[i])
            status = api->ValueInfo_GetValueProducer(values[i], &maker, NULL);
        const size_t at = maker ? index_of(p, maker) : p->count;
        if (at < index)
            p->edges[p->edge_count++] = (part_edge){ at, index };
    }
    free(values);
    return status;
}

/* Choose the part with most nodes. */
static OrtStatus *choose_part(plan *p)
{
    p->chosen_count =
        part_largest(p->count, p->edges, p->edge_count, p->is_refused, p->chosen_index);
    if (p->chosen_count == SIZE_MAX)
        return out_of_memory(p->ort);
    for (size_t i = 0; i < p->chosen_count; i++)
        p->chosen[i] = p->nodes[p->chosen_index[i]];
    return NULL;
}

/* --- what the compiler says ---------------------------------------------------------------------- */

static void remember(plan *p, const char *sentence)
{
    if (!p->why[0])
        snprintf(p->why, EP_PATH_BYTES, "%s", sentence);
}

/* Refuse chosen node `number`, or, if there is none, all chosen ones of an operator. */
static OrtStatus *refuse(plan *p, size_t number, const char *op)
{
    for (size_t i = 0; i < p->chosen_count; i++) {
        const char *own;
        EP_TRY(p->ort->api->Node_GetOperatorType(p->chosen[i], &own));
        if (i == number || (number >= p->chosen_count && op && !strcmp(own, op)))
            p->has_refused = p->is_refused[p->chosen_index[i]] = true;
    }
    return NULL;
}

static void row_refused(void *self, const weft_refusal *row)
{
    plan *p = self;
    char *end = NULL, sentence[EP_PATH_BYTES];
    const unsigned long number = strtoul(row->name, &end, 10);
    const bool is_number = *row->name && !*end;
    const char *name = row->name;
    if (is_number && number < p->chosen_count)
        p->ort->api->ReleaseStatus(p->ort->api->Node_GetName(p->chosen[number], &name));
    snprintf(sentence, sizeof sentence, "%.60s \"%.200s\"%s %.400s", row->op, name,
             *row->why ? ":" : " is an operator that Weft does not have", row->why);
    remember(p, sentence);
    p->ort->api->ReleaseStatus(refuse(p, is_number && *row->why ? number : SIZE_MAX, row->op));
    if (is_number)
        p->ort->api->ReleaseStatus(refuse(p, number, NULL));
}

/* Compile the chosen nodes; true with work for the array.  What is refused is marked. */
static bool compiles(plan *p, const void *bytes, size_t byte_count)
{
    weft_network_options options = { .struct_bytes = sizeof options,
                                     .refused = row_refused,
                                     .self = p };
    weft_compiled_info info = { .struct_bytes = sizeof info };
    weft_error err = { 0 };
    weft_network *net = NULL;
    weft_compiled *compiled = NULL;
    int rc = weft_network_parse(bytes, byte_count, &options, &net, &err);
    if (rc == WEFT_OK)
        rc = weft_network_compile(net, &p->array, NULL, &compiled, &err);
    if (rc == WEFT_OK)
        rc = weft_compiled_describe(compiled, &info, &err);
    if (rc != WEFT_OK)
        remember(p, err.text);
    else if (info.macs == 0)
        remember(p, "there is nothing in it for an array of int8 multipliers: a network must be "
                    "quantised (QDQ)");
    weft_compiled_close(compiled);
    weft_network_close(net);
    return rc == WEFT_OK && info.macs > 0;
}

/* --- the search ---------------------------------------------------------------------------------- */

static OrtStatus *search(plan *p, size_t *claimed)
{
    for (int tries = 0; tries < MOST_TRIES; tries++) {
        EP_TRY(choose_part(p));
        if (p->chosen_count == 0)
            break;
        void *bytes = NULL;
        size_t byte_count = 0;
        char why[EP_PATH_BYTES] = "";
        EP_TRY(ep_model_write(p->ort, p->graph, p->chosen, p->chosen_count, EP_NUMBERS, &bytes,
                              &byte_count, why, sizeof why));
        p->has_refused = false;
        if (!bytes)
            remember(p, why);
        const bool is_taken = bytes && compiles(p, bytes, byte_count);
        free(bytes);
        if (is_taken) {
            *claimed = p->chosen_count;
            return NULL;
        }
        if (!p->has_refused) /* nobody is to blame alone: the part as a whole will not do */
            for (size_t i = 0; i < p->chosen_count; i++)
                p->is_refused[p->chosen_index[i]] = true;
    }
    *claimed = 0;
    return NULL;
}

static OrtStatus *refuse_with_graphs(plan *p)
{
    for (size_t i = 0; i < p->count; i++) {
        size_t graphs;
        EP_TRY(p->ort->api->Node_GetNumSubgraphs(p->nodes[i], &graphs));
        p->is_refused[i] = graphs > 0;
        if (graphs > 0)
            remember(p, "control flow (If, Loop, Scan)");
    }
    return NULL;
}

OrtStatus *ep_claim_find(const ep_ort *ort, const OrtGraph *graph, const weft_array *array,
                         ep_claim *out)
{
    *out = (ep_claim){ 0 };
    plan p = { .ort = ort, .graph = graph, .array = *array, .why = out->why };
    const OrtNode *parent;
    EP_TRY(ort->api->Graph_GetParentNode(graph, &parent));
    EP_TRY(ort->api->Graph_GetNumNodes(graph, &p.count));
    if (parent || p.count == 0)
        return NULL;
    p.nodes = calloc(p.count, sizeof *p.nodes);
    p.chosen = calloc(p.count, sizeof *p.chosen);
    p.is_refused = calloc(p.count, sizeof *p.is_refused);
    p.chosen_index = calloc(p.count, sizeof *p.chosen_index);
    OrtStatus *status = NULL;
    if (!p.nodes || !p.chosen || !p.is_refused || !p.chosen_index)
        status = out_of_memory(ort);
    if (!status)
        status = ort->api->Graph_GetNodes(graph, p.nodes, p.count);
    if (!status)
        status = refuse_with_graphs(&p);
    for (size_t i = 0; !status && i < p.count; i++)
        status = add_edges(&p, i);
    if (!status)
        status = search(&p, &out->count);
    out->nodes = p.chosen;
    out->is_all = out->count == p.count;
    free(p.nodes);
    free(p.is_refused);
    free(p.edges);
    free(p.chosen_index);
    if (status)
        ep_claim_clear(out);
    return status;
}

void ep_claim_clear(ep_claim *claim)
{
    free(claim->nodes);
    claim->nodes = NULL;
    claim->count = 0;
}
