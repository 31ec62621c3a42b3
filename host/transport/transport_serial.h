/* Boards behind a serial port: "serial:/dev/ttyUSB0", a link (transport_link.h) over the wire that
 * serial_port.h makes.  Options: the path first; baud=, flow=rts or none, wait=SECONDS.
 *
 * Without flow control a device takes what the host sends ahead into the FIFO of its UART
 * (rtl/phy/README.md), so the host's window is small then. */
#ifndef WEFT_TRANSPORT_SERIAL_H
#define WEFT_TRANSPORT_SERIAL_H

#include "transport.h"

extern const weft_transport_ops weft_transport_serial;

#endif
