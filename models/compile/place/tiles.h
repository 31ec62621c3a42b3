/* What tiles need of areas, and where that lies in the feature buffer. */
#ifndef WEFT_COMPILE_TILES_H
#define WEFT_COMPILE_TILES_H

#include "models/compile/plan/plan.h"

#define MOST_ROWS 32764u /* of a place in the buffer: R_START has 16 bits; whole slots of four */

/* Part of an area (or all of it) in the feature buffer: local row r is row row0 + r * row_step of
 * the area, local byte b is its byte byte0 + b.  By pixel (across > 0): local row r is one pixel,
 * number x0 + r % across * x_step of row row0 + r / across * row_step, and b its byte byte0 + b. */
typedef struct place {
    uint32_t area, occupant; /* occupant: another number for every new content of the words */
    uint32_t word, words, pitch;
    uint32_t row0, rows, row_step;
    uint32_t byte0, row_bytes;
    uint32_t across, x0, x_step, pixel; /* pixel: bytes from pixel to pixel of the area */
    uint32_t part_lo, part_hi;          /* bytes of a pixel that are meant; 0, UINT32_MAX: all */
} place;

/* The rows and bytes of the input that output rows [y0, y1) and pixels [x0, x1) need, clipped;
 * byte_lo is a multiple of MEM_BYTES.  Empty: row_lo == row_hi.  row_step: of the rows only one in
 * so many is needed, from the first on; 0 like 1. */
typedef struct extent {
    uint32_t row_lo, row_hi, byte_lo, byte_hi, row_step;
    /* By pixel, if across: so many of a row, one in x_step, from number x0 on; then byte_lo and
     * byte_hi are bytes of a pixel, and byte_lo may be any. */
    uint32_t across, x0, x_step;
} extent;

uint32_t extent_rows(const extent *e);

extent input_extent(const plan *p, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                    uint32_t x1);

/* Inputs begin..end-1 that outputs lo..hi-1 need along an axis of `size`. */
void place_reach(const reach *r, uint32_t lo, uint32_t hi, uint32_t size, int64_t *begin,
                 int64_t *end);

/* What each layer of a chain computes for rows y0..y1-1 of the last: rows begin..end-1; `oldest` is
 * the first row that its reader needs.  done: rows computed so far, by layer; 0 at first. */
enum { MAX_CHAIN = 8 };
typedef struct chain_rows {
    uint32_t begin, end, oldest;
} chain_rows;
void place_chain_rows(const plan *p, uint32_t first, uint32_t last, uint32_t y0, uint32_t y1,
                      uint32_t *done, chain_rows *rows);

/* What an output tile fills. */
extent output_extent(const plan *p, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                     uint32_t x1);

/* Likewise of the second operand; nothing is clipped. */
extent operand_extent(const plan *p, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                      uint32_t x1);

/* Is a chain of so many layers done by halves (emit_chain.c)? */
static inline int place_by_halves(uint32_t length)
{
    return length > 2;
}

/* The input of a chain passes through one slot: the next tile's comes when this one's was read. */
int place_one_input_slot(const layer *head);

/* A resident area, of which a layer means its operand (0, 1, 2: output); or part of an area in slot
 * number % slots of an operand. */
place place_whole(const plan *p, uint32_t k);
place place_operand(const plan *p, const layer *l, unsigned operand);
place place_in_slot(plan *p, const layer *l, unsigned operand, uint32_t number, uint32_t k,
                    extent e);

/* Word of local row r (any integer) of a place; and how far a step of so many rows moves in the
 * ring beyond what the bank carries: the *_DA fields. */
uint32_t place_slot(const place *at, int64_t r);
int64_t place_step(const place *at, uint64_t rows);

#endif
