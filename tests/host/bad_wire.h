/* What a bad wire, or somebody hostile between host and device, does to frames: for tests of the link.
 *
 * Frames are lost, doubled, held back and given out later, cut, and repeated long after, those of earlier sessions
 * too; single bytes are lost or flipped; garbage comes between.  Each with its chance in 1/65536, per frame
 * or byte. */
#ifndef WEFT_TESTS_BAD_WIRE_H
#define WEFT_TESTS_BAD_WIRE_H

#include <string.h>

#include "host/transport/packet.h"
#include "tests/rng.h"

enum { BAD_HELD = 8, BAD_HISTORY = 32, BAD_GARBAGE_BYTES = 40 };

typedef struct bad_chances {
    uint32_t lose_byte, flip_bit, garbage_byte;               /* per byte */
    uint32_t lose_frame, repeat_frame, cut_frame, hold_frame; /* per frame */
    uint32_t replay_frame; /* any earlier frame comes behind this one */
} bad_chances;

typedef struct bad_frame {
    size_t bytes;
    uint8_t byte[WEFT_FRAME_MAX_BYTES];
} bad_frame;

/* One direction.  `deliver` gets the bytes at the other end. */
typedef struct bad_wire {
    rng r;
    bad_chances chance;
    void *to;
    void (*deliver)(void *to, const uint8_t *bytes, size_t count);
    uint64_t faults, frames;
    bad_frame now; /* the frame that comes in byte by byte */
    bad_frame held[BAD_HELD], history[BAD_HISTORY];
} bad_wire;

static inline int bad_luck(bad_wire *w, uint32_t chance)
{
    const int hit = chance && (rng_u32(&w->r) & 0xffff) < chance;
    w->faults += (unsigned)hit;
    return hit;
}

static inline void bad_byte(bad_wire *w, uint8_t byte)
{
    if (bad_luck(w, w->chance.flip_bit))
        byte ^= (uint8_t)(1u << rng_u32(&w->r) % 8);
    if (bad_luck(w, w->chance.garbage_byte)) {
        uint8_t garbage[BAD_GARBAGE_BYTES];
        for (size_t i = 0; i < sizeof garbage; i++)
            garbage[i] = (uint8_t)rng_u32(&w->r);
        w->deliver(w->to, garbage, 1 + rng_u32(&w->r) % sizeof garbage);
    }
    if (!bad_luck(w, w->chance.lose_byte))
        w->deliver(w->to, &byte, 1);
}

static inline void bad_bytes(bad_wire *w, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bad_byte(w, bytes[i]);
}

static inline void bad_give(bad_wire *w, const bad_frame *f)
{
    bad_bytes(w, f->byte, bad_luck(w, w->chance.cut_frame) ? rng_u32(&w->r) % f->bytes : f->bytes);
}

/* A whole frame enters the wire. */
static inline void bad_whole(bad_wire *w, const bad_frame *f)
{
    w->history[w->frames++ % BAD_HISTORY] = *f;
    bad_frame *held = &w->held[rng_u32(&w->r) % BAD_HELD];
    if (bad_luck(w, w->chance.hold_frame)) {
        const bad_frame before = *held;
        *held = *f;
        bad_bytes(w, before.byte, before.bytes);
    } else if (!bad_luck(w, w->chance.lose_frame)) {
        bad_give(w, f);
        if (bad_luck(w, w->chance.repeat_frame))
            bad_give(w, f);
    }
    if (bad_luck(w, w->chance.replay_frame)) {
        const bad_frame *old = &w->history[rng_u32(&w->r) % BAD_HISTORY];
        bad_bytes(w, old->byte, old->bytes);
    }
}

/* Bytes enter the wire; frames among them are found by their headers, as the sender wrote them. */
static inline void bad_send(bad_wire *w, const uint8_t *bytes, size_t count)
{
    enum { LENGTH_AT = 6 };
    bad_frame *f = &w->now;
    for (size_t i = 0; i < count; i++) {
        if (f->bytes == 0 && bytes[i] != WEFT_PKT_MAGIC0) {
            bad_byte(w, bytes[i]);
            continue;
        }
        f->byte[f->bytes++] = bytes[i];
        const size_t length = f->byte[LENGTH_AT] | (size_t)f->byte[LENGTH_AT + 1] << 8;
        if (f->bytes >= WEFT_PKT_HEADER_BYTES && f->bytes == length + WEFT_FRAME_OVERHEAD_BYTES) {
            bad_whole(w, f);
            f->bytes = 0;
        }
    }
}

#endif
