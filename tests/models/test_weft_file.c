/* The program.weft container: there and back, every error code, every single-byte damage refused.
 *
 * WRITE=<path> saves the small program of this test, WRITE_SOURCE=<path> the one that tells of its
 * model, WRITE_STEP=<path> the one with a step of the host, for the corpus of the fuzz driver. */
#include <stdlib.h>
#include <string.h>

#include "models/base/weft_crc32.h"
#include "models/program/weft_file.h"
#include "weft_sample.h"
#include <weft/weft_version.h>

static void check_ports(test *t, const weft_program *p)
{
    CHECK(t, p->input_count == 1 && p->output_count == 1 && p->layer_count == 1, "counts");
    CHECK(t, p->inputs[0].dtype == WEFT_UINT8 && p->inputs[0].step_count == 0, "input type");
    CHECK(t, p->inputs[0].rows == 4 && p->inputs[0].row_bytes == 8, "input rows");
    CHECK(t, weft_program_port_bytes(&p->inputs[0]) == 32, "input bytes");
    CHECK(t, weft_program_port_bytes(&p->outputs[0]) == 48 * 4, "output bytes");
    const weft_program_port *o = &p->outputs[0];
    CHECK(t,
          o->step_count == 2 && o->steps[0].op == WEFT_HOST_DEQUANTIZE &&
              o->steps[1].op == WEFT_HOST_SOFTMAX && o->steps[1].axis_length == 3 &&
              o->steps[0].zero_point == -3,
          "output steps");
    CHECK(t, strcmp(p->inputs[0].name, "image") == 0 && strcmp(p->layers[0].name, "conv") == 0,
          "names");
    CHECK(t, p->layers[0].macs == 16 * 3 * 18, "macs");
}

static void check_source(test *t, const weft_program *p)
{
    const weft_source *s = &p->source;
    check_ports(t, p);
    CHECK(t, s->kind == WEFT_SOURCE_ONNX && s->bytes == 4711 && s->crc32 == 0x12345678, "source");
    CHECK(t, !strcmp(s->name, "small.onnx"), "name \"%s\"", s->name);
    CHECK(t, !strcmp(s->producer, "hand???"), "producer \"%s\"", s->producer);
    CHECK(t, !strcmp(s->options, "--bind N=2 base=64"), "options \"%s\"", s->options);
    CHECK(t, !strcmp(s->made_by, "weft " WEFT_VERSION), "made by \"%s\"", s->made_by);
}

/* Each byte of the file changed, each length shorter: refused, always with a sentence. */
static void check_damage(test *t, uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bytes[i] ^= 0x20;
        int rc = weft_sample_status(bytes, count);
        CHECK(t, rc == WEFT_ERR_FORMAT || (rc == WEFT_ERR_VERSION && i >= 8 && i < 12),
              "byte %zu: %d", i, rc);
        bytes[i] ^= 0x20;
        uint8_t *shorter = malloc(i + 1);
        if (shorter) {
            memcpy(shorter, bytes, i);
            CHECK(t, weft_sample_status(shorter, i) == WEFT_ERR_FORMAT, "%zu bytes", i);
        }
        free(shorter);
    }
}

static void check_fits(test *t, const weft_program *p)
{
    weft_error err = { 0 };
    weft_hw hw = p->hw;
    CHECK(t, weft_program_fits(p, &hw, p->isa_version, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, weft_program_fits(p, &hw, p->isa_version + 1, &err) == WEFT_ERR_VERSION, "version");
    hw.rows = 8;
    CHECK(t,
          weft_program_fits(p, &hw, p->isa_version, &err) == WEFT_ERR_HARDWARE &&
              strstr(err.text, p->source.kind ? "weft compile small.onnx --bind N=2 --rows 8"
                                              : "weft compile MODEL --rows 8"),
          "%s", err.text);
    hw = p->hw;
    hw.mem_size = 32;
    CHECK(t, weft_program_fits(p, &hw, p->isa_version, &err) == WEFT_ERR_HARDWARE, "memory");
}

/* Written, read, written again; then damaged.  To `path`, if there is one. */
static void round_trip(test *t, const weft_program *prog,
                       void (*look)(test *, const weft_program *), const char *path)
{
    weft_program *back = NULL;
    weft_error err = { 0 };
    uint8_t *bytes = NULL, *again = NULL;
    size_t count = 0, again_count = 0;
    look(t, prog);
    CHECK(t, weft_program_write(prog, &bytes, &count, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, weft_program_read(bytes, count, &back, &err) == WEFT_OK, "%s", err.text);
    if (back) {
        look(t, back);
        check_fits(t, back);
        CHECK(t, weft_program_write(back, &again, &again_count, &err) == WEFT_OK, "%s", err.text);
        CHECK(t, count == again_count && memcmp(bytes, again, count) == 0, "not the same again");
        check_damage(t, bytes, count);
    }
    if (path && again) {
        FILE *f = fopen(path, "wb");
        CHECK(t, f && fwrite(again, 1, again_count, f) == again_count, "cannot write");
        if (f)
            fclose(f);
    }
    free(bytes);
    free(again);
    weft_program_free(back);
}

/* The convolution as a step of the host, with its constants. */
static void check_step(test *t, const weft_program *p)
{
    CHECK(t, p->step_count == 1 && p->steps[0].before == 0, "%u steps", (unsigned)p->step_count);
    const weft_graph *g = p->step_count ? p->steps[0].graph : NULL;
    CHECK(t,
          g && g->checked && g->node_count == 1 && g->tensor_count == 4 && g->input_count == 1 &&
              g->output_count == 1,
          "the graph of the step");
    if (!g || g->node_count != 1)
        return;
    const weft_node *n = &g->nodes[0];
    const int32_t *bias = weft_node_input(g, n, 2)->data;
    const weft_window *w = &n->attr.conv_2d.window;
    CHECK(t, n->op == WEFT_OP_CONV_2D && !strcmp(n->name, "conv") && n->attr.conv_2d.groups == 1,
          "operator");
    CHECK(t, w->kernel_h == 3 && w->pad_right == 1 && bias && bias[0] == 100 && bias[1] == -5,
          "attributes and constants");
    CHECK(t,
          p->steps[0].rows[0].addr == p->inputs[0].addr &&
              p->steps[0].rows[1].addr == p->outputs[0].addr,
          "where its tensors lie");
}

/* What only a wrong program says. */
static void check_refusals(test *t, weft_program *p)
{
    weft_error err = { 0 };
    weft_rows *r = p->steps[0].rows;
    r[1].addr = p->win_limit;
    CHECK(t, weft_program_check(p, &err) == WEFT_ERR_FORMAT && strstr(err.text, "window"), "%s",
          err.text);
    r[1].addr = p->outputs[0].addr + 1;
    CHECK(t, weft_program_check(p, &err) == WEFT_ERR_FORMAT, "not aligned");
    r[1].addr = p->outputs[0].addr;
    r[0].rows--;
    CHECK(t, weft_program_check(p, &err) == WEFT_ERR_FORMAT && strstr(err.text, "rows"), "%s",
          err.text);
    r[0].rows++;
    p->steps[0].before = p->prog_count + 1;
    CHECK(t, weft_program_check(p, &err) == WEFT_ERR_FORMAT && strstr(err.text, "in order"), "%s",
          err.text);
    p->steps[0].before = 0;
    for (int k = 0; k < 2; k++) { /* of an output in float32, then of an input in uint8 */
        weft_program_port *port = k ? &p->inputs[0] : &p->outputs[0];
        const float scale = port->model_scale;
        const int32_t zero_point = port->model_zero_point;
        port->model_scale = 1.0f;
        port->model_zero_point = k ? -1 : 0;
        CHECK(t, weft_program_check(p, &err) == WEFT_ERR_FORMAT && strstr(err.text, "quantisation"),
              "port %d: %s", k, err.text);
        port->model_scale = scale;
        port->model_zero_point = zero_point;
    }
    CHECK(t, weft_program_check(p, &err) == WEFT_OK, "%s", err.text);
}

/* More operators of the host than a file holds: refused by the writer, not by the next reader. */
static void check_too_many(test *t)
{
    enum { MANY = WEFT_FILE_MAX_STEP_NODES + 1 };
    static uint8_t on_host[MANY];
    const float scale = 0.5f;
    const int32_t zero = 0;
    int8_t entries[256];
    uint32_t at[MANY + 1];
    weft_graph *g = NULL;
    weft_program *prog = NULL;
    weft_error err = { 0 };
    uint8_t *bytes = NULL;
    size_t count;
    for (int i = 0; i < 256; i++)
        entries[i] = (int8_t)(127 - i);
    int rc = weft_graph_new(&g);
    for (uint32_t i = 0; i <= MANY && rc == WEFT_OK; i++) {
        const weft_tensor_desc d = {
            .dtype = WEFT_INT8, .rank = 1, .dims = { 3 }, .quant = { 1, 0, &scale, &zero }
        };
        rc = weft_graph_add_tensor(g, &d, &at[i]);
        const weft_node_desc n = { .op = WEFT_OP_TABLE,
                                   .input_count = 1,
                                   .inputs = &at[i ? i - 1 : 0],
                                   .output = at[i],
                                   .attr = &(weft_table){ entries } };
        if (i && rc == WEFT_OK)
            rc = weft_graph_add_node(g, &n, NULL);
    }
    const weft_port in = { .dtype = WEFT_INT8, .rank = 1, .dims = { 3 }, .tensor = at[0] };
    const weft_port out = { .dtype = WEFT_INT8, .rank = 1, .dims = { 3 }, .tensor = at[MANY] };
    rc |= weft_graph_add_input(g, &in) | weft_graph_add_output(g, &out);
    memset(on_host, 1, sizeof on_host);
    const weft_hw hw = weft_hw_default(1u << 20);
    if (rc == WEFT_OK)
        rc = weft_graph_check(g, &err);
    if (rc == WEFT_OK)
        rc = weft_compile(g, &hw, &(weft_compile_options){ .on_host = on_host }, &prog, &err);
    CHECK(t, rc == WEFT_OK, "%s", err.text);
    if (prog)
        CHECK(t,
              weft_program_write(prog, &bytes, &count, &err) == WEFT_ERR_CAPACITY &&
                  strstr(err.text, "4096 operators"),
              "%s", err.text);
    free(bytes);
    weft_program_free(prog);
    weft_graph_free(g);
}

/* Bit by bit. */
static uint32_t plain_crc32(const uint8_t *at, size_t bytes)
{
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < 8 * bytes; i++)
        crc = crc >> 1 ^ (((crc ^ (uint32_t)at[i / 8] >> i % 8) & 1) ? 0xedb88320u : 0);
    return ~crc;
}

static void test_crc32(test *t)
{
    static const size_t sizes[] = { 0, 1, 7, 4095, 4096, 4097, 4103, 4104, 5003, 9999 };
    uint8_t data[10000];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)((uint32_t)i * 2654435761u >> 13);
    CHECK(t, weft_file_crc32("123456789", 9) == 0xcbf43926u, "CRC-32");
    CHECK(t, weft_file_crc32_more(weft_file_crc32("1234", 4), "56789", 5) == 0xcbf43926u, "pieces");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        CHECK(t, weft_file_crc32(data + 1, sizes[i]) == plain_crc32(data + 1, sizes[i]),
              "CRC-32 of %zu bytes", sizes[i]);
}

int main(int argc, char **argv)
{
    test t = test_begin("weft_file", argc, argv, 1, 1);
    test_crc32(&t);
    weft_graph *g = weft_sample_graph(&t);
    const weft_hw hw = weft_hw_default(1u << 20);
    const uint8_t on_host[8] = { 1 };
    const weft_compile_options moved = { .base = 64 };
    const weft_compile_options host = { .on_host = on_host };
    weft_program *prog = NULL;
    weft_error err = { 0 };
    CHECK(&t, weft_compile(g, &hw, NULL, &prog, &err) == WEFT_OK, "%s", err.text);
    if (prog)
        round_trip(&t, prog, check_ports, getenv("WRITE"));
    weft_program_free(prog);
    prog = NULL;
    weft_sample_source(g);
    CHECK(&t, weft_compile(g, &hw, &moved, &prog, &err) == WEFT_OK, "%s", err.text);
    if (prog)
        round_trip(&t, prog, check_source, getenv("WRITE_SOURCE"));
    weft_program_free(prog);
    prog = NULL;
    g->source = (weft_source){ 0 };
    CHECK(&t, weft_compile(g, &hw, &host, &prog, &err) == WEFT_OK, "%s", err.text);
    if (prog) {
        round_trip(&t, prog, check_step, getenv("WRITE_STEP"));
        check_refusals(&t, prog);
    }
    weft_program_free(prog);
    weft_graph_free(g);
    check_too_many(&t);
    return test_end(&t, "container written, read, damaged at every byte, cut at every length");
}
