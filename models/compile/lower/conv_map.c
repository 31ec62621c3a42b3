/* Convolutions on the lanes of the array: reduction in the rows, output channels in the columns.
 *
 * A segment is a run of bytes of one kernel row.  "By row": all taps and channels of the row, with
 * zero weights between dilated taps; passes may then span up to four kernel rows, and px
 * neighbouring output pixels may share the columns.  "By tap": the channels of one tap, which is
 * all that groups allow, `merge` groups side by side with zeros between them.  Every way that the
 * command format can hold is priced in array cycles, and the cheapest wins. */
#include "conv.h"

enum { MAX_PIXELS = 8 };

/* The most lanes a pass may use so that no pass of a kernel of `total` bytes touches more than four
 * segments. */
static uint32_t lanes_of(uint32_t rows, uint64_t seg, uint64_t total)
{
    uint32_t lanes = seg * 4 < rows ? (uint32_t)seg * 4 : rows;
    for (; lanes > 1; lanes--) {
        uint64_t at = 0;
        for (; at < total; at += lanes) {
            uint64_t used = total - at < lanes ? total - at : lanes;
            if ((at % seg + used - 1) / seg > 3)
                break;
            if (at > 0 && at % seg == 0) /* periodic from here on */
                return lanes;
        }
        if (at >= total)
            return lanes;
    }
    return 1;
}

/* Array cycles of all commands of one kernel: vectors split by the accumulators, weights that
 * stream one row a cycle at best. */
static uint64_t price(const lowering *low, uint64_t vectors, uint64_t blocks, uint64_t passes)
{
    uint64_t commands = div_up(vectors, low->net->hw.acc_depth);
    uint64_t row_cycles = div_up(low->net->stream_row, low->net->hw.mem_bytes);
    uint64_t load = low->net->hw.rows * row_cycles;
    uint64_t each = div_up(vectors, commands);
    uint64_t array = passes * (each > load ? each : load);
    uint64_t stream = (passes * low->net->hw.rows + WEFT_HEADER_ROWS) * row_cycles;
    return commands * blocks * (array > stream ? array : stream);
}

static int fits_fields(const conv *c, const kernel *k)
{
    return WEFT_FITS(COMPUTE, SEG, k->seg) && WEFT_FITS(COMPUTE, TAPS_X, k->taps_x) &&
           WEFT_FITS(COMPUTE, PASSES, k->passes) && WEFT_FITS(COMPUTE, BLOCKS, k->blocks) &&
           (c->kh == 1 || WEFT_FITS(COMPUTE, ROW_DR, c->dh));
}

/* Passes and the steps between them. */
static void set_passes(const lowering *low, const conv *c, kernel *k, uint64_t seg, uint32_t taps_x,
                       int span)
{
    const uint32_t rows = low->net->hw.rows;
    uint64_t passes;
    k->seg = (uint32_t)seg;
    k->taps_x = taps_x;
    k->row_dr = c->dh;
    k->span = (uint32_t)span;
    if (span) {
        k->lanes = lanes_of(rows, seg, c->kh * seg);
        k->pass_q = (uint32_t)(k->lanes / seg);
        k->pass_r = (uint32_t)(k->lanes % seg);
        if (!WEFT_FITS(COMPUTE, PASS_Q, k->pass_q)) { /* 4: the same step in two parts */
            k->pass_q -= 1;
            k->pass_r = k->seg;
        }
        passes = div_up(c->kh * seg, k->lanes);
    } else {
        k->lanes = k->pass_r = min_u32(rows, k->seg);
        passes = (uint64_t)c->kh * taps_x * div_up(seg, rows);
    }
    k->passes = !WEFT_FITS(COMPUTE, PASSES, passes) ? UINT32_MAX : (uint32_t)passes;
}

static void keep_if_cheaper(const lowering *low, const conv *c, const kernel *k, uint32_t subs,
                            mapping *best)
{
    if (!fits_fields(c, k))
        return;
    uint64_t vectors = c->out_h * div_up(c->out_w, k->px);
    uint64_t cycles = subs * price(low, vectors, k->blocks, k->passes);
    if (cycles >= best->cycles)
        return;
    *best = (mapping){ .cycles = cycles, .first = *k, .subs = subs, .lattices = 1 };
}

/* Blocks of consecutive output columns. */
static void set_blocks(kernel *k, uint64_t columns, uint32_t cols)
{
    k->blocks = (uint32_t)div_up(columns, cols);
    k->o_blk_u = cols;
    k->o_bytes = (uint32_t)(columns < cols ? columns : cols);
    k->o_last = (uint32_t)(columns - (uint64_t)(k->blocks - 1) * cols);
}

/* All groups in one reduction; px pixels side by side. */
static void by_row(const lowering *low, const conv *c, uint32_t px, mapping *best)
{
    const uint32_t out_c = c->groups * c->group_out, cols = low->net->hw.cols;
    uint64_t seg = ((uint64_t)(c->kw - 1) * c->dw + 1 + (uint64_t)(px - 1) * c->sw) * c->in_c;
    uint64_t columns = (uint64_t)px * out_c;
    if (!WEFT_FITS(COMPUTE, SEG, seg) || !WEFT_FITS(COMPUTE, BLOCKS, div_up(columns, cols)) ||
        (c->in_pixel != c->in_c && (c->kw > 1 || px > 1)))
        return;
    kernel k = kernel_default();
    set_passes(low, c, &k, seg, c->reps, c->dh == 1 && c->reps == 1);
    k.px = px;
    k.merge = c->groups;
    k.reps = c->reps;
    k.in_du = (int64_t)px * c->sw * c->in_pixel;
    set_blocks(&k, columns, cols);
    keep_if_cheaper(low, c, &k, 1, best);
}

/* `merge` groups in one reduction, tap by tap; a block per set of groups. */
static void by_tap(const lowering *low, const conv *c, uint32_t merge, mapping *best)
{
    const uint32_t cols = low->net->hw.cols;
    if (c->reps > 1 && c->kw > 1)
        return;
    kernel k = kernel_default();
    set_passes(low, c, &k, (uint64_t)merge * c->group_in, c->kw > 1 ? c->kw : c->reps, 0);
    k.tap_du = c->kw > 1 ? (int64_t)c->dw * c->in_pixel : 0;
    k.tap_px = c->kw > 1;
    k.merge = merge;
    k.reps = c->reps;
    k.in_du = (int64_t)c->sw * c->in_pixel;
    uint32_t out_c = merge * c->group_out, subs = (uint32_t)div_up(out_c, cols);
    if (merge == c->groups) {
        set_blocks(&k, out_c, cols);
        subs = 1;
    } else {
        k.blocks = c->groups / merge;
        k.blk_u = (int64_t)merge * c->group_in;
        k.o_blk_u = out_c;
        k.o_bytes = k.o_last = min_u32(cols, out_c);
    }
    keep_if_cheaper(low, c, &k, subs, best);
}

void map_dense(const lowering *low, const conv *c, mapping *best)
{
    for (uint32_t px = 1; px <= MAX_PIXELS && px <= c->out_w; px++)
        if (px == 1 || (c->groups == 1 && !c->one_pixel))
            by_row(low, c, px, best);
    for (uint32_t merge = 1; merge <= c->groups; merge++)
        if (c->groups % merge == 0 && (merge < c->groups || c->kw > 1))
            by_tap(low, c, merge, best);
}
