/* Float against quantised, tensor by tensor, on some of the samples. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "quant.h"

enum { MOST_COMPARED = 16 };

#define MOST_KEPT ((size_t)1 << 26) /* elements of float activations kept for comparing */

typedef struct comparison {
    quantizer *q;
    nd *kept; /* compared * values: activations of the float network */
    nd *out;  /* compared: its first output */
    size_t kept_count;
    uint32_t sample;
} comparison;

static nd *kept_at(const comparison *c, uint32_t v)
{
    return &c->kept[(size_t)c->sample * c->q->net->value_count + v];
}

static int keep(void *context, uint32_t v, nd *array, weft_error *err)
{
    comparison *c = context;
    eval_run run = { .err = err, .left = EVAL_ELEMENTS };
    if (c->q->values[v].kind != QUANT_ACTIVATION)
        return WEFT_OK;
    c->kept_count += array->count;
    return nd_copy(&run, array, kept_at(c, v));
}

/* Round an activation as its int8 does, and note how far it is from the float network's. */
static int round_and_note(void *context, uint32_t v, nd *array, weft_error *err)
{
    comparison *c = context;
    quant_value *value = &c->q->values[v];
    (void)err;
    if (value->kind != QUANT_ACTIVATION)
        return WEFT_OK;
    const quant_value *root = &c->q->values[quant_root(c->q, v)];
    const nd *want = kept_at(c, v);
    for (size_t e = 0; e < array->count; e++) {
        const float x = array->f[e];
        const float y =
            (float)(quant_int8(x, root->scale[0], root->zero) - root->zero) * root->scale[0];
        array->f[e] = y;
        if (e >= want->count)
            continue;
        const double f = (double)want->f[e];
        value->signal += f * f;
        value->own_noise += ((double)x - (double)y) * ((double)x - (double)y);
        value->all_noise += (f - (double)y) * (f - (double)y);
    }
    return WEFT_OK;
}

static size_t largest(const nd *a)
{
    size_t best = 0;
    for (size_t e = 1; e < a->count; e++)
        if (nd_float(a, e) > nd_float(a, best))
            best = e;
    return best;
}

static int run_sample(comparison *c, const weft_quantize_samples *s, const float_watch *watch,
                      int quantised, weft_error *err)
{
    float_net *net = c->q->net;
    nd *inputs = calloc((size_t)net->input_count + 1, sizeof *inputs);
    nd *out = calloc((size_t)net->output_count + 1, sizeof *out);
    int rc =
        inputs && out ? WEFT_OK : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for samples");
    if (rc == WEFT_OK)
        rc = s->get(s->context, c->sample, net, inputs, err);
    if (rc == WEFT_OK)
        rc = float_net_run(net, inputs, watch, out, err);
    if (rc == WEFT_OK && quantised && net->output_count)
        c->q->agree += largest(&out[0]) == largest(&c->out[c->sample]);
    if (rc == WEFT_OK && !quantised) {
        c->out[c->sample] = out[0];
        out[0] = (nd){ 0 };
    }
    for (uint32_t i = 0; inputs && i < net->input_count; i++)
        nd_free(&inputs[i]);
    for (uint32_t i = 0; out && i < net->output_count; i++)
        nd_free(&out[i]);
    free(inputs);
    free(out);
    return rc;
}

static int compare_all(comparison *c, const weft_quantize_samples *s, uint32_t most,
                       weft_error *err)
{
    const float_watch in_float = { keep, c }, rounded = { round_and_note, c };
    int rc = WEFT_OK;
    for (; c->sample < most && rc == WEFT_OK &&
           (c->sample == 0 || c->kept_count + c->kept_count / c->sample < MOST_KEPT);
         c->sample++)
        rc = run_sample(c, s, &in_float, 0, err);
    c->q->compared = c->sample;
    if (rc == WEFT_OK)
        rc = quant_constants(c->q, err);
    for (c->sample = 0; c->sample < c->q->compared && rc == WEFT_OK; c->sample++) {
        rc = run_sample(c, s, &rounded, 1, err);
        if (s->progress)
            s->progress(s->context, 0.8 + 0.2 * (c->sample + 1) / c->q->compared);
    }
    return rc;
}

int quant_compare(quantizer *q, const weft_quantize_samples *samples, weft_error *err)
{
    const uint32_t most = samples->count < MOST_COMPARED ? samples->count : MOST_COMPARED;
    const size_t arrays = (size_t)most * q->net->value_count;
    comparison c = { .q = q, .kept = calloc(arrays + 1, sizeof(nd)) };
    c.out = calloc((size_t)most + 1, sizeof *c.out);
    int rc = c.kept && c.out ? compare_all(&c, samples, most, err)
                             : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory to compare");
    for (size_t i = 0; c.kept && i < arrays; i++)
        nd_free(&c.kept[i]);
    for (uint32_t i = 0; c.out && i < most; i++)
        nd_free(&c.out[i]);
    free(c.kept);
    free(c.out);
    return rc;
}
