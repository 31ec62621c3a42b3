/* A USB bus without hardware: devices that an unmodified libusb finds, opens and talks to, by
 * umockdev, which answers the system calls of libusb in this process and those it starts.  The test
 * must run under umockdev-wrapper.
 *
 *     usb_bus *bus = usb_bus_new(&model, LIBUSB_SPEED_HIGH, 0);
 *     usb_bus_replug(bus, &plan);
 *     ... whatever uses libusb ...
 *     usb_bus_free(bus);
 *
 * A device has the descriptors of rtl/phy, or those that its model gives, and two byte streams.  Faults are planned by the number of the transfer that libusb
 * submits, counted from 0 over both directions. */
#ifndef WEFT_TESTS_USB_BUS_H
#define WEFT_TESTS_USB_BUS_H

#include <stddef.h>
#include <stdint.h>

/* What is behind the endpoints. */
typedef struct usb_model {
    void *self;
    /* Take bytes of the host, at most count; returns how many. */
    size_t (*take)(void *self, const uint8_t *bytes, size_t count);
    /* Give bytes to the host, at most room; returns how many there are now. */
    size_t (*give)(void *self, uint8_t *bytes, size_t room);
    /* The bus was reset, or the device plugged in again.  May be NULL. */
    void (*reset)(void *self);

    /* What a device of another maker has beside these; NULL: it is Weft's own. */

    /* Device and configuration descriptor, one behind the other, at most room bytes. */
    size_t (*describe)(void *self, uint8_t *bytes, size_t room);
    /* A vendor's request to endpoint 0, answered by at most room bytes; returns how many, -1: refused. */
    int (*request)(void *self, const uint8_t setup[8], uint8_t *answer, size_t room);
    /* In place of take, where there are several endpoints out. */
    size_t (*take_at)(void *self, unsigned endpoint, const uint8_t *bytes, size_t count);
} usb_model;

typedef enum usb_fault {
    USB_FAULT_NONE,
    USB_FAULT_UNPLUG,   /* the device is gone from here on */
    USB_FAULT_STALL,    /* the endpoint is halted until it is cleared */
    USB_FAULT_SHORT,    /* out: some bytes are taken, with success; in: they are lost */
    USB_FAULT_TIMEOUT,  /* ends as timed out, with the bytes that there are */
    USB_FAULT_OVERFLOW, /* in: the device sent more than was wanted, which is lost */
    USB_FAULT_ERROR,    /* fails as by a bad cable; the bytes are lost */
    USB_FAULT_NO_MEMORY, /* the kernel has no memory for a transfer longer than half of this one, or than 2 KiB */
    USB_FAULT_EPIPE_ONCE, /* as a device that has just been resumed */
    USB_FAULTS
} usb_fault;

typedef struct usb_plan {
    usb_fault fault;
    unsigned at; /* transfer that it happens to */
} usb_plan;

typedef struct usb_bus usb_bus;

/* A bus with one device, of this serial number (NULL: none).  NULL if umockdev is not there.  `bulk_bytes`
 * overrides the packet size that the descriptors say (0: what is right for the speed). */
usb_bus *usb_bus_new(const usb_model *model, int speed, unsigned bulk_bytes, const char *serial);
void usb_bus_free(usb_bus *bus);

/* One more device, at most four, numbered from 0 on; its place is "1-<number + 1>".  Returns 1, or 0
 * if it cannot be. */
int usb_bus_add(usb_bus *bus, const usb_model *model, int speed, unsigned bulk_bytes,
                const char *serial);

/* Take a device out, at any moment: what is in flight ends, and it is found no more. */
void usb_bus_pull(usb_bus *bus, unsigned board);

/* Plug a device in as new, with another plan; or, if it was not taken out, switch it off and on. */
void usb_bus_plug(usb_bus *bus, unsigned board, const usb_plan *plan);

/* 1 after a plan has unplugged it: it is still found, but nothing can be done with it. */
int usb_bus_is_gone(usb_bus *bus, unsigned board);

/* Plug device 0, which nobody uses now. */
void usb_bus_replug(usb_bus *bus, const usb_plan *plan);

/* Another plan for device 0, whose transfers are counted from here on. */
void usb_bus_expect(usb_bus *bus, const usb_plan *plan);

/* Bulk transfers of device 0 that were submitted; transfers of all that are out now. */
unsigned usb_bus_submitted(const usb_bus *bus);
unsigned usb_bus_flying(const usb_bus *bus);

/* The directory in which the system's files of the devices lie. */
const char *usb_bus_root(const usb_bus *bus);

/* "stall"; static. */
const char *usb_fault_name(usb_fault fault);

#endif
