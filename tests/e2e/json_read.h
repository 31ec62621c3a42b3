/* A strict reader of JSON (RFC 8259) for tests: what a browser would not take is refused here.
 *
 *     json_doc d;
 *     CHECK(t, json_load("profile.json", &d), "%s at byte %zu", d.wrong, d.at);
 *     cycles = json_real(json_member(d.root, "all"), "cycles");
 *     json_free(&d);
 *
 * Refused beyond the grammar: a name twice in an object, nesting deeper than JSON_DEPTH. \u escapes
 * above 7f become '?'. */
#ifndef WEFT_TESTS_JSON_READ_H
#define WEFT_TESTS_JSON_READ_H

#include <stddef.h>

enum { JSON_DEPTH = 64 };

typedef struct json_value {
    char kind;                       /* { [ " 0 t f n */
    const char *name;                /* in an object */
    const char *text;                /* of kind " */
    double number;                   /* of kind 0 */
    struct json_value *first, *next; /* of kinds { and [: what is inside */
} json_value;

typedef struct json_doc {
    const json_value *root;
    const char *wrong; /* NULL, or what is */
    size_t at;         /* the byte where */
    char *bytes;
    json_value *values;
    size_t used;
} json_doc;

/* 1, or 0 with d->wrong set; json_free in any case. */
int json_load(const char *path, json_doc *d);
void json_free(json_doc *d);

/* NULL: o is no object (or NULL), or has no such member. */
const json_value *json_member(const json_value *o, const char *name);

/* The number of that name, else NaN; the text of that name, else "". */
double json_real(const json_value *o, const char *name);
const char *json_string(const json_value *o, const char *name);

#endif
