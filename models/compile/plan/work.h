/* What every stage of the compiler needs: memory that is freed at once, the error, and who is to
 * blame for it. */
#ifndef WEFT_COMPILE_WORK_H
#define WEFT_COMPILE_WORK_H

#include <stddef.h>

#include "models/compile/weft_compile.h"

typedef struct work {
    weft_error *err;
    weft_placement *culprits; /* by node: why a stage refuses because of it, "" if none does; or
                                 NULL, if nobody asks */
    struct block *blocks;     /* of work_alloc */
    weft_meter *meter;        /* told of every schedule that is tried; may end the work */
} work;

/* Returns zeroed memory that lives until work_free; NULL with the error set if there is none. */
void *work_alloc(work *w, size_t bytes);

/* Makes room in a malloc'ed array of `count` elements for one more: returns the array, perhaps
 * moved, with its room updated, or NULL with the error set and the array as it was.  The caller
 * frees it. */
void *work_grow(work *w, void *array, uint32_t count, uint32_t *room, size_t element_bytes);

/* Sets the error "out of memory" and returns WEFT_ERR_NO_MEMORY. */
int work_no_memory(work *w);

/* Notes why this node makes a stage refuse; the latest reason counts. */
void work_blame(work *w, uint32_t node, const char *format, ...) WEFT_PRINTF(3, 4);

/* Frees what work_alloc gave. */
void work_free(work *w);

#endif
