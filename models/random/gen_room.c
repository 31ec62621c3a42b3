/* Room in memory and in the feature buffer for what a random program needs. */
#include "gen_cmds.h"

uint32_t gen_take_memory(gen *g, uint32_t bytes)
{
    const uint32_t at = g->used;
    if (at + (uint64_t)bytes > g->shape->mem_size) {
        g->used = GEN_NO_ROOM;
        return 0;
    }
    g->used += (bytes + 31) / 32 * 32;
    return at;
}

gen_ring gen_ring_in(gen *g, gen_region region)
{
    gen_ring ring;
    ring.row_words = gen_pick(g, 1, region.words / 3);
    ring.size = gen_pick(g, 1, region.words - ring.row_words);
    ring.pitch = gen_pick(g, 1, ring.size);
    ring.top = region.base + gen_pick(g, ring.size, region.words - ring.row_words);
    /* At the end of the bank rows may go on at its beginning, which is kept free for that. */
    if (region.base + region.words == g->shape->fb_words && ring.row_words <= 2 &&
        gen_once_in(g, 2))
        ring.top = g->shape->fb_words;
    return ring;
}
