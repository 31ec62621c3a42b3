/* Patches: parts of areas where they lie in the feature buffer, for commands to read and write. */
#ifndef WEFT_COMPILE_PATCH_H
#define WEFT_COMPILE_PATCH_H

#include "tiles.h"

/* Part of an area (or all of it) in the feature buffer: local row r is row row0 + r * row_step of
 * the area, local byte b is its byte byte0 + b.  By pixel (across > 0): local row r is one pixel,
 * number x0 + r % across * x_step of row row0 + r / across * row_step, and b its byte byte0 + b. */
typedef struct patch {
    uint32_t area, occupant; /* occupant: another number for every new content of the words */
    uint32_t word, words, pitch;
    uint32_t row0, rows, row_step;
    uint32_t byte0, row_bytes;
    uint32_t across, x0, x_step, pixel; /* pixel: bytes from pixel to pixel of the area */
    uint32_t part_lo, part_hi;          /* bytes of a pixel that are meant; 0, UINT32_MAX: all */
} patch;

/* Returns all of a resident area. */
patch patch_whole(const schedule *sched, uint32_t area_index);

/* Returns the resident area that is operand 0 or 1 or the output (2) of the layer, of which it
 * means its own channels if the area is shared. */
patch patch_of_operand(const schedule *sched, const layer *l, unsigned operand);

/* Returns part `e` of an area in slot number % slots of an operand of the layer: a new occupant. */
patch patch_in_slot(schedule *sched, const layer *l, unsigned operand, uint32_t number,
                    uint32_t area_index, extent e);

/* Returns the word of local row r, which may be any integer. */
uint32_t patch_word(const patch *at, int64_t r);

/* Returns the *_DA field of a step of so many rows: how far it moves in the ring of words beyond
 * what the bank carries. */
int64_t patch_step(const patch *at, uint64_t rows);

#endif
