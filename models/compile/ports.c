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

static weft_host_step step_of(const schedule *sched, const weft_node *n)
{
    const weft_tensor *x = &sched->net->g->tensors[n->inputs[0]],
                      *y = &sched->net->g->tensors[n->output];
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

static int refuse_ends(schedule *sched, const char *name, const char *why)
{
    return weft_error_set(sched->work.err, WEFT_ERR_UNSUPPORTED, "\"%s\": %s", name, why);
}

static int add_step(schedule *sched, weft_program_port *to, const weft_node *n, int in_front)
{
    if (n->op == WEFT_OP_RESHAPE || n->op == WEFT_OP_TABLE)
        return WEFT_OK; /* on the host these change nothing: split.c */
    if ((n->op != WEFT_OP_QUANTIZE && n->op != WEFT_OP_DEQUANTIZE && n->op != WEFT_OP_SOFTMAX &&
         n->op != WEFT_OP_LOG_SOFTMAX && n->op != WEFT_OP_ARGMAX) ||
        to->step_count == WEFT_MAX_HOST_STEPS)
        return refuse_ends(sched, n->name, "the host does not do this on float32 tensors");
    uint32_t at = in_front ? 0 : to->step_count;
    for (uint32_t i = to->step_count; i > at; i--)
        to->steps[i] = to->steps[i - 1];
    to->steps[at] = step_of(sched, n);
    to->step_count++;
    return WEFT_OK;
}

/* From a graph input forward to the tensor in device memory: the int8 one that the port makes of it,
 * or itself. */
static int input_chain(schedule *sched, const weft_port *port, weft_program_port *to,
                       uint32_t *tensor)
{
    *tensor = port->tensor;
    while (sched->net->home[*tensor] != HOME_INPUT) {
        const weft_tensor *t = &sched->net->g->tensors[*tensor];
        const weft_node *n =
            &sched->net->g->nodes[t->consumers[0]]; /* split.c: it is the only one */
        int rc = add_step(sched, to, n, 0);
        if (rc != WEFT_OK)
            return rc;
        *tensor = n->output;
    }
    return WEFT_OK;
}

static int output_chain(schedule *sched, const weft_port *port, weft_program_port *to,
                        uint32_t *tensor)
{
    const uint32_t end = split_output_tensor(sched->net, port->tensor);
    for (*tensor = port->tensor; *tensor != end;) {
        const weft_node *n = &sched->net->g->nodes[sched->net->g->tensors[*tensor].producer];
        int rc = add_step(sched, to, n, 1);
        if (rc != WEFT_OK)
            return rc;
        *tensor = n->inputs[0];
    }
    return WEFT_OK;
}

/* What the numbers of the model's tensor mean; float32 and positions mean themselves. */
static void model_quant(const network *net, const weft_port *port, weft_program_port *to)
{
    const weft_quant *q = &net->g->tensors[port->tensor].quant;
    if (port->dtype != WEFT_INT8 && port->dtype != WEFT_UINT8)
        return;
    to->model_scale = weft_quant_scale(q, 0);
    to->model_zero_point = weft_quant_zero_point(q, 0) + (port->dtype == WEFT_UINT8 ? 128 : 0);
}

int port_make(schedule *sched, const weft_port *port, int is_input, weft_program_port *to)
{
    uint32_t tensor;
    int rc =
        is_input ? input_chain(sched, port, to, &tensor) : output_chain(sched, port, to, &tensor);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t k = sched->low->area_of[tensor];
    if (k == NO_AREA || (is_input && !sched->low->areas[k].is_input))
        return refuse_ends(sched, port->name,
                           "there is nothing for the device between the float ends");
    const area *a = &sched->low->areas[k];
    const storage *at = &sched->storage[k];
    to->name = copy_text(port->name);
    if (!to->name)
        return work_no_memory(&sched->work);
    to->dtype = port->dtype;
    to->rank = port->rank;
    memcpy(to->dims, port->dims, sizeof to->dims);
    memcpy(to->perm, port->perm, sizeof to->perm);
    if (sched->net->g->tensors[tensor].dtype == WEFT_INT8) {
        to->scale = weft_quant_scale(&sched->net->g->tensors[tensor].quant, 0);
        to->zero_point = weft_quant_zero_point(&sched->net->g->tensors[tensor].quant, 0);
    }
    model_quant(sched->net, port, to);
    to->addr = sched->net->base + (uint32_t)sched->low->image_bytes + at->addr;
    to->rows = a->rows;
    to->row_bytes = a->row_bytes;
    to->pitch_bytes = at->pitch_bytes;
    return WEFT_OK;
}

/* "first .. last" for a chain, cut to what the file format takes. */
static char *name_of(const schedule *sched, uint32_t i)
{
    enum { MOST = 255, PART = 120 };
    const uint32_t last = i + sched->tilings[i].chain - 1;
    const char *a = sched->low->layers[i].name, *b = sched->low->layers[last].name;
    char text[MOST + 1];
    if (last == i)
        return copy_text(a);
    (void)snprintf(text, sizeof text, "%.*s .. %.*s", PART, a ? a : "", PART, b ? b : "");
    return copy_text(text);
}

int layer_make(schedule *sched, uint32_t i, weft_program_layer *to)
{
    const layer *l = &sched->low->layers[i];
    const tiling *t = &sched->tilings[i];
    const weft_node *n = &sched->net->g->nodes[l->node];
    if (l->kind == LAYER_HOST) {
        uint8_t *needed = work_alloc(&sched->work, sched->net->g->node_count + 1u);
        if (!needed)
            return WEFT_ERR_NO_MEMORY;
        n = step_subject(sched->net, l, needed);
    }
    *to = (weft_program_layer){ .name =
                                    l->kind == LAYER_HOST ? copy_text(n->name) : name_of(sched, i),
                                .op = (uint32_t)n->op,
                                .first_command = t->first_command,
                                .command_count = t->command_count,
                                .cycles = t->cycles };
    for (uint32_t k = i; k < i + t->chain; k++)
        to->macs += sched->low->layers[k].macs;
    return to->name ? WEFT_OK : work_no_memory(&sched->work);
}
