/* The thread of a device: takes jobs from the queue, lets transfers of one hide behind the run of
 * another, ends them; see device_own.h. */
#include "device_own.h"

/* A bank for this job: of its port set, or one that nobody uses.  NULL: not yet. */
static weft_bank *bank_for(weft_job *job)
{
    weft_loaded *net = job->net;
    weft_bank *free_bank = job->set ? job->set->bank : NULL;
    pthread_mutex_lock(&net->dev->state);
    for (unsigned k = 0; k < net->banks.count && !free_bank; k++)
        if (!net->banks.bank[k].busy && !net->banks.bank[k].owner)
            free_bank = &net->banks.bank[k];
    if (free_bank)
        free_bank->busy = 1;
    pthread_mutex_unlock(&net->dev->state);
    return free_bank;
}

/* Put the inputs of a job where they belong.  Returns 0 if there is no bank for them yet. */
static int stage(weft_job *job)
{
    weft_bank *bank = job->bank ? job->bank : bank_for(job);
    if (bank && !job->bank)
        weft_run_stage(job, bank);
    return bank != NULL;
}

/* Take the oldest job out of the queue, over. */
static void retire(weft_device *dev, weft_job *job)
{
    weft_loaded *net = job->net;
    weft_port_set *set = job->set;
    weft_run_collect(job);
    if (job->ended)
        job->ended(job->self, job->result.status,
                   job->result.status == WEFT_OK ? "" : job->result.text);
    pthread_mutex_lock(&dev->state);
    dev->head = job->next;
    dev->in_flight--;
    net->in_flight--;
    net->in_flight_plain -= !set;
    job->set = NULL;
    if (set)
        set->busy = 0;
    if (job->bank)
        job->bank->busy = 0;
    job->state = WEFT_JOB_OVER;
    weft_ended_count(dev);
    weft_wait_ring(dev);
    const int orphan = job->orphan;
    if (orphan)
        weft_ended_notice(dev, job);
    set = weft_hold_release_set(set);
    weft_hold_settle(net);
    pthread_cond_broadcast(&dev->changed);
    pthread_mutex_unlock(&dev->state);
    weft_hold_free_set(set);
    if (orphan)
        weft_hold_free_job(job);
}

/* The job after this one, if it has come already.  Only the worker takes jobs away. */
static weft_job *follower(weft_device *dev, const weft_job *job)
{
    pthread_mutex_lock(&dev->state);
    weft_job *next = job->next;
    pthread_mutex_unlock(&dev->state);
    return next;
}

/* One turn on the hardware: run `job` (NULL: there is none) while the outputs of the one that ran
 * before it come out of another bank and the inputs of the one after it go into a third, which may
 * be that of the first again. */
static void take_turn(weft_device *dev, weft_job *ran, weft_job *job)
{
    if (ran && (!job || !stage(job))) {
        retire(dev, ran);
        ran = NULL;
    }
    if (!job)
        return;
    (void)stage(job);
    weft_run_start(job);
    if (ran)
        retire(dev, ran);
    weft_job *next = follower(dev, job);
    if (next)
        (void)stage(next);
    weft_run_finish(job);
}

/* Wait for the turn and for something to do with it.  Returns 0 when everything is done. */
static int wait_for_turn(weft_device *dev, const weft_job *ran, weft_job **job)
{
    pthread_mutex_lock(&dev->state);
    while (dev->turn_taken || dev->turn_wanted || (!dev->head && !dev->quit))
        pthread_cond_wait(&dev->changed, &dev->state);
    *job = ran ? ran->next : dev->head;
    const int more = dev->head != NULL;
    if (*job)
        (*job)->state = WEFT_JOB_RUNNING;
    dev->turn_taken = more;
    pthread_mutex_unlock(&dev->state);
    return more;
}

void *weft_worker_main(void *arg)
{
    weft_device *dev = arg;
    weft_job *ran = NULL; /* has run, its outputs still lie in its bank; then it is the head */
    weft_job *job;
    atomic_store(&dev->working, 1);
    while (wait_for_turn(dev, ran, &job)) {
        take_turn(dev, ran, job);
        ran = job;
        weft_turn_give(dev);
    }
    atomic_store(&dev->working, 0);
    return NULL;
}
