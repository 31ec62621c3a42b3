/* Weft devices on the USB: found, described, claimed.
 *
 *     libusb_context *usb;
 *     usb_device d;
 *     rc = usb_device_open(usb, "0123456789ab", 5, &d, &err);
 *     ...
 *     usb_device_close(&d);
 *
 * A device is Weft's by class, subclass and protocol of its interface, never by vendor and product
 * alone.  No state; one thread. */
#ifndef WEFT_USB_DEVICE_H
#define WEFT_USB_DEVICE_H

#include "usb_ends.h"

enum { USB_SERIAL_BYTES = 64 };

/* The rule by which udev lets everyone at the machine use the device; host/udev installs the same. */
#define USB_UDEV_RULE                                                                              \
    "SUBSYSTEM==\"usb\", ATTR{idVendor}==\"1209\", ATTR{idProduct}==\"0001\", MODE=\"0660\", "     \
    "TAG+=\"uaccess\", ATTR{power/control}=\"on\""

typedef struct usb_device {
    libusb_device_handle *handle;
    usb_ends ends;
    int speed;                     /* enum libusb_speed */
    char serial[USB_SERIAL_BYTES]; /* printable; "" if it has none */
} usb_device;

/* Open and claim the device of this serial number (NULL: the only one there is), and if it is not
 * there look for it until wait_seconds have passed.
 *
 * Returns WEFT_OK, or with *out untouched
 *   WEFT_ERR_NO_DEVICE  there is none, or several and no serial number was said
 *   WEFT_ERR_BUSY       another program uses it
 *   WEFT_ERR_IO         no permission; the sentence has the rule for udev
 *   what usb_ends_find returns */
int usb_device_open(libusb_context *usb, const char *serial, uint32_t wait_seconds, usb_device *out,
                    weft_error *err);

/* Give the interface back and close the device. */
void usb_device_close(usb_device *d);

/* Write what `weft devices` shows of device `index`, in room[room_bytes]: its address, a blank,
 * speed, power, name.  Returns 1, or 0 if there are not that many. */
int usb_device_list(libusb_context *usb, unsigned index, char *room, size_t room_bytes);

#endif
