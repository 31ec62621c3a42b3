/* Samples spread over devices; the contract is in fleet.h. */
#define _POSIX_C_SOURCE 200809L
#include "fleet.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* A device that is lost so often without finishing a sample is given up. */
enum { DEPTH = 4, LOOK_MS = 100, RECOVERIES = 3, LOSSES = 8 };

/* One sample on its way. */
typedef struct slot {
    weft_job *job;
    io b;
    uint32_t sample;
} slot;

typedef struct lane {
    struct spread *s;
    uint32_t index; /* of the device */
    pthread_t thread;
    slot slots[DEPTH];   /* used in turn */
    uint32_t put, taken; /* jobs, counted from the beginning */
    int lost;
    unsigned losses; /* since it has last finished a sample */
} lane;

typedef struct spread {
    fleet *f;
    const fleet_work *work;
    lane *lanes;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    uint32_t next;     /* sample that nobody has had */
    uint32_t returned; /* samples that came back undone */
    uint32_t again[FLEET_MOST * DEPTH];
    uint32_t done;
    uint32_t running; /* threads */
    int stop;
    weft_error why; /* of a failure that ends everything */
} spread;

/* --- samples, with the lock taken inside -------------------------------------------------------- */

/* The next sample to do.  Returns 0 if there is none now. */
static int claim(spread *s, uint32_t *sample)
{
    int got = 1;
    pthread_mutex_lock(&s->lock);
    if (s->stop)
        got = 0;
    else if (s->returned)
        *sample = s->again[--s->returned];
    else if (s->next < s->work->total)
        *sample = s->next++;
    else
        got = 0;
    pthread_mutex_unlock(&s->lock);
    return got;
}

static void give_back(spread *s, uint32_t sample)
{
    pthread_mutex_lock(&s->lock);
    s->again[s->returned++] = sample;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void finish(spread *s, uint32_t device)
{
    pthread_mutex_lock(&s->lock);
    s->done++;
    s->f->done[device]++;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void fail(spread *s, const weft_error *why)
{
    pthread_mutex_lock(&s->lock);
    if (!s->stop)
        s->why = *why;
    s->stop = 1;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static int is_stopped(spread *s)
{
    pthread_mutex_lock(&s->lock);
    const int stop = s->stop;
    pthread_mutex_unlock(&s->lock);
    return stop;
}

/* Wait a moment for news.  With the lock. */
static void wait_for_news(spread *s)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    (void)pthread_cond_timedwait(&s->changed, &s->lock, &until);
}

/* With nothing in flight here: wait until there is something to do.  Returns 0 when all is done. */
static int wait_for_work(spread *s)
{
    pthread_mutex_lock(&s->lock);
    while (!s->stop && !s->returned && s->next == s->work->total && s->done < s->work->total)
        wait_for_news(s);
    const int more = !s->stop && s->done < s->work->total;
    pthread_mutex_unlock(&s->lock);
    return more;
}

/* --- a device ----------------------------------------------------------------------------------- */

static int is_loss(int rc)
{
    return rc == WEFT_ERR_NO_DEVICE || rc == WEFT_ERR_LINK;
}

/* A sample that was not done: the device is lost, or everything ends. */
static void miss(lane *l, uint32_t sample, const weft_error *why)
{
    give_back(l->s, sample);
    if (is_loss(why->status))
        l->lost = 1;
    else
        fail(l->s, why);
}

/* As many jobs as there are places and samples for. */
static void fill(lane *l)
{
    weft_error err = { 0 };
    while (!l->lost && l->put - l->taken < DEPTH) {
        slot *at = &l->slots[l->put % DEPTH];
        if (!claim(l->s, &at->sample))
            return;
        l->s->work->put(l->s->work->self, at->sample, &at->b);
        if (io_submit(l->s->f->member[l->index].net, &at->b, &at->job, &err) == WEFT_OK)
            l->put++;
        else
            miss(l, at->sample, &err);
    }
}

/* The oldest job. */
static void settle(lane *l)
{
    slot *at = &l->slots[l->taken++ % DEPTH];
    weft_error err = { 0 };
    int rc;
    while ((rc = weft_wait(at->job, LOOK_MS, &err)) == WEFT_ERR_TIMEOUT)
        if (is_stopped(l->s))
            weft_cancel(at->job);
    weft_job_free(at->job);
    at->job = NULL;
    if (rc != WEFT_OK) {
        miss(l, at->sample, &err);
        return;
    }
    l->s->work->take(l->s->work->self, at->sample, &at->b);
    l->losses = 0;
    finish(l->s, l->index);
}

/* Is there still something to do? */
static int is_needed(spread *s)
{
    pthread_mutex_lock(&s->lock);
    const int needed = !s->stop && s->done < s->work->total;
    pthread_mutex_unlock(&s->lock);
    return needed;
}

/* Bring the device back: a few attempts, as its plug may bounce, and then until it has been missing
 * for too long.  Returns 0 if it stays away, or is not needed any more. */
static int recover(lane *l)
{
    fleet *f = l->s->f;
    weft_error *why = &f->gone[l->index];
    const double until = tool_seconds() + f->wait_s[l->index];
    int rc = WEFT_ERR_NO_DEVICE;
    if (++l->losses > LOSSES) {
        weft_error_set(why, WEFT_ERR_LINK, "it was lost %d times without finishing a sample",
                       LOSSES);
        return 0;
    }
    for (unsigned i = 0; is_loss(rc) && is_needed(l->s); i++) {
        if (i >= RECOVERIES && tool_seconds() >= until)
            break;
        if (i) {
            pthread_mutex_lock(&l->s->lock);
            wait_for_news(l->s);
            pthread_mutex_unlock(&l->s->lock);
        }
        rc = weft_recover(f->member[l->index].dev, why);
    }
    if (rc == WEFT_OK)
        *why = (weft_error){ 0 };
    l->lost = rc != WEFT_OK;
    return rc == WEFT_OK;
}

/* With nothing in flight: a device that is there and loaded.  Returns 0 if there will be none. */
static int bring_up(lane *l)
{
    session *on = &l->s->f->member[l->index];
    weft_error why = { 0 };
    if (l->lost && !recover(l))
        return 0;
    if (on->net || weft_load(on->dev, l->s->work->program, NULL, &on->net, &why) == WEFT_OK)
        return 1;
    l->lost = is_loss(why.status);
    if (!l->lost)
        fail(l->s, &why);
    return l->lost;
}

static void *run_lane(void *self)
{
    lane *l = self;
    int more = 1;
    while (more) {
        const int ready = !l->lost && l->s->f->member[l->index].net;
        if (ready)
            fill(l);
        if (l->put != l->taken)
            settle(l);
        else
            more = ready && !l->lost ? wait_for_work(l->s) : bring_up(l);
    }
    pthread_mutex_lock(&l->s->lock);
    l->s->running--;
    pthread_cond_broadcast(&l->s->changed);
    pthread_mutex_unlock(&l->s->lock);
    return NULL;
}

/* --- all of them -------------------------------------------------------------------------------- */

/* Wait for the end of all threads, with progress and an eye on Ctrl-C. */
static void oversee(tool *t, spread *s)
{
    pthread_mutex_lock(&s->lock);
    while (s->running) {
        wait_for_news(s);
        if (tool_interrupted() && !s->stop) {
            weft_error_set(&s->why, WEFT_ERR_CANCELLED, "interrupted after %u of %u samples",
                           (unsigned)s->done, (unsigned)s->work->total);
            s->stop = 1;
            pthread_cond_broadcast(&s->changed);
        }
        if (s->done < s->work->total && s->done % DEPTH == 0)
            tool_progress(t, s->work->what, s->done, s->work->total);
    }
    pthread_mutex_unlock(&s->lock);
    tool_progress(t, s->work->what, 1, 1);
}

static int make_buffers(tool *t, spread *s)
{
    int code = EXIT_GOOD;
    for (uint32_t i = 0; i < s->f->count; i++) {
        s->lanes[i] = (lane){ .s = s, .index = i };
        for (unsigned k = 0; k < DEPTH && code == EXIT_GOOD; k++)
            code = io_make_answers(t, s->work->program, s->work->form, &s->lanes[i].slots[k].b);
    }
    return code;
}

/* A thread for every device; returns how many there are. */
static uint32_t start(spread *s)
{
    pthread_mutex_lock(&s->lock);
    while (s->running < s->f->count) {
        lane *l = &s->lanes[s->running];
        if (pthread_create(&l->thread, NULL, run_lane, l) != 0) {
            weft_error_set(&s->why, WEFT_ERR_NO_MEMORY, "no thread for a device");
            s->stop = 1;
            break;
        }
        s->running++;
    }
    const uint32_t started = s->running;
    pthread_mutex_unlock(&s->lock);
    return started;
}

/* What became of it, when no thread is left. */
static int conclude(tool *t, const spread *s)
{
    const fleet *f = s->f;
    if (s->why.status != WEFT_OK) {
        t->err = s->why;
        return tool_exit(s->why.status);
    }
    if (s->done == s->work->total) {
        t->err = (weft_error){ 0 };
        return EXIT_GOOD;
    }
    uint32_t i = f->count - 1;
    while (i && f->gone[i].status == WEFT_OK)
        i--;
    return tool_fail(t, f->gone[i].status,
                     "no device is left after %u of %u samples: %.200s; with wait=SECONDS in the "
                     "address it is waited for",
                     (unsigned)s->done, (unsigned)s->work->total, f->gone[i].text);
}

int fleet_spread(tool *t, fleet *f, const fleet_work *work)
{
    spread s = { .f = f, .work = work, .lanes = calloc(f->count, sizeof(lane)) };
    if (!s.lanes || pthread_mutex_init(&s.lock, NULL) || pthread_cond_init(&s.changed, NULL)) {
        free(s.lanes);
        return tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for %u devices", (unsigned)f->count);
    }
    int code = make_buffers(t, &s);
    if (code == EXIT_GOOD) {
        const uint32_t started = start(&s);
        oversee(t, &s);
        for (uint32_t i = 0; i < started; i++)
            pthread_join(s.lanes[i].thread, NULL);
        code = conclude(t, &s);
    }
    for (uint32_t i = 0; i < f->count; i++)
        for (unsigned k = 0; k < DEPTH; k++)
            io_free(&s.lanes[i].slots[k].b);
    pthread_cond_destroy(&s.changed);
    pthread_mutex_destroy(&s.lock);
    free(s.lanes);
    return code;
}
