/* The weight stream of a convolution: headers and weights in the order the device reads them.
 *
 * Each function answers one question about one place of the stream: which tap of which output
 * channel is it, or none (weight 0).  Costs a few divisions per weight. */
#include "conv.h"
#include "models/compile/exact/averages.h"

/* Addend number `addend` of a weight minus its zero point: the addends are int8 and their sum is
 * exact. */
static int8_t addend_of(const conv *c, uint32_t o, uint32_t ky, uint32_t kx, uint32_t ci,
                        uint32_t addend)
{
    size_t at = (((size_t)o * c->kh + ky) * c->kw + kx) * c->group_in + ci;
    int32_t rest = c->wide ? c->wide[ky * c->kw + kx] : c->w[at] - weft_quant_zero_point(c->wq, o);
    int32_t now = 0;
    for (uint32_t i = 0; i <= addend; i++) {
        rest -= now;
        now = rest < INT8_MIN ? INT8_MIN : rest > INT8_MAX ? INT8_MAX : rest;
    }
    return (int8_t)now;
}

/* What a column computes: output channel `o`, its group counted from the block's first one, and
 * the pixel of the vector. */
typedef struct column {
    uint32_t o, group, pixel;
} column;

/* 0 if the column is unused. */
static int column_of(const lowering *low, const conv *c, const kernel *k, uint32_t block,
                     uint32_t col, column *out)
{
    const uint32_t out_c = c->groups * c->group_out;
    if (k->mode == WEFT_MODE_DEPTHWISE || k->merge == c->groups) {
        uint32_t at = block * low->net->hw.cols + col;
        out->pixel = at / out_c;
        out->o = at % out_c;
        out->group = out->o / c->group_out;
        return out->pixel < k->px;
    }
    uint32_t at = k->sub * low->net->hw.cols + col;
    out->group = at / c->group_out;
    out->o = block * k->merge * c->group_out + at;
    out->pixel = 0;
    return out->group < k->merge;
}

/* Where lane `lane` of pass `pass` is in the kernel: kernel row, turn of the TAPS_X loop, byte of
 * the segment. */
typedef struct tap {
    uint32_t ky, turn, byte;
} tap;

static int tap_of(const conv *c, const kernel *k, uint32_t pass, uint32_t lane, tap *out)
{
    if (lane >= k->lanes)
        return 0;
    if (k->span) {
        uint64_t at = (uint64_t)pass * k->lanes + lane;
        *out = (tap){ (uint32_t)(at / k->seg), 0, (uint32_t)(at % k->seg) };
        return at / k->seg < c->kh;
    }
    uint32_t per_tap = (uint32_t)div_up(k->seg, k->pass_r);
    *out = (tap){ pass / (per_tap * k->taps_x), pass / per_tap % k->taps_x,
                  pass % per_tap * k->pass_r + lane };
    return out->byte < k->seg;
}

static int8_t dense_weight(const conv *c, const kernel *k, const tap *t, const column *col)
{
    uint32_t channels = k->merge * c->group_in;
    uint32_t pixel = k->tap_px ? 0 : t->byte / channels;
    uint32_t channel = k->tap_px ? t->byte : t->byte % channels;
    uint32_t kx = t->turn;
    if (channel / c->group_in != col->group)
        return 0;
    if (!k->tap_px) {
        int64_t off = (int64_t)pixel - (int64_t)col->pixel * c->sw;
        if (off < 0 || off % c->dw || off / c->dw >= c->kw)
            return 0;
        kx = (uint32_t)(off / c->dw);
    }
    return addend_of(c, col->o, t->ky, kx, channel % c->group_in, k->tap_px ? 0 : t->turn);
}

/* The tap of a chain that sits `below` its top; of pairs the two chains one below the other. */
static int chain_tap(const conv *c, const kernel *k, uint32_t below, uint32_t *t)
{
    const uint32_t half = pairs_half(k->depthwise_rows), early = k->pair && below >= half;
    const uint32_t issue = early ? below - half : below, last = c->kw - 1;
    if (issue >= k->chain || (k->pair && 2 * issue + early > last))
        return 0;
    *t = k->pair ? last - 2 * issue - early : k->chain - 1 - issue;
    return 1;
}

/* Row `lane` of the array in a depthwise pass. */
static int8_t depthwise_weight(const conv *c, const kernel *k, uint32_t pass, uint32_t lane,
                               const column *col)
{
    uint32_t group = lane / k->depthwise_rows, below = lane % k->depthwise_rows;
    uint32_t turn = pass % k->taps_x, round = pass / k->taps_x;
    uint32_t t;
    if (group >= k->groups || !chain_tap(c, k, below, &t))
        return 0;
    uint32_t addend = k->reps > 1 ? turn : 0, chunk = k->reps > 1 ? 0 : turn;
    uint32_t ky = k->vertical ? round * k->chain + t : round * k->groups + group;
    uint32_t kx = k->vertical ? chunk : chunk * k->chain + t;
    if (ky >= c->kh || kx >= c->kw)
        return 0;
    return addend_of(c, col->o, ky, kx, 0, addend);
}

static void put_weights(const lowering *low, const conv *c, const kernel *k, const column *columns,
                        const uint8_t *used, uint8_t *to)
{
    for (uint32_t pass = 0; pass < k->passes; pass++)
        for (uint32_t lane = low->net->hw.rows; lane-- > 0; to += low->net->stream_row) {
            tap t = { 0, 0, 0 };
            int dense = k->mode == WEFT_MODE_DENSE;
            if (dense && !tap_of(c, k, pass, lane, &t))
                continue;
            for (uint32_t i = 0; i < low->net->hw.cols; i++)
                if (used[i])
                    to[i] = (uint8_t)(dense ? dense_weight(c, k, &t, &columns[i])
                                            : depthwise_weight(c, k, pass, lane, &columns[i]));
        }
}

/* bias - zp_in * sum (w - zp_w): padding delivers the zero point, so this is exact at edges too.
 * Wraps as the accumulators do; the final sum is proved to fit. */
static uint32_t folded_bias(const conv *c, uint32_t o)
{
    const size_t taps = (size_t)c->kh * c->kw * c->group_in;
    const int32_t zero = c->wide ? 0 : weft_quant_zero_point(c->wq, o);
    int64_t sum = 0;
    for (size_t i = 0; i < taps; i++)
        sum += (c->wide ? c->wide[i / c->group_in] : c->w[o * taps + i]) - zero;
    return (uint32_t)((c->bias ? c->bias[o] : 0) - c->zp_in * sum);
}

void header_put(uint8_t *to, uint32_t stream_row, uint32_t bias, weft_requant rq)
{
    for (uint32_t i = 0; i < 4; i++) {
        to[i * stream_row] = (uint8_t)(bias >> 8 * i);
        to[(4 + i) * stream_row] = (uint8_t)(rq.mult >> 8 * i);
    }
    to[8 * stream_row] = (uint8_t)rq.shift;
    for (uint32_t i = 0; i < 3; i++)
        to[(9 + i) * stream_row] = (uint8_t)(rq.half >> 8 * i);
}

int conv_stream(lowering *low, const conv *c, kernel *k)
{
    const size_t header = (size_t)WEFT_HEADER_ROWS * low->net->stream_row;
    const size_t block = header + (size_t)k->passes * low->net->hw.rows * low->net->stream_row;
    if (block > INT32_MAX / k->blocks)
        return weft_error_set(low->work->err, WEFT_ERR_CAPACITY,
                              "layer \"%.80s\": weights exceed 2 GiB", c->name);
    uint8_t *to = lowering_add_image(low, block * k->blocks, &k->stream);
    if (!to)
        return low->work->err->status;
    for (uint32_t n = 0; n < k->blocks; n++, to += block) {
        column columns[32];
        uint8_t used[32];
        for (uint32_t i = 0; i < low->net->hw.cols; i++) {
            weft_requant rq = c->requant;
            used[i] = (uint8_t)column_of(low, c, k, n, i, &columns[i]);
            if (!used[i])
                continue;
            if (!c->wide)
                rq = product_factor(low->net, c->node, columns[i].o);
            header_put(to + i, low->net->stream_row, folded_bias(c, columns[i].o), rq);
        }
        put_weights(low, c, k, columns, used, to + header);
    }
    return WEFT_OK;
}
