/* Watching the commands of a device; the contract is in weft.h. */
#include "device_own.h"

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
    dev->watch = (weft_watch){ self, event };
    t->ops->watch(t, event ? &dev->watch : NULL);
    pthread_mutex_unlock(&dev->hardware);
    return WEFT_OK;
}
