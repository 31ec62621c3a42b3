/* FTDI's chips as what is plugged into the bus without hardware (usb_bus.h), with the simulated chip, or whatever has
 * the same streams, behind their FIFO.
 *
 *     ftdi_model *f = ftdi_model_new(&ftdi_ft232h, chip_model_usb(chip));
 *     const usb_model model = ftdi_model_usb(f);
 *     usb_bus *bus = usb_bus_new(&model, f->product->speed, 0, NULL);
 *
 * Bytes pass only once the host has asked for what the chip wants: of an FT232H and FT2232H the synchronous FIFO of
 * channel A, with two status bytes in each packet, and a packet of these alone now and then; of an FT601 the
 * stream of the pipe.  Bytes that come before are lost, as in a pin that nobody drives. */
#ifndef WEFT_TESTS_FTDI_MODEL_H
#define WEFT_TESTS_FTDI_MODEL_H

#include "usb_bus.h"

typedef struct ftdi_product {
    const char *name;
    uint16_t product, release; /* idProduct, bcdDevice */
    int speed;                 /* enum libusb_speed */
    int streams;               /* FT60x: requests about pipes */
    uint8_t interfaces;
} ftdi_product;

extern const ftdi_product ftdi_ft232h, ftdi_ft2232h, ftdi_ft2232d, ftdi_ft601;

typedef struct ftdi_model {
    const ftdi_product *product;
    usb_model behind;
    uint16_t eeprom;             /* the first word; 0xffff: blank */
    uint8_t fifo_mode, channels; /* of an FT601's configuration */
    int open;                    /* bytes pass */
    uint8_t latency_ms;
    int64_t last_us; /* a packet left */
} ftdi_model;

/* As it is configured right for Weft.  NULL: no memory. */
ftdi_model *ftdi_model_new(const ftdi_product *product, usb_model behind);
void ftdi_model_free(ftdi_model *f);

/* For usb_bus_new. */
usb_model ftdi_model_usb(ftdi_model *f);

#endif
