/* weft profile: what a run costs, layer by layer; profile.h says how it is measured. */
#include <string.h>

#include "models/base/files.h"
#include "profile.h"

typedef struct profile_options {
    const char *uri, *trace, *html, *csv;
    int check;
} profile_options;

/* Write one of the files; an exit code. */
static int write_file(tool *t, const char *path, const profile *p, const char *title,
                      void (*write)(const profile *p, const char *title, FILE *to))
{
    weft_file_out out;
    if (weft_file_create(path, &out, &t->err) != WEFT_OK)
        return EXIT_OUTPUT;
    write(p, title, out.to);
    return weft_file_finish(&out, 1, &t->err) == WEFT_OK ? EXIT_GOOD : EXIT_OUTPUT;
}

static void write_csv(const profile *p, const char *title, FILE *to)
{
    (void)title;
    profile_csv(p, to);
}

static int show(tool *t, const profile_options *o, const char *model_path, const profile *p)
{
    const char *slash = strrchr(model_path, '/');
    const char *title = slash ? slash + 1 : model_path;
    int code = EXIT_GOOD;
    if (o->trace)
        code = write_file(t, o->trace, p, title, profile_trace);
    if (o->html && code == EXIT_GOOD)
        code = write_file(t, o->html, p, title, profile_html);
    if (o->csv && code == EXIT_GOOD)
        code = write_file(t, o->csv, p, title, write_csv);
    if (code != EXIT_GOOD)
        return code;
    if (t->json)
        profile_json(p, stdout);
    else
        profile_text(p, stdout);
    return EXIT_GOOD;
}

/* Run the same on the C model of such a device and compare the outputs. */
static int check_bytes(tool *t, const model *m, const io *measured)
{
    const weft_hw *hw = &m->program->hw;
    char uri[160];
    snprintf(uri, sizeof uri, "ref:shape=%ux%u,lanes=%u,fb=%u,acc=%u,port=%u", (unsigned)hw->rows,
             (unsigned)hw->cols, (unsigned)hw->lanes, (unsigned)hw->fb_words,
             (unsigned)hw->acc_depth, (unsigned)hw->mem_bytes);
    session ref;
    io b = { 0 };
    int code = session_open(t, uri, m->program, &ref);
    if (code == EXIT_GOOD)
        code = io_make(t, m->program, WEFT_FORM_INT8, WEFT_FORM_INT8, &b);
    for (uint32_t i = 0; i < b.in_count && code == EXIT_GOOD; i++)
        memcpy(b.in[i].data, measured->in[i].data, b.in[i].bytes);
    if (code == EXIT_GOOD)
        code = tool_run(t, ref.net, &b, "check");
    for (uint32_t i = 0; i < b.out_count && code == EXIT_GOOD; i++)
        if (memcmp(b.out[i].data, measured->out[i].data, b.out[i].bytes)) {
            tool_fail(t, WEFT_ERR_DEVICE,
                      "output %u of the measured run is not that of the C model", (unsigned)i);
            code = EXIT_DIFFERS;
        }
    io_free(&b);
    session_close(&ref);
    return code;
}

static int measure(tool *t, const session *s, const model *m, const profile_options *o, profile *p)
{
    io b = { 0 };
    uint64_t state = 0x9e3779b97f4a7c15u;
    int code = io_make(t, m->program, WEFT_FORM_INT8, WEFT_FORM_INT8, &b);
    for (uint32_t i = 0; i < b.in_count && code == EXIT_GOOD; i++)
        io_random(&b.in[i], &state);
    if (code == EXIT_GOOD)
        code = profile_make(t, s, m->program, &b, p);
    if (code == EXIT_GOOD && o->check)
        code = check_bytes(t, m, &b);
    io_free(&b);
    return code;
}

int cmd_profile(tool *t, int argc, char **argv)
{
    profile_options o = { .uri = "sim:" };
    const option table[] = {
        { "--via", OPTION_TEXT, &o.uri, "device, one that can be watched" },
        { "--trace", OPTION_TEXT, &o.trace, "trace to write, for ui.perfetto.dev" },
        { "--html", OPTION_TEXT, &o.html, "page to write" },
        { "--csv", OPTION_TEXT, &o.csv, "spreadsheet to write" },
        { "--check", OPTION_FLAG, &o.check, "compare the outputs with the C model" },
    };
    arguments a;
    int code = tool_options(t, argc, argv, table, sizeof table / sizeof *table, 1, 1, &a);
    if (code != EXIT_GOOD)
        return code;
    model m;
    session s;
    code = model_open(t, o.uri, a.word[0], 0, &s, &m);
    profile p = { 0 };
    if (code == EXIT_GOOD)
        code = measure(t, &s, &m, &o, &p);
    if (code == EXIT_GOOD)
        code = show(t, &o, a.word[0], &p);
    profile_free(&p);
    model_free(&m);
    if (session_close(&s) != WEFT_OK && code == EXIT_GOOD) {
        tool_fail(t, WEFT_ERR_IO, "the trace could not be written completely");
        code = EXIT_OUTPUT;
    }
    return code;
}
