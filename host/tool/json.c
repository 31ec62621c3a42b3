/* JSON output; the contract is in json.h. */
#include "json.h"

#include <math.h>

#include "models/base/utf8.h"

static void string(json *j, const char *text)
{
    putc('"', j->to);
    while (*text) {
        const unsigned bytes = weft_utf8_bytes(text);
        if (bytes == 0) {
            fputs("\\ufffd", j->to);
            text++;
        } else if (bytes == 1 && (*text == '"' || *text == '\\')) {
            fprintf(j->to, "\\%c", *text++);
        } else if (bytes == 1 && ((unsigned char)*text < ' ' || *text == 0x7f)) {
            fprintf(j->to, "\\u%04x", (unsigned)(unsigned char)*text++);
        } else {
            fwrite(text, 1, bytes, j->to);
            text += bytes;
        }
    }
    putc('"', j->to);
}

static void begin(json *j, const char *name)
{
    if (j->filled)
        putc(',', j->to);
    if (j->depth == 1)
        putc('\n', j->to);
    j->filled = 1;
    if (!name)
        return;
    string(j, name);
    putc(':', j->to);
}

void json_open(json *j, const char *name, char bracket)
{
    begin(j, name);
    putc(bracket, j->to);
    j->depth++;
    j->filled = 0;
}

void json_close(json *j, char bracket)
{
    if (--j->depth == 0)
        putc('\n', j->to);
    putc(bracket, j->to);
    j->filled = j->depth > 0;
    if (j->depth == 0)
        putc('\n', j->to);
}

void json_text(json *j, const char *name, const char *value)
{
    begin(j, name);
    string(j, value);
}

void json_number(json *j, const char *name, double value)
{
    begin(j, name);
    if (!isfinite(value))
        fputs("null", j->to);
    else if (floor(value) == value && fabs(value) < 9007199254740992.0)
        fprintf(j->to, "%.0f", value);
    else
        fprintf(j->to, "%.9g", value);
}

void json_bool(json *j, const char *name, int value)
{
    begin(j, name);
    fputs(value ? "true" : "false", j->to);
}
