/* Section HOST: steps as graphs of reference operators, read through the checker of graphs.  The
 * names of tensors and operators are kept for messages. */
#include "weft_steps.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "weft_attr.h"
#include "weft_file.h"

/* Of all tensors together; and what all operators read and write. */
#define MOST_ELEMENTS WEFT_MAX_ELEMENTS
#define MOST_WORK     (8 * WEFT_MAX_ELEMENTS)
/* Of all operators together: a minute of the host's.  VGG-16 at 224x224 has a quarter. */
#define MOST_PRODUCTS ((uint64_t)1 << 36)

static uint64_t touched(const weft_graph *g, const weft_node *n)
{
    uint64_t sum = weft_tensor_elements(&g->tensors[n->output]);
    for (uint32_t i = 0; i < n->input_count; i++)
        if (n->inputs[i] != WEFT_NONE)
            sum += weft_tensor_elements(&g->tensors[n->inputs[i]]);
    return sum;
}

int steps_fit(const weft_program *p)
{
    uint64_t nodes = 0, elements = 0, work = 0;
    for (uint32_t i = 0; i < p->step_count; i++) {
        const weft_graph *g = p->steps[i].graph;
        nodes += g->node_count;
        if (g->tensor_count > WEFT_FILE_MAX_STEP_TENSORS)
            return 0;
        for (uint32_t k = 0; k < g->tensor_count; k++) {
            elements += weft_tensor_elements(&g->tensors[k]);
            if (g->tensors[k].quant.count > WEFT_FILE_MAX_CHANNELS)
                return 0;
        }
        for (uint32_t k = 0; k < g->node_count; k++)
            work += touched(g, &g->nodes[k]);
    }
    return nodes <= WEFT_FILE_MAX_STEP_NODES && elements <= MOST_ELEMENTS && work <= MOST_WORK;
}

/* --- in ----------------------------------------------------------------------------------- */

/* A step while it is read. */
typedef struct reading {
    view *v;
    weft_program_step *step;
    uint64_t *room; /* elements that may still come, of all steps */
    uint64_t *work; /* likewise elements that operators read and write, which bounds the checks */
    weft_rows *rows[2];
    uint32_t count[2]; /* of the step's inputs and outputs */
} reading;

/* Keep the outcome of a call that builds the graph. */
static int built(view *v, int rc)
{
    v->no_memory |= rc == WEFT_ERR_NO_MEMORY;
    v->bad |= rc != WEFT_OK;
    return rc == WEFT_OK;
}

/* float32 scales and int32 zero points, one after the other, into two arrays; the caller frees. */
static void read_quant(view *v, weft_quant *q, float **scale, int32_t **zero_point)
{
    q->count = view_count(v, WEFT_FILE_MAX_CHANNELS, 8);
    q->axis = q->count > 1 ? view_u32(v) : 0;
    *scale = view_array(v, q->count, sizeof **scale);
    *zero_point = view_array(v, q->count, sizeof **zero_point);
    for (uint32_t i = 0; i < q->count && !v->bad; i++) {
        (*scale)[i] = view_float(v);
        (*zero_point)[i] = view_i32(v);
    }
    q->scale = *scale;
    q->zero_point = *zero_point;
}

static uint64_t elements(const weft_tensor_desc *d)
{
    uint64_t count = 1;
    for (uint32_t i = 0; i < d->rank && count <= WEFT_MAX_ELEMENTS; i++)
        count *= d->dims[i];
    return count;
}

/* The data of a constant, the caller's to free. */
static void *read_data(view *v, const weft_tensor_desc *d)
{
    const size_t unit = weft_dtype_bytes(d->dtype), bytes = (size_t)elements(d) * unit;
    if (bytes > v->bytes || (unit != 1 && unit != 4)) {
        v->bad = 1;
        return NULL;
    }
    uint8_t *data = malloc(bytes + 1);
    if (!data) {
        v->bad = v->no_memory = 1;
        return NULL;
    }
    if (unit == 1) {
        memcpy(data, view_take(v, bytes), bytes);
        view_padding(v, bytes);
    }
    for (size_t i = 0; i < bytes && unit == 4; i += 4) {
        const uint32_t bits = view_u32(v);
        memcpy(data + i, &bits, 4);
    }
    return data;
}

static void read_port(reading *r, const weft_tensor_desc *d, uint32_t tensor, int is_output)
{
    view *v = r->v;
    weft_rows *grown =
        realloc(r->rows[is_output], (r->count[is_output] + (size_t)1) * sizeof *grown);
    if (!grown) {
        v->bad = v->no_memory = 1;
        return;
    }
    r->rows[is_output] = grown;
    weft_rows *to = &grown[r->count[is_output]++];
    to->addr = view_u32(v);
    to->rows = view_u32(v);
    to->row_bytes = view_u32(v);
    to->pitch_bytes = view_u32(v);
    weft_port port = { .name = d->name, .dtype = d->dtype, .rank = d->rank, .tensor = tensor };
    memcpy(port.dims, d->dims, sizeof port.dims);
    for (uint32_t i = 0; i < port.rank; i++)
        port.perm[i] = i;
    weft_graph *g = r->step->graph;
    (void)built(v, is_output ? weft_graph_add_output(g, &port) : weft_graph_add_input(g, &port));
}

static void read_tensor(reading *r)
{
    view *v = r->v;
    weft_tensor_desc d = { 0 };
    float *scale = NULL;
    int32_t *zero_point = NULL;
    uint32_t tensor;
    char *name = view_text(v);
    d.name = name;
    d.dtype = (weft_dtype)view_enum(v, WEFT_BOOL + 1);
    d.rank = view_count(v, WEFT_MAX_RANK, 4);
    for (uint32_t i = 0; i < d.rank; i++)
        d.dims[i] = view_u32(v);
    read_quant(v, &d.quant, &scale, &zero_point);
    const uint32_t role = view_enum(v, ROLES);
    void *data = !v->bad && role == ROLE_CONSTANT ? read_data(v, &d) : NULL;
    d.data = data;
    v->bad |= elements(&d) > *r->room;
    if (!v->bad && built(v, weft_graph_add_tensor(r->step->graph, &d, &tensor))) {
        *r->room -= elements(&d);
        if (role == ROLE_INPUT || role == ROLE_OUTPUT)
            read_port(r, &d, tensor, role == ROLE_OUTPUT);
    }
    free(data);
    free(scale);
    free(zero_point);
    free(name);
}

/* Checking an operator costs time in proportion to its tensors, which many may share. */
static int affords(const reading *r, const weft_node *n, const uint32_t *inputs)
{
    const weft_graph *g = r->step->graph;
    for (uint32_t i = 0; i <= n->input_count; i++) {
        const uint32_t tensor = i < n->input_count ? inputs[i] : n->output;
        const uint64_t elements =
            tensor < g->tensor_count ? weft_tensor_elements(&g->tensors[tensor]) : 0;
        if (elements > *r->work)
            return 0;
        *r->work -= elements;
    }
    return 1;
}

static void read_node(reading *r)
{
    view *v = r->v;
    weft_graph *g = r->step->graph;
    uint32_t inputs[WEFT_MAX_INPUTS];
    char *name = view_text(v);
    weft_node n = { .op = (weft_op)view_enum(v, WEFT_OP_COUNT) };
    n.requant = (weft_requant_kind)view_enum(v, WEFT_REQUANT_COUNT);
    n.output = view_u32(v);
    n.input_count = view_count(v, WEFT_MAX_INPUTS, 4);
    for (uint32_t i = 0; i < n.input_count; i++)
        inputs[i] = view_u32(v);
    v->bad |= n.output >= g->tensor_count || !affords(r, &n, inputs);
    attr_file f = { .in = v };
    if (!v->bad)
        attr_code(&f, &n, &g->tensors[n.output]);
    const weft_node_desc d = { .op = n.op,
                               .name = name,
                               .requant = n.requant,
                               .input_count = n.input_count,
                               .inputs = inputs,
                               .output = n.output,
                               .attr = &n.attr };
    if (!v->bad)
        (void)built(v, weft_graph_add_node(g, &d, NULL));
    for (size_t i = 0; i < sizeof f.lists / sizeof *f.lists; i++)
        free(f.lists[i]);
    free(name);
}

static void read_step(view *v, weft_program_step *step, uint64_t *room, uint64_t *work,
                      uint32_t *nodes_left)
{
    reading r = { .v = v, .step = step, .room = room, .work = work };
    step->before = view_u32(v);
    const uint32_t tensors = view_count(v, WEFT_FILE_MAX_STEP_TENSORS, 20);
    const uint32_t nodes = view_count(v, *nodes_left, 20);
    if (v->bad || !built(v, weft_graph_new(&step->graph)))
        return;
    *nodes_left -= nodes;
    for (uint32_t i = 0; i < tensors && !v->bad; i++)
        read_tensor(&r);
    for (uint32_t i = 0; i < nodes && !v->bad; i++)
        read_node(&r);
    step->rows = view_array(v, r.count[0] + r.count[1], sizeof *step->rows);
    if (step->rows && r.count[0])
        memcpy(step->rows, r.rows[0], r.count[0] * sizeof *step->rows);
    if (step->rows && r.count[1])
        memcpy(step->rows + r.count[0], r.rows[1], r.count[1] * sizeof *step->rows);
    free(r.rows[0]);
    free(r.rows[1]);
    if (!v->bad)
        (void)built(v, weft_graph_check(step->graph, NULL));
}

void steps_read(view *v, weft_program *p)
{
    uint64_t room = MOST_ELEMENTS, work = MOST_WORK;
    uint32_t nodes = WEFT_FILE_MAX_STEP_NODES;
    const uint32_t steps = view_count(v, WEFT_FILE_MAX_STEP_NODES, 12);
    p->steps = view_array(v, steps, sizeof *p->steps);
    while (!v->bad && p->step_count < steps)
        read_step(v, &p->steps[p->step_count++], &room, &work, &nodes);
}

/* --- soundness ---------------------------------------------------------------------------- */

#define REFUSE(...) weft_error_set(err, WEFT_ERR_FORMAT, __VA_ARGS__)

static int check_port(const weft_program *p, const weft_tensor *t, const weft_rows *r,
                      weft_error *err)
{
    const uint64_t bytes = (uint64_t)r->rows * r->pitch_bytes;
    if ((t->dtype != WEFT_INT8 && t->dtype != WEFT_FLOAT32 && t->dtype != WEFT_INT32) ||
        (uint64_t)r->rows * r->row_bytes != weft_tensor_bytes(t))
        return REFUSE("tensor \"%s\" of a host step is not the rows it lies in", t->name);
    if (r->pitch_bytes < r->row_bytes || r->pitch_bytes % p->hw.mem_bytes ||
        r->addr % p->hw.mem_bytes || r->addr < p->win_base || r->addr + bytes > p->win_limit)
        return REFUSE("tensor \"%s\" of a host step does not lie in the window of device memory",
                      t->name);
    return WEFT_OK;
}

/* What all steps together compute: bounded, as a few bytes can ask for hours. */
static int check_products(const weft_program *p, weft_error *err)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < p->step_count; i++) {
        const weft_graph *g = p->steps[i].graph;
        for (uint32_t k = 0; k < g->node_count && sum <= MOST_PRODUCTS; k++) {
            const uint64_t each = weft_node_products(g, &g->nodes[k]);
            const uint64_t elements = weft_tensor_elements(&g->tensors[g->nodes[k].output]);
            sum = each > MOST_PRODUCTS / elements ? MOST_PRODUCTS + 1 : sum + each * elements;
        }
    }
    if (sum <= MOST_PRODUCTS)
        return WEFT_OK;
    return REFUSE("the host steps take more than %" PRIu64
                  " products, which nobody wants to wait for: run these operators on the device",
                  MOST_PRODUCTS);
}

int steps_check(const weft_program *p, weft_error *err)
{
    uint32_t before = 0;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < p->step_count && rc == WEFT_OK; i++) {
        const weft_program_step *s = &p->steps[i];
        const weft_graph *g = s->graph;
        if (s->before < before || s->before > p->prog_count)
            return REFUSE("host step %" PRIu32 " is not in order with the commands", i);
        if (!g || !g->checked)
            return REFUSE("host step %" PRIu32 " has not been checked", i);
        before = s->before;
        for (uint32_t k = 0; k < g->input_count && rc == WEFT_OK; k++)
            rc = check_port(p, &g->tensors[g->inputs[k].tensor], &s->rows[k], err);
        for (uint32_t k = 0; k < g->output_count && rc == WEFT_OK; k++)
            rc =
                check_port(p, &g->tensors[g->outputs[k].tensor], &s->rows[g->input_count + k], err);
    }
    return rc == WEFT_OK ? check_products(p, err) : rc;
}

void steps_free(weft_program *p)
{
    for (uint32_t i = 0; i < p->step_count; i++) {
        weft_graph_free(p->steps[i].graph);
        free(p->steps[i].rows);
    }
    free(p->steps);
}
