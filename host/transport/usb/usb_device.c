/* Weft devices on the USB; the contract is in usb_device.h. */
#define _POSIX_C_SOURCE 200809L /* nanosleep */
#include "usb_device.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LOOK_AGAIN_MS = 200, CLAIM_AGAIN_MS = 50, CLAIM_TRIES = 4, MILLIAMPERES_A_UNIT = 2 };

static void sleep_ms(long ms)
{
    const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
    nanosleep(&t, NULL);
}

/* --- looking ------------------------------------------------------------------------------------
 */

/* The ends of a device that is Weft's; 0 if it is not, or cannot be used (err says why then). */
static int read_ends(libusb_device *device, usb_ends *ends, uint8_t *power, weft_error *err)
{
    struct libusb_config_descriptor *config = NULL;
    if (libusb_get_active_config_descriptor(device, &config) != LIBUSB_SUCCESS)
        return 0;
    const int rc = usb_ends_find(config, libusb_get_device_speed(device), ends, err);
    *power = config->MaxPower;
    libusb_free_config_descriptor(config);
    return rc == WEFT_OK;
}

static void read_text(libusb_device_handle *handle, uint8_t index, char *to, size_t room)
{
    unsigned char text[USB_SERIAL_BYTES] = "";
    if (index)
        (void)libusb_get_string_descriptor_ascii(handle, index, text, sizeof text - 1);
    snprintf(to, room, "%s", (const char *)text);
    for (char *c = to; *c; c++)
        if (*c < 0x21 || *c > 0x7e || *c == ',')
            *c = '_'; /* so that it can stand in an address */
}

static int refuse_code(int code, weft_error *err)
{
    switch (code) {
    case LIBUSB_ERROR_ACCESS:
        return weft_error_set(err, WEFT_ERR_IO,
                              "no permission to use the USB device; write this line into "
                              "/etc/udev/rules.d/60-weft.rules and plug it in again: %s",
                              USB_UDEV_RULE);
    case LIBUSB_ERROR_BUSY:
        return weft_error_set(err, WEFT_ERR_BUSY,
                              "the USB device is in use by another program; end that one first");
    case LIBUSB_ERROR_NO_MEM:
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a USB device");
    default:
        return weft_error_set(err, WEFT_ERR_NO_DEVICE, "the USB device cannot be opened: %s",
                              libusb_strerror(code));
    }
}

/* Claim the interface; somebody who is just closing it gets a moment. */
static int claim(usb_device *d, weft_error *err)
{
    int code = LIBUSB_ERROR_BUSY;
    (void)libusb_set_auto_detach_kernel_driver(d->handle, 1); /* not everywhere there is one */
    for (int i = 0; i < CLAIM_TRIES && code == LIBUSB_ERROR_BUSY; i++) {
        if (i)
            sleep_ms(CLAIM_AGAIN_MS);
        code = libusb_claim_interface(d->handle, d->ends.interface);
    }
    if (code == LIBUSB_SUCCESS && d->ends.alternate)
        code = libusb_set_interface_alt_setting(d->handle, d->ends.interface, d->ends.alternate);
    return code == LIBUSB_SUCCESS ? WEFT_OK : refuse_code(code, err);
}

/* One look at the bus. */
typedef struct search {
    const char *serial; /* NULL: any */
    usb_device *out;
    unsigned found;
    weft_error *err; /* why the last one could not be used */
    int status;      /* of it, or WEFT_OK */
} search;

/* Open a candidate far enough to know its serial number; keep it if it is the one. */
static void try_device(search *s, libusb_device *device)
{
    uint8_t power;
    usb_device d = { .speed = libusb_get_device_speed(device) };
    struct libusb_device_descriptor descriptor;
    weft_error why = { 0 };
    if (!read_ends(device, &d.ends, &power, &why)) {
        if (why.status != WEFT_ERR_NO_DEVICE && why.status != WEFT_OK && !s->found) {
            s->status = why.status;
            weft_error_set(s->err, why.status, "%s", why.text);
        }
        return;
    }
    const int code = libusb_open(device, &d.handle);
    if (code != LIBUSB_SUCCESS) {
        s->status = refuse_code(code, s->err);
        return;
    }
    (void)libusb_get_device_descriptor(device, &descriptor);
    read_text(d.handle, descriptor.iSerialNumber, d.serial, sizeof d.serial);
    if ((s->serial && strcmp(s->serial, d.serial) != 0) || s->found++) {
        libusb_close(d.handle);
        return;
    }
    *s->out = d;
}

static int look(libusb_context *usb, const char *serial, usb_device *out, weft_error *err)
{
    libusb_device **list = NULL;
    usb_device d = { 0 };
    search s = { .serial = serial, .out = &d, .err = err, .status = WEFT_OK };
    const ssize_t count = libusb_get_device_list(usb, &list);
    for (ssize_t i = 0; i < count; i++)
        try_device(&s, list[i]);
    if (count >= 0)
        libusb_free_device_list(list, 1);
    if (s.found > 1 && !serial) {
        libusb_close(d.handle);
        return weft_error_set(err, WEFT_ERR_ARG,
                              "%u Weft devices are plugged in; choose one with usb:serial=.., "
                              "which weft devices lists",
                              s.found);
    }
    if (!s.found && s.status != WEFT_OK)
        return s.status;
    if (!s.found)
        return serial ? weft_error_set(err, WEFT_ERR_NO_DEVICE,
                                       "no Weft device with the serial number %s is plugged in",
                                       serial)
                      : weft_error_set(err, WEFT_ERR_NO_DEVICE, "no Weft device is plugged in");
    const int rc = claim(&d, err);
    if (rc == WEFT_OK)
        *out = d;
    else
        libusb_close(d.handle);
    return rc;
}

int usb_device_open(libusb_context *usb, const char *serial, uint32_t wait_seconds, usb_device *out,
                    weft_error *err)
{
    int rc = look(usb, serial, out, err);
    for (uint64_t ms = 0; rc == WEFT_ERR_NO_DEVICE && ms < (uint64_t)wait_seconds * 1000;
         ms += LOOK_AGAIN_MS) {
        sleep_ms(LOOK_AGAIN_MS);
        rc = look(usb, serial, out, err);
    }
    return rc;
}

void usb_device_close(usb_device *d)
{
    if (d->handle) {
        (void)libusb_release_interface(d->handle, d->ends.interface);
        libusb_close(d->handle);
    }
    d->handle = NULL;
}

/* --- describing ---------------------------------------------------------------------------------
 */

static void describe(libusb_device *device, uint8_t power, char *room, size_t room_bytes)
{
    libusb_device_handle *handle = NULL;
    struct libusb_device_descriptor descriptor;
    char serial[USB_SERIAL_BYTES] = "";
    (void)libusb_get_device_descriptor(device, &descriptor);
    const int code = libusb_open(device, &handle);
    if (code == LIBUSB_SUCCESS) {
        read_text(handle, descriptor.iSerialNumber, serial, sizeof serial);
        libusb_close(handle);
    }
    snprintf(room, room_bytes, "usb:%s%s %s, %d mA%s", *serial ? "serial=" : "", serial,
             usb_speed_name(libusb_get_device_speed(device)), power * MILLIAMPERES_A_UNIT,
             code == LIBUSB_ERROR_ACCESS ? ", no permission (weft run says what to do)" : "");
}

int usb_device_list(libusb_context *usb, unsigned index, char *room, size_t room_bytes)
{
    libusb_device **list = NULL;
    const ssize_t count = libusb_get_device_list(usb, &list);
    int found = 0;
    for (ssize_t i = 0; i < count && !found; i++) {
        usb_ends ends;
        uint8_t power;
        if (!read_ends(list[i], &ends, &power, NULL) || index--)
            continue;
        describe(list[i], power, room, room_bytes);
        found = 1;
    }
    if (count >= 0)
        libusb_free_device_list(list, 1);
    return found;
}
