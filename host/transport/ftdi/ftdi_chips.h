/* The FTDI chips that carry a Weft link by their FIFO, and what each wants before it does.
 *
 * Facts: FT2232H and FT232H data sheets, application notes AN_130 (synchronous FIFO) and AN_232B-04 (two status
 * bytes in each packet), through libftdi1; FT600 and FT601 as open drivers talk to them (apertus ft60x-rs), as
 * FTDI does not publish it.
 *
 * No state; one thread for a device. */
#ifndef WEFT_FTDI_CHIPS_H
#define WEFT_FTDI_CHIPS_H

#include "host/transport/usb/usb_device.h"

enum { FTDI_VENDOR = 0x0403 };

/* All of them; transport_ftdi.c. */
extern const usb_kind usb_kind_ftdi;

/* FT232H or FT2232H, channel A: read what its EEPROM makes of the pins, then switch it to the synchronous FIFO.
 * Returns WEFT_OK; WEFT_ERR_UNSUPPORTED if the pins are no FIFO; WEFT_ERR_NO_DEVICE if it does not answer. */
int ftdi_prepare_fifo(const usb_device *d, weft_error *err);

/* FT600 or FT601: read its configuration, then let it send without being asked for every transfer.
 * Returns as above. */
int ftdi_prepare_superspeed(const usb_device *d, weft_error *err);

#endif
