/* Between the files of placement: the tiles of a layer or chain, and the words they take of the
 * buffer. */
#ifndef WEFT_COMPILE_FIT_H
#define WEFT_COMPILE_FIT_H

#include "buffer.h"
#include "tiles.h"

/* How tiles are chosen: DECENT ones have two slots and vectors enough to fill the array; ANY may
 * be as small as one row of a few pixels, with one slot. */
typedef enum tile_sizes { TILES_DECENT, TILES_ANY } tile_sizes;

/* Chooses the cheapest tiles of a layer by itself, and takes slots for the operands that are not
 * resident (place_tiles.c).  Returns 1; or 0, with nothing taken, if none fit. */
int place_fit_layer(schedule *sched, const layer *l, buffer *b, tile_sizes sizes);

/* Returns the words that the layer's smallest tile takes if nothing is resident. */
uint64_t place_least_words(const schedule *sched, const layer *l);

/* Chooses the cheapest tiles of the chain of layers first..last, and takes its rings and slots
 * (place_chain.c).  Returns 1; or 0, with nothing taken, if none fit. */
int place_fit_chain(schedule *sched, uint32_t first, uint32_t last, buffer *b);

/* Could the area be a ring: written by a window layer and read by the next one alone, row after
 * row, in a chain that is not too long? */
int place_can_ring(const schedule *sched, uint32_t area_index);

/* Returns about how many cycles a layer takes in tiles of th x tw outputs (place_cost.c). */
uint64_t place_cycles(const schedule *sched, const layer *l, uint32_t th, uint32_t tw,
                      uint32_t slots);

/* Returns about how many cycles a chain takes in the tiles that were chosen for it. */
uint64_t place_chain_cycles(const schedule *sched, uint32_t first, uint32_t last);

/* What was found out about fitting layers, by layer (place_memo.c): layers and chains often meet
 * the same buffer again. */
typedef struct memos memos;

/* Returns empty memos for all layers, which live as long as the schedule; NULL: no memory. */
memos *place_memos_new(schedule *sched);

/* Can the fit of layers first..last into this buffer be remembered at all? */
int place_memo_can(const schedule *sched, const buffer *b, uint32_t first, uint32_t last);

/* If these layers have met this buffer before: returns 1, says in *room whether they fitted, and
 * puts buffer and tilings as they were left.  Otherwise 0; place_memo_keep is to be called next,
 * with what comes out of fitting them. */
int place_memo_find(memos *m, schedule *sched, buffer *b, uint32_t first, uint32_t last,
                    tile_sizes sizes, int *room);

/* Completes what place_memo_find began: whether they found room, and what they took. */
void place_memo_keep(memos *m, const schedule *sched, const buffer *b, uint32_t first, int room);

#endif
