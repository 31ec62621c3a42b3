/* What tiles cost: arithmetic and transfers of one of them, side by side with two slots, one after
 * the other with one.  Loads, stores and weights share the port of the memory.  Good enough to
 * choose by; cycles.c says what the program takes. */
#include "fit.h"

enum {
    COMMAND = 12, /* start-up of a command */
    PIECE = 40,   /* of a transfer that is one of many */
    TILE = 60,    /* latencies that a tile does not hide */
    DRAIN = 60,   /* a layer waits for the results of the one before it in a chain */
};

static uint64_t more(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Cycles of a kernel's part of a tile, and the rows of its weight stream. */
static uint64_t kernel_cycles(const schedule *sched, const kernel *k, uint32_t th, uint32_t tw,
                              uint64_t *stream)
{
    const int array = k->mode <= WEFT_MODE_DEPTHWISE;
    const uint64_t rows = div_up(min_u32(th, k->ny * k->dy), k->dy);
    const uint64_t columns = div_up(tw, (uint64_t)k->dx * k->px);
    const uint64_t sums = rows * columns, commands = div_up(sums, sched->budget.acc_depth);
    const uint64_t inner = k->vertical ? rows : columns, outer = k->vertical ? columns : rows;
    const uint64_t vectors = ((inner - 1) * k->phases + k->chain) * outer;
    const uint64_t beat = div_up(sched->net->stream_row, sched->hw->mem_bytes);
    const uint64_t weights = array ? sched->hw->rows * beat : 0;
    const uint64_t pass = more(div_up(vectors, commands), weights);
    const uint64_t drain = div_up(sums, commands) * (sched->hw->cols / sched->hw->lanes);
    const uint64_t header = k->raw ? 0 : WEFT_HEADER_ROWS * beat;
    const uint64_t block = (k->passes - 1) * pass + more(pass, drain);
    const uint64_t rows_of_weights = commands * k->blocks * (k->passes * weights + header);
    *stream += rows_of_weights;
    if (!(sched->budget.policy & POLICY_EVEN_TILES))
        *stream += rows_of_weights / 27; /* refresh */
    return commands * (k->blocks * more(block, k->passes * weights + header) + COMMAND);
}

static uint64_t beats(const schedule *sched, uint64_t rows, uint64_t bytes)
{
    const uint64_t n = rows * div_up(bytes, sched->hw->mem_bytes);
    return n + n / 9;
}

/* By pixel, a tile narrower than the image takes a transfer for each of its rows. */
static uint64_t pieces(const layer *l, int by_pixel, uint32_t th, uint32_t tw)
{
    return by_pixel && tw < l->out_w ? (uint64_t)th * PIECE : 0;
}

/* Of a tile: arithmetic; beats of weights, of the input, of the rest. */
typedef struct cost {
    uint64_t work, weights, in, other;
} cost;

static void add_layer(const schedule *sched, const layer *l, uint32_t th, uint32_t tw, cost *c)
{
    for (uint32_t i = 0; i < l->kernel_count; i++)
        c->work += kernel_cycles(sched, &l->kernels[i], th, tw, &c->weights);
    if (!sched->storage[l->in[0]].resident) {
        const uint64_t rows = more(th * (uint64_t)l->reach_y.stride / l->reach_y.up, 1) - 1;
        const uint64_t columns = more(tw * (uint64_t)l->reach_x.stride / l->reach_x.up, 1) - 1;
        const uint64_t high = rows / input_row_step(l) + l->reach_y.extent;
        const uint32_t step = input_pixel_step(sched, l);
        const uint64_t wide = columns + l->reach_x.extent;
        const uint64_t across = div_up(wide < l->in_w ? wide : l->in_w, step);
        c->in +=
            beats(sched, high < l->in_h ? high : l->in_h, across * input_pixel_bytes(sched, l));
        c->in += step > 1 ? high * PIECE
                          : pieces(l, input_pixel_bytes(sched, l) != layer_in_pixel(l),
                                   (uint32_t)high, tw);
    }
    if (l->in_count > 1 && !sched->storage[l->in[1]].resident)
        c->other += beats(sched, l->x_row ? th : 1,
                          (l->x_pixel ? tw : 1) * (uint64_t)(l->out_c + l->x_space));
    if (!sched->storage[l->out].resident)
        c->other += beats(sched, th, tw * (uint64_t)output_pixel_bytes(sched, l)) +
                    pieces(l, output_pixel_bytes(sched, l) != layer_out_pixel(l), th, tw);
}

/* Side by side; the shorter counts a little, so that of equals the one with less to do is taken. */
static uint64_t together(uint64_t a, uint64_t b)
{
    return a > b ? a + b / 32 : b + a / 32;
}

/* `tiles` of th x tw outputs.  Weights come along with the arithmetic; with one slot the rest does
 * not. */
static uint64_t tiles_cycles(const schedule *sched, const layer *l, uint64_t tiles, uint32_t th,
                             uint32_t tw, uint32_t slots)
{
    cost c = { 0 };
    if (tiles == 0)
        return 0;
    add_layer(sched, l, th, tw, &c);
    const uint64_t moved = c.in + c.other;
    if (slots > 1)
        return tiles * (together(c.work, c.weights + moved) + TILE);
    if (sched->budget.policy & POLICY_EVEN_TILES) /* as if it were all in a row */
        return tiles * (c.work + c.weights + moved + TILE);
    return tiles * (together(c.work, c.weights) + moved + TILE);
}

uint64_t place_cycles(const schedule *sched, const layer *l, uint32_t th, uint32_t tw,
                      uint32_t slots)
{
    const uint64_t down = l->out_h / th, across = l->out_w / tw;
    const uint32_t low = l->out_h % th, narrow = l->out_w % tw;
    cost first = { 0 };
    add_layer(sched, l, th, tw, &first);
    const uint64_t ends = slots > 1 ? first.weights + first.in + first.other + TILE : 0;
    if (sched->budget.policy & POLICY_EVEN_TILES)
        return ends +
               tiles_cycles(sched, l, (down + (low > 0)) * (across + (narrow > 0)), th, tw, slots);
    return ends + tiles_cycles(sched, l, down * across, th, tw, slots) +
           tiles_cycles(sched, l, low ? across : 0, low, tw, slots) +
           tiles_cycles(sched, l, narrow ? down : 0, th, narrow, slots) +
           tiles_cycles(sched, l, low && narrow, low, narrow, slots);
}

uint64_t place_chain_cycles(const schedule *sched, uint32_t first, uint32_t last)
{
    const layer *head = &sched->low->layers[first], *tail = &sched->low->layers[last];
    const uint64_t tiles = div_up(tail->out_h, tiling_of(sched, tail)->tile_h);
    cost c = { 0 };
    for (uint32_t i = first; i <= last; i++) {
        const layer *l = &sched->low->layers[i];
        add_layer(sched, l, (uint32_t)div_up(l->out_h, tiles), l->out_w, &c);
    }
    const uint64_t bus = c.weights + c.in + c.other;
    const uint32_t length = last - first + 1;
    uint64_t tile =
        together(c.work, bus) + (chain_by_halves(length) ? 0 : DRAIN) + length * COMMAND;
    if (one_input_slot(&sched->tilings[first])) { /* its input comes in while the others work */
        cost own = { 0 };
        add_layer(sched, head, (uint32_t)div_up(head->out_h, tiles), head->out_w, &own);
        tile = more(tile, own.work + c.in + TILE);
    }
    return tiles * tile + bus + TILE;
}
