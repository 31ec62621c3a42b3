/* The post unit of the reference device and the way of its results into the feature buffer.
 *
 * Costs one or two requantisations a byte.  Header parameters that the contract leaves unspecified
 * are brought into range first, so that no byte of a program is undefined behaviour here. */
#include "models/arith/requantize.h"
#include "ref_state.h"

#define COMPUTE(name) weft_COMPUTE_get_##name(cmd)

/* The fields of a command that every result needs. */
typedef struct post {
    weft_requant_kind kind_1, kind_2;
    int raw, alu, lut;
    int32_t zp_1, lo_1, hi_1, zp_2, lo_2, hi_2;
    weft_requant second;
} post;

static weft_requant in_range(weft_requant_kind kind, weft_requant p)
{
    if (kind == WEFT_REQUANT_DIV) {
        p.shift &= 63;
    } else if (kind == WEFT_REQUANT_TFLITE) {
        p.mult &= INT32_MAX;
        p.shift = p.shift < WEFT_REQUANT_SHIFT_MIN   ? WEFT_REQUANT_SHIFT_MIN
                  : p.shift > WEFT_REQUANT_SHIFT_MAX ? WEFT_REQUANT_SHIFT_MAX
                                                     : p.shift;
    }
    return p;
}

static post post_of(const weft_cmd *cmd)
{
    post p = { .kind_1 = (weft_requant_kind)COMPUTE(KIND),
               .kind_2 = (weft_requant_kind)COMPUTE(KIND2),
               .raw = COMPUTE(RAW) != 0,
               .alu = (int)COMPUTE(ALU),
               .lut = COMPUTE(LUT) != 0,
               .zp_1 = (int32_t)COMPUTE(ZP1),
               .lo_1 = (int32_t)COMPUTE(LO1),
               .hi_1 = (int32_t)COMPUTE(HI1),
               .zp_2 = (int32_t)COMPUTE(ZP2),
               .lo_2 = (int32_t)COMPUTE(LO2),
               .hi_2 = (int32_t)COMPUTE(HI2) };
    p.second = in_range(p.kind_2, (weft_requant){ .mult = (uint32_t)COMPUTE(MULT2),
                                                  .shift = (int8_t)COMPUTE(SHIFT2) });
    return p;
}

static int32_t as_signed(uint32_t bits)
{
    return bits <= INT32_MAX ? (int32_t)bits : -(int32_t)~bits - 1;
}

static int32_t sat8(int32_t v)
{
    return v < INT8_MIN ? INT8_MIN : v > INT8_MAX ? INT8_MAX : v;
}

static int32_t arithmetic(int op, uint32_t t1, uint32_t t2)
{
    const int32_t a = as_signed(t1), b = as_signed(t2);
    switch (op) {
    case WEFT_ALU_ADD: return as_signed(t1 + t2);
    case WEFT_ALU_MUL: return (int32_t)(int16_t)t1 * (int16_t)t2;
    case WEFT_ALU_MAX: return a > b ? a : b;
    default: return a < b ? a : b;
    }
}

/* One result: sum of a column to output byte; x is the second operand, 0 without. */
static uint8_t post_one(const weft_ref_device *dev, const post *p, int32_t sum, weft_requant first,
                        uint8_t x)
{
    int32_t q = p->raw ? sat8(sum)
                       : weft_requant_finish(weft_requantize(p->kind_1, sum, first), p->zp_1,
                                             p->lo_1, p->hi_1);
    if (p->alu) {
        int32_t s = arithmetic(p->alu, dev->table_1[q & 0xff], dev->table_2[x]);
        q = weft_requant_finish(weft_requantize(p->kind_2, s, p->second), p->zp_2, p->lo_2,
                                p->hi_2);
    }
    if (p->lut)
        q = dev->table_bytes[q & 0xff];
    return (uint8_t)q;
}

/* Where the results of a block go and where their second operands come from. */
typedef struct way {
    ref_ring out, x;
    ref_position out_row, x_row; /* outer positions */
    int64_t out_u, x_u;
    uint32_t bytes; /* nb of the contract */
    int64_t row_bytes;
} way;

static way way_of(const weft_cmd *cmd, uint32_t n)
{
    return (way){
        .out = { (uint32_t)COMPUTE(O_PITCH), (uint32_t)COMPUTE(O_TOP), (uint32_t)COMPUTE(O_SIZE) },
        .x = { (uint32_t)COMPUTE(X_PITCH), (uint32_t)COMPUTE(X_TOP), (uint32_t)COMPUTE(X_SIZE) },
        .out_row = { COMPUTE(O_ROW), (uint32_t)COMPUTE(O_A_START) },
        .x_row = { COMPUTE(X_ROW), (uint32_t)COMPUTE(X_A_START) },
        .out_u = COMPUTE(O_U_START) + n * COMPUTE(O_BLK_U),
        .x_u = COMPUTE(X_U_START) + n * COMPUTE(X_BLK_U),
        .bytes = (uint32_t)(n + 1 == COMPUTE(BLOCKS) ? COMPUTE(O_LAST) : COMPUTE(O_BYTES)),
        .row_bytes = COMPUTE(O_ROW_BYTES)
    };
}

/* Write those of the bytes that lie in the row. */
static void write_masked(weft_ref_device *dev, const way *w, const ref_position *at, int64_t u,
                         const uint8_t *bytes)
{
    int64_t from = u < 0 ? -u : 0;
    int64_t to = u + w->bytes > w->row_bytes ? w->row_bytes - u : w->bytes;
    if (from < to)
        ref_bank_write(dev, at->r & 3, ref_place(dev, at->a, u + from), (uint32_t)(to - from),
                       bytes + from);
}

/* The results of one inner loop, the first of which has accumulator `index`. */
static void post_row(weft_ref_device *dev, const weft_cmd *cmd, const post *p, const way *w,
                     const weft_requant *first, uint32_t index)
{
    const uint32_t du_rows = (uint32_t)COMPUTE(O_IN_DR), du_words = (uint32_t)COMPUTE(O_IN_DA);
    const int64_t count = COMPUTE(O_INNER), x_du = COMPUTE(X_IN_DU), du = COMPUTE(O_IN_DU);
    ref_position at = w->out_row;
    uint8_t x[REF_MAX_CELLS] = { 0 }, q[REF_MAX_CELLS];
    for (int64_t j = 0; j < count; j++) {
        if (p->alu)
            ref_bank_read(dev, w->x_row.r & 3, ref_place(dev, w->x_row.a, w->x_u + j * x_du),
                          w->bytes, x);
        for (uint32_t c = 0; c < w->bytes; c++)
            q[c] = post_one(dev, p, as_signed(dev->acc[index + j][c]), first[c], x[c]);
        write_masked(dev, w, &at, w->out_u + j * du, q);
        ref_step(&at, &w->out, du_rows, du_words);
    }
}

void ref_post_block(weft_ref_device *dev, const weft_cmd *cmd, const ref_header *header, uint32_t n)
{
    const post p = post_of(cmd);
    way w = way_of(cmd, n);
    weft_requant first[REF_MAX_CELLS];
    for (unsigned c = 0; c < REF_MAX_CELLS; c++)
        first[c] = in_range(p.kind_1, (weft_requant){ .mult = header->mult[c],
                                                      .half = header->half[c],
                                                      .shift = header->shift[c] });
    for (int64_t o = 0; o < COMPUTE(OUTER); o++) {
        post_row(dev, cmd, &p, &w, first, (uint32_t)(o * COMPUTE(O_INNER)));
        ref_step(&w.out_row, &w.out, (uint32_t)COMPUTE(O_OUT_DR), (uint32_t)COMPUTE(O_OUT_DA));
        ref_step(&w.x_row, &w.x, (uint32_t)COMPUTE(X_OUT_DR), (uint32_t)COMPUTE(X_OUT_DA));
        w.out_u += COMPUTE(O_OUT_DU);
    }
}
