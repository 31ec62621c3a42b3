/* Compile trained networks for a Weft device: TensorFlow Lite and ONNX in, a program out; and make
 * an int8 network of a float one.
 *
 *     weft_error err = { 0 };
 *     weft_network *net = NULL;
 *     weft_compiled *compiled = NULL;
 *     weft_array array = { .struct_bytes = sizeof array };
 *     uint64_t byte_count = 0;
 *     int rc = weft_network_open("lenet5_int8.onnx", NULL, &net, &err);
 *     if (rc == WEFT_OK)
 *         rc = weft_array_parse("shape=8x8,lanes=4", &array, &err);
 *     if (rc == WEFT_OK)
 *         rc = weft_network_compile(net, &array, NULL, &compiled, &err);
 *     const void *bytes = rc == WEFT_OK ? weft_compiled_bytes(compiled, &byte_count) : NULL;
 *     if (bytes)
 *         fwrite(bytes, 1, byte_count, file);
 *     else
 *         fprintf(stderr, "%s\n", err.text);
 *     weft_compiled_close(compiled);
 *     weft_network_close(net);
 *
 * The bytes are a program.weft, which weft.h runs; it gives exactly the bytes of TensorFlow Lite
 * Micro's reference kernels or of ONNX Runtime's integer kernels.
 *
 * What weft.h says at its top of objects, structs that grow, errors and memory holds here too:
 * WEFT_ERR_ARG and WEFT_ERR_NO_MEMORY may come from every function.  Nothing is printed and nothing
 * is global.  Model files are not trusted: nothing in them crashes.
 * THREADS: any function from any thread.  A network that has been opened and a compiled one never
 * change, so several threads may use one at once; a quantizer belongs to one thread at a time. */
#ifndef WEFT_COMPILER_H
#define WEFT_COMPILER_H

#include <stdint.h>

#include "weft.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default) /* what the library exports */
#endif

typedef struct weft_network weft_network;
typedef struct weft_compiled weft_compiled;
typedef struct weft_quantizer weft_quantizer;

/* The version of the compiler library, "1.0.0"; static. */
const char *weft_compiler_version(void);

/* --- networks ---------------------------------------------------------------------------------- */

/* The size of a symbolic dimension of an ONNX network: that of a symbol wherever it stands, or that
 * of one axis of an input, which may have no symbol. */
typedef struct weft_bind {
    const char *name; /* of the symbol, or of the input */
    uint32_t size;    /* at least 1 */
    uint32_t axis;    /* 0: of a symbol; else of the input, counted from 1 */
} weft_bind;

/* Operators of one kind that are refused for one reason. */
typedef struct weft_refusal {
    uint32_t struct_bytes;
    uint32_t count;   /* of these operators */
    const char *op;   /* in the words of the model file */
    const char *name; /* of the first of them; may be empty */
    const char *why;  /* a clause; empty: Weft does not have the operator */
} weft_refusal;

typedef enum weft_network_flags {
    /* Every int8 tensor becomes an output too, so that a network can be compared layer by layer;
     * no layers are fused then. */
    WEFT_NETWORK_ALL_OUTPUTS = 1
} weft_network_flags;

/* Whose bytes a TensorFlow Lite network gives: runtimes round differently. */
typedef enum weft_truth {
    WEFT_TRUTH_MODEL = 0, /* TensorFlow Lite Micro's reference kernels; of ONNX, ONNX Runtime's */
    WEFT_TRUTH_LITERT = 1 /* LiteRT's reference kernels */
} weft_truth;

typedef struct weft_network_options {
    uint32_t struct_bytes;
    uint32_t flags;         /* of weft_network_flags */
    const weft_bind *binds; /* a symbolic batch that is not named here is 1 */
    uint32_t bind_count;
    uint32_t truth; /* weft_truth; of an ONNX network WEFT_TRUTH_MODEL */
    /* Called for each row of what is refused, before the function returns; may be NULL.  The texts
     * live until it returns. */
    void (*refused)(void *self, const weft_refusal *refusal);
    void *self; /* for the callback */
} weft_network_options;

/* Read a network of int8 operators.  Its format is recognised by its first bytes.
 *
 *   path     of a file of at most 2 GiB; data of an ONNX network may lie in files beside it
 *   bytes    the same in memory; they may be freed afterwards; data beside it is not found
 *   options  may be NULL
 *   out      to be given back by weft_network_close
 *
 * Return WEFT_OK, or
 *   WEFT_ERR_IO           the file cannot be read
 *   WEFT_ERR_FORMAT       neither TensorFlow Lite nor ONNX, damaged, or cut short
 *   WEFT_ERR_UNSUPPORTED  operators, attributes or types that Weft does not do: all of them in one
 *                         sentence as far as it has room, and each to options->refused
 *   WEFT_ERR_SHAPE        shapes or types that do not fit together
 *   WEFT_ERR_RANGE        a scale, zero point or sum outside the exact arithmetic
 *   WEFT_ERR_ARG          a bind that is no symbol or input of the network; a truth that is none
 *   WEFT_ERR_NO_MEMORY */
int weft_network_open(const char *path, const weft_network_options *options, weft_network **out,
                      weft_error *err);
int weft_network_parse(const void *bytes, uint64_t byte_count, const weft_network_options *options,
                       weft_network **out, weft_error *err);

/* Give a network back; what was compiled from it lives on. */
void weft_network_close(weft_network *net);

typedef struct weft_network_info {
    uint32_t struct_bytes;
    uint32_t input_count, output_count, operator_count;
    const char *format;   /* "TFLite" or "ONNX" */
    const char *producer; /* the program that wrote the file, as it says; may be "" */
} weft_network_info;

int weft_network_describe(const weft_network *net, weft_network_info *out, weft_error *err);

/* An input or output as the user of the model knows it. */
typedef struct weft_tensor_info {
    uint32_t struct_bytes;
    uint32_t type; /* weft_type */
    const char *name;
    uint32_t rank;
    uint32_t dims[WEFT_MAX_DIMS];
    uint32_t is_quantised; /* 1: real = scale * (element - zero_point); 0: the elements are real */
    float scale;           /* 0 if it is not quantised, as zero_point */
    int32_t zero_point;
    uint32_t reserved;
    uint64_t elements, bytes;
} weft_tensor_info;

/* Describe one of them.  Return WEFT_OK, or WEFT_ERR_ARG: there is none of that number. */
int weft_network_describe_input(const weft_network *net, uint32_t index, weft_tensor_info *out,
                                weft_error *err);
int weft_network_describe_output(const weft_network *net, uint32_t index, weft_tensor_info *out,
                                 weft_error *err);

/* Where an operator runs: as a layer of the device, inside the layer of another, or on the host. */
typedef enum weft_where { WEFT_ON_DEVICE = 0, WEFT_IN_LAYER = 1, WEFT_ON_HOST = 2 } weft_where;

typedef struct weft_operator_info {
    uint32_t struct_bytes;
    uint32_t where;   /* weft_where */
    const char *name; /* of the model; may be empty */
    const char *op;   /* "CONV_2D", .. */
    const char *why;  /* a clause that says why it runs there; "" where that needs no saying */
} weft_operator_info;

/* Describe an operator, in the order of computation, with where it would run on a device that is
 * large enough; weft_compiled_describe_operator tells of a given one.  Returns WEFT_OK, or
 * WEFT_ERR_ARG: there is none of that number. */
int weft_network_describe_operator(const weft_network *net, uint32_t index, weft_operator_info *out,
                                   weft_error *err);

/* --- compiling --------------------------------------------------------------------------------- */

typedef enum weft_compile_flags {
    /* Refuse what this device is too small for, instead of running it on the host. */
    WEFT_COMPILE_DEVICE_ONLY = 1
} weft_compile_flags;

typedef struct weft_compiler_options {
    uint32_t struct_bytes;
    uint32_t flags; /* of weft_compile_flags */
    /* Called now and then on the thread of the caller; may be NULL.  done goes from 0 to 1 and never
     * back.  Anything but 0 ends the work with WEFT_ERR_CANCELLED. */
    int (*progress)(void *self, double done);
    void *self; /* for the callback */
} weft_compiler_options;

/* Read the description of an array in words: "shape=ROWSxCOLS,lanes=,fb=,acc=,port=,mem=", as the
 * address ref: takes it.  What is not named has its default; "" is the 16x16 array with 256 MiB.
 *
 * Returns WEFT_OK, or WEFT_ERR_ARG: it is not one, or of an array that cannot be. */
int weft_array_parse(const char *description, weft_array *out, weft_error *err);

/* Compile a network for an array.
 *
 *   array    of a device that is open (weft_device_array), or of one that is described
 *   options  may be NULL
 *   out      to be given back by weft_compiled_close
 *
 * What is no work for the device, or more than this one can hold at once, runs on the host between
 * runs of the device.  Returns WEFT_OK, or
 *   WEFT_ERR_ARG          there can be no such array
 *   WEFT_ERR_UNSUPPORTED  float32 at an end of the network in a way that ports cannot say
 *   WEFT_ERR_CAPACITY     device memory is too small; with DEVICE_ONLY also the feature buffer or a
 *                         field of a command
 *   WEFT_ERR_RANGE        with DEVICE_ONLY: an ONNX sum or product that no integers reproduce
 *   WEFT_ERR_CANCELLED    by the callback
 *   WEFT_ERR_NO_MEMORY */
int weft_network_compile(const weft_network *net, const weft_array *array,
                         const weft_compiler_options *options, weft_compiled **out,
                         weft_error *err);

/* Give it back, with the bytes of its program. */
void weft_compiled_close(weft_compiled *compiled);

/* The program as the bytes of a file, which weft.h loads. */
const void *weft_compiled_bytes(const weft_compiled *compiled, uint64_t *byte_count);

/* All layers together. */
typedef struct weft_compiled_info {
    uint32_t struct_bytes;
    uint32_t commands;   /* of the device */
    uint32_t host_steps; /* operators of the host between two runs of the device */
    uint32_t layer_count;
    uint64_t macs;             /* multiply-accumulates on the device */
    uint64_t predicted_cycles; /* from start to done, without what the host does */
    uint64_t memory_bytes;     /* of the device */
} weft_compiled_info;

int weft_compiled_describe(const weft_compiled *compiled, weft_compiled_info *out, weft_error *err);

/* Describe a layer, in the order of computation, or an operator, in the order of
 * weft_network_describe_operator, with where it runs on this device.  Return WEFT_OK, or WEFT_ERR_ARG: there
 * is none of that number. */
int weft_compiled_describe_layer(const weft_compiled *compiled, uint32_t index,
                                 weft_program_layer_info *out, weft_error *err);
int weft_compiled_describe_operator(const weft_compiled *compiled, uint32_t index,
                                    weft_operator_info *out, weft_error *err);

/* --- quantising -------------------------------------------------------------------------------- */

typedef enum weft_calibration {
    WEFT_CALIBRATE_MINMAX = 0,     /* all values that were seen fit */
    WEFT_CALIBRATE_PERCENTILE = 1, /* all but a few at either end */
    WEFT_CALIBRATE_MSE = 2         /* least squared error over a histogram */
} weft_calibration;

typedef enum weft_quantizer_flags {
    WEFT_QUANTIZER_UINT8 = 1,         /* activations uint8 instead of int8 */
    WEFT_QUANTIZER_REDUCED_RANGE = 2, /* weights -64..64: for x86 processors before VNNI */
    WEFT_QUANTIZER_INVENT = 4         /* draw the weights of which the model gives shapes only */
} weft_quantizer_flags;

typedef struct weft_quantizer_options {
    uint32_t struct_bytes;
    uint32_t flags;       /* of weft_quantizer_flags */
    uint32_t calibration; /* weft_calibration */
    uint32_t bind_count;
    const weft_bind *binds;
    double percentile; /* of the values that fit, above 50, at most 100; 0: 99.99 */
    uint64_t seed;     /* of weights that are drawn */
} weft_quantizer_options;

/* Begin to quantise a float ONNX network; path, bytes, options and errors as of weft_network_open
 * and weft_network_parse.  The network that is written has batch 1. */
int weft_quantizer_open(const char *path, const weft_quantizer_options *options,
                        weft_quantizer **out, weft_error *err);
int weft_quantizer_parse(const void *bytes, uint64_t byte_count,
                         const weft_quantizer_options *options, weft_quantizer **out,
                         weft_error *err);
void weft_quantizer_close(weft_quantizer *q);

typedef struct weft_quantizer_info {
    uint32_t struct_bytes;
    uint32_t input_count;
    uint32_t activation_count; /* that got a scale; 0 before weft_quantizer_run */
    /* Of how many samples the results were compared, and of how many of these the largest element
     * of the first output is the same. */
    uint32_t compared, agree;
    uint32_t reserved;
} weft_quantizer_info;

int weft_quantizer_describe(const weft_quantizer *q, weft_quantizer_info *out, weft_error *err);

/* An input that samples are wanted of; never quantised.  Returns WEFT_OK, or WEFT_ERR_ARG: there is
 * none of that number. */
int weft_quantizer_describe_input(const weft_quantizer *q, uint32_t index, weft_tensor_info *out,
                                  weft_error *err);

typedef struct weft_samples {
    uint32_t struct_bytes;
    uint32_t count; /* at least 1 */
    /* Write input `input` of sample `sample`, row-major in its type: exactly `bytes` bytes.  Asked
     * more than once for the same, it gives the same.  Anything but 0 ends the work with
     * WEFT_ERR_CANCELLED. */
    int (*get)(void *self, uint32_t sample, uint32_t input, void *data, uint64_t bytes);
    int (*progress)(void *self, double done); /* as of weft_compiler_options */
    void *self;
} weft_samples;

/* Calibrate on the samples, choose scales, and compare the result with the float network.  Returns
 * WEFT_OK, WEFT_ERR_CANCELLED, WEFT_ERR_UNSUPPORTED, WEFT_ERR_RANGE (a value is not finite),
 * WEFT_ERR_CAPACITY, WEFT_ERR_NO_MEMORY; after an error the quantizer can only be
 * closed. */
int weft_quantizer_run(weft_quantizer *q, const weft_samples *samples, weft_error *err);

/* The network as the bytes of an ONNX file (QDQ), after weft_quantizer_run; NULL before it. */
const void *weft_quantizer_bytes(const weft_quantizer *q, uint64_t *byte_count);

/* An activation that got a scale. */
typedef struct weft_quantized_info {
    uint32_t struct_bytes;
    float scale;
    const char *name, *op; /* of the tensor; of the operator that makes it, "input" */
    int32_t zero_point;    /* int8, whatever the file gets */
    uint32_t reserved;
    double own_db; /* signal to noise that rounding this tensor alone makes */
    double all_db; /* against the float network, with all that was rounded before */
} weft_quantized_info;

/* Describe activation `index` in the order of computation.  Returns WEFT_OK, or WEFT_ERR_ARG: there
 * is none of that number. */
int weft_quantizer_describe_activation(const weft_quantizer *q, uint32_t index,
                                       weft_quantized_info *out, weft_error *err);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
