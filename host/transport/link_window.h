/* The host's half of the link's bookkeeping: which requests are outstanding, which frame goes out
 * next, what an answer settles.  No I/O and no clock: transport_link.c moves the bytes.
 *
 *     weft_window_begin(w, session);
 *     weft_window_put(w, &request);                        // while weft_window_room(w)
 *     while ((bytes = weft_window_frame(w, frame)))        // frames to send, new ones and repetitions
 *         send(frame, bytes);
 *     weft_window_take(w, &packet);                        // for each good frame of the session
 *     weft_window_silence(w);                              // when nothing has come for too long
 *
 * The rules, and why no request is executed twice, are in rtl/link/README.md.  In short: requests are
 * executed in order; any good answer with a number says that all up to it were executed; a write is
 * settled by that, a read by its own answer, which is asked for again if it was lost.  After a refusal
 * the device does nothing more, so whatever was put after the refused request counts as refused too.
 *
 * Behind a read that is not answered only reads may be put: it may have to be read again.
 * Memory: the data of all outstanding writes are kept for repetition, window times data bytes. */
#ifndef WEFT_LINK_WINDOW_H
#define WEFT_LINK_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

typedef struct weft_link_window weft_link_window;

/* A request as it is put.  What it points to, but for `to`, is copied. */
typedef struct weft_link_request {
    uint8_t type;
    uint32_t word[4]; /* of the payload: as many as the type has */
    unsigned words;
    const void *data; /* behind them */
    size_t data_bytes;
    void
        *to; /* of a read: where its answer goes, to_bytes of it; holds until the read is settled */
    size_t to_bytes;
} weft_link_request;

/* How a request was refused. */
typedef struct weft_link_refusal {
    uint32_t number;
    uint8_t type;   /* of the request */
    uint8_t status; /* WEFT_PKTST_*; WEFT_PKTST_OK: none was */
} weft_link_refusal;

/* Room for `requests` outstanding ones with at most data_bytes of data each.  NULL: no memory. */
weft_link_window *weft_window_new(uint32_t requests, size_t data_bytes);

/* The same for a window in which all is settled; the session goes on.  False: no memory, unchanged. */
bool weft_window_resize(weft_link_window *w, uint32_t requests, size_t data_bytes);
void weft_window_free(weft_link_window *w);

/* Forget everything: a session begins whose last number is 0. */
void weft_window_begin(weft_link_window *w, uint16_t session);

/* Whether another request can be put. */
bool weft_window_room(const weft_link_window *w);

/* Add a request behind the others; there is room.  Returns its number. */
uint32_t weft_window_put(weft_link_window *w, const weft_link_request *request);

/* Build the next frame to be sent, with room for WEFT_FRAME_MAX_BYTES; returns its length, 0 if
 * there is nothing to send now. */
size_t weft_window_frame(weft_link_window *w, uint8_t *frame);

/* Take an answer of this session: a reply, NAK or REFUSED with a right CRC.  Others, and answers to
 * nothing that is outstanding, change nothing. */
void weft_window_take(weft_link_window *w, const weft_packet *packet);

/* Nothing has come for too long: send everything again that is not known to be done. */
void weft_window_silence(weft_link_window *w);

/* Whether all requests are settled; whether all have been given out by weft_window_frame(). */
bool weft_window_settled(const weft_link_window *w);
bool weft_window_all_sent(const weft_link_window *w);

/* Number of the oldest request that is not settled: grows as long as things go forward. */
uint32_t weft_window_oldest(const weft_link_window *w);

/* The first refusal since the last call, which forgets it. */
weft_link_refusal weft_window_refusal(weft_link_window *w);

/* How often it went back, after a NAK or a silence, since it was made. */
uint64_t weft_window_rounds(const weft_link_window *w);

/* How many frames were given out again since it was made. */
uint64_t weft_window_repeated(const weft_link_window *w);

/* How many NAKs were taken since it was made. */
uint64_t weft_window_naks(const weft_link_window *w);

#endif
