/* A transport over a wire (wire.h): requests with numbers, CRC and repetition, many outstanding.
 *
 *     weft_transport *t;
 *     rc = weft_transport_link_open(&w->base, &t, &err);    // the wire is the link's from here on
 *
 * Whatever the wire loses, flips, doubles or delays is found and mended by asking again; a wire that stays
 * bad ends in WEFT_ERR_LINK, one that is silent in WEFT_ERR_NO_DEVICE.  The rules are in
 * rtl/link/README.md, the packets in rtl/isa/README.md.
 *
 * mem_write and start return when the wire has their bytes: what the device says to them comes back from a
 * later call, the next that waits for an answer.  So a write, a start and the wait for its end are
 * one turn of the wire; mem_read has as many requests outstanding as the device's window allows. */
#ifndef WEFT_TRANSPORT_LINK_H
#define WEFT_TRANSPORT_LINK_H

#include "transport.h"
#include "wire.h"

/* How good the wire is; all numbers grow from the opening on. */
typedef struct weft_link_quality {
    uint64_t requests; /* put in all */
    uint64_t repeated; /* frames that were sent again */
    uint64_t timeouts; /* silences */
    uint64_t naks;     /* frames that the device found damaged or missing */
    uint64_t damaged;  /* frames of the device with a wrong CRC or length */
    uint64_t foreign;  /* good frames of another session */
} weft_link_quality;

/* Begin a session with the device behind the wire, bring it into its power-up state, from any state, and open
 * it.  Returns WEFT_OK; WEFT_ERR_NO_DEVICE (silence), WEFT_ERR_LINK (noise), WEFT_ERR_VERSION (it tells
 * an impossible link), WEFT_ERR_NO_MEMORY, or what the wire returns.  The wire is closed by close(), or
 * here if opening fails. */
int weft_transport_link_open(weft_wire *wire, weft_transport **out, weft_error *err);

/* wait_done of the table in microseconds of the wire's clock.  t must come from weft_transport_link_open. */
int weft_transport_link_wait(weft_transport *t, uint64_t timeout_us, weft_done *out,
                             weft_error *err);

/* t must come from weft_transport_link_open. */
weft_link_quality weft_transport_link_quality(const weft_transport *t);

#endif
