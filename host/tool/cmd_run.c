/* weft run: one network, one input, on any device; outputs to a file or to the screen. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "feed.h"
#include "json.h"
#include "models/base/files.h"
#include "models/base/utf8.h"
#include "names.h"
#include "outputs.h"
#include "tool.h"

enum { SHOWN = 16, MOST_COUNTERS = 32, USUAL_TOP = 5 };

typedef struct run_options {
    const char *uri, *output;
    uint64_t seed, repeat, top;
    int int8, counters;
    const char *names;
    const names *known; /* read of that, or of the model */
    feed_options feed;
    char mean[METADATA_LIST_BYTES], std[METADATA_LIST_BYTES]; /* of the model's metadata */
} run_options;

/* A picture, a sound, an array. */
static int read_media(tool *t, const run_options *o, const weft_port_info *p, const char *path,
                      const media *m, buffer *to)
{
    feed f;
    int code = feed_open(t, &o->feed, p, &f);
    const uint64_t samples = code == EXIT_GOOD ? feed_count(t, &f, path, m) : 0;
    if (code != EXIT_GOOD || !samples)
        return tool_exit(t->err.status);
    if (samples != 1)
        return tool_fail(t, WEFT_ERR_SHAPE,
                         "%.200s holds %llu samples, run takes one: see weft eval", path,
                         (unsigned long long)samples);
    return feed_one(t, &f, path, m, to);
}

/* Fill input i from a file: what media.h knows, or raw: the model's own type if the size says so, else int8. */
static int read_input(tool *t, const run_options *o, const weft_port_info *p, const char *path,
                      buffer *to)
{
    uint8_t *bytes;
    size_t n;
    if (weft_file_read(path, &bytes, &n, &t->err) != WEFT_OK)
        return EXIT_INPUT;
    const int raw = n == p->model_bytes || n == p->elements;
    media m;
    if (media_detect(bytes, n) != MEDIA_NONE) {
        const int rc = media_read(path, bytes, n, NULL, &m, &t->err);
        const int code = rc == WEFT_OK ? read_media(t, o, p, path, &m, to) : tool_exit(rc);
        media_free(&m);
        if (rc == WEFT_OK || !raw) {
            free(bytes);
            return code;
        }
        t->err = (weft_error){ 0 }; /* it only begins like that */
    }
    if (!raw) {
        free(bytes);
        return tool_fail(t, WEFT_ERR_SHAPE,
                         "%.100s has %zu bytes; the input \"%.60s\" takes %llu (or %llu of int8)",
                         path, n, p->name, (unsigned long long)p->model_bytes,
                         (unsigned long long)p->elements);
    }
    free(to->data);
    *to = (buffer){ bytes, n, n == p->model_bytes ? WEFT_FORM_MODEL : WEFT_FORM_INT8 };
    return EXIT_GOOD;
}

static int fill_inputs(tool *t, const weft_program *prog, const run_options *o, const arguments *a,
                       io *b)
{
    uint64_t state = o->seed * 0x9e3779b97f4a7c15u + 1;
    const uint32_t files = (uint32_t)a->count - 1;
    if (files && files != b->in_count)
        return tool_fail(t, WEFT_ERR_ARG, "the network has %u inputs, %u files are given",
                         (unsigned)b->in_count, (unsigned)files);
    int code = EXIT_GOOD;
    for (uint32_t i = 0; i < b->in_count && code == EXIT_GOOD; i++) {
        weft_port_info p = { .struct_bytes = sizeof p };
        weft_program_describe_input(prog, i, &p, NULL);
        if (files)
            code = read_input(t, o, &p, a->word[i + 1], &b->in[i]);
        else
            io_random(&b->in[i], &state);
    }
    return code;
}

static void print_outputs(const weft_program *prog, const io *b)
{
    for (uint32_t i = 0; i < b->out_count; i++) {
        weft_port_info p = { .struct_bytes = sizeof p };
        weft_program_describe_output(prog, i, &p, NULL);
        printf("%s:", WEFT_SHOWN(p.name));
        const size_t count = output_count(&p, &b->out[i]);
        for (size_t k = 0; k < count && k < SHOWN; k++)
            printf(" %.6g", output_element(&b->out[i], p.type, k));
        printf("%s\n", count > SHOWN ? " ..." : "");
    }
}

static void print_top(const run_options *o, const weft_program *prog, const io *b)
{
    weft_port_info p = { .struct_bytes = sizeof p };
    weft_program_describe_output(prog, 0, &p, NULL);
    names_print_top(o->known, &p, &b->out[0],
                    o->top > NAMES_MOST_TOP ? NAMES_MOST_TOP : (uint32_t)o->top);
}

static int print_result(tool *t, const session *on, const model *m, const run_options *o,
                        const io *b)
{
    weft_stats s = { .struct_bytes = sizeof s };
    uint32_t counter[MOST_COUNTERS] = { 0 };
    weft_loaded_stats(on->net, &s, NULL);
    const double peak = (double)m->program->hw.rows * m->program->hw.cols;
    const double busy = s.last_cycles
                            ? 100.0 * (double)weft_program_macs(m->program) / (s.last_cycles * peak)
                            : 0.0;
    if (weft_device_counters(on->dev, counter, MOST_COUNTERS, &t->err) != WEFT_OK)
        return tool_exit(t->err.status);
    if (t->json) {
        json j = { .to = stdout };
        json_open(&j, NULL, '{');
        outputs_json(&j, m->program, b);
        json_number(&j, "cycles", s.last_cycles);
        json_number(&j, "utilisation_percent", busy);
        json_number(&j, "seconds", s.run_seconds / (double)s.runs);
        json_open(&j, "counters", '{');
        for (uint32_t i = 0; i < MOST_COUNTERS && weft_counter_name(i); i++)
            json_number(&j, weft_counter_name(i), counter[i]);
        json_close(&j, '}');
        json_close(&j, '}');
        return EXIT_GOOD;
    }
    if (!o->output)
        print_outputs(m->program, b);
    if (o->top)
        print_top(o, m->program, b);
    if (s.last_cycles)
        printf("%u cycles, %.1f %% of the multipliers, %.2f M simulated cycles/s\n",
               (unsigned)s.last_cycles, busy, (double)s.cycles / s.run_seconds / 1e6);
    for (uint32_t i = 0; o->counters && i < MOST_COUNTERS && weft_counter_name(i); i++)
        printf("%-14s %10u  %s\n", weft_counter_name(i), (unsigned)counter[i],
               weft_counter_text(i));
    return EXIT_GOOD;
}

static int write_outputs(tool *t, const char *path, const io *b)
{
    size_t bytes = 0, at = 0;
    for (uint32_t i = 0; i < b->out_count; i++)
        bytes += b->out[i].bytes;
    uint8_t *all = malloc(bytes ? bytes : 1);
    if (!all)
        return tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for the outputs");
    for (uint32_t i = 0; i < b->out_count; at += b->out[i].bytes, i++)
        memcpy(all + at, b->out[i].data, b->out[i].bytes);
    const int rc = weft_file_write(path, all, bytes, &t->err);
    free(all);
    return rc == WEFT_OK ? EXIT_GOOD : EXIT_OUTPUT;
}

int cmd_run(tool *t, int argc, char **argv)
{
    run_options o = { .uri = "ref:", .seed = 1, .repeat = 1 };
    const option table[] = {
        { "--via", OPTION_TEXT, &o.uri, "device" },
        { "-o", OPTION_TEXT, &o.output, "file for the outputs, one after the other" },
        { "--int8", OPTION_FLAG, &o.int8, "outputs as the int8 of the device" },
        { "--seed", OPTION_NUMBER, &o.seed, "of the input if none is given" },
        { "-n", OPTION_NUMBER, &o.repeat, "so many times" },
        { "--counters", OPTION_FLAG, &o.counters, "print the counters of the last run" },
        { "--pixels", OPTION_FLAG, &o.feed.pixels, "uint8 of an array are pixels" },
        { "--divide", OPTION_REAL, &o.feed.divide, "pixels" },
        { "--mean", OPTION_TEXT, &o.feed.mean,
          "then subtracted: a number, or one for each channel" },
        { "--std", OPTION_TEXT, &o.feed.std, "then divided by this" },
        { "--fit", OPTION_TEXT, &o.feed.fit, "pictures: crop, stretch, or short side in pixels" },
        { "--names", OPTION_TEXT, &o.names, "file of the classes' names" },
        { "--top", OPTION_NUMBER, &o.top, "print so many of the largest of output 0" }
    };
    arguments a;
    int code = tool_options(t, argc, argv, table, sizeof table / sizeof *table, 1, INT_MAX, &a);
    if (code == EXIT_GOOD && o.repeat < 1)
        code = tool_fail(t, WEFT_ERR_ARG, "-n must be 1 or more");
    if (code != EXIT_GOOD)
        return code;
    model m = { 0 };
    io b = { 0 };
    session s = { 0 };
    names known;
    code = names_for(t, a.word[0], o.names, &o.feed, o.mean, o.std, &known);
    o.known = &known;
    if (known.count && !o.top)
        o.top = USUAL_TOP;
    if (code == EXIT_GOOD)
        code = model_open(t, o.uri, a.word[0], 0, &s, &m);
    if (code == EXIT_GOOD)
        code = io_make(t, m.program, WEFT_FORM_INT8, o.int8 ? WEFT_FORM_INT8 : WEFT_FORM_MODEL, &b);
    if (code == EXIT_GOOD)
        code = fill_inputs(t, m.program, &o, &a, &b);
    for (uint64_t i = 0; i < o.repeat && code == EXIT_GOOD; i++)
        code = tool_run(t, s.net, &b, "run");
    if (code == EXIT_GOOD && o.output)
        code = write_outputs(t, o.output, &b);
    if (code == EXIT_GOOD && !(o.output && !strcmp(o.output, "-")))
        code = print_result(t, &s, &m, &o, &b);
    io_free(&b);
    model_free(&m);
    names_free(&known);
    if (session_close(&s) != WEFT_OK && code == EXIT_GOOD) {
        tool_fail(t, WEFT_ERR_IO, "the trace could not be written completely");
        code = EXIT_OUTPUT;
    }
    return code;
}
