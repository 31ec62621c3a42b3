/* Weights for networks that have none: drawn by seed, then levelled so that no layer drowns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "float_fold.h"
#include "float_rng.h"

/* value = mean + spread * (normal, or uniform in -1..1) */
typedef struct draw {
    float mean, spread;
    int uniform;
} draw;

static int is_product(const float_node *n)
{
    const char *op = n->proto->op_type;
    return !strcmp(op, "Conv") || !strcmp(op, "ConvTranspose") || !strcmp(op, "Gemm") ||
           !strcmp(op, "MatMul");
}

/* Products that make one result. */
static size_t fan_in(const float_node *n, const nd *w)
{
    const int rows = !strcmp(n->proto->op_type, "MatMul") ||
                     (!strcmp(n->proto->op_type, "Gemm") && !onnx_attr_int(n->proto, "transB", 0));
    if (w->rank < 2 || w->count == 0)
        return 1;
    return rows ? w->dims[w->rank - 2] : w->count / w->dims[0];
}

static draw draw_for(const float_node *n, uint32_t input, const nd *w)
{
    static const draw batch_norm[5] = {
        { 0, 0, 0 }, { 1, 0.25f, 1 }, { 0, 0.2f, 0 }, { 0, 0.2f, 0 }, { 1, 0.5f, 1 }
    };
    const char *op = n->proto->op_type;
    if (is_product(n) && input == 1)
        return (draw){ 0, sqrtf(2.0f / (float)fan_in(n, w)), 0 };
    if (!strcmp(op, "BatchNormalization") && input < 5)
        return batch_norm[input];
    if (!strcmp(op, "Mul") || !strcmp(op, "Div") ||
        (!strcmp(op, "LayerNormalization") && input == 1))
        return (draw){ 1, 0.25f, 1 };
    return (draw){ 0, 0.1f, 0 };
}

int float_invent(float_net *net, uint64_t seed, weft_error *err)
{
    uint8_t *done = calloc((size_t)net->value_count + 1, 1);
    if (!done)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for random weights");
    for (uint32_t i = 0; i < net->node_count; i++) {
        const float_node *n = &net->nodes[i];
        for (uint32_t k = 0; !n->dead && k < n->in_count; k++) {
            const uint32_t v = n->in[k];
            if (v == FLOAT_NONE || done[v] || !net->values[v].invented || !net->values[v].constant)
                continue;
            nd *a = &net->values[v].array;
            const draw d = draw_for(n, k, a);
            float_rng r = float_rng_stream(seed, v);
            for (size_t e = 0; e < a->count; e++)
                a->f[e] = d.mean + d.spread * (d.uniform ? 2 * float_rng_unit(&r) - 1
                                                         : float_rng_normal(&r));
            done[v] = 1;
        }
    }
    free(done);
    return WEFT_OK;
}

/* --- levelling --- */

typedef struct levelling {
    float_net *net;
    uint32_t *producer;
} levelling;

static void scale_by(nd *a, float factor)
{
    for (size_t e = 0; e < a->count; e++)
        a->f[e] *= factor;
}

/* The array of a constant that only this node reads, or NULL. */
static nd *own_constant(float_net *net, const float_node *n, uint32_t i)
{
    if (!float_constant(net, n, i) || net->values[n->in[i]].readers != 1)
        return NULL;
    return &net->values[n->in[i]].array;
}

static int level_value(void *context, uint32_t v, nd *array, weft_error *err)
{
    levelling *l = context;
    (void)err;
    const uint32_t node = l->producer[v];
    if (node == FLOAT_NONE || !is_product(&l->net->nodes[node]) || !array->f || !array->count)
        return WEFT_OK;
    const float_node *n = &l->net->nodes[node];
    const int biased = n->in_count > 2 && n->in[2] != FLOAT_NONE;
    nd *w = own_constant(l->net, n, 1), *b = own_constant(l->net, n, 2);
    double sum = 0, squares = 0;
    for (size_t e = 0; e < array->count; e++) {
        sum += (double)array->f[e];
        squares += (double)array->f[e] * (double)array->f[e];
    }
    const double mean = sum / (double)array->count;
    const double deviation = sqrt(squares / (double)array->count - mean * mean);
    if (!w || !l->net->values[n->in[1]].invented || (biased && !b) || !(deviation > 1e-20) ||
        !isfinite(deviation))
        return WEFT_OK;
    const float factor = (float)(1 / deviation);
    scale_by(w, factor);
    scale_by(array, factor);
    if (b)
        scale_by(b, factor);
    return WEFT_OK;
}

int float_level(float_net *net, const nd *inputs, weft_error *err)
{
    levelling l = { net, calloc((size_t)net->value_count + 1, sizeof(uint32_t)) };
    const float_watch watch = { level_value, &l };
    if (!l.producer)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory to level the weights");
    for (uint32_t v = 0; v < net->value_count; v++)
        l.producer[v] = float_producer(net, v);
    int rc = float_net_run(net, inputs, &watch, NULL, err);
    free(l.producer);
    return rc;
}
