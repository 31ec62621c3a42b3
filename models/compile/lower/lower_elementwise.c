/* Tables of the post unit, and the operators that need nothing else. */
#include "lower.h"
#include "models/compile/exact/binary.h"
#include "models/compile/front/views.h"

static void put_u32(uint8_t *to, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

/* Raw copy, pixel by pixel; the end of a row is masked by the output's ROW_BYTES. */
int lower_copy_kernel(lowering *low, layer *l)
{
    kernel k = kernel_default();
    k.mode = WEFT_MODE_MAX;
    k.raw = 1;
    k.in_du = k.byte_step = layer_in_pixel(l);
    k.blocks = (uint32_t)div_up(l->out_c, low->net->hw.cols);
    k.blk_u = k.o_blk_u = low->net->hw.cols;
    k.o_bytes = min_u32(l->out_c, low->net->hw.cols);
    k.o_last = l->out_c - (k.blocks - 1) * low->net->hw.cols;
    k.nx = l->out_w;
    k.ny = l->out_h;
    l->kernels = work_alloc(low->work, sizeof *l->kernels);
    if (!l->kernels)
        return WEFT_ERR_NO_MEMORY;
    l->kernels[0] = k;
    l->kernel_count = 1;
    return WEFT_OK;
}

/* A table is indexed by the byte as uint8, a graph's by value + 128. */
static int put_lut(lowering *low, const int8_t *entries, layer *l)
{
    uint8_t *to = lowering_add_image(low, WEFT_TABLE_ENTRIES, &l->lut_stream);
    if (!to)
        return low->work->err->status;
    for (unsigned i = 0; i < WEFT_TABLE_ENTRIES; i++)
        to[i] = (uint8_t)entries[(i + 128) % WEFT_TABLE_ENTRIES];
    l->lut = 1;
    return WEFT_OK;
}

/* T1 is looked up by what the layer computes, through the table in front if there is one; T2 by the
 * operand. */
static int put_operands(lowering *low, const int8_t *before, const int32_t *t1, const int32_t *t2,
                        layer *l)
{
    uint8_t *to = lowering_add_image(low, 8 * WEFT_TABLE_ENTRIES, &l->operand_stream);
    if (!to)
        return low->work->err->status;
    for (unsigned i = 0; i < WEFT_TABLE_ENTRIES; i++) {
        unsigned q = before ? (uint8_t)before[(i + 128) % WEFT_TABLE_ENTRIES] : i;
        put_u32(to + 4 * i, (uint32_t)t1[q]);
        put_u32(to + 4 * (WEFT_TABLE_ENTRIES + i), (uint32_t)t2[i]);
    }
    return WEFT_OK;
}

int lower_post(lowering *low, const fusion *f, unsigned stage, layer *l)
{
    binary_post b;
    int rc = WEFT_OK;
    if (f->binary != WEFT_NONE) {
        rc = binary_post_of(low->net, &low->net->g->nodes[f->binary], stage, &b);
        if (rc == WEFT_OK)
            rc = put_operands(low, f->before, b.t[f->side], b.t[!f->side], l);
        l->alu = b.alu;
        l->kind2 = b.kind;
        l->mult2 = b.factor.mult;
        l->shift2 = b.factor.shift;
        l->zp2 = b.zp;
        l->lo2 = b.clamp.lo;
        l->hi2 = b.clamp.hi;
    }
    return rc == WEFT_OK && f->after ? put_lut(low, f->after, l) : rc;
}

static uint32_t main_tensor(const weft_node *n, const fusion *f)
{
    return f->input != WEFT_NONE ? f->input : n->inputs[f->side];
}

/* Does the layer go by the pixels of y because of what shares an area? */
static int by_pixels(const lowering *low, const weft_node *n, const fusion *f)
{
    return view_is_shared(low->net, low->net->g->nodes[f->last].output) ||
           view_is_part(low->net, main_tensor(n, f)) ||
           (f->binary != WEFT_NONE &&
            view_is_part(low->net, low->net->g->nodes[f->binary].inputs[!f->side]));
}

/* The input that the layer computes on, in a layout of its own choice or that of y's rows. */
static int main_area(lowering *low, const weft_node *n, const fusion *f, layout *as, uint32_t *from)
{
    const uint32_t tensor = main_tensor(n, f);
    const weft_tensor *x = &low->net->g->tensors[tensor],
                      *y = &low->net->g->tensors[low->net->g->nodes[f->last].output];
    const operand_steps s = fused_operand(low, f, y);
    const int whole = weft_tensor_elements(x) == weft_tensor_elements(y);
    if (s.whole && whole && !x->data && !by_pixels(low, n, f)) {
        *from = low->area_of[tensor];
        *as = (layout){ low->areas[*from].rows, low->areas[*from].row_bytes };
        return WEFT_OK;
    }
    *as = layout_natural(y);
    return lower_repeat(low, f->root, tensor, y, *as, from);
}

static int elementwise_stage(lowering *low, const weft_node *n, const fusion *f, unsigned stage)
{
    const weft_tensor *y = &low->net->g->tensors[low->net->g->nodes[f->last].output];
    const operand_steps s = fused_operand(low, f, y);
    const int flat = (s.whole || !s.simple) && !by_pixels(low, n, f);
    const uint32_t pixel = flat ? low->net->hw.cols : y->dims[y->rank - 1];
    layout as;
    uint32_t from;
    layer *l = NULL;
    int rc = main_area(low, n, f, &as, &from);
    if (rc == WEFT_OK)
        rc = fused_layer(low, f, from, as, pixel, &l);
    if (rc != WEFT_OK)
        return rc;
    l->in_h = l->out_h = as.rows;
    l->in_w = l->out_w = (uint32_t)div_up(as.row_bytes, pixel);
    l->in_c = l->out_c = pixel;
    if (from == low->area_of[main_tensor(n, f)])
        layout_use_view(low, main_tensor(n, f), 0, l);
    rc = lower_copy_kernel(low, l);
    return rc == WEFT_OK ? lower_post(low, f, stage, l) : rc;
}

/* TABLE and operators of two inputs, alone: "pixels" of COLS bytes in any layout, both inputs
 * alike; or, if the operand repeats, the pixels of y. */
int lower_elementwise(lowering *low, const weft_node *n, const fusion *f)
{
    return elementwise_stage(low, n, f, 0);
}

/* The last stage: two areas of the same layout, byte by byte. */
static int join_areas(lowering *low, const fusion *f, uint32_t a, uint32_t b, layout as,
                      unsigned stage)
{
    const uint32_t result = low->net->g->nodes[f->last].output;
    int rc = layout_new_area(low, result, as);
    layer *l = rc == WEFT_OK ? lowering_add_layer(low, f->root) : NULL;
    if (!l)
        return rc == WEFT_OK ? WEFT_ERR_NO_MEMORY : rc;
    l->in_count = 2;
    l->in[0] = a;
    l->in[1] = b;
    l->out = low->area_of[result];
    l->x_row = 1;
    l->x_pixel = l->in_c = l->out_c = low->net->hw.cols;
    l->in_h = l->out_h = as.rows;
    l->in_w = l->out_w = (uint32_t)div_up(as.row_bytes, low->net->hw.cols);
    rc = lower_copy_kernel(low, l);
    return rc == WEFT_OK ? lower_post(low, f, stage, l) : rc;
}

/* PRELU: below zero a product with alpha, which is the output's zero elsewhere; then the sum of
 * that and of the other side, which is zero where the first is not.  MUL: two products, then of
 * both the byte that is right (multipliers.c). */
int lower_stages(lowering *low, const weft_node *n, const fusion *f)
{
    const uint32_t result = low->net->g->nodes[f->last].output;
    const int product = n->op == WEFT_OP_MUL;
    fusion bare = *f;
    bare.after = NULL;
    int rc = elementwise_stage(low, n, &bare, 0);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t first = low->area_of[result];
    const layout as = { low->areas[first].rows, low->areas[first].row_bytes };
    uint32_t second = NO_AREA;
    if (product) {
        rc = elementwise_stage(low, n, &bare, 1);
        second = low->area_of[result];
    } else {
        rc = layout_area(low, f->root, n->inputs[0], as, &second);
    }
    return rc == WEFT_OK ? join_areas(low, f, first, second, as, product ? 2 : 1) : rc;
}
