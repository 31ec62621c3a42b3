/* The public door of the compiler (weft_compiler.h), used as a stranger would: only what is installed.
 *
 *     test_compiler       from the top of the tree
 */
#include <string.h>

#include "models/base/files.h"
#include "tests/quantize/gen_float.h"
#include "tests/test.h"
#include <weft/weft.h>
#include <weft/weft_compiler.h>

#define LENET5 "models/nets/lenet5/lenet5_int8.onnx"

static weft_network *open_lenet5(test *t)
{
    weft_error err = { 0 };
    weft_network *net = NULL;
    CHECK(t, weft_network_open(LENET5, NULL, &net, &err) == WEFT_OK && net, "%s", err.text);
    return net;
}

static void check_network(test *t, const weft_network *net)
{
    weft_tensor_info in = { .struct_bytes = sizeof in }, out = in;
    weft_operator_info op = { .struct_bytes = sizeof op };
    uint32_t on_device = 0;
    weft_network_info all = { .struct_bytes = sizeof all };
    CHECK(t,
          weft_network_describe(net, &all, NULL) == WEFT_OK && all.input_count == 1 &&
              all.output_count == 1 && !strcmp(all.format, "ONNX"),
          "format %s, %u inputs", all.format, all.input_count);
    CHECK(t,
          weft_network_describe_input(net, 0, &in, NULL) == WEFT_OK && in.elements == 784 &&
              in.rank == 4 && in.dims[2] == 28,
          "input: %" PRIu64 " elements", in.elements);
    CHECK(t,
          weft_network_describe_output(net, 0, &out, NULL) == WEFT_OK && out.elements == 10 &&
              out.name[0],
          "output: %" PRIu64 " elements", out.elements);
    CHECK(t, weft_network_describe_input(net, 1, &in, NULL) == WEFT_ERR_ARG, "an input too many");
    CHECK(t, weft_network_describe_output(net, 1, &out, NULL) == WEFT_ERR_ARG,
          "an output too many");
    const uint32_t count = all.operator_count;
    for (uint32_t i = 0; i < count; i++) {
        CHECK(t, weft_network_describe_operator(net, i, &op, NULL) == WEFT_OK && op.op[0] && op.why,
              "%u", i);
        on_device += op.where != WEFT_ON_HOST;
    }
    CHECK(t, on_device >= 5, "%u of %u operators on the device", on_device, count);
    CHECK(t, weft_network_describe_operator(net, count, &op, NULL) == WEFT_ERR_ARG,
          "an operator too many");
}

/* Every layer's prediction, and the whole. */
static void check_compiled(test *t, const weft_network *net, const char *device)
{
    weft_error err = { 0 };
    weft_compiled *c = NULL;
    weft_compiled_info all = { .struct_bytes = sizeof all };
    weft_program_layer_info layer = { .struct_bytes = sizeof layer };
    weft_operator_info op = { .struct_bytes = sizeof op };
    uint64_t cycles = 0, macs = 0;
    uint32_t commands = 0;
    uint64_t bytes = 0;
    weft_array array = { .struct_bytes = sizeof array };
    weft_network_info of = { .struct_bytes = sizeof of };
    weft_network_describe(net, &of, NULL);
    CHECK(t,
          weft_array_parse(device, &array, &err) == WEFT_OK &&
              weft_network_compile(net, &array, NULL, &c, &err) == WEFT_OK,
          "%s: %s", device, err.text);
    if (!c)
        return;
    const uint8_t *file = weft_compiled_bytes(c, &bytes);
    CHECK(t, bytes > 1000 && file && !memcmp(file + 1, "WEFT", 4), "%s: no program", device);
    CHECK(t, weft_compiled_describe(c, &all, NULL) == WEFT_OK, "info");
    for (uint32_t i = 0; i < all.layer_count; i++) {
        CHECK(t, weft_compiled_describe_layer(c, i, &layer, NULL) == WEFT_OK, "layer %u", i);
        cycles += layer.predicted_cycles;
        macs += layer.macs;
        commands += layer.command_count;
    }
    CHECK(t,
          all.layer_count && cycles == all.predicted_cycles && macs == all.macs &&
              commands == all.commands,
          "%s: the layers do not add up", device);
    CHECK(t, weft_compiled_describe_layer(c, all.layer_count, &layer, NULL) == WEFT_ERR_ARG,
          "a layer too many");
    for (uint32_t i = 0; i < of.operator_count; i++)
        CHECK(t, weft_compiled_describe_operator(c, i, &op, NULL) == WEFT_OK && op.name,
              "operator %u", i);
    weft_compiled_close(c);
}

static void check_devices(test *t, const weft_network *net)
{
    static const char *const good[] = { "", "shape=8x8,lanes=4", "shape=4x4,port=4,fb=64,acc=16" };
    static const char *const bad[] = { "shape=3x4", "lanes=3", "fb=100",
                                       "speed=9",   "shape=",  "mem=9000000000000" };
    weft_error err;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        check_compiled(t, net, good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        weft_array array = { .struct_bytes = sizeof array };
        err.text[0] = 0;
        CHECK(t,
              weft_array_parse(bad[i], &array, &err) == WEFT_ERR_ARG && err.text[0] && !array.rows,
              "%s was taken", bad[i]);
    }
    weft_compiled *c = NULL;
    const weft_array none = { .struct_bytes = sizeof none, .rows = 16, .cols = 16 };
    CHECK(t, weft_network_compile(net, &none, NULL, &c, &err) == WEFT_ERR_ARG && !c, "%s",
          "an array without buffers was taken");
}

/* Someone who was compiled against a shorter or a longer struct. */
static void check_struct_bytes(test *t, const weft_network *net)
{
    struct {
        weft_tensor_info info;
        uint8_t more[16];
    } longer;
    memset(&longer, 0x55, sizeof longer);
    longer.info.struct_bytes = sizeof longer;
    CHECK(t,
          weft_network_describe_input(net, 0, &longer.info, NULL) == WEFT_OK && !longer.more[0] &&
              !longer.more[15] && longer.info.struct_bytes == sizeof longer,
          "what the library does not know must be zero");
    const struct {
        weft_network_options o;
        uint64_t more;
    } newer = { .o.struct_bytes = sizeof newer, .more = 1 };
    weft_network *none = NULL;
    CHECK(t, weft_network_open(LENET5, &newer.o, &none, NULL) == WEFT_ERR_VERSION && !none,
          "what a newer caller wants was passed over");
    weft_tensor_info shorter;
    memset(&shorter, 0x55, sizeof shorter);
    shorter.struct_bytes = offsetof(weft_tensor_info, dims);
    CHECK(t,
          weft_network_describe_input(net, 0, &shorter, NULL) == WEFT_OK && shorter.rank == 4 &&
              shorter.dims[0] == 0x55555555,
          "written behind the end of a shorter struct");
    shorter.struct_bytes = 0;
    CHECK(t, weft_network_describe_input(net, 0, &shorter, NULL) == WEFT_ERR_ARG, "struct_bytes 0");
}

typedef struct heard {
    uint32_t rows, count;
    char op[64];
} heard;

static void hear(void *self, const weft_refusal *r)
{
    heard *h = self;
    h->rows++;
    h->count += r->count;
    snprintf(h->op, sizeof h->op, "%s", r->op);
}

/* The bytes of the network with one operator renamed to what nobody has. */
static void check_refusals(test *t)
{
    weft_error err = { 0 };
    uint8_t *bytes = NULL;
    size_t count = 0;
    heard h = { 0 };
    weft_network *net = NULL;
    const weft_network_options o = { .struct_bytes = sizeof o, .refused = hear, .self = &h };
    CHECK(t, weft_file_read(LENET5, &bytes, &count, &err) == WEFT_OK, "%s", err.text);
    for (size_t i = 0; i + 7 < count; i++)
        if (!memcmp(bytes + i, "MaxPool", 7))
            memcpy(bytes + i, "MixPool", 7);
    CHECK(t, weft_network_parse(bytes, count, &o, &net, &err) == WEFT_ERR_UNSUPPORTED && !net,
          "taken");
    CHECK(t, h.rows == 1 && h.count == 2 && !strcmp(h.op, "MixPool"), "heard %u rows, %u of %s",
          h.rows, h.count, h.op);
    CHECK(t, strstr(err.text, "MixPool x2"), "%s", err.text);
    CHECK(t, weft_network_parse(bytes, 20, NULL, &net, &err) == WEFT_ERR_FORMAT && !net, "cut");
    free(bytes);
}

static void check_binds(test *t)
{
    weft_error err = { 0 };
    weft_network *net = NULL;
    const weft_bind unknown = { "nobody", 3, 0 }, axis = { "input", 1, 9 }, zero = { "N", 0, 0 },
                    nameless = { NULL, 1, 0 };
    const weft_bind *const bad[] = { &unknown, &axis, &zero, &nameless };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const weft_network_options o = { .struct_bytes = sizeof o,
                                         .binds = bad[i],
                                         .bind_count = 1 };
        CHECK(t, weft_network_open(LENET5, &o, &net, &err) == WEFT_ERR_ARG && !net,
              "bind %zu was taken", i);
    }
}

/* Ends the work when it is asked for the third time. */
static int stop_third(void *self, double done)
{
    double *asked = self;
    return done >= 0 && ++*asked >= 3;
}

static int never_back(void *self, double done)
{
    double *last = self;
    if (done < *last || done > 1)
        *last = 2;
    else
        *last = done;
    return 0;
}

static void check_progress(test *t, const weft_network *net)
{
    weft_error err = { 0 };
    weft_compiled *c = NULL;
    double last = 0;
    weft_array array = { .struct_bytes = sizeof array };
    weft_array_parse("", &array, NULL);
    weft_compiler_options o = { .struct_bytes = sizeof o, .progress = never_back, .self = &last };
    CHECK(t, weft_network_compile(net, &array, &o, &c, &err) == WEFT_OK && last == 1,
          "the progress ended at %g", last);
    weft_compiled_close(c);
    o.progress = stop_third;
    last = 0;
    CHECK(t,
          weft_network_compile(net, &array, &o, &c, &err) == WEFT_ERR_CANCELLED && !c && last == 3,
          "asked %g times", last);
}

/* --- quantising --------------------------------------------------------------------------- */

enum { SAMPLES = 4 };

static int sample(void *self, uint32_t index, uint32_t input, void *data, uint64_t bytes)
{
    const uint32_t *fails_at = self;
    rng r = rng_make(index * 100 + input);
    for (size_t e = 0; e < bytes / sizeof(float); e++)
        ((float *)data)[e] = (float)rng_range(&r, -32768, 32767) / 16384.0f;
    return index == *fails_at;
}

static void check_quantizer(test *t)
{
    gen_float g;
    rng r = rng_make(t->seed);
    weft_error err = { 0 };
    weft_quantizer *q = NULL;
    weft_network *net = NULL;
    weft_quantized_info a = { .struct_bytes = sizeof a };
    weft_tensor_info in = { .struct_bytes = sizeof in };
    uint32_t fails_at = UINT32_MAX;
    weft_quantizer_info all = { .struct_bytes = sizeof all };
    uint64_t bytes = 0;
    weft_samples samples = {
        .struct_bytes = sizeof samples, .count = SAMPLES, .get = sample, .self = &fails_at
    };
    if (!gen_float_make(&r, &g))
        return;
    CHECK(t, weft_quantizer_parse(g.bytes, g.byte_count, NULL, &q, &err) == WEFT_OK, "%s",
          err.text);
    CHECK(t,
          weft_quantizer_describe(q, &all, &err) == WEFT_OK && all.input_count == 1 &&
              weft_quantizer_describe_input(q, 0, &in, NULL) == WEFT_OK &&
              in.type == WEFT_TYPE_FLOAT32 && in.bytes == in.elements * 4,
          "input");
    CHECK(t, !weft_quantizer_bytes(q, &bytes) && !bytes, "bytes before it has run");
    CHECK(t, weft_quantizer_run(q, &samples, &err) == WEFT_OK, "%s", err.text);
    const void *file = weft_quantizer_bytes(q, &bytes);
    CHECK(t, weft_network_parse(file, bytes, NULL, &net, &err) == WEFT_OK, "%s", err.text);
    CHECK(t, weft_quantizer_describe_activation(q, 0, &a, NULL) == WEFT_OK && a.scale > 0,
          "no activation");
    CHECK(t,
          weft_quantizer_describe(q, &all, NULL) == WEFT_OK && all.activation_count &&
              all.compared >= 1 && all.agree <= all.compared,
          "%u of %u", all.agree, all.compared);
    weft_network_close(net);
    weft_quantizer_close(q);
    fails_at = 1;
    CHECK(t,
          weft_quantizer_parse(g.bytes, g.byte_count, NULL, &q, &err) == WEFT_OK &&
              weft_quantizer_run(q, &samples, &err) == WEFT_ERR_CANCELLED,
          "a sample that was not given");
    weft_quantizer_close(q);
    gen_float_free(&g);
}

/* NULL in the place of every pointer that must be there. */
static void check_null(test *t, const weft_network *net)
{
    weft_network *n = NULL;
    weft_compiled *c = NULL;
    weft_quantizer *q = NULL;
    weft_array array = { .struct_bytes = sizeof array };
    weft_array_parse("", &array, NULL);
    const int codes[] = { weft_network_open(NULL, NULL, &n, NULL),
                          weft_network_open(LENET5, NULL, NULL, NULL),
                          weft_network_parse(NULL, 1, NULL, &n, NULL),
                          weft_network_parse("x", 1, NULL, NULL, NULL),
                          weft_network_describe_input(NULL, 0, NULL, NULL),
                          weft_network_describe_input(net, 0, NULL, NULL),
                          weft_network_describe_output(NULL, 0, NULL, NULL),
                          weft_network_describe_output(net, 0, NULL, NULL),
                          weft_network_describe_operator(NULL, 0, NULL, NULL),
                          weft_network_describe_operator(net, 0, NULL, NULL),
                          weft_network_compile(NULL, &array, NULL, &c, NULL),
                          weft_network_compile(net, NULL, NULL, &c, NULL),
                          weft_network_compile(net, &array, NULL, NULL, NULL),
                          weft_array_parse(NULL, &array, NULL),
                          weft_array_parse("", NULL, NULL),
                          weft_network_describe(NULL, NULL, NULL),
                          weft_quantizer_describe(NULL, NULL, NULL),
                          weft_compiled_describe(NULL, NULL, NULL),
                          weft_compiled_describe_layer(NULL, 0, NULL, NULL),
                          weft_compiled_describe_operator(NULL, 0, NULL, NULL),
                          weft_quantizer_open(NULL, NULL, &q, NULL),
                          weft_quantizer_open(LENET5, NULL, NULL, NULL),
                          weft_quantizer_parse(NULL, 1, NULL, &q, NULL),
                          weft_quantizer_parse("x", 1, NULL, NULL, NULL),
                          weft_quantizer_describe_input(NULL, 0, NULL, NULL),
                          weft_quantizer_run(NULL, NULL, NULL),
                          weft_quantizer_describe_activation(NULL, 0, NULL, NULL) };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        CHECK(t, codes[i] == WEFT_ERR_ARG, "call %zu gave %d", i, codes[i]);
    CHECK(t, !weft_compiled_bytes(NULL, NULL) && !weft_quantizer_bytes(NULL, NULL),
          "something of nothing");
    weft_network_close(NULL);
    weft_compiled_close(NULL);
    weft_quantizer_close(NULL);
}

int main(int argc, char **argv)
{
    test t = test_begin("compiler", argc, argv, 1, 1);
    weft_network *net = open_lenet5(&t);
    if (net) {
        check_network(&t, net);
        check_devices(&t, net);
        check_struct_bytes(&t, net);
        check_progress(&t, net);
        check_null(&t, net);
    }
    check_refusals(&t);
    check_binds(&t);
    check_quantizer(&t);
    weft_network_close(net);
    return test_end(&t, "networks, programs and quantisers through weft_compiler.h");
}
