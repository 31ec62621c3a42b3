/* Watching the commands of a device; the contract is in weft.h. */
#include "device_own.h"

/* Counters start anew with every run of the device; the watcher sees those of the job. */
static void tell(void *self, unsigned events, const uint32_t *counters)
{
    weft_device *dev = self;
    uint32_t all[WEFT_WATCHED_COUNTERS];
    for (unsigned i = 0; i < WEFT_WATCHED_COUNTERS; i++)
        all[i] =
            counters[i] > UINT32_MAX - dev->before[i] ? UINT32_MAX : counters[i] + dev->before[i];
    dev->watcher.event(dev->watcher.self, events, all);
}

int weft_watch_events(weft_device *dev,
                      void (*event)(void *self, unsigned events, const uint32_t *counters),
                      void *self, weft_error *err)
{
    weft_transport *t = dev->transport;
    if (!t->ops->watch)
        return weft_error_set(
            err, WEFT_ERR_UNSUPPORTED,
            "%s cannot show when commands start and end; the simulation (sim:) can", dev->uri);
    pthread_mutex_lock(&dev->hardware);
    dev->watcher = (weft_watch){ self, event };
    dev->watch = (weft_watch){ dev, tell };
    t->ops->watch(t, event ? &dev->watch : NULL);
    pthread_mutex_unlock(&dev->hardware);
    return WEFT_OK;
}
