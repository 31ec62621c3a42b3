/* What the tiles of a layer need of its areas. */
#ifndef WEFT_COMPILE_TILES_H
#define WEFT_COMPILE_TILES_H

#include "models/compile/plan/schedule.h"

#define MOST_ROWS 32764u /* of a patch in the buffer: R_START has 16 bits; whole slots of four */

/* Part of an area: rows row_lo..row_hi-1, of which every row_step-th (0 like 1), from the first
 * on; of each the bytes byte_lo..byte_hi-1.  Empty if row_lo == row_hi.  By pixel, if across > 0:
 * of each row `across` pixels, every x_step-th from number x0 on; then byte_lo..byte_hi-1 are
 * bytes of a pixel.  Otherwise byte_lo is a multiple of MEM_BYTES. */
typedef struct extent {
    uint32_t row_lo, row_hi, byte_lo, byte_hi, row_step;
    uint32_t across, x0, x_step;
} extent;

/* Returns how many local rows an extent takes in the buffer: a row each, or a pixel each. */
uint32_t extent_rows(const extent *e);

/* Returns what the tile of output rows y0..y1-1 and pixels x0..x1-1 needs of input 0, clipped to
 * the image. */
extent input_extent(const schedule *sched, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                    uint32_t x1);

/* Returns what the tile needs of the second operand; nothing is clipped. */
extent operand_extent(const schedule *sched, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                      uint32_t x1);

/* Returns what the tile fills of the output. */
extent output_extent(const schedule *sched, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                     uint32_t x1);

/* Inputs *begin..*end-1 are those that outputs lo..hi-1 need along an axis of `size` inputs; none
 * if *begin == *end. */
void reach_inputs(const reach *r, uint32_t lo, uint32_t hi, uint32_t size, int64_t *begin,
                  int64_t *end);

/* Does the input go through the buffer pixel by pixel, so that what lies between is not moved? */
int input_by_pixel(const schedule *sched, const layer *l);

/* Does the output? */
int output_by_pixel(const schedule *sched, const layer *l);

/* Returns the bytes of a pixel that the layer moves between memory and its input slots. */
uint32_t input_pixel_bytes(const schedule *sched, const layer *l);

/* Returns the bytes of a pixel that it moves from its output slots. */
uint32_t output_pixel_bytes(const schedule *sched, const layer *l);

/* Of the pixels of a row of its input the layer moves one in so many. */
uint32_t input_pixel_step(const schedule *sched, const layer *l);

/* Of the rows of its input the layer reads one in so many: more than 1 where strides jump over
 * rows. */
uint32_t input_row_step(const layer *l);

/* Returns the words of a slot for so many rows of so many bytes, at least 1. */
uint64_t slot_words(const schedule *sched, uint64_t rows, uint64_t bytes);

/* What a layer of a chain computes for a tile of the last: rows begin..end-1; `oldest` is the first
 * row that its reader needs. */
enum { MAX_CHAIN = 8 };
typedef struct chain_rows {
    uint32_t begin, end, oldest;
} chain_rows;

/* Fills in rows[0..last-first] for rows y0..y1-1 of layer `last`.  done[]: by layer, the rows
 * computed so far; 0 before the first tile, updated by each. */
void chain_rows_of(const schedule *sched, uint32_t first, uint32_t last, uint32_t y0, uint32_t y1,
                   uint32_t *done, chain_rows *rows);

/* Is a chain of so many layers done by halves (emit_chain.c)? */
static inline int chain_by_halves(uint32_t length)
{
    return length > 2;
}

/* Does the input of a chain pass through one slot, so that the next tile's comes when this one's
 * was read?  t: of its first layer. */
static inline int one_input_slot(const tiling *t)
{
    return t->slot_words[0] && t->slot_word[0][0] == t->slot_word[0][1];
}

#endif
