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

enum { MEM_SIZE = 8448, BAD_BYTES = 256, GOOD_BYTES = MEM_SIZE - BAD_BYTES, ABORT_INDEX = 77 };

typedef struct device {
    weft_packet_decoder decoder;
    uint8_t memory[MEM_SIZE];
    uint32_t mem_bytes;
    uint32_t heartbeat, program[4],
        err_index; /* program: PROG_ADDR, PROG_COUNT, WIN_BASE, WIN_LIMIT */
    bool busy, done, aborting;
    uint8_t code;
    bool last_valid;
    uint8_t last_type, last_sequence, last_status;
    uint32_t replies;
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

static inline void answer(device *d, uint8_t type, uint8_t sequence, uint8_t status,
                          const uint8_t *more, size_t bytes)
{
    uint8_t payload[WEFT_PKT_MAX_PAYLOAD] = { status }, frame[WEFT_FRAME_MAX_BYTES];
    const weft_packet p = { type, sequence, 0, payload, 4 + bytes };
    size_t frame_bytes = 0;
    if (bytes)
        memcpy(payload + 4, more, bytes);
    if (weft_packet_build(&p, frame, sizeof frame, &frame_bytes) != WEFT_OK)
        exit(1);
    put(d->want, frame, frame_bytes);
    d->replies++;
}

static inline void reset_state(device *d)
{
    d->heartbeat = d->err_index = 0;
    memset(d->program, 0, sizeof d->program);
    d->busy = d->done = d->last_valid = false;
    d->code = WEFT_DEV_OK;
}

static inline void start_run(device *d)
{
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
    if (at + bytes > MEM_SIZE || at % d->mem_bytes || bytes % d->mem_bytes ||
        bytes > WEFT_PKT_MAX_DATA)
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
    default: return WEFT_PKTST_OK;
    }
}

static inline void take(device *d, const weft_packet *p)
{
    static const uint8_t known[] = { WEFT_PKT_RESET,     WEFT_PKT_PING,     WEFT_PKT_REG_READ,
                                     WEFT_PKT_REG_WRITE, WEFT_PKT_MEM_READ, WEFT_PKT_MEM_WRITE,
                                     WEFT_PKT_START };
    uint8_t more[WEFT_PKT_MAX_DATA], status;
    size_t more_bytes = 0;
    if (p->status != WEFT_PKTST_OK || !memchr(known, p->type, sizeof known)) {
        status = p->status != WEFT_PKTST_OK ? p->status : WEFT_PKTST_TYPE;
        answer(d, WEFT_PKT_NAK, p->sequence, status, NULL, 0);
        return;
    }
    const bool is_read = p->type == WEFT_PKT_REG_READ || p->type == WEFT_PKT_MEM_READ;
    if (!is_read && p->type != WEFT_PKT_RESET && d->last_valid && d->last_type == p->type &&
        d->last_sequence == p->sequence)
        status = d->last_status;
    else
        status = length_fits(p) ? execute(d, p, more, &more_bytes) : WEFT_PKTST_LENGTH;
    d->last_valid = true;
    d->last_type = p->type;
    d->last_sequence = p->sequence;
    d->last_status = status;
    if (p->type == WEFT_PKT_RESET && status == WEFT_PKTST_OK)
        reset_state(d);
    answer(d, (uint8_t)(p->type + WEFT_PKT_REPLY), p->sequence, status, more, more_bytes);
}

#endif
