/* A compiled network in memory: what the compiler makes, the file holds, and the library runs.
 *
 *     weft_program *prog;
 *     rc = weft_compile(graph, &hw, NULL, &prog, &err);          or weft_program_read(bytes, ...)
 *     copy prog->image to device memory at prog->image_addr
 *     write the input rows (weft_program_port), start prog_addr/prog_count/window, read the outputs
 *     weft_program_free(prog);
 *
 * Memory: a program owns all it points to.  Threads: read-only after it was made but for the count
 * of its holders, so any thread may read and hold it. */
#ifndef WEFT_PROGRAM_H
#define WEFT_PROGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "models/base/weft_hw.h"
#include "models/graph/graph.h"

/* What the host does between the user's tensor and the device's int8 tensor, in order. */
typedef enum weft_host_op {
    WEFT_HOST_QUANTIZE,   /* float32 -> int8 by scale and zero_point, rounded as `kind` does */
    WEFT_HOST_DEQUANTIZE, /* int8 -> float32 */
    WEFT_HOST_SOFTMAX,    /* float32 along the last axis_length elements */
    WEFT_HOST_LOG_SOFTMAX,
    WEFT_HOST_SOFTMAX_INT8, /* likewise, int8 of `scale` to int8 as TensorFlow Lite computes it */
    WEFT_HOST_LOG_SOFTMAX_INT8,
    WEFT_HOST_ARGMAX, /* int8 or float32 -> position of the largest; only as the last step */
    WEFT_HOST_ARGMIN
} weft_host_op;

#define WEFT_HOST_OPS (WEFT_HOST_ARGMIN + 1)

typedef struct weft_host_step {
    weft_host_op op;
    weft_requant_kind kind; /* QUANTIZE: TFLITE half away from zero, ONNX half to even */
    float scale;
    int32_t zero_point;
    uint32_t axis_length;
    float beta;     /* SOFTMAX: factor in the exponent, 1 elsewhere */
    uint32_t inner; /* ARGMAX, ARGMIN: elements from one along the axis to the next, else 0 */
    uint32_t last;  /* likewise: 1 for the last of equals */
} weft_host_step;

#define WEFT_MAX_HOST_STEPS 4

/* An input or output.
 *
 * The user sees dtype, dims; axis i of the canonical tensor is axis perm[i] of the user's (as
 * weft_port of graph.h).  Element e of the canonical tensor, row-major, is the int8 at device
 * address addr + (e / row_bytes) * pitch_bytes + e % row_bytes; it equals the user's element
 * (INT8), the user's minus 128 (UINT8), or goes through the steps (FLOAT32); without any steps see
 * weft_program_is_plain.  Of positions (INT32,
 * INT64) dims and perm describe the result: the device's tensor has axis_length times as many. */
typedef struct weft_program_port {
    char *name;
    weft_dtype dtype; /* INT8, UINT8, FLOAT32, INT32 or INT64 */
    uint32_t rank;
    uint32_t dims[WEFT_MAX_RANK], perm[WEFT_MAX_RANK];
    float model_scale;        /* of the user's int8 or uint8; 0: it has no quantisation */
    int32_t model_zero_point; /* likewise */
    float scale;              /* of the device's int8 tensor */
    int32_t zero_point;       /* likewise */
    uint32_t addr, rows, row_bytes, pitch_bytes;
    uint32_t step_count;
    weft_host_step steps[WEFT_MAX_HOST_STEPS];
} weft_program_port;

/* 1 if the port has no int8: the rows hold its own numbers of four bytes, float32, or int32 (of an
 * INT64 port too), element after element, and there are no steps. */
int weft_program_is_plain(const weft_program_port *port);

/* Rows of device memory that hold a tensor: byte b of it, row-major, at
 * addr + (b / row_bytes) * pitch_bytes + b % row_bytes. */
typedef struct weft_rows {
    uint32_t addr, rows, row_bytes, pitch_bytes;
} weft_rows;

/* What the host computes between two runs of the device: when commands 0 .. before - 1 have
 * finished it reads the graph's inputs from device memory, runs its operators as models/ref defines
 * them, and writes its outputs there.  All inputs and outputs are int8, float32 or int32 in the
 * canonical order.
 * Steps of equal `before` run one after the other; the commands between two different ones are a
 * run of their own, which needs nothing that another has left in the feature buffer or in tokens
 * (tables of the post unit do stay). */
typedef struct weft_program_step {
    uint32_t before;
    weft_graph *graph; /* checked */
    weft_rows *rows;   /* of its inputs, then of its outputs */
} weft_program_step;

/* A layer as the profile shows it: a run of commands; none, if it is a step of the host. */
typedef struct weft_program_layer {
    char *name;  /* of the node in the model */
    uint32_t op; /* weft_op */
    uint32_t first_command, command_count;
    uint64_t macs;
    uint64_t cycles; /* predicted; the layers add up to the whole run */
} weft_program_layer;

typedef struct weft_program {
    weft_hw hw;
    uint32_t isa_version;
    weft_source source; /* the model it was compiled from */
    uint32_t input_count, output_count, layer_count;
    weft_program_port *inputs, *outputs;
    weft_program_layer *layers;
    uint32_t step_count; /* ascending by `before`; 0: the program is one run */
    weft_program_step *steps;

    /* Device memory: the image (weights, tables, commands) is constant; activations lie behind. */
    uint8_t *image;
    size_t image_bytes;
    uint32_t image_addr; /* multiple of 32 */
    uint32_t prog_addr, prog_count;
    uint32_t win_base, win_limit; /* window of a run: the memory needed */

    atomic_uint more_holders; /* beside the first: weft_program_hold */
} weft_program;

/* Hold the program once more: it is freed by as many weft_program_free as hold it, one at first.
 * Any thread.  Returns prog. */
weft_program *weft_program_hold(weft_program *prog);

/* Hold it no more; the last frees the program and all it owns.  NULL is allowed. */
void weft_program_free(weft_program *prog);

/* Multiply-accumulates of one run on the device. */
uint64_t weft_program_macs(const weft_program *prog);

/* The compiler's prediction, all layers together; what the host does takes none. */
uint64_t weft_program_cycles(const weft_program *prog);

/* The ARGMAX or ARGMIN at the end of an output, or NULL. */
const weft_host_step *weft_program_position(const weft_program_port *port);

/* Bytes of the user's tensor: elements times the size of dtype. */
size_t weft_program_port_bytes(const weft_program_port *port);

/* Bytes of the first `count` of these commands, whose lengths were found right when the program was read. */
size_t weft_program_command_bytes(const uint8_t *commands, uint32_t count);

/* Make all checks of its commands that a device makes before it executes them, but for what memory holds.
 * Returns WEFT_OK, or WEFT_ERR_FORMAT with the first that is wrong. */
int weft_program_judge(const weft_program *prog, weft_error *err);

/* The parts, WEFT_INFO_LACKS_*, that its commands need and a device may be built without. */
uint32_t weft_program_needs(const weft_program *prog);

/* Can this program run on that device?  WEFT_OK; WEFT_ERR_VERSION (another ISA_VERSION) or
 * WEFT_ERR_FORMAT (weft_program_judge, for a device without checks of its own) or
 * WEFT_ERR_HARDWARE (shape differs, a part is missing, or memory too small) with a sentence that says how to
 * recompile, and which model if that is known. LANES does not matter and is not compared. */
int weft_program_fits(const weft_program *prog, const weft_hw *hw, uint32_t isa_version,
                      weft_error *err);

/* Prove a program sound, however it came about: sizes, alignment, addresses inside the window,
 * commands that decode and are exactly prog_count, layers that cover commands in order, host steps
 * that make sense.  Returns WEFT_OK, WEFT_ERR_FORMAT or WEFT_ERR_VERSION with a sentence. */
int weft_program_check(const weft_program *prog, weft_error *err);

#endif
