/* What the post unit does behind the sums: tables, and operators of two inputs. */
#include "plan.h"

static void put_u32(uint8_t *to, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

/* Raw copy of COLS bytes a vector; the end of a row is masked by the output's ROW_BYTES. */
int lower_copy_kernel(plan *p, layer *l)
{
    kernel k = kernel_default();
    k.mode = WEFT_MODE_MAX;
    k.raw = 1;
    k.in_du = p->hw.cols;
    k.o_bytes = k.o_last = p->hw.cols;
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
static int put_operands(plan *p, const fusion *f, int32_t t[2][WEFT_TABLE_ENTRIES], layer *l)
{
    uint8_t *to = plan_image(p, 8 * WEFT_TABLE_ENTRIES, &l->operand_stream);
    if (!to)
        return p->err->status;
    for (unsigned i = 0; i < WEFT_TABLE_ENTRIES; i++) {
        unsigned q = f->before ? (uint8_t)f->before[(i + 128) % WEFT_TABLE_ENTRIES] : i;
        put_u32(to + 4 * i, (uint32_t)t[f->side][q]);
        put_u32(to + 4 * (WEFT_TABLE_ENTRIES + i), (uint32_t)t[!f->side][i]);
    }
    l->x_row = 1;
    l->x_pixel = l->out_c;
    return WEFT_OK;
}

/* T[x] as the reference rescales x; x is the index read as int8. */
static void add_tables_tflite(const weft_add_params *a, unsigned operand, int32_t *table)
{
    for (int32_t x = INT8_MIN; x <= INT8_MAX; x++)
        table[x & 255] = weft_requantize(
            WEFT_REQUANT_TFLITE, (x - a->zero_point[operand]) * ((int32_t)1 << a->left_shift),
            a->in[operand]);
}

static int lower_add(plan *p, const weft_node *n, layer *l, int32_t t[2][WEFT_TABLE_ENTRIES])
{
    weft_add_params a = { 0 };
    (void)weft_node_add_params(p->g, n, &a); /* proved by the check */
    l->alu = WEFT_ALU_ADD;
    l->lo2 = n->attr.elementwise.clamp.lo;
    l->hi2 = n->attr.elementwise.clamp.hi;
    if (n->requant == WEFT_REQUANT_TFLITE) {
        add_tables_tflite(&a, 0, t[0]);
        add_tables_tflite(&a, 1, t[1]);
        l->kind2 = WEFT_KIND_TFLITE;
        l->mult2 = a.out.mult;
        l->shift2 = a.out.shift;
        l->zp2 = a.zero_point_out;
        return WEFT_OK;
    }
    l->kind2 = WEFT_KIND_FLOAT;
    l->zp2 = -a.offset;
    if (add_tables_onnx(&a, n->attr.elementwise.clamp, t[0], t[1], &l->mult2) != WEFT_OK)
        return weft_error_set(p->err, WEFT_ERR_RANGE,
                              "ADD \"%s\": no integer tables give this float32 addition", n->name);
    return WEFT_OK;
}

int lower_post(plan *p, const fusion *f, layer *l)
{
    int32_t t[2][WEFT_TABLE_ENTRIES];
    int rc = WEFT_OK;
    if (f->binary != WEFT_NONE)
        rc = lower_add(p, &p->g->nodes[f->binary], l, t);
    if (rc == WEFT_OK && f->binary != WEFT_NONE)
        rc = put_operands(p, f, t, l);
    return rc == WEFT_OK && f->after ? put_lut(p, f->after, l) : rc;
}
