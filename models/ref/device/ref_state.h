/* What the parts of the reference device share: its state, positions in the feature buffer, and the
 * parts' entries.  Not for others; the door is ref_device.h. */
#ifndef WEFT_REF_STATE_H
#define WEFT_REF_STATE_H

#include "models/base/growing.h"
#include "ref_device.h"
#include "rtl/isa/weft_isa.h"

enum { REF_MAX_CELLS = 32, REF_TABLE = WEFT_TABLE_ENTRIES, REF_TOKENS = 5 };

/* A ring of row slots, in words, and a row in it. */
typedef struct ref_ring {
    uint32_t pitch, top, size;
} ref_ring;

typedef struct ref_position {
    int64_t r;  /* row; its bank is r mod 4 */
    uint32_t a; /* word where its slot starts */
} ref_position;

/* The parameters of the columns of a block. */
typedef struct ref_header {
    uint32_t bias[REF_MAX_CELLS], mult[REF_MAX_CELLS], half[REF_MAX_CELLS];
    int8_t shift[REF_MAX_CELLS];
} ref_header;

/* What every issue of a command needs. */
typedef struct ref_job {
    const weft_ref_device *dev;
    ref_ring ring;
    int64_t rows, row_bytes, krows, seg;
    uint32_t mode, groups, chain, phases, inner, outer;
    uint32_t height; /* cells of a group in a column */
    uint32_t later; /* depthwise: bytes from the earlier to the later word of a pair; 0: no pairs */
    uint32_t in_dr, in_da, out_dr, out_da;
    int64_t in_du, out_du;
    int span, zp;
} ref_job;

/* The pass loop of a block. */
typedef struct ref_pass {
    ref_position at;
    int64_t up, i0, kr, kx;
} ref_pass;

/* Weights of a pass, [row][column], and the samples of the depthwise chains,
 * [later][group][issue][column]: the word of k issues ago is at (newest - k) mod 32. */
typedef struct ref_cells {
    int16_t weight[REF_MAX_CELLS][REF_MAX_CELLS];
    int8_t chain[2][WEFT_MAX_GROUPS][REF_MAX_CELLS][REF_MAX_CELLS];
    uint32_t newest;
} ref_cells;

/* A COMPUTE in progress: where it stands. */
typedef struct ref_compute_state {
    weft_cmd cmd;
    ref_job job;
    ref_pass at;
    ref_header header;
    ref_cells cells;
    uint32_t block, pass;
    int64_t block_u;
    size_t stream; /* of the weights, the next byte in device memory */
} ref_compute_state;

/* A run in progress. */
typedef struct ref_run {
    weft_ref_start start;
    uint64_t tokens[REF_TOKENS];
    weft_ref_result result;
    uint64_t addr;  /* of the next command */
    uint32_t index; /* of the command at work, or the next */
    unsigned units; /* that a COMPUTE at work is long */
    int computing;  /* a COMPUTE is at work */
    int active;     /* there is a run, and it has not ended */
} ref_run;

struct weft_ref_device {
    weft_hw hw;                /* hw.word_bytes is W of the contract */
    uint32_t stream_row_bytes; /* CP of the contract */
    uint32_t bank_bytes;       /* fb_words * word_bytes, a power of two */
    uint8_t *bank[WEFT_BANKS];
    weft_growing pages;             /* device memory */
    uint32_t (*acc)[REF_MAX_CELLS]; /* [acc_depth][column], sums modulo 2^32 */
    int8_t table_bytes[REF_TABLE];
    uint32_t table_1[REF_TABLE], table_2[REF_TABLE];
    ref_run run;
    ref_compute_state compute;
};

/* The step of the contract: `rows` on, where words = (rows div 4) * pitch mod size. */
static inline void ref_step(ref_position *at, const ref_ring *ring, uint32_t rows, uint32_t words)
{
    at->a += words;
    if (at->a >= ring->top)
        at->a -= ring->size;
    if (((uint32_t)at->r & 3) + (rows & 3) >= 4) {
        at->a += ring->pitch;
        if (at->a >= ring->top)
            at->a -= ring->size;
    }
    at->r += rows;
}

/* The slot of row r + g, g = 0..3. */
static inline uint32_t ref_slot(const ref_position *at, const ref_ring *ring, uint32_t g)
{
    if (((uint32_t)at->r & 3) + g < 4)
        return at->a;
    uint32_t a = at->a + ring->pitch;
    return a >= ring->top ? a - ring->size : a;
}

/* Place in a bank of byte b (any integer) of the row whose slot starts at word a. */
static inline uint32_t ref_place(const weft_ref_device *dev, uint32_t a, int64_t b)
{
    return (uint32_t)((uint64_t)a * dev->hw.word_bytes + (uint64_t)b) & (dev->bank_bytes - 1);
}

/* Copy bytes of a row to `at`; the bank is a circle. */
void ref_bank_read(const weft_ref_device *dev, uint32_t bank, uint32_t place, uint32_t bytes,
                   uint8_t *at);

/* Copy bytes from `at` into a row. */
void ref_bank_write(weft_ref_device *dev, uint32_t bank, uint32_t place, uint32_t bytes,
                    const uint8_t *at);

/* CP of the contract: a row of the weight stream, the columns rounded up to a power of two, 4 at least. */
static inline uint32_t ref_stream_row_bytes(const weft_hw *hw)
{
    uint32_t bytes = 4;
    while (bytes < hw->cols)
        bytes *= 2;
    return bytes;
}

/* Bytes of the weight stream of a COMPUTE or TABLE; 0 if it has none. */
uint64_t ref_stream_bytes(const weft_ref_device *dev, const weft_cmd *cmd);

/* All checks of a command but those of its own bytes and BUS, in the order of the contract.
 * Returns a WEFT_DEV_ code; the tokens of the run are taken and given only if it is WEFT_DEV_OK. */
uint32_t ref_check(const weft_ref_device *dev, ref_run *run, const weft_cmd *cmd);

/* Execute a LOAD that was found right and whose bytes are in memory; so the three below. */
void ref_load(weft_ref_device *dev, const weft_cmd *cmd);

/* Execute a STORE. */
void ref_store(weft_ref_device *dev, const weft_cmd *cmd);

/* Execute a TABLE. */
void ref_table(weft_ref_device *dev, const weft_cmd *cmd);

/* Begin to execute a COMPUTE. */
void ref_compute_begin(weft_ref_device *dev, const weft_cmd *cmd);

/* Go on with it for about so many issues, which are counted down; at least a pass.  Returns 1 when it has ended. */
int ref_compute_continue(weft_ref_device *dev, int64_t *issues);

/* The post unit with the way out: takes the finished sums of block n of a COMPUTE from the
 * accumulators and writes the output bytes. */
void ref_post_block(weft_ref_device *dev, const weft_cmd *cmd, const ref_header *header,
                    uint32_t n);

#endif
