/* One pass through all stages; see attempt.h. */
#include "attempt.h"
#include "assemble.h"
#include "choose.h"
#include "front/front.h"
#include "lower/lower.h"

#include <inttypes.h>
#include <stdlib.h>

static uint32_t stream_row_bytes(const weft_hw *hw)
{
    uint32_t bytes = 4;
    while (bytes < hw->cols)
        bytes *= 2;
    return bytes;
}

static attempt *attempt_new(const task *t, int apart)
{
    attempt *a = calloc(1, sizeof *a);
    if (!a) {
        weft_error_set(t->err, WEFT_ERR_NO_MEMORY, "out of memory while compiling");
        return NULL;
    }
    *t->err = (weft_error){ 0 };
    memset(t->culprits, 0, t->g->node_count * sizeof *t->culprits);
    a->work = (work){ .err = t->err, .culprits = t->culprits, .meter = t->meter };
    a->net = (network){ .work = &a->work,
                        .g = t->g,
                        .hw = t->hw,
                        .base = t->base,
                        .stream_row = stream_row_bytes(&t->hw),
                        .unfit = t->unfit,
                        .averages = t->averages,
                        .apart = apart };
    a->low = (lowering){ .work = &a->work, .net = &a->net };
    return a;
}

static int check_arguments(const network *net)
{
    if (!net->g->checked)
        return weft_error_set(net->work->err, WEFT_ERR_ARG, "the graph has not been checked");
    if (net->base % 32)
        return weft_error_set(net->work->err, WEFT_ERR_ARG,
                              "base %" PRIu32 " is not a multiple of 32", net->base);
    return weft_hw_check(&net->hw, net->work->err);
}

static int run_stages(attempt *a)
{
    int rc = check_arguments(&a->net);
    if (rc == WEFT_OK)
        rc = front_split(&a->net);
    if (rc == WEFT_OK)
        rc = front_fuse(&a->net);
    if (rc == WEFT_OK)
        rc = front_views(&a->net);
    if (rc == WEFT_OK)
        rc = lower_network(&a->low);
    if (rc == WEFT_OK)
        rc = choose_schedule(&a->low, &a->sched);
    return rc;
}

attempt *attempt_make(const task *t, int apart)
{
    attempt *a = attempt_new(t, apart);
    if (!a)
        return NULL;
    a->program = calloc(1, sizeof *a->program);
    int rc = a->program ? run_stages(a) : work_no_memory(&a->work);
    if (rc == WEFT_OK)
        rc = assemble_program(&a->sched, &a->low, a->program, &a->needed);
    if (rc == WEFT_OK)
        rc = weft_program_check(a->program, t->err);
    if (rc != WEFT_OK) {
        weft_program_free(a->program);
        a->program = NULL;
    }
    a->status = rc;
    return a;
}

attempt *attempt_front(const task *t)
{
    attempt *a = attempt_new(t, 1);
    if (!a)
        return NULL;
    a->status = front_split(&a->net);
    if (a->status == WEFT_OK)
        a->status = front_fuse(&a->net);
    return a;
}

void attempt_free(attempt *a)
{
    if (!a)
        return;
    weft_program_free(a->program);
    schedule_free(&a->sched);
    lowering_free(&a->low);
    work_free(&a->work);
    free(a);
}
