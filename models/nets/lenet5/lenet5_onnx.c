/* The graph of int8 LeNet-5, node by node; see lenet5_onnx.h.
 *
 * Names are those of onnx_qdq.h; tensor t of real values is t_dq behind its DequantizeLinear, and
 * what only moves values (pooling, reshaping) shares a quantisation. */
#include "lenet5_onnx.h"

#include "models/quantize/export/onnx_qdq.h"

static void put_quant(pb_writer *graph, const char *of, const lenet5_quant *q)
{
    onnx_put_quant(graph, of, q->scale, ONNX_INT8, q->zero);
}

static int is_conv(size_t id)
{
    return id == LENET5_LAYER_C1 || id == LENET5_LAYER_C3;
}

/* <layer>_weight and <layer>_bias, as real values of the graph. */
static void put_parameters(pb_writer *graph, const lenet5_qnet *net, size_t id)
{
    const lenet5_layer *l = &lenet5_layers[id];
    onnx_name_text weight = onnx_join(l->name, "_weight"), bias = onnx_join(l->name, "_bias");
    onnx_name_text weight_q = onnx_join(l->name, "_weight_q"),
                   bias_q = onnx_join(l->name, "_bias_q");
    float bias_scale[LENET5_MAX_OUTPUTS];
    for (size_t o = 0; o < l->outputs; o++)
        bias_scale[o] = net->in[id].scale * net->weight_scale[id][o];
    onnx_tensor w = { weight_q.text,
                      ONNX_INT8,
                      2,
                      { (int64_t)l->outputs, (int64_t)l->taps },
                      net->weights + l->weights_at };
    if (is_conv(id)) {
        w.rank = 4;
        w.dims[1] /= LENET5_KERNEL * LENET5_KERNEL;
        w.dims[2] = w.dims[3] = LENET5_KERNEL;
    }
    onnx_tensor b = { bias_q.text, ONNX_INT32, 1, { (int64_t)l->outputs }, net->bias[id] };
    onnx_put_dequantized(graph, &w, net->weight_scale[id], weight.text);
    onnx_put_dequantized(graph, &b, bias_scale, bias.text);
}

static void put_conv_attributes(pb_writer *to, size_t id)
{
    const int64_t pad = id == LENET5_LAYER_C1 ? LENET5_PAD : 0;
    const int64_t kernel[2] = { LENET5_KERNEL, LENET5_KERNEL }, strides[2] = { 1, 1 };
    const int64_t pads[4] = { pad, pad, pad, pad };
    onnx_put_attribute_list(to, "kernel_shape", kernel, 2);
    onnx_put_attribute_list(to, "pads", pads, 4);
    onnx_put_attribute_list(to, "strides", strides, 2);
}

/* Convolution or fully connected layer from the real tensor `in` to <layer>, and on to `to`. */
static void put_layer(pb_writer *graph, const lenet5_qnet *net, size_t id, const char *in,
                      const char *to)
{
    const lenet5_layer *l = &lenet5_layers[id];
    onnx_name_text weight = onnx_join(l->name, "_weight"), bias = onnx_join(l->name, "_bias");
    pb_writer attributes = { 0 };
    put_parameters(graph, net, id);
    put_quant(graph, l->name, &net->in[id + 1]);
    if (is_conv(id))
        put_conv_attributes(&attributes, id);
    else
        onnx_put_attribute(&attributes, "transB", 1);
    onnx_put_node(graph, &(onnx_node){ .op = is_conv(id) ? "Conv" : "Gemm",
                                       .name = l->name,
                                       .inputs = { in, weight.text, bias.text },
                                       .output = l->name,
                                       .attributes = &attributes });
    onnx_put_qdq(graph, l->name, l->name, to);
}

static void put_pool(pb_writer *graph, const char *in, const char *like, const char *to)
{
    const int64_t two[2] = { 2, 2 };
    pb_writer attributes = { 0 };
    onnx_put_attribute_list(&attributes, "kernel_shape", two, 2);
    onnx_put_attribute_list(&attributes, "strides", two, 2);
    onnx_put_node(graph, &(onnx_node){ .op = "MaxPool",
                                       .name = to,
                                       .inputs = { in },
                                       .output = to,
                                       .attributes = &attributes });
    onnx_name_text dq = onnx_join(to, "_dq");
    onnx_put_qdq(graph, to, like, dq.text);
}

static void put_flatten(pb_writer *graph, const char *in, const char *like)
{
    static const int64_t SHAPE[2] = { -1, LENET5_S4 };
    onnx_put_tensor(graph, &(onnx_tensor){ "flat_shape", ONNX_INT64, 1, { 2 }, SHAPE });
    onnx_put_node(graph, &(onnx_node){ .op = "Reshape",
                                       .name = "flat",
                                       .inputs = { in, "flat_shape" },
                                       .output = "flat" });
    onnx_put_qdq(graph, "flat", like, "flat_dq");
}

void lenet5_write_onnx(const lenet5_qnet *net, pb_writer *model)
{
    pb_writer graph = { 0 };
    onnx_put_name(&graph, "lenet5_int8");
    onnx_put_input(
        &graph,
        &(onnx_value){ .name = "image", .rank = 4, .dims = { 0, 1, LENET5_SIDE, LENET5_SIDE } });
    onnx_put_output(&graph,
                    &(onnx_value){ .name = "logits", .rank = 2, .dims = { 0, LENET5_CLASSES } });
    put_quant(&graph, "image", &net->in[0]);
    onnx_put_qdq(&graph, "image", "image", "image_dq");
    put_layer(&graph, net, LENET5_LAYER_C1, "image_dq", "c1_dq");
    put_pool(&graph, "c1_dq", "c1", "s2");
    put_layer(&graph, net, LENET5_LAYER_C3, "s2_dq", "c3_dq");
    put_pool(&graph, "c3_dq", "c3", "s4");
    put_flatten(&graph, "s4_dq", "c3");
    put_layer(&graph, net, LENET5_LAYER_C5, "flat_dq", "c5_dq");
    put_layer(&graph, net, LENET5_LAYER_F6, "c5_dq", "f6_dq");
    put_layer(&graph, net, LENET5_LAYER_OUT, "f6_dq", "logits");
    const onnx_about about = {
        .producer = "weft lenet5_train",
        .key = "preprocessing",
        .note = "image = pixel / 256 as float32, pixel 0..255, 0 is background, 1 x 28 x 28; "
                "its int8 value is pixel - 128",
        .opset = 13,
    };
    onnx_put_model(model, &about, &graph);
}
