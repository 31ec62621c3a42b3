/* y = scale[channel] * x + shift[channel] into the convolution or matrix that computes x. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "float_fold.h"

/* What a node does to each channel of its input, if it does no more than that. */
typedef struct affine {
    uint32_t x; /* the value it is done to */
    size_t channels;
    float *scale, *shift;
} affine;

static void affine_free(affine *a)
{
    free(a->scale);
    free(a->shift);
}

static int affine_new(affine *a, const float_net *net, uint32_t x)
{
    const nd *shape = &net->values[x].shape;
    a->x = x;
    a->channels = shape->rank > 1 ? shape->dims[1] : 0;
    a->scale = malloc((a->channels + 1) * sizeof *a->scale);
    a->shift = malloc((a->channels + 1) * sizeof *a->shift);
    for (size_t c = 0; a->scale && a->shift && c < a->channels; c++) {
        a->scale[c] = 1;
        a->shift[c] = 0;
    }
    return a->scale && a->shift && a->channels > 0;
}

/* 1 if constant k has one element, or one for each channel of x and none along other axes. */
static int per_channel(const nd *k, const nd *x)
{
    if (k->count == 1)
        return k->rank <= x->rank;
    for (uint32_t i = 0; i < k->rank; i++)
        if (k->dims[i] != 1 && (k->rank > x->rank || i + x->rank - k->rank != 1))
            return 0;
    return k->rank <= x->rank && k->count == x->dims[1];
}

static int read_batch_norm(const float_net *net, const float_node *n, affine *a)
{
    const nd *p[5] = { NULL };
    if (onnx_attr_int(n->proto, "training_mode", 0)) /* by statistics that are not known yet */
        return 0;
    for (uint32_t i = 1; i < 5; i++)
        if ((p[i] = float_constant(net, n, i)) == NULL)
            return 0;
    if (!affine_new(a, net, n->in[0]))
        return 0;
    const float epsilon = onnx_attr_float(n->proto, "epsilon", 1e-5f);
    for (size_t c = 0; c < a->channels; c++) {
        if (p[1]->count != a->channels || p[2]->count != a->channels ||
            p[3]->count != a->channels || p[4]->count != a->channels)
            return 0;
        a->scale[c] = p[1]->f[c] / sqrtf(p[4]->f[c] + epsilon);
        a->shift[c] = p[2]->f[c] - p[3]->f[c] * a->scale[c];
    }
    return 1;
}

/* Mul, Add, Sub, Div of an activation and a constant. */
static int read_pair(const float_net *net, const float_node *n, affine *a)
{
    const char *op = n->proto->op_type;
    const int product = !strcmp(op, "Mul") || !strcmp(op, "Div");
    const int reverse = !strcmp(op, "Div") || !strcmp(op, "Sub");
    if ((!product && strcmp(op, "Add") != 0 && strcmp(op, "Sub") != 0) || n->in_count != 2)
        return 0;
    const uint32_t at = float_constant(net, n, 1) ? 1 : 0;
    const nd *k = float_constant(net, n, at);
    if (!k || (reverse && at == 0) || float_constant(net, n, 1 - at) ||
        !affine_new(a, net, n->in[1 - at]) || !per_channel(k, &net->values[a->x].shape))
        return 0;
    for (size_t c = 0; c < a->channels; c++) {
        const float v = k->f[k->count == 1 ? 0 : c];
        if (product)
            a->scale[c] = reverse ? 1 / v : v;
        else
            a->shift[c] = reverse ? -v : v;
        if (!isfinite(a->scale[c]))
            return 0;
    }
    return 1;
}

/* --- into a product --- */

/* The axis of the weights that is the output channel, and how often it repeats (groups). */
static int output_axis(const float_node *n, const nd *w, uint32_t *axis)
{
    const char *op = n->proto->op_type;
    if (!strcmp(op, "Conv"))
        *axis = 0;
    else if (!strcmp(op, "ConvTranspose"))
        *axis = 1;
    else if (!strcmp(op, "Gemm"))
        *axis = onnx_attr_int(n->proto, "transB", 0) ? 0 : 1;
    else
        return 0;
    return w->rank > *axis;
}

/* Channel of element e of the weights. */
static size_t channel_of(const float_node *n, const nd *w, uint32_t axis, size_t e)
{
    size_t inner = 1;
    for (uint32_t i = axis + 1; i < w->rank; i++)
        inner *= w->dims[i];
    const size_t c = e / inner % w->dims[axis];
    if (strcmp(n->proto->op_type, "ConvTranspose") != 0)
        return c;
    const size_t groups = (size_t)onnx_attr_int(n->proto, "group", 1);
    return e / inner / w->dims[1] / (w->dims[0] / groups) * w->dims[1] + c;
}

static int merge(float_net *net, uint32_t product, const affine *a, weft_error *err)
{
    float_node *n = &net->nodes[product];
    const nd *w = float_constant(net, n, 1), *b = float_constant(net, n, 2);
    uint32_t axis = 0, in[3] = { n->in[0], FLOAT_NONE, FLOAT_NONE };
    (void)output_axis(n, w, &axis);
    int rc = float_add_floats(net, net->values[n->in[1]].name, "folded", w->rank, w->dims, w->f,
                              &in[1], err);
    if (rc == WEFT_OK)
        rc = float_add_floats(net, net->values[n->in[1]].name, "bias", 1, &a->channels, NULL,
                              &in[2], err);
    if (rc != WEFT_OK)
        return rc;
    n = &net->nodes[product]; /* adding values moves nothing of a node, but may of values */
    w = float_constant(net, n, 1);
    b = float_constant(net, n, 2);
    nd *scaled = &net->values[in[1]].array, *bias = &net->values[in[2]].array;
    for (size_t e = 0; e < w->count; e++)
        scaled->f[e] *= a->scale[channel_of(n, w, axis, e)];
    for (size_t c = 0; c < a->channels; c++)
        bias->f[c] = a->shift[c] + (b ? a->scale[c] * b->f[b->count == 1 ? 0 : c] : 0);
    net->values[in[1]].invented = net->values[n->in[1]].invented;
    return float_set_inputs(net, product, 3, in, err);
}

/* The product that computes x for this one reader and can take the factors; or FLOAT_NONE. */
static uint32_t product_before(const float_net *net, const affine *a)
{
    const uint32_t node = float_producer(net, a->x);
    uint32_t axis;
    if (node == FLOAT_NONE || net->values[a->x].readers != 1)
        return FLOAT_NONE;
    const float_node *n = &net->nodes[node];
    const nd *w = float_constant(net, n, 1), *b = float_constant(net, n, 2);
    const int biased = n->in_count > 2 && n->in[2] != FLOAT_NONE;
    const int plain = fabsf(onnx_attr_float(n->proto, "alpha", 1) - 1) <= 0 &&
                      fabsf(onnx_attr_float(n->proto, "beta", 1) - 1) <= 0;
    if (!w || !output_axis(n, w, &axis) || !plain || (biased && !b) ||
        (b && b->count != 1 && (b->count != a->channels || b->dims[b->rank - 1] != a->channels)))
        return FLOAT_NONE;
    return node;
}

/* A 1x1 convolution of every channel by itself. */
static int as_convolution(float_net *net, uint32_t node, const affine *a, weft_error *err)
{
    const nd *x = &net->values[a->x].shape;
    const char *name = net->values[net->nodes[node].out[0]].name;
    size_t dims[ND_MAX_RANK];
    uint32_t in[3] = { a->x, FLOAT_NONE, FLOAT_NONE };
    for (uint32_t i = 0; i < x->rank; i++)
        dims[i] = i == 0 ? a->channels : 1;
    int rc = float_add_floats(net, name, "scale", x->rank, dims, a->scale, &in[1], err);
    if (rc == WEFT_OK)
        rc = float_add_floats(net, name, "shift", 1, &a->channels, a->shift, &in[2], err);
    if (rc == WEFT_OK)
        rc = float_set_op(net, node, "Conv", err);
    if (rc == WEFT_OK)
        rc = float_set_int(net, node, "group", (int64_t)a->channels, err);
    return rc == WEFT_OK ? float_set_inputs(net, node, 3, in, err) : rc;
}

int float_fold_affine(float_net *net, weft_error *err)
{
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < net->node_count && rc == WEFT_OK; i++) {
        float_node *n = &net->nodes[i];
        affine a = { 0 };
        const int norm = float_is(net, i, "BatchNormalization");
        if (!n->dead && (norm ? read_batch_norm(net, n, &a) : read_pair(net, n, &a))) {
            const uint32_t product = product_before(net, &a), y = n->out[0];
            if (product != FLOAT_NONE) {
                rc = merge(net, product, &a, err);
                float_kill(net, i);
                net->nodes[product].out[0] = y;
            } else if (norm && net->values[a.x].shape.rank > 2) {
                rc = as_convolution(net, i, &a, err);
            }
        }
        affine_free(&a);
    }
    return rc;
}
