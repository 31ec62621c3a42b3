/* A text that is written with FILE functions and stays in memory.
 *
 *     text_file f;
 *     if (!text_begin(&f))
 *         return NULL;
 *     fprintf(f.to, ..);
 *     return text_end(&f); */
#ifndef WEFT_TOOL_TEXT_FILE_H
#define WEFT_TOOL_TEXT_FILE_H

#include <stddef.h>
#include <stdio.h>

typedef struct text_file {
    FILE *to;
    char *text;
    size_t bytes; /* of the text, once it has ended */
} text_file;

/* Returns 1, or 0 if there is no memory.  The struct stays in its place until the end. */
int text_begin(text_file *f);

/* The text, which ends in a 0 and is given back by free(); NULL if there was no memory for all of it. */
char *text_end(text_file *f);

#endif
