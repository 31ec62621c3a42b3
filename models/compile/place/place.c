/* Which areas stay in the feature buffer, where, and in what tiles the others pass through it.
 *
 * Layers are walked through in order over a list of free words.  An area that fits stays from its
 * first to its last use; a layer whose areas do not all stay gets slots for tiles, two each if
 * possible, so that transfers hide behind arithmetic.  When a layer finds no decent room, the
 * largest area that lies there is sent away and the walk begins again: as a ring of a few rows, if
 * the layer behind it is its only reader, so that the two take turns; else, or if that does not
 * fit either, to memory.  When nothing is left to send away, the smallest tile decides whether the
 * network fits at all. */
#include "place.h"
#include "walk.h"

#include <inttypes.h>

static uint32_t area_words(const schedule *sched, uint32_t k)
{
    const area *a = &sched->low->areas[k];
    uint64_t words = div_up(a->rows, 4) * div_up(a->row_bytes, sched->hw->word_bytes);
    return words > UINT32_MAX ? UINT32_MAX : (uint32_t)words;
}

/* Not: outputs that nothing else on the device reads, which pass through; what a step of the host
 * stands between; and what does not fit. */
static int may_stay(const schedule *sched, uint32_t k)
{
    const area *a = &sched->low->areas[k];
    const storage *at = &sched->storage[k];
    return at->born != UINT32_MAX && at->words <= sched->budget.fb_words && !a->is_stream &&
           a->rows <= MOST_ROWS && a->device_reads && !a->crosses;
}

static void leave_buffer(schedule *sched, uint32_t k)
{
    storage *at = &sched->storage[k];
    at->ring = at->resident = 0;
    at->words = area_words(sched, k); /* not those of a ring */
}

/* --- a faster walk, area by area --- */

/* Brings an area back, whole or as a ring, if that is faster than *best. */
static void try_in_buffer(walk *w, uint32_t k, int ring, uint64_t *best)
{
    storage *at = &w->sched->storage[k];
    obstacle unused;
    at->resident = 1;
    at->ring = ring;
    if (walk_layers(w, TILES_ANY, &unused) && walk_cycles(w->sched) < *best)
        *best = walk_cycles(w->sched);
    else
        leave_buffer(w->sched, k);
}

/* Likewise as a ring in the place of a neighbouring one, which goes. */
static void try_instead_of(walk *w, uint32_t k, uint32_t neighbour, uint64_t *best)
{
    storage *other = neighbour == NO_AREA ? NULL : &w->sched->storage[neighbour];
    if (w->sched->storage[k].resident || !other || !other->ring)
        return;
    const uint32_t words = other->words;
    leave_buffer(w->sched, neighbour);
    try_in_buffer(w, k, 1, best);
    if (!w->sched->storage[k].resident) {
        other->resident = other->ring = 1;
        other->words = words;
    }
}

/* Sends an area to memory if that is faster: a chain streams its weights again for every tile. */
static void try_in_memory(walk *w, uint32_t k, uint64_t *best)
{
    storage *at = &w->sched->storage[k];
    const storage before = *at;
    obstacle unused;
    if (!at->resident)
        return;
    leave_buffer(w->sched, k);
    if (walk_layers(w, TILES_ANY, &unused) && walk_cycles(w->sched) < *best)
        *best = walk_cycles(w->sched);
    else
        *at = before;
}

/* One round over all areas: whatever makes one of them faster elsewhere. */
static void improve_once(walk *w, uint64_t *best)
{
    schedule *sched = w->sched;
    for (uint32_t k = 0; k < sched->low->area_count; k++) {
        const storage *at = &sched->storage[k];
        if (!(sched->budget.policy & POLICY_KEEP_CHAINS))
            try_in_memory(w, k, best);
        if (!at->resident && may_stay(sched, k))
            try_in_buffer(w, k, 0, best);
        if (at->resident || !place_can_ring(sched, k))
            continue;
        try_in_buffer(w, k, 1, best);
        try_instead_of(w, k, sched->low->layers[at->born].in[0], best);
        try_instead_of(w, k, sched->low->layers[at->dies].out, best);
    }
}

/* What was sent away for a neighbour that then went too may come back; a chain may be too many. */
static void improve(walk *w)
{
    enum { MOST_ROUNDS = 4 };
    obstacle unused;
    (void)walk_layers(w, TILES_ANY, &unused);
    uint64_t best = walk_cycles(w->sched), before = 0;
    for (unsigned i = 0; i < MOST_ROUNDS && best != before; i++) {
        before = best;
        improve_once(w, &best);
    }
    (void)walk_layers(w, TILES_ANY, &unused); /* as it was when the last area moved */
}

/* --- the first walk that succeeds --- */

/* Everything stays but outputs that nothing else reads, which pass through; what can never fit
 * stays as a ring if its only reader follows, else it passes through too. */
static void all_that_may_stay(schedule *sched)
{
    for (uint32_t k = 0; k < sched->low->area_count; k++) {
        const area *a = &sched->low->areas[k];
        storage *at = &sched->storage[k];
        at->pitch_words = (uint32_t)div_up(a->row_bytes, sched->hw->word_bytes);
        at->words = area_words(sched, k);
        at->ring = at->words > sched->budget.fb_words && place_can_ring(sched, k);
        at->resident = at->ring || may_stay(sched, k);
    }
}

/* The area leaves the buffer: as a ring if it can, else altogether. */
static void send_away(schedule *sched, uint32_t k)
{
    if (!sched->storage[k].ring && place_can_ring(sched, k))
        sched->storage[k].ring = 1;
    else
        leave_buffer(sched, k);
}

/* Layers of a chain take turns: what one of them needs lives as long as all of them. */
static void stretch_lifetimes(schedule *sched)
{
    for (uint32_t i = 0, last; i < sched->low->layer_count; i = last + 1) {
        last = chain_end(sched, i);
        sched->tilings[i].chain = last - i + 1;
        for (uint32_t k = 0; k < sched->low->area_count; k++) {
            storage *at = &sched->storage[k];
            at->born = at->born > i && at->born <= last ? i : at->born;
            at->dies = at->dies >= i && at->dies < last ? last : at->dies;
        }
    }
}

/* --- refusals --- */

static void blame_for(schedule *sched, uint32_t node, uint64_t least)
{
    const uint64_t word = 4u * sched->hw->word_bytes;
    work_blame(&sched->work, node,
               "it needs %" PRIu64 " bytes of feature buffer at once, the device has %" PRIu64,
               least * word, sched->budget.fb_words * word);
}

/* Blames every layer whose smallest tile needs more than `most` words: returns the first, or
 * NO_AREA. */
static uint32_t blame_large(schedule *sched, uint64_t most)
{
    uint32_t first = NO_AREA;
    for (uint32_t i = 0; i < sched->low->layer_count; i++) {
        const layer *l = &sched->low->layers[i];
        const uint64_t least = l->kind == LAYER_HOST ? 0 : place_least_words(sched, l);
        if (least <= most)
            continue;
        first = first == NO_AREA ? i : first;
        blame_for(sched, l->node, least);
    }
    return first;
}

static int refuse_layer(schedule *sched, uint32_t i)
{
    const layer *l = &sched->low->layers[i];
    const uint64_t word = 4u * sched->hw->word_bytes, least = place_least_words(sched, l);
    (void)blame_large(sched, sched->budget.fb_words);
    work_blame(&sched->work, l->node, "it finds no room in the feature buffer");
    if (least > sched->budget.fb_words)
        blame_for(sched, l->node, least);
    return weft_error_set(sched->work.err, WEFT_ERR_CAPACITY,
                          "layer \"%.80s\" needs %" PRIu64
                          " bytes of feature buffer at once, the device has %" PRIu64
                          ": a larger FB_WORDS is needed",
                          l->name, least * word, sched->budget.fb_words * word);
}

int place_in_buffer(schedule *sched)
{
    walk w;
    obstacle at;
    if (walk_begin(&w, sched) != WEFT_OK)
        return WEFT_ERR_NO_MEMORY;
    all_that_may_stay(sched);
    /* what lies whole in the buffer may need a little less than its tile: the transfers' bounds */
    const uint32_t hopeless =
        blame_large(sched, sched->budget.fb_words + sched->budget.fb_words / 4u);
    if (hopeless != NO_AREA)
        return refuse_layer(sched, hopeless);
    while (!walk_layers(&w, TILES_DECENT, &at)) {
        if (at.victim == NO_AREA)
            return refuse_layer(sched, at.layer);
        send_away(sched, at.victim);
    }
    improve(&w);
    stretch_lifetimes(sched);
    return WEFT_OK;
}
