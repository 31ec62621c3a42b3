/* Script of the bench of weft_link: what the host sends, and what a correct device answers.
 *
 *     vec_weft_link <directory> <MEM_BYTES>
 *
 * writes link_script.bin, records that begin with a letter:
 *
 *   S n(u16) bytes         send these bytes
 *   W count(u32)           wait until so many replies have come in all
 *   R number(u32)          the next run that starts is of this request
 *   F code index(u32) hold(u16)  end the run with this error; tx stands still for hold cycles from then on
 *   A                      the run was aborted: wait for its DONE
 *   X                      pulse rst
 *   Q                      end
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

static void send(device *d, const uint8_t *bytes, size_t count);

/* Wide streams move four bytes at a time: zeros for what is missing. */
static void wait_replies(device *d)
{
    static const uint8_t zeros[4];
    uint8_t record[5] = { 'W' };
    if (d->sent % 4)
        send(d, zeros, 4 - d->sent % 4);
    weft_put_u32(record + 1, d->replies);
    put(d->script, record, sizeof record);
}

static void send(device *d, const uint8_t *bytes, size_t count)
{
    uint8_t record[3] = { 'S' };
    const uint8_t *at = bytes;
    size_t left = count;
    weft_packet p;
    while (weft_packet_next(&d->decoder, &at, &left, &p))
        take(d, &p);
    weft_put_u16(record + 1, (uint16_t)count);
    put(d->script, record, sizeof record);
    put(d->script, bytes, count);
    d->sent += count;
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

static void send_packet(device *d, const weft_packet *p)
{
    uint8_t frame[WEFT_FRAME_MAX_BYTES];
    size_t bytes = 0;
    if (weft_packet_build(p, frame, sizeof frame, &bytes) != WEFT_OK)
        exit(1);
    send(d, frame, bytes);
}

/* Complete whatever is half received, and wait until all before it has been done. */
static void flush(device *d)
{
    static const uint8_t zeros[LONGEST_PAYLOAD + 16];
    send(d, zeros, sizeof zeros);
    send_packet(d, &(weft_packet){ .type = WEFT_PKT_HELLO, .payload = zeros, .payload_bytes = 4 });
    wait_replies(d);
}

/* A session begins; sometimes not from the one the device is in. */
static void open_anew(device *d, rng *r)
{
    uint8_t payload[4];
    const uint32_t next = rng_range(r, 0, 9) ? rng_u32(r) : d->session;
    weft_put_u32(payload, next);
    const weft_packet p = { .type = WEFT_PKT_OPEN,
                            .session = rng_range(r, 0, 7) ? d->session : (uint16_t)rng_u32(r),
                            .sequence = rng_range(r, 0, 3) ? rng_u32(r) : 0xfffffff0u,
                            .payload = payload,
                            .payload_bytes = sizeof payload };
    send_packet(d, &p);
}

static void flush_and_reset(device *d, rng *r)
{
    flush(d);
    open_anew(d, r);
    send_packet(d, &(weft_packet){ .type = WEFT_PKT_RESET,
                                   .flags = WEFT_PKT_FRESH,
                                   .session = d->session,
                                   .sequence = d->last + 1 });
}

static uint32_t random_register(rng *r, bool readable)
{
    static const uint8_t reads[] = { 0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 0x58, 0x5c, 0x60, 0x64 };
    static const uint32_t odd[] = { 0x28, 0x68,    0xbc,    0x100,      2,
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
    const uint32_t bytes = (uint32_t)rng_range(r, 0, rng_range(r, 0, 3) ? 300 : LINK_DATA);
    if (rng_range(r, 0, 19) == 0)
        return LINK_DATA;
    return rng_range(r, 0, 19) ? bytes / d->mem_bytes * d->mem_bytes : bytes / 4 * 4;
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
        if (rng_range(r, 0, 9) == 0) /* up to the end of memory, or a word too far */
            weft_put_u32(payload, MEM_SIZE - bytes + (rng_range(r, 0, 1) ? d->mem_bytes : 0));
        if (type == WEFT_PKT_MEM_READ && rng_range(r, 0, 19) == 0)
            weft_put_u32(payload + 4, bytes + 1024);
        else
            weft_put_u32(payload + 4, bytes);
        return type == WEFT_PKT_MEM_READ ? 8 : 8 + (size_t)bytes;
    }
}

static void power_up(device *d)
{
    flush(d);
    put(d->script, "X", 1);
    reset_state(d);
    d->session = 0;
    weft_packet_restart(&d->decoder);
}

/* A damaged copy of the frame, then zeros that end it, and sometimes a new session and RESET. */
static void send_damaged(device *d, rng *r, const uint8_t *frame, size_t bytes)
{
    static const uint8_t zeros[LONGEST_PAYLOAD + 16];
    uint8_t bad[DAMAGE_MAX_BYTES];
    memcpy(bad, frame, bytes);
    send(d, bad, damage_frame(r, bad, bytes));
    switch (rng_range(r, 0, 3)) {
    case 0: break;
    case 1: flush_and_reset(d, r); break;
    default: send(d, zeros, sizeof zeros); break;
    }
}

/* Number, session and flags as a host would have them, and as one that lost its way. */
static void address(const device *d, rng *r, weft_packet *p)
{
    const int32_t pick = rng_range(r, 0, 19);
    p->session = rng_range(r, 0, 19) ? d->session : (uint16_t)rng_u32(r);
    p->sequence = d->last + 1;
    if (pick == 0)
        p->sequence = d->last - (uint32_t)rng_range(r, 0, 5);
    if (pick == 1)
        p->sequence = d->last + (uint32_t)rng_range(r, 2, 6);
    if (pick == 2)
        p->sequence = rng_u32(r);
    p->flags = (uint8_t)(rng_range(r, 0, 3) << WEFT_PKT_ROUND_LSB);
    if (rng_range(r, 0, d->halted ? 3 : 1))
        p->flags |= WEFT_PKT_FRESH;
    if (rng_range(r, 0, 2) == 0)
        p->flags |= WEFT_PKT_QUIET;
}

/* What was sent some time ago, in this session or before, comes once more. */
typedef struct history {
    uint8_t frame[16][DAMAGE_MAX_BYTES];
    size_t bytes[16];
    unsigned count;
} history;

static void replay(device *d, rng *r, const history *h)
{
    const unsigned i = rng_u32(r) % 16;
    if (h->bytes[i])
        send(d, h->frame[i], h->bytes[i]);
}

static void random_request(device *d, rng *r, history *h)
{
    static const uint8_t types[] = { WEFT_PKT_PING,      WEFT_PKT_REG_READ,  WEFT_PKT_REG_READ,
                                     WEFT_PKT_REG_WRITE, WEFT_PKT_REG_WRITE, WEFT_PKT_MEM_READ,
                                     WEFT_PKT_MEM_READ,  WEFT_PKT_MEM_WRITE, WEFT_PKT_MEM_WRITE,
                                     WEFT_PKT_MEM_WRITE, WEFT_PKT_START,     WEFT_PKT_START };
    uint8_t payload[WEFT_PKT_MAX_PAYLOAD], *frame = h->frame[h->count % 16];
    size_t bytes = 0;
    weft_packet p = { .type = types[rng_range(r, 0, sizeof types - 1)], .payload = payload };
    p.payload_bytes = random_payload(d, r, p.type, payload);
    address(d, r, &p);
    if (rng_range(r, 0, 29) == 0)
        p.type = (uint8_t)rng_u32(r);
    if (rng_range(r, 0, 29) == 0)
        p.payload_bytes = 4 * (size_t)rng_range(r, 0, 10);
    if (p.type == WEFT_PKT_REG_WRITE && payload[0] == WEFT_REG_CTRL &&
        payload[4] & WEFT_CTRL_ABORT && d->busy)
        wait_replies(d);
    if (weft_packet_build(&p, frame, DAMAGE_MAX_BYTES, &bytes) != WEFT_OK)
        exit(1);
    h->bytes[h->count++ % 16] = bytes;
    if (rng_range(r, 0, 6) == 0) {
        if (rng_range(r, 0, 1))
            send(d, frame, bytes);
        send_damaged(d, r, frame, bytes);
    }
    send(d, frame, bytes);
    const bool fresh = rng_range(r, 0, 59) == 0;
    if (fresh) {
        power_up(d);
        p.session = 0; /* is no session */
        p.flags |= WEFT_PKT_FRESH;
        send_packet(d, &p);
    }
    if (fresh || rng_range(r, 0, 4) == 0)
        send(d, frame, bytes);
    if (rng_range(r, 0, 2) == 0)
        replay(d, r, h);
}

/* A frame is replayed between two writes to the same place: the later one stands. */
static void replayed_write(device *d)
{
    uint8_t payload[8 + 32];
    weft_packet p = { .type = WEFT_PKT_MEM_WRITE,
                      .flags = WEFT_PKT_FRESH,
                      .session = d->session,
                      .payload = payload,
                      .payload_bytes = sizeof payload };
    weft_put_u32(payload, 64);
    weft_put_u32(payload + 4, 32);
    p.sequence = d->last + 1;
    memset(payload + 8, 0xaa, 32);
    send_packet(d, &p);
    memset(payload + 8, 0xbb, 32);
    p.sequence++;
    send_packet(d, &p);
    memset(payload + 8, 0xaa, 32);
    p.sequence--;
    send_packet(d, &p);
}

/* OPEN to no session and to the present one: neither does anything. */
static void refused_open(device *d)
{
    const uint32_t to[] = { 0x10000, d->session };
    for (unsigned i = 0; i < 2; i++) {
        uint8_t payload[4];
        weft_put_u32(payload, to[i]);
        send_packet(d, &(weft_packet){ .type = WEFT_PKT_OPEN,
                                       .session = d->session,
                                       .sequence = 5,
                                       .payload = payload,
                                       .payload_bytes = sizeof payload });
    }
}

/* A read past the end of memory is refused, and so again when it is repeated. */
static void refused_read(device *d)
{
    uint8_t payload[8];
    weft_put_u32(payload, MEM_SIZE);
    weft_put_u32(payload + 4, 32);
    const weft_packet p = { .type = WEFT_PKT_MEM_READ,
                            .flags = WEFT_PKT_FRESH,
                            .session = d->session,
                            .sequence = d->last + 1,
                            .payload = payload,
                            .payload_bytes = sizeof payload };
    send_packet(d, &p);
    send_packet(d, &p);
}

/* Everything works again after whatever came before, and memory is as it should be. */
static void read_all(device *d, rng *r)
{
    do {
        flush_and_reset(d, r);
    } while (d->session == 0);
    replayed_write(d);
    refused_open(d);
    refused_read(d);
    for (uint32_t at = 0; at < GOOD_BYTES; at += LINK_DATA) {
        uint8_t payload[8];
        weft_put_u32(payload, at);
        weft_put_u32(payload + 4, LINK_DATA);
        send_packet(d, &(weft_packet){ .type = WEFT_PKT_MEM_READ,
                                       .flags = WEFT_PKT_FRESH,
                                       .session = d->session,
                                       .sequence = d->last + 1,
                                       .payload = payload,
                                       .payload_bytes = sizeof payload });
    }
    wait_replies(d);
}

int main(int argc, char **argv)
{
    static device d;
    static history h;
    const test t = test_begin("vec_weft_link", argc, argv, 1, 300);
    rng r = rng_make(t.seed);
    if (argc != 3) {
        printf("usage: vec_weft_link <directory> <MEM_BYTES>\n");
        return 2;
    }
    d.mem_bytes = (uint32_t)strtoul(argv[2], NULL, 0);
    d.script = create(argv[1], "link_script.bin");
    d.want = create(argv[1], "link_want.bin");
    d.decoder.longest_payload = LONGEST_PAYLOAD;
    for (uint64_t i = 0; i < t.n; i++) {
        if (d.session == 0 || rng_range(&r, 0, 39) == 0)
            open_anew(&d, &r);
        random_request(&d, &r, &h);
        if (d.busy && rng_range(&r, 0, 7) == 0)
            finish_run(&d, &r);
        if (rng_range(&r, 0, 59) == 0)
            flush_and_reset(&d, &r);
    }
    read_all(&d, &r);
    put(d.script, "Q", 1);
    if (t.n >= 60 && (d.executed < t.n / 4 || d.repeated == 0 || d.dropped == 0)) {
        printf("FAIL vec_weft_link: of %" PRIu64
               " requests %u were executed, %u repeated, %u dropped\n",
               t.n, (unsigned)d.executed, (unsigned)d.repeated, (unsigned)d.dropped);
        return 1;
    }
    fclose(d.script);
    fclose(d.want);
    return 0;
}
