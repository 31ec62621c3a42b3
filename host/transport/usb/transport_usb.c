/* Boards on the USB: "usb:", the device core of rtl/phy; usb_wire.h has the options. */
#include "host/transport/module.h"
#include "usb_wire.h"
#include <weft/weft_version.h>

static int find(const struct libusb_device_descriptor *device,
                const struct libusb_config_descriptor *config, int speed, usb_ends *out,
                weft_error *err)
{
    (void)device;
    return usb_ends_find(config, speed, out, err);
}

const usb_kind usb_kind_weft = {
    .scheme = "usb",
    .what = "Weft device",
    .udev_rule = "SUBSYSTEM==\"usb\", ATTR{idVendor}==\"1209\", ATTR{idProduct}==\"0001\", "
                 "MODE=\"0660\", TAG+=\"uaccess\", ATTR{power/control}=\"on\"",
    .find = find,
};

static int open_usb(const weft_uri *uri, weft_transport **out, weft_error *err)
{
    return usb_wire_open(&usb_kind_weft, uri, out, err);
}

static int describe(unsigned index, weft_listing *to)
{
    return usb_wire_describe(&usb_kind_weft, index, to);
}

static const weft_transport_ops transport = {
    .scheme = "usb",
    .describe = describe,
    .open = open_usb,
};

const weft_module *weft_usb_library(void)
{
    static const weft_module module = { WEFT_VERSION, &transport };
    return &module;
}
