/* A device at packet level behind a bad wire, for tests of the host's link.
 *
 * It keeps the rules of rtl/isa/README.md, section Packets, written down here once more. */
#ifndef WEFT_TESTS_FAKE_DEVICE_H
#define WEFT_TESTS_FAKE_DEVICE_H

#include <string.h>

#include "bad_wire.h"
#include "host/transport/packet.h"
#include "host/transport/transport_link.h"

enum {
    FAKE_MEM_BYTES = 1 << 16,
    FAKE_SAID_BYTES = 1 << 17, /* what it says it has */
    FAKE_OUT_BYTES = 1 << 19,
    FAKE_DATA = 512,
    FAKE_WINDOW = 12,
    FAKE_SCRATCH = WEFT_REG_HEARTBEAT,
    FAKE_TIMEOUT_US = 1000
};

typedef struct fake_device {
    weft_wire base;
    bad_wire up, down; /* to the device and from it */
    int dead;          /* swallows everything */
    int mute;          /* executes, but what it says is kept back */
    int gone;          /* the wire fails with WEFT_ERR_NO_DEVICE */
    int keep_busy;     /* a started program never ends */
    int forgetful;     /* a started program leaves no trace in STATUS */
    int lose_done;     /* DONE never arrives */
    uint8_t refuse;    /* every register read is refused with this, if not 0 */
    uint32_t slow_us;  /* it is busy for so long with whatever comes, and says nothing */
    int full;          /* the last send was cut short */
    unsigned closed;
    uint64_t clock_us, says_at_us;
    weft_packet_decoder decoder;
    uint16_t session;
    uint32_t last;
    uint8_t refused; /* 0, or the status of `last`: nothing is executed */
    int reported;
    uint8_t round;
    uint8_t mem[FAKE_MEM_BYTES];
    uint32_t scratch, status, starts, run_number, requests;
    uint8_t out[FAKE_OUT_BYTES];
    size_t out_head, out_tail;
    uint8_t answer[WEFT_PKT_MAX_PAYLOAD];
} fake_device;

static inline void fake_arrive(void *to, const uint8_t *bytes, size_t count)
{
    fake_device *d = to;
    if (d->out_tail + count > FAKE_OUT_BYTES)
        return;
    memcpy(d->out + d->out_tail, bytes, count);
    d->out_tail += count;
}

/* The answer lies in d->answer but for its first word, the status. */
static inline void fake_emit(fake_device *d, const weft_packet *to, uint8_t type, uint32_t number,
                             uint32_t status, size_t bytes)
{
    uint8_t frame[WEFT_FRAME_MAX_BYTES];
    size_t n = 0;
    weft_put_u32(d->answer, status);
    const weft_packet p = { .type = type,
                            .flags = to->flags,
                            .session = d->session,
                            .sequence = number,
                            .payload = d->answer,
                            .payload_bytes = bytes };
    weft_packet_build(&p, frame, sizeof frame, &n);
    bad_send(&d->down, frame, n);
}

static inline void fake_done(fake_device *d)
{
    const weft_packet none = { 0 };
    weft_put_u32(d->answer + 4, 0);
    weft_put_u32(d->answer + 8, 1000 + d->starts);
    if (!d->lose_done)
        fake_emit(d, &none, WEFT_PKT_DONE, d->run_number, d->status, 12);
}

static inline uint8_t fake_registers(fake_device *d, const weft_packet *p, size_t *n)
{
    uint16_t offset = 0;
    uint32_t value = 0;
    weft_packet_u16(p, 0, &offset);
    if (p->type == WEFT_PKT_REG_WRITE) {
        if (offset != FAKE_SCRATCH)
            return WEFT_PKTST_REGISTER;
        weft_packet_u32(p, 4, &d->scratch);
        return WEFT_PKTST_OK;
    }
    if (d->refuse)
        return d->refuse;
    switch (offset) {
    case FAKE_SCRATCH: value = d->scratch; break;
    case WEFT_REG_STATUS: value = d->status; break;
    case WEFT_REG_ERR_INDEX: break;
    case WEFT_REG_CYCLES: value = 1000 + d->starts; break;
    case WEFT_REG_INFO_MEM_SIZE: value = FAKE_SAID_BYTES; break;
    case WEFT_REG_INFO_LINK_DATA: value = FAKE_DATA; break;
    case WEFT_REG_INFO_LINK_WINDOW: value = FAKE_WINDOW; break;
    default: return WEFT_PKTST_REGISTER;
    }
    weft_put_u32(d->answer + 4, value);
    *n = 8;
    return WEFT_PKTST_OK;
}

static inline uint8_t fake_memory(fake_device *d, const weft_packet *p, size_t *n)
{
    uint32_t address = 0, bytes = 0;
    weft_packet_u32(p, 0, &address);
    weft_packet_u32(p, 4, &bytes);
    if (bytes > FAKE_DATA || address > FAKE_MEM_BYTES || bytes > FAKE_MEM_BYTES - address)
        return WEFT_PKTST_ADDRESS;
    if (p->type == WEFT_PKT_MEM_READ) {
        memcpy(d->answer + 4, d->mem + address, bytes);
        *n = 4 + bytes;
    } else {
        memcpy(d->mem + address, p->payload + 8, bytes);
    }
    return WEFT_PKTST_OK;
}

static inline uint8_t fake_execute(fake_device *d, const weft_packet *p, size_t *n)
{
    switch (p->type) {
    case WEFT_PKT_RESET: d->status = d->scratch = 0; return WEFT_PKTST_OK;
    case WEFT_PKT_REG_READ:
    case WEFT_PKT_REG_WRITE: return fake_registers(d, p, n);
    case WEFT_PKT_MEM_READ:
    case WEFT_PKT_MEM_WRITE: return fake_memory(d, p, n);
    case WEFT_PKT_START:
        if (d->status & WEFT_STATUS_BUSY)
            return WEFT_PKTST_BUSY;
        d->starts++;
        d->run_number = p->sequence;
        d->status = d->keep_busy ? WEFT_STATUS_BUSY : d->forgetful ? 0 : WEFT_STATUS_DONE;
        return WEFT_PKTST_OK;
    default: return WEFT_PKTST_TYPE;
    }
}

static inline void fake_perform(fake_device *d, const weft_packet *p, int again)
{
    size_t n = 4;
    const uint8_t status = fake_execute(d, p, &n);
    d->requests++;
    if (!again) {
        d->last = p->sequence;
        d->reported = 0;
        d->refused = status;
        if (status != WEFT_PKTST_OK) {
            fake_emit(d, p, WEFT_PKT_REFUSED, d->last, status, 4);
            return;
        }
    }
    if (!(p->flags & WEFT_PKT_QUIET) || p->type != WEFT_PKT_MEM_WRITE)
        fake_emit(d, p, (uint8_t)(p->type + WEFT_PKT_REPLY), p->sequence, status, n);
    if (p->type == WEFT_PKT_START && d->status & WEFT_STATUS_DONE)
        fake_done(d);
}

static inline void fake_ask(fake_device *d, const weft_packet *p, uint8_t status)
{
    const uint8_t round = p->flags >> WEFT_PKT_ROUND_LSB;
    if (d->refused) {
        fake_emit(d, p, WEFT_PKT_REFUSED, d->last, d->refused, 4);
    } else if (d->session && !(d->reported && d->round == round)) {
        d->reported = 1;
        d->round = round;
        fake_emit(d, p, WEFT_PKT_NAK, d->last, status, 4);
    }
}

static inline void fake_open(fake_device *d, const weft_packet *p)
{
    uint32_t session = 0;
    weft_packet_u32(p, 0, &session);
    if (p->session != d->session || session == d->session || session == 0)
        return;
    d->session = (uint16_t)session;
    d->last = p->sequence;
    d->refused = 0;
    d->reported = 0;
    fake_emit(d, p, WEFT_PKT_OPEN + WEFT_PKT_REPLY, d->last, WEFT_PKTST_OK, 4);
}

static inline void fake_request(fake_device *d, const weft_packet *p)
{
    const int32_t ahead = (int32_t)(p->sequence - d->last);
    const int is_read = p->type == WEFT_PKT_REG_READ || p->type == WEFT_PKT_MEM_READ;
    const int fresh = p->flags & WEFT_PKT_FRESH;
    if (p->type == WEFT_PKT_HELLO) {
        uint32_t nonce = 0;
        weft_packet_u32(p, 0, &nonce);
        weft_put_u32(d->answer + 4, nonce);
        weft_put_u32(d->answer + 8, d->session);
        fake_emit(d, p, WEFT_PKT_HELLO + WEFT_PKT_REPLY, p->sequence, WEFT_PKTST_OK, 12);
    } else if (p->type == WEFT_PKT_OPEN) {
        fake_open(d, p);
    } else if (p->type >= WEFT_PKT_REPLY || !d->session || p->session != d->session) {
        return;
    } else if (ahead <= 0 && is_read && !(ahead == 0 && d->refused)) {
        fake_perform(d, p, 1);
    } else if (d->refused && (ahead <= 0 || !fresh)) {
        fake_emit(d, p, WEFT_PKT_REFUSED, d->last, d->refused, 4);
    } else if (ahead <= 0) {
        fake_emit(d, p, (uint8_t)(p->type + WEFT_PKT_REPLY), d->last, WEFT_PKTST_OK, 4);
    } else if (ahead == 1 || fresh) {
        fake_perform(d, p, 0);
    } else {
        fake_ask(d, p, WEFT_PKTST_GAP);
    }
}

static inline void fake_take(void *to, const uint8_t *bytes, size_t count)
{
    fake_device *d = to;
    weft_packet p;
    while (!d->dead && weft_packet_next(&d->decoder, &bytes, &count, &p)) {
        if (p.status == WEFT_PKTST_OK)
            fake_request(d, &p);
        else
            fake_ask(d, &p, p.status);
    }
}

/* --- as a wire ---------------------------------------------------------------------------------- */

static inline int fake_send(weft_wire *w, const uint8_t *bytes, size_t count, size_t *taken,
                            weft_error *err)
{
    fake_device *d = (fake_device *)(void *)w;
    if (d->gone)
        return weft_error_set(err, WEFT_ERR_NO_DEVICE, "the device was unplugged");
    /* Sometimes not all at once. */
    *taken = rng_u32(&d->up.r) % 4 ? count : rng_u32(&d->up.r) % (count + 1);
    d->full = *taken < count;
    d->says_at_us = d->clock_us + d->slow_us;
    bad_send(&d->up, bytes, *taken);
    return WEFT_OK;
}

static inline int fake_receive(weft_wire *w, uint8_t *bytes, size_t room, uint32_t timeout_us,
                               size_t *got, weft_error *err)
{
    fake_device *d = (fake_device *)(void *)w;
    if (d->gone)
        return weft_error_set(err, WEFT_ERR_NO_DEVICE, "the device was unplugged");
    const int says = !d->mute && d->clock_us >= d->says_at_us;
    const size_t have = says ? d->out_tail - d->out_head : 0;
    size_t n = have < room ? have : room;
    n = n > 1 ? 1 + rng_u32(&d->up.r) % n : n;
    memcpy(bytes, d->out + d->out_head, n);
    d->out_head += n;
    if (d->out_head == d->out_tail)
        d->out_head = d->out_tail = 0;
    /* Nothing has come: time goes by, but not much if there is room to send again. */
    d->clock_us += n || d->full ? 1 : timeout_us + 1;
    d->full = 0;
    *got = n;
    return WEFT_OK;
}

static inline uint64_t fake_now(weft_wire *w)
{
    return ((fake_device *)(void *)w)->clock_us;
}

static inline void fake_close(weft_wire *w)
{
    ((fake_device *)(void *)w)->closed++;
}

static inline void fake_init(fake_device *d, uint64_t seed)
{
    static const weft_wire_ops ops = {
        .send = fake_send, .receive = fake_receive, .now_us = fake_now, .close = fake_close
    };
    d->base = (weft_wire){ .ops = &ops,
                           .receive_block_bytes = 512,
                           .answer_timeout_us = FAKE_TIMEOUT_US };
    d->up.r = rng_make(seed);
    d->down.r = rng_make(seed + 1);
    d->up.to = d->down.to = d;
    d->up.deliver = fake_take;
    d->down.deliver = fake_arrive;
}

#endif
