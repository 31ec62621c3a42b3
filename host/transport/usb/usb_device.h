/* Devices of a kind on the USB: found, described, claimed.
 *
 *     libusb_context *usb;
 *     usb_device d;
 *     rc = usb_device_open(usb, &usb_kind_weft, &(usb_choice){ .serial = "0123456789ab" }, 5, &d, &err);
 *     ...
 *     usb_device_close(&d);
 *
 * No state; one thread. */
#ifndef WEFT_USB_DEVICE_H
#define WEFT_USB_DEVICE_H

#include "usb_ends.h"

enum { USB_SERIAL_BYTES = 64, USB_PLACE_BYTES = 40 };

typedef struct usb_device {
    libusb_device_handle *handle;
    usb_ends ends;
    int speed;                     /* enum libusb_speed */
    unsigned power_ma;             /* what its configuration says it takes at most */
    unsigned product, release;     /* idProduct, bcdDevice */
    char serial[USB_SERIAL_BYTES]; /* printable; "" if it has none */
    char place[USB_PLACE_BYTES];   /* bus and ports, "1-2.4": the same plug, the same place */
} usb_device;

/* What a transport takes for its own.  Weft's own devices are known by class, subclass and protocol of the
 * interface, never by vendor and product alone; chips of others only by these. */
typedef struct usb_kind {
    const char *scheme;    /* of the address, "usb" */
    const char *what;      /* in sentences, "Weft device" */
    const char *udev_rule; /* lets everyone at the machine use it; host/udev installs the same */

    /* Where the link is in a device that is of this kind.  Returns WEFT_OK; WEFT_ERR_NO_DEVICE if it is
     * of another; any other status if it is of this kind and cannot be used. */
    int (*find)(const struct libusb_device_descriptor *device,
                const struct libusb_config_descriptor *config, int speed, usb_ends *out,
                weft_error *err);

    /* NULL, or: make a claimed device ready to carry bytes.  Returns WEFT_OK or why not. */
    int (*prepare)(const usb_device *d, weft_error *err);
} usb_kind;

/* Weft's own USB device core (rtl/phy); transport_usb.c. */
extern const usb_kind usb_kind_weft;

/* Which one; NULL: any. */
typedef struct usb_choice {
    const char *serial, *place;
} usb_choice;

/* Open and claim the one device that is chosen, and if it is not there look for it until wait_seconds
 * have passed.
 *
 * Returns WEFT_OK, or with *out untouched
 *   WEFT_ERR_NO_DEVICE  there is none
 *   WEFT_ERR_ARG        the choice fits several
 *   WEFT_ERR_BUSY       another program uses it
 *   WEFT_ERR_IO         no permission; the sentence has the rule for udev
 *   what find and prepare of its kind return */
int usb_device_open(libusb_context *usb, const usb_kind *kind, const usb_choice *choice,
                    uint32_t wait_seconds, usb_device *out, weft_error *err);

/* Give the interface back and close the device. */
void usb_device_close(usb_device *d);

/* Tell of device `index` of a kind as far as that goes without claiming it; out->handle is NULL.
 *
 *   twin       1: another one has the same serial number, or it has none
 *   forbidden  1: no permission to open it, so no serial number
 *
 * Returns 1, or 0 if there are not that many. */
int usb_device_tell(libusb_context *usb, const usb_kind *kind, unsigned index, usb_device *out,
                    int *twin, int *forbidden);

#endif
