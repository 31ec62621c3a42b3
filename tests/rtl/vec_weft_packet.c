/* Vectors of the benches of weft_crc32, weft_packet_rx and weft_packet_tx, made by host/transport/packet.c.
 *
 *     vec_weft_packet <directory>
 *
 * writes binary files into the directory:
 *
 *   crc.bin        records of: first bytes of a message? (1 or 0), four bytes, CRC-32 so far (u32)
 *   rx_bytes.bin   a byte stream with good, damaged, cut and repeated frames and garbage
 *   rx_events.bin  for each frame in it: status, payload length (u16), header and payload
 *   tx_frames.bin  frames to be sent: words of the head, data length (u16), head, data
 *   tx_bytes.bin   the stream they make
 *
 * Frames have at most LONGEST_DATA bytes of data.  SEED= and N= (frames of each stream) as for tests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link_damage.h"
#include "tests/test.h"
#include <weft/weft_status.h>

enum { LONGEST_DATA = 1024, LONGEST_PAYLOAD = WEFT_MEM_HEAD_BYTES + LONGEST_DATA };

static FILE *create(const char *directory, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *f = fopen(path, "wb");
    if (!f) {
        printf("FAIL vec_weft_packet: cannot write %s\n", path);
        exit(1);
    }
    return f;
}

static void put(FILE *f, const void *data, size_t bytes)
{
    if (bytes && fwrite(data, 1, bytes, f) != bytes)
        exit(1);
}

static void make_crc(const char *directory, rng *r)
{
    FILE *f = create(directory, "crc.bin");
    for (int message = 0; message < 100; message++) {
        uint8_t data[64];
        const size_t bytes = 4 * (size_t)rng_range(r, 1, sizeof data / 4);
        for (size_t i = 0; i < bytes; i += 4) {
            uint8_t record[9] = { i == 0 };
            for (size_t k = 0; k < 4; k++)
                record[1 + k] = data[i + k] = (uint8_t)rng_u32(r);
            weft_put_u32(record + 5, weft_crc32(0, data, i + 4));
            put(f, record, sizeof record);
        }
    }
    fclose(f);
}

static weft_packet random_packet(rng *r, const uint8_t *payload, size_t payload_bytes)
{
    return (weft_packet){ .type = (uint8_t)rng_u32(r),
                          .flags = (uint8_t)rng_u32(r),
                          .session = (uint16_t)rng_u32(r),
                          .sequence = rng_u32(r),
                          .payload = payload,
                          .payload_bytes = payload_bytes };
}

static size_t random_frame(rng *r, uint8_t *frame)
{
    static const int32_t sizes[] = { 0, 4, 8, 12, 16, 40, 44, 1024, 1028, LONGEST_PAYLOAD };
    uint8_t payload[LONGEST_PAYLOAD];
    size_t bytes = 0;
    const int32_t longest = rng_range(r, 0, 3) ? 80 : LONGEST_PAYLOAD;
    const int32_t size = rng_range(r, 0, 1) ? sizes[rng_range(r, 0, 9)] : rng_range(r, 0, longest);
    const weft_packet p = random_packet(r, payload, (size_t)(size / 4 * 4));
    damage_garbage(r, payload, p.payload_bytes);
    weft_packet_build(&p, frame, WEFT_FRAME_MAX_BYTES, &bytes);
    return bytes;
}

/* Write bytes to the stream, and to the other file what the decoder makes of them. */
static void send(FILE *stream, FILE *events, weft_packet_decoder *d, const uint8_t *at, size_t left)
{
    weft_packet p;
    put(stream, at, left);
    while (weft_packet_next(d, &at, &left, &p)) {
        uint8_t record[3] = { p.status };
        weft_put_u16(record + 1, (uint16_t)p.payload_bytes);
        put(events, record, sizeof record);
        put(events, d->header, sizeof d->header);
        put(events, p.payload, p.payload_bytes);
    }
}

static void make_rx(const char *directory, rng *r, uint64_t frames)
{
    static const uint8_t zeros[WEFT_FRAME_FLUSH_BYTES];
    static weft_packet_decoder d = { .longest_payload = LONGEST_PAYLOAD };
    FILE *stream = create(directory, "rx_bytes.bin"), *events = create(directory, "rx_events.bin");
    for (uint64_t i = 0; i < frames; i++) {
        uint8_t frame[DAMAGE_MAX_BYTES];
        size_t bytes = random_frame(r, frame);
        if (rng_range(r, 0, 1))
            bytes = damage_frame(r, frame, bytes);
        send(stream, events, &d, frame, bytes);
        if (rng_range(r, 0, 4) == 0)
            send(stream, events, &d, frame, bytes);
        if (rng_range(r, 0, 4) == 0) {
            bytes = (size_t)rng_range(r, 0, 60);
            damage_garbage(r, frame, bytes);
            send(stream, events, &d, frame, bytes);
        }
        if (rng_range(r, 0, 9) == 0)
            send(stream, events, &d, zeros, LONGEST_PAYLOAD + 16);
    }
    send(stream, events, &d, zeros, LONGEST_PAYLOAD + 16);
    fclose(stream);
    fclose(events);
}

static void make_tx(const char *directory, rng *r, uint64_t count)
{
    static const int32_t data_sizes[] = { 0, 0, 32, 64, LONGEST_DATA, 992 };
    FILE *frames = create(directory, "tx_frames.bin"), *stream = create(directory, "tx_bytes.bin");
    for (uint64_t i = 0; i < count; i++) {
        uint8_t payload[12 + LONGEST_DATA], frame[sizeof payload + WEFT_FRAME_OVERHEAD_BYTES];
        const size_t head = (size_t)rng_range(r, 1, 3) * 4;
        const size_t data = (size_t)data_sizes[rng_range(r, 0, 5)];
        const weft_packet p = random_packet(r, payload, head + data);
        size_t bytes = 0;
        damage_garbage(r, payload, head + data);
        if (weft_packet_build(&p, frame, sizeof frame, &bytes) != WEFT_OK)
            exit(1);
        uint8_t record[3] = { (uint8_t)((WEFT_PKT_HEADER_BYTES + head) / 4) };
        weft_put_u16(record + 1, (uint16_t)data);
        put(frames, record, sizeof record);
        put(frames, frame, WEFT_PKT_HEADER_BYTES + head + data);
        put(stream, frame, bytes);
    }
    fclose(frames);
    fclose(stream);
}

int main(int argc, char **argv)
{
    const test t = test_begin("vec_weft_packet", argc, argv, 1, 120);
    rng r = rng_make(t.seed);
    if (argc != 2) {
        printf("usage: vec_weft_packet <directory>\n");
        return 2;
    }
    make_crc(argv[1], &r);
    make_rx(argv[1], &r, t.n);
    make_tx(argv[1], &r, t.n);
    return 0;
}
