/* The texts of weft serve: its page, of serve_page.html, and refusals; the contract is in serve.h. */
#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "serve.h"

/* Lines of serve_page.html; the Makefile makes strings of them. */
static const char *const lines[] = {
#include "serve_page.inc"
};

#define NONCE "@NONCE@"

char *serve_page(const char *nonce)
{
    char *text = NULL;
    size_t bytes;
    FILE *to = open_memstream(&text, &bytes);
    if (!to)
        return NULL;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const char *rest = lines[i], *found;
        for (; (found = strstr(rest, NONCE)); rest = found + sizeof NONCE - 1)
            fprintf(to, "%.*s%s", (int)(found - rest), rest, nonce);
        fprintf(to, "%s\n", rest);
    }
    const int bad = ferror(to);
    if (fclose(to) == 0 && !bad)
        return text;
    free(text);
    return NULL;
}

char *serve_refusal(const char *why)
{
    char *text = NULL;
    size_t bytes;
    FILE *to = open_memstream(&text, &bytes);
    if (!to)
        return NULL;
    json j = { .to = to };
    json_open(&j, NULL, '{');
    json_open(&j, "error", '{');
    json_text(&j, "text", why);
    json_close(&j, '}');
    json_close(&j, '}');
    const int bad = ferror(to);
    if (fclose(to) == 0 && !bad)
        return text;
    free(text);
    return NULL;
}
