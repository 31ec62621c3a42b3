/* Boards behind the FIFO of an FTDI chip: "ftdi:", the same link over the same wire as "usb:"; the options
 * are those of usb_wire.h.
 *
 * The chip is FTDI's own, so nothing tells that Weft is behind it until it is opened and the link asked. */
#include "ftdi_chips.h"
#include "host/transport/module.h"
#include "host/transport/usb/usb_wire.h"
#include <weft/weft_version.h>

typedef struct chip {
    uint16_t product, release; /* idProduct; bcdDevice, 0: any */
    uint8_t interface;         /* that carries the bytes */
    uint8_t head_bytes;        /* of each packet in: modem and line status */
    int (*prepare)(const usb_device *d, weft_error *err);
} chip;

/* The older FT2232C and D have the product number of the FT2232H, and no synchronous FIFO. */
static const chip chips[] = {
    { 0x6010, 0x0700, 0, 2, ftdi_prepare_fifo },  /* FT2232H, channel A */
    { 0x6014, 0x0900, 0, 2, ftdi_prepare_fifo },  /* FT232H */
    { 0x601e, 0, 1, 0, ftdi_prepare_superspeed }, /* FT600 */
    { 0x601f, 0, 1, 0, ftdi_prepare_superspeed }, /* FT601 */
};

static const chip *chip_of(unsigned product, unsigned release)
{
    for (size_t i = 0; i < sizeof chips / sizeof *chips; i++)
        if (chips[i].product == product && (!chips[i].release || chips[i].release == release))
            return &chips[i];
    return NULL;
}

static int find(const struct libusb_device_descriptor *device,
                const struct libusb_config_descriptor *config, int speed, usb_ends *out,
                weft_error *err)
{
    const chip *c =
        device->idVendor == FTDI_VENDOR ? chip_of(device->idProduct, device->bcdDevice) : NULL;
    if (!c)
        return weft_error_set(err, WEFT_ERR_NO_DEVICE, "the USB device is no FTDI FIFO chip");
    for (unsigned i = 0; i < config->bNumInterfaces && config->interface; i++) {
        const struct libusb_interface *all = &config->interface[i];
        if (all->num_altsetting < 1 || !all->altsetting ||
            all->altsetting[0].bInterfaceNumber != c->interface)
            continue;
        const int rc = usb_ends_read(&all->altsetting[0], speed, out, err);
        out->in_head_bytes = c->head_bytes;
        return rc;
    }
    return weft_error_set(err, WEFT_ERR_LINK, "the FTDI chip has no interface %u",
                          (unsigned)c->interface);
}

static int prepare(const usb_device *d, weft_error *err)
{
    return chip_of(d->product, d->release)->prepare(d, err);
}

const usb_kind usb_kind_ftdi = {
    .scheme = "ftdi",
    .what = "FTDI FIFO chip",
    .udev_rule = "SUBSYSTEM==\"usb\", ATTR{idVendor}==\"0403\", "
                 "ATTR{idProduct}==\"6010|6014|601e|601f\", MODE=\"0660\", TAG+=\"uaccess\", "
                 "ATTR{power/control}=\"on\"",
    .find = find,
    .prepare = prepare,
};

static int open_ftdi(const weft_uri *uri, weft_transport **out, weft_error *err)
{
    return usb_wire_open(&usb_kind_ftdi, uri, out, err);
}

static int describe(unsigned index, weft_listing *to)
{
    return usb_wire_describe(&usb_kind_ftdi, index, to);
}

static const weft_transport_ops transport = {
    .scheme = "ftdi",
    .describe = describe,
    .open = open_ftdi,
};

const weft_module *weft_ftdi_library(void)
{
    static const weft_module module = { WEFT_VERSION, &transport };
    return &module;
}
