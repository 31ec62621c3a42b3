/* Which values of a network get which kind of scale: a table of operators and a pass over nodes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quant.h"

typedef enum role {
    PRODUCT,  /* weights and a bias */
    MATRICES, /* a product whose sides may both be computed */
    SUM,      /* of two; with a limit behind it in one step */
    PAIR,     /* of two, or of one and a number */
    SLOPE,    /* PRelu: its constant is never a mere number */
    AVERAGE,  /* own scale, limit behind it in one step */
    LIMIT,    /* Relu, Clip */
    FUNCTION, /* of one number */
    MOVE,     /* results keep the scale of the inputs */
    FLOAT     /* computed in float: softmax */
} role;

static const struct {
    const char *type;
    role role;
} operators[] = {
    { "Abs", FUNCTION },
    { "Add", SUM },
    { "ArgMax", FLOAT },
    { "ArgMin", FLOAT },
    { "AveragePool", AVERAGE },
    { "Ceil", FUNCTION },
    { "Celu", FUNCTION },
    { "Clip", LIMIT },
    { "Concat", MOVE },
    { "Conv", PRODUCT },
    { "ConvTranspose", PRODUCT },
    { "DepthToSpace", MOVE },
    { "Div", PAIR },
    { "Elu", FUNCTION },
    { "Erf", FUNCTION },
    { "Exp", FUNCTION },
    { "Flatten", MOVE },
    { "Floor", FUNCTION },
    { "Gather", MOVE },
    { "Gelu", FUNCTION },
    { "Gemm", PRODUCT },
    { "GlobalAveragePool", AVERAGE },
    { "GlobalMaxPool", MOVE },
    { "HardSigmoid", FUNCTION },
    { "HardSwish", FUNCTION },
    { "LayerNormalization", AVERAGE },
    { "LeakyRelu", FUNCTION },
    { "Log", FUNCTION },
    { "LogSoftmax", FLOAT },
    { "MatMul", MATRICES },
    { "Max", PAIR },
    { "MaxPool", MOVE },
    { "Min", PAIR },
    { "Mish", FUNCTION },
    { "Mul", SUM },
    { "Neg", FUNCTION },
    { "PRelu", SLOPE },
    { "Pad", MOVE },
    { "Pow", PAIR },
    { "Reciprocal", FUNCTION },
    { "ReduceMean", AVERAGE },
    { "Relu", LIMIT },
    { "Reshape", MOVE },
    { "Resize", MOVE },
    { "Round", FUNCTION },
    { "Selu", FUNCTION },
    { "Sigmoid", FUNCTION },
    { "Sign", FUNCTION },
    { "Slice", MOVE },
    { "Softmax", FLOAT },
    { "Softplus", FUNCTION },
    { "Softsign", FUNCTION },
    { "SpaceToDepth", MOVE },
    { "Split", MOVE },
    { "Sqrt", FUNCTION },
    { "Squeeze", MOVE },
    { "Sub", SUM },
    { "Tanh", FUNCTION },
    { "ThresholdedRelu", FUNCTION },
    { "Transpose", MOVE },
    { "Unsqueeze", MOVE },
};

static int role_of(const float_node *n, role *out)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (!strcmp(operators[i].type, n->proto->op_type)) {
            *out = operators[i].role;
            return 1;
        }
    return 0;
}

static int check_operators(const float_net *net, weft_error *err)
{
    enum { KINDS = 8 };
    const char *type[KINDS];
    unsigned count[KINDS], kinds = 0;
    char list[200] = "";
    size_t used = 0;
    role r;
    for (uint32_t i = 0; i < net->node_count; i++) {
        const float_node *n = &net->nodes[i];
        unsigned k = 0;
        if (n->dead || role_of(n, &r))
            continue;
        while (k < kinds && strcmp(type[k], n->proto->op_type) != 0)
            k++;
        if (k == kinds && kinds < KINDS) {
            type[kinds] = n->proto->op_type;
            count[kinds++] = 0;
        }
        if (k < kinds)
            count[k]++;
    }
    for (unsigned k = 0; k < kinds && used < sizeof list; k++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%u %.30s", used ? ", " : "",
                                 count[k], type[k]);
    return kinds ? weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                                  "the device has no operator for these of the network: %s", list)
                 : WEFT_OK;
}

/* --- groups ------------------------------------------------------------------------------- */

uint32_t quant_root(const quantizer *q, uint32_t v)
{
    while (q->values[v].group != v)
        v = q->values[v].group;
    return v;
}

static void join(quantizer *q, uint32_t a, uint32_t b)
{
    a = quant_root(q, a);
    b = quant_root(q, b);
    q->values[a > b ? a : b].group = a < b ? a : b;
}

static int is_activation(const quantizer *q, uint32_t v)
{
    return v != FLOAT_NONE && q->values[v].kind == QUANT_ACTIVATION;
}

/* All inputs and outputs of a node that moves values. */
static void join_moved(quantizer *q, const float_node *n)
{
    for (uint32_t k = 0; k < n->in_count; k++)
        if (is_activation(q, n->in[k]) && is_activation(q, n->out[0]))
            join(q, n->in[k], n->out[0]);
    for (uint32_t k = 1; k < n->out_count; k++)
        if (is_activation(q, n->out[k]) && is_activation(q, n->out[0]))
            join(q, n->out[k], n->out[0]);
}

/* --- values ------------------------------------------------------------------------------- */

/* Can a limit that alone reads the result of this node be part of it? */
static int takes_limit(const float_node *n)
{
    role r;
    return role_of(n, &r) && (r == PRODUCT || r == MATRICES || r == SUM || r == AVERAGE) &&
           strcmp(n->proto->op_type, "ReduceMean") != 0;
}

/* An Add of a constant row that is the bias of the MatMul before it. */
static int is_bias_of(const quantizer *q, const float_node *add, uint32_t product)
{
    const float_node *m = &q->net->nodes[product];
    const uint32_t at = float_constant(q->net, add, 1) ? 1 : 0;
    const nd *w = float_constant(q->net, m, 1), *b = float_constant(q->net, add, at);
    return w && b && w->rank == 2 && b->count == w->dims[1] && b->rank == 1;
}

/* 1 if the value needs no scale because the node that alone reads it is computed in one step with
 * the node that makes it. */
static int is_inside(const quantizer *q, uint32_t v, uint32_t producer)
{
    const uint32_t reader = float_only_reader(q->net, v);
    if (reader == FLOAT_NONE)
        return 0;
    if (float_is(q->net, producer, "MatMul") && float_is(q->net, reader, "Add"))
        return is_bias_of(q, &q->net->nodes[reader], producer);
    return (float_is(q->net, reader, "Relu") || float_is(q->net, reader, "Clip")) &&
           q->net->nodes[reader].in[0] == v && takes_limit(&q->net->nodes[producer]);
}

/* A result in float is quantised if something on the device reads it. */
static int device_reads(const quantizer *q, uint32_t v)
{
    role r;
    for (uint32_t i = 0; i < q->net->node_count; i++) {
        const float_node *n = &q->net->nodes[i];
        for (uint32_t k = 0; !n->dead && k < n->in_count; k++)
            if (n->in[k] == v && role_of(n, &r) && r != FLOAT)
                return 1;
    }
    return 0;
}

static void plan_result(quantizer *q, uint32_t node, role r, uint32_t v)
{
    if (!nd_is_float(q->net->values[v].shape.type) || is_inside(q, v, node) ||
        (r == FLOAT && !device_reads(q, v)))
        return;
    q->values[v].kind = QUANT_ACTIVATION;
}

/* --- constants ---------------------------------------------------------------------------- */

/* A constant of its own for input k, so that it can have the scale this node needs. */
static int own_constant(quantizer *q, uint32_t node, uint32_t k, quant_kind kind, weft_error *err)
{
    float_net *net = q->net;
    const uint32_t before = net->nodes[node].in[k], count = net->nodes[node].in_count;
    uint32_t v = before;
    int rc = WEFT_OK;
    if (net->values[v].readers > 1) {
        uint32_t *in = malloc((count + 1) * sizeof *in);
        const nd *a = &net->values[v].array;
        rc = float_add_floats(net, net->values[v].name, "own", a->rank, a->dims, a->f, &v, err);
        if (rc == WEFT_OK && in) {
            memcpy(in, net->nodes[node].in, count * sizeof *in);
            in[k] = v;
            rc = float_set_inputs(net, node, count, in, err);
        }
        rc = in ? rc : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a constant");
        free(in);
    }
    quant_value *more = rc == WEFT_OK ? realloc(q->values, net->value_room * sizeof *more) : NULL;
    if (!more)
        return rc == WEFT_OK ? weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for scales") : rc;
    q->values = more;
    if (v != before)
        q->values[v] = (quant_value){ .group = v };
    q->values[v].kind = kind;
    return WEFT_OK;
}

static uint32_t channel_axis(const float_node *n, const nd *w)
{
    const char *op = n->proto->op_type;
    if (!strcmp(op, "Gemm"))
        return onnx_attr_int(n->proto, "transB", 0) ? 0 : 1;
    return !strcmp(op, "Conv") ? 0 : !strcmp(op, "ConvTranspose") ? 1 : w->rank - 1;
}

/* Weights at input 1, the bias at input k of `biased` (the node itself, or an Add behind it). */
static int plan_product(quantizer *q, uint32_t node, weft_error *err)
{
    const float_node *n = &q->net->nodes[node];
    const nd *w = float_constant(q->net, n, 1);
    const int matmul = !strcmp(n->proto->op_type, "MatMul");
    if (!w || (matmul && w->rank != 2))
        return w ? own_constant(q, node, 1, QUANT_OPERAND, err) : WEFT_OK;
    int rc = own_constant(q, node, 1, QUANT_WEIGHT, err);
    if (rc != WEFT_OK)
        return rc;
    n = &q->net->nodes[node];
    w = float_constant(q->net, n, 1);
    const uint32_t weight = n->in[1], x = n->in[0];
    const int one =
        !strcmp(n->proto->op_type, "ConvTranspose") && onnx_attr_int(n->proto, "group", 1) != 1;
    q->values[weight].axis = channel_axis(n, w);
    q->values[weight].count = one ? 1 : (uint32_t)w->dims[q->values[weight].axis];
    uint32_t biased = node, at = 2;
    if (matmul) {
        biased = float_only_reader(q->net, n->out[0]);
        if (!float_is(q->net, biased, "Add") || !is_bias_of(q, &q->net->nodes[biased], node))
            return WEFT_OK;
        at = float_constant(q->net, &q->net->nodes[biased], 1) ? 1 : 0;
    }
    if (!float_constant(q->net, &q->net->nodes[biased], at))
        return WEFT_OK;
    rc = own_constant(q, biased, at, QUANT_BIAS, err);
    if (rc != WEFT_OK)
        return rc;
    quant_value *b = &q->values[q->net->nodes[biased].in[at]];
    b->input = x;
    b->weight = weight;
    return WEFT_OK;
}

/* Constants of two-input operators; mere numbers stay float and make a function of one number. */
static int plan_operands(quantizer *q, uint32_t node, role r, weft_error *err)
{
    int rc = WEFT_OK;
    for (uint32_t k = 0; k < q->net->nodes[node].in_count && rc == WEFT_OK; k++) {
        const nd *a = float_constant(q->net, &q->net->nodes[node], k);
        if (!a || (a->count == 1 && r != SLOPE) ||
            q->values[q->net->nodes[node].in[k]].kind != QUANT_NONE)
            continue;
        rc = own_constant(q, node, k, QUANT_OPERAND, err);
    }
    return rc;
}

static int plan_constants(quantizer *q, weft_error *err)
{
    int rc = WEFT_OK;
    role r;
    for (uint32_t i = 0; i < q->net->node_count && rc == WEFT_OK; i++)
        if (!q->net->nodes[i].dead && role_of(&q->net->nodes[i], &r) &&
            (r == PRODUCT || r == MATRICES))
            rc = plan_product(q, i, err);
    for (uint32_t i = 0; i < q->net->node_count && rc == WEFT_OK; i++) {
        const float_node *n = &q->net->nodes[i];
        if (n->dead || !role_of(n, &r))
            continue;
        if (r == SUM || r == PAIR || r == SLOPE ||
            (r == MOVE && !strcmp(n->proto->op_type, "Concat")))
            rc = plan_operands(q, i, r, err);
    }
    return rc;
}

int quant_plan(quantizer *q, weft_error *err)
{
    float_net *net = q->net;
    role r;
    int rc = quant_check(q, err);
    if (rc == WEFT_OK)
        rc = check_operators(net, err);
    if (rc != WEFT_OK)
        return rc;
    q->values = calloc(net->value_room, sizeof *q->values);
    if (!q->values)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for scales");
    for (uint32_t v = 0; v < net->value_count; v++)
        q->values[v].group = v;
    for (uint32_t i = 0; i < net->input_count; i++)
        if (nd_is_float(net->inputs[i].type) && net->values[net->inputs[i].value].readers)
            q->values[net->inputs[i].value].kind = QUANT_ACTIVATION;
    for (uint32_t i = 0; i < net->node_count; i++)
        for (uint32_t k = 0; !net->nodes[i].dead && k < net->nodes[i].out_count; k++)
            if (net->nodes[i].out[k] != FLOAT_NONE && role_of(&net->nodes[i], &r))
                plan_result(q, i, r, net->nodes[i].out[k]);
    rc = plan_constants(q, err);
    for (uint32_t i = 0; i < net->node_count && rc == WEFT_OK; i++)
        if (!net->nodes[i].dead && role_of(&net->nodes[i], &r) && r == MOVE)
            join_moved(q, &net->nodes[i]);
    return rc;
}
