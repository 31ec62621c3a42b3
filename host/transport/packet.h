/* Frames of the link: build them, find them in a byte stream.  What they mean is said in
 * rtl/isa/README.md, section "Packets"; their numbers are in weft_isa.def.
 *
 *     uint8_t frame[WEFT_FRAME_MAX_BYTES];
 *     size_t frame_bytes;
 *     weft_packet ping = { .type = WEFT_PKT_PING, .session = 5, .sequence = 7 };
 *     if (weft_packet_build(&ping, frame, sizeof frame, &frame_bytes) == WEFT_OK)
 *         send(frame, frame_bytes);
 *
 *     static weft_packet_decoder decoder;                  // 8 KiB, zero is a fresh decoder
 *     weft_packet packet;
 *     while (weft_packet_next(&decoder, &at, &left, &packet))   // at, left: bytes that came in
 *         if (packet.status == WEFT_PKTST_OK)
 *             take(&packet);
 *
 * Used by the host's transports, by models of the device and by tests: both directions have the
 * same frames.  The decoder accepts, drops and reports the same bytes as rtl/link/weft_packet_rx.v.
 *
 * Nothing here allocates, prints or keeps state outside its arguments.  All functions may be called
 * from any thread; a decoder belongs to one thread at a time. */
#ifndef WEFT_PACKET_H
#define WEFT_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rtl/isa/weft_isa.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* A frame is this much longer than its payload. */
    WEFT_FRAME_OVERHEAD_BYTES = WEFT_PKT_HEADER_BYTES + WEFT_PKT_CRC_BYTES,
    WEFT_FRAME_MAX_BYTES = WEFT_PKT_MAX_PAYLOAD + WEFT_FRAME_OVERHEAD_BYTES,
    /* Payload of a memory request beside its data. */
    WEFT_MEM_HEAD_BYTES = WEFT_PKT_MAX_PAYLOAD - WEFT_PKT_MAX_DATA,
    /* So many zero bytes complete any half-received frame, whatever the device's own LINK_DATA; what is sent
     * after them is understood. */
    WEFT_FRAME_FLUSH_BYTES = WEFT_PKT_MAX_PAYLOAD + 16
};

typedef struct weft_packet {
    uint8_t type;  /* WEFT_PKT_*; replies have WEFT_PKT_REPLY added */
    uint8_t flags; /* WEFT_PKT_FRESH, WEFT_PKT_QUIET, round from bit WEFT_PKT_ROUND_LSB on */
    uint16_t session;
    uint32_t sequence;      /* number of the request, or what the type says */
    uint8_t status;         /* of the frame, set by the decoder: WEFT_PKTST_OK, _CRC or _LENGTH */
    const uint8_t *payload; /* may be NULL if payload_bytes is 0 */
    size_t payload_bytes;   /* 0..WEFT_PKT_MAX_PAYLOAD, a multiple of 4 */
} weft_packet;

/* CRC-32 of IEEE 802.3 (reflected, as in zip and Ethernet) of `bytes` bytes.
 *
 *   crc  0 to begin, or the result for the bytes before these, so that pieces can be chained
 *
 * Costs two look-ups in 64 bytes of table for each byte. */
uint32_t weft_crc32(uint32_t crc, const uint8_t *data, size_t bytes);

/* Write the frame of a packet.
 *
 *   packet       all of it but status.  The payload may already lie where it
 *                goes, at frame + WEFT_PKT_HEADER_BYTES, and then is not copied
 *   frame        room for frame_room bytes; payload_bytes + WEFT_FRAME_OVERHEAD_BYTES are needed
 *   frame_bytes  length of the frame
 *
 * Returns WEFT_OK, or WEFT_ERR_ARG if the payload is longer than WEFT_PKT_MAX_PAYLOAD or no multiple
 * of four bytes, or the frame does not fit; nothing was written then. */
int weft_packet_build(const weft_packet *packet, uint8_t *frame, size_t frame_room,
                      size_t *frame_bytes);

/* Receiver of a byte stream.  All zero is a fresh one; the counters may be read and longest_payload set
 * at any time, the rest is private. */
typedef struct weft_packet_decoder {
    size_t longest_payload; /* what is longer is damaged; 0: WEFT_PKT_MAX_PAYLOAD */
    uint64_t frames;        /* frames with a right CRC */
    uint64_t damaged;       /* frames with a wrong CRC or an impossible length */
    uint64_t garbage_bytes; /* bytes outside any frame */
    unsigned state;
    size_t fill; /* bytes of the present part (header after the magic, payload, CRC) */
    size_t payload_bytes;
    uint8_t header[WEFT_PKT_HEADER_BYTES];
    uint8_t payload[WEFT_PKT_MAX_PAYLOAD];
    uint8_t check[WEFT_PKT_CRC_BYTES];
} weft_packet_decoder;

/* Take bytes until a frame ends or none are left.
 *
 *   at, left  the bytes; both are moved past what was taken, so calling again goes on
 *   packet    filled in when a frame has ended
 *
 * Returns true when a frame has ended, false when *left is 0 and no frame has ended.  The frame is
 * good if packet->status is WEFT_PKTST_OK: then type, sequence and payload are as sent, and the
 * payload lies in the decoder until the next call.  Otherwise it is damaged: WEFT_PKTST_CRC (the
 * whole frame was taken) or WEFT_PKTST_LENGTH (its header asks for more than longest_payload or for no
 * multiple of four bytes; only the header was taken); the fields are then as received, which may be wrong, and the
 * payload is empty.  Bytes of a damaged frame are not searched again for the beginning of another.
 */
bool weft_packet_next(weft_packet_decoder *decoder, const uint8_t **at, size_t *left,
                      weft_packet *packet);

/* Forget a half-received frame, as after opening a wire anew; the counters stay. */
void weft_packet_restart(weft_packet_decoder *decoder);

/* Read a little-endian number at a byte offset of the payload.  False, and *out unchanged, if it
 * does not lie in the payload completely. */
bool weft_packet_u16(const weft_packet *packet, size_t offset, uint16_t *out);
bool weft_packet_u32(const weft_packet *packet, size_t offset, uint32_t *out);

/* Write a little-endian number at `at`, which has room for it. */
void weft_put_u16(uint8_t *at, uint16_t value);
void weft_put_u32(uint8_t *at, uint32_t value);

#ifdef __cplusplus
}
#endif

#endif
