/* What the parts of the host library share; not for others, the door is weft.h.
 *
 * LOCKS.  `hardware` is held by whoever talks to the transport, for as long as one job or one call
 * takes; `state` guards the queue, the jobs' states and the statistics, never for long.  Who needs
 * both takes hardware first. */
#ifndef WEFT_DEVICE_OWN_H
#define WEFT_DEVICE_OWN_H

#include <pthread.h>
#include <stdatomic.h>

#include "../models/format/weft_program.h"
#include "transport.h"
#include "weft.h"

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
};

struct weft_device {
    weft_transport *transport;
    weft_info info;
    char uri[WEFT_URI_BYTES];

    pthread_mutex_t hardware;
    weft_program *program; /* NULL: nothing loaded; changes only with no job in flight */
    int lost;              /* the device went away: the program must be loaded again */

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

/* --- run.c: one job on the hardware -------------------------------------------------------------
 */

/* Run a job to its end and leave the result in it; called with `hardware` held. */
void weft_job_execute(weft_job *job);

/* --- job.c: the queue ---------------------------------------------------------------------------
 */

/* The thread of a device: executes jobs in order until quit. */
void *weft_job_worker(void *dev);

void weft_job_free(weft_job *job);

#endif
