/* weft selftest: a page that says whether a device is good (selftest.h). */
#include "json.h"
#include "selftest.h"
#include "tool.h"

enum { MOST_SECONDS = 86400 };

static const char *word_of(selftest_result r)
{
    return r == SELFTEST_PASSED ? "passed" : r == SELFTEST_FAILED ? "FAILED" : "not there";
}

static void print_text(const char *uri, const selftest_report *r)
{
    char options[WEFT_HW_OPTIONS_BYTES];
    printf("%s: %ux%u multipliers, %u bytes of memory\n", uri, (unsigned)r->hw.rows,
           (unsigned)r->hw.cols, (unsigned)r->hw.mem_size);
    weft_hw_options(&r->hw, options);
    if (*options)
        printf("          %s\n", options);
    for (unsigned i = 0; i < SELFTEST_PARTS; i++)
        printf("%-9s %-9s %s\n", r->part[i].name, word_of(r->part[i].result), r->part[i].text);
}

static void print_json(const char *uri, const selftest_report *r)
{
    json j = { .to = stdout };
    json_open(&j, NULL, '{');
    json_text(&j, "uri", uri);
    json_bool(&j, "good", selftest_good(r) && !r->stopped);
    json_number(&j, "rows", r->hw.rows);
    json_number(&j, "cols", r->hw.cols);
    json_number(&j, "mem_size", r->hw.mem_size);
    json_open(&j, "parts", '[');
    for (unsigned i = 0; i < SELFTEST_PARTS; i++) {
        const selftest_part *p = &r->part[i];
        json_open(&j, NULL, '{');
        json_text(&j, "name", p->name);
        json_text(&j, "result",
                  p->result == SELFTEST_FAILED    ? "failed"
                  : p->result == SELFTEST_SKIPPED ? "skipped"
                                                  : "passed");
        json_text(&j, "text", p->text);
        for (unsigned k = 0; k < p->number_count; k++)
            json_number(&j, p->number[k].name, p->number[k].value);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
}

static int finish(tool *t, const selftest_report *r)
{
    if (r->stopped)
        return tool_fail(t, WEFT_ERR_CANCELLED, "interrupted");
    if (selftest_good(r))
        return EXIT_GOOD;
    for (unsigned i = 0; i < SELFTEST_PARTS; i++)
        if (r->part[i].result == SELFTEST_FAILED) {
            weft_error_set(&t->err, WEFT_ERR_DEVICE, "%s: %s", r->part[i].name, r->part[i].text);
            break;
        }
    return EXIT_DIFFERS;
}

int cmd_selftest(tool *t, int argc, char **argv)
{
    uint64_t seconds = 2, memory = 0, seed = 1;
    const option table[] = {
        { "--seconds", OPTION_NUMBER, &seconds, "of link and of array, each" },
        { "--memory", OPTION_NUMBER, &memory, "bytes to march through; 0: all" },
        { "--seed", OPTION_NUMBER, &seed, "of data and programs" },
    };
    arguments a;
    int code = tool_options(t, argc, argv, table, sizeof table / sizeof *table, 1, 1, &a);
    if (code != EXIT_GOOD)
        return code;
    const selftest_options o = { .seconds =
                                     (double)(seconds < MOST_SECONDS ? seconds : MOST_SECONDS),
                                 .memory_bytes = memory,
                                 .seed = seed,
                                 .stop = tool_interrupted };
    weft_transport *dev = NULL;
    selftest_report r;
    int rc = weft_transport_open(a.word[0], &dev, &t->err);
    if (rc != WEFT_OK)
        return tool_exit(rc);
    rc = selftest_run(dev, &o, &r, &t->err);
    if (rc == WEFT_OK)
        (t->json ? print_json : print_text)(a.word[0], &r);
    const int closed = dev->ops->close(dev);
    if (rc != WEFT_OK)
        return tool_exit(rc);
    code = finish(t, &r);
    return code == EXIT_GOOD ? tool_exit(closed) : code;
}
