/* Post-training quantisation from file to report; the contract is in weft_quantize.h. */
#include <math.h>
#include <stdlib.h>

#include "quant.h"

/* Whatever the network is to be before it gets scales. */
static int prepare(quantizer *q, weft_error *err)
{
    if (q->file.opset < ONNX_OPSET_MIN || q->file.opset > ONNX_OPSET_MAX)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                              "opset %d cannot be quantised; export with opset %d to %d",
                              (int)q->file.opset, ONNX_OPSET_MIN, ONNX_OPSET_MAX);
    int rc = float_net_new_within(&q->file, &q->options.symbols,
                                  q->options.elements ? q->options.elements : EVAL_ELEMENTS,
                                  &q->net, err);
    if (rc == WEFT_OK && q->options.work)
        q->net->work = q->options.work;
    if (rc == WEFT_OK)
        rc = float_fold(q->net, err);
    if (rc == WEFT_OK && q->options.invent)
        rc = float_invent(q->net, q->options.seed, err);
    if (rc == WEFT_OK)
        rc = float_lower(q->net, err);
    if (rc == WEFT_OK)
        rc = float_fold_affine(q->net, err);
    if (rc == WEFT_OK)
        rc = float_upgrade(q->net, err);
    return rc == WEFT_OK ? quant_plan(q, err) : rc;
}

/* From a file at a path, or from bytes. */
static int open_any(const char *path, const void *bytes, size_t byte_count,
                    const weft_quantize_options *options, quantizer **out, weft_error *err)
{
    quantizer *q = calloc(1, sizeof *q);
    if (!q)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory to quantise");
    q->options = *options;
    int rc = path ? onnx_file_open(path, &q->file, err)
                  : onnx_file_parse(bytes, byte_count, &q->file, err);
    if (rc == WEFT_OK)
        rc = prepare(q, err);
    if (rc == WEFT_OK)
        *out = q;
    else
        weft_quantize_close(q);
    return rc;
}

int weft_quantize_open(const char *path, const weft_quantize_options *options, quantizer **out,
                       weft_error *err)
{
    return open_any(path, NULL, 0, options, out, err);
}

int weft_quantize_parse(const void *bytes, size_t byte_count, const weft_quantize_options *options,
                        quantizer **out, weft_error *err)
{
    return open_any(NULL, bytes, byte_count, options, out, err);
}

void weft_quantize_close(quantizer *q)
{
    if (!q)
        return;
    for (uint32_t v = 0; q->values && v < q->net->value_count; v++) {
        free(q->values[v].scale);
        free(q->values[v].range.bins);
    }
    free(q->values);
    float_net_free(q->net);
    onnx_file_close(&q->file);
    free(q);
}

const float_net *weft_quantize_net(const quantizer *q)
{
    return q->net;
}

static int level(quantizer *q, const weft_quantize_samples *samples, weft_error *err)
{
    nd *inputs = calloc((size_t)q->net->input_count + 1, sizeof *inputs);
    int rc = inputs ? samples->get(samples->context, 0, q->net, inputs, err)
                    : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for samples");
    if (rc == WEFT_OK)
        rc = float_level(q->net, inputs, err);
    for (uint32_t i = 0; inputs && i < q->net->input_count; i++)
        nd_free(&inputs[i]);
    free(inputs);
    return rc;
}

int weft_quantize_run(quantizer *q, const weft_quantize_samples *samples, weft_error *err)
{
    int rc = q->options.invent ? level(q, samples, err) : WEFT_OK;
    if (rc == WEFT_OK)
        rc = quant_calibrate(q, samples, err);
    if (rc == WEFT_OK)
        rc = quant_choose_scales(q, err);
    return rc == WEFT_OK ? quant_compare(q, samples, err) : rc;
}

static double decibels(double signal, double noise)
{
    if (noise <= 0)
        return 99; /* as good as exact */
    return signal > 0 && noise < INFINITY ? fmin(99, 10 * log10(signal / noise)) : 0;
}

/* Values in the order in which they are computed: inputs, then results of nodes. */
static uint32_t activation_at(const quantizer *q, uint32_t i, const char **op)
{
    const float_net *net = q->net;
    for (uint32_t k = 0; k < net->input_count; k++)
        if (q->values[net->inputs[k].value].kind == QUANT_ACTIVATION && i-- == 0) {
            *op = "input";
            return net->inputs[k].value;
        }
    for (uint32_t n = 0; n < net->node_count; n++)
        for (uint32_t k = 0; !net->nodes[n].dead && k < net->nodes[n].out_count; k++) {
            const uint32_t v = net->nodes[n].out[k];
            if (v != FLOAT_NONE && q->values[v].kind == QUANT_ACTIVATION && i-- == 0) {
                *op = net->nodes[n].proto->op_type;
                return v;
            }
        }
    return FLOAT_NONE;
}

int weft_quantize_layer_at(const quantizer *q, uint32_t i, weft_quantize_layer *out)
{
    const char *op = "";
    const uint32_t v = activation_at(q, i, &op);
    if (v == FLOAT_NONE)
        return 0;
    const quant_value *value = &q->values[v], *root = &q->values[quant_root(q, v)];
    *out = (weft_quantize_layer){ .name = q->net->values[v].name,
                                  .op = op,
                                  .scale = root->scale ? root->scale[0] : 0,
                                  .zero_point = root->zero,
                                  .own_db = decibels(value->signal, value->own_noise),
                                  .all_db = decibels(value->signal, value->all_noise) };
    return 1;
}

void weft_quantize_agreement(const quantizer *q, uint32_t *compared, uint32_t *agree)
{
    *compared = q->compared;
    *agree = q->agree;
}
