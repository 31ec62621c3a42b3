/* FT600 and FT601; the contract is in ftdi_chips.h.
 *
 * Interface 0 takes requests about the pipes, 20 bytes each; interface 1 carries the bytes. */
#include <string.h>

#include "ftdi_chips.h"

enum {
    REQUESTS_INTERFACE = 0,
    REQUESTS_ENDPOINT = 0x01,
    REQUEST_BYTES = 20,
    PIPE_AT = 4,    /* in a request: the endpoint it is about */
    COMMAND_AT = 5, /* what to do with it */
    LENGTH_AT = 8,  /* little endian */
    COMMAND_STREAM = 2,
    STREAM_BYTES = 0x40000000, /* a stream without end */
    CONFIG_REQUEST = 0xcf,
    CONFIG_READ = 1,
    CONFIG_BYTES = 152,
    CONFIG_FIFO_MODE_AT = 138,
    CONFIG_CHANNELS_AT = 139,
    FIFO_MODE_245 = 0,
    CHANNELS_ONE = 2,
    TIMEOUT_MS = 1000
};

static int check_mode(const usb_device *d, weft_error *err)
{
    uint8_t config[CONFIG_BYTES] = { 0 };
    const int got = libusb_control_transfer(
        d->handle, LIBUSB_ENDPOINT_IN | LIBUSB_REQUEST_TYPE_VENDOR | LIBUSB_RECIPIENT_DEVICE,
        CONFIG_REQUEST, CONFIG_READ, 0, config, sizeof config, TIMEOUT_MS);
    if (got != CONFIG_BYTES)
        return weft_error_set(err, WEFT_ERR_NO_DEVICE,
                              "the FT60x does not tell its configuration (%s); plug it in again",
                              got < 0 ? libusb_strerror(got) : "too few bytes");
    if (config[CONFIG_FIFO_MODE_AT] == FIFO_MODE_245 && config[CONFIG_CHANNELS_AT] == CHANNELS_ONE)
        return WEFT_OK;
    return weft_error_set(
        err, WEFT_ERR_UNSUPPORTED,
        "the FT60x is configured for FIFO mode %s and channel choice %u: set it to "
        "245 mode with one channel by FTDI's configuration program",
        config[CONFIG_FIFO_MODE_AT] == FIFO_MODE_245 ? "245" : "600",
        (unsigned)config[CONFIG_CHANNELS_AT]);
}

static int start_stream(const usb_device *d, weft_error *err)
{
    uint8_t request[REQUEST_BYTES] = { 0 };
    int sent = 0;
    request[PIPE_AT] = d->ends.in;
    request[COMMAND_AT] = COMMAND_STREAM;
    for (unsigned i = 0; i < 4; i++)
        request[LENGTH_AT + i] = (uint8_t)((uint32_t)STREAM_BYTES >> 8 * i);
    const int code = libusb_bulk_transfer(d->handle, REQUESTS_ENDPOINT, request, sizeof request,
                                          &sent, TIMEOUT_MS);
    if (code == LIBUSB_SUCCESS && sent == REQUEST_BYTES)
        return WEFT_OK;
    return weft_error_set(err, WEFT_ERR_NO_DEVICE,
                          "the FT60x does not start its stream (%s); plug it in again",
                          code != LIBUSB_SUCCESS ? libusb_strerror(code) : "too few bytes");
}

int ftdi_prepare_superspeed(const usb_device *d, weft_error *err)
{
    const int code = libusb_claim_interface(d->handle, REQUESTS_INTERFACE);
    if (code != LIBUSB_SUCCESS)
        return weft_error_set(err, code == LIBUSB_ERROR_BUSY ? WEFT_ERR_BUSY : WEFT_ERR_NO_DEVICE,
                              "the FT60x cannot be claimed: %s", libusb_strerror(code));
    const int rc = check_mode(d, err);
    return rc == WEFT_OK ? start_stream(d, err) : rc;
}
