/* Two operands, means and maxima over axes, matrices, softmax and the float ends. */
#include <inttypes.h>
#include <string.h>

#include "tflite_import.h"

/* int8, or uint8 throughout. */
static int check_byte(tfl_import *im, const tfl_node *n, const tfl_value *v)
{
    const tfl_value *x = tfl_in(im, n, 0);
    if (!v)
        return TFL_REFUSE(WEFT_ERR_FORMAT, "an input or output is missing");
    if (!tfl_is_byte(v))
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "\"%.60s\" is %s; quantise the model to int8 throughout", v->name,
                          tfl_type_name(v->type));
    if (tfl_is_byte(x) && x->type != v->type)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "\"%.60s\" is %s, not %s like its input", v->name,
                          tfl_type_name(v->type), tfl_type_name(x->type));
    return v->quant.count == 1
               ? WEFT_OK
               : TFL_REFUSE(WEFT_ERR_SHAPE, "\"%.60s\" must have one scale", v->name);
}

int tfl_check_ends(tfl_import *im, const tfl_node *n, uint32_t inputs)
{
    int rc = check_byte(im, n, tfl_out(im, n, 0));
    for (uint32_t i = 0; i < inputs && rc == WEFT_OK; i++)
        rc = check_byte(im, n, tfl_in(im, n, i));
    return rc;
}

/* Kernels for uint8 that compute otherwise than those for int8, in ways that are not here. */
static int refuse_uint8(tfl_import *im, const tfl_node *n)
{
    return tfl_in(im, n, 0)->type == TFL_UINT8
               ? TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "is not supported for uint8; " TFL_CONVERT_WHOLE)
               : WEFT_OK;
}

/* --- two operands ------------------------------------------------------------------------- */

static int pair(tfl_import *im, const tfl_node *n, weft_op op, int has_activation)
{
    weft_elementwise a = { { -128, 127 }, 0 };
    uint32_t in[2];
    int rc = tfl_check_ends(im, n, 2);
    if (rc == WEFT_OK && has_activation)
        rc = tfl_clamp(im, n, fb_i8(&im->file, n->options, 0, 0), &tfl_out(im, n, 0)->quant,
                       &a.clamp);
    for (uint32_t i = 0; i < 2 && rc == WEFT_OK; i++)
        rc = tfl_tensor(im, n, tfl_in(im, n, i), &in[i]);
    /* MINIMUM and MAXIMUM compare the stored bytes, whatever they mean. */
    for (uint32_t i = 0; i < 2 && rc == WEFT_OK && !has_activation; i++)
        rc = tfl_reinterpret(im, n, &tfl_out(im, n, 0)->quant, &in[i]);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, op, &a, 2, in, NULL) : rc;
}

int tfl_add(tfl_import *im, const tfl_node *n)
{
    return pair(im, n, WEFT_OP_ADD, 1);
}

int tfl_sub(tfl_import *im, const tfl_node *n)
{
    return pair(im, n, WEFT_OP_SUB, 1);
}

int tfl_mul(tfl_import *im, const tfl_node *n)
{
    return pair(im, n, WEFT_OP_MUL, 1);
}

int tfl_minimum(tfl_import *im, const tfl_node *n)
{
    return pair(im, n, WEFT_OP_MINIMUM, 0);
}

int tfl_maximum(tfl_import *im, const tfl_node *n)
{
    return pair(im, n, WEFT_OP_MAXIMUM, 0);
}

int tfl_prelu(tfl_import *im, const tfl_node *n)
{
    uint32_t in[2];
    int rc = tfl_check_ends(im, n, 2);
    for (uint32_t i = 0; i < 2 && rc == WEFT_OK; i++)
        rc = tfl_tensor(im, n, tfl_in(im, n, i), &in[i]);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_PRELU, NULL, 2, in, NULL) : rc;
}

/* --- over axes ---------------------------------------------------------------------------- */

/* The axes of a reduction as a mask, and x with those axes of size 1. */
static int reduction(tfl_import *im, const tfl_node *n, const tfl_value *x, uint32_t *mask,
                     tfl_result *r)
{
    int64_t axes[2 * WEFT_MAX_RANK];
    uint32_t count;
    int rc = tfl_ints(im, n, tfl_in(im, n, 1), 2 * WEFT_MAX_RANK, axes, &count);
    *r = (tfl_result){ .rank = x->rank };
    memcpy(r->dims, x->dims, sizeof r->dims);
    *mask = 0;
    for (uint32_t i = 0; i < count && rc == WEFT_OK; i++) {
        uint32_t axis = 0;
        rc = tfl_axis(im, n, axes[i], x->rank, &axis);
        if (rc == WEFT_OK) {
            *mask |= 1u << axis;
            r->dims[axis] = 1;
        }
    }
    if (rc == WEFT_OK && *mask == 0)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "it has no axes");
    return rc;
}

static int mean(tfl_import *im, const tfl_node *n, int sum)
{
    weft_mean a = { .clamp = { -128, 127 }, .sum = sum };
    tfl_result r;
    uint32_t in;
    int rc = tfl_check_ends(im, n, 1);
    if (rc == WEFT_OK)
        rc = reduction(im, n, tfl_in(im, n, 0), &a.axes, &r);
    if (rc == WEFT_OK)
        rc = tfl_tensor(im, n, tfl_in(im, n, 0), &in);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_MEAN, &a, 1, &in, &r) : rc;
}

int tfl_mean(tfl_import *im, const tfl_node *n)
{
    return mean(im, n, 0);
}

int tfl_sum(tfl_import *im, const tfl_node *n)
{
    if (im->truth == WEFT_TRUTH_LITERT)
        return TFL_REFUSE(
            WEFT_ERR_UNSUPPORTED,
            "the sums of LiteRT's own kernel overflow in a way that Weft does not follow");
    return mean(im, n, 1);
}

/* -1 - x: the smallest becomes the largest. */
static int flip(tfl_import *im, const tfl_node *n, uint32_t rank, const uint32_t *dims,
                uint32_t *tensor)
{
    int8_t entries[256];
    for (int i = 0; i < 256; i++)
        entries[i] = (int8_t)(127 - i);
    return tfl_step(im, n, WEFT_OP_TABLE, &(weft_table){ entries }, rank, dims, tensor);
}

/* Neighbouring axes: a pool over [1, axes in front, these axes, axes behind]. */
static int extreme(tfl_import *im, const tfl_node *n, int smallest)
{
    tfl_result r;
    uint32_t mask, in;
    int rc = tfl_check_ends(im, n, 1);
    const tfl_value *x = tfl_in(im, n, 0);
    if (rc == WEFT_OK)
        rc = reduction(im, n, x, &mask, &r);
    if (rc == WEFT_OK)
        rc = tfl_tensor(im, n, tfl_in(im, n, 0), &in);
    if (rc != WEFT_OK)
        return rc;
    uint32_t dims[4] = { 1, 1, 1, 1 }, part = 1;
    for (uint32_t i = 0; i < x->rank; i++) {
        const uint32_t wanted = mask >> i & 1 ? 2 : part == 1 ? 1 : 3;
        if (wanted < part)
            return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its axes are not neighbours");
        part = wanted;
        dims[part] *= x->dims[i];
    }
    const weft_pool_2d a = { .window = { 1, dims[2], 1, 1, 1, 1, 0, 0, 0, 0 },
                             .clamp = { -128, 127 } };
    r = (tfl_result){ .rank = 4, .dims = { 1, dims[1], 1, dims[3] }, .quant = &x->quant };
    rc = tfl_reshape(im, n, 4, dims, &in);
    if (rc == WEFT_OK && !smallest)
        return tfl_emit(im, n, 0, WEFT_OP_MAX_POOL_2D, &a, 1, &in, &r);
    if (rc == WEFT_OK)
        rc = flip(im, n, 4, dims, &in);
    if (rc == WEFT_OK)
        rc = tfl_step(im, n, WEFT_OP_MAX_POOL_2D, &a, 4, r.dims, &in);
    if (rc == WEFT_OK)
        rc = flip(im, n, 4, r.dims, &in);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_RESHAPE, NULL, 1, &in, &r) : rc;
}

int tfl_reduce_max(tfl_import *im, const tfl_node *n)
{
    return extreme(im, n, 0);
}

int tfl_reduce_min(tfl_import *im, const tfl_node *n)
{
    return extreme(im, n, 1);
}

static int arg_extreme(tfl_import *im, const tfl_node *n, int smallest)
{
    const tfl_value *x = tfl_in(im, n, 0);
    weft_argmax a = { 0, smallest, 0 };
    int64_t axis;
    uint32_t count, in;
    int rc = x && x->type == TFL_FLOAT32 ? WEFT_OK : check_byte(im, n, x);
    if (rc == WEFT_OK)
        rc = tfl_ints(im, n, tfl_in(im, n, 1), 1, &axis, &count);
    if (rc == WEFT_OK && count == 1)
        rc = tfl_axis(im, n, axis, x->rank, &a.axis);
    if (rc == WEFT_OK)
        rc = tfl_tensor(im, n, tfl_in(im, n, 0), &in);
    if (rc != WEFT_OK)
        return rc;
    tfl_result r = { .rank = x->rank };
    memcpy(r.dims, x->dims, sizeof r.dims);
    r.dims[a.axis] = 1;
    return tfl_emit(im, n, 0, WEFT_OP_ARGMAX, &a, 1, &in, &r);
}

int tfl_arg_max(tfl_import *im, const tfl_node *n)
{
    return arg_extreme(im, n, 0);
}

int tfl_arg_min(tfl_import *im, const tfl_node *n)
{
    return arg_extreme(im, n, 1);
}

/* --- softmax ------------------------------------------------------------------------------ */

static int normalise(tfl_import *im, const tfl_node *n, weft_op op, const void *attr)
{
    const tfl_value *x = tfl_in(im, n, 0);
    uint32_t in;
    int rc = x && x->type == TFL_FLOAT32 ? WEFT_OK : tfl_check_ends(im, n, 1);
    if (rc == WEFT_OK)
        rc = tfl_tensor(im, n, tfl_in(im, n, 0), &in);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, op, attr, 1, &in, NULL) : rc;
}

int tfl_softmax(tfl_import *im, const tfl_node *n)
{
    const weft_softmax a = { fb_f32(&im->file, n->options, 0, 0.0f) };
    return normalise(im, n, WEFT_OP_SOFTMAX, &a);
}

int tfl_log_softmax(tfl_import *im, const tfl_node *n)
{
    return normalise(im, n, WEFT_OP_LOG_SOFTMAX, NULL);
}

int tfl_l2_normalization(tfl_import *im, const tfl_node *n)
{
    const int activation = fb_i8(&im->file, n->options, 0, 0);
    uint32_t in;
    int rc = tfl_check_ends(im, n, 1);
    if (rc == WEFT_OK)
        rc = refuse_uint8(im, n);
    if (rc == WEFT_OK && activation != 0)
        rc = TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its fused activation %d is not supported",
                        activation);
    if (rc == WEFT_OK)
        rc = tfl_tensor(im, n, tfl_in(im, n, 0), &in);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_L2_NORMALIZATION, NULL, 1, &in, NULL) : rc;
}

/* --- matrices ----------------------------------------------------------------------------- */

/* Swap the last two axes. */
static int turn(tfl_import *im, const tfl_node *n, uint32_t *tensor)
{
    const weft_tensor t = im->graph->tensors[*tensor];
    weft_transpose a = { { 0, 1, 2, 3, 4, 5 } };
    weft_tensor_desc d = { .name = t.name, .dtype = t.dtype, .rank = t.rank, .quant = t.quant };
    memcpy(d.dims, t.dims, sizeof d.dims);
    if (t.data)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its left side is constant and transposed");
    d.dims[t.rank - 1] = t.dims[t.rank - 2];
    d.dims[t.rank - 2] = t.dims[t.rank - 1];
    a.perm[t.rank - 1] = t.rank - 2;
    a.perm[t.rank - 2] = t.rank - 1;
    const uint32_t from = *tensor;
    int rc = tfl_add_tensor(im, n, &d, tensor);
    return rc == WEFT_OK ? tfl_node_add(im, n, WEFT_OP_TRANSPOSE, &a, 1, &from, *tensor) : rc;
}

/* Ones in front until the rank is right. */
static int raise_rank(tfl_import *im, const tfl_node *n, const tfl_value *v, uint32_t rank,
                      uint32_t *tensor)
{
    uint32_t dims[WEFT_MAX_RANK];
    for (uint32_t i = 0; i < rank; i++)
        dims[i] = i + v->rank < rank ? 1 : v->dims[i + v->rank - rank];
    return tfl_reshape(im, n, rank, dims, tensor);
}

/* A constant right side of one matrix: fully connected. */
static int matmul_constant(tfl_import *im, const tfl_node *n, int adjoint)
{
    const tfl_value *x = tfl_in(im, n, 0), *w = tfl_in(im, n, 1);
    const uint32_t rows = w->dims[w->rank - 2], columns = w->dims[w->rank - 1];
    const uint32_t depth = adjoint ? columns : rows, out = adjoint ? rows : columns;
    const weft_fully_connected a = { { -128, 127 } };
    uint32_t in[2];
    if (x->dims[x->rank - 1] != depth || depth == 0)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "its two matrices do not fit");
    uint8_t *turned = tfl_alloc(im, w->elements);
    if (!turned)
        return WEFT_ERR_NO_MEMORY;
    for (uint64_t i = 0; i < w->elements; i++)
        turned[adjoint ? i : i % columns * rows + i / columns] =
            w->data[i] ^ (w->type == TFL_UINT8 ? 0x80 : 0);
    const weft_tensor_desc d = { .name = w->name,
                                 .dtype = WEFT_INT8,
                                 .rank = 2,
                                 .dims = { out, depth },
                                 .quant = w->quant,
                                 .data = turned };
    const uint32_t flat[2] = { (uint32_t)(x->elements / depth), depth };
    const tfl_result r = { .rank = 2, .dims = { flat[0], out } };
    int rc = tfl_tensor(im, n, tfl_in(im, n, 0), &in[0]);
    if (rc == WEFT_OK)
        rc = tfl_reshape(im, n, 2, flat, &in[0]);
    if (rc == WEFT_OK)
        rc = tfl_add_tensor(im, n, &d, &in[1]);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_FULLY_CONNECTED, &a, 2, in, &r) : rc;
}

int tfl_batch_matmul(tfl_import *im, const tfl_node *n)
{
    const weft_matmul a = { fb_i8(&im->file, n->options, 1, 0) != 0, { -128, 127 } };
    const tfl_value *v[2] = { tfl_in(im, n, 0), tfl_in(im, n, 1) };
    uint32_t in[2];
    int rc = tfl_check_ends(im, n, 2);
    if (rc == WEFT_OK && (v[0]->rank < 2 || v[1]->rank < 2))
        rc = TFL_REFUSE(WEFT_ERR_SHAPE, "its inputs must have rank 2 or more");
    if (rc != WEFT_OK)
        return rc;
    const uint32_t last = v[1]->dims[v[1]->rank - 1] * v[1]->dims[v[1]->rank - 2];
    if (v[1]->data && !v[0]->data && v[1]->elements == last && !fb_i8(&im->file, n->options, 0, 0))
        return matmul_constant(im, n, a.transpose_b);
    const uint32_t rank = v[0]->rank > v[1]->rank ? v[0]->rank : v[1]->rank;
    for (uint32_t i = 0; i < 2 && rc == WEFT_OK; i++) {
        rc = tfl_tensor(im, n, tfl_in(im, n, i), &in[i]);
        if (rc == WEFT_OK)
            rc = raise_rank(im, n, v[i], rank, &in[i]);
    }
    if (rc == WEFT_OK && fb_i8(&im->file, n->options, 0, 0))
        rc = turn(im, n, &in[0]);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_MATMUL, &a, 2, in, NULL) : rc;
}

/* --- ends --------------------------------------------------------------------------------- */

int tfl_quantize(tfl_import *im, const tfl_node *n)
{
    const tfl_value *x = tfl_in(im, n, 0), *y = tfl_out(im, n, 0);
    uint32_t in;
    if (tfl_is_byte(x) && tfl_is_byte(y))
        return tfl_requantize(im, n);
    if (x && x->function && tfl_is_byte(y))
        return tfl_function_quantize(im, n, x);
    if (x && x->wide && tfl_is_byte(y))
        return tfl_wide_quantize(im, n, x);
    if (!x || x->type != TFL_FLOAT32 || !tfl_is_byte(y))
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "from %s to %s is not supported",
                          tfl_type_name(x ? x->type : -1), tfl_type_name(y->type));
    if (x->data)
        return tfl_constant_quantize(im, n);
    int rc = tfl_tensor(im, n, tfl_in(im, n, 0), &in);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_QUANTIZE, NULL, 1, &in, NULL) : rc;
}

int tfl_dequantize(tfl_import *im, const tfl_node *n)
{
    tfl_value *x = tfl_in(im, n, 0), *y = tfl_out(im, n, 0);
    if (x && x->type == TFL_FLOAT16)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its weights are float16; " TFL_CONVERT_WHOLE);
    if (!tfl_is_byte(x) || y->type != TFL_FLOAT32)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "from %s to %s is not supported",
                          tfl_type_name(x ? x->type : -1), tfl_type_name(y->type));
    if (x->data)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "its weights are int8 but it computes float32; " TFL_CONVERT_WHOLE);
    uint32_t source;
    int rc = tfl_tensor(im, n, x, &source);
    return rc == WEFT_OK ? tfl_function_of(im, n, source, y) : rc;
}
