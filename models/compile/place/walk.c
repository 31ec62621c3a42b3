/* A walk through the layers: what is alive takes words of the buffer, what has died gives them
 * back. */
#include "walk.h"

/* Lists areas by the layer of their first and of their last use. */
static int list_areas(walk *w)
{
    const lowering *low = w->sched->low;
    work *own = &w->sched->work;
    w->born = work_alloc(own, (low->layer_count + 1u) * sizeof *w->born);
    w->dead = work_alloc(own, (low->layer_count + 1u) * sizeof *w->dead);
    w->next_born = work_alloc(own, (low->area_count + 1u) * sizeof *w->next_born);
    w->next_dead = work_alloc(own, (low->area_count + 1u) * sizeof *w->next_dead);
    if (!w->born || !w->dead || !w->next_born || !w->next_dead)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < low->layer_count; i++)
        w->born[i] = w->dead[i] = NO_AREA;
    for (uint32_t k = low->area_count; k-- > 0;) {
        const storage *at = &w->sched->storage[k];
        if (at->born >= low->layer_count || at->dies >= low->layer_count)
            continue;
        w->next_born[k] = w->born[at->born];
        w->born[at->born] = k;
        w->next_dead[k] = w->dead[at->dies];
        w->dead[at->dies] = k;
    }
    return WEFT_OK;
}

int walk_begin(walk *w, schedule *sched)
{
    *w =
        (walk){ .sched = sched,
                .buffer = { .words = sched->budget.fb_words, .room = sched->low->area_count + 8 } };
    w->buffer.used = work_alloc(&sched->work, w->buffer.room * sizeof *w->buffer.used);
    w->memos = place_memos_new(sched);
    if (!w->buffer.used || !w->memos)
        return WEFT_ERR_NO_MEMORY;
    return list_areas(w);
}

uint32_t chain_end(const schedule *sched, uint32_t i)
{
    const lowering *low = sched->low;
    while (i + 1 < low->layer_count && sched->storage[low->layers[i].out].ring)
        i++;
    return i;
}

/* Should area a leave before area b?  The larger one if they lie there whole, of equals the later:
 * an output needs no rows of its neighbours; of rings the one with the least to transfer. */
static int leaves_before(const schedule *sched, uint32_t a, uint32_t b)
{
    const area *x = &sched->low->areas[a], *y = &sched->low->areas[b];
    if (sched->storage[a].ring)
        return (uint64_t)x->rows * x->row_bytes < (uint64_t)y->rows * y->row_bytes;
    return sched->storage[a].words >= sched->storage[b].words;
}

/* The area alive in layers first..last that should leave, rings last; NO_AREA if there is none. */
static uint32_t find_victim(const schedule *sched, uint32_t first, uint32_t last)
{
    uint32_t victim = NO_AREA;
    for (int rings = 0; rings < 2 && victim == NO_AREA; rings++)
        for (uint32_t k = 0; k < sched->low->area_count; k++) {
            const storage *at = &sched->storage[k];
            if (at->resident && at->ring == rings && at->born <= last && first <= at->dies &&
                (victim == NO_AREA || leaves_before(sched, k, victim)))
                victim = k;
        }
    return victim;
}

/* Takes words for the areas whose first use is in these layers; 0 if one does not fit.  Rings come
 * with their chain. */
static int take_areas(walk *w, uint32_t first, uint32_t last)
{
    for (uint32_t i = first; i <= last; i++)
        for (uint32_t k = w->born[i]; k != NO_AREA; k = w->next_born[k]) {
            storage *at = &w->sched->storage[k];
            if (at->resident && !at->ring && !buffer_take(&w->buffer, at->words, &at->word))
                return 0;
        }
    return 1;
}

/* Gives back the slots of these layers, and the areas whose last use is in them. */
static void give_back(walk *w, uint32_t first, uint32_t last)
{
    for (uint32_t i = first; i <= last; i++) {
        const tiling *t = &w->sched->tilings[i];
        for (unsigned k = 0; k < 3; k++)
            for (uint32_t s = 0; s < t->slots && t->slot_words[k]; s++)
                buffer_give_back(&w->buffer, t->slot_word[k][s]);
    }
    for (uint32_t i = first; i <= last; i++)
        for (uint32_t k = w->dead[i]; k != NO_AREA; k = w->next_dead[k])
            if (w->sched->storage[k].resident)
                buffer_give_back(&w->buffer, w->sched->storage[k].word);
}

static void estimate(schedule *sched, uint32_t first, uint32_t last)
{
    const layer *l = &sched->low->layers[first];
    tiling *t = &sched->tilings[first];
    for (uint32_t i = first; i <= last; i++)
        sched->tilings[i].estimate = 0;
    if (last > first)
        t->estimate = place_chain_cycles(sched, first, last);
    else if (l->kind == LAYER_WINDOW)
        t->estimate = place_cycles(sched, l, t->tile_h, t->tile_w, t->slots);
}

/* Takes slots and rings for a layer or chain; 0 if they do not fit. */
static int fit_layers(walk *w, uint32_t first, uint32_t last, tile_sizes sizes)
{
    const layer *l = &w->sched->low->layers[first];
    buffer *b = &w->buffer;
    int room;
    const int remember = place_memo_can(w->sched, b, first, last);
    if (remember && place_memo_find(w->memos, w->sched, b, first, last, sizes, &room))
        return room;
    if (last > first)
        room = place_fit_chain(w->sched, first, last, b);
    else
        room = place_fit_layer(w->sched, l, b, TILES_DECENT) ||
               (sizes == TILES_ANY && place_fit_layer(w->sched, l, b, TILES_ANY));
    if (remember)
        place_memo_keep(w->memos, w->sched, b, first, room);
    return room;
}

int walk_layers(walk *w, tile_sizes sizes, obstacle *at)
{
    w->buffer.count = 0;
    for (uint32_t i = 0, last; i < w->sched->low->layer_count; i = last + 1) {
        last = chain_end(w->sched, i);
        const int room = take_areas(w, i, last);
        *at = (obstacle){ i, sizes == TILES_ANY ? NO_AREA : find_victim(w->sched, i, last) };
        if (!room || !fit_layers(w, i, last, at->victim == NO_AREA ? TILES_ANY : TILES_DECENT)) {
            at->victim = find_victim(w->sched, i, last);
            return 0;
        }
        estimate(w->sched, i, last);
        give_back(w, i, last);
    }
    return 1;
}

uint64_t walk_cycles(const schedule *sched)
{
    uint64_t cycles = 0;
    for (uint32_t i = 0; i < sched->low->layer_count; i++)
        cycles += sched->tilings[i].estimate;
    return cycles;
}
