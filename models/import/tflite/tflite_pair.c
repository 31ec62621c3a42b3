/* Operators on two int8 operands whose kernels are neither a sum nor a product: every pair of bytes
 * is computed here, as the kernel does, and looked up on the host.  Where one byte decides both
 * operands it is a TABLE of the device. */
#include <stdlib.h>

#include "models/arith/fixedpoint.h"
#include "tflite_import.h"

/* What a kernel knows of its node. */
typedef struct pair {
    int32_t zero[3];      /* of both operands and the result */
    tfl_factor factor[2]; /* SQUARED_DIFFERENCE: of the operands */
    tfl_factor out;
    weft_clamp clamp;
} pair;

typedef int32_t pair_one(const pair *p, int32_t a, int32_t b);

static int8_t result_of(const pair *p, pair_one *one, int32_t a, int32_t b)
{
    const int64_t v = (int64_t)one(p, a - p->zero[0], b - p->zero[1]) + p->zero[2];
    return (int8_t)(v < p->clamp.lo ? p->clamp.lo : v > p->clamp.hi ? p->clamp.hi : v);
}

/* A constant of one element: every pair has the same byte of it. */
static unsigned is_byte(const weft_tensor *t)
{
    return t->data && weft_tensor_elements(t) == 1;
}

/* TABLE of the operand that is not a single byte; both are the same tensor if `same`. */
static int emit_table(tfl_import *im, const tfl_node *n, const pair *p, pair_one *one,
                      const uint32_t *in, unsigned live, int same)
{
    const tfl_value *y = tfl_out(im, n, 0);
    const weft_tensor *other = &im->graph->tensors[in[1 - live]];
    int8_t entries[256];
    uint32_t x = in[live];
    for (int i = 0; i < 256; i++) {
        const int32_t v = i - 128, w = same ? v : *(const int8_t *)other->data;
        entries[i] = live ? result_of(p, one, w, v) : result_of(p, one, v, w);
    }
    int rc = tfl_reshape(im, n, y->rank, y->dims, &x);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_TABLE, &(weft_table){ entries }, 1, &x, NULL)
                         : rc;
}

static int emit(tfl_import *im, const tfl_node *n, const pair *p, pair_one *one)
{
    uint32_t in[2];
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < 2 && rc == WEFT_OK; i++)
        rc = tfl_tensor(im, n, tfl_in(im, n, i), &in[i]);
    if (rc != WEFT_OK)
        return rc;
    const weft_tensor *a = &im->graph->tensors[in[0]], *b = &im->graph->tensors[in[1]];
    if (a->data && b->data)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "all inputs are constant");
    if (in[0] == in[1] || is_byte(a) || is_byte(b))
        return emit_table(im, n, p, one, in, is_byte(a), in[0] == in[1]);
    int8_t *entries = malloc(WEFT_TABLE_PAIR_BYTES);
    if (!entries)
        return TFL_REFUSE(WEFT_ERR_NO_MEMORY, "no memory for its table");
    for (int i = 0; i < WEFT_TABLE_PAIR_BYTES; i++)
        entries[i] = result_of(p, one, i / 256 - 128, i % 256 - 128);
    rc = tfl_emit(im, n, 0, WEFT_OP_TABLE_PAIR, &(weft_table_pair){ entries }, 2, in, NULL);
    free(entries);
    return rc;
}

/* Checks the ends; scale[3] are those of operands and result.  Whether or not it comes to a table
 * in the graph, the budget pays one, so that no file can ask for much time. */
static int begin(tfl_import *im, const tfl_node *n, pair *p, double *scale)
{
    *p = (pair){ .clamp = { -128, 127 } };
    int rc = tfl_check_ends(im, n, 2);
    if (rc == WEFT_OK && im->budget < WEFT_TABLE_PAIR_BYTES)
        rc = TFL_REFUSE(WEFT_ERR_NO_MEMORY,
                        "the network needs more memory than a file of this size should");
    if (rc == WEFT_OK)
        im->budget -= WEFT_TABLE_PAIR_BYTES;
    for (uint32_t i = 0; i < 3 && rc == WEFT_OK; i++) {
        const weft_quant *q = i < 2 ? &tfl_in(im, n, i)->quant : &tfl_out(im, n, 0)->quant;
        scale[i] = (double)q->scale[0];
        p->zero[i] = q->zero_point[0];
        if (!(scale[i] > 0.0 && scale[i] < 1.0e30) || p->zero[i] < -128 || p->zero[i] > 127)
            rc = TFL_REFUSE(WEFT_ERR_RANGE, "its scales or zero points are not possible");
    }
    return rc;
}

/* --- SQUARED_DIFFERENCE ------------------------------------------------------------------- */

enum { LEFT_SHIFT = 7 };

static int32_t squared_difference(const pair *p, int32_t a, int32_t b)
{
    const int32_t unit = 1 << LEFT_SHIFT;
    const int32_t difference =
        tfl_factor_times(a * unit, p->factor[0]) - tfl_factor_times(b * unit, p->factor[1]);
    return tfl_factor_times(difference * difference, p->out);
}

int tfl_squared_difference(tfl_import *im, const tfl_node *n)
{
    pair p;
    double scale[3];
    int rc = begin(im, n, &p, scale);
    if (rc != WEFT_OK)
        return rc;
    const double twice = 2.0 * (scale[0] > scale[1] ? scale[0] : scale[1]);
    const double out = twice * twice / ((double)(1 << 2 * LEFT_SHIFT) * scale[2]);
    if (!(out < 1.0))
        return TFL_REFUSE(WEFT_ERR_RANGE, "the scales give a factor of one or more, which its "
                                          "kernel does not take");
    p.factor[0] = tfl_factor_of(scale[0] / twice);
    p.factor[1] = tfl_factor_of(scale[1] / twice);
    p.out = tfl_factor_of(out);
    return emit(im, n, &p, squared_difference);
}

/* --- DIV ---------------------------------------------------------------------------------- */

/* Bits in front of the value that repeat its sign; 31 for 0. */
static int headroom(int32_t v)
{
    const uint32_t bits = v < 0 ? ~(uint32_t)v : (uint32_t)v;
    int count = 31;
    while (count > 0 && bits >> (31 - count))
        count--;
    return count;
}

/* How far the product is shifted to the right; bits of the reciprocal of b >= 0. */
static int shift_of(const pair *p, int32_t a, int bits)
{
    return headroom(a) + bits + 19 - p->out.shift;
}

/* The kernel asserts that no divisor is 0; what its arithmetic gives there is taken. */
static int32_t quotient(const pair *p, int32_t a, int32_t b)
{
    int bits;
    if (b < 0) {
        a = -a;
        b = -b;
    }
    const int32_t inverse = weft_fx_reciprocal_q12(b, &bits);
    const int32_t raised = (int32_t)((int64_t)a * ((int64_t)1 << headroom(a)));
    const int32_t product = weft_fx_mul(weft_fx_mul(raised, inverse), p->out.mult);
    return weft_fx_shift_right(product, shift_of(p, a, bits));
}

/* The kernel shifts int32: what it does with more than 31 bits is undefined. */
static int shifts_are_defined(const pair *p)
{
    for (int32_t b = -128 - p->zero[1]; b <= 127 - p->zero[1]; b++) {
        int bits;
        (void)weft_fx_reciprocal_q12(b < 0 ? -b : b, &bits);
        for (int32_t a = -128 - p->zero[0]; a <= 127 - p->zero[0]; a++) {
            const int shift = shift_of(p, b < 0 ? -a : a, bits);
            if (shift < 0 || shift > 31)
                return 0;
        }
    }
    return 1;
}

int tfl_div(tfl_import *im, const tfl_node *n)
{
    pair p;
    double scale[3];
    int rc = begin(im, n, &p, scale);
    if (rc == WEFT_OK)
        rc = tfl_clamp(im, n, fb_i8(&im->file, n->options, 0, 0), &tfl_out(im, n, 0)->quant,
                       &p.clamp);
    if (rc != WEFT_OK)
        return rc;
    p.out = tfl_factor_of(scale[0] / (scale[1] * scale[2]));
    if (!shifts_are_defined(&p))
        return TFL_REFUSE(
            WEFT_ERR_RANGE,
            "some quotients are shifted by more than 31 bits, which its kernel leaves "
            "undefined; its output needs a smaller scale");
    return emit(im, n, &p, quotient);
}
