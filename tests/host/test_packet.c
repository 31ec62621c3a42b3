/* host/transport/packet.h: CRC against a bitwise one, a frame written out by hand, every split of the stream,
 * cut, flipped and repeated frames, garbage, flush, and every refusal. */
#include "host/transport/packet.h"

#include <string.h>

#include "tests/rng.h"
#include "tests/test.h"
#include <weft/weft_status.h>

/* The polynomial division, bit by bit. */
static uint32_t crc_bitwise(const uint8_t *data, size_t bytes)
{
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < bytes; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static void fill(rng *r, uint8_t *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)rng_u32(r);
}

static void test_crc(test *t, rng *r)
{
    uint8_t data[300];
    CHECK(t, weft_crc32(0, (const uint8_t *)"123456789", 9) == 0xcbf43926u,
          "check value of CRC-32");
    for (int i = 0; i < 1000; i++) {
        const size_t bytes = (size_t)rng_range(r, 0, sizeof data);
        const size_t cut = (size_t)rng_range(r, 0, (int32_t)bytes);
        fill(r, data, bytes);
        const uint32_t want = crc_bitwise(data, bytes);
        const uint32_t got = weft_crc32(weft_crc32(0, data, cut), data + cut, bytes - cut);
        CHECK(t, got == want, "%zu bytes cut at %zu: got %08x, want %08x", bytes, cut, got, want);
    }
}

static void test_golden(test *t)
{
    static const uint8_t want[] = { 0x57, 0xef, 0x11, 0x21, 0xef, 0xbe, 0x08, 0x00,
                                    0x2a, 0x0c, 0x0b, 0x0a, 0x24, 0x00, 0x00, 0x00,
                                    0x78, 0x56, 0x34, 0x12, 0xfa, 0x45, 0xc2, 0x30 };
    uint8_t payload[8] = { 0 }, frame[WEFT_FRAME_MAX_BYTES];
    size_t bytes = 0;
    weft_put_u16(payload, WEFT_REG_HEARTBEAT);
    weft_put_u32(payload + 4, 0x12345678);
    const weft_packet p = { .type = WEFT_PKT_REG_WRITE,
                            .flags = WEFT_PKT_FRESH | 2 << WEFT_PKT_ROUND_LSB,
                            .session = 0xbeef,
                            .sequence = 0x0a0b0c2a,
                            .payload = payload,
                            .payload_bytes = sizeof payload };
    CHECK(t, weft_packet_build(&p, frame, sizeof frame, &bytes) == WEFT_OK, "build");
    CHECK(t, bytes == sizeof want, "got %zu bytes, want %zu", bytes, sizeof want);
    for (size_t i = 0; i < sizeof want; i++)
        CHECK(t, frame[i] == want[i], "byte %zu: got %02x, want %02x", i, frame[i], want[i]);
}

static void test_refusals(test *t)
{
    uint8_t payload[WEFT_PKT_MAX_PAYLOAD + 4] = { 0 }, frame[WEFT_FRAME_MAX_BYTES + 4];
    size_t bytes = 99;
    weft_packet p = {
        .type = WEFT_PKT_PING, .sequence = 1, .payload = payload, .payload_bytes = sizeof payload
    };
    CHECK(t, weft_packet_build(&p, frame, sizeof frame, &bytes) == WEFT_ERR_ARG, "too long");
    p.payload_bytes = 5;
    CHECK(t, weft_packet_build(&p, frame, sizeof frame, &bytes) == WEFT_ERR_ARG, "five bytes");
    p.payload_bytes = 8;
    CHECK(t, weft_packet_build(&p, frame, 23, &bytes) == WEFT_ERR_ARG, "no room");
    CHECK(t, bytes == 99, "a refusal writes nothing");
    CHECK(t, weft_packet_build(&p, frame, 24, &bytes) == WEFT_OK && bytes == 24, "just fits");
    p.payload_bytes = 5;

    uint16_t h = 7;
    uint32_t w = 7;
    CHECK(t, !weft_packet_u16(&p, 4, &h) && !weft_packet_u16(&p, SIZE_MAX, &h) && h == 7, "u16");
    CHECK(t, !weft_packet_u32(&p, 2, &w) && !weft_packet_u32(&p, SIZE_MAX - 1, &w) && w == 7,
          "u32");
    weft_put_u32(payload + 1, 0x89abcdef);
    CHECK(t, weft_packet_u32(&p, 1, &w) && w == 0x89abcdef, "u32 at 1: got %08x", w);
    CHECK(t, weft_packet_u16(&p, 3, &h) && h == 0x89ab, "u16 at 3: got %04x", h);
}

/* Feed bytes in random pieces; returns the number of good frames, the last of them in *last. */
static unsigned feed(test *t, weft_packet_decoder *d, rng *r, const uint8_t *at, size_t bytes,
                     weft_packet *last)
{
    unsigned good = 0;
    while (bytes) {
        size_t piece = (size_t)rng_range(r, 1, 64);
        piece = piece < bytes ? piece : bytes;
        bytes -= piece;
        weft_packet p;
        while (weft_packet_next(d, &at, &piece, &p)) {
            CHECK(t, p.status == WEFT_PKTST_OK || p.payload_bytes == 0,
                  "payload of a damaged frame");
            if (p.status == WEFT_PKTST_OK) {
                good++;
                *last = p;
            }
        }
    }
    return good;
}

static size_t random_frame(rng *r, weft_packet *p, uint8_t *payload, uint8_t *frame)
{
    static const int32_t sizes[] = { 0, 4, 8, 16, 1024, WEFT_PKT_MAX_PAYLOAD };
    const int32_t pick = rng_range(r, 0, 39);
    size_t bytes = 0;
    *p = (weft_packet){ .type = (uint8_t)rng_u32(r),
                        .flags = (uint8_t)rng_u32(r),
                        .session = (uint16_t)rng_u32(r),
                        .sequence = rng_u32(r),
                        .payload = payload,
                        .payload_bytes = 4 * (size_t)rng_range(r, 0, 258) };
    if (pick < 6)
        p->payload_bytes = (size_t)sizes[pick];
    fill(r, payload, p->payload_bytes);
    weft_packet_build(p, frame, WEFT_FRAME_MAX_BYTES, &bytes);
    return bytes;
}

static bool same(const weft_packet *p, const weft_packet *q)
{
    return p->type == q->type && p->flags == q->flags && p->session == q->session &&
           p->sequence == q->sequence && p->payload_bytes == q->payload_bytes &&
           !memcmp(p->payload, q->payload, p->payload_bytes);
}

static void test_damage(test *t, rng *r)
{
    static weft_packet_decoder d;
    static uint8_t payload[WEFT_PKT_MAX_PAYLOAD], frame[WEFT_FRAME_MAX_BYTES];
    static const uint8_t zeros[WEFT_FRAME_FLUSH_BYTES];
    for (uint64_t i = 0; i < t->n; i++) {
        weft_packet sent, got = { 0 };
        const size_t bytes = random_frame(r, &sent, payload, frame);
        CHECK(t, feed(t, &d, r, frame, bytes, &got) == 1 && same(&sent, &got), "case %" PRIu64, i);

        const size_t flip = (size_t)rng_range(r, 0, (int32_t)bytes - 1);
        const uint8_t bit = (uint8_t)(1 << rng_range(r, 0, 7));
        frame[flip] ^= bit;
        const unsigned flipped = feed(t, &d, r, frame, bytes, &got);
        frame[flip] ^= bit;
        CHECK(t, flipped == 0, "case %" PRIu64 ": bit of byte %zu flipped, yet taken", i, flip);
        feed(t, &d, r, zeros, sizeof zeros, &got);

        const size_t cut = (size_t)rng_range(r, 0, (int32_t)bytes - 5);
        const unsigned taken =
            feed(t, &d, r, frame, cut, &got) + feed(t, &d, r, zeros, sizeof zeros, &got);
        CHECK(t, taken == 0, "case %" PRIu64 ": cut at %zu, yet taken", i, cut);

        CHECK(t, feed(t, &d, r, frame, bytes, &got) == 1 && same(&sent, &got),
              "case %" PRIu64 ": nothing received after the flush", i);
    }
}

/* A wrong CRC, half of magic, a length that is too long for this decoder and one that is no multiple of four. */
static void test_counts(test *t)
{
    static weft_packet_decoder d = { .longest_payload = 1032 };
    static const uint8_t stream[] = { 1,    0x57, 0x57, 0xef, 2,    0,  9, 0, 0, 0,    7, 0, 0,
                                      0,    0xb5, 0x2d, 0x76, 0x42, 3,  4, 5, 6, 0x57, 3, 4, 0x57,
                                      0xef, 2,    0,    9,    0,    12, 4, 7, 0, 0,    0 };
    static const uint8_t odd[] = { 0x57, 0xef, 2, 0, 9, 0, 6, 0, 7, 0, 0, 0 };
    const uint8_t *at = stream;
    size_t left = sizeof stream;
    weft_packet p;
    CHECK(t, weft_packet_next(&d, &at, &left, &p) && p.status == WEFT_PKTST_CRC, "wrong CRC");
    CHECK(t, p.type == 2 && p.session == 9 && p.sequence == 7 && p.payload_bytes == 0,
          "fields of a damaged frame");
    CHECK(t, left == sizeof stream - 18, "left %zu", left);
    CHECK(t, weft_packet_next(&d, &at, &left, &p) && p.status == WEFT_PKTST_LENGTH && left == 0,
          "1036 is too long");
    at = odd;
    left = sizeof odd;
    CHECK(t, weft_packet_next(&d, &at, &left, &p) && p.status == WEFT_PKTST_LENGTH, "length 6");
    CHECK(t, d.damaged == 3 && d.frames == 0, "%" PRIu64 " damaged", d.damaged);
    CHECK(t, d.garbage_bytes == 9, "got %" PRIu64 " garbage bytes, want 9", d.garbage_bytes);
    left = 2;
    at = (const uint8_t *)"\x57\xef";
    CHECK(t, !weft_packet_next(&d, &at, &left, &p) && left == 0, "magic alone is no frame");
    weft_packet_restart(&d);
    uint8_t frame[WEFT_FRAME_OVERHEAD_BYTES];
    const weft_packet ping = { .type = WEFT_PKT_PING };
    CHECK(t, weft_packet_build(&ping, frame, sizeof frame, &left) == WEFT_OK, "ping");
    at = frame;
    CHECK(t, weft_packet_next(&d, &at, &left, &p) && p.status == WEFT_PKTST_OK, "after restart");
}

int main(int argc, char **argv)
{
    test t = test_begin("packet", argc, argv, 1, 3000);
    rng r = rng_make(t.seed);
    test_crc(&t, &r);
    test_golden(&t);
    test_refusals(&t);
    test_counts(&t);
    test_damage(&t, &r);
    return test_end(&t, "CRC, golden frame, refusals, flipped and cut frames, random pieces");
}
