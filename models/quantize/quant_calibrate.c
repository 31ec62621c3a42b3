/* What activations hold: the least and greatest value over all samples, then a histogram. */
#include <math.h>
#include <stdlib.h>

#include "quant.h"

typedef struct watching {
    quantizer *q;
    int histogram;
} watching;

static int note(void *context, uint32_t v, nd *array, weft_error *err)
{
    const watching *w = context;
    if (w->q->values[v].kind != QUANT_ACTIVATION)
        return WEFT_OK;
    quant_range *r = &w->q->values[quant_root(w->q, v)].range;
    const float per_value = r->hi > r->lo ? (float)QUANT_BINS / (r->hi - r->lo) : 0;
    for (size_t e = 0; e < array->count; e++) {
        const float x = array->f[e];
        if (!isfinite(x))
            return weft_error_set(err, WEFT_ERR_RANGE,
                                  "the float network computes infinity or NaN in \"%.100s\"; check "
                                  "the calibration data",
                                  w->q->net->values[v].name);
        if (w->histogram) {
            const float at = (x - r->lo) * per_value;
            r->bins[at < QUANT_BINS - 1 ? (size_t)(at > 0 ? at : 0) : QUANT_BINS - 1]++;
            continue;
        }
        r->lo = x < r->lo ? x : r->lo;
        r->hi = x > r->hi ? x : r->hi;
    }
    return WEFT_OK;
}

static int one_pass(quantizer *q, const weft_quantize_samples *s, int histogram, double from,
                    double to, weft_error *err)
{
    watching w = { q, histogram };
    const float_watch watch = { note, &w };
    nd *inputs = calloc((size_t)q->net->input_count + 1, sizeof *inputs);
    int rc = inputs ? WEFT_OK : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for samples");
    for (uint32_t i = 0; i < s->count && rc == WEFT_OK; i++) {
        rc = s->get(s->context, i, q->net, inputs, err);
        if (rc == WEFT_OK)
            rc = float_net_run(q->net, inputs, &watch, NULL, err);
        for (uint32_t k = 0; k < q->net->input_count; k++)
            nd_free(&inputs[k]);
        if (s->progress)
            s->progress(s->context, from + (to - from) * (i + 1) / s->count);
    }
    free(inputs);
    return rc;
}

int quant_calibrate(quantizer *q, const weft_quantize_samples *samples, weft_error *err)
{
    const int histogram = q->options.method != WEFT_QUANTIZE_MINMAX;
    int rc = one_pass(q, samples, 0, 0, histogram ? 0.4 : 0.8, err);
    for (uint32_t v = 0; v < q->net->value_count && rc == WEFT_OK && histogram; v++)
        if (q->values[v].kind == QUANT_ACTIVATION && quant_root(q, v) == v) {
            q->values[v].range.bins = calloc(QUANT_BINS, sizeof(uint64_t));
            if (!q->values[v].range.bins)
                rc = weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for histograms");
        }
    return rc == WEFT_OK && histogram ? one_pass(q, samples, 1, 0.4, 0.8, err) : rc;
}
