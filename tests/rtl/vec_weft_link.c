/* Script of the bench of weft_link: what the host sends, and what a correct device answers.
 *
 *     vec_weft_link <directory> <MEM_BYTES>
 *
 * writes link_script.bin, records that begin with a letter:
 *
 *   S n(u16) bytes         send these bytes
 *   W count(u32)           wait until so many replies have come in all
 *   F code index(u32) hold(u16)  end the run with this error; tx stands still for hold cycles from
 * then on A                      the run was aborted: wait for its DONE X pulse rst Q end
 *
 * and link_want.bin: the replies, frame after frame.  DONE and ALIVE are not among them, the bench
 * knows them.
 *
 * The answers come from link_model.h.  SEED= and N= (requests) as for tests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link_damage.h"
#include "link_model.h"
#include "tests/test.h"

static void wait_replies(device *d)
{
    uint8_t record[5] = { 'W' };
    weft_put_u32(record + 1, d->replies);
    put(d->script, record, sizeof record);
}

static void send(device *d, const uint8_t *at, size_t bytes)
{
    uint8_t record[3] = { 'S' };
    weft_packet p;
    weft_put_u16(record + 1, (uint16_t)bytes);
    put(d->script, record, sizeof record);
    put(d->script, at, bytes);
    while (weft_packet_next(&d->decoder, &at, &bytes, &p))
        take(d, &p);
    if (d->aborting) {
        wait_replies(d);
        put(d->script, "A", 1);
        d->aborting = d->busy = false;
        d->done = true;
        d->code = WEFT_DEV_ABORTED;
        d->err_index = ABORT_INDEX;
    }
}

static void finish_run(device *d, rng *r)
{
    uint8_t record[8] = { 'F', (uint8_t)rng_range(r, 0, 9) };
    const uint32_t index = rng_u32(r);
    wait_replies(d);
    weft_put_u32(record + 2, index);
    weft_put_u16(record + 6, (uint16_t)(rng_range(r, 0, 2) ? 0 : rng_range(r, 1, 3000)));
    put(d->script, record, sizeof record);
    d->busy = false;
    d->done = true;
    d->code = record[1];
    d->err_index = d->code ? index : 0;
}

static void flush_and_reset(device *d, uint8_t sequence)
{
    static const uint8_t zeros[WEFT_FRAME_FLUSH_BYTES];
    const weft_packet reset = { .type = WEFT_PKT_RESET, .sequence = sequence };
    uint8_t frame[WEFT_FRAME_OVERHEAD_BYTES];
    size_t bytes = 0;
    if (weft_packet_build(&reset, frame, sizeof frame, &bytes) != WEFT_OK)
        exit(1);
    send(d, zeros, sizeof zeros);
    send(d, frame, bytes);
}

static uint32_t random_register(rng *r, bool readable)
{
    static const uint8_t reads[] = { 0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 0x58, 0x5c };
    static const uint32_t odd[] = { 0x28, 0x60,    0xbc,    0x100,      2,
                                    0x0d, 0x10000, 0x10004, 0x14000014, 0x80000024 };
    if (rng_range(r, 0, 4) == 0)
        return odd[rng_range(r, 0, 9)];
    if (readable)
        return reads[rng_range(r, 0, sizeof reads - 1)];
    return rng_range(r, 0, 2) ? (uint32_t)(4 * rng_range(r, 2, 9)) : WEFT_REG_HEARTBEAT;
}

static uint32_t random_address(const device *d, rng *r)
{
    const uint32_t at = (uint32_t)rng_range(r, 0, MEM_SIZE / 4) * 4;
    if (rng_range(r, 0, 30) == 0)
        return 0xffffffe0;
    return rng_range(r, 0, 19) ? at / d->mem_bytes * d->mem_bytes : at + 1;
}

static uint32_t random_length(const device *d, rng *r)
{
    const uint32_t bytes = (uint32_t)rng_range(r, 0, rng_range(r, 0, 3) ? 300 : WEFT_PKT_MAX_DATA);
    if (rng_range(r, 0, 19) == 0)
        return WEFT_PKT_MAX_DATA;
    return rng_range(r, 0, 19) ? bytes / d->mem_bytes * d->mem_bytes : bytes;
}

/* Payload of a random request of this type; returns its length. */
static size_t random_payload(const device *d, rng *r, uint8_t type, uint8_t *payload)
{
    static const uint32_t beats[] = { 0, 0, 1, 3, 30, 700 };
    uint32_t bytes;
    damage_garbage(r, payload, WEFT_PKT_MAX_PAYLOAD);
    switch (type) {
    case WEFT_PKT_RESET:
    case WEFT_PKT_PING: return 0;
    case WEFT_PKT_REG_READ: weft_put_u32(payload, random_register(r, true)); return 4;
    case WEFT_PKT_REG_WRITE:
        bytes = random_register(r, false);
        weft_put_u32(payload, bytes);
        if (bytes == WEFT_REG_CTRL)
            weft_put_u32(payload + 4, (uint32_t)rng_range(r, 0, 7));
        if (bytes == WEFT_REG_HEARTBEAT)
            weft_put_u32(payload + 4, beats[rng_range(r, 0, 5)]);
        return 8;
    case WEFT_PKT_START: return 16;
    default:
        bytes = random_length(d, r);
        weft_put_u32(payload, random_address(d, r));
        if (type == WEFT_PKT_MEM_READ && rng_range(r, 0, 19) == 0)
            weft_put_u32(payload + 4, bytes + 1024);
        else
            weft_put_u32(payload + 4, bytes);
        return type == WEFT_PKT_MEM_READ ? 8 : 8 + (size_t)bytes;
    }
}

static void power_up(device *d)
{
    wait_replies(d);
    put(d->script, "X", 1);
    reset_state(d);
    weft_packet_restart(&d->decoder);
}

/* A damaged copy of the frame, then zeros that end it, and sometimes RESET. */
static void send_damaged(device *d, rng *r, const uint8_t *frame, size_t bytes)
{
    static const uint8_t zeros[WEFT_FRAME_FLUSH_BYTES];
    uint8_t bad[DAMAGE_MAX_BYTES];
    memcpy(bad, frame, bytes);
    send(d, bad, damage_frame(r, bad, bytes));
    switch (rng_range(r, 0, 3)) {
    case 0: break;
    case 1: flush_and_reset(d, (uint8_t)(frame[3] + 100)); break;
    default: send(d, zeros, sizeof zeros); break;
    }
}

static void random_request(device *d, rng *r, uint8_t sequence)
{
    static const uint8_t types[] = { WEFT_PKT_PING,      WEFT_PKT_REG_READ,  WEFT_PKT_REG_READ,
                                     WEFT_PKT_REG_WRITE, WEFT_PKT_REG_WRITE, WEFT_PKT_MEM_READ,
                                     WEFT_PKT_MEM_READ,  WEFT_PKT_MEM_WRITE, WEFT_PKT_MEM_WRITE,
                                     WEFT_PKT_MEM_WRITE, WEFT_PKT_START,     WEFT_PKT_START };
    uint8_t payload[WEFT_PKT_MAX_PAYLOAD], frame[DAMAGE_MAX_BYTES];
    size_t bytes = 0;
    weft_packet p = { types[rng_range(r, 0, sizeof types - 1)], sequence, 0, payload, 0 };
    p.payload_bytes = random_payload(d, r, p.type, payload);
    if (rng_range(r, 0, 29) == 0)
        p.type = (uint8_t)rng_u32(r);
    if (rng_range(r, 0, 29) == 0)
        p.payload_bytes = (size_t)rng_range(r, 0, 40);
    if (p.type == WEFT_PKT_REG_WRITE && payload[0] == WEFT_REG_CTRL &&
        payload[4] & WEFT_CTRL_ABORT && d->busy)
        wait_replies(d);
    if (weft_packet_build(&p, frame, sizeof frame, &bytes) != WEFT_OK)
        exit(1);
    if (rng_range(r, 0, 6) == 0) {
        if (rng_range(r, 0, 1))
            send(d, frame, bytes);
        send_damaged(d, r, frame, bytes);
    }
    send(d, frame, bytes);
    const bool fresh = rng_range(r, 0, 39) == 0;
    if (fresh)
        power_up(d);
    if (fresh || rng_range(r, 0, 4) == 0)
        send(d, frame, bytes);
}

/* A RESET with a payload is refused, and one after it with the same number is not taken for its
 * repetition. */
static void refused_reset(device *d, uint8_t sequence)
{
    const weft_packet p = { WEFT_PKT_RESET, sequence, 0, (const uint8_t *)"1", 1 };
    uint8_t frame[1 + WEFT_FRAME_OVERHEAD_BYTES];
    size_t bytes = 0;
    if (weft_packet_build(&p, frame, sizeof frame, &bytes) != WEFT_OK)
        exit(1);
    send(d, frame, bytes);
    flush_and_reset(d, sequence);
}

/* Everything works again after whatever came before, and memory is as it should be. */
static void read_all(device *d)
{
    uint8_t sequence = 0;
    flush_and_reset(d, 0x55);
    for (uint32_t at = 0; at < GOOD_BYTES; at += WEFT_PKT_MAX_DATA) {
        uint8_t payload[8], frame[8 + WEFT_FRAME_OVERHEAD_BYTES];
        size_t bytes = 0;
        weft_put_u32(payload, at);
        weft_put_u32(payload + 4, WEFT_PKT_MAX_DATA);
        const weft_packet p = { WEFT_PKT_MEM_READ, sequence++, 0, payload, sizeof payload };
        if (weft_packet_build(&p, frame, sizeof frame, &bytes) != WEFT_OK)
            exit(1);
        send(d, frame, bytes);
        wait_replies(d);
    }
}

int main(int argc, char **argv)
{
    static device d;
    const test t = test_begin("vec_weft_link", argc, argv, 1, 300);
    rng r = rng_make(t.seed);
    if (argc != 3) {
        printf("usage: vec_weft_link <directory> <MEM_BYTES>\n");
        return 2;
    }
    d.mem_bytes = (uint32_t)strtoul(argv[2], NULL, 0);
    d.script = create(argv[1], "link_script.bin");
    d.want = create(argv[1], "link_want.bin");
    uint8_t sequence = 0;
    for (uint64_t i = 0; i < t.n; i++) {
        sequence = (uint8_t)(sequence + (rng_range(&r, 0, 9) ? 1 : rng_range(&r, 0, 3)));
        random_request(&d, &r, sequence);
        if (d.busy && rng_range(&r, 0, 7) == 0)
            finish_run(&d, &r);
        if (rng_range(&r, 0, 59) == 0)
            flush_and_reset(&d, sequence);
        if (rng_range(&r, 0, 59) == 0)
            refused_reset(&d, sequence);
    }
    read_all(&d);
    put(d.script, "Q", 1);
    fclose(d.script);
    fclose(d.want);
    return 0;
}
