/* Convolutions with one input and one output channel per group: a channel per column, taps down the
 * rows of the array, up to three kernel rows at once; or, for tall kernels, the chain runs down the
 * image ("vertical"), which a second operand cannot follow.
 *
 * With an even stride along x, two pixels enter at an issue where the input is spaced for it
 * (pairs.c): the taps of odd and of even distance from the last are two chains.
 *
 * Samples of a chain lie dilation apart, outputs stride apart: dilation / gcd commands ("lattices")
 * interleave their outputs, each taking every (stride / gcd)th sum. */
#include "conv.h"
#include "models/base/common_divisor.h"

/* One axis of the kernel along the chain. */
typedef struct along {
    uint32_t taps, stride, dilation, outputs;
    uint32_t cross_taps, cross_outputs;
} along;

static uint64_t price(const lowering *low, const along *a, const kernel *k, uint32_t lattices)
{
    uint64_t cycles = 0;
    uint64_t row_cycles = div_up(low->net->stream_row, low->net->hw.mem_bytes);
    for (uint32_t i = 0; i < lattices; i++) {
        uint64_t sums = div_up(a->outputs - i, lattices);
        uint64_t commands = div_up(sums * a->cross_outputs, low->net->hw.acc_depth);
        uint64_t vectors = ((sums - 1) * k->phases + k->chain) * a->cross_outputs;
        uint64_t each = div_up(vectors, commands), load = low->net->hw.rows * row_cycles;
        uint64_t array = k->passes * (each > load ? each : load);
        uint64_t stream = (k->passes * low->net->hw.rows + WEFT_HEADER_ROWS) * row_cycles;
        cycles += commands * k->blocks * (array > stream ? array : stream);
    }
    return cycles;
}

static void keep_if_cheaper(const lowering *low, const conv *c, const along *a, kernel *k,
                            mapping *best)
{
    const uint32_t cols = low->net->hw.cols;
    const uint32_t shared = (uint32_t)common_divisor(a->stride, a->dilation);
    uint32_t lattices = min_u32(a->dilation / shared, a->outputs);
    k->phases = a->stride / shared;
    k->mode = WEFT_MODE_DEPTHWISE;
    k->merge = c->groups;
    k->reps = c->reps;
    k->blocks = (uint32_t)div_up(c->in_c, cols);
    k->blk_u = k->o_blk_u = cols;
    k->o_bytes = min_u32(c->in_c, cols);
    k->o_last = c->in_c - (k->blocks - 1) * cols;
    if (k->vertical)
        k->dy = a->dilation / shared;
    else
        k->dx = a->dilation / shared;
    if (!WEFT_FITS(COMPUTE, PHASES, k->phases) || !WEFT_FITS(COMPUTE, CHAIN, k->chain) ||
        !WEFT_FITS(COMPUTE, TAPS_X, k->taps_x) || !WEFT_FITS(COMPUTE, ROW_DR, k->row_dr) ||
        !WEFT_FITS(COMPUTE, PASSES, k->passes) || !WEFT_FITS(COMPUTE, BLOCKS, k->blocks) ||
        !WEFT_FITS(COMPUTE, O_IN_DR, k->dy) ||
        (k->vertical && !WEFT_FITS(COMPUTE, IN_DR, k->in_du)))
        return;
    uint64_t cycles = price(low, a, k, lattices);
    if (cycles >= best->cycles)
        return;
    *best = (mapping){ .cycles = cycles, .first = *k, .subs = 1, .lattices = lattices };
}

/* The chain along x; `groups` kernel rows enter at once. */
static void horizontal(const lowering *low, const conv *c, uint32_t groups, mapping *best)
{
    const uint32_t height = low->net->hw.rows / groups;
    const along a = { c->kw, c->sw, c->dw, c->out_w, c->kh, c->out_h };
    uint32_t chunks = (uint32_t)div_up(c->kw, height);
    if (height == 0 || (c->reps > 1 && chunks > 1) || (groups > 1 && c->dh > 1))
        return;
    kernel k = kernel_default();
    k.groups = groups;
    k.depthwise_rows = height;
    k.chain = (uint32_t)div_up(c->kw, chunks);
    k.taps_x = chunks > 1 ? chunks : c->reps;
    k.tap_du = chunks > 1 ? (int64_t)k.chain * c->dw * c->in_pixel : 0;
    k.row_dr = groups * c->dh;
    k.passes = k.taps_x * (uint32_t)div_up(c->kh, groups);
    k.in_du = (int64_t)c->dw * c->in_pixel;
    if (c->kh <= groups)
        k.row_dr = 0;
    keep_if_cheaper(low, c, &a, &k, best);
}

/* The same by pairs of pixels, so many per output as half the stride; the last one's later pixel is
 * the last tap. */
static void paired(const lowering *low, const conv *c, uint32_t groups, mapping *best)
{
    const along a = { c->kw, c->sw / 2, 1, c->out_w, c->kh, c->out_h };
    if (low->net->hw.lacks & WEFT_INFO_LACKS_PAIR || c->in_part || c->dw > 1 ||
        (groups > 1 && c->dh > 1) || !pairs_fit(&low->net->hw, c->kw, c->sw, groups, c->in_pixel))
        return;
    kernel k = kernel_default();
    k.pair = c->in_pixel / low->net->hw.word_bytes;
    k.groups = groups;
    k.depthwise_rows = low->net->hw.rows / groups;
    k.chain = pairs_chain(c->kw);
    k.taps_x = c->reps;
    k.row_dr = c->kh <= groups ? 0 : groups * c->dh;
    k.passes = k.taps_x * (uint32_t)div_up(c->kh, groups);
    k.in_du = 2 * (int64_t)c->in_pixel;
    k.in_byte = ((int64_t)c->kw - 2 * k.chain) * c->in_pixel;
    keep_if_cheaper(low, c, &a, &k, best);
}

/* The chain along y, one column of taps after the other. */
static void vertical(const lowering *low, const conv *c, mapping *best)
{
    const uint32_t height = low->net->hw.rows;
    const along a = { c->kh, c->sh, c->dh, c->out_h, c->kw, c->out_w };
    uint32_t chunks = (uint32_t)div_up(c->kh, height);
    if (c->reps > 1 && c->kw > 1)
        return;
    kernel k = kernel_default();
    k.vertical = 1;
    k.depthwise_rows = height;
    k.chain = (uint32_t)div_up(c->kh, chunks);
    k.taps_x = c->kw > 1 ? c->kw : c->reps;
    k.tap_du = c->kw > 1 ? (int64_t)c->dw * c->in_pixel : 0;
    k.row_dr = chunks > 1 ? k.chain * c->dh : 0;
    k.passes = k.taps_x * chunks;
    k.in_du = c->dh;
    keep_if_cheaper(low, c, &a, &k, best);
}

/* Part of the channels of an area, and single pixels: they come into the buffer one to a row, where no
 * chain can run down the image (place/extents.c). */
static int is_by_pixel(const conv *c)
{
    return c->in_part && c->kh == 1 && c->kw == 1;
}

void map_depthwise(const lowering *low, const conv *c, mapping *best)
{
    if (c->group_in != 1 || c->group_out != 1)
        return;
    for (uint32_t groups = 1; groups <= 3 && groups <= low->net->hw.rows; groups++)
        horizontal(low, c, groups, best);
    for (uint32_t groups = 1; groups <= 3 && groups <= low->net->hw.rows; groups++)
        paired(low, c, groups, best);
    if (!c->has_operand && !c->out_part && !is_by_pixel(c))
        vertical(low, c, best);
}
