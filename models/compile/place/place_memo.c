/* What was found out about fitting a layer or chain, by the free words and by what is resident.
 *
 * While areas are tried in one place after another, most layers meet the same buffer as before. */
#include "fit.h"

enum { ENTRIES = 4, MOST_SPANS = 16 };

/* What was found out about layers first..last, and of which buffer. */
typedef struct entry {
    int known, room;
    tile_sizes sizes;
    uint32_t last;
    uint64_t resident; /* bits of the operands of all layers */
    uint32_t count, count_after;
    span used[MOST_SPANS], after[MOST_SPANS];
    tiling tilings[MAX_CHAIN];
    span rings[MAX_CHAIN]; /* of the outputs of all but the last */
} entry;

struct memos {     /* of one layer */
    uint32_t next; /* entry to give up */
    entry entries[ENTRIES];
};

memos *place_memos_new(schedule *sched)
{
    return work_alloc(&sched->work, (sched->low->layer_count + 1u) * sizeof(memos));
}

/* Which operands of these layers are resident, and which are rings. */
static uint64_t resident_bits(const schedule *sched, uint32_t first, uint32_t last)
{
    uint64_t bits = 0;
    for (uint32_t i = first; i <= last; i++) {
        const layer *l = &sched->low->layers[i];
        const uint32_t areas[3] = { l->in[0], l->in_count > 1 ? l->in[1] : l->out, l->out };
        for (unsigned k = 0; k < 3; k++)
            bits = bits << 2 | (uint64_t)(sched->storage[areas[k]].resident != 0) << 1 |
                   (uint64_t)(sched->storage[areas[k]].ring != 0);
    }
    return bits;
}

int place_memo_can(const schedule *sched, const buffer *b, uint32_t first, uint32_t last)
{
    return b->count <= MOST_SPANS && last - first < MAX_CHAIN &&
           sched->low->layers[first].kind == LAYER_WINDOW;
}

/* Puts buffer and tilings as they were left. */
static void put_back(schedule *sched, buffer *b, uint32_t first, const entry *e)
{
    memcpy(b->used, e->after, e->count_after * sizeof *b->used);
    b->count = e->count_after;
    for (uint32_t i = first; i <= e->last; i++) {
        sched->tilings[i] = e->tilings[i - first];
        if (i < e->last) {
            storage *ring = &sched->storage[sched->low->layers[i].out];
            ring->word = e->rings[i - first].word;
            ring->words = e->rings[i - first].words;
        }
    }
}

int place_memo_find(memos *m, schedule *sched, buffer *b, uint32_t first, uint32_t last,
                    tile_sizes sizes, int *room)
{
    const uint64_t bits = resident_bits(sched, first, last);
    for (unsigned k = 0; k < ENTRIES; k++) {
        const entry *e = &m[first].entries[k];
        if (!e->known || e->last != last || e->sizes != sizes || e->resident != bits ||
            e->count != b->count || memcmp(e->used, b->used, b->count * sizeof *b->used) != 0)
            continue;
        *room = e->room;
        if (e->room)
            put_back(sched, b, first, e);
        return 1;
    }
    /* the key of what is to be found out now; place_memo_keep completes it */
    entry *e = &m[first].entries[m[first].next];
    *e = (entry){ .sizes = sizes, .last = last, .resident = bits, .count = b->count };
    memcpy(e->used, b->used, b->count * sizeof *b->used);
    return 0;
}

void place_memo_keep(memos *m, const schedule *sched, const buffer *b, uint32_t first, int room)
{
    entry *e = &m[first].entries[m[first].next];
    if (b->count > MOST_SPANS)
        return;
    e->room = room;
    e->count_after = b->count;
    memcpy(e->after, b->used, b->count * sizeof *b->used);
    for (uint32_t i = first; i <= e->last && room; i++) {
        const storage *out = &sched->storage[sched->low->layers[i].out];
        e->tilings[i - first] = sched->tilings[i];
        e->rings[i - first] = (span){ out->word, out->words };
    }
    e->known = 1;
    m[first].next = (m[first].next + 1) % ENTRIES;
}
