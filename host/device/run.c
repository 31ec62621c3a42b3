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
    const uint32_t index = job->net->parts.part[job->part].first_command + done->err_index;
    const weft_program_layer *layer = layer_of(job->net->program, index);
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
    return rc == WEFT_ERR_NO_DEVICE ? rc : t->ops->reset(t, err);
}

static int wait_for_end(weft_job *job, weft_done *done, weft_error *err)
{
    weft_transport *t = job->net->dev->transport;
    for (;;) {
        if (atomic_load(&job->net->dev->lost)) /* while another job was staged or collected */
            return weft_turn_lost(err);
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
        atomic_store(&job->finished, job->net->parts.part[job->part].first_command + finished);
    }
}

/* --- the steps ---------------------------------------------------------------------------------
 */

/* A port set whose rows are device memory needs no copies. */
static int is_direct(const weft_job *job)
{
    return job->set && job->set->direct;
}

static int write_inputs(weft_job *job, weft_error *err)
{
    const weft_program *prog = job->net->program;
    const uint8_t *rows = job->in;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < prog->input_count && rc == WEFT_OK; i++) {
        const size_t bytes = weft_io_row_bytes(&prog->inputs[i]);
        rc = weft_move_in(job, job->bank->port[i], job->set ? job->set->rows[i] : rows, bytes, err);
        rows += job->set ? 0 : bytes;
    }
    return rc;
}

/* One output into the caller's buffer. */
static int read_output(const weft_job *job, uint32_t address, const weft_program_port *port,
                       const weft_output *to, weft_error *err)
{
    const size_t bytes = weft_io_row_bytes(port);
    uint8_t *rows = malloc(bytes);
    if (!rows)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for an output");
    int rc = weft_move_out(job, address, rows, bytes, err);
    if (rc == WEFT_OK && weft_io_unpack(port, rows, to) != WEFT_OK)
        rc = weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for an output");
    free(rows);
    return rc;
}

static int read_outputs(weft_job *job, weft_error *err)
{
    const weft_program *prog = job->net->program;
    const uint32_t *address = job->bank->port + prog->input_count;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < prog->output_count && rc == WEFT_OK; i++) {
        const weft_program_port *port = &prog->outputs[i];
        rc = job->set ? weft_move_out(job, address[i], job->set->rows[prog->input_count + i],
                                      weft_io_row_bytes(port), err)
                      : read_output(job, address[i], port, &job->outputs[i], err);
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
    weft_loaded *net = job->net;
    const uint64_t clock = clock_of(net->dev);
    pthread_mutex_lock(&net->dev->state);
    net->stats.runs++;
    net->stats.cycles += job->cycles;
    net->stats.last_cycles = job->cycles > UINT32_MAX ? UINT32_MAX : (uint32_t)job->cycles;
    net->stats.run_seconds += job->seconds;
    net->stats.elapsed_cycles = clock - net->clock_from;
    pthread_mutex_unlock(&net->dev->state);
}

/* Keep the outcome of a step.  A device that failed is brought back, unless a program runs for
 * another job, which then finds out by itself.  If the link failed the device is lost: its memory
 * may have suffered, and nothing talks to it any more. */
static void keep_outcome(weft_job *job, int rc, int may_reset)
{
    weft_device *dev = job->net->dev;
    weft_transport *t = dev->transport;
    job->result.status = rc;
    if (rc == WEFT_OK || rc == WEFT_ERR_CANCELLED || rc == WEFT_ERR_NO_MEMORY)
        return;
    const int link = rc == WEFT_ERR_LINK || rc == WEFT_ERR_NO_DEVICE;
    if (link || (may_reset && t->ops->reset(t, NULL) != WEFT_OK))
        atomic_store(&dev->lost, 1);
}

static int usable(weft_job *job)
{
    if (job->result.status != WEFT_OK)
        return 0;
    const int lost = atomic_load(&job->net->dev->lost);
    if (lost)
        weft_turn_lost(&job->result);
    return !lost;
}

void weft_run_stage(weft_job *job, weft_bank *bank)
{
    job->bank = bank;
    if (atomic_load(&job->cancelled) || !usable(job) || is_direct(job))
        return;
    keep_outcome(job, write_inputs(job, &job->result), 0);
}

/* The steps of the host before the run of a part. */
static int run_steps(weft_job *job, const weft_part *part, weft_error *err)
{
    const weft_loaded *net = job->net;
    const uint32_t shift = weft_bank_shift(net->program, net->base);
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < part->step_count && rc == WEFT_OK; i++) {
        if (atomic_load(&job->cancelled))
            return weft_error_set(err, WEFT_ERR_CANCELLED, "the run was cancelled");
        rc = weft_step_run(job, &net->program->steps[part->first_step + i], shift, err);
    }
    return rc;
}

/* From the part at hand to the next run of the device, which is started, or to the end. */
static int advance(weft_job *job, weft_error *err)
{
    weft_device *dev = job->net->dev;
    weft_transport *t = dev->transport;
    const weft_parts *parts = &job->net->parts;
    int rc = WEFT_OK;
    for (; job->part < parts->count; job->part++) {
        const weft_part *part = &parts->part[job->part];
        rc = run_steps(job, part, err);
        if (rc != WEFT_OK || part->start.prog_count)
            break;
    }
    if (rc != WEFT_OK || job->part == parts->count)
        return rc;
    const weft_start *start = parts->count > 1 ? &parts->part[job->part].start : &job->bank->start;
    if (job->runs)
        rc = weft_counters_keep(dev, err);
    if (rc == WEFT_OK)
        rc = t->ops->start(t, start, err);
    job->running = rc == WEFT_OK;
    return rc;
}

void weft_run_start(weft_job *job)
{
    weft_loaded *net = job->net;
    if (!usable(job))
        return;
    if (atomic_load(&job->cancelled)) {
        weft_error_set(&job->result, WEFT_ERR_CANCELLED, "cancelled before it was started");
        return;
    }
    atomic_store(&job->total, net->program->prog_count);
    if (!net->stats.runs && !net->clock_from)
        net->clock_from = clock_of(net->dev);
    memset(net->dev->before, 0, sizeof net->dev->before);
    job->from = now();
    keep_outcome(job, advance(job, &job->result), 1);
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

void weft_run_finish(weft_job *job)
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
    keep_outcome(job, rc, 1);
}

void weft_run_collect(weft_job *job)
{
    if (!usable(job))
        return;
    if (!is_direct(job))
        keep_outcome(job, read_outputs(job, &job->result), 0);
    if (job->result.status != WEFT_OK)
        return;
    atomic_store(&job->finished, atomic_load(&job->total));
    add_stats(job);
}
