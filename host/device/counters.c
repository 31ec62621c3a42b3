/* The counters of a device: their names, their values over the runs of a job, and who is told of
 * every cycle; the contracts are in weft.h. */
#include "device_own.h"
#include "rtl/isa/weft_isa.h"

typedef struct counter_row {
    const char *name, *text;
    uint32_t offset;
} counter_row;

/* Counter number i: the registers from CYCLES on.  NULL past the last. */
static const counter_row *counter_at(uint32_t i)
{
    static const counter_row table[] = {
#define REG(name, offset, access, reset, doc) { #name, doc, offset },
#include "rtl/isa/weft_isa.def"
    };
    for (size_t k = 0; k < sizeof table / sizeof *table; k++)
        if (table[k].offset >= WEFT_REG_CYCLES && i-- == 0)
            return &table[k];
    return NULL;
}

const char *weft_counter_name(uint32_t index)
{
    const counter_row *row = counter_at(index);
    return row ? row->name : NULL;
}

const char *weft_counter_text(uint32_t index)
{
    const counter_row *row = counter_at(index);
    return row ? row->text : NULL;
}

static uint32_t sum(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

int weft_counters_keep(weft_device *dev, weft_error *err)
{
    int rc = WEFT_OK;
    const counter_row *row;
    for (uint32_t i = 0; i < MOST_COUNTERS && (row = counter_at(i)) && rc == WEFT_OK; i++) {
        uint32_t value = 0;
        rc = dev->transport->ops->reg_read(dev->transport, row->offset, &value, err);
        dev->before[i] = sum(dev->before[i], value);
    }
    return rc;
}

/* With the turn. */
static int read_all(weft_device *dev, uint32_t *values, uint32_t room, weft_error *err)
{
    int rc = atomic_load(&dev->lost) ? weft_turn_lost(err) : WEFT_OK;
    const counter_row *row;
    for (uint32_t i = 0; i < room && i < MOST_COUNTERS && (row = counter_at(i)) && rc == WEFT_OK;
         i++) {
        uint32_t value = 0;
        rc = dev->transport->ops->reg_read(dev->transport, row->offset, &value, err);
        if (rc == WEFT_OK)
            values[i] = sum(dev->before[i], value);
    }
    if (rc == WEFT_ERR_LINK || rc == WEFT_ERR_NO_DEVICE)
        atomic_store(&dev->lost, 1);
    return rc;
}

int weft_device_counters(weft_device *dev, uint32_t *values, uint32_t room, weft_error *err)
{
    if (!GIVEN(err, dev) || !GIVEN(err, values))
        return WEFT_ERR_ARG;
    int rc = weft_turn_here(dev, err);
    if (rc != WEFT_OK)
        return rc;
    pthread_mutex_lock(&dev->state);
    const int busy = dev->in_flight != 0;
    pthread_mutex_unlock(&dev->state);
    if (busy)
        return weft_error_set(err, WEFT_ERR_BUSY, "jobs are in flight on this device");
    rc = weft_turn_take(dev, 0, err);
    if (rc != WEFT_OK)
        return rc;
    rc = read_all(dev, values, room, err);
    weft_turn_give(dev);
    return rc;
}

/* Counters start anew with every run of the device; the watcher sees those of the job. */
static void tell(void *self, unsigned events, const uint32_t *counters)
{
    weft_device *dev = self;
    uint32_t all[WEFT_WATCHED_COUNTERS];
    for (unsigned i = 0; i < WEFT_WATCHED_COUNTERS; i++)
        all[i] = sum(counters[i], dev->before[i]);
    dev->watcher.event(dev->watcher.self, events, all);
}

int weft_device_watch(weft_device *dev,
                      void (*event)(void *self, uint32_t events, const uint32_t *counters),
                      void *self, weft_error *err)
{
    if (!GIVEN(err, dev))
        return WEFT_ERR_ARG;
    const int rc = weft_turn_take(dev, 0, err);
    if (rc != WEFT_OK)
        return rc;
    weft_transport *t = dev->transport;
    if (t->ops->watch) {
        dev->watcher = (weft_watch){ self, event };
        dev->watch = (weft_watch){ dev, tell };
        t->ops->watch(t, event ? &dev->watch : NULL);
    }
    weft_turn_give(dev);
    if (t->ops->watch)
        return WEFT_OK;
    return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                          "%s cannot show when commands start and end; the simulation (sim:) can",
                          dev->address);
}
