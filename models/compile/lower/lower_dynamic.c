/* MATMUL by a matrix that the network computes, or by several.
 *
 * The right side is copied into memory in the form of a weight stream, a row of the stream's area
 * per block of columns.  With K' reductions side by side it stays exact for any zero points:
 *
 *     sum (a - za)(b - zb) = sum a b  +  sum a (-zb)  +  sum (-za) b  +  K za zb
 *
 * The first two sums are taps on the row of a, the second by constant weights; the third is a
 * kernel row that lies outside (KROWS is 1) and so reads as the fill, -za; the last is the bias.
 * What does not fit int8 (a zero point of -128) is taken in two halves. */
#include "conv.h"
#include "lower.h"
#include "models/compile/exact/averages.h"

typedef struct product {
    uint32_t batch, batch_b, m, n, k;
    int32_t za, zb;
    uint32_t parts_a, parts_b; /* int8 addends of -za and -zb */
    uint32_t taps, rows;       /* of the pass loop */
    uint32_t chunks, blocks;   /* passes of a tap; blocks of columns */
    uint32_t segment, stride;  /* bytes of a tap's weights, of a block */
} product;

static uint32_t halves(int32_t v)
{
    return v == 0 ? 0 : v > INT8_MAX ? 2 : 1;
}

static uint32_t leading(const weft_tensor *t)
{
    uint32_t n = 1;
    for (uint32_t i = 0; i + 2 < t->rank; i++)
        n *= t->dims[i];
    return n;
}

static product product_of(const lowering *low, const weft_node *n)
{
    const weft_tensor *a = &low->net->g->tensors[n->inputs[0]],
                      *b = &low->net->g->tensors[n->inputs[1]];
    const weft_tensor *y = &low->net->g->tensors[n->output];
    product d = { .batch = leading(y),
                  .batch_b = leading(b),
                  .m = y->dims[y->rank - 2],
                  .n = y->dims[y->rank - 1],
                  .k = a->dims[a->rank - 1],
                  .za = weft_quant_zero_point(&a->quant, 0),
                  .zb = weft_quant_zero_point(&b->quant, 0) };
    d.parts_a = halves(-d.za);
    d.parts_b = halves(-d.zb);
    d.taps = 1 + d.parts_b > d.parts_a ? 1 + d.parts_b : d.parts_a;
    d.rows = d.parts_a ? 2 : 1;
    d.chunks = (uint32_t)div_up(d.k, low->net->hw.rows);
    d.blocks = (uint32_t)div_up(d.n, low->net->hw.cols);
    d.segment = d.chunks * low->net->hw.rows * low->net->stream_row;
    d.stride = WEFT_HEADER_ROWS * low->net->stream_row + d.rows * d.taps * d.segment;
    return d;
}

/* Does tap number s of the pass loop take b? */
static int takes_b(const product *d, uint32_t s)
{
    return s == 0 || (s >= d->taps && s - d->taps < d->parts_a);
}

/* Lane of the array at row `r` of a tap's weights: the bottom row of each pass comes first. */
static uint32_t lane_of(const lowering *low, uint32_t r)
{
    return r / low->net->hw.rows * low->net->hw.rows + low->net->hw.rows - 1 -
           r % low->net->hw.rows;
}

/* --- the stream: what is constant in it --- */

static int8_t *constant_part(lowering *low, const weft_node *n, const product *d)
{
    int8_t *all = work_alloc(low->work, d->stride);
    const weft_requant rq = product_factor(low->net, n, 0);
    const uint32_t bias = (uint32_t)((int64_t)d->k * d->za * d->zb);
    for (uint32_t c = 0; all && c < low->net->hw.cols; c++)
        header_put((uint8_t *)all + c, low->net->stream_row, bias, rq);
    for (uint32_t s = 1; all && s <= d->parts_b; s++) {
        int8_t *to = all + WEFT_HEADER_ROWS * low->net->stream_row + (size_t)s * d->segment;
        for (uint32_t r = 0; r < d->chunks * low->net->hw.rows; r++)
            if (lane_of(low, r) < d->k)
                memset(to + (size_t)r * low->net->stream_row,
                       (int8_t)(-d->zb / (int32_t)d->parts_b), low->net->stream_row);
    }
    return all;
}

/* The same bytes into every row of the area. */
static copy_part same_bytes(const product *d, uint32_t from, uint32_t offset, uint32_t bytes)
{
    copy_part c = { .area = from, .rank = 2, .from_base = offset, .to_base = offset };
    c.axis[0] = (copy_axis){ d->batch_b * d->blocks, NULL, 0, d->stride };
    c.axis[1] = (copy_axis){ bytes, NULL, 1, 1 };
    return c;
}

/* --- the stream: b --- */

/* `count` blocks from number `first` on, with `columns` columns of b each. */
static int b_part(lowering *low, const weft_node *n, const product *d, uint32_t s, uint32_t first,
                  uint32_t count, uint32_t columns, copy_part *c)
{
    const int64_t step_k = n->attr.matmul.transpose_b ? 1 : d->n;
    const int64_t step_n = n->attr.matmul.transpose_b ? d->k : 1;
    const uint32_t rows = d->chunks * low->net->hw.rows, cp = low->net->stream_row;
    int64_t *lanes = work_alloc(low->work, rows * sizeof *lanes);
    int64_t *across = work_alloc(low->work, cp * sizeof *across);
    if (!lanes || !across)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t r = 0; r < rows; r++)
        lanes[r] = lane_of(low, r) < d->k ? lane_of(low, r) * step_k : -1;
    for (uint32_t i = 0; i < cp; i++)
        across[i] = i < columns ? i * step_n : -1;
    *c = (copy_part){ .rank = 4,
                      .from_base = (int64_t)first * low->net->hw.cols * step_n,
                      .to_base = (int64_t)first * d->stride + WEFT_HEADER_ROWS * cp +
                                 (int64_t)s * d->segment };
    c->axis[0] =
        (copy_axis){ d->batch_b, NULL, (int64_t)d->k * d->n, (int64_t)d->blocks * d->stride };
    c->axis[1] = (copy_axis){ count, NULL, low->net->hw.cols * step_n, d->stride };
    c->axis[2] = (copy_axis){ rows, lanes, 0, cp };
    c->axis[3] = (copy_axis){ cp, across, 0, 1 };
    return WEFT_OK;
}

static int add_b(lowering *low, const weft_node *n, const product *d, uint32_t s, uint32_t from,
                 copy_part *parts, uint32_t *count)
{
    const uint32_t whole = d->n / low->net->hw.cols, rest = d->n % low->net->hw.cols;
    int rc = WEFT_OK;
    if (whole)
        rc = b_part(low, n, d, s, 0, whole, low->net->hw.cols, &parts[(*count)++]);
    if (rc == WEFT_OK && rest)
        rc = b_part(low, n, d, s, whole, 1, rest, &parts[(*count)++]);
    for (uint32_t i = *count - (whole > 0) - (rest > 0); i < *count; i++)
        parts[i].area = from;
    return rc;
}

/* The area of the stream, and the layer that fills it. */
static int make_stream(lowering *low, const weft_node *n, const product *d, uint32_t *stream)
{
    copy_part parts[24];
    const uint32_t node = (uint32_t)(n - low->net->g->nodes),
                   header = WEFT_HEADER_ROWS * low->net->stream_row;
    const weft_tensor *b = &low->net->g->tensors[n->inputs[1]];
    uint32_t count = 0, from = low->area_of[n->inputs[1]], fixed;
    const int8_t *bytes = constant_part(low, n, d);
    int rc = bytes ? layout_constant_bytes(low, bytes, (layout){ 1, d->stride }, &fixed)
                   : WEFT_ERR_NO_MEMORY;
    if (rc == WEFT_OK && b->data)
        rc = layout_constant(low, n->inputs[1], layout_natural(b), &from);
    if (rc == WEFT_OK)
        rc = lowering_add_area(low, d->batch_b * d->blocks, d->stride, stream);
    if (rc == WEFT_OK)
        parts[count++] = same_bytes(d, fixed, 0, header);
    for (uint32_t s = 0; s < d->rows * d->taps && rc == WEFT_OK; s++) {
        if (takes_b(d, s))
            rc = add_b(low, n, d, s, from, parts, &count);
        else
            parts[count++] = same_bytes(d, fixed, header + s * d->segment, d->segment);
    }
    if (rc != WEFT_OK)
        return rc;
    low->areas[*stream].is_stream = 1;
    return layout_copy(low, node, parts, count, *stream);
}

/* --- the product --- */

/* Which matrix of b belongs to matrix e of y. */
static uint32_t matrix_of(const weft_tensor *b, const weft_tensor *y, uint32_t e)
{
    uint32_t at = 0, step = 1;
    for (uint32_t i = y->rank - 2; i-- > 0; e /= y->dims[i]) {
        at += b->dims[i] == 1 ? 0 : e % y->dims[i] * step;
        step *= b->dims[i];
    }
    return at;
}

static kernel product_kernel(const lowering *low, const weft_node *n, const product *d, uint32_t e,
                             uint32_t block)
{
    const weft_tensor *y = &low->net->g->tensors[n->output];
    kernel k = kernel_default();
    k.kind = weft_requant_is_tflite(n->requant) ? WEFT_KIND_TFLITE : WEFT_KIND_FLOAT;
    k.zp1 = weft_quant_zero_point(&y->quant, 0);
    k.lo1 = n->attr.matmul.clamp.lo;
    k.hi1 = n->attr.matmul.clamp.hi;
    k.seg = d->k;
    k.pass_r = min_u32(d->k, low->net->hw.rows);
    k.taps_x = d->taps;
    k.row_dr = 1;
    k.krows = 1;
    k.passes = d->rows * d->taps * d->chunks;
    k.zp = d->parts_a ? -d->za / (int32_t)d->parts_a : 0;
    k.in_du = k.byte_step = d->k;
    k.in_row = k.y0 = e;
    k.ny = 1;
    k.nx = d->m;
    k.out_u = (int64_t)block * low->net->hw.cols;
    k.o_bytes = k.o_last = min_u32(low->net->hw.cols, d->n - block * low->net->hw.cols);
    k.weights_row = matrix_of(&low->net->g->tensors[n->inputs[1]], y, e) * d->blocks + block;
    return k;
}

/* Matrices of a as rows, one for each of y. */
static int left_side(lowering *low, const weft_node *n, const product *d, uint32_t *from)
{
    weft_tensor shape = low->net->g->tensors[n->output];
    shape.dims[shape.rank - 1] = d->k;
    return lower_repeat(low, (uint32_t)(n - low->net->g->nodes), n->inputs[0], &shape,
                        (layout){ d->batch, d->m * d->k }, from);
}

int lower_dynamic(lowering *low, const weft_node *n, const fusion *f)
{
    const product d = product_of(low, n);
    const uint32_t result = low->net->g->nodes[f->last].output;
    uint32_t stream = NO_AREA, from = NO_AREA;
    int rc = make_stream(low, n, &d, &stream);
    if (rc == WEFT_OK)
        rc = left_side(low, n, &d, &from);
    if (rc == WEFT_OK)
        rc = layout_new_area(low, result, (layout){ d.batch, d.m * d.n });
    layer *l = rc == WEFT_OK ? lowering_add_layer(low, f->root) : NULL;
    kernel *k = l ? work_alloc(low->work, (size_t)d.batch * d.blocks * sizeof *k) : NULL;
    if (!k)
        return rc == WEFT_OK ? WEFT_ERR_NO_MEMORY : rc;
    l->in_count = 1;
    l->in[0] = from;
    l->weights = stream;
    l->out = low->area_of[result];
    l->in_h = l->out_h = d.batch;
    l->in_w = l->out_w = d.m;
    l->in_c = d.k;
    l->out_c = d.n;
    l->macs = (uint64_t)d.batch * d.m * d.n * d.k;
    l->kernels = k;
    for (uint32_t e = 0; e < d.batch; e++)
        for (uint32_t block = 0; block < d.blocks; block++)
            k[l->kernel_count++] = product_kernel(low, n, &d, e, block);
    return lower_post(low, f, 0, l);
}
