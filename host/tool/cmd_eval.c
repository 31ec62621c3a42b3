/* weft eval: accuracy of a network on a data set, on one device or several at once.
 *
 * Each device has a few jobs in flight, so that its queue never runs dry; results are taken in
 * order.  Ctrl-C cancels what is in flight. */
#include <stdlib.h>

#include "dataset.h"
#include "json.h"
#include "predictions.h"
#include "tool.h"

enum { MAX_DEVICES = 64, DEPTH = 4 };

/* One image on its way. */
typedef struct slot {
    weft_job *job;
    io b;
    uint32_t image;
} slot;

typedef struct lane {
    session on;
    slot slots[DEPTH];
} lane;

typedef struct eval {
    tool *t;
    dataset data;
    lane lanes[MAX_DEVICES];
    uint32_t lane_count, total, right;
    prediction *predictions; /* of every image */
} eval;

static int take_result(eval *e, slot *s)
{
    int rc;
    while ((rc = weft_wait(s->job, 100, &e->t->err)) == WEFT_ERR_TIMEOUT)
        if (tool_interrupted())
            weft_cancel(s->job);
    weft_job_free(s->job);
    s->job = NULL;
    if (rc == WEFT_OK) {
        const prediction p = prediction_of(e->data.labels[s->image], &s->b);
        e->right += p.answer == p.label;
        e->predictions[s->image] = p;
    }
    return rc;
}

static int run_all(eval *e)
{
    const uint32_t slots = e->lane_count * DEPTH;
    for (uint32_t i = 0; i < e->total + slots; i++) {
        lane *l = &e->lanes[i % e->lane_count];
        slot *s = &l->slots[i / e->lane_count % DEPTH];
        int rc = s->job ? take_result(e, s) : WEFT_OK;
        if (rc == WEFT_OK && i < e->total) {
            s->image = i;
            dataset_get(&e->data, i, &s->b.in[0]);
            rc = io_submit(l->on.net, &s->b, &s->job, &e->t->err);
        }
        if (rc == WEFT_OK && tool_interrupted())
            rc = weft_error_set(&e->t->err, WEFT_ERR_CANCELLED, "interrupted after %u images",
                                (unsigned)(i > slots ? i - slots : 0));
        if (rc != WEFT_OK)
            return tool_exit(rc);
        if (i % 16 == 0 && i < e->total)
            tool_progress(e->t, "eval", i, e->total);
    }
    e->t->err = (weft_error){ 0 };
    tool_progress(e->t, "eval", 1, 1);
    return EXIT_GOOD;
}

static void drain(eval *e)
{
    for (uint32_t i = 0; i < e->lane_count; i++)
        for (unsigned k = 0; k < DEPTH; k++) {
            slot *s = &e->lanes[i].slots[k];
            weft_job_free(s->job);
            io_free(&s->b);
        }
}

static void print_result(const eval *e, const model *m, double seconds)
{
    weft_stats sum = { 0 }, s = { .struct_bytes = sizeof s };
    for (uint32_t i = 0; i < e->lane_count; i++) {
        weft_loaded_stats(e->lanes[i].on.net, &s, NULL);
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
        if (sum.cycles)
            printf("%.0f cycles each, %.1f %% of the multipliers, %.2f M simulated cycles/s\n",
                   per_run, busy, (double)sum.cycles / sum.run_seconds / 1e6);
        if (sum.elapsed_cycles)
            printf("%.0f cycles from one image to the next, transfers included\n", turn);
        printf("%.2f s, %.1f images/s\n", seconds, e->total / seconds);
        return;
    }
    json j = { .to = stdout };
    json_open(&j, NULL, '{');
    json_number(&j, "right", e->right);
    json_number(&j, "total", e->total);
    json_number(&j, "percent", percent);
    json_number(&j, "cycles_per_image", per_run);
    json_number(&j, "turn_cycles_per_image", turn);
    json_number(&j, "utilisation_percent", busy);
    json_number(&j, "seconds", seconds);
    json_close(&j, '}');
}

/* Open the other devices with the same program. */
static int open_lanes(eval *e, const char *uri, const model *m)
{
    int code = EXIT_GOOD;
    for (uint32_t i = 0; i < e->lane_count && code == EXIT_GOOD; i++) {
        lane *l = &e->lanes[i];
        if (i > 0)
            code = session_open(e->t, uri, m->program, &l->on);
        for (unsigned k = 0; k < DEPTH && code == EXIT_GOOD; k++)
            code = io_make_answers(e->t, m->program, dataset_form(&e->data), &l->slots[k].b);
    }
    return code;
}

static int evaluate(eval *e, const char *uri, const model *m, double at_least,
                    const char *predictions)
{
    int code = open_lanes(e, uri, m);
    e->predictions = calloc(e->total, sizeof *e->predictions);
    if (code == EXIT_GOOD && !e->predictions)
        code = tool_fail(e->t, WEFT_ERR_NO_MEMORY, "no memory for the predictions");
    const double from = tool_seconds();
    if (code == EXIT_GOOD)
        code = run_all(e);
    drain(e);
    if (code == EXIT_GOOD && predictions)
        code = predictions_write(e->t, predictions, e->predictions, e->total);
    if (code != EXIT_GOOD)
        return code;
    print_result(e, m, tool_seconds() - from);
    if (100.0 * e->right / e->total < at_least) {
        weft_error_set(&e->t->err, WEFT_ERR_ARG, "fewer than %.2f %% are right", at_least);
        return EXIT_DIFFERS;
    }
    return EXIT_GOOD;
}

int cmd_eval(tool *t, int argc, char **argv)
{
    dataset_options o = { .std = 1.0 };
    const char *uri = "ref:", *predictions = NULL;
    uint64_t n = 0, jobs = 1;
    double at_least = 0.0;
    const option table[] = { { "--via", OPTION_TEXT, &uri, "device" },
                             { "--data", OPTION_TEXT, &o.data, "MNIST directory, or raw samples" },
                             { "--labels", OPTION_TEXT, &o.labels,
                               "CSV, the label last in a line" },
                             { "--pixels", OPTION_FLAG, &o.pixels, "raw samples are 0..255" },
                             { "--divide", OPTION_REAL, &o.divide, "values, MNIST by 255" },
                             { "--mean", OPTION_REAL, &o.mean, "then subtracted" },
                             { "--std", OPTION_REAL, &o.std, "then divided by this" },
                             { "-n", OPTION_NUMBER, &n, "images, all if absent" },
                             { "--jobs", OPTION_NUMBER, &jobs, "devices at once" },
                             { "--at-least", OPTION_REAL, &at_least, "percent, else exit 1" },
                             { "--predictions", OPTION_TEXT, &predictions, "file for them" } };
    arguments a;
    int code = tool_options(t, argc, argv, table, sizeof table / sizeof *table, 1, 1, &a);
    if (code != EXIT_GOOD)
        return code;
    if (jobs < 1 || jobs > MAX_DEVICES)
        return tool_fail(t, WEFT_ERR_ARG, "--jobs must be 1 to %d", MAX_DEVICES);
    eval *e = calloc(1, sizeof *e);
    if (!e)
        return tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory");
    model m;
    e->t = t;
    e->lane_count = (uint32_t)jobs;
    code = model_open(t, uri, a.word[0], 0, &e->lanes[0].on, &m);
    if (code == EXIT_GOOD)
        code = dataset_open(t, &o, m.program, &e->data);
    e->total = n && n < e->data.count ? (uint32_t)n : e->data.count;
    if (code == EXIT_GOOD)
        code = evaluate(e, uri, &m, at_least, predictions);
    for (uint32_t i = 0; i < e->lane_count; i++)
        if (session_close(&e->lanes[i].on) != WEFT_OK && code == EXIT_GOOD) {
            tool_fail(t, WEFT_ERR_IO, "the trace could not be written completely");
            code = EXIT_OUTPUT;
        }
    dataset_close(&e->data);
    model_free(&m);
    free(e->predictions);
    free(e);
    return code;
}
