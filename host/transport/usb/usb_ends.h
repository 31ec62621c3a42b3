/* What the descriptors of a USB device say of a Weft link: which interface it is and where its bytes
 * go in and out.  Nothing here is a constant of ours but the class that tells Weft from other
 * devices; a descriptor that lies about its speed is refused, as transfers would lose bytes then.
 *
 *     usb_ends ends;
 *     rc = usb_ends_find(config, LIBUSB_SPEED_HIGH, &ends, &err);
 *
 * No state; any thread.  Descriptors come from outside and are not trusted. */
#ifndef WEFT_USB_ENDS_H
#define WEFT_USB_ENDS_H

#include <libusb.h>
#include <stdint.h>

#include <weft/weft_status.h>

typedef struct usb_ends {
    uint8_t interface, alternate;
    uint8_t out, in; /* addresses of the bulk endpoints */
    uint16_t out_packet_bytes, in_packet_bytes;
    uint8_t in_head_bytes; /* each packet in begins with so many that are not of the stream */
} usb_ends;

/* Find the Weft interface in the configuration of a device that runs at `speed` (enum
 * libusb_speed).
 *
 * Returns WEFT_OK, or
 *   WEFT_ERR_NO_DEVICE  no interface of this device is a Weft link
 *   WEFT_ERR_VERSION    the interface speaks another version of the protocol
 *   WEFT_ERR_LINK       it has not one bulk endpoint each way, or their packets are not of the size
 *                       that USB prescribes at this speed */
int usb_ends_find(const struct libusb_config_descriptor *config, int speed, usb_ends *out,
                  weft_error *err);

/* The two bulk endpoints of an alternate setting, of whatever device; others beside them do not
 * matter.  Returns WEFT_OK or WEFT_ERR_LINK, as above. */
int usb_ends_read(const struct libusb_interface_descriptor *d, int speed, usb_ends *out,
                  weft_error *err);

/* "high speed (480 Mbit/s)"; "unknown speed" for a number that is none.  Static. */
const char *usb_speed_name(int speed);

#endif
