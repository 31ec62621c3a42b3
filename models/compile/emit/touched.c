/* See touched.h. */
#include "touched.h"

enum { LEVEL_BITS = 3, AREA_BITS = 64 };

/* Of the commands of one queue in a stretch, each with reads [0] and writes [1]. */
typedef struct touched_stretch {
    int used;
    int64_t before;    /* of the first one */
    uint64_t areas[2]; /* in memory: bits of the areas' numbers, and all their rows */
    uint32_t row_lo[2], row_hi[2];
    uint32_t word_lo[2], word_hi[2]; /* in the buffer */
} touched_stretch;

static uint64_t area_bit(const access *a)
{
    return (uint64_t)1 << a->occupant % AREA_BITS;
}

static size_t place_of(unsigned level, int64_t i, queue q)
{
    return (size_t)(i >> (LEVEL_BITS * (level + 1))) * QUEUES + (size_t)q;
}

int touched_begin(schedule *sched, touched *t)
{
    for (unsigned k = 0; k < TOUCHED_LEVELS; k++) {
        const size_t count = place_of(k, sched->command_count, 0) + QUEUES;
        t->stretches[k] = work_alloc(&sched->work, count * sizeof(touched_stretch));
        if (!t->stretches[k])
            return WEFT_ERR_NO_MEMORY;
    }
    return WEFT_OK;
}

static void include(uint32_t *lo, uint32_t *hi, uint32_t from, uint32_t to)
{
    *lo = *hi ? min_u32(*lo, from) : from;
    *hi = *hi > to ? *hi : to;
}

static void add_to(touched_stretch *s, const pending *c)
{
    for (unsigned i = 0; i < c->access_count; i++) {
        const access *a = &c->access[i];
        const unsigned writes = a->kind == ACCESS_WRITE;
        if (a->in_memory) {
            s->areas[writes] |= area_bit(a);
            include(&s->row_lo[writes], &s->row_hi[writes], a->row_lo, a->row_hi);
        } else {
            include(&s->word_lo[writes], &s->word_hi[writes], a->word, a->word + a->words);
        }
    }
}

void touched_add(touched *t, const pending *c, int64_t i, int64_t before)
{
    for (unsigned k = 0; k < TOUCHED_LEVELS; k++) {
        touched_stretch *s = &t->stretches[k][place_of(k, i, c->queue)];
        if (!s->used)
            s->before = before;
        s->used = 1;
        add_to(s, c);
    }
}

/* Never 0 where one of them conflicts with c. */
static int may_conflict(const touched_stretch *s, const pending *c)
{
    for (unsigned i = 0; i < c->access_count; i++) {
        const access *a = &c->access[i];
        for (unsigned writes = a->kind != ACCESS_WRITE; writes < 2; writes++)
            if (a->in_memory
                    ? (s->areas[writes] & area_bit(a)) && a->row_lo < s->row_hi[writes] &&
                          s->row_lo[writes] < a->row_hi
                    : a->word < s->word_hi[writes] && s->word_lo[writes] < a->word + a->words)
                return 1;
    }
    return 0;
}

int64_t touched_latest(const touched *t, const pending *c, queue q, int64_t i, int64_t least)
{
    unsigned level = 0;
    while (i > least) {
        const touched_stretch *s = &t->stretches[level][place_of(level, i, q)];
        if (may_conflict(s, c)) {
            if (level == 0)
                return i;
            level--;
            continue;
        }
        i = s->before;
        if (level + 1 < TOUCHED_LEVELS)
            level++;
    }
    return i;
}
