/* How far long work has come, told to whoever asked for it, who may end it. */
#ifndef WEFT_PROGRESS_H
#define WEFT_PROGRESS_H

#include <weft/weft_status.h>

typedef struct weft_progress {
    int (*report)(void *self, double done); /* NULL: nobody asks; else not 0 ends the work */
    void *self;
} weft_progress;

/* Tell that `done` of 1 is done.  Returns WEFT_OK, or WEFT_ERR_CANCELLED with a sentence. */
static inline int weft_progress_report(const weft_progress *p, double done, weft_error *err)
{
    return p->report && p->report(p->self, done)
               ? weft_error_set(err, WEFT_ERR_CANCELLED, "cancelled by the caller")
               : WEFT_OK;
}

/* Progress of work of which nobody knows how much is left: each step takes a share of the rest, so
 * that it grows and never reaches 1. */
typedef struct weft_meter {
    weft_progress progress;
    double done;
} weft_meter;

/* Go on by this share of what is left and tell; returns as weft_progress_report. */
static inline int weft_meter_step(weft_meter *m, double share, weft_error *err)
{
    m->done += (1 - m->done) * share;
    return weft_progress_report(&m->progress, m->done, err);
}

#endif
