/* A USB device of a kind as a wire, and as a row of what `weft devices` lists: what all transports over
 * libusb have in common.
 *
 *     rc = usb_wire_open(&usb_kind_weft, uri, &transport, &err);
 *
 * Options of the address: serial=.. or at=PLACE (bus and ports, "1-2.4"), needed where several are
 * plugged in; wait=SECONDS: so long the device may be missing, when it is opened and when it is found
 * again after it was unplugged.  It is found again by its place if that was chosen or it has no serial
 * number, else by its serial number, wherever it is plugged in. */
#ifndef WEFT_USB_WIRE_H
#define WEFT_USB_WIRE_H

#include "host/transport/transport.h"
#include "usb_device.h"

/* Open the device of the kind that the address names, and the link over it.  Returns WEFT_OK; what
 * usb_device_open and weft_transport_link_open return; WEFT_ERR_ARG for an option that there is not. */
int usb_wire_open(const usb_kind *kind, const weft_uri *uri, weft_transport **out, weft_error *err);

/* Row `index` of the list of what is plugged in.  Returns 1, or 0 past the last. */
int usb_wire_describe(const usb_kind *kind, unsigned index, weft_listing *to);

#endif
