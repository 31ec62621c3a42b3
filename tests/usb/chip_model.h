/* The simulated chip as what lies behind the endpoints of a USB device (usb_bus.h): the bytes of the
 * bulk endpoints are those of its link. */
#ifndef WEFT_TESTS_CHIP_MODEL_H
#define WEFT_TESTS_CHIP_MODEL_H

#include "usb_bus.h"

typedef struct chip_model chip_model;

/* A chip of this shape ("4x4") after power-up; NULL if the build has no such model, or no memory. */
chip_model *chip_model_new(const char *shape);
void chip_model_free(chip_model *c);

/* For usb_bus_new; its reset is a loss of power. */
usb_model chip_model_usb(chip_model *c);

#endif
