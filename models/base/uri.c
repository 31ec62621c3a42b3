/* Device addresses; the contract is in uri.h.  No allocation: the parts point into a copy. */
#include "uri.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int option_index(const weft_uri *uri, const char *name)
{
    for (unsigned i = 0; i < uri->count; i++)
        if (!strcmp(uri->option[i].name, name))
            return (int)i;
    return -1;
}

static int add_option(weft_uri *uri, char *text, weft_error *err)
{
    char *equals = strchr(text, '=');
    if (equals)
        *equals++ = '\0';
    if (!*text)
        return weft_error_set(err, WEFT_ERR_ARG, "%s: has an empty option", uri->scheme);
    if (option_index(uri, text) >= 0)
        return weft_error_set(err, WEFT_ERR_ARG, "%s: option \"%.40s\" is given twice", uri->scheme,
                              text);
    if (uri->count == WEFT_URI_OPTIONS)
        return weft_error_set(err, WEFT_ERR_ARG, "%s: more than %d options", uri->scheme,
                              WEFT_URI_OPTIONS);
    uri->option[uri->count].name = text;
    uri->option[uri->count].value = equals;
    uri->count++;
    return WEFT_OK;
}

int weft_uri_parse(const char *text, weft_uri *out, weft_error *err)
{
    *out = (weft_uri){ .scheme = "" };
    if (!text || strlen(text) >= sizeof out->text)
        return weft_error_set(err, WEFT_ERR_ARG, "a device address has 1 to %d characters",
                              WEFT_URI_BYTES - 1);
    for (const char *c = text; *c; c++)
        if (*c < ' ' || *c > '~')
            return weft_error_set(err, WEFT_ERR_ARG,
                                  "the device address holds a character that is not printable");
    memcpy(out->text, text, strlen(text) + 1);
    char *rest = strchr(out->text, ':');
    if (!rest || rest == out->text)
        return weft_error_set(
            err, WEFT_ERR_ARG,
            "\"%.80s\" is no device address; write for example ref: or sim:", text);
    *rest++ = '\0';
    out->scheme = out->text;
    while (rest && *rest) {
        char *comma = strchr(rest, ',');
        if (comma)
            *comma++ = '\0';
        int rc = add_option(out, rest, err);
        if (rc != WEFT_OK)
            return rc;
        rest = comma;
        if (rest && !*rest)
            return weft_error_set(err, WEFT_ERR_ARG, "%s: has an empty option", out->scheme);
    }
    return WEFT_OK;
}

static int listed(const char *names, const char *name)
{
    const size_t length = strlen(name);
    for (const char *at = names; *at; at += strcspn(at, " "), at += *at == ' ')
        if (strcspn(at, " ") == length && !strncmp(at, name, length))
            return 1;
    return 0;
}

int weft_uri_allow(const weft_uri *uri, const char *names, weft_error *err)
{
    for (unsigned i = 0; i < uri->count; i++)
        if (!listed(names, uri->option[i].name))
            return weft_error_set(err, WEFT_ERR_ARG, "%s: has no option \"%.40s\"; it has: %s",
                                  uri->scheme, uri->option[i].name, *names ? names : "none");
    return WEFT_OK;
}

const char *weft_uri_text(const weft_uri *uri, const char *name)
{
    const int i = option_index(uri, name);
    return i < 0 ? NULL : uri->option[i].value;
}

int weft_uri_write(const weft_uri *uri, const char *first, const char *without, char *to,
                   weft_error *err)
{
    size_t at = (size_t)snprintf(to, WEFT_URI_BYTES, "%s:%s", uri->scheme, first);
    const char *comma = *first ? "," : "";
    for (unsigned i = 0; i < uri->count && at < WEFT_URI_BYTES; i++) {
        const char *name = uri->option[i].name, *value = uri->option[i].value;
        if (without && !strcmp(name, without))
            continue;
        at += (size_t)snprintf(to + at, WEFT_URI_BYTES - at, "%s%s%s%s", comma, name,
                               value ? "=" : "", value ? value : "");
        comma = ",";
    }
    return at < WEFT_URI_BYTES
               ? WEFT_OK
               : weft_error_set(err, WEFT_ERR_ARG, "a device address has 1 to %d characters",
                                WEFT_URI_BYTES - 1);
}

int weft_uri_has(const weft_uri *uri, const char *name)
{
    return option_index(uri, name) >= 0;
}

const char *weft_number_scan(const char *text, uint64_t *out)
{
    if (*text < '0' || *text > '9')
        return NULL;
    char *end;
    errno = 0;
    const unsigned long long value =
        strtoull(text, &end, text[0] == '0' && (text[1] | 32) == 'x' ? 16 : 10);
    const unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    if (errno || value > UINT64_MAX >> shift)
        return NULL;
    *out = (uint64_t)value << shift;
    return end + (shift != 0);
}

int weft_uri_number(const weft_uri *uri, const char *name, uint64_t lo, uint64_t hi, uint64_t *out,
                    weft_error *err)
{
    const int i = option_index(uri, name);
    if (i < 0)
        return WEFT_OK;
    const char *value = uri->option[i].value;
    uint64_t number = 0;
    const char *end = value ? weft_number_scan(value, &number) : NULL;
    if (!end || *end || number < lo || number > hi)
        return weft_error_set(err, WEFT_ERR_ARG, "%s:%s needs a number from %llu to %llu",
                              uri->scheme, name, (unsigned long long)lo, (unsigned long long)hi);
    *out = number;
    return WEFT_OK;
}

int weft_uri_shape(const weft_uri *uri, const char *name, uint32_t *rows, uint32_t *cols,
                   weft_error *err)
{
    const int i = option_index(uri, name);
    if (i < 0)
        return WEFT_OK;
    const char *value = uri->option[i].value;
    uint64_t r = 0, c = 0;
    const char *end = value ? weft_number_scan(value, &r) : NULL;
    end = end && *end == 'x' ? weft_number_scan(end + 1, &c) : NULL;
    if (!end || *end || r > UINT32_MAX || c > UINT32_MAX)
        return weft_error_set(err, WEFT_ERR_ARG, "%s:%s needs rows x columns, as in %s=16x16",
                              uri->scheme, name, name);
    *rows = (uint32_t)r;
    *cols = (uint32_t)c;
    return WEFT_OK;
}
