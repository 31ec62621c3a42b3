/* A small graph whose program has all kinds of things in its file; see weft_sample.h. */
#include "weft_sample.h"

#include "../../models/format/weft_file.h"

weft_graph *weft_sample_graph(test *t)
{
    weft_graph *g = NULL;
    float scale = 0.5f, scale_w = 0.25f, scale_y = 1.5f, scale_b = 0.125f;
    int32_t zp = -3, zero = 0;
    int8_t w[3 * 9 * 2];
    int32_t b[3] = { 100, -5, 7 };
    uint32_t x, wt, bt, y, f, s;
    for (unsigned i = 0; i < sizeof w; i++)
        w[i] = (int8_t)(int)(i * 37 % 255 - 127);
    int rc = weft_graph_new(&g);
    rc |= weft_graph_add_tensor(g,
                                &(weft_tensor_desc){ .name = "x",
                                                     .dtype = WEFT_INT8,
                                                     .rank = 4,
                                                     .dims = { 1, 4, 4, 2 },
                                                     .quant = { 1, 0, &scale, &zp } },
                                &x);
    rc |= weft_graph_add_tensor(g,
                                &(weft_tensor_desc){ .name = "w",
                                                     .dtype = WEFT_INT8,
                                                     .rank = 4,
                                                     .dims = { 3, 3, 3, 2 },
                                                     .quant = { 1, 0, &scale_w, &zero },
                                                     .data = w },
                                &wt);
    rc |= weft_graph_add_tensor(g,
                                &(weft_tensor_desc){ .name = "b",
                                                     .dtype = WEFT_INT32,
                                                     .rank = 1,
                                                     .dims = { 3 },
                                                     .quant = { 1, 0, &scale_b, &zero },
                                                     .data = b },
                                &bt);
    rc |= weft_graph_add_tensor(g,
                                &(weft_tensor_desc){ .name = "y",
                                                     .dtype = WEFT_INT8,
                                                     .rank = 4,
                                                     .dims = { 1, 4, 4, 3 },
                                                     .quant = { 1, 0, &scale_y, &zp } },
                                &y);
    rc |= weft_graph_add_tensor(
        g,
        &(weft_tensor_desc){
            .name = "f", .dtype = WEFT_FLOAT32, .rank = 4, .dims = { 1, 4, 4, 3 } },
        &f);
    rc |= weft_graph_add_tensor(
        g,
        &(weft_tensor_desc){
            .name = "s", .dtype = WEFT_FLOAT32, .rank = 4, .dims = { 1, 4, 4, 3 } },
        &s);
    weft_conv_2d conv = { .window = { 3, 3, 1, 1, 1, 1, 1, 1, 1, 1 },
                          .groups = 1,
                          .clamp = { -128, 127 } };
    rc |= weft_graph_add_node(g,
                              &(weft_node_desc){ .op = WEFT_OP_CONV_2D,
                                                 .name = "conv",
                                                 .requant = WEFT_REQUANT_ONNX,
                                                 .input_count = 3,
                                                 .inputs = (uint32_t[]){ x, wt, bt },
                                                 .output = y,
                                                 .attr = &conv },
                              NULL);
    rc |= weft_graph_add_node(g,
                              &(weft_node_desc){ .op = WEFT_OP_DEQUANTIZE,
                                                 .name = "dq",
                                                 .requant = WEFT_REQUANT_ONNX,
                                                 .input_count = 1,
                                                 .inputs = &y,
                                                 .output = f },
                              NULL);
    rc |= weft_graph_add_node(g,
                              &(weft_node_desc){ .op = WEFT_OP_SOFTMAX,
                                                 .name = "sm",
                                                 .requant = WEFT_REQUANT_ONNX,
                                                 .input_count = 1,
                                                 .inputs = &f,
                                                 .output = s,
                                                 .attr = &(weft_softmax){ 1.0f } },
                              NULL);
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
