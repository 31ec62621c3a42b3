/* QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear: float32 division and multiplication,
 * rounding half to even. */
#include <inttypes.h>
#include <math.h>

#include "eval.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

/* Which scale an element has: one for all, one an index of the axis, or (opset 21) one a block of
 * `block` along it. */
typedef struct reach {
    size_t size, inner, block, blocks; /* of the axis; elements behind it; block 0: per index */
} reach;

static size_t scale_of(const reach *s, size_t e)
{
    const size_t at = e / s->inner % s->size;
    if (!s->block)
        return at;
    return (e / s->inner / s->size * s->blocks + at / s->block) * s->inner + e % s->inner;
}

/* Scales of the shape of x, but fewer along the axis. */
static int fits_blocks(const nd *x, const nd *scale, uint32_t axis, const reach *s)
{
    int same = scale->rank == x->rank;
    for (uint32_t i = 0; same && i < x->rank; i++)
        same = scale->dims[i] == (i == axis ? s->blocks : x->dims[i]);
    return same;
}

static int read_reach(eval_run *r, const nd *x, const nd *scale, const nd *zero, reach *s)
{
    const int64_t block = onnx_attr_int(r->node, "block_size", 0);
    uint32_t axis;
    *s = (reach){ 1, 1, 0, 0 };
    if (!scale->f || (zero && zero->count != scale->count))
        return eval_refuse(r, WEFT_ERR_SHAPE, "scale and zero point do not fit each other");
    if (block < 0 || block > (int64_t)EVAL_ELEMENTS)
        return eval_refuse(r, WEFT_ERR_RANGE, "blocks of %" PRId64, block);
    if (scale->count == 1 && !block)
        return WEFT_OK;
    int rc = eval_axis(r, onnx_attr_int(r->node, "axis", 1), x->rank, &axis);
    if (rc != WEFT_OK)
        return rc;
    s->size = x->dims[axis];
    s->block = (size_t)block;
    s->blocks = block ? (s->size + s->block - 1) / s->block : 0;
    for (uint32_t i = axis + 1; i < x->rank; i++)
        s->inner *= x->dims[i];
    if (block ? !fits_blocks(x, scale, axis, s) : scale->rank != 1 || scale->count != s->size)
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "%zu scales do not fit axis %" PRIu32,
                           scale->count, axis);
    return WEFT_OK;
}

static void limits(int32_t type, float *lo, float *hi)
{
    *lo = type == T(INT8) ? -128.0f : type == T(INT16) ? -32768.0f : 0.0f;
    *hi = type == T(INT8)     ? 127.0f
          : type == T(INT16)  ? 32767.0f
          : type == T(UINT16) ? 65535.0f
                              : 255.0f;
}

static int64_t quantised(float x, float scale, int64_t zero, int32_t type)
{
    float lo, hi;
    limits(type, &lo, &hi);
    const float v = rintf(x / scale) + (float)zero;
    return (int64_t)(!(v > lo) ? lo : v > hi ? hi : v);
}

int eval_quantize(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *x = in[0], *scale = in[1], *zero = count > 2 ? in[2] : NULL;
    const int64_t asked = onnx_attr_int(r->node, "output_dtype", 0);
    const int32_t type = zero ? zero->type : asked ? (int32_t)(asked & 0xff) : T(UINT8);
    reach s;
    if (type != T(UINT8) && type != T(INT8) && type != T(UINT16) && type != T(INT16))
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "only to integers of 8 or 16 bits");
    int rc = read_reach(r, x, scale, zero, &s);
    if (rc == WEFT_OK)
        rc = nd_new(r, type, x->rank, x->dims, out);
    for (size_t e = 0; rc == WEFT_OK && e < x->count; e++) {
        const size_t k = scale_of(&s, e);
        out->i[e] = quantised(nd_float(x, e), scale->f[k], zero ? zero->i[k] : 0, type);
    }
    return rc;
}

int eval_dequantize(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *x = in[0], *scale = in[1], *zero = count > 2 ? in[2] : NULL;
    reach s;
    if (!x->i || (zero && !zero->i))
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs integers");
    int rc = read_reach(r, x, scale, zero, &s);
    if (rc == WEFT_OK)
        rc = nd_new(r, scale->type, x->rank, x->dims, out);
    for (size_t e = 0; rc == WEFT_OK && e < x->count; e++) {
        const size_t k = scale_of(&s, e);
        out->f[e] = (float)(x->i[e] - (zero ? zero->i[k] : 0)) * scale->f[k];
    }
    return rc;
}

int eval_dynamic_quantize(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const nd *x = in[0];
    float lo = 0, hi = 0;
    if (!x->f || r->node->n_output != 3)
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs a float input and three outputs");
    for (size_t e = 0; e < x->count; e++) {
        lo = fminf(lo, x->f[e]);
        hi = fmaxf(hi, x->f[e]);
    }
    int rc = nd_new(r, T(UINT8), x->rank, x->dims, &out[0]);
    if (rc == WEFT_OK)
        rc = nd_new(r, T(FLOAT), 0, NULL, &out[1]);
    if (rc == WEFT_OK)
        rc = nd_new(r, T(UINT8), 0, NULL, &out[2]);
    if (rc != WEFT_OK)
        return rc;
    const float scale = hi > lo ? (hi - lo) / 255.0f : 1.0f;
    out[1].f[0] = scale;
    out[2].i[0] = (int64_t)fminf(255.0f, fmaxf(0.0f, rintf(0.0f - lo / scale)));
    for (size_t e = 0; e < x->count; e++)
        out[0].i[e] = quantised(x->f[e], scale, out[2].i[0], T(UINT8));
    return WEFT_OK;
}
