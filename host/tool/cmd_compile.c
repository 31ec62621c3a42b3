/* weft compile, info, devices: what needs no run. */
#include <stdlib.h>
#include <string.h>

#include "dump.h"
#include "models/base/files.h"
#include "models/base/utf8.h"
#include "models/compile/weft_compile.h"
#include "tool.h"

/* The options that describe a device; of lanes, 0 stands for as many as columns. */
typedef struct hw_options {
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, option, unit, doc)          \
    uint64_t name;
#define HW_PART(NAME, name, bit, key, doc) uint64_t has_##name;
#include "rtl/isa/weft_isa.def"
} hw_options;

enum { HW_OPTIONS = sizeof(hw_options) / sizeof(uint64_t) };

static uint32_t clip(uint64_t v)
{
    return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

/* Set the defaults and write the HW_OPTIONS options to `to`. */
static void list_hw_options(hw_options *h, option *to)
{
    const weft_hw d = weft_hw_default(256u << 20);
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, word, unit, doc)            \
    h->name = d.name;                                                                              \
    *to++ = (option){ "--" word, OPTION_NUMBER, &h->name, doc };
#define HW_PART(NAME, name, bit, key, doc)                                                         \
    h->has_##name = 1;                                                                             \
    *to++ = (option){ "--" key, OPTION_NUMBER, &h->has_##name, "0: without " doc };
#include "rtl/isa/weft_isa.def"
    h->lanes = 0;
}

static int read_hw(tool *t, const hw_options *h, weft_hw *to)
{
    *to = (weft_hw){
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, option, unit, doc)          \
    .name = clip(h->name),
#include "rtl/isa/weft_isa.def"
    };
#define HW_PART(NAME, name, bit, key, doc) to->lacks |= h->has_##name ? 0 : WEFT_LACKS_##NAME;
#include "rtl/isa/weft_isa.def"
    if (!to->lanes)
        to->lanes = to->cols;
    to->word_bytes = weft_hw_word_bytes(to);
    return weft_hw_check(to, &t->err) == WEFT_OK ? EXIT_GOOD : EXIT_USAGE;
}

static double percent_of_peak(const model *m, uint64_t macs, uint64_t cycles)
{
    const weft_hw *hw = &m->program->hw;
    return cycles ? 100.0 * (double)macs / ((double)cycles * hw->rows * hw->cols) : 0.0;
}

static const char *where_text(weft_where where)
{
    static const char *const text[] = { "device", "device", "host" };
    return text[where];
}

/* Where every operator runs, in the order of the network. */
static void json_operators(json *j, const weft_graph *g, const weft_placement *places)
{
    json_open(j, "operators", '[');
    for (uint32_t i = 0; places && i < g->node_count; i++) {
        const weft_node *n = &g->nodes[g->order[i]];
        json_open(j, NULL, '{');
        json_text(j, "name", n->name);
        json_text(j, "op", weft_op_name(n->op));
        json_text(j, "where", where_text(places[g->order[i]].where));
        json_text(j, "why", places[g->order[i]].why);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void print_operators(const weft_graph *g, const weft_placement *places)
{
    for (uint32_t i = 0; places && i < g->node_count; i++) {
        const weft_node *n = &g->nodes[g->order[i]];
        const weft_placement *place = &places[g->order[i]];
        printf("%-8s %-16s %-32.32s %s\n", where_text(place->where), weft_op_name(n->op),
               WEFT_SHOWN(n->name), place->why);
    }
}

/* Products that an operator adds for all of its results; 0 of what is no product. */
static uint64_t products_of(const weft_graph *g, const weft_node *n)
{
    switch (weft_op_class_of(n->op)) {
    case WEFT_CLASS_CONV:
    case WEFT_CLASS_FULL:
    case WEFT_CLASS_MATMUL:
    case WEFT_CLASS_HOST_SUM:
        return weft_tensor_elements(&g->tensors[n->output]) * weft_node_products(g, n);
    default: return 0;
    }
}

/* What a quantisation of all results would bring to the device. */
static void print_unquantised(const weft_graph *g, const weft_placement *places)
{
    uint64_t products = 0, all = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; places && i < g->node_count; i++) {
        const weft_node *n = &g->nodes[i];
        const weft_dtype type = g->tensors[n->output].dtype;
        all += products_of(g, n);
        if (places[i].where != WEFT_ON_HOST || type == WEFT_INT8 || n->op == WEFT_OP_DEQUANTIZE ||
            n->op == WEFT_OP_ARGMAX)
            continue;
        count++;
        products += products_of(g, n);
    }
    if (products)
        printf("%u operators with %.3f of %.3f M products run on the host, since nothing quantises "
               "their results; `weft quantize` of the float network would bring them to the "
               "device\n",
               (unsigned)count, (double)products / 1e6, (double)all / 1e6);
}

/* For -v where the network could not be compiled: NULL if it was not understood. */
static weft_placement *find_places(const weft_graph *g)
{
    weft_error why = { 0 };
    weft_placement *places = NULL;
    if (g && g->checked)
        places = calloc(g->node_count + 1u, sizeof *places);
    if (places && weft_compile_placements(g, places, &why) == WEFT_OK)
        return places;
    free(places);
    return NULL;
}

/* ", 2 steps of the host in 1 place", or nothing. */
static const char *steps_text(const weft_program *p, char *text, size_t room)
{
    uint32_t places = 0;
    for (uint32_t i = 0; i < p->step_count; i++)
        places += i == 0 || p->steps[i].before != p->steps[i - 1].before;
    text[0] = 0;
    if (places)
        snprintf(text, room, ", %u step%s of the host in %u place%s", (unsigned)p->step_count,
                 p->step_count == 1 ? "" : "s", (unsigned)places, places == 1 ? "" : "s");
    return text;
}

static void print_summary(const tool *t, const model *m, const char *path,
                          const weft_placement *places)
{
    const weft_program *p = m->program;
    const uint64_t macs = weft_program_macs(m->program), cycles = weft_program_cycles(m->program);
    char steps[80];
    if (!t->json) {
        print_operators(m->graph, places);
        print_unquantised(m->graph, places);
        printf("%s: %ux%u array, %u commands, %zu bytes, %.3f M MACs, %llu cycles predicted "
               "(%.1f %% of peak)%s\n",
               path, (unsigned)p->hw.rows, (unsigned)p->hw.cols, (unsigned)p->prog_count,
               m->file_bytes, (double)macs / 1e6, (unsigned long long)cycles,
               percent_of_peak(m, macs, cycles), steps_text(p, steps, sizeof steps));
        return;
    }
    json j = { .to = stdout };
    json_open(&j, NULL, '{');
    json_text(&j, "file", path);
    json_number(&j, "bytes", (double)m->file_bytes);
    json_number(&j, "rows", p->hw.rows);
    json_number(&j, "cols", p->hw.cols);
    json_number(&j, "commands", p->prog_count);
    json_number(&j, "macs", (double)macs);
    json_number(&j, "predicted_cycles", (double)cycles);
    json_number(&j, "host_steps", p->step_count);
    if (places)
        json_operators(&j, m->graph, places);
    json_close(&j, '}');
}

int cmd_compile(tool *t, int argc, char **argv)
{
    hw_options h;
    weft_hw hw;
    const char *output = NULL;
    int verbose = 0;
    option table[2 + HW_OPTIONS] = {
        { "-o", OPTION_TEXT, &output, "the program to write" },
        { "-v", OPTION_FLAG, &verbose, "where every operator runs and why" },
    };
    list_hw_options(&h, table + 2);
    arguments a;
    int code = tool_options(t, argc, argv, table, sizeof table / sizeof *table, 1, 1, &a);
    if (code != EXIT_GOOD)
        return code;
    if (!output)
        return tool_fail(t, WEFT_ERR_ARG, "-o OUT.weft is missing");
    if (weft_file_is_same(a.word[0], output))
        return tool_fail(t, WEFT_ERR_ARG,
                         "%.100s would be overwritten by its own program: give -o another name",
                         output);
    code = read_hw(t, &h, &hw);
    if (code != EXIT_GOOD)
        return code;
    model m;
    code = model_read(t, a.word[0], &hw, 0, &m);
    weft_placement *places = code != EXIT_GOOD && verbose && !t->json ? find_places(m.graph) : NULL;
    if (places)
        print_operators(m.graph, places);
    free(places);
    if (code == EXIT_GOOD && !m.graph)
        code = tool_fail(t, WEFT_ERR_ARG, "%.100s is compiled already", a.word[0]);
    if (code == EXIT_GOOD && weft_file_write(output, m.file, m.file_bytes, &t->err) != WEFT_OK)
        code = EXIT_OUTPUT;
    if (code == EXIT_GOOD && strcmp(output, "-"))
        print_summary(t, &m, output, verbose ? m.places : NULL);
    model_free(&m);
    return code;
}

static void print_port(const weft_port_info *p, const char *type, const char *what)
{
    printf("%-7s %s: %s [", what, WEFT_SHOWN(p->name), type);
    for (uint32_t i = 0; i < p->rank; i++)
        printf("%s%u", i ? "][" : "", (unsigned)p->dims[i]);
    putchar(']');
    if (p->scale != 0.0f)
        printf(", scale %.9g, zero point %d", (double)p->scale, (int)p->zero_point);
    printf("%s%s\n", p->host_steps[0] ? ", on the host: " : "", p->host_steps);
}

static void print_ports(const weft_program *prog)
{
    weft_port_info p = { .struct_bytes = sizeof p };
    for (uint32_t i = 0; weft_program_describe_input(prog, i, &p, NULL) == WEFT_OK; i++)
        print_port(&p, weft_dtype_name(prog->inputs[i].dtype), "input");
    for (uint32_t i = 0; weft_program_describe_output(prog, i, &p, NULL) == WEFT_OK; i++)
        print_port(&p, weft_dtype_name(prog->outputs[i].dtype), "output");
}

static void json_info(const model *m)
{
    const weft_program *p = m->program;
    json j = { .to = stdout };
    json_open(&j, NULL, '{');
    json_source(&j, &p->source);
    json_ports(&j, "inputs", p->inputs, p->input_count);
    json_ports(&j, "outputs", p->outputs, p->output_count);
    json_layers(&j, p);
    json_number(&j, "predicted_cycles", (double)weft_program_cycles(m->program));
    json_number(&j, "memory_bytes", p->win_limit);
    json_close(&j, '}');
}

static void print_info(const model *m)
{
    const weft_program *p = m->program;
    print_source(&p->source);
    print_ports(p);
    printf("%-28s %-16s %8s %12s %12s %6s\n", "layer", "operator", "commands", "MACs", "cycles",
           "peak");
    for (uint32_t i = 0; i < p->layer_count; i++) {
        const weft_program_layer *l = &p->layers[i];
        printf("%-28.28s %-16s %8u %12llu %12llu %5.1f%%\n", WEFT_SHOWN(l->name),
               weft_op_name((weft_op)l->op), (unsigned)l->command_count,
               (unsigned long long)l->macs, (unsigned long long)l->cycles,
               percent_of_peak(m, l->macs, l->cycles));
    }
    printf("%-28s %-16s %8u %12llu %12llu %5.1f%%\n", "all", "", (unsigned)p->prog_count,
           (unsigned long long)weft_program_macs(m->program),
           (unsigned long long)weft_program_cycles(m->program),
           percent_of_peak(m, weft_program_macs(m->program), weft_program_cycles(m->program)));
    char steps[80];
    printf("needs %u bytes of device memory%s\n", (unsigned)p->win_limit,
           steps_text(p, steps, sizeof steps));
}

int cmd_info(tool *t, int argc, char **argv)
{
    hw_options h;
    weft_hw hw;
    option table[HW_OPTIONS];
    list_hw_options(&h, table);
    arguments a;
    int code = tool_options(t, argc, argv, table, sizeof table / sizeof *table, 1, 1, &a);
    if (code != EXIT_GOOD)
        return code;
    code = read_hw(t, &h, &hw);
    if (code != EXIT_GOOD)
        return code;
    model m;
    code = model_read(t, a.word[0], &hw, 0, &m);
    if (code == EXIT_GOOD && t->json)
        json_info(&m);
    else if (code == EXIT_GOOD)
        print_info(&m);
    model_free(&m);
    return code;
}
