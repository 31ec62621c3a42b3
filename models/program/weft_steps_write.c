/* Section HOST, written: steps as graphs of reference operators; read back in weft_steps.c. */
#include "weft_steps.h"

#include <stdlib.h>
#include <string.h>

#include "weft_attr.h"
#include "weft_file.h"

static uint32_t port_of(const weft_port *ports, uint32_t count, uint32_t tensor)
{
    uint32_t i = 0;
    while (i < count && ports[i].tensor != tensor)
        i++;
    return i;
}

static void write_rows(sink *s, const weft_rows *r)
{
    sink_u32(s, r->addr);
    sink_u32(s, r->rows);
    sink_u32(s, r->row_bytes);
    sink_u32(s, r->pitch_bytes);
}

static void write_data(sink *s, const weft_tensor *t)
{
    const size_t bytes = weft_tensor_bytes(t);
    if (weft_dtype_bytes(t->dtype) == 1) {
        sink_put(s, t->data, bytes);
        sink_padding(s, bytes);
        return;
    }
    for (size_t i = 0; i < bytes; i += 4) {
        uint32_t bits;
        memcpy(&bits, (const uint8_t *)t->data + i, 4);
        sink_u32(s, bits);
    }
}

static void write_tensor(sink *s, const weft_program_step *step, uint32_t tensor)
{
    const weft_graph *g = step->graph;
    const weft_tensor *t = &g->tensors[tensor];
    const uint32_t in = port_of(g->inputs, g->input_count, tensor);
    const uint32_t out = port_of(g->outputs, g->output_count, tensor);
    sink_text(s, t->name);
    sink_u32(s, (uint32_t)t->dtype);
    sink_u32(s, t->rank);
    for (uint32_t i = 0; i < t->rank; i++)
        sink_u32(s, t->dims[i]);
    sink_u32(s, t->quant.count);
    if (t->quant.count > 1)
        sink_u32(s, t->quant.axis);
    for (uint32_t i = 0; i < t->quant.count; i++) {
        sink_float(s, t->quant.scale[i]);
        sink_u32(s, (uint32_t)t->quant.zero_point[i]);
    }
    if (t->data) {
        sink_u32(s, ROLE_CONSTANT);
        write_data(s, t);
    } else if (in < g->input_count) {
        sink_u32(s, ROLE_INPUT);
        write_rows(s, &step->rows[in]);
    } else if (out < g->output_count) {
        sink_u32(s, ROLE_OUTPUT);
        write_rows(s, &step->rows[g->input_count + out]);
    } else {
        sink_u32(s, ROLE_BETWEEN);
    }
}

static void write_node(sink *s, const weft_graph *g, const weft_node *from)
{
    weft_node n = *from;
    attr_file f = { .out = s };
    sink_text(s, n.name);
    sink_u32(s, (uint32_t)n.op);
    sink_u32(s, (uint32_t)n.requant);
    sink_u32(s, n.output);
    sink_u32(s, n.input_count);
    for (uint32_t i = 0; i < n.input_count; i++)
        sink_u32(s, n.inputs[i]);
    attr_code(&f, &n, &g->tensors[n.output]);
}

size_t weft_file_attributes(const weft_graph *g, const weft_node *n, uint32_t *words, size_t most)
{
    sink s = { 0 };
    attr_file f = { .out = &s };
    weft_node copy = *n;
    attr_code(&f, &copy, &g->tensors[n->output]);
    const size_t count = s.failed ? 0 : s.count / 4;
    view v = { .at = s.bytes, .bytes = s.count };
    for (size_t i = 0; i < count && i < most && words; i++)
        words[i] = view_u32(&v);
    free(s.bytes);
    return count;
}

void steps_write(sink *s, const weft_program *p)
{
    sink_u32(s, p->step_count);
    for (uint32_t i = 0; i < p->step_count; i++) {
        const weft_program_step *step = &p->steps[i];
        const weft_graph *g = step->graph;
        sink_u32(s, step->before);
        sink_u32(s, g->tensor_count);
        sink_u32(s, g->node_count);
        for (uint32_t k = 0; k < g->tensor_count; k++)
            write_tensor(s, step, k);
        for (uint32_t k = 0; k < g->node_count; k++)
            write_node(s, g, &g->nodes[k]);
    }
}
