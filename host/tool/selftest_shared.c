/* What the parts of the self-test share: saying, counting, time, running; declared in selftest.h. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "selftest.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

enum { RUN_MS = 100, MOST_RUN_MS = 60000 };

void selftest_say(selftest_part *p, selftest_result result, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    p->result = result;
    vsnprintf(p->text, sizeof p->text, format, args);
    va_end(args);
}

void selftest_add(selftest_part *p, const char *name, double value)
{
    if (p->number_count < SELFTEST_NUMBERS)
        p->number[p->number_count++] = (selftest_number){ name, value };
}

double selftest_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int selftest_stopped(const selftest *s)
{
    return s->o->stop && s->o->stop();
}

int selftest_start(selftest *s, const weft_start *start, weft_done *out, weft_error *err)
{
    int rc = s->t->ops->start(s->t, start, err);
    if (rc != WEFT_OK)
        return rc;
    rc = WEFT_ERR_TIMEOUT;
    for (unsigned ms = 0; rc == WEFT_ERR_TIMEOUT && ms < MOST_RUN_MS && !selftest_stopped(s);
         ms += RUN_MS)
        rc = s->t->ops->wait_done(s->t, RUN_MS, out, err);
    return rc;
}
