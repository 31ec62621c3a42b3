/* What a network must not have to be quantised, beyond operators the device does not know: said
 * before any work is done, with the node's name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quant.h"

static int refuse(const quantizer *q, const float_node *n, weft_error *err, const char *why)
{
    return weft_error_set(err, WEFT_ERR_UNSUPPORTED, "%.40s \"%.100s\": %s", n->proto->op_type,
                          n->out_count ? q->net->values[n->out[0]].name : "", why);
}

static int is_constant(const quantizer *q, const float_node *n, uint32_t i)
{
    return i >= n->in_count || n->in[i] == FLOAT_NONE || q->net->values[n->in[i]].constant;
}

static int is_number(const quantizer *q, const float_node *n, uint32_t i)
{
    const nd *a = float_constant(q->net, n, i);
    return a && a->count == 1;
}

static int is_any(const float_node *n, const char *list)
{
    const char *at = strstr(list, n->proto->op_type);
    const size_t length = strlen(n->proto->op_type);
    return at && at[-1] == ' ' && at[length] == ' ';
}

/* Scales of its own would be read as if they were part of the computation. */
static int is_quantised(const float_net *net)
{
    for (uint32_t i = 0; i < net->node_count; i++)
        if (float_is(net, i, "QuantizeLinear") || float_is(net, i, "QLinearConv"))
            return 1;
    return 0;
}

static int check_node(const quantizer *q, const float_node *n, weft_error *err)
{
    int constant = 1;
    for (uint32_t i = 1; i < n->in_count; i++)
        constant &= is_constant(q, n, i);
    for (uint32_t i = 1; i < n->out_count; i++)
        if (n->out[i] != FLOAT_NONE && q->net->values[n->out[i]].readers && !is_any(n, " Split "))
            return refuse(q, n, err, "its second output is not possible on the device");
    if (is_any(n, " Conv ConvTranspose Gemm ") && !constant)
        return refuse(q, n, err,
                      "its weights or bias are computed; only constants can be quantised");
    if (is_any(n, " Clip LayerNormalization PRelu Pad Slice Gather Reshape Resize Split Squeeze "
                  "Unsqueeze ") &&
        !constant)
        return refuse(q, n, err, "all but its first input must be constant");
    if (is_any(n, " Div Pow ") && !is_number(q, n, 0) && !is_number(q, n, 1))
        return refuse(q, n, err, "one of its inputs must be a constant number");
    if (is_any(n, " Gemm ") && onnx_attr_int(n->proto, "transA", 0))
        return refuse(q, n, err, "only transA 0 is possible");
    return WEFT_OK;
}

enum { LISTED_OPERATORS = 6 };

/* All nodes refused, by operator (the first few): behind the sentence about the first of them. */
static void list_refused(const quantizer *q, const uint8_t *refused, weft_error *err)
{
    const weft_error first = *err;
    const char *type[LISTED_OPERATORS];
    unsigned count[LISTED_OPERATORS] = { 0 }, kinds = 0, all = 0;
    char list[120] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < q->net->node_count; i++) {
        const char *op = q->net->nodes[i].proto->op_type;
        unsigned k = 0;
        if (!refused[i])
            continue;
        while (k < kinds && strcmp(type[k], op) != 0)
            k++;
        if (k == kinds && kinds < LISTED_OPERATORS)
            type[kinds++] = op;
        if (k < kinds)
            count[k]++;
        all++;
    }
    for (unsigned k = 0; k < kinds && used < sizeof list; k++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%u %.30s", used ? ", " : "",
                                 count[k], type[k]);
    if (all > 1)
        weft_error_set(err, first.status, "%.220s; such nodes in all: %s", first.text, list);
}

/* How many nodes there are; rc and err say which cannot be quantised. */
static uint32_t check_nodes(const quantizer *q, int *rc, weft_error *err)
{
    const float_net *net = q->net;
    uint8_t *refused = calloc(net->node_count + 1u, 1);
    uint32_t alive = 0;
    *rc = refused ? WEFT_OK : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory");
    for (uint32_t i = 0; i < net->node_count && refused; i++) {
        weft_error other = { 0 };
        if (net->nodes[i].dead)
            continue;
        refused[i] = check_node(q, &net->nodes[i], *rc == WEFT_OK ? err : &other) != WEFT_OK;
        *rc = refused[i] ? WEFT_ERR_UNSUPPORTED : *rc;
        alive++;
    }
    if (refused && *rc != WEFT_OK)
        list_refused(q, refused, err);
    free(refused);
    return alive;
}

int quant_check(const quantizer *q, weft_error *err)
{
    const float_net *net = q->net;
    int rc = WEFT_OK;
    if (is_quantised(net))
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                              "the network is quantised already; compile it as it is");
    for (uint32_t i = 0; i < net->input_count; i++)
        if (net->values[net->inputs[i].value].readers && !nd_is_float(net->inputs[i].type))
            return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                                  "the input \"%.100s\" is not float32; only float networks can be "
                                  "quantised",
                                  net->values[net->inputs[i].value].name);
    const uint32_t alive = check_nodes(q, &rc, err);
    if (rc == WEFT_OK && alive == 0)
        rc = weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                            "nothing of the network depends on the numbers of its inputs");
    return rc;
}
