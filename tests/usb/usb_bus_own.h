/* What the files of the bus without hardware share; private to them. */
#ifndef WEFT_TESTS_USB_BUS_OWN_H
#define WEFT_TESTS_USB_BUS_OWN_H

#include <sys/ioctl.h>

#include <linux/usbdevice_fs.h>
#include <umockdev.h>

#include "usb_bus.h"

enum { USB_BOARDS = 4, USB_PACKET_MOST = 1024 };

/* A transfer of a client, in its memory. */
typedef struct urb {
    UMockdevIoctlClient *client;
    UMockdevIoctlData *arg;
    gulong address;
    int done, status, actual;
    usb_fault fault;
} urb;

typedef struct usb_board {
    usb_bus *bus;
    unsigned index;
    usb_model model;
    int speed;
    unsigned bulk_bytes, said_bytes; /* packets: as they are, as the descriptors say */
    char serial[32];                 /* "": none */
    UMockdevIoctlBase *handler;
    GMutex lock; /* of all below */
    usb_plan plan;
    GQueue flying;
    unsigned submitted;         /* bulk transfers */
    int most_bytes;             /* of a transfer; 0: any */
    int gone;                   /* nothing answers */
    unsigned clients;           /* that have it open */
    UMockdevIoctlClient *owner; /* has claimed the interface, or NULL */
    int halted[2];
    unsigned device_number; /* 0: not plugged in */
} usb_board;

struct usb_bus {
    UMockdevTestbed *testbed;
    unsigned device_numbers; /* given so far: each plug gets another one */
    usb_board *board[USB_BOARDS];
    unsigned count;
};

static inline struct usbdevfs_urb *usb_client(const urb *u)
{
    return (struct usbdevfs_urb *)(void *)u->arg->data;
}

static inline int usb_is_in(const struct usbdevfs_urb *k)
{
    return k->endpoint & 0x80;
}

static inline UMockdevIoctlData *usb_buffer(const urb *u)
{
    return umockdev_ioctl_data_resolve(u->arg, G_STRUCT_OFFSET(struct usbdevfs_urb, buffer),
                                       (gsize)usb_client(u)->buffer_length, NULL);
}

static inline void usb_end(urb *u, int status)
{
    u->done = 1;
    u->status = status;
}

/* --- usb_move.c, with the lock held: what happens to transfers ---------------------------------- */

/* Of the client that is just making a system call, as only then its memory can be reached: the
 * oldest transfer of each direction, then the next. */
void usb_advance(usb_board *b, const UMockdevIoctlClient *c);

/* The device is gone; everything that is out ends. */
void usb_pull_out(usb_board *b);

/* --- usb_calls.c: the system calls of libusb ---------------------------------------------------- */

gboolean usb_on_ioctl(UMockdevIoctlBase *handler, UMockdevIoctlClient *c, gpointer board);

/* A client has opened the device; what it leaves behind is cleared away when it is gone. */
void usb_on_connected(UMockdevIoctlBase *handler, UMockdevIoctlClient *c, gpointer board);

/* --- usb_tell.c: what the device tells of itself, which is what the RTL does -------------------- */

/* Device and configuration descriptor as hexadecimal digits. */
void usb_add_descriptors(const usb_board *b, GString *to);

/* The answer to a control request, at most `room` bytes; -1: refused. */
int usb_answer_control(const usb_board *b, const guint8 setup[8], guint8 *to, size_t room);

#endif
