/* What was found out about fitting a layer or chain, by the free words and by what is resident.
 *
 * While areas are tried in one place after another, most layers meet the same buffer as before. */
#include "place.h"

enum { ENTRIES = 4, MOST_SPANS = 16 };

typedef struct fitted {
    uint32_t tile_h, tile_w, slots;
    uint32_t slot_words[3], slot_word[3][2];
    uint32_t ring_word, ring_words; /* of the output, in a chain */
} fitted;

typedef struct entry {
    int known, modest, room;
    uint32_t last;
    uint64_t resident; /* bits of the operands of all layers */
    uint32_t count, count_after;
    span used[MOST_SPANS], after[MOST_SPANS];
    fitted layers[MAX_CHAIN];
} entry;

struct place_memo {
    uint32_t next; /* entry to give up */
    entry entries[ENTRIES];
};

struct place_memo *place_memo_new(plan *p)
{
    const size_t bytes = (p->layer_count + 1u) * sizeof(struct place_memo);
    if (!p->memos)
        p->memos = plan_alloc(p, bytes);
    else
        memset(p->memos, 0, bytes);
    return p->memos;
}

static uint64_t resident_bits(const plan *p, uint32_t first, uint32_t last)
{
    uint64_t bits = 0;
    for (uint32_t i = first; i <= last; i++) {
        const layer *l = &p->layers[i];
        const uint32_t areas[3] = { l->in[0], l->in_count > 1 ? l->in[1] : l->out, l->out };
        for (unsigned k = 0; k < 3; k++)
            bits = bits << 2 | (uint64_t)(p->areas[areas[k]].resident != 0) << 1 |
                   (uint64_t)(p->areas[areas[k]].ring != 0);
    }
    return bits;
}

int place_memo_can(const plan *p, const buffer *b, uint32_t first, uint32_t last)
{
    return b->count <= MOST_SPANS && last - first < MAX_CHAIN &&
           p->layers[first].kind == LAYER_WINDOW;
}

/* Put back what was found. */
static void apply(plan *p, buffer *b, uint32_t first, const entry *e)
{
    memcpy(b->used, e->after, e->count_after * sizeof *b->used);
    b->count = e->count_after;
    for (uint32_t i = first; i <= e->last; i++) {
        const fitted *f = &e->layers[i - first];
        layer *l = &p->layers[i];
        l->tile_h = f->tile_h;
        l->tile_w = f->tile_w;
        l->slots = f->slots;
        memcpy(l->slot_words, f->slot_words, sizeof l->slot_words);
        memcpy(l->slot_word, f->slot_word, sizeof l->slot_word);
        if (i < e->last) {
            p->areas[l->out].word = f->ring_word;
            p->areas[l->out].words = f->ring_words;
        }
    }
}

int place_memo_find(plan *p, buffer *b, uint32_t first, uint32_t last, int modest, int *room)
{
    struct place_memo *memos = b->memos;
    const uint64_t bits = resident_bits(p, first, last);
    for (unsigned k = 0; k < ENTRIES; k++) {
        const entry *e = &memos[first].entries[k];
        if (!e->known || e->last != last || e->modest != modest || e->resident != bits ||
            e->count != b->count || memcmp(e->used, b->used, b->count * sizeof *b->used) != 0)
            continue;
        *room = e->room;
        if (e->room)
            apply(p, b, first, e);
        return 1;
    }
    /* the key of what is to be found out now; place_memo_keep completes it */
    entry *e = &memos[first].entries[memos[first].next];
    *e = (entry){ .modest = modest, .last = last, .resident = bits, .count = b->count };
    memcpy(e->used, b->used, b->count * sizeof *b->used);
    return 0;
}

void place_memo_keep(const plan *p, const buffer *b, uint32_t first, int room)
{
    struct place_memo *m = &b->memos[first];
    entry *e = &m->entries[m->next];
    if (b->count > MOST_SPANS)
        return;
    e->room = room;
    e->count_after = b->count;
    memcpy(e->after, b->used, b->count * sizeof *b->used);
    for (uint32_t i = first; i <= e->last && room; i++) {
        const layer *l = &p->layers[i];
        fitted *f = &e->layers[i - first];
        *f = (fitted){ l->tile_h,
                       l->tile_w,
                       l->slots,
                       { 0 },
                       { { 0 } },
                       p->areas[l->out].word,
                       p->areas[l->out].words };
        memcpy(f->slot_words, l->slot_words, sizeof f->slot_words);
        memcpy(f->slot_word, l->slot_word, sizeof f->slot_word);
    }
    e->known = 1;
    m->next = (m->next + 1) % ENTRIES;
}
