/* What lives how long: jobs and port sets hold their loaded program, which holds its device and its
 * program; see device_own.h and README.md. */
#include <stdlib.h>

#include "device_own.h"

void weft_hold_settle(weft_loaded *net)
{
    if (!net->given_back || net->set_count || net->in_flight)
        return;
    for (weft_loaded **at = &net->dev->loaded; *at; at = &(*at)->next)
        if (*at == net) {
            *at = net->next;
            return;
        }
}

/* 1 for the last. */
static int drop(weft_device *dev, unsigned *holders)
{
    pthread_mutex_lock(&dev->state);
    const int last = --*holders == 0;
    pthread_mutex_unlock(&dev->state);
    return last;
}

void weft_hold_drop_device(weft_device *dev)
{
    if (!drop(dev, &dev->holders))
        return;
    pthread_cond_destroy(&dev->changed);
    pthread_mutex_destroy(&dev->state);
    free(dev);
}

void weft_hold_drop_loaded(weft_loaded *net)
{
    if (!drop(net->dev, &net->holders))
        return;
    weft_banks_free(&net->banks);
    weft_parts_free(&net->parts);
    weft_program_free(net->program);
    weft_hold_drop_device(net->dev);
    free(net);
}

weft_port_set *weft_hold_release_set(weft_port_set *set)
{
    if (!set || --set->holders)
        return NULL;
    set->bank->owner = NULL;
    set->net->set_count--;
    weft_hold_settle(set->net);
    return set;
}

void weft_hold_free_set(weft_port_set *set)
{
    if (!set)
        return;
    weft_loaded *net = set->net;
    free(set->memory);
    free(set->rows);
    free(set);
    weft_hold_drop_loaded(net);
}

void weft_hold_drop_set(weft_port_set *set)
{
    weft_device *dev = set->net->dev;
    pthread_mutex_lock(&dev->state);
    weft_port_set *last = weft_hold_release_set(set);
    pthread_mutex_unlock(&dev->state);
    weft_hold_free_set(last);
}

void weft_hold_free_job(weft_job *job)
{
    weft_loaded *net = job->net;
    if (job->set)
        weft_hold_drop_set(job->set);
    free(job->outputs);
    free(job->in);
    free(job);
    weft_hold_drop_loaded(net);
}
