/* weft eval: accuracy of a network on a data set, on one device or several at once (fleet.h): predictions are in the
 * order of the data set, and their bytes the same, whatever devices there are and whichever of them are unplugged on
 * the way. */
#include <stdlib.h>

#include "dataset.h"
#include "fleet.h"
#include "json.h"
#include "predictions.h"
#include "tool.h"

enum { TOP = 5 };

typedef struct eval {
    tool *t;
    dataset data;
    fleet f;
    uint32_t total, right;
    uint32_t top;
    prediction *predictions; /* of every image */
    uint8_t *in_top;         /* likewise: the label is among the TOP largest values */
} eval;

static void put(void *self, uint32_t sample, io *b)
{
    eval *e = self;
    dataset_get(&e->data, sample, &b->in[0]);
}

static void take(void *self, uint32_t sample, const io *b)
{
    eval *e = self;
    e->predictions[sample] = prediction_of(e->data.labels[sample], b);
    e->in_top[sample] = tool_rank(b, e->data.labels[sample]) < TOP;
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

/* Whether there are so many classes that the first TOP say something. */
static int has_top(const weft_program *p)
{
    weft_port_info out = { .struct_bytes = sizeof out };
    return weft_program_describe_output(p, 0, &out, NULL) == WEFT_OK && out.elements >= 4 * TOP;
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
    const double percent = 100.0 * e->right / e->total;
    const double per_run = (double)sum.cycles / (double)sum.runs;
    const double turn = (double)sum.elapsed_cycles / (double)sum.runs;
    const double peak = (double)m->program->hw.rows * m->program->hw.cols;
    const double busy =
        sum.cycles ? 100.0 * (double)weft_program_macs(m->program) / (per_run * peak) : 0.0;
    if (!e->t->json) {
        printf("%u of %u right, %.2f %%\n", (unsigned)e->right, (unsigned)e->total, percent);
        if (has_top(m->program))
            printf("%u among the first %d, %.2f %%\n", (unsigned)e->top, TOP,
                   100.0 * e->top / e->total);
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
    json_number(&j, "right", e->right);
    json_number(&j, "total", e->total);
    json_number(&j, "percent", percent);
    if (has_top(m->program))
        json_number(&j, "in_top_5", e->top);
    json_number(&j, "cycles_per_image", per_run);
    json_number(&j, "turn_cycles_per_image", turn);
    json_number(&j, "utilisation_percent", busy);
    json_number(&j, "seconds", seconds);
    json_devices(e, &j);
    json_close(&j, '}');
}

static int evaluate(eval *e, model *m, double at_least, const char *predictions)
{
    const fleet_work work = { .total = e->total,
                              .program = m->program,
                              .form = dataset_form(&e->data),
                              .put = put,
                              .take = take,
                              .self = e,
                              .what = "eval" };
    e->predictions = calloc(e->total, sizeof *e->predictions);
    e->in_top = calloc(e->total, 1);
    if (!e->predictions || !e->in_top)
        return tool_fail(e->t, WEFT_ERR_NO_MEMORY, "no memory for the predictions");
    const double from = tool_seconds();
    int code = fleet_spread(e->t, &e->f, &work);
    if (code == EXIT_GOOD && e->data.failed.status != WEFT_OK) {
        e->t->err = e->data.failed;
        code = tool_exit(e->data.failed.status);
    }
    if (code == EXIT_GOOD && predictions)
        code = predictions_write(e->t, predictions, e->predictions, e->total);
    if (code != EXIT_GOOD)
        return code;
    for (uint32_t i = 0; i < e->total; i++)
        e->top += e->in_top[i];
    for (uint32_t i = 0; i < e->total; i++)
        e->right += e->predictions[i].answer == e->predictions[i].label;
    print_result(e, m, tool_seconds() - from);
    if (100.0 * e->right / e->total < at_least) {
        weft_error_set(&e->t->err, WEFT_ERR_ARG, "fewer than %.2f %% are right", at_least);
        return EXIT_DIFFERS;
    }
    return EXIT_GOOD;
}

int cmd_eval(tool *t, int argc, char **argv)
{
    names known = { 0 };
    char mean[METADATA_LIST_BYTES], std[METADATA_LIST_BYTES];
    const char *names_file = NULL;
    dataset_options o = { .known = &known };
    texts via = { 0, { "ref:" } };
    const char *predictions = NULL;
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
        { "--predictions", OPTION_TEXT, &predictions, "file for them" }
    };
    arguments a;
    int code = tool_options(t, argc, argv, table, sizeof table / sizeof *table, 1, 1, &a);
    if (code != EXIT_GOOD)
        return code;
    if (jobs < 1 || jobs > FLEET_MOST)
        return tool_fail(t, WEFT_ERR_ARG, "--jobs must be 1 to %d", FLEET_MOST);
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
    e->total = n && n < e->data.count ? (uint32_t)n : e->data.count;
    if (code == EXIT_GOOD)
        code = evaluate(e, &m, at_least, predictions);
    const int closed = fleet_close(t, &e->f);
    dataset_close(&e->data);
    model_free(&m);
    names_free(&known);
    free(e->predictions);
    free(e->in_top);
    free(e);
    return code == EXIT_GOOD ? closed : code;
}
