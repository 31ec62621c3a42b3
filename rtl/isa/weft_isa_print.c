/* The views of the contract that are printed: Verilog, Markdown and the manual. */
#include "weft_isa_rows.h"

/* --- Verilog --- */

/* One bit for every bit that a field of op covers, as a sized hexadecimal constant. */
static void print_defined(FILE *out, const row *op)
{
    uint32_t word[MAX_WORDS] = { 0 };
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].is == FIELD && strcmp(rows[i].scope, op->name) == 0)
            word[rows[i].at] |= (0xffffffffu >> (32 - rows[i].width)) << rows[i].lsb;
    const uint32_t bits = 32 * op->width * UNIT_WORDS;
    fprintf(out, "    localparam [%u:0] %s_DEFINED = %u'h", bits - 1, op->name, bits);
    for (uint32_t i = bits / 32; i-- > 0;)
        fprintf(out, "%08x%s", word[i], i ? "_" : ";\n");
}

static void print_vh_row(FILE *out, const row *r)
{
    if (is_part(r)) {
        fprintf(out, "    localparam integer %s_%s_LSB = %u, %s_%s_W = %u; // %s%s%s\n", r->scope,
                r->name, 32 * r->at + r->lsb, r->scope, r->name,
                r->is == WORDS ? 32 * r->width : r->width, r->type, *r->type ? ": " : "", r->doc);
        return;
    }
    fprintf(out, "    localparam integer %s%s = %u; // %s\n", prefix[r->is], r->name, r->at,
            r->doc);
    if (r->is == REG)
        fprintf(out, "    localparam integer REG_%s_RESET = %u;\n", r->name, r->lsb);
    if (r->is == OP) {
        fprintf(out, "    localparam integer OP_%s_UNITS = %u, OP_%s_W = %u;\n", r->name, r->width,
                r->name, 32 * words_used(r->name));
        print_defined(out, r);
    }
}

void print_vh(FILE *out)
{
    fprintf(
        out,
        "// Constants of the contract, printed from weft_isa.def by `make isa`.\n//\n"
        "// <OP>_<FIELD>_LSB counts bits from bit 0 of word 0 of the command, OP_<OP>_W through "
        "the last word\n// that has a field; <OP>_DEFINED has a 1 for every bit that a field "
        "covers.\n\n"
        "/* verilator lint_off UNUSEDPARAM */\npackage weft_isa;\n");
    for (size_t i = 0; i < ROW_COUNT; i++)
        print_vh_row(out, &rows[i]);
    fprintf(out,
            "    localparam integer CMD_UNIT_W = %u, CMD_W = %u; // a unit, the longest command\n",
            32 * UNIT_WORDS, 32 * MAX_WORDS);
    fprintf(out, "endpackage\n/* verilator lint_on UNUSEDPARAM */\n");
}

/* MEM_SIZE has values that an integer does not hold. */
static const char *verilog_type(const array_row *r)
{
    return r->most > INT32_MAX ? "[31:0] " : "integer";
}

void print_params(FILE *out)
{
    const char *between = "";
    fprintf(out,
            "// Parameters of the array, printed from isa/weft_isa.def by `make isa`.\n//\n"
            "// WEFT_PARAMETERS   all of them with their defaults, for the header of a module\n"
            "// WEFT_PASS         all of them as they are, for an instance\n"
            "// WEFT_INFO         the INFO registers, as lines of a case that sets reg_rdata\n"
            "`ifndef WEFT_PARAMETERS\n`define WEFT_PARAMETERS");
    for (const array_row *r = array; r < array + ARRAY_COUNT; r++)
        if (!is_derived(r)) {
            fprintf(out, "%s \\\n    parameter %s %-9s = weft_isa::%s", between, verilog_type(r),
                    r->upper, r->upper);
            between = ",";
        }
    for (const part_row *p = parts; p < parts + PART_COUNT; p++)
        fprintf(out, ", \\\n    parameter integer HAS_%s = weft_isa::HAS_%s", p->upper, p->upper);
    fprintf(out, "\n`define WEFT_PASS");
    between = "";
    for (const array_row *r = array; r < array + ARRAY_COUNT; r++)
        if (!is_derived(r)) {
            fprintf(out, "%s .%s(%s)", between, r->upper, r->upper);
            between = ",";
        }
    for (const part_row *p = parts; p < parts + PART_COUNT; p++)
        fprintf(out, ", .HAS_%s(HAS_%s)", p->upper, p->upper);
    fprintf(out, "\n`define WEFT_INFO");
    for (const array_row *r = array; r < array + ARRAY_COUNT; r++)
        fprintf(out, " \\\n    weft_isa::REG_INFO_%s: reg_rdata <= %s;", r->upper, r->upper);
    fprintf(out, " \\\n    weft_isa::REG_INFO_LACKS: reg_rdata <= 32'd0");
    for (const part_row *p = parts; p < parts + PART_COUNT; p++)
        fprintf(out, " | 32'(HAS_%s == 0) << weft_isa::INFO_LACKS_%s_LSB", p->upper, p->upper);
    fprintf(out, ";\n`endif\n");
}

/* The condition under which a row's rule is broken, and the name that says so. */
static void print_refusal(FILE *out, const array_row *r)
{
    const char *name = r->upper;
    fprintf(out, "        if (%s < %u || %s > %s%u", name, r->least, name,
            r->most > INT32_MAX ? "32'd" : "", r->most);
    if (strcmp(r->rule, "POWER") == 0)
        fprintf(
            out,
            " || (%s & (%s - 1)) != 0) begin : g_%s\n            %s_is_no_power_of_two_%u_to_%u",
            name, name, r->lower, name, r->least, r->most);
    else if (strcmp(r->rule, "DIVIDES") == 0)
        fprintf(out, " || %s %% %s != 0) begin : g_%s\n            %s_does_not_divide_%s",
                find_array(r->of)->upper, name, r->lower, name, find_array(r->of)->upper);
    else if (strcmp(r->rule, "MULTIPLE") == 0)
        fprintf(out, " || %s %% %s != 0) begin : g_%s\n            %s_is_no_multiple_of_%s", name,
                r->of, r->lower, name, r->of);
    else
        fprintf(out, ") begin : g_%s\n            %s_is_not_%u_to_%u", r->lower, name, r->least,
                r->most);
    fprintf(out, " u_refused ();\n        end\n");
}

void print_legal(FILE *out)
{
    fprintf(out, "// The parameters of the device are ones it can be built with; nothing else: no "
                 "ports, no logic.\n"
                 "//\n// Others end the elaboration, in a way that every tool has: as a module "
                 "that does not exist, whose\n"
                 "// name says why.  Printed from isa/weft_isa.def by `make isa`.\n\n"
                 "`default_nettype none\n`include \"weft_params.vh\"\n\n"
                 "module weft_legal #(\n    `WEFT_PARAMETERS\n) ();\n\n    generate\n");
    for (const array_row *r = array; r < array + ARRAY_COUNT; r++)
        if (!is_derived(r))
            print_refusal(out, r);
    for (const part_row *p = parts; p < parts + PART_COUNT; p++)
        fprintf(out,
                "        if (HAS_%s < 0 || HAS_%s > 1) begin : g_%s\n            "
                "HAS_%s_is_not_0_or_1 u_refused ();\n        end\n",
                p->upper, p->upper, p->key, p->upper);
    fprintf(out, "    endgenerate\n\nendmodule\n\n`default_nettype wire\n");
}

void print_probe(FILE *out)
{
    fprintf(out,
            "// Show every field of a command, sliced by the constants of the package, in table "
            "order;\n// printed by `make isa`, run by tests/isa/tb_isa_probe.v.\n\n"
            "`default_nettype none\n\nmodule isa_probe (\n"
            "    input wire [%u:0] cmd\n);\n\n    task show;\n        begin\n",
            32 * MAX_WORDS - 1);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const row *r = &rows[i];
        if (r->is == FIELD)
            fprintf(out,
                    "            if (cmd[7:0] == 8'(weft_isa::OP_%s)) $display(\"%s.%s %%0d\", "
                    "%scmd[weft_isa::%s_%s_LSB +: weft_isa::%s_%s_W]));\n",
                    r->scope, r->scope, r->name, *r->type == 'S' ? "$signed(" : "$unsigned(",
                    r->scope, r->name, r->scope, r->name);
    }
    fprintf(out, "        end\n    endtask\n\nendmodule\n\n`default_nettype wire\n");
}

/* --- Markdown --- */

static void print_md_row(FILE *out, const row *r)
{
    switch (r->is) {
    case PARAM: fprintf(out, "| %s | %u | %s | %s |\n", r->name, r->at, r->scope, r->doc); return;
    case REG:
        fprintf(out, "| %s | 0x%02x | %s | 0x%x | %s |\n", r->name, r->at, r->scope, r->lsb,
                r->doc);
        return;
    case OP: fprintf(out, "| %s | 0x%02x | %u | %s |\n", r->name, r->at, r->width, r->doc); return;
    case BITS:
        fprintf(out, "| %s | %s | %u:%u | %s |\n", r->scope, r->name, r->lsb + r->width - 1, r->lsb,
                r->doc);
        return;
    case WORDS:
        fprintf(out, "| %s | %s | %u..%u | %s |\n", r->scope, r->name, r->at, r->at + r->width - 1,
                r->doc);
        return;
    case FIELD:
        fprintf(out, "| %s | %u | %u:%u | %s | %s |\n", r->name, r->at, r->lsb + r->width - 1,
                r->lsb, r->type, r->doc);
        return;
    default: fprintf(out, "| %s | 0x%02x | %s |\n", r->name, r->at, r->doc);
    }
}

static void print_md_table(FILE *out, kind is, const char *scope, const char *head)
{
    fprintf(out, "\n%s", head);
    for (const char *c = strrchr(head, '\n') ? head : ""; *c; c++)
        if (*c == '|' && c[1] != '\n')
            fprintf(out, "|---");
    fprintf(out, "|\n");
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].is == is && (!scope || strcmp(rows[i].scope, scope) == 0))
            print_md_row(out, &rows[i]);
}

/* What a row asks of a value, in words. */
static void print_range(FILE *out, const array_row *r)
{
    fprintf(out, "%u to %u", r->least, r->most);
    if (strcmp(r->rule, "POWER") == 0)
        fprintf(out, ", a power of two");
    else if (strcmp(r->rule, "DIVIDES") == 0)
        fprintf(out, ", divides %s", r->of);
    else if (strcmp(r->rule, "MULTIPLE") == 0)
        fprintf(out, ", a multiple of %s", r->of);
}

static void print_md_array(FILE *out)
{
    fprintf(out, "\n| of the array | default | values | in an address | option | meaning |\n"
                 "|---|---|---|---|---|---|\n");
    for (const array_row *r = array; r < array + ARRAY_COUNT; r++)
        if (!is_derived(r)) {
            fprintf(out, "| %s | %u | ", r->upper, r->value);
            print_range(out, r);
            fprintf(out, " | %s | --%s | %s |\n", *r->key ? r->key : "shape", r->option, r->doc);
        }
    fprintf(out,
            "\n| what an array may be built without | in an address | option |\n|---|---|---|\n");
    for (const part_row *p = parts; p < parts + PART_COUNT; p++)
        fprintf(out, "| %s | %s=0 | --%s 0 |\n", p->doc, p->key, p->key);
}

/* A tagged paragraph for each option. */
void print_man(FILE *out)
{
    for (const array_row *r = array; r < array + ARRAY_COUNT; r++) {
        if (is_derived(r))
            continue;
        fprintf(out, ".TP\n.BI ");
        fprintf(out, "\\-\\-");
        for (const char *c = r->option; *c; c++)
            fprintf(out, *c == '-' ? "\\-" : "%c", *c);
        fprintf(out, " \" N\"\n%c%s; ", r->doc[0] - 'a' + 'A', r->doc + 1);
        print_range(out, r);
        if (strcmp(r->rule, "DIVIDES") == 0)
            fprintf(out, "; without it as many as %s.\n", r->of);
        else
            fprintf(out, "; without it %u.\n", r->value);
    }
    for (const part_row *p = parts; p < parts + PART_COUNT; p++)
        fprintf(out, ".TP\n.BI \\-\\-%s \" N\"\n0 for a device built without %s; without it 1.\n",
                p->key, p->doc);
}

void print_md(FILE *out)
{
    fprintf(out, "\n## Tables\n");
    print_md_array(out);
    print_md_table(out, PARAM, NULL, "| parameter | value | unit | meaning |\n");
    print_md_table(out, REG, NULL, "| register | offset | access | reset | meaning |\n");
    print_md_table(out, BITS, NULL, "| register | part | bits | meaning |\n");
    print_md_table(out, OP, NULL, "| command | opcode | units | meaning |\n");
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].is != OP)
            continue;
        fprintf(out, "\n### %s\n", rows[i].name);
        print_md_table(out, FIELD, rows[i].name, "| field | word | bits | kind | meaning |\n");
    }
    print_md_table(out, WORDS, NULL, "| command | group | words | meaning |\n");
    print_md_table(out, ERR, NULL, "| error | code | meaning |\n");
    print_md_table(out, PKT, NULL, "| packet | type | meaning |\n");
    print_md_table(out, PKTST, NULL, "| packet status | code | meaning |\n");
    fprintf(out, "\n");
}
