/* BatchNormalization, InstanceNormalization, LayerNormalization, LRN. */
#include <math.h>

#include "eval.h"
#include "models/arith/layer_norm.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

static size_t plane_of(const nd *x)
{
    size_t plane = 1;
    for (uint32_t i = 2; i < x->rank; i++)
        plane *= x->dims[i];
    return plane;
}

static int check_parameters(eval_run *r, const nd *const *in, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (!in[k]->f || (k && in[k]->count != (in[0]->rank > 1 ? in[0]->dims[1] : 1)))
            return eval_refuse(r, WEFT_ERR_SHAPE, "its parameters do not fit the channels");
    return WEFT_OK;
}

static int normalise(eval_run *r, const nd *x, const nd *scale, const nd *bias, const nd *mean,
                     const nd *var, nd *out)
{
    const float epsilon = onnx_attr_float(r->node, "epsilon", 1e-5f);
    const size_t plane = plane_of(x), channels = scale->count;
    int rc = nd_new(r, x->type, x->rank, x->dims, out);
    for (size_t e = 0; rc == WEFT_OK && e < x->count; e++) {
        const size_t c = e / plane % channels;
        out->f[e] = (x->f[e] - mean->f[c]) / sqrtf(var->f[c] + epsilon) * scale->f[c] + bias->f[c];
    }
    return rc;
}

/* Mean and variance of every channel of this very batch. */
static void batch_statistics(const nd *x, size_t channels, size_t plane, nd *mean, nd *var)
{
    const size_t taps = channels ? x->count / channels : 0;
    for (size_t c = 0; c < channels; c++) {
        double sum = 0, square = 0;
        for (int pass = 0; pass < 2; pass++)
            for (size_t k = 0; k < taps; k++) {
                const double v = (double)x->f[(k / plane * channels + c) * plane + k % plane];
                sum += pass ? 0 : v / (double)taps;
                square += pass ? (v - sum) * (v - sum) / (double)taps : 0;
            }
        mean->f[c] = (float)sum;
        var->f[c] = (float)square;
    }
}

/* training_mode (opset 14): by the batch's own statistics, which outputs 1 and 2 mix into those
 * that were given. */
static int train_batch_norm(eval_run *r, const nd *const *in, nd *out)
{
    const nd *x = in[0];
    const float momentum = onnx_attr_float(r->node, "momentum", 0.9f);
    nd own[2] = { { 0 } };
    int rc = nd_copy(r, in[3], &own[0]);
    if (rc == WEFT_OK)
        rc = nd_copy(r, in[4], &own[1]);
    if (rc == WEFT_OK)
        batch_statistics(x, in[1]->count, plane_of(x), &own[0], &own[1]);
    if (rc == WEFT_OK)
        rc = normalise(r, x, in[1], in[2], &own[0], &own[1], out);
    for (size_t k = 1; k < r->node->n_output && rc == WEFT_OK; k++) {
        rc = nd_copy(r, in[k + 2], &out[k]);
        for (size_t c = 0; rc == WEFT_OK && c < out[k].count; c++)
            out[k].f[c] = out[k].f[c] * momentum + own[k - 1].f[c] * (1 - momentum);
    }
    nd_free(&own[0]);
    nd_free(&own[1]);
    return rc;
}

int eval_batch_norm(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const int old = r->opset < 7 && !onnx_attr_int(r->node, "is_test", 0);
    const int training = onnx_attr_int(r->node, "training_mode", 0) != 0;
    if (old || r->node->n_output > (training ? 3 : 1) || !onnx_attr_int(r->node, "spatial", 1))
        return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "training is not possible");
    int rc = check_parameters(r, in, count);
    if (rc != WEFT_OK)
        return rc;
    return training ? train_batch_norm(r, in, out)
                    : normalise(r, in[0], in[1], in[2], in[3], in[4], out);
}

int eval_instance_norm(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *x = in[0];
    const double epsilon = (double)onnx_attr_float(r->node, "epsilon", 1e-5f);
    int rc = check_parameters(r, in, count);
    if (rc == WEFT_OK)
        rc = nd_new(r, x->type, x->rank, x->dims, out);
    const size_t plane = plane_of(x);
    for (size_t p = 0; rc == WEFT_OK && plane && p < x->count / plane; p++) {
        double sum = 0, square = 0;
        const float *from = x->f + p * plane;
        for (size_t e = 0; e < plane; e++)
            sum += (double)from[e];
        const double mean = sum / (double)plane;
        for (size_t e = 0; e < plane; e++)
            square += ((double)from[e] - mean) * ((double)from[e] - mean);
        const double factor = 1.0 / sqrt(square / (double)plane + epsilon);
        const size_t c = p % in[1]->count;
        for (size_t e = 0; e < plane; e++)
            out->f[p * plane + e] =
                (float)(((double)from[e] - mean) * factor * (double)in[1]->f[c] +
                        (double)in[2]->f[c]);
    }
    return rc;
}

/* Outputs 1 and 2, where they are asked for, are means and inverse deviations of the rows. */
int eval_layer_norm(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *x = in[0], *bias = count > 2 ? in[2] : NULL;
    size_t dims[ND_MAX_RANK], width = 1;
    uint32_t axis;
    int rc = eval_axis(r, onnx_attr_int(r->node, "axis", -1), x->rank, &axis);
    for (uint32_t i = 0; rc == WEFT_OK && i < x->rank; i++) {
        dims[i] = i < axis ? x->dims[i] : 1;
        width *= i < axis ? 1 : x->dims[i];
    }
    if (rc == WEFT_OK && (width > UINT32_MAX || !x->f || !in[1]->f || in[1]->count != width ||
                          (bias && (!bias->f || bias->count != width))))
        rc = eval_refuse(r, WEFT_ERR_SHAPE, "needs floats, a scale and a bias for each element");
    if (rc == WEFT_OK)
        rc = nd_new(r, x->type, x->rank, x->dims, out);
    for (size_t k = 1; k < r->node->n_output && k < 3 && rc == WEFT_OK; k++)
        rc = nd_new(r, T(FLOAT), x->rank, dims, &out[k]);
    const float epsilon = onnx_attr_float(r->node, "epsilon", 1e-5f);
    for (size_t p = 0; rc == WEFT_OK && width && p < x->count / width; p++) {
        const weft_norm_row row = { .real = x->f + p * width, .count = (uint32_t)width };
        const weft_norm n = weft_norm_of(&row, epsilon);
        for (uint32_t e = 0; e < row.count; e++)
            out->f[p * width + e] = weft_norm_at(&row, &n, in[1]->f, bias ? bias->f : NULL, e);
        if (r->node->n_output > 1)
            out[1].f[p] = n.mean;
        if (r->node->n_output > 2)
            out[2].f[p] = n.inverse;
    }
    return rc;
}

int eval_lrn(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    const nd *x = in[0];
    const float alpha = onnx_attr_float(r->node, "alpha", 1e-4f);
    const float beta = onnx_attr_float(r->node, "beta", 0.75f);
    const float bias = onnx_attr_float(r->node, "bias", 1.0f);
    const int64_t size = onnx_attr_int(r->node, "size", 0);
    if (!x->f || x->rank < 2 || size < 1 || size > 4096)
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs a float input and a size");
    int rc = nd_new(r, x->type, x->rank, x->dims, out);
    if (rc == WEFT_OK)
        rc = eval_take_work(r, x->count, (size_t)size, 1);
    const size_t plane = plane_of(x);
    for (size_t e = 0; rc == WEFT_OK && e < x->count; e++) {
        const int64_t c = (int64_t)(e / plane % x->dims[1]);
        double sum = 0;
        for (int64_t k = c - (size - 1) / 2; k <= c + size / 2; k++)
            if (k >= 0 && k < (int64_t)x->dims[1]) {
                const double v = (double)x->f[(size_t)((int64_t)e + (k - c) * (int64_t)plane)];
                sum += v * v;
            }
        out->f[e] = (float)((double)x->f[e] /
                            pow((double)bias + (double)alpha / (double)size * sum, (double)beta));
    }
    return rc;
}
