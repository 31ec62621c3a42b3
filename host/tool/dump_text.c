/* weft dump as text: everything that a program holds, long lists cut. */
#include "dump.h"
#include "models/base/utf8.h"
#include "models/program/weft_file.h"
#include "rtl/isa/weft_disasm.h"

static void dump_tensor(const weft_program_step *s, uint32_t tensor)
{
    const weft_graph *g = s->graph;
    const weft_tensor *t = &g->tensors[tensor];
    printf("  tensor %u \"%s\": %s", (unsigned)tensor, WEFT_SHOWN(t->name),
           weft_dtype_name(t->dtype));
    for (uint32_t i = 0; i < t->rank; i++)
        printf("%c%u", i ? 'x' : ' ', (unsigned)t->dims[i]);
    if (t->quant.count)
        printf(", scale %.9g, zero point %d%s", (double)t->quant.scale[0],
               (int)t->quant.zero_point[0], t->quant.count > 1 ? " and more" : "");
    if (t->data)
        printf(", constant");
    for (uint32_t i = 0; i < g->input_count + g->output_count; i++) {
        const int in = i < g->input_count;
        const weft_rows *r = &s->rows[i];
        if ((in ? g->inputs[i].tensor : g->outputs[i - g->input_count].tensor) == tensor)
            printf(", %s 0x%08x, %u rows of %u bytes every %u", in ? "from" : "to",
                   (unsigned)r->addr, (unsigned)r->rows, (unsigned)r->row_bytes,
                   (unsigned)r->pitch_bytes);
    }
    putchar('\n');
}

/* As the words of the file, long lists cut. */
static void dump_attributes(const weft_graph *g, const weft_node *n)
{
    enum { MOST = 64 };
    uint32_t words[MOST];
    const size_t count = weft_file_attributes(g, n, words, MOST);
    for (size_t i = 0; i < count && i < MOST; i++)
        printf("%s%d", i ? " " : ", attributes ", (int)words[i]);
    printf("%s\n", count > MOST ? " ..." : "");
}

static void dump_step_graph(const weft_program *p, uint32_t number)
{
    const weft_program_step *s = &p->steps[number];
    const weft_graph *g = s->graph;
    printf("host step %u, before command %u:\n", (unsigned)number, (unsigned)s->before);
    for (uint32_t i = 0; i < g->tensor_count; i++)
        dump_tensor(s, i);
    for (uint32_t i = 0; i < g->node_count; i++) {
        const weft_node *n = &g->nodes[i];
        printf("  %s \"%s\" (%s):", weft_op_name(n->op), WEFT_SHOWN(n->name),
               n->requant == WEFT_REQUANT_ONNX   ? "ONNX"
               : n->requant >= WEFT_REQUANT_REAL ? "LiteRT"
                                                 : "TFLite");
        for (uint32_t k = 0; k < n->input_count; k++)
            if (n->inputs[k] == WEFT_NONE)
                printf(" none");
            else
                printf(" %u", (unsigned)n->inputs[k]);
        printf(" -> %u", (unsigned)n->output);
        dump_attributes(g, n);
    }
}

/* What stands in front of command i. */
static void dump_headings(const weft_program *p, uint32_t i, uint32_t *step, uint32_t *layer)
{
    for (; *step < p->step_count && p->steps[*step].before <= i; ++*step)
        dump_step_graph(p, *step);
    for (; *layer < p->layer_count && p->layers[*layer].first_command <= i; ++*layer)
        printf("layer %u \"%s\": %llu MACs, %llu cycles predicted\n", (unsigned)*layer,
               p->layers[*layer].name, (unsigned long long)p->layers[*layer].macs,
               (unsigned long long)p->layers[*layer].cycles);
}

static void dump_commands(const weft_program *p)
{
    const uint8_t *at = p->image + (p->prog_addr - p->image_addr);
    uint32_t step = 0, layer = 0;
    for (uint32_t i = 0; i < p->prog_count; i++) {
        char text[WEFT_DISASM_BYTES];
        dump_headings(p, i, &step, &layer);
        at += dump_command(at, text);
        printf("%6u %s\n", (unsigned)i, text);
    }
    dump_headings(p, p->prog_count, &step, &layer);
}

static void dump_step(const weft_host_step *s)
{
    printf(", %s", dump_step_name(s));
    if (s->axis_length)
        printf(" of %u", (unsigned)s->axis_length);
    if (s->beta != 1.0f)
        printf(" with beta %.9g", (double)s->beta);
    if (s->inner)
        printf(" every %u, the %s of equals", (unsigned)s->inner, s->last ? "last" : "first");
}

static void dump_port(const weft_program_port *p, const char *what)
{
    printf("%s \"%s\": %s", what, WEFT_SHOWN(p->name), weft_dtype_name(p->dtype));
    for (uint32_t i = 0; i < p->rank; i++)
        printf("%c%u", i ? 'x' : ' ', (unsigned)p->dims[i]);
    printf(", axes");
    for (uint32_t i = 0; i < p->rank; i++)
        printf(" %u", (unsigned)p->perm[i]);
    printf(
        ", scale %.9g, zero point %d, on the device scale %.9g, zero point %d, at 0x%08x, %u rows "
        "of %u bytes every %u",
        (double)p->model_scale, (int)p->model_zero_point, (double)p->scale, (int)p->zero_point,
        (unsigned)p->addr, (unsigned)p->rows, (unsigned)p->row_bytes, (unsigned)p->pitch_bytes);
    for (uint32_t i = 0; i < p->step_count; i++)
        dump_step(&p->steps[i]);
    putchar('\n');
}

static void print_maker(const weft_source *s)
{
    printf("%s%s\n", s->made_by[0] ? ", compiled by " : "", s->made_by);
}

void print_source(const weft_source *s)
{
    if (s->kind == WEFT_SOURCE_NONE) {
        printf("from a network made in memory, not of a model file");
        print_maker(s);
        return;
    }
    printf("from %s%s%s: %s%s%s, %llu bytes, CRC-32 %08x", s->name[0] ? "\"" : "",
           s->name[0] ? WEFT_SHOWN(s->name) : "a model without a name", s->name[0] ? "\"" : "",
           weft_source_kind_name(s->kind), s->producer[0] ? " by " : "", WEFT_SHOWN(s->producer),
           (unsigned long long)s->bytes, (unsigned)s->crc32);
    printf("%s%s", s->options[0] ? ", options " : "", WEFT_SHOWN(s->options));
    print_maker(s);
}

void dump_text(const weft_program *p)
{
    printf("ISA %u, %ux%u, %u lanes, %u words, %u accumulators, memory port of %u bytes\n",
           (unsigned)p->isa_version, (unsigned)p->hw.rows, (unsigned)p->hw.cols,
           (unsigned)p->hw.lanes, (unsigned)p->hw.fb_words, (unsigned)p->hw.acc_depth,
           (unsigned)p->hw.mem_bytes);
    print_source(&p->source);
    printf("image 0x%08x, %zu bytes; commands 0x%08x, %u of them; window 0x%08x to 0x%08x\n",
           (unsigned)p->image_addr, p->image_bytes, (unsigned)p->prog_addr, (unsigned)p->prog_count,
           (unsigned)p->win_base, (unsigned)p->win_limit);
    for (uint32_t i = 0; i < p->input_count; i++)
        dump_port(&p->inputs[i], "input");
    for (uint32_t i = 0; i < p->output_count; i++)
        dump_port(&p->outputs[i], "output");
    dump_commands(p);
}
