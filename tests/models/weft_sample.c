/* A small graph whose program has all kinds of things in its file; see weft_sample.h. */
#include "weft_sample.h"

#include "models/program/weft_file.h"

/* Four by four pixels; float32 without a scale. */
static uint32_t add_image(weft_graph *g, const char *name, uint32_t channels, const float *scale,
                          const int32_t *zp, int *rc)
{
    const weft_tensor_desc d = { .name = name,
                                 .dtype = scale ? WEFT_INT8 : WEFT_FLOAT32,
                                 .rank = 4,
                                 .dims = { 1, 4, 4, channels },
                                 .quant = { scale ? 1 : 0, 0, scale, zp } };
    uint32_t index = WEFT_NONE;
    *rc |= weft_graph_add_tensor(g, &d, &index);
    return index;
}

static void add_node(weft_graph *g, weft_op op, const char *name, uint32_t count,
                     const uint32_t *in, uint32_t out, const void *attr, int *rc)
{
    const weft_node_desc d = { .op = op,
                               .name = name,
                               .requant = WEFT_REQUANT_ONNX,
                               .input_count = count,
                               .inputs = in,
                               .output = out,
                               .attr = attr };
    *rc |= weft_graph_add_node(g, &d, NULL);
}

/* 3x3, of two channels to three, the image as large as it was. */
static void add_conv(weft_graph *g, uint32_t x, uint32_t y, int *rc)
{
    const float scale_w = 0.25f, scale_b = 0.125f;
    const int32_t zero = 0, b[3] = { 100, -5, 7 };
    int8_t w[3 * 9 * 2];
    for (unsigned i = 0; i < sizeof w; i++)
        w[i] = (int8_t)(int)(i * 37 % 255 - 127);
    const weft_tensor_desc weights = { .name = "w",
                                       .dtype = WEFT_INT8,
                                       .rank = 4,
                                       .dims = { 3, 3, 3, 2 },
                                       .quant = { 1, 0, &scale_w, &zero },
                                       .data = w };
    const weft_tensor_desc bias = { .name = "b",
                                    .dtype = WEFT_INT32,
                                    .rank = 1,
                                    .dims = { 3 },
                                    .quant = { 1, 0, &scale_b, &zero },
                                    .data = b };
    const weft_conv_2d conv = { .window = { 3, 3, 1, 1, 1, 1, 1, 1, 1, 1 },
                                .groups = 1,
                                .clamp = { -128, 127 } };
    uint32_t in[3] = { x, WEFT_NONE, WEFT_NONE };
    *rc |= weft_graph_add_tensor(g, &weights, &in[1]);
    *rc |= weft_graph_add_tensor(g, &bias, &in[2]);
    add_node(g, WEFT_OP_CONV_2D, "conv", 3, in, y, &conv, rc);
}

weft_graph *weft_sample_graph(test *t)
{
    weft_graph *g = NULL;
    const float scale = 0.5f, scale_y = 1.5f;
    const int32_t zp = -3;
    int rc = weft_graph_new(&g);
    const uint32_t x = add_image(g, "x", 2, &scale, &zp, &rc);
    const uint32_t y = add_image(g, "y", 3, &scale_y, &zp, &rc);
    const uint32_t f = add_image(g, "f", 3, NULL, NULL, &rc);
    const uint32_t s = add_image(g, "s", 3, NULL, NULL, &rc);
    add_conv(g, x, y, &rc);
    add_node(g, WEFT_OP_DEQUANTIZE, "dq", 1, &y, f, NULL, &rc);
    add_node(g, WEFT_OP_SOFTMAX, "sm", 1, &f, s, &(weft_softmax){ 1.0f }, &rc);
    rc |= weft_graph_add_input(g, &(weft_port){ .name = "image",
                                                .dtype = WEFT_UINT8,
                                                .rank = 4,
                                                .dims = { 1, 2, 4, 4 },
                                                .perm = { 0, 2, 3, 1 },
                                                .tensor = x });
    rc |= weft_graph_add_output(g, &(weft_port){ .name = "probabilities",
                                                 .dtype = WEFT_FLOAT32,
                                                 .rank = 4,
                                                 .dims = { 1, 4, 4, 3 },
                                                 .perm = { 0, 1, 2, 3 },
                                                 .tensor = s });
    weft_error err = { 0 };
    if (rc == WEFT_OK)
        rc = weft_graph_check(g, &err);
    CHECK(t, rc == WEFT_OK, "the graph: %d %s", rc, err.text);
    return g;
}

void weft_sample_source(weft_graph *g)
{
    g->source = weft_source_of(WEFT_SOURCE_ONNX, 4711, 0x12345678);
    weft_source_name(&g->source, "/secret/place/small.onnx");
    weft_source_append(g->source.producer, "hand\n\xc3\xa9", 7);
    weft_source_option(&g->source, "--bind %s=%d", "N", 2);
}

int weft_sample_status(const uint8_t *bytes, size_t count)
{
    weft_program *p = NULL;
    weft_error err = { 0 };
    int rc = weft_program_read(bytes, count, &p, &err);
    weft_program_free(p);
    return rc == err.status ? rc : 1;
}
