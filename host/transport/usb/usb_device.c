/* Devices of a kind on the USB; the contract is in usb_device.h. */
#define _POSIX_C_SOURCE 200809L /* nanosleep */
#include "usb_device.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Ports on the way to a device, at most: USB 3.0, 4.1. */
enum { LOOK_AGAIN_MS = 200, CLAIM_AGAIN_MS = 50, CLAIM_TRIES = 4, MOST_PORTS = 7 };

/* What bMaxPower counts in (USB 2.0, 9.6.3; USB 3.2, 9.6.3). */
static unsigned power_unit_ma(int speed)
{
    return speed >= LIBUSB_SPEED_SUPER ? 8 : 2;
}

static void sleep_ms(long ms)
{
    const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
    nanosleep(&t, NULL);
}

/* --- looking ------------------------------------------------------------------------------------
 */

/* "1-2.4": bus, and the ports on the way to the device. */
static void read_place(libusb_device *device, char *to)
{
    uint8_t port[MOST_PORTS];
    const int ports = libusb_get_port_numbers(device, port, MOST_PORTS);
    int at = snprintf(to, USB_PLACE_BYTES, "%u", (unsigned)libusb_get_bus_number(device));
    for (int i = 0; i < ports; i++)
        at += snprintf(to + at, USB_PLACE_BYTES - (size_t)at, "%c%u", i ? '.' : '-',
                       (unsigned)port[i]);
}

/* What a device of the kind tells unopened; 0 if it is of another, or cannot be used (err says why). */
static int read_device(libusb_device *device, const usb_kind *kind, usb_device *to, weft_error *err)
{
    struct libusb_config_descriptor *config = NULL;
    struct libusb_device_descriptor descriptor = { 0 };
    *to = (usb_device){ .speed = libusb_get_device_speed(device) };
    if (libusb_get_active_config_descriptor(device, &config) != LIBUSB_SUCCESS)
        return 0;
    (void)libusb_get_device_descriptor(device, &descriptor);
    const int rc = kind->find(&descriptor, config, to->speed, &to->ends, err);
    to->power_ma = config->MaxPower * power_unit_ma(to->speed);
    libusb_free_config_descriptor(config);
    to->product = descriptor.idProduct;
    to->release = descriptor.bcdDevice;
    read_place(device, to->place);
    return rc == WEFT_OK;
}

/* Open the device and read its serial number, in characters that can stand in an address.  Returns
 * a libusb code; the handle is open with LIBUSB_SUCCESS. */
static int open_and_read(libusb_device *device, usb_device *d)
{
    struct libusb_device_descriptor descriptor = { 0 };
    unsigned char text[USB_SERIAL_BYTES] = "";
    const int code = libusb_open(device, &d->handle);
    if (code != LIBUSB_SUCCESS)
        return code;
    (void)libusb_get_device_descriptor(device, &descriptor);
    if (descriptor.iSerialNumber)
        (void)libusb_get_string_descriptor_ascii(d->handle, descriptor.iSerialNumber, text,
                                                 sizeof text - 1);
    snprintf(d->serial, sizeof d->serial, "%s", (const char *)text);
    for (char *c = d->serial; *c; c++)
        if (*c < 0x21 || *c > 0x7e || *c == ',')
            *c = '_';
    return code;
}

static int refuse_code(const usb_kind *kind, int code, weft_error *err)
{
    switch (code) {
    case LIBUSB_ERROR_ACCESS:
        return weft_error_set(err, WEFT_ERR_IO,
                              "no permission to use the USB device; write this line into "
                              "/etc/udev/rules.d/60-weft.rules and plug it in again: %s",
                              kind->udev_rule);
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
static int claim(const usb_kind *kind, usb_device *d, weft_error *err)
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
    return code == LIBUSB_SUCCESS ? WEFT_OK : refuse_code(kind, code, err);
}

/* One look at the bus. */
typedef struct search {
    const usb_kind *kind;
    const usb_choice *choice;
    usb_device *out;
    unsigned found;
    weft_error *err; /* why the last one could not be used */
    int status;      /* of it, or WEFT_OK */
} search;

static int fits(const char *wanted, const char *is)
{
    return !wanted || !strcmp(wanted, is);
}

/* Open a candidate far enough to know its serial number; keep it if it is the one. */
static void try_device(search *s, libusb_device *device)
{
    usb_device d;
    weft_error why = { 0 };
    if (!read_device(device, s->kind, &d, &why)) {
        if (why.status != WEFT_ERR_NO_DEVICE && why.status != WEFT_OK && !s->found &&
            fits(s->choice->place, d.place)) {
            s->status = why.status;
            weft_error_set(s->err, why.status, "%s", why.text);
        }
        return;
    }
    if (!fits(s->choice->place, d.place))
        return;
    const int code = open_and_read(device, &d);
    if (code != LIBUSB_SUCCESS) {
        s->status = refuse_code(s->kind, code, s->err);
        return;
    }
    if (!fits(s->choice->serial, d.serial) || s->found++) {
        libusb_close(d.handle);
        return;
    }
    *s->out = d;
}

/* What is missing: "with the serial number X", "at 1-2", or any. */
static int say_none(const usb_kind *kind, const usb_choice *c, weft_error *err)
{
    return weft_error_set(err, WEFT_ERR_NO_DEVICE, "no %s%s%s%s%s is plugged in", kind->what,
                          c->serial ? " with the serial number " : "", c->serial ? c->serial : "",
                          c->place ? " at " : "", c->place ? c->place : "");
}

static int look(libusb_context *usb, const usb_kind *kind, const usb_choice *choice,
                usb_device *out, weft_error *err)
{
    libusb_device **list = NULL;
    usb_device d = { 0 };
    search s = { .kind = kind, .choice = choice, .out = &d, .err = err, .status = WEFT_OK };
    const ssize_t count = libusb_get_device_list(usb, &list);
    for (ssize_t i = 0; i < count; i++)
        try_device(&s, list[i]);
    if (count >= 0)
        libusb_free_device_list(list, 1);
    if (s.found > 1) {
        libusb_close(d.handle);
        return weft_error_set(err, WEFT_ERR_ARG,
                              "%u %ss are plugged in%s%s; choose one by the address that weft "
                              "devices lists",
                              s.found, kind->what, choice->serial ? " with the serial number " : "",
                              choice->serial ? choice->serial : "");
    }
    if (!s.found)
        return s.status != WEFT_OK ? s.status : say_none(kind, choice, err);
    int rc = claim(kind, &d, err);
    if (rc == WEFT_OK && kind->prepare)
        rc = kind->prepare(&d, err);
    if (rc == WEFT_OK)
        *out = d;
    else
        libusb_close(d.handle);
    return rc;
}

int usb_device_open(libusb_context *usb, const usb_kind *kind, const usb_choice *choice,
                    uint32_t wait_seconds, usb_device *out, weft_error *err)
{
    int rc = look(usb, kind, choice, out, err);
    for (uint64_t ms = 0; rc == WEFT_ERR_NO_DEVICE && ms < (uint64_t)wait_seconds * 1000;
         ms += LOOK_AGAIN_MS) {
        sleep_ms(LOOK_AGAIN_MS);
        rc = look(usb, kind, choice, out, err);
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

/* --- telling ------------------------------------------------------------------------------------
 */

/* Open, read, close. */
static int peek(libusb_device *device, usb_device *d)
{
    const int code = open_and_read(device, d);
    if (code == LIBUSB_SUCCESS)
        libusb_close(d->handle);
    d->handle = NULL;
    return code;
}

/* Is a device before another one?  By bus and ports, so that the order stays. */
static int is_before(libusb_device *a, libusb_device *b)
{
    uint8_t path[2][1 + MOST_PORTS] = { { libusb_get_bus_number(a) },
                                        { libusb_get_bus_number(b) } };
    (void)libusb_get_port_numbers(a, path[0] + 1, MOST_PORTS);
    (void)libusb_get_port_numbers(b, path[1] + 1, MOST_PORTS);
    return memcmp(path[0], path[1], sizeof path[0]) < 0;
}

/* The device that has so many of its kind before it, or NULL. */
static libusb_device *pick(libusb_device **list, ssize_t count, const usb_kind *kind,
                           unsigned index)
{
    usb_device d;
    for (ssize_t i = 0; i < count; i++) {
        unsigned before = 0;
        if (!read_device(list[i], kind, &d, NULL))
            continue;
        for (ssize_t k = 0; k < count; k++)
            before += is_before(list[k], list[i]) && read_device(list[k], kind, &d, NULL);
        if (before == index)
            return list[i];
    }
    return NULL;
}

static int has_twin(libusb_device **list, ssize_t count, const usb_kind *kind, libusb_device *me,
                    const usb_device *d)
{
    usb_device other;
    int twin = !*d->serial;
    for (ssize_t i = 0; i < count && !twin; i++)
        twin = list[i] != me && read_device(list[i], kind, &other, NULL) &&
               peek(list[i], &other) == LIBUSB_SUCCESS && !strcmp(other.serial, d->serial);
    return twin;
}

int usb_device_tell(libusb_context *usb, const usb_kind *kind, unsigned index, usb_device *out,
                    int *twin, int *forbidden)
{
    libusb_device **list = NULL;
    const ssize_t count = libusb_get_device_list(usb, &list);
    libusb_device *device = pick(list, count, kind, index);
    if (device && read_device(device, kind, out, NULL)) {
        *forbidden = peek(device, out) == LIBUSB_ERROR_ACCESS;
        *twin = has_twin(list, count, kind, device, out);
    }
    if (count >= 0)
        libusb_free_device_list(list, 1);
    return device != NULL;
}
