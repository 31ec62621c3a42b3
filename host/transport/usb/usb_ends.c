/* The Weft interface of a USB device; the contract is in usb_ends.h. */
#include "usb_ends.h"

#include <inttypes.h>
#include <stddef.h>

#define VALUE(name, value, doc) USB_##name = (value),
enum {
#include "rtl/phy/weft_usb.def"
};

typedef struct speed_row {
    int speed;
    const char *name;
    uint16_t least_bytes, most_bytes; /* of a bulk packet, a power of two (USB 2.0, 5.8.3) */
} speed_row;

static const speed_row *row_of(int speed)
{
    static const speed_row rows[] = {
        { LIBUSB_SPEED_FULL, "full speed (12 Mbit/s)", 8, 64 },
        { LIBUSB_SPEED_HIGH, "high speed (480 Mbit/s)", 512, 512 },
        { LIBUSB_SPEED_SUPER, "SuperSpeed (5 Gbit/s)", 1024, 1024 },
        { LIBUSB_SPEED_SUPER_PLUS, "SuperSpeed+ (10 Gbit/s)", 1024, 1024 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].speed == speed)
            return &rows[i];
    return NULL;
}

const char *usb_speed_name(int speed)
{
    const speed_row *row = row_of(speed);
    return row ? row->name : "unknown speed";
}

static int packet_fits(uint16_t bytes, int speed)
{
    const speed_row *row = row_of(speed);
    return row && bytes >= row->least_bytes && bytes <= row->most_bytes && !(bytes & (bytes - 1u));
}

int usb_ends_read(const struct libusb_interface_descriptor *d, int speed, usb_ends *out,
                  weft_error *err)
{
    unsigned ins = 0, outs = 0;
    *out = (usb_ends){ .interface = d->bInterfaceNumber, .alternate = d->bAlternateSetting };
    for (unsigned i = 0; i < d->bNumEndpoints && d->endpoint; i++) {
        const struct libusb_endpoint_descriptor *e = &d->endpoint[i];
        if ((e->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) != LIBUSB_TRANSFER_TYPE_BULK)
            continue;
        if (e->bEndpointAddress & LIBUSB_ENDPOINT_IN) {
            ins++;
            out->in = e->bEndpointAddress;
            out->in_packet_bytes = e->wMaxPacketSize;
        } else {
            outs++;
            out->out = e->bEndpointAddress;
            out->out_packet_bytes = e->wMaxPacketSize;
        }
    }
    if (ins != 1 || outs != 1)
        return weft_error_set(err, WEFT_ERR_LINK,
                              "interface %u of the USB device has %u bulk endpoints in and %u out "
                              "instead of one each; its gateware is broken",
                              (unsigned)d->bInterfaceNumber, ins, outs);
    if (!packet_fits(out->in_packet_bytes, speed) || !packet_fits(out->out_packet_bytes, speed))
        return weft_error_set(err, WEFT_ERR_LINK,
                              "the USB device declares packets of %u bytes in and %u out, which "
                              "cannot be at %s; bytes would be lost, so update its gateware",
                              (unsigned)out->in_packet_bytes, (unsigned)out->out_packet_bytes,
                              usb_speed_name(speed));
    return WEFT_OK;
}

int usb_ends_find(const struct libusb_config_descriptor *config, int speed, usb_ends *out,
                  weft_error *err)
{
    for (unsigned i = 0; i < config->bNumInterfaces && config->interface; i++) {
        const struct libusb_interface *all = &config->interface[i];
        if (all->num_altsetting < 1 || !all->altsetting)
            continue;
        const struct libusb_interface_descriptor *d = &all->altsetting[0];
        if (d->bInterfaceClass != USB_CLASS || d->bInterfaceSubClass != USB_SUBCLASS)
            continue;
        if (d->bInterfaceProtocol != USB_PROTOCOL)
            return weft_error_set(err, WEFT_ERR_VERSION,
                                  "the USB device speaks version %u of the Weft interface, this "
                                  "library version %u; update the older of the two",
                                  (unsigned)d->bInterfaceProtocol, (unsigned)USB_PROTOCOL);
        return usb_ends_read(d, speed, out, err);
    }
    return weft_error_set(err, WEFT_ERR_NO_DEVICE, "the USB device has no Weft interface");
}
