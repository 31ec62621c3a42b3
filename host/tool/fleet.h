/* Several devices with one program, and samples spread over them.
 *
 *     fleet f;
 *     model m;
 *     int code = fleet_open(t, &via, 1, "net.onnx", &f, &m);
 *     if (code == EXIT_GOOD)
 *         code = fleet_spread(t, &f, &work);
 *     fleet_close(t, &f);
 *
 * Every device has a thread that keeps a few jobs in flight, so that its queue never runs dry.  A device that is
 * lost gives its samples back, is recovered, and goes on; one that does not come back leaves them to the others.
 * Each sample is finished exactly once, whatever happens. */
#ifndef WEFT_TOOL_FLEET_H
#define WEFT_TOOL_FLEET_H

#include "tool.h"

enum { FLEET_MOST = 64 };

typedef struct fleet {
    session member[FLEET_MOST];  /* net is NULL of what was never loaded */
    uint32_t wait_s[FLEET_MOST]; /* so long each may be missing */
    uint32_t done[FLEET_MOST];   /* samples that each has finished */
    weft_error gone[FLEET_MOST]; /* why it did not come back; status WEFT_OK: it is there */
    uint32_t count;
} fleet;

/* Open what the addresses stand for (weft_open_all), each of them `times` times, read the model for their array;
 * it is loaded by fleet_spread.  wait=SECONDS of an address is kept to here and when a device is lost, so that Ctrl-C and the
 * end of the work end the waiting.  Returns an exit code; refused with a sentence are devices of different shapes and more than
 * FLEET_MOST.  On failure *f is empty; model_free in any case. */
int fleet_open(tool *t, const texts *via, uint32_t times, const char *path, fleet *f, model *m);

/* Close all.  Returns an exit code: EXIT_OUTPUT if a trace file could not be completed. */
int fleet_close(tool *t, fleet *f);

/* What is to be done for samples 0 to total - 1. */
typedef struct fleet_work {
    uint32_t total;
    weft_program *program;
    weft_form form; /* of the inputs */
    /* Both are called by several threads at once, for different samples and buffers: inputs of a sample into
     * the buffers, perhaps again after a device was lost; and its outputs, once. */
    void (*put)(void *self, uint32_t sample, io *b);
    void (*take)(void *self, uint32_t sample, const io *b);
    void *self;
    const char *what; /* "eval", for progress */
} fleet_work;

/* Do it.  Returns an exit code with a sentence: Ctrl-C, a command that a device refused, or no device left. */
int fleet_spread(tool *t, fleet *f, const fleet_work *work);

#endif
