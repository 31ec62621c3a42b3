/* What a correct device answers, for vec_weft_link: written from the text of the contract, it reads
 * the very bytes that are sent, damaged ones included, through the decoder of host/transport/packet.c, and
 * writes its answers to a file.  Accesses to the last BAD_BYTES bytes of memory are answered with a
 * bus error. */
#ifndef WEFT_TESTS_LINK_MODEL_H
#define WEFT_TESTS_LINK_MODEL_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/transport/packet.h"
#include "rtl/isa/weft_isa.h"
#include <weft/weft_status.h>

enum {
    MEM_SIZE = 8448,
    BAD_BYTES = 256,
    GOOD_BYTES = MEM_SIZE - BAD_BYTES,
    ABORT_INDEX = 77,
    LINK_DATA = 1024, /* of the device of the bench */
    LINK_WINDOW = 50,
    LONGEST_PAYLOAD = WEFT_MEM_HEAD_BYTES + LINK_DATA
};

typedef struct device {
    weft_packet_decoder decoder;
    uint8_t memory[MEM_SIZE];
    uint32_t mem_bytes;
    uint32_t heartbeat, program[4],
        err_index; /* program: PROG_ADDR, PROG_COUNT, WIN_BASE, WIN_LIMIT */
    bool busy, done, aborting;
    uint8_t code;
    uint16_t session; /* 0: none */
    uint32_t last;    /* number of the last request executed */
    bool halted;      /* it was refused, and nothing is executed */
    uint8_t refused;  /* with this status */
    bool reported;    /* that the one after `last` is missing, for this round */
    uint8_t round;
    uint32_t replies, executed, repeated, dropped;
    size_t sent; /* bytes */
    FILE *script, *want;
} device;

static inline void put(FILE *f, const void *data, size_t bytes)
{
    if (bytes && fwrite(data, 1, bytes, f) != bytes)
        exit(1);
}

static inline FILE *create(const char *directory, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *f = fopen(path, "wb");
    if (!f) {
        printf("FAIL vec_weft_link: cannot write %s\n", path);
        exit(1);
    }
    return f;
}

/* The answer to a frame: the type, its own flags, the session as it is now, a number, a status. */
static inline void answer(device *d, const weft_packet *to, uint8_t type, uint32_t number,
                          uint8_t status, const uint8_t *more, size_t bytes)
{
    uint8_t payload[WEFT_PKT_MAX_PAYLOAD] = { status }, frame[WEFT_FRAME_MAX_BYTES];
    const weft_packet p = { .type = type,
                            .flags = to->flags,
                            .session = d->session,
                            .sequence = number,
                            .payload = payload,
                            .payload_bytes = 4 + bytes };
    size_t frame_bytes = 0;
    if (bytes)
        memcpy(payload + 4, more, bytes);
    if (weft_packet_build(&p, frame, sizeof frame, &frame_bytes) != WEFT_OK)
        exit(1);
    put(d->want, frame, frame_bytes);
    d->replies++;
}

/* As RESET leaves it. */
static inline void reset_state(device *d)
{
    d->heartbeat = d->err_index = 0;
    memset(d->program, 0, sizeof d->program);
    d->busy = d->done = false;
    d->code = WEFT_DEV_OK;
}

/* A run begins; the bench is told the number of the request, which DONE must have. */
static inline void start_run(device *d)
{
    uint8_t record[5] = { 'R' };
    weft_put_u32(record + 1, d->last);
    put(d->script, record, sizeof record);
    d->busy = true;
    d->done = false;
    d->code = WEFT_DEV_OK;
    d->err_index = 0;
}

static inline uint8_t reg_read(const device *d, uint32_t offset, uint32_t *value)
{
    *value = 0;
    switch (offset) {
    case WEFT_REG_ID: *value = WEFT_REG_ID_RESET; break;
    case WEFT_REG_ISA: *value = WEFT_ISA_VERSION; break;
    case WEFT_REG_CTRL: break;
    case WEFT_REG_STATUS:
        *value = d->code | (d->busy ? WEFT_STATUS_BUSY : 0u) | (d->done ? WEFT_STATUS_DONE : 0u);
        break;
    case WEFT_REG_ERR_INDEX: *value = d->err_index; break;
    case WEFT_REG_PROG_ADDR: *value = d->program[0]; break;
    case WEFT_REG_PROG_COUNT: *value = d->program[1]; break;
    case WEFT_REG_WIN_BASE: *value = d->program[2]; break;
    case WEFT_REG_WIN_LIMIT: *value = d->program[3]; break;
    case WEFT_REG_HEARTBEAT: *value = d->heartbeat; break;
    case WEFT_REG_INFO_MEM_BYTES: *value = d->mem_bytes; break;
    case WEFT_REG_INFO_MEM_SIZE: *value = MEM_SIZE; break;
    case WEFT_REG_INFO_LINK_DATA: *value = LINK_DATA; break;
    case WEFT_REG_INFO_LINK_WINDOW: *value = LINK_WINDOW; break;
    default: return WEFT_PKTST_REGISTER;
    }
    return WEFT_PKTST_OK;
}

static inline uint8_t reg_write(device *d, uint32_t offset, uint32_t value)
{
    const bool is_program = offset >= WEFT_REG_PROG_ADDR && offset <= WEFT_REG_WIN_LIMIT;
    if (offset % 4 == 0 && is_program) {
        if (d->busy)
            return WEFT_PKTST_BUSY;
        d->program[(offset - WEFT_REG_PROG_ADDR) / 4] = value;
    } else if (offset == WEFT_REG_HEARTBEAT) {
        d->heartbeat = value;
    } else if (offset == WEFT_REG_CTRL) {
        if ((value & WEFT_CTRL_START) && d->busy)
            return WEFT_PKTST_BUSY;
        if ((value & WEFT_CTRL_ABORT) && d->busy)
            d->aborting = true;
        if (value & WEFT_CTRL_START)
            start_run(d);
    } else {
        return WEFT_PKTST_REGISTER;
    }
    return WEFT_PKTST_OK;
}

static inline uint8_t memory_status(const device *d, uint64_t at, uint64_t bytes)
{
    if (at + bytes > MEM_SIZE || at % d->mem_bytes || bytes % d->mem_bytes || bytes > LINK_DATA)
        return WEFT_PKTST_ADDRESS;
    return bytes && at + bytes > GOOD_BYTES ? WEFT_PKTST_BUS : WEFT_PKTST_OK;
}

static inline uint8_t memory_write(device *d, const weft_packet *p, uint32_t at, uint32_t bytes)
{
    const uint8_t status = memory_status(d, at, bytes);
    if (status != WEFT_PKTST_ADDRESS)
        memcpy(d->memory + at, p->payload + 8, bytes);
    return status;
}

static inline bool length_fits(const weft_packet *p)
{
    uint32_t bytes;
    switch (p->type) {
    case WEFT_PKT_RESET:
    case WEFT_PKT_PING: return p->payload_bytes == 0;
    case WEFT_PKT_HELLO:
    case WEFT_PKT_OPEN:
    case WEFT_PKT_REG_READ: return p->payload_bytes == 4;
    case WEFT_PKT_REG_WRITE:
    case WEFT_PKT_MEM_READ: return p->payload_bytes == 8;
    case WEFT_PKT_START: return p->payload_bytes == 16;
    default:
        return p->payload_bytes >= 8 && weft_packet_u32(p, 4, &bytes) &&
               bytes == p->payload_bytes - 8;
    }
}

static inline uint8_t execute(device *d, const weft_packet *p, uint8_t *more, size_t *more_bytes)
{
    uint32_t word[4] = { 0 };
    for (unsigned i = 0; i < 4; i++)
        weft_packet_u32(p, 4 * i, &word[i]);
    switch (p->type) {
    case WEFT_PKT_REG_READ: {
        uint32_t value;
        const uint8_t status = reg_read(d, word[0], &value);
        weft_put_u32(more, value);
        *more_bytes = status == WEFT_PKTST_OK ? 4 : 0;
        return status;
    }
    case WEFT_PKT_REG_WRITE: return reg_write(d, word[0], word[1]);
    case WEFT_PKT_MEM_READ: {
        const uint8_t status = memory_status(d, word[0], word[1]);
        if (status == WEFT_PKTST_OK && word[1])
            memcpy(more, d->memory + word[0], *more_bytes = word[1]);
        return status;
    }
    case WEFT_PKT_MEM_WRITE: return memory_write(d, p, word[0], word[1]);
    case WEFT_PKT_START:
        if (d->busy)
            return WEFT_PKTST_BUSY;
        memcpy(d->program, word, sizeof word);
        start_run(d);
        return WEFT_PKTST_OK;
    case WEFT_PKT_RESET: reset_state(d); return WEFT_PKTST_OK;
    default: return WEFT_PKTST_OK;
    }
}

/* NAK, once for each round until the missing request comes. */
static inline void ask(device *d, const weft_packet *p, uint8_t status)
{
    const uint8_t round = p->flags >> WEFT_PKT_ROUND_LSB;
    if (d->session && d->halted) {
        answer(d, p, WEFT_PKT_REFUSED, d->last, d->refused, NULL, 0);
        return;
    }
    if (d->session == 0 || (d->reported && d->round == round))
        return;
    d->reported = true;
    d->round = round;
    answer(d, p, WEFT_PKT_NAK, d->last, status, NULL, 0);
}

static inline void open_session(device *d, const weft_packet *p)
{
    uint32_t session = 0;
    weft_packet_u32(p, 0, &session);
    if (p->session != d->session || !length_fits(p) || (session & 0xffff) == 0 ||
        (session & 0xffff) == d->session)
        return;
    d->session = (uint16_t)session;
    d->last = p->sequence;
    d->halted = d->reported = false;
    answer(d, p, WEFT_PKT_OPEN + WEFT_PKT_REPLY, d->last, WEFT_PKTST_OK, NULL, 0);
}

/* A request of the session that is to be executed, for the first time or, a read, again. */
static inline void perform(device *d, const weft_packet *p, bool again)
{
    static const uint8_t known[] = { WEFT_PKT_RESET,     WEFT_PKT_PING,     WEFT_PKT_REG_READ,
                                     WEFT_PKT_REG_WRITE, WEFT_PKT_MEM_READ, WEFT_PKT_MEM_WRITE,
                                     WEFT_PKT_START };
    uint8_t more[WEFT_PKT_MAX_DATA], status = WEFT_PKTST_TYPE;
    size_t more_bytes = 0;
    if (!again) {
        d->last = p->sequence;
        d->halted = d->reported = false;
        d->executed++;
    } else {
        d->repeated++;
    }
    if (memchr(known, p->type, sizeof known))
        status = length_fits(p) ? execute(d, p, more, &more_bytes) : WEFT_PKTST_LENGTH;
    if (status != WEFT_PKTST_OK && !again) {
        d->halted = true;
        d->refused = status;
        answer(d, p, WEFT_PKT_REFUSED, d->last, status, NULL, 0);
    } else if (p->type != WEFT_PKT_MEM_WRITE || !(p->flags & WEFT_PKT_QUIET)) {
        answer(d, p, (uint8_t)(p->type + WEFT_PKT_REPLY), p->sequence, status, more, more_bytes);
    }
}

static inline void take(device *d, const weft_packet *p)
{
    const int32_t ahead = (int32_t)(p->sequence - d->last);
    const bool is_read = p->type == WEFT_PKT_REG_READ || p->type == WEFT_PKT_MEM_READ;
    const bool fresh = p->flags & WEFT_PKT_FRESH;
    uint8_t greeting[8];
    if (p->status != WEFT_PKTST_OK) {
        ask(d, p, p->status);
    } else if (p->type >= WEFT_PKT_REPLY) {
        d->dropped++;
    } else if (p->type == WEFT_PKT_HELLO) {
        if (!length_fits(p))
            return;
        memcpy(greeting, p->payload, 4);
        weft_put_u32(greeting + 4, d->session);
        answer(d, p, WEFT_PKT_HELLO + WEFT_PKT_REPLY, p->sequence, WEFT_PKTST_OK, greeting, 8);
    } else if (p->type == WEFT_PKT_OPEN) {
        open_session(d, p);
    } else if (d->session == 0 || p->session != d->session) {
        d->dropped++;
    } else if (ahead <= 0 && is_read && !(ahead == 0 && d->halted)) {
        perform(d, p, true);
    } else if (d->halted && (ahead <= 0 || !fresh)) {
        answer(d, p, WEFT_PKT_REFUSED, d->last, d->refused, NULL, 0);
    } else if (ahead <= 0) {
        d->repeated++;
        answer(d, p, (uint8_t)(p->type + WEFT_PKT_REPLY), d->last, WEFT_PKTST_OK, NULL, 0);
    } else if (ahead == 1 || fresh) {
        perform(d, p, false);
    } else {
        ask(d, p, WEFT_PKTST_GAP);
    }
}

#endif
