/* Inputs and outputs of a program: the device's tensor behind each of the graph's, and what the
 * host does between them. */
#include "ports.h"

#include <stdio.h>
#include <stdlib.h>

#include "models/compile/front/split.h"

static char *copy_text(const char *text)
{
    size_t bytes = strlen(text ? text : "") + 1;
    char *copy = malloc(bytes);
    if (copy)
        memcpy(copy, text ? text : "", bytes);
    return copy;
}

static void position_of(const weft_node *n, const weft_tensor *x, weft_host_step *s)
{
    const weft_argmax *a = &n->attr.argmax;
    s->op = a->smallest ? WEFT_HOST_ARGMIN : WEFT_HOST_ARGMAX;
    s->axis_length = x->dims[a->axis];
    s->last = a->last != 0;
    s->inner = 1;
    for (uint32_t i = a->axis + 1; i < x->rank; i++)
        s->inner *= x->dims[i];
}

static weft_host_step step_of(const plan *p, const weft_node *n)
{
    const weft_tensor *x = &p->g->tensors[n->inputs[0]], *y = &p->g->tensors[n->output];
    const weft_quant *q = n->op == WEFT_OP_QUANTIZE ? &y->quant : &x->quant;
    weft_host_step s = { .kind = n->requant, .beta = 1.0f };
    const int is_int8 = x->dtype == WEFT_INT8;
    switch (n->op) {
    case WEFT_OP_QUANTIZE: s.op = WEFT_HOST_QUANTIZE; break;
    case WEFT_OP_DEQUANTIZE: s.op = WEFT_HOST_DEQUANTIZE; break;
    case WEFT_OP_SOFTMAX: s.op = is_int8 ? WEFT_HOST_SOFTMAX_INT8 : WEFT_HOST_SOFTMAX; break;
    case WEFT_OP_ARGMAX: position_of(n, x, &s); break;
    default: s.op = is_int8 ? WEFT_HOST_LOG_SOFTMAX_INT8 : WEFT_HOST_LOG_SOFTMAX; break;
    }
    if (n->op == WEFT_OP_SOFTMAX)
        s.beta = n->attr.softmax.beta;
    if (n->op == WEFT_OP_SOFTMAX || n->op == WEFT_OP_LOG_SOFTMAX)
        s.axis_length = y->rank ? y->dims[y->rank - 1] : 1;
    if (q->count) {
        s.scale = weft_quant_scale(q, 0);
        s.zero_point = weft_quant_zero_point(q, 0);
    }
    return s;
}

static int refuse_ends(plan *p, const char *name, const char *why)
{
    return weft_error_set(p->err, WEFT_ERR_UNSUPPORTED, "\"%s\": %s", name, why);
}

static int add_step(plan *p, weft_program_port *to, const weft_node *n, int in_front)
{
    if (n->op == WEFT_OP_RESHAPE || n->op == WEFT_OP_TABLE)
        return WEFT_OK; /* on the host these change nothing: split.c */
    if ((n->op != WEFT_OP_QUANTIZE && n->op != WEFT_OP_DEQUANTIZE && n->op != WEFT_OP_SOFTMAX &&
         n->op != WEFT_OP_LOG_SOFTMAX && n->op != WEFT_OP_ARGMAX) ||
        to->step_count == WEFT_MAX_HOST_STEPS)
        return refuse_ends(p, n->name, "the host does not do this on float32 tensors");
    uint32_t at = in_front ? 0 : to->step_count;
    for (uint32_t i = to->step_count; i > at; i--)
        to->steps[i] = to->steps[i - 1];
    to->steps[at] = step_of(p, n);
    to->step_count++;
    return WEFT_OK;
}

/* From a graph input forward to the int8 tensor that the device reads. */
static int input_chain(plan *p, const weft_port *port, weft_program_port *to, uint32_t *tensor)
{
    *tensor = port->tensor;
    while (p->g->tensors[*tensor].dtype != WEFT_INT8) {
        const weft_tensor *t = &p->g->tensors[*tensor];
        if (t->consumer_count != 1)
            return refuse_ends(p, port->name, "a float32 input must have exactly one reader");
        const weft_node *n = &p->g->nodes[t->consumers[0]];
        int rc = add_step(p, to, n, 0);
        if (rc != WEFT_OK)
            return rc;
        *tensor = n->output;
    }
    return WEFT_OK;
}

static int output_chain(plan *p, const weft_port *port, weft_program_port *to, uint32_t *tensor)
{
    const uint32_t end = plan_output_tensor(p, port->tensor);
    for (*tensor = port->tensor; *tensor != end;) {
        const weft_node *n = &p->g->nodes[p->g->tensors[*tensor].producer];
        int rc = add_step(p, to, n, 1);
        if (rc != WEFT_OK)
            return rc;
        *tensor = n->inputs[0];
    }
    return WEFT_OK;
}

/* What the numbers of the model's tensor mean; float32 and positions mean themselves. */
static void model_quant(const plan *p, const weft_port *port, weft_program_port *to)
{
    const weft_quant *q = &p->g->tensors[port->tensor].quant;
    if (port->dtype != WEFT_INT8 && port->dtype != WEFT_UINT8)
        return;
    to->model_scale = weft_quant_scale(q, 0);
    to->model_zero_point = weft_quant_zero_point(q, 0) + (port->dtype == WEFT_UINT8 ? 128 : 0);
}

int port_make(plan *p, const weft_port *port, int is_input, weft_program_port *to)
{
    uint32_t tensor;
    int rc = is_input ? input_chain(p, port, to, &tensor) : output_chain(p, port, to, &tensor);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t k = p->area_of[tensor];
    if (k == NO_AREA || (is_input && !p->areas[k].is_input))
        return refuse_ends(p, port->name, "there is nothing for the device between the float ends");
    const area *a = &p->areas[k];
    to->name = copy_text(port->name);
    if (!to->name)
        return plan_no_memory(p);
    to->dtype = port->dtype;
    to->rank = port->rank;
    memcpy(to->dims, port->dims, sizeof to->dims);
    memcpy(to->perm, port->perm, sizeof to->perm);
    model_quant(p, port, to);
    to->scale = weft_quant_scale(&p->g->tensors[tensor].quant, 0);
    to->zero_point = weft_quant_zero_point(&p->g->tensors[tensor].quant, 0);
    to->addr = p->base + (uint32_t)p->image_bytes + a->addr;
    to->rows = a->rows;
    to->row_bytes = a->row_bytes;
    to->pitch_bytes = a->pitch_bytes;
    return WEFT_OK;
}

/* "first .. last" for a chain, cut to what the file format takes. */
static char *name_of(const plan *p, uint32_t i)
{
    enum { MOST = 255, PART = 120 };
    const uint32_t last = i + p->layers[i].chain - 1;
    const char *a = p->layers[i].name, *b = p->layers[last].name;
    char text[MOST + 1];
    if (last == i)
        return copy_text(a);
    (void)snprintf(text, sizeof text, "%.*s .. %.*s", PART, a ? a : "", PART, b ? b : "");
    return copy_text(text);
}

int layer_make(plan *p, uint32_t i, weft_program_layer *to)
{
    const layer *l = &p->layers[i];
    const weft_node *n = &p->g->nodes[l->node];
    if (l->kind == LAYER_HOST) {
        uint8_t *needed = plan_alloc(p, p->g->node_count + 1u);
        if (!needed)
            return WEFT_ERR_NO_MEMORY;
        n = plan_step_subject(p, l, needed);
    }
    *to = (weft_program_layer){ .name = l->kind == LAYER_HOST ? copy_text(n->name) : name_of(p, i),
                                .op = (uint32_t)n->op,
                                .first_command = l->first_command,
                                .command_count = l->command_count,
                                .cycles = l->cycles };
    for (uint32_t k = i; k < i + l->chain; k++)
        to->macs += p->layers[k].macs;
    return to->name ? WEFT_OK : plan_no_memory(p);
}
