/* Texts of the status table and formatting of error sentences.  No allocation, no state. */
#include <weft/weft_status.h>

#include <stdarg.h>
#include <stdio.h>

static const struct {
    int code;
    const char *name, *text;
} table[] = {
#define STATUS(name, code, text) { (code), #name, (text) },
#include <weft/weft_status.def>
};

enum { STATUS_COUNT = sizeof table / sizeof *table };

const char *weft_strerror(int status)
{
    for (unsigned i = 0; i < STATUS_COUNT; i++)
        if (table[i].code == status)
            return table[i].text;
    return "unknown status";
}

const char *weft_status_name(int status)
{
    for (unsigned i = 0; i < STATUS_COUNT; i++)
        if (table[i].code == status)
            return table[i].name;
    return "ERR_UNKNOWN";
}

int weft_error_set(weft_error *err, int status, const char *format, ...)
{
    if (!err)
        return status;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (length < 0)
        err->text[0] = '\0';
    err->status = status;
    for (char *c = err->text; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    return status;
}
