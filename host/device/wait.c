/* Waiting for the end of a job, or of one of several; the contracts are in weft.h.
 *
 * Jobs of one device are waited for at its condition.  Who waits for jobs of several hangs a bell at
 * each, which the device rings when a job of it is over. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "device_own.h"

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

/* Wait at a condition, whose lock is held.  Returns 0 if the time is over. */
static int wait_at(pthread_cond_t *condition, pthread_mutex_t *lock, uint32_t timeout_ms,
                   const struct timespec *end)
{
    if (timeout_ms == WEFT_FOREVER)
        return pthread_cond_wait(condition, lock) == 0;
    return pthread_cond_timedwait(condition, lock, end) != ETIMEDOUT;
}

/* --- jobs of one device ------------------------------------------------------------------------- */

/* The first that is over, or count; with `state`. */
static uint32_t first_over(weft_job *const *jobs, uint32_t count)
{
    uint32_t i = 0;
    while (i < count && jobs[i]->state != WEFT_JOB_OVER)
        i++;
    return i;
}

uint32_t weft_wait_first(weft_job *const *jobs, uint32_t count, uint32_t timeout_ms)
{
    weft_device *dev = jobs[0]->net->dev;
    const struct timespec end = deadline(timeout_ms == WEFT_FOREVER ? 0 : timeout_ms);
    int in_time = timeout_ms != 0;
    uint32_t i;
    while ((i = first_over(jobs, count)) == count && in_time)
        in_time = wait_at(&dev->changed, &dev->state, timeout_ms, &end);
    return i;
}

int weft_wait_not_over(int on_worker, uint32_t timeout_ms, weft_error *err)
{
    if (on_worker && timeout_ms)
        return weft_error_set(
            err, WEFT_ERR_BUSY,
            "this would wait for the thread of the device, which it is called on");
    return weft_error_set(err, WEFT_ERR_TIMEOUT, "the job is not finished yet");
}

int weft_wait(weft_job *job, uint32_t timeout_ms, weft_error *err)
{
    if (!GIVEN(err, job))
        return WEFT_ERR_ARG;
    weft_device *dev = job->net->dev;
    int rc = weft_turn_here(dev, err);
    if (rc != WEFT_OK)
        return rc;
    const int on_worker = weft_turn_is_worker(dev);
    pthread_mutex_lock(&dev->state);
    const int over = weft_wait_first(&job, 1, on_worker ? 0 : timeout_ms) == 0;
    if (over)
        weft_ended_notice(dev, job);
    pthread_mutex_unlock(&dev->state);
    if (!over)
        return weft_wait_not_over(on_worker, timeout_ms, err);
    rc = job->result.status;
    if (rc != WEFT_OK && err)
        *err = job->result;
    return rc;
}

/* --- jobs of several devices -------------------------------------------------------------------- */

struct weft_bell {
    struct weft_waiter *waiter;
    weft_bell *next; /* at the same device */
};

/* Who waits; it has a bell at every device. */
typedef struct weft_waiter {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    int rings;        /* since the jobs were last looked at */
    weft_bell *bells; /* one for each job; those whose device has one already stay unused */
} weft_waiter;

void weft_wait_ring(const weft_device *dev)
{
    for (const weft_bell *b = dev->bells; b; b = b->next) {
        pthread_mutex_lock(&b->waiter->lock);
        b->waiter->rings = 1;
        pthread_cond_signal(&b->waiter->rung);
        pthread_mutex_unlock(&b->waiter->lock);
    }
}

static int waiter_make(weft_waiter *w, uint32_t count)
{
    pthread_condattr_t attr;
    *w = (weft_waiter){ .bells = calloc(count, sizeof *w->bells) };
    if (!w->bells)
        return 0;
    if (pthread_condattr_init(&attr) == 0) {
        const int made = !pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) &&
                         !pthread_cond_init(&w->rung, &attr);
        pthread_condattr_destroy(&attr);
        if (made && !pthread_mutex_init(&w->lock, NULL))
            return 1;
        if (made)
            pthread_cond_destroy(&w->rung);
    }
    free(w->bells);
    return 0;
}

static void waiter_free(weft_waiter *w)
{
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->rung);
    free(w->bells);
}

/* 1 for the first of the jobs that are of its device. */
static int is_first_of_device(weft_job *const *jobs, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++)
        if (jobs[i]->net->dev == jobs[index]->net->dev)
            return 0;
    return 1;
}

static void hang(weft_waiter *w, weft_job *const *jobs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        weft_device *dev = jobs[i]->net->dev;
        if (!is_first_of_device(jobs, i))
            continue;
        pthread_mutex_lock(&dev->state);
        w->bells[i] = (weft_bell){ w, dev->bells };
        dev->bells = &w->bells[i];
        pthread_mutex_unlock(&dev->state);
    }
}

static void take_down(weft_waiter *w, weft_job *const *jobs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        weft_device *dev = jobs[i]->net->dev;
        pthread_mutex_lock(&dev->state);
        for (weft_bell **at = &dev->bells; w->bells[i].waiter && *at; at = &(*at)->next)
            if (*at == &w->bells[i]) {
                *at = w->bells[i].next;
                break;
            }
        pthread_mutex_unlock(&dev->state);
    }
}

static uint32_t look(weft_job *const *jobs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        weft_device *dev = jobs[i]->net->dev;
        pthread_mutex_lock(&dev->state);
        const int over = jobs[i]->state == WEFT_JOB_OVER;
        pthread_mutex_unlock(&dev->state);
        if (over)
            return i;
    }
    return count;
}

/* The first that is over, or count. */
static int wait_several(weft_job *const *jobs, uint32_t count, uint32_t timeout_ms, uint32_t *first,
                        weft_error *err)
{
    const struct timespec end = deadline(timeout_ms == WEFT_FOREVER ? 0 : timeout_ms);
    int in_time = timeout_ms != 0;
    weft_waiter w;
    *first = look(jobs, count);
    if (*first < count || !in_time)
        return WEFT_OK;
    if (!waiter_make(&w, count))
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory to wait for several jobs");
    hang(&w, jobs, count);
    while ((*first = look(jobs, count)) == count && in_time) {
        pthread_mutex_lock(&w.lock);
        while (!w.rings && in_time)
            in_time = wait_at(&w.rung, &w.lock, timeout_ms, &end);
        w.rings = 0;
        pthread_mutex_unlock(&w.lock);
    }
    take_down(&w, jobs, count);
    waiter_free(&w);
    return WEFT_OK;
}

int weft_wait_any(weft_job *const *jobs, uint32_t count, uint32_t timeout_ms, uint32_t *index,
                  weft_error *err)
{
    int several = 0, on_worker = 0, rc = WEFT_OK;
    uint32_t first = 0;
    if (!GIVEN(err, jobs) || !GIVEN(err, index))
        return WEFT_ERR_ARG;
    if (count == 0)
        return weft_error_set(err, WEFT_ERR_ARG, "there is no job to wait for");
    for (uint32_t i = 0; i < count && rc == WEFT_OK; i++) {
        if (!GIVEN(err, jobs[i]))
            return WEFT_ERR_ARG;
        rc = weft_turn_here(jobs[i]->net->dev, err);
        several |= jobs[i]->net->dev != jobs[0]->net->dev;
        on_worker |= weft_turn_is_worker(jobs[i]->net->dev);
    }
    if (rc != WEFT_OK)
        return rc;
    const uint32_t wait_ms = on_worker ? 0 : timeout_ms;
    weft_device *dev = jobs[0]->net->dev;
    if (several) {
        rc = wait_several(jobs, count, wait_ms, &first, err);
    } else {
        pthread_mutex_lock(&dev->state);
        first = weft_wait_first(jobs, count, wait_ms);
        pthread_mutex_unlock(&dev->state);
    }
    if (rc != WEFT_OK)
        return rc;
    if (first == count)
        return weft_wait_not_over(on_worker, timeout_ms, err);
    *index = first;
    return WEFT_OK;
}
