/* Nodes that change nothing go; nodes the device has no operator for become several it has. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "float_fold.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

/* --- what changes nothing --- */

static int changes_nothing(const float_net *net, const float_node *n)
{
    const char *op = n->proto->op_type;
    if (!strcmp(op, "Identity") || !strcmp(op, "Dropout"))
        return n->out_count < 2 || n->out[1] == FLOAT_NONE || !net->values[n->out[1]].readers;
    if (!strcmp(op, "Cast"))
        return nd_is_float(net->values[n->in[0]].shape.type) &&
               onnx_attr_int(n->proto, "to", 0) == T(FLOAT);
    return (!strcmp(op, "Sum") || !strcmp(op, "Concat") || !strcmp(op, "Max") ||
            !strcmp(op, "Min")) &&
           n->in_count == 1;
}

/* An output of the network keeps its name, so its producer must be there to be renamed. */
static void bypass(float_net *net, uint32_t node)
{
    const uint32_t x = net->nodes[node].in[0], y = net->nodes[node].out[0];
    const uint32_t before = float_producer(net, x);
    if (!float_is_output(net, y)) {
        float_rewire(net, y, x);
        float_kill(net, node);
    } else if (before != FLOAT_NONE && !float_is_output(net, x)) {
        float_kill(net, node);
        float_rewire(net, x, y);
        for (uint32_t k = 0; k < net->nodes[before].out_count; k++)
            if (net->nodes[before].out[k] == x)
                net->nodes[before].out[k] = y;
    }
}

/* --- LRN --- */

/* y = x * (bias + alpha / size * sum of squares over neighbouring channels) ^ -beta, as
 * Mul(x, Pow(Conv(Pow(x, 2)), -beta)) with a 1x1 convolution whose weights form a band. */
static int lower_lrn(float_net *net, uint32_t node, weft_error *err)
{
    const float_node *n = &net->nodes[node];
    const uint32_t x = n->in[0], y = n->out[0];
    const int64_t size = onnx_attr_int(n->proto, "size", 1);
    const float alpha = onnx_attr_float(n->proto, "alpha", 1e-4f) / (float)size;
    const float beta = -onnx_attr_float(n->proto, "beta", 0.75f), two = 2;
    const float bias = onnx_attr_float(n->proto, "bias", 1);
    const char *name = net->values[y].name;
    const size_t channels = net->values[x].shape.dims[1], dims[4] = { channels, channels, 1, 1 };
    uint32_t square, sum, root, power[2], w, b;
    int rc = float_add_value(net, name, "square", x, &square, err);
    if (rc == WEFT_OK)
        rc = float_add_value(net, name, "sum", x, &sum, err);
    if (rc == WEFT_OK)
        rc = float_add_value(net, name, "factor", x, &root, err);
    if (rc == WEFT_OK)
        rc = float_add_floats(net, name, "two", 0, NULL, &two, &power[0], err);
    if (rc == WEFT_OK)
        rc = float_add_floats(net, name, "beta", 0, NULL, &beta, &power[1], err);
    if (rc == WEFT_OK)
        rc = float_add_floats(net, name, "band", 4, dims, NULL, &w, err);
    if (rc == WEFT_OK)
        rc = float_add_floats(net, name, "bias", 1, &channels, NULL, &b, err);
    if (rc != WEFT_OK)
        return rc;
    for (int64_t c = 0; c < (int64_t)channels; c++) {
        net->values[b].array.f[c] = bias;
        for (int64_t k = c - (size - 1) / 2; k <= c + size / 2; k++)
            if (k >= 0 && k < (int64_t)channels)
                net->values[w].array.f[(size_t)c * channels + (size_t)k] = alpha;
    }
    rc = float_insert(net, node, "Pow", 2, (const uint32_t[]){ x, power[0] }, square, err);
    if (rc == WEFT_OK)
        rc = float_insert(net, node + 1, "Conv", 3, (const uint32_t[]){ square, w, b }, sum, err);
    if (rc == WEFT_OK)
        rc = float_insert(net, node + 2, "Pow", 2, (const uint32_t[]){ sum, power[1] }, root, err);
    if (rc == WEFT_OK)
        rc = float_set_op(net, node + 3, "Mul", err);
    return rc == WEFT_OK ? float_set_inputs(net, node + 3, 2, (const uint32_t[]){ x, root }, err)
                         : rc;
}

/* --- Sum, MatMul with a bias --- */

/* Sum(a, b, c, ..) as Add(Add(a, b), c) .., Max and Min likewise; the node itself becomes the last.
 */
static int lower_sum(float_net *net, uint32_t node, weft_error *err)
{
    const char *op = float_is(net, node, "Sum") ? "Add" : net->nodes[node].proto->op_type;
    const uint32_t count = net->nodes[node].in_count, *in = net->nodes[node].in;
    const uint32_t y = net->nodes[node].out[0];
    uint32_t sum = in[0];
    int rc = WEFT_OK;
    for (uint32_t k = 1; k + 1 < count && rc == WEFT_OK; k++, node++) {
        const uint32_t a = sum;
        rc = float_add_value(net, net->values[y].name, "part", y, &sum, err);
        if (rc == WEFT_OK)
            rc = float_insert(net, node, op, 2, (const uint32_t[]){ a, in[k] }, sum, err);
    }
    if (rc == WEFT_OK)
        rc = float_set_op(net, node, op, err);
    return rc == WEFT_OK
               ? float_set_inputs(net, node, 2, (const uint32_t[]){ sum, in[count - 1] }, err)
               : rc;
}

/* MatMul of a matrix by a constant one, and Add of a constant row: one Gemm. */
static int join_bias(float_net *net, uint32_t node, weft_error *err)
{
    const float_node *n = &net->nodes[node];
    const nd *w = float_constant(net, n, 1);
    const uint32_t y = n->out[0], add = float_only_reader(net, y);
    if (!w || w->rank != 2 || net->values[n->in[0]].shape.rank != 2 || !float_is(net, add, "Add"))
        return WEFT_OK;
    const float_node *a = &net->nodes[add];
    const uint32_t at = float_constant(net, a, 1) ? 1 : 0;
    const nd *b = float_constant(net, a, at);
    if (!b || b->count != w->dims[1] || b->dims[b->rank - 1] != b->count || b->rank > 2)
        return WEFT_OK;
    const uint32_t in[3] = { n->in[0], n->in[1], a->in[at] }, result = a->out[0];
    int rc = float_set_op(net, node, "Gemm", err);
    if (rc == WEFT_OK)
        rc = float_set_inputs(net, node, 3, in, err);
    float_kill(net, add);
    net->nodes[node].out[0] = result;
    return rc;
}

/* Gemm with constant sides: alpha and beta into these, the bias one number a column. */
static int plain_gemm(float_net *net, uint32_t node, weft_error *err)
{
    const float_node *n = &net->nodes[node];
    const nd *w = float_constant(net, n, 1), *c = float_constant(net, n, 2);
    const float alpha = onnx_attr_float(n->proto, "alpha", 1);
    const float beta = onnx_attr_float(n->proto, "beta", 1);
    uint32_t in[3] = { n->in[0], FLOAT_NONE, FLOAT_NONE };
    if (!w || w->rank != 2 || (n->in_count > 2 && n->in[2] != FLOAT_NONE && !c))
        return WEFT_OK;
    const size_t columns = w->dims[onnx_attr_int(n->proto, "transB", 0) ? 0 : 1];
    if (c && (c->count == 0 ||
              (c->count != 1 && (c->count != columns || c->dims[c->rank - 1] != columns))))
        return WEFT_OK;
    if (fabsf(alpha - 1) <= 0 && fabsf(beta - 1) <= 0 &&
        (!c || (c->rank == 1 && c->count == columns)))
        return WEFT_OK;
    const char *name = net->values[n->out[0]].name;
    int rc = float_add_floats(net, name, "weight", 2, w->dims, w->f, &in[1], err);
    if (rc == WEFT_OK && c)
        rc = float_add_floats(net, name, "bias", 1, &columns, NULL, &in[2], err);
    if (rc != WEFT_OK)
        return rc;
    c = float_constant(net, n, 2);
    nd *scaled = &net->values[in[1]].array;
    for (size_t e = 0; e < scaled->count; e++)
        scaled->f[e] *= alpha;
    for (size_t e = 0; c && e < columns; e++)
        net->values[in[2]].array.f[e] = beta * c->f[c->count == 1 ? 0 : e];
    net->values[in[1]].invented = net->values[n->in[1]].invented;
    rc = float_set_inputs(net, node, c ? 3 : 2, in, err);
    if (rc == WEFT_OK)
        rc = float_drop_attribute(net, node, "alpha", err);
    return rc == WEFT_OK ? float_drop_attribute(net, node, "beta", err) : rc;
}

/* MaxPool, then Relu or Clip: the other way round, where the limit can join what makes the input.
 */
static void limit_first(float_net *net, uint32_t limit)
{
    const uint32_t x = net->nodes[limit].in[0], pool = float_producer(net, x);
    if (!float_is(net, pool, "MaxPool") || net->values[x].readers != 1 ||
        net->nodes[pool].out_count != 1)
        return;
    const float_node a = net->nodes[pool], b = net->nodes[limit];
    net->nodes[pool] = b;
    net->nodes[pool].out = a.out;
    net->nodes[pool].in[0] = a.in[0];
    net->nodes[limit] = a;
    net->nodes[limit].out = b.out;
    net->nodes[limit].in[0] = x;
    net->values[x].shape = net->values[net->nodes[pool].in[0]].shape;
}

static int is_read(const float_net *net, uint32_t v)
{
    return v != FLOAT_NONE && net->values[v].readers;
}

int float_lower(float_net *net, weft_error *err)
{
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < net->node_count && rc == WEFT_OK; i++) {
        float_node *n = &net->nodes[i];
        if (n->dead)
            continue;
        while (n->out_count > 1 && !is_read(net, n->out[n->out_count - 1]) &&
               !float_is(net, i, "Split")) /* whose outputs share the input */
            n->out_count--;
        if (changes_nothing(net, n))
            bypass(net, i);
        else if (float_is(net, i, "Relu") || float_is(net, i, "Clip"))
            limit_first(net, i);
        else if (float_is(net, i, "LRN") && net->values[n->in[0]].shape.rank == 4)
            rc = lower_lrn(net, i, err);
        else if (float_is(net, i, "Sum") ||
                 ((float_is(net, i, "Max") || float_is(net, i, "Min")) && n->in_count > 2))
            rc = lower_sum(net, i, err);
        else if (float_is(net, i, "MatMul"))
            rc = join_bias(net, i, err);
        if (rc == WEFT_OK && float_is(net, i, "Gemm"))
            rc = plain_gemm(net, i, err);
    }
    return rc;
}
