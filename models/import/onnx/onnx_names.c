/* Names of an ONNX graph and the order of its nodes.
 *
 * Sorted array and binary search, so that no choice of names makes it slow; a depth-first walk with
 * its own stack from the outputs, so that unused nodes drop out and cycles are found.  O(n log n).
 */
#include <stdlib.h>
#include <string.h>

#include "onnx_import.h"

static int by_name(const void *a, const void *b)
{
    return strcmp(((const onnx_name *)a)->name, ((const onnx_name *)b)->name);
}

uint32_t onnx_find(const onnx_import *im, const char *name)
{
    uint32_t low = 0, high = im->name_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(im->names[middle].name, name);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return WEFT_NONE;
}

static void add_name(onnx_import *im, const char *name, uint32_t producer,
                     const Onnx__TensorProto *initializer)
{
    if (name && *name)
        im->names[im->name_count++] = (onnx_name){ .name = name,
                                                   .producer = producer,
                                                   .first_consumer = WEFT_NONE,
                                                   .initializer = initializer };
}

/* Initialisers may be listed as inputs too (files before 2019 must); all else is defined once. */
static int merge_names(onnx_import *im)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < im->name_count; i++) {
        onnx_name *last = kept ? &im->names[kept - 1] : NULL, *now = &im->names[i];
        if (!last || strcmp(last->name, now->name) != 0) {
            im->names[kept++] = *now;
            continue;
        }
        if (last->producer != WEFT_NONE || now->producer != WEFT_NONE ||
            !last->initializer == !now->initializer)
            return weft_error_set(im->err, WEFT_ERR_FORMAT, "the value \"%s\" is defined twice",
                                  now->name);
        if (now->initializer)
            last->initializer = now->initializer;
    }
    im->name_count = kept;
    return WEFT_OK;
}

static int collect_names(onnx_import *im)
{
    const Onnx__GraphProto *p = im->proto;
    size_t most = p->n_initializer + p->n_input;
    for (size_t i = 0; i < p->n_node; i++)
        most += p->node[i]->n_output;
    im->names = calloc(most + 1, sizeof *im->names);
    im->values = calloc(most + 1, sizeof *im->values);
    im->order = calloc(p->n_node + 1, sizeof *im->order);
    if (!im->names || !im->values || !im->order)
        return weft_error_set(im->err, WEFT_ERR_NO_MEMORY, "no memory for %zu names", most);
    for (size_t i = 0; i < p->n_initializer; i++)
        add_name(im, p->initializer[i]->name, WEFT_NONE, p->initializer[i]);
    for (size_t i = 0; i < p->n_input; i++)
        add_name(im, p->input[i]->name, WEFT_NONE, NULL);
    for (size_t i = 0; i < p->n_node; i++)
        for (size_t k = 0; k < p->node[i]->n_output; k++)
            add_name(im, p->node[i]->output[k], (uint32_t)i, NULL);
    qsort(im->names, im->name_count, sizeof *im->names, by_name);
    return merge_names(im);
}

static void note_consumers(onnx_import *im)
{
    for (size_t i = im->proto->n_node; i-- > 0;)
        for (size_t k = 0; k < im->proto->node[i]->n_input; k++) {
            uint32_t v = onnx_find(im, im->proto->node[i]->input[k]);
            if (v == WEFT_NONE)
                continue;
            im->names[v].first_consumer = (uint32_t)i;
        }
    for (size_t i = 0; i < im->proto->n_output; i++) {
        const char *name = im->proto->output[i]->name;
        const uint32_t v = name ? onnx_find(im, name) : WEFT_NONE;
        if (v != WEFT_NONE)
            im->names[v].is_output = 1;
    }
}

static void note_declared(onnx_import *im, size_t count, Onnx__ValueInfoProto *const *infos)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t v = infos[i]->name ? onnx_find(im, infos[i]->name) : WEFT_NONE;
        if (v != WEFT_NONE)
            im->names[v].declared = infos[i];
    }
}

/* --- depth first --- */

typedef struct frame {
    uint32_t node;
    size_t next_input;
} frame;

enum { NEW, OPEN, DONE };

typedef struct walk {
    frame *stack;
    uint32_t depth;
    uint8_t *state; /* per node */
} walk;

/* Go to the producer of a value: open it, or nothing if it is done or needs none. */
static int visit(onnx_import *im, walk *w, const char *name, const char *reader)
{
    uint32_t v = onnx_find(im, name);
    if (v == WEFT_NONE)
        return weft_error_set(im->err, WEFT_ERR_FORMAT,
                              "\"%.90s\" needs the value \"%.90s\", which nothing defines", reader,
                              name);
    uint32_t node = im->names[v].producer;
    if (node == WEFT_NONE || w->state[node] == DONE)
        return WEFT_OK;
    if (w->state[node] == OPEN)
        return weft_error_set(im->err, WEFT_ERR_FORMAT,
                              "the value \"%.90s\" depends on itself: the network has a cycle",
                              name);
    w->state[node] = OPEN;
    w->stack[w->depth++] = (frame){ node, 0 };
    return WEFT_OK;
}

static int walk_from(onnx_import *im, walk *w, const char *output)
{
    int rc = visit(im, w, output, "the graph's outputs");
    while (w->depth && rc == WEFT_OK) {
        frame *top = &w->stack[w->depth - 1];
        const Onnx__NodeProto *node = im->proto->node[top->node];
        if (top->next_input == node->n_input) {
            w->state[top->node] = DONE;
            im->order[im->order_count++] = top->node;
            w->depth--;
            continue;
        }
        const char *input = node->input[top->next_input++];
        if (*input)
            rc = visit(im, w, input, node->name && *node->name ? node->name : node->op_type);
    }
    return rc;
}

static int order_nodes(onnx_import *im)
{
    size_t nodes = im->proto->n_node;
    walk w = { .stack = calloc(nodes + 1, sizeof *w.stack), .state = calloc(nodes + 1, 1) };
    int rc = WEFT_OK;
    if (!w.stack || !w.state)
        rc = weft_error_set(im->err, WEFT_ERR_NO_MEMORY, "no memory for %zu nodes", nodes);
    for (size_t i = 0; i < im->proto->n_output && rc == WEFT_OK; i++) {
        const char *name = im->proto->output[i]->name;
        rc = walk_from(im, &w, name ? name : "");
    }
    free(w.stack);
    free(w.state);
    return rc;
}

/* Who reads what, of the nodes that outputs depend on; the others do not count as readers. */
static int list_readers(onnx_import *im)
{
    size_t edges = 0;
    for (uint32_t i = 0; i < im->order_count; i++)
        edges += im->proto->node[im->order[i]]->n_input;
    if (edges >= UINT32_MAX || !(im->reads = malloc((edges + 1) * sizeof *im->reads)))
        return weft_error_set(im->err, WEFT_ERR_NO_MEMORY, "no memory for %zu readers", edges);
    for (int fill = 0; fill < 2; fill++) {
        uint32_t at = 0;
        for (uint32_t v = 0; v < im->name_count && fill; v++) {
            im->names[v].first_read = at;
            at += im->names[v].read_count;
            im->names[v].readers = im->names[v].is_output + im->names[v].read_count;
            im->names[v].read_count = 0;
        }
        for (uint32_t i = 0; i < im->order_count; i++) {
            const Onnx__NodeProto *n = im->proto->node[im->order[i]];
            for (size_t k = 0; k < n->n_input; k++) {
                const uint32_t v = *n->input[k] ? onnx_find(im, n->input[k]) : WEFT_NONE;
                if (v != WEFT_NONE && fill)
                    im->reads[im->names[v].first_read + im->names[v].read_count] = im->order[i];
                if (v != WEFT_NONE)
                    im->names[v].read_count++;
            }
        }
    }
    return WEFT_OK;
}

int onnx_name_all(onnx_import *im)
{
    for (size_t i = 0; i < im->proto->n_node; i++)
        if (!im->proto->node[i]->op_type)
            return weft_error_set(im->err, WEFT_ERR_FORMAT, "node %zu has no operator", i);
    int rc = collect_names(im);
    if (rc != WEFT_OK)
        return rc;
    note_consumers(im);
    note_declared(im, im->proto->n_output, im->proto->output);
    note_declared(im, im->proto->n_value_info, im->proto->value_info);
    rc = order_nodes(im);
    return rc == WEFT_OK ? list_readers(im) : rc;
}
