/* Tiles of one layer: how large they are, and the slots they pass through. */
#include "fit.h"

/* Words of the largest input tile. */
static uint64_t input_words(const schedule *sched, const layer *l, uint32_t th, uint32_t tw)
{
    uint64_t rows = 0, bytes = 0, across = 1;
    for (uint32_t y = 0; y < l->out_h; y += th) {
        extent e = input_extent(sched, l, y, min_u32(l->out_h, y + th), 0, l->out_w);
        const uint32_t high = extent_rows(&e) / (e.across ? e.across : 1);
        rows = high > rows ? high : rows;
    }
    for (uint32_t x = 0; x < l->out_w; x += tw) {
        extent e = input_extent(sched, l, 0, l->out_h, x, min_u32(l->out_w, x + tw));
        bytes = e.byte_hi - e.byte_lo > bytes ? e.byte_hi - e.byte_lo : bytes;
        across = e.across > across ? e.across : across;
    }
    return slot_words(sched, rows * across, bytes);
}

static uint64_t output_words(const schedule *sched, const layer *l, uint32_t th, uint32_t tw)
{
    const uint64_t high = min_u32(th, l->out_h), wide = min_u32(tw, l->out_w);
    return output_by_pixel(sched, l) ? slot_words(sched, high * wide, l->out_c)
                                     : slot_words(sched, high, wide * layer_out_pixel(l));
}

/* One transfer more than the tile is wide: it begins at a multiple of MEM_BYTES. */
static uint64_t operand_words(const schedule *sched, const layer *l, uint32_t th, uint32_t tw)
{
    const uint32_t row_bytes = sched->low->areas[l->in[1]].row_bytes;
    uint64_t bytes = (uint64_t)min_u32(tw, l->out_w) * l->x_pixel + sched->hw->mem_bytes;
    bytes = l->x_pixel == 0 || bytes > row_bytes ? row_bytes : bytes;
    return slot_words(sched, l->x_row ? min_u32(th, l->out_h) : 1, bytes);
}

/* Gives the layer slots for tiles of th x tw outputs; 1 if they fit, else nothing is taken. */
static int take_slots(schedule *sched, const layer *l, buffer *b, uint32_t th, uint32_t tw,
                      uint32_t slots)
{
    const uint32_t areas[3] = { l->in[0], l->in_count > 1 ? l->in[1] : l->weights, l->out };
    tiling *t = tiling_of(sched, l);
    span kept[6];
    uint32_t taken = 0;
    for (unsigned k = 0; k < 3; k++) {
        t->slot_words[k] = 0;
        if (areas[k] == NO_AREA || sched->storage[areas[k]].resident)
            continue;
        uint64_t words = k == 0            ? input_words(sched, l, th, tw)
                         : k == 2          ? output_words(sched, l, th, tw)
                         : l->in_count > 1 ? operand_words(sched, l, th, tw)
                                           : 1; /* see emit_compute */
        for (uint32_t s = 0; s < slots; s++) {
            if (words > b->words || !buffer_take(b, (uint32_t)words, &t->slot_word[k][s]))
                goto undo;
            kept[taken++] = (span){ t->slot_word[k][s], (uint32_t)words };
        }
        t->slot_words[k] = (uint32_t)words;
    }
    t->tile_h = th;
    t->tile_w = tw;
    t->slots = slots;
    return 1;
undo:
    while (taken)
        buffer_give_back(b, kept[--taken].word);
    return 0;
}

/* Output columns that every tile but the last must be a multiple of: whole vectors, and in memory
 * whole transfers. */
static uint32_t width_unit(const schedule *sched, const layer *l)
{
    uint32_t unit = 1, px = 1;
    if (!sched->storage[l->out].resident && !output_by_pixel(sched, l))
        while ((uint64_t)unit * layer_out_pixel(l) % sched->hw->mem_bytes)
            unit++;
    for (uint32_t i = 0; i < l->kernel_count; i++)
        px = l->kernels[i].px > px ? l->kernels[i].px : px;
    return unit * px;
}

/* Counts of tiles along an axis that are worth a look: all small ones, then further and further
 * apart. */
static uint32_t more_tiles(uint32_t n)
{
    return n < 8 ? n + 1 : n + n / 4;
}

/* Where each pixel is a row of a slot, there are no more of them than rows may be. */
static int pixels_fit(const schedule *sched, const layer *l, uint32_t th, uint32_t tw)
{
    const uint64_t in = (uint64_t)th * l->reach_y.stride * tw * l->reach_x.stride;
    return (!output_by_pixel(sched, l) || (uint64_t)th * tw <= MOST_ROWS) &&
           (!input_by_pixel(sched, l) || in <= MOST_ROWS);
}

typedef struct candidate {
    uint32_t th, tw, slots;
    uint64_t cycles;
} candidate;

/* Puts into *best the tiles of th rows, of all widths, that are cheaper than those there and fit;
 * smaller ones than `least` vectors are not tried. */
static void try_widths(schedule *sched, const layer *l, buffer *b, uint32_t th, uint32_t slots,
                       uint64_t least, candidate *best)
{
    const uint32_t unit = width_unit(sched, l), across = (uint32_t)div_up(l->out_w, unit);
    const tiling *t = tiling_of(sched, l);
    uint32_t last = 0;
    for (uint32_t step = 1, n = 0; n < across; step = more_tiles(step)) {
        n = min_u32(step, across); /* the narrowest too, whatever the steps are */
        const uint32_t tw =
            n == 1 ? l->out_w : (uint32_t)(div_up(div_up(l->out_w, n), unit) * unit);
        const uint64_t vectors = th * (uint64_t)tw / (l->kernel_count ? l->kernels[0].px : 1);
        const uint64_t rows = (uint64_t)th * l->reach_y.stride + l->reach_y.extent;
        if (tw == last || rows > MOST_ROWS || !pixels_fit(sched, l, th, tw))
            continue;
        last = tw;
        if (vectors < least && (th < l->out_h || tw < l->out_w))
            return;
        const uint64_t cycles = place_cycles(sched, l, th, tw, slots);
        if (cycles >= best->cycles || !take_slots(sched, l, b, th, tw, slots))
            continue;
        for (unsigned k = 0; k < 3; k++)
            for (uint32_t s = 0; s < slots && t->slot_words[k]; s++)
                buffer_give_back(b, t->slot_word[k][s]);
        *best = (candidate){ th, tw, slots, cycles };
    }
}

/* Takes slots for the cheapest tiles that fit; 0 if none do. */
static int fit_tiles(schedule *sched, const layer *l, buffer *b, uint64_t least,
                     uint32_t fewest_slots)
{
    candidate best = { .cycles = UINT64_MAX };
    uint32_t last = 0;
    for (uint32_t n = 1; n <= l->out_h; n = more_tiles(n)) {
        const uint32_t th = (uint32_t)div_up(l->out_h, n);
        if (th == last)
            continue;
        last = th;
        for (uint32_t slots = 2; slots >= fewest_slots; slots--)
            try_widths(sched, l, b, th, slots, least, &best);
    }
    if (last != 1) /* the smallest, whatever the steps were */
        for (uint32_t slots = 2; slots >= fewest_slots; slots--)
            try_widths(sched, l, b, 1, slots, least, &best);
    return best.cycles < UINT64_MAX && take_slots(sched, l, b, best.th, best.tw, best.slots);
}

static int all_resident(const schedule *sched, const layer *l)
{
    for (uint32_t i = 0; i < layer_input_count(l); i++)
        if (layer_input(l, i) != NO_AREA && !sched->storage[layer_input(l, i)].resident)
            return 0;
    return sched->storage[l->out].resident;
}

/* Words of the largest source that is not resident, and of such a destination. */
static void copy_words(const schedule *sched, const layer *l, uint32_t *in, uint32_t *out)
{
    *in = 0;
    for (uint32_t i = 0; i < l->part_count; i++) {
        const uint32_t k = l->parts[i].area;
        if (k != NO_AREA && !sched->storage[k].resident && sched->storage[k].words > *in)
            *in = sched->storage[k].words;
    }
    *out = sched->storage[l->out].resident ? 0 : sched->storage[l->out].words;
}

static int take_copy_slots(tiling *t, buffer *b, uint32_t in, uint32_t out, uint32_t slots)
{
    const uint32_t words[3] = { in, 0, out };
    span kept[4];
    uint32_t taken = 0;
    for (unsigned k = 0; k < 3; k++)
        for (uint32_t s = 0; s < slots && words[k]; s++) {
            if (!buffer_take(b, words[k], &t->slot_word[k][s])) {
                while (taken)
                    buffer_give_back(b, kept[--taken].word);
                return 0;
            }
            kept[taken++] = (span){ t->slot_word[k][s], words[k] };
        }
    memcpy(t->slot_words, words, sizeof words);
    t->slots = slots;
    return 1;
}

/* Takes slots as large as there is room for, by halves: decent ones are a sixteenth of the buffer.
 */
static int fit_copy(schedule *sched, const layer *l, buffer *b, tile_sizes sizes)
{
    tiling *t = tiling_of(sched, l);
    const uint32_t most = sched->budget.fb_words / 4,
                   least = sizes == TILES_DECENT && most >= 4 ? most / 4 : 1;
    uint32_t in, out;
    copy_words(sched, l, &in, &out);
    for (uint32_t words = most; words >= least; words /= 2)
        if (take_copy_slots(t, b, min_u32(in, words), min_u32(out, words), 2))
            return 1;
    return sizes == TILES_ANY && take_copy_slots(t, b, min_u32(in, 1), min_u32(out, 1), 1);
}

int place_fit_layer(schedule *sched, const layer *l, buffer *b, tile_sizes sizes)
{
    tiling *t = tiling_of(sched, l);
    memset(t->slot_words, 0, sizeof t->slot_words);
    if (l->kind == LAYER_HOST || all_resident(sched, l)) {
        t->tile_h = l->out_h;
        t->tile_w = l->out_w;
        t->slots = 1;
        return 1;
    }
    if (l->kind == LAYER_COPY)
        return fit_copy(sched, l, b, sizes);
    return sizes == TILES_DECENT ? fit_tiles(sched, l, b, 4 * (uint64_t)sched->hw->rows, 2)
                                 : fit_tiles(sched, l, b, 0, 1);
}

uint64_t place_least_words(const schedule *sched, const layer *l)
{
    if (l->kind == LAYER_COPY)
        return 2;
    const uint32_t tw = min_u32(width_unit(sched, l), l->out_w);
    const uint64_t need = input_words(sched, l, 1, tw) + output_words(sched, l, 1, tw);
    return need + (l->in_count > 1 ? operand_words(sched, l, 1, tw) : 0);
}
