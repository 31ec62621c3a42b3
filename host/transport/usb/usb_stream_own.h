/* What the files of the USB stream share; private to them. */
#ifndef WEFT_USB_STREAM_OWN_H
#define WEFT_USB_STREAM_OWN_H

#include <pthread.h>

#include "usb_stream.h"

enum {
    USB_SLOTS = 8, /* transfers in flight each way */
    /* Of a transfer: a multiple of every packet size.  Not more, as libusb splits what is longer where
     * the kernel cannot gather pages, and frees all parts when one of them overflows. */
    USB_SLOT_BYTES = 16384,
    USB_ERRORS_IN_A_ROW = 16, /* then the device counts as gone */
    USB_CLOSE_MS = 5000,
    USB_DRAIN_MS = 1000
};

typedef enum usb_slot_state {
    USB_IDLE,
    USB_FLYING, /* with libusb */
    USB_READY   /* in: has bytes for the caller */
} usb_slot_state;

typedef struct usb_slot {
    struct usb_pipe *pipe;
    struct libusb_transfer *transfer;
    usb_slot_state state;
    int cancelled; /* by us, while it flies */
    int used;      /* bytes of what came that the caller has taken */
    uint64_t turn; /* of the submission: lower is older */
} usb_slot;

/* One direction. */
typedef struct usb_pipe {
    struct usb_stream *stream;
    uint8_t address;
    uint16_t packet_bytes;
    uint8_t head_bytes; /* in: so many at the beginning of each packet are not of the stream */
    int slot_bytes;     /* of the next transfers: a multiple of the packet, less after NO_MEM */
    int halted;         /* the endpoint stalls until it is cleared */
    unsigned flying;    /* transfers with libusb */
    usb_slot slots[USB_SLOTS];
} usb_pipe;

struct usb_stream {
    libusb_context *usb;
    libusb_device_handle *handle;
    pthread_t events;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t news;  /* something came back */
    int running;          /* what comes back is submitted again */
    int quit;             /* the event thread may end */
    int silence_broken;   /* the oldest transfer was cancelled for its bytes since the last ones */
    int wants_room;       /* the last send was short */
    int errors_in_a_row;
    weft_error lost; /* status WEFT_OK: the device is there */
    usb_pipe in, out;
    usb_slot *ready[USB_SLOTS]; /* of in, in the order of the bytes */
    unsigned ready_count;
    uint8_t *fill; /* what send has taken and no transfer has yet; room for a whole transfer */
    int fill_room, fill_bytes;
    uint64_t turn;
    usb_stream_quality quality;
};

/* All of these want the lock to be held. */

/* Hand an idle slot to libusb, with `bytes` bytes or, where the kernel has no memory for so many, the
 * first of them.  Returns how many; 0 if there is no memory until another transfer comes back, or
 * the device is lost. */
int usb_submit(usb_slot *slot, int bytes);

/* The device is gone, or as good as that; the first reason stays. */
void usb_lose(usb_stream *s, int status, const char *why);

/* Call all transfers of a pipe back; they come by the callback. */
void usb_cancel(usb_pipe *p);

/* Submit every idle receiving slot. */
void usb_start_receiving(usb_stream *s);

/* The callback of every transfer; takes the lock itself. */
void LIBUSB_CALL usb_transfer_done(struct libusb_transfer *t);

#endif
