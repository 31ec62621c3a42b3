/* What the parts of the host library share; not for others, the door is weft.h.  Locks, states and
 * lifetimes: README.md. */
#ifndef WEFT_DEVICE_OWN_H
#define WEFT_DEVICE_OWN_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "host/transport/transport.h"
#include "models/base/args.h"
#include "models/program/weft_program.h"
#include <weft/weft.h>

enum { MOST_JOBS = 16, MOST_COUNTERS = 32 };

/* --- bank.c: where a loaded program lies ---------------------------------------------------------
 * A bank is one set of addresses for the program's ports, and how to start it there. */
typedef struct weft_bank {
    weft_start start;
    uint32_t *port;       /* inputs, then outputs */
    int busy;             /* a job has its data there; `state` */
    weft_port_set *owner; /* the only one whose jobs may use it, or NULL; `state` */
} weft_bank;

/* With two banks the inputs of the next job go in and the outputs of the last come out while the
 * program runs; with one, where device memory has no room for more, one after the other. */
typedef struct weft_banks {
    unsigned count;
    weft_bank bank[WEFT_MAX_PORT_SETS];
} weft_banks;

/* The program moved to other addresses: those of `p` plus this, modulo 2^32. */
static inline uint32_t weft_bank_shift(const weft_program *p, uint32_t base)
{
    return base - p->win_base;
}

/* Bytes of device memory that a program takes with so many banks, a multiple of
 * WEFT_TRANSPORT_ALIGN.  0: it cannot have so many. */
uint64_t weft_banks_bytes(const weft_program *p, unsigned count);

/* The addresses of `count` banks for a program that begins at base.  Returns WEFT_OK or
 * WEFT_ERR_NO_MEMORY; weft_banks_free in any case. */
int weft_banks_make(weft_banks *banks, const weft_program *p, uint32_t base, unsigned count);
void weft_banks_free(weft_banks *banks);

/* Write the program, with its commands as each bank needs them, into device memory.
 * Returns WEFT_OK, WEFT_ERR_NO_MEMORY, or what the transport says. */
int weft_banks_write(const weft_banks *banks, const weft_program *p, weft_transport *t,
                     weft_error *err);

/* --- parts.c: the runs of a job ------------------------------------------------------------------
 * A part of a job: steps of the host, then a run of the device, which may be empty. */
typedef struct weft_part {
    uint32_t first_step, step_count; /* of the program */
    uint32_t first_command;          /* ordinal in the program */
    weft_start start;                /* prog_count 0: there are no commands */
} weft_part;

/* A program without steps is one part. */
typedef struct weft_parts {
    uint32_t count;
    weft_part *part;
} weft_parts;

/* Cut a program that begins at base at its steps.  Returns WEFT_OK or WEFT_ERR_NO_MEMORY;
 * weft_parts_free in any case. */
int weft_parts_make(weft_parts *parts, const weft_program *p, uint32_t base);
void weft_parts_free(weft_parts *parts);

/* Read the inputs of a step from device memory, compute, write its outputs there; the device is
 * idle.
 *
 *   shift  of all addresses of the step
 *
 * Returns WEFT_OK or with a sentence WEFT_ERR_NO_MEMORY, WEFT_ERR_CANCELLED or what the transport says. */
int weft_step_run(const weft_job *job, const weft_program_step *s, uint32_t shift, weft_error *err);

/* At a device, of somebody who waits for jobs of several (wait.c). */
typedef struct weft_bell weft_bell;

/* --- the objects --------------------------------------------------------------------------------
 */

struct weft_job {
    weft_loaded *net; /* held */
    weft_job *next;   /* of the queue */
    weft_job_state state;
    int noticed; /* its end was asked for: it does not count in dev->ended any more */
    int orphan;  /* given back on the thread of the device, which frees it */
    atomic_int cancelled;
    atomic_uint finished, total;
    uint8_t *in;          /* rows of all inputs, one after the other; NULL with a port set */
    weft_output *outputs; /* the caller's, one for each output; likewise */
    weft_port_set *set;   /* held until the job is over; or NULL */
    void (*ended)(void *self, int status, const char *text);
    void *self;
    weft_error result;
    /* The thread of the device's own. */
    weft_bank *bank; /* that it occupies; NULL before it is staged */
    int running;     /* part `part` was started */
    uint32_t part;   /* of the program */
    uint32_t runs;   /* that have ended */
    uint64_t cycles;
    double from, seconds; /* when it was started; how long it ran */
};

struct weft_port_set {
    weft_loaded *net; /* held */
    weft_bank *bank;
    unsigned holders; /* the caller and a job; `state` */
    int busy;         /* a job of it is in flight; `state` */
    int direct;       /* rows are device memory */
    uint8_t *memory;  /* of the rows if they are not */
    uint8_t **rows;   /* of inputs, then outputs */
};

struct weft_loaded {
    weft_device *dev;      /* held */
    weft_program *program; /* held */
    weft_parts parts;
    uint32_t base; /* its first byte in device memory */
    /* Guarded by `state`. */
    weft_loaded *next; /* in device memory, by address */
    weft_banks banks;
    uint64_t bytes;                      /* of device memory */
    int given_back;                      /* by weft_unload */
    int spare_bank;                      /* the second bank may be taken for another program */
    unsigned set_count;                  /* port sets that are taken */
    unsigned in_flight, in_flight_plain; /* jobs; those without a port set */
    unsigned holders;                    /* the caller, its jobs and port sets */
    weft_stats stats;
    /* The thread of the device's own. */
    uint64_t clock_from; /* of the transport, at the first start */
};

struct weft_device {
    /* Fixed while it is open. */
    weft_transport *transport;
    char address[WEFT_URI_BYTES];
    uint32_t isa_version;
    weft_hw hw;
    pid_t process; /* that opened it */
    pthread_t worker;

    atomic_int working; /* the thread `worker` exists */
    atomic_int lost;    /* unplugged, or its link broke: nothing but weft_recover talks to it */

    /* Of whoever has the turn. */
    weft_watch watch, watcher;      /* what the transport tells; whom the device tells */
    size_t piece_bytes;             /* that are moved at once, 0 before the first (move.c) */
    uint32_t before[MOST_COUNTERS]; /* counters of the runs of the last job before its last */

    pthread_mutex_t state;
    pthread_cond_t changed; /* anything below */
    int turn_taken;         /* somebody talks to the transport */
    unsigned turn_wanted;   /* callers that wait for it; they go before the worker */
    weft_job *head;         /* the running one first */
    unsigned in_flight;     /* jobs being made, queued and running */
    int quit, closed;
    unsigned holders;    /* the caller, and what is loaded or was */
    weft_loaded *loaded; /* what device memory holds, by address */
    weft_bell *bells;    /* of those who wait for jobs of several devices */
    unsigned ended;      /* jobs that are over and whose end nobody has asked for */
    int pipe[2];         /* readable while ended is not 0; -1 before it is asked for */
};

/* --- tensor_io.c: between the user's tensors and the rows of device memory ----------------------
 */

/* Bytes of the rows of a port in device memory. */
size_t weft_io_row_bytes(const weft_program_port *port);

/* Bytes a buffer of this form must have. */
size_t weft_io_buffer_bytes(const weft_program_port *port, weft_form form);

/* WEFT_OK if the buffer has a form and the size of it; WEFT_ERR_ARG with a sentence. */
int weft_io_check(const weft_program_port *port, uint32_t form, const void *data, uint64_t bytes,
                  weft_error *err);

/* Lay an input out as rows; weft_io_row_bytes() of room, bytes between rows become 0.
 * Returns WEFT_OK or WEFT_ERR_NO_MEMORY. */
int weft_io_pack(const weft_program_port *port, const weft_input *from, uint8_t *rows);

/* The way back; the buffer has passed weft_io_check. */
int weft_io_unpack(const weft_program_port *port, const uint8_t *rows, const weft_output *to);

/* --- memory.c: device memory divided among programs ---------------------------------------------
 */

typedef struct weft_memory_use {
    uint64_t free_bytes, largest_bytes; /* in all; in one piece */
} weft_memory_use;

weft_memory_use weft_memory_of(const weft_loaded *first, uint64_t mem_size);

/* A free piece: at `wish` if that is free, else the lowest.  Returns 1 and *base, or 0. */
int weft_memory_find(const weft_loaded *first, uint64_t mem_size, uint64_t wish, uint64_t bytes,
                     uint32_t *base);

/* --- loaded.c ------------------------------------------------------------------------------------
 * With the turn: write all loaded programs into device memory once more.  Returns WEFT_OK,
 * WEFT_ERR_NO_MEMORY, or what the transport says. */
int weft_loaded_write_all(weft_device *dev, weft_error *err);

/* --- turn.c: who talks to the transport ----------------------------------------------------------
 */

/* WEFT_OK, or WEFT_ERR_NO_DEVICE in a process forked from the one that opened the device. */
int weft_turn_here(const weft_device *dev, weft_error *err);

/* 1 on the thread of the device, that is in a callback. */
int weft_turn_is_worker(const weft_device *dev);

/* Wait until the transport is free, and keep it for the caller until weft_turn_give.
 *
 *   idle  wait for the end of all jobs too, which must be near
 *
 * Returns WEFT_OK, or without it WEFT_ERR_BUSY (on the thread of the device) or
 * WEFT_ERR_NO_DEVICE (closed, or forked). */
int weft_turn_take(weft_device *dev, int idle, weft_error *err);
void weft_turn_give(weft_device *dev);

/* A sentence for a device that was lost; returns WEFT_ERR_NO_DEVICE. */
int weft_turn_lost(weft_error *err);

/* --- wait.c: the end of a job --------------------------------------------------------------------
 * With `state` held: wait for the first of jobs of one device to be over; its index, or count. */
uint32_t weft_wait_first(weft_job *const *jobs, uint32_t count, uint32_t timeout_ms);

/* Why a wait has ended without a job being over; returns WEFT_ERR_TIMEOUT or WEFT_ERR_BUSY. */
int weft_wait_not_over(int on_worker, uint32_t timeout_ms, weft_error *err);

/* With `state` held: a job of the device is over. */
void weft_wait_ring(const weft_device *dev);

/* --- counters.c ----------------------------------------------------------------------------------
 */

/* Add the counters of the run that has ended to those of the job's runs before; saturating. */
int weft_counters_keep(weft_device *dev, weft_error *err);

/* --- hold.c: what lives how long -----------------------------------------------------------------
 * With `state` held: free device memory that nobody uses any more. */
void weft_hold_settle(weft_loaded *net);

/* With `state` held: one holder less.  Returns the set if it was the last, to be freed without
 * `state`; else, and of NULL, NULL. */
weft_port_set *weft_hold_release_set(weft_port_set *set);
void weft_hold_free_set(weft_port_set *set);

/* One holder of the device less; the last frees it.  Without `state`. */
void weft_hold_drop_device(weft_device *dev);

/* One holder of a loaded program less; the last gives its memory back and lets go of the device.  Without `state`. */
void weft_hold_drop_loaded(weft_loaded *net);

/* One holder of a port set less; the last makes it free for others and lets go of the program.  Without `state`. */
void weft_hold_drop_set(weft_port_set *set);

/* Free a job that is over and lets go of its program and its set.  Without `state`. */
void weft_hold_free_job(weft_job *job);

/* --- move.c: between host and device memory -----------------------------------------------------
 * WEFT_OK, WEFT_ERR_CANCELLED with part of the bytes moved, or what the transport says. */
int weft_move_in(const weft_job *job, uint32_t address, const uint8_t *from, size_t bytes,
                 weft_error *err);
int weft_move_out(const weft_job *job, uint32_t address, uint8_t *to, size_t bytes,
                  weft_error *err);

/* --- run.c: one job on the hardware, in steps ---------------------------------------------------
 *
 * Called by the worker with the turn, in this order for one job; a job that has failed passes
 * through the rest untouched.  Between start and finish of one job others may be staged in another
 * bank or collected from it. */

/* Write the inputs of the job into a bank of ports. */
void weft_run_stage(weft_job *job, weft_bank *bank);

/* Start the device on it. */
void weft_run_start(weft_job *job);

/* Wait until the device is done, abort it if the job was cancelled, and run the steps of the host between its runs. */
void weft_run_finish(weft_job *job);

/* Read the outputs and convert them: then the status of the job is final. */
void weft_run_collect(weft_job *job);

/* --- worker.c ------------------------------------------------------------------------------------
 */

/* The thread of a device: executes jobs in order until quit. */
void *weft_worker_main(void *dev);

/* --- ended.c: the descriptor that becomes readable -----------------------------------------------
 * All with `state` held. */
/* One more job is over: makes the descriptor readable if there is one. */
void weft_ended_count(weft_device *dev);

/* The end of this job was asked for: when no other is unasked, the descriptor is not readable any more. */
void weft_ended_notice(weft_device *dev, weft_job *job);

/* Close the descriptor, if there is one. */
void weft_ended_close(weft_device *dev);

#endif
