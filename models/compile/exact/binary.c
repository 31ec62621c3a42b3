/* Operators of two inputs as the post unit does them: two tables, an operation, a requantisation.
 *
 * The tables hold what the reference makes of each input, so the results are its own, byte for
 * byte.  With one input constant and of one element, the operator is a table of the other. */
#include "binary.h"
#include "exact.h"

/* T[x] as the reference rescales x; x is the index read as int8. */
static void add_tables_tflite(const weft_add_params *a, unsigned operand, int32_t *table)
{
    const int32_t sign = operand == 1 && a->subtract ? -1 : 1;
    for (int32_t x = INT8_MIN; x <= INT8_MAX; x++)
        table[x & 255] =
            sign * weft_requantize(WEFT_REQUANT_TFLITE,
                                   (x - a->zero_point[operand]) * ((int32_t)1 << a->left_shift),
                                   a->in[operand]);
}

static int sum_post(const network *net, const weft_node *n, binary_post *b)
{
    weft_add_params a = { 0 };
    (void)weft_node_add_params(net->g, n, &a); /* proved by the check */
    b->alu = WEFT_ALU_ADD;
    if (n->requant == WEFT_REQUANT_TFLITE) {
        add_tables_tflite(&a, 0, b->t[0]);
        add_tables_tflite(&a, 1, b->t[1]);
        b->factor = a.out;
        return WEFT_OK;
    }
    b->zp = a.zero_after;
    if (add_tables_onnx(&a, b->clamp, b->t[0], b->t[1], &b->factor.mult) != WEFT_OK)
        return weft_error_set(net->work->err, WEFT_ERR_RANGE,
                              "%s \"%s\": no integer tables give this float32 sum",
                              weft_op_name(n->op), n->name);
    return WEFT_OK;
}

static int32_t zero_of(const network *net, uint32_t tensor)
{
    return weft_quant_zero_point(&net->g->tensors[tensor].quant, 0);
}

/* The product of both inputs less their zero points; PRELU takes it only where x is below zero. */
static void product_post(const network *net, const weft_node *n, binary_post *b)
{
    (void)weft_node_requant(net->g, n, 0, &b->factor); /* proved by the check */
    b->alu = WEFT_ALU_MUL;
    for (int32_t x = INT8_MIN; x <= INT8_MAX; x++)
        for (unsigned i = 0; i < 2; i++) {
            const int32_t v = x - zero_of(net, n->inputs[i]);
            b->t[i][x & 255] = n->op == WEFT_OP_PRELU && i == 0 && v > 0 ? 0 : v;
        }
}

/* A factor of exactly 1, or another that float32 has. */
static void keep(float factor, binary_post *b)
{
    b->kind = WEFT_KIND_FLOAT;
    (void)weft_requant_from_float(factor, &b->factor);
}

static mul_params mul_params_of(const network *net, const weft_node *n)
{
    mul_params m = { .zero_point = { zero_of(net, n->inputs[0]), zero_of(net, n->inputs[1]) },
                     .zero_point_out = zero_of(net, n->output),
                     .offset = n->attr.elementwise.offset,
                     .clamp = n->attr.elementwise.clamp };
    (void)weft_node_requant(net->g, n, 0, &m.scale); /* proved by the check */
    return m;
}

unsigned binary_stages(const network *net, const weft_node *n)
{
    mul_plan how;
    if (n->op == WEFT_OP_PRELU)
        return 2;
    if (n->op != WEFT_OP_MUL || n->requant != WEFT_REQUANT_ONNX)
        return 1;
    const mul_params m = mul_params_of(net, n);
    return mul_find(&m, &how) == WEFT_OK && how.factors == 2 ? 3 : 1;
}

/* Stage 2 of a product: one of two bytes, as mul_joined takes it. */
static void product_join(const mul_plan *how, binary_post *b)
{
    keep(0.25f, b);
    b->alu = WEFT_ALU_ADD;
    b->zp = 0;
    for (int32_t y = INT8_MIN; y <= INT8_MAX; y++) {
        b->t[0][y & 255] = 2 * y + how->lean[y + 128];
        b->t[1][y & 255] = 2 * y - how->lean[y + 128];
    }
}

/* Stage 0 and 1: the product by one multiplier and by the other. */
static int product_onnx(const network *net, const weft_node *n, unsigned stage, binary_post *b)
{
    const mul_params m = mul_params_of(net, n);
    mul_plan how;
    const int rc = mul_find(&m, &how);
    if (rc != WEFT_OK)
        return weft_error_set(net->work->err, rc,
                              "%s \"%s\": no multipliers give this float32 product",
                              weft_op_name(n->op), n->name);
    product_post(net, n, b);
    b->factor = how.factor[stage & 1];
    if (stage == 2)
        product_join(&how, b);
    return WEFT_OK;
}

static void choice_post(const weft_node *n, binary_post *b)
{
    keep(1.0f, b);
    b->alu = n->op == WEFT_OP_MINIMUM ? WEFT_ALU_MIN : WEFT_ALU_MAX;
    b->zp = 0;
    for (int32_t x = INT8_MIN; x <= INT8_MAX; x++)
        b->t[0][x & 255] = b->t[1][x & 255] = x;
}

/* What product_post left, plus x where it is not below zero. */
static void prelu_sum(const network *net, const weft_node *n, binary_post *b)
{
    const int32_t zp_x = zero_of(net, n->inputs[0]);
    weft_requant rq = { 0 };
    (void)weft_node_positive_requant(net->g, n, &rq); /* proved by the check */
    keep(1.0f, b);
    b->alu = WEFT_ALU_ADD;
    for (int32_t x = INT8_MIN; x <= INT8_MAX; x++) {
        const int32_t above = x < zp_x ? 0 : weft_requantize(n->requant, x - zp_x, rq);
        b->t[0][x & 255] = x - b->zp;
        b->t[1][x & 255] = weft_requant_finish(above, b->zp, INT8_MIN, INT8_MAX) - b->zp;
    }
}

int binary_post_of(const network *net, const weft_node *n, unsigned stage, binary_post *b)
{
    *b = (binary_post){ .kind =
                            weft_requant_is_tflite(n->requant) ? WEFT_KIND_TFLITE : WEFT_KIND_FLOAT,
                        .zp = zero_of(net, n->output),
                        .clamp = { INT8_MIN, INT8_MAX } };
    if (n->op != WEFT_OP_PRELU)
        b->clamp = n->attr.elementwise.clamp;
    switch (n->op) {
    case WEFT_OP_ADD:
    case WEFT_OP_SUB: return sum_post(net, n, b);
    case WEFT_OP_MINIMUM:
    case WEFT_OP_MAXIMUM: choice_post(n, b); return WEFT_OK;
    case WEFT_OP_MUL:
        if (n->requant == WEFT_REQUANT_ONNX)
            return product_onnx(net, n, stage, b);
        product_post(net, n, b);
        return WEFT_OK;
    case WEFT_OP_PRELU:
        if (stage)
            prelu_sum(net, n, b);
        else
            product_post(net, n, b);
        return WEFT_OK;
    default: return WEFT_ERR_UNSUPPORTED; /* of these classes there are no others */
    }
}

/* What the ALU makes of two operands; each function of the contract by name, as ref_post.c has them. */
static int32_t alu(uint32_t function, int32_t u, int32_t v)
{
    switch (function) {
    case WEFT_ALU_ADD: return u + v;
    case WEFT_ALU_MUL: return u * v;
    case WEFT_ALU_MAX: return u > v ? u : v;
    case WEFT_ALU_MIN: return u < v ? u : v;
    default: return u; /* NONE */
    }
}

static int8_t post_result(const binary_post *b, int8_t x0, int8_t x1)
{
    const int32_t u = b->t[0][(uint8_t)x0], v = b->t[1][(uint8_t)x1];
    const int32_t s = alu((uint32_t)b->alu, u, v);
    const weft_requant_kind kind =
        b->kind == WEFT_KIND_TFLITE ? WEFT_REQUANT_TFLITE : WEFT_REQUANT_ONNX;
    return (int8_t)weft_requant_finish(weft_requantize(kind, s, b->factor), b->zp, b->clamp.lo,
                                       b->clamp.hi);
}

/* The input that varies, if the other is one constant or the same tensor; else 2. */
static uint32_t only_input(const weft_graph *g, const weft_node *n)
{
    const uint64_t all = weft_tensor_elements(&g->tensors[n->output]);
    for (uint32_t i = 0; i < 2; i++) {
        const weft_tensor *x = &g->tensors[n->inputs[i]], *c = &g->tensors[n->inputs[!i]];
        if (!x->data && weft_tensor_elements(x) == all &&
            ((c->data && weft_tensor_elements(c) == 1) || n->inputs[0] == n->inputs[1]))
            return i;
    }
    return 2;
}

int binary_of_tables(const network *net, const weft_node *n, const int8_t *const in[2],
                     int8_t *entries)
{
    binary_post b, above;
    if (n->op == WEFT_OP_MUL && n->requant == WEFT_REQUANT_ONNX) {
        const mul_params m = mul_params_of(net, n);
        for (unsigned i = 0; i < WEFT_TABLE_ENTRIES; i++)
            entries[i] = mul_exact(&m, in[0][i], in[1][i]);
        return WEFT_OK;
    }
    int rc = binary_post_of(net, n, 0, &b);
    if (rc == WEFT_OK && n->op == WEFT_OP_PRELU)
        rc = binary_post_of(net, n, 1, &above);
    for (unsigned i = 0; i < WEFT_TABLE_ENTRIES && rc == WEFT_OK; i++) {
        entries[i] = post_result(&b, in[0][i], in[1][i]);
        if (n->op == WEFT_OP_PRELU)
            entries[i] = post_result(&above, entries[i], in[0][i]);
    }
    return rc;
}

uint32_t binary_as_table(const network *net, const weft_node *n, int8_t *entries, int *rc)
{
    const uint32_t side = only_input(net->g, n);
    int8_t varies[WEFT_TABLE_ENTRIES], other[WEFT_TABLE_ENTRIES];
    const int8_t *in[2] = { other, other };
    *rc = WEFT_OK;
    if (side == 2)
        return 2;
    const int8_t *c = net->g->tensors[n->inputs[!side]].data;
    in[side] = varies;
    for (int i = 0; i < WEFT_TABLE_ENTRIES; i++) {
        varies[i] = (int8_t)(i - 128);
        other[i] = c ? *c : varies[i];
    }
    *rc = binary_of_tables(net, n, in, entries);
    return side;
}
