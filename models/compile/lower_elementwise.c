/* What the post unit does behind the sums: the tables of a layer. */
#include "plan.h"

static void put_u32(uint8_t *to, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

/* Raw copy, pixel by pixel; the end of a row is masked by the output's ROW_BYTES. */
int lower_copy_kernel(plan *p, layer *l)
{
    kernel k = kernel_default();
    k.mode = WEFT_MODE_MAX;
    k.raw = 1;
    k.in_du = k.byte_step = l->out_c;
    k.blocks = (uint32_t)div_up(l->out_c, p->hw.cols);
    k.blk_u = k.o_blk_u = p->hw.cols;
    k.o_bytes = min_u32(l->out_c, p->hw.cols);
    k.o_last = l->out_c - (k.blocks - 1) * p->hw.cols;
    k.nx = l->out_w;
    k.ny = l->out_h;
    l->kernels = plan_alloc(p, sizeof *l->kernels);
    if (!l->kernels)
        return WEFT_ERR_NO_MEMORY;
    l->kernels[0] = k;
    l->kernel_count = 1;
    return WEFT_OK;
}

/* A table is indexed by the byte as uint8, a graph's by value + 128. */
static int put_lut(plan *p, const int8_t *entries, layer *l)
{
    uint8_t *to = plan_image(p, WEFT_TABLE_ENTRIES, &l->lut_stream);
    if (!to)
        return p->err->status;
    for (unsigned i = 0; i < WEFT_TABLE_ENTRIES; i++)
        to[i] = (uint8_t)entries[(i + 128) % WEFT_TABLE_ENTRIES];
    l->lut = 1;
    return WEFT_OK;
}

/* T1 is looked up by what the layer computes, through the table in front if there is one; T2 by the
 * operand. */
static int put_operands(plan *p, const int8_t *before, const int32_t *t1, const int32_t *t2,
                        layer *l)
{
    uint8_t *to = plan_image(p, 8 * WEFT_TABLE_ENTRIES, &l->operand_stream);
    if (!to)
        return p->err->status;
    for (unsigned i = 0; i < WEFT_TABLE_ENTRIES; i++) {
        unsigned q = before ? (uint8_t)before[(i + 128) % WEFT_TABLE_ENTRIES] : i;
        put_u32(to + 4 * i, (uint32_t)t1[q]);
        put_u32(to + 4 * (WEFT_TABLE_ENTRIES + i), (uint32_t)t2[i]);
    }
    return WEFT_OK;
}

int lower_post(plan *p, const fusion *f, unsigned stage, layer *l)
{
    binary_post b;
    int rc = WEFT_OK;
    if (f->binary != WEFT_NONE) {
        rc = binary_post_of(p, &p->g->nodes[f->binary], stage, &b);
        if (rc == WEFT_OK)
            rc = put_operands(p, f->before, b.t[f->side], b.t[!f->side], l);
        l->alu = b.alu;
        l->kind2 = b.kind;
        l->mult2 = b.factor.mult;
        l->shift2 = b.factor.shift;
        l->zp2 = b.zp;
        l->lo2 = b.clamp.lo;
        l->hi2 = b.clamp.hi;
    }
    return rc == WEFT_OK && f->after ? put_lut(p, f->after, l) : rc;
}
