/* Which areas stay in the feature buffer, where, and in what tiles the others pass through it.
 *
 * Layers are played in order over a list of free words.  An area that fits stays from its first to
 * its last use; a layer whose areas do not all stay gets slots for tiles, two each if possible, so
 * that transfers hide behind arithmetic.  When a layer finds no decent room, the largest area that
 * lies there is sent away and everything is played again: as a ring of a few rows, if the layer
 * behind it is its only reader, so that the two take turns; else, or if that does not fit either,
 * to memory.  When nothing is left to send away, the smallest tile decides whether the network
 * fits at all. */
#include "place.h"
#include "models/compile/plan/stages.h"

#include <inttypes.h>

static uint32_t area_words(const plan *p, const area *a)
{
    uint64_t words = div_up(a->rows, 4) * div_up(a->row_bytes, p->hw.word_bytes);
    return words > UINT32_MAX ? UINT32_MAX : (uint32_t)words;
}

/* First fit; 1 and *word if there is room. */
int place_take(buffer *b, uint32_t words, uint32_t *word)
{
    uint32_t at = 0, i = 0;
    if (words == 0 || b->count == b->room)
        return words == 0;
    for (; i < b->count && b->used[i].word - at < words; i++)
        at = b->used[i].word + b->used[i].words;
    if (words > b->words - at)
        return 0;
    for (uint32_t k = b->count++; k > i; k--)
        b->used[k] = b->used[k - 1];
    b->used[i] = (span){ at, words };
    *word = at;
    return 1;
}

void place_give_back(buffer *b, uint32_t word)
{
    uint32_t i = 0;
    while (i < b->count && b->used[i].word != word)
        i++;
    if (i == b->count)
        return;
    for (b->count--; i < b->count; i++)
        b->used[i] = b->used[i + 1];
}

/* --- playing --- */

typedef struct failure {
    uint32_t layer, victim; /* victim: the area to send away, or NO_AREA */
} failure;

/* The last layer of the chain that layer i begins. */
static uint32_t chain_end(const plan *p, uint32_t i)
{
    while (i + 1 < p->layer_count && p->areas[p->layers[i].out].ring)
        i++;
    return i;
}

/* The larger area goes first if it lies there whole, of equals the later: an output needs no rows
 * of its neighbours; of rings the one with the least to transfer. */
static int rather(const area *a, const area *b)
{
    if (a->ring)
        return (uint64_t)a->rows * a->row_bytes < (uint64_t)b->rows * b->row_bytes;
    return a->words >= b->words;
}

/* The area alive in layers first..last that should go; rings go last. */
static uint32_t largest(const plan *p, uint32_t first, uint32_t last)
{
    uint32_t victim = NO_AREA;
    for (int rings = 0; rings < 2 && victim == NO_AREA; rings++)
        for (uint32_t k = 0; k < p->area_count; k++) {
            const area *a = &p->areas[k];
            if (a->resident && a->ring == rings && a->born <= last && first <= a->dies &&
                (victim == NO_AREA || rather(a, &p->areas[victim])))
                victim = k;
        }
    return victim;
}

/* Areas whose first use is in these layers, or 0 if one does not fit.  Rings come with the chain.
 */
static int take_areas(plan *p, buffer *b, uint32_t first, uint32_t last)
{
    for (uint32_t i = first; i <= last; i++)
        for (uint32_t k = b->born[i]; k != NO_AREA; k = b->next_born[k]) {
            area *a = &p->areas[k];
            if (a->resident && !a->ring && !place_take(b, a->words, &a->word))
                return 0;
        }
    return 1;
}

static void end_layers(plan *p, buffer *b, uint32_t first, uint32_t last)
{
    for (uint32_t i = first; i <= last; i++) {
        const layer *l = &p->layers[i];
        for (unsigned k = 0; k < 3; k++)
            for (uint32_t s = 0; s < l->slots && l->slot_words[k]; s++)
                place_give_back(b, l->slot_word[k][s]);
    }
    for (uint32_t i = first; i <= last; i++)
        for (uint32_t k = b->dead[i]; k != NO_AREA; k = b->next_dead[k])
            if (p->areas[k].resident)
                place_give_back(b, p->areas[k].word);
}

static void estimate(plan *p, uint32_t first, uint32_t last)
{
    layer *l = &p->layers[first];
    for (uint32_t i = first; i <= last; i++)
        p->layers[i].estimate = 0;
    if (last > first)
        l->estimate = place_chain_cycles(p, first, last);
    else if (l->kind == LAYER_WINDOW)
        l->estimate = place_cycles(p, l, l->tile_h, l->tile_w, l->slots);
}

/* Slots and rings of a layer or chain; modest: in tiles of any size, if need be. */
static int fit(plan *p, buffer *b, uint32_t first, uint32_t last, int modest)
{
    int room;
    const int remember = place_memo_can(p, b, first, last);
    if (remember && place_memo_find(p, b, first, last, modest, &room))
        return room;
    if (last > first)
        room = place_fit_chain(p, first, last, b);
    else
        room = place_fit_layer(p, &p->layers[first], b, 1) ||
               (modest && place_fit_layer(p, &p->layers[first], b, 0));
    if (remember)
        place_memo_keep(p, b, first, room);
    return room;
}

/* 1 if everything found its words.  modest: also in tiles that are not decent while something else
 * could still be sent away. */
static int play(plan *p, buffer *b, int modest, failure *f)
{
    b->count = 0;
    for (uint32_t i = 0, last; i < p->layer_count; i = last + 1) {
        last = chain_end(p, i);
        const int room = take_areas(p, b, i, last);
        *f = (failure){ i, modest ? NO_AREA : largest(p, i, last) };
        if (!room || !fit(p, b, i, last, modest || f->victim == NO_AREA)) {
            f->victim = largest(p, i, last);
            return 0;
        }
        estimate(p, i, last);
        end_layers(p, b, i, last);
    }
    return 1;
}

/* Not: outputs that nothing else on the device reads, which pass through; what a step of the host
 * stands between; and what does not fit. */
static int may_stay(const plan *p, const area *a)
{
    return a->born != UINT32_MAX && a->words <= p->hw.fb_words && !a->is_stream &&
           a->rows <= MOST_ROWS && a->device_reads && !a->crosses;
}

static uint64_t estimated(const plan *p)
{
    uint64_t cycles = 0;
    for (uint32_t i = 0; i < p->layer_count; i++)
        cycles += p->layers[i].estimate;
    return cycles;
}

/* The area comes back, whole or as a ring, if that is faster than *best. */
static void try_back(plan *p, buffer *b, area *a, int ring, uint64_t *best)
{
    failure f;
    a->resident = 1;
    a->ring = ring;
    if (play(p, b, 1, &f) && estimated(p) < *best) {
        *best = estimated(p);
        return;
    }
    a->resident = a->ring = 0;
    a->words = area_words(p, a);
}

/* Likewise as a ring in the place of a neighbouring one, which goes. */
static void try_instead(plan *p, buffer *b, area *a, uint32_t neighbour, uint64_t *best)
{
    area *other = neighbour == NO_AREA ? NULL : &p->areas[neighbour];
    if (a->resident || !other || !other->ring)
        return;
    const uint32_t words = other->words;
    other->resident = other->ring = 0;
    other->words = area_words(p, other);
    try_back(p, b, a, 1, best);
    if (!a->resident) {
        other->resident = other->ring = 1;
        other->words = words;
    }
}

/* The area goes to memory if that is faster: a chain streams its weights again for every tile. */
static void try_away(plan *p, buffer *b, area *a, uint64_t *best)
{
    failure f;
    const area before = *a;
    if (!a->resident)
        return;
    a->resident = a->ring = 0;
    a->words = area_words(p, a);
    if (play(p, b, 1, &f) && estimated(p) < *best)
        *best = estimated(p);
    else
        *a = before;
}

/* One round over all areas: whatever makes one of them faster elsewhere. */
static void improve(plan *p, buffer *b, uint64_t *best)
{
    for (uint32_t k = 0; k < p->area_count; k++) {
        area *a = &p->areas[k];
        if (!(p->policy & POLICY_KEEP_CHAINS))
            try_away(p, b, a, best);
        if (!a->resident && may_stay(p, a))
            try_back(p, b, a, 0, best);
        if (a->resident || !place_can_ring(p, k))
            continue;
        try_back(p, b, a, 1, best);
        try_instead(p, b, a, p->layers[a->born].in[0], best);
        try_instead(p, b, a, p->layers[a->dies].out, best);
    }
}

/* What was sent away for a neighbour that then went too may come back; a chain may be too many. */
static void settle(plan *p, buffer *b)
{
    enum { MOST_ROUNDS = 4 };
    failure f;
    (void)play(p, b, 1, &f);
    uint64_t best = estimated(p), before = 0;
    for (unsigned i = 0; i < MOST_ROUNDS && best != before; i++) {
        before = best;
        improve(p, b, &best);
    }
    (void)play(p, b, 1, &f); /* as it was when the last area moved */
}

/* Outputs that nothing else reads pass through; so does what can never fit, as a ring if its only
 * reader follows. */
static void first_guess(plan *p)
{
    for (uint32_t k = 0; k < p->area_count; k++) {
        area *a = &p->areas[k];
        a->pitch_words = (uint32_t)div_up(a->row_bytes, p->hw.word_bytes);
        a->words = area_words(p, a);
        a->ring = a->words > p->hw.fb_words && place_can_ring(p, k);
        a->resident = a->ring || may_stay(p, a);
    }
}

/* The area leaves the buffer: as a ring if it can, else altogether. */
static void send_away(plan *p, uint32_t k)
{
    area *a = &p->areas[k];
    if (!a->ring && place_can_ring(p, k)) {
        a->ring = 1;
        return;
    }
    a->ring = a->resident = 0;
    a->words = area_words(p, a); /* not those of the ring */
}

/* Layers of a chain take turns: what one of them needs lives as long as all of them. */
static void stretch_lifetimes(plan *p)
{
    for (uint32_t i = 0, last; i < p->layer_count; i = last + 1) {
        last = chain_end(p, i);
        p->layers[i].chain = last - i + 1;
        for (uint32_t k = 0; k < p->area_count; k++) {
            area *a = &p->areas[k];
            a->born = a->born > i && a->born <= last ? i : a->born;
            a->dies = a->dies >= i && a->dies < last ? last : a->dies;
        }
    }
}

/* Blame every layer whose smallest tile needs more than `most` words; the first, or NO_AREA. */
static uint32_t blame_large(plan *p, uint64_t most)
{
    const uint64_t word = 4u * p->hw.word_bytes;
    uint32_t first = NO_AREA;
    for (uint32_t i = 0; i < p->layer_count; i++) {
        const layer *l = &p->layers[i];
        const uint64_t least = l->kind == LAYER_HOST ? 0 : place_least_words(p, l);
        if (least <= most)
            continue;
        first = first == NO_AREA ? i : first;
        plan_blame(p, l->node,
                   "it needs %" PRIu64 " bytes of feature buffer at once, the device has %" PRIu64,
                   least * word, p->hw.fb_words * word);
    }
    return first;
}

static int too_small(plan *p, uint32_t i)
{
    const uint64_t word = 4u * p->hw.word_bytes;
    const uint64_t least = place_least_words(p, &p->layers[i]) * word, have = p->hw.fb_words * word;
    (void)blame_large(p, p->hw.fb_words);
    plan_blame(p, p->layers[i].node, "it finds no room in the feature buffer");
    if (least > have)
        plan_blame(p, p->layers[i].node,
                   "it needs %" PRIu64 " bytes of feature buffer at once, the device has %" PRIu64,
                   least, have);
    return weft_error_set(p->err, WEFT_ERR_CAPACITY,
                          "layer \"%.80s\" needs %" PRIu64
                          " bytes of feature buffer at once, the device has %" PRIu64
                          ": a larger FB_WORDS is needed",
                          p->layers[i].name, least, have);
}

/* Areas by the layer of their first and of their last use, in rising order. */
static int list_areas(plan *p, buffer *b)
{
    b->born = plan_alloc(p, (p->layer_count + 1u) * sizeof *b->born);
    b->dead = plan_alloc(p, (p->layer_count + 1u) * sizeof *b->dead);
    b->next_born = plan_alloc(p, (p->area_count + 1u) * sizeof *b->next_born);
    b->next_dead = plan_alloc(p, (p->area_count + 1u) * sizeof *b->next_dead);
    if (!b->born || !b->dead || !b->next_born || !b->next_dead)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < p->layer_count; i++)
        b->born[i] = b->dead[i] = NO_AREA;
    for (uint32_t k = p->area_count; k-- > 0;) {
        const area *a = &p->areas[k];
        if (a->born >= p->layer_count || a->dies >= p->layer_count)
            continue;
        b->next_born[k] = b->born[a->born];
        b->born[a->born] = k;
        b->next_dead[k] = b->dead[a->dies];
        b->dead[a->dies] = k;
    }
    return WEFT_OK;
}

int plan_place(plan *p)
{
    buffer b = { .words = p->hw.fb_words, .room = p->area_count + 8 };
    b.used = plan_alloc(p, b.room * sizeof *b.used);
    b.memos = place_memo_new(p);
    if (!b.used || !b.memos || list_areas(p, &b) != WEFT_OK)
        return WEFT_ERR_NO_MEMORY;
    first_guess(p);
    /* what lies whole in the buffer may need a little less than its tile: the transfers' bounds */
    const uint32_t hopeless = blame_large(p, p->hw.fb_words + p->hw.fb_words / 4u);
    if (hopeless != NO_AREA)
        return too_small(p, hopeless);
    failure f;
    while (!play(p, &b, 0, &f)) {
        if (f.victim == NO_AREA)
            return too_small(p, f.layer);
        send_away(p, f.victim);
    }
    settle(p, &b);
    stretch_lifetimes(p);
    return WEFT_OK;
}
