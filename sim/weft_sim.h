/* The C door to the Verilated chip: one table of functions per model and form.
 *
 *     const weft_sim_model *m = &weft_sim_model_16x16;
 *     weft_sim *s = m->open(seed, &err);
 *     m->attach(s, mem);                       // memory behind the AXI port (mem_model.h)
 *     weft_sim_io io = { .send = frame, .send_left = n, .recv = buffer, .recv_room = room };
 *     rc = m->run(s, &io, 100000);             // cycles
 *     m->close(s);
 *
 * weft_sim.cpp is compiled once per form (sim/verilate.mk), with
 *     -DWEFT_SIM_SHAPE=16x16            what the table says its shape is
 *     -DWEFT_SIM_PREFIX=Vweft_16x16     verilator --prefix
 *     -DWEFT_SIM_TABLE=name             of the table, where it is not weft_sim_model_SHAPE
 *     -DWEFT_SIM_WITHOUT='" PAIR "'     parts it was verilated without, each between blanks
 *     -DWEFT_SIM_TRACE                  if verilated with --trace-fst
 *     -DWEFT_SIM_BOARD                  if it is a board (weft_board_sim.v), whose memory is inside
 *
 * Threads: a simulation belongs to one thread at a time; different ones are independent. A failed
 * assertion of the design is an error of run(), not the end of the process. */
#ifndef WEFT_SIM_H
#define WEFT_SIM_H

#include <stddef.h>
#include <stdint.h>

#include "host/transport/transport.h"
#include "mem_model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_sim weft_sim;

/* How fast the wire at the pins of the link is. */
typedef struct weft_sim_pace {
    uint64_t step;      /* bytes per cycle, times 2^32; 0: as fast as the pins */
    int shared;         /* both directions share them */
    uint64_t credit[2]; /* not used yet, to the chip and from it; of a shared wire only the first */
    int turn;           /* of a shared wire: whose turn it is if both want */
} weft_sim_pace;

/* Bytes on their way through the pins of the link, as many per cycle and direction as these are wide, or as
 * the pace allows.  Wide pins take whole words: zeros are added to bytes that fill none. */
typedef struct weft_sim_io {
    const uint8_t *send; /* moved on as bytes are taken */
    size_t send_left;
    uint8_t *recv;
    size_t recv_room, recv_got; /* with recv_got == recv_room the device has to wait */
    int until_sent;             /* stop as soon as send_left is 0 */
    int until_received;         /* stop as soon as recv_got is above 0 */
    weft_sim_pace *pace;        /* NULL: none */
} weft_sim_io;

typedef struct weft_sim_model {
    const char *shape;   /* "16x16" */
    uint32_t data_bytes; /* width of the memory port */
    uint32_t lacks;      /* WEFT_INFO_LACKS_*: the parts it was verilated without */
    int can_trace;
    int is_board; /* its shape is a board's name, and it wants no memory: attach and watch do nothing */
    int cpu_level; /* runs on machines of this level (cpu_level.h) and above */

    /* A chip after reset.  seed: of the registers that reset leaves open, where the model was
     * verilated with --x-initial unique.  NULL if there is no memory. */
    weft_sim *(*open)(uint64_t seed);

    /* NULL is allowed.  Completes a trace; returns 0, or -1 if that failed. */
    int (*close)(weft_sim *s);

    /* Put memory behind the AXI port; until then no access is ever answered. Borrowed. */
    void (*attach)(weft_sim *s, weft_mem *mem);

    /* Write every cycle from now on to an FST file, in place of a regular file of that name.
     * Returns 0, or -1: cannot be written, is there and no regular file, or not can_trace. */
    int (*trace)(weft_sim *s, const char *path);

    /* Report commands that start or end (transport.h); NULL ends that.  Borrowed. */
    void (*watch)(weft_sim *s, const weft_watch *watch);

    /* Simulate at most `cycles` cycles.  Returns 0, or -1 if the design stopped the simulation;
     * then only failure() and close() make sense. */
    int (*run)(weft_sim *s, weft_sim_io *io, uint64_t cycles);

    /* Cycles since reset. */
    uint64_t (*cycles)(const weft_sim *s);

    /* Where and why the design stopped; "" if it did not. */
    const char *(*failure)(const weft_sim *s);
} weft_sim_model;

/* The models that are linked in, the default shape first; a list that weft_sim_models.c makes of
 * what the build names. */
extern const weft_sim_model *const weft_sim_models[];
extern const unsigned weft_sim_model_count;

/* The model of that shape ("16x16") that lacks exactly these parts (WEFT_INFO_LACKS_*), in the form for
 * the highest level this machine has, without trace if there is one and want_trace is 0; NULL if
 * there is none.  *exists (may be NULL): whether there is one for any machine. */
const weft_sim_model *weft_sim_find(const char *shape, uint32_t lacks, int want_trace, int *exists);

/* Is model i, below weft_sim_model_count, the first of its shape and its parts? */
int weft_sim_is_new(unsigned i);

/* The model as an address has it behind shape=, "4x4,pair=0", cut to the room. */
void weft_sim_name(const weft_sim_model *m, char *to, size_t room);

#ifdef __cplusplus
}
#endif

#endif
