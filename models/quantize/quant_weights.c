/* Constants as int8 and int32: scales are chosen and the floats replaced by what the integers stand
 * for, so that running the float network computes with the quantised ones. */
#include <math.h>
#include <stdlib.h>

#include "quant.h"

/* Channel of element e. */
static size_t channel_of(const nd *a, const quant_value *v, size_t e)
{
    size_t inner = 1;
    for (uint32_t i = v->axis + 1; i < a->rank; i++)
        inner *= a->dims[i];
    return v->count == 1 ? 0 : e / inner % v->count;
}

static int new_scales(quant_value *v, uint32_t count, weft_error *err)
{
    v->count = count;
    v->scale = calloc((size_t)count + 1, sizeof *v->scale);
    return v->scale ? WEFT_OK : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for scales");
}

static int check_finite(const quantizer *q, uint32_t v, weft_error *err)
{
    const nd *a = &q->net->values[v].array;
    for (size_t e = 0; e < a->count; e++)
        if (!isfinite(a->f[e]))
            return weft_error_set(err, WEFT_ERR_RANGE,
                                  "the constant \"%.100s\" holds infinity or NaN",
                                  q->net->values[v].name);
    return WEFT_OK;
}

/* Per channel, the greatest weight becomes `most`.  A channel of (nearly) nothing gets a scale that
 * is not out of all proportion to the others, so that every factor stays in the range of the
 * arithmetic. */
static int weight_scales(quantizer *q, uint32_t weight, weft_error *err)
{
    quant_value *v = &q->values[weight];
    const nd *a = &q->net->values[weight].array;
    const float most = q->options.reduced ? 64.0f : 127.0f;
    float greatest = 0;
    int rc = new_scales(v, v->count, err);
    for (size_t e = 0; rc == WEFT_OK && e < a->count; e++) {
        float *scale = &v->scale[channel_of(a, v, e)];
        *scale = fmaxf(*scale, fabsf(a->f[e]) / most);
        greatest = fmaxf(greatest, *scale);
    }
    greatest = greatest > 0 ? greatest : 1.0f / 127;
    for (uint32_t c = 0; rc == WEFT_OK && c < v->count; c++)
        v->scale[c] = fmaxf(v->scale[c], greatest * 0x1p-16f);
    return rc;
}

/* Wider weight scales where a bias would not fit its int32 otherwise. */
static void fit_bias(const quantizer *q, const quant_value *bias, const nd *b)
{
    const quant_value *w = &q->values[bias->weight];
    const float x = q->values[quant_root(q, bias->input)].scale[0];
    for (size_t c = 0; c < b->count && w->count; c++) {
        float *scale = &w->scale[w->count == 1 ? 0 : c % w->count];
        *scale = fmaxf(*scale, fabsf(b->f[c]) / (x * 0x1p29f));
    }
}

static void round_weights(const quant_value *v, nd *a)
{
    for (size_t e = 0; e < a->count; e++) {
        const float scale = v->scale[channel_of(a, v, e)];
        a->f[e] = (float)quant_int8(a->f[e], scale, 0) * scale;
    }
}

static int round_bias(quantizer *q, uint32_t bias, weft_error *err)
{
    quant_value *v = &q->values[bias];
    const quant_value *w = &q->values[v->weight];
    const float x = q->values[quant_root(q, v->input)].scale[0];
    nd *b = &q->net->values[bias].array;
    int rc = new_scales(v, w->count, err);
    v->axis = b->rank ? b->rank - 1 : 0;
    for (uint32_t c = 0; rc == WEFT_OK && c < w->count; c++) {
        v->scale[c] = x * w->scale[c];
        if (!(v->scale[c] > 1e-36f) || !isfinite(v->scale[c]))
            return weft_error_set(err, WEFT_ERR_RANGE,
                                  "the bias \"%.100s\" has no scale: input and weights are too "
                                  "small or too large",
                                  q->net->values[bias].name);
    }
    for (size_t c = 0; rc == WEFT_OK && c < b->count; c++) {
        const float scale = v->scale[w->count == 1 ? 0 : c % w->count];
        b->f[c] = rintf(b->f[c] / scale) * scale;
    }
    return rc;
}

/* One scale over all that the constant holds. */
static int round_operand(quantizer *q, uint32_t operand, weft_error *err)
{
    quant_value *v = &q->values[operand];
    nd *a = &q->net->values[operand].array;
    float lo = 0, hi = 0;
    int rc = new_scales(v, 1, err);
    if (rc != WEFT_OK)
        return rc;
    for (size_t e = 0; e < a->count; e++) {
        lo = fminf(lo, a->f[e]);
        hi = fmaxf(hi, a->f[e]);
    }
    quant_span(lo, hi, &v->scale[0], &v->zero);
    for (size_t e = 0; e < a->count; e++)
        a->f[e] = (float)(quant_int8(a->f[e], v->scale[0], v->zero) - v->zero) * v->scale[0];
    return WEFT_OK;
}

int quant_constants(quantizer *q, weft_error *err)
{
    const uint32_t count = q->net->value_count;
    int rc = WEFT_OK;
    for (uint32_t v = 0; v < count && rc == WEFT_OK; v++)
        if (q->values[v].kind > QUANT_ACTIVATION)
            rc = check_finite(q, v, err);
    for (uint32_t v = 0; v < count && rc == WEFT_OK; v++)
        if (q->values[v].kind == QUANT_WEIGHT)
            rc = weight_scales(q, v, err);
        else if (q->values[v].kind == QUANT_OPERAND)
            rc = round_operand(q, v, err);
    for (uint32_t v = 0; v < count && rc == WEFT_OK; v++)
        if (q->values[v].kind == QUANT_BIAS)
            fit_bias(q, &q->values[v], &q->net->values[v].array);
    for (uint32_t v = 0; v < count && rc == WEFT_OK; v++)
        if (q->values[v].kind == QUANT_WEIGHT)
            round_weights(&q->values[v], &q->net->values[v].array);
        else if (q->values[v].kind == QUANT_BIAS)
            rc = round_bias(q, v, err);
    return rc;
}
