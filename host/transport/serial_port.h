/* A serial port of Linux as a stream of bytes: raw, for one program only, never waiting.
 *
 *     serial_port p;
 *     rc = serial_port_open("/dev/ttyUSB0", 3000000, 1, &p, &err);
 *     rc = serial_port_write(&p, bytes, count, &taken, &err);
 *     rc = serial_port_read(&p, bytes, room, &got, &err);
 *     serial_port_close(&p);
 *
 * One thread at a time; no state but the struct. */
#ifndef WEFT_SERIAL_PORT_H
#define WEFT_SERIAL_PORT_H

#include <stddef.h>
#include <stdint.h>

#include <weft/weft_status.h>

typedef struct serial_port {
    int fd; /* -1: not open */
} serial_port;

/* Open for nobody else, at `baud` symbols a second, 8 bits, no parity, one stop bit; rts_cts:
 * either side may hold the other back.  The driver is asked for bytes as soon as they come, where it
 * can do that.
 *
 * Returns WEFT_OK, or with *out not open
 *   WEFT_ERR_NO_DEVICE  there is no such port, or nothing behind it
 *   WEFT_ERR_IO         no permission; the sentence says which group has it
 *   WEFT_ERR_BUSY       another program has it
 *   WEFT_ERR_ARG        it is no serial port, or cannot run at this rate */
int serial_port_open(const char *path, uint32_t baud, int rts_cts, serial_port *out,
                     weft_error *err);

/* Give it back without waiting for what has not left.  Does nothing if it is not open. */
void serial_port_close(serial_port *p);

/* Forget what waits in the kernel, both ways. */
void serial_port_drop(const serial_port *p);

/* Move what can be moved now; *count of it, which may be 0.  Returns WEFT_OK, or WEFT_ERR_NO_DEVICE:
 * it was unplugged. */
int serial_port_write(const serial_port *p, const uint8_t *bytes, size_t count, size_t *taken,
                      weft_error *err);
int serial_port_read(const serial_port *p, uint8_t *bytes, size_t room, size_t *got,
                     weft_error *err);

/* Wait until bytes have come, or, with for_room, some can leave, or timeout_us is over. */
void serial_port_wait(const serial_port *p, int for_room, uint32_t timeout_us);

/* The name of entry `index` of `folder` (/dev/serial/by-id) in the order of the alphabet, at most
 * room - 1 bytes.  Returns 1, or 0 if there are not that many. */
int serial_port_list(const char *folder, unsigned index, char *to, size_t room);

#endif
