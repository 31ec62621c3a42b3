/* Quantised pieces of a network; see onnx_qdq.h. */
#include "onnx_qdq.h"

#include <stdio.h>
#include <stdlib.h>

onnx_name_text onnx_join(const char *a, const char *b)
{
    onnx_name_text n;
    snprintf(n.text, sizeof n.text, "%s%s", a, b);
    return n;
}

void onnx_put_quant(pb_writer *graph, const char *of, float scale, onnx_type type,
                    int32_t zero_point)
{
    const onnx_name_text scale_name = onnx_join(of, "_scale"), zero = onnx_join(of, "_zero_point");
    const uint8_t byte = (uint8_t)zero_point;
    onnx_put_tensor(graph,
                    &(onnx_tensor){ .name = scale_name.text, .type = ONNX_FLOAT, .data = &scale });
    onnx_put_tensor(graph, &(onnx_tensor){ .name = zero.text, .type = type, .data = &byte });
}

void onnx_put_qdq(pb_writer *graph, const char *t, const char *like, const char *to)
{
    const onnx_name_text scale = onnx_join(like, "_scale"), zero = onnx_join(like, "_zero_point");
    const onnx_name_text q = onnx_join(t, "_q"), first = onnx_join(t, "_quantize");
    const onnx_name_text second = onnx_join(t, "_dequantize");
    onnx_put_node(graph, &(onnx_node){ .op = "QuantizeLinear",
                                       .name = first.text,
                                       .inputs = { t, scale.text, zero.text },
                                       .output = q.text });
    onnx_put_node(graph, &(onnx_node){ .op = "DequantizeLinear",
                                       .name = second.text,
                                       .inputs = { q.text, scale.text, zero.text },
                                       .output = to });
}

void onnx_put_dequantized(pb_writer *graph, const onnx_tensor *quantised, const float *scales,
                          const char *to)
{
    const onnx_name_text scale = onnx_join(to, "_scale"), zero = onnx_join(to, "_zero_point");
    const onnx_name_text node = onnx_join(to, "_dequantize");
    const int64_t outputs = quantised->dims[0];
    int32_t *zeros = calloc((size_t)outputs + 1, sizeof *zeros);
    pb_writer axis = { 0 };
    if (!zeros) {
        graph->failed = 1;
        return;
    }
    onnx_put_tensor(graph, quantised);
    onnx_put_tensor(graph, &(onnx_tensor){ scale.text, ONNX_FLOAT, 1, { outputs }, scales });
    onnx_put_tensor(graph, &(onnx_tensor){ zero.text, quantised->type, 1, { outputs }, zeros });
    onnx_put_attribute(&axis, "axis", 0);
    onnx_put_node(graph, &(onnx_node){ .op = "DequantizeLinear",
                                       .name = node.text,
                                       .inputs = { quantised->name, scale.text, zero.text },
                                       .output = to,
                                       .attributes = &axis });
    free(zeros);
}
