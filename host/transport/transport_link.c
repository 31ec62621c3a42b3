/* host/transport/transport.h over packets; the contract is in transport_link.h.
 *
 * The calls of a transport, made of requests (link_requests.c) within a session (link_session.c).
 * DONE may be lost like anything else, so a wait that saw none asks the STATUS register. */
#include "transport_link.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "link_own.h"

enum {
    OPENING_WINDOW = 1,
    OPENING_DATA = 256,
    LEAST_DATA = 128,
    MOST_REQUESTS = 4096,
    LEAST_IN_BYTES = 1 << 16,
    US_PER_MS = 1000
};

static transport_link *self(weft_transport *t)
{
    return (transport_link *)(void *)t;
}

/* --- registers, memory, start --- */

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
    int rc = link_put_read(l, offset, &bytes, err);
    if (rc == WEFT_OK)
        rc = link_settle(l, err);
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
    int rc = link_put(l, &r, err);
    return rc == WEFT_OK ? link_settle(l, err) : rc;
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
        rc = link_put(l, &r, err);
    }
    return link_settle_rest(l, rc, err);
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
        rc = link_put(l, &r, err);
    }
    return rc == WEFT_OK ? link_hand_over(l, err) : rc;
}

static int link_start(weft_transport *base, const weft_start *s, weft_error *err)
{
    transport_link *l = self(base);
    const weft_link_request r = { .type = WEFT_PKT_START,
                                  .word = { s->prog_addr, s->prog_count, s->win_base,
                                            s->win_limit },
                                  .words = 4 };
    int rc = link_put(l, &r, err);
    return rc == WEFT_OK ? link_hand_over(l, err) : rc;
}

/* --- the end of a run --- */

/* Ask the registers how the run stands.  WEFT_ERR_TIMEOUT: still running. */
static int ask_done(transport_link *l, weft_done *out, weft_error *err)
{
    uint32_t status = 0, err_index = 0, cycles = 0;
    int rc = link_put_read(l, WEFT_REG_STATUS, &status, err);
    if (rc == WEFT_OK)
        rc = link_put_read(l, WEFT_REG_ERR_INDEX, &err_index, err);
    if (rc == WEFT_OK)
        rc = link_put_read(l, WEFT_REG_CYCLES, &cycles, err);
    rc = link_settle_rest(l, rc, err);
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
    int rc = link_lost(l, err);
    link_begin_waiting(l);
    for (uint64_t t = link_now(l); rc == WEFT_OK && !l->done_seen && !l->ask_status && t < until;
         t = link_now(l)) {
        rc = link_turn(l, until - t, err);
        if (rc == WEFT_OK)
            rc = link_refused(l, err);
    }
    return rc;
}

int weft_transport_link_wait(weft_transport *base, uint64_t timeout_us, weft_done *out,
                             weft_error *err)
{
    transport_link *l = self(base);
    const uint64_t until = link_now(l) + timeout_us;
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
        if (rc != WEFT_ERR_TIMEOUT || link_now(l) >= until)
            return rc;
    }
}

static int link_wait_done(weft_transport *base, uint32_t timeout_ms, weft_done *out,
                          weft_error *err)
{
    return weft_transport_link_wait(base, (uint64_t)timeout_ms * US_PER_MS, out, err);
}

/* --- reset and the end --- */

static int link_reset(weft_transport *base, weft_error *err)
{
    transport_link *l = self(base);
    int rc = l->wire->ops->restart ? l->wire->ops->restart(l->wire, err) : WEFT_OK;
    if (rc == WEFT_OK)
        rc = link_begin_session(l, err);
    if (rc == WEFT_OK)
        rc = link_put(l, &(weft_link_request){ .type = WEFT_PKT_RESET }, err);
    return rc == WEFT_OK ? link_settle(l, err) : rc;
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

/* --- opening --- */

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
           (uint32_t)link_now(l);
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
