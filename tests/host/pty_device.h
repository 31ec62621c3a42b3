/* A board behind a serial port, played through a pseudo-terminal: a thread moves bytes between its master and the
 * simulated chip, and spoils them as planned.
 *
 *     pty_device *d = pty_device_new("4x4", "/tmp/x/port");     // the port is a link to the terminal
 *     pty_device_plug(d, &plan);
 *     ... whatever opens serial:/tmp/x/port ...
 *     pty_device_free(d);
 */
#ifndef WEFT_TESTS_PTY_DEVICE_H
#define WEFT_TESTS_PTY_DEVICE_H

#include <stdint.h>

typedef enum pty_fault {
    PTY_FAULT_NONE,
    PTY_FAULT_DROP,    /* some bytes are lost */
    PTY_FAULT_FLIP,    /* a bit is wrong */
    PTY_FAULT_DOUBLE,  /* a byte comes twice */
    PTY_FAULT_GARBAGE, /* bytes that nobody sent */
    PTY_FAULT_HANG_UP, /* the port is gone from here on */
    PTY_FAULTS
} pty_fault;

typedef struct pty_plan {
    pty_fault fault;
    int from_chip;  /* direction it happens in */
    uint64_t at;    /* number of the byte of that direction */
    uint64_t every; /* and again after so many bytes; 0: once */
} pty_plan;

typedef struct pty_device pty_device;

/* Not plugged in yet.  NULL: no such chip, no terminal or no memory. */
pty_device *pty_device_new(const char *shape, const char *path);
void pty_device_free(pty_device *d);

/* Plug it in, as new and with a plan; unplug first what was there.  Returns 0, or -1. */
int pty_device_plug(pty_device *d, const pty_plan *plan);

/* The port goes away. */
void pty_device_unplug(pty_device *d);

/* Bytes moved since it was plugged in, to the chip and from it. */
uint64_t pty_device_to(const pty_device *d);
uint64_t pty_device_from(const pty_device *d);

/* "hang-up"; static. */
const char *pty_fault_name(pty_fault f);

#endif
