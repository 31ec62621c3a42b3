/* The bus without hardware, and what is plugged into it; the contract is in usb_bus.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usb_bus_own.h"

#define VALUE(name, value, doc) USB_##name = (value),
enum {
#include "rtl/phy/weft_usb.def"
};

enum {
    SPEED_FULL = 2, /* enum libusb_speed */
    SPEED_SUPER = 4,
    BULK_BYTES_SUPER = 1024,
    NAME_BYTES = 64,
    MOST_WAIT_MS = 5000
};

const char *usb_fault_name(usb_fault fault)
{
    static const char *const names[] = { "none",     "unplug", "stall",     "short",     "timeout",
                                         "overflow", "error",  "no memory", "epipe once" };
    return fault < USB_FAULTS ? names[fault] : "?";
}

/* --- plugging ----------------------------------------------------------------------------------- */

static void path_of(const usb_board *b, char *to)
{
    snprintf(to, NAME_BYTES, "/devices/usb1/1-%u", b->index + 1);
}

static void node_of(const usb_board *b, char *to)
{
    snprintf(to, NAME_BYTES, "/dev/bus/usb/001/%03u", b->device_number);
}

/* As the kernel does: a new number and node, the same place. */
static int plug(usb_board *b)
{
    char node[NAME_BYTES], path[NAME_BYTES];
    b->device_number = ++b->bus->device_numbers;
    node_of(b, node);
    path_of(b, path);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text,
                           "P: %s\nN: %s\nE: SUBSYSTEM=usb\nE: DRIVER=usb\nE: BUSNUM=001\n"
                           "E: DEVNUM=%03u\nE: DEVNAME=%s\nE: DEVTYPE=usb_device\n"
                           "A: bConfigurationValue=1\\n\nA: busnum=1\\n\nA: devnum=%u\\n\n"
                           "A: speed=%s\\n\nH: descriptors=",
                           path, node + strlen("/dev/"), b->device_number, node, b->device_number,
                           b->speed == SPEED_FULL    ? "12"
                           : b->speed == SPEED_SUPER ? "5000"
                                                     : "480");
    usb_add_descriptors(b, text);
    g_string_append(text, "\n");
    const int plugged = umockdev_testbed_attach_ioctl(b->bus->testbed, node, b->handler, NULL) &&
                        umockdev_testbed_add_from_string(b->bus->testbed, text->str, NULL);
    g_string_free(text, TRUE);
    return plugged;
}

static void pull(usb_board *b)
{
    char name[NAME_BYTES], path[NAME_BYTES];
    node_of(b, name);
    path_of(b, path);
    gchar *sys = g_strconcat("/sys", path, NULL);
    umockdev_testbed_uevent(b->bus->testbed, sys, "remove");
    umockdev_testbed_remove_device(b->bus->testbed, sys);
    (void)umockdev_testbed_detach_ioctl(b->bus->testbed, name, NULL);
    g_free(sys);
    b->device_number = 0;
}

/* --- the bus ------------------------------------------------------------------------------------ */

int usb_bus_add(usb_bus *bus, const usb_model *model, int speed, unsigned bulk_bytes,
                const char *serial)
{
    if (bus->count == USB_BOARDS)
        return 0;
    usb_board *b = g_new0(usb_board, 1);
    b->bus = bus;
    b->index = bus->count;
    b->model = *model;
    b->speed = speed;
    b->bulk_bytes = speed == SPEED_FULL    ? USB_BULK_BYTES_FULL
                    : speed == SPEED_SUPER ? BULK_BYTES_SUPER
                                           : USB_BULK_BYTES_HIGH;
    b->said_bytes = bulk_bytes ? bulk_bytes : b->bulk_bytes;
    g_strlcpy(b->serial, serial ? serial : "", sizeof b->serial);
    g_mutex_init(&b->lock);
    b->handler = umockdev_ioctl_base_new();
    g_object_connect(b->handler, "signal-after::handle-ioctl", usb_on_ioctl, b, NULL);
    g_object_connect(b->handler, "signal-after::client-connected", usb_on_connected, b, NULL);
    bus->board[bus->count++] = b;
    return plug(b);
}

usb_bus *usb_bus_new(const usb_model *model, int speed, unsigned bulk_bytes, const char *serial)
{
    usb_bus *bus = g_new0(usb_bus, 1);
    bus->testbed = umockdev_testbed_new();
    if (usb_bus_add(bus, model, speed, bulk_bytes, serial))
        return bus;
    usb_bus_free(bus);
    return NULL;
}

/* Nobody has it open; clients that are gone are noticed by another thread. */
static int is_unused(usb_board *b)
{
    g_mutex_lock(&b->lock);
    const int unused = !b->clients;
    g_mutex_unlock(&b->lock);
    return unused;
}

void usb_bus_free(usb_bus *bus)
{
    for (unsigned i = 0; i < bus->count; i++) {
        usb_board *b = bus->board[i];
        for (unsigned ms = 0; !is_unused(b) && ms < MOST_WAIT_MS; ms++)
            g_usleep(1000);
        if (!is_unused(b))
            abort(); /* a test left a device open */
        if (b->device_number)
            pull(b);
        g_object_unref(b->handler);
        g_mutex_clear(&b->lock);
        g_free(b);
    }
    g_object_unref(bus->testbed);
    g_free(bus);
}

void usb_bus_pull(usb_bus *bus, unsigned board)
{
    usb_board *b = bus->board[board];
    g_mutex_lock(&b->lock);
    usb_pull_out(b);
    g_mutex_unlock(&b->lock);
    if (b->device_number)
        pull(b);
}

void usb_bus_plug(usb_bus *bus, unsigned board, const usb_plan *plan)
{
    usb_board *b = bus->board[board];
    g_mutex_lock(&b->lock);
    b->plan = *plan;
    b->submitted = 0;
    b->most_bytes = b->gone = b->halted[0] = b->halted[1] = 0;
    if (b->model.reset)
        b->model.reset(b->model.self);
    g_mutex_unlock(&b->lock);
    if (!b->device_number && !plug(b))
        abort(); /* the test bed is broken */
}

void usb_bus_expect(usb_bus *bus, const usb_plan *plan)
{
    usb_board *b = bus->board[0];
    g_mutex_lock(&b->lock);
    b->plan = (usb_plan){ plan->fault, b->submitted + plan->at };
    g_mutex_unlock(&b->lock);
}

void usb_bus_replug(usb_bus *bus, const usb_plan *plan)
{
    usb_bus_plug(bus, 0, plan);
}

int usb_bus_is_gone(usb_bus *bus, unsigned board)
{
    usb_board *b = bus->board[board];
    g_mutex_lock(&b->lock);
    const int gone = b->gone;
    g_mutex_unlock(&b->lock);
    return gone;
}

const char *usb_bus_root(const usb_bus *bus)
{
    return umockdev_testbed_get_root_dir(bus->testbed);
}

unsigned usb_bus_submitted(const usb_bus *bus)
{
    return bus->board[0]->submitted;
}

static unsigned count_flying(usb_board *b)
{
    g_mutex_lock(&b->lock);
    const unsigned flying = b->flying.length;
    g_mutex_unlock(&b->lock);
    return flying;
}

unsigned usb_bus_flying(const usb_bus *bus)
{
    unsigned flying = 0;
    for (unsigned i = 0; i < bus->count; i++)
        flying += count_flying(bus->board[i]);
    return flying;
}
