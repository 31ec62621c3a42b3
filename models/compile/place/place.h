/* Between the files of placement: the words of the feature buffer, and what a layer takes of it. */
#ifndef WEFT_COMPILE_PLACE_H
#define WEFT_COMPILE_PLACE_H

#include "tiles.h"

typedef struct span {
    uint32_t word, words;
} span;

/* Allocated spans, by address. */
typedef struct buffer {
    uint32_t words;
    span *used;
    uint32_t count, room;
    struct place_memo *memos;
    uint32_t *born, *next_born; /* areas by layer: see list_areas */
    uint32_t *dead, *next_dead;
} buffer;

/* First fit: 1 and *word if there is room.  give_back: the span that begins there. */
int place_take(buffer *b, uint32_t words, uint32_t *word);
void place_give_back(buffer *b, uint32_t word);

/* place_tiles.c: slots of a layer by itself.  decent: not at any price. */
int place_fit_layer(const plan *p, layer *l, buffer *b, int decent);
uint64_t place_least_words(const plan *p, const layer *l);
uint64_t place_slot_words(const plan *p, uint64_t rows, uint64_t bytes);

/* Bytes of a pixel that the layer moves between memory and its slots. */
uint32_t place_in_bytes(const plan *p, const layer *l);
uint32_t place_out_bytes(const plan *p, const layer *l);
/* And of its input one pixel in so many. */
uint32_t place_in_step(const plan *p, const layer *l);

/* Of the rows of the input the layer reads one in so many: more than 1 where strides jump over
 * rows. */
uint32_t place_row_step(const layer *l);

/* place_cost.c: about how long a layer takes in tiles of th x tw outputs. */
uint64_t place_cycles(const plan *p, const layer *l, uint32_t th, uint32_t tw, uint32_t slots);

/* Likewise a chain, in the tiles that were chosen. */
uint64_t place_chain_cycles(const plan *p, uint32_t first, uint32_t last);

/* place_chain.c: rings and slots of layers that work tile by tile in turn. */
int place_fit_chain(plan *p, uint32_t first, uint32_t last, buffer *b);
int place_can_ring(const plan *p, uint32_t area_index);

/* place_memo.c: for layers that place_memo_can, find says 1 and puts everything as it was left if
 * they have met this buffer before; otherwise keep is to be called with what comes out. */
struct place_memo *place_memo_new(plan *p); /* empty ones, by layer; those of the plan before go */
int place_memo_can(const plan *p, const buffer *b, uint32_t first, uint32_t last);
int place_memo_find(plan *p, buffer *b, uint32_t first, uint32_t last, int modest, int *room);
void place_memo_keep(const plan *p, const buffer *b, uint32_t first, int room);

#endif
