/* The rows of the contract as data, for the generator: what weft_isa_check.c proves and weft_isa_print.c
 * prints.  Build with -DWEFT_ISA_DEF='"other.def"' for another table. */
#ifndef WEFT_ISA_ROWS_H
#define WEFT_ISA_ROWS_H

#include <stdint.h>
#include <stdio.h>
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

/* What an array may be built without; HAS_ and `upper` is its name in Verilog. */
typedef struct part_row {
    const char *upper, *key, *doc;
    uint32_t bit;
} part_row;

static const part_row parts[] = {
#define HW_PART(NAME, name, bit, key, doc) { #NAME, key, doc, bit },
#include WEFT_ISA_DEF
};

enum { PART_COUNT = sizeof parts / sizeof parts[0] };

enum { ARRAY_COUNT = sizeof array / sizeof array[0] };

static const char *const prefix[] = { "", "REG_", "", "OP_", "", "", "ERR_", "PKT_", "PKTST_" };

/* Rows of this kind are parts of a row whose name is their scope. */
static inline int is_part(const row *r)
{
    return r->is == FIELD || r->is == BITS || r->is == WORDS;
}

static inline const row *find(kind is, const char *name)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].is == is && strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

/* Words of a command, through the last that has a field. */
static inline uint32_t words_used(const char *op)
{
    uint32_t used = 0;
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].is == FIELD && strcmp(rows[i].scope, op) == 0 && rows[i].at >= used)
            used = rows[i].at + 1;
    return used;
}

static inline int is_derived(const array_row *r)
{
    return !*r->rule;
}

static inline const array_row *find_array(const char *lower)
{
    for (size_t i = 0; i < ARRAY_COUNT; i++)
        if (strcmp(array[i].lower, lower) == 0)
            return &array[i];
    return NULL;
}

/* Complain on stderr about each fault of the table; returns how many there are. */
unsigned isa_check(void);

/* The prints: package, parameters, rules and probe in Verilog; tables and options for documents. */
typedef void print_function(FILE *out);
print_function print_vh, print_params, print_legal, print_probe, print_md, print_man;

#endif
