/* Bytes over the two bulk endpoints of a USB device, several transfers in flight both ways, with a
 * thread of its own for the events of libusb from open to close.
 *
 *     usb_stream *s;
 *     rc = usb_stream_open(usb, handle, &ends, &s, &err);
 *     rc = usb_stream_send(s, bytes, count, &taken, &err);
 *     rc = usb_stream_receive(s, buffer, sizeof buffer, 2000, &got, &err);
 *     usb_stream_close(s);
 *
 * Rules, each from a bug that somebody else had to find (issue numbers are of the project named):
 *   - One lock covers "cancel everything" and "submit again in the callback" (hackrf 916).
 *   - The event thread lives until every transfer has come back; a callback never ends it (hackrf
 *     1068).  After five seconds close gives up, leaks what is still out and says so.
 *   - The bytes of a transfer count whatever its status is, and no more than actual_length (libusb
 *     876, LimeSuite 289).
 *   - A transfer that was cancelled by nobody here, or NO_DEVICE, is an unplugged device (libusb
 *     1364).
 *   - Receiving transfers are multiples of the packet size (nusb 135); none has a length of 0
 *     (libusb 1254), and none a time-out (bladeRF 129): after some silence the oldest is cancelled
 *     instead, once, for the bytes that may lie in it behind a last full packet.
 *   - No transfer is longer than 16 KiB: of longer ones libusb makes several where the kernel cannot
 *     gather pages, and frees them all when one overflows (seen with 1.0.26).
 *   - Where the kernel has no memory for a transfer, all become half as long, and again (bladeRF
 *     1075); together they hold 256 KiB.
 *   - Where every packet in begins with bytes of the chip's own (FTDI), these are taken out.
 *   - A halted endpoint is drained, cleared and started again (libusb 337).
 *
 * Bytes may be lost on the way, as on any wire; whoever sits above repeats them.
 * Threads: one caller at a time. */
#ifndef WEFT_USB_STREAM_H
#define WEFT_USB_STREAM_H

#include "usb_ends.h"

typedef struct usb_stream usb_stream;

/* How good the wire is; numbers grow from the opening on. */
typedef struct usb_stream_quality {
    uint64_t short_writes, overflows, halts, errors, halvings;
} usb_stream_quality;

/* Start to receive.  The interface is claimed; `usb` and `handle` are the caller's and outlive the
 * stream.  Returns WEFT_OK, WEFT_ERR_NO_DEVICE, WEFT_ERR_LINK (transfers cannot be started) or
 * WEFT_ERR_NO_MEMORY; *out is untouched then. */
int usb_stream_open(libusb_context *usb, libusb_device_handle *handle, const usb_ends *ends,
                    usb_stream **out, weft_error *err);

/* As send() and receive() of a wire (wire.h): nothing waits in the first, the second lets what the
 * first has taken leave.  Both return WEFT_OK, or WEFT_ERR_NO_DEVICE once the device is gone; then
 * only restart and close make sense. */
int usb_stream_send(usb_stream *s, const uint8_t *bytes, size_t count, size_t *taken,
                    weft_error *err);
int usb_stream_receive(usb_stream *s, uint8_t *bytes, size_t room, uint32_t timeout_us, size_t *got,
                       weft_error *err);

/* Call everything back, clear both endpoints, drop what has come, and start again.  Returns WEFT_OK,
 * or WEFT_ERR_NO_DEVICE or WEFT_ERR_LINK: it stays ended. */
int usb_stream_restart(usb_stream *s, weft_error *err);

/* End everything.  Returns WEFT_OK, or WEFT_ERR_LINK if transfers did not come back within five
 * seconds: they and the thread that waits for them are left alone then, and `usb` and `handle` must
 * not be closed either. */
int usb_stream_close(usb_stream *s);

usb_stream_quality usb_stream_get_quality(usb_stream *s);

#endif
