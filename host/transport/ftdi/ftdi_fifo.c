/* FT232H and FT2232H in synchronous FIFO mode; the contract is in ftdi_chips.h. */
#include <ftdi.h>

#include "ftdi_chips.h"

enum {
    /* A packet that is not full leaves after so long; less is not possible. */
    LATENCY_MS = 1,
    ALL_PINS = 0xff,
    EEPROM_BLANK = 0xffff,
    EEPROM_KIND_MASK = 7 /* of the first byte: what channel A is */
};

static int refuse(struct ftdi_context *ftdi, const char *what, weft_error *err)
{
    return weft_error_set(err, WEFT_ERR_NO_DEVICE,
                          "the FTDI chip does not take the request to %s (%s); plug it in again",
                          what, ftdi_get_error_string(ftdi));
}

/* Only what the EEPROM made a FIFO at power-up can become a synchronous one. */
static int check_pins(struct ftdi_context *ftdi, weft_error *err)
{
    unsigned short word = EEPROM_BLANK;
    if (ftdi_read_eeprom_location(ftdi, 0, &word) != 0)
        return refuse(ftdi, "read its EEPROM", err);
    if (word != EEPROM_BLANK && (word & EEPROM_KIND_MASK) == CHANNEL_IS_FIFO)
        return WEFT_OK;
    return weft_error_set(
        err, WEFT_ERR_UNSUPPORTED,
        "the EEPROM of the FTDI chip %s: set channel A to 245 FIFO (ftdi_eeprom with "
        "cha_type=FIFO, or FT_PROG), plug it in again, or use serial: for a UART",
        word == EEPROM_BLANK ? "is blank, so its pins are a UART"
                             : "does not make its pins a FIFO");
}

static int configure(struct ftdi_context *ftdi, weft_error *err)
{
    const int rc = check_pins(ftdi, err);
    if (rc != WEFT_OK)
        return rc;
    if (ftdi_usb_reset(ftdi) != 0)
        return refuse(ftdi, "start anew", err);
    if (ftdi_set_latency_timer(ftdi, LATENCY_MS) != 0)
        return refuse(ftdi, "set its latency", err);
    if (ftdi_setflowctrl(ftdi, SIO_RTS_CTS_HS) != 0)
        return refuse(ftdi, "wait for the other side", err);
    if (ftdi_set_bitmode(ftdi, ALL_PINS, BITMODE_RESET) != 0 ||
        ftdi_set_bitmode(ftdi, ALL_PINS, BITMODE_SYNCFF) != 0)
        return refuse(ftdi, "become a synchronous FIFO", err);
    return ftdi_tcioflush(ftdi) == 0 ? WEFT_OK : refuse(ftdi, "forget old bytes", err);
}

/* libftdi gets the handle that is open for the requests alone, and lets go of it. */
int ftdi_prepare_fifo(const usb_device *d, weft_error *err)
{
    struct ftdi_context *ftdi = ftdi_new();
    if (!ftdi)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for an FTDI chip");
    (void)ftdi_set_interface(ftdi, INTERFACE_A);
    ftdi_set_usbdev(ftdi, d->handle);
    const int rc = configure(ftdi, err);
    ftdi_set_usbdev(ftdi, NULL);
    ftdi_free(ftdi);
    return rc;
}
