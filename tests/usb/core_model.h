/* The simulated chip behind the USB device core (rtl/phy) and a host at its pins: every byte of the bulk endpoints goes
 * as packets over ULPI, or D+ and D-, through the core's RTL into the chip's link and back.
 *
 * The core runs in a process of its own (usb_core.v, by Icarus), the chip in this one (chip_model.h). */
#ifndef WEFT_TESTS_CORE_MODEL_H
#define WEFT_TESTS_CORE_MODEL_H

#include "usb_bus.h"

typedef struct core_model core_model;

/* `program` is usb_core.v compiled for one of the speeds, `packet_bytes` the size of its bulk packets; of 256 packets
 * each way `fault` are damaged or lost.  The pipes are made in `directory`.  NULL: something of it is not there. */
core_model *core_model_new(const char *program, const char *directory, unsigned packet_bytes,
                           unsigned fault, const usb_model *chip);

/* Returns 1 if the core's process came to a good end. */
int core_model_free(core_model *m);

/* For usb_bus_new; its reset is a loss of power, after which the host enumerates the core again. */
usb_model core_model_usb(core_model *m);

typedef struct core_count {
    unsigned long out_packets, in_packets, naks;
} core_count;
core_count core_model_count(const core_model *m);

#endif
