/* A calibrated network as an ONNX file; see zoo.h.
 *
 * Activations are uint8, weights int8: what ONNX Runtime computes in integers throughout on x86.
 * With int8 activations it leaves the layers around a residual addition in float32.
 * Tensor t of real values is t_dq behind its QuantizeLinear and DequantizeLinear; a pooling of the
 * maximum keeps the scale of its input by value, under a name of its own. */
#include <stdlib.h>

#include "models/quantize/export/onnx_qdq.h"
#include "zoo_own.h"

typedef onnx_name_text name;

/* t -> t_q -> t_dq. */
static void put_qdq(pb_writer *graph, const char *t, const char *t_dq, const zoo_quant *q)
{
    onnx_put_quant(graph, t, q->scale, ONNX_UINT8, q->zero_point + 128);
    onnx_put_qdq(graph, t, t, t_dq);
}

static name value_of(const zoo_net *net, int node)
{
    return onnx_join(node == ZOO_INPUT ? "image" : net->nodes[node].name, "_dq");
}

/* <node>_weight and <node>_bias. */
static int put_parameters(pb_writer *graph, const zoo_net *net, uint32_t i)
{
    const zoo_node *n = &net->nodes[i];
    const zoo_constants *k = &net->constants[i];
    const name weight = onnx_join(n->name, "_weight"), weight_q = onnx_join(n->name, "_weight_q");
    const name bias = onnx_join(n->name, "_bias"), bias_q = onnx_join(n->name, "_bias_q");
    const float in_scale = n->from == ZOO_INPUT ? net->input.scale : net->quant[n->from].scale;
    float *bias_scale = malloc(n->channels * sizeof *bias_scale);
    if (!bias_scale)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t c = 0; c < n->channels; c++)
        bias_scale[c] = in_scale * k->scale[c];
    onnx_tensor w = { weight_q.text, ONNX_INT8, 2, { n->channels, zoo_taps(n) }, k->weights };
    if (n->kind == ZOO_CONV) {
        w.rank = 4;
        w.dims[1] = n->depthwise ? 1 : n->in_channels;
        w.dims[2] = w.dims[3] = n->kernel;
    }
    const onnx_tensor b = { bias_q.text, ONNX_INT32, 1, { n->channels }, k->bias };
    onnx_put_dequantized(graph, &w, k->scale, weight.text);
    onnx_put_dequantized(graph, &b, bias_scale, bias.text);
    free(bias_scale);
    return WEFT_OK;
}

static void put_window(pb_writer *to, const zoo_node *n)
{
    const int64_t kernel[2] = { n->kernel, n->kernel }, strides[2] = { n->stride, n->stride };
    const int64_t pads[4] = { n->pad, n->pad, n->pad, n->pad };
    onnx_put_attribute_list(to, "kernel_shape", kernel, 2);
    onnx_put_attribute_list(to, "pads", pads, 4);
    onnx_put_attribute_list(to, "strides", strides, 2);
    if (n->kind == ZOO_CONV)
        onnx_put_attribute(to, "group", n->depthwise ? n->channels : 1);
}

/* The operator itself, from real values to `to`. */
static void put_operator(pb_writer *graph, const zoo_net *net, uint32_t i, const char *to)
{
    static const char *const ops[] = { "Conv", "MaxPool", "Add", "GlobalAveragePool", "Gemm" };
    const zoo_node *n = &net->nodes[i];
    const name weight = onnx_join(n->name, "_weight"), bias = onnx_join(n->name, "_bias");
    const name flat = onnx_join(n->name, "_flat"), in = value_of(net, n->from);
    const name other = value_of(net, n->other);
    pb_writer attributes = { 0 };
    onnx_node node = { .op = ops[n->kind], .name = n->name, .inputs = { in.text }, .output = to };
    if (n->kind == ZOO_CONV || n->kind == ZOO_MAX_POOL)
        put_window(&attributes, n);
    if (n->kind == ZOO_CONV || n->kind == ZOO_FC) {
        node.inputs[1] = weight.text;
        node.inputs[2] = bias.text;
    }
    if (n->kind == ZOO_ADD)
        node.inputs[1] = other.text;
    if (n->kind == ZOO_FC) {
        onnx_put_attribute(&attributes, "transB", 1);
        node.inputs[0] = flat.text;
    }
    node.attributes = &attributes;
    onnx_put_node(graph, &node);
}

/* Images become rows in front of a fully connected node. */
static void put_flatten(pb_writer *graph, const zoo_net *net, uint32_t i)
{
    const zoo_node *n = &net->nodes[i];
    const name in = value_of(net, n->from), raw = onnx_join(n->name, "_rows");
    const name flat = onnx_join(n->name, "_flat");
    onnx_put_node(
        graph, &(onnx_node){
                   .op = "Flatten", .name = raw.text, .inputs = { in.text }, .output = raw.text });
    put_qdq(graph, raw.text, flat.text, &net->quant[n->from]);
}

static void put_clamp(pb_writer *graph, const zoo_node *n, const char *from)
{
    if (n->clamp == ZOO_RELU) {
        const name relu = onnx_join(n->name, "_relu");
        onnx_put_node(
            graph,
            &(onnx_node){ .op = "Relu", .name = relu.text, .inputs = { from }, .output = n->name });
        return;
    }
    static const float ZERO = 0.0f, SIX = 6.0f;
    const name clip = onnx_join(n->name, "_clip"), lo = onnx_join(n->name, "_lo"),
               hi = onnx_join(n->name, "_hi");
    onnx_put_tensor(graph, &(onnx_tensor){ .name = lo.text, .type = ONNX_FLOAT, .data = &ZERO });
    onnx_put_tensor(graph, &(onnx_tensor){ .name = hi.text, .type = ONNX_FLOAT, .data = &SIX });
    onnx_put_node(graph, &(onnx_node){ .op = "Clip",
                                       .name = clip.text,
                                       .inputs = { from, lo.text, hi.text },
                                       .output = n->name });
}

static int put_node(pb_writer *graph, const zoo_net *net, uint32_t i)
{
    const zoo_node *n = &net->nodes[i];
    const name before = onnx_join(n->name, "_sum"), dq = value_of(net, (int)i);
    const int clamps = n->clamp != ZOO_LINEAR, last = i + 1 == net->count;
    int rc = WEFT_OK;
    if (n->kind == ZOO_FC)
        put_flatten(graph, net, i);
    if (n->kind == ZOO_CONV || n->kind == ZOO_FC)
        rc = put_parameters(graph, net, i);
    put_operator(graph, net, i, clamps ? before.text : n->name);
    if (clamps)
        put_clamp(graph, n, before.text);
    put_qdq(graph, n->name, last ? "logits" : dq.text, &net->quant[i]);
    return rc;
}

static int write_net(const zoo_net *net, uint8_t **out, size_t *byte_count, weft_error *err)
{
    pb_writer graph = { 0 }, model = { 0 };
    const int64_t side = net->options.size, classes = net->options.classes;
    onnx_put_name(&graph, net->options.name);
    onnx_put_input(
        &graph,
        &(onnx_value){ .name = "image", .rank = 4, .dims = { 0, ZOO_INPUT_CHANNELS, side, side } });
    onnx_put_output(&graph, &(onnx_value){ .name = "logits", .rank = 2, .dims = { 0, classes } });
    put_qdq(&graph, "image", "image_dq", &net->input);
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < net->count && rc == WEFT_OK; i++)
        rc = put_node(&graph, net, i);
    const onnx_about about = { .producer = "weft zoo",
                               .key = "preprocessing",
                               .note = "seeded weights; image in -2..2, NCHW",
                               .opset = 13 };
    onnx_put_model(&model, &about, &graph);
    if (rc != WEFT_OK || model.failed) {
        pb_free(&model);
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for the network");
    }
    *out = model.at;
    *byte_count = model.bytes;
    return WEFT_OK;
}

int weft_zoo_make(const weft_zoo_options *o, const weft_progress *progress, uint8_t **out,
                  size_t *byte_count, weft_error *err)
{
    *out = NULL;
    zoo_net *net = calloc(1, sizeof *net);
    if (!net)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for the network");
    net->options = *o;
    int rc = zoo_expand(net, err);
    if (rc == WEFT_OK)
        rc = zoo_calibrate(net, progress, err);
    if (rc == WEFT_OK)
        rc = write_net(net, out, byte_count, err);
    for (uint32_t i = 0; i < ZOO_MAX_NODES; i++) {
        free(net->constants[i].weights);
        free(net->constants[i].bias);
        free(net->constants[i].scale);
    }
    free(net);
    return rc;
}
