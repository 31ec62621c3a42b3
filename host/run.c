/* One job on the hardware: inputs in, run, outputs out; see device_own.h.
 *
 * While the program runs the wait is cut into slices, to look for a cancellation in between.  A
 * cancelled run is aborted through CTRL; a device that does not even do that is reset. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <time.h>

#include "../rtl/isa/weft_disasm.h"
#include "device_own.h"

enum { SLICE_MS = 5, ABORT_SLICES = 40, STATUS_ERROR = 0xff, CTRL_ABORT = 2 };

static const weft_program_layer *layer_of(const weft_program *prog, uint32_t command)
{
    for (uint32_t i = 0; i < prog->layer_count; i++)
        if (command - prog->layers[i].first_command < prog->layers[i].command_count)
            return &prog->layers[i];
    return NULL;
}

static int report_device_error(const weft_job *job, const weft_done *done, weft_error *err)
{
    const uint32_t code = done->status & STATUS_ERROR;
    const weft_program_layer *layer = layer_of(job->dev->program, done->err_index);
    return weft_error_set(err, WEFT_ERR_DEVICE, "command %u%s%.60s%s failed with %s: %s",
                          (unsigned)done->err_index, layer ? " (layer \"" : "",
                          layer ? layer->name : "", layer ? "\")" : "", weft_dev_error_name(code),
                          weft_dev_error_text(code));
}

/* End a run before its time; the device is idle afterwards or the error says why not. */
static int abort_run(weft_transport *t, weft_error *err)
{
    weft_done done;
    int rc = t->ops->reg_write(t, WEFT_REG_CTRL, CTRL_ABORT, err);
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
        atomic_store(&job->finished, finished);
    }
}

static int write_inputs(weft_job *job, weft_error *err)
{
    weft_transport *t = job->dev->transport;
    const weft_program *prog = job->dev->program;
    const uint8_t *rows = job->in;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < prog->input_count && rc == WEFT_OK; i++) {
        const size_t bytes = weft_io_row_bytes(&prog->inputs[i]);
        rc = t->ops->mem_write(t, prog->inputs[i].addr, rows, bytes, err);
        rows += bytes;
    }
    return rc;
}

static int read_outputs(weft_job *job, weft_error *err)
{
    weft_transport *t = job->dev->transport;
    const weft_program *prog = job->dev->program;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < prog->output_count && rc == WEFT_OK; i++) {
        const size_t bytes = weft_io_row_bytes(&prog->outputs[i]);
        uint8_t *rows = malloc(bytes);
        if (!rows)
            return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for an output");
        rc = t->ops->mem_read(t, prog->outputs[i].addr, rows, bytes, err);
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

static void add_stats(weft_device *dev, uint32_t cycles, double seconds)
{
    pthread_mutex_lock(&dev->state);
    dev->stats.runs++;
    dev->stats.cycles += cycles;
    dev->stats.last_cycles = cycles;
    dev->stats.run_seconds += seconds;
    pthread_mutex_unlock(&dev->state);
}

static int execute(weft_job *job, weft_error *err)
{
    weft_transport *t = job->dev->transport;
    const weft_program *prog = job->dev->program;
    weft_done done = { 0 };
    int rc = write_inputs(job, err);
    if (rc != WEFT_OK)
        return rc;
    const double from = now();
    atomic_store(&job->total, prog->prog_count);
    rc = t->ops->start(
        t, &(weft_start){ prog->prog_addr, prog->prog_count, prog->win_base, prog->win_limit },
        err);
    if (rc == WEFT_OK)
        rc = wait_for_end(job, &done, err);
    if (rc != WEFT_OK)
        return rc;
    if (done.status & STATUS_ERROR)
        return report_device_error(job, &done, err);
    atomic_store(&job->finished, prog->prog_count);
    const double seconds = now() - from;
    rc = read_outputs(job, err);
    if (rc == WEFT_OK)
        add_stats(job->dev, done.cycles, seconds);
    return rc;
}

void weft_job_execute(weft_job *job)
{
    weft_device *dev = job->dev;
    weft_error *err = &job->result;
    if (atomic_load(&job->cancelled)) {
        weft_error_set(err, WEFT_ERR_CANCELLED, "cancelled before it was started");
        return;
    }
    if (dev->lost) {
        weft_error_set(err, WEFT_ERR_NO_DEVICE,
                       "the device was lost; load the program again or open the device anew");
        return;
    }
    const int rc = execute(job, err);
    err->status = rc;
    if (rc == WEFT_OK || rc == WEFT_ERR_CANCELLED || rc == WEFT_ERR_NO_MEMORY)
        return;
    /* Bring the device back; its memory may have suffered only if the link failed. */
    const int back = dev->transport->ops->reset(dev->transport, NULL);
    dev->lost = back != WEFT_OK || rc == WEFT_ERR_LINK || rc == WEFT_ERR_NO_DEVICE;
}
