/* Open devices, shared: a board can be opened once, and its users are many. */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/plugin/share/devices.h"

struct plugin_device {
    plugin_devices *all;
    plugin_device *next;
    weft_device *weft;
    unsigned users;
    uint32_t room; /* jobs that may still be started */
    pthread_cond_t changed;
    char address[];
};

struct plugin_devices {
    pthread_mutex_t
        lock; /* for all of them: it is held for moments only, but while one is opened */
    plugin_device *first;
};

plugin_devices *plugin_devices_new(void)
{
    plugin_devices *devices = calloc(1, sizeof *devices);
    if (devices)
        pthread_mutex_init(&devices->lock, NULL);
    return devices;
}

void plugin_devices_free(plugin_devices *devices)
{
    if (!devices)
        return;
    pthread_mutex_destroy(&devices->lock);
    free(devices);
}

static int open_device(plugin_devices *devices, const char *address, plugin_device **out,
                       weft_error *err)
{
    plugin_device *device = calloc(1, sizeof *device + strlen(address) + 1);
    if (!device)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a device");
    strcpy(device->address, address);
    int rc = weft_open(address, &device->weft, err);
    weft_device_info info = { .struct_bytes = sizeof info };
    if (rc == WEFT_OK)
        rc = weft_device_describe(device->weft, &info, err);
    if (rc != WEFT_OK) {
        weft_close(device->weft);
        free(device);
        return rc;
    }
    pthread_cond_init(&device->changed, NULL);
    device->all = devices;
    device->room = info.most_jobs;
    device->next = devices->first;
    devices->first = device;
    *out = device;
    return WEFT_OK;
}

int plugin_device_take(plugin_devices *devices, const char *address, plugin_device **out,
                       weft_error *err)
{
    pthread_mutex_lock(&devices->lock);
    plugin_device *device = devices->first;
    while (device && strcmp(device->address, address) != 0)
        device = device->next;
    const int rc = device ? WEFT_OK : open_device(devices, address, &device, err);
    if (rc == WEFT_OK) {
        device->users++;
        *out = device;
    }
    pthread_mutex_unlock(&devices->lock);
    return rc;
}

plugin_device *plugin_device_share(plugin_device *device)
{
    pthread_mutex_lock(&device->all->lock);
    device->users++;
    pthread_mutex_unlock(&device->all->lock);
    return device;
}

void plugin_device_release(plugin_device *device)
{
    if (!device)
        return;
    plugin_devices *devices = device->all;
    pthread_mutex_lock(&devices->lock);
    const bool is_last = --device->users == 0;
    if (is_last) {
        plugin_device **at = &devices->first;
        while (*at != device)
            at = &(*at)->next;
        *at = device->next;
        weft_close(device->weft); /* under the lock: who opens it next must find it closed */
    }
    pthread_mutex_unlock(&devices->lock);
    if (is_last) {
        pthread_cond_destroy(&device->changed);
        free(device);
    }
}

weft_device *plugin_device_weft(plugin_device *device)
{
    return device->weft;
}

int plugin_device_run(plugin_device *device, weft_loaded *net, const weft_input *in,
                      const weft_output *out, weft_error *err)
{
    pthread_mutex_lock(&device->all->lock);
    while (device->room == 0)
        pthread_cond_wait(&device->changed, &device->all->lock);
    device->room--;
    pthread_mutex_unlock(&device->all->lock);
    int rc = weft_run(net, in, out, WEFT_FOREVER, err);
    if ((rc == WEFT_ERR_NO_DEVICE || rc == WEFT_ERR_LINK) &&
        weft_recover(device->weft, err) == WEFT_OK)
        rc = weft_run(net, in, out, WEFT_FOREVER, err);
    pthread_mutex_lock(&device->all->lock);
    device->room++;
    pthread_cond_signal(&device->changed);
    pthread_mutex_unlock(&device->all->lock);
    return rc;
}
