/* Turns and sessions of a link; the contract is in link_own.h.
 *
 * Everything happens in turns: hand the wire what it takes, take what has come, look at the clock.
 * link_window.c knows what to send and what is settled; this file moves the bytes, begins
 * sessions, and gives up when nothing goes forward. */
#include "link_own.h"

enum { ATTEMPTS = 16 };

/* --- frames that have come --- */

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

/* --- turns --- */

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

uint64_t link_now(const transport_link *l)
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

void link_begin_waiting(transport_link *l)
{
    l->rounds = weft_window_rounds(l->window);
    l->heard = 0;
    l->quiet_since = link_now(l);
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
        l->quiet_since = link_now(l);
    const uint64_t due = l->quiet_since + l->wire->answer_timeout_us, before = link_now(l);
    const uint64_t patience = due > before ? due - before : 0;
    rc = receive_some(l, (uint32_t)(wait_us < patience ? wait_us : patience), err);
    if (rc != WEFT_OK)
        return rc;
    if (weft_window_oldest(l->window) != l->oldest || idle(l)) {
        l->oldest = weft_window_oldest(l->window);
        link_begin_waiting(l);
    } else if (link_now(l) >= due) {
        l->quiet_since = link_now(l);
        repeat_all(l);
    }
    return weft_window_rounds(l->window) - l->rounds < ATTEMPTS ? WEFT_OK : given_up(l, err);
}

int link_turn(transport_link *l, uint64_t wait_us, weft_error *err)
{
    const int rc = one_turn(l, wait_us, err);
    if (rc != WEFT_OK) {
        l->lost = rc;
        l->session = 0;
        weft_window_begin(l->window, 0);
    }
    return rc;
}

/* --- sessions --- */

/* Send a frame outside the window and wait until *answered, or for as long as an answer may take. */
static int exchange(transport_link *l, const weft_packet *p, const int *answered, weft_error *err)
{
    uint64_t until = link_now(l) + l->wire->answer_timeout_us;
    l->out_at = 0;
    int rc = weft_packet_build(p, l->out, sizeof l->out, &l->out_bytes);
    while (rc == WEFT_OK && !*answered && link_now(l) < until) {
        int sent = 0;
        rc = send_some(l, &sent, err);
        if (sent)
            until = link_now(l) + l->wire->answer_timeout_us;
        if (rc == WEFT_OK)
            rc = receive_some(l, l->wire->answer_timeout_us, err);
    }
    return rc;
}

/* HELLO, to learn the session of the device; then OPEN, which only that session takes.  The second time zeros
 * go before, in case the device waits for the rest of a frame. */
static int try_session(transport_link *l, int again, weft_error *err)
{
    uint8_t payload[4];
    weft_packet p = { .type = WEFT_PKT_HELLO, .payload = payload, .payload_bytes = sizeof payload };
    l->greeting = (greeting){ .nonce = l->greeting.nonce * 1664525u + 1013904223u };
    weft_put_u32(payload, l->greeting.nonce);
    if (again && !l->flush_left)
        l->flush_left = WEFT_FRAME_FLUSH_BYTES;
    int rc = exchange(l, &p, &l->greeting.said_hello, err);
    if (rc != WEFT_OK || !l->greeting.said_hello)
        return rc;
    const uint16_t before = l->greeting.device_session;
    uint16_t session = before ? (uint16_t)(before + 1) : (uint16_t)(l->greeting.nonce >> 16);
    session = session ? session : 1;
    weft_put_u32(payload, session);
    p.type = WEFT_PKT_OPEN;
    p.session = before;
    l->session = session;
    return exchange(l, &p, &l->greeting.opened, err);
}

int link_begin_session(transport_link *l, weft_error *err)
{
    weft_packet_restart(&l->decoder);
    weft_window_begin(l->window, 0);
    link_begin_waiting(l);
    l->lost = 0;
    l->flush_left = 0;
    l->greeting.opened = 0;
    for (unsigned i = 0; i < ATTEMPTS && !l->greeting.opened; i++) {
        int rc = try_session(l, i > 0, err);
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
