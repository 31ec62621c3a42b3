/* What the parts of the host library share; not for others, the door is weft.h.
 *
 * LOCKS.  `hardware` is held by whoever talks to the transport, for as long as one job or one call
 * takes; `state` guards the queue, the jobs' states and the statistics, never for long.  Who needs
 * both takes hardware first. */
#ifndef WEFT_DEVICE_OWN_H
#define WEFT_DEVICE_OWN_H

#include <pthread.h>
#include <stdatomic.h>

#include "host/transport/transport.h"
#include "models/program/weft_program.h"
#include <weft/weft.h>

/* One set of addresses for the ports of the loaded program, and how to start it there. */
typedef struct weft_bank {
    weft_start start;
    uint32_t *port; /* inputs, then outputs */
} weft_bank;

/* With two banks the inputs of the next job go in and the outputs of the last come out while the
 * program runs; with one, where device memory has no room for more, one after the other. */
typedef struct weft_banks {
    unsigned count;
    weft_bank bank[2];
} weft_banks;

/* A part of a job: steps of the host, then a run of the device, which may be empty. */
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

typedef enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_OVER } job_state;

struct weft_job {
    weft_device *dev;
    weft_job *next;        /* of the queue */
    weft_job *next_of_all; /* of all that were not waited for yet */
    job_state state;
    atomic_int cancelled;
    atomic_uint finished, total;
    uint8_t *in;      /* rows of all inputs, one after the other */
    weft_buffer *out; /* the caller's, one for each output */
    weft_error result;
    /* The worker's own. */
    unsigned bank;
    int staged;    /* the inputs are in the bank */
    int running;   /* part `part` was started */
    uint32_t part; /* of the program */
    uint32_t runs; /* that have ended */
    uint64_t cycles;
    double from, seconds; /* when it was started; how long it ran */
};

struct weft_device {
    weft_transport *transport;
    weft_info info;
    char uri[WEFT_URI_BYTES];

    pthread_mutex_t hardware;
    weft_watch watch, watcher;          /* what the transport tells; whom the device tells */
    uint32_t before[WEFT_MAX_COUNTERS]; /* counters of the runs of the last job before its last */
    weft_program *program; /* NULL: nothing loaded; changes only with no job in flight */
    weft_banks banks;      /* of the program */
    weft_parts parts;      /* likewise */
    int lost;              /* the device went away: the program must be loaded again */
    uint64_t clock_from;   /* of the transport, at the first start after a load */

    pthread_mutex_t state;
    pthread_cond_t changed; /* a job came, started or ended, or quit was set */
    weft_job *head;         /* the running one first */
    weft_job *all;
    unsigned in_flight; /* being made, queued and running */
    int quit;
    weft_stats stats;
    pthread_t worker;
};

/* --- tensor_io.c: between the user's tensors and the rows of device memory ----------------------
 */

/* Bytes of the rows of a port in device memory. */
size_t weft_io_row_bytes(const weft_program_port *port);

/* Bytes a buffer of this form must have. */
size_t weft_io_buffer_bytes(const weft_program_port *port, weft_form form);

/* Lay an input out as rows; weft_io_row_bytes() of room, bytes between rows become 0.
 * Returns WEFT_OK or WEFT_ERR_NO_MEMORY. */
int weft_io_pack(const weft_program_port *port, const weft_buffer *from, uint8_t *rows);

/* The way back; the buffer has the right size. */
int weft_io_unpack(const weft_program_port *port, const uint8_t *rows, const weft_buffer *to);

/* --- bank.c: the addresses of a program's ports --------------------------------------------------
 */

/* Lay out one bank, or two if mem_size bytes of device memory have room and the program is one run
 * of the device.
 *
 *   commands, bytes  with two banks the commands of the second, to go to bank[1].start.prog_addr,
 * the caller's to free; else NULL
 *
 * Returns WEFT_OK or WEFT_ERR_NO_MEMORY; weft_banks_free in any case. */
int weft_banks_make(weft_banks *banks, const weft_program *p, uint64_t mem_size, uint8_t **commands,
                    size_t *bytes);
void weft_banks_free(weft_banks *banks);

/* --- parts.c: between the runs of a job ----------------------------------------------------------
 */

/* Cut a program at its steps.  Returns WEFT_OK or WEFT_ERR_NO_MEMORY; weft_parts_free in any case.
 */
int weft_parts_make(weft_parts *parts, const weft_program *p);
void weft_parts_free(weft_parts *parts);

/* Read the inputs of a step from device memory, compute, write its outputs there; the device is
 * idle.  Returns WEFT_OK or with a sentence WEFT_ERR_NO_MEMORY or what the transport says. */
int weft_step_run(weft_transport *t, const weft_program_step *s, weft_error *err);

/* --- device.c: counters --------------------------------------------------------------------------
 */

/* Add the counters of the run that has ended to those of the job's runs before; saturating. */
int weft_counters_keep(weft_device *dev, weft_error *err);

/* --- run.c: one job on the hardware, in steps ---------------------------------------------------
 *
 * Called by the worker with `hardware` held, in this order for one job; a job that has failed
 * passes through the rest untouched.  Between start and finish of one job others may be staged in
 * the other bank or collected from it. */

void weft_job_stage(weft_job *job, unsigned bank); /* inputs in */
void weft_job_start(weft_job *job);
void weft_job_finish(weft_job *job);  /* wait for the end, or cancel */
void weft_job_collect(weft_job *job); /* outputs out; the result is complete */

/* --- job.c: the queue ---------------------------------------------------------------------------
 */

/* The thread of a device: executes jobs in order until quit. */
void *weft_job_worker(void *dev);

void weft_job_free(weft_job *job);

#endif
