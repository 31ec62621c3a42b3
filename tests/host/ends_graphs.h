/* Networks whose ends the host computes: softmax and its logarithm, on int8 and on float32, and
 * positions of extremes, behind a table on the device. */
#ifndef WEFT_TESTS_ENDS_GRAPHS_H
#define WEFT_TESTS_ENDS_GRAPHS_H

#include <string.h>

#include "models/program/weft_program.h"

enum { ROWS = 6, WIDTH = 10, COUNT = ROWS * WIDTH };

static const uint32_t shape[4] = { 1, 2, ROWS / 2, WIDTH };

static inline uint32_t shaped(weft_graph *g, weft_dtype dtype, const uint32_t *dims, float scale,
                              int32_t zp)
{
    uint32_t id = WEFT_NONE;
    weft_tensor_desc d = { .name = "t", .dtype = dtype, .rank = 4 };
    memcpy(d.dims, dims, sizeof shape);
    if (dtype == WEFT_INT8)
        d.quant = (weft_quant){ .count = 1, .scale = &scale, .zero_point = &zp };
    (void)weft_graph_add_tensor(g, &d, &id);
    return id;
}

static inline uint32_t tensor(weft_graph *g, weft_dtype dtype, float scale, int32_t zp)
{
    return shaped(g, dtype, shape, scale, zp);
}

static inline void node(weft_graph *g, weft_op op, uint32_t in, uint32_t out, const void *attr)
{
    const weft_node_desc d = {
        .op = op, .name = "n", .input_count = 1, .inputs = &in, .output = out, .attr = attr
    };
    (void)weft_graph_add_node(g, &d, NULL);
}

static inline weft_port port(uint32_t index, weft_dtype dtype)
{
    return (weft_port){ .name = "p",
                        .dtype = dtype,
                        .rank = 4,
                        .dims = { 1, 2, ROWS / 2, WIDTH },
                        .perm = { 0, 1, 2, 3 },
                        .tensor = index };
}

/* A table on the device, then `op` on int8 and a RESHAPE, or DEQUANTIZE and `op` on float32. */
static inline weft_graph *make(weft_op op, int on_float, float beta)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    int8_t entries[256];
    const weft_table table = { entries };
    const weft_softmax softmax = { beta };
    const void *attr = op == WEFT_OP_SOFTMAX ? &softmax : NULL;
    for (int i = 0; i < 256; i++)
        entries[i] = (int8_t)(127 - i);
    if (weft_graph_new(&g) != WEFT_OK)
        return NULL;
    const uint32_t x = tensor(g, WEFT_INT8, 0.1f, 5), t = tensor(g, WEFT_INT8, 0.1f, 5);
    node(g, WEFT_OP_TABLE, x, t, &table);
    uint32_t y;
    if (on_float) {
        const uint32_t real = tensor(g, WEFT_FLOAT32, 0, 0);
        y = tensor(g, WEFT_FLOAT32, 0, 0);
        node(g, WEFT_OP_DEQUANTIZE, t, real, NULL);
        node(g, op, real, y, attr);
    } else {
        const float scale = op == WEFT_OP_SOFTMAX ? 1.0f / 256 : 1.0f / 16;
        const int32_t zp = op == WEFT_OP_SOFTMAX ? -128 : 127;
        const uint32_t soft = tensor(g, WEFT_INT8, scale, zp);
        y = tensor(g, WEFT_INT8, scale, zp);
        node(g, op, t, soft, attr);
        node(g, WEFT_OP_RESHAPE, soft, y, NULL);
    }
    const weft_port in = port(x, WEFT_INT8), out = port(y, on_float ? WEFT_FLOAT32 : WEFT_UINT8);
    (void)weft_graph_add_input(g, &in);
    (void)weft_graph_add_output(g, &out);
    return weft_graph_check(g, &err) == WEFT_OK ? g : NULL;
}

/* A table on the device, softmax on float32 behind it, QUANTIZE; then DEQUANTIZE, or a table that
 * the device would have to compute, or nothing. */
static inline weft_graph *make_quantised(weft_op op, weft_op last)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    int8_t entries[256];
    const weft_table table = { entries };
    const weft_softmax softmax = { 1.0f };
    for (int i = 0; i < 256; i++)
        entries[i] = (int8_t)(127 - i);
    if (weft_graph_new(&g) != WEFT_OK)
        return NULL;
    const uint32_t x = tensor(g, WEFT_INT8, 0.1f, 5), t = tensor(g, WEFT_INT8, 0.1f, 5);
    const uint32_t real = tensor(g, WEFT_FLOAT32, 0, 0), soft = tensor(g, WEFT_FLOAT32, 0, 0);
    const float step = op == WEFT_OP_SOFTMAX ? 1.0f / 128 : 1.0f / 4;
    uint32_t y = tensor(g, WEFT_INT8, step, 3);
    node(g, WEFT_OP_TABLE, x, t, &table);
    node(g, WEFT_OP_DEQUANTIZE, t, real, NULL);
    node(g, op, real, soft, op == WEFT_OP_SOFTMAX ? &softmax : NULL);
    node(g, WEFT_OP_QUANTIZE, soft, y, NULL);
    if (last != WEFT_OP_QUANTIZE) {
        const int to_float = last == WEFT_OP_DEQUANTIZE;
        const uint32_t end = tensor(g, to_float ? WEFT_FLOAT32 : WEFT_INT8, step, 3);
        node(g, last, y, end, last == WEFT_OP_TABLE ? &table : NULL);
        y = end;
    }
    const weft_port in = port(x, WEFT_INT8), out = port(y, g->tensors[y].dtype);
    (void)weft_graph_add_input(g, &in);
    (void)weft_graph_add_output(g, &out);
    return weft_graph_check(g, &err) == WEFT_OK ? g : NULL;
}

/* Bits of `way`: the type, the direction, which of equals, two axes; few different values. */
static inline weft_graph *make_positions(unsigned way, weft_port *out)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    int8_t entries[256];
    const weft_table table = { entries };
    const weft_argmax attr = { 1 + (way >> 3), way >> 1 & 1, way >> 2 & 1 };
    for (int i = 0; i < 256; i++)
        entries[i] = (int8_t)(i % 5 - 2);
    if (attr.axis > 3 || weft_graph_new(&g) != WEFT_OK)
        return NULL;
    uint32_t dims[4];
    memcpy(dims, shape, sizeof dims);
    dims[attr.axis] = 1;
    const uint32_t x = tensor(g, WEFT_INT8, 0.1f, 5), t = tensor(g, WEFT_INT8, 0.1f, 5);
    const uint32_t real = tensor(g, WEFT_FLOAT32, 0, 0), y = shaped(g, WEFT_INT32, dims, 0, 0);
    node(g, WEFT_OP_TABLE, x, t, &table);
    node(g, WEFT_OP_DEQUANTIZE, t, real, NULL);
    node(g, WEFT_OP_ARGMAX, way & 1 ? real : t, y, &attr);
    const weft_port in = port(x, WEFT_INT8);
    *out = (weft_port){ .name = "p",
                        .dtype = way & 2 ? WEFT_INT64 : WEFT_INT32,
                        .rank = 4,
                        .dims = { dims[3], dims[0], dims[1], dims[2] },
                        .perm = { 1, 2, 3, 0 },
                        .tensor = y };
    (void)weft_graph_add_input(g, &in);
    (void)weft_graph_add_output(g, out);
    return weft_graph_check(g, &err) == WEFT_OK ? g : NULL;
}

#endif
