/* JSON, read as it comes, of what this program has written itself and of nothing else: whatever is not in its form sets `bad`, from which
 * on every call gives nothing.
 *
 *     json_in j = { text, text + bytes, 0 };
 *     char key[32];
 *     for (int more = json_in_open(&j, '{'); json_in_key(&j, &more, key, sizeof key);)
 *         if (!strcmp(key, "total")) total = json_in_number(&j); else json_in_skip(&j); */
#ifndef WEFT_TOOL_JSON_READ_H
#define WEFT_TOOL_JSON_READ_H

#include <stddef.h>

typedef struct json_in {
    const char *at, *end;
    int bad;
} json_in;

/* Begin an object or an array; returns 1, or 0 if it is none. */
int json_in_open(json_in *j, char bracket);

/* The next member's key, or (of arrays) whether there is another element; *first is 1 before the first.  Returns 0 behind the last,
 * whose bracket has been read then. */
int json_in_key(json_in *j, int *first, char *key, size_t room);
int json_in_element(json_in *j, int *first);

/* A value.  Text is cut to the room; escapes become '?'. */
double json_in_number(json_in *j);
void json_in_text(json_in *j, char *to, size_t room);
void json_in_skip(json_in *j);

#endif
