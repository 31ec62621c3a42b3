/* The arena of a graph: one allocation per 64 KiB of small things. */
#include "graph_own.h"

#include <stdlib.h>

enum { CHUNK_BYTES = 1 << 16 };

void *weft_graph_alloc(weft_graph *g, size_t bytes)
{
    const size_t align = sizeof(max_align_t);
    if (bytes > SIZE_MAX - CHUNK_BYTES - align)
        return NULL;
    bytes = (bytes + align - 1) / align * align;
    arena_chunk *top = g->own->arena;
    if (!top || bytes > top->capacity - top->used) {
        size_t capacity = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
        arena_chunk *fresh = calloc(1, sizeof *fresh + capacity);
        if (!fresh)
            return NULL;
        fresh->capacity = capacity;
        fresh->next = top;
        g->own->arena = top = fresh;
    }
    void *at = (unsigned char *)(top + 1) + top->used;
    top->used += bytes;
    return at;
}
