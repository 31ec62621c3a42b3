/* A strict reader of JSON; see json_read.h. */
#include "json_read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(json_doc *d, const char *wrong)
{
    if (!d->wrong)
        d->wrong = wrong;
    return 0;
}

static char here(const json_doc *d)
{
    return d->bytes[d->at];
}

static void skip_space(json_doc *d)
{
    while (here(d) && strchr(" \t\r\n", here(d)))
        d->at++;
}

static int take(json_doc *d, char c)
{
    skip_space(d);
    if (here(d) != c)
        return 0;
    d->at++;
    return 1;
}

static int take_word(json_doc *d, const char *word)
{
    const size_t length = strlen(word);
    if (strncmp(d->bytes + d->at, word, length) != 0)
        return fail(d, "no value");
    d->at += length;
    return 1;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int take_digits(json_doc *d)
{
    const size_t from = d->at;
    while (is_digit(here(d)))
        d->at++;
    return d->at > from || fail(d, "no digit");
}

static int take_number(json_doc *d, json_value *v)
{
    const size_t from = d->at;
    d->at += here(d) == '-';
    if (here(d) == '0' && is_digit(d->bytes[d->at + 1]))
        return fail(d, "a number begins with 0");
    if (!take_digits(d))
        return 0;
    if (here(d) == '.') {
        d->at++;
        if (!take_digits(d))
            return 0;
    }
    if (here(d) == 'e' || here(d) == 'E') {
        d->at++;
        d->at += here(d) == '+' || here(d) == '-';
        if (!take_digits(d))
            return 0;
    }
    v->number = strtod(d->bytes + from, NULL);
    return 1;
}

/* Behind a backslash. */
static int take_escape(json_doc *d, char *to)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    const char c = here(d), *known = c ? strchr(from, c) : NULL;
    d->at++;
    if (known) {
        *to = into[known - from];
        return 1;
    }
    if (c != 'u' || strspn(d->bytes + d->at, "0123456789abcdefABCDEF") < 4)
        return fail(d, "no such escape");
    char hex[5] = { 0 };
    memcpy(hex, d->bytes + d->at, 4);
    const unsigned long code = strtoul(hex, NULL, 16);
    *to = code < 0x80 ? (char)code : '?';
    d->at += 4;
    return 1;
}

/* Decoded where it stands: no text grows by that. */
static const char *take_text(json_doc *d)
{
    if (!take(d, '"'))
        return fail(d, "no text"), NULL;
    char *const text = d->bytes + d->at, *to = text;
    while (here(d) != '"') {
        if ((unsigned char)here(d) < ' ')
            return fail(d, "a control character, or the end, in a text"), NULL;
        char c = d->bytes[d->at++];
        if (c == '\\' && !take_escape(d, &c))
            return NULL;
        *to++ = c;
    }
    d->at++;
    *to = 0;
    return text;
}

static json_value *take_value(json_doc *d, unsigned depth);

static int take_members(json_doc *d, json_value *v, unsigned depth)
{
    const char close = v->kind == '{' ? '}' : ']';
    json_value **link = &v->first;
    if (take(d, close))
        return 1;
    do {
        const char *name = v->kind == '{' ? take_text(d) : NULL;
        if (v->kind == '{' && (!name || !take(d, ':')))
            return fail(d, "no colon");
        for (const json_value *m = v->first; m && name; m = m->next)
            if (!strcmp(m->name, name))
                return fail(d, "a name twice");
        json_value *m = take_value(d, depth + 1);
        if (!m)
            return 0;
        m->name = name;
        *link = m;
        link = &m->next;
    } while (take(d, ','));
    return take(d, close) || fail(d, "neither comma nor end");
}

static json_value *take_value(json_doc *d, unsigned depth)
{
    json_value *v = &d->values[d->used++];
    int good = 0;
    skip_space(d);
    v->kind = here(d);
    switch (v->kind) {
    case '{':
    case '[':
        d->at++;
        good = depth < JSON_DEPTH ? take_members(d, v, depth) : fail(d, "too deep");
        break;
    case '"': good = (v->text = take_text(d)) != NULL; break;
    case 't': good = take_word(d, "true"); break;
    case 'f': good = take_word(d, "false"); break;
    case 'n': good = take_word(d, "null"); break;
    default: v->kind = '0'; good = take_number(d, v);
    }
    return good ? v : NULL;
}

static char *read_all(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *bytes = NULL;
    size_t count = 0, room = 1 << 16;
    while (f && (bytes = realloc(bytes, room)) != NULL) {
        count += fread(bytes + count, 1, room - 1 - count, f);
        if (count < room - 1)
            break;
        room *= 2;
    }
    if (f)
        fclose(f);
    if (bytes)
        bytes[count] = 0;
    return bytes;
}

int json_load(const char *path, json_doc *d)
{
    size_t most = 2; /* a value more than commas and brackets, and one that is refused */
    *d = (json_doc){ .bytes = read_all(path) };
    if (!d->bytes)
        return fail(d, "the file cannot be read");
    for (const char *c = d->bytes; *c; c++)
        most += strchr(",[{", *c) ? 1 : 0;
    d->values = calloc(most, sizeof *d->values);
    if (!d->values)
        return fail(d, "no memory");
    d->root = take_value(d, 0);
    skip_space(d);
    if (d->root && here(d))
        (void)fail(d, "something behind the value");
    return !d->wrong;
}

void json_free(json_doc *d)
{
    free(d->bytes);
    free(d->values);
    *d = (json_doc){ 0 };
}

const json_value *json_member(const json_value *o, const char *name)
{
    if (!o || o->kind != '{')
        return NULL;
    for (const json_value *m = o->first; m; m = m->next)
        if (!strcmp(m->name, name))
            return m;
    return NULL;
}

double json_real(const json_value *o, const char *name)
{
    const json_value *m = json_member(o, name);
    return m && m->kind == '0' ? m->number : (double)NAN;
}

const char *json_string(const json_value *o, const char *name)
{
    const json_value *m = json_member(o, name);
    return m && m->kind == '"' ? m->text : "";
}
