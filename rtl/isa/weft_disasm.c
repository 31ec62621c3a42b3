/* Commands as text: the table of the contract as rows, and a loop over them.
 *
 * Costs one pass over the table a command. */
#include "weft_disasm.h"

#include <inttypes.h>
#include <stdio.h>

typedef struct field_row {
    uint32_t op, word, lsb, width;
    char kind;
    const char *name;
} field_row;

static const field_row fields[] = {
#define FIELD(op, name, word, lsb, width, kind, doc)                                               \
    { WEFT_CMD_##op, word, lsb, width, #kind[0], #name },
#include "weft_isa.def"
};

static const struct {
    const char *name;
    uint32_t value;
} params[] = {
#define PARAM(name, value, unit, doc) { #name, value },
#include "weft_isa.def"
};

static const struct {
    const char *name;
    uint32_t code;
} ops[] = {
#define OP(name, code, units, doc) { #name, code },
#include "weft_isa.def"
};

static const struct {
    const char *name, *text;
    uint32_t code;
} errors[] = {
#define ERR(name, code, doc) { #name, doc, code },
#include "weft_isa.def"
};

/* A line that grows and is cut at its end. */
typedef struct line {
    char *text;
    size_t bytes, length;
} line;

static void put(line *to, const char *part)
{
    for (; *part; part++, to->length++)
        if (to->length + 1 < to->bytes)
            to->text[to->length] = *part;
}

static const char *op_name(uint32_t opcode)
{
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        if (ops[i].code == opcode)
            return ops[i].name;
    return NULL;
}

/* "DENSE" for MODE = 0: the parameter MODE_DENSE has that value.  KIND2 has the values of KIND. */
static const char *value_name(const char *field, uint32_t value)
{
    const size_t length = strcspn(field, "2");
    for (size_t i = 0; i < sizeof params / sizeof params[0]; i++)
        if (strncmp(params[i].name, field, length) == 0 && params[i].name[length] == '_' &&
            params[i].value == value)
            return params[i].name + length + 1;
    return NULL;
}

static int has_names(const field_row *f)
{
    return strcmp(f->name, "MODE") == 0 || strncmp(f->name, "KIND", 4) == 0 ||
           strcmp(f->name, "ALU") == 0;
}

static void put_field(line *to, const field_row *f, uint32_t word)
{
    const uint32_t value = weft_field_u(word, f->lsb, f->width);
    const char *name = has_names(f) ? value_name(f->name, value) : NULL;
    char number[16];
    if (f->kind == 'S')
        snprintf(number, sizeof number, "%" PRId32, weft_field_s(word, f->lsb, f->width));
    else
        snprintf(number, sizeof number, f->width == 32 ? "0x%" PRIx32 : "%" PRIu32, value);
    put(to, " ");
    put(to, f->name);
    if (f->kind != 'B') {
        put(to, "=");
        put(to, name ? name : number);
    }
}

size_t weft_disasm(const weft_cmd *cmd, char *text, size_t bytes)
{
    const uint32_t opcode = cmd->word[0] & 0xff;
    line to = { text, bytes, 0 };
    if (op_name(opcode)) {
        put(&to, op_name(opcode));
    } else {
        char unknown[16];
        snprintf(unknown, sizeof unknown, "opcode 0x%02" PRIx32, opcode);
        put(&to, unknown);
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const field_row *f = &fields[i];
        const uint32_t word = cmd->word[f->word];
        if (f->op == opcode && strcmp(f->name, "OPCODE") != 0 &&
            (weft_field_u(word, f->lsb, f->width) != 0 || strcmp(f->name, "MODE") == 0))
            put_field(&to, f, word);
    }
    if (bytes)
        text[to.length < bytes ? to.length : bytes - 1] = '\0';
    return to.length;
}

const char *weft_dev_error_name(uint32_t code)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].code == code)
            return errors[i].name;
    return "UNKNOWN";
}

const char *weft_dev_error_text(uint32_t code)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].code == code)
            return errors[i].text;
    return "an error this library does not know";
}
