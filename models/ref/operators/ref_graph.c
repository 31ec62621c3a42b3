/* Walks a checked graph in its order and calls the reference operators.  Keeps every tensor. */
#include "ref_graph.h"

#include <stdlib.h>
#include <string.h>

#include "ref_ops.h"

struct weft_ref {
    const weft_graph *graph;
    void **data; /* per tensor; NULL for constants */
};

typedef void run_whole(const weft_graph *g, const weft_node *n, const void *const *in, void *out);
typedef void run_range(const weft_graph *g, const weft_node *n, const void *const *in, void *out,
                       ref_range of);

/* Products between two looks at whether to go on: a few milliseconds. */
enum { PIECE_PRODUCTS = 1 << 21 };

/* An operator is one or the other: those of the classes that sum over many take a range. */
typedef struct run_op {
    run_whole *whole;
    run_range *range;
} run_op;

#define CLASS_CONV     .range
#define CLASS_FULL     .range
#define CLASS_MATMUL   .range
#define CLASS_POOL     .range
#define CLASS_MEAN     .range
#define CLASS_BILINEAR .whole
#define CLASS_BINARY   .whole
#define CLASS_SLOPE    .whole
#define CLASS_TABLE    .whole
#define CLASS_RESHAPE  .whole
#define CLASS_MOVE     .whole
#define CLASS_CONVERT  .whole
#define CLASS_HOST     .whole
#define CLASS_HOST_SUM .range

static const run_op run_table[] = {
#define OP(NAME, name, least, most, CLASS, ...) { CLASS_##CLASS = weft_ref_##name },
#include "models/graph/ops.def"
};

int weft_ref_new(const weft_graph *g, weft_ref **out, weft_error *err)
{
    if (!g->checked)
        return weft_error_set(err, WEFT_ERR_ARG, "the graph was changed after its last check");
    weft_ref *r = calloc(1, sizeof *r);
    if (r) {
        r->graph = g;
        r->data = calloc((size_t)g->tensor_count + 1, sizeof *r->data);
    }
    int failed = !r || !r->data;
    for (uint32_t i = 0; i < g->tensor_count && !failed; i++)
        if (!g->tensors[i].data)
            failed = !(r->data[i] = calloc(1, weft_tensor_bytes(&g->tensors[i])));
    if (failed) {
        weft_ref_free(r);
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for all %u tensors at once",
                              g->tensor_count);
    }
    *out = r;
    return WEFT_OK;
}

void weft_ref_free(weft_ref *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; r->data && i < r->graph->tensor_count; i++)
        free(r->data[i]);
    free(r->data);
    free(r);
}

/* Byte distance in the model's tensor for a step along each axis of the canonical one. */
static void port_pitches(const weft_port *p, size_t bytes, size_t *pitch)
{
    size_t of_axis[WEFT_MAX_RANK] = { 0 };
    size_t step = bytes;
    for (uint32_t i = p->rank; i-- > 0; step *= p->dims[i])
        of_axis[i] = step;
    for (uint32_t i = 0; i < p->rank; i++)
        pitch[i] = of_axis[p->perm[i]];
}

static void copy_element(const unsigned char *from, unsigned char *to, size_t bytes,
                         weft_dtype port, weft_dtype tensor, int to_model)
{
    if (port == WEFT_INT64 && tensor == WEFT_INT32 && !to_model) {
        int64_t wide;
        memcpy(&wide, from, sizeof wide);
        const int32_t narrow = wide > INT32_MAX   ? INT32_MAX
                               : wide < INT32_MIN ? INT32_MIN
                                                  : (int32_t)wide;
        memcpy(to, &narrow, sizeof narrow);
        return;
    }
    if (port == WEFT_INT64 && tensor == WEFT_INT32) {
        int32_t narrow;
        memcpy(&narrow, from, sizeof narrow);
        const int64_t wide = narrow;
        memcpy(to, &wide, sizeof wide);
        return;
    }
    memcpy(to, from, bytes);
    *to ^= port == WEFT_UINT8 && tensor == WEFT_INT8 ? 0x80 : 0;
}

/* Copy between the canonical tensor and the model's layout; uint8 <-> int8 flips the top bit, int32
 * and int64 become each other. */
static void copy_port(const weft_graph *g, const weft_port *p, unsigned char *canonical,
                      unsigned char *model, int to_model)
{
    const weft_tensor *t = &g->tensors[p->tensor];
    size_t bytes = weft_dtype_bytes(t->dtype), pitch[WEFT_MAX_RANK];
    uint32_t index[WEFT_MAX_RANK] = { 0 };
    port_pitches(p, weft_dtype_bytes(p->dtype), pitch);
    uint64_t count = weft_tensor_elements(t);
    for (uint64_t e = 0; e < count; e++) {
        unsigned char *c = canonical + e * bytes, *m = model;
        for (uint32_t i = 0; i < p->rank; i++)
            m += index[i] * pitch[i];
        copy_element(to_model ? c : m, to_model ? m : c, bytes, p->dtype, t->dtype, to_model);
        for (uint32_t i = p->rank; i-- > 0 && ++index[i] == t->dims[i];)
            index[i] = 0;
    }
}

int weft_ref_set_input(weft_ref *r, uint32_t port, const void *data, size_t bytes)
{
    const weft_graph *g = r->graph;
    if (port >= g->input_count || bytes != weft_port_bytes(g, &g->inputs[port]))
        return WEFT_ERR_ARG;
    const weft_port *p = &g->inputs[port];
    copy_port(g, p, r->data[p->tensor], (unsigned char *)(uintptr_t)data, 0);
    return WEFT_OK;
}

int weft_ref_get_output(const weft_ref *r, uint32_t port, void *data, size_t bytes)
{
    const weft_graph *g = r->graph;
    if (port >= g->output_count || bytes != weft_port_bytes(g, &g->outputs[port]))
        return WEFT_ERR_ARG;
    const weft_port *p = &g->outputs[port];
    copy_port(g, p, (unsigned char *)(uintptr_t)weft_ref_tensor(r, p->tensor), data, 1);
    return WEFT_OK;
}

const void *weft_ref_tensor(const weft_ref *r, uint32_t tensor)
{
    if (tensor >= r->graph->tensor_count)
        return NULL;
    const void *constant = r->graph->tensors[tensor].data;
    return constant ? constant : r->data[tensor];
}

/* Returns 1, or 0 if it was left off. */
static int run_node(const weft_graph *g, const weft_node *n, const void *const *in, void *out,
                    int (*is_over)(const void *), const void *whose)
{
    const run_op op = run_table[n->op];
    const uint64_t count = weft_tensor_elements(&g->tensors[n->output]);
    const uint64_t piece = PIECE_PRODUCTS / weft_node_products(g, n) + 1;
    if (op.whole) {
        op.whole(g, n, in, out);
        return 1;
    }
    for (uint64_t e = 0; e < count; e += piece) {
        if (is_over && is_over(whose))
            return 0;
        op.range(g, n, in, out, (ref_range){ e, e + piece < count ? e + piece : count });
    }
    return 1;
}

int weft_ref_run_until(weft_ref *r, int (*is_over)(const void *), const void *whose)
{
    const weft_graph *g = r->graph;
    for (uint32_t i = 0; i < g->node_count; i++) {
        const weft_node *n = &g->nodes[g->order[i]];
        const void *in[WEFT_MAX_INPUTS] = { NULL };
        for (uint32_t k = 0; k < n->input_count; k++)
            in[k] = n->inputs[k] == WEFT_NONE ? NULL : weft_ref_tensor(r, n->inputs[k]);
        if ((is_over && is_over(whose)) || !run_node(g, n, in, r->data[n->output], is_over, whose))
            return 0;
    }
    return 1;
}

void weft_ref_run(weft_ref *r)
{
    (void)weft_ref_run_until(r, NULL, NULL);
}
