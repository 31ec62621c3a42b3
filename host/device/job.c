/* Jobs: submit, cancel, describe, give back; the contracts are in weft.h. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>

#include "device_own.h"

/* --- submit -------------------------------------------------------------------------------------
 */

/* Banks that jobs without a port set can use; with `state`. */
static unsigned plain_banks(const weft_loaded *net)
{
    return net->banks.count - net->set_count;
}

static const char *why_not(const weft_loaded *net, const weft_port_set *set)
{
    if (set && set->busy)
        return "a job uses this port set; wait for it";
    if (!set && !plain_banks(net))
        return "all port sets are taken; submit with one of them, or load with more";
    return net->dev->in_flight == MOST_JOBS ? "as many jobs are in flight as can be; wait for one"
                                            : NULL;
}

/* Count a job that is being made, which keeps its program and port set.  Returns WEFT_OK,
 * WEFT_ERR_BUSY or WEFT_ERR_NO_DEVICE. */
static int reserve(weft_loaded *net, weft_port_set *set, weft_error *err)
{
    weft_device *dev = net->dev;
    pthread_mutex_lock(&dev->state);
    const int closed = dev->quit, lost = atomic_load(&dev->lost);
    const char *busy = why_not(net, set);
    if (!closed && !lost && !busy) {
        dev->in_flight++;
        net->in_flight++;
        net->in_flight_plain += !set;
        net->holders++;
        if (set) {
            set->busy = 1;
            set->holders++;
        }
    }
    pthread_mutex_unlock(&dev->state);
    if (closed)
        return weft_error_set(err, WEFT_ERR_NO_DEVICE, "the device was closed");
    if (lost)
        return weft_turn_lost(err);
    return busy ? weft_error_set(err, WEFT_ERR_BUSY, "%s", busy) : WEFT_OK;
}

/* Undo reserve; the job, or its holders, must be given back too. */
static void unreserve(weft_loaded *net, weft_port_set *set)
{
    weft_device *dev = net->dev;
    pthread_mutex_lock(&dev->state);
    dev->in_flight--;
    net->in_flight--;
    net->in_flight_plain -= !set;
    if (set)
        set->busy = 0;
    weft_hold_settle(net);
    pthread_cond_broadcast(&dev->changed);
    pthread_mutex_unlock(&dev->state);
}

/* Element `index` of an array of structs whose size the first of them tells. */
static const void *at(const void *array, uint32_t struct_bytes, uint32_t index)
{
    return (const char *)array + (size_t)struct_bytes * index;
}

static int pack_inputs(weft_job *job, const weft_input *inputs, weft_error *err)
{
    const weft_program *prog = job->net->program;
    size_t bytes = 0;
    for (uint32_t i = 0; i < prog->input_count; i++)
        bytes += weft_io_row_bytes(&prog->inputs[i]);
    job->in = malloc(bytes ? bytes : 1);
    if (!job->in)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for the inputs");
    uint8_t *rows = job->in;
    for (uint32_t i = 0; i < prog->input_count; i++) {
        const weft_program_port *port = &prog->inputs[i];
        weft_input in;
        int rc = weft_struct_take(at(inputs, inputs->struct_bytes, i), inputs->struct_bytes, &in,
                                  sizeof in, err);
        if (rc == WEFT_OK)
            rc = weft_io_check(port, in.form, in.data, in.bytes, err);
        if (rc == WEFT_OK && weft_io_pack(port, &in, rows) != WEFT_OK)
            rc = weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for the inputs");
        if (rc != WEFT_OK)
            return rc;
        rows += weft_io_row_bytes(port);
    }
    return WEFT_OK;
}

static int keep_outputs(weft_job *job, const weft_output *outputs, weft_error *err)
{
    const weft_program *prog = job->net->program;
    job->outputs = calloc(prog->output_count + 1u, sizeof *job->outputs);
    if (!job->outputs)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a job");
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < prog->output_count && rc == WEFT_OK; i++) {
        weft_output *out = &job->outputs[i];
        rc = weft_struct_take(at(outputs, outputs->struct_bytes, i), outputs->struct_bytes, out,
                              sizeof *out, err);
        if (rc == WEFT_OK)
            rc = weft_io_check(&prog->outputs[i], out->form, out->data, out->bytes, err);
    }
    return rc;
}

static int check_request(const weft_loaded *net, const weft_request *r, weft_error *err)
{
    const weft_program *prog = net->program;
    if (r->port_set)
        return r->port_set->net != net
                   ? weft_error_set(err, WEFT_ERR_ARG, "the port set is of another program")
               : r->input_count || r->output_count
                   ? weft_error_set(err, WEFT_ERR_ARG,
                                    "a job with a port set has no other inputs and outputs")
                   : WEFT_OK;
    if (r->input_count != prog->input_count || r->output_count != prog->output_count)
        return weft_error_set(err, WEFT_ERR_ARG,
                              "the program has %u inputs and %u outputs, not %u and %u",
                              (unsigned)prog->input_count, (unsigned)prog->output_count,
                              (unsigned)r->input_count, (unsigned)r->output_count);
    if ((r->input_count && !r->inputs) || (r->output_count && !r->outputs))
        return weft_error_set(err, WEFT_ERR_ARG, "the inputs and outputs must not be NULL");
    return WEFT_OK;
}

/* The job, for which the place is reserved and the holders are counted. */
static int make_job(weft_loaded *net, const weft_request *r, weft_job **out, weft_error *err)
{
    weft_job *job = calloc(1, sizeof *job);
    if (!job)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a job");
    *job = (weft_job){ .net = net, .set = r->port_set, .ended = r->ended, .self = r->self };
    *out = job;
    int rc = WEFT_OK;
    if (!job->set)
        rc = keep_outputs(job, r->outputs, err);
    if (rc == WEFT_OK && !job->set)
        rc = pack_inputs(job, r->inputs, err);
    return rc;
}

/* Give back what reserve counted for a job that could not be made. */
static void give_up(weft_loaded *net, weft_port_set *set, weft_job *job)
{
    unreserve(net, set);
    if (job) {
        weft_hold_free_job(job);
        return;
    }
    if (set)
        weft_hold_drop_set(set);
    weft_hold_drop_loaded(net);
}

static void enqueue(weft_device *dev, weft_job *job)
{
    pthread_mutex_lock(&dev->state);
    weft_job **tail = &dev->head;
    while (*tail)
        tail = &(*tail)->next;
    *tail = job;
    if (dev->quit)
        weft_cancel(job);
    pthread_cond_broadcast(&dev->changed);
    pthread_mutex_unlock(&dev->state);
}

int weft_submit(weft_loaded *net, const weft_request *request, weft_job **out, weft_error *err)
{
    weft_request r;
    if (!GIVEN(err, net) || !GIVEN(err, request) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    *out = NULL;
    int rc = weft_struct_take(request, request->struct_bytes, &r, sizeof r, err);
    if (rc == WEFT_OK)
        rc = weft_turn_here(net->dev, err);
    if (rc == WEFT_OK)
        rc = check_request(net, &r, err);
    if (rc == WEFT_OK)
        rc = reserve(net, r.port_set, err);
    if (rc != WEFT_OK)
        return rc;
    weft_job *job = NULL;
    rc = make_job(net, &r, &job, err);
    if (rc != WEFT_OK) {
        give_up(net, r.port_set, job);
        return rc;
    }
    *out = job;
    enqueue(net->dev, job);
    return WEFT_OK;
}

/* --- the rest -----------------------------------------------------------------------------------
 */

void weft_cancel(weft_job *job)
{
    if (job)
        atomic_store(&job->cancelled, 1);
}

int weft_job_describe(const weft_job *job, weft_job_info *out, weft_error *err)
{
    if (!GIVEN(err, job) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    weft_device *dev = job->net->dev;
    const int rc = weft_turn_here(dev, err);
    if (rc != WEFT_OK)
        return rc;
    pthread_mutex_lock(&dev->state);
    const weft_job_info info = { .state = job->state,
                                 .finished_commands = atomic_load(&job->finished),
                                 .total_commands = atomic_load(&job->total),
                                 .cycles = job->state == WEFT_JOB_OVER ? job->cycles : 0 };
    pthread_mutex_unlock(&dev->state);
    return weft_struct_fill(out, &info, sizeof info, err);
}

void weft_job_free(weft_job *job)
{
    if (!job || weft_turn_here(job->net->dev, NULL) != WEFT_OK)
        return;
    weft_device *dev = job->net->dev;
    const int on_worker = weft_turn_is_worker(dev);
    weft_cancel(job);
    pthread_mutex_lock(&dev->state);
    const int over = weft_wait_first(&job, 1, on_worker ? 0 : WEFT_FOREVER) == 0;
    if (over)
        weft_ended_notice(dev, job);
    else
        job->orphan = 1;
    pthread_mutex_unlock(&dev->state);
    if (over)
        weft_hold_free_job(job);
}

int weft_run(weft_loaded *net, const weft_input *in, const weft_output *out, uint32_t timeout_ms,
             weft_error *err)
{
    if (!GIVEN(err, net) || !GIVEN(err, in) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    const weft_request request = { .struct_bytes = sizeof request,
                                   .input_count = net->program->input_count,
                                   .output_count = net->program->output_count,
                                   .inputs = in,
                                   .outputs = out };
    weft_job *job;
    if (weft_turn_is_worker(net->dev))
        return weft_wait_not_over(1, timeout_ms, err);
    int rc = weft_submit(net, &request, &job, err);
    if (rc != WEFT_OK)
        return rc;
    rc = weft_wait(job, timeout_ms, err);
    if (rc == WEFT_ERR_TIMEOUT) {
        weft_cancel(job);
        rc = weft_wait(job, WEFT_FOREVER, err);
        if (rc == WEFT_ERR_CANCELLED)
            rc = weft_error_set(err, WEFT_ERR_TIMEOUT, "not finished after %u ms",
                                (unsigned)timeout_ms);
    }
    weft_job_free(job);
    return rc;
}

int weft_loaded_stats(const weft_loaded *net, weft_stats *out, weft_error *err)
{
    if (!GIVEN(err, net) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    weft_device *dev = net->dev;
    const int rc = weft_turn_here(dev, err);
    if (rc != WEFT_OK)
        return rc;
    pthread_mutex_lock(&dev->state);
    const weft_stats stats = net->stats;
    pthread_mutex_unlock(&dev->state);
    return weft_struct_fill(out, &stats, sizeof stats, err);
}
