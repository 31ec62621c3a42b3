/* The USB stream (host/transport/usb_*.c) over an unmodified libusb against a device that gives back
 * every byte it gets, with each kind of fault at each transfer.
 *
 *     umockdev-wrapper test_stream
 */
#include <string.h>

#include "host/transport/usb/usb_device.h"
#include "host/transport/usb/usb_stream.h"
#include "models/base/files.h"
#include "tests/rng.h"
#include "tests/test.h"
#include "usb_bus.h"

enum {
    ECHO_ROOM = 40000,
    STREAM_BYTES = 60000,
    TRIES = 4000,
    BRIEF_US = 20000,
    LONG_US = 400000 /* so long that a stream looks at what a transfer that is not full may hold */
};

/* --- the device: a queue ---------------------------------------------------------------------- */

typedef struct echo {
    uint8_t bytes[ECHO_ROOM];
    size_t count;
} echo;

static size_t echo_take(void *self, const uint8_t *bytes, size_t count)
{
    echo *e = self;
    const size_t room = ECHO_ROOM - e->count;
    const size_t part = count < room ? count : room;
    memcpy(e->bytes + e->count, bytes, part);
    e->count += part;
    return part;
}

static size_t echo_give(void *self, uint8_t *bytes, size_t room)
{
    echo *e = self;
    const size_t part = room < e->count ? room : e->count;
    memcpy(bytes, e->bytes, part);
    memmove(e->bytes, e->bytes + part, e->count - part);
    e->count -= part;
    return part;
}

/* --- a client --------------------------------------------------------------------------------- */

typedef struct outcome {
    int status;
    size_t sent, came, wrong;
    unsigned transfers, left;
    usb_stream_quality quality;
} outcome;

/* Send everything and receive until it is all back, or nothing has come for long. */
static void pump(usb_stream *s, size_t bytes, uint32_t patience_us, outcome *o, weft_error *err)
{
    static uint8_t from[STREAM_BYTES], to[STREAM_BYTES + 1];
    for (size_t i = 0; i < sizeof from; i++)
        from[i] = (uint8_t)(i * 7 + (i >> 8));
    for (int quiet = 0, i = 0; i < TRIES && quiet < 4 && o->came < bytes; i++) {
        size_t taken = 0, got = 0;
        o->status = usb_stream_send(s, from + o->sent, bytes - o->sent, &taken, err);
        o->sent += taken;
        if (o->status == WEFT_OK)
            o->status =
                usb_stream_receive(s, to + o->came, sizeof to - o->came, patience_us, &got, err);
        o->came += got;
        quiet = got || taken ? 0 : quiet + 1;
        if (o->status != WEFT_OK)
            return;
    }
    for (size_t i = 0; i < o->came; i++)
        o->wrong += to[i] != from[i];
}

static void echo_reset(void *self)
{
    ((echo *)self)->count = 0;
}

static outcome run(usb_bus *bus, usb_plan plan, int restart)
{
    outcome o = { .status = WEFT_OK };
    weft_error err = { 0 };
    libusb_context *usb = NULL;
    usb_stream *s = NULL;
    usb_device d;
    usb_bus_replug(bus, &plan);
    libusb_init(&usb);
    o.status = usb_device_open(usb, &usb_kind_weft, &(usb_choice){ 0 }, 0, &d, &err);
    if (o.status == WEFT_OK)
        o.status = usb_stream_open(usb, d.handle, &d.ends, &s, &err);
    if (s)
        pump(s, STREAM_BYTES, BRIEF_US, &o, &err);
    if (s && restart) {
        usb_bus_replug(bus, &(usb_plan){ 0 });
        o = (outcome){ .status = usb_stream_restart(s, &err) };
        if (o.status == WEFT_OK)
            pump(s, STREAM_BYTES, BRIEF_US, &o, &err);
    }
    if (s) {
        o.quality = usb_stream_get_quality(s);
        if (usb_stream_close(s) != WEFT_OK)
            o.status = WEFT_ERR_LINK;
    }
    usb_device_close(&d);
    o.transfers = usb_bus_submitted(bus);
    o.left = usb_bus_flying(bus);
    libusb_exit(usb);
    return o;
}

/* Every byte comes back, once. */
static void check_good(test *t, usb_bus *bus, int speed)
{
    const outcome o = run(bus, (usb_plan){ 0 }, 0);
    CHECK(t, o.status == WEFT_OK && o.came == STREAM_BYTES && !o.wrong && !o.left,
          "%s: status %d, %zu of %zu came, %zu wrong, %u out at the end", usb_speed_name(speed),
          o.status, o.came, o.sent, o.wrong, o.left);
}

/* Whatever happens to whichever transfer: a lost device is told, everything else goes on, and
 * nothing stays out.  At the very end of the stream a device may be lost without anybody looking. */
static void check_fault(test *t, usb_bus *bus, usb_plan plan)
{
    const outcome o = run(bus, plan, 0);
    const char *name = usb_fault_name(plan.fault);
    const int whole = o.came == STREAM_BYTES && !o.wrong;
    const int lost = o.status == WEFT_ERR_NO_DEVICE;
    CHECK(t, plan.fault == USB_FAULT_UNPLUG ? lost || whole : o.status == WEFT_OK,
          "%s at %u: status %d, %zu came", name, plan.at, o.status, o.came);
    CHECK(t, !o.left, "%s at %u: %u out at the end", name, plan.at, o.left);
    if (plan.fault == USB_FAULT_TIMEOUT || plan.fault == USB_FAULT_NO_MEMORY)
        CHECK(t, whole, "%s at %u: %zu came, %zu wrong", name, plan.at, o.came, o.wrong);
    if (plan.fault == USB_FAULT_NO_MEMORY && plan.at < 8)
        CHECK(t, o.quality.halvings > 0, "no memory at %u: nothing was halved", plan.at);
}

static void check_faults(test *t, usb_bus *bus)
{
    const unsigned most = run(bus, (usb_plan){ 0 }, 0).transfers;
    for (unsigned f = USB_FAULT_UNPLUG; f < USB_FAULTS; f++)
        for (unsigned at = 0; at < most; at++)
            check_fault(t, bus, (usb_plan){ .fault = (usb_fault)f, .at = at });
}

/* After a restart the stream is as new. */
static void check_restart(test *t, usb_bus *bus)
{
    for (unsigned f = USB_FAULT_STALL; f < USB_FAULTS; f++) {
        const outcome o = run(bus, (usb_plan){ .fault = (usb_fault)f, .at = 9 }, 1);
        CHECK(t, o.status == WEFT_OK && o.came == STREAM_BYTES && !o.wrong,
              "restart after %s: status %d, %zu came, %zu wrong", usb_fault_name((usb_fault)f),
              o.status, o.came, o.wrong);
    }
}

static void check_speed(test *t, int speed)
{
    static echo device;
    const usb_model model = {
        .self = &device, .take = echo_take, .give = echo_give, .reset = echo_reset
    };
    usb_bus *bus = usb_bus_new(&model, speed, 0, NULL);
    CHECK(t, bus, "no bus");
    if (!bus)
        return;
    check_good(t, bus, speed);
    if (speed == LIBUSB_SPEED_FULL) { /* shorter transfers: more of them in the same stream */
        check_faults(t, bus);
        check_restart(t, bus);
    }
    usb_bus_free(bus);
}

/* Streams that end at, before and behind the end of a packet and of a transfer. */
static void check_sizes(test *t)
{
    static const size_t ends[] = { 64, 512, 1024, 5 * 512, 16384, 2 * 16384, 3 * 16384 };
    static echo device;
    const usb_model model = {
        .self = &device, .take = echo_take, .give = echo_give, .reset = echo_reset
    };
    for (int speed = LIBUSB_SPEED_FULL; speed <= LIBUSB_SPEED_HIGH; speed++) {
        usb_bus *bus = usb_bus_new(&model, speed, 0, NULL);
        for (size_t i = 0; i < 3 * sizeof ends / sizeof *ends; i++) {
            const size_t bytes = ends[i / 3] + i % 3 - 1;
            weft_error err = { 0 };
            libusb_context *usb = NULL;
            usb_stream *s = NULL;
            usb_device d = { 0 };
            outcome o = { .status = WEFT_OK };
            usb_bus_replug(bus, &(usb_plan){ .at = 1 });
            libusb_init(&usb);
            int rc = usb_device_open(usb, &usb_kind_weft, &(usb_choice){ 0 }, 0, &d, &err);
            if (rc == WEFT_OK)
                rc = usb_stream_open(usb, d.handle, &d.ends, &s, &err);
            if (rc == WEFT_OK) {
                pump(s, bytes, LONG_US, &o, &err);
                rc = usb_stream_close(s);
            }
            CHECK(t, rc == WEFT_OK && o.came == bytes && !o.wrong,
                  "%zu bytes at %s: %zu came, %zu wrong: %s", bytes, usb_speed_name(speed), o.came,
                  o.wrong, err.text);
            usb_device_close(&d);
            libusb_exit(usb);
        }
        usb_bus_free(bus);
    }
}

/* Descriptors that lie about the speed are refused with a sentence. */
static void check_lies(test *t)
{
    static const struct {
        int speed;
        unsigned bytes;
        int status;
    } cases[] = { { LIBUSB_SPEED_HIGH, 64, WEFT_ERR_LINK },
                  { LIBUSB_SPEED_FULL, 512, WEFT_ERR_LINK },
                  { LIBUSB_SPEED_HIGH, 1024, WEFT_ERR_LINK },
                  { LIBUSB_SPEED_FULL, 64, WEFT_OK },
                  { LIBUSB_SPEED_HIGH, 512, WEFT_OK } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static echo device;
        weft_error err = { 0 };
        libusb_context *usb = NULL;
        usb_device d = { 0 };
        const usb_model model = {
            .self = &device, .take = echo_take, .give = echo_give, .reset = echo_reset
        };
        usb_bus *bus = usb_bus_new(&model, cases[i].speed, cases[i].bytes, NULL);
        libusb_init(&usb);
        const int rc = usb_device_open(usb, &usb_kind_weft, &(usb_choice){ 0 }, 0, &d, &err);
        CHECK(t, rc == cases[i].status && (rc == WEFT_OK || err.text[0]),
              "%u bytes at %s: status %d, \"%s\"", cases[i].bytes, usb_speed_name(cases[i].speed),
              rc, err.text);
        if (rc == WEFT_OK)
            usb_device_close(&d);
        libusb_exit(usb);
        usb_bus_free(bus);
    }
}

/* Interfaces that are not ours, not of this version, or without the two endpoints. */
static void check_stranger(test *t)
{
    const struct libusb_endpoint_descriptor ends[] = {
        { .bEndpointAddress = 0x02, .bmAttributes = 2, .wMaxPacketSize = 512 },
        { .bEndpointAddress = 0x83, .bmAttributes = 2, .wMaxPacketSize = 512 },
        { .bEndpointAddress = 0x84, .bmAttributes = 3, .wMaxPacketSize = 8 }
    };
    static const struct {
        uint8_t class, subclass, protocol, ends;
        int status;
    } cases[] = { { 0xff, 0x57, 1, 3, WEFT_OK },
                  { 0xff, 0x57, 1, 2, WEFT_OK },
                  { 0xff, 0x57, 1, 1, WEFT_ERR_LINK },
                  { 0xff, 0x57, 2, 3, WEFT_ERR_VERSION },
                  { 0xff, 0x58, 1, 3, WEFT_ERR_NO_DEVICE },
                  { 0x08, 0x57, 1, 3, WEFT_ERR_NO_DEVICE } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct libusb_interface_descriptor d = { .bInterfaceClass = cases[i].class,
                                                       .bInterfaceSubClass = cases[i].subclass,
                                                       .bInterfaceProtocol = cases[i].protocol,
                                                       .bNumEndpoints = cases[i].ends,
                                                       .endpoint = ends };
        const struct libusb_interface all = { &d, 1 };
        const struct libusb_config_descriptor config = { .bNumInterfaces = 1, .interface = &all };
        usb_ends found = { 0 };
        weft_error err = { 0 };
        const int rc = usb_ends_find(&config, LIBUSB_SPEED_HIGH, &found, &err);
        CHECK(t, rc == cases[i].status && (rc != WEFT_OK || (found.out == 2 && found.in == 0x83)),
              "case %zu: %d, %s", i, rc, err.text);
    }
}

/* The rule that the sentence about missing permission prints is the one that gets installed. */
static void check_rule(test *t)
{
    uint8_t *bytes = NULL;
    size_t count = 0;
    CHECK(t, weft_file_read("host/udev/60-weft.rules", &bytes, &count, NULL) == WEFT_OK, "no file");
    char text[1024] = "";
    if (bytes)
        memcpy(text, bytes, count < sizeof text - 1 ? count : sizeof text - 1);
    char line[320];
    snprintf(line, sizeof line, "\n%s\n", usb_kind_weft.udev_rule);
    CHECK(t, strstr(text, line), "installed: %s", text);
    free(bytes);
}

int main(int argc, char **argv)
{
    test t = test_begin("usb_stream", argc, argv, 1, 1);
    const char *preload = getenv("LD_PRELOAD");
    if (!preload || !strstr(preload, "umockdev"))
        return test_skip(&t, "run it under umockdev-wrapper (package umockdev)");
    check_rule(&t);
    check_stranger(&t);
    check_lies(&t);
    check_sizes(&t);
    check_speed(&t, LIBUSB_SPEED_HIGH);
    check_speed(&t, LIBUSB_SPEED_FULL);
    return test_end(&t, "bytes over libusb, every fault at every transfer");
}
