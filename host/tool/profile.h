/* What a run cost, layer by layer: measured by the counters of the device, beside the prediction.
 *
 *     profile p;
 *     code = profile_make(t, &on, program, &io, &p);    load first; runs the program once
 *     profile_text(&p, stdout);
 *     profile_free(&p);
 *
 * TIME OF A LAYER.  Layers overlap.  A layer is over when all its commands and all commands before
 * it have ended; its cycles are those from the end of the layer before.  So layers add up to the
 * run, in cycles and in every counter.  Predictions are cut the same way. */
#ifndef WEFT_TOOL_PROFILE_H
#define WEFT_TOOL_PROFILE_H

#include "rtl/isa/weft_isa.h"
#include "tool.h"

enum { PROFILE_QUEUES = 3 }; /* load, store, compute: the order of weft_event */
enum { QUEUE_LOAD, QUEUE_STORE, QUEUE_COMPUTE, QUEUE_NONE };

/* Counters by their place behind CYCLES. */
enum {
    COUNT_CYCLES,
    COUNT_ISSUED,
    COUNT_FIRST_STALL, /* stalls and IDLE: where the other cycles go */
    COUNT_IDLE = 8,
    COUNT_LOAD_BUSY,
    COUNT_STORE_BUSY,
    COUNT_READ_BEATS,
    COUNT_WEIGHT_BEATS,
    COUNT_WRITE_BEATS,
    COUNT_COMMANDS
};

/* What commands do, from their fields alone. */
typedef struct profile_work {
    uint64_t vectors;                        /* into the array or the pooling path */
    uint64_t sums;                           /* results of a column, requantised */
    uint64_t macs;                           /* of depthwise commands; others: see the layer */
    uint64_t read_bytes, write_bytes;        /* LOAD and STORE */
    uint64_t weight_bytes, command_bytes;    /* streams with tables; the program itself */
    uint64_t buffer_bytes, accumulate_bytes; /* moved in and out of memory on chip */
} profile_work;

typedef enum profile_kind {
    KIND_DENSE,
    KIND_DEPTHWISE,
    KIND_MAX,
    KIND_SUM,
    KIND_TABLE,
    KIND_MOVE
} profile_kind;

enum { PROFILE_KINDS = KIND_MOVE + 1 };

typedef struct profile_command {
    uint8_t queue, kind;
    uint32_t layer;
    uint32_t start, end;                      /* cycles of the run */
    uint32_t counters[WEFT_WATCHED_COUNTERS]; /* at its end */
    profile_work work;
} profile_command;

typedef struct profile_layer {
    const char *name, *op;
    uint64_t macs, predicted;
    uint32_t begin;                           /* cycle */
    uint32_t counters[WEFT_WATCHED_COUNTERS]; /* in this layer; [COUNT_CYCLES]: its cycles */
    profile_work work;
} profile_layer;

/* The commands of a kind, and the time of the compute queue up to their ends. */
typedef struct profile_sum {
    uint64_t commands, cycles, vectors, macs;
} profile_sum;

typedef struct profile {
    const weft_program *program; /* borrowed */
    uint32_t command_count, layer_count;
    profile_command *commands;
    profile_layer *layers;
    profile_layer all;
    profile_sum kinds[PROFILE_KINDS];
} profile;

extern const char *const profile_kind_names[PROFILE_KINDS];

/* Names of the counters from COUNT_FIRST_STALL to COUNT_IDLE, short. */
extern const char *const profile_stall_names[COUNT_IDLE - COUNT_FIRST_STALL + 1];

/* profile_work.c: the work of a command of a checked program. */
void profile_count(const weft_program *prog, const weft_cmd *cmd, profile_command *to);
void profile_add(profile_work *to, const profile_work *more);

/* What a checked program does, without a run: its work and multiplications, for profile_joule; no cycles. */
void profile_expect(const weft_program *prog, profile_layer *all);

/* profile.c: run once and take the profile.  An exit code; profile_free in any case. */
int profile_make(tool *t, const session *on, const weft_program *program, const io *b,
                 profile *out);
void profile_free(profile *p);

/* --- what follows from it (profile_work.c) ------------------------------------------------------
 */

/* Share of the peak, 0..1. */
double profile_utilisation(const profile *p, uint64_t macs, uint64_t cycles);

/* Bytes to and from memory. */
uint64_t profile_bytes(const profile_work *w);

/* The roofline: cycles the multipliers alone need, and those the memory port alone needs. */
typedef struct profile_roof {
    double array_cycles, memory_cycles;
    double macs_per_byte;
    int memory_binds;
} profile_roof;

profile_roof profile_roofline(const profile *p, const profile_layer *l);

/* Estimated energy, microjoules, in 45 nm.  M. Horowitz, "Computing's energy problem (and what we
 * can do about it)", ISSCC 2014, figure 1.1.9: 8-bit multiplication 0.2 pJ, 32-bit addition 0.1
 * pJ, 32-bit multiplication 3.1 pJ; 64 bits of an 8 KiB memory 10 pJ, of a 32 KiB memory 20 pJ, of
 * DRAM 1.3 nJ (the lower end: rows that hit). */
typedef struct profile_energy {
    double array, requantise, buffer, accumulator, dram, all;
} profile_energy;

profile_energy profile_joule(const profile_layer *l);

/* --- how it is shown ----------------------------------------------------------------------------
 */

/* A layer's name for people: of joined names (a;b;c) the first, without the path all begin with. */
enum { PROFILE_NAME_BYTES = 35 };
void profile_name(const profile *p, const profile_layer *l, char to[PROFILE_NAME_BYTES]);

void profile_text(const profile *p, FILE *to);
void profile_csv(const profile *p, FILE *to); /* layer, cycles, predicted cycles, MACs */
void profile_json(const profile *p, FILE *to);

/* A trace of the three queues and the array for ui.perfetto.dev or chrome://tracing; a microsecond
 * stands for a cycle. */
void profile_trace(const profile *p, const char *title, FILE *to);

/* One page with plots that needs nothing else. */
void profile_html(const profile *p, const char *title, FILE *to);

#endif
