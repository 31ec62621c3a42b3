/* MatMul, Gemm, and their integer forms. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "eval.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

/* One product of matrices inside an array: element (i, k) of a at a0 + i * ai + k * ak. */
typedef struct product {
    size_t m, n, k, ai, ak, bk, bj;
} product;

/* Columns of b side by side, as many as are computed at a time; b lies row by row. */
static int multiply_rows(eval_run *r, const float *a, const float *b, const product *p, float *out)
{
    float *panel = calloc(p->k + 1, EVAL_COLUMNS * sizeof *panel), result[EVAL_COLUMNS];
    if (!panel)
        return eval_refuse(r, WEFT_ERR_NO_MEMORY, "no memory for its columns");
    for (size_t j = 0; j < p->n; j += EVAL_COLUMNS) {
        const size_t columns = p->n - j < EVAL_COLUMNS ? p->n - j : EVAL_COLUMNS;
        for (size_t k = 0; k < p->k; k++)
            memcpy(panel + k * EVAL_COLUMNS, b + k * p->bk + j, columns * sizeof *panel);
        for (size_t i = 0; i < p->m; i++) {
            eval_multiply_columns(a + i * p->ai, 0, 1, p->k, panel, result, 0);
            memcpy(out + i * p->n + j, result, columns * sizeof *out);
        }
    }
    free(panel);
    return WEFT_OK;
}

static void multiply(const nd *a, size_t a0, const nd *b, size_t b0, const product *p, nd *out,
                     size_t at)
{
    for (size_t i = 0; i < p->m; i++)
        for (size_t j = 0; j < p->n; j++) {
            float sum = 0;
            uint64_t whole = 0;
            for (size_t k = 0; k < p->k; k++) {
                const size_t x = a0 + i * p->ai + k * p->ak, y = b0 + k * p->bk + j * p->bj;
                if (out->f)
                    sum += a->f[x] * b->f[y];
                else
                    whole += (uint64_t)a->i[x] * (uint64_t)b->i[y];
            }
            if (out->f)
                out->f[at + i * p->n + j] = sum;
            else
                out->i[at + i * p->n + j] = nd_wrap(out->type, (int64_t)whole);
        }
}

/* As numpy.matmul: vectors get an axis of 1 that is dropped again, axes in front broadcast. */
int eval_matmul(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    nd a = *in[0], b = *in[1];
    const int a_vector = a.rank == 1, b_vector = b.rank == 1;
    if (a_vector) {
        a.dims[1] = a.dims[0];
        a.dims[0] = 1;
        a.rank = 2;
    }
    if (b_vector) {
        b.dims[1] = 1;
        b.rank = 2;
    }
    if (a.rank < 2 || b.rank < 2 || a.type != b.type || a.dims[a.rank - 1] != b.dims[b.rank - 2])
        return eval_refuse(r, WEFT_ERR_SHAPE, "its inputs are no matrices that fit");
    const uint32_t rank = a.rank > b.rank ? a.rank : b.rank;
    size_t dims[ND_MAX_RANK], sa[ND_MAX_RANK], sb[ND_MAX_RANK], index[ND_MAX_RANK] = { 0 };
    nd_strides(&a, sa);
    nd_strides(&b, sb);
    for (uint32_t i = 0; i + 2 < rank; i++) {
        const size_t da = i + a.rank < rank ? 1 : a.dims[i + a.rank - rank];
        const size_t db = i + b.rank < rank ? 1 : b.dims[i + b.rank - rank];
        if (da != db && da != 1 && db != 1)
            return eval_refuse(r, WEFT_ERR_SHAPE, "its inputs do not broadcast");
        dims[i] = da == 1 ? db : da;
    }
    const product p = { a.dims[a.rank - 2],
                        b.dims[b.rank - 1],
                        a.dims[a.rank - 1],
                        sa[a.rank - 2],
                        1,
                        sb[b.rank - 2],
                        1 };
    dims[rank - 2] = p.m;
    dims[rank - 1] = p.n;
    int rc = nd_new(r, a.type, rank, dims, out);
    if (rc == WEFT_OK)
        rc = eval_take_work(r, out->count, p.k, 1);
    size_t at = 0;
    if (rc == WEFT_OK && out->count)
        do {
            size_t a0 = 0, b0 = 0;
            for (uint32_t i = 0; i + 2 < rank; i++) {
                const uint32_t ia = i + a.rank - rank, ib = i + b.rank - rank;
                a0 += i + a.rank < rank || a.dims[ia] == 1 ? 0 : index[i] * sa[ia];
                b0 += i + b.rank < rank || b.dims[ib] == 1 ? 0 : index[i] * sb[ib];
            }
            if (out->f)
                rc = multiply_rows(r, a.f + a0, b.f + b0, &p, out->f + at);
            else
                multiply(&a, a0, &b, b0, &p, out, at);
            at += p.m * p.n;
        } while (rc == WEFT_OK && nd_next(rank - 2, dims, index));
    if (rc == WEFT_OK && a_vector) { /* [.., 1, n] to [.., n] */
        out->dims[rank - 2] = out->dims[rank - 1];
        out->rank--;
    }
    if (rc == WEFT_OK && b_vector)
        out->rank--;
    return rc;
}

/* The int32 of an integer operand less its zero point, which is one number or, for rows or columns
 * of a matrix, one each along `axis`. */
static int less_zero(eval_run *r, const nd *x, const nd *zero, uint32_t axis, nd *out)
{
    size_t inner = 1;
    if (!x->i || x->rank < 2 ||
        (zero && (!zero->i || (zero->count != 1 && zero->count != x->dims[axis]))))
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs integer matrices and fitting zero points");
    for (uint32_t i = axis + 1; i < x->rank; i++)
        inner *= x->dims[i];
    int rc = nd_new(r, T(INT32), x->rank, x->dims, out);
    for (size_t e = 0; rc == WEFT_OK && e < x->count; e++) {
        const size_t k = zero && zero->count > 1 ? e / inner % zero->count : 0;
        out->i[e] = x->i[e] - (zero ? zero->i[k] : 0);
    }
    return rc;
}

int eval_matmul_integer(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    nd a = { 0 }, b = { 0 };
    const nd *const both[2] = { &a, &b };
    int rc = less_zero(r, in[0], count > 2 ? in[2] : NULL, in[0]->rank - 2, &a);
    if (rc == WEFT_OK)
        rc = less_zero(r, in[1], count > 3 ? in[3] : NULL, in[1]->rank - 1, &b);
    if (rc == WEFT_OK)
        rc = eval_matmul(r, both, 2, out);
    r->left += a.count + b.count;
    nd_free(&a);
    nd_free(&b);
    return rc;
}

/* alpha A B + beta C, C broadcast. */
int eval_gemm(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *a = in[0], *b = in[1], *c = count > 2 ? in[2] : NULL;
    const int ta = onnx_attr_int(r->node, "transA", 0) != 0;
    const int tb = onnx_attr_int(r->node, "transB", 0) != 0;
    const float alpha = onnx_attr_float(r->node, "alpha", 1.0f);
    const float beta = onnx_attr_float(r->node, "beta", 1.0f);
    if (a->rank != 2 || b->rank != 2 || a->type != b->type || a->dims[!ta] != b->dims[tb] || !a->f)
        return eval_refuse(r, WEFT_ERR_SHAPE, "its inputs are no float matrices that fit");
    const size_t dims[2] = { a->dims[ta], b->dims[!tb] };
    if (c && (c->rank > 2 || !c->f ||
              (c->rank > 0 && c->dims[c->rank - 1] != 1 && c->dims[c->rank - 1] != dims[1]) ||
              (c->rank > 1 && c->dims[0] != 1 && c->dims[0] != dims[0])))
        return eval_refuse(r, WEFT_ERR_SHAPE, "C does not broadcast to the result");
    const product p = { dims[0],
                        dims[1],
                        a->dims[!ta],
                        ta ? 1 : a->dims[1],
                        ta ? a->dims[1] : 1,
                        tb ? 1 : b->dims[1],
                        tb ? b->dims[1] : 1 };
    int rc = nd_new(r, a->type, 2, dims, out);
    if (rc == WEFT_OK)
        rc = eval_take_work(r, out->count, p.k, 1);
    if (rc != WEFT_OK)
        return rc;
    multiply(a, 0, b, 0, &p, out, 0);
    for (size_t i = 0; i < out->count; i++) {
        out->f[i] *= alpha;
        if (!c)
            continue;
        const size_t row = c->rank > 1 && c->dims[0] != 1 ? i / dims[1] : 0;
        const size_t width = c->rank ? c->dims[c->rank - 1] : 1;
        out->f[i] += beta * c->f[row * width + (width == 1 ? 0 : i % dims[1])];
    }
    return WEFT_OK;
}
