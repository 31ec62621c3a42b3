/* The network of the tests of the host library: float32 NCHW, quantised, maximum over 2 x 2, back
 * to float32; as a graph, compiled, and as a program file.  A failure to make one ends the test. */
#ifndef WEFT_TESTS_DEVICE_NETWORK_H
#define WEFT_TESTS_DEVICE_NETWORK_H

#include <stdlib.h>

#include "models/compile/weft_compile.h"
#include "models/program/weft_file.h"
#include "tests/test.h"
#include <weft/weft.h>

enum { H = 6, W = 10, C = 5, IN = H * W * C, OUT = IN / 4 };

static inline uint32_t tensor(weft_graph *g, weft_dtype dtype, uint32_t h, uint32_t w)
{
    static const float scale = 0.25f;
    static const int32_t zero_point = 3;
    uint32_t id = WEFT_NONE;
    weft_tensor_desc d = { .name = "t", .dtype = dtype, .rank = 4, .dims = { 1, h, w, C } };
    if (dtype == WEFT_INT8)
        d.quant = (weft_quant){ .count = 1, .scale = &scale, .zero_point = &zero_point };
    weft_graph_add_tensor(g, &d, &id);
    return id;
}

static inline void node(weft_graph *g, weft_op op, uint32_t in, uint32_t out, const void *attr)
{
    weft_graph_add_node(g,
                        &(weft_node_desc){ .op = op,
                                           .name = "a node",
                                           .requant = WEFT_REQUANT_ONNX,
                                           .input_count = 1,
                                           .inputs = &in,
                                           .output = out,
                                           .attr = attr },
                        NULL);
}

static inline weft_graph *make_graph(test *t)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    const weft_pool_2d pool = { .window = { 2, 2, 2, 2, 1, 1, 0, 0, 0, 0 },
                                .clamp = { -128, 127 } };
    if (weft_graph_new(&g) != WEFT_OK)
        exit(1);
    const uint32_t x = tensor(g, WEFT_FLOAT32, H, W), xq = tensor(g, WEFT_INT8, H, W);
    const uint32_t yq = tensor(g, WEFT_INT8, H / 2, W / 2),
                   y = tensor(g, WEFT_FLOAT32, H / 2, W / 2);
    node(g, WEFT_OP_QUANTIZE, x, xq, NULL);
    node(g, WEFT_OP_MAX_POOL_2D, xq, yq, &pool);
    node(g, WEFT_OP_DEQUANTIZE, yq, y, NULL);
    weft_port p = { .name = "image",
                    .dtype = WEFT_FLOAT32,
                    .rank = 4,
                    .dims = { 1, C, H, W },
                    .perm = { 0, 2, 3, 1 },
                    .tensor = x };
    weft_graph_add_input(g, &p);
    p = (weft_port){ .name = "result",
                     .dtype = WEFT_FLOAT32,
                     .rank = 4,
                     .dims = { 1, C, H / 2, W / 2 },
                     .perm = { 0, 2, 3, 1 },
                     .tensor = y };
    weft_graph_add_output(g, &p);
    CHECK(t, weft_graph_check(g, &err) == WEFT_OK, "%s", err.text);
    return g;
}

typedef struct file {
    uint8_t *bytes;
    size_t n;
} file;

static inline weft_program *compile(test *t, const weft_graph *g, uint32_t rows)
{
    weft_program *p = NULL;
    weft_error err = { 0 };
    weft_hw hw = weft_hw_default(16u << 20);
    hw.rows = rows;
    hw.word_bytes = weft_hw_word_bytes(&hw);
    CHECK(t, weft_compile(g, &hw, NULL, &p, &err) == WEFT_OK, "compile: %s", err.text);
    if (!p)
        exit(1);
    return p;
}

static inline file write_file(test *t, const weft_program *p)
{
    file f = { 0 };
    weft_error err = { 0 };
    CHECK(t, weft_program_write(p, &f.bytes, &f.n, &err) == WEFT_OK, "write: %s", err.text);
    return f;
}

/* Open the file's program and load it, as a user does. */
static inline int load_bytes(weft_device *dev, const void *bytes, size_t n, weft_loaded **net,
                             weft_error *err)
{
    weft_program *p = NULL;
    int rc = weft_program_parse(bytes, n, &p, err);
    if (rc == WEFT_OK)
        rc = weft_load(dev, p, NULL, net, err);
    weft_program_close(p);
    return rc;
}

static inline weft_input input_of(const void *data, size_t bytes, weft_form form)
{
    return (weft_input){ sizeof(weft_input), form, data, bytes };
}

static inline weft_output output_of(void *data, size_t bytes, weft_form form)
{
    return (weft_output){ sizeof(weft_output), form, data, bytes };
}

/* One input, one output. */
static inline int submit_one(weft_loaded *net, const weft_input *in, const weft_output *out,
                             weft_job **job, weft_error *err)
{
    const weft_request r = {
        .struct_bytes = sizeof r, .input_count = 1, .output_count = 1, .inputs = in, .outputs = out
    };
    return weft_submit(net, &r, job, err);
}

#endif
