/* How a lowering is run: what lies where, in which tiles, by which commands, and how long that
 * takes.  Made anew for each way that choose.c tries: place/ fills in storage and tilings, emit/
 * the commands, predict/ the cycles. */
#ifndef WEFT_COMPILE_SCHEDULE_H
#define WEFT_COMPILE_SCHEDULE_H

#include "lowering.h"

/* Ways to place, none of which is always the best. */
enum {
    POLICY_KEEP_CHAINS = 1, /* no chain is given up once there is room for it */
    POLICY_EVEN_TILES = 2,  /* tiles at the edges count like the others */
    POLICIES = 4
};

/* What a schedule may use of the device: all of it, or less, which can lead to a better one. */
typedef struct budget {
    uint32_t fb_words, acc_depth;
    unsigned policy; /* of POLICY_* */
} budget;

/* Where an area is stored. */
typedef struct storage {
    uint32_t born, dies; /* layers: of the area, or of the whole chains that they are in */
    int resident;        /* it stays in the feature buffer from its first to its last use */
    int ring; /* it is resident, but only some rows at a time: words are fewer than all */
    uint32_t word, words, pitch_words; /* in the buffer, if resident */
    int in_memory;
    uint32_t pitch_bytes, addr; /* there; addr is an offset in the activations, of a constant in
                                   the image */
    int loaded;                 /* emit: a resident input has been loaded */
} storage;

/* In which tiles a layer is done, with which slots of the buffer, and what became of it. */
typedef struct tiling {
    uint32_t chain; /* layers from here on that take turns: 1 alone, 0 inside of a chain */
    uint32_t tile_h, tile_w, slots;          /* output pixels of a tile; slots of each operand */
    uint32_t slot_words[3], slot_word[3][2]; /* of inputs 0 and 1 and of the output */
    uint64_t estimate;                       /* place: cycles, roughly */
    uint64_t cycles;                         /* predict */
    uint32_t first_command, command_count;
} tiling;

typedef struct schedule {
    const lowering *low;
    const network *net; /* of low */
    const weft_hw *hw;  /* of net */
    budget budget;
    work work;        /* of its own, so that a schedule that is not kept leaves nothing behind */
    storage *storage; /* by area */
    tiling *tilings;  /* by layer */
    uint64_t activation_bytes;
    struct pending *commands; /* commands.h */
    uint32_t command_count, command_room;
    uint64_t cycles; /* of all commands */
    /* emit.c, while it works */
    uint32_t run;              /* of the device, that the next command belongs to */
    uint32_t occupants;        /* contents of words of the buffer so far: patch.h */
    int has_operands, has_lut; /* what is in the device's tables */
    uint32_t operands, lut;    /* then: offsets in the image */
} schedule;

/* Begins a schedule: nothing is placed, there are no commands.  Errors and blame go where they are
 * said to go.  Returns WEFT_OK or WEFT_ERR_NO_MEMORY; schedule_free in either case. */
int schedule_begin(schedule *sched, const lowering *low, const budget *b, weft_error *err,
                   weft_placement *culprits);

/* Frees all of it and zeroes the schedule; allowed for a zeroed one. */
void schedule_free(schedule *sched);

/* The tiling of a layer of the lowering. */
static inline tiling *tiling_of(const schedule *sched, const layer *l)
{
    return &sched->tilings[l - sched->low->layers];
}

#endif
