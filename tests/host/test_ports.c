/* What a program says of its ports belongs to the bytes they take and give: for every type of port
 * and every end that the host computes, type, scale and zero point are those of the model's tensor,
 * WEFT_FORM_FLOAT32 is what WEFT_FORM_MODEL means by them, and the description of WEFT_FORM_INT8 is
 * that of the device's tensor. */
#include <math.h>
#include <stdlib.h>

#include "ends_graphs.h"
#include "host/transport/transport.h"
#include "models/compile/weft_compile.h"
#include "models/program/weft_file.h"
#include "tests/rng.h"
#include "tests/test.h"
#include <weft/weft.h>

/* Only the reference device: the library's own list would bring the simulated chip. */
const weft_transport_ops *weft_transport_at(unsigned i)
{
    return i == 0 ? &weft_transport_ref : NULL;
}

int weft_transport_open(const char *text, weft_transport **out, weft_error *err)
{
    weft_uri uri;
    int rc = weft_uri_parse(text, &uri, err);
    return rc == WEFT_OK ? weft_transport_ref.open(&uri, out, err) : rc;
}

typedef struct bench {
    test *t;
    const char *name;
    const weft_graph *g;
    weft_program *program; /* read from the bytes of a file */
    weft_device *dev;
    weft_loaded *net;
    int8_t x[COUNT];
} bench;

static weft_port_info describe(const bench *b, int is_input)
{
    weft_port_info p = { .struct_bytes = sizeof p };
    weft_error err = { 0 };
    const int rc = is_input ? weft_program_describe_input(b->program, 0, &p, &err)
                            : weft_program_describe_output(b->program, 0, &p, &err);
    CHECK(b->t, rc == WEFT_OK, "%s: %s", b->name, err.text);
    return p;
}

static void run(const bench *b, weft_form form, void *y, size_t bytes)
{
    weft_error err = { 0 };
    const weft_input in = { sizeof in, WEFT_FORM_INT8, b->x, sizeof b->x };
    const weft_output out = { sizeof out, form, y, bytes };
    CHECK(b->t, weft_run(b->net, &in, &out, WEFT_FOREVER, &err) == WEFT_OK, "%s, form %d: %s",
          b->name, form, err.text);
}

/* Type, scale and zero point against the graph's tensor, which the importer made. */
static void check_description(const bench *b, const weft_port *port, const weft_port_info *p)
{
    const weft_quant *q = &b->g->tensors[port->tensor].quant;
    const int is_byte = port->dtype == WEFT_INT8 || port->dtype == WEFT_UINT8;
    const int shift = port->dtype == WEFT_UINT8 ? 128 : 0;
    const float scale = is_byte ? weft_quant_scale(q, 0) : 0.0f;
    const int zero_point = is_byte ? weft_quant_zero_point(q, 0) + shift : 0;
    CHECK(b->t, p->scale == scale && p->zero_point == zero_point,
          "%s: %s is scale %g, zero point %d, not %g, %d", b->name, weft_dtype_name(port->dtype),
          (double)p->scale, (int)p->zero_point, (double)scale, zero_point);
    CHECK(b->t, p->int8_scale == 0.1f && p->int8_zero_point == 5, "%s: int8 is scale %g, %d",
          b->name, (double)p->int8_scale, (int)p->int8_zero_point);
    CHECK(b->t, p->float32_bytes == 4 * p->elements, "%s: float32 has %llu bytes", b->name,
          (unsigned long long)p->float32_bytes);
}

/* Element i of a tensor in the model's own type, as the description says to read it. */
static float real_of(const weft_port_info *p, const void *model, size_t i)
{
    const float scale = p->scale;
    int32_t narrow;
    int64_t wide;
    float real;
    switch (p->type) {
    case WEFT_TYPE_INT8: return scale * (float)(((const int8_t *)model)[i] - p->zero_point);
    case WEFT_TYPE_UINT8: return scale * (float)(((const uint8_t *)model)[i] - p->zero_point);
    case WEFT_TYPE_INT32: memcpy(&narrow, (const char *)model + i * 4, 4); return (float)narrow;
    case WEFT_TYPE_INT64: memcpy(&wide, (const char *)model + i * 8, 8); return (float)wide;
    default: memcpy(&real, (const char *)model + i * 4, 4); return real;
    }
}

static void check_output(const bench *b)
{
    const weft_port_info p = describe(b, 0);
    uint8_t model[COUNT * 8];
    float real[COUNT] = { 0 };
    check_description(b, &b->g->outputs[0], &p);
    run(b, WEFT_FORM_MODEL, model, p.model_bytes);
    run(b, WEFT_FORM_FLOAT32, real, 4 * p.elements);
    for (size_t i = 0; i < p.elements; i++)
        CHECK(b->t, real[i] == real_of(&p, model, i), "%s: element %zu is %g as float32, not %g",
              b->name, i, (double)real[i], (double)real_of(&p, model, i));
}

/* The same numbers as float32 and in the model's type give the same output. */
static void check_input(const bench *b)
{
    const weft_port_info p = describe(b, 1), q = describe(b, 0);
    float real[COUNT];
    uint8_t model[COUNT * 4], y[2][COUNT * 8] = { { 0 } };
    weft_error err = { 0 };
    check_description(b, &b->g->inputs[0], &p);
    for (size_t i = 0; i < COUNT; i++) {
        real[i] = 0.1f * (float)(b->x[i] - 5);
        if (p.type == WEFT_TYPE_FLOAT32)
            memcpy(model + 4 * i, &real[i], 4);
        else
            model[i] = (uint8_t)(lrintf(real[i] / p.scale) + p.zero_point);
    }
    const weft_input in[2] = { { sizeof *in, WEFT_FORM_MODEL, model, p.model_bytes },
                               { sizeof *in, WEFT_FORM_FLOAT32, real, sizeof real } };
    for (int i = 0; i < 2; i++) {
        const weft_output out = { sizeof out, WEFT_FORM_MODEL, y[i], q.model_bytes };
        CHECK(b->t, weft_run(b->net, &in[i], &out, WEFT_FOREVER, &err) == WEFT_OK, "%s: %s",
              b->name, err.text);
    }
    CHECK(b->t, !memcmp(y[0], y[1], q.model_bytes), "%s: float32 inputs are not the model's",
          b->name);
}

/* Compiled, as a file, read again, loaded. */
static int prepare(bench *b)
{
    weft_error err = { 0 };
    weft_program *compiled = NULL;
    uint8_t *file = NULL;
    size_t n = 0;
    const weft_hw hw = weft_hw_default(1u << 20);
    int rc = b->g ? weft_compile(b->g, &hw, NULL, &compiled, &err) : WEFT_ERR_ARG;
    if (rc == WEFT_OK)
        rc = weft_program_write(compiled, &file, &n, &err);
    if (rc == WEFT_OK)
        rc = weft_program_parse(file, n, &b->program, &err);
    if (rc == WEFT_OK)
        rc = weft_open("ref:", &b->dev, &err);
    if (rc == WEFT_OK)
        rc = weft_load(b->dev, b->program, NULL, &b->net, &err);
    CHECK(b->t, rc == WEFT_OK, "%s: %s", b->name, err.text);
    weft_program_free(compiled);
    free(file);
    return rc == WEFT_OK;
}

static void check(test *t, const char *name, weft_graph *g)
{
    bench b = { .t = t, .name = name, .g = g };
    rng r = rng_make(t->seed);
    for (unsigned i = 0; i < COUNT; i++)
        b.x[i] = (int8_t)rng_range(&r, -128, 127);
    if (prepare(&b)) {
        check_input(&b);
        check_output(&b);
    }
    weft_unload(b.net);
    weft_close(b.dev);
    weft_program_close(b.program);
    weft_graph_free(g);
}

/* A table on the device and nothing else, between ports of these types. */
static weft_graph *make_plain(weft_dtype in_type, weft_dtype out_type)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    int8_t entries[256];
    const weft_table table = { entries };
    for (int i = 0; i < 256; i++)
        entries[i] = (int8_t)(i ^ 0x55);
    if (weft_graph_new(&g) != WEFT_OK)
        return NULL;
    uint32_t x = tensor(g, WEFT_INT8, 0.1f, 5), y = tensor(g, WEFT_INT8, 0.1f, 5);
    node(g, WEFT_OP_TABLE, x, y, &table);
    if (in_type == WEFT_FLOAT32) {
        const uint32_t real = tensor(g, WEFT_FLOAT32, 0, 0);
        node(g, WEFT_OP_QUANTIZE, real, x, NULL);
        x = real;
    }
    if (out_type == WEFT_FLOAT32) {
        const uint32_t real = tensor(g, WEFT_FLOAT32, 0, 0);
        node(g, WEFT_OP_DEQUANTIZE, y, real, NULL);
        y = real;
    }
    const weft_port in = port(x, in_type), out = port(y, out_type);
    (void)weft_graph_add_input(g, &in);
    (void)weft_graph_add_output(g, &out);
    return weft_graph_check(g, &err) == WEFT_OK ? g : NULL;
}

int main(int argc, char **argv)
{
    test t = test_begin("ports", argc, argv, 1, 1);
    static const weft_dtype types[3] = { WEFT_INT8, WEFT_UINT8, WEFT_FLOAT32 };
    for (unsigned i = 0; i < 9; i++)
        check(&t, "plain", make_plain(types[i / 3], types[i % 3]));
    check(&t, "int8 softmax", make(WEFT_OP_SOFTMAX, 0, 1.0f));
    check(&t, "int8 log-softmax", make(WEFT_OP_LOG_SOFTMAX, 0, 1.0f));
    check(&t, "float32 softmax", make(WEFT_OP_SOFTMAX, 1, 1.0f));
    check(&t, "float32 log-softmax", make(WEFT_OP_LOG_SOFTMAX, 1, 1.0f));
    check(&t, "softmax quantised", make_quantised(WEFT_OP_SOFTMAX, WEFT_OP_QUANTIZE));
    check(&t, "softmax quantised and back", make_quantised(WEFT_OP_SOFTMAX, WEFT_OP_DEQUANTIZE));
    for (unsigned way = 0; way < 24; way++) {
        weft_port out;
        check(&t, "positions", make_positions(way, &out));
    }
    return test_end(&t, "type, scale, zero point and float32 of every kind of port");
}
