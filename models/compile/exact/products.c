/* Sums of products that LiteRT rounds once, in double, as the device makes them: by the float32
 * product of ONNX Runtime with a multiplier for which every byte is the same.
 *
 * Both ways bytes never fall where sums rise.  So they are equal for all sums if they are at the two
 * sums beside each step from a byte to the next; every such pair allows an interval of multipliers,
 * and one that lies in all of them will do.  Costs a search of 25 steps for each of 255 bytes of a
 * channel with a scale of its own. */
#include "models/compile/exact/averages.h"
#include "models/compile/exact/exact.h"
#include "models/compile/exact/sums.h"

#include <stdlib.h>
#include <string.h>

#define NO_MULTIPLIER                                                                              \
    "LiteRT rounds its products once, and no float32 multiplier gives all of these bytes"

static int32_t real_byte(const factor_use *u, weft_requant rq, int64_t acc)
{
    return weft_requant_finish(weft_requantize(WEFT_REQUANT_REAL, (int32_t)acc, rq), u->zero_point,
                               u->clamp.lo, u->clamp.hi);
}

/* The least sum from `from` on, up to `most`, whose byte is above `byte`; most + 1 if there is none. */
static int64_t next_step(const factor_use *u, weft_requant rq, int32_t byte, int64_t from,
                         int64_t most)
{
    int64_t end = most + 1;
    while (from < end) {
        const int64_t middle = from + (end - from) / 2;
        if (real_byte(u, rq, middle) > byte)
            end = middle;
        else
            from = middle + 1;
    }
    return from;
}

/* Leaves the multipliers for sums of -bound .. bound. */
static void narrow_steps(const factor_use *u, weft_requant rq, int64_t bound, factor_range *in)
{
    int64_t first = -bound;
    while (first <= bound && in->least <= in->most) {
        const int32_t byte = real_byte(u, rq, first);
        const int64_t next = next_step(u, rq, byte, first, bound);
        factor_narrow(u, (int32_t)first, byte, in);
        factor_narrow(u, (int32_t)(next - 1), byte, in);
        first = next;
    }
}

const char *product_prove(const weft_graph *g, const weft_node *n, average_plan *to)
{
    const weft_quant *w = &weft_node_input(g, n, 1)->quant;
    const int is_full = n->op == WEFT_OP_FULLY_CONNECTED;
    const uint32_t channels = is_full ? w->count : 1;
    const int64_t most = (int64_t)weft_graph_accumulator_bound(g, n);
    const int64_t bound = most < INT32_MAX ? most : INT32_MAX;
    const factor_use use = { weft_quant_zero_point(&g->tensors[n->output].quant, 0),
                             is_full ? n->attr.fully_connected.clamp : n->attr.matmul.clamp };
    to->factors = calloc(channels, sizeof *to->factors);
    if (!to->factors)
        return SUMS_NO_MEMORY;
    for (uint32_t c = 0; c < channels; c++) {
        weft_requant rq, near;
        (void)weft_node_requant(g, n, c, &rq); /* proved by the check */
        const uint64_t bits = (uint64_t)rq.half << 32 | rq.mult;
        double factor;
        memcpy(&factor, &bits, sizeof factor);
        if (weft_requant_from_float((float)factor, &near) != WEFT_OK)
            return NO_MULTIPLIER;
        factor_range in = factor_around(near.mult);
        narrow_steps(&use, rq, bound, &in);
        if (in.least > in.most)
            return NO_MULTIPLIER;
        to->factors[c].factor = factor_nearest(in, near.mult);
    }
    return NULL;
}

weft_requant product_factor(const network *net, const weft_node *n, uint32_t channel)
{
    weft_requant rq = { 0 };
    const average_plan *plan = &net->averages[n - net->g->nodes];
    if (n->requant == WEFT_REQUANT_REAL)
        return plan->factors[weft_node_input(net->g, n, 1)->quant.count > 1 ? channel : 0].factor;
    (void)weft_node_requant(net->g, n, channel, &rq); /* proved by the check */
    return rq;
}
