/* What can happen to a frame on the way: used by the vectors of the link's benches. */
#ifndef WEFT_TESTS_LINK_DAMAGE_H
#define WEFT_TESTS_LINK_DAMAGE_H

#include <string.h>

#include "host/transport/packet.h"
#include "tests/rng.h"

enum { DAMAGE_KINDS = 7, DAMAGE_MAX_BYTES = WEFT_FRAME_MAX_BYTES + 64 };

/* Random bytes rich in magic. */
static inline void damage_garbage(rng *r, uint8_t *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        const int32_t pick = rng_range(r, 0, 7);
        at[i] = pick == 0   ? WEFT_PKT_MAGIC0
                : pick == 1 ? WEFT_PKT_MAGIC1
                : pick == 2 ? 0
                            : (uint8_t)rng_u32(r);
    }
}

/* Damage the frame in place (it has room for DAMAGE_MAX_BYTES); returns its new length. */
static inline size_t damage_frame(rng *r, uint8_t *frame, size_t bytes)
{
    const size_t at = (size_t)rng_range(r, 0, (int32_t)bytes - 1);
    switch (rng_range(r, 0, DAMAGE_KINDS - 1)) {
    case 0: /* a bit flipped */ frame[at] ^= (uint8_t)(1 << rng_range(r, 0, 7)); return bytes;
    case 1: /* cut short */ return at;
    case 2: /* a byte lost */ memmove(frame + at, frame + at + 1, bytes - at - 1); return bytes - 1;
    case 3: /* a byte twice */ memmove(frame + at + 1, frame + at, bytes - at); return bytes + 1;
    case 4: /* another length, mostly one that cannot be */
        weft_put_u16(frame + 6, (uint16_t)(rng_range(r, 0, 3) ? frame[6] + rng_range(r, 1, 3)
                                                              : 65535 - rng_range(r, 0, 60000)));
        return bytes;
    case 5: /* half of magic in front */
        memmove(frame + 2, frame, bytes);
        frame[0] = WEFT_PKT_MAGIC0;
        frame[1] = rng_range(r, 0, 1) ? WEFT_PKT_MAGIC0 : WEFT_PKT_MAGIC1;
        return bytes + 2;
    default: /* some bytes replaced */
        damage_garbage(r, frame + at, bytes - at < 5 ? bytes - at : 5);
        return bytes;
    }
}

#endif
