/* JSON, written as it comes: the writer knows where commas and line ends go.
 *
 *     json j = { stdout };
 *     json_open(&j, NULL, '{');
 *     json_number(&j, "cycles", 7261);
 *     json_close(&j, '}');               // also ends the line of the outermost
 *
 * name is NULL inside arrays.  Text is escaped; bytes that are no UTF-8 become U+FFFD. Errors of the
 * file are the caller's to ask (ferror). */
#ifndef WEFT_TOOL_JSON_H
#define WEFT_TOOL_JSON_H

#include <stdio.h>

typedef struct json {
    FILE *to;
    int depth;
    int filled; /* something stands before in this object or array */
} json;

/* Begin an object ('{') or an array ('['), and end it ('}' or ']'). */
void json_open(json *j, const char *name, char bracket);
void json_close(json *j, char bracket);

/* A member, or an element where name is NULL. */
void json_text(json *j, const char *name, const char *value);
void json_number(json *j, const char *name, double value); /* exact up to 2^53 */
void json_bool(json *j, const char *name, int value);

#endif
