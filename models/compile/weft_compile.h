/* The compiler: a checked graph and a device to a program of commands.
 *
 *     weft_hw hw = weft_hw_default(64u << 20);
 *     weft_program *prog = NULL;
 *     rc = weft_compile(graph, &hw, NULL, &prog, &err);
 *     ...
 *     weft_program_free(prog);
 *
 * Every program it returns gives, on the reference device, exactly the bytes of the reference
 * operators (models/ref).  What it cannot do it refuses with a sentence that names the layer.
 *
 * Nothing is kept between calls; any thread. */
#ifndef WEFT_COMPILE_H
#define WEFT_COMPILE_H

#include "models/base/progress.h"
#include "models/program/weft_program.h"
#include <weft/weft_compiler.h>

typedef struct weft_placement {
    weft_where where;
    char why[256]; /* a clause */
} weft_placement;

/* Do the inputs of a CONCAT and the outputs of a SLICE lie in one area?  Where that is faster;
 * wherever it is possible; nowhere. */
typedef enum weft_sharing { WEFT_SHARE_BEST, WEFT_SHARE_ALWAYS, WEFT_SHARE_NEVER } weft_sharing;

typedef struct weft_compile_options {
    uint32_t base; /* first byte of device memory the program may use, multiple of 32 */
    /* NULL, or by node: 1 for an operator that the host is to run, whatever the device can do. */
    const uint8_t *on_host;
    weft_sharing sharing;
    int device_only; /* refuse what this device is too small for, do not run it on the host */
    weft_placement *placements; /* NULL, or to[node_count]: where every node runs; after success */
    uint32_t *outputs; /* NULL, or to[output_count]: the int8 tensor behind each; likewise */
    weft_progress progress;
} weft_compile_options;

/* Where every node of a checked graph would run on a device large enough, and why:
 * to[node_count].  Returns WEFT_OK, or with a sentence WEFT_ERR_ARG (not checked), WEFT_ERR_RANGE,
 * WEFT_ERR_NO_MEMORY. */
int weft_compile_placements(const weft_graph *g, weft_placement *to, weft_error *err);

/* Compile.  What is no work for the device, or more than this one can hold at once, runs on the
 * host, by the reference operators, between runs of the device.
 *
 *   g        checked (weft_graph_check), borrowed for the call
 *   hw       the device; word_bytes must be filled in (weft_hw_default, weft_hw_word_bytes)
 *   options  NULL for base 0
 *   out      the program, the caller's to free; NULL after a failure
 *
 * Returns WEFT_OK, or with a sentence
 *   WEFT_ERR_ARG          g is not checked, or hw or base is not possible
 *   WEFT_ERR_UNSUPPORTED  float32 at an end of the network in a way that ports cannot say
 *   WEFT_ERR_CAPACITY     device memory is too small; with device_only also the feature buffer or a
 *                         field of a command
 *   WEFT_ERR_CANCELLED    by options->progress
 *   WEFT_ERR_RANGE        with device_only: an ONNX sum or product that no integers reproduce
 *   WEFT_ERR_NO_MEMORY
 * Costs time and memory in proportion to weights and commands. */
int weft_compile(const weft_graph *g, const weft_hw *hw, const weft_compile_options *options,
                 weft_program **out, weft_error *err);

#endif
