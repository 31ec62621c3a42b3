/* A walk through the layers in their order, in which everything finds its words in the buffer or
 * does not. */
#ifndef WEFT_COMPILE_WALK_H
#define WEFT_COMPILE_WALK_H

#include "fit.h"

typedef struct walk {
    schedule *sched;
    buffer buffer;
    memos *memos;
    /* areas by the layer of their first and of their last use, in rising order: the first of each
     * layer, and by area the next of the same; NO_AREA: none */
    uint32_t *born, *next_born, *dead, *next_dead;
} walk;

/* Where a walk ended. */
typedef struct obstacle {
    uint32_t layer;
    uint32_t victim; /* the area that should leave the buffer, or NO_AREA */
} obstacle;

/* Makes ready for walks over the schedule.  Returns WEFT_OK or WEFT_ERR_NO_MEMORY. */
int walk_begin(walk *w, schedule *sched);

/* Walks once: gives the areas that are resident their words, every layer its tiles and slots, and
 * an estimate of its cycles.  Returns 1 if everything found room, else 0 and where it did not.
 * With TILES_DECENT, tiles that are not decent are an obstacle as long as there is a victim. */
int walk_layers(walk *w, tile_sizes sizes, obstacle *at);

/* Returns the estimated cycles of all layers, after a walk. */
uint64_t walk_cycles(const schedule *sched);

/* Returns the last layer of the chain that layer i begins; i itself if it begins none. */
uint32_t chain_end(const schedule *sched, uint32_t i);

#endif
