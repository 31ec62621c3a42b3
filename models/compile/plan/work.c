/* Memory, error and blame of a compilation. */
#include "work.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct block {
    struct block *next;
    uint64_t align;
};

int work_no_memory(work *w)
{
    return weft_error_set(w->err, WEFT_ERR_NO_MEMORY, "out of memory while compiling");
}

void work_blame(work *w, uint32_t node, const char *format, ...)
{
    va_list args;
    if (!w->culprits)
        return;
    va_start(args, format);
    (void)vsnprintf(w->culprits[node].why, sizeof w->culprits[node].why, format, args);
    va_end(args);
}

void *work_alloc(work *w, size_t bytes)
{
    struct block *b = bytes > SIZE_MAX - sizeof(struct block) ? NULL : calloc(1, sizeof *b + bytes);
    if (!b) {
        work_no_memory(w);
        return NULL;
    }
    b->next = w->blocks;
    w->blocks = b;
    return b + 1;
}

void *work_grow(work *w, void *array, uint32_t count, uint32_t *room, size_t element_bytes)
{
    if (count < *room)
        return array;
    uint32_t more = *room ? 2 * *room : 64;
    void *moved = realloc(array, more * element_bytes);
    if (!moved) {
        work_no_memory(w);
        return NULL;
    }
    *room = more;
    return moved;
}

void work_free(work *w)
{
    while (w->blocks) {
        struct block *next = w->blocks->next;
        free(w->blocks);
        w->blocks = next;
    }
}
