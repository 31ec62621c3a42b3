/* host/transport/transport.h over packets; the contract is in transport_link.h.
 *
 * Everything happens in turns: hand the wire what it takes, take what has come, look at the clock.
 * link_window.c knows what to send and what is settled; this file moves the bytes, begins
 * sessions, and gives up when nothing goes forward.
 *
 * DONE may be lost like anything else, so a wait that saw none asks the STATUS register. */
#include "transport_link.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "link_window.h"
#include "packet.h"

enum {
    ATTEMPTS = 16,
    OPENING_WINDOW = 1,
    OPENING_DATA = 256,
    LEAST_DATA = 128,
    MOST_REQUESTS = 4096,
    LEAST_IN_BYTES = 1 << 16,
    LAST_NUMBER = INT32_MAX, /* of a session; another begins behind it */
    US_PER_MS = 1000
};

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

static transport_link *self(weft_transport *t)
{
    return (transport_link *)(void *)t;
}

/* --- frames that have come ---------------------------------------------------------------------- */

static void take_done(transport_link *l, const weft_packet *p)
{
    weft_done done;
    if (p->sequence == l->started && weft_packet_u32(p, 0, &done.status) &&
        weft_packet_u32(p, 4, &done.err_index) && weft_packet_u32(p, 8, &done.cycles)) {
        l->done = done;
        l->done_seen = 1;
    }
}

static void take_greeting(transport_link *l, const weft_packet *p)
{
    enum { NONCE_AT = 4, SESSION_AT = 8 };
    uint32_t nonce, session;
    if (weft_packet_u32(p, NONCE_AT, &nonce) && nonce == l->greeting.nonce &&
        weft_packet_u32(p, SESSION_AT, &session)) {
        l->greeting.device_session = (uint16_t)session;
        l->greeting.said_hello = 1;
    }
}

static void take_frame(transport_link *l, const weft_packet *p)
{
    if (p->status != WEFT_PKTST_OK) {
        l->quality.damaged++;
        l->ask_status = 1;
    } else if (p->type == WEFT_PKT_HELLO + WEFT_PKT_REPLY) {
        take_greeting(l, p);
        l->heard = 1;
    } else if (p->session != l->session) {
        l->quality.foreign++;
    } else {
        l->heard = 1;
        if (p->type == WEFT_PKT_DONE)
            take_done(l, p);
        else if (p->type == WEFT_PKT_OPEN + WEFT_PKT_REPLY)
            l->greeting.opened = 1;
        else
            weft_window_take(l->window, p);
    }
}

/* --- turns -------------------------------------------------------------------------------------- */

/* Give the wire bytes as long as it takes all of them; *went says whether it took any. */
static int send_some(transport_link *l, int *went, weft_error *err)
{
    static const uint8_t zeros[WEFT_FRAME_FLUSH_BYTES];
    for (;;) {
        const int flushing = l->flush_left && (l->out_at == 0 || l->out_at == l->out_bytes);
        if (l->out_at == l->out_bytes && !flushing) {
            l->out_at = 0;
            l->out_bytes = weft_window_frame(l->window, l->out);
            if (!l->out_bytes)
                return WEFT_OK;
        }
        const uint8_t *bytes = flushing ? zeros : l->out + l->out_at;
        const size_t count = flushing ? l->flush_left : l->out_bytes - l->out_at;
        size_t taken = 0;
        int rc = l->wire->ops->send(l->wire, bytes, count, &taken, err);
        if (rc != WEFT_OK)
            return rc;
        *went |= taken != 0;
        if (flushing)
            l->flush_left -= taken;
        else
            l->out_at += taken;
        if (taken < count)
            return WEFT_OK;
    }
}

static int receive_some(transport_link *l, uint32_t timeout_us, weft_error *err)
{
    size_t got = 0;
    int rc = l->wire->ops->receive(l->wire, l->in, l->in_room, timeout_us, &got, err);
    if (rc != WEFT_OK)
        return rc;
    const uint8_t *at = l->in;
    weft_packet p;
    while (weft_packet_next(&l->decoder, &at, &got, &p))
        take_frame(l, &p);
    return WEFT_OK;
}

static uint64_t now(const transport_link *l)
{
    return l->wire->ops->now_us(l->wire);
}

/* Silence: whatever is half received on either side will not be completed, so begin again. */
static void repeat_all(transport_link *l)
{
    l->quality.timeouts++;
    l->ask_status = 1;
    weft_packet_restart(&l->decoder);
    if (!l->flush_left)
        l->flush_left = WEFT_MEM_HEAD_BYTES + l->data_bytes + WEFT_FRAME_OVERHEAD_BYTES;
    weft_window_silence(l->window);
}

static int given_up(const transport_link *l, weft_error *err)
{
    if (!l->heard)
        return weft_error_set(err, WEFT_ERR_NO_DEVICE, "the device does not answer");
    return weft_error_set(err, WEFT_ERR_LINK,
                          "the link is too bad: %u repetitions of one request were not enough",
                          (unsigned)ATTEMPTS);
}

static void begin_waiting(transport_link *l)
{
    l->rounds = weft_window_rounds(l->window);
    l->heard = 0;
    l->quiet_since = now(l);
}

/* How long to wait after so many rounds in vain: a host or a bridge that is busy may be slower than the wire, and
 * what is repeated too early only keeps it busier. */
static uint64_t patience_us(const transport_link *l, uint64_t rounds)
{
    enum { MOST_DOUBLINGS = 4, ENOUGH_US = 400000 };
    const uint64_t least = l->wire->answer_timeout_us;
    const uint64_t more = least << (rounds < MOST_DOUBLINGS ? rounds : MOST_DOUBLINGS);
    const uint64_t most = least < ENOUGH_US ? ENOUGH_US : least;
    return more < most ? more : most;
}

static int idle(const transport_link *l)
{
    return weft_window_settled(l->window) && l->out_at == l->out_bytes && !l->flush_left;
}

static int one_turn(transport_link *l, uint64_t wait_us, weft_error *err)
{
    int sent = 0;
    int rc = send_some(l, &sent, err);
    if (rc != WEFT_OK)
        return rc;
    if (sent)
        l->quiet_since = now(l);
    const uint64_t due = l->quiet_since + patience_us(l, weft_window_rounds(l->window) - l->rounds);
    const uint64_t before = now(l);
    const uint64_t patience = due > before ? due - before : 0;
    rc = receive_some(l, (uint32_t)(wait_us < patience ? wait_us : patience), err);
    if (rc != WEFT_OK)
        return rc;
    if (weft_window_oldest(l->window) != l->oldest || idle(l)) {
        l->oldest = weft_window_oldest(l->window);
        begin_waiting(l);
    } else if (now(l) >= due) {
        l->quiet_since = now(l);
        repeat_all(l);
    }
    return weft_window_rounds(l->window) - l->rounds < ATTEMPTS ? WEFT_OK : given_up(l, err);
}

/* One turn: send, receive for at most wait_us, repeat after a silence.  Gives up after ATTEMPTS rounds
 * without a request settled; then the session is over, and nobody's memory is written any more. */
static int turn(transport_link *l, uint64_t wait_us, weft_error *err)
{
    const int rc = one_turn(l, wait_us, err);
    if (rc != WEFT_OK) {
        l->lost = rc;
        l->session = 0;
        weft_window_begin(l->window, 0);
    }
    return rc;
}

/* --- requests ----------------------------------------------------------------------------------- */

static int refusal(const weft_link_refusal *r, weft_error *err)
{
    switch (r->status) {
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
                              (unsigned)r->type, (unsigned)r->status);
    }
}

static int known_refusal(transport_link *l, weft_error *err)
{
    const weft_link_refusal r = weft_window_refusal(l->window);
    return refusal(&r, err);
}

static int lost(const transport_link *l, weft_error *err)
{
    return l->lost ? weft_error_set(err, l->lost, "the link was lost; it needs a reset") : WEFT_OK;
}

/* Wait until everything outstanding is settled; the first refusal of it, of earlier calls too. */
static int settle_all(transport_link *l, weft_error *err)
{
    begin_waiting(l);
    int rc = lost(l, err);
    while (rc == WEFT_OK && !weft_window_settled(l->window))
        rc = turn(l, l->wire->answer_timeout_us, err);
    return rc == WEFT_OK ? known_refusal(l, err) : rc;
}

/* The same after some requests of a call were put and perhaps one could not be: the first error counts. */
static int settle_rest(transport_link *l, int rc, weft_error *err)
{
    const int settled = l->lost ? l->lost : settle_all(l, rc == WEFT_OK ? err : NULL);
    return rc == WEFT_OK ? settled : rc;
}

/* Wait until the wire has all that was put. */
static int hand_over(transport_link *l, weft_error *err)
{
    begin_waiting(l);
    int rc = turn(l, 0, err);
    while (rc == WEFT_OK && (l->out_at < l->out_bytes || !weft_window_all_sent(l->window)))
        rc = turn(l, l->wire->answer_timeout_us, err);
    return rc == WEFT_OK ? known_refusal(l, err) : rc;
}

static int begin_session(transport_link *l, weft_error *err);

/* Put a request behind the others, when there is room. */
static int put(transport_link *l, const weft_link_request *r, weft_error *err)
{
    int rc = lost(l, err);
    if (rc == WEFT_OK)
        rc = known_refusal(l, err);
    if (rc == WEFT_OK && weft_window_oldest(l->window) >= LAST_NUMBER) {
        rc = settle_all(l, err);
        if (rc == WEFT_OK)
            rc = begin_session(l, err);
    }
    if (!weft_window_room(l->window))
        begin_waiting(l);
    while (rc == WEFT_OK && !weft_window_room(l->window))
        rc = turn(l, l->wire->answer_timeout_us, err);
    if (rc == WEFT_OK)
        rc = known_refusal(l, err);
    if (rc != WEFT_OK)
        return rc;
    l->quality.requests++;
    const uint32_t number = weft_window_put(l->window, r);
    if (r->type == WEFT_PKT_START) {
        l->started = number;
        l->done_seen = l->ask_status = 0;
    }
    return WEFT_OK;
}

static int put_read(transport_link *l, uint32_t offset, uint32_t *value, weft_error *err)
{
    const weft_link_request r = { .type = WEFT_PKT_REG_READ,
                                  .word = { offset & 0xffff },
                                  .words = 1,
                                  .to = value,
                                  .to_bytes = sizeof *value };
    return put(l, &r, err);
}

/* The value of a register whose bytes were put there as they came. */
static uint32_t little_endian(uint32_t bytes)
{
    uint8_t byte[4];
    memcpy(byte, &bytes, sizeof byte);
    return byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;
}

static int link_reg_read(weft_transport *base, uint32_t offset, uint32_t *value, weft_error *err)
{
    transport_link *l = self(base);
    uint32_t bytes = 0;
    int rc = put_read(l, offset, &bytes, err);
    if (rc == WEFT_OK)
        rc = settle_all(l, err);
    if (rc == WEFT_OK)
        *value = little_endian(bytes);
    return rc;
}

static int link_reg_write(weft_transport *base, uint32_t offset, uint32_t value, weft_error *err)
{
    transport_link *l = self(base);
    const weft_link_request r = { .type = WEFT_PKT_REG_WRITE,
                                  .word = { offset & 0xffff, value },
                                  .words = 2 };
    int rc = put(l, &r, err);
    return rc == WEFT_OK ? settle_all(l, err) : rc;
}

static int check_range(const transport_link *l, uint32_t address, size_t bytes, weft_error *err)
{
    if (address <= l->mem_size && bytes <= l->mem_size - address)
        return WEFT_OK;
    return weft_error_set(err, WEFT_ERR_CAPACITY,
                          "%zu bytes at 0x%08x are outside the %u bytes of device memory", bytes,
                          (unsigned)address, (unsigned)l->mem_size);
}

static size_t piece(const transport_link *l, size_t left)
{
    return left < l->data_bytes ? left : l->data_bytes;
}

static int link_mem_read(weft_transport *base, uint32_t address, void *to, size_t bytes,
                         weft_error *err)
{
    transport_link *l = self(base);
    uint8_t *at = to;
    int rc = check_range(l, address, bytes, err);
    if (rc != WEFT_OK)
        return rc;
    for (size_t n; bytes && rc == WEFT_OK; bytes -= n, at += n, address += (uint32_t)n) {
        n = piece(l, bytes);
        const weft_link_request r = { .type = WEFT_PKT_MEM_READ,
                                      .word = { address, (uint32_t)n },
                                      .words = 2,
                                      .to = at,
                                      .to_bytes = n };
        rc = put(l, &r, err);
    }
    return settle_rest(l, rc, err);
}

static int link_mem_write(weft_transport *base, uint32_t address, const void *from, size_t bytes,
                          weft_error *err)
{
    transport_link *l = self(base);
    const uint8_t *at = from;
    int rc = check_range(l, address, bytes, err);
    for (size_t n; bytes && rc == WEFT_OK; bytes -= n, at += n, address += (uint32_t)n) {
        n = piece(l, bytes);
        const weft_link_request r = { .type = WEFT_PKT_MEM_WRITE,
                                      .word = { address, (uint32_t)n },
                                      .words = 2,
                                      .data = at,
                                      .data_bytes = n };
        rc = put(l, &r, err);
    }
    return rc == WEFT_OK ? hand_over(l, err) : rc;
}

static int link_start(weft_transport *base, const weft_start *s, weft_error *err)
{
    transport_link *l = self(base);
    const weft_link_request r = { .type = WEFT_PKT_START,
                                  .word = { s->prog_addr, s->prog_count, s->win_base,
                                            s->win_limit },
                                  .words = 4 };
    int rc = put(l, &r, err);
    return rc == WEFT_OK ? hand_over(l, err) : rc;
}

/* --- the end of a run --------------------------------------------------------------------------- */

/* Ask the registers how the run stands.  WEFT_ERR_TIMEOUT: still running. */
static int ask_done(transport_link *l, weft_done *out, weft_error *err)
{
    uint32_t status = 0, err_index = 0, cycles = 0;
    int rc = put_read(l, WEFT_REG_STATUS, &status, err);
    if (rc == WEFT_OK)
        rc = put_read(l, WEFT_REG_ERR_INDEX, &err_index, err);
    if (rc == WEFT_OK)
        rc = put_read(l, WEFT_REG_CYCLES, &cycles, err);
    rc = settle_rest(l, rc, err);
    if (rc != WEFT_OK)
        return rc;
    *out = (weft_done){ little_endian(status), little_endian(err_index), little_endian(cycles) };
    if (out->status & WEFT_STATUS_BUSY)
        return weft_error_set(err, WEFT_ERR_TIMEOUT, "the program still runs");
    if (!(out->status & WEFT_STATUS_DONE))
        return weft_error_set(err, WEFT_ERR_DEVICE,
                              "the device forgot its run: it was reset by someone else");
    return WEFT_OK;
}

/* Wait for DONE until that time, or until a damaged frame came, which may have been it. */
static int await_done(transport_link *l, uint64_t until, weft_error *err)
{
    int rc = lost(l, err);
    begin_waiting(l);
    for (uint64_t t = now(l); rc == WEFT_OK && !l->done_seen && !l->ask_status && t < until;
         t = now(l)) {
        rc = turn(l, until - t, err);
        if (rc == WEFT_OK)
            rc = known_refusal(l, err);
    }
    return rc;
}

static int link_wait_done(weft_transport *base, uint32_t timeout_ms, weft_done *out,
                          weft_error *err)
{
    transport_link *l = self(base);
    const uint64_t until = now(l) + (uint64_t)timeout_ms * US_PER_MS;
    for (;;) {
        weft_done done;
        int rc = await_done(l, until, err);
        if (rc != WEFT_OK)
            return rc;
        if (l->done_seen) {
            l->done_seen = 0;
            *out = l->done;
            return WEFT_OK;
        }
        l->ask_status = 0;
        rc = ask_done(l, &done, err);
        if (rc == WEFT_OK)
            *out = done;
        if (rc != WEFT_ERR_TIMEOUT || now(l) >= until)
            return rc;
    }
}

/* --- sessions ----------------------------------------------------------------------------------- */

/* Send a frame outside the window and wait until *answered, or for as long as an answer may take when it
 * is asked for the try-th time. */
static int exchange(transport_link *l, const weft_packet *p, unsigned try, const int *answered,
                    weft_error *err)
{
    const uint64_t patience = patience_us(l, try);
    uint64_t until = now(l) + patience;
    l->out_at = 0;
    int rc = weft_packet_build(p, l->out, sizeof l->out, &l->out_bytes);
    while (rc == WEFT_OK && !*answered && now(l) < until) {
        int sent = 0;
        rc = send_some(l, &sent, err);
        if (sent)
            until = now(l) + patience;
        if (rc == WEFT_OK)
            rc = receive_some(l, l->wire->answer_timeout_us, err);
    }
    return rc;
}

/* HELLO, to learn the session of the device; then OPEN, which only that session takes.  The second time zeros
 * go before, in case the device waits for the rest of a frame. */
static int try_session(transport_link *l, unsigned try, weft_error *err)
{
    uint8_t payload[4];
    weft_packet p = { .type = WEFT_PKT_HELLO, .payload = payload, .payload_bytes = sizeof payload };
    l->greeting = (greeting){ .nonce = l->greeting.nonce * 1664525u + 1013904223u };
    weft_put_u32(payload, l->greeting.nonce);
    if (try && !l->flush_left)
        l->flush_left = WEFT_FRAME_FLUSH_BYTES;
    int rc = exchange(l, &p, try, &l->greeting.said_hello, err);
    if (rc != WEFT_OK || !l->greeting.said_hello)
        return rc;
    const uint16_t before = l->greeting.device_session;
    uint16_t session = before ? (uint16_t)(before + 1) : (uint16_t)(l->greeting.nonce >> 16);
    session = session ? session : 1;
    weft_put_u32(payload, session);
    p.type = WEFT_PKT_OPEN;
    p.session = before;
    l->session = session;
    return exchange(l, &p, try, &l->greeting.opened, err);
}

static int begin_session(transport_link *l, weft_error *err)
{
    weft_packet_restart(&l->decoder);
    weft_window_begin(l->window, 0);
    begin_waiting(l);
    l->lost = 0;
    l->flush_left = 0;
    l->greeting.opened = 0;
    for (unsigned i = 0; i < ATTEMPTS && !l->greeting.opened; i++) {
        int rc = try_session(l, i, err);
        if (rc != WEFT_OK)
            return l->lost = rc;
    }
    if (!l->greeting.opened)
        return l->lost = given_up(l, err);
    weft_window_begin(l->window, l->session);
    l->oldest = weft_window_oldest(l->window);
    l->started = 0;
    l->done_seen = l->ask_status = 0;
    return WEFT_OK;
}

static int link_reset(weft_transport *base, weft_error *err)
{
    transport_link *l = self(base);
    int rc = l->wire->ops->restart ? l->wire->ops->restart(l->wire, err) : WEFT_OK;
    if (rc == WEFT_OK)
        rc = begin_session(l, err);
    if (rc == WEFT_OK)
        rc = put(l, &(weft_link_request){ .type = WEFT_PKT_RESET }, err);
    return rc == WEFT_OK ? settle_all(l, err) : rc;
}

static int link_close(weft_transport *base)
{
    transport_link *l = self(base);
    weft_window_free(l->window);
    l->wire->ops->close(l->wire);
    free(l->in);
    free(l);
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

/* --- opening ------------------------------------------------------------------------------------ */

/* The window the device and the wire want, in place of the small one of the opening. */
static int widen(transport_link *l, weft_error *err)
{
    uint32_t data = 0, requests = 0;
    int rc = link_reg_read(&l->base, WEFT_REG_INFO_LINK_DATA, &data, err);
    if (rc == WEFT_OK)
        rc = link_reg_read(&l->base, WEFT_REG_INFO_LINK_WINDOW, &requests, err);
    if (rc == WEFT_OK)
        rc = link_reg_read(&l->base, WEFT_REG_INFO_MEM_SIZE, &l->mem_size, err);
    if (rc != WEFT_OK)
        return rc;
    if (data < LEAST_DATA || data > WEFT_PKT_MAX_DATA || (data & (data - 1)) || requests < 1 ||
        requests > MOST_REQUESTS)
        return weft_error_set(err, WEFT_ERR_VERSION,
                              "the device tells of a link that cannot be: packets of %u bytes, %u "
                              "outstanding",
                              (unsigned)data, (unsigned)requests);
    const size_t enough = l->wire->window_bytes / data + 1;
    if (l->wire->window_bytes && requests > enough)
        requests = (uint32_t)enough;
    if (!weft_window_resize(l->window, requests, data))
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for what a link repeats");
    l->data_bytes = data;
    l->decoder.longest_payload = WEFT_MEM_HEAD_BYTES + data;
    return WEFT_OK;
}

static uint32_t any_number(const transport_link *l)
{
    struct timespec t = { 0 };
    timespec_get(&t, TIME_UTC);
    return (uint32_t)t.tv_sec * 2654435761u ^ (uint32_t)t.tv_nsec << 8 ^ (uint32_t)(uintptr_t)l ^
           (uint32_t)now(l);
}

int weft_transport_link_open(weft_wire *wire, weft_transport **out, weft_error *err)
{
    transport_link *l = calloc(1, sizeof *l);
    if (!l) {
        wire->ops->close(wire);
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a link");
    }
    const size_t block = wire->receive_block_bytes ? wire->receive_block_bytes : 1;
    l->base.ops = &link_ops;
    l->wire = wire;
    l->data_bytes = OPENING_DATA;
    l->in_room = (LEAST_IN_BYTES + block - 1) / block * block;
    l->in = malloc(l->in_room);
    l->window = weft_window_new(OPENING_WINDOW, OPENING_DATA);
    int rc = l->in && l->window ? WEFT_OK
                                : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a link");
    if (rc == WEFT_OK) {
        l->greeting.nonce = any_number(l);
        rc = link_reset(&l->base, err);
    }
    if (rc == WEFT_OK)
        rc = widen(l, err);
    if (rc != WEFT_OK)
        link_close(&l->base);
    else
        *out = &l->base;
    return rc;
}

weft_link_quality weft_transport_link_quality(const weft_transport *t)
{
    const transport_link *l = (const transport_link *)(const void *)t;
    weft_link_quality q = l->quality;
    q.repeated = weft_window_repeated(l->window);
    q.naks = weft_window_naks(l->window);
    return q;
}
