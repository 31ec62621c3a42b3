/* weft dump: everything a program holds, commands decoded. */
#include "../../rtl/isa/weft_disasm.h"
#include "tool.h"

/* The program was checked when it was read: every command decodes and lies in the image. */
static void dump_commands(const weft_program *p, json *j)
{
    const uint8_t *at = p->image + (p->prog_addr - p->image_addr);
    for (uint32_t i = 0, layer = 0; i < p->prog_count; i++) {
        char text[WEFT_DISASM_BYTES];
        weft_cmd c;
        const unsigned units = weft_op_units(at[0]);
        for (; layer < p->layer_count && p->layers[layer].first_command <= i; layer++)
            if (!j)
                printf("layer %u \"%s\": %llu MACs, %llu cycles predicted\n", (unsigned)layer,
                       p->layers[layer].name, (unsigned long long)p->layers[layer].macs,
                       (unsigned long long)p->layers[layer].cycles);
        weft_cmd_fetch(&c, units, at);
        weft_disasm(&c, text, sizeof text);
        if (j)
            json_text(j, NULL, text);
        else
            printf("%6u %s\n", (unsigned)i, text);
        at += units * WEFT_CMD_UNIT_BYTES;
    }
}

static void dump_step(const weft_host_step *s, const char *name)
{
    printf(", %s", name);
    if (s->axis_length)
        printf(" of %u", (unsigned)s->axis_length);
    if (s->beta != 1.0f)
        printf(" with beta %.9g", (double)s->beta);
    if (s->inner)
        printf(" every %u, the %s of equals", (unsigned)s->inner, s->last ? "last" : "first");
}

static void dump_port(const weft_program_port *p, const char *what)
{
    static const char *const steps[] = { "quantize",    "dequantize",   "softmax",
                                         "log-softmax", "int8 softmax", "int8 log-softmax",
                                         "argmax",      "argmin" };
    printf("%s \"%s\": %s", what, p->name, weft_dtype_name(p->dtype));
    for (uint32_t i = 0; i < p->rank; i++)
        printf("%c%u", i ? 'x' : ' ', (unsigned)p->dims[i]);
    printf(", axes");
    for (uint32_t i = 0; i < p->rank; i++)
        printf(" %u", (unsigned)p->perm[i]);
    printf(", scale %.9g, zero point %d, at 0x%08x, %u rows of %u bytes every %u", (double)p->scale,
           (int)p->zero_point, (unsigned)p->addr, (unsigned)p->rows, (unsigned)p->row_bytes,
           (unsigned)p->pitch_bytes);
    for (uint32_t i = 0; i < p->step_count; i++)
        dump_step(&p->steps[i], steps[p->steps[i].op]);
    putchar('\n');
}

static void dump_text(const weft_program *p)
{
    printf("ISA %u, %ux%u, %u lanes, %u words, %u accumulators, memory port of %u bytes\n",
           (unsigned)p->isa_version, (unsigned)p->hw.rows, (unsigned)p->hw.cols,
           (unsigned)p->hw.lanes, (unsigned)p->hw.fb_words, (unsigned)p->hw.acc_depth,
           (unsigned)p->hw.mem_bytes);
    printf("image 0x%08x, %zu bytes; commands 0x%08x, %u of them; window 0x%08x to 0x%08x\n",
           (unsigned)p->image_addr, p->image_bytes, (unsigned)p->prog_addr, (unsigned)p->prog_count,
           (unsigned)p->win_base, (unsigned)p->win_limit);
    for (uint32_t i = 0; i < p->input_count; i++)
        dump_port(&p->inputs[i], "input");
    for (uint32_t i = 0; i < p->output_count; i++)
        dump_port(&p->outputs[i], "output");
    dump_commands(p, NULL);
}

static void dump_json(const weft_program *p)
{
    json j = { .to = stdout };
    json_open(&j, NULL, '{');
    json_number(&j, "isa", p->isa_version);
    json_number(&j, "rows", p->hw.rows);
    json_number(&j, "cols", p->hw.cols);
    json_number(&j, "image_addr", p->image_addr);
    json_number(&j, "image_bytes", (double)p->image_bytes);
    json_number(&j, "prog_addr", p->prog_addr);
    json_number(&j, "win_base", p->win_base);
    json_number(&j, "win_limit", p->win_limit);
    json_open(&j, "commands", '[');
    dump_commands(p, &j);
    json_close(&j, ']');
    json_close(&j, '}');
}

int cmd_dump(tool *t, int argc, char **argv)
{
    arguments a;
    int code = tool_options(t, argc, argv, NULL, 0, 1, 1, &a);
    if (code != EXIT_GOOD)
        return code;
    const weft_hw hw = weft_hw_default(256u << 20);
    model m;
    code = model_read(t, a.word[0], &hw, 0, &m);
    if (code == EXIT_GOOD && t->json)
        dump_json(m.program);
    else if (code == EXIT_GOOD)
        dump_text(m.program);
    model_free(&m);
    return code;
}
