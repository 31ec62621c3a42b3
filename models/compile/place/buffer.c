/* The words of the feature buffer, first fit. */
#include "buffer.h"

int buffer_take(buffer *b, uint32_t words, uint32_t *word)
{
    uint32_t at = 0, i = 0;
    if (words == 0 || b->count == b->room)
        return words == 0;
    for (; i < b->count && b->used[i].word - at < words; i++)
        at = b->used[i].word + b->used[i].words;
    if (words > b->words - at)
        return 0;
    for (uint32_t k = b->count++; k > i; k--)
        b->used[k] = b->used[k - 1];
    b->used[i] = (span){ at, words };
    *word = at;
    return 1;
}

void buffer_give_back(buffer *b, uint32_t word)
{
    uint32_t i = 0;
    while (i < b->count && b->used[i].word != word)
        i++;
    if (i == b->count)
        return;
    for (b->count--; i < b->count; i++)
        b->used[i] = b->used[i + 1];
}
