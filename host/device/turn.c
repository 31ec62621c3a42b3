/* Who talks to the transport: the thread of the device for a job, or a caller for one call; see
 * device_own.h.  Callers go before the thread, so a queue that never empties keeps nobody out. */
#define _POSIX_C_SOURCE 200809L
#include <unistd.h>

#include "device_own.h"

int weft_turn_here(const weft_device *dev, weft_error *err)
{
    if (dev->process == getpid())
        return WEFT_OK;
    return weft_error_set(err, WEFT_ERR_NO_DEVICE,
                          "the device belongs to the process this one was forked from; open it "
                          "here, or fork before it is opened");
}

int weft_turn_is_worker(const weft_device *dev)
{
    return atomic_load(&dev->working) && pthread_equal(pthread_self(), dev->worker);
}

int weft_turn_lost(weft_error *err)
{
    return weft_error_set(err, WEFT_ERR_NO_DEVICE,
                          "the device was lost; bring it back with weft_recover, or close it");
}

int weft_turn_take(weft_device *dev, int idle, weft_error *err)
{
    const int rc = weft_turn_here(dev, err);
    if (rc != WEFT_OK)
        return rc;
    if (weft_turn_is_worker(dev))
        return weft_error_set(
            err, WEFT_ERR_BUSY,
            "this would wait for the thread of the device, which it is called on");
    pthread_mutex_lock(&dev->state);
    while (idle && dev->in_flight && !dev->closed)
        pthread_cond_wait(&dev->changed, &dev->state);
    dev->turn_wanted++;
    while (dev->turn_taken && !dev->closed)
        pthread_cond_wait(&dev->changed, &dev->state);
    dev->turn_wanted--;
    const int open = !dev->closed;
    if (open)
        dev->turn_taken = 1;
    pthread_mutex_unlock(&dev->state);
    return open ? WEFT_OK : weft_error_set(err, WEFT_ERR_NO_DEVICE, "the device was closed");
}

void weft_turn_give(weft_device *dev)
{
    pthread_mutex_lock(&dev->state);
    dev->turn_taken = 0;
    pthread_cond_broadcast(&dev->changed);
    pthread_mutex_unlock(&dev->state);
}
