/* Frames of the link: building, CRC and the incremental decoder of packet.h.
 *
 * The decoder goes byte by byte through magic, header and CRC, and copies payloads in the largest
 * pieces that came in. */
#include "packet.h"

#include <string.h>

#include <weft/weft_status.h>

enum { HUNT, MAGIC, HEADER, PAYLOAD, CHECK };
enum { TYPE_AT = 2, FLAGS_AT = 3, SESSION_AT = 4, LENGTH_AT = 6, SEQUENCE_AT = 8 };

uint32_t weft_crc32(uint32_t crc, const uint8_t *data, size_t bytes)
{
    /* Remainders of the sixteen values of four bits, polynomial 0xedb88320. */
    static const uint32_t nibble[16] = { 0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                         0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                         0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                         0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c };
    crc = ~crc;
    for (size_t i = 0; i < bytes; i++) {
        crc ^= data[i];
        crc = (crc >> 4) ^ nibble[crc & 15];
        crc = (crc >> 4) ^ nibble[crc & 15];
    }
    return ~crc;
}

void weft_put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

void weft_put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static uint16_t get_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t get_u32(const uint8_t *at)
{
    return get_u16(at) | (uint32_t)get_u16(at + 2) << 16;
}

static bool lies_inside(const weft_packet *packet, size_t offset, size_t bytes)
{
    return offset <= packet->payload_bytes && packet->payload_bytes - offset >= bytes;
}

bool weft_packet_u16(const weft_packet *packet, size_t offset, uint16_t *out)
{
    if (!lies_inside(packet, offset, 2))
        return false;
    *out = get_u16(packet->payload + offset);
    return true;
}

bool weft_packet_u32(const weft_packet *packet, size_t offset, uint32_t *out)
{
    if (!lies_inside(packet, offset, 4))
        return false;
    *out = get_u32(packet->payload + offset);
    return true;
}

int weft_packet_build(const weft_packet *packet, uint8_t *frame, size_t frame_room,
                      size_t *frame_bytes)
{
    const size_t bytes = packet->payload_bytes;
    if (bytes > WEFT_PKT_MAX_PAYLOAD || bytes % 4 || frame_room < bytes + WEFT_FRAME_OVERHEAD_BYTES)
        return WEFT_ERR_ARG;
    uint8_t *payload = frame + WEFT_PKT_HEADER_BYTES;
    if (bytes && packet->payload != payload)
        memmove(payload, packet->payload, bytes);
    frame[0] = WEFT_PKT_MAGIC0;
    frame[1] = WEFT_PKT_MAGIC1;
    frame[TYPE_AT] = packet->type;
    frame[FLAGS_AT] = packet->flags;
    weft_put_u16(frame + SESSION_AT, packet->session);
    weft_put_u16(frame + LENGTH_AT, (uint16_t)bytes);
    weft_put_u32(frame + SEQUENCE_AT, packet->sequence);
    weft_put_u32(payload + bytes, weft_crc32(0, frame, WEFT_PKT_HEADER_BYTES + bytes));
    *frame_bytes = bytes + WEFT_FRAME_OVERHEAD_BYTES;
    return WEFT_OK;
}

void weft_packet_restart(weft_packet_decoder *decoder)
{
    decoder->state = HUNT;
}

static void enter(weft_packet_decoder *d, unsigned state)
{
    d->state = state;
    d->fill = 0;
}

/* Outside a frame: look for the two bytes of magic. */
static void hunt(weft_packet_decoder *d, uint8_t byte)
{
    if (d->state == MAGIC && byte == WEFT_PKT_MAGIC1) {
        d->garbage_bytes--; /* the first byte of magic, counted when it came */
        d->state = HEADER;
        d->header[0] = WEFT_PKT_MAGIC0;
        d->header[1] = WEFT_PKT_MAGIC1;
        d->fill = TYPE_AT;
        return;
    }
    d->garbage_bytes++;
    d->state = byte == WEFT_PKT_MAGIC0 ? MAGIC : HUNT;
}

/* A frame has ended, well or not: describe it and go hunting. */
static bool finish(weft_packet_decoder *d, weft_packet *packet, uint8_t status)
{
    const bool good = status == WEFT_PKTST_OK;
    *packet = (weft_packet){ .type = d->header[TYPE_AT],
                             .flags = d->header[FLAGS_AT],
                             .session = get_u16(d->header + SESSION_AT),
                             .sequence = get_u32(d->header + SEQUENCE_AT),
                             .status = status,
                             .payload = d->payload,
                             .payload_bytes = good ? d->payload_bytes : 0 };
    d->frames += good;
    d->damaged += !good;
    enter(d, HUNT);
    return true;
}

static bool take_header(weft_packet_decoder *d, uint8_t byte, weft_packet *packet)
{
    d->header[d->fill++] = byte;
    if (d->fill < WEFT_PKT_HEADER_BYTES)
        return false;
    d->payload_bytes = get_u16(d->header + LENGTH_AT);
    const size_t longest = d->longest_payload ? d->longest_payload : WEFT_PKT_MAX_PAYLOAD;
    if (d->payload_bytes > longest || d->payload_bytes % 4)
        return finish(d, packet, WEFT_PKTST_LENGTH);
    enter(d, d->payload_bytes ? PAYLOAD : CHECK);
    return false;
}

static size_t take_payload(weft_packet_decoder *d, const uint8_t *at, size_t left)
{
    const size_t missing = d->payload_bytes - d->fill;
    const size_t taken = left < missing ? left : missing;
    memcpy(d->payload + d->fill, at, taken);
    d->fill += taken;
    if (d->fill == d->payload_bytes)
        enter(d, CHECK);
    return taken;
}

static bool take_check(weft_packet_decoder *d, uint8_t byte, weft_packet *packet)
{
    d->check[d->fill++] = byte;
    if (d->fill < WEFT_PKT_CRC_BYTES)
        return false;
    uint32_t crc = weft_crc32(0, d->header, WEFT_PKT_HEADER_BYTES);
    crc = weft_crc32(crc, d->payload, d->payload_bytes);
    return finish(d, packet, crc == get_u32(d->check) ? WEFT_PKTST_OK : WEFT_PKTST_CRC);
}

bool weft_packet_next(weft_packet_decoder *decoder, const uint8_t **at, size_t *left,
                      weft_packet *packet)
{
    while (*left) {
        size_t taken = 1;
        bool ended = false;
        switch (decoder->state) {
        case HEADER: ended = take_header(decoder, **at, packet); break;
        case PAYLOAD: taken = take_payload(decoder, *at, *left); break;
        case CHECK: ended = take_check(decoder, **at, packet); break;
        default: hunt(decoder, **at); break;
        }
        *at += taken;
        *left -= taken;
        if (ended)
            return true;
    }
    return false;
}
