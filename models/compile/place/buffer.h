/* The words of the feature buffer: which are taken. */
#ifndef WEFT_COMPILE_BUFFER_H
#define WEFT_COMPILE_BUFFER_H

#include <stdint.h>

typedef struct span {
    uint32_t word, words;
} span;

typedef struct buffer {
    uint32_t words;
    span *used; /* what is taken, by address; room for `room` of them */
    uint32_t count, room;
} buffer;

/* Takes the first free words that are enough: returns 1 and the first of them in *word, or 0 if
 * there are none.  Of 0 words it returns 1 and leaves *word alone. */
int buffer_take(buffer *b, uint32_t words, uint32_t *word);

/* Gives back the span that begins at this word; nothing happens if none does. */
void buffer_give_back(buffer *b, uint32_t word);

#endif
