/* Jobs: the queue of a device, its thread, waiting and cancelling; the contracts are in weft.h. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "device_own.h"

void weft_job_free(weft_job *job)
{
    free(job->out);
    free(job->in);
    free(job);
}

/* Take the oldest job out of the queue, over. */
static void retire(weft_device *dev, weft_job *job)
{
    weft_job_collect(job);
    pthread_mutex_lock(&dev->state);
    dev->head = job->next;
    dev->in_flight--;
    job->state = JOB_OVER;
    pthread_cond_broadcast(&dev->changed);
    pthread_mutex_unlock(&dev->state);
}

/* The job after this one, if it has come already.  Only the worker takes jobs away. */
static weft_job *follower(weft_device *dev, weft_job *job)
{
    pthread_mutex_lock(&dev->state);
    weft_job *next = job ? job->next : dev->head;
    pthread_mutex_unlock(&dev->state);
    return next;
}

/* One turn on the hardware: run `job` (NULL: there is none) while the outputs of the one that ran
 * before it come out of the other bank and the inputs of the one after it go in there. */
static void take_turn(weft_device *dev, weft_job *ran, weft_job *job)
{
    const int overlap = dev->banks.count == 2;
    if (ran && (!overlap || !job)) {
        retire(dev, ran);
        ran = NULL;
    }
    if (!job)
        return;
    weft_job_stage(job, overlap && ran ? !ran->bank : 0);
    weft_job_start(job);
    if (ran)
        retire(dev, ran);
    weft_job *next = overlap ? follower(dev, job) : NULL;
    if (next)
        weft_job_stage(next, !job->bank);
    weft_job_finish(job);
}

void *weft_job_worker(void *arg)
{
    weft_device *dev = arg;
    weft_job *ran = NULL; /* has run, its outputs still lie in its bank; then it is the head */
    for (;;) {
        pthread_mutex_lock(&dev->state);
        while (!dev->quit && !dev->head)
            pthread_cond_wait(&dev->changed, &dev->state);
        weft_job *job = ran ? ran->next : dev->head;
        if (job)
            job->state = JOB_RUNNING;
        pthread_mutex_unlock(&dev->state);
        if (!job && !ran)
            return NULL;
        pthread_mutex_lock(&dev->hardware);
        take_turn(dev, ran, job);
        pthread_mutex_unlock(&dev->hardware);
        ran = job;
    }
}

static int check_buffers(const weft_program_port *ports, uint32_t count, const weft_buffer *buffers,
                         const char *what, weft_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        const weft_buffer *b = &buffers[i];
        if ((unsigned)b->form > WEFT_FORM_FLOAT32)
            return weft_error_set(err, WEFT_ERR_ARG, "%s %u has an unknown form", what,
                                  (unsigned)i);
        const size_t want = weft_io_buffer_bytes(&ports[i], b->form);
        if (!b->data || b->bytes != want)
            return weft_error_set(err, WEFT_ERR_ARG, "%s \"%.80s\" needs %zu bytes, not %zu", what,
                                  ports[i].name, want, b->data ? b->bytes : 0);
    }
    return WEFT_OK;
}

static int pack_inputs(weft_job *job, const weft_buffer *in, weft_error *err)
{
    const weft_program *prog = job->dev->program;
    size_t bytes = 0;
    for (uint32_t i = 0; i < prog->input_count; i++)
        bytes += weft_io_row_bytes(&prog->inputs[i]);
    job->in = malloc(bytes ? bytes : 1);
    int rc = job->in ? WEFT_OK : WEFT_ERR_NO_MEMORY;
    uint8_t *rows = job->in;
    for (uint32_t i = 0; i < prog->input_count && rc == WEFT_OK; i++) {
        rc = weft_io_pack(&prog->inputs[i], &in[i], rows);
        rows += weft_io_row_bytes(&prog->inputs[i]);
    }
    return rc == WEFT_OK ? rc : weft_error_set(err, rc, "no memory for the inputs");
}

static int keep_outputs(weft_job *job, const weft_buffer *out, weft_error *err)
{
    const uint32_t count = job->dev->program->output_count;
    job->out = calloc(count ? count : 1, sizeof *job->out);
    if (!job->out)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a job");
    for (uint32_t i = 0; i < count; i++)
        job->out[i] = out[i];
    return WEFT_OK;
}

static int make_job(weft_device *dev, const weft_buffer *in, const weft_buffer *out, weft_job **job,
                    weft_error *err)
{
    const weft_program *prog = dev->program;
    if (!prog)
        return weft_error_set(err, WEFT_ERR_ARG, "no program is loaded");
    int rc = check_buffers(prog->inputs, prog->input_count, in, "input", err);
    if (rc == WEFT_OK)
        rc = check_buffers(prog->outputs, prog->output_count, out, "output", err);
    if (rc != WEFT_OK)
        return rc;
    weft_job *j = calloc(1, sizeof *j);
    if (!j)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a job");
    j->dev = dev;
    rc = keep_outputs(j, out, err);
    if (rc == WEFT_OK)
        rc = pack_inputs(j, in, err);
    if (rc != WEFT_OK) {
        weft_job_free(j);
        return rc;
    }
    *job = j;
    return WEFT_OK;
}

static void enqueue(weft_device *dev, weft_job *job)
{
    weft_job **tail = &dev->head;
    while (*tail)
        tail = &(*tail)->next;
    *tail = job;
    job->next_of_all = dev->all;
    dev->all = job;
    pthread_cond_broadcast(&dev->changed);
}

int weft_submit(weft_device *dev, const weft_buffer *in, const weft_buffer *out, weft_job **job,
                weft_error *err)
{
    *job = NULL;
    pthread_mutex_lock(&dev->state);
    const int full = dev->in_flight == WEFT_MAX_JOBS;
    dev->in_flight += !full; /* also keeps the program from being replaced */
    pthread_mutex_unlock(&dev->state);
    if (full)
        return weft_error_set(err, WEFT_ERR_BUSY, "%d jobs are in flight; wait for one of them",
                              WEFT_MAX_JOBS);
    weft_job *made = NULL;
    const int rc = make_job(dev, in, out, &made, err);
    pthread_mutex_lock(&dev->state);
    if (rc == WEFT_OK)
        enqueue(dev, made);
    else
        dev->in_flight--;
    pthread_mutex_unlock(&dev->state);
    *job = made;
    return rc;
}

static struct timespec deadline(uint32_t timeout_ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += timeout_ms / 1000;
    t.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

/* Take a job that is over out of the list of all; `state` is held. */
static void forget(weft_job *job)
{
    weft_job **at = &job->dev->all;
    while (*at != job)
        at = &(*at)->next_of_all;
    *at = job->next_of_all;
}

int weft_wait(weft_job *job, uint32_t timeout_ms, weft_error *err)
{
    weft_device *dev = job->dev;
    const struct timespec end = deadline(timeout_ms == WEFT_FOREVER ? 0 : timeout_ms);
    int timed_out = 0;
    pthread_mutex_lock(&dev->state);
    while (job->state != JOB_OVER && !timed_out) {
        if (timeout_ms == WEFT_FOREVER)
            pthread_cond_wait(&dev->changed, &dev->state);
        else
            timed_out = pthread_cond_timedwait(&dev->changed, &dev->state, &end) == ETIMEDOUT;
    }
    const int over = job->state == JOB_OVER;
    if (over)
        forget(job);
    pthread_mutex_unlock(&dev->state);
    if (!over)
        return weft_error_set(err, WEFT_ERR_TIMEOUT, "the job is not finished yet");
    const int rc = job->result.status;
    if (rc != WEFT_OK && err)
        *err = job->result;
    weft_job_free(job);
    return rc;
}

void weft_cancel(weft_job *job)
{
    if (job)
        atomic_store(&job->cancelled, 1);
}

void weft_job_progress(const weft_job *job, uint32_t *finished, uint32_t *total)
{
    *finished = atomic_load(&job->finished);
    *total = atomic_load(&job->total);
}

int weft_run(weft_device *dev, const weft_buffer *in, const weft_buffer *out, uint32_t timeout_ms,
             weft_error *err)
{
    weft_job *job;
    int rc = weft_submit(dev, in, out, &job, err);
    if (rc != WEFT_OK)
        return rc;
    rc = weft_wait(job, timeout_ms, err);
    if (rc != WEFT_ERR_TIMEOUT)
        return rc;
    weft_cancel(job);
    rc = weft_wait(job, WEFT_FOREVER, err);
    if (rc == WEFT_ERR_CANCELLED)
        rc =
            weft_error_set(err, WEFT_ERR_TIMEOUT, "not finished after %u ms", (unsigned)timeout_ms);
    return rc;
}
