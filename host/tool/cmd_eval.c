/* weft eval: accuracy of a network on a data set, on one device or several at once (fleet.h): predictions are in the
 * order of the data set, and their bytes the same, whatever devices there are and whichever of them are unplugged on
 * the way. */
#include <stdlib.h>
#include <string.h>

#include "dataset.h"
#include "eval_result.h"
#include "fleet.h"
#include "json.h"
#include "models/base/weft_crc32.h"
#include "shard.h"
#include "tool.h"

typedef struct eval {
    tool *t;
    dataset data;
    fleet f;
    uint32_t first; /* sample of the data set, of the part that is done */
    uint32_t total;
    eval_result result;
    prediction *predictions; /* of every image */
    uint8_t *in_top;         /* likewise: the label is among the EVAL_TOP largest values */
} eval;

static void put(void *self, uint32_t sample, io *b)
{
    eval *e = self;
    dataset_get(&e->data, e->first + sample, &b->in[0]);
}

static void take(void *self, uint32_t sample, const io *b)
{
    eval *e = self;
    const uint32_t label = e->data.labels[e->first + sample];
    e->predictions[sample] = prediction_of(label, b);
    e->in_top[sample] = tool_rank(b, label) < EVAL_TOP;
}

/* What each of several devices has done. */
static void print_devices(const eval *e)
{
    for (uint32_t i = 0; i < e->f.count; i++) {
        weft_device_info info = { .struct_bytes = sizeof info };
        weft_device_describe(e->f.member[i].dev, &info, NULL);
        printf("%s: %u images%s%s\n", info.address, (unsigned)e->f.done[i],
               e->f.gone[i].status == WEFT_OK ? "" : ", then it did not come back: ",
               e->f.gone[i].text);
    }
}

static void json_devices(const eval *e, json *j)
{
    json_open(j, "devices", '[');
    for (uint32_t i = 0; i < e->f.count; i++) {
        weft_device_info info = { .struct_bytes = sizeof info };
        weft_device_describe(e->f.member[i].dev, &info, NULL);
        json_open(j, NULL, '{');
        json_text(j, "address", info.address);
        json_number(j, "images", e->f.done[i]);
        json_text(j, "lost", e->f.gone[i].text);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static int has_top(const weft_program *p)
{
    weft_port_info out = { .struct_bytes = sizeof out };
    return weft_program_describe_output(p, 0, &out, NULL) == WEFT_OK &&
           out.elements >= 4 * EVAL_TOP;
}

/* Cycles are those of the devices that count them. */
static void print_result(const eval *e, const model *m, double seconds)
{
    weft_stats sum = { 0 }, s = { .struct_bytes = sizeof s };
    for (uint32_t i = 0; i < e->f.count; i++) {
        if (!e->f.member[i].net)
            continue; /* was lost before it was loaded */
        weft_loaded_stats(e->f.member[i].net, &s, NULL);
        if (!s.cycles && e->f.count > 1)
            continue; /* has no clock */
        sum.runs += s.runs;
        sum.cycles += s.cycles;
        sum.run_seconds += s.run_seconds;
        sum.elapsed_cycles += s.elapsed_cycles;
    }
    const eval_result *r = &e->result;
    const double per_run = (double)sum.cycles / (double)sum.runs;
    const double turn = (double)sum.elapsed_cycles / (double)sum.runs;
    const double peak = (double)m->program->hw.rows * m->program->hw.cols;
    const double busy =
        sum.cycles ? 100.0 * (double)weft_program_macs(m->program) / (per_run * peak) : 0.0;
    if (!e->t->json) {
        eval_print(r);
        if (sum.cycles)
            printf("%.0f cycles each, %.1f %% of the multipliers, %.2f M simulated cycles/s\n",
                   per_run, busy, (double)sum.cycles / sum.run_seconds / 1e6);
        if (sum.elapsed_cycles)
            printf("%.0f cycles from one image to the next, transfers included\n", turn);
        printf("%.2f s, %.1f images/s\n", seconds, e->total / seconds);
        if (e->f.count > 1)
            print_devices(e);
        return;
    }
    json j = { .to = stdout };
    json_open(&j, NULL, '{');
    eval_json(r, &j);
    json_number(&j, "cycles_per_image", per_run);
    json_number(&j, "turn_cycles_per_image", turn);
    json_number(&j, "utilisation_percent", busy);
    json_number(&j, "seconds", seconds);
    json_devices(e, &j);
    json_close(&j, '}');
}

/* What must be alike of all parts: the program, and as much of the data and how it is taken as is at hand. */
static void identify(const eval *e, const model *m, const dataset_options *o, shard_table *part)
{
    const dataset *d = &e->data;
    uint32_t data = weft_file_crc32(d->labels, d->count * sizeof *d->labels);
    if (d->array.kind)
        data = weft_file_crc32_more(data, d->array.data,
                                    (size_t)d->array.elements * d->array.unit_bytes);
    else if (!d->path)
        data = weft_file_crc32_more(data, d->samples, d->count * d->sample_bytes);
    for (uint32_t i = 0; d->path && i < d->count; i++) {
        const char *name = strrchr(d->path[i], '/');
        data =
            weft_file_crc32_more(data, name ? name : d->path[i], strlen(name ? name : d->path[i]));
    }
    snprintf(part->identity, sizeof part->identity,
             "program %08x, data %08x, divide %.9g, mean %.40s, std %.40s, fit %.20s, pixels %d",
             (unsigned)weft_file_crc32(m->file, m->file_bytes), (unsigned)data, o->feed.divide,
             o->feed.mean ? o->feed.mean : "", o->feed.std ? o->feed.std : "",
             o->feed.fit ? o->feed.fit : "", o->feed.pixels);
}

/* The result of a part, to be merged. */
static int write_shard(eval *e, const model *m, const dataset_options *o, shard s, uint32_t all,
                       const char *path)
{
    shard_table part = { .of = "eval",
                         .total = all,
                         .width = EVAL_WIDTH,
                         .name_count = 1,
                         .name = { "has_top" },
                         .name_value = { has_top(m->program) } };
    part.rows = calloc((size_t)e->total * EVAL_WIDTH + 1, sizeof *part.rows);
    if (!part.rows)
        return tool_fail(e->t, WEFT_ERR_NO_MEMORY, "no memory for the result");
    for (uint32_t i = 0; i < e->total; i++)
        eval_pack(&e->predictions[i], e->in_top[i], part.rows + (size_t)i * EVAL_WIDTH);
    identify(e, m, o, &part);
    const int code = shard_write(e->t, path, s, &part);
    shard_free(&part);
    return code;
}

/* All samples of the part, through the devices. */
static int evaluate(eval *e, model *m)
{
    const fleet_work work = { .total = e->total,
                              .program = m->program,
                              .form = dataset_form(&e->data),
                              .put = put,
                              .take = take,
                              .self = e,
                              .what = "eval" };
    e->predictions = calloc(e->total + 1u, sizeof *e->predictions);
    e->in_top = calloc(e->total + 1u, 1);
    if (!e->predictions || !e->in_top)
        return tool_fail(e->t, WEFT_ERR_NO_MEMORY, "no memory for the predictions");
    int code = e->total ? fleet_spread(e->t, &e->f, &work) : EXIT_GOOD;
    if (code == EXIT_GOOD && e->data.failed.status != WEFT_OK) {
        e->t->err = e->data.failed;
        code = tool_exit(e->data.failed.status);
    }
    e->result = (eval_result){ .total = e->total, .has_top = has_top(m->program) };
    for (uint32_t i = 0; i < e->total; i++) {
        e->result.top += e->in_top[i];
        e->result.right += e->predictions[i].answer == e->predictions[i].label;
    }
    return code;
}

static int show(eval *e, const model *m, double seconds, double at_least, const char *predictions)
{
    const int code =
        predictions ? predictions_write(e->t, predictions, e->predictions, e->total) : EXIT_GOOD;
    if (code != EXIT_GOOD)
        return code;
    print_result(e, m, seconds);
    return eval_check(e->t, &e->result, at_least);
}

int cmd_eval(tool *t, int argc, char **argv)
{
    names known = { 0 };
    char mean[METADATA_LIST_BYTES], std[METADATA_LIST_BYTES];
    const char *names_file = NULL;
    dataset_options o = { .known = &known };
    texts via = { 0, { "ref:" } };
    const char *predictions = NULL, *shard_text = NULL, *output = NULL;
    shard part;
    uint64_t n = 0, jobs = 1;
    double at_least = 0.0;
    const option table[] = {
        { "--via", OPTION_TEXTS, &via, "device, usb:* for all boards; several times: all of them" },
        { "--data", OPTION_TEXT, &o.data,
          "folder of MNIST or of pictures by class; .npy, .npz, raw" },
        { "--labels", OPTION_TEXT, &o.labels, "CSV, the label last in a line; or .npy" },
        { "--pixels", OPTION_FLAG, &o.feed.pixels, "raw samples, uint8 of arrays: 0..255" },
        { "--divide", OPTION_REAL, &o.feed.divide, "values, MNIST by 255" },
        { "--mean", OPTION_TEXT, &o.feed.mean,
          "then subtracted: a number, or one for each channel" },
        { "--std", OPTION_TEXT, &o.feed.std, "then divided by this" },
        { "--fit", OPTION_TEXT, &o.feed.fit, "pictures: crop, stretch, or short side in pixels" },
        { "--names", OPTION_TEXT, &names_file, "file of the classes' names" },
        { "-n", OPTION_NUMBER, &n, "images, all if absent" },
        { "--jobs", OPTION_NUMBER, &jobs, "times each address is opened" },
        { "--at-least", OPTION_REAL, &at_least, "percent, else exit 1" },
        { "--predictions", OPTION_TEXT, &predictions, "file for them" },
        { "--shard", OPTION_TEXT, &shard_text, "I/N: only this part, for weft merge" },
        { "-o", OPTION_TEXT, &output, "file for the result of that part" }
    };
    arguments a;
    int code = tool_options(t, argc, argv, table, sizeof table / sizeof *table, 1, 1, &a);
    if (code != EXIT_GOOD)
        return code;
    if (jobs < 1 || jobs > FLEET_MOST)
        return tool_fail(t, WEFT_ERR_ARG, "--jobs must be 1 to %d", FLEET_MOST);
    code = shard_read(t, shard_text, &part);
    if (code == EXIT_GOOD && part.count ? predictions || at_least > 0.0 : output != NULL)
        code = tool_fail(
            t, WEFT_ERR_ARG,
            part.count ? "of a part neither --predictions nor --at-least: give them to weft merge"
                       : "-o is for the result of a --shard");
    if (code != EXIT_GOOD)
        return code;
    eval *e = calloc(1, sizeof *e);
    if (!e)
        return tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory");
    model m = { 0 };
    e->t = t;
    code = names_for(t, a.word[0], names_file, &o.feed, mean, std, &known);
    if (code == EXIT_GOOD)
        code = fleet_open(t, &via, (uint32_t)jobs, a.word[0], &e->f, &m);
    if (code == EXIT_GOOD)
        code = dataset_open(t, &o, m.program, &e->data);
    const uint32_t all = n && n < e->data.count ? (uint32_t)n : e->data.count;
    uint32_t end;
    shard_range(part, all, &e->first, &end);
    e->total = end - e->first;
    const double from = tool_seconds();
    if (code == EXIT_GOOD)
        code = evaluate(e, &m);
    if (code == EXIT_GOOD)
        code = part.count ? write_shard(e, &m, &o, part, all, output)
                          : show(e, &m, tool_seconds() - from, at_least, predictions);
    const int closed = fleet_close(t, &e->f);
    dataset_close(&e->data);
    model_free(&m);
    names_free(&known);
    free(e->predictions);
    free(e->in_top);
    free(e);
    return code == EXIT_GOOD ? closed : code;
}
