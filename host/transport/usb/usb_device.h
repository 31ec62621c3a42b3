/* Weft devices on the USB: found, described, claimed.
 *
 *     libusb_context *usb;
 *     usb_device d;
 *     rc = usb_device_open(usb, &(usb_choice){ .serial = "0123456789ab" }, 5, &d, &err);
 *     ...
 *     usb_device_close(&d);
 *
 * A device is Weft's by class, subclass and protocol of its interface, never by vendor and product
 * alone.  No state; one thread. */
#ifndef WEFT_USB_DEVICE_H
#define WEFT_USB_DEVICE_H

#include "usb_ends.h"

enum { USB_SERIAL_BYTES = 64, USB_PLACE_BYTES = 40 };

/* The rule by which udev lets everyone at the machine use the device; host/udev installs the same. */
#define USB_UDEV_RULE                                                                              \
    "SUBSYSTEM==\"usb\", ATTR{idVendor}==\"1209\", ATTR{idProduct}==\"0001\", MODE=\"0660\", "     \
    "TAG+=\"uaccess\", ATTR{power/control}=\"on\""

typedef struct usb_device {
    libusb_device_handle *handle;
    usb_ends ends;
    int speed;                     /* enum libusb_speed */
    unsigned power_ma;             /* what its configuration says it takes at most */
    unsigned release;              /* bcdDevice */
    char serial[USB_SERIAL_BYTES]; /* printable; "" if it has none */
    char place[USB_PLACE_BYTES];   /* bus and ports, "1-2.4": the same plug, the same place */
} usb_device;

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
 *   what usb_ends_find returns */
int usb_device_open(libusb_context *usb, const usb_choice *choice, uint32_t wait_seconds,
                    usb_device *out, weft_error *err);

/* Give the interface back and close the device. */
void usb_device_close(usb_device *d);

/* Tell of Weft device `index` as far as that goes without claiming it; out->handle is NULL.
 *
 *   twin       1: another one has the same serial number, or it has none
 *   forbidden  1: no permission to open it, so no serial number
 *
 * Returns 1, or 0 if there are not that many. */
int usb_device_tell(libusb_context *usb, unsigned index, usb_device *out, int *twin,
                    int *forbidden);

#endif
