/* A device at packet level behind a bad wire, for tests of the host's link.
 *
 * It keeps the rules of rtl/isa/README.md, section Packets: requests are executed once per sequence
 * number, damaged frames are answered with NAK.  The wire loses bytes, flips bits, and repeats or
 * loses whole answers, each with its chance in 1/65536 per byte or frame. */
#ifndef WEFT_TESTS_FAKE_DEVICE_H
#define WEFT_TESTS_FAKE_DEVICE_H

#include <string.h>

#include "host/transport/packet.h"
#include "host/transport/transport_link.h"
#include "tests/rng.h"

enum { FAKE_MEM_BYTES = 1 << 16, FAKE_OUT_BYTES = 1 << 16, FAKE_SCRATCH = WEFT_REG_HEARTBEAT };

typedef struct fake_device {
    rng r;
    uint32_t lose_byte, flip_bit, repeat_frame, lose_frame; /* chances */
    int dead;                                               /* swallows everything */
    int keep_busy;                                          /* a started program never ends */
    int forgetful;  /* a started program leaves no trace in STATUS */
    int lose_done;  /* DONE never arrives */
    uint8_t refuse; /* status of every answer but those to RESET, if not 0 */
    weft_packet_decoder decoder;
    uint8_t last_type, last_sequence;
    uint8_t mem[FAKE_MEM_BYTES];
    uint32_t scratch, status, starts;
    uint8_t out[FAKE_OUT_BYTES];
    size_t out_head, out_tail;
    uint8_t answer[WEFT_PKT_MAX_PAYLOAD];
    uint64_t faults;
} fake_device;

static inline int fake_chance(fake_device *d, uint32_t chance)
{
    const int hit = chance && (rng_u32(&d->r) & 0xffff) < chance;
    d->faults += (unsigned)hit;
    return hit;
}

/* One byte over the wire; returns 0 if it is lost. */
static inline int fake_wire(fake_device *d, uint8_t *byte)
{
    if (fake_chance(d, d->flip_bit))
        *byte ^= (uint8_t)(1u << rng_u32(&d->r) % 8);
    return !fake_chance(d, d->lose_byte);
}

static inline void fake_emit(fake_device *d, uint8_t type, uint8_t sequence, size_t bytes)
{
    uint8_t frame[WEFT_FRAME_MAX_BYTES];
    size_t n = 0;
    const weft_packet p = {
        .type = type, .sequence = sequence, .payload = d->answer, .payload_bytes = bytes
    };
    weft_packet_build(&p, frame, sizeof frame, &n);
    if (fake_chance(d, d->lose_frame))
        return;
    for (unsigned copies = 1 + (unsigned)fake_chance(d, d->repeat_frame); copies; copies--)
        for (size_t i = 0; i < n; i++) {
            uint8_t byte = frame[i];
            if (fake_wire(d, &byte) && d->out_tail < FAKE_OUT_BYTES)
                d->out[d->out_tail++] = byte;
        }
}

static inline void fake_emit_done(fake_device *d)
{
    weft_put_u32(d->answer, d->status);
    weft_put_u32(d->answer + 4, 0);
    weft_put_u32(d->answer + 8, 1000 + d->starts);
    if (!d->lose_done)
        fake_emit(d, WEFT_PKT_DONE, 0, 12);
}

static inline uint8_t fake_registers(fake_device *d, const weft_packet *p, int execute, size_t *n)
{
    uint16_t offset = 0;
    weft_packet_u16(p, 0, &offset);
    if (p->type == WEFT_PKT_REG_WRITE) {
        if (offset != FAKE_SCRATCH)
            return WEFT_PKTST_REGISTER;
        if (execute)
            weft_packet_u32(p, 4, &d->scratch);
        return WEFT_PKTST_OK;
    }
    *n = 8;
    switch (offset) {
    case FAKE_SCRATCH: weft_put_u32(d->answer + 4, d->scratch); break;
    case WEFT_REG_STATUS: weft_put_u32(d->answer + 4, d->status); break;
    case WEFT_REG_ERR_INDEX: weft_put_u32(d->answer + 4, 0); break;
    case WEFT_REG_CYCLES: weft_put_u32(d->answer + 4, 1000 + d->starts); break;
    default: *n = 4; return WEFT_PKTST_REGISTER;
    }
    return WEFT_PKTST_OK;
}

static inline uint8_t fake_memory(fake_device *d, const weft_packet *p, int execute, size_t *n)
{
    uint32_t address = 0, bytes = 0;
    weft_packet_u32(p, 0, &address);
    weft_packet_u32(p, 4, &bytes);
    if (bytes > WEFT_PKT_MAX_DATA || address > FAKE_MEM_BYTES || bytes > FAKE_MEM_BYTES - address)
        return WEFT_PKTST_ADDRESS;
    if (p->type == WEFT_PKT_MEM_READ) {
        memcpy(d->answer + 4, d->mem + address, bytes);
        *n = 4 + bytes;
    } else if (execute) {
        memcpy(d->mem + address, p->payload + 8, bytes);
    }
    return WEFT_PKTST_OK;
}

static inline void fake_request(fake_device *d, const weft_packet *p)
{
    size_t n = 4;
    uint8_t st = WEFT_PKTST_OK;
    const int execute = p->type != d->last_type || p->sequence != d->last_sequence;
    memset(d->answer, 0, 4);
    switch (p->type) {
    case WEFT_PKT_RESET: d->status = d->scratch = 0; break;
    case WEFT_PKT_REG_READ:
    case WEFT_PKT_REG_WRITE: st = fake_registers(d, p, execute, &n); break;
    case WEFT_PKT_MEM_READ:
    case WEFT_PKT_MEM_WRITE: st = fake_memory(d, p, execute, &n); break;
    case WEFT_PKT_START:
        if (execute) {
            d->starts++;
            d->status = d->keep_busy ? WEFT_STATUS_BUSY : d->forgetful ? 0 : WEFT_STATUS_DONE;
        }
        break;
    default: st = WEFT_PKTST_TYPE;
    }
    if (d->refuse && p->type != WEFT_PKT_RESET)
        st = d->refuse;
    d->last_type = p->type;
    d->last_sequence = p->sequence;
    d->answer[0] = st;
    fake_emit(d, (uint8_t)(p->type + WEFT_PKT_REPLY), p->sequence, n);
    if (p->type == WEFT_PKT_START && execute && d->status & WEFT_STATUS_DONE)
        fake_emit_done(d);
}

static inline int fake_send(void *context, const uint8_t *bytes, size_t count, weft_error *err)
{
    fake_device *d = context;
    (void)err;
    for (size_t i = 0; i < count && !d->dead; i++) {
        uint8_t byte = bytes[i];
        if (!fake_wire(d, &byte))
            continue;
        const uint8_t *at = &byte;
        size_t left = 1;
        weft_packet p;
        if (!weft_packet_next(&d->decoder, &at, &left, &p))
            continue;
        if (p.status == WEFT_PKTST_OK) {
            fake_request(d, &p);
        } else {
            memset(d->answer, 0, 4);
            d->answer[0] = p.status;
            fake_emit(d, WEFT_PKT_NAK, p.sequence, 4);
        }
    }
    return WEFT_OK;
}

static inline int fake_recv(void *context, uint8_t *bytes, size_t room, uint32_t timeout_ms,
                            size_t *got, weft_error *err)
{
    fake_device *d = context;
    (void)timeout_ms;
    (void)err;
    const size_t have = d->out_tail - d->out_head;
    size_t n = have < room ? have : room;
    n = n > 1 ? 1 + rng_u32(&d->r) % n : n;
    memcpy(bytes, d->out + d->out_head, n);
    d->out_head += n;
    if (d->out_head == d->out_tail)
        d->out_head = d->out_tail = 0;
    *got = n;
    return WEFT_OK;
}

static inline weft_pipe fake_pipe(fake_device *d)
{
    return (
        weft_pipe){ .context = d, .send = fake_send, .recv = fake_recv, .answer_timeout_ms = 1 };
}

#endif
