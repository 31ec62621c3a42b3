/* weft merge: the results of all parts of an eval or a sweep (--shard), as if one machine had done the whole. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "eval_result.h"
#include "shard.h"
#include "sweep.h"

static int merge_eval(tool *t, const shard_table *all, const char *predictions, double at_least)
{
    prediction *p = calloc((size_t)all->total + 1, sizeof *p);
    eval_result r = { .total = all->total, .has_top = all->name_value[0] > 0 };
    if (!p || all->width != EVAL_WIDTH || !all->total) {
        free(p);
        return p ? tool_fail(t, WEFT_ERR_FORMAT,
                             "these are no results of an eval that this weft knows")
                 : tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for the predictions");
    }
    for (uint32_t i = 0; i < all->total; i++)
        r.top += (uint32_t)eval_unpack(all->rows + (size_t)i * EVAL_WIDTH, &p[i]);
    const int code = predictions ? predictions_write(t, predictions, p, all->total) : EXIT_GOOD;
    for (uint32_t i = 0; i < all->total; i++)
        r.right += p[i].answer == p[i].label;
    free(p);
    return code == EXIT_GOOD ? eval_show(t, &r, at_least) : code;
}

static int merge_sweep(tool *t, const shard_table *all, const char *html)
{
    sweep *s = calloc(1, sizeof *s);
    int code = s ? EXIT_GOOD : tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for a sweep");
    if (code == EXIT_GOOD && sweep_unpack(all, s) != WEFT_OK)
        code =
            tool_fail(t, WEFT_ERR_FORMAT, "these are no results of a sweep that this weft knows");
    if (code == EXIT_GOOD)
        code = sweep_print(t, s, html);
    free(s);
    return code;
}

int cmd_merge(tool *t, int argc, char **argv)
{
    const char *predictions = NULL, *html = NULL;
    double at_least = 0.0;
    const option table[] = {
        { "--predictions", OPTION_TEXT, &predictions, "of eval: file for them" },
        { "--at-least", OPTION_REAL, &at_least, "of eval: percent, else exit 1" },
        { "--html", OPTION_TEXT, &html, "of sweep: page to write" }
    };
    arguments a;
    shard_table all;
    int code = tool_options(t, argc, argv, table, sizeof table / sizeof *table, 1, INT_MAX, &a);
    if (code != EXIT_GOOD)
        return code;
    code = shard_merge(t, a.word, a.count, &all);
    if (code == EXIT_GOOD)
        code = !strcmp(all.of, "eval") ? merge_eval(t, &all, predictions, at_least)
                                       : merge_sweep(t, &all, html);
    shard_free(&all);
    return code;
}
