/* The window of the link; the contract is in link_window.h. */
#include "link_window.h"

#include <stdlib.h>
#include <string.h>

#include <weft/weft_status.h>

enum { ACKS_PER_WINDOW = 8, ROUNDS = 16 };

typedef struct slot {
    weft_link_request request;
    bool fresh;    /* nothing was outstanding when it was put */
    bool answered; /* settled by an answer of its own */
    bool ask;      /* a read whose answer was lost: send it again */
    bool asked;    /* that has been done since the last silence */
} slot;

struct weft_link_window {
    uint32_t slots;
    size_t data_bytes;
    slot *slot;    /* request n lies in slot n mod slots */
    uint8_t *data; /* data_bytes for each */
    uint16_t session;
    uint8_t round;
    uint32_t begin;    /* oldest request that is not settled */
    uint32_t end;      /* number of the next one put */
    uint32_t cursor;   /* next one to be sent, begin..end */
    uint32_t sent;     /* one past the highest ever sent */
    uint32_t executed; /* all up to this one were */
    uint32_t asks;     /* slots with `ask` */
    weft_link_refusal refusal;
    uint64_t rounds, repeated, naks;
};

weft_link_window *weft_window_new(uint32_t requests, size_t data_bytes)
{
    weft_link_window *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    weft_window_begin(w, 0);
    if (!weft_window_resize(w, requests, data_bytes)) {
        free(w);
        return NULL;
    }
    return w;
}

bool weft_window_resize(weft_link_window *w, uint32_t requests, size_t data_bytes)
{
    slot *slots = calloc(requests, sizeof *slots);
    uint8_t *data = malloc(requests * data_bytes);
    if (!slots || !data) {
        free(slots);
        free(data);
        return false;
    }
    free(w->slot);
    free(w->data);
    w->slot = slots;
    w->data = data;
    w->slots = requests;
    w->data_bytes = data_bytes;
    return true;
}

void weft_window_free(weft_link_window *w)
{
    if (!w)
        return;
    free(w->slot);
    free(w->data);
    free(w);
}

void weft_window_begin(weft_link_window *w, uint16_t session)
{
    w->session = session;
    w->round = 0;
    w->begin = w->end = w->cursor = w->sent = 1;
    w->executed = 0;
    w->asks = 0;
    w->refusal = (weft_link_refusal){ 0 };
}

static slot *slot_of(const weft_link_window *w, uint32_t number)
{
    return &w->slot[number % w->slots];
}

static bool is_read(const slot *s)
{
    return s->request.type == WEFT_PKT_REG_READ || s->request.type == WEFT_PKT_MEM_READ;
}

bool weft_window_room(const weft_link_window *w)
{
    return w->end - w->begin < w->slots;
}

uint32_t weft_window_put(weft_link_window *w, const weft_link_request *request)
{
    slot *s = slot_of(w, w->end);
    uint8_t *data = w->data + w->end % w->slots * w->data_bytes;
    *s = (slot){ .request = *request, .fresh = w->begin == w->end };
    if (request->data_bytes)
        memcpy(data, request->data, request->data_bytes);
    s->request.data = data;
    return w->end++;
}

/* A write needs no answer if a later one will speak for it; some do, so that the window moves. */
static bool is_quiet(const weft_link_window *w, uint32_t number, const slot *s)
{
    const uint32_t every = w->slots / ACKS_PER_WINDOW;
    return s->request.type == WEFT_PKT_MEM_WRITE && number + 1 != w->end && every && number % every;
}

static size_t build(const weft_link_window *w, uint32_t number, uint8_t *frame)
{
    const slot *s = slot_of(w, number);
    uint8_t *payload = frame + WEFT_PKT_HEADER_BYTES;
    const weft_packet p = {
        .type = s->request.type,
        .flags = (uint8_t)((s->fresh ? WEFT_PKT_FRESH : 0) |
                           (is_quiet(w, number, s) ? WEFT_PKT_QUIET : 0) |
                           w->round << WEFT_PKT_ROUND_LSB),
        .session = w->session,
        .sequence = number,
        .payload = payload,
        .payload_bytes = 4 * s->request.words + s->request.data_bytes,
    };
    size_t bytes = 0;
    for (unsigned i = 0; i < s->request.words; i++)
        weft_put_u32(payload + 4 * i, s->request.word[i]);
    if (s->request.data_bytes)
        memcpy(payload + 4 * s->request.words, s->request.data, s->request.data_bytes);
    weft_packet_build(&p, frame, WEFT_FRAME_MAX_BYTES, &bytes);
    return bytes;
}

size_t weft_window_frame(weft_link_window *w, uint8_t *frame)
{
    for (uint32_t n = w->begin; w->asks && n < w->end; n++) {
        slot *s = slot_of(w, n);
        if (!s->ask)
            continue;
        s->ask = false;
        w->asks--;
        w->repeated++;
        return build(w, n, frame);
    }
    if (w->cursor == w->end)
        return 0;
    const uint32_t number = w->cursor++;
    w->repeated += number < w->sent;
    w->sent = w->cursor > w->sent ? w->cursor : w->sent;
    return build(w, number, frame);
}

static void settle(slot *s, weft_link_window *w)
{
    w->asks -= s->ask;
    s->ask = false;
    s->answered = true;
}

static void move_begin(weft_link_window *w)
{
    while (w->begin < w->end) {
        const slot *s = slot_of(w, w->begin);
        if (!s->answered && (is_read(s) || w->begin > w->executed))
            break;
        w->begin++;
    }
    if (w->cursor < w->begin)
        w->cursor = w->begin;
}

/* The device has executed all up to `number`, so the answers of reads before `until` were lost. */
static void confirm(weft_link_window *w, uint32_t number, uint32_t until)
{
    if (number > w->executed)
        w->executed = number;
    if (w->cursor <= w->executed)
        w->cursor = w->executed + 1;
    for (uint32_t n = w->begin; n < until; n++) {
        slot *s = slot_of(w, n);
        if (!is_read(s) || s->answered || s->asked)
            continue;
        s->ask = s->asked = true;
        w->asks++;
    }
}

static void take_read(weft_link_window *w, const weft_packet *packet)
{
    enum { STATUS_BYTES = 4 };
    slot *s = slot_of(w, packet->sequence);
    if (s->answered)
        return;
    if (packet->payload[0] != WEFT_PKTST_OK) {
        if (!w->refusal.status)
            w->refusal =
                (weft_link_refusal){ packet->sequence, s->request.type, packet->payload[0] };
        settle(s, w);
    } else if (packet->payload_bytes == STATUS_BYTES + s->request.to_bytes) {
        memcpy(s->request.to, packet->payload + STATUS_BYTES, s->request.to_bytes);
        settle(s, w);
    }
}

static void take_reply(weft_link_window *w, const weft_packet *packet)
{
    const slot *s = slot_of(w, packet->sequence);
    confirm(w, packet->sequence, packet->sequence);
    if (packet->type == (uint8_t)(s->request.type + WEFT_PKT_REPLY) && is_read(s))
        take_read(w, packet);
}

static void take_refusal(weft_link_window *w, const weft_packet *packet)
{
    slot *s = slot_of(w, packet->sequence);
    if (s->answered)
        return;
    confirm(w, packet->sequence - 1, packet->sequence);
    if (!w->refusal.status)
        w->refusal = (weft_link_refusal){ packet->sequence, s->request.type, packet->payload[0] };
    for (uint32_t n = packet->sequence; n < w->end; n++)
        settle(slot_of(w, n), w);
    w->cursor = w->end;
}

static void go_back(weft_link_window *w)
{
    w->rounds++;
    w->round = (uint8_t)((w->round + 1) % ROUNDS);
    w->cursor = w->executed + 1 > w->begin ? w->executed + 1 : w->begin;
    if (w->cursor > w->end)
        w->cursor = w->end;
}

void weft_window_take(weft_link_window *w, const weft_packet *packet)
{
    const uint32_t number = packet->sequence;
    if (packet->session != w->session || packet->payload_bytes < 4)
        return;
    if (packet->type == WEFT_PKT_NAK) {
        const uint8_t round = packet->flags >> WEFT_PKT_ROUND_LSB;
        w->naks++;
        if (round != w->round || number >= w->sent || number + 1 < w->begin)
            return;
        confirm(w, number, number + 1);
        go_back(w);
    } else if (number < w->begin || number >= w->sent) {
        return;
    } else if (packet->type == WEFT_PKT_REFUSED) {
        take_refusal(w, packet);
    } else if (packet->type >= WEFT_PKT_REPLY && packet->type < WEFT_PKT_DONE) {
        take_reply(w, packet);
    }
    move_begin(w);
}

void weft_window_silence(weft_link_window *w)
{
    for (uint32_t n = w->begin; n <= w->executed && n < w->end; n++) {
        slot *s = slot_of(w, n);
        if (!is_read(s) || s->answered)
            continue;
        w->asks += !s->ask;
        s->ask = s->asked = true;
    }
    go_back(w);
}

bool weft_window_settled(const weft_link_window *w)
{
    return w->begin == w->end;
}

bool weft_window_all_sent(const weft_link_window *w)
{
    return w->cursor == w->end && !w->asks;
}

uint32_t weft_window_oldest(const weft_link_window *w)
{
    return w->begin;
}

weft_link_refusal weft_window_refusal(weft_link_window *w)
{
    const weft_link_refusal refusal = w->refusal;
    w->refusal = (weft_link_refusal){ 0 };
    return refusal;
}

uint64_t weft_window_rounds(const weft_link_window *w)
{
    return w->rounds;
}

uint64_t weft_window_repeated(const weft_link_window *w)
{
    return w->repeated;
}

uint64_t weft_window_naks(const weft_link_window *w)
{
    return w->naks;
}
