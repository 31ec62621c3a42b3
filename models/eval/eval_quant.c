/* QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear: float32 division and multiplication,
 * rounding half to even. */
#include <inttypes.h>
#include <math.h>

#include "eval.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

/* How far one scale reaches: element e has number e / inner % count. */
static int scale_reach(eval_run *r, const nd *x, const nd *scale, const nd *zero, size_t *inner)
{
    uint32_t axis;
    *inner = 1;
    if (!scale->f || (zero && zero->count != scale->count))
        return eval_refuse(r, WEFT_ERR_SHAPE, "scale and zero point do not fit each other");
    if (scale->count == 1)
        return WEFT_OK;
    int rc = eval_axis(r, onnx_attr_int(r->node, "axis", 1), x->rank, &axis);
    if (rc == WEFT_OK && (scale->rank != 1 || scale->count != x->dims[axis]))
        rc = eval_refuse(r, WEFT_ERR_UNSUPPORTED, "%zu scales do not fit axis %" PRIu32,
                         scale->count, axis);
    for (uint32_t i = axis + 1; rc == WEFT_OK && i < x->rank; i++)
        *inner *= x->dims[i];
    return rc;
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
    size_t inner;
    if (type != T(UINT8) && type != T(INT8) && type != T(UINT16) && type != T(INT16))
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "only to integers of 8 or 16 bits");
    int rc = scale_reach(r, x, scale, zero, &inner);
    if (rc == WEFT_OK)
        rc = nd_new(r, type, x->rank, x->dims, out);
    for (size_t e = 0; rc == WEFT_OK && e < x->count; e++) {
        const size_t k = e / inner % scale->count;
        out->i[e] = quantised(nd_float(x, e), scale->f[k], zero ? zero->i[k] : 0, type);
    }
    return rc;
}

int eval_dequantize(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *x = in[0], *scale = in[1], *zero = count > 2 ? in[2] : NULL;
    size_t inner;
    if (!x->i || (zero && !zero->i))
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs integers");
    int rc = scale_reach(r, x, scale, zero, &inner);
    if (rc == WEFT_OK)
        rc = nd_new(r, scale->type, x->rank, x->dims, out);
    for (size_t e = 0; rc == WEFT_OK && e < x->count; e++) {
        const size_t k = e / inner % scale->count;
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
