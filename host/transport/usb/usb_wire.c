/* A USB device of a kind as a wire; the contract is in usb_wire.h. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/transport/transport_link.h"
#include "host/transport/wire.h"
#include "usb_stream.h"
#include "usb_wire.h"

/* How long a turn takes at most: the queues of both sides, and the host's schedule. */
enum { ANSWER_US_HIGH = 20000, ANSWER_US_FULL = 200000, BLOCK_BYTES = 16384, MOST_WAIT_S = 86400 };

/* Outstanding at most, by speed: rate times turn-around (the bus, and a host that is some 0.5 ms late),
 * and half as much again.  More would only have to be repeated after a loss. */
enum { WINDOW_HIGH = 48 << 10, WINDOW_FULL = 8 << 10 };

typedef struct wire_usb {
    weft_wire base;
    const usb_kind *kind;
    libusb_context *usb;
    usb_device device;
    usb_stream *stream; /* NULL: unplugged */
    int by_place;       /* at= was said */
    uint32_t wait_seconds;
} wire_usb;

static wire_usb *self(weft_wire *w)
{
    return (wire_usb *)(void *)w;
}

static int unplugged(weft_error *err)
{
    return weft_error_set(err, WEFT_ERR_NO_DEVICE, "the USB device was unplugged");
}

static int usb_send(weft_wire *base, const uint8_t *bytes, size_t count, size_t *taken,
                    weft_error *err)
{
    wire_usb *w = self(base);
    *taken = 0;
    return w->stream ? usb_stream_send(w->stream, bytes, count, taken, err) : unplugged(err);
}

static int usb_receive(weft_wire *base, uint8_t *bytes, size_t room, uint32_t timeout_us,
                       size_t *got, weft_error *err)
{
    wire_usb *w = self(base);
    *got = 0;
    return w->stream ? usb_stream_receive(w->stream, bytes, room, timeout_us, got, err)
                     : unplugged(err);
}

static uint64_t usb_now_us(weft_wire *base)
{
    struct timespec t;
    (void)base;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Stream and device, as far as they are there.  What libusb does not give back is left to it. */
static int shut(wire_usb *w)
{
    const int rc = w->stream ? usb_stream_close(w->stream) : WEFT_OK;
    w->stream = NULL;
    if (rc == WEFT_OK)
        usb_device_close(&w->device);
    else
        w->device.handle = NULL;
    return rc;
}

static int begin(wire_usb *w, const usb_choice *choice, weft_error *err)
{
    int rc = usb_device_open(w->usb, w->kind, choice, w->wait_seconds, &w->device, err);
    if (rc == WEFT_OK)
        rc = usb_stream_open(w->usb, w->device.handle, &w->device.ends, &w->stream, err);
    if (rc != WEFT_OK)
        usb_device_close(&w->device);
    return rc;
}

/* The same device again, if it has gone. */
static int usb_restart(weft_wire *base, weft_error *err)
{
    wire_usb *w = self(base);
    const usb_device before = w->device;
    const int by_place = w->by_place || !*before.serial;
    const usb_choice choice = { by_place ? NULL : before.serial, by_place ? before.place : NULL };
    if (w->stream && usb_stream_restart(w->stream, err) == WEFT_OK)
        return WEFT_OK;
    if (shut(w) != WEFT_OK)
        return unplugged(err);
    const int rc = begin(w, &choice, err);
    if (rc != WEFT_OK) { /* so that it can be looked for once more */
        w->device = before;
        w->device.handle = NULL;
    }
    return rc;
}

static void usb_close(weft_wire *base)
{
    wire_usb *w = self(base);
    if (shut(w) == WEFT_OK && w->usb)
        libusb_exit(w->usb);
    free(w);
}

static const weft_wire_ops ops = {
    .send = usb_send,
    .receive = usb_receive,
    .now_us = usb_now_us,
    .restart = usb_restart,
    .close = usb_close,
};

static int begin_usb(libusb_context **usb, weft_error *err)
{
    const int code = libusb_init(usb);
    return code == LIBUSB_SUCCESS
               ? WEFT_OK
               : weft_error_set(err, WEFT_ERR_NO_DEVICE, "there is no USB here: %s",
                                libusb_strerror(code));
}

static int open_wire(const weft_uri *uri, wire_usb *w, weft_error *err)
{
    const usb_choice choice = { weft_uri_text(uri, "serial"), weft_uri_text(uri, "at") };
    uint64_t wait = 0;
    int rc = weft_uri_allow(uri, "serial at wait", err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(uri, "wait", 0, MOST_WAIT_S, &wait, err);
    w->wait_seconds = (uint32_t)wait;
    w->by_place = choice.place != NULL;
    if (rc == WEFT_OK)
        rc = begin_usb(&w->usb, err);
    if (rc == WEFT_OK)
        rc = begin(w, &choice, err);
    w->base.receive_block_bytes = BLOCK_BYTES;
    w->base.answer_timeout_us =
        w->device.speed == LIBUSB_SPEED_FULL ? ANSWER_US_FULL : ANSWER_US_HIGH;
    w->base.window_bytes = w->device.speed == LIBUSB_SPEED_FULL   ? WINDOW_FULL
                           : w->device.speed == LIBUSB_SPEED_HIGH ? WINDOW_HIGH
                                                                  : 0;
    return rc;
}

int usb_wire_open(const usb_kind *kind, const weft_uri *uri, weft_transport **out, weft_error *err)
{
    wire_usb *w = calloc(1, sizeof *w);
    if (!w)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a device");
    w->base.ops = &ops;
    w->kind = kind;
    const int rc = open_wire(uri, w, err);
    if (rc != WEFT_OK) {
        usb_close(&w->base);
        return rc;
    }
    return weft_transport_link_open(&w->base, out, err);
}

static void fill(const usb_kind *kind, const usb_device *d, int twin, int forbidden,
                 weft_listing *to)
{
    *to = (weft_listing){ .power_ma = d->power_ma, .release = d->release };
    snprintf(to->address, sizeof to->address, "%s:%s=%s", kind->scheme, twin ? "at" : "serial",
             twin ? d->place : d->serial);
    snprintf(to->serial, sizeof to->serial, "%s", d->serial);
    snprintf(to->speed, sizeof to->speed, "%s", usb_speed_name(d->speed));
    snprintf(to->text, sizeof to->text, "%s, %u mA, at %s%s", to->speed, d->power_ma, d->place,
             forbidden ? ", no permission (weft run says what to do)" : "");
}

int usb_wire_describe(const usb_kind *kind, unsigned index, weft_listing *to)
{
    libusb_context *usb = NULL;
    usb_device d;
    int twin = 0, forbidden = 0;
    if (begin_usb(&usb, NULL) != WEFT_OK)
        return 0;
    const int found = usb_device_tell(usb, kind, index, &d, &twin, &forbidden);
    if (found)
        fill(kind, &d, twin, forbidden, to);
    libusb_exit(usb);
    return found;
}
