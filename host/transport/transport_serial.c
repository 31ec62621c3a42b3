/* Boards behind a serial port: "serial:/dev/ttyUSB0", a link (transport_link.h) over the wire that
 * serial_port.h makes.  Options: the path first; baud=, flow=rts or none, wait=SECONDS.
 *
 * Without flow control a device takes what the host sends ahead into the FIFO of its UART
 * (rtl/phy/README.md), so the host's window is small then. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime, nanosleep */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "serial_port.h"
#include "transport.h"
#include "transport_link.h"
#include "wire.h"

enum {
    LEAST_BAUD = 9600,
    USUAL_BAUD = 3000000,
    MOST_BAUD = 12000000,
    BITS_A_BYTE = 10,
    TURN_US = 20000,     /* there and back: a bridge that waits 16 ms for more, and the schedule */
    LEAST_WINDOW = 4096, /* two frames of data */
    UNHELD_WINDOW =
        32768, /* without flow control: 17 frames of data, whose requests take 408 bytes */
    QUEUE_BYTES = 16384, /* what send() holds; the kernel has as much again */
    BLOCK_BYTES = 4096,  /* what the kernel gives at once */
    LOOK_AGAIN_MS = 200,
    MOST_WAIT_S = 86400,
    MOST_NAME = 100, /* so that an address fits into weft_listing */
    US_PER_S = 1000000
};

#define FOLDER "/dev/serial/by-id"

typedef struct wire_serial {
    weft_wire base;
    serial_port port;
    char *path;
    uint32_t baud, wait_seconds;
    int rts_cts;
    int wants_room; /* the last send was cut short */
    size_t first, last;
    uint8_t queue[QUEUE_BYTES]; /* bytes first .. last wait for the kernel */
} wire_serial;

static wire_serial *self(weft_wire *w)
{
    return (wire_serial *)(void *)w;
}

static int unplugged(weft_error *err)
{
    return weft_error_set(err, WEFT_ERR_NO_DEVICE, "the serial port was unplugged");
}

/* --- bytes -------------------------------------------------------------------------------------- */

static int flush(wire_serial *w, weft_error *err)
{
    size_t taken = 0;
    if (w->first == w->last)
        return WEFT_OK;
    const int rc =
        serial_port_write(&w->port, w->queue + w->first, w->last - w->first, &taken, err);
    w->first += taken;
    if (w->first == w->last)
        w->first = w->last = 0;
    return rc;
}

static int serial_send(weft_wire *base, const uint8_t *bytes, size_t count, size_t *taken,
                       weft_error *err)
{
    wire_serial *w = self(base);
    *taken = 0;
    if (w->port.fd < 0)
        return unplugged(err);
    if (count > QUEUE_BYTES - w->last) {
        memmove(w->queue, w->queue + w->first, w->last - w->first);
        w->last -= w->first;
        w->first = 0;
    }
    const size_t room = QUEUE_BYTES - w->last;
    *taken = count < room ? count : room;
    memcpy(w->queue + w->last, bytes, *taken);
    w->last += *taken;
    w->wants_room = *taken < count;
    return WEFT_OK;
}

static uint64_t serial_now_us(weft_wire *base)
{
    struct timespec t;
    (void)base;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * US_PER_S + (uint64_t)t.tv_nsec / 1000;
}

static int has_room(const wire_serial *w)
{
    return w->wants_room && w->last - w->first <= QUEUE_BYTES / 2;
}

static int serial_receive(weft_wire *base, uint8_t *bytes, size_t room, uint32_t timeout_us,
                          size_t *got, weft_error *err)
{
    wire_serial *w = self(base);
    const uint64_t until = serial_now_us(base) + timeout_us;
    *got = 0;
    if (w->port.fd < 0)
        return unplugged(err);
    for (;;) {
        int rc = flush(w, err);
        if (rc == WEFT_OK)
            rc = serial_port_read(&w->port, bytes, room, got, err);
        const uint64_t now = serial_now_us(base);
        if (rc != WEFT_OK || *got || has_room(w) || now >= until)
            return rc;
        serial_port_wait(&w->port, w->first < w->last, (uint32_t)(until - now));
    }
}

/* --- opening and closing ------------------------------------------------------------------------ */

static int begin(wire_serial *w, weft_error *err)
{
    const struct timespec pause = { 0, LOOK_AGAIN_MS * 1000000 };
    int rc = serial_port_open(w->path, w->baud, w->rts_cts, &w->port, err);
    for (uint64_t ms = 0; rc == WEFT_ERR_NO_DEVICE && ms < (uint64_t)w->wait_seconds * 1000;
         ms += LOOK_AGAIN_MS) {
        nanosleep(&pause, NULL);
        rc = serial_port_open(w->path, w->baud, w->rts_cts, &w->port, err);
    }
    return rc;
}

/* What is there now under the path; whether that is the port that was open nobody can tell. */
static int serial_restart(weft_wire *base, weft_error *err)
{
    wire_serial *w = self(base);
    serial_port_close(&w->port);
    w->first = w->last = 0;
    w->wants_room = 0;
    const int rc = begin(w, err);
    serial_port_drop(&w->port);
    return rc;
}

static void serial_close(weft_wire *base)
{
    wire_serial *w = self(base);
    serial_port_close(&w->port);
    free(w->path);
    free(w);
}

static const weft_wire_ops ops = {
    .send = serial_send,
    .receive = serial_receive,
    .now_us = serial_now_us,
    .restart = serial_restart,
    .close = serial_close,
};

/* What the rate makes of window and patience. */
static void measure(wire_serial *w)
{
    const uint64_t rate = w->baud / BITS_A_BYTE;
    uint64_t window = rate * TURN_US / US_PER_S * 3 / 2 + LEAST_WINDOW;
    if (!w->rts_cts && window > UNHELD_WINDOW)
        window = UNHELD_WINDOW;
    w->base.receive_block_bytes = BLOCK_BYTES;
    w->base.window_bytes = (size_t)window;
    w->base.answer_timeout_us =
        (uint32_t)(2 * TURN_US + 2 * (window + LEAST_WINDOW) * US_PER_S / rate);
}

/* The path is the first word; the others are options. */
static int read_options(const weft_uri *uri, wire_serial *w, weft_error *err)
{
    weft_uri options = *uri; /* whose words stay where they are */
    uint64_t baud = USUAL_BAUD, wait = 0;
    const char *path = uri->count ? uri->option[0].name : "";
    const char *flow = weft_uri_has(uri, "flow") ? weft_uri_text(uri, "flow") : "rts";
    if (*path != '/' || uri->option[0].value)
        return weft_error_set(err, WEFT_ERR_ARG,
                              "serial: needs the path of a port first, as in serial:/dev/ttyUSB0 "
                              "or serial:" FOLDER "/..,baud=3000000");
    memmove(options.option, options.option + 1, --options.count * sizeof *options.option);
    int rc = weft_uri_allow(&options, "baud flow wait", err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(uri, "baud", LEAST_BAUD, MOST_BAUD, &baud, err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(uri, "wait", 0, MOST_WAIT_S, &wait, err);
    if (rc == WEFT_OK && (!flow || (strcmp(flow, "rts") != 0 && strcmp(flow, "none") != 0)))
        rc = weft_error_set(err, WEFT_ERR_ARG, "serial:flow is rts (RTS and CTS) or none");
    if (rc != WEFT_OK)
        return rc;
    w->baud = (uint32_t)baud;
    w->wait_seconds = (uint32_t)wait;
    w->rts_cts = !strcmp(flow, "rts");
    measure(w);
    w->path = strdup(path);
    return w->path ? WEFT_OK : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a device");
}

static int serial_open(const weft_uri *uri, weft_transport **out, weft_error *err)
{
    wire_serial *w = calloc(1, sizeof *w);
    if (!w)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a device");
    w->base.ops = &ops;
    w->port.fd = -1;
    int rc = read_options(uri, w, err);
    if (rc == WEFT_OK)
        rc = begin(w, err);
    if (rc != WEFT_OK) {
        serial_close(&w->base);
        return rc;
    }
    return weft_transport_link_open(&w->base, out, err);
}

/* Ports, by names that stay; nobody has asked what is behind them.  A name that cannot stand in an
 * address or a listing is left out. */
static int serial_list(unsigned index, char *to)
{
    char name[WEFT_TRANSPORT_LISTING_BYTES];
    for (unsigned i = 0; serial_port_list(FOLDER, i, name, sizeof name); i++) {
        if (strpbrk(name, " ,=") || strlen(name) > MOST_NAME || index--)
            continue;
        snprintf(to, WEFT_TRANSPORT_LISTING_BYTES,
                 "serial:" FOLDER "/%.100s serial port, not asked", name);
        return 1;
    }
    return 0;
}

const weft_transport_ops weft_transport_serial = {
    .scheme = "serial",
    .list = serial_list,
    .open = serial_open,
};
