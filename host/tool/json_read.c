/* Reading JSON; the contract is in json_read.h. */
#include "json_read.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_DEPTH = 16, NUMBER_BYTES = 40 };

static char peek(json_in *j)
{
    while (j->at < j->end && memchr(" \t\r\n", *j->at, 4))
        j->at++;
    return j->bad || j->at == j->end ? '\0' : *j->at;
}

static int take(json_in *j, char c)
{
    if (peek(j) != c) {
        j->bad = 1;
        return 0;
    }
    j->at++;
    return 1;
}

int json_in_open(json_in *j, char bracket)
{
    return take(j, bracket);
}

/* Behind the bracket that opens, or behind a value: another one, or the bracket that ends. */
static int has_more(json_in *j, int *first, char end)
{
    if (peek(j) == end) {
        j->at++;
        return 0;
    }
    const int more = *first || take(j, ',');
    *first = 0;
    return more && !j->bad && j->at < j->end;
}

int json_in_element(json_in *j, int *first)
{
    return has_more(j, first, ']');
}

int json_in_key(json_in *j, int *first, char *key, size_t room)
{
    if (!has_more(j, first, '}'))
        return 0;
    json_in_text(j, key, room);
    return take(j, ':');
}

double json_in_number(json_in *j)
{
    char text[NUMBER_BYTES] = "";
    size_t length = 0;
    (void)peek(j);
    while (j->at + length < j->end && length + 1 < sizeof text &&
           memchr("0123456789+-.eE", j->at[length], 15))
        length++;
    if (!length || j->bad) {
        j->bad = 1;
        return 0;
    }
    memcpy(text, j->at, length);
    j->at += length;
    char *end = NULL;
    const double v = strtod(text, &end);
    j->bad |= *end != '\0';
    return v;
}

void json_in_text(json_in *j, char *to, size_t room)
{
    size_t used = 0;
    to[0] = '\0';
    if (!take(j, '"'))
        return;
    while (j->at < j->end && *j->at != '"') {
        const int escape = *j->at == '\\';
        const char c = escape ? '?' : *j->at;
        j->at += escape && j->at + 1 < j->end ? 2 : 1;
        if (used + 1 < room)
            to[used++] = c;
    }
    to[used] = '\0';
    (void)take(j, '"');
}

static void skip(json_in *j, unsigned depth)
{
    char ignored[8];
    int first = 1;
    const char c = peek(j);
    if (depth > MOST_DEPTH) {
        j->bad = 1;
    } else if (c == '"') {
        json_in_text(j, ignored, sizeof ignored);
    } else if (c == '{') {
        j->at++;
        while (json_in_key(j, &first, ignored, sizeof ignored))
            skip(j, depth + 1);
    } else if (c == '[') {
        j->at++;
        while (json_in_element(j, &first))
            skip(j, depth + 1);
    } else {
        while (j->at < j->end && !memchr(",]} \t\r\n", *j->at, 7))
            j->at++;
    }
}

void json_in_skip(json_in *j)
{
    skip(j, 0);
}
