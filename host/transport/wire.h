/* What lies below the link: a wire that carries bytes both ways.  USB, a serial port, an FTDI FIFO
 * and the pins of the simulated chip are such wires; the link (transport_link.h) makes a transport out of any
 * of them.
 *
 *     typedef struct my_wire { weft_wire base; ... } my_wire;      // base first
 *     w->base = (weft_wire){ .ops = &my_ops, .receive_block_bytes = 512, .answer_timeout_us = 2000
 * }; rc = weft_transport_link_open(&w->base, &t, &err);           // the wire is the link's from
 * here
 *
 * What the link promises to a wire
 *   - One thread at a time calls it; a wire may have an event thread of its own behind a lock.
 *   - It keeps several frames outstanding (some 100 KiB on a fast wire) and never expects one
 *     answer per send: whatever has come is taken, whatever fits is sent, in turns.  A wire should
 *     keep several transfers in flight both ways, receiving ones from open to close.
 *   - It asks for at least receive_block_bytes at a time and takes any number of bytes: frames may
 * be cut and joined at will.  Nothing depends on packets, transfers or zero-length packets.
 *   - All that it sends is a multiple of four bytes, frame by frame, and frames are at most some
 * KiB.
 *
 * What a wire owes the link
 *   - Nothing about the bytes.  They may be lost, damaged, doubled, late, or left over from another
 *     process: frames have a session number, a sequence number and a CRC-32, and are repeated.  A
 *     wire that notices a loss (a short write, an overflow) need not tell; it goes on.
 *   - An error only when the wire is gone for good or the program must stop: WEFT_ERR_NO_DEVICE
 * after an unplug, WEFT_ERR_NO_MEMORY and the like.  The call of the transport ends with it, and
 * after it the link calls nothing but restart() and close().
 *   - Bounded time: no function blocks for much longer than it was told to.
 *
 * Every function returns WEFT_OK or a negative weft_status with one sentence in err (may be NULL).
 */
#ifndef WEFT_WIRE_H
#define WEFT_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <weft/weft.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_wire weft_wire;

typedef struct weft_wire_ops {
    /* Take as many of the bytes as there is room for, at once, without waiting for room or for the
     * bytes to leave.  *taken, 0..count, is set when WEFT_OK is returned; the bytes are the
     * caller's again afterwards, so they are copied.
     *
     * Room should be large enough that the wire stays busy while the host does something else (two
     * or more transfers).  What was taken need not leave before receive() is called, so that many
     * small frames can share a transfer. */
    int (*send)(weft_wire *w, const uint8_t *bytes, size_t count, size_t *taken, weft_error *err);

    /* Let what send() has taken leave, then give the bytes that have come, at most `room`.  If
     * there are none, wait for the first of these:
     *   - a byte comes;
     *   - send() has room again, if it took less than it was offered the last time;
     *   - timeout_us is over (0: do not wait at all; longer than asked is allowed, a fraction of a
     *     millisecond of which is harmless).
     * *got is set when WEFT_OK is returned, and 0 if nothing came.  A transfer that timed out or
     * failed with bytes in it gives these bytes. */
    int (*receive)(weft_wire *w, uint8_t *bytes, size_t room, uint32_t timeout_us, size_t *got,
                   weft_error *err);

    /* A clock for timeouts: microseconds from any beginning, never backwards.  A simulation gives
     * simulated time. */
    uint64_t (*now_us)(weft_wire *w);

    /* NULL, or: forget what waits to be sent, drop what has come and not been received, and bring
     * the wire from any error back into use (clear a halt, find the device again by its serial
     * number). Called before a session is opened anew; stale bytes that it misses do no harm.
     * Returns WEFT_ERR_NO_DEVICE if there is no way back. */
    int (*restart)(weft_wire *w, weft_error *err);

    /* End all transfers and release everything, w included, in any state and in bounded time. */
    void (*close)(weft_wire *w);
} weft_wire_ops;

/* Implementations embed this as their first member. */
struct weft_wire {
    const weft_wire_ops *ops;

    /* receive() is cheapest, or only safe, with room for a multiple of this many bytes; at most
     * 64 KiB.  The link's buffer is a multiple of it. */
    size_t receive_block_bytes;

    /* So long after the last byte went to send() or came, with requests outstanding, something was
     * lost and is asked for again.  Longer than a turn of the wire and what lies in its queues: the
     * time the wire takes for all that send() holds, and for a window of answers.  Too short costs
     * needless repetition, too long costs time after a loss that the device could not notice (it
     * reports gaps by itself). */
    uint32_t answer_timeout_us;

    /* More than this outstanding does not make the wire faster: its rate times its turn-around, and half as
     * much again.  0: as much as the device allows.  On a slow wire it keeps what is repeated
     * after a loss, and answer_timeout_us, short. */
    size_t window_bytes;
};

#ifdef __cplusplus
}
#endif

#endif
