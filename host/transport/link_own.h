/* Inside a link: what transport_link.c, link_requests.c and link_session.c share, each of which calls
 * only those behind it. */
#ifndef WEFT_LINK_OWN_H
#define WEFT_LINK_OWN_H

#include "link_window.h"
#include "packet.h"
#include "transport_link.h"

/* What a session begins with, as it comes in. */
typedef struct greeting {
    uint32_t nonce;
    int said_hello, opened;
    uint16_t device_session;
} greeting;

typedef struct transport_link {
    weft_transport base;
    weft_wire *wire;
    weft_link_window *window;
    weft_packet_decoder decoder;
    weft_link_quality quality;
    greeting greeting;
    uint16_t session;
    size_t data_bytes; /* longest data of a request: the device's LINK_DATA */
    uint32_t mem_size; /* of the device */
    uint32_t started;  /* number of the last START */
    int ask_status;    /* a DONE may have been missed */
    int done_seen;
    weft_done done;
    int lost;             /* 0, or the status that ended the session */
    uint64_t quiet_since; /* when the last byte was sent or request settled */
    uint32_t oldest;      /* request that is not settled */
    uint64_t rounds;      /* of the window, when it became the oldest or was waited for */
    int heard;            /* a good frame came since then */
    size_t flush_left;    /* zeros to be sent before the next frame */
    size_t out_at, out_bytes;
    uint8_t out[WEFT_FRAME_MAX_BYTES];
    size_t in_room;
    uint8_t *in;
} transport_link;

/* --- link_session.c ---
 *
 * A status of these that is not WEFT_OK has ended the session, with a sentence in err: WEFT_ERR_NO_DEVICE
 * (silence), WEFT_ERR_LINK (noise), or what the wire returned.  Until the next session begins nobody's
 * memory is written any more. */

/* Begin a session with the device, in place of the one there is; nothing is outstanding behind it. */
int link_begin_session(transport_link *l, weft_error *err);

/* One turn: send, receive for at most wait_us, repeat after a silence.  Gives up after 16 rounds in
 * which no request was settled. */
int link_turn(transport_link *l, uint64_t wait_us, weft_error *err);

/* Count silence and rounds from here: before the first turn of something that is waited for. */
void link_begin_waiting(transport_link *l);

/* The wire's clock in microseconds. */
uint64_t link_now(const transport_link *l);

/* --- link_requests.c ---
 *
 * These return WEFT_OK, what a turn returns, the status that ended the session before, or what the
 * device said against a request of this or an earlier call: WEFT_ERR_CAPACITY, WEFT_ERR_BUSY,
 * WEFT_ERR_ARG, WEFT_ERR_DEVICE or WEFT_ERR_VERSION.  In every case with a sentence. */

/* Put a request behind the others as soon as there is room. */
int link_put(transport_link *l, const weft_link_request *r, weft_error *err);

/* Put the request to read a register; its four bytes are in *value, as they came, when it is settled. */
int link_put_read(transport_link *l, uint32_t offset, uint32_t *value, weft_error *err);

/* Wait until everything outstanding is settled. */
int link_settle(transport_link *l, weft_error *err);

/* The same after the requests of a call were put, or all but the last for the error rc, which is
 * returned then. */
int link_settle_rest(transport_link *l, int rc, weft_error *err);

/* Wait until the wire has the bytes of everything that was put. */
int link_hand_over(transport_link *l, weft_error *err);

/* What the device has said against a request so far, without waiting. */
int link_refused(transport_link *l, weft_error *err);

/* The status that ended the session, or WEFT_OK while there is one. */
int link_lost(const transport_link *l, weft_error *err);

#endif
