/* weft quantize: a float ONNX network to an int8 one, and how close it is, layer by layer. */
#include <stdlib.h>
#include <string.h>

#include "calibration.h"
#include "json.h"
#include "models/base/files.h"
#include "models/base/utf8.h"

typedef struct quantize_options {
    const char *calibrate, *output, *method, *weights, *activations;
    uint64_t samples;
    double percentile, mean, std, at_least;
    int reduce_range;
} quantize_options;

static int read_method(tool *t, const quantize_options *o, weft_quantizer_options *out)
{
    static const char *const names[] = { "minmax", "percentile", "mse" };
    for (unsigned i = 0; i < 3; i++)
        if (!strcmp(o->method, names[i])) {
            out->calibration = i;
            if (o->percentile > 50 && o->percentile <= 100)
                return EXIT_GOOD;
            return tool_fail(t, WEFT_ERR_ARG, "--percentile must be above 50 and at most 100");
        }
    return tool_fail(t, WEFT_ERR_ARG, "--method is minmax, percentile or mse, not \"%.40s\"",
                     o->method);
}

static int read_options(tool *t, const quantize_options *o, weft_quantizer_options *out)
{
    char *end = NULL;
    *out = (weft_quantizer_options){ .struct_bytes = sizeof *out,
                                     .percentile = o->percentile,
                                     .flags = o->reduce_range ? WEFT_QUANTIZER_REDUCED_RANGE : 0 };
    if (!o->calibrate || !o->output)
        return tool_fail(t, WEFT_ERR_ARG, "%s is missing; see weft help",
                         o->calibrate ? "-o OUT.onnx" : "--calibrate DATA");
    if (strcmp(o->activations, "int8") != 0 && strcmp(o->activations, "uint8") != 0)
        return tool_fail(t, WEFT_ERR_ARG, "--activations is int8 or uint8, not \"%.40s\"",
                         o->activations);
    if (o->activations[0] == 'u')
        out->flags |= WEFT_QUANTIZER_UINT8;
    if (o->weights) {
        out->flags |= WEFT_QUANTIZER_INVENT;
        out->seed = strncmp(o->weights, "random:", 7) ? 0 : strtoull(o->weights + 7, &end, 0);
        if (!end || end == o->weights + 7 || *end)
            return tool_fail(t, WEFT_ERR_ARG, "--weights needs a seed, as random:1");
    }
    return read_method(t, o, out);
}

static void print_text(const weft_quantizer *q, const char *path, size_t bytes, uint32_t samples)
{
    weft_quantized_info l = { .struct_bytes = sizeof l };
    weft_quantizer_info all = { .struct_bytes = sizeof all };
    printf("%-36s %-18s %11s %5s %8s %8s\n", "tensor", "made by", "scale", "zero", "own dB",
           "all dB");
    for (uint32_t i = 0; weft_quantizer_describe_activation(q, i, &l, NULL) == WEFT_OK; i++)
        printf("%-36.36s %-18.18s %11.5g %5d %8.1f %8.1f\n", WEFT_SHOWN(l.name), WEFT_SHOWN(l.op),
               (double)l.scale, (int)l.zero_point, l.own_db, l.all_db);
    weft_quantizer_describe(q, &all, NULL);
    printf("%s: %zu bytes, calibrated on %u samples; same largest output for %u of %u\n", path,
           bytes, (unsigned)samples, (unsigned)all.agree, (unsigned)all.compared);
}

static void print_json(const weft_quantizer *q, const char *path, size_t bytes, uint32_t samples)
{
    weft_quantized_info l = { .struct_bytes = sizeof l };
    weft_quantizer_info all = { .struct_bytes = sizeof all };
    json j = { .to = stdout };
    weft_quantizer_describe(q, &all, NULL);
    json_open(&j, NULL, '{');
    json_text(&j, "file", path);
    json_number(&j, "bytes", (double)bytes);
    json_number(&j, "samples", samples);
    json_number(&j, "compared", all.compared);
    json_number(&j, "same_largest_output", all.agree);
    json_open(&j, "tensors", '[');
    for (uint32_t i = 0; weft_quantizer_describe_activation(q, i, &l, NULL) == WEFT_OK; i++) {
        json_open(&j, NULL, '{');
        json_text(&j, "name", l.name);
        json_text(&j, "op", l.op);
        json_number(&j, "scale", (double)l.scale);
        json_number(&j, "zero_point", l.zero_point);
        json_number(&j, "own_sqnr_db", l.own_db);
        json_number(&j, "all_sqnr_db", l.all_db);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
}

/* The least signal to noise of the last tensor a user gets. */
static double last_db(const weft_quantizer *q)
{
    weft_quantized_info l = { .struct_bytes = sizeof l };
    for (uint32_t i = 0; weft_quantizer_describe_activation(q, i, &l, NULL) == WEFT_OK; i++)
        continue;
    return l.all_db;
}

static int quantize(tool *t, const quantize_options *o, weft_quantizer *q)
{
    calibration c;
    uint64_t count = 0;
    int code = calibration_open(t, o->calibrate, o->samples, o->mean, o->std, q, &c);
    if (code == EXIT_GOOD)
        code = tool_exit(weft_quantizer_run(q, &c.samples, &t->err));
    tool_progress(t, "quantize", 1, 1);
    const void *bytes = weft_quantizer_bytes(q, &count);
    if (code == EXIT_GOOD && weft_file_write(o->output, bytes, (size_t)count, &t->err) != WEFT_OK)
        code = EXIT_OUTPUT;
    if (code == EXIT_GOOD && strcmp(o->output, "-"))
        (t->json ? print_json : print_text)(q, o->output, count, c.samples.count);
    if (code == EXIT_GOOD && last_db(q) < o->at_least) {
        weft_error_set(&t->err, WEFT_ERR_ARG, "the last tensor has %.1f dB, less than %.1f",
                       last_db(q), o->at_least);
        code = EXIT_DIFFERS;
    }
    calibration_close(&c);
    return code;
}

int cmd_quantize(tool *t, int argc, char **argv)
{
    quantize_options o = {
        .method = "minmax", .activations = "int8", .percentile = 99.99, .std = 1.0
    };
    const option table[] = {
        { "--calibrate", OPTION_TEXT, &o.calibrate, "directory, files, or random:SEED" },
        { "-o", OPTION_TEXT, &o.output, "the network to write" },
        { "--method", OPTION_TEXT, &o.method, "minmax, percentile or mse" },
        { "--percentile", OPTION_REAL, &o.percentile, "of the values that fit" },
        { "--samples", OPTION_NUMBER, &o.samples, "of the data, at most" },
        { "--mean", OPTION_REAL, &o.mean, "subtracted from pixel / 255" },
        { "--std", OPTION_REAL, &o.std, "then divided by this" },
        { "--activations", OPTION_TEXT, &o.activations, "int8 or uint8" },
        { "--reduce-range", OPTION_FLAG, &o.reduce_range, "weights of seven bits" },
        { "--weights", OPTION_TEXT, &o.weights, "random:SEED for a network without" },
        { "--at-least", OPTION_REAL, &o.at_least, "decibels of the last tensor, else exit 1" }
    };
    arguments a;
    char copy[TOOL_BIND_BYTES];
    weft_bind binds[TOOL_MAX_BINDS];
    weft_quantizer_options options;
    weft_quantizer *q = NULL;
    int code = tool_options(t, argc, argv, table, sizeof table / sizeof *table, 1, 1, &a);
    if (code == EXIT_GOOD)
        code = read_options(t, &o, &options);
    if (code != EXIT_GOOD)
        return code;
    options.binds = binds;
    int rc = tool_binds(t->bind, copy, sizeof copy, binds, &options.bind_count, &t->err);
    if (rc == WEFT_OK)
        rc = weft_quantizer_open(a.word[0], &options, &q, &t->err);
    if (rc == WEFT_OK && o.output && weft_file_is_same(a.word[0], o.output))
        rc = weft_error_set(
            &t->err, WEFT_ERR_ARG,
            "%.100s would be overwritten by its own int8 network: give -o another name", o.output);
    code = tool_exit(rc);
    if (code == EXIT_GOOD)
        code = quantize(t, &o, q);
    weft_quantizer_close(q);
    return code;
}
