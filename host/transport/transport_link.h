/* A transport over two byte streams: packets with sequence numbers, CRC and repetition.
 *
 *     weft_pipe pipe = { .context = wire, .send = wire_send, .recv = wire_recv,
 *                        .answer_timeout_ms = 50 };
 *     weft_transport *t;
 *     rc = weft_transport_link_open(&pipe, &t, &err);
 *
 * Whatever the wire loses, flips or repeats is found and mended by asking again; a wire that stays
 * bad ends in WEFT_ERR_LINK, one that is silent in WEFT_ERR_NO_DEVICE.  The rules of the packets
 * are in rtl/isa/README.md.  Costs: one request is outstanding at a time, so every KiB of memory
 * and every register is one turn of the wire. */
#ifndef WEFT_TRANSPORT_LINK_H
#define WEFT_TRANSPORT_LINK_H

#include "transport.h"

/* The wire.  Functions return WEFT_OK, or a negative status with a sentence if it is gone for good;
 * the context outlives the transport. */
typedef struct weft_pipe {
    void *context;

    /* Send all bytes, waiting as long as that makes progress. */
    int (*send)(void *context, const uint8_t *bytes, size_t count, weft_error *err);

    /* Wait up to about timeout_ms for the first byte, then give what is there, at most room bytes;
     * *got is 0 if none came. */
    int (*recv)(void *context, uint8_t *bytes, size_t room, uint32_t timeout_ms, size_t *got,
                weft_error *err);

    uint32_t answer_timeout_ms; /* after this long without an answer the request is repeated */
} weft_pipe;

/* How good the wire is; all numbers grow from the opening on. */
typedef struct weft_link_quality {
    uint64_t requests, repeated, timeouts, naks, damaged;
} weft_link_quality;

/* Bring the device behind the pipe into its power-up state, from any state, and open it.
 * Returns WEFT_OK; WEFT_ERR_NO_DEVICE (silence), WEFT_ERR_LINK (noise), WEFT_ERR_NO_MEMORY, or what
 * the pipe returns.  The pipe is copied; close() does not close it. */
int weft_transport_link_open(const weft_pipe *pipe, weft_transport **out, weft_error *err);

/* t must come from weft_transport_link_open. */
weft_link_quality weft_transport_link_quality(const weft_transport *t);

#endif
