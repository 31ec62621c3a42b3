/* host/transport/transport.h over packets; the contract is in transport_link.h.
 *
 * A request is sent, and sent again with the same sequence number, until its answer comes; the
 * device executes it once.  After silence the zeros that complete any half-received frame go first.
 * DONE may be lost like anything else, so a wait that saw none asks the STATUS register. */
#include "transport_link.h"

#include <stdlib.h>
#include <string.h>

#include "packet.h"

enum {
    ATTEMPTS = 16,
    FRAMES_PER_ANSWER = 256, /* frames looked at before an attempt counts as unanswered */
    IN_BYTES = 2048,
    REPLY_HEADER_BYTES = 4
};

typedef struct transport_link {
    weft_transport base;
    weft_pipe pipe;
    weft_packet_decoder decoder;
    weft_link_quality quality;
    uint8_t sequence;
    int ask_status; /* a DONE may have been missed */
    int done_seen;
    weft_done done;
    const uint8_t *at; /* bytes received and not yet decoded */
    size_t left;
    uint8_t in[IN_BYTES];
    uint8_t frame[WEFT_FRAME_MAX_BYTES];
} transport_link;

static transport_link *self(weft_transport *t)
{
    return (transport_link *)(void *)t;
}

static void take_done(transport_link *l, const weft_packet *p)
{
    weft_done done;
    if (weft_packet_u32(p, 0, &done.status) && weft_packet_u32(p, 4, &done.err_index) &&
        weft_packet_u32(p, 8, &done.cycles)) {
        l->done = done;
        l->done_seen = 1;
    }
}

/* The next frame of any kind, DONE noted on the way.  WEFT_ERR_TIMEOUT: none came. */
static int next_frame(transport_link *l, uint32_t timeout_ms, weft_packet *p, weft_error *err)
{
    while (!weft_packet_next(&l->decoder, &l->at, &l->left, p)) {
        size_t got = 0;
        int rc = l->pipe.recv(l->pipe.context, l->in, sizeof l->in, timeout_ms, &got, err);
        if (rc != WEFT_OK)
            return rc;
        if (!got)
            return WEFT_ERR_TIMEOUT;
        l->at = l->in;
        l->left = got;
    }
    if (p->status != WEFT_PKTST_OK) {
        l->quality.damaged++;
        l->ask_status = 1;
    } else if (p->type == WEFT_PKT_DONE) {
        take_done(l, p);
    }
    return WEFT_OK;
}

/* Wait for the answer to the request in l->frame.
 * WEFT_OK; WEFT_ERR_TIMEOUT: silence; WEFT_ERR_LINK: ask again at once; else the pipe's. */
static int await_answer(transport_link *l, uint8_t type, weft_packet *answer, weft_error *err)
{
    for (unsigned i = 0; i < FRAMES_PER_ANSWER; i++) {
        int rc = next_frame(l, l->pipe.answer_timeout_ms, answer, err);
        if (rc != WEFT_OK)
            return rc;
        if (answer->status != WEFT_PKTST_OK)
            return WEFT_ERR_LINK;
        if (answer->type == WEFT_PKT_NAK) {
            l->quality.naks++;
            return WEFT_ERR_LINK;
        }
        if (answer->type == (uint8_t)(type + WEFT_PKT_REPLY) && answer->sequence == l->sequence &&
            answer->payload_bytes >= REPLY_HEADER_BYTES)
            return WEFT_OK;
    }
    return WEFT_ERR_LINK;
}

static int refusal(const weft_packet *answer, weft_error *err)
{
    switch (answer->payload[0]) {
    case WEFT_PKTST_OK: return WEFT_OK;
    case WEFT_PKTST_ADDRESS:
        return weft_error_set(err, WEFT_ERR_CAPACITY,
                              "the device refused an address outside its memory or not aligned");
    case WEFT_PKTST_BUSY: return weft_error_set(err, WEFT_ERR_BUSY, "a program runs on the device");
    case WEFT_PKTST_REGISTER:
        return weft_error_set(err, WEFT_ERR_ARG,
                              "the device has no such register, or it cannot be written");
    case WEFT_PKTST_BUS:
        return weft_error_set(err, WEFT_ERR_DEVICE,
                              "the memory of the device answered with an error");
    default:
        return weft_error_set(err, WEFT_ERR_VERSION,
                              "the device does not understand a packet (type 0x%02x, answer %u): "
                              "host and device are of different versions",
                              (unsigned)answer->type, (unsigned)answer->payload[0]);
    }
}

static int send_flush(transport_link *l, weft_error *err)
{
    static const uint8_t zeros[WEFT_FRAME_FLUSH_BYTES];
    return l->pipe.send(l->pipe.context, zeros, sizeof zeros, err);
}

/* Send l->frame until it is answered; the answer lies in the decoder until the next call. */
static int exchange(transport_link *l, uint8_t type, size_t frame_bytes, weft_packet *answer,
                    weft_error *err)
{
    unsigned silent = 0;
    l->quality.requests++;
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        int rc = l->pipe.send(l->pipe.context, l->frame, frame_bytes, err);
        if (rc == WEFT_OK)
            rc = await_answer(l, type, answer, err);
        if (rc == WEFT_OK)
            return refusal(answer, err);
        if (rc != WEFT_ERR_TIMEOUT && rc != WEFT_ERR_LINK)
            return rc;
        l->quality.repeated++;
        l->ask_status = 1;
        if (rc == WEFT_ERR_TIMEOUT) {
            silent++;
            l->quality.timeouts++;
            weft_packet_restart(&l->decoder); /* what was half received will not be completed */
        }
        /* Bytes that look like a frame inside a damaged one would meet every repetition alike. */
        if (i > 0 || rc == WEFT_ERR_TIMEOUT)
            rc = send_flush(l, err);
        if (rc != WEFT_OK && rc != WEFT_ERR_LINK)
            return rc;
    }
    if (silent == ATTEMPTS)
        return weft_error_set(err, WEFT_ERR_NO_DEVICE, "the device does not answer");
    return weft_error_set(err, WEFT_ERR_LINK,
                          "the link is too bad: %u repetitions of one request were not enough",
                          (unsigned)ATTEMPTS);
}

/* Build and exchange one request; the payload may lie in the frame already. */
static int request(transport_link *l, uint8_t type, const uint8_t *payload, size_t payload_bytes,
                   weft_packet *answer, weft_error *err)
{
    l->sequence = (uint8_t)(l->sequence == 255 ? 1 : l->sequence + 1);
    const weft_packet p = {
        .type = type, .sequence = l->sequence, .payload = payload, .payload_bytes = payload_bytes
    };
    size_t frame_bytes;
    int rc = weft_packet_build(&p, l->frame, sizeof l->frame, &frame_bytes);
    if (rc != WEFT_OK)
        return weft_error_set(err, rc, "a request is too long for a packet");
    return exchange(l, type, frame_bytes, answer, err);
}

static int link_reg_read(weft_transport *base, uint32_t offset, uint32_t *value, weft_error *err)
{
    uint8_t payload[4] = { 0 };
    weft_packet answer;
    weft_put_u16(payload, (uint16_t)offset);
    int rc = request(self(base), WEFT_PKT_REG_READ, payload, sizeof payload, &answer, err);
    if (rc == WEFT_OK && !weft_packet_u32(&answer, REPLY_HEADER_BYTES, value))
        rc = weft_error_set(err, WEFT_ERR_VERSION, "the device answers a register read too short");
    return rc;
}

static int link_reg_write(weft_transport *base, uint32_t offset, uint32_t value, weft_error *err)
{
    uint8_t payload[8] = { 0 };
    weft_packet answer;
    weft_put_u16(payload, (uint16_t)offset);
    weft_put_u32(payload + 4, value);
    return request(self(base), WEFT_PKT_REG_WRITE, payload, sizeof payload, &answer, err);
}

static size_t piece(size_t left)
{
    return left < WEFT_PKT_MAX_DATA ? left : WEFT_PKT_MAX_DATA;
}

static int link_mem_read(weft_transport *base, uint32_t address, void *to, size_t bytes,
                         weft_error *err)
{
    uint8_t *at = to;
    for (size_t n; bytes; bytes -= n, at += n, address += (uint32_t)n) {
        uint8_t payload[8];
        weft_packet answer;
        n = piece(bytes);
        weft_put_u32(payload, address);
        weft_put_u32(payload + 4, (uint32_t)n);
        int rc = request(self(base), WEFT_PKT_MEM_READ, payload, sizeof payload, &answer, err);
        if (rc != WEFT_OK)
            return rc;
        if (answer.payload_bytes != REPLY_HEADER_BYTES + n)
            return weft_error_set(err, WEFT_ERR_VERSION,
                                  "the device answers a memory read with another length");
        memcpy(at, answer.payload + REPLY_HEADER_BYTES, n);
    }
    return WEFT_OK;
}

static int link_mem_write(weft_transport *base, uint32_t address, const void *from, size_t bytes,
                          weft_error *err)
{
    transport_link *l = self(base);
    const uint8_t *at = from;
    for (size_t n; bytes; bytes -= n, at += n, address += (uint32_t)n) {
        uint8_t *payload = l->frame + WEFT_PKT_HEADER_BYTES;
        weft_packet answer;
        n = piece(bytes);
        weft_put_u32(payload, address);
        weft_put_u32(payload + 4, (uint32_t)n);
        memcpy(payload + 8, at, n);
        int rc = request(l, WEFT_PKT_MEM_WRITE, payload, n + 8, &answer, err);
        if (rc != WEFT_OK)
            return rc;
    }
    return WEFT_OK;
}

static int link_start(weft_transport *base, const weft_start *s, weft_error *err)
{
    transport_link *l = self(base);
    uint8_t payload[16];
    weft_packet answer;
    weft_put_u32(payload, s->prog_addr);
    weft_put_u32(payload + 4, s->prog_count);
    weft_put_u32(payload + 8, s->win_base);
    weft_put_u32(payload + 12, s->win_limit);
    l->ask_status = 0;
    int rc = request(l, WEFT_PKT_START, payload, sizeof payload, &answer, err);
    l->done_seen = 0; /* what came before the answer is of an earlier run, or found by asking */
    return rc;
}

/* Ask the registers how the run stands.  WEFT_ERR_TIMEOUT: still running. */
static int ask_done(transport_link *l, weft_done *out, weft_error *err)
{
    weft_done done = { 0 };
    int rc = link_reg_read(&l->base, WEFT_REG_STATUS, &done.status, err);
    if (rc != WEFT_OK)
        return rc;
    if (done.status & WEFT_STATUS_BUSY)
        return weft_error_set(err, WEFT_ERR_TIMEOUT, "the program still runs");
    if (!(done.status & WEFT_STATUS_DONE))
        return weft_error_set(err, WEFT_ERR_DEVICE,
                              "the device forgot its run: it was reset by someone else");
    rc = link_reg_read(&l->base, WEFT_REG_ERR_INDEX, &done.err_index, err);
    if (rc == WEFT_OK)
        rc = link_reg_read(&l->base, WEFT_REG_CYCLES, &done.cycles, err);
    if (rc == WEFT_OK)
        *out = done;
    return rc;
}

static int link_wait_done(weft_transport *base, uint32_t timeout_ms, weft_done *out,
                          weft_error *err)
{
    transport_link *l = self(base);
    int rc = WEFT_OK;
    for (unsigned i = 0; i < FRAMES_PER_ANSWER && rc == WEFT_OK && !l->done_seen && !l->ask_status;
         i++) {
        weft_packet p;
        rc = next_frame(l, timeout_ms, &p, err);
    }
    if (rc != WEFT_OK && rc != WEFT_ERR_TIMEOUT)
        return rc;
    if (l->done_seen) {
        l->done_seen = 0;
        *out = l->done;
        return WEFT_OK;
    }
    l->ask_status = 0;
    return ask_done(l, out, err);
}

static int link_reset(weft_transport *base, weft_error *err)
{
    transport_link *l = self(base);
    weft_packet answer;
    weft_packet_restart(&l->decoder);
    int rc = send_flush(l, err);
    if (rc == WEFT_OK)
        rc = request(l, WEFT_PKT_RESET, NULL, 0, &answer, err);
    l->done_seen = l->ask_status = 0;
    return rc;
}

static int link_close(weft_transport *base)
{
    free(self(base));
    return WEFT_OK;
}

static const weft_transport_ops link_ops = {
    .scheme = "link",
    .close = link_close,
    .mem_read = link_mem_read,
    .mem_write = link_mem_write,
    .reg_read = link_reg_read,
    .reg_write = link_reg_write,
    .start = link_start,
    .wait_done = link_wait_done,
    .reset = link_reset,
};

int weft_transport_link_open(const weft_pipe *pipe, weft_transport **out, weft_error *err)
{
    transport_link *l = calloc(1, sizeof *l);
    if (!l)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a link");
    l->base.ops = &link_ops;
    l->pipe = *pipe;
    int rc = link_reset(&l->base, err);
    if (rc != WEFT_OK)
        free(l);
    else
        *out = &l->base;
    return rc;
}

weft_link_quality weft_transport_link_quality(const weft_transport *t)
{
    return ((const transport_link *)(const void *)t)->quality;
}
