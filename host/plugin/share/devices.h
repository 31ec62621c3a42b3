/* Open devices, shared by what one plugin runs: a board can be opened once, and sessions are many.
 *
 * Any thread.  Nothing is global: whoever loads the plugin owns the list of its devices. */
#ifndef WEFT_PLUGIN_SHARE_DEVICES_H
#define WEFT_PLUGIN_SHARE_DEVICES_H

#include <weft/weft.h>

typedef struct plugin_devices plugin_devices;
typedef struct plugin_device plugin_device;

/* No devices yet; NULL if there is no memory.  Given back by plugin_devices_free when all its devices are. */
plugin_devices *plugin_devices_new(void);
void plugin_devices_free(plugin_devices *devices);

/* The open device of an address, opened if nobody has it yet; each call asks for one plugin_device_release.
 * Returns WEFT_OK or what weft_open returns. */
int plugin_device_take(plugin_devices *devices, const char *address, plugin_device **out,
                       weft_error *err);
plugin_device *plugin_device_share(plugin_device *device); /* the same, once more */
void plugin_device_release(plugin_device *device);

/* Itself, for weft.h. */
weft_device *plugin_device_weft(plugin_device *device);

/* Run as weft_run does, from any number of threads: at most as many at once as the device takes; a device that was
 * lost is brought back once. */
int plugin_device_run(plugin_device *device, weft_loaded *net, const weft_input *in,
                      const weft_output *out, weft_error *err);

#endif
