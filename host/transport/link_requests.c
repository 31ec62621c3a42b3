/* Requests of a link and what became of them; the contract is in link_own.h. */
#include "link_own.h"

enum { LAST_NUMBER = INT32_MAX }; /* of a session; another begins behind it */

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

int link_refused(transport_link *l, weft_error *err)
{
    const weft_link_refusal r = weft_window_refusal(l->window);
    return refusal(&r, err);
}

int link_lost(const transport_link *l, weft_error *err)
{
    return l->lost ? weft_error_set(err, l->lost, "the link was lost; it needs a reset") : WEFT_OK;
}

int link_settle(transport_link *l, weft_error *err)
{
    link_begin_waiting(l);
    int rc = link_lost(l, err);
    while (rc == WEFT_OK && !weft_window_settled(l->window))
        rc = link_turn(l, l->wire->answer_timeout_us, err);
    return rc == WEFT_OK ? link_refused(l, err) : rc;
}

int link_settle_rest(transport_link *l, int rc, weft_error *err)
{
    const int settled = l->lost ? l->lost : link_settle(l, rc == WEFT_OK ? err : NULL);
    return rc == WEFT_OK ? settled : rc;
}

int link_hand_over(transport_link *l, weft_error *err)
{
    link_begin_waiting(l);
    int rc = link_turn(l, 0, err);
    while (rc == WEFT_OK && (l->out_at < l->out_bytes || !weft_window_all_sent(l->window)))
        rc = link_turn(l, l->wire->answer_timeout_us, err);
    return rc == WEFT_OK ? link_refused(l, err) : rc;
}

int link_put(transport_link *l, const weft_link_request *r, weft_error *err)
{
    int rc = link_lost(l, err);
    if (rc == WEFT_OK)
        rc = link_refused(l, err);
    if (rc == WEFT_OK && weft_window_oldest(l->window) >= LAST_NUMBER) {
        rc = link_settle(l, err);
        if (rc == WEFT_OK)
            rc = link_begin_session(l, err);
    }
    if (!weft_window_room(l->window))
        link_begin_waiting(l);
    while (rc == WEFT_OK && !weft_window_room(l->window))
        rc = link_turn(l, l->wire->answer_timeout_us, err);
    if (rc == WEFT_OK)
        rc = link_refused(l, err);
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

int link_put_read(transport_link *l, uint32_t offset, uint32_t *value, weft_error *err)
{
    const weft_link_request r = { .type = WEFT_PKT_REG_READ,
                                  .word = { offset & 0xffff },
                                  .words = 1,
                                  .to = value,
                                  .to_bytes = sizeof *value };
    return link_put(l, &r, err);
}
