/* The result of an eval, of one run or merged of many: how much was right. */
#ifndef WEFT_TOOL_EVAL_RESULT_H
#define WEFT_TOOL_EVAL_RESULT_H

#include "json.h"
#include "predictions.h"

enum { EVAL_TOP = 5, EVAL_WIDTH = 4 };

typedef struct eval_result {
    uint32_t total, right, top;
    int has_top; /* there are so many classes that the first EVAL_TOP say something */
} eval_result;

/* A sample as a row of a shard (shard.h), and back: returns whether its label was among the first. */
void eval_pack(const prediction *p, int in_top, double *row);
int eval_unpack(const double *row, prediction *p);

/* The lines of text that one run prints too; with --json an object.  Returns EXIT_DIFFERS if fewer percent than at_least are right. */
int eval_show(tool *t, const eval_result *r, double at_least);
void eval_print(const eval_result *r);
void eval_json(const eval_result *r, json *j); /* its members, of an object that is open */
int eval_check(tool *t, const eval_result *r, double at_least);

#endif
