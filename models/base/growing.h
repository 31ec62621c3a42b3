/* Memory that has a size and takes room only up to the highest byte that was used: the memory of a device that a program has
 * in its own address space.  One thread at a time.
 *
 *     weft_growing m;
 *     if (weft_growing_open(&m, 256 << 20) == WEFT_OK) {
 *         uint8_t *at = weft_growing_at(&m, address, bytes);       // NULL: no room for so much
 *         ...
 *     }
 *     weft_growing_close(&m);
 *
 * A pointer is good until the next call that may grow it; those into what is `kept` until the end. */
#ifndef WEFT_GROWING_H
#define WEFT_GROWING_H

#include <stddef.h>
#include <stdint.h>

enum { WEFT_GROWING_VIEWS = 24 };

typedef struct weft_growing {
    uint8_t *bytes; /* the first `room` bytes */
    uint64_t room, most;
    int file; /* of the pages, so that several views show the same ones; -1: all of it is there from the beginning */
    int kept; /* pointers into the view have to stay good */
    struct {
        void *at;
        size_t bytes;
    } old[WEFT_GROWING_VIEWS]; /* views to which that was promised */
    unsigned old_count;
} weft_growing;

/* Memory of `most` bytes, all zero.  Returns WEFT_OK or WEFT_ERR_NO_MEMORY; weft_growing_close in any case. */
int weft_growing_open(weft_growing *m, uint64_t most);
void weft_growing_close(weft_growing *m);

/* Make room for `bytes` from `address` on.  Returns where they are, or NULL: beyond the size, or no memory. */
uint8_t *weft_growing_at(weft_growing *m, uint64_t address, uint64_t bytes);

/* The same, and the pointer is good until the end. */
uint8_t *weft_growing_keep(weft_growing *m, uint64_t address, uint64_t bytes);

#endif
