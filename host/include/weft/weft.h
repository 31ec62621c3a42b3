/* Run compiled networks on a Weft device: the C model, the simulated chip, or a board.
 *
 *     weft_error err = { 0 };
 *     weft_device *dev;
 *     int rc = weft_open("ref:", &dev, &err);
 *     if (rc == WEFT_OK)
 *         rc = weft_load_file(dev, "lenet5.weft", &err);
 *     weft_buffer in = { image, sizeof image, WEFT_FORM_MODEL };
 *     weft_buffer out = { scores, sizeof scores, WEFT_FORM_MODEL };
 *     if (rc == WEFT_OK)
 *         rc = weft_run(dev, &in, &out, WEFT_FOREVER, &err);
 *     if (rc != WEFT_OK)
 *         fprintf(stderr, "%s\n", err.text);
 *     weft_close(dev);
 *
 * Errors: every function that can fail returns WEFT_OK or a negative weft_status, with one sentence
 * in err (which may be NULL); then nothing the caller can see has changed, except where it says
 * otherwise.  Nothing is printed and nothing is global: any number of devices may be open.
 * Threads: every function may be called from any thread; a device has one thread of its own that
 * talks to the hardware.  Two calls about one job at once are not allowed, but weft_cancel is,
 * even from a signal handler.
 * Memory: whatever this library allocates, it frees; buffers belong to the caller. */
#ifndef WEFT_H
#define WEFT_H

#include <stddef.h>
#include <stdint.h>

#include "weft_status.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default) /* what the library exports */
#endif

#define WEFT_FOREVER       UINT32_MAX
#define WEFT_LISTING_BYTES 160
#define WEFT_MAX_DIMS      6

enum { WEFT_MAX_JOBS = 16, WEFT_MAX_COUNTERS = 32 };

typedef struct weft_device weft_device;
typedef struct weft_job weft_job;

/* The version of the library, "1.0.0": major, minor, patch; static. */
const char *weft_version(void);

/* --- devices -----------------------------------------------------------------------------------
 */

/* Describe device number `index` of those that can be opened now.
 *
 *   to  WEFT_LISTING_BYTES of room: its address, a blank, one line of text
 *
 * Returns 1, or 0 if there are not that many. */
int weft_list_device(unsigned index, char *to);

/* Open a device.
 *
 *   uri  ref:   the C model; options shape=16x16 lanes= fb= acc= port= mem=, forget (every run
 *               finds other bytes in the feature buffer than the one before left)
 *        sim:   the simulated chip, cycle by cycle; options shape=16x16, link (memory goes over the
 *               link too), trace=FILE.fst, ungated (no clock gates), stall=PERCENT, seed=,
 *               latency=CYCLES, refresh=CYCLES (0: none), error=ADDRESS (the memory fails there)
 *        Options are separated by commas; numbers may end in K, M or G.
 *
 * Returns WEFT_OK, or with *out NULL
 *   WEFT_ERR_ARG        the address is not one, or has unknown or wrong options
 *   WEFT_ERR_NO_DEVICE  nothing answers there
 *   WEFT_ERR_VERSION    it is no Weft device, or of another ISA version
 *   WEFT_ERR_LINK, WEFT_ERR_IO (trace file), WEFT_ERR_NO_MEMORY */
int weft_open(const char *uri, weft_device **out, weft_error *err);

/* Cancel all jobs, stop the device and free everything; unfinished jobs must not be used any more.
 * NULL is allowed.  Returns WEFT_OK, or WEFT_ERR_IO if a trace file could not be completed. */
int weft_close(weft_device *dev);

/* The build of the device, read when it was opened; the names of rtl/isa/weft_isa.def. */
typedef struct weft_info {
    const char *uri; /* as it was opened; lives as long as the device */
    uint32_t isa_version, rows, cols, lanes, fb_words, word_bytes, acc_depth, mem_bytes, mem_size;
} weft_info;

void weft_get_info(const weft_device *dev, weft_info *out);

/* --- programs ----------------------------------------------------------------------------------
 */

/* Load a compiled network (a .weft file in memory, or by its name) into the device, in place of
 * the one that was loaded.  The bytes may be freed afterwards.
 *
 * Returns WEFT_OK, or
 *   WEFT_ERR_BUSY      jobs are in flight
 *   WEFT_ERR_FORMAT    no program, or damaged
 *   WEFT_ERR_VERSION   made for another version of file format or ISA
 *   WEFT_ERR_HARDWARE  made for another device; err says how to compile it for this one
 *   WEFT_ERR_IO        the file cannot be read
 *   WEFT_ERR_NO_MEMORY
 *   WEFT_ERR_LINK, WEFT_ERR_NO_DEVICE  no program is loaded any more */
int weft_load(weft_device *dev, const void *bytes, size_t byte_count, weft_error *err);
int weft_load_file(weft_device *dev, const char *path, weft_error *err);

typedef enum weft_type {
    WEFT_TYPE_INT8,
    WEFT_TYPE_UINT8,
    WEFT_TYPE_FLOAT32,
    WEFT_TYPE_INT32, /* these two: positions, of outputs only */
    WEFT_TYPE_INT64
} weft_type;

/* One input or output.  Data are row-major in dims; real = scale * (int8 - zero_point). */
typedef struct weft_port_info {
    const char *name; /* of the model; lives until the next load */
    weft_type type;   /* of the model */
    uint32_t rank;
    uint32_t dims[WEFT_MAX_DIMS];
    const char *layout; /* "NHWC", "NCHW" where rank 4 tells them apart, else "" */
    size_t elements;
    size_t bytes;  /* of the model's tensor: elements times 1, 4 or 8 */
    size_t values; /* of the device's tensor; more than elements where the output is a position */
    float scale;
    int32_t zero_point;
    const char *host_steps; /* what the host does with it: "", "quantize", "dequantize, softmax",
                               "argmax" */
} weft_port_info;

/* Number of inputs and outputs; 0 if nothing is loaded. */
uint32_t weft_input_count(const weft_device *dev);
uint32_t weft_output_count(const weft_device *dev);

/* Describe one.  Returns WEFT_OK, or WEFT_ERR_ARG: there is none of that number. */
int weft_get_input(const weft_device *dev, uint32_t index, weft_port_info *out);
int weft_get_output(const weft_device *dev, uint32_t index, weft_port_info *out);

/* --- jobs --------------------------------------------------------------------------------------
 */

/* In which form data are given or wanted; always in the axis order of the model.  Where the output
 * is a position (argmax), the latter two are the values it was looked for in, in the order of the
 * device. */
typedef enum weft_form {
    WEFT_FORM_MODEL,  /* the model's own type, all its ends included */
    WEFT_FORM_INT8,   /* the int8 values of the device (those of a uint8 model minus 128) */
    WEFT_FORM_FLOAT32 /* real values, from or to int8 by scale and zero point, as QuantizeLinear:
                         round half to even, saturate; NaN becomes -128 */
} weft_form;

typedef struct weft_buffer {
    void *data;
    size_t bytes; /* exactly what the form needs */
    weft_form form;
} weft_buffer;

/* Start one inference; jobs of a device run one after the other in the order of submission.
 *
 *   in   weft_input_count() buffers; converted and copied before the call returns
 *   out  weft_output_count() buffers; the array is copied, the data must live until weft_wait has
 *        given the result
 *   job  to wait for; every job must be waited for
 *
 * Returns WEFT_OK, or
 *   WEFT_ERR_ARG   nothing is loaded, or a buffer has the wrong size
 *   WEFT_ERR_BUSY  WEFT_MAX_JOBS are in flight
 *   WEFT_ERR_NO_MEMORY */
int weft_submit(weft_device *dev, const weft_buffer *in, const weft_buffer *out, weft_job **job,
                weft_error *err);

/* Wait for a job; unless it returns WEFT_ERR_TIMEOUT the job is over and freed.
 *
 *   timeout_ms  0 only asks, WEFT_FOREVER waits
 *
 * Returns WEFT_OK with the outputs written, or with them undefined
 *   WEFT_ERR_TIMEOUT    still queued or running
 *   WEFT_ERR_CANCELLED  weft_cancel came before the end
 *   WEFT_ERR_DEVICE     the device refused a command; err names it, its layer and the reason
 *   WEFT_ERR_LINK, WEFT_ERR_NO_DEVICE  the device was lost; the program must be loaded again
 *   WEFT_ERR_NO_MEMORY */
int weft_wait(weft_job *job, uint32_t timeout_ms, weft_error *err);

/* Ask a job to end; it still must be waited for, and may yet end well.  What the host computes
 * between two runs of the device is finished first.  Never blocks; may be called
 * from a signal handler. */
void weft_cancel(weft_job *job);

/* Commands finished so far and in all, for a progress bar; both 0 while the job is queued. */
void weft_job_progress(const weft_job *job, uint32_t *finished, uint32_t *total);

/* Submit and wait; after the timeout the job is cancelled and WEFT_ERR_TIMEOUT returned.
 * Returns as weft_submit and weft_wait. */
int weft_run(weft_device *dev, const weft_buffer *in, const weft_buffer *out, uint32_t timeout_ms,
             weft_error *err);

/* --- what it cost -------------------------------------------------------------------------------
 */

/* Over all jobs that ended well since the program was loaded.  A run is that of a job, also where
 * the host has work in the middle of it and the device runs several times. */
typedef struct weft_stats {
    uint64_t runs;
    uint64_t cycles;      /* of the device; 0 with ref:, which has no clock */
    uint32_t last_cycles; /* of the last run */
    double run_seconds;   /* of this machine, from start to done, with what the host does between */
    /* From the first start to the last outputs, with everything between the runs: with sim: the
     * cycles of the chip, else 0.  With several jobs in flight transfers hide behind the runs, if
     * device memory has room for inputs, outputs and commands twice. */
    uint64_t elapsed_cycles;
} weft_stats;

void weft_get_stats(weft_device *dev, weft_stats *out);

typedef struct weft_counter {
    const char *name; /* of the contract: "CYCLES", "STALL_LOAD"; static */
    const char *text; /* one line of meaning; static */
    uint32_t value;   /* of the last run; 4294967295 means that or more */
} weft_counter;

/* Read the counters of the last run, all its parts on the device together.
 *
 *   out    WEFT_MAX_COUNTERS of room
 *   count  how many there are
 *
 * Returns WEFT_OK, WEFT_ERR_BUSY (jobs are in flight), WEFT_ERR_LINK, WEFT_ERR_NO_DEVICE. */
int weft_get_counters(weft_device *dev, weft_counter *out, uint32_t *count, weft_error *err);

/* What may happen in one cycle of a run: a command of a queue starts (it has its tokens) or ends.
 */
enum weft_event {
    WEFT_LOAD_STARTS = 1,
    WEFT_STORE_STARTS = 2,
    WEFT_COMPUTE_STARTS = 4,
    WEFT_LOAD_ENDS = 8,
    WEFT_STORE_ENDS = 16,
    WEFT_COMPUTE_ENDS = 32,
    WEFT_WATCHED_COUNTERS = 15 /* CYCLES to COMMANDS */
};

/* Be told of every cycle in which commands start or end, on the thread of the device, until this
 * is called with event NULL.  Queues work in order: the n-th start is of the n-th command of its
 * queue.
 *
 *   event  its `counters` are those of weft_get_counters, before this cycle; events: weft_event
 *
 * Returns WEFT_OK, or WEFT_ERR_UNSUPPORTED: this device cannot be watched (the simulation can). */
int weft_watch_events(weft_device *dev,
                      void (*event)(void *self, unsigned events, const uint32_t *counters),
                      void *self, weft_error *err);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
