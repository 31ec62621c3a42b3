/* One job on the hardware, in steps: inputs in, start, wait, outputs out; see device_own.h.
 *
 * While the program runs the wait is cut into slices, to look for a cancellation in between.  A
 * cancelled run is aborted through CTRL; a device that does not even do that is reset. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "device_own.h"
#include "rtl/isa/weft_disasm.h"

enum { SLICE_MS = 5, ABORT_SLICES = 40 };

static const weft_program_layer *layer_of(const weft_program *prog, uint32_t command)
{
    for (uint32_t i = 0; i < prog->layer_count; i++)
        if (command - prog->layers[i].first_command < prog->layers[i].command_count)
            return &prog->layers[i];
    return NULL;
}

/* err_index counts from the first command of the run; the sentence, from that of the program. */
static int report_device_error(const weft_job *job, const weft_done *done, weft_error *err)
{
    const uint32_t code = done->status & WEFT_STATUS_CODE;
    const uint32_t index = job->dev->parts.part[job->part].first_command + done->err_index;
    const weft_program_layer *layer = layer_of(job->dev->program, index);
    return weft_error_set(err, WEFT_ERR_DEVICE, "command %u%s%.60s%s failed with %s: %s",
                          (unsigned)index, layer ? " (layer \"" : "", layer ? layer->name : "",
                          layer ? "\")" : "", weft_dev_error_name(code), weft_dev_error_text(code));
}

/* End a run before its time; the device is idle afterwards or the error says why not. */
static int abort_run(weft_transport *t, weft_error *err)
{
    weft_done done;
    int rc = t->ops->reg_write(t, WEFT_REG_CTRL, WEFT_CTRL_ABORT, err);
    for (unsigned i = 0; i < ABORT_SLICES && rc == WEFT_OK; i++) {
        rc = t->ops->wait_done(t, SLICE_MS, &done, err);
        if (rc == WEFT_OK)
            return WEFT_OK;
        rc = rc == WEFT_ERR_TIMEOUT ? WEFT_OK : rc;
    }
    return t->ops->reset(t, err);
}

static int wait_for_end(weft_job *job, weft_done *done, weft_error *err)
{
    weft_transport *t = job->dev->transport;
    for (;;) {
        if (atomic_load(&job->cancelled)) {
            int rc = abort_run(t, err);
            return rc == WEFT_OK ? weft_error_set(err, WEFT_ERR_CANCELLED, "the run was cancelled")
                                 : rc;
        }
        uint32_t finished = 0;
        int rc = t->ops->wait_done(t, SLICE_MS, done, err);
        if (rc != WEFT_ERR_TIMEOUT)
            return rc;
        rc = t->ops->reg_read(t, WEFT_REG_COMMANDS, &finished, err);
        if (rc != WEFT_OK)
            return rc;
        atomic_store(&job->finished, job->dev->parts.part[job->part].first_command + finished);
    }
}

/* --- the steps ---------------------------------------------------------------------------------
 */

static int write_inputs(weft_job *job, weft_error *err)
{
    weft_transport *t = job->dev->transport;
    const weft_program *prog = job->dev->program;
    const uint32_t *address = job->dev->banks.bank[job->bank].port;
    const uint8_t *rows = job->in;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < prog->input_count && rc == WEFT_OK; i++) {
        const size_t bytes = weft_io_row_bytes(&prog->inputs[i]);
        rc = t->ops->mem_write(t, address[i], rows, bytes, err);
        rows += bytes;
    }
    return rc;
}

static int read_outputs(weft_job *job, weft_error *err)
{
    weft_transport *t = job->dev->transport;
    const weft_program *prog = job->dev->program;
    const uint32_t *address = job->dev->banks.bank[job->bank].port + prog->input_count;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < prog->output_count && rc == WEFT_OK; i++) {
        const size_t bytes = weft_io_row_bytes(&prog->outputs[i]);
        uint8_t *rows = malloc(bytes);
        if (!rows)
            return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for an output");
        rc = t->ops->mem_read(t, address[i], rows, bytes, err);
        if (rc == WEFT_OK) {
            rc = weft_io_unpack(&prog->outputs[i], rows, &job->out[i]);
            if (rc != WEFT_OK)
                weft_error_set(err, rc, "no memory for an output");
        }
        free(rows);
    }
    return rc;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint64_t clock_of(weft_device *dev)
{
    weft_transport *t = dev->transport;
    return t->ops->clock ? t->ops->clock(t) : 0;
}

static void add_stats(weft_job *job)
{
    weft_device *dev = job->dev;
    const uint64_t clock = clock_of(dev);
    pthread_mutex_lock(&dev->state);
    dev->stats.runs++;
    dev->stats.cycles += job->cycles;
    dev->stats.last_cycles = job->cycles > UINT32_MAX ? UINT32_MAX : (uint32_t)job->cycles;
    dev->stats.run_seconds += job->seconds;
    dev->stats.elapsed_cycles = clock - dev->clock_from;
    pthread_mutex_unlock(&dev->state);
}

/* Keep the outcome of a step.  A device that failed is brought back, unless a program runs for
 * another job, which then finds out by itself; its memory may have suffered only if the link
 * failed.
 */
static void settle(weft_job *job, int rc, int may_reset)
{
    weft_device *dev = job->dev;
    job->result.status = rc;
    if (rc == WEFT_OK || rc == WEFT_ERR_CANCELLED || rc == WEFT_ERR_NO_MEMORY)
        return;
    const int back = may_reset ? dev->transport->ops->reset(dev->transport, NULL) : WEFT_OK;
    dev->lost |= back != WEFT_OK || rc == WEFT_ERR_LINK || rc == WEFT_ERR_NO_DEVICE;
}

static int usable(weft_job *job)
{
    if (job->result.status != WEFT_OK)
        return 0;
    if (job->dev->lost)
        weft_error_set(&job->result, WEFT_ERR_NO_DEVICE,
                       "the device was lost; load the program again or open the device anew");
    return !job->dev->lost;
}

void weft_job_stage(weft_job *job, unsigned bank)
{
    if (job->staged || atomic_load(&job->cancelled) || !usable(job))
        return;
    job->bank = bank;
    job->staged = 1;
    settle(job, write_inputs(job, &job->result), 0);
}

/* The steps of the host before the run of a part; a step at work is not cancelled. */
static int run_steps(weft_job *job, const weft_part *part, weft_error *err)
{
    weft_device *dev = job->dev;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < part->step_count && rc == WEFT_OK; i++) {
        if (atomic_load(&job->cancelled))
            return weft_error_set(err, WEFT_ERR_CANCELLED, "the run was cancelled");
        rc = weft_step_run(dev->transport, &dev->program->steps[part->first_step + i], err);
    }
    return rc;
}

/* From the part at hand to the next run of the device, which is started, or to the end. */
static int advance(weft_job *job, weft_error *err)
{
    weft_device *dev = job->dev;
    weft_transport *t = dev->transport;
    int rc = WEFT_OK;
    for (; job->part < dev->parts.count; job->part++) {
        const weft_part *part = &dev->parts.part[job->part];
        rc = run_steps(job, part, err);
        if (rc != WEFT_OK || part->start.prog_count)
            break;
    }
    if (rc != WEFT_OK || job->part == dev->parts.count)
        return rc;
    const weft_start *start = dev->parts.count > 1 ? &dev->parts.part[job->part].start
                                                   : &dev->banks.bank[job->bank].start;
    if (job->runs)
        rc = weft_counters_keep(dev, err);
    if (rc == WEFT_OK)
        rc = t->ops->start(t, start, err);
    job->running = rc == WEFT_OK;
    return rc;
}

void weft_job_start(weft_job *job)
{
    weft_device *dev = job->dev;
    if (!usable(job))
        return;
    if (atomic_load(&job->cancelled)) {
        weft_error_set(&job->result, WEFT_ERR_CANCELLED, "cancelled before it was started");
        return;
    }
    atomic_store(&job->total, dev->program->prog_count);
    if (!dev->stats.runs && !dev->clock_from)
        dev->clock_from = clock_of(dev);
    memset(dev->before, 0, sizeof dev->before);
    job->from = now();
    settle(job, advance(job, &job->result), 1);
}

/* The end of the run at hand. */
static int finish_run(weft_job *job, weft_error *err)
{
    weft_done done = { 0 };
    job->running = 0;
    const int rc = wait_for_end(job, &done, err);
    if (rc != WEFT_OK)
        return rc;
    if (done.status & WEFT_STATUS_CODE)
        return report_device_error(job, &done, err);
    job->cycles += done.cycles;
    job->runs++;
    job->part++;
    return WEFT_OK;
}

void weft_job_finish(weft_job *job)
{
    int rc = job->result.status;
    if (rc != WEFT_OK)
        return;
    while (job->running && rc == WEFT_OK) {
        rc = finish_run(job, &job->result);
        if (rc == WEFT_OK)
            rc = advance(job, &job->result);
    }
    job->seconds = now() - job->from;
    settle(job, rc, 1);
}

void weft_job_collect(weft_job *job)
{
    if (!usable(job))
        return;
    settle(job, read_outputs(job, &job->result), 0);
    if (job->result.status != WEFT_OK)
        return;
    atomic_store(&job->finished, atomic_load(&job->total));
    add_stats(job);
}
