/* What an eval says; the contract is in eval_result.h. */
#include "eval_result.h"

#include "json.h"

void eval_pack(const prediction *p, int in_top, double *row)
{
    row[0] = p->label;
    row[1] = p->answer;
    row[2] = p->crc32;
    row[3] = in_top;
}

static uint32_t number(double v)
{
    return v >= 0 && v <= UINT32_MAX ? (uint32_t)v : UINT32_MAX;
}

int eval_unpack(const double *row, prediction *p)
{
    *p = (prediction){ number(row[0]), number(row[1]), number(row[2]) };
    return row[3] > 0;
}

void eval_print(const eval_result *r)
{
    printf("%u of %u right, %.2f %%\n", (unsigned)r->right, (unsigned)r->total,
           100.0 * r->right / r->total);
    if (r->has_top)
        printf("%u among the first %d, %.2f %%\n", (unsigned)r->top, EVAL_TOP,
               100.0 * r->top / r->total);
}

int eval_check(tool *t, const eval_result *r, double at_least)
{
    if (100.0 * r->right / r->total >= at_least)
        return EXIT_GOOD;
    weft_error_set(&t->err, WEFT_ERR_ARG, "fewer than %.2f %% are right", at_least);
    return EXIT_DIFFERS;
}

void eval_json(const eval_result *r, json *j)
{
    json_number(j, "right", r->right);
    json_number(j, "total", r->total);
    json_number(j, "percent", 100.0 * r->right / r->total);
    if (r->has_top)
        json_number(j, "in_top_5", r->top);
}

int eval_show(tool *t, const eval_result *r, double at_least)
{
    if (t->json) {
        json j = { .to = stdout };
        json_open(&j, NULL, '{');
        eval_json(r, &j);
        json_close(&j, '}');
    } else {
        eval_print(r);
    }
    return eval_check(t, r, at_least);
}
