/* Graphs of one convolution; see one_conv.h. */
#include "one_conv.h"

#include <stdlib.h>
#include <string.h>

weft_graph *conv_graph(test *t, shape s)
{
    weft_graph *g = NULL;
    const float scale = 0.5f, scale_y = 100.0f;
    const int32_t zp = 0;
    uint32_t x, w, y;
    uint32_t ho = (s.h + 2 * s.pad - s.dilation * (s.kh - 1) - 1) / s.stride + 1;
    uint32_t wo = (s.w + 2 * s.pad - s.dilation * (s.kw - 1) - 1) / s.stride + 1;
    int8_t *data = calloc((size_t)s.co * s.kh * s.kw * (s.ci / s.groups), 1);
    int rc = data ? weft_graph_new(&g) : WEFT_ERR_NO_MEMORY;
    if (rc == WEFT_OK) {
        weft_tensor_desc d = { .name = "x",
                               .dtype = WEFT_INT8,
                               .rank = 4,
                               .dims = { 1, s.h, s.w, s.ci },
                               .quant = { 1, 0, &scale, &zp } };
        rc |= weft_graph_add_tensor(g, &d, &x);
        d = (weft_tensor_desc){ .name = "w",
                                .dtype = WEFT_INT8,
                                .rank = 4,
                                .dims = { s.co, s.kh, s.kw, s.ci / s.groups },
                                .quant = { 1, 0, &scale, &zp },
                                .data = data };
        rc |= weft_graph_add_tensor(g, &d, &w);
        d = (weft_tensor_desc){ .name = "y",
                                .dtype = WEFT_INT8,
                                .rank = 4,
                                .dims = { 1, ho, wo, s.co },
                                .quant = { 1, 0, &scale_y, &zp } };
        rc |= weft_graph_add_tensor(g, &d, &y);
        const weft_conv_2d a = { .window = { s.kh, s.kw, s.stride, s.stride, s.dilation, s.dilation,
                                             s.pad, s.pad, s.pad, s.pad },
                                 .groups = s.groups,
                                 .clamp = { -128, 127 } };
        const uint32_t in[] = { x, w };
        rc |= weft_graph_add_node(g,
                                  &(weft_node_desc){ .op = WEFT_OP_CONV_2D,
                                                     .name = "conv",
                                                     .requant = WEFT_REQUANT_TFLITE,
                                                     .input_count = 2,
                                                     .inputs = in,
                                                     .output = y,
                                                     .attr = &a },
                                  NULL);
        weft_port port = { .name = "p", .dtype = WEFT_INT8, .rank = 4, .perm = { 0, 1, 2, 3 } };
        memcpy(port.dims, g->tensors[x].dims, sizeof port.dims);
        port.tensor = x;
        rc |= weft_graph_add_input(g, &port);
        memcpy(port.dims, g->tensors[y].dims, sizeof port.dims);
        port.tensor = y;
        rc |= weft_graph_add_output(g, &port);
        weft_error err = { 0 };
        if (rc == WEFT_OK)
            rc = weft_graph_check(g, &err);
    }
    free(data);
    CHECK(t, rc == WEFT_OK, "graph: %d", rc);
    return g;
}

sums sums_of(const weft_program *prog)
{
    sums s = { 0 };
    const uint8_t *at = prog->image + (prog->prog_addr - prog->image_addr);
    for (uint32_t i = 0; i < prog->prog_count; i++) {
        weft_cmd c;
        const unsigned units = weft_op_units(at[0]);
        weft_cmd_fetch(&c, units, at);
        at += units * (size_t)WEFT_CMD_UNIT_BYTES;
        s.loads += (c.word[0] & 0xff) == WEFT_CMD_LOAD;
        if ((c.word[0] & 0xff) == WEFT_CMD_LOAD)
            s.stride = (uint32_t)weft_LOAD_get_STRIDE(&c);
        s.stores += (c.word[0] & 0xff) == WEFT_CMD_STORE;
        if ((c.word[0] & 0xff) != WEFT_CMD_COMPUTE)
            continue;
        s.computes++;
        s.mode = (uint32_t)weft_COMPUTE_get_MODE(&c);
        s.span = (uint32_t)weft_COMPUTE_get_SPAN(&c);
        s.passes = (uint32_t)weft_COMPUTE_get_PASSES(&c);
        s.blocks = (uint32_t)weft_COMPUTE_get_BLOCKS(&c);
        s.vectors += (uint64_t)(weft_COMPUTE_get_PASSES(&c) * weft_COMPUTE_get_BLOCKS(&c) *
                                weft_COMPUTE_get_INNER(&c) * weft_COMPUTE_get_OUTER(&c));
    }
    return s;
}
