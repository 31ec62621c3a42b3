/* The texts of weft serve: its page, of serve_page.html, and refusals; the contract is in serve.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "serve.h"
#include "text_file.h"

/* Lines of serve_page.html; the Makefile makes strings of them. */
static const char *const lines[] = {
#include "serve_page.inc"
};

#define NONCE "@NONCE@"

char *serve_page(const char *nonce)
{
    text_file f;
    if (!text_begin(&f))
        return NULL;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const char *rest = lines[i], *found;
        for (; (found = strstr(rest, NONCE)); rest = found + sizeof NONCE - 1)
            fprintf(f.to, "%.*s%s", (int)(found - rest), rest, nonce);
        fprintf(f.to, "%s\n", rest);
    }
    return text_end(&f);
}

char *serve_refusal(const char *why)
{
    text_file f;
    if (!text_begin(&f))
        return NULL;
    json j = { .to = f.to };
    json_open(&j, NULL, '{');
    json_open(&j, "error", '{');
    json_text(&j, "text", why);
    json_close(&j, '}');
    json_close(&j, '}');
    return text_end(&f);
}
