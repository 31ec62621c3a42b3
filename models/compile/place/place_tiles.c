/* Tiles of one layer: which rows and bytes they need, and how large they may be. */
#include "place.h"

/* Inputs that outputs lo..hi-1 need along an axis of `size`; empty: begin == end. */
void place_reach(const reach *r, uint32_t lo, uint32_t hi, uint32_t size, int64_t *begin,
                 int64_t *end)
{
    *begin = floor_div((int64_t)lo * r->stride + r->first, r->up);
    *end = floor_div((int64_t)(hi - 1) * r->stride + r->first, r->up) + r->extent;
    *begin = *begin < 0 ? 0 : *begin;
    *end = *end > size ? size : *end;
    if (*end < *begin)
        *end = *begin;
}

uint32_t extent_rows(const extent *e)
{
    const uint32_t rows = (uint32_t)div_up(e->row_hi - e->row_lo, e->row_step ? e->row_step : 1);
    return e->across ? rows * e->across : rows;
}

/* Reads pixels, each by itself. */
static int reads_pixels(const layer *l)
{
    const reach *y = &l->reach_y, *x = &l->reach_x;
    return y->extent == 1 && y->up == 1 && y->first == 0 && x->extent == 1 && x->up == 1 &&
           x->first == 0;
}

/* Of the pixels of a row the layer reads one in so many. */
static uint32_t pixel_step(const layer *l)
{
    const int64_t step = (int64_t)l->reach_x.stride * layer_in_pixel(l);
    if (!reads_pixels(l))
        return 1;
    for (uint32_t i = 0; i < l->kernel_count; i++) {
        const kernel *k = &l->kernels[i];
        if (k->vertical || k->pair || k->in_byte % step || k->byte_step % step || k->in_du % step)
            return 1;
    }
    return l->reach_x.stride;
}

/* From memory without what lies between: part of the channels, if no window needs rows of pixels;
 * or pixels that a stride leaves apart, if each is a burst at least. */
static int input_by_pixel(const plan *p, const layer *l)
{
    if (p->areas[l->in[0]].shared && l->in_space)
        return reads_pixels(l);
    return pixel_step(l) > 1 && layer_in_pixel(l) % p->hw.mem_bytes == 0 &&
           layer_in_pixel(l) >= WEFT_BURST_BEATS * p->hw.mem_bytes;
}

static int output_by_pixel(const plan *p, const layer *l)
{
    return p->areas[l->out].shared && l->out_space;
}

uint32_t place_row_step(const layer *l)
{
    const reach *r = &l->reach_y;
    if (r->extent != 1 || r->up != 1 || r->first != 0 || r->stride == 1)
        return 1;
    for (uint32_t i = 0; i < l->kernel_count; i++) {
        const kernel *k = &l->kernels[i];
        if (k->vertical || k->in_row % r->stride || k->row_step % r->stride)
            return 1;
    }
    return r->stride;
}

extent input_extent(const plan *p, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                    uint32_t x1)
{
    const uint32_t row_bytes = p->areas[l->in[0]].row_bytes, m = p->hw.mem_bytes;
    int64_t top, end, left, right;
    place_reach(&l->reach_y, y0, y1, l->in_h, &top, &end);
    place_reach(&l->reach_x, x0, x1, l->in_w, &left, &right);
    if (input_by_pixel(p, l) && right > left) {
        const uint32_t step = pixel_step(l);
        const extent e = { .row_lo = (uint32_t)top,
                           .row_hi = (uint32_t)end,
                           .row_step = place_row_step(l),
                           .byte_lo = l->at[0],
                           .byte_hi = l->at[0] + l->in_c,
                           .across = (uint32_t)div_up((uint64_t)(right - left), step),
                           .x0 = (uint32_t)left,
                           .x_step = step };
        return e;
    }
    left = left * layer_in_pixel(l) / m * m;
    right = right * layer_in_pixel(l);
    right = right > row_bytes ? row_bytes : right;
    if (end <= top || right <= left)
        return (extent){ .row_step = 1 };
    return (extent){ .row_lo = (uint32_t)top,
                     .row_hi = (uint32_t)end,
                     .byte_lo = (uint32_t)left,
                     .byte_hi = (uint32_t)right,
                     .row_step = place_row_step(l) };
}

extent output_extent(const plan *p, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                     uint32_t x1)
{
    extent e = { .row_lo = y0, .row_hi = y1, .row_step = 1 };
    if (output_by_pixel(p, l)) {
        e.byte_lo = l->at[2];
        e.byte_hi = l->at[2] + l->out_c;
        e.across = x1 - x0;
        e.x0 = x0;
        e.x_step = 1;
        return e;
    }
    e.byte_lo = x0 * layer_out_pixel(l);
    e.byte_hi = min_u32(x1 * layer_out_pixel(l), p->areas[l->out].row_bytes);
    return e;
}

extent operand_extent(const plan *p, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                      uint32_t x1)
{
    const uint32_t row_bytes = p->areas[l->in[1]].row_bytes, m = p->hw.mem_bytes;
    extent e = { .row_lo = l->x_row * y0,
                 .row_hi = l->x_row * (y1 - 1) + 1,
                 .byte_lo = l->x_pixel * x0 / m * m,
                 .byte_hi = row_bytes,
                 .row_step = 1 };
    if (l->x_pixel)
        e.byte_hi = min_u32(l->x_pixel * x1, row_bytes);
    return e;
}

uint32_t place_in_bytes(const plan *p, const layer *l)
{
    return input_by_pixel(p, l) ? l->in_c : layer_in_pixel(l);
}

uint32_t place_in_step(const plan *p, const layer *l)
{
    return input_by_pixel(p, l) ? pixel_step(l) : 1;
}

uint32_t place_out_bytes(const plan *p, const layer *l)
{
    return output_by_pixel(p, l) ? l->out_c : layer_out_pixel(l);
}

uint64_t place_slot_words(const plan *p, uint64_t rows, uint64_t bytes)
{
    uint64_t words = div_up(rows, 4) * div_up(bytes, p->hw.word_bytes);
    return words ? words : 1;
}

/* Words of the largest input tile. */
static uint64_t input_words(const plan *p, const layer *l, uint32_t th, uint32_t tw)
{
    uint64_t rows = 0, bytes = 0, across = 1;
    for (uint32_t y = 0; y < l->out_h; y += th) {
        extent e = input_extent(p, l, y, min_u32(l->out_h, y + th), 0, l->out_w);
        const uint32_t high = extent_rows(&e) / (e.across ? e.across : 1);
        rows = high > rows ? high : rows;
    }
    for (uint32_t x = 0; x < l->out_w; x += tw) {
        extent e = input_extent(p, l, 0, l->out_h, x, min_u32(l->out_w, x + tw));
        bytes = e.byte_hi - e.byte_lo > bytes ? e.byte_hi - e.byte_lo : bytes;
        across = e.across > across ? e.across : across;
    }
    return place_slot_words(p, rows * across, bytes);
}

static uint64_t output_words(const plan *p, const layer *l, uint32_t th, uint32_t tw)
{
    const uint64_t high = min_u32(th, l->out_h), wide = min_u32(tw, l->out_w);
    return output_by_pixel(p, l) ? place_slot_words(p, high * wide, l->out_c)
                                 : place_slot_words(p, high, wide * layer_out_pixel(l));
}

/* One transfer more than the tile is wide: it begins at a multiple of MEM_BYTES. */
static uint64_t operand_words(const plan *p, const layer *l, uint32_t th, uint32_t tw)
{
    const uint32_t row_bytes = p->areas[l->in[1]].row_bytes;
    uint64_t bytes = (uint64_t)min_u32(tw, l->out_w) * l->x_pixel + p->hw.mem_bytes;
    bytes = l->x_pixel == 0 || bytes > row_bytes ? row_bytes : bytes;
    return place_slot_words(p, l->x_row ? min_u32(th, l->out_h) : 1, bytes);
}

/* Give the layer slots for tiles of th x tw outputs; 1 if they fit, else nothing is taken. */
static int take_slots(const plan *p, layer *l, buffer *b, uint32_t th, uint32_t tw, uint32_t slots)
{
    const uint32_t areas[3] = { l->in[0], l->in_count > 1 ? l->in[1] : l->weights, l->out };
    span kept[6];
    uint32_t taken = 0;
    for (unsigned k = 0; k < 3; k++) {
        l->slot_words[k] = 0;
        if (areas[k] == NO_AREA || p->areas[areas[k]].resident)
            continue;
        uint64_t words = k == 0            ? input_words(p, l, th, tw)
                         : k == 2          ? output_words(p, l, th, tw)
                         : l->in_count > 1 ? operand_words(p, l, th, tw)
                                           : 1; /* see emit_compute */
        for (uint32_t s = 0; s < slots; s++) {
            if (words > b->words || !place_take(b, (uint32_t)words, &l->slot_word[k][s]))
                goto undo;
            kept[taken++] = (span){ l->slot_word[k][s], (uint32_t)words };
        }
        l->slot_words[k] = (uint32_t)words;
    }
    l->tile_h = th;
    l->tile_w = tw;
    l->slots = slots;
    return 1;
undo:
    while (taken)
        place_give_back(b, kept[--taken].word);
    return 0;
}

/* Output columns that every tile but the last must be a multiple of: whole vectors, and in memory
 * whole transfers. */
static uint32_t width_unit(const plan *p, const layer *l)
{
    uint32_t unit = 1, px = 1;
    if (!p->areas[l->out].resident && !output_by_pixel(p, l))
        while ((uint64_t)unit * layer_out_pixel(l) % p->hw.mem_bytes)
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
static int pixels_fit(const plan *p, const layer *l, uint32_t th, uint32_t tw)
{
    const uint64_t in = (uint64_t)th * l->reach_y.stride * tw * l->reach_x.stride;
    return (!output_by_pixel(p, l) || (uint64_t)th * tw <= MOST_ROWS) &&
           (!input_by_pixel(p, l) || in <= MOST_ROWS);
}

typedef struct choice {
    uint32_t th, tw, slots;
    uint64_t cycles;
} choice;

/* Tiles of th rows, of all widths, if one is cheaper than the best so far and fits. */
static void look(const plan *p, layer *l, buffer *b, uint32_t th, uint32_t slots, uint64_t least,
                 choice *best)
{
    const uint32_t unit = width_unit(p, l), across = (uint32_t)div_up(l->out_w, unit);
    uint32_t last = 0;
    for (uint32_t step = 1, n = 0; n < across; step = more_tiles(step)) {
        n = min_u32(step, across); /* the narrowest too, whatever the steps are */
        const uint32_t tw =
            n == 1 ? l->out_w : (uint32_t)(div_up(div_up(l->out_w, n), unit) * unit);
        const uint64_t vectors = th * (uint64_t)tw / (l->kernel_count ? l->kernels[0].px : 1);
        const uint64_t rows = (uint64_t)th * l->reach_y.stride + l->reach_y.extent;
        if (tw == last || rows > MOST_ROWS || !pixels_fit(p, l, th, tw))
            continue;
        last = tw;
        if (vectors < least && (th < l->out_h || tw < l->out_w))
            return;
        const uint64_t cycles = place_cycles(p, l, th, tw, slots);
        if (cycles >= best->cycles || !take_slots(p, l, b, th, tw, slots))
            continue;
        for (unsigned k = 0; k < 3; k++)
            for (uint32_t s = 0; s < slots && l->slot_words[k]; s++)
                place_give_back(b, l->slot_word[k][s]);
        *best = (choice){ th, tw, slots, cycles };
    }
}

/* The cheapest tiles that fit. */
static int fit_tiles(const plan *p, layer *l, buffer *b, uint64_t least, uint32_t fewest_slots)
{
    choice best = { .cycles = UINT64_MAX };
    uint32_t last = 0;
    for (uint32_t n = 1; n <= l->out_h; n = more_tiles(n)) {
        const uint32_t th = (uint32_t)div_up(l->out_h, n);
        if (th == last)
            continue;
        last = th;
        for (uint32_t slots = 2; slots >= fewest_slots; slots--)
            look(p, l, b, th, slots, least, &best);
    }
    if (last != 1) /* the smallest, whatever the steps were */
        for (uint32_t slots = 2; slots >= fewest_slots; slots--)
            look(p, l, b, 1, slots, least, &best);
    return best.cycles < UINT64_MAX && take_slots(p, l, b, best.th, best.tw, best.slots);
}

static int all_resident(const plan *p, const layer *l)
{
    for (uint32_t i = 0; i < layer_input_count(l); i++)
        if (layer_input(l, i) != NO_AREA && !p->areas[layer_input(l, i)].resident)
            return 0;
    return p->areas[l->out].resident;
}

/* Words of the largest source that is not resident, and of such a destination. */
static void copy_words(const plan *p, const layer *l, uint32_t *in, uint32_t *out)
{
    *in = 0;
    for (uint32_t i = 0; i < l->part_count; i++) {
        const uint32_t k = l->parts[i].area;
        if (k != NO_AREA && !p->areas[k].resident && p->areas[k].words > *in)
            *in = p->areas[k].words;
    }
    *out = p->areas[l->out].resident ? 0 : p->areas[l->out].words;
}

static int take_copy_slots(layer *l, buffer *b, uint32_t in, uint32_t out, uint32_t slots)
{
    const uint32_t words[3] = { in, 0, out };
    span kept[4];
    uint32_t taken = 0;
    for (unsigned k = 0; k < 3; k++)
        for (uint32_t s = 0; s < slots && words[k]; s++) {
            if (!place_take(b, words[k], &l->slot_word[k][s])) {
                while (taken)
                    place_give_back(b, kept[--taken].word);
                return 0;
            }
            kept[taken++] = (span){ l->slot_word[k][s], words[k] };
        }
    memcpy(l->slot_words, words, sizeof words);
    l->slots = slots;
    return 1;
}

/* Slots as large as there is room for, by halves. */
static int fit_copy(const plan *p, layer *l, buffer *b, int decent)
{
    uint32_t in, out, most = p->hw.fb_words / 4;
    copy_words(p, l, &in, &out);
    for (uint32_t words = most; words >= (decent ? most / 4 : 1); words /= 2)
        if (take_copy_slots(l, b, min_u32(in, words), min_u32(out, words), 2))
            return 1;
    return !decent && take_copy_slots(l, b, min_u32(in, 1), min_u32(out, 1), 1);
}

int place_fit_layer(const plan *p, layer *l, buffer *b, int decent)
{
    uint64_t least = decent ? 4 * (uint64_t)p->hw.rows : 0;
    memset(l->slot_words, 0, sizeof l->slot_words);
    if (l->kind == LAYER_HOST || all_resident(p, l)) {
        l->tile_h = l->out_h;
        l->tile_w = l->out_w;
        l->slots = 1;
        return 1;
    }
    if (l->kind == LAYER_COPY)
        return fit_copy(p, l, b, decent);
    return decent ? fit_tiles(p, l, b, least, 2) : fit_tiles(p, l, b, 0, 1);
}

uint64_t place_least_words(const plan *p, const layer *l)
{
    if (l->kind == LAYER_COPY)
        return 2;
    const uint32_t tw = min_u32(width_unit(p, l), l->out_w);
    const uint64_t need = input_words(p, l, 1, tw) + output_words(p, l, 1, tw);
    return need + (l->in_count > 1 ? operand_words(p, l, 1, tw) : 0);
}
