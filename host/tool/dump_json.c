/* weft dump --json: everything that the text says, and lists whole that it cuts. */
#include <stdlib.h>

#include "dump.h"
#include "models/program/weft_file.h"
#include "rtl/isa/weft_disasm.h"

static void json_list(json *j, const char *name, const uint32_t *values, size_t count)
{
    json_open(j, name, '[');
    for (size_t i = 0; i < count; i++)
        json_number(j, NULL, values[i]);
    json_close(j, ']');
}

static void json_rows(json *j, uint32_t addr, uint32_t rows, uint32_t row_bytes, uint32_t pitch)
{
    json_number(j, "addr", addr);
    json_number(j, "rows", rows);
    json_number(j, "row_bytes", row_bytes);
    json_number(j, "pitch_bytes", pitch);
}

static const char *kind_name(weft_requant_kind kind)
{
    return kind == WEFT_REQUANT_ONNX ? "ONNX" : kind >= WEFT_REQUANT_REAL ? "LiteRT" : "TFLite";
}

void json_source(json *j, const weft_source *s)
{
    char crc[16];
    snprintf(crc, sizeof crc, "%08x", (unsigned)s->crc32);
    json_open(j, "source", '{');
    json_text(j, "kind", weft_source_kind_name(s->kind));
    if (s->kind != WEFT_SOURCE_NONE) {
        json_text(j, "name", s->name);
        json_text(j, "producer", s->producer);
        json_number(j, "bytes", (double)s->bytes);
        json_text(j, "crc32", crc);
        json_text(j, "options", s->options);
    }
    json_text(j, "made_by", s->made_by);
    json_close(j, '}');
}

static void json_port_step(json *j, const weft_host_step *s)
{
    json_open(j, NULL, '{');
    json_text(j, "op", dump_step_name(s));
    json_text(j, "kind", kind_name(s->kind));
    json_number(j, "scale", (double)s->scale);
    json_number(j, "zero_point", s->zero_point);
    json_number(j, "axis_length", s->axis_length);
    json_number(j, "beta", (double)s->beta);
    json_number(j, "inner", s->inner);
    json_bool(j, "last", s->last != 0);
    json_close(j, '}');
}

void json_ports(json *j, const char *name, const weft_program_port *ports, uint32_t count)
{
    json_open(j, name, '[');
    for (const weft_program_port *p = ports; p < ports + count; p++) {
        json_open(j, NULL, '{');
        json_text(j, "name", p->name);
        json_text(j, "type", weft_dtype_name(p->dtype));
        json_list(j, "dims", p->dims, p->rank);
        json_list(j, "axes", p->perm, p->rank);
        json_number(j, "scale", (double)p->model_scale);
        json_number(j, "zero_point", p->model_zero_point);
        json_number(j, "device_scale", (double)p->scale);
        json_number(j, "device_zero_point", p->zero_point);
        json_rows(j, p->addr, p->rows, p->row_bytes, p->pitch_bytes);
        json_open(j, "steps", '[');
        for (uint32_t i = 0; i < p->step_count; i++)
            json_port_step(j, &p->steps[i]);
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
}

void json_layers(json *j, const weft_program *p)
{
    json_open(j, "layers", '[');
    for (uint32_t i = 0; i < p->layer_count; i++) {
        const weft_program_layer *l = &p->layers[i];
        json_open(j, NULL, '{');
        json_text(j, "name", l->name);
        json_text(j, "op", weft_op_name((weft_op)l->op));
        json_number(j, "first_command", l->first_command);
        json_number(j, "commands", l->command_count);
        json_number(j, "macs", (double)l->macs);
        json_number(j, "predicted_cycles", (double)l->cycles);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void json_tensor(json *j, const weft_program_step *s, uint32_t tensor)
{
    const weft_graph *g = s->graph;
    const weft_tensor *t = &g->tensors[tensor];
    json_open(j, NULL, '{');
    json_text(j, "name", t->name);
    json_text(j, "type", weft_dtype_name(t->dtype));
    json_list(j, "dims", t->dims, t->rank);
    json_open(j, "scales", '[');
    for (uint32_t i = 0; i < t->quant.count; i++)
        json_number(j, NULL, (double)t->quant.scale[i]);
    json_close(j, ']');
    json_open(j, "zero_points", '[');
    for (uint32_t i = 0; i < t->quant.count; i++)
        json_number(j, NULL, t->quant.zero_point[i]);
    json_close(j, ']');
    json_bool(j, "constant", t->data != NULL);
    json_open(j, "memory", '[');
    for (uint32_t i = 0; i < g->input_count + g->output_count; i++) {
        const int in = i < g->input_count;
        const weft_rows *r = &s->rows[i];
        if ((in ? g->inputs[i].tensor : g->outputs[i - g->input_count].tensor) != tensor)
            continue;
        json_open(j, NULL, '{');
        json_bool(j, "written", !in);
        json_rows(j, r->addr, r->rows, r->row_bytes, r->pitch_bytes);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

static void json_operator(json *j, const weft_graph *g, const weft_node *n)
{
    json_open(j, NULL, '{');
    json_text(j, "op", weft_op_name(n->op));
    json_text(j, "name", n->name);
    json_text(j, "kind", kind_name(n->requant));
    json_open(j, "inputs", '[');
    for (uint32_t k = 0; k < n->input_count; k++)
        json_number(j, NULL, n->inputs[k] == WEFT_NONE ? -1.0 : n->inputs[k]); /* -1: absent */
    json_close(j, ']');
    json_number(j, "output", n->output);
    const size_t count = weft_file_attributes(g, n, NULL, 0);
    uint32_t *words = malloc((count + 1) * sizeof *words);
    if (words)
        weft_file_attributes(g, n, words, count);
    json_open(j, "attributes", '[');
    for (size_t i = 0; words && i < count; i++)
        json_number(j, NULL, (int32_t)words[i]);
    json_close(j, ']');
    free(words);
    json_close(j, '}');
}

static void json_host_steps(json *j, const weft_program *p)
{
    json_open(j, "host_steps", '[');
    for (const weft_program_step *s = p->steps; s < p->steps + p->step_count; s++) {
        json_open(j, NULL, '{');
        json_number(j, "before", s->before);
        json_open(j, "tensors", '[');
        for (uint32_t i = 0; i < s->graph->tensor_count; i++)
            json_tensor(j, s, i);
        json_close(j, ']');
        json_open(j, "operators", '[');
        for (uint32_t k = 0; k < s->graph->node_count; k++)
            json_operator(j, s->graph, &s->graph->nodes[k]);
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void json_commands(json *j, const weft_program *p)
{
    const uint8_t *at = p->image + (p->prog_addr - p->image_addr);
    json_open(j, "commands", '[');
    for (uint32_t i = 0; i < p->prog_count; i++) {
        char text[WEFT_DISASM_BYTES];
        at += dump_command(at, text);
        json_text(j, NULL, text);
    }
    json_close(j, ']');
}

void dump_json(const weft_program *p)
{
    json j = { .to = stdout };
    json_open(&j, NULL, '{');
    json_number(&j, "isa", p->isa_version);
    json_number(&j, "rows", p->hw.rows);
    json_number(&j, "cols", p->hw.cols);
    json_number(&j, "lanes", p->hw.lanes);
    json_number(&j, "fb_words", p->hw.fb_words);
    json_number(&j, "acc_depth", p->hw.acc_depth);
    json_number(&j, "mem_bytes", p->hw.mem_bytes);
    json_source(&j, &p->source);
    json_number(&j, "image_addr", p->image_addr);
    json_number(&j, "image_bytes", (double)p->image_bytes);
    json_number(&j, "prog_addr", p->prog_addr);
    json_number(&j, "win_base", p->win_base);
    json_number(&j, "win_limit", p->win_limit);
    json_ports(&j, "inputs", p->inputs, p->input_count);
    json_ports(&j, "outputs", p->outputs, p->output_count);
    json_layers(&j, p);
    json_host_steps(&j, p);
    json_commands(&j, p);
    json_close(&j, '}');
}
