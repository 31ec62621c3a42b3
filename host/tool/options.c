/* Command lines; the contract is in options.h. */
#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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
    errno = 0;
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
    if (o->kind == OPTION_NUMBER && *text >= '0' && *text <= '9') {
        const unsigned long long v = strtoull(text, &end, 0);
        if (!errno && !*end) {
            *(uint64_t *)o->value = v;
            return WEFT_OK;
        }
    }
    if (o->kind == OPTION_REAL) {
        const double v = strtod(text, &end);
        if (!errno && end != text && !*end) {
            *(double *)o->value = v;
            return WEFT_OK;
        }
    }
    return weft_error_set(err, WEFT_ERR_ARG, "%s needs a number, not \"%.60s\"", o->name, text);
}

int options_parse(int argc, char **argv, const option *table, size_t count, arguments *out,
                  weft_error *err)
{
    *out = (arguments){ 0 };
    int only_arguments = 0;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (!only_arguments && !strcmp(word, "--")) {
            only_arguments = 1;
            continue;
        }
        if (only_arguments || word[0] != '-' || !word[1]) {
            if (out->count == ARGUMENTS_MAX)
                return weft_error_set(err, WEFT_ERR_ARG, "more than %d arguments", ARGUMENTS_MAX);
            out->word[out->count++] = word;
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
            return weft_error_set(err, WEFT_ERR_ARG, "there is no option %.60s here", word);
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
