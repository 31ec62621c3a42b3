/* Random legal programs, made from the contract alone, independent of the compiler.
 *
 *     rng r = rng_make(seed);
 *     gen_program p;
 *     if (gen_make(&r, &params, 4, 0, memory, &p) == 0)
 *         ... run p.prog_addr, p.prog_count, p.win_base, p.win_limit
 *
 * A program loads random data, computes in every mode with random loops and rings, uses both
 * tables, and stores results, in stages that overlap as far as its tokens let them.  It is free of
 * races and of everything the contract leaves undefined (the whole feature buffer and the tables
 * are loaded first), so every device must leave the same bytes in memory.  A program with a fault
 * has one command that breaks one rule; which error it must give is known without asking a device.
 *
 * No globals; deterministic in the state of the generator. */
#ifndef WEFT_GEN_CMDS_H
#define WEFT_GEN_CMDS_H

#include "models/base/rng.h"
#include "models/base/weft_hw.h"
#include "rtl/isa/weft_isa.h"

enum { GEN_MEM_SIZE = 1 << 20, GEN_MAX_COMMANDS = 160 }; /* bytes of memory needed */

typedef struct gen_program {
    uint32_t prog_addr, prog_count, win_base, win_limit;
    uint32_t prog_bytes;
    uint32_t error, error_index; /* how it must end; WEFT_DEV_OK without a fault */
    weft_cmd cmd[GEN_MAX_COMMANDS];
} gen_program;

/* Fill `memory` (shape->mem_size bytes, GEN_MEM_SIZE .. 2^30 - 1) and make a program in it.
 *
 *   stages  1 .. 8: tiles to go through
 *   fault   1: break one command
 *
 * Returns 0, or -1 if the program found no room (then memory is random and *out undefined). */
int gen_make(rng *r, const weft_hw *shape, unsigned stages, int fault, uint8_t *memory,
             gen_program *out);

/* --- between the files of the generator --- */

enum { GEN_NO_ROOM = 1 << 30 }; /* bytes: more than any memory here */

typedef struct gen {
    rng *r;
    const weft_hw *shape;
    uint32_t word_bytes, stream_row_bytes;
    uint8_t *memory;
    uint32_t used; /* bytes of memory given away */
    /* Where gen_compute shall take a stream whose weights an earlier STORE writes; 0 bytes: makes
     * one of its own. */
    uint32_t stored_stream, stored_stream_bytes;
    gen_program *program;
} gen;

/* Words [base, base + words) of every bank, and a ring of row slots in them: rows of up to
 * row_words words stay inside wherever their slot begins. */
typedef struct gen_region {
    uint32_t base, words;
} gen_region;

typedef struct gen_ring {
    uint32_t pitch, top, size, row_words;
} gen_ring;

static inline uint32_t gen_pick(gen *g, uint32_t lo, uint32_t hi)
{
    return (uint32_t)rng_range(g->r, (int32_t)lo, (int32_t)hi);
}

/* One time in n. */
static inline int gen_once_in(gen *g, uint32_t n)
{
    return gen_pick(g, 1, n) == 1;
}

gen_ring gen_ring_in(gen *g, gen_region region);

/* A new piece of memory, aligned to 32 bytes. */
uint32_t gen_take_memory(gen *g, uint32_t bytes);

/* A COMPUTE from `in` (and `operand` where it has one) to `out`, which overlaps neither unless the
 * operand is overwritten by its own results; no tokens, no WAIT.  Makes its weight stream too. */
weft_cmd gen_compute(gen *g, gen_region in, gen_region operand, gen_region out);

/* Bytes of the weight stream of a COMPUTE, 0 if it has none. */
uint32_t gen_stream_bytes(const gen *g, const weft_cmd *c);

/* Break one command; sets error and error_index of the program. */
void gen_break(gen *g);

#endif
