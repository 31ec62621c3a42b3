/* Check weft_isa.def and print its other views.
 *
 *   weft_isa_gen vh [FILE]      Verilog package, to FILE or to standard output
 *   weft_isa_gen params [FILE]  Verilog macros: parameters of the array and their INFO registers
 *   weft_isa_gen legal [FILE]   Verilog module that refuses parameters out of their range
 *   weft_isa_gen md [FILE]      tables, to standard output or between the marks of FILE
 *   weft_isa_gen man [FILE]     the array's options, likewise for the manual
 *   weft_isa_gen probe [FILE]   Verilog module that slices every field by the package's constants
 *   weft_isa_gen check PKG.v PARAMS.vh LEGAL.v README.md WEFT.1 PROBE.v
 *
 * Exit status: 0 done, 1 the table is wrong or a print is stale (each fault is named), 2 usage or
 * file.  A wrong table prints nothing.  Build with -DWEFT_ISA_DEF='"other.def"' for another table.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef WEFT_ISA_DEF
#define WEFT_ISA_DEF "weft_isa.def"
#endif

typedef enum kind { PARAM, REG, BITS, OP, FIELD, WORDS, ERR, PKT, PKTST } kind;

typedef struct row {
    kind is;
    const char *scope; /* FIELD, WORDS: its op; BITS: its register; REG: access; PARAM: unit */
    const char *name, *type, *doc;
    uint32_t at; /* value, offset, code; FIELD: word; WORDS: the first */
    uint32_t lsb,
        width; /* FIELD, BITS; REG: reset value in lsb; OP: units, WORDS: words in width */
} row;

static const row rows[] = {
#define PARAM(name, value, unit, doc)         { PARAM, unit, #name, "", doc, value, 0, 0 },
#define REG(name, offset, access, reset, doc) { REG, #access, #name, "", doc, offset, reset, 0 },
#define BITS(reg, name, lsb, width, doc)      { BITS, #reg, #name, "", doc, 0, lsb, width },
#define OP(name, code, units, doc)            { OP, "", #name, "", doc, code, 0, units },
#define WORDS(op, name, first, count, doc)    { WORDS, #op, #name, "", doc, first, 0, count },
#define FIELD(op, name, word, lsb, width, kind, doc)                                               \
    { FIELD, #op, #name, #kind, doc, word, lsb, width },
#define ERR(name, code, doc)   { ERR, "", #name, "", doc, code, 0, 0 },
#define PKT(name, type, doc)   { PKT, "", #name, "", doc, type, 0, 0 },
#define PKTST(name, code, doc) { PKTST, "", #name, "", doc, code, 0, 0 },
#include WEFT_ISA_DEF
};

enum {
#define PARAM(name, value, unit, doc) name##_VALUE = (value),
#include WEFT_ISA_DEF
    ROW_COUNT = sizeof rows / sizeof rows[0],
    UNIT_WORDS = CMD_UNIT_BYTES_VALUE / 4,
    MAX_WORDS = UNIT_WORDS * CMD_MAX_UNITS_VALUE
};

/* A parameter of the array; a derived one has the rule "". */
typedef struct array_row {
    const char *upper, *lower;
    uint32_t value, least, most;
    const char *rule, *of, *key, *option, *doc;
} array_row;

static const array_row array[] = {
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, option, unit, doc)          \
    { #NAME, #name, value, least, most, #rule, #of, key, option, doc },
#define HW_DERIVED(NAME, name, info, unit, doc) { #NAME, #name, 0, 0, 0, "", "", "", "", doc },
#include WEFT_ISA_DEF
};

enum { ARRAY_COUNT = sizeof array / sizeof array[0] };

static const char *const prefix[] = { "", "REG_", "", "OP_", "", "", "ERR_", "PKT_", "PKTST_" };
static const char mark_begin[] = "tables begin: printed by `make isa`";
static const char mark_end[] = "tables end";

/* --- the checks --- */

/* Rows of this kind are parts of a row whose name is their scope. */
static int is_part(const row *r)
{
    return r->is == FIELD || r->is == BITS || r->is == WORDS;
}

static unsigned complain(const row *r, const char *what, const char *other)
{
    fprintf(stderr, "%s%s%s%s: %s%s\n", prefix[r->is], is_part(r) ? r->scope : "",
            is_part(r) ? "." : "", r->name, what, other);
    return 1;
}

static const row *find(kind is, const char *name)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].is == is && strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

/* Words of a command, through the last that has a field. */
static uint32_t words_used(const char *op)
{
    uint32_t used = 0;
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].is == FIELD && strcmp(rows[i].scope, op) == 0 && rows[i].at >= used)
            used = rows[i].at + 1;
    return used;
}

static unsigned check_in_word(const row *r)
{
    if (r->width < 1 || r->lsb > 31 || r->width > 32 || r->lsb + r->width > 32)
        return complain(r, "does not lie in one word", "");
    return 0;
}

static unsigned check_field(const row *r)
{
    const row *op = find(OP, r->scope);
    if (!op)
        return complain(r, "no such command: ", r->scope);
    unsigned bad = check_in_word(r);
    if (r->at >= op->width * UNIT_WORDS)
        bad += complain(r, "lies behind the last unit of ", r->scope);
    if (strcmp(r->name, "OPCODE") == 0 && (r->at != 0 || r->lsb != 0 || r->width != 8))
        bad += complain(r, "the opcode is byte 0", "");
    if (strcmp(r->type, "B") == 0 ? r->width != 1 : strlen(r->type) != 1 || !strchr("US", *r->type))
        bad += complain(r, "kind is U, S, or B with one bit", "");
    return bad;
}

static unsigned check_words(const row *r)
{
    if (!find(OP, r->scope))
        return complain(r, "no such command: ", r->scope);
    if (r->width < 1 || r->at + r->width > words_used(r->scope))
        return complain(r, "goes beyond the last field of ", r->scope);
    return 0;
}

static unsigned check_row(const row *r)
{
    if (r->is == FIELD)
        return check_field(r);
    if (r->is == WORDS)
        return check_words(r);
    if (r->is == BITS)
        return find(REG, r->scope) ? check_in_word(r) : complain(r, "no such register: ", r->scope);
    if (r->is == REG && r->at % 4 != 0)
        return complain(r, "is not word aligned", "");
    if (r->is == REG && !strstr("RO RW W1", r->scope))
        return complain(r, "access is RO, RW or W1, not ", r->scope);
    if (r->is == OP && (r->width < 1 || r->width > CMD_MAX_UNITS_VALUE))
        return complain(r, "has no units or too many", "");
    if ((r->is == OP || r->is == ERR || r->is == PKT || r->is == PKTST) && r->at > 255)
        return complain(r, "code is not a byte", "");
    return 0;
}

static unsigned check_pair(const row *p, const row *q)
{
    if (is_part(p) != is_part(q) || (is_part(p) && strcmp(p->scope, q->scope) != 0))
        return 0;
    if ((is_part(p) || p->is == q->is) && strcmp(p->name, q->name) == 0)
        return complain(p, "is defined twice", "");
    if (p->is != q->is)
        return 0;
    if (p->is == WORDS ? p->at < q->at + q->width && q->at < p->at + p->width
                       : is_part(p) && p->at == q->at && p->lsb < q->lsb + q->width &&
                             q->lsb < p->lsb + p->width)
        return complain(p, "overlaps ", q->name);
    if (!is_part(p) && p->is != PARAM && p->at == q->at)
        return complain(p, "has the code of ", q->name);
    return 0;
}

static unsigned check_table(void)
{
    unsigned bad = 0;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        bad += check_row(&rows[i]);
        for (size_t j = 0; j < i; j++)
            bad += check_pair(&rows[i], &rows[j]);
    }
    return bad;
}

static unsigned complain_array(const array_row *r, const char *what, const char *other)
{
    fprintf(stderr, "HW %s: %s%s\n", r->upper, what, other);
    return 1;
}

static int is_derived(const array_row *r)
{
    return !*r->rule;
}

static const array_row *find_array(const char *lower)
{
    for (size_t i = 0; i < ARRAY_COUNT; i++)
        if (strcmp(array[i].lower, lower) == 0)
            return &array[i];
    return NULL;
}

/* The default keeps the rule, which exists. */
static unsigned check_rule(const array_row *r)
{
    const uint32_t v = r->value;
    if (strcmp(r->rule, "ANY") == 0)
        return 0;
    if (strcmp(r->rule, "POWER") == 0)
        return v & (v - 1) ? complain_array(r, "the default is no power of two", "") : 0;
    if (strcmp(r->rule, "MULTIPLE") == 0)
        return v % strtoul(r->of, NULL, 0)
                   ? complain_array(r, "the default is no multiple of ", r->of)
                   : 0;
    if (strcmp(r->rule, "DIVIDES") != 0)
        return complain_array(r, "there is no rule ", r->rule);
    const array_row *of = find_array(r->of);
    if (!of || of >= r)
        return complain_array(r, "no row before it has the name ", r->of);
    return v == 0 || of->value % v ? complain_array(r, "the default does not divide ", r->of) : 0;
}

static unsigned check_array(void)
{
    unsigned bad = 0;
    for (const array_row *r = array; r < array + ARRAY_COUNT; r++) {
        if (is_derived(r))
            continue;
        if (r->least > r->most || r->value < r->least || r->value > r->most)
            bad += complain_array(r, "the default is out of its range", "");
        bad += check_rule(r);
        if (!*r->option)
            bad += complain_array(r, "has no option", "");
        for (const array_row *q = array; q < r; q++) {
            if (*q->option && strcmp(q->option, r->option) == 0)
                bad += complain_array(r, "has the option of ", q->upper);
            if (*q->key && strcmp(q->key, r->key) == 0)
                bad += complain_array(r, "has the key of ", q->upper);
        }
    }
    return bad;
}

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

static void print_vh(FILE *out)
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

static void print_params(FILE *out)
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
    fprintf(out, "\n`define WEFT_PASS");
    between = "";
    for (const array_row *r = array; r < array + ARRAY_COUNT; r++)
        if (!is_derived(r)) {
            fprintf(out, "%s .%s(%s)", between, r->upper, r->upper);
            between = ",";
        }
    fprintf(out, "\n`define WEFT_INFO");
    for (const array_row *r = array; r < array + ARRAY_COUNT; r++)
        fprintf(out, " \\\n    weft_isa::REG_INFO_%s: reg_rdata <= %s;", r->upper, r->upper);
    fprintf(out, "\n`endif\n");
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

static void print_legal(FILE *out)
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
    fprintf(out, "    endgenerate\n\nendmodule\n\n`default_nettype wire\n");
}

static void print_probe(FILE *out)
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
}

/* A tagged paragraph for each option. */
static void print_man(FILE *out)
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
}

static void print_md(FILE *out)
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

/* --- files --- */

typedef void print_function(FILE *out);

/* All of a stream as a string that the caller frees; NULL if it cannot be read. */
static char *read_all(FILE *in)
{
    char *text = NULL;
    if (!in || fseek(in, 0, SEEK_END) != 0)
        return NULL;
    long bytes = ftell(in);
    if (bytes < 0 || fseek(in, 0, SEEK_SET) != 0 || !(text = malloc((size_t)bytes + 1)))
        return NULL;
    text[fread(text, 1, (size_t)bytes, in)] = '\0';
    return text;
}

static char *read_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    char *text = read_all(in);
    if (in)
        fclose(in);
    if (!text)
        fprintf(stderr, "cannot read %s\n", path);
    return text;
}

static char *printed(print_function *print)
{
    FILE *file = tmpfile();
    if (file)
        print(file);
    char *text = read_all(file);
    if (file)
        fclose(file);
    return text;
}

/* The lines between those with the marks of a document; NULL without them. */
static char *marked(char *text, size_t *bytes)
{
    char *begin = strstr(text, mark_begin);
    char *end = begin ? strstr(begin, mark_end) : NULL;
    begin = begin ? strchr(begin, '\n') : NULL;
    while (end && *end != '\n' && end > text)
        end--;
    if (!begin || !end || end < begin)
        return NULL;
    begin++;
    end++;
    *bytes = (size_t)(end - begin);
    return begin;
}

static int write_file(const char *path, print_function *print)
{
    FILE *out = path ? fopen(path, "wb") : stdout;
    if (!out)
        return fprintf(stderr, "cannot write %s\n", path), 2;
    print(out);
    return (path ? fclose(out) : fflush(out)) == 0 ? 0 : 2;
}

static int write_marked(const char *path, print_function *print)
{
    size_t bytes = 0;
    char *text = read_file(path);
    char *tables = text ? marked(text, &bytes) : NULL;
    FILE *out = tables ? fopen(path, "wb") : NULL;
    int status = 2;
    if (out) {
        fwrite(text, 1, (size_t)(tables - text), out);
        print(out);
        fputs(tables + bytes, out);
        status = fclose(out) == 0 ? 0 : 2;
    } else if (text) {
        fprintf(stderr, "%s: no marks, or not writable\n", path);
    }
    free(text);
    return status;
}

/* 0 if path (or the marked part of it) is what print prints, else 1 and a sentence. */
static int check_file(const char *path, print_function *print, int only_marked)
{
    size_t bytes = 0;
    char *text = read_file(path);
    char *want = printed(print);
    char *have = text && only_marked ? marked(text, &bytes) : text;
    if (have && !only_marked)
        bytes = strlen(have);
    int same = have && want && bytes == strlen(want) && memcmp(have, want, bytes) == 0;
    if (text && !same)
        fprintf(stderr, "%s is stale: run `make isa`\n", path);
    free(want);
    free(text);
    return !same;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    const char *path = argc > 2 ? argv[2] : NULL;
    static const struct {
        const char *name;
        print_function *print;
        int marked; /* FILE is a document, of which only the marked part is printed */
    } prints[] = { { "vh", print_vh, 0 },       { "params", print_params, 0 },
                   { "legal", print_legal, 0 }, { "md", print_md, 1 },
                   { "man", print_man, 1 },     { "probe", print_probe, 0 } };
    enum { PRINTS = sizeof prints / sizeof prints[0] };
    if (check_table() + check_array())
        return 1;
    if (strcmp(what, "check") == 0 && argc == 2 + PRINTS) {
        int stale = 0;
        for (int i = 0; i < PRINTS; i++)
            stale |= check_file(argv[2 + i], prints[i].print, prints[i].marked);
        return stale;
    }
    for (int i = 0; i < PRINTS && argc <= 3; i++)
        if (strcmp(what, prints[i].name) == 0)
            return path && prints[i].marked ? write_marked(path, prints[i].print)
                                            : write_file(path, prints[i].print);
    fprintf(stderr, "usage: weft_isa_gen vh|params|legal|md|man|probe [FILE] |\n"
                    "       check PKG.v PARAMS.vh LEGAL.v README.md WEFT.1 PROBE.v\n");
    return 2;
}
