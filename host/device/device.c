/* Devices: list, open, describe, bring back, close; the contracts are in weft.h. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "device_own.h"
#include "models/program/hw_array.h"
#include "rtl/isa/weft_isa.h"

/* --- list ---------------------------------------------------------------------------------------
 */

int weft_device_list(uint32_t index, weft_listing *out, weft_error *err)
{
    weft_listing l;
    const weft_transport_ops *ops;
    uint32_t left = index;
    if (!GIVEN(err, out))
        return WEFT_ERR_ARG;
    for (unsigned i = 0; (ops = weft_transport_at(i)) != NULL; i++)
        for (unsigned k = 0; weft_transport_list(ops, k, &l); k++)
            if (left-- == 0)
                return weft_struct_fill(out, &l, sizeof l, err);
    return weft_error_set(err, WEFT_ERR_NO_DEVICE, "there is no device number %u", (unsigned)index);
}

/* --- open ---------------------------------------------------------------------------------------
 */

static int read_info(weft_transport *t, uint32_t *isa_version, weft_hw *hw, weft_error *err)
{
    uint32_t id = 0;
    const struct {
        uint32_t offset, *to;
    } reads[] = {
        { WEFT_REG_ID, &id },
        { WEFT_REG_ISA, isa_version },
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, option, unit, doc)          \
    { WEFT_REG_INFO_##NAME, &hw->name },
#define HW_DERIVED(NAME, name, info, unit, doc) { WEFT_REG_INFO_##NAME, &hw->name },
#include "rtl/isa/weft_isa.def"
    };
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        int rc = t->ops->reg_read(t, reads[i].offset, reads[i].to, err);
        if (rc != WEFT_OK)
            return rc;
    }
    hw->lacks = 0;
    const int rc = t->ops->reg_read(t, WEFT_REG_INFO_LACKS, &hw->lacks, err);
    if (rc != WEFT_OK && rc != WEFT_ERR_ARG) /* of a device without this register: it has all */
        return rc;
    if (id != WEFT_REG_ID_RESET)
        return weft_error_set(err, WEFT_ERR_VERSION, "what answers there is no Weft device");
    if (*isa_version != WEFT_ISA_VERSION)
        return weft_error_set(err, WEFT_ERR_VERSION,
                              "the device speaks ISA version %u, this library %d",
                              (unsigned)*isa_version, WEFT_ISA_VERSION);
    return WEFT_OK;
}

static int make_thread(weft_device *dev)
{
    pthread_condattr_t attr;
    if (pthread_condattr_init(&attr))
        return WEFT_ERR_NO_MEMORY;
    int bad = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) ||
              pthread_cond_init(&dev->changed, &attr);
    pthread_condattr_destroy(&attr);
    if (bad)
        return WEFT_ERR_NO_MEMORY;
    if (pthread_mutex_init(&dev->state, NULL))
        goto no_state;
    /* The thread compares itself with dev->worker, which must have been written before. */
    pthread_mutex_lock(&dev->state);
    bad = pthread_create(&dev->worker, NULL, weft_worker_main, dev);
    pthread_mutex_unlock(&dev->state);
    if (!bad)
        return WEFT_OK;
    pthread_mutex_destroy(&dev->state);
no_state:
    pthread_cond_destroy(&dev->changed);
    return WEFT_ERR_NO_MEMORY;
}

static int open_into(weft_device *dev, const char *address, weft_error *err)
{
    int rc = weft_transport_open(address, &dev->transport, err);
    if (rc != WEFT_OK)
        return rc;
    snprintf(dev->address, sizeof dev->address, "%s", address);
    dev->process = getpid();
    dev->holders = 1;
    dev->pipe[0] = dev->pipe[1] = -1;
    rc = read_info(dev->transport, &dev->isa_version, &dev->hw, err);
    if (rc == WEFT_OK && (rc = make_thread(dev)) != WEFT_OK)
        weft_error_set(err, rc, "no thread or lock could be made for the device");
    if (rc != WEFT_OK)
        dev->transport->ops->close(dev->transport);
    return rc;
}

int weft_open(const char *address, weft_device **out, weft_error *err)
{
    if (!GIVEN(err, address) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    *out = NULL;
    weft_device *dev = calloc(1, sizeof *dev);
    if (!dev)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a device");
    const int rc = open_into(dev, address, err);
    if (rc == WEFT_OK)
        *out = dev;
    else
        free(dev);
    return rc;
}

/* --- close --------------------------------------------------------------------------------------
 */

int weft_close(weft_device *dev)
{
    if (!dev)
        return WEFT_OK;
    if (weft_turn_here(dev, NULL) != WEFT_OK)
        return WEFT_ERR_NO_DEVICE;
    if (weft_turn_is_worker(dev))
        return WEFT_ERR_BUSY;
    pthread_mutex_lock(&dev->state);
    dev->quit = 1;
    for (weft_job *job = dev->head; job; job = job->next)
        weft_cancel(job);
    pthread_cond_broadcast(&dev->changed);
    pthread_mutex_unlock(&dev->state);
    pthread_join(dev->worker, NULL);
    pthread_mutex_lock(&dev->state);
    dev->closed = 1;
    while (dev->turn_taken)
        pthread_cond_wait(&dev->changed, &dev->state);
    const int rc = dev->transport->ops->close(dev->transport);
    dev->transport = NULL;
    weft_ended_close(dev);
    pthread_cond_broadcast(&dev->changed);
    pthread_mutex_unlock(&dev->state);
    weft_hold_drop_device(dev);
    return rc;
}

/* --- describe -----------------------------------------------------------------------------------
 */

static uint32_t count_loaded(const weft_device *dev)
{
    uint32_t count = 0;
    for (const weft_loaded *net = dev->loaded; net; net = net->next)
        count++;
    return count;
}

int weft_device_describe(weft_device *dev, weft_device_info *out, weft_error *err)
{
    if (!GIVEN(err, dev) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    const int rc = weft_turn_here(dev, err);
    if (rc != WEFT_OK)
        return rc;
    weft_device_info info = { .isa_version = dev->isa_version,
                              .address = dev->address,
                              .memory_bytes = dev->hw.mem_size,
                              .most_jobs = MOST_JOBS,
                              .lost = (uint32_t)atomic_load(&dev->lost) };
    pthread_mutex_lock(&dev->state);
    const weft_memory_use use = weft_memory_of(dev->loaded, dev->hw.mem_size);
    info.loaded_count = count_loaded(dev);
    info.jobs = dev->in_flight;
    pthread_mutex_unlock(&dev->state);
    info.memory_free = use.free_bytes;
    info.memory_free_at_once = use.largest_bytes;
    return weft_struct_fill(out, &info, sizeof info, err);
}

int weft_device_array(const weft_device *dev, weft_array *out, weft_error *err)
{
    if (!GIVEN(err, dev) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    const weft_array a = weft_array_of(&dev->hw);
    return weft_struct_fill(out, &a, sizeof a, err);
}

/* --- bring back ---------------------------------------------------------------------------------
 */

static int check_same(const weft_device *dev, weft_error *err)
{
    uint32_t isa_version = 0;
    weft_hw hw = { 0 };
    const int rc = read_info(dev->transport, &isa_version, &hw, err);
    if (rc == WEFT_OK && memcmp(&hw, &dev->hw, sizeof hw) != 0)
        return weft_error_set(err, WEFT_ERR_HARDWARE,
                              "a %ux%u array answers at %.80s now, it was %ux%u: open it anew",
                              (unsigned)hw.rows, (unsigned)hw.cols, dev->address,
                              (unsigned)dev->hw.rows, (unsigned)dev->hw.cols);
    return rc;
}

int weft_recover(weft_device *dev, weft_error *err)
{
    if (!GIVEN(err, dev))
        return WEFT_ERR_ARG;
    int rc = weft_turn_here(dev, err);
    if (rc != WEFT_OK || !atomic_load(&dev->lost))
        return rc;
    rc = weft_turn_take(dev, 1, err);
    if (rc != WEFT_OK)
        return rc;
    if (atomic_load(&dev->lost)) { /* nobody else was faster */
        rc = dev->transport->ops->reset(dev->transport, err);
        if (rc == WEFT_OK)
            rc = check_same(dev, err);
        if (rc == WEFT_OK)
            rc = weft_loaded_write_all(dev, err);
        if (rc == WEFT_OK)
            atomic_store(&dev->lost, 0);
    }
    weft_turn_give(dev);
    return rc;
}
