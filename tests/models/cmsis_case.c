/* See cmsis_case.h. */
#include "cmsis_case.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    const char *at;
    int good;
} reader;

static void skip_space(reader *r)
{
    while (isspace((unsigned char)*r->at))
        r->at++;
}

static int take(reader *r, char c)
{
    skip_space(r);
    if (*r->at != c)
        return 0;
    r->at++;
    return 1;
}

static void want(reader *r, char c)
{
    r->good &= take(r, c);
}

/* A string without escapes that matter; what does not fit is cut. */
static void take_text(reader *r, char *to, size_t room)
{
    size_t n = 0;
    want(r, '"');
    while (r->good && *r->at && *r->at != '"') {
        if (*r->at == '\\' && r->at[1])
            r->at++;
        if (n + 1 < room)
            to[n++] = *r->at;
        r->at++;
    }
    to[n] = 0;
    want(r, '"');
}

static void take_numbers(reader *r, cmsis_array *a)
{
    size_t room = 16;
    a->values = malloc(room * sizeof *a->values);
    want(r, '[');
    while (r->good && a->values && !take(r, ']')) {
        char *end;
        skip_space(r);
        const long v = strtol(r->at, &end, 10);
        r->good &= end != r->at;
        r->at = end;
        if (a->count == room) {
            int32_t *larger = realloc(a->values, (room *= 2) * sizeof *a->values);
            r->good &= larger != NULL;
            a->values = larger ? larger : a->values;
        }
        if (r->good)
            a->values[a->count++] = (int32_t)v;
        take(r, ',');
    }
}

static void take_array(reader *r, cmsis_array *a)
{
    char key[16], type[16];
    take_text(r, a->name, sizeof a->name);
    want(r, ':');
    want(r, '{');
    while (r->good && !take(r, '}')) {
        take_text(r, key, sizeof key);
        want(r, ':');
        if (strcmp(key, "values") == 0)
            take_numbers(r, a);
        else
            take_text(r, type, sizeof type);
        take(r, ',');
    }
}

static void take_defines(reader *r, cmsis_case *c)
{
    want(r, '{');
    while (r->good && !take(r, '}')) {
        r->good &= c->define_count < CMSIS_MAX_ENTRIES;
        if (!r->good)
            return;
        take_text(r, c->defines[c->define_count].name, sizeof c->defines[0].name);
        want(r, ':');
        take_text(r, c->defines[c->define_count].text, sizeof c->defines[0].text);
        c->define_count++;
        take(r, ',');
    }
}

static void take_case(reader *r, cmsis_case *c)
{
    char key[16];
    want(r, '{');
    while (r->good && !take(r, '}')) {
        take_text(r, key, sizeof key);
        want(r, ':');
        if (strcmp(key, "defines") == 0) {
            take_defines(r, c);
        } else {
            want(r, '{');
            while (r->good && !take(r, '}')) {
                r->good &= c->array_count < CMSIS_MAX_ENTRIES;
                if (r->good)
                    take_array(r, &c->arrays[c->array_count++]);
                take(r, ',');
            }
        }
        take(r, ',');
    }
}

int cmsis_read(const char *path, const char *name, cmsis_case *c)
{
    memset(c, 0, sizeof *c);
    c->name = name;
    FILE *in = fopen(path, "rb");
    if (!in)
        return 0;
    size_t count = 0, room = 1 << 16;
    char *text = malloc(room);
    for (size_t got = 1; text && got; count += got) {
        char *larger = room - count > 4096 ? text : realloc(text, room *= 2);
        if (!larger)
            break;
        text = larger;
        got = fread(text + count, 1, room - count - 1, in);
    }
    fclose(in);
    reader r = { text, text != NULL };
    if (text) {
        text[count] = 0;
        take_case(&r, c);
    }
    free(text);
    if (!r.good)
        cmsis_free(c);
    return r.good;
}

void cmsis_free(cmsis_case *c)
{
    for (size_t i = 0; i < c->array_count; i++)
        free(c->arrays[i].values);
    c->array_count = 0;
}

/* Is key the case's name, then "_", then name?  Defines are in capitals. */
static int matches(const cmsis_case *c, const char *key, const char *name)
{
    const char *k = key;
    for (const char *p = c->name; *p; p++, k++)
        if (tolower((unsigned char)*k) != tolower((unsigned char)*p))
            return 0;
    return *k == '_' && strcmp(k + 1, name) == 0;
}

static const char *text_of(const cmsis_case *c, const char *name)
{
    for (size_t i = 0; i < c->define_count; i++)
        if (matches(c, c->defines[i].name, name))
            return c->defines[i].text;
    return NULL;
}

int cmsis_defined(const cmsis_case *c, const char *name)
{
    return text_of(c, name) != NULL;
}

int cmsis_number(const cmsis_case *c, const char *name, int otherwise)
{
    const char *text = text_of(c, name);
    return text ? (int)strtol(text, NULL, 10) : otherwise;
}

const cmsis_array *cmsis_values(const cmsis_case *c, const char *name)
{
    for (size_t i = 0; i < c->array_count; i++)
        if (matches(c, c->arrays[i].name, name))
            return &c->arrays[i];
    return NULL;
}
