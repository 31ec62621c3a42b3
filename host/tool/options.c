/* Command lines; the contract is in options.h. */
#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/uri.h"

static const option *find(const option *table, size_t count, const char *word, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(table[i].name) == length && !strncmp(table[i].name, word, length))
            return &table[i];
    return NULL;
}

static int store(const option *o, const char *text, weft_error *err)
{
    char *end = NULL;
    const char *rest;
    if (o->kind == OPTION_TEXT) {
        *(const char **)o->value = text;
        return WEFT_OK;
    }
    if (o->kind == OPTION_TEXTS) {
        texts *t = o->value;
        if (t->count == TEXTS_MAX)
            return weft_error_set(err, WEFT_ERR_ARG, "%s is given more than %d times", o->name,
                                  TEXTS_MAX);
        t->text[t->count++] = text;
        return WEFT_OK;
    }
    if (o->kind == OPTION_NUMBER) {
        uint64_t v = 0;
        rest = weft_number_scan(text, &v);
        if (rest && !*rest) {
            *(uint64_t *)o->value = v;
            return WEFT_OK;
        }
    }
    if (o->kind == OPTION_REAL) {
        errno = 0;
        const double v = strtod(text, &end);
        if (!errno && end != text && !*end) {
            *(double *)o->value = v;
            return WEFT_OK;
        }
    }
    return weft_error_set(err, WEFT_ERR_ARG, "%s needs a number, not \"%.60s\"", o->name, text);
}

enum { WORD_BYTES = 40 };

/* How many letters must be put in, left out, changed or swapped with their neighbour to make one word of the other
 * (Damerau 1964, Levenshtein 1966); words are cut at WORD_BYTES. */
static unsigned distance(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
    unsigned d[WORD_BYTES + 1][WORD_BYTES + 1];
    a_bytes = a_bytes < WORD_BYTES ? a_bytes : WORD_BYTES;
    b_bytes = b_bytes < WORD_BYTES ? b_bytes : WORD_BYTES;
    for (unsigned i = 0; i <= a_bytes; i++)
        for (unsigned j = 0; j <= b_bytes; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            unsigned least = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < least)
                least = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < least)
                least = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                d[i - 2][j - 2] + 1 < least)
                least = d[i - 2][j - 2] + 1;
            d[i][j] = least;
        }
    return d[a_bytes][b_bytes];
}

/* Refuse an option, and name the one that differs least from it if that is by two letters at most. */
static int unknown(const option *table, size_t count, const char *word, size_t length,
                   weft_error *err)
{
    const char *nearest = NULL;
    unsigned least = 3;
    for (size_t i = 0; i < count; i++) {
        const unsigned far = distance(word, length, table[i].name, strlen(table[i].name));
        if (far < least && far + 2 < strlen(table[i].name)) {
            least = far;
            nearest = table[i].name;
        }
    }
    return weft_error_set(err, WEFT_ERR_ARG, "there is no option %.60s here%s%s%s", word,
                          nearest ? "; did you mean " : "", nearest ? nearest : "",
                          nearest ? "?" : "");
}

int options_parse(int argc, char **argv, const option *table, size_t count, arguments *out,
                  weft_error *err)
{
    *out = (arguments){ .word = argv };
    int only_arguments = 0;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (!only_arguments && !strcmp(word, "--")) {
            only_arguments = 1;
            continue;
        }
        if (only_arguments || word[0] != '-' || !word[1]) {
            argv[out->count++] = argv[i]; /* count <= i: nothing is lost */
            continue;
        }
        if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
            out->help = 1;
            return WEFT_OK;
        }
        const char *equals = strchr(word, '=');
        const size_t length = equals ? (size_t)(equals - word) : strlen(word);
        const option *o = find(table, count, word, length);
        if (!o || (o->kind == OPTION_FLAG && equals))
            return unknown(table, count, word, length, err);
        if (o->kind == OPTION_FLAG) {
            *(int *)o->value = 1;
            continue;
        }
        if (!equals && i + 1 == argc)
            return weft_error_set(err, WEFT_ERR_ARG, "%s needs a value", o->name);
        const int rc = store(o, equals ? equals + 1 : argv[++i], err);
        if (rc != WEFT_OK)
            return rc;
    }
    return WEFT_OK;
}

/* What the value is if the option is absent; nothing for none. */
static void print_default(FILE *to, const option *o)
{
    if (o->kind == OPTION_NUMBER && *(const uint64_t *)o->value)
        fprintf(to, " (%" PRIu64 ")", *(const uint64_t *)o->value);
    if (o->kind == OPTION_REAL && *(const double *)o->value != 0.0)
        fprintf(to, " (%g)", *(const double *)o->value);
    if (o->kind == OPTION_TEXT && *(const char *const *)o->value)
        fprintf(to, " (%s)", *(const char *const *)o->value);
    if (o->kind == OPTION_TEXTS)
        fprintf(to, " (%s)", ((const texts *)o->value)->text[0]);
}

void options_print(FILE *to, const option *table, size_t count)
{
    static const char *const values[] = { [OPTION_FLAG] = "",
                                          [OPTION_NUMBER] = " N",
                                          [OPTION_REAL] = " X",
                                          [OPTION_TEXT] = " TEXT",
                                          [OPTION_TEXTS] = " TEXT" };
    for (size_t i = 0; i < count; i++) {
        const int length = fprintf(to, "  %s%s", table[i].name, values[table[i].kind]);
        fprintf(to, "%*s%s", length < 22 ? 22 - length : 1, "", table[i].help);
        print_default(to, &table[i]);
        fputc('\n', to);
    }
}
